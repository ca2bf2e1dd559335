"""Intervals from ensemble spread and left-out residuals; plain NumPy.

A residual on the learned scale is divided by ``sqrt(spread² + floor²)``, the spread of the ensemble
with a floor, and a quantile of these ratios over left-out systems widens the spread to an
interval of the wanted coverage: a normalised conformal interval (Lei et al., J. Am. Stat. Assoc.
2018, 113, 1094, doi 10.1080/01621459.2017.1307116). Each ionic liquid counts once, whatever the
number of its rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "COVERAGE",
    "PAIR_SUPPORTS",
    "SUPPORTS",
    "Calibration",
    "PairSupport",
    "Support",
    "calibrate",
    "half_width",
    "weighted_quantile",
]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

Support = Literal["pair_measured", "both_ions_known", "new_ion", "unsimulated_ion", "two_new_ions"]
SUPPORTS: Final[tuple[Support, ...]] = (
    "pair_measured",
    "both_ions_known",
    "new_ion",
    "unsimulated_ion",
    "two_new_ions",
)
PairSupport = Literal["pair_measured", "both_known", "new_solvent", "new_polymer", "both_new"]
PAIR_SUPPORTS: Final[tuple[PairSupport, ...]] = (
    "pair_measured",
    "both_known",
    "new_solvent",
    "new_polymer",
    "both_new",
)
COVERAGE: Final = 0.90


@dataclass(frozen=True, slots=True)
class Calibration:
    """How to turn an ensemble's spread into an interval on the learned scale.

    Attributes:
        floor: spread below which the ensemble's agreement is not believed.
        factor: half width of the interval per unit of ``sqrt(spread² + floor²)``.
        systems: ionic liquids, or polymer-solvent pairs, behind the factor.
    """

    floor: float
    factor: float
    systems: int

    def half_width(self, spread: FloatArray) -> FloatArray:
        """Half width of the interval, same shape as ``spread``."""
        return half_width(spread, self.floor, self.factor)


def half_width(
    spread: FloatArray, floor: FloatArray | float, factor: FloatArray | float
) -> FloatArray:
    """Half width of an interval, ``factor * sqrt(spread² + floor²)``; the arguments broadcast."""
    return np.asarray(factor * np.hypot(spread, floor), dtype=np.float64)


def weighted_quantile(values: FloatArray, weights: FloatArray, level: float) -> float:
    """Return the smallest value with at least ``level`` of the weight at or below it.

    Raises:
        ValueError: if there is no value.
    """
    if len(values) == 0:
        raise ValueError("a quantile needs at least one value")
    order = np.argsort(values)
    share = np.cumsum(weights[order]) / np.sum(weights)
    place = int(np.searchsorted(share, level - 1e-12))
    return float(values[order][min(place, len(values) - 1)])


def calibrate(
    residual: FloatArray, spread: FloatArray, liquid: IntArray, level: float = COVERAGE
) -> Calibration:
    """Fit a :class:`Calibration` to left-out rows.

    Args:
        residual: measured minus predicted on the learned scale, shape (n,).
        spread: standard deviation over the members, shape (n,).
        liquid: which ionic liquid a row belongs to, shape (n,).
        level: the coverage wanted.

    Raises:
        ValueError: if there is no row.
    """
    _, index, count = np.unique(liquid, return_inverse=True, return_counts=True)
    weights = 1.0 / count[index]
    floor = weighted_quantile(spread, weights, 0.5)
    ratio = np.abs(residual) / np.hypot(spread, max(floor, 1e-9))
    # The finite-sample correction of conformal prediction, with ionic liquids as the samples.
    corrected = min(1.0, level * (1.0 + 1.0 / len(count)))
    return Calibration(float(floor), weighted_quantile(ratio, weights, corrected), len(count))
