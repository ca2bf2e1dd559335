"""Relations from the simulation to properties: planted laws, honest splits, units."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from core.properties import PROPERTIES
from core.simulate.pairs import ion_pairs
from core.simulated import SimulatedTable, simulated
from core.train.data import Dataset
from core.train.ionic_liquids import Problem
from core.train.relations import (
    RELATIONS,
    SimulatedLiquids,
    experimental_at_reference,
    fit_relation,
    simulator_accuracy,
)

CATIONS = [f"{'C' * n}n1cc[n+](C)c1" for n in (2, 4, 5, 8)]
CATIONS += [f"{'C' * n}[n+]1ccccc1" for n in (2, 6)]
CATIONS += [f"{'C' * n}[N+](C)(C)C" for n in (3, 4, 6)]
CATIONS += ["CCC[N+]1(C)CCCC1", "CCCC[N+]1(C)CCCC1", "CCCC[N+]1(C)CCCCC1"]
ANIONS = [
    "F[B-](F)(F)F", "F[P-](F)(F)(F)(F)F", "N#C[N-]C#N", "CC(=O)[O-]", "[Cl-]",
    "O=[N+]([O-])[O-]", "N#C[S-]", "COS(=O)(=O)[O-]",
]  # fmt: skip
UNKNOWN = "CCCCCCCCCCCCCCCCCCCCCCCCCCCCCC[N+](C)(C)C"
DENSITY, VISCOSITY, HEAT = "density_kg_m3", "viscosity_mPa_s", "heat_capacity_J_mol_K"
CONSTANT, SLOPE = 12.0, 0.7
TEMPERATURES = (288.15, 303.15, 318.15)


@cache
def table() -> SimulatedTable:
    """The ions of these tests alone."""
    whole = simulated("ions")
    rows = [whole.index[smiles] for smiles in (*CATIONS, *ANIONS)]
    return replace(
        whole,
        smiles=tuple(whole.smiles[row] for row in rows),
        charge=whole.charge[rows],
        values=whole.values[rows],  # noqa: PD011
        areas=whole.areas[rows],
    )


def pairs(cations: list[str], anions: list[str] | None = None) -> pd.DataFrame:
    every = [(cation, anion, 1, 1) for cation in cations for anion in anions or ANIONS]
    return pd.DataFrame(every, columns=["cation", "anion", "n_cation", "n_anion"])


def problem(liquids: pd.DataFrame, value: Callable[[str, int, float], float]) -> Problem:
    rows = [
        (key, liquid, t, 101.325, value(key, liquid, t))
        for key in RELATIONS
        for liquid in range(len(liquids))
        for t in TEMPERATURES
    ]
    columns = ["property", "liquid", "temperature_K", "pressure_kPa", "value"]
    return Problem(Dataset(liquids, pd.DataFrame(rows, columns=columns), {}))


def planted(liquids: SimulatedLiquids, key: str) -> np.ndarray:
    """Values at the reference state by a law of the relation's own form."""
    rng = np.random.default_rng(3)
    inputs = RELATIONS[key].inputs(liquids)
    if key == VISCOSITY:
        spread = inputs.std(axis=0)
        weights = rng.normal(size=inputs.shape[1]) / np.where(spread > 0, spread, 1.0)
        return np.exp(4.0 + 0.3 * (inputs - inputs.mean(axis=0)) @ weights)
    linear = CONSTANT + SLOPE * inputs[:, 0]
    return 1000.0 * liquids.molar_mass / linear if key == DENSITY else linear


@pytest.fixture(scope="module")
def liquids() -> SimulatedLiquids:
    return SimulatedLiquids.of(pairs(CATIONS), table())


@pytest.mark.parametrize("key", [DENSITY, HEAT])
def test_planted_coefficients_are_found_beside_wild_values(
    liquids: SimulatedLiquids, key: str
) -> None:
    value = planted(liquids, key)
    value *= np.random.default_rng(0).normal(1.0, 1e-4, len(value))
    value[[4, 17]] *= 2.0
    fitted = fit_relation(key, liquids, value, np.ones(len(value), bool))
    assert fitted.constant == pytest.approx(CONSTANT, abs=0.2)
    assert fitted.coefficients == pytest.approx([SLOPE], rel=1e-3)
    assert (fitted.used, fitted.left_out) == (len(value), 0)


