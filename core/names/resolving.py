"""Any text to what it can mean: an ion, an ionic liquid, a polymer or a solvent.

A text is read as a name or abbreviation (tables, then rules), as a CAS number, as an InChI and as a
SMILES; all that fits is returned, so that what is ambiguous is seen. ``CO`` is methanol as SMILES
and carbon monoxide by name. Two letters are no SMILES, however, where they are a well-known name
and the molecule is not: ``PS`` is polystyrene, never HPS.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from rdkit import Chem, rdBase
from rdkit.Chem import rdMolHash

from core.chemistry import (
    ChemistryError,
    InvalidSmilesError,
    Ion,
    IonicLiquid,
    NotAnIonError,
    Polymer,
    Solvent,
    parse_ion,
    parse_ionic_liquid,
    parse_polymer,
    parse_solvent,
)
from core.names._opsin import opsin_smiles
from core.names._tables import MAX_NAME, MOST_READ, How, Reading, mixture, plain, shown
from core.names.ions import ion_name, ion_readings, is_ion_structure, name_of, near_ions
from core.names.liquids import liquid_readings, near_liquids
from core.names.polymers import (
    is_polymer_structure,
    near_polymers,
    polymer_name,
    polymer_readings,
)
from core.names.solvents import (
    cas_number,
    is_solvent_structure,
    named_solvent,
    near_solvents,
    solvent_readings,
    solvents,
    unknown_cas,
)

__all__ = ["KINDS", "How", "Kind", "Match", "Resolution", "resolve"]

Kind = Literal["ion", "ionic-liquid", "polymer", "solvent"]
KINDS: Final[tuple[Kind, ...]] = ("ion", "ionic-liquid", "polymer", "solvent")
_Structure = Ion | IonicLiquid | Polymer | Solvent


@dataclass(frozen=True, slots=True)
class Match:
    """One thing that a text can mean.

    Attributes:
        kind: what it is.
        structure: the ion, ionic liquid, polymer or solvent.
        smiles: its canonical SMILES.
        name: the usual name in words; the SMILES where none is known.
        how: what the text was read as.
    """

    kind: Kind
    structure: Ion | IonicLiquid | Polymer | Solvent
    smiles: str
    name: str
    how: How


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a text can mean.

    Attributes:
        text: the text as it was given.
        matches: one where the text is understood; several where it is ambiguous, the most usual
            first; or none.
        suggestions: names that look like the text and are understood; only where nothing matches.
        message: one sentence that says why nothing matches; else empty.
    """

    text: str
    matches: tuple[Match, ...]
    suggestions: tuple[str, ...] = ()
    message: str = ""


def resolve(text: str, kinds: Sequence[Kind] = KINDS) -> Resolution:
    """Find out what a text means; never raises, whatever the text.

    Args:
        text: a name, an abbreviation, a CAS number, an InChI or a SMILES.
        kinds: what it may be.
    """
    tidy = plain(text)
    asked = tuple(kind for kind in KINDS if kind in kinds) or KINDS
    if not tidy:
        return Resolution(text, (), (), f"nothing given; write {_examples(asked)}")
    if len(tidy) > MOST_READ:
        message = f"this text has {len(tidy):,} characters; at most {MOST_READ:,} are read"
        return Resolution(text, (), (), message)
    found, message, suggestions = _resolved(tidy, asked)
    return Resolution(text, found, suggestions, message)


@lru_cache(maxsize=4096)
def _resolved(text: str, kinds: tuple[Kind, ...]) -> tuple[tuple[Match, ...], str, tuple[str, ...]]:
    """Matches, and where there are none a message and suggestions."""
    if _INCHI.match(text):
        return _by_inchi(text, kinds)
    attempt = _Attempt()
    for kind in kinds:
        attempt.add(kind, _named(kind, text))
    for kind in kinds:
        attempt.add(kind, _as_smiles(kind, text))
    if not attempt.matches and len(text) <= MAX_NAME and (smiles := opsin_smiles(text)):
        for kind in kinds:
            attempt.add(kind, [Reading(smiles, "IUPAC name", text)])
    if attempt.matches:
        return attempt.matches, "", ()
    for kind in kinds:
        if (mixed := mixture(kind, text)) is not None:
            return (), mixed.sentence(text), mixed.instead
    near = _suggestions(text, kinds)
    return (), _why_not(text, kinds, attempt.refusals), near


class _Attempt:
    """Matches, each once, and what the gate said of readings that it refused.

    That is empty where it would help nobody who wrote a name.
    """

    def __init__(self) -> None:
        self._found: dict[tuple[Kind, str], tuple[bool, Match]] = {}
        self.refusals: list[str] = []

    @property
    def matches(self) -> tuple[Match, ...]:
        ordered = sorted(self._found.values(), key=lambda entry: not entry[0])
        return tuple(match for _, match in ordered)

    def add(self, kind: Kind, readings: Iterable[Reading]) -> None:
        for reading in readings:
            try:
                structure = _PARSE[kind](reading.smiles)
            except ChemistryError as error:
                # Nobody who wrote borax left out a charge.
                named = reading.how != "SMILES" and isinstance(error, NotAnIonError)
                self.refusals.append("" if named else str(error))
                continue
            name = _name(structure, reading)
            match = Match(kind, structure, structure.smiles, name, reading.how)
            self._found.setdefault((kind, structure.smiles), (reading.usual, match))


