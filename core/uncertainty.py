"""Intervals from ensemble spread and left-out residuals; plain NumPy.

A residual on the learned scale is divided by ``sqrt(spread² + floor²)``, the spread of the ensemble
with a floor, and a quantile of these ratios over left-out systems widens the spread to an
interval of the wanted coverage: a normalised conformal interval (Lei et al., J. Am. Stat. Assoc.
2018, 113, 1094, doi 10.1080/01621459.2017.1307116). Each system, an ionic liquid or a pair of a
polymer and a solvent, counts once, whatever the number of its rows.

How far such intervals keep what they promise is measured with folds that took no part in making
them, see :func:`reliability`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "COVERAGE",
    "PAIR_SUPPORTS",
    "SUPPORTS",
    "Calibration",
    "HeldOut",
    "PairSupport",
    "Support",
    "calibrate",
    "half_width",
    "joined",
    "reliability",
    "weighted_quantile",
]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

Support = Literal[
    "pair_measured",
    "both_ions_known",
    "new_cation",
    "new_anion",
    "unsimulated_cation",
    "unsimulated_anion",
    "two_new_ions",
]
SUPPORTS: Final[tuple[Support, ...]] = (
    "pair_measured",
    "both_ions_known",
    "new_cation",
    "new_anion",
    "unsimulated_cation",
    "unsimulated_anion",
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

# Multiples of the median spread tried as a floor, and the coverages at which widths are compared.
_FLOORS: Final = (0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0, 5.6, 8.0, 16.0, 1000.0)
_SEARCHED: Final = (0.8, 0.85, 0.9, 0.95)
_NOMINAL: Final = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
_GROUPS: Final = 5


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


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Rows of one fold that took no part in the training of the model that predicted them.

    Attributes:
        residual: measured minus predicted on the learned scale, shape (n,).
        spread: how far the members disagree, shape (n,).
        system: which ionic liquid, or which pair, a row belongs to, shape (n,).
    """

    residual: FloatArray
    spread: FloatArray
    system: IntArray


def joined(parts: Sequence[HeldOut]) -> tuple[FloatArray, FloatArray, IntArray]:
    """Residuals, spreads and systems of several folds, as :func:`calibrate` takes them."""
    return (
        np.concatenate([part.residual for part in parts]),
        np.concatenate([part.spread for part in parts]),
        np.concatenate([part.system for part in parts]),
    )


def _weights(system: IntArray) -> tuple[FloatArray, int]:
    """One for each system, shared by its rows, shape (n,); and how many systems there are."""
    _, index, count = np.unique(system, return_inverse=True, return_counts=True)
    return 1.0 / count[index], len(count)


def calibrate(
    residual: FloatArray, spread: FloatArray, system: IntArray, level: float = COVERAGE
) -> Calibration:
    """Fit a :class:`Calibration` to left-out rows.

    The floor is a multiple of the median spread: the one that makes intervals of high coverage
    narrowest on average, from hardly any floor to a width that is all but constant.

    Args:
        residual: measured minus predicted on the learned scale, shape (n,).
        spread: standard deviation over the members, shape (n,).
        system: which ionic liquid, or which pair, a row belongs to, shape (n,).
        level: the coverage wanted.

    Raises:
        ValueError: if there is no row.
    """
    weights, systems = _weights(system)
    middle = max(weighted_quantile(spread, weights, 0.5), 1e-9)
    sizes = np.abs(residual)

    def mean_width(floor: float) -> float:
        scale = np.hypot(spread, floor)
        quantiles = [weighted_quantile(sizes / scale, weights, own) for own in _SEARCHED]
        return float(np.average(scale, weights=weights) * np.mean(quantiles))

    floor = middle * min(_FLOORS, key=lambda multiple: mean_width(middle * multiple))
    # The finite-sample correction of conformal prediction, with systems as the samples.
    corrected = min(1.0, level * (1.0 + 1.0 / systems))
    factor = weighted_quantile(sizes / np.hypot(spread, floor), weights, corrected)
    return Calibration(float(floor), factor, systems)


def reliability(parts: Sequence[HeldOut]) -> dict[str, Any]:
    """How far intervals keep what they promise, on folds that took no part in making them.

    Each fold is tested with intervals calibrated on the others; each system counts once.

    Args:
        parts: one for each fold.

    Returns:
        ``nominal`` and ``observed`` coverages; ``coverage_90`` with its standard error
        ``coverage_90_se``; on the learned scale the mean and median widths of the 90 % intervals,
        ``mean_width`` and ``median_width``, and ``constant_width``, that of intervals all equally
        wide, with their coverage ``constant_coverage``; ``sigma`` and ``error``, mean width and
        mean absolute error in five groups of systems by width; ``n_systems``.

    Raises:
        ValueError: if there are fewer than two folds with rows.
    """
    parts = [part for part in parts if len(part.residual)]
    if len(parts) < 2:
        raise ValueError("intervals are tested with at least two folds")
    observed = {level: _covered(parts, level) for level in (*_NOMINAL, COVERAGE)}
    table, constant = observed[COVERAGE], _covered(parts, COVERAGE, constant=True)
    groups = np.array_split(np.argsort(table["width"], kind="stable"), _GROUPS)
    inside = table["inside"]
    return {
        "nominal": list(_NOMINAL),
        "observed": [round(float(observed[level]["inside"].mean()), 4) for level in _NOMINAL],
        "coverage_90": float(inside.mean()),
        "coverage_90_se": float(inside.std(ddof=1) / np.sqrt(len(inside))),
        "mean_width": float(table["width"].mean()),
        "median_width": float(np.median(table["width"])),
        "constant_width": float(constant["width"].mean()),
        "constant_coverage": float(constant["inside"].mean()),
        "sigma": [float(table["width"][group].mean()) for group in groups],
        "error": [float(table["error"][group].mean()) for group in groups],
        "n_systems": len(inside),
    }


def _covered(
    parts: Sequence[HeldOut], level: float, *, constant: bool = False
) -> dict[str, FloatArray]:
    """By system: share of rows inside, width and absolute error, each shape (systems,)."""
    inside, width, error, system = [], [], [], []
    for number, part in enumerate(parts):
        others = [own for i, own in enumerate(parts) if i != number]
        residual, spread, groups = joined(others)
        if constant:
            weights, systems = _weights(groups)
            corrected = min(1.0, level * (1.0 + 1.0 / systems))
            half = np.full(
                len(part.spread), weighted_quantile(np.abs(residual), weights, corrected)
            )
        else:
            half = calibrate(residual, spread, groups, level).half_width(part.spread)
        inside.append(np.abs(part.residual) <= half)
        width.append(2.0 * half)
        error.append(np.abs(part.residual))
        system.append(part.system)
    _, index, count = np.unique(np.concatenate(system), return_inverse=True, return_counts=True)
    return {
        name: np.bincount(index, np.concatenate(values).astype(np.float64)) / count
        for name, values in (("inside", inside), ("width", width), ("error", error))
    }
