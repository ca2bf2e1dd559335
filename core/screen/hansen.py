"""Hansen parameters of a molecule: of the handbooks where they have it, else the network's."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from core import measured, names
from core.chemistry import Polymer, Solvent

if TYPE_CHECKING:  # a page shows its frame before torch is loaded
    from core.predict import MiscibilityPredictor

__all__ = ["HansenPlace", "hansen_of"]


class HansenPlace(NamedTuple):
    """Where a molecule lies in Hansen's space.

    Attributes:
        parameters: dispersion, polar and hydrogen-bonding part, MPa^0.5.
        radius: R0 of a polymer, MPa^0.5; NaN for a solvent and where it is not known.
        source: in words.
        published: whether they stand in a handbook; else they are estimated from the structure.
    """

    parameters: tuple[float, float, float]
    radius: float
    source: str
    published: bool


def hansen_of(predictor: MiscibilityPredictor, molecule: Polymer | Solvent) -> HansenPlace:
    """Look up Hansen parameters, or have the network estimate them.

    A solvent is looked up in the shipped table, then both kinds in the data folder. Of a polymer
    there are many samples: first comes the one that bears its plain name, then the one with the
    smallest sphere, which says most.
    """
    if isinstance(molecule, Solvent):
        known = next((s for s in names.solvents() if s.smiles == molecule.smiles), None)
        if known is not None and not math.isnan(known.hansen[0]):
            return HansenPlace(known.hansen, math.nan, f"{known.name}, handbooks", published=True)
    found = measured.hansen(molecule)
    if not found:
        estimate = predictor.hansen(molecule)
        return HansenPlace(estimate, math.nan, "estimated from the structure", published=False)
    plain = {
        name.lower()
        for polymer in names.polymers()
        if polymer.smiles == molecule.smiles
        for name in polymer.names
    }
    best = min(
        found,
        key=lambda entry: (
            entry.name.lower() not in plain,
            math.inf if math.isnan(entry.radius) else entry.radius,
        ),
    )
    place = (best.dispersion, best.polar, best.hydrogen)
    return HansenPlace(place, best.radius, f"{best.name}, {best.source}", published=True)
