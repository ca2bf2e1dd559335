"""Flory-Huggins phase equilibria against closed forms, quadrature and the package flory."""

import warnings
from collections.abc import Callable
from time import perf_counter

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import quad

from core.thermodynamics import (
    binodal,
    chain_length,
    critical_chi,
    critical_point,
    free_energy_of_mixing,
    hansen_distance,
    phase_diagram,
    red,
    solvent_activity,
    spinodal,
    spinodal_chi,
)

Array = NDArray[np.float64]
LENGTHS = pytest.mark.parametrize("n", [1.0, 3.7, 100.0, 1e3, 1e5])
SLOPES = pytest.mark.parametrize("slope", [-0.4, 0.0, 0.3, 1.5])


def curvature(phi: Array, chi: Array, n: float, slope: float) -> Array:
    return 1.0 / (n * phi) + 1.0 / (1.0 - phi) - 2.0 * chi - 3.0 * slope * phi


# ------------------------------------------------------------------------------------- free energy


@SLOPES
@LENGTHS
def test_the_free_energy_is_the_integral_of_the_activity(n: float, slope: float) -> None:
    # f - phi f' = ln a1, so f = -phi times the integral of (ln a1)/phi² from 1 to phi.
    def integrand(phi: float) -> float:
        return float(np.log(solvent_activity(phi, 0.7, n, slope=slope))) / phi**2

    for phi in (0.05, 0.4, 0.9):
        value, _ = quad(integrand, 1.0, phi, epsabs=1e-12)
        energy = float(free_energy_of_mixing(phi, 0.7, n, slope=slope))
        assert energy == pytest.approx(-phi * value, abs=1e-9)


def test_the_free_energy_by_hand() -> None:
    assert free_energy_of_mixing([0.0, 1.0], 2.0, 100.0).tolist() == [0.0, 0.0]
    assert float(free_energy_of_mixing(0.5, 0.0, 1.0)) == pytest.approx(-np.log(2.0))
    by_hand = 0.2 / 50 * np.log(0.2) + 0.8 / 2 * np.log(0.8) + 0.6 * 0.16
    assert float(free_energy_of_mixing(0.2, 0.6, 50.0, 2.0)) == pytest.approx(by_hand)


def test_a_solvent_without_interactions_obeys_raoult() -> None:
    np.testing.assert_allclose(solvent_activity([0.0, 0.3, 1.0], 0.0, 1.0), [1.0, 0.7, 0.0])


# ------------------------------------------------------------------------------- spinodal, critical


@LENGTHS
def test_the_critical_point_of_a_constant_chi(n: float) -> None:
    phi, chi = critical_point(n)
    assert float(phi) == pytest.approx(1.0 / (1.0 + np.sqrt(n)), rel=1e-14)
    assert float(chi) == pytest.approx((1.0 + 1.0 / np.sqrt(n)) ** 2 / 2.0, rel=1e-14)
    assert float(critical_chi(n)) == float(chi)


@SLOPES
@LENGTHS
def test_the_critical_point_is_the_lowest_of_the_spinodal(n: float, slope: float) -> None:
    phi, chi = critical_point(n, slope=slope)
    grid = 1.0 / (1.0 + np.exp(-np.linspace(-14.0, 8.0, 4001)))
    assert float(chi) <= spinodal_chi(grid, n, slope=slope).min() + 1e-12
    assert float(spinodal_chi(phi, n, slope=slope)) == pytest.approx(float(chi), rel=1e-12)


@SLOPES
@LENGTHS
def test_the_curvature_vanishes_on_the_spinodal(n: float, slope: float) -> None:
    chi = critical_chi(n, slope=slope) + np.geomspace(1e-6, 5.0, 30)
    for branch in spinodal(chi, n, slope=slope):
        np.testing.assert_allclose(spinodal_chi(branch, n, slope=slope), chi, rtol=1e-10)


def test_the_spinodal_of_a_constant_chi_is_a_quadratic() -> None:
    n, chi = 250.0, 0.8
    low, high = sorted(np.roots([2.0 * chi * n, 1.0 - n - 2.0 * chi * n + 2.0 * n - 2.0, 1.0]))
    np.testing.assert_allclose(spinodal(chi, n), [low, high], rtol=1e-12)


# ----------------------------------------------------------------------------------------- binodal