def test_a_planted_viscosity_is_found(liquids: SimulatedLiquids) -> None:
    value = planted(liquids, VISCOSITY)
    train = np.arange(len(value)) % 3 > 0
    fitted = fit_relation(VISCOSITY, liquids, value, train)
    assert len(fitted.coefficients) == len(RELATIONS[VISCOSITY].names)
    error = np.log(fitted.of(liquids) / value)[~train]
    assert np.abs(error).mean() < 0.2 * np.log(value).std()


@pytest.mark.parametrize("key", [DENSITY, VISCOSITY, HEAT])
def test_a_liquid_left_out_does_not_enter_its_own_fit(liquids: SimulatedLiquids, key: str) -> None:
    value = planted(liquids, key)
    train = np.ones(len(value), bool)
    train[5] = False
    first = fit_relation(key, liquids, value, train)
    value[5] *= 3.0
    second = fit_relation(key, liquids, value, train)
    assert np.array_equal(first.coefficients, second.coefficients)
    assert (first.constant, first.used) == (second.constant, len(value) - 1)
    value[6] *= 3.0
    assert fit_relation(key, liquids, value, train).constant != first.constant


def test_liquids_whose_ions_are_not_simulated_are_counted_and_left_out() -> None:
    liquids = SimulatedLiquids.of(pairs([*CATIONS, UNKNOWN]), table())
    assert liquids.known.sum() == len(CATIONS) * len(ANIONS)
    value = np.where(liquids.known, planted(liquids, HEAT), 1e6)
    fitted = fit_relation(HEAT, liquids, value, np.ones(len(value), bool))
    assert (fitted.used, fitted.left_out) == (liquids.known.sum(), len(ANIONS))
    assert fitted.coefficients == pytest.approx([SLOPE])
    assert np.array_equal(np.isfinite(fitted.of(liquids)), liquids.known)


def test_units_by_hand(liquids: SimulatedLiquids) -> None:
    """1-ethyl-3-methylimidazolium tetrafluoroborate: 111.168 and 86.805 g/mol."""
    fitted = fit_relation(
        DENSITY, liquids, planted(liquids, DENSITY), np.ones(len(liquids.known), bool)
    )
    own, place = table(), table().index
    cation, anion = place["CCn1cc[n+](C)c1"], place["F[B-](F)(F)F"]
    volume = own.column("volume_A3")
    molar_volume = CONSTANT + SLOPE * (volume[cation] + volume[anion])  # cm³/mol
    found = fitted.predict(np.array([cation]), np.array([anion]))
    assert found == pytest.approx([197.973 / molar_volume * 1000.0], rel=1e-4)
    assert 1000.0 < found[0] < 1600.0
    double = fitted.predict(np.array([cation]), np.array([anion]), np.array([[1, 2]]))
    molar_volume += SLOPE * volume[anion]
    assert double == pytest.approx([(197.973 + 86.805) / molar_volume * 1000.0], rel=1e-4)


def test_viscosity_takes_pair_quantities_that_are_at_hand(liquids: SimulatedLiquids) -> None:
    fitted = fit_relation(
        VISCOSITY, liquids, planted(liquids, VISCOSITY), np.ones(len(liquids.known), bool)
    )
    cations, anions = np.array([0, 3, -1]), np.array([13, 14, 14])
    plain = fitted.predict(cations, anions)
    quantities = ion_pairs(table(), cations, anions)
    assert fitted.predict(cations, anions, quantities=quantities)[:2] == pytest.approx(plain[:2])
    assert np.isnan(plain[2])
    quantities[0] += 1.0
    assert fitted.predict(cations, anions, quantities=quantities)[0] != pytest.approx(plain[0])
    two = fitted.predict(cations, anions, np.array([[1, 1], [1, 2], [1, 1]]))
    assert np.array_equal(np.isnan(two), [False, True, True])


