"""The shorter ways to RDKit's descriptors lead to RDKit's numbers."""

from collections.abc import Iterator

import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import Lipinski, rdMolDescriptors

from core import names
from core.chemistry import cyclic_oligomer, parse_polymer, parse_solvent
from core.features import polymer_solvent as features
from core.features._descriptors import (
    Group,
    Structure,
    connectivity,
    crippen_of_hydrogens,
    hydrogen_bond_acceptors,
    rotatable_bonds,
)

# Structures that a shorter way is most likely to get wrong.
ODD_SOLVENTS = (
    *("O", "OO", "SS", "On1cccc1", "Oc1ccccc1", "CC(=O)O", "C=CO", "CC(=S)O", "COO", "CON"),
    *("CC#CO", "OC#C", "CP(=O)(O)O", "OB(O)O", "C[SiH2]O", "CON=O", "c1cc[nH]c1", "CC(=N)O"),
    *("C1CC1", "C1CO1", "C1C2CC12", "C1=CC1", "CC#N", "CC#CC", "C[N+](=O)[O-]", "C[N+](C)(C)[O-]"),
    *("FC(F)(F)CC(F)(F)F", "ClC(Cl)(Cl)CO", "BrC(Br)(Br)CO", "CC(C)(C)CC(C)(C)C", "CSSC"),
    *("CC(=O)NCC(=O)OC", "CCNC(=S)NCC", "NC(=O)CC", "CN(C)P(=O)(N(C)C)N(C)C", "OC(F)(F)F"),
    *("Cn1ccnc1", "c1ccncc1", "c1ccoc1", "c1ccsc1", "C1CCCCCCCCCCC1", "O=C1CCCCCO1", "II", "Br"),
)
ODD_POLYMERS = (
    *("*O*", "*[Si](*)(C)C", "*CC*", "*N=P(*)(C)C", "*OCC(*)=O", "*C#Cc1ccc(*)cc1", "*C1CC1*"),
    *("*CC(*)C(C)(C)C", "*CC(*)C(F)(F)F", "*CC(*)O", "*CC(*)n1ccnc1", "*NCCCCCC(*)=O", "*C=CC*"),
)


def structures() -> Iterator[tuple[str, Structure]]:
    """The catalogue, a ring of four units for each polymer, and the odd ones."""
    for smiles in (*(s.smiles for s in names.solvents()), *ODD_SOLVENTS):
        yield smiles, Structure(Chem.MolFromSmiles(parse_solvent(smiles).smiles), 1)
    for smiles in (*(p.smiles for p in names.polymers()), *ODD_POLYMERS):
        yield smiles, Structure(cyclic_oligomer(parse_polymer(smiles).smiles, 8), 8)


def test_descriptors_are_those_of_rdkit() -> None:
    for smiles, structure in structures():
        mol = structure.mol
        found = [
            *connectivity(structure),
            hydrogen_bond_acceptors(structure),
            rotatable_bonds(structure),
        ]
        expected = [
            rdMolDescriptors.CalcChi2v(mol),
            rdMolDescriptors.CalcChi3v(mol),
            Lipinski.NumHAcceptors(mol),
            rdMolDescriptors.CalcNumRotatableBonds(mol),
        ]
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-9), smiles


def test_sums_of_crippen_contributions_are_those_of_rdkit() -> None:
    for smiles, structure in structures():
        mol = structure.mol
        found = np.sum(rdMolDescriptors._CalcCrippenContribs(mol), axis=0)  # noqa: SLF001
        for atom, hydrogens in zip(structure.atoms, structure.hydrogens, strict=True):
            found += structure.units * hydrogens * np.array(crippen_of_hydrogens(atom))
        expected = rdMolDescriptors.CalcCrippenDescriptors(mol)
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-9), smiles


def test_groups_are_counted_as_a_plain_search_counts_them() -> None:
    groups = [(Group(*group), Chem.MolFromSmarts(group[1])) for group in features._GROUPS.values()]  # noqa: SLF001
    for smiles, structure in structures():
        for group, pattern in groups:
            plain = len(structure.mol.GetSubstructMatches(pattern, maxMatches=200))
            assert group.count(structure, 200) == plain, smiles


def test_a_group_is_looked_for_only_where_it_can_be() -> None:
    group = Group("c n,o", "[n,o]1cccc1")
    for smiles, count in (("c1ccoc1", 1), ("c1cc[nH]c1", 1), ("c1ccsc1", 0), ("C1CCOC1", 0)):
        assert group.count(Structure(Chem.MolFromSmiles(smiles), 1)) == count
    assert Group("CH", "[CH2]").count(Structure(Chem.MolFromSmiles("CCCCCC"), 1), 3) == 3