@SLOPES
@LENGTHS
def test_both_phases_have_one_tangent(n: float, slope: float) -> None:
    critical = float(critical_chi(n, slope=slope))
    chi = np.concatenate([critical + np.geomspace(1e-9, 0.1, 40), np.linspace(critical, 5.0, 60)])
    chi = chi[chi > critical]
    a, b = binodal(chi, n, slope=slope)
    low, high = spinodal(chi, n, slope=slope)
    assert np.all((a > 0.0) & (a < low) & (low < high) & (high < b) & (b < 1.0))

    def solvent(phi: Array) -> Array:
        return np.asarray(np.log1p(-phi) + (1 - 1 / n) * phi + (chi + slope * phi) * phi**2)

    def polymer(phi: Array) -> Array:
        rest = 1.0 - phi
        inner = chi + slope * (0.5 + phi)
        return np.asarray(np.log(phi) / n - (1 - 1 / n) * rest + rest**2 * inner)

    np.testing.assert_allclose(solvent(a), solvent(b), rtol=0.0, atol=1e-9)
    seen = a > 1e-299  # below that the dilute phase is cut off
    assert seen.any()
    np.testing.assert_allclose(polymer(a)[seen], polymer(b)[seen], rtol=0.0, atol=1e-9)
    # The dilute phase is the sensitive one: its logarithm has to be right, not only its potential.
    shift = n * (polymer(b) - polymer(a))
    np.testing.assert_allclose(shift[seen & (chi > critical + 1e-3)], 0.0, atol=2e-6)


def test_equal_sizes_have_a_closed_form() -> None:
    # chi = ln((1 - phi)/phi) / (1 - 2 phi), solved for phi by being evaluated at the answer.
    chi = np.linspace(2.0001, 5.0, 200)
    a, b = binodal(chi, 1.0)
    np.testing.assert_allclose(np.log((1.0 - a) / a) / (1.0 - 2.0 * a), chi, rtol=1e-9)
    np.testing.assert_allclose(a + b, 1.0, atol=1e-12)


@SLOPES
@LENGTHS
def test_below_the_critical_chi_there_is_one_phase(n: float, slope: float) -> None:
    critical = critical_chi(n, slope=slope)
    below = critical - np.geomspace(1e-12, 3.0, 20)
    assert all(np.isnan(branch).all() for branch in binodal(below, n, slope=slope))
    assert all(np.isnan(branch).all() for branch in spinodal(below, n, slope=slope))


def test_the_gap_opens_without_a_jump() -> None:
    # Near the critical point the width goes with the square root of the distance.
    n = 1000.0
    phi, critical = (float(v) for v in critical_point(n))
    distance = np.geomspace(1e-10, 1e-4, 200)
    a, b = binodal(critical + distance, n)
    assert np.all(np.diff(b - a) > 0.0)
    scaled = (b - a) / np.sqrt(distance)
    assert np.abs(np.diff(np.log(scaled))).max() < 1e-3
    assert a[0] == pytest.approx(phi, rel=1e-3)


def test_a_dilute_phase_too_thin_for_a_number_stays_positive() -> None:
    a, b = binodal([2.0, 5.0], 1e5)
    assert np.all(a == 1e-300)
    # So little polymer leaves pure solvent: its activity is 1 over the other phase as well.
    np.testing.assert_allclose(solvent_activity(b, [2.0, 5.0], 1e5), 1.0, atol=1e-12)


@pytest.mark.slow  # it compiles itself first
@pytest.mark.parametrize("n,chi", [(1.0, 2.5), (5.0, 1.4), (20.0, 1.0), (60.0, 0.8)])
def test_binodal_agrees_with_flory(n: float, chi: float) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its compiler's
        from flory import find_coexisting_phases

        a, b = (float(v) for v in binodal(chi, n))
        mean = (a + b) / 2.0
        phases = find_coexisting_phases(
            2,
            np.array([[0.0, chi], [chi, 0.0]]),
            np.array([mean, 1.0 - mean]),
            sizes=np.array([n, 1.0]),
            rng=np.random.default_rng(0),
            progress=False,
            tolerance=1e-7,
        )
    np.testing.assert_allclose(np.sort(phases.fractions[:, 0]), [a, b], atol=3e-6)


@LENGTHS
def test_free_energy_agrees_with_flory_up_to_what_no_phase_feels(n: float) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from flory import FloryHuggins

        theirs = FloryHuggins(2, np.array([[0.0, 0.9], [0.9, 0.0]]), sizes=np.array([n, 1.0]))
        phi = np.linspace(0.05, 0.95, 19)
        energy = theirs.free_energy_density(np.column_stack([phi, 1.0 - phi]))
    np.testing.assert_allclose(free_energy_of_mixing(phi, 0.9, n), energy, atol=1e-12)


# ----------------------------------------------------------------------------- against temperature


def _line(a: float, b: float, c: float = 0.0) -> Callable[[Array], Array]:
    return lambda T: a + b / T + c * T


GRID = np.linspace(250.0, 450.0, 60)


def test_upper_critical_temperature_by_hand() -> None:
    n = 900.0
    critical = float(critical_chi(n))
    diagram = phase_diagram(_line(0.0, 320.0 * critical), n, GRID)
    (point,) = diagram.critical_points
    assert (diagram.kind, point.kind) == ("UCST", "UCST")
    assert point.temperature_K == pytest.approx(320.0, abs=1e-6)
    assert (point.phi, point.chi) == (pytest.approx(1.0 / 31.0), pytest.approx(critical))
    (gap,) = diagram.gaps
    assert (gap.temperature_K[0], gap.temperature_K[-1]) == (250.0, point.temperature_K)
    assert gap.dilute[-1] == gap.concentrated[-1] == gap.spinodal_low[-1] == point.phi
    np.testing.assert_allclose(
        binodal(critical * 320.0 / gap.temperature_K[:-1], n),
        [gap.dilute[:-1], gap.concentrated[:-1]],
        rtol=1e-9,
    )