# ------------------------------------------------------------------------------------ ways to read

_PARSE: Final[Mapping[Kind, Callable[[str], _Structure]]] = {
    "ion": parse_ion,
    "ionic-liquid": parse_ionic_liquid,
    "polymer": parse_polymer,
    "solvent": parse_solvent,
}


def _named(kind: Kind, text: str) -> Sequence[Reading]:
    """What a text means as a name, an abbreviation or a CAS number."""
    if kind == "ion":
        readings = ion_readings(text)
        if not any(reading.how == "name" for reading in readings):
            return readings
        # Glycine is no name of its anion, although some lists of ionic liquids have it so.
        neutral = {_skeleton(own.smiles) for own in _molecules(text) if _is_neutral(own)}
        return [r for r in readings if r.how != "name" or _skeleton(r.smiles) not in neutral]
    if kind == "polymer":
        return () if text in _elements() else polymer_readings(text)
    if kind == "solvent":
        return [reading for reading in _molecules(text) if not _is_liquid(reading)]
    pairs = liquid_readings(text)
    if pairs:
        return [Reading(pair.liquid.smiles, pair.how, pair.name, pair.usual) for pair in pairs]
    return [reading for reading in _molecules(text) if "." in reading.smiles]


def _molecules(text: str) -> Sequence[Reading]:
    return () if text in _elements() else solvent_readings(text)


def _is_neutral(reading: Reading) -> bool:
    return _reads("solvent", reading.smiles)


def _skeleton(smiles: str) -> str:
    """The elements and how they hang together, whatever the bonds, charges and hydrogen atoms."""
    kind = rdMolHash.HashFunction.ElementGraph
    return str(rdMolHash.MolHash(Chem.MolFromSmiles(smiles), kind))


def _is_liquid(reading: Reading) -> bool:
    return "." in reading.smiles and _reads("ionic-liquid", reading.smiles)


def _reads(kind: Kind, smiles: str) -> bool:
    try:
        _PARSE[kind](smiles)
    except ChemistryError:
        return False
    return True


@lru_cache(maxsize=1)
def _elements() -> frozenset[str]:
    """Symbols of two letters: Pb is lead, and PB polybutadiene."""
    table = Chem.GetPeriodicTable()
    symbols = (table.GetElementSymbol(number) for number in range(1, 104))
    return frozenset(symbol for symbol in symbols if len(symbol) == 2)


def _as_smiles(kind: Kind, text: str) -> Iterator[Reading]:
    """What a text means as a SMILES, unless it is only by accident one."""
    try:
        structure = _PARSE[kind](text)
    except ChemistryError:
        return
    if (
        kind != "solvent"
        or not text.isalpha()
        or structure.smiles in _common_solvents()
        or not (_NO_SMILES.fullmatch(text) or any(_named(other, text) for other in KINDS))
    ):
        yield Reading(structure.smiles, "SMILES")


# Abbreviations such as SBS and BPO, which nobody writes as SMILES: no carbon, or boron, phosphorus.
_NO_SMILES: Final = re.compile(r"[^C]{1,5}|(?=.*[BP])[A-Z]{1,5}")


@lru_cache(maxsize=1)
def _common_solvents() -> frozenset[str]:
    return frozenset(solvent.smiles for solvent in solvents())


_INCHI: Final = re.compile(r"(?:InChI=)?1S?/", re.IGNORECASE)
_INCHI_KEY: Final = re.compile(r"(?:InChIKey=)?[A-Z]{14}-[A-Z]{10}-[A-Z]")


def _by_inchi(text: str, kinds: tuple[Kind, ...]) -> tuple[tuple[Match, ...], str, tuple[str, ...]]:
    attempt = _Attempt()
    layers = text.partition("/")[2]
    mol = None
    if text.isascii():
        with rdBase.BlockLogs():
            # The gate sanitises: it knows what would take RDKit minutes.
            mol = Chem.MolFromInchi(f"InChI=1S/{layers}", sanitize=False, removeHs=False)
    if mol is None or not mol.GetNumAtoms():
        return (), "this InChI cannot be read; is it complete?", ()
    smiles = Chem.MolToSmiles(mol)
    for kind in kinds:
        attempt.add(kind, [Reading(smiles, "InChI")])
    if attempt.matches:
        return attempt.matches, "", ()
    reason = _refusal(_kind_of(smiles, kinds), smiles)
    return (), reason or f"this InChI is not that of {_one_of(kinds)}", ()


def _name(structure: _Structure, reading: Reading) -> str:
    named = Reading(structure.smiles, reading.how, reading.name)
    if isinstance(structure, Ion):
        return ion_name(named)
    if isinstance(structure, Polymer):
        name = polymer_name(named)
        return f"{name}, alternating (1:1)" if "-alt-" in name else name
    if isinstance(structure, Solvent):
        return named_solvent(named)
    ions = [ion.smiles for ion in (structure.cation, structure.anion)]
    names = [name_of(smiles) for smiles in ions]
    if reading.name and any(map(str.__eq__, names, ions)):
        return reading.name
    return " ".join(names)


