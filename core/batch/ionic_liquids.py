"""Tables of ionic liquids: a cation, an anion, temperature and pressure in each row.

A property that needs a temperature is empty where the row gives none; ``in_range`` tells whether
all properties predicted for the row are in the range of the training data.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from core.batch.table import Quantity, Row, TableKind, cells, reasons
from core.chemistry import ChemistryError, Ion, IonicLiquid, combine, parse_ion
from core.properties import PROPERTIES, REFERENCE_PRESSURE_KPA

if TYPE_CHECKING:  # a wrong file should be refused before anyone waits for torch to load
    from core.predict import IonicLiquidPredictor

__all__ = ["IONIC_LIQUIDS"]

Reading = tuple[IonicLiquid, float, float]

# Beyond the upper ends no liquid is left, and exponentials overflow.
_TEMPERATURE: Final = Quantity(
    "temperature_K", math.nan, 0, 5_000, above=True, hint_below="; is it in degrees Celsius?"
)
_PRESSURE: Final = Quantity("pressure_kPa", REFERENCE_PRESSURE_KPA, 0, 10_000_000, above=True)
# Enough for every pair of a screening list, little beside the model in memory.
_REMEMBERED: Final = 50_000


@lru_cache(maxsize=_REMEMBERED)
def _ion(text: str, role: Literal["cation", "anion"]) -> Ion | str:
    """The ion in a cell, or why there is none."""
    if not text:
        return f"{role}_smiles is empty"
    try:
        return parse_ion(text, role)
    except ChemistryError as error:
        return f"{role}: {error}"


@lru_cache(maxsize=_REMEMBERED)
def _liquid(cation_text: str, anion_text: str) -> IonicLiquid | str:
    """The ionic liquid of two cells, or why there is none."""
    cation, anion = _ion(cation_text, "cation"), _ion(anion_text, "anion")
    if isinstance(cation, str) or isinstance(anion, str):
        return reasons(cation, anion)
    try:
        return combine(cation, anion)
    except ChemistryError as error:
        return str(error)


def _read(row: Row) -> Reading | str:
    """The ionic liquid, K (NaN where none is given) and kPa; or why the row has none."""
    liquid = _liquid(row.text("cation_smiles"), row.text("anion_smiles"))
    temperature, pressure = row.number(_TEMPERATURE), row.number(_PRESSURE)
    if isinstance(liquid, str) or isinstance(temperature, str) or isinstance(pressure, str):
        return reasons(liquid, temperature, pressure)
    return liquid, temperature, pressure


def _predict(
    predictor: IonicLiquidPredictor, readings: list[Reading]
) -> Iterator[tuple[object, ...]]:
    liquids, temperatures, pressures = zip(*readings, strict=True)
    result = predictor.predict_many(liquids, np.array(temperatures), np.array(pressures))
    columns: list[Sequence[object]] = []
    in_range = np.ones(len(readings), dtype=bool)
    for key in PROPERTIES:
        columns += map(cells, (result.value[key], result.low[key], result.high[key]))
        in_range &= result.in_range[key] | np.isnan(result.value[key])
    return zip(*columns, result.support, in_range.tolist(), strict=True)


IONIC_LIQUIDS: Final = TableKind(
    required=("cation_smiles", "anion_smiles"),
    output=(
        *(f"{key}{end}" for key in PROPERTIES for end in ("", "_low", "_high")),
        "support",
        "in_range",
        "error",
    ),
    read=_read,
    predict=_predict,
)
