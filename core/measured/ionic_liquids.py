"""Measured values of pure ionic liquids that may be shown beside predictions.

The table ``core/tables/measured.csv.gz`` holds 39,000 values of NIST ILThermo (state of 2018) as
the salty-ilthermo package ships them. It is for drawing; the models are trained on more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.chemistry import IonicLiquid
from core.properties import PROPERTIES, REFERENCE_TEMPERATURE_K

__all__ = [
    "ATMOSPHERIC_KPA",
    "CITATION",
    "SOURCE",
    "TEMPERATURE_TOLERANCE_K",
    "MeasuredPoints",
    "by_partner",
    "points",
]

# What counts as measured near a temperature, and as measured near atmospheric pressure.
TEMPERATURE_TOLERANCE_K: Final = 1.5
ATMOSPHERIC_KPA: Final = 200.0

SOURCE: Final = "NIST ILThermo, state of 2018 (tables of salty-ilthermo 0.2.dev17)"
CITATION: Final = (
    "Kazakov, A. et al. NIST Standard Reference Database 147: NIST Ionic Liquids Database "
    "(ILThermo), Version 2.0, NIST, Gaithersburg MD; Dong, Q. et al. J. Chem. Eng. Data 2007, 52, "
    "1151-1159, doi:10.1021/je700171f"
)


@dataclass(frozen=True, slots=True)
class MeasuredPoints:
    """Measured values of one property of one ionic liquid, sorted by temperature.

    Attributes:
        temperature_K: shape (n,), in kelvin; NaN for the melting point.
        pressure_kPa: shape (n,), in kilopascal; NaN for the melting point.
        value: shape (n,), in the unit of the property's key.
    """

    temperature_K: NDArray[np.float64]
    pressure_kPa: NDArray[np.float64]
    value: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.value)


def points(liquid: IonicLiquid, key: str) -> MeasuredPoints:
    """Return what was measured of ``liquid``; empty arrays where nothing was.

    Args:
        liquid: the ionic liquid.
        key: key of a row of :data:`core.properties.PROPERTIES`.

    Raises:
        KeyError: if there is no such property.
    """
    PROPERTIES[key]
    rows = _table().get((key, *liquid.key), np.empty((0, 3)))
    temperature, pressure, value = (np.array(column) for column in rows.T)
    return MeasuredPoints(temperature, pressure, value)


def by_partner(ion: str, key: str) -> Mapping[str, float]:
    """Return what was measured of the ionic liquids of an ion near 298.15 K and 1 atm.

    Near means within 1.5 K and up to 200 kPa; a melting point has no conditions.

    Args:
        ion: canonical SMILES of a cation or an anion.
        key: key of a row of :data:`core.properties.PROPERTIES`.

    Returns:
        Median value, in the unit of the key, by the SMILES of the other ion.

    Raises:
        KeyError: if there is no such property.
    """
    depends = PROPERTIES[key].depends_on_temperature
    found = {}
    for partner, rows in _partners().get((key, ion), ()):
        temperature, pressure, value = rows.T
        if depends:
            near = np.abs(temperature - REFERENCE_TEMPERATURE_K) <= TEMPERATURE_TOLERANCE_K
            value = value[near & ~(pressure > ATMOSPHERIC_KPA)]
        if len(value):
            found[partner] = float(np.median(value))
    return found


@lru_cache(maxsize=1)
def _partners() -> Mapping[tuple[str, str], list[tuple[str, NDArray[np.float64]]]]:
    """Rows of temperature, pressure and value by property and ion, each with the other ion."""
    found = defaultdict(list)
    for (key, cation, anion), rows in _table().items():
        found[key, cation].append((anion, rows))
        found[key, anion].append((cation, rows))
    return found


@lru_cache(maxsize=1)
def _table() -> Mapping[tuple[str, str, str], NDArray[np.float64]]:
    """Rows of temperature, pressure and value by property, cation and anion."""
    file = resources.files("core") / "tables" / "measured.csv.gz"
    with file.open("rb") as stream:
        frame = pd.read_csv(stream, compression="gzip")
    names = ["property", "cation", "anion"]
    numbers = frame[["temperature_K", "pressure_kPa", "value"]].to_numpy(np.float64)
    # The table is sorted, so each ionic liquid is one run of rows.
    changed = (frame[names] != frame[names].shift()).any(axis=1).to_numpy()
    starts = np.flatnonzero(changed)
    keys = frame[names].iloc[starts].itertuples(index=False, name=None)
    return dict(zip(keys, np.split(numbers, starts[1:]), strict=True))
