"""Flory-Huggins solutions of a polymer: spinodal, binodal, critical points; Hansen's distance.

A chain fills ``N`` lattice sites of the size of a solvent molecule; phi is the volume fraction of
the polymer. The interaction parameter is defined by the activity of the solvent, the quantity that
experiments give, and may be linear in composition:

    ln a₁ = ln(1 − φ) + (1 − 1/N) φ + χ(φ) φ²,    χ(φ) = χ₀ + χ₁ φ

The free energy of mixing follows by integration (Flory, J. Chem. Phys. 1942, 10, 51, doi
10.1063/1.1723621; for a χ that depends on composition Koningsveld and Staverman, J. Polym. Sci. A-2
1968, 6, 305, doi 10.1002/pol.1968.160060202). A linear χ leaves at most one unstable range of
compositions, so that the two phases are unique; higher terms would not.

Plain NumPy and SciPy; arrays broadcast, and nothing here knows where χ comes from.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

__all__ = [
    "CriticalPoint",
    "Gap",
    "PhaseDiagram",
    "PhaseKind",
    "binodal",
    "chain_length",
    "critical_chi",
    "critical_point",
    "free_energy_of_mixing",
    "hansen_distance",
    "phase_diagram",
    "red",
    "solvent_activity",
    "spinodal",
    "spinodal_chi",
]

FloatArray = NDArray[np.float64]
ChiOf = Callable[[FloatArray], ArrayLike]
PhaseKind = Literal[
    "miscible", "UCST", "LCST", "UCST and LCST", "closed loop", "hourglass", "two phases"
]

SMALLEST_FRACTION: Final = 1e-300
# Half width of the spinodal, in ln phi, below which the limiting law of the critical point is
# nearer to the truth than equations that see only the cube of that width.
_NARROW: Final = 0.002
_ITERATIONS: Final = 200


# ------------------------------------------------------------------------------------- free energy


def free_energy_of_mixing(
    phi: ArrayLike,
    chi: ArrayLike,
    n_polymer: ArrayLike,
    n_solvent: ArrayLike = 1.0,
    *,
    slope: ArrayLike = 0.0,
) -> FloatArray:
    """Free energy of mixing per mole of lattice sites, in units of RT.

    Args:
        phi: volume fraction of the polymer, 0 to 1.
        chi: Flory-Huggins parameter at phi = 0 (at every phi where ``slope`` is 0).
        n_polymer: sites of a chain.
        n_solvent: sites of a solvent molecule; 1 unless the lattice is finer than the solvent.
        slope: χ₁, the change of chi with phi.

    Returns:
        An array of the broadcast shape; 0 at both ends.
    """
    p = np.asarray(phi, dtype=np.float64)
    q = 1.0 - p
    entropy = _xlogx(p) / np.asarray(n_polymer) + _xlogx(q) / np.asarray(n_solvent)
    return np.asarray(entropy + p * q * (np.asarray(chi) + np.asarray(slope) * (1.0 + p) / 2.0))


def solvent_activity(
    phi: ArrayLike, chi: ArrayLike, n_polymer: ArrayLike, *, slope: ArrayLike = 0.0
) -> FloatArray:
    """Activity of the solvent over a solution, 1 over the pure solvent.

    Args:
        phi: volume fraction of the polymer, 0 to 1.
        chi: χ₀.
        n_polymer: sites of a chain, in units of a solvent molecule.
        slope: χ₁.
    """
    p = np.asarray(phi, dtype=np.float64)
    with np.errstate(divide="ignore"):  # ln 0: no solvent, no activity
        return np.asarray(np.exp(_solvent_potential(p, _model(chi, slope, n_polymer))))


def spinodal_chi(phi: ArrayLike, n_polymer: ArrayLike, *, slope: ArrayLike = 0.0) -> FloatArray:
    """χ₀ at which a solution becomes unstable: where the second derivative of its energy vanishes.

    ``(1/(N φ) + 1/(1 − φ) − 3 χ₁ φ) / 2``; infinite at both ends.

    Args:
        phi: volume fraction of the polymer, 0 to 1.
        n_polymer: sites of a chain, in units of a solvent molecule.
        slope: χ₁.
    """
    p = np.asarray(phi, dtype=np.float64)
    with np.errstate(divide="ignore"):
        stable = 1.0 / (np.asarray(n_polymer) * p) + 1.0 / (1.0 - p)
    return np.asarray((stable - 3.0 * np.asarray(slope) * p) / 2.0)


def critical_point(
    n_polymer: ArrayLike, *, slope: ArrayLike = 0.0
) -> tuple[FloatArray, FloatArray]:
    """Volume fraction of the polymer and χ₀ at the critical point.

    For a chi that does not depend on composition ``φ = 1/(1 + √N)`` and ``χ = (1 + 1/√N)²/2``; else
    the root of the third derivative, ``1/(1 − φ)² − 1/(N φ²) = 3 χ₁``, which is unique.

    Args:
        n_polymer: sites of a chain, in units of a solvent molecule.
        slope: χ₁.

    Returns:
        phi and χ₀, of the broadcast shape.
    """
    n, c1 = np.broadcast_arrays(np.asarray(n_polymer, np.float64), np.asarray(slope, np.float64))
    phi = 1.0 / (1.0 + np.sqrt(n))
    if np.any(c1 != 0.0):
        phi = np.where(c1 == 0.0, phi, _critical_fraction(n, c1, np.log(phi) - np.log1p(-phi)))
    return phi, spinodal_chi(phi, n, slope=c1)


def critical_chi(n_polymer: ArrayLike, *, slope: ArrayLike = 0.0) -> FloatArray:
    """χ₀ above which some solutions split in two: ``(1 + 1/√N)²/2`` where chi is constant."""
    return critical_point(n_polymer, slope=slope)[1]


def _critical_fraction(n: FloatArray, slope: FloatArray, start: FloatArray) -> FloatArray:
    """Newton's method for the logit of phi, with halving where it would leave the bracket."""
    y = start
    low, high = np.full(n.shape, -40.0), np.full(n.shape, 40.0)
    for _ in range(_ITERATIONS):
        p, q = _fractions(y)
        excess = 1.0 / q**2 - 1.0 / (n * p**2) - 3.0 * slope
        low, high = np.where(excess > 0.0, low, y), np.where(excess > 0.0, y, high)
        step = -excess / (2.0 * p / q**2 + 2.0 * q / (n * p**2))
        settled = np.abs(step) < 1e-12 * np.maximum(1.0, np.abs(y))
        inside = (y + step >= low) & (y + step <= high)
        y = np.where(inside | settled, y + step, (low + high) / 2.0)
        if settled.all():
            break
    return _fractions(y)[0]


