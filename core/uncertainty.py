"""Intervals from ensemble spread and left-out residuals; plain NumPy.

A residual on the learned scale is divided by a measure of how hard a system is, and a quantile of
these ratios over left-out systems widens that measure to an interval of the wanted coverage: a
normalised conformal interval (Lei et al., J. Am. Stat. Assoc. 2018, 113, 1094, doi
10.1080/01621459.2017.1307116). The measure is ``(spread² + floor²)^(power / 2) * stretch^strange``:
the spread of the ensemble with a floor below which its agreement is not believed, followed more or
less steeply, and wider for each of the two molecules that is unlike the measured ones. Each system,
an ionic liquid or a pair of a polymer and a solvent, counts once, whatever the number of its rows.

How far such intervals keep what they promise is measured with folds that took no part in making
them, see :func:`reliability`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "COVERAGE",
    "PAIR_SUPPORTS",
    "POWERS",
    "SUPPORTS",
    "Calibration",
    "HeldOut",
    "PairSupport",
    "Support",
    "calibrate",
    "half_width",
    "joined",
    "reliability",
    "stretch_of",
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

POWERS: Final = (0.25, 0.5, 0.75, 1.0)
"""How steeply intervals may follow the spread."""

# What is tried: floors as multiples of the median spread, up to widths that are all but equal; how
# many times wider an interval may be for each strange molecule; the coverages at which widths are
# compared; and on how many rows of a system at most.
_FLOORS: Final = (
    *(0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0, 2.8),
    *(4.0, 5.6, 8.0, 16.0, 1000.0),
)
_STRETCHES: Final = (1.0, 1.05, 1.1, 1.15, 1.2, 1.3, 1.4, 1.6)
_SEARCHED: Final = (0.8, 0.85, 0.9, 0.95)
_ROWS: Final = 8
_NOMINAL: Final = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
_GROUPS: Final = 5
# Draws of systems behind the standard error of a relative width.
_DRAWS: Final = 200


@dataclass(frozen=True, slots=True)
class Calibration:
    """How to turn an ensemble's spread into an interval on the learned scale.

    Attributes:
        floor: spread below which the ensemble's agreement is not believed.
        factor: half width of the interval where ``spread² + floor²`` is 1.
        systems: ionic liquids, or polymer-solvent pairs, behind the factor.
        power: how steeply the half width follows ``sqrt(spread² + floor²)``.
        stretch: how many times wider the interval is for each strange molecule.
    """

    floor: float
    factor: float
    systems: int
    power: float = 1.0
    stretch: float = 1.0

    def half_width(self, spread: FloatArray, strange: IntArray | int = 0) -> FloatArray:
        """Half width of the interval, same shape as ``spread``.

        Args:
            spread: standard deviation over the members.
            strange: how many of the two molecules are not inside the domain.
        """
        factor = self.factor * np.asarray(self.stretch**strange, dtype=np.float64)
        return half_width(spread, self.floor, factor, self.power)


def half_width(
    spread: FloatArray,
    floor: FloatArray | float,
    factor: FloatArray | float,
    power: FloatArray | float = 1.0,
) -> FloatArray:
    """Half width of an interval, ``factor * (spread² + floor²)^(power / 2)``; all broadcast."""
    return np.asarray(factor * np.hypot(spread, floor) ** power, dtype=np.float64)


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
        strange: how many of the two molecules are not inside the domain of the training part,
            shape (n,), or one number for all rows.
    """

    residual: FloatArray
    spread: FloatArray
    system: IntArray
    strange: IntArray | int = 0

    def take(self, rows: NDArray[np.bool_]) -> HeldOut:
        """The marked rows, shape (n,)."""
        strange = np.broadcast_to(self.strange, rows.shape)[rows]
        return HeldOut(self.residual[rows], self.spread[rows], self.system[rows], strange)


def joined(parts: Sequence[HeldOut]) -> HeldOut:
    """Several folds as one."""
    return HeldOut(
        np.concatenate([part.residual for part in parts]),
        np.concatenate([part.spread for part in parts]),
        np.concatenate([part.system for part in parts]),
        np.concatenate([np.broadcast_to(part.strange, part.system.shape) for part in parts]),
    )


def _weights(system: IntArray) -> tuple[FloatArray, int]:
    """One for each system, shared by its rows, shape (n,); and how many systems there are."""
    _, index, count = np.unique(system, return_inverse=True, return_counts=True)
    return 1.0 / count[index], len(count)


