"""Some of RDKit's descriptors by a shorter way: the same numbers in a fraction of the time.

RDKit finds each by searches or walks of its own over the whole molecule, and some several times.
What is left out here is only what has been done before or cannot find anything: the repeat units of
a ring are alike, and there is no ester where there is no oxygen.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.Chem import rdMolDescriptors

__all__ = [
    "Group",
    "Structure",
    "connectivity",
    "crippen_of_hydrogens",
    "hydrogen_bond_acceptors",
    "rotatable_bonds",
]

FloatArray = NDArray[np.float64]

_UNLIMITED: Final = 100_000  # matches; RDKit stops at a thousand unless told otherwise


class Structure:
    """A molecule, or a ring of repeat units of which the first stands for all.

    Attributes:
        mol: the whole molecule, its hydrogens implicit.
        units: how many repeat units it has, 1 for an ordinary molecule.
        atoms: the heavy atoms of the first unit, which come first in ``mol``.
        numbers: their atomic numbers.
        hydrogens: how many hydrogens each bears.
        of_symbol: the same atoms by their symbols, those of SMARTS, so lower case if aromatic.
        present: the symbols, each followed by H as well if such an atom bears hydrogen, and R if
            there is any ring.
    """

    def __init__(self, mol: Chem.Mol, units: int) -> None:
        self.mol, self.units = mol, units
        self.atoms = [mol.GetAtomWithIdx(i) for i in range(mol.GetNumAtoms() // units)]
        self.numbers = [atom.GetAtomicNum() for atom in self.atoms]
        self.hydrogens = [atom.GetTotalNumHs() for atom in self.atoms]
        self.of_symbol: dict[str, list[Chem.Atom]] = {}
        self.present = {"R"} if mol.GetRingInfo().NumRings() else set()
        for atom, hydrogens in zip(self.atoms, self.hydrogens, strict=True):
            symbol = atom.GetSymbol().lower() if atom.GetIsAromatic() else atom.GetSymbol()
            self.of_symbol.setdefault(symbol, []).append(atom)
            self.present.add(symbol)
            if hydrogens:
                self.present.add(f"{symbol}H")


class Group:
    """A group of atoms, ready to be counted.

    Args:
        needs: without what there can be no such group, as in :attr:`Structure.present`, separated
            by blanks; a comma stands for "or".
        smarts: the group.
    """

    def __init__(self, needs: str, smarts: str) -> None:
        self._needs = [frozenset(need.split(",")) for need in needs.split()]
        self.pattern = Chem.MolFromSmarts(smarts)
        # A single atom that is known without its neighbours need not be searched for.
        alone = self.pattern.GetNumAtoms() == 1 and "$" not in smarts
        self._atom: Chem.QueryAtom | None = self.pattern.GetAtomWithIdx(0) if alone else None
        self._symbols = [symbol.removesuffix("H") for symbol in self._needs[0]]

    def count(self, structure: Structure, limit: int = _UNLIMITED) -> int:
        """How often it is found, at most ``limit`` times."""
        if any(map(structure.present.isdisjoint, self._needs)):
            return 0
        if self._atom is None:
            matches: tuple[tuple[int, ...], ...] = structure.mol.GetSubstructMatches(
                self.pattern, maxMatches=limit
            )
            return len(matches)
        match, atoms = self._atom.Match, structure.of_symbol
        found: int = sum(match(atom) for symbol in self._symbols for atom in atoms.get(symbol, ()))
        return min(structure.units * found, limit)


# --------------------------------------------------------------------------------- hydrogen atoms

# log P and molar refractivity of a hydrogen atom: types H1 to H4 and HS of Wildman, Crippen,
# J. Chem. Inf. Comput. Sci. 1999, 39, 868, doi 10.1021/ci990307l.
_ON_CARBON: Final = (0.123, 1.057)
_ALCOHOL: Final = (-0.2677, 1.395)
_AMINE: Final = (0.2142, 0.9627)
_ACID: Final = (0.298, 1.805)
_ANY: Final = (0.1125, 1.112)


def crippen_of_hydrogens(atom: Chem.Atom) -> tuple[float, float]:
    """Crippen's contributions to log P and molar refractivity of each hydrogen on this atom.

    RDKit gives them only for a copy of the molecule with explicit hydrogens, typed from the start.
    """
    element = atom.GetAtomicNum()
    if element == 6:
        return _ON_CARBON
    if element == 7:
        return _AMINE
    return _on_oxygen(atom) if element == 8 else _ALCOHOL


def _on_oxygen(oxygen: Chem.Atom) -> tuple[float, float]:
    neighbours = oxygen.GetNeighbors()
    # Hydrogens of water are beside each other, which makes them those of an alcohol.
    if oxygen.GetTotalNumHs() > 1 or any(map(_makes_alcohol, neighbours)):
        return _ALCOHOL
    if any(atom.GetAtomicNum() == 7 for atom in neighbours):
        return _AMINE
    if any(atom.GetAtomicNum() != 6 or _is_unsaturated(atom) for atom in neighbours):
        return _ACID
    return _ANY


def _makes_alcohol(atom: Chem.Atom) -> bool:
    if atom.GetAtomicNum() == 6:
        return bool(atom.GetIsAromatic() or atom.GetTotalDegree() == 4)
    return atom.GetAtomicNum() not in {7, 8, 16}


def _is_unsaturated(carbon: Chem.Atom) -> bool:
    return any(
        bond.GetBondType() == Chem.BondType.DOUBLE
        and bond.GetOtherAtom(carbon).GetAtomicNum() in {6, 7, 8, 16}
        for bond in carbon.GetBonds()
    )


# ----------------------------------------------------------------------------------- connectivity


def connectivity(structure: Structure) -> tuple[float, float]:
    """Valence connectivity indices of paths of two and of three bonds, chi2v and chi3v.

    Hall, Kier, Rev. Comput. Chem. 1991, 2, 367, doi 10.1002/9780470125793.ch9. Paths are counted
    by products with the adjacency matrix, where RDKit walks along each.
    """
    units, n = structure.units, len(structure.atoms)
    weight = np.array(list(map(_weight, structure.numbers, structure.hydrogens)))
    square = weight * weight
    # Rows: the first unit. Columns: atoms of any unit, those that are alike taken together.
    adjacency: FloatArray = Chem.GetAdjacencyMatrix(structure.mol)[:n].astype(np.float64)
    adjacency = adjacency.reshape(n, units, n).sum(axis=1)
    around, squares_around = adjacency @ weight, adjacency @ square
    two = units * float(weight @ (around * around - squares_around)) / 2.0
    if any(len(ring) == 3 for ring in structure.mol.GetRingInfo().AtomRings()):
        # Products would count the way around a triangle as a path.
        return two, float(rdMolDescriptors.CalcChi3v(structure.mol))
    passed = weight * around
    # Both ends of the middle bond go on to any neighbour but each other.
    three = passed @ adjacency @ passed - 2.0 * (square * around) @ around + square @ squares_around
    return two, units * float(three) / 2.0


@lru_cache(maxsize=256)
def _weight(number: int, hydrogens: int) -> float:
    """What an atom contributes to each path through it."""
    outer = Chem.GetPeriodicTable().GetNOuterElecs(number)
    delta = (outer - hydrogens) / (1 if number <= 10 else number - outer - 1)
    return float(delta**-0.5) if delta > 0.0 else 0.0


# --------------------------------------------------------------------- hydrogen bonds and rotation

# RDKit's acceptors, kind by kind, so that most need no search; no atom is of two kinds.
_ACCEPTORS: Final = (
    Group("O,S", "[O,S;H0;v2]"),
    Group("O,S", "[O,S;-;!v2]"),
    Group("n,o,s", "[nH0X2,o,s;+0]"),
    Group("OH,SH", "[O,S;H1;v2;$(*-[!$(*=[O,N,P,S])])]"),
    Group("N", "[N;v3;!$(N-*=!@[O,N,P,S])]"),
)


def hydrogen_bond_acceptors(structure: Structure) -> int:
    """Acceptors of hydrogen bonds as RDKit counts them."""
    return sum(kind.count(structure) for kind in _ACCEPTORS)


_BOND: Final = Chem.MolFromSmarts("[!D1]-,:;!@[!D1]")
_TRIPLE: Final = Chem.MolFromSmarts("*#*")
_ACYL: Final = Chem.MolFromSmarts("[CD3](=[N,O,S])-!@[#7,O,S!D1]")
# Carbon atoms with three such neighbours turn without anything to be seen.
_CAPPED: Final = {
    "F": Chem.MolFromSmarts("C(F)(F)F"),
    "Cl": Chem.MolFromSmarts("C(Cl)(Cl)Cl"),
    "Br": Chem.MolFromSmarts("C(Br)(Br)Br"),
    "CH": Chem.MolFromSmarts("C([CH3])([CH3])[CH3]"),
}


def rotatable_bonds(structure: Structure) -> int:
    """Rotatable bonds by RDKit's strict definition: without those of amides, esters and the like.

    RDKit puts all conditions on both atoms into one pattern, whose parts are searched for one by
    one whatever the elements; here each is searched for once, and only where it can be.
    """

    def find(pattern: Chem.Mol) -> tuple[tuple[int, ...], ...]:
        found: tuple[tuple[int, ...], ...] = structure.mol.GetSubstructMatches(
            pattern, maxMatches=_UNLIMITED
        )
        return found

    if not (bonds := find(_BOND)):
        return 0
    fixed = {atom for pair in find(_TRIPLE) for atom in pair}
    for symbol, pattern in _CAPPED.items():
        if symbol in structure.present:
            fixed.update(match[0] for match in find(pattern))
    # One end of a rotatable bond may belong to an amide, but not both.
    stiff = set(fixed)
    if structure.present & {"N", "O", "S"}:
        for carbon, _, other in find(_ACYL):
            stiff.update((carbon, other))
    return sum(
        not (first in fixed or second in fixed or (first in stiff and second in stiff))
        for first, second in bonds
    )
