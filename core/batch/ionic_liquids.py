"""Tables of ionic liquids: a cation, an anion, temperature and pressure in each row.

A property that needs a temperature is empty where the row gives none; ``in_range`` tells whether
all properties predicted for the row are in the range of the training data, ``grade`` is the worst
of theirs, and ``reason`` says of which it is not the best.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from core.batch import structures
from core.batch.columns import (
    READ_PRESSURE_UNITS,
    READ_TEMPERATURE_UNITS,
    Column,
    Quantity,
    temperature_unit,
)
from core.batch.table import Row, TableKind, cells, reasons
from core.chemistry import ChemistryError, Ion, IonicLiquid, combine
from core.domain import GRADES
from core.properties import PROPERTIES, REFERENCE_PRESSURE_KPA

if TYPE_CHECKING:  # a wrong file should be refused before anyone waits for torch to load
    from core.predict import IonicLiquidPredictor

__all__ = ["IONIC_LIQUIDS"]

Reading = tuple[IonicLiquid, float, float]

# Beyond the upper ends no liquid is left, and exponentials overflow.
_TEMPERATURE: Final = Quantity(
    "temperature_K",
    math.nan,
    0,
    5_000,
    above=True,
    hint_below="; is it in degrees Celsius?",
    units=READ_TEMPERATURE_UNITS,
    unstated=temperature_unit,
)
_PRESSURE: Final = Quantity(
    "pressure_kPa",
    REFERENCE_PRESSURE_KPA,
    0,
    10_000_000,
    above=True,
    units=READ_PRESSURE_UNITS,
    unstated=lambda _numbers: None,
)
_COLUMNS: Final = (
    Column(
        "cation",
        "cation_smiles",
        frozenset({"cation", "cations", "kation"}),
        looks=structures.looks_like(lambda text: structures.ion(text, "cation", smiles=False)),
    ),
    Column(
        "anion",
        "anion_smiles",
        frozenset({"anion", "anions"}),
        looks=structures.looks_like(lambda text: structures.ion(text, "anion", smiles=False)),
    ),
    Column(
        "ionic liquid",
        "ionic_liquid",
        frozenset({"ionic liquid", "ionic liquids", "ionicliquid", "il", "liquid", "salt", ""}),
        looks=structures.looks_like(lambda text: structures.ionic_liquid(text, smiles=False)),
    ),
    Column(
        "temperature",
        "temperature_K",
        frozenset({"temperature", "temp", "t", "temperatur"}),
        quantity=_TEMPERATURE,
    ),
    Column(
        "pressure",
        "pressure_kPa",
        frozenset({"pressure", "press", "p", "druck"}),
        quantity=_PRESSURE,
    ),
)


def _liquid(row: Row) -> IonicLiquid | str:
    """The ionic liquid of a row, or why there is none."""
    if row.has("ionic_liquid"):
        text = row.text("ionic_liquid")
        smiles = row.is_smiles("ionic_liquid")
        return structures.ionic_liquid(text, smiles=smiles) if text else "ionic_liquid is empty"
    cation, anion = row.text("cation_smiles"), row.text("anion_smiles")
    read = _pair if len(cation) + len(anion) < structures.LONGEST else _pair.__wrapped__
    return read(cation, anion, row.is_smiles("cation_smiles"), row.is_smiles("anion_smiles"))


@lru_cache(maxsize=structures.REMEMBERED)
def _pair(
    cation_text: str,
    anion_text: str,
    cation_smiles: bool,  # noqa: FBT001 - quicker to remember
    anion_smiles: bool,  # noqa: FBT001 - likewise
) -> IonicLiquid | str:
    """The ionic liquid of two cells, or why there is none."""
    cation: Ion | str = "cation_smiles is empty"
    anion: Ion | str = "anion_smiles is empty"
    if cation_text:
        cation = structures.ion(cation_text, "cation", smiles=cation_smiles)
    if anion_text:
        anion = structures.ion(anion_text, "anion", smiles=anion_smiles)
    if isinstance(cation, str) or isinstance(anion, str):
        return reasons(cation, anion)
    try:
        return combine(cation, anion)
    except ChemistryError as error:
        return str(error)


def _read(row: Row) -> Reading | str:
    """The ionic liquid, K (NaN where none is given) and kPa; or why the row has none."""
    liquid = _liquid(row)
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
    grade = np.zeros(len(readings), dtype=np.uint8)
    for key in PROPERTIES:
        columns += map(cells, (result.value[key], result.low[key], result.high[key]))
        there = ~np.isnan(result.value[key])
        in_range &= result.in_range[key] | ~there
        if key in result.grade:
            grade = np.maximum(grade, np.where(there, result.grade[key], 0))
    graded = [GRADES[code] for code in grade.tolist()] if result.grade else [""] * len(readings)
    told = result.support, in_range.tolist(), graded, result.reason
    return zip(*columns, *told, strict=True)


IONIC_LIQUIDS: Final = TableKind(
    required=("cation_smiles", "anion_smiles"),
    output=(
        *(f"{key}{end}" for key in PROPERTIES for end in ("", "_low", "_high")),
        "support",
        "in_range",
        "grade",
        "reason",
        "error",
    ),
    read=_read,
    predict=_predict,
    columns=_COLUMNS,
    instead=("ionic_liquid",),
    example=(
        ("cation", "anion", "temperature_C", "pressure_kPa", "note"),
        ("C4mim", "Tf2N", "25", "101.325", "names and abbreviations"),
        ("CC[n+]1ccn(C)c1", "N#C[N-]C#N", "60", "10000", "SMILES"),
        ("choline", "acetate", "", "", "without a temperature: the melting point only"),
    ),
)
