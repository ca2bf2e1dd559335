"""Polymers, as a repeat unit with two open ends.

**Identity.** A polymer is an endless chain, and its repeat unit may be cut out of it anywhere, read
from either end, and taken several times over. The chain is divided into blocks at every single bond
of the backbone that lies in no ring; the words of blocks (canonical SMILES, with their two ends
marked) that spell the chain forwards and backwards are reduced to the shortest one that repeats.
All ways to cut and read it are compared, first by where chemists cut (:func:`_rank`) and then by
alphabet, so that every spelling leads to the same repeat unit. Stereochemistry (and with it
tacticity and cis / trans), isotopes and atom maps are dropped.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Final

from rdkit import Chem, rdBase
from rdkit.Chem import Descriptors

from core.chemistry._reading import (
    BOND_TYPES,
    MAX_CHARACTERS,
    ChemistryError,
    InvalidSmilesError,
    NotAPolymerError,
    RadicalError,
    TooLargeError,
    UnsupportedElementError,
    WrongChargeError,
    atoms_of,
    bare,
    bonds_of,
    clean,
    quiet,
    read,
)

__all__ = ["MAX_UNIT_HEAVY_ATOMS", "Polymer", "cyclic_oligomer", "parse_polymer", "vinyl_unit"]

MAX_UNIT_HEAVY_ATOMS: Final = 120
_EXAMPLE: Final = "*CC(*)c1ccccc1"
_ELEMENTS: Final = frozenset(
    ["*", "H", "B", "C", "N", "O", "F", "Si", "P", "S", "Cl", "Br", "I"],
)


@dataclass(frozen=True, slots=True)
class Polymer:
    """The repeat unit of a polymer that has passed the gate.

    Attributes:
        smiles: canonical SMILES of the repeat unit with its two ends ``*``, the identity of the
            polymer.
        formula: Hill formula of the repeat unit, for example ``"C8H8"``.
        molar_mass: g/mol of the repeat unit, average isotopic masses.
        heavy_atoms: atoms of the repeat unit other than hydrogen.
    """

    smiles: str
    formula: str
    molar_mass: float
    heavy_atoms: int


# What programs write for an open end: [*], [1*], [*:1] are read by RDKit, [R1], [R], [R#] are not.
_R_GROUP: Final = re.compile(r"\[(?:R#?\d{0,2}|\*)(?::\d+)?\]")
# Labels of atoms and the like, as Ketcher and others append them: " |$_R1;;;_R2$|".
_EXTENSION: Final = re.compile(r"\s*\|[^|]*\|\s*$")


def parse_polymer(text: str) -> Polymer:
    """Read the repeat unit of a polymer.

    Args:
        text: SMILES with the two ends of the repeat unit marked as ``*`` (``[*]``, ``[*:1]``,
            ``[1*]``, ``[R1]`` and the labels that drawing programs append are understood).

    Raises:
        ChemistryError: if the text is not one usable repeat unit.
    """
    if len(text) <= 2 * MAX_CHARACTERS:  # a longer text is refused without a search in it
        text = _EXTENSION.sub("", text)
    return _polymer(clean(text, example=_EXAMPLE))


@lru_cache(maxsize=32_768)
def _polymer(text: str) -> Polymer:
    with quiet():
        mol = read(_R_GROUP.sub("*", text))
        _check(mol)
        return _described(_Chain(bare(mol)).conventional())


def _described(mol: Chem.Mol) -> Polymer:
    counts = Counter[str]()
    for atom in atoms_of(mol):
        counts[atom.GetSymbol()] += 1
        counts["H"] += atom.GetTotalNumHs()
    del counts["*"]
    heavy = counts.total() - counts["H"]
    if heavy > MAX_UNIT_HEAVY_ATOMS:
        raise TooLargeError(
            f"the repeat unit has {heavy} heavy atoms; at most {MAX_UNIT_HEAVY_ATOMS} are read"
        )
    # Hill's order: carbon and hydrogen first where there is carbon, the rest by the alphabet.
    first = ("C", "H") if counts["C"] else ()
    order = sorted(+counts, key=lambda element: (element not in first, element))
    formula = "".join(f"{e}{counts[e] if counts[e] > 1 else ''}" for e in order)
    return Polymer(
        str(Chem.MolToSmiles(mol)), formula, round(float(Descriptors.MolWt(mol)), 6), heavy
    )


# --------------------------------------------------------------------------------- what is let in


def _check(mol: Chem.Mol) -> None:
    """Raise unless the molecule is one neutral repeat unit with two open ends."""
    atoms = atoms_of(mol)
    ends = [atom for atom in atoms if atom.GetAtomicNum() == 0]
    if len(ends) != 2:
        raise NotAPolymerError(_wrong_number_of_ends(mol, len(ends)))
    if strange := sorted({atom.GetSymbol() for atom in atoms} - _ELEMENTS):
        raise UnsupportedElementError(
            f"{', '.join(strange)} in a repeat unit: only polymers of H, B, C, N, O, F, Si, P, S, "
            "Cl, Br and I are known here"
        )
    if len(Chem.GetMolFrags(mol)) > 1:
        raise NotAPolymerError(
            "there is a dot in the SMILES, so these are several particles; give one repeat unit, "
            "without counter-ions or solvent"
        )
    if any(bond.GetBondType() not in BOND_TYPES for bond in bonds_of(mol)):
        raise InvalidSmilesError("only single, double, triple and aromatic bonds are read")
    for end in ends:
        if end.GetFormalCharge() or end.GetTotalNumHs():
            raise NotAPolymerError("an open end carries a charge or hydrogen; write it as a bare *")
        bonds = end.GetBonds()
        if len(bonds) != 1 or bonds[0].GetBondType() != Chem.BondType.SINGLE:
            raise NotAPolymerError(
                "an open end (*) has to be bound by one single bond, as in *CC(*)c1ccccc1"
            )
    if ends[0].GetNeighbors()[0].GetAtomicNum() == 0:
        raise NotAPolymerError(
            "the two ends (*) are bound to each other, with nothing between them"
        )
    if any(end.GetNeighbors()[0].GetAtomicNum() == 1 for end in ends):
        raise NotAPolymerError("an open end (*) is bound to hydrogen, so the chain stops there")
    if charge := Chem.GetFormalCharge(mol):
        raise WrongChargeError(
            f"the repeat unit has a charge of {charge:+d}; only polymers that are neutral as a "
            "whole are known here, so write the acid or the base instead of its salt"
        )
    if any(atom.GetNumRadicalElectrons() for atom in atoms):
        raise RadicalError(
            "an atom has an unpaired electron (a bracket atom without its hydrogens, as [CH2]?); "
            "the models know closed-shell polymers only"
        )


def _wrong_number_of_ends(mol: Chem.Mol, number: int) -> str:
    if number > 2:
        return (
            f"there are {number} open ends (*); a repeat unit has two, and networks or graft "
            "points cannot be read"
        )
    if number == 1:
        return (
            f"there is only one open end (*); mark both ends of the repeat unit, as in {_EXAMPLE}"
        )
    if (opened := _opened(mol)) is not None:
        return f"this is a monomer; did you mean {opened}?"
    return f"mark the two ends of the repeat unit with *, e.g. {_EXAMPLE}"


_DIENE: Final = Chem.MolFromSmarts("[CX3;!R]=[CX3;!R]-[CX3;!R]=[CX3;!R]")
_VINYL: Final = Chem.MolFromSmarts("[CX3;!$(C=[!#6])]=[CX3;!$(C=[!#6])]")


def _opened(mol: Chem.Mol) -> str | None:
    """Repeat unit of a vinyl monomer or a diene (1,4); ``None`` unless there is one way to open."""
    dienes, vinyls = mol.GetSubstructMatches(_DIENE), mol.GetSubstructMatches(_VINYL)
    editable = Chem.RWMol(mol)
    if len(dienes) == 1 and len(vinyls) == 2:
        first, second, third, last = dienes[0]
        editable.GetBondBetweenAtoms(second, third).SetBondType(Chem.BondType.DOUBLE)
    elif len(vinyls) == 1:
        first, last = vinyls[0]
    else:
        return None
    for bond in vinyls:
        editable.GetBondBetweenAtoms(*bond).SetBondType(Chem.BondType.SINGLE)
    for atom in (first, last):
        editable.AddBond(atom, editable.AddAtom(Chem.Atom(0)), Chem.BondType.SINGLE)
    try:
        return parse_polymer(Chem.MolToSmiles(editable)).smiles
    except ChemistryError:
        return None


# ------------------------------------------------------------------------------------- one identity


class _Chain:
    """The endless chain that a repeat unit stands for, its backbone divided into blocks.

    Attributes:
        lefts: the first atom of each block, from one end of the unit to the other.
        rights: the last atom of each block; often the same atom.
    """

    def __init__(self, unit: Chem.Mol) -> None:
        self._unit = unit
        self._start, self._stop = (a.GetIdx() for a in atoms_of(unit) if a.GetAtomicNum() == 0)
        path = Chem.GetShortestPath(unit, self._start, self._stop)
        self.lefts, self.rights = [path[1]], []
        self._cuts: list[tuple[int, bool]] = []  # index of the bond, whether it runs to the right
        for here, there in pairwise(path[1:-1]):
            bond = unit.GetBondBetweenAtoms(here, there)
            if bond.GetBondType() == Chem.BondType.SINGLE and not bond.IsInRing():
                self.rights.append(here)
                self.lefts.append(there)
                self._cuts.append((bond.GetIdx(), bond.GetBeginAtomIdx() == here))
        self.rights.append(path[-2])

    def conventional(self) -> Chem.Mol:
        """The smallest repeat unit, cut where chemists cut it."""
        count, period = len(self.lefts), self._period()
        cut = self._best_cut(period)
        unit = self._unit if cut == 0 and period == count else self._cut_at(cut, period)
        if period == 1 and self.lefts[0] == self.rights[0]:
            atom = self._unit.GetAtomWithIdx(self.lefts[0])
            if atom.GetAtomicNum() == 6:  # polyethylene is written *CC*, never *C*
                return _chained(unit, 2, close=False)
        return unit

    @cached_property
    def _forwards(self) -> list[str]:
        """Each block as SMILES, its left end marked ``[1*]`` and its right end ``[2*]``."""
        return self._words(1, 2)

    @cached_property
    def _backwards(self) -> list[str]:
        """The same with the two marks exchanged; a block of one backbone atom has no direction."""
        return self._forwards if self.lefts == self.rights else self._words(2, 1)

    def _words(self, left: int, right: int) -> list[str]:
        if self._cuts:
            # The dummy that replaces the left atom of a bond is the left end of the next block.
            labels = [(left, right) if along else (right, left) for _, along in self._cuts]
            bonds = [bond for bond, _ in self._cuts]
            pieces = Chem.FragmentOnBonds(self._unit, bonds, dummyLabels=labels)
        else:
            pieces = Chem.Mol(self._unit)
        pieces.GetAtomWithIdx(self._start).SetIsotope(left)
        pieces.GetAtomWithIdx(self._stop).SetIsotope(right)
        words = Chem.MolToSmiles(pieces).split(".")
        order = [int(atom) for atom in _INTEGER.findall(pieces.GetProp("_smilesAtomOutputOrder"))]
        piece_of = {atom: piece for piece in Chem.GetMolFrags(pieces) for atom in piece}
        word_of = {}
        position = 0
        for word in words:  # the atoms are listed piece by piece
            piece = piece_of[order[position]]
            position += len(piece)
            word_of[piece] = word
        return [word_of[piece_of[atom]] for atom in self.lefts]

    def _period(self) -> int:
        """Number of blocks after which the chain repeats."""
        count = len(self.lefts)
        # Most units are the smallest already, and a look at the backbone atoms is enough to tell.
        outlines = [
            (atom.GetAtomicNum(), atom.GetDegree(), atom.GetTotalNumHs())
            for atom in map(self._unit.GetAtomWithIdx, self.lefts)
        ]
        for n in range(1, count):
            repeats = count // n
            if (
                count % n == 0
                and outlines[:n] * repeats == outlines
                and self._forwards[:n] * repeats == self._forwards
            ):
                return n
        return count

    def _best_cut(self, period: int) -> int:
        """Index of the block that the repeat unit begins with."""
        if period == 1:
            return 0
        atom = self._unit.GetAtomWithIdx
        ranks = [_rank(atom(self.rights[n - 1]), atom(self.lefts[n])) for n in range(period)]
        lowest = min(ranks)
        best = [cut for cut in range(period) if ranks[cut] == lowest]
        # Of two blocks without direction either cut makes the same unit.
        if len(best) == 1 or (period == 2 and self.lefts == self.rights):
            return best[0]
        forwards, backwards = self._forwards[:period], self._backwards[:period]

        def words(cut: int) -> list[str]:
            onwards = forwards[cut:] + forwards[:cut]
            return min(onwards, backwards[:cut][::-1] + backwards[cut:][::-1])

        return min(best, key=words)

    def _cut_at(self, cut: int, period: int) -> Chem.Mol:
        """The repeat unit of ``period`` blocks that begins with block ``cut`` (< ``period``)."""
        single = Chem.BondType.SINGLE
        unit = Chem.RWMol(self._unit)
        whole = period == len(self.lefts)
        last = cut - 1 if whole else cut + period - 1
        unit.RemoveBond(self._start, self.lefts[0])
        unit.RemoveBond(self._stop, self.rights[-1])
        if cut:
            unit.RemoveBond(self.rights[cut - 1], self.lefts[cut])
        if whole:
            unit.AddBond(self.rights[-1], self.lefts[0], single)
        else:
            unit.RemoveBond(self.rights[last], self.lefts[last + 1])
        unit.AddBond(self._start, self.lefts[cut], single)
        unit.AddBond(self._stop, self.rights[last], single)
        if not whole:
            kept = next(piece for piece in Chem.GetMolFrags(unit) if self._start in piece)
            unit.BeginBatchEdit()
            for atom in set(range(unit.GetNumAtoms())).difference(kept):
                unit.RemoveAtom(atom)
            unit.CommitBatchEdit()
        Chem.SanitizeMol(unit)
        return unit.GetMol()


_INTEGER: Final = re.compile(r"\d+")
_HETERO: Final = {8: 0, 16: 1, 7: 2, 15: 3, 14: 4}
_WORST: Final = (9, 0, 0)


def _rank(first: Chem.Atom, second: Chem.Atom) -> tuple[int, int, int]:
    """How far a bond of the backbone is from where chemists cut; the smallest wins.

    Polyesters, polyamides and the like are cut where their monomers were joined, imides beside the
    ring, polysaccharides at the anomeric carbon, the others beside a heteroatom (O before S, N, P,
    Si; at the carbon with most hydrogen), ketones beside the carbonyl group, hydrocarbons between
    saturated carbons, as unlike each other as possible (CH2 and CF2 in an alternating copolymer).
    """
    return min(_rank_one_way(first, second), _rank_one_way(second, first))


def _rank_one_way(atom: Chem.Atom, other: Chem.Atom) -> tuple[int, int, int]:
    # Only what does not depend on where the unit is cut may count: no neighbours in the backbone.
    element, hetero = atom.GetAtomicNum(), _HETERO.get(other.GetAtomicNum())
    if hetero is None:
        if element == 6 and _is_saturated(atom) and _is_saturated(other):
            return (5, -abs(atom.GetTotalNumHs() - other.GetTotalNumHs()), 0)
        if element == 6 and _is_acyl(atom):
            return (4, 0, 0)
        if element == 7 and any(map(_is_acyl, _ring_neighbours(atom))):
            return (1, 0, 0)
        return _WORST
    return _rank_beside_hetero(atom, other, hetero)


def _rank_beside_hetero(atom: Chem.Atom, other: Chem.Atom, hetero: int) -> tuple[int, int, int]:
    element = atom.GetAtomicNum()
    if element == 6 and _is_acyl(atom):
        return (0, hetero, 0)
    if hetero == 0 and any(n.GetAtomicNum() == 8 for n in _ring_neighbours(atom)):
        return (2, 0, 0)
    oxidised = other.GetAtomicNum() == 16 and other.GetDegree() > 2
    unlike = 10 * atom.GetIsAromatic() - atom.GetTotalNumHs() if element == 6 else -10
    return (3, 5 if oxidised else hetero, unlike)


def _is_saturated(atom: Chem.Atom) -> bool:
    return bool(atom.GetHybridization() == Chem.HybridizationType.SP3)


def _ring_neighbours(atom: Chem.Atom) -> Iterator[Chem.Atom]:
    if atom.IsInRing():
        for bond in atom.GetBonds():
            if bond.IsInRing():
                yield bond.GetOtherAtom(atom)


def _is_acyl(atom: Chem.Atom) -> bool:
    return atom.GetAtomicNum() == 6 and any(
        bond.GetBondType() == Chem.BondType.DOUBLE
        and bond.GetOtherAtom(atom).GetAtomicNum() in {8, 16}
        for bond in atom.GetBonds()
    )


# ---------------------------------------------------------------------------------------- monomers

_OPEN_VINYL: Final = Chem.MolFromSmarts("[CH2,CHF,CF2;X3;!R]=[CX3;!R]")


def vinyl_unit(smiles: str) -> str | None:
    """Repeat unit of a vinyl monomer; ``None`` unless there is one double bond, at an end.

    Args:
        smiles: of the monomer.
    """
    with rdBase.BlockLogs():
        mol = Chem.MolFromSmiles(smiles)
    if mol is None or len(mol.GetSubstructMatches(_OPEN_VINYL)) != 1:
        return None
    return _opened(mol)


# --------------------------------------------------------------------------------------- oligomers


def cyclic_oligomer(polymer: str | Chem.Mol, units: int) -> Chem.Mol:
    """Close a number of repeat units to a ring, which has no end groups.

    Args:
        polymer: repeat unit as :attr:`Polymer.smiles` gives it, or what RDKit reads from that.
        units: number of repeat units, at least 2, or 3 where the backbone of a unit is one atom.

    Returns:
        The molecule, ready for descriptors, with one smallest set of rings; atom ``i`` of a unit
        (stars left out) has the indices ``i + k * heavy_atoms``, k = 0 .. ``units`` - 1. RDKit
        functions that look for symmetric sets of rings themselves (sanitising, canonical SMILES,
        stereocentres, QED, SPS, BCUT2D) take minutes on large rings with many phenylenes.

    Raises:
        ValueError: if so few units close no ring of three bonds.
    """
    unit = Chem.MolFromSmiles(polymer) if isinstance(polymer, str) else polymer
    first, last = (atom.GetIdx() for atom in atoms_of(unit) if atom.GetAtomicNum() == 0)
    backbone = len(Chem.GetShortestPath(unit, first, last)) - 2
    if units < 2 or units * backbone < 3:
        text = Chem.MolToSmiles(unit)
        raise ValueError(f"{units} units of {text} close no ring; take more")
    return _chained(unit, units, close=True)


def _chained(unit: Chem.Mol, units: int, *, close: bool) -> Chem.Mol:
    """Join repeat units head to tail, to a ring or to a longer unit with two open ends."""
    stars = [atom for atom in atoms_of(unit) if atom.GetAtomicNum() == 0]
    left, right = (star.GetNeighbors()[0].GetIdx() for star in stars)
    editable = Chem.RWMol(unit)
    places = sorted((star.GetIdx() for star in stars), reverse=True)
    for place in places:
        editable.RemoveAtom(place)
    left, right = (atom - sum(place < atom for place in places) for atom in (left, right))
    single = editable.GetMol()
    size = single.GetNumAtoms()
    for _ in range(units - 1):
        editable.InsertMol(single)
    for k in range(units - 1):
        editable.AddBond(right + k * size, left + (k + 1) * size, Chem.BondType.SINGLE)
    last = right + (units - 1) * size
    if close:
        editable.AddBond(last, left, Chem.BondType.SINGLE)
    else:
        for atom in (left, last):
            editable.AddBond(atom, editable.AddAtom(Chem.Atom(0)), Chem.BondType.SINGLE)
    # What sanitising does, without looking for aromaticity, which the units have brought with them
    # (a trimer of acetylene is no benzene), and without all rings: a large ring passes each
    # phenylene on either side, which makes 2^n rings of one size, minutes and gigabytes.
    editable.UpdatePropertyCache()
    Chem.GetSSSR(editable)
    Chem.SetConjugation(editable)
    Chem.SetHybridization(editable)
    return editable
