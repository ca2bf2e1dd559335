"""What was drawn to what it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

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
    read_drawing,
)
from core.names.resolving import KINDS, Kind, Resolution, resolve

__all__ = ["resolve_drawing"]


def resolve_drawing(text: str, kinds: Sequence[Kind] = KINDS) -> tuple[Resolution, tuple[str, ...]]:
    """Find out what a drawing is; never raises.

    A drawing is a structure whatever its SMILES may be the name of: ``CO`` is methanol.

    Args:
        text: SMILES as a drawing program writes it.
        kinds: what it may be.

    Returns:
        What it is, and one sentence for each thing that was mended in it.
    """
    try:
        drawing = read_drawing(text)
    except ChemistryError as error:
        return Resolution(text, (), (), str(error)), ()
    drawn, refusal = set(), ""
    for kind in kinds:
        try:
            drawn.add(_PARSE[kind](drawing.smiles).smiles)
        except ChemistryError as error:
            refusal = refusal or str(error)
    found = resolve(drawing.smiles, kinds)
    matches = tuple(match for match in found.matches if match.smiles in drawn)
    if found.matches and not matches:  # it is only the name of something
        return Resolution(text, (), (), refusal), ()
    return replace(found, text=text, matches=matches), drawing.notes


_PARSE: Final[Mapping[Kind, Callable[[str], Ion | IonicLiquid | Polymer | Solvent]]] = {
    "ion": parse_ion,
    "ionic-liquid": parse_ionic_liquid,
    "polymer": parse_polymer,
    "solvent": parse_solvent,
}
