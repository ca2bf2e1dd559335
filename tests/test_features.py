"""Features: finite, stable and in agreement with known numbers."""

import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import Descriptors

from core import features
from core.names import anions, cations

BMIM, TF2N = "CCCCn1cc[n+](C)c1", "O=S(=O)([N-]S(=O)(=O)C(F)(F)F)C(F)(F)F"


def column(name: str) -> int:
    return features.DESCRIPTOR_NAMES.index(name)


def test_names_are_unique_and_match_the_columns() -> None:
    table = features.descriptors([BMIM, TF2N])
    assert table.shape == (2, len(set(features.DESCRIPTOR_NAMES)))
    assert table[0, column("charge")] == 1
    assert table[1, column("charge")] == -1
    assert table[0, column("n_H")] == 15
    assert table[1, column("n_F")] == 6
    assert table[0, column("imidazolium")] == 1
    assert table[0, column("longest_chain")] == 4
    assert table[1, column("trifluoromethyl")] == 2
    mass = Descriptors.MolWt(Chem.MolFromSmiles(BMIM))
    assert table[0, column("molar_mass")] == pytest.approx(mass)


def test_van_der_waals_volume_of_benzene_and_ethanol() -> None:
    # by hand from the atom, bond and ring contributions of doi 10.1021/jo034808o
    benzene = 6 * 20.58 + 6 * 7.24 - 12 * 5.92 - 14.7
    ethanol = 2 * 20.58 + 14.71 + 6 * 7.24 - 8 * 5.92
    assert features.van_der_waals_volume("c1ccccc1") == pytest.approx(benzene)
    assert features.van_der_waals_volume("CCO") == pytest.approx(ethanol)


def test_the_catalogue_has_finite_features() -> None:
    ions = [ion.smiles for ion in (*cations(), *anions())][::7]
    assert np.isfinite(features.descriptors(ions)).all()


def test_environments_do_not_depend_on_the_spelling() -> None:
    other = Chem.MolToSmiles(Chem.MolFromSmiles(BMIM), doRandom=True)
    assert features.environments(other) == features.environments(BMIM)
    vocabulary = sorted(features.environments(BMIM))
    counts = features.environment_counts([BMIM, TF2N], vocabulary)
    assert counts[0].tolist() == [features.environments(BMIM)[i] for i in vocabulary]
    assert features.ion_features([TF2N], vocabulary).shape == (
        1,
        len(features.DESCRIPTOR_NAMES) + len(vocabulary),
    )


def test_what_is_no_structure_is_refused() -> None:
    with pytest.raises(ValueError, match=r"core\.chemistry"):
        features.descriptors(["not an ion"])
