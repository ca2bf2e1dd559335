"""Features of polymers and solvents: finite, per volume, blind to where a unit is cut."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import names
from core.chemistry import parse_polymer
from core.features import polymer_solvent as features
from core.features import van_der_waals_volume

STYRENE = "*CC(*)c1ccccc1"


def solvent_column(name: str) -> int:
    return features.SOLVENT_NAMES.index(name)


def test_names_are_unique_and_match_the_columns() -> None:
    polymers = features.describe([STYRENE, "*CC*"], "polymer")
    solvents = features.describe(["Cc1ccccc1", "O", "ClC(Cl)Cl"], "solvent")
    assert polymers.shape == (2, len(set(features.POLYMER_NAMES)))
    assert solvents.shape == (3, len(set(features.SOLVENT_NAMES)))
    assert solvents[0, solvent_column("n_H")] == 8
    assert solvents[0, solvent_column("aromatic_rings")] == 1
    assert solvents[1, solvent_column("water")] == 1
    assert solvents[2, solvent_column("n_Cl")] == 3


def test_volume_is_that_of_the_ions_features() -> None:
    found = features.describe(["c1ccccc1", "CCO", "C1CCCCC1"], "solvent")
    expected = [van_der_waals_volume(s) for s in ("c1ccccc1", "CCO", "C1CCCCC1")]
    np.testing.assert_allclose(found[:, solvent_column("volume")], expected, rtol=1e-6)


def test_kernel_means_count_hydrogens() -> None:
    # methane has one carbon and four hydrogens: the mean of Gaussians on electronegativity is
    # that of 2.55 once and of 2.20 four times
    row = features.describe(["C"], "solvent")[0]
    centres = np.linspace(1.9, 4.0, 6)
    expected = sum(
        share * np.exp(-0.5 * ((x - centres) / 0.25) ** 2)
        for x, share in ((2.55, 0.2), (2.20, 0.8))
    )
    first = solvent_column("electronegativity_kernel_1")
    np.testing.assert_allclose(row[first : first + 6], expected, rtol=1e-5)


@pytest.mark.parametrize(
    "spelling", ["*C(C*)c1ccccc1", "*CC(c1ccccc1)CC(*)c1ccccc1", "*C(c1ccccc1)C*"]
)
def test_a_cut_elsewhere_changes_nothing(spelling: str) -> None:
    canonical = parse_polymer(spelling).smiles
    assert canonical == parse_polymer(STYRENE).smiles
    np.testing.assert_array_equal(
        features.describe([canonical], "polymer"),
        features.describe([parse_polymer(STYRENE).smiles], "polymer"),
    )


def test_environments_of_a_polymer_are_counted_per_unit() -> None:
    ethylene = features.environments("*CC*", "polymer")
    assert sorted(ethylene.values()) == [2.0, 2.0]  # CH2 alone, and CH2 between two CH2
    assert features.environments("C", "solvent") != {}


def test_features_put_counts_behind_descriptors() -> None:
    vocabulary = sorted(features.environments("*CC*", "polymer"))
    found = features.features(["*CC*", STYRENE], "polymer", vocabulary)
    assert found.shape == (2, len(features.POLYMER_NAMES) + 2)
    np.testing.assert_allclose(found[0, -2:], np.log1p([2.0, 2.0]), rtol=1e-6)


def test_molar_volumes_are_near_the_measured_ones() -> None:
    # cm3/mol at 25 °C: toluene 106.9, water 18.1, hexane 131.6; amorphous polystyrene 99
    for smiles, measured in (("Cc1ccccc1", 106.9), ("CCCCCC", 131.6)):
        assert features.molar_volume(smiles, "solvent") == pytest.approx(measured, rel=0.13)
    assert features.molar_volume(STYRENE, "polymer") == pytest.approx(99.0, rel=0.08)


def test_every_polymer_and_solvent_of_the_catalogue_has_finite_features() -> None:
    polymers = [polymer.smiles for polymer in names.polymers()]
    solvents = [solvent.smiles for solvent in names.solvents()]
    for smiles, kind in ((polymers, "polymer"), (solvents, "solvent")):
        found = features.describe(smiles, kind)  # type: ignore[arg-type]
        assert np.isfinite(found).all()
        assert np.abs(found).max() < 1e5


@given(st.text(max_size=8).filter(lambda text: "*" not in text and text.strip() != ""))
def test_text_that_did_not_pass_the_gate_is_refused_or_described(text: str) -> None:
    try:
        found = features.describe([text], "solvent")
    except ValueError:
        return
    assert np.isfinite(found).all()
