"""Ions from systematic shorthand and names, by rule: ``C13C1im``, ``1-icosyl-3-methylimidazolium``.

A text has a reading only where the rules of the shorthand or of nomenclature leave nothing open;
where they leave a few structures (``C4mpy``: which methylpyridinium?) all of them are given.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final, NamedTuple

__all__ = ["RuleIon", "rule_ions"]


class RuleIon(NamedTuple):
    """An ion made by rule.

    Attributes:
        smiles: SMILES, not canonical.
        name: its systematic name.
        short: whether the text was shorthand rather than a name.
    """

    smiles: str
    name: str
    short: bool


def rule_ions(text: str) -> list[RuleIon]:
    """All ions that a text can mean by the rules, mostly one or none.

    Args:
        text: without charge and outer brackets, at most some hundred characters.
    """
    lower = re.sub(r"[\s_‐-–]", "", text.lower()) if text.isascii() else text.lower()
    return [*_by_shorthand(lower), *_by_cation_name(lower), *_by_anion_name(text.lower())]


# ------------------------------------------------------------------------------------------- groups


class _Group(NamedTuple):
    """A substituent: SMILES that begins at the atom by which it is bound, and its name."""

    smiles: str
    name: str


_STEMS: Final = (
    "meth", "eth", "prop", "but", "pent", "hex", "hept", "oct", "non", "dec", "undec", "dodec",
    "tridec", "tetradec", "pentadec", "hexadec", "heptadec", "octadec", "nonadec", "icos",
)  # fmt: skip
_LONGEST: Final = len(_STEMS)


def _alkyl(carbons: int) -> _Group:
    return _Group("C" * carbons, f"{_STEMS[carbons - 1]}yl")


_VINYL: Final = _Group("C=C", "vinyl")
_HYDROXYETHYL: Final = _Group("CCO", "2-hydroxyethyl")
# SMILES, name, and how else it is written. Rings have the number 9, which no skeleton uses.
_OTHER_GROUPS: Final = (
    ("C" * 12, "dodecyl", "lauryl"),
    ("C" * 14, "tetradecyl", "myristyl"),
    ("C" * 16, "hexadecyl", "cetyl", "palmityl"),
    ("C" * 18, "octadecyl", "stearyl"),
    ("C" * 20, "icosyl", "eicosyl"),
    ("CCCCC", "pentyl", "amyl"),
    ("C(C)C", "isopropyl", "propan-2-yl", "1-methylethyl", "i-propyl"),
    ("CC(C)C", "isobutyl", "2-methylpropyl", "i-butyl"),
    ("C(C)CC", "sec-butyl", "butan-2-yl", "s-butyl", "1-methylpropyl"),
    ("C(C)(C)C", "tert-butyl", "t-butyl", "1,1-dimethylethyl"),
    ("CCC(C)C", "isopentyl", "3-methylbutyl", "isoamyl"),
    ("CC(CC)CCCC", "2-ethylhexyl"),
    ("CC=C", "allyl", "prop-2-enyl", "prop-2-en-1-yl", "2-propenyl", "2-propen-1-yl"),
    (_VINYL.smiles, _VINYL.name, "ethenyl"),
    ("CC#C", "propargyl", "prop-2-ynyl", "prop-2-yn-1-yl"),
    ("c9ccccc9", "phenyl"),
    ("Cc9ccccc9", "benzyl", "phenylmethyl"),
    ("CCc9ccccc9", "2-phenylethyl", "phenethyl"),
    ("C9CCCCC9", "cyclohexyl"),
    ("C9CCCC9", "cyclopentyl"),
    (_HYDROXYETHYL.smiles, _HYDROXYETHYL.name, "hydroxyethyl"),
    ("CCOCCOC", "2-(2-methoxyethoxy)ethyl"),
)
# What a carbon of an alkyl chain may carry, as in 3-cyanopropyl.
_TAILS: Final[Mapping[str, str]] = {
    "hydroxy": "O",
    "methoxy": "OC",
    "ethoxy": "OCC",
    "propoxy": "OCCC",
    "butoxy": "OCCCC",
    "cyano": "C#N",
    "amino": "N",
    "chloro": "Cl",
    "bromo": "Br",
    "fluoro": "F",
    "carboxy": "C(=O)O",
    "sulfo": "S(=O)(=O)O",
    "phenyl": "c9ccccc9",
}


def _all_groups() -> dict[str, _Group]:
    """Groups by every way to write them."""
    found = {_alkyl(carbons).name: _alkyl(carbons) for carbons in range(1, _LONGEST + 1)}
    for smiles, name, *others in _OTHER_GROUPS:
        found |= dict.fromkeys((name, *others), _Group(smiles, name))
    for tail, end in _TAILS.items():
        found.setdefault(f"{tail}methyl", _Group(f"C{end}", f"{tail}methyl"))
        for carbons in range(2, 13):
            for place in range(1, carbons + 1):
                name = f"{place}-{tail}{_alkyl(carbons).name}"
                smiles = f"{'C' * place}({end}){'C' * (carbons - place)}"
                if place == carbons:
                    smiles = f"{'C' * place}{end}"
                found.setdefault(name, _Group(smiles, name))
    return found


_GROUPS: Final = _all_groups()
_LONGEST_GROUP: Final = max(map(len, _GROUPS))


# ---------------------------------------------------------------------------------------- skeletons


@dataclass(frozen=True, slots=True)
class _Parent:
    """A cation without its groups.

    Attributes:
        name: for example ``"imidazolium"``.
        atoms: element and position of the atoms of the ring in order, ``n`` for an aromatic one
            and ``N+`` for the charged one; or the one atom that all groups are bound to.
        free: positions that take groups without a locant, each as often as it takes one.
        endings: how else the name ends.
    """

    name: str
    atoms: tuple[tuple[str, int], ...]
    free: tuple[int, ...]
    endings: tuple[str, ...] = ()

    @property
    def is_ring(self) -> bool:
        return len(self.atoms) > 1


def _saturated(name: str, size: int, ending: str) -> _Parent:
    carbons = tuple(("C", position) for position in range(2, size + 1))
    return _Parent(name, (("N+", 1), *carbons), (1, 1), (ending,))


_IMIDAZOLIUM: Final = _Parent(
    "imidazolium",
    (("n", 1), ("c", 2), ("n+", 3), ("c", 4), ("c", 5)),
    (1, 3),
    ("1h-imidazol-3-ium", "1h-imidazolium", "3h-imidazol-1-ium", "imidazol-3-ium",
     "imidazol-1-ium"),
)  # fmt: skip
_PYRIDINIUM: Final = _Parent(
    "pyridinium",
    (("n+", 1), ("c", 2), ("c", 3), ("c", 4), ("c", 5), ("c", 6)),
    (1,),
    ("pyridin-1-ium",),
)
_PYRROLIDINIUM: Final = _saturated("pyrrolidinium", 5, "pyrrolidin-1-ium")
_PIPERIDINIUM: Final = _saturated("piperidinium", 6, "piperidin-1-ium")
_AZEPANIUM: Final = _saturated("azepanium", 7, "azepan-1-ium")
_MORPHOLINIUM: Final = _Parent(
    "morpholinium",
    (("N+", 4), ("C", 5), ("C", 6), ("O", 1), ("C", 2), ("C", 3)),
    (4, 4),
    ("morpholin-4-ium",),
)
_PYRAZOLIUM: Final = _Parent(
    "pyrazolium",
    (("n", 1), ("n+", 2), ("c", 3), ("c", 4), ("c", 5)),
    (),
    ("1h-pyrazol-2-ium", "pyrazol-2-ium"),
)
_AMMONIUM: Final = _Parent("ammonium", (("N+", 0),), (0, 0, 0, 0), ("azanium",))
_PHOSPHONIUM: Final = _Parent("phosphonium", (("P+", 0),), (0, 0, 0, 0), ("phosphanium",))
_SULFONIUM: Final = _Parent("sulfonium", (("S+", 0),), (0, 0, 0), ("sulfanium",))
_PARENTS: Final = (
    _IMIDAZOLIUM, _PYRIDINIUM, _PYRROLIDINIUM, _PIPERIDINIUM, _AZEPANIUM, _MORPHOLINIUM,
    _PYRAZOLIUM, _AMMONIUM, _PHOSPHONIUM, _SULFONIUM,
)  # fmt: skip
_ENDINGS: Final = sorted(
    ((ending, parent) for parent in _PARENTS for ending in (parent.name, *parent.endings)),
    key=lambda pair: -len(pair[0]),
)
# How many groups an atom can carry; what is missing at a nitrogen is hydrogen.
_ROOM: Final[Mapping[str, int]] = {"n": 1, "n+": 1, "N+": 2, "c": 1, "C": 2, "O": 0}
_Placed = Mapping[int, Sequence[_Group]]


def _cation(parent: _Parent, placed: _Placed, *, short: bool = False) -> RuleIon | None:
    """Build a cation, or nothing where a group does not fit."""
    if set(placed) - {position for _, position in parent.atoms}:
        return None
    parts = []
    for number, (symbol, position) in enumerate(parent.atoms):
        groups = placed.get(position, ())
        hydrogens = (_ROOM[symbol] if parent.is_ring else len(parent.free)) - len(groups)
        if hydrogens < 0:
            return None
        atom = symbol
        if symbol.endswith("+") or (symbol == "n" and hydrogens):
            count = f"H{hydrogens if hydrogens > 1 else ''}" if hydrogens else ""
            atom = f"[{symbol[0]}{count}{symbol[1:]}]"
        closure = "1" if parent.is_ring and number in {0, len(parent.atoms) - 1} else ""
        parts.append(atom + closure + "".join(f"({group.smiles})" for group in groups))
    return RuleIon("".join(parts), _name(parent, placed), short)


def _can_be_counted(name: str, count: int) -> bool:
    """Whether di, tri or tetra before the name of a group says how often it is there.

    Dichloromethyl is one group with two chlorine atoms, and tridecyl one of thirteen carbons.
    """
    return not (_SUBSTITUTED.search(name) or (count > 2 and name == "decyl"))


_SUBSTITUTED: Final = re.compile("|".join(tail for tail in _TAILS if tail != "phenyl"))
_TIMES: Final = ("", "", "di", "tri", "tetra")
_TIMES_COMPLEX: Final = ("", "", "bis", "tris", "tetrakis")


def _name(parent: _Parent, placed: _Placed) -> str:
    """Systematic name, groups in the order of the alphabet, as the tables have it."""
    places: dict[str, list[int]] = {}
    for position, groups in placed.items():
        for group in groups:
            places.setdefault(group.name, []).append(position)
    words: list[str] = []
    for name in sorted(places, key=lambda name: re.sub(r"[^a-z]", "", name)):
        count = len(places[name])
        complex_ = not name.isalpha() or (count > 1 and not _can_be_counted(name, count))
        word = f"({name})" if complex_ and (parent.is_ring or count > 1 or words) else name
        word = (_TIMES_COMPLEX if complex_ else _TIMES)[count] + word
        if parent.is_ring:
            word = f"{','.join(map(str, sorted(places[name])))}-{word}"
        elif words and count == 1 and not complex_:
            word = f"({word})"
        words.append(word)
    return ("-" if parent.is_ring else "").join(words) + parent.name


# --------------------------------------------------------------------------------- names of cations

_MULTIPLIERS: Final[Mapping[str, int]] = {
    "": 1, "di": 2, "bis": 2, "tri": 3, "tris": 3, "tetra": 4, "tetrakis": 4,
}  # fmt: skip
_LOCANTS: Final = re.compile(r"(\d(?:,\d)*)-")
# "N-butyl-N-methyl" and "n-butyl" alike: both say what is so without them.
_NITROGEN_LOCANT: Final = re.compile(r"(?<![a-z0-9])n(?:,n'*)*'*-(?=[a-z(])|(?<=\d-)n-(?=[a-z])")
_BRACKETS: Final = str.maketrans("[]{}", "()()")


class _Piece(NamedTuple):
    locants: tuple[int, ...]
    times: int
    group: _Group


def _by_cation_name(lower: str) -> Iterator[RuleIon]:
    text = _NITROGEN_LOCANT.sub("", lower.translate(_BRACKETS))
    for ending, parent in _ENDINGS:
        if text.endswith(ending):
            groups = text.removesuffix(ending)
            found: dict[str, RuleIon] = {}
            for pieces in _pieces(groups, located=parent.is_ring):
                placed = _place(parent, pieces)
                ion = None if placed is None else _cation(parent, placed)
                if ion is not None:
                    found.setdefault(ion.smiles, ion)
            yield from found.values()
            return


def _pieces(text: str, *, located: bool, most: int = 6) -> Iterator[tuple[_Piece, ...]]:
    """All ways to read a text as groups one behind the other."""
    text = text.removeprefix("-")
    if not text:
        yield ()
        return
    if not most:
        return
    locants: tuple[int, ...] = ()
    if located and (match := _LOCANTS.match(text)):
        locants = tuple(map(int, match[1].split(",")))
        text = text[match.end() :]
    for count, group, rest in _first_groups(text):
        if not locants or len(locants) == count:
            for others in _pieces(rest, located=located, most=most - 1):
                yield (_Piece(locants, count, group), *others)


def _first_groups(text: str) -> Iterator[tuple[int, _Group, str]]:
    """How often a text begins with which group, and what comes behind: dibutyl, (trihexyl)."""
    for word, count in _MULTIPLIERS.items():
        if text.startswith(word):
            behind = text[len(word) :]
            for group, rest in _first_group(behind):
                name = behind[: len(behind) - len(rest)]
                if count == 1 or name.startswith("(") or not _SUBSTITUTED.search(name):
                    yield count, group, rest
        elif word and text.startswith(f"({word}"):
            name, _, rest = text[1 + len(word) :].partition(")")
            if (inner := _GROUPS.get(name)) is not None:
                yield count, inner, rest


def _first_group(text: str) -> Iterator[tuple[_Group, str]]:
    """The groups a text can begin with, and what comes behind."""
    if text.startswith("("):
        depth = 0
        for end, letter in enumerate(text):
            depth += (letter == "(") - (letter == ")")
            if not depth:
                if (group := _GROUPS.get(text[1:end])) is not None:
                    yield group, text[end + 1 :]
                return
        return
    for end in range(3, min(len(text), _LONGEST_GROUP) + 1):
        if (group := _GROUPS.get(text[:end])) is not None:
            yield group, text[end:]


def _place(parent: _Parent, pieces: Sequence[_Piece]) -> dict[int, list[_Group]] | None:
    """Which position carries which groups; ``None`` where the name leaves that open."""
    placed: dict[int, list[_Group]] = {}
    without: list[_Group] = []
    for piece in pieces:
        for locant in piece.locants:
            placed.setdefault(locant, []).append(piece.group)
        if not piece.locants:
            without += [piece.group] * piece.times
    taken = [position for position in parent.free if position in placed]
    if not without:
        return placed
    # A group without a locant is at the nitrogen if no other group has a locant there.
    if taken or len(without) > len(parent.free):
        return None
    for position, group in zip(parent.free, without, strict=False):
        placed.setdefault(position, []).append(group)
    return placed


# ---------------------------------------------------------------------------------- names of anions

_ESTER: Final = re.compile(r"(di)?(\w+?)[ -]?(sulfate|phosphate)")
_ALKANE: Final = re.compile(r"(\w+)ane[ -]?(sulfonate|1-sulfonate)|(\w+?)ylsulfonate|(\w+)anoate")


def _sulfate(group: _Group) -> RuleIon:
    return RuleIon(f"[O-]S(=O)(=O)O{group.smiles}", f"{group.name} sulfate", short=False)


def _sulfonate(carbons: int) -> RuleIon:
    name = f"{_STEMS[carbons - 1]}anesulfonate"
    return RuleIon(f"[O-]S(=O)(=O){'C' * carbons}", name, short=False)


def _carboxylate(carbons: int) -> RuleIon:
    """Carboxylate with that many carbons, the one of the carboxyl group among them."""
    return RuleIon(f"[O-]C(=O){'C' * (carbons - 1)}", f"{_STEMS[carbons - 1]}anoate", short=False)


def _by_anion_name(lower: str) -> Iterator[RuleIon]:
    text = lower.strip().replace("sulph", "sulf").removeprefix("n-")
    if (match := _ESTER.fullmatch(text)) and (group := _GROUPS.get(match[2])):
        if match[3] == "sulfate" and not match[1]:
            yield _sulfate(group)
        elif match[3] == "phosphate" and match[1]:
            smiles = f"[O-]P(=O)(O{group.smiles})O{group.smiles}"
            yield RuleIon(smiles, f"di{group.name} phosphate", short=False)
    elif match := _ALKANE.fullmatch(text):
        stem = match[1] or match[3] or match[4]
        if stem in _STEMS:
            make = _carboxylate if match[4] else _sulfonate
            yield make(_STEMS.index(stem) + 1)


# ---------------------------------------------------------------------------------------- shorthand

_N: Final = r"(1?\d|20)"


def _by_shorthand(lower: str) -> Iterator[RuleIon]:
    text = lower.replace("-", "").replace(",", "")
    for pattern, make in _SHORTHAND:
        if match := pattern.fullmatch(text):
            numbers = [int(number) for number in match.groups() if number]
            if all(1 <= number <= _LONGEST for number in numbers):
                yield from (ion._replace(short=True) for ion in make(*numbers))
    yield from (ion._replace(short=True) for ion in _onium_shorthand(lower))


def _made(parent: _Parent, placed: _Placed) -> list[RuleIon]:
    ion = _cation(parent, {position: groups for position, groups in placed.items() if groups})
    return [] if ion is None else [ion]


def _imidazolium(first: int, third: int, *, methyl: bool = False) -> list[RuleIon]:
    ends = sorted((_alkyl(first), _alkyl(third)), key=lambda group: group.name)
    second = [_alkyl(1)] if methyl else []
    return _made(_IMIDAZOLIUM, {1: ends[:1], 2: second, 3: ends[1:]})


def _methylpyridinium(chain: int, *places: int) -> list[RuleIon]:
    found = []
    for place in places:
        if place in {2, 3, 4}:
            found += _made(_PYRIDINIUM, {1: [_alkyl(chain)], place: [_alkyl(1)]})
    return found


def _two(parent: _Parent) -> Callable[[int, int], list[RuleIon]]:
    position = parent.free[0]
    return lambda one, other: _made(parent, {position: [_alkyl(one), _alkyl(other)]})


def _methyl_and(parent: _Parent) -> Callable[[int], list[RuleIon]]:
    return lambda chain: _two(parent)(chain, 1)


def _bicyclic(carbons: int) -> list[RuleIon]:
    name = f"1-{_alkyl(carbons).name}-4-aza-1-azoniabicyclo[2.2.2]octane"
    return [RuleIon(f"{'C' * carbons}[N+]12CCN(CC1)CC2", name, short=True)]


def _perfluoro(carbons: int) -> str:
    return "C(F)(F)" * (carbons - 1) + "C(F)(F)F"


def _checked(make: Callable[[int], RuleIon]) -> Callable[[int, int], list[RuleIon]]:
    """For C4H9SO4 and C4F9SO3: both numbers have to fit."""
    return lambda carbons, others: [make(carbons)] if others == 2 * carbons + 1 else []


def _perfluorosulfonate(carbons: int) -> RuleIon:
    name = f"perfluoro{_STEMS[carbons - 1]}anesulfonate"
    return RuleIon(f"[O-]S(=O)(=O){_perfluoro(carbons)}", name, short=True)


def _perfluorocarboxylate(carbons: int) -> RuleIon:
    name = f"perfluoro{_STEMS[carbons]}anoate"
    return RuleIon(f"[O-]C(=O){_perfluoro(carbons)}", name, short=True)


_SHORTHAND: Final[tuple[tuple[re.Pattern[str], Callable[..., list[RuleIon]]], ...]] = tuple(
    (re.compile(pattern), make)
    for pattern, make in (
        (rf"c{_N}mim", lambda n: _imidazolium(n, 1)),
        (rf"c{_N}eim", lambda n: _imidazolium(n, 2)),
        (rf"c{_N}c{_N}im", _imidazolium),
        (rf"c{_N}(?:d|m)mim", lambda n: _imidazolium(n, 1, methyl=True)),
        (rf"c{_N}c1c1im", lambda n: _imidazolium(n, 1, methyl=True)),
        (rf"hc{_N}im|c{_N}him", lambda n: _made(_IMIDAZOLIUM, {1: [_alkyl(n)]})),
        (
            rf"vc{_N}im|c{_N}vim",
            lambda n: _made(_IMIDAZOLIUM, {1: [_alkyl(n)], 3: [_VINYL]}),
        ),
        (rf"c{_N}py(?:r|ri|rid)?", lambda n: _made(_PYRIDINIUM, {1: [_alkyl(n)]})),
        (rf"c{_N}m([234])py(?:r|ri|rid)?", _methylpyridinium),
        (rf"c{_N}(?:c1)?\(([234])\)m?py(?:r|ri|rid)?", _methylpyridinium),
        (rf"c{_N}m?py(?<=mpy)", lambda n: _methylpyridinium(n, 2, 3, 4)),
        (rf"c{_N}mpyrr?o?", _methyl_and(_PYRROLIDINIUM)),
        (rf"c{_N}c{_N}pyrr?o?", _two(_PYRROLIDINIUM)),
        (rf"(?:pyr|py|p)(1){_N}", _two(_PYRROLIDINIUM)),
        (rf"pyr([2-9]){_N}", _two(_PYRROLIDINIUM)),
        (rf"c{_N}mpip", _methyl_and(_PIPERIDINIUM)),
        (rf"c{_N}c{_N}pip", _two(_PIPERIDINIUM)),
        (rf"(?:pp|pip)([1-9]){_N}", _two(_PIPERIDINIUM)),
        (rf"c{_N}mmor(?:ph?)?", _methyl_and(_MORPHOLINIUM)),
        (rf"c{_N}c{_N}mor(?:ph?)?", _two(_MORPHOLINIUM)),
        (rf"mor(?:ph?)?(1){_N}", _two(_MORPHOLINIUM)),
        (rf"c{_N}c{_N}azep?p?", _two(_AZEPANIUM)),
        (rf"c{_N}dabco", _bicyclic),
        (rf"c{_N}o?so4|c{_N}oso3", lambda n: [_sulfate(_alkyl(n))]),
        (rf"c{_N}so3", lambda n: [_sulfonate(n)]),
        (rf"c{_N}h(\d\d?)so4", _checked(lambda n: _sulfate(_alkyl(n)))),
        (rf"c{_N}h(\d\d?)so3", _checked(_sulfonate)),
        (rf"c{_N}h(\d\d?)co(?:o|2)", _checked(lambda n: _carboxylate(n + 1))),
        (rf"c{_N}f(\d\d?)so3", _checked(_perfluorosulfonate)),
        (rf"c{_N}f(\d\d?)co(?:o|2)", _checked(_perfluorocarboxylate)),
    )
)

_ONIUMS: Final = {"n": _AMMONIUM, "p": _PHOSPHONIUM, "s": _SULFONIUM}
_ONIUM: Final = re.compile(r"([nps])([\d,.()\[\]/-]+)")
_LAST_WITH_OXYGEN: Final = re.compile(r"([np])(\d),?(\d),?(\d),?\(?(\d)o(h|\d)\)?")


def _onium_shorthand(lower: str) -> Iterator[RuleIon]:
    """N1888, P6,6,6,14, S222, N1112OH, N122(2O1): the chains are numbered by their carbons."""
    if match := _LAST_WITH_OXYGEN.fullmatch(lower):
        end = _ether_or_alcohol(int(match[5]), match[6])
        chains = [int(number) for number in match.group(2, 3, 4)]
        parent = _ONIUMS[match[1]]
        if end is not None:
            yield from _made(parent, {0: [*(_alkyl(n) for n in chains if n), end]})
        return
    match = _ONIUM.fullmatch(lower)
    if match is None:
        return
    parent = _ONIUMS[match[1]]
    found = set(_chains(re.findall(r"\d+", match[2]), len(parent.free)))
    for lengths in found if len(found) == 1 else ():
        if any(lengths) or parent is _AMMONIUM:
            yield from _made(parent, {0: [_alkyl(n) for n in lengths if n]})


def _ether_or_alcohol(before: int, behind: str) -> _Group | None:
    """2OH and 2O1: hydroxyethyl and methoxyethyl."""
    if not before or behind == "0":
        return None
    chain = _STEMS[before - 1]
    tail = "hydroxy" if behind == "h" else f"{_STEMS[int(behind) - 1]}oxy"
    return _GROUPS.get(f"{before}-{tail}{chain}yl" if before > 1 else f"{tail}methyl")


def _chains(numbers: Sequence[str], wanted: int) -> Iterator[tuple[int, ...]]:
    """Lengths of the chains of an onium ion, shortest first.

    Numbers set apart are lengths; digits run together are one length each, or, where there are
    more of them, such that all chains but one are equal: 66614 is 6, 6, 6, 14.
    """
    if len(numbers) == 1 and len(numbers[0]) == wanted:
        yield tuple(sorted(map(int, numbers[0])))
        return
    for choice in product(*map(_cuts, numbers)):
        lengths = tuple(sorted(length for cut in choice for length in cut))
        most = max(Counter(lengths).values(), default=0)
        if len(lengths) == wanted and (len(numbers) == wanted or most >= wanted - 1):
            yield lengths


def _cuts(digits: str) -> list[tuple[int, ...]]:
    """All ways to cut digits into lengths of chains; none of more than ten digits."""
    if len(digits) > 10:
        return []
    if not digits:
        return [()]
    found = []
    for size in (1, 2):
        first = int(digits[:size])
        if len(digits) < size or first > _LONGEST or (size == 2 and first < 10):
            continue
        found += [(first, *rest) for rest in _cuts(digits[size:])]
    return found