# -------------------------------------------------------------------------------- what is not found

_ARTICLES: Final[Mapping[Kind, str]] = {
    "ion": "an ion",
    "ionic-liquid": "an ionic liquid",
    "polymer": "a polymer",
    "solvent": "a solvent",
}
_EXAMPLES: Final[Mapping[Kind, str]] = {
    "ion": "bmim or acetate",
    "ionic-liquid": "[bmim][Tf2N]",
    "polymer": "polystyrene",
    "solvent": "THF or 109-99-9",
}


def _one_of(kinds: Sequence[Kind]) -> str:
    words = [_ARTICLES[kind] for kind in kinds]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _examples(kinds: Sequence[Kind]) -> str:
    return f"a name such as {', '.join(_EXAMPLES[kind] for kind in kinds)}, or a SMILES"


def _why_not(text: str, kinds: tuple[Kind, ...], refusals: Sequence[str]) -> str:
    """One sentence on a text that means nothing of the kinds asked for."""
    if otherwise := _known_otherwise(text, kinds):
        return otherwise
    if refusals:
        known = f"{shown(text)} is a known substance, but not {_one_of(kinds)} as understood here"
        return known if "" in refusals else refusals[0]
    if _INCHI_KEY.fullmatch(text):
        return "an InChIKey does not hold the structure; give the InChI or a SMILES"
    if (number := cas_number(text)) is not None:
        return unknown_cas(number)
    if reason := _refusal(_kind_of(text, kinds), text):
        return reason
    return f"{shown(text)} is no name, CAS number or SMILES of {_one_of(kinds)} that is known here"


def _known_otherwise(text: str, kinds: tuple[Kind, ...]) -> str:
    """What is said of a text that is known as something of another kind, or nothing."""
    others = [kind for kind in KINDS if kind not in kinds]
    for kind in others:
        if readings := _named(kind, text):
            attempt = _Attempt()
            attempt.add(kind, readings[:1])
            if attempt.matches:
                return _of_another_kind(text, attempt.matches[0], kinds)
    for kind in others:
        if (mixed := mixture(kind, text)) is not None:
            return f"{shown(text)} is {mixed.what}, and {_one_of(kinds)} belongs here"
    return ""


def _of_another_kind(text: str, match: Match, kinds: Sequence[Kind]) -> str:
    if isinstance(match.structure, Ion) and "ionic-liquid" in kinds:
        missing = "anion" if match.structure.role == "cation" else "cation"
        return (
            f"{shown(text)} is only the {match.structure.role} of an ionic liquid; add the "
            f"{missing}, as in [bmim][Tf2N]"
        )
    name = "" if match.name.lower() == text.lower() else f" ({match.name})"
    what = "a small molecule" if match.kind == "solvent" else _ARTICLES[match.kind]
    return f"{shown(text)} is {what}{name}, and {_one_of(kinds)} belongs here"


_CHARGED: Final = re.compile(r"\[[^\]]*[+-]\d?\]")


def _kind_of(text: str, kinds: tuple[Kind, ...]) -> Kind:
    """Which kind a SMILES was probably meant to be."""
    meant: Kind = "solvent"
    if "*" in text or "[R" in text:
        meant = "polymer"
    elif _CHARGED.search(text):
        meant = "ionic-liquid" if "." in text else "ion"
    return meant if meant in kinds else kinds[0]


_TWO_NAMES: Final = re.compile(r"\[[^\[\]]+\]\s*\[[^\[\]]+\]")
_LOOKS_LIKE_SMILES: Final[Mapping[Kind, Callable[[str], bool]]] = {
    "ion": is_ion_structure,
    "ionic-liquid": is_ion_structure,
    "polymer": is_polymer_structure,
    "solvent": is_solvent_structure,
}


def _refusal(kind: Kind, text: str) -> str:
    """What the gate says of a text as a SMILES, or nothing where it was no SMILES at all."""
    try:
        _PARSE[kind](text)
    except InvalidSmilesError as error:
        meant = _LOOKS_LIKE_SMILES[kind](text) and " " not in text
        return str(error) if meant and not _TWO_NAMES.fullmatch(text) else ""
    except ChemistryError as error:
        return str(error)
    return ""


_NEAR: Final[Mapping[Kind, Callable[[str], list[tuple[float, str]]]]] = {
    "ion": near_ions,
    "ionic-liquid": near_liquids,
    "polymer": near_polymers,
    "solvent": near_solvents,
}


def _suggestions(text: str, kinds: Sequence[Kind]) -> tuple[str, ...]:
    if cas_number(text) is not None or len(text) > MAX_NAME:
        return ()
    found = ((kind, *near) for kind in kinds for near in _NEAR[kind](text))
    scored = [(alike, name) for kind, alike, name in found if _named(kind, name)]
    scored.sort(key=lambda pair: -pair[0])
    return tuple(dict.fromkeys(name for _, name in scored[:3]))
