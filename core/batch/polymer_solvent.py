"""Tables of polymers and solvents: repeat unit, solvent, temperature and composition in a row."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from core.batch.table import Quantity, Row, TableKind, cells, reasons
from core.chemistry import ChemistryError, Polymer, Solvent, parse_polymer, parse_solvent
from core.properties import REFERENCE_TEMPERATURE_K

if TYPE_CHECKING:  # a wrong file should be refused before anyone waits for torch to load
    from core.predict import MiscibilityPredictor

__all__ = ["POLYMER_SOLVENT"]

Reading = tuple[Polymer, Solvent, float, float]

# Hardly a solvent is liquid below, and no polymer lasts above.
_TEMPERATURE: Final = Quantity(
    "temperature_K",
    REFERENCE_TEMPERATURE_K,
    100,
    1_000,
    hint_below="; is it in degrees Celsius?",
)
_FRACTION_HINT: Final = "; give the fraction of the polymer, between 0 and 1"
_VOLUME_FRACTION: Final = Quantity(
    "volume_fraction", math.nan, 0, 1, hint=_FRACTION_HINT, hint_below=_FRACTION_HINT
)
# Enough for every polymer and solvent of a screening list, little beside the model in memory.
_REMEMBERED: Final = 50_000


@lru_cache(maxsize=_REMEMBERED)
def _polymer(text: str) -> Polymer | str:
    """The polymer in a cell, or why there is none."""
    try:
        return parse_polymer(text) if text else "polymer_smiles is empty"
    except ChemistryError as error:
        return f"polymer: {error}"


@lru_cache(maxsize=_REMEMBERED)
def _solvent(text: str) -> Solvent | str:
    """The solvent in a cell, or why there is none."""
    try:
        return parse_solvent(text) if text else "solvent_smiles is empty"
    except ChemistryError as error:
        return f"solvent: {error}"


def _read(row: Row) -> Reading | str:
    """Polymer, solvent, K and volume fraction (NaN where none is given); or why there are none."""
    polymer, solvent = _polymer(row.text("polymer_smiles")), _solvent(row.text("solvent_smiles"))
    temperature, fraction = row.number(_TEMPERATURE), row.number(_VOLUME_FRACTION)
    if (
        isinstance(polymer, str)
        or isinstance(solvent, str)
        or isinstance(temperature, str)
        or isinstance(fraction, str)
    ):
        return reasons(polymer, solvent, temperature, fraction)
    return polymer, solvent, temperature, fraction


def _predict(
    predictor: MiscibilityPredictor, readings: list[Reading]
) -> Iterator[tuple[object, ...]]:
    polymers, solvents, temperatures, fractions = zip(*readings, strict=True)
    found = predictor.predict_many(polymers, solvents, np.array(temperatures), np.array(fractions))
    numbers = (
        found.chi, found.chi_low, found.chi_high, found.chi_cosmo_rs, found.soluble_probability
    )  # fmt: skip
    return zip(*map(cells, numbers), found.support, found.in_range.tolist(), strict=True)


POLYMER_SOLVENT: Final = TableKind(
    required=("polymer_smiles", "solvent_smiles"),
    output=(
        "chi",
        "chi_low",
        "chi_high",
        "chi_cosmo_rs",
        "soluble_probability",
        "support",
        "in_range",
        "error",
    ),
    read=_read,
    predict=_predict,
)