def calibrate(
    part: HeldOut,
    *,
    powers: Sequence[float] = (1.0,),
    stretch: float = 1.0,
    level: float = COVERAGE,
) -> Calibration:
    """Fit a :class:`Calibration` to left-out rows of one tier.

    The floor is a multiple of the median spread: floor and power are those that make intervals of
    high coverage narrowest on average, from hardly any floor to widths that are all but equal.

    Args:
        part: the rows, at least one.
        powers: how steeply intervals may follow the spread.
        stretch: how many times wider an interval is for each strange molecule.
        level: the coverage wanted.

    Raises:
        ValueError: if there is no row.
    """
    return _at_level(part, _shape(part, powers, stretch), level)


def stretch_of(tiers: Sequence[HeldOut], powers: Sequence[float] = (1.0,)) -> float:
    """How many times wider intervals should be for each strange molecule.

    It makes intervals of high coverage narrowest on average over all tiers of support, the same
    for all: one alone is often too small to tell. A tier counts as the square root of the number of
    its systems.

    Args:
        tiers: left-out rows of one property by tier.
        powers: as for :func:`calibrate`.
    """
    total = np.zeros(len(_STRETCHES))
    for part in tiers:
        if np.any(part.strange):
            found = [_widths(part, powers, stretch).min() for stretch in _STRETCHES]
            total += np.sqrt(len(np.unique(part.system))) * np.log(found)
    return _STRETCHES[int(np.argmin(total))]


def _shape(part: HeldOut, powers: Sequence[float], stretch: float) -> Calibration:
    """Floor and power of a tier, as a calibration whose factor is 1."""
    widths = _widths(part, powers, stretch)
    power, floor = np.unravel_index(int(np.argmin(widths)), widths.shape)
    weights, systems = _weights(part.system)
    size = _FLOORS[floor] * _middle(part.spread, weights)
    return Calibration(size, 1.0, systems, powers[int(power)], stretch)


def _middle(spread: FloatArray, weights: FloatArray) -> float:
    return max(weighted_quantile(spread, weights, 0.5), 1e-9)


def _widths(part: HeldOut, powers: Sequence[float], stretch: float) -> FloatArray:
    """Mean width of intervals of high coverage, by power and floor, in an arbitrary unit."""
    few = part.take(_few(part.system))
    weights, systems = _weights(few.system)
    sizes = np.abs(few.residual)
    spread = few.spread / _middle(few.spread, weights)
    wider = stretch ** np.broadcast_to(few.strange, spread.shape)
    found = np.empty((len(powers), len(_FLOORS)))
    for column, floor in enumerate(_FLOORS):
        base = np.hypot(spread, floor)
        for row, power in enumerate(powers):
            scale = base**power * wider
            ratio = sizes / scale
            order = np.argsort(ratio)
            share = np.cumsum(weights[order]) / systems
            places = np.searchsorted(share, np.array(_SEARCHED) - 1e-12).clip(max=len(ratio) - 1)
            found[row, column] = np.average(scale, weights=weights) * ratio[order][places].mean()
    return found.clip(min=1e-300)


def _few(system: IntArray) -> NDArray[np.bool_]:
    """Marks at most so many rows of each system as a search needs, evenly in their order."""
    _, index, count = np.unique(system, return_inverse=True, return_counts=True)
    order = np.argsort(index, kind="stable")
    number = np.empty(len(system), dtype=np.int64)
    number[order] = np.arange(len(system)) - np.repeat(np.cumsum(count) - count, count)
    steps = np.maximum(count[index], _ROWS)
    marked: NDArray[np.bool_] = (number + 1) * _ROWS // steps > number * _ROWS // steps
    return marked


def _at_level(part: HeldOut, shape: Calibration, level: float) -> Calibration:
    """Set the factor of a calibration so that it covers ``level`` of the rows."""
    weights, systems = _weights(part.system)
    # The finite-sample correction of conformal prediction, with systems as the samples.
    corrected = min(1.0, level * (1.0 + 1.0 / systems))
    ratio = np.abs(part.residual) / replace(shape, factor=1.0).half_width(part.spread, part.strange)
    return replace(shape, factor=weighted_quantile(ratio, weights, corrected), systems=systems)