# ------------------------------------------------------------------------------------ two phases


@dataclass(frozen=True, slots=True)
class _Model:
    """Flory-Huggins solutions, one per entry of the arrays."""

    chi: FloatArray
    slope: FloatArray
    n: FloatArray

    def __getitem__(self, which: NDArray[np.bool_]) -> _Model:
        return _Model(self.chi[which], self.slope[which], self.n[which])


def _model(chi: ArrayLike, slope: ArrayLike, n_polymer: ArrayLike) -> _Model:
    arrays = (np.asarray(value, dtype=np.float64) for value in (chi, slope, n_polymer))
    return _Model(*np.broadcast_arrays(*arrays))


def _xlogx(x: FloatArray) -> FloatArray:
    return x * np.log(np.where(x > 0.0, x, 1.0))


def _fractions(logit: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Volume fractions phi and 1 - phi, each with its own relative precision."""
    return 1.0 / (1.0 + np.exp(-logit)), 1.0 / (1.0 + np.exp(logit))


def _solvent_potential(p: FloatArray, m: _Model) -> FloatArray:
    """Chemical potential of the solvent in RT; its derivative is ``-phi`` times the curvature."""
    return np.log1p(-p) + (1.0 - 1.0 / m.n) * p + (m.chi + m.slope * p) * p**2


def _interaction_curvature(p: FloatArray, m: _Model) -> FloatArray:
    return 2.0 * m.chi + 3.0 * m.slope * p


def spinodal(
    chi: ArrayLike, n_polymer: ArrayLike, *, slope: ArrayLike = 0.0
) -> tuple[FloatArray, FloatArray]:
    """Volume fractions between which a solution is unstable.

    Args:
        chi: χ₀.
        n_polymer: sites of a chain, in units of a solvent molecule.
        slope: χ₁.

    Returns:
        The lower and the upper one, of the broadcast shape; NaN where every solution is stable.
    """
    m = _model(chi, slope, n_polymer)
    middle, critical = critical_point(m.n, slope=m.slope)
    split = m.chi > critical
    # In between, spinodal_chi falls from infinity to its least value at the critical composition
    # and rises to infinity again: halve on either side, in the logit.
    ends = []
    for outer in (-40.0, 40.0):
        outside = np.full(m.chi.shape, outer)
        inside = np.log(middle) - np.log1p(-middle)
        for _ in range(60):
            halfway = (outside + inside) / 2.0
            p, q = _fractions(halfway)
            curvature = 1.0 / (m.n * p) + 1.0 / q - _interaction_curvature(p, m)
            unstable = curvature < 0.0
            inside = np.where(unstable, halfway, inside)
            outside = np.where(unstable, outside, halfway)
        ends.append(np.where(split, _fractions((outside + inside) / 2.0)[0], np.nan))
    return ends[0], ends[1]


def binodal(
    chi: ArrayLike, n_polymer: ArrayLike, *, slope: ArrayLike = 0.0
) -> tuple[FloatArray, FloatArray]:
    """Volume fractions of the polymer in the two phases that coexist.

    Both chemical potentials are equal in both phases, solved by Newton's method for the logarithm
    of the dilute and the logit of the concentrated phase, each kept outside the spinodal.

    Args:
        chi: χ₀.
        n_polymer: sites of a chain, in units of a solvent molecule.
        slope: χ₁.

    Returns:
        The dilute and the concentrated phase, of the broadcast shape; the dilute one is never below
        1e-300. NaN where every solution is stable.

    Raises:
        ArithmeticError: if the equations could not be solved.
    """
    m = _model(chi, slope, n_polymer)
    middle, critical = critical_point(m.n, slope=m.slope)
    dilute = np.full(m.chi.shape, np.nan)
    concentrated = dilute.copy()
    split = m.chi > critical
    if split.any():
        log_low, high = _coexistence(m[split], middle[split])
        dilute[split] = np.maximum(np.exp(log_low), SMALLEST_FRACTION)
        concentrated[split] = high
    return dilute, concentrated


def _coexistence(m: _Model, middle: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The dilute phase as ln phi, the concentrated one as phi; all of ``m`` is split."""
    low, high = spinodal(m.chi, m.n, slope=m.slope)
    x_end, y_end = np.log(low), np.log(high) - np.log1p(-high)
    x_mid = np.log(middle)
    y_mid = x_mid - np.log1p(-middle)
    width = x_mid - x_end
    # Near the critical point the binodal is sqrt(3) times as wide as the spinodal.
    x, y = (mid + np.sqrt(3.0) * (end - mid) for mid, end in ((x_mid, x_end), (y_mid, y_end)))
    wide = width > _NARROW
    if wide.any():
        start, bounds = (x[wide], y[wide]), (x_end[wide], y_end[wide])
        x[wide], y[wide] = _solve(start, bounds, 1e-4 * np.minimum(width[wide], 0.1), m[wide])
    return x, _fractions(y)[0]


def _solve(
    start: tuple[FloatArray, FloatArray],
    bounds: tuple[FloatArray, FloatArray],
    tolerance: FloatArray,
    m: _Model,
) -> tuple[FloatArray, FloatArray]:
    """Newton's method for ln phi of the dilute and the logit of the concentrated phase."""
    x, y = start
    moving = np.ones(x.shape, dtype=bool)
    for _ in range(_ITERATIONS):
        step_x, step_y = _newton_step(x, y, m)
        new_x, new_y = x + step_x, y + np.minimum(step_y, 3.0)
        new_x = np.where(new_x < bounds[0], new_x, (x + bounds[0]) / 2.0)
        new_y = np.where(new_y > bounds[1], new_y, (y + bounds[1]) / 2.0)
        change = np.where(moving, np.maximum(np.abs(new_x - x), np.abs(new_y - y)), 0.0)
        x, y = np.where(moving, new_x, x), np.where(moving, new_y, y)
        # The step that was within the tolerance has squared the error: nothing is left of it.
        moving &= change > tolerance
        if not moving.any():
            return x, y
    raise ArithmeticError("the two phases could not be found")


def _newton_step(x: FloatArray, y: FloatArray, m: _Model) -> tuple[FloatArray, FloatArray]:
    """Change of ln phi of the dilute and of the logit of the concentrated phase."""
    a = np.exp(x)
    b, rest = _fractions(y)
    # Differences between the phases are written with their distance as a factor, so that nothing
    # cancels where they are close.
    apart, both, cubes = b - a, a + b, a * a + a * b + b * b
    r1 = np.log1p(apart / rest) - apart * (1.0 - 1.0 / m.n + m.chi * both + m.slope * cubes)
    r2 = (x + np.log1p(np.exp(-y))) / m.n + apart * (
        m.chi * (2.0 - both) + m.slope * (1.5 * both - cubes) - (1.0 - 1.0 / m.n)
    )
    # phi times, and phi (1 - phi) times, the curvature: what a step of x and of y changes.
    bend_a = 1.0 / m.n + a / (1.0 - a) - a * _interaction_curvature(a, m)
    bend_b = rest / m.n + b - b * rest * _interaction_curvature(b, m)
    step_x = -(rest * r1 + b * r2) / (apart * bend_a)
    step_y = -((1.0 - a) * r1 + a * r2) / (apart * bend_b)
    return step_x, step_y


# --------------------------------------------------------------------------- against temperature


@dataclass(frozen=True, slots=True)
class CriticalPoint:
    """Where two phases become one.

    Attributes:
        temperature_K: critical temperature.
        phi: volume fraction of the polymer.
        chi: χ₀.
        kind: ``"UCST"`` if the solutions are miscible above it, ``"LCST"`` if below.
    """

    temperature_K: float
    phi: float
    chi: float
    kind: Literal["UCST", "LCST"]


@dataclass(frozen=True, slots=True)
class Gap:
    """A range of temperatures in which some solutions split in two.

    Attributes:
        temperature_K: rising, shape (n,), closer together near a critical point, which is the first
            or the last one where the gap ends inside the diagram.
        dilute: phi of the dilute phase, shape (n,).
        concentrated: phi of the concentrated phase, shape (n,).
        spinodal_low: phi above which a solution is unstable, shape (n,).
        spinodal_high: phi below which it is, shape (n,).
        lower: the critical point at the lower end, an LCST.
        upper: the critical point at the upper end, a UCST.
    """

    temperature_K: FloatArray
    dilute: FloatArray
    concentrated: FloatArray
    spinodal_low: FloatArray
    spinodal_high: FloatArray
    lower: CriticalPoint | None
    upper: CriticalPoint | None


@dataclass(frozen=True, slots=True)
class PhaseDiagram:
    """Temperature against composition.

    Attributes:
        gaps: the miscibility gaps by rising temperature; none where everything mixes.
        low_K: lowest temperature looked at.
        high_K: highest temperature looked at.
    """

    gaps: tuple[Gap, ...]
    low_K: float
    high_K: float

    @property
    def critical_points(self) -> tuple[CriticalPoint, ...]:
        """All critical points by rising temperature."""
        ends = (end for gap in self.gaps for end in (gap.lower, gap.upper))
        return tuple(end for end in ends if end is not None)

    @property
    def kind(self) -> PhaseKind:
        """The shape of the diagram, in the usual words."""
        kinds = {point.kind for point in self.critical_points}
        if not self.gaps:
            return "miscible"
        if len(kinds) == 2:
            return "closed loop" if len(self.gaps) == 1 else "UCST and LCST"
        if kinds:
            return kinds.pop()
        width = self.gaps[0].concentrated - self.gaps[0].dilute
        waist = int(np.argmin(width))
        return "hourglass" if 0 < waist < len(width) - 1 else "two phases"


def phase_diagram(
    chi_of: ChiOf,
    n_polymer: float,
    temperatures_K: ArrayLike,
    *,
    slope_of: ChiOf | None = None,
) -> PhaseDiagram:
    """Find where solutions split in two, from chi against temperature.

    Args:
        chi_of: gives χ₀, shape (n,), at temperatures in K, shape (n,).
        n_polymer: sites of a chain, in units of a solvent molecule.
        temperatures_K: at least two; the ends bound the diagram, the ones between have to be so
            dense that chi crosses its critical value at most once from one to the next.
        slope_of: gives χ₁ likewise, where chi depends on composition.

    Raises:
        ValueError: if there are fewer than two temperatures or one is not positive.
    """
    grid = np.unique(np.asarray(temperatures_K, dtype=np.float64))
    if len(grid) < 2 or not grid[0] > 0.0:
        raise ValueError("a phase diagram needs two or more temperatures above 0 K")

    def state(at: FloatArray) -> tuple[FloatArray, FloatArray]:
        chi = np.broadcast_to(np.asarray(chi_of(at), np.float64), at.shape)
        slope = slope_of(at) if slope_of is not None else 0.0
        return chi, np.broadcast_to(np.asarray(slope, np.float64), at.shape)

    def excess(at: FloatArray) -> FloatArray:
        chi, slope = state(at)
        return chi - critical_chi(n_polymer, slope=slope)

    split = excess(grid) > 0.0
    crossings = np.flatnonzero(split[1:] != split[:-1])
    ends = [
        brentq(lambda at: float(excess(np.array([at]))[0]), grid[i], grid[i + 1], xtol=1e-9)
        for i in crossings
    ]
    # Every other stretch between two crossings is a gap.
    edges = [grid[0], *ends, grid[-1]]
    gaps = []
    for i in range(0 if split[0] else 1, len(edges) - 1, 2):
        inside = int(np.count_nonzero((grid >= edges[i]) & (grid <= edges[i + 1])))
        is_critical = (i > 0, i + 2 < len(edges))
        at = _spaced(edges[i], edges[i + 1], is_critical, max(inside, 32))
        gaps.append(_gap(at, *state(at), n_polymer, is_critical))
    return PhaseDiagram(tuple(gaps), float(grid[0]), float(grid[-1]))


def _spaced(low: float, high: float, is_critical: tuple[bool, bool], count: int) -> FloatArray:
    """Temperatures that crowd where the binodal is as steep as a square root."""
    t = np.linspace(0.0, 1.0, count)
    if all(is_critical):
        t = (1.0 - np.cos(np.pi * t)) / 2.0
    elif is_critical[0]:
        t = t**2
    elif is_critical[1]:
        t = 1.0 - (1.0 - t) ** 2
    return low + (high - low) * t


def _gap(
    at: FloatArray,
    chi: FloatArray,
    slope: FloatArray,
    n: float,
    is_critical: tuple[bool, bool],
) -> Gap:
    branches = (*binodal(chi, n, slope=slope), *spinodal(chi, n, slope=slope))
    phi, critical = critical_point(n, slope=slope)

    def end(index: int, kind: Literal["UCST", "LCST"]) -> CriticalPoint | None:
        if not is_critical[index]:
            return None
        for branch in branches:  # the root's last digit decides nothing
            branch[index] = phi[index]
        return CriticalPoint(float(at[index]), float(phi[index]), float(critical[index]), kind)

    return Gap(at, *branches, end(0, "LCST"), end(-1, "UCST"))


# ------------------------------------------------------------------------- chain length and Hansen


def chain_length(
    molar_mass_g_mol: ArrayLike,
    *,
    unit_molar_mass_g_mol: ArrayLike,
    unit_volume_cm3_mol: ArrayLike,
    solvent_volume_cm3_mol: ArrayLike,
) -> FloatArray:
    """N: volume of a chain in units of the volume of a solvent molecule.

    Args:
        molar_mass_g_mol: molar mass of the polymer.
        unit_molar_mass_g_mol: molar mass of its repeat unit.
        unit_volume_cm3_mol: molar volume of its repeat unit.
        solvent_volume_cm3_mol: molar volume of the solvent.

    Raises:
        ValueError: if one of them is not positive.
    """
    mass, unit_mass, unit_volume, solvent_volume = (
        np.asarray(value, dtype=np.float64)
        for value in (
            molar_mass_g_mol,
            unit_molar_mass_g_mol,
            unit_volume_cm3_mol,
            solvent_volume_cm3_mol,
        )
    )
    for value in (mass, unit_mass, unit_volume, solvent_volume):
        if not np.all(value > 0.0):
            raise ValueError("molar masses and volumes have to be positive")
    return np.asarray(mass / unit_mass * unit_volume / solvent_volume)


def hansen_distance(a: ArrayLike, b: ArrayLike) -> FloatArray:
    """Hansen's distance Ra between solubility parameters, in their unit.

    ``Ra² = 4 (ΔδD)² + (ΔδP)² + (ΔδH)²`` (Hansen, Hansen Solubility Parameters, 2nd ed. 2007, doi
    10.1201/9781420006834).

    Args:
        a: δD, δP, δH along the last axis, shape (..., 3), MPa^0.5.
        b: the same.

    Returns:
        Ra, shape (...).
    """
    apart = np.asarray(a, dtype=np.float64) - np.asarray(b, dtype=np.float64)
    return np.asarray(np.sqrt(4.0 * apart[..., 0] ** 2 + apart[..., 1] ** 2 + apart[..., 2] ** 2))


def red(distance: ArrayLike, radius: ArrayLike) -> FloatArray:
    """Relative energy difference Ra/R0: below 1 a solvent lies in the polymer's sphere.

    Args:
        distance: Ra, MPa^0.5.
        radius: the polymer's radius of interaction R0, MPa^0.5.
    """
    return np.asarray(np.asarray(distance, np.float64) / np.asarray(radius, np.float64))