def test_no_relation_and_too_few_values_are_said(liquids: SimulatedLiquids) -> None:
    value = planted(liquids, VISCOSITY)
    train = np.arange(len(value)) < 10
    with pytest.raises(ValueError, match="at least 19 simulated ionic liquids, there are 10"):
        fit_relation(VISCOSITY, liquids, value, train)
    with pytest.raises(KeyError):
        fit_relation("melting_point_K", liquids, value, train)


def test_values_at_the_reference_state_come_from_near_rows() -> None:
    liquids = pairs(CATIONS[:1], ANIONS[:7])
    rows = [
        # A straight line on either side of the reference; far and pressed rows do not count.
        (DENSITY, 0, 288.15, 101.325, 1206.0),
        (DENSITY, 0, 308.15, 101.325, 1194.0),
        (DENSITY, 0, 400.0, 101.325, 500.0),
        (DENSITY, 0, 298.15, 50000.0, 2000.0),
        (DENSITY, 1, 298.15, 101.325, 1300.0),
        (DENSITY, 2, 313.15, 101.325, 1300.0),
        (DENSITY, 3, 308.15, 101.325, 1300.0),
        (DENSITY, 3, 318.15, 101.325, 1290.0),
        (DENSITY, 4, 303.15, 101.325, 1300.0),
        (DENSITY, 4, 313.15, 101.325, 1290.0),
        *(
            (VISCOSITY, 5, t, 101.325, np.exp(2.0 + 3.0 * x + 0.7 * x**2))
            for t in (283.15, 293.15, 303.15, 323.15)
            for x in [1000.0 / t - 1000.0 / 298.15]
        ),
        (HEAT, 6, 293.15, 101.325, 400.0),
        (HEAT, 6, 303.15, 101.325, 410.0),
    ]
    columns = ["property", "liquid", "temperature_K", "pressure_kPa", "value"]
    found = experimental_at_reference(
        Problem(Dataset(liquids, pd.DataFrame(rows, columns=columns), {}))
    )
    nan = np.nan
    expected = {
        DENSITY: [1200.0, 1300.0, nan, nan, 1305.0, nan, nan],
        VISCOSITY: [nan, nan, nan, nan, nan, np.exp(2.0), nan],
        HEAT: [nan, nan, nan, nan, nan, nan, 405.0],
    }
    assert found.keys() == expected.keys()
    for key, values in expected.items():
        assert found[key] == pytest.approx(values, rel=1e-4, nan_ok=True)


def test_accuracy_is_of_left_out_liquids() -> None:
    frame = pairs([*CATIONS, UNKNOWN])
    liquids = SimulatedLiquids.of(frame, table())
    known = np.flatnonzero(liquids.known)
    laws = {}
    for key in RELATIONS:
        laws[key] = np.full(len(frame), 500.0)
        laws[key][known] = planted(SimulatedLiquids.of(frame.iloc[known], table()), key)

    def value(key: str, liquid: int, t: float) -> float:
        slope = {DENSITY: -5e-4, VISCOSITY: 0.0, HEAT: 1e-3}[key]
        return float(laws[key][liquid] * (1.0 + slope * (t - 298.15)))

    found = simulator_accuracy(problem(frame, value), table())
    assert set(found) == set(RELATIONS) == set(PROPERTIES) - {
        "surface_tension_mN_m", "melting_point_K",
    }  # fmt: skip
    for key, tiers in found.items():
        assert list(tiers) == ["pair", "cation", "anion"]
        tested = [tiers[tier]["simulation"] for tier in tiers]
        assert [own["n_liquids"] for own in tested] == [len(known)] * 3
        # The ion that was not simulated: known to the experiments in two of the tiers.
        assert [own["n_not_simulated"] for own in tested] == [len(ANIONS)] * 3
        for own in tested:
            assert own["r"] > (0.9 if key == VISCOSITY else 0.999)
            if key != VISCOSITY:
                assert own["AARD"] < 0.01
                assert own["MAE"] < 0.1
