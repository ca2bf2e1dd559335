"""The tables of simulated molecules that are part of the project."""

import numpy as np
import pytest

from core.chemistry import parse_ion, parse_polymer
from core.names import solvents
from core.simulated import KINDS, SOURCE, SURFACE_NAMES, Kind, simulated, surface_features


def test_the_ions_are_there() -> None:
    ions = simulated("ions")
    assert len(ions) == len(set(ions.smiles)) > 1000
    assert set(ions.charge.tolist()) == {-1, 1}
    assert ions.values.shape == (len(ions), len(ions.names))
    assert ions.areas.shape == (len(ions), len(ions.sigma)) == (len(ions), len(ions.orth))
    assert ions.about["source"] == SOURCE
    assert {"xtb", "mopac", "rdkit"} == set(ions.about["programs"])
    assert all(ions.failures.values())
    assert not set(ions.failures) & set(ions.smiles)


def test_solvents_with_a_name_are_there_but_for_a_few_added_later() -> None:
    table, known = simulated("solvents"), {solvent.smiles for solvent in solvents()}
    missing = known - set(table.smiles) - set(table.failures)
    assert len(missing) < 0.05 * len(known), missing
    assert len(table.failures) < 0.02 * len(table)
    assert not table.charge.any()
    assert np.allclose(table.areas.sum(1), table.column("area_A2"), rtol=0.01)
    assert np.allclose(table.areas @ table.sigma, 0, atol=0.06)
    # Volumes in a conductor and molar volumes of the liquids go together.
    known = [solvent for solvent in solvents() if solvent.smiles in table.index]
    liquid = np.array([solvent.molar_volume_cm3_mol for solvent in known])
    rows = [table.index[solvent.smiles] for solvent in known]
    there = np.isfinite(liquid)
    volume = table.column("volume_A3")[rows]
    assert np.corrcoef(volume[there], liquid[there])[0, 1] > 0.97


def test_polymers_have_the_surface_of_one_unit() -> None:
    table = simulated("polymers")
    assert len(table) > 150
    assert not table.charge.any()
    # the inner one of three units: about a third of the whole, and more than nothing
    share = table.areas.sum(1) / table.column("area_A2")
    assert 0.1 < share.min() < share.max() < 0.45
    assert {"*CC*", "*CC(*)C"} <= set(table.smiles)
    for smiles in table.smiles[:: len(table) // 20]:
        assert parse_polymer(smiles).smiles == smiles


def test_their_identity_is_that_of_the_gate() -> None:
    ions = simulated("ions")
    for smiles in ions.smiles[:: len(ions) // 40]:
        ion = parse_ion(smiles)
        assert ion.smiles == smiles
        assert ion.charge == ions.charge[ions.index[smiles]]


def test_areas_charges_and_descriptors_belong_together() -> None:
    ions = simulated("ions")
    area = ions.column("area_A2")
    assert np.allclose(ions.areas.sum(1), area, rtol=0.01)
    # The screening charge is the charge of the ion with the sign turned.
    assert np.allclose(ions.areas @ ions.sigma, -ions.charge, atol=0.06)
    # No body has less surface than the sphere of its volume.
    assert (ions.column("sphericity") <= 1.001).all()
    moment = 1e4 * (ions.areas * ions.sigma**2).sum(1)
    assert np.allclose(moment, ions.column("sigma_moment_2"), rtol=0.05, atol=2.0)


def test_a_sigma_profile_keeps_area_and_charge() -> None:
    ions = simulated("ions")
    fine = ions.sigma_profiles(np.linspace(-0.04, 0.04, 81))
    coarse_grid = np.linspace(-0.0375, 0.0375, 31)
    coarse = ions.sigma_profiles(coarse_grid)
    assert fine.shape == (len(ions), 81)
    assert np.allclose(fine.sum(1), ions.areas.sum(1))
    assert np.allclose(coarse @ coarse_grid, ions.areas @ ions.sigma, atol=1e-4)
    anion = ions.index["[Cl-]"]
    assert np.linspace(-0.04, 0.04, 81)[fine[anion].argmax()] == pytest.approx(0.019, abs=0.0015)
    narrow = ions.sigma_profiles(np.array([-0.001, 0.0, 0.001]))
    assert np.allclose(narrow.sum(1), ions.areas.sum(1))


@pytest.mark.parametrize(
    "name,small,large",
    [
        ("volume_A3", "CCn1cc[n+](C)c1", "CCCCn1cc[n+](C)c1"),
        ("volume_A3", "[Cl-]", "[Br-]"),
        ("volume_A3", "F[B-](F)(F)F", "F[P-](F)(F)(F)(F)F"),
        ("acceptor_moment_2", "O=S(=O)([N-]S(=O)(=O)C(F)(F)F)C(F)(F)F", "CC(=O)[O-]"),
        ("donor_moment_2", "C[N+](C)(C)C", "C[NH3+]"),
    ],
)
def test_chemistry_shows_in_the_numbers(name: str, small: str, large: str) -> None:
    ions = simulated("ions")
    values = ions.column(name)
    assert values[ions.index[small]] < values[ions.index[large]]


@pytest.mark.parametrize("kind", KINDS)
def test_surface_features_are_finite_and_tame(kind: Kind) -> None:
    table = simulated(kind)
    found = surface_features(table)
    assert found.shape == (len(table), len(SURFACE_NAMES))
    assert len(SURFACE_NAMES) == len(set(SURFACE_NAMES)) == len(table.names) + 26
    assert np.isfinite(found).all()
    assert np.abs(found).max() < 2000


def test_surface_features_are_what_the_table_says() -> None:
    table = simulated("ions")
    found = dict(zip(SURFACE_NAMES, surface_features(table).T, strict=True))
    assert np.array_equal(found["volume_A3"], table.column("volume_A3"))
    moment = table.column("sigma_moment_3")
    assert np.allclose(np.sign(moment) * np.expm1(np.abs(found["sigma_moment_3"])), moment)
    assert np.allclose(found["dispersion_c6_au"] ** 2, table.column("dispersion_c6_au"))
    profile = np.stack([found[name] for name in SURFACE_NAMES if "profile" in name], axis=1)
    assert np.allclose(profile.sum(1), table.areas.sum(1))
    fluoride = table.index["[F-]"]
    assert np.isnan(table.column("lumo_eV")[fluoride])
    assert found["lumo_eV"][fluoride] > np.delete(found["lumo_eV"], fluoride).max()
