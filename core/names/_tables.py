"""What all look-ups share: the shipped tables, texts brought to one form, readings, near misses."""

from __future__ import annotations

import csv
import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from importlib import resources
from typing import Final, Literal, NamedTuple

import numpy as np

from core.chemistry import MAX_CHARACTERS, UnknownNameError

# Longer than any name in the tables.
MAX_NAME: Final = 300

How = Literal["abbreviation", "name", "CAS number", "SMILES", "InChI", "IUPAC name"]


class Reading(NamedTuple):
    """One thing that a text can mean.

    Attributes:
        smiles: of the ion, polymer or molecule; canonical where a table of the project has it.
        how: what the text is.
        name: its name, or empty where a table of the project has one.
        usual: whether it is what the text means most often; a few texts mean something else too.
    """

    smiles: str
    how: How
    name: str = ""
    usual: bool = True


@lru_cache(maxsize=16)
def table_rows(name: str) -> tuple[Mapping[str, str], ...]:
    """Rows of a table in ``core/tables/``."""
    table = resources.files("core") / "tables" / name
    return tuple(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))


def shown(text: str) -> str:
    """Quote a text for a message, in one line and shortened where it is long."""
    text = "".join(c if c.isprintable() else " " for c in text[:200])
    text = " ".join(text.split())
    return f"'{text[:60]}…'" if len(text) > 60 else f"'{text}'"


# ------------------------------------------------------------------------------- one form of a text

_DASHES: Final = dict.fromkeys(map(ord, "‐‑‒–—―−﹣－"), "-")
_QUOTES: Final = dict.fromkeys(map(ord, "’‘′ʼ´`"), "'")
_DROPPED: Final = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad®™"))
_SIGNS: Final = _DASHES | _QUOTES | _DROPPED
_MARKUP: Final = re.compile(r"</?su[bp]>")
_AROUND: Final = ' \t\r\n"“”„«»;'
# More than is ever read, as a name or as a SMILES, so that a pasted book costs nothing.
MOST_READ: Final = 2 * MAX_CHARACTERS


def plain(text: str) -> str:
    """Undo what copying does to a text: subscripts, typographic dashes, quotes, tags, blanks."""
    if len(text) > MOST_READ:
        return text
    text = unicodedata.normalize("NFKC", text.translate(_SIGNS)).translate(_SIGNS)
    return " ".join(_MARKUP.sub("", text).strip(_AROUND).split())


_SPELLINGS: Final[Mapping[str, str]] = {
    "α": "alpha",
    "β": "beta",
    "γ": "gamma",
    "δ": "delta",
    "ε": "epsilon",
    "ω": "omega",
    "µ": "mu",
    "μ": "mu",
    "sulph": "sulf",
    "aluminium": "aluminum",
    "ä": "ae",
    "ö": "oe",
    "ü": "ue",
}
_NO_SIGN: Final = re.compile(r"[^a-z0-9+]")


def reduced(name: str) -> str:
    """Bring a name to the form it is looked up by: lower case, no blanks, brackets or hyphens."""
    lower = name.lower().translate(_DROPPED)
    for written, spelled in _SPELLINGS.items():
        lower = lower.replace(written, spelled)
    if not lower.isascii():
        lower = unicodedata.normalize("NFKD", lower)
    return _NO_SIGN.sub("", lower)


_WORD: Final = re.compile(r"[a-z]{4}")
_SHORT_CATION: Final = re.compile(r"(im|pyrr?o?|py|pip|mor|aze?p|i?quin|isoq)$")


def how_written(name: str) -> How:
    """Whether a name of a table is a word or an abbreviation."""
    word = _WORD.search(name) and not _SHORT_CATION.search(name)
    return "name" if word else "abbreviation"


