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
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

from rdkit import Chem
from rdkit.Chem import Descriptors

from core.chemistry._reading import (
    BOND_TYPES,
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

__all__ = ["MAX_UNIT_HEAVY_ATOMS", "Polymer", "cyclic_oligomer", "parse_polymer"]

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
    return _polymer(clean(_EXTENSION.sub("", text), example=_EXAMPLE))


@lru_cache(maxsize=32_768)
def _polymer(text: str) -> Polymer:
    with quiet():
        mol = read(_R_GROUP.sub("*", text))
        _check(mol)
        smiles = _conventional(bare(mol))
        return _described(smiles)


def _described(smiles: str) -> Polymer:
    mol = Chem.MolFromSmiles(smiles)
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
    return Polymer(smiles, formula, float(Descriptors.MolWt(mol)), heavy)


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


@dataclass(frozen=True, slots=True)
class _Chain:
    """The backbone of a repeat unit, cut into blocks.

    Attributes:
        lefts: the first atom of each block, from one end of the unit to the other.
        rights: the last atom of each block.
        ends: the two stars.
        forwards: each block as SMILES, its left end marked ``[1*]`` and its right end ``[2*]``.
        backwards: the same with the marks exchanged.
    """

    lefts: list[int]
    rights: list[int]
    ends: tuple[int, int]
    forwards: list[str]
    backwards: list[str]


def _chain(mol: Chem.Mol) -> _Chain:
    start, stop = (atom.GetIdx() for atom in atoms_of(mol) if atom.GetAtomicNum() == 0)
    path = Chem.GetShortestPath(mol, start, stop)
    lefts, rights, cuts = [path[1]], [], []
    for here, there in pairwise(path[1:-1]):
        bond = mol.GetBondBetweenAtoms(here, there)
        if bond.GetBondType() == Chem.BondType.SINGLE and not bond.IsInRing():
            rights.append(here)
            lefts.append(there)
            cuts.append((bond.GetIdx(), bond.GetBeginAtomIdx() == here))
    rights.append(path[-2])
    words = []
    for left, right in ((1, 2), (2, 1)):
        pieces = mol
        if cuts:
            # The dummy that replaces the left atom of a bond is the left end of the next block.
            labels = [(left, right) if along else (right, left) for _, along in cuts]
            pieces = Chem.FragmentOnBonds(mol, [bond for bond, _ in cuts], dummyLabels=labels)
        pieces.GetAtomWithIdx(start).SetIsotope(left)
        pieces.GetAtomWithIdx(stop).SetIsotope(right)
        words.append(_words(pieces, lefts))
    if not cuts:
        for end in (start, stop):
            mol.GetAtomWithIdx(end).SetIsotope(0)
    return _Chain(lefts, rights, (start, stop), *words)


def _words(pieces: Chem.Mol, atoms: list[int]) -> list[str]:
    """SMILES of the piece of a molecule that each of the atoms is in."""
    smiles = Chem.MolToSmiles(pieces).split(".")
    order = [int(index) for index in _INTEGER.findall(pieces.GetProp("_smilesAtomOutputOrder"))]
    piece_of = {atom: piece for piece in Chem.GetMolFrags(pieces) for atom in piece}
    word_of = {}
    position = 0
    for word in smiles:  # the atoms are listed piece by piece
        piece = piece_of[order[position]]
        position += len(piece)
        word_of[piece] = word
    return [word_of[piece_of[atom]] for atom in atoms]


_INTEGER: Final = re.compile(r"\d+")


def _conventional(mol: Chem.Mol) -> str:
    """SMILES of the smallest repeat unit, cut where chemists cut it."""
    chain = _chain(mol)
    count = len(chain.lefts)
    period = next(
        n
        for n in range(1, count + 1)
        if count % n == 0 and chain.forwards[:n] * (count // n) == chain.forwards
    )
    cut = _best_cut(mol, chain, period)
    if cut or period < count:
        mol = _cut_at(mol, chain, cut, period)
    if period == 1 and chain.lefts[0] == chain.rights[0]:
        atom = mol.GetAtomWithIdx(chain.lefts[0])
        if atom.GetAtomicNum() == 6:  # polyethylene is written *CC*, never *C*
            mol = _chained(mol, 2, close=False)
    return str(Chem.MolToSmiles(mol))


def _best_cut(mol: Chem.Mol, chain: _Chain, period: int) -> int:
    """Index of the block that the repeat unit begins with."""
    if period == 1:
        return 0
    ranks = [
        _rank(mol.GetAtomWithIdx(chain.rights[cut - 1]), mol.GetAtomWithIdx(chain.lefts[cut]))
        for cut in range(period)
    ]
    best = [cut for cut in range(period) if ranks[cut] == min(ranks)]
    if len(best) == 1:
        return best[0]
    forwards, backwards = chain.forwards[:period], chain.backwards[:period]

    def words(cut: int) -> list[str]:
        onwards = forwards[cut:] + forwards[:cut]
        return min(onwards, backwards[:cut][::-1] + backwards[cut:][::-1])

    return min(best, key=words)


def _cut_at(mol: Chem.Mol, chain: _Chain, cut: int, period: int) -> Chem.Mol:
    """The repeat unit of ``period`` blocks that begins with block ``cut`` (< ``period``)."""
    start, stop = chain.ends
    editable = Chem.RWMol(mol)
    count = len(chain.lefts)
    last = cut + period - 1 if period < count else cut - 1
    editable.RemoveBond(start, chain.lefts[0])
    editable.RemoveBond(stop, chain.rights[-1])
    if cut:
        editable.RemoveBond(chain.rights[cut - 1], chain.lefts[cut])
    if period < count:
        editable.RemoveBond(chain.rights[last], chain.lefts[last + 1])
    else:
        editable.AddBond(chain.rights[-1], chain.lefts[0], Chem.BondType.SINGLE)
    editable.AddBond(start, chain.lefts[cut], Chem.BondType.SINGLE)
    editable.AddBond(stop, chain.rights[last], Chem.BondType.SINGLE)
    Chem.SanitizeMol(editable)
    (unit,) = (word for word in Chem.MolToSmiles(editable).split(".") if "*" in word)
    return Chem.MolFromSmiles(unit)


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
    # Where the bond was cut already a star stands for the other atom, so that is left out.
    rest = [n for n in atom.GetNeighbors() if n.GetIdx() != other.GetIdx() and n.GetAtomicNum()]
    hetero = _HETERO.get(other.GetAtomicNum())
    if atom.GetAtomicNum() == 7 and atom.IsInRing() and hetero is None:
        return (1, 0, 0) if any(map(_is_acyl, rest)) else _WORST
    if atom.GetAtomicNum() == 6 and _is_acyl(atom):
        return (4, 0, 0) if hetero is None else (0, hetero, 0)
    if hetero is not None:
        if hetero == 0 and atom.IsInRing() and any(n.GetAtomicNum() == 8 for n in rest):
            return (2, 0, 0)
        oxidised = other.GetAtomicNum() == 16 and other.GetDegree() > 2
        carbon = atom.GetAtomicNum() == 6
        unlike = 10 * atom.GetIsAromatic() - atom.GetTotalNumHs() if carbon else -10
        return (3, 5 if oxidised else hetero, unlike)
    if all(end.GetHybridization() == Chem.HybridizationType.SP3 for end in (atom, other)):
        return (5, -abs(atom.GetTotalNumHs() - other.GetTotalNumHs()), 0)
    return _WORST


def _is_acyl(atom: Chem.Atom) -> bool:
    return atom.GetAtomicNum() == 6 and any(
        bond.GetBondType() == Chem.BondType.DOUBLE
        and bond.GetOtherAtom(atom).GetAtomicNum() in {8, 16}
        for bond in atom.GetBonds()
    )


# --------------------------------------------------------------------------------------- oligomers


def cyclic_oligomer(polymer_smiles: str, units: int) -> Chem.Mol:
    """Close a number of repeat units to a ring, which has no end groups.

    Args:
        polymer_smiles: repeat unit as :attr:`Polymer.smiles` gives it.
        units: number of repeat units, at least 2, or 3 where the backbone of a unit is one atom.

    Returns:
        The sanitised molecule with one smallest set of rings; atom ``i`` of a unit (stars left out)
        has the indices ``i + k * heavy_atoms``, k = 0 .. ``units`` - 1. RDKit functions that look
        for symmetric sets of rings themselves (canonical SMILES, stereocentres, QED, SPS, BCUT2D,
        Ipc) take minutes on large rings with many phenylenes.

    Raises:
        ValueError: if so few units close no ring of three bonds.
    """
    unit = Chem.MolFromSmiles(polymer_smiles)
    first, last = (atom.GetIdx() for atom in atoms_of(unit) if atom.GetAtomicNum() == 0)
    backbone = len(Chem.GetShortestPath(unit, first, last)) - 2
    if units < 2 or units * backbone < 3:
        raise ValueError(f"{units} units of {polymer_smiles} close no ring; take more")
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
    Chem.GetSSSR(editable)
    Chem.SanitizeMol(editable, _WITHOUT_ALL_RINGS)
    return editable.GetMol()


# A large ring passes each phenylene on either side: n of them make 2^n rings of one size, and RDKit
# looks for all of them (minutes, gigabytes) unless it is kept from it.
_WITHOUT_ALL_RINGS: Final = Chem.SanitizeFlags.SANITIZE_ALL ^ Chem.SanitizeFlags.SANITIZE_SYMMRINGS