@pytest.mark.parametrize(
    "chi_of,kind,kinds",
    [
        (_line(0.3, 0.0), "miscible", []),
        (_line(0.0, 170.0), "UCST", ["UCST"]),
        (_line(1.0, -150.0), "LCST", ["LCST"]),
        (_line(-2.42, 510.0, 0.0041), "UCST and LCST", ["UCST", "LCST"]),
        (_line(3.5, -510.0, -0.0041), "closed loop", ["LCST", "UCST"]),
        (_line(-2.28, 510.0, 0.0041), "hourglass", []),
        (_line(1.2, 10.0), "two phases", []),
    ],
)
def test_every_kind_of_diagram(
    chi_of: Callable[[Array], Array], kind: str, kinds: list[str]
) -> None:
    diagram = phase_diagram(chi_of, 500.0, GRID)
    assert diagram.kind == kind
    assert [point.kind for point in diagram.critical_points] == kinds
    assert (diagram.low_K, diagram.high_K) == (250.0, 450.0)
    for gap in diagram.gaps:
        assert np.all(np.diff(gap.temperature_K) > 0.0)
        assert np.all(gap.dilute <= gap.spinodal_low)
        assert np.all(gap.spinodal_low <= gap.spinodal_high)
        assert np.all(gap.spinodal_high <= gap.concentrated)


def test_a_chi_that_depends_on_composition() -> None:
    n, slope = 500.0, 0.3
    critical = float(critical_chi(n, slope=slope))
    diagram = phase_diagram(
        _line(0.0, 300.0 * critical), n, GRID, slope_of=lambda T: np.full(T.shape, slope)
    )
    (point,) = diagram.critical_points
    assert point.temperature_K == pytest.approx(300.0, abs=1e-6)
    assert point.phi == pytest.approx(float(critical_point(n, slope=slope)[0]))
    gap = diagram.gaps[0]
    chi = critical * 300.0 / gap.temperature_K
    np.testing.assert_allclose(
        curvature(gap.spinodal_high, chi, n, slope)[:-1], 0.0, rtol=0.0, atol=1e-8
    )


def test_theta_temperature_of_polystyrene_in_cyclohexane() -> None:
    # chi is 1/2 at 307 K and falls: the critical temperature nears 307 K with N (Shultz, Flory).
    def chi_of(T: Array) -> Array:
        return 0.5 + 80.0 * (1.0 / T - 1.0 / 307.0)

    points = [phase_diagram(chi_of, n, GRID).critical_points[0] for n in (1e3, 1e5, 1e7)]
    temperatures = [point.temperature_K for point in points]
    assert temperatures == sorted(temperatures)
    assert temperatures[-1] == pytest.approx(307.0, abs=0.5)
    inverse = [1.0 / T for T in temperatures]
    shultz_flory = [1.0 / np.sqrt(n) + 0.5 / n for n in (1e3, 1e5, 1e7)]
    assert np.corrcoef(inverse, shultz_flory)[0, 1] == pytest.approx(1.0, abs=1e-12)


def test_bad_temperatures_are_refused() -> None:
    for temperatures in ([300.0], [0.0, 300.0], [-10.0, 300.0]):
        with pytest.raises(ValueError, match="two or more temperatures above 0 K"):
            phase_diagram(_line(0.3, 0.0), 100.0, temperatures)


def test_a_diagram_is_ready_before_a_blink() -> None:
    times = []
    for _ in range(5):
        start = perf_counter()
        phase_diagram(_line(-2.42, 510.0, 0.0041), 1e4, GRID)
        times.append(perf_counter() - start)
    assert min(times) < 0.05


# ------------------------------------------------------------------------- chain length and Hansen


def test_chain_length_of_polystyrene_in_toluene() -> None:
    n = chain_length(
        1e5,
        unit_molar_mass_g_mol=104.15,
        unit_volume_cm3_mol=99.0,
        solvent_volume_cm3_mol=106.3,
    )
    assert float(n) == pytest.approx(1e5 / 104.15 * 99.0 / 106.3)


def test_what_is_not_positive_is_refused() -> None:
    with pytest.raises(ValueError, match="positive"):
        chain_length(
            0.0, unit_molar_mass_g_mol=104.0, unit_volume_cm3_mol=99.0, solvent_volume_cm3_mol=100.0
        )


def test_hansen_distance_by_hand() -> None:
    distance = hansen_distance([[18.0, 1.4, 2.0], [15.0, 5.0, 6.0]], [17.0, 4.4, 6.0])
    np.testing.assert_allclose(distance, [np.sqrt(4 + 9 + 16), np.sqrt(16 + 0.36)])
    assert float(red(4.0, 8.0)) == 0.5
