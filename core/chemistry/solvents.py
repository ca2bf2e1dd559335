"""Solvents: one neutral molecule."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from rdkit import Chem
from rdkit.Chem import Descriptors, rdMolDescriptors

from core.chemistry._reading import (
    BOND_TYPES,
    InvalidSmilesError,
    NotASolventError,
    RadicalError,
    TooLargeError,
    UnsupportedElementError,
    atoms_of,
    bare,
    bonds_of,
    clean,
    quiet,
    read,
)

__all__ = ["MAX_SOLVENT_HEAVY_ATOMS", "Solvent", "parse_solvent"]

MAX_SOLVENT_HEAVY_ATOMS: Final = 60
_ELEMENTS: Final = frozenset(
    ["H", "B", "C", "N", "O", "F", "Si", "P", "S", "Cl", "Br", "I"],
)


@dataclass(frozen=True, slots=True)
class Solvent:
    """A solvent that has passed the gate.

    Attributes:
        smiles: canonical SMILES without stereochemistry, isotopes and atom maps (heavy water is
            water), the identity of the solvent.
        formula: Hill formula.
        molar_mass: g/mol, average isotopic masses.
        heavy_atoms: number of atoms other than hydrogen.
    """

    smiles: str
    formula: str
    molar_mass: float
    heavy_atoms: int


def parse_solvent(text: str) -> Solvent:
    """Read the SMILES of a solvent; stereochemistry, isotopes and atom maps are dropped.

    Raises:
        ChemistryError: if the text is not one neutral molecule of a sensible size.
    """
    return _solvent(clean(text, example="CC1CCCO1"))


@lru_cache(maxsize=32_768)
def _solvent(text: str) -> Solvent:
    with quiet():
        mol = read(text)
        _check(mol)
        mol = bare(mol)
        _check(mol)
        return Solvent(
            smiles=Chem.MolToSmiles(mol),
            formula=rdMolDescriptors.CalcMolFormula(mol),
            molar_mass=round(float(Descriptors.MolWt(mol)), 6),
            heavy_atoms=mol.GetNumHeavyAtoms(),
        )


def _check(mol: Chem.Mol) -> None:
    """Raise unless the molecule is neutral, whole, closed-shell, and of supported elements."""
    atoms = atoms_of(mol)
    elements = {atom.GetSymbol() for atom in atoms}
    if "*" in elements:
        raise NotASolventError(
            "the structure has an open end (*), so it is a piece of a polymer; a solvent is a "
            "whole molecule"
        )
    charges = [atom.GetFormalCharge() for atom in atoms]
    pieces = len(Chem.GetMolFrags(mol))
    if sum(charges) or (pieces > 1 and any(charges)):
        raise NotASolventError(
            "this is an ion or a salt, and a solvent here is one neutral molecule; the page on "
            "ionic liquids is made for salts"
        )
    if pieces > 1:
        raise NotASolventError(
            "there is a dot in the SMILES, so these are several molecules; give one solvent at a "
            "time"
        )
    if strange := sorted(elements - _ELEMENTS):
        raise UnsupportedElementError(
            f"{', '.join(strange)} in a solvent: only molecules of H, B, C, N, O, F, Si, P, S, Cl, "
            "Br and I are known here"
        )
    heavy = mol.GetNumHeavyAtoms()
    if not heavy:
        raise NotASolventError("a solvent needs at least one atom other than hydrogen")
    if heavy > MAX_SOLVENT_HEAVY_ATOMS:
        raise TooLargeError(
            f"the molecule has {heavy} heavy atoms; solvents of at most {MAX_SOLVENT_HEAVY_ATOMS} "
            "are read"
        )
    if any(bond.GetBondType() not in BOND_TYPES for bond in bonds_of(mol)):
        raise InvalidSmilesError("only single, double, triple and aromatic bonds are read")
    if any(charge > 0 and _stands_alone(atom) for charge, atom in zip(charges, atoms, strict=True)):
        raise NotASolventError(
            "charges sit apart in this molecule (a zwitterion, as amino acids are); a solvent here "
            "has none, except in groups such as nitro"
        )
    if any(atom.GetNumRadicalElectrons() for atom in atoms):
        raise RadicalError(
            "an atom has an unpaired electron (a bracket atom without its hydrogens, as [CH2]?); "
            "the models know closed-shell molecules only"
        )


def _stands_alone(cation: Chem.Atom) -> bool:
    """Whether no neighbour of a positive atom is negative, as in nitro, N-oxides or isocyanides."""
    return not any(neighbour.GetFormalCharge() < 0 for neighbour in cation.GetNeighbors())
