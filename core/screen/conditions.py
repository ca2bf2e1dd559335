"""What is asked of an ionic liquid: conditions and objectives, from short texts and back.

A text of conditions holds clauses joined by ``and``::

    viscosity_mPa_s < 50 and density_kg_m3.low > 1000
    273.15 < melting_point_K <= 298
    cation.family = imidazolium | pyridinium and anion.family != "bis(sulfonyl)imide"
    contains N, S and without Cl
    halogen-free and viscosity_mPa_s.support = pair_measured | both_ions_known
    viscosity_mPa_s.grade != outside

A number is compared with the predicted value; with ``.low`` or ``.high`` behind the key, with that
end of the 90 % interval, so that ``viscosity_mPa_s.high < 50`` is the cautious reading. Units are
those in the keys. Texts are read by the few rules below, and nothing in them is ever run.
"""

from __future__ import annotations

import difflib
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

from core.domain import GRADES
from core.properties import PROPERTIES
from core.uncertainty import SUPPORTS

if TYPE_CHECKING:
    from core.screen.library import Library
    from core.screen.rows import Rows

__all__ = [
    "ENDS",
    "HALOGENS",
    "MOLAR_MASS",
    "NUMBERS",
    "Among",
    "Comparison",
    "Condition",
    "Elements",
    "Objective",
    "QueryError",
    "read_conditions",
    "read_objective",
    "write_conditions",
]

BoolArray = NDArray[np.bool_]

MOLAR_MASS: Final = "molar_mass_g_mol"
ENDS: Final = ("value", "low", "high")
# Everything that is a number: values, ends of their intervals, molar mass.
NUMBERS: Final[tuple[str, ...]] = (
    *(key for key in PROPERTIES),
    *(f"{key}.{end}" for key in PROPERTIES for end in ENDS[1:]),
    MOLAR_MASS,
)
_WORDS: Final[tuple[str, ...]] = (
    "cation.family",
    "anion.family",
    "support",
    *(f"{key}.support" for key in PROPERTIES),
    *(f"{key}.grade" for key in PROPERTIES),
)
HALOGENS: Final = ("F", "Cl", "Br", "I")
_OPERATORS: Final[Mapping[str, Callable[[Any, float], Any]]] = MappingProxyType(
    {
        "<": operator.lt,
        "<=": operator.le,
        ">": operator.gt,
        ">=": operator.ge,
        "=": operator.eq,
        "!=": operator.ne,
    }
)
_SWAPPED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}
_LONGEST: Final = 2_000


class QueryError(ValueError):
    """A text that is no condition or objective; the message says what would be right."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A number of each ionic liquid compared with a constant.

    Attributes:
        name: one of ``NUMBERS``.
        sign: ``<``, ``<=``, ``>``, ``>=``, ``=`` or ``!=``.
        number: in the unit of the name.
    """

    name: str
    sign: str
    number: float

    def mask(self, rows: Rows, library: Library) -> BoolArray:
        """Which of n rows fulfil it, shape (n,)."""
        found: BoolArray = _OPERATORS[self.sign](rows.column(self.name, library), self.number)
        return found

    def __str__(self) -> str:
        return f"{self.name} {self.sign} {self.number:.10g}"


@dataclass(frozen=True, slots=True)
class Among:
    """A family or a support tier is one of several, or none of them.

    Attributes:
        name: ``cation.family``, ``anion.family``, ``support``, or a key with ``.support`` or
            ``.grade``.
        words: families, or members of ``SUPPORTS`` or ``GRADES``.
        wanted: whether it has to be one of them, or must not be.
    """

    name: str
    words: tuple[str, ...]
    wanted: bool = True

    def mask(self, rows: Rows, library: Library) -> BoolArray:
        """Which of n rows fulfil it, shape (n,)."""
        role, _, what = self.name.partition(".")
        if what == "family":
            ions = library.cations if role == "cation" else library.anions
            fits = np.isin(np.array(ions.families), self.words) == self.wanted
            places = rows.cation if role == "cation" else rows.anion
        elif what == "grade":
            fits = np.array([(grade in self.words) == self.wanted for grade in (*GRADES, "")])
            places = rows.grade[list(PROPERTIES).index(role)]
        else:
            fits = np.array([(tier in self.words) == self.wanted for tier in SUPPORTS])
            places = rows.support[list(PROPERTIES).index(role) if what else -1]
        found: BoolArray = fits[places]
        return found

    def __str__(self) -> str:
        words = " | ".join(w if _PLAIN_WORD.fullmatch(w) else f'"{w}"' for w in self.words)
        return f"{self.name} {'=' if self.wanted else '!='} {words}"