def reliability(
    parts: Sequence[HeldOut],
    others: Sequence[Sequence[HeldOut]] = (),
    *,
    powers: Sequence[float] = (1.0,),
) -> dict[str, Any]:
    """How far intervals keep what they promise, on folds that took no part in making them.

    Each fold is tested with intervals calibrated on the others; each system counts once. No system
    of the fold takes part, from whichever tier.

    Args:
        parts: one for each fold.
        others: folds of the other tiers of the property, which :func:`stretch_of` looks at too;
            their systems go by the same numbers.
        powers: as for :func:`calibrate`.

    Returns:
        ``nominal`` and ``observed`` coverages; ``coverage_90`` with its standard error
        ``coverage_90_se``; on the learned scale the mean and median widths of the 90 % intervals,
        ``mean_width`` and ``median_width``, and ``constant_width``, that of intervals all equally
        wide, with their coverage ``constant_coverage``; ``relative_width``, the first in units of
        the last once both are scaled to cover exactly 90 %, with the standard error
        ``relative_width_se`` of draws of systems; ``sigma`` and ``error``, mean width and
        mean absolute error in five groups of systems by width; ``n_systems``.

    Raises:
        ValueError: if there are fewer than two folds with rows.
    """
    parts = [part for part in parts if len(part.residual)]
    if len(parts) < 2:
        raise ValueError("intervals are tested with at least two folds")
    more, fits, equal = [joined(tier) for tier in others], [], []
    for number, part in enumerate(parts):
        rest = joined([own for i, own in enumerate(parts) if i != number])
        tiers = [tier.take(~np.isin(tier.system, part.system)) for tier in more]
        fits.append((rest, _shape(rest, powers, stretch_of([rest, *tiers], powers))))
        equal.append((rest, Calibration(1.0, 1.0, 1, power=0.0)))
    observed = {level: _covered(parts, fits, level) for level in (*_NOMINAL, COVERAGE)}
    table, constant = observed[COVERAGE], _covered(parts, equal, COVERAGE)
    relative, error = _relative_width(parts, fits, equal)
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
        "relative_width": relative,
        "relative_width_se": error,
        "sigma": [float(table["width"][group].mean()) for group in groups],
        "error": [float(table["error"][group].mean()) for group in groups],
        "n_systems": len(inside),
    }


_Fits = Sequence[tuple[HeldOut, Calibration]]


def _covered(parts: Sequence[HeldOut], fits: _Fits, level: float) -> dict[str, FloatArray]:
    """By system: share of rows inside, width and absolute error, each shape (systems,).

    Args:
        parts: the folds tested.
        fits: for each what it is calibrated on, and the shape of its intervals.
        level: the coverage wanted.
    """
    inside, width, error = [], [], []
    for part, half in zip(parts, _halves(parts, fits, level), strict=True):
        inside.append(np.abs(part.residual) <= half)
        width.append(2.0 * half)
        error.append(np.abs(part.residual))
    system = np.concatenate([part.system for part in parts])
    _, index, count = np.unique(system, return_inverse=True, return_counts=True)
    return {
        name: np.bincount(index, np.concatenate(values).astype(np.float64)) / count
        for name, values in (("inside", inside), ("width", width), ("error", error))
    }


def _halves(parts: Sequence[HeldOut], fits: _Fits, level: float) -> list[FloatArray]:
    """Half widths of the rows of each fold."""
    return [
        _at_level(rest, shape, level).half_width(part.spread, part.strange)
        for part, (rest, shape) in zip(parts, fits, strict=True)
    ]


def _relative_width(parts: Sequence[HeldOut], fits: _Fits, equal: _Fits) -> tuple[float, float]:
    """Mean width over that of equally wide intervals at one coverage, and its standard error."""
    sizes = np.abs(np.concatenate([part.residual for part in parts]))
    system = np.concatenate([part.system for part in parts])
    _, index, count = np.unique(system, return_inverse=True, return_counts=True)
    generator, widths = np.random.default_rng(0), []
    chosen = [np.ones(len(count))] + [
        np.bincount(generator.integers(0, len(count), len(count)), minlength=len(count))
        for _ in range(_DRAWS)
    ]
    for own in (fits, equal):
        half = np.concatenate(_halves(parts, own, COVERAGE))
        order = np.argsort(sizes / half)
        ratio, half, place = (sizes / half)[order], half[order], index[order]
        found = []
        for times in chosen:
            weights = times[place] / count[place]
            total = np.cumsum(weights)
            needed = ratio[np.searchsorted(total, (COVERAGE - 1e-12) * total[-1])]
            found.append(needed * (weights @ half))
        widths.append(np.array(found))
    relative = widths[0] / widths[1]
    return float(relative[0]), float(relative[1:].std(ddof=1))
