"""What a drawing program writes, mended where the hand forgot a charge."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Final

from rdkit import Chem

from core.chemistry._reading import (
    MAX_CHARACTERS,
    InvalidSmilesError,
    atoms_of,
    check_rings,
    clean,
    quiet,
)

__all__ = ["Drawing", "read_drawing"]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawing as SMILES, not yet through the gate.

    Attributes:
        smiles: what was drawn, mended.
        notes: one sentence for each thing that was mended.
    """

    smiles: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Forgotten:
    """Atoms that can only have been meant with a charge.

    Attributes:
        element: symbol.
        bonds: number of bonds drawn, double ones counted twice.
        charge: the charge that makes sense of them.
        to_carbon: whether all bonds have to be single ones to carbon, for else there is a neutral
            reading as well (a sulfoxide has sulfur with three neighbours).
        words: of the atom, for people.
    """

    element: str
    bonds: int
    charge: int
    to_carbon: bool
    words: str


_FORGOTTEN: Final = (
    _Forgotten("N", 4, 1, to_carbon=False, words="nitrogen with four bonds"),
    _Forgotten("P", 4, 1, to_carbon=True, words="phosphorus with four bonds to carbon"),
    _Forgotten("S", 3, 1, to_carbon=True, words="sulfur with three bonds to carbon"),
    _Forgotten("O", 3, 1, to_carbon=False, words="oxygen with three bonds"),
    _Forgotten("B", 4, -1, to_carbon=False, words="boron with four bonds"),
    _Forgotten("Al", 4, -1, to_carbon=False, words="aluminium with four bonds"),
    _Forgotten("P", 6, -1, to_carbon=False, words="phosphorus with six bonds"),
    _Forgotten("As", 6, -1, to_carbon=False, words="arsenic with six bonds"),
    _Forgotten("Sb", 6, -1, to_carbon=False, words="antimony with six bonds"),
)
# The hydrogen that goes first, the strongest acid at the top; the first atom loses it.
_ACIDS: Final = tuple(
    Chem.MolFromSmarts(smarts)
    for smarts in (
        "[F,Cl,Br,I;H1;X1,D0;+0]",
        "[NH1;+0](S(=O)=O)S(=O)=O",
        "[OH1;+0]S(=O)=O",
        "[OH1;+0][N+](=O)[O-]",
        "[NH1;+0](C#N)C#N",
        "[SH1;+0]C#N",
        "[OH1;+0]P=O",
        "[OH1;+0]C=O",
    )
)
_AROMATIC: Final = Chem.BondType.AROMATIC
_EXAMPLE: Final = "CCCCn1cc[n+](C)c1 or *CC(*)c1ccccc1"
# Labels of atoms and the like, as Ketcher and others append them: " |$_R1;;;_R2$|".
_EXTENSION: Final = re.compile(r"\s*\|[^|]*\|\s*$")


def read_drawing(text: str) -> Drawing:
    """Read what a drawing program writes, and set charges that can only have been forgotten.

    A nitrogen with four bonds is a cation, a boron with four an anion; an acid beside a cation
    stands for its anion. Everything else, right or wrong, is left to the gate.

    Args:
        text: SMILES as the program writes it, perhaps with atom labels behind it.

    Raises:
        ChemistryError: if nothing was drawn, or too much.
    """
    smiles = clean(_EXTENSION.sub("", text), 2 * MAX_CHARACTERS, example=_EXAMPLE)
    try:
        with quiet():
            check_rings(smiles)
            return _mended(smiles)
    except InvalidSmilesError:
        return Drawing(smiles)  # the gate says what is wrong with what was drawn


def _mended(smiles: str) -> Drawing:
    mol = Chem.MolFromSmiles(smiles, sanitize=False)
    if mol is None:
        return Drawing(smiles)
    notes = _charge(mol)
    mol = _settled(mol) or _with_aromatic_charge(mol, notes)
    if mol is None:
        return Drawing(smiles)
    notes += _deprotonate(mol)
    return Drawing(str(Chem.MolToSmiles(mol)), tuple(notes)) if notes else Drawing(smiles)


def _settled(mol: Chem.Mol) -> Chem.Mol | None:
    """A sanitised copy, or ``None`` where a valence or an aromatic ring does not work out."""
    return Chem.MolFromSmiles(Chem.MolToSmiles(mol))


def _charge(mol: Chem.Mol) -> list[str]:
    """Set the forgotten charges, and say which."""
    found = Counter[_Forgotten]()
    for atom in atoms_of(mol):
        bonds = atom.GetBonds()
        if atom.GetFormalCharge() or any(b.GetBondType() == _AROMATIC for b in bonds):
            continue
        count = sum(b.GetBondTypeAsDouble() for b in bonds) + atom.GetNumExplicitHs()
        only_carbon = len(bonds) == count and all(
            neighbour.GetAtomicNum() == 6 for neighbour in atom.GetNeighbors()
        )
        for rule in _FORGOTTEN:
            named = (atom.GetSymbol(), count) == (rule.element, rule.bonds)
            if named and (only_carbon or not rule.to_carbon):
                atom.SetFormalCharge(rule.charge)
                found[rule] += 1
    return [_said(rule.words, count) for rule, count in found.items()]


def _with_aromatic_charge(mol: Chem.Mol, notes: list[str]) -> Chem.Mol | None:
    """The molecule with a charge on the one aromatic nitrogen that makes its rings work out."""
    for atom in atoms_of(mol):
        aromatic = sum(b.GetBondType() == _AROMATIC for b in atom.GetBonds())
        if atom.GetAtomicNum() == 7 and atom.GetDegree() == 3 and aromatic == 2:
            atom.SetFormalCharge(1)
            if (settled := _settled(mol)) is not None:
                notes.append(_said("nitrogen of the aromatic ring", 1))
                return settled
            atom.SetFormalCharge(0)
    return None


def _said(words: str, count: int) -> str:
    if count == 1:
        return f"the {words} was given its charge"
    return f"{count} times the {words} was given its charge"


def _deprotonate(mol: Chem.Mol) -> list[str]:
    """Take protons from acids beside a cation until the charges cancel; say so."""
    taken = 0
    if len(Chem.GetMolFrags(mol)) > 1:
        for acid in _ACIDS:
            for match in mol.GetSubstructMatches(acid):
                if Chem.GetFormalCharge(mol) <= 0:
                    break
                atom = mol.GetAtomWithIdx(match[0])
                atom.SetFormalCharge(-1)
                atom.SetNumExplicitHs(0)
                atom.UpdatePropertyCache()
                taken += 1
    return ["the acid beside the cation was read as its anion"] if taken else []