@dataclass(frozen=True, slots=True)
class Elements:
    """Elements that occur in the cation or in the anion: all of them, or none.

    Attributes:
        symbols: of the elements.
        wanted: whether all have to be there, or none may be.
    """

    symbols: tuple[str, ...]
    wanted: bool

    def mask(self, rows: Rows, library: Library) -> BoolArray:
        """Which of n rows fulfil it, shape (n,)."""
        sides = (library.cations, rows.cation), (library.anions, rows.anion)
        if not self.wanted:
            free = [~np.any([ions.contain(s) for s in self.symbols], axis=0) for ions, _ in sides]
            lacking: BoolArray = free[0][rows.cation] & free[1][rows.anion]
            return lacking
        found = np.ones(len(rows), dtype=np.bool_)
        for symbol in self.symbols:
            there = [ions.contain(symbol)[places] for ions, places in sides]
            found &= there[0] | there[1]
        return found

    def __str__(self) -> str:
        if self.symbols == HALOGENS and not self.wanted:
            return "halogen-free"
        return f"{'contains' if self.wanted else 'without'} {', '.join(self.symbols)}"


Condition = Comparison | Among | Elements


@dataclass(frozen=True, slots=True)
class Objective:
    """What should be small, or large, and how much it counts beside other objectives.

    Attributes:
        name: one of ``NUMBERS``.
        maximise: whether large is good.
        weight: positive.
    """

    name: str
    maximise: bool = False
    weight: float = 1.0

    def __str__(self) -> str:
        return self.name if self.weight == 1.0 else f"{self.name}:{self.weight:g}"


def write_conditions(conditions: Sequence[Condition]) -> str:
    """Write conditions as one text that :func:`read_conditions` understands."""
    return " and ".join(map(str, conditions))


def read_objective(text: str, *, maximise: bool) -> Objective:
    """Read ``KEY`` or ``KEY:WEIGHT``, for example ``viscosity_mPa_s.high:2``.

    Raises:
        QueryError: if the key is unknown or the weight is not a positive number.
    """
    name, _, weight = text.strip().partition(":")
    number = float(weight) if _NUMBER.fullmatch(weight.strip()) else 0.0
    if weight and not 0.0 < number < np.inf:
        raise QueryError(
            f"the weight {_shown(weight)} is not a positive number; write KEY:2 to let a property "
            "count twice"
        )
    return Objective(_number_name(name.strip()), maximise, number or 1.0)


# ------------------------------------------------------------------------------------ reading texts

_NUMBER: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_PLAIN_WORD: Final = re.compile(r"(?!and\b)[A-Za-z][\w.-]*")
_TOKEN: Final = re.compile(
    rf"""\s*(?:
      (?P<quoted>"[^"]*")
    | (?P<number>{_NUMBER.pattern}(?![\w.]))
    | (?P<sign><=|>=|!=|==|=|<|>)
    | (?P<mark>[|,])
    | (?P<word>[A-Za-z][\w.-]*)
    )""",
    re.VERBOSE,
)


def _shown(text: str) -> str:
    text = " ".join(text.split())
    return repr(text if len(text) <= 40 else f"{text[:37]}...")


def _near(word: str, known: Sequence[str]) -> str:
    """The known names that a wrong one may have meant."""
    lower = {name.lower(): name for name in known}
    start = [name for low, name in lower.items() if word and low.startswith(word.lower())]
    close = difflib.get_close_matches(word.lower(), lower, n=3, cutoff=0.6)
    near = list(dict.fromkeys([*start[:3], *(lower[low] for low in close)]))[:3]
    return f"; did you mean {' or '.join(near)}?" if near else f"; known are {', '.join(known)}"


def _number_name(word: str) -> str:
    if word.removesuffix(".value") in PROPERTIES:
        return word.removesuffix(".value")
    if word not in NUMBERS:
        key = word.partition(".")[0]
        if key in PROPERTIES:
            raise QueryError(
                f"{_shown(word)} is not known; {key} alone is the value, {key}.low and {key}.high "
                "are the ends of its 90 % interval"
            )
        raise QueryError(
            f"{_shown(word)} is no property{_near(word, (*PROPERTIES, MOLAR_MASS, *_WORDS))}"
        )
    return word


