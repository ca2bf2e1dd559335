"""Any text to what it can mean: an ion, an ionic liquid, a polymer or a solvent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from core.chemistry import (
    ChemistryError,
    Ion,
    IonicLiquid,
    Polymer,
    Solvent,
    parse_ion,
    parse_ionic_liquid,
    parse_polymer,
    parse_solvent,
)
from core.names.ions import find_ion, find_liquid, name_of
from core.names.polymers import find_polymer, polymer_label
from core.names.solvents import find_solvent, solvent_name

__all__ = ["KINDS", "How", "Kind", "Match", "Resolution", "resolve"]

Kind = Literal["ion", "ionic-liquid", "polymer", "solvent"]
How = Literal["abbreviation", "name", "CAS number", "SMILES", "InChI", "IUPAC name"]
KINDS: Final[tuple[Kind, ...]] = ("ion", "ionic-liquid", "polymer", "solvent")


@dataclass(frozen=True, slots=True)
class Match:
    """One thing that a text can mean.

    Attributes:
        kind: what it is.
        structure: the ion, ionic liquid, polymer or solvent.
        smiles: its canonical SMILES.
        name: the name to show.
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
        text: the text.
        matches: one where the text is understood, several where it is ambiguous, or none.
        suggestions: names near by that are understood; only where there is no match.
        message: where there is no match, one sentence that says why.
    """

    text: str
    matches: tuple[Match, ...]
    suggestions: tuple[str, ...] = ()
    message: str = ""


def resolve(text: str, kinds: Sequence[Kind] = KINDS) -> Resolution:
    """Find out what a text means; never raises, whatever the text.

    Args:
        text: a name, an abbreviation, a CAS number or a SMILES.
        kinds: what it may be.
    """
    matches: list[Match] = []
    messages: list[str] = []
    for kind in kinds:
        reads: list[tuple[Callable[[str], Ion | IonicLiquid | Polymer | Solvent], How]] = [
            (_FIND[kind], "name"),
            (_PARSE[kind], "SMILES"),
        ]
        for read, how in reads:
            try:
                found = read(text)
            except ChemistryError as error:
                messages.append(str(error))
                continue
            match = Match(kind, found, found.smiles, _name(found), how)
            if found.smiles == match.name and how == "name":
                continue
            if all(found.smiles != other.smiles for other in matches):
                matches.append(match)
    return Resolution(text, tuple(matches), (), "" if matches else messages[0])


_FIND: Final[Mapping[Kind, Callable[[str], Ion | IonicLiquid | Polymer | Solvent]]] = {
    "ion": find_ion,
    "ionic-liquid": find_liquid,
    "polymer": find_polymer,
    "solvent": find_solvent,
}
_PARSE: Final[Mapping[Kind, Callable[[str], Ion | IonicLiquid | Polymer | Solvent]]] = {
    "ion": parse_ion,
    "ionic-liquid": parse_ionic_liquid,
    "polymer": parse_polymer,
    "solvent": parse_solvent,
}


def _name(found: Ion | IonicLiquid | Polymer | Solvent) -> str:
    if isinstance(found, IonicLiquid):
        return f"{name_of(found.cation.smiles)} {name_of(found.anion.smiles)}"
    if isinstance(found, Ion):
        return name_of(found.smiles)
    if isinstance(found, Polymer):
        return polymer_label(found.smiles)
    return solvent_name(found.smiles)