_GERMAN_ENDING: Final = re.compile(r"(?<=[a-zäöü]{3})(?:an|en|in|on|at|it|id)(?![a-zäöü])")
_GERMAN_PARTS: Final = (
    (re.compile(r"(fluor|chlor|brom|iod)(?=meth|eth|prop|but|benz|phen)"), r"\1o"),
    (re.compile(r"(eth|meth|prop|but|benz)(an|en|ol)(?=sulf)"), r"\1\2e"),
)
# These are English, and with an e they are something else.
_NOT_GERMAN: Final = frozenset({"silicon", "chlorin"})


def from_german(name: str) -> str:
    """The English spelling of a German name where they differ by rule: ``Dimethylcarbonat``."""
    lower = name.lower()
    if lower in _NOT_GERMAN:
        return name
    for written, spelled in _GERMAN_PARTS:
        lower = written.sub(spelled, lower)
    return _GERMAN_ENDING.sub(r"\g<0>e", lower)


# ----------------------------------------------------------------------------------------- look-up


def reading_index(
    named: Iterable[tuple[str, Reading]],
) -> Mapping[str, tuple[Reading, ...]]:
    """Readings by reduced name; those of one name in the order given, each molecule once."""
    found: dict[str, tuple[Reading, ...]] = {}
    for name, reading in named:
        key = reduced(name)
        others = found.get(key, ())
        if key and all(other.smiles != reading.smiles for other in others):
            found[key] = (*others, reading)
    return found


def other_readings(kind: str, text: str, known: Sequence[Reading]) -> list[Reading]:
    """Add to the readings of a text what else it means to some, from ``other_readings.csv``."""
    more = [*_other_index().get((kind, text), ()), *_other_index().get((kind, reduced(text)), ())]
    found = {reading.smiles: reading for reading in known}
    for reading in more:
        found.setdefault(reading.smiles, reading)
    return list(found.values())


@lru_cache(maxsize=1)
def _other_index() -> Mapping[tuple[str, str], tuple[Reading, ...]]:
    found: dict[tuple[str, str], tuple[Reading, ...]] = {}
    for row in table_rows("other_readings.csv"):
        text = row["text"]
        # Hmim is not hmim: with capital and small letters it counts only as it is written.
        mixed = text.upper() != text != text.lower()
        key = row["kind"], text if mixed else reduced(text)
        reading = Reading(row["smiles"], how_written(text), row["name"], usual=False)
        found[key] = (*found.get(key, ()), reading)
    return found


class Mixture(NamedTuple):
    """What is sold under one name and is no one substance.

    Attributes:
        what: in words, ``"a mixture of pentanes and hexanes"``.
        instead: names of pure substances, or of homopolymers, that stand nearest.
    """

    what: str
    instead: tuple[str, ...]

    def sentence(self, text: str) -> str:
        """What is said of a text that names it."""
        nearest = f"; the nearest here: {', '.join(self.instead)}" if self.instead else ""
        return f"{shown(text)} is {self.what}{nearest}"


def mixture(kind: str, text: str) -> Mixture | None:
    """The mixture, copolymer or trade product that a text names: ``PVDF-HFP``, ``Brij 35``."""
    found = _mixtures().get((kind, reduced(text)))
    if found is None and (family := _families().match(text)):
        found = _mixtures().get((kind, f"{reduced(family[0])}*"))
    return found


def names_no_molecule(text: str) -> bool:
    """Whether a text names a mixture or a polymer, which some lists give the structure of a part.

    Eudragit is there methyl methacrylate, and Brij 35 an alcohol with one unit of ethylene oxide.
    """
    return reduced(text) in _polymer_names() or any(
        mixture(kind, text) is not None for kind in ("polymer", "solvent", "ionic-liquid")
    )


@lru_cache(maxsize=1)
def _mixtures() -> Mapping[tuple[str, str], Mixture]:
    found = {}
    for row in table_rows("mixtures.csv"):
        mixed = Mixture(row["what"], tuple(filter(None, row["instead"].split("|"))))
        for name in row["names"].split("|"):
            found[row["kind"], reduced(name) + "*" * name.endswith("*")] = mixed
    return found


