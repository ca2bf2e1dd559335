"""Tables of polymers and solvents: repeat unit, solvent, temperature and composition in a row."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import numpy as np

from core.batch import structures
from core.batch.columns import (
    FRACTION_UNITS,
    READ_TEMPERATURE_UNITS,
    Column,
    Quantity,
    temperature_unit,
)
from core.batch.table import Row, TableKind, cells, reasons
from core.chemistry import Polymer, Solvent
from core.domain import GRADES
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
    units=READ_TEMPERATURE_UNITS,
    unstated=temperature_unit,
)
_FRACTION_HINT: Final = "; give the fraction of the polymer, between 0 and 1"
_VOLUME_FRACTION: Final = Quantity(
    "volume_fraction",
    math.nan,
    0,
    1,
    hint=_FRACTION_HINT,
    hint_below=_FRACTION_HINT,
    units=FRACTION_UNITS,
)
_COLUMNS: Final = (
    Column(
        "polymer",
        "polymer_smiles",
        frozenset({"polymer", "polymers", "repeat unit", "repeating unit"}),
        looks=structures.looks_like(lambda text: structures.polymer(text, smiles=False)),
    ),
    Column(
        "solvent",
        "solvent_smiles",
        frozenset({"solvent", "solvents", "l\u00f6sungsmittel", "loesungsmittel"}),
        looks=structures.looks_like(lambda text: structures.solvent(text, smiles=False)),
    ),
    Column(
        "temperature",
        "temperature_K",
        frozenset({"temperature", "temp", "t", "temperatur"}),
        quantity=_TEMPERATURE,
    ),
    Column(
        "volume fraction",
        "volume_fraction",
        frozenset(
            {"volume fraction", "volume fraction of polymer", "volume fraction of the polymer"}
            | {"polymer volume fraction", "volume fraction polymer", "vol fraction", "volfrac"}
            | {"phi", "\u03c6", "\u03d5", "phi polymer", "phi p", "polymer fraction"}
        ),
        quantity=_VOLUME_FRACTION,
    ),
)


def _read(row: Row) -> Reading | str:
    """Polymer, solvent, K and volume fraction (NaN where none is given); or why there are none."""
    polymer: Polymer | str = "polymer_smiles is empty"
    solvent: Solvent | str = "solvent_smiles is empty"
    if text := row.text("polymer_smiles"):
        polymer = structures.polymer(text, smiles=row.is_smiles("polymer_smiles"))
    if text := row.text("solvent_smiles"):
        solvent = structures.solvent(text, smiles=row.is_smiles("solvent_smiles"))
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
    grade = [""] * len(readings) if found.grade is None else [GRADES[x] for x in found.grade]
    told = found.support, found.in_range.tolist(), grade, found.reason or [""] * len(readings)
    return zip(*map(cells, numbers), *told, strict=True)


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
        "grade",
        "reason",
        "error",
    ),
    read=_read,
    predict=_predict,
    columns=_COLUMNS,
    example=(
        ("polymer", "solvent", "temperature_C", "volume_fraction", "note"),
        ("PS", "toluene", "25", "", "names and abbreviations"),
        ("*CC(*)(C)C(=O)OC", "CC(C)=O", "40", "0.2", "SMILES: a repeat unit has two *"),
        ("PEO", "7732-18-5", "80", "0.05", "a CAS number"),
    ),
)