class _Reader:
    """The tokens of a text, taken one after the other."""

    def __init__(self, text: str) -> None:
        if len(text) > _LONGEST:
            raise QueryError(f"conditions have at most {_LONGEST:,} characters")
        self.tokens: list[tuple[str, str]] = []
        place = 0
        while place < len(text.rstrip()):
            match = _TOKEN.match(text, place)
            if match is None:
                raise QueryError(
                    f"{_shown(text[place:])} is not understood; conditions look like "
                    "viscosity_mPa_s < 50 and halogen-free"
                )
            kind = str(match.lastgroup)
            self.tokens.append((kind, match.group(kind)))
            place = match.end()
        self.tokens.reverse()

    def peek(self) -> tuple[str, str]:
        return self.tokens[-1] if self.tokens else ("end", "")

    def take(self, kind: str, wanted: str) -> str:
        """The next token, which has to be of a kind; else what is ``wanted`` is told."""
        found, text = self.peek()
        if found != kind:
            raise QueryError(
                f"{wanted} is missing {'before ' + _shown(text) if text else 'at the end'}"
            )
        self.tokens.pop()
        return text


def read_conditions(text: str, families: Sequence[str] = ()) -> tuple[Condition, ...]:
    """Read conditions joined by ``and``; see the module for how they are written.

    Args:
        text: may be empty.
        families: what ``cation.family`` and ``anion.family`` may be compared with; any word if
            there are none.

    Raises:
        QueryError: if a part of the text is no condition.
    """
    reader = _Reader(text)
    found: list[Condition] = []
    while reader.tokens:
        if found and reader.take("word", "the word and").lower() != "and":
            raise QueryError(
                f"write and between two conditions; the unit is always that of the key, as after "
                f"{_shown(str(found[-1]))}"
            )
        found += _clause(reader, families)
    return tuple(found)


def _clause(reader: _Reader, families: Sequence[str]) -> list[Condition]:
    if reader.peek()[0] == "number":
        return _between(reader)
    word = reader.take("word", "a condition such as viscosity_mPa_s < 50")
    if word.lower() == "halogen-free":
        return [Elements(HALOGENS, wanted=False)]
    if word.lower() in {"contains", "without"}:
        return [Elements(_symbols(reader), wanted=word.lower() == "contains")]
    if word in _WORDS:
        return [_among(word, reader, families)]
    name = _number_name(word)
    sign = _sign(reader, name)
    return [Comparison(name, sign, _constant(reader, name))]


def _between(reader: _Reader) -> list[Condition]:
    """``273 < melting_point_K < 298``, or only its first half."""
    first = float(reader.take("number", "a number"))
    sign = _SWAPPED[_sign(reader, "the number")]
    name = _number_name(reader.take("word", "the name of a property"))
    found: list[Condition] = [Comparison(name, sign, first)]
    if reader.peek()[0] == "sign":
        sign = _sign(reader, name)
        found.append(Comparison(name, sign, _constant(reader, name)))
    return found


def _sign(reader: _Reader, name: str) -> str:
    sign = reader.take("sign", f"one of < <= > >= = != behind {name}")
    return "=" if sign == "==" else sign


def _constant(reader: _Reader, name: str) -> float:
    number = float(reader.take("number", f"a number to compare {name} with"))
    if not np.isfinite(number):
        raise QueryError(f"{name} is compared with a number that is too large")
    return number


def _among(name: str, reader: _Reader, families: Sequence[str]) -> Among:
    sign = _sign(reader, name)
    if sign not in {"=", "!="}:
        raise QueryError(f"{name} can only be = or != to words, as in {name} = ...")
    known: Sequence[str] = families
    if name.endswith((".grade", "support")):
        known = GRADES if name.endswith(".grade") else SUPPORTS
    words: list[str] = []
    while not words or reader.peek() == ("mark", "|"):
        if words:
            reader.take("mark", "|")
        kind = "quoted" if reader.peek()[0] == "quoted" else "word"
        word = reader.take(kind, f"a word to compare {name} with").strip('"')
        if known and word not in known:
            raise QueryError(f"{_shown(word)} is no {name}{_near(word, known)}")
        words.append(word)
    return Among(name, tuple(dict.fromkeys(words)), wanted=sign == "=")


def _symbols(reader: _Reader) -> tuple[str, ...]:
    symbols: list[str] = []
    while not symbols or reader.peek() == ("mark", ","):
        if symbols:
            reader.take("mark", ",")
        symbol = reader.take("word", "the symbol of an element, as in without Cl,")
        if symbol not in _ELEMENTS:
            raise QueryError(
                f"{_shown(symbol)} is no symbol of an element{_near(symbol, _ELEMENTS)}"
                if len(symbol) < 4
                else f"{_shown(symbol)} is no symbol of an element; chlorine, for example, is Cl"
            )
        symbols.append(symbol)
    return tuple(dict.fromkeys(symbols))


_TABLE: Final = Chem.GetPeriodicTable()
_ELEMENTS: Final = tuple(_TABLE.GetElementSymbol(number) for number in range(1, 104))