@lru_cache(maxsize=1)
def _families() -> re.Pattern[str]:
    """The trade names with a star, behind which grades are counted: Brij 35, Carbopol 934P."""
    names = (name for row in table_rows("mixtures.csv") for name in row["names"].split("|"))
    stems = sorted((name[:-1] for name in names if name.endswith("*")), key=len, reverse=True)
    either = "|".join(re.escape(stem).replace(r"\ ", "[ -]?") for stem in stems)
    return re.compile(rf"(?:{either})(?![a-z]{{2}})", re.IGNORECASE)


@lru_cache(maxsize=1)
def _polymer_names() -> frozenset[str]:
    return frozenset(
        reduced(name)
        for row in table_rows("polymers.csv")
        for name in (row["name"], row["abbreviation"], *row["aliases"].split("|"))
        if name
    )


def one_reading(
    text: str, readings: Sequence[Reading], name: Callable[[Reading], str]
) -> Reading | None:
    """The reading that a text has most often, ``None`` if it has none.

    Raises:
        UnknownNameError: if the text means several things equally often.
    """
    usual = [reading for reading in readings if reading.usual] or list(readings)
    if len(usual) > 1:
        raise UnknownNameError(several(text, [name(reading) for reading in usual]))
    return usual[0] if usual else None


def several(text: str, names: Sequence[str]) -> str:
    """What is said of a text that means several things."""
    return f"{shown(text)} can mean {', '.join(names[:-1])} or {names[-1]}; write which"


def joined(near: Iterable[tuple[float, str]]) -> str:
    """Near misses as ``"polystyrene or polyester"``."""
    return " or ".join(name for _, name in near)


# ------------------------------------------------------------------------------------- near misses

_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz0123456789"


def _counts(form: str) -> np.ndarray:
    return np.array([form.count(letter) for letter in _LETTERS], np.uint8)


class NearNames:
    """Names that look like a text.

    The letters that two texts share bound how alike they are: a bound for all names at once is
    cheap, and only the best few are compared letter by letter.

    Args:
        named: names, each with what it names.
    """

    def __init__(self, named: Iterable[tuple[str, str]]) -> None:
        by_form: dict[str, tuple[str, str]] = {}
        for name, meaning in named:
            form = reduced(name)
            if 3 <= len(form) <= 80:
                by_form.setdefault(form, (name, meaning))
        self._forms, self._named = list(by_form), list(by_form.values())
        self._table = np.array([_counts(form) for form in self._forms], np.uint8)
        self._lengths = np.array([len(form) for form in self._forms])

    def near(self, text: str, most: int = 3, *, alike: float = 0.75) -> list[tuple[float, str]]:
        """The most similar names with their likeness from 0 to 1, best first.

        Args:
            text: what is compared.
            most: the largest number of names; no two of them mean the same.
            alike: the smallest likeness.
        """
        form = reduced(text)
        if not 3 <= len(form) <= 80:
            return []
        shared = np.minimum(self._table, _counts(form)).sum(axis=1, dtype=np.int64)
        bound = 2.0 * shared / (self._lengths + len(form))
        best = np.argsort(-bound, kind="stable")[:40]
        matcher = difflib.SequenceMatcher(autojunk=False)
        matcher.set_seq2(form)
        scored = []
        for index in best[bound[best] >= alike].tolist():
            matcher.set_seq1(self._forms[index])
            if (score := matcher.ratio()) >= alike:
                # A wrong letter is likelier than a missing one: bmin is bmim, not BMI.
                slip = 0.11 * (len(self._forms[index]) == len(form))
                scored.append((score + slip, score, *self._named[index]))
        found: dict[str, tuple[float, str]] = {}
        for _, score, name, meaning in sorted(scored, key=lambda entry: -entry[0]):
            found.setdefault(meaning, (score, name))
        return list(found.values())[:most]
