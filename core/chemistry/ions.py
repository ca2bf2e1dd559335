"""Ions and ionic liquids.

**Identity.** Two spellings name the same ion if they have the same atoms, connections, hydrogen
counts and total charge, that is, if they are resonance structures of each other. Stereochemistry,
isotopes and atom maps are dropped. All resonance structures of an ion that differ in where its
charge sits are generated, and one is shown: fewest charges, most aromatic atoms, the charge on the
atom where chemists draw it. Where that leaves a tie, as between the two nitrogens of an
imidazolium ring, the alphabetically first canonical SMILES is taken, unless
``core/tables/spellings.csv`` names another one of the tied spellings: the measured data, and so the
vocabulary of the trained models, follow the most common spelling in the literature. Tautomers,
which differ in where a hydrogen sits, are different ions.
"""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib import resources
from math import gcd
from typing import Final, Literal

from rdkit import Chem
from rdkit.Chem import Descriptors, rdMolDescriptors

from core.chemistry._reading import (
    BOND_TYPES,
    MAX_CHARACTERS,
    MAX_CHARGE,
    EmptyStructureError,
    InorganicCationError,
    InvalidSmilesError,
    NotAnIonError,
    RadicalError,
    TooLargeError,
    UnbalancedError,
    UnsupportedElementError,
    WrongChargeError,
    atoms_of,
    bare,
    bonds_of,
    check_rings,
    clean,
    quiet,
    read,
)

__all__ = [
    "ION_FAMILIES",
    "MAX_HEAVY_ATOMS",
    "Ion",
    "IonicLiquid",
    "Role",
    "canonical_ion",
    "combine",
    "family",
    "parse_ion",
    "parse_ionic_liquid",
    "resonance_spellings",
    "spelling_key",
]

Role = Literal["cation", "anion"]

MAX_HEAVY_ATOMS: Final = 200
_EXAMPLE: Final = "CCCCn1cc[n+](C)c1"


@dataclass(frozen=True, slots=True)
class Ion:
    """One ion that has passed the gate.

    Attributes:
        smiles: canonical SMILES, the identity of the ion.
        charge: net charge, never zero.
        formula: Hill formula with the charge, for example ``"C8H15N2+"``.
        molar_mass: g/mol, average isotopic masses.
        heavy_atoms: number of atoms other than hydrogen.
    """

    smiles: str
    charge: int
    formula: str
    molar_mass: float
    heavy_atoms: int

    @property
    def role(self) -> Role:
        """``"cation"`` or ``"anion"``."""
        return "cation" if self.charge > 0 else "anion"


@dataclass(frozen=True)
class IonicLiquid:
    """One neutral formula unit of a cation and an anion.

    Attributes:
        cation: the cation.
        anion: the anion.
        n_cation: cations in the formula unit.
        n_anion: anions in the formula unit.
    """

    cation: Ion
    anion: Ion
    n_cation: int
    n_anion: int

    @cached_property
    def smiles(self) -> str:
        """Cations, then anions, as often as the formula unit has them, joined by dots."""
        return ".".join([self.cation.smiles] * self.n_cation + [self.anion.smiles] * self.n_anion)

    @cached_property
    def molar_mass(self) -> float:
        """Molar mass of the formula unit in g/mol."""
        return self.n_cation * self.cation.molar_mass + self.n_anion * self.anion.molar_mass

    @property
    def key(self) -> tuple[str, str]:
        """Canonical SMILES of the cation and of the anion."""
        return self.cation.smiles, self.anion.smiles


def parse_ion(text: str, role: Role | None = None) -> Ion:
    """Read the SMILES of one ion.

    Args:
        text: SMILES; blanks around it do not matter.
        role: what is expected; ``None`` takes either.

    Raises:
        ChemistryError: if the text is not one usable ion, or one of the other role.
    """
    ion = _ion(clean(text, example=_EXAMPLE))
    if role is not None and ion.role != role:
        raise WrongChargeError(
            f"this is {_article(ion.role)} (charge {ion.charge:+d}), and {_article(role)} belongs "
            "here; are cation and anion swapped?"
        )
    return ion


def canonical_ion(smiles: str) -> Ion:
    """Return the ion of a SMILES that came out of :func:`parse_ion`, some twenty times as fast.

    For the thousands of ions of a table or of a checkpoint: nothing is checked.
    """
    return _described(smiles, Chem.MolFromSmiles(smiles))


def parse_ionic_liquid(text: str) -> IonicLiquid:
    """Read the SMILES of a whole ionic liquid, ``A.B``, the ions in any order.

    Repeated ions give the stoichiometry, and it has to balance the charges; one of each is enough
    where the charges differ (``[C+2].[A-]`` is taken as 1:2).

    Raises:
        ChemistryError: if the text is not one kind of cation and one kind of anion.
    """
    cleaned = clean(text, 2 * MAX_CHARACTERS, example=_EXAMPLE)
    with quiet():
        check_rings(cleaned)
        # The whole text is read first: a ring bond may join atoms on the two sides of a dot.
        mol = Chem.MolFromSmiles(cleaned)
        parts = (
            [Chem.MolToSmiles(part) for part in Chem.GetMolFrags(mol, asMols=True)] if mol else []
        )
    if mol is None:
        parts = cleaned.split(".")
        for part in parts:
            _ion(part)  # says which part is wrong, and why
        raise InvalidSmilesError("this is not a SMILES; an ionic liquid is written cation.anion")
    if len(parts) == 1:
        ion = _ion(parts[0])
        missing = "anion" if ion.role == "cation" else "cation"
        raise UnbalancedError(
            f"this is only the {ion.role}; write the {missing} behind it after a dot, cation.anion"
        )
    counts = Counter(_ion(part) for part in parts)
    cations = [ion for ion in counts if ion.charge > 0]
    anions = [ion for ion in counts if ion.charge < 0]
    if len(cations) != 1 or len(anions) != 1:
        raise UnbalancedError(
            f"found {_count(len(cations), 'kind')} of cation and {_count(len(anions), 'kind')} of "
            "anion; an ionic liquid here is one kind of each"
        )
    (cation,), (anion,) = cations, anions
    liquid = combine(cation, anion)
    given = counts[cation], counts[anion]
    balanced = given[0] * cation.charge + given[1] * anion.charge == 0
    if not balanced and given != (1, 1):
        raise UnbalancedError(
            f"{given[0]} × ({cation.charge:+d}) and {given[1]} × ({anion.charge:+d}) do not add up "
            f"to zero; {liquid.n_cation}:{liquid.n_anion} would"
        )
    return liquid


def combine(cation: Ion, anion: Ion) -> IonicLiquid:
    """Make the smallest neutral formula unit of two ions.

    Raises:
        WrongChargeError: if the first is no cation or the second no anion.
    """
    if cation.charge <= 0 or anion.charge >= 0:
        raise WrongChargeError(
            f"a cation and an anion make an ionic liquid, not {_article(cation.role)} "
            f"and {_article(anion.role)} in this order"
        )
    common = gcd(cation.charge, -anion.charge)
    return IonicLiquid(cation, anion, -anion.charge // common, cation.charge // common)


# ------------------------------------------------------------------------------------- reading text


def _article(role: Role) -> str:
    return "an anion" if role == "anion" else "a cation"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


# --------------------------------------------------------------------------------- what is let in

_NONMETALS: Final = frozenset(
    ["H", "B", "C", "N", "O", "F", "Si", "P", "S", "Cl", "As", "Se", "Br", "Te", "I"]
)
_METALS_IN_ANIONS: Final = frozenset([
    "Al", "Ti", "V", "Cr", "Mn", "Fe", "Co", "Ni", "Cu", "Zn", "Ga", "Ge", "Zr",
    "Nb", "Mo", "Ru", "Rh", "Pd", "Ag", "Cd", "In", "Sn", "Sb", "Hf", "Ta", "W",
    "Re", "Pt", "Au", "Hg", "Tl", "Pb", "Bi", "La", "Ce", "Pr", "Nd", "Sm", "Eu",
    "Gd", "Tb", "Dy", "Ho", "Er", "Tm", "Yb", "Lu", "Th", "U",
])  # fmt: skip


def _check(mol: Chem.Mol) -> None:
    """Raise unless the molecule is one ion of supported elements, size and charge."""
    atoms = atoms_of(mol)
    if not atoms:
        raise EmptyStructureError("there is no atom before or behind a dot in this SMILES")
    elements = {atom.GetSymbol() for atom in atoms}
    if "*" in elements:
        raise NotAnIonError("the structure has an open end (*); an ion has none, a polymer would")
    if mol.GetNumHeavyAtoms() > MAX_HEAVY_ATOMS:
        raise TooLargeError(
            f"the ion has {mol.GetNumHeavyAtoms()} heavy atoms; at most {MAX_HEAVY_ATOMS} are read"
        )
    if any(bond.GetBondType() not in BOND_TYPES for bond in bonds_of(mol)):
        raise InvalidSmilesError("only single, double, triple and aromatic bonds are read")
    if len(Chem.GetMolFrags(mol)) > 1:
        raise NotAnIonError(
            "there is a dot in the SMILES, so these are several particles; give one ion at a time"
        )
    charges = [atom.GetFormalCharge() for atom in atoms]
    charge = sum(charges)
    if max(map(abs, charges)) > MAX_CHARGE or abs(charge) > MAX_CHARGE:
        raise WrongChargeError(f"charges beyond ±{MAX_CHARGE} do not occur in ionic liquids")
    _check_elements(elements, charge)
    if charge == 0 and any(charges):
        raise NotAnIonError(
            "the charges in this structure cancel (a zwitterion, a nitro group or the like), "
            "so it is neutral as a whole; an ionic liquid is a cation and an anion"
        )
    if charge == 0:
        raise NotAnIonError(
            "this molecule is neutral; write the charge in brackets, as in [Cl-], CC(=O)[O-], "
            "C[NH3+] or C[n+]1ccn(C)c1"
        )
    if any(atom.GetNumRadicalElectrons() for atom in atoms):
        raise RadicalError(
            "an atom has an unpaired electron (a bracket atom without its hydrogens, as [CH2]?); "
            "the models know closed-shell ions only"
        )


def _check_elements(elements: set[str], charge: int) -> None:
    if charge > 0:
        if strange := sorted(elements - _NONMETALS):
            raise InorganicCationError(
                f"{', '.join(strange)} in a cation: only organic cations (and ammonium) of "
                "non-metals form ionic liquids as understood here, no metal cations"
            )
        if not elements & {"C", "N"}:
            raise InorganicCationError(
                "this cation has neither carbon nor nitrogen; only organic cations and ammonium "
                "form ionic liquids as understood here"
            )
    elif strange := sorted(elements - _NONMETALS - _METALS_IN_ANIONS):
        raise UnsupportedElementError(f"no ionic liquid in the data has an anion with {strange[0]}")
    if charge < 0 and not elements & (_NONMETALS - {"H"}):
        raise UnsupportedElementError("an anion needs at least one non-metal other than hydrogen")


# ------------------------------------------------------------------------------------- one identity

_ONIUM: Final = Chem.MolFromSmarts("[P,S,Se;+,+2,+3]")
_RING_DOUBLE_BOND: Final = Chem.MolFromSmarts("[R]=,#;@[R]")
# One placement of the charges: formal charges by atom, bond orders by bond.
_Placement = tuple[tuple[int, ...], tuple[int, ...]]

_ORDERS: Final = {
    1: Chem.BondType.SINGLE,
    2: Chem.BondType.DOUBLE,
    3: Chem.BondType.TRIPLE,
}
# Atoms that can carry a positive charge by giving a lone pair, with the bonds they have without.
_DONORS: Final = {7: 3, 8: 2, 15: 3, 16: 2, 34: 2}
_ACCEPTORS: Final = frozenset([6, 7, 8, 16, 34])
# The search is exact for every ion met; the limits only bound the time for absurd input. Drawing a
# placement takes time in proportion to its atoms; the ions in the tables need 1,100 at most.
_MAX_ATOMS_PLACED: Final = 8_000
_MAX_STEPS: Final = 20_000
_MAX_READINGS: Final = 8


class _Resonance:
    """The resonance structures of an ion that differ in where its charges sit.

    A charge moves along a path of bonds that are alternately raised and lowered by one. By the
    theory of alternating paths every placement of one charge is reached from every other along one
    such path, whichever Kekulé structure one starts from; ions with several charges are searched
    one move after another.
    """

    def __init__(self, mol: Chem.Mol) -> None:
        self._mol = Chem.RWMol(mol)
        Chem.Kekulize(self._mol, clearAromaticFlags=True)
        atoms, bonds = atoms_of(self._mol), bonds_of(self._mol)
        self._element = [atom.GetAtomicNum() for atom in atoms]
        self._three_ring = [atom.GetAtomicNum() == 6 and atom.IsInRingSize(3) for atom in atoms]
        self._hydrogens = [atom.GetTotalNumHs() for atom in atoms]
        self._neighbours: list[list[tuple[int, int]]] = [[] for _ in atoms]
        for index, bond in enumerate(bonds):
            begin, end = bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()
            self._neighbours[begin].append((end, index))
            self._neighbours[end].append((begin, index))
        self._steps = 0
        self._start: _Placement = (
            tuple(atom.GetFormalCharge() for atom in atoms),
            tuple(int(bond.GetBondTypeAsDouble()) for bond in bonds),
        )

    def placements(self) -> list[_Placement]:
        """All placements of the charges, the given one first."""
        most = _MAX_ATOMS_PLACED // len(self._element)
        found = {self._start[0]: self._start[1]}
        waiting = [self._start]
        while waiting:
            for charges, orders in self._moves(waiting.pop()):
                if charges not in found and len(found) < most:
                    found[charges] = orders
                    waiting.append((charges, orders))
        return list(found.items())

    def mol(self, placement: _Placement) -> Chem.Mol:
        """Build the resonance structure of a placement, not sanitised."""
        charges, orders = placement
        mol = Chem.RWMol(self._mol)
        for atom, charge, hydrogens in zip(atoms_of(mol), charges, self._hydrogens, strict=True):
            atom.SetFormalCharge(charge)
            atom.SetNoImplicit(what=True)
            atom.SetNumExplicitHs(hydrogens)
        for bond, order in zip(bonds_of(mol), orders, strict=True):
            bond.SetBondType(_ORDERS[order])
        return mol

    def _moves(self, placement: _Placement) -> Iterator[_Placement]:
        for source, charge in enumerate(placement[0]):
            if charge == 1 and self._element[source] in _DONORS:
                yield from self._walk(placement, source, first=-1)
            elif (charge == 1 and self._element[source] == 6) or (
                charge == -1 and self._element[source] in _ACCEPTORS
            ):
                yield from self._walk(placement, source, first=+1)

    def _walk(self, placement: _Placement, source: int, *, first: int) -> Iterator[_Placement]:
        """Follow alternating paths from ``source``; ``first`` is the change of the first bond."""
        charges, orders = placement
        charge = charges[source]
        stack: list[tuple[int, int, tuple[int, ...], tuple[int, ...]]]
        stack = [(source, first, (source,), ())]
        while stack and self._steps < _MAX_STEPS:
            self._steps += 1
            here, change, atoms, bonds = stack.pop()
            for there, bond in self._neighbours[here]:
                if there in atoms or not 1 <= orders[bond] + change <= 3:
                    continue
                path = (*bonds, bond)
                if self._can_end(placement, there, charge, change) and not self._mirror(
                    source, there, path
                ):
                    new_charges, new_orders = list(charges), list(orders)
                    new_charges[source], new_charges[there] = 0, charges[there] + charge
                    for position, index in enumerate(path):
                        new_orders[index] += first if position % 2 == 0 else -first
                    yield tuple(new_charges), tuple(new_orders)
                if self._element[there] != 1:
                    stack.append((there, -change, (*atoms, there), path))

    def _can_end(self, placement: _Placement, atom: int, charge: int, change: int) -> bool:
        """Whether the charge may come to sit on ``atom`` when its last bond changes so."""
        charges, orders = placement
        if charge < 0 and charges[atom] == 1:  # the two cancel
            return change < 0 if self._element[atom] in _DONORS else self._element[atom] == 6
        if charges[atom] != 0:
            return False
        if charge < 0:  # takes the electron pair of the bond that is lowered
            return change < 0 and self._element[atom] in _ACCEPTORS
        if change < 0:  # leaves an empty orbital, which only cyclopropenium carbons bear well
            return bool(self._three_ring[atom])
        valence = sum(orders[bond] for _, bond in self._neighbours[atom]) + self._hydrogens[atom]
        return bool(valence == _DONORS.get(self._element[atom], -1))

    def _mirror(self, source: int, there: int, path: tuple[int, ...]) -> bool:
        """Whether the move only swaps two equivalent ends, as the oxygens of a sulfonate."""
        return (
            len(path) == 2
            and self._element[source] == self._element[there]
            and self._hydrogens[source] == self._hydrogens[there]
            and len(self._neighbours[source]) == len(self._neighbours[there]) == 1
        )


def _preference(mol: Chem.Mol) -> tuple[int, ...]:
    """How far a resonance structure is from what chemists draw; the smallest wins."""
    size = unusual = drawn = 0
    atoms = atoms_of(mol)
    for atom in atoms:
        charge, element = atom.GetFormalCharge(), atom.GetAtomicNum()
        if charge == 0:
            continue
        size += abs(charge)
        unusual += _unusual(atom)
        if charge > 0 and element == 6:
            drawn += -1 if atom.IsInRingSize(3) else 4  # cyclopropenium, another carbenium
        elif charge > 0:
            drawn += {7: 0, 15: 2, 16: 3, 34: 3}.get(element, 4)
        elif element == 6:
            drawn += 0 if _stabilised(atom) else 9
        else:
            drawn += {7: 1, 16: 1, 34: 1}.get(element, 2)
            # Dicyanamide has its charge on the middle nitrogen, not on a doubly bonded end.
            drawn += not atom.GetIsAromatic() and atom.GetTotalDegree() < atom.GetTotalValence()
    aromatic = sum(atom.GetIsAromatic() for atom in atoms)
    return size, unusual, -aromatic, drawn


def _unusual(atom: Chem.Atom) -> bool:
    """Whether a charged atom spoils a nitro group or an azide as they are usually drawn."""
    neighbours = atom.GetNeighbors()
    if atom.GetFormalCharge() > 0:
        negative = sum(n.GetFormalCharge() < 0 and n.GetAtomicNum() == 8 for n in neighbours)
        diazo = atom.GetAtomicNum() == 7 and any(
            n.GetAtomicNum() == 7
            and n.GetFormalCharge() == 0
            and n.GetDegree() == 1
            and n.GetTotalNumHs() == 0
            for n in neighbours
        )
        return diazo or (atom.GetAtomicNum() == 7 and negative > 1 and atom.GetDegree() > 1)
    return atom.GetAtomicNum() == 8 and any(
        n.GetAtomicNum() == 7 and n.GetFormalCharge() == 0 for n in neighbours
    )


def _stabilised(carbon: Chem.Atom) -> bool:
    """Whether a carbanion is one that chemists draw: between two acceptors, or beside nitro."""
    acceptors = 0
    for neighbour in carbon.GetNeighbors():
        if neighbour.GetFormalCharge() > 0:
            acceptors += 2
        elif not neighbour.GetIsAromatic() and any(
            bond.GetBondTypeAsDouble() >= 2 and bond.GetOtherAtom(neighbour).GetAtomicNum() != 6
            for bond in neighbour.GetBonds()
        ):
            acceptors += 1
    return acceptors >= 2 and not carbon.GetIsAromatic()


def resonance_spellings(mol: Chem.Mol) -> list[str]:
    """Canonical SMILES of all charge placements of an ion, the preferred drawing first."""
    ranked = []
    resonance = _Resonance(mol)
    placements = resonance.placements()
    if len(placements) == 1:
        return [Chem.MolToSmiles(mol)]
    for placement in placements:
        # Reading the SMILES again gives the hydrogens and aromaticity every reader would see.
        built = Chem.MolFromSmiles(Chem.MolToSmiles(resonance.mol(placement)))
        if built is not None:
            ranked.append((_preference(built), Chem.MolToSmiles(built)))
    return [smiles for _, smiles in sorted(set(ranked))] or [Chem.MolToSmiles(mol)]


def spelling_key(standard: str) -> str:
    """Key of an ion in ``spellings.csv``: a short hash of its alphabetical spelling."""
    return hashlib.blake2b(standard.encode(), digest_size=6).hexdigest()


@lru_cache(maxsize=1)
def _spellings() -> Mapping[str, int]:
    """Which of its tied spellings an ion has in the literature, where that is not the first."""
    table = resources.files("core") / "tables" / "spellings.csv"
    rows = csv.DictReader(table.read_text(encoding="utf-8").splitlines())
    return {row["key"]: int(row["choice"]) for row in rows}


def _canonical(mol: Chem.Mol) -> str:
    if any(atom.GetSymbol() in _METALS_IN_ANIONS for atom in atoms_of(mol)):
        return str(Chem.MolToSmiles(mol))
    spellings = resonance_spellings(mol)
    if len(spellings) == 1:
        return spellings[0]
    choice = _spellings().get(spelling_key(spellings[0]), 0)
    return spellings[min(choice, len(spellings) - 1)]


def _settled(mol: Chem.Mol) -> str:
    """Canonical SMILES that stays the same when it is read again.

    An unsaturated ring that is not aromatic, as cyclobutadiene, has two Kekulé structures with two
    SMILES, and moving a charge can bring it beside a P(+) or S(+): then the result is read again
    until it repeats, and the alphabetically first of those that repeat is taken.
    """
    seen = [_canonical(mol)]
    drawn = Chem.MolFromSmiles(seen[0])
    if drawn.HasSubstructMatch(_RING_DOUBLE_BOND) or mol.HasSubstructMatch(_ONIUM):
        while (again := _canonical(bare(Chem.MolFromSmiles(seen[-1])))) not in seen:
            seen.append(again)
            if len(seen) == _MAX_READINGS:
                return min(seen)
        seen = seen[seen.index(again) :]
    return min(seen)


@lru_cache(maxsize=32_768)
def _ion(smiles: str) -> Ion:
    with quiet():
        mol = read(smiles)
        _check(mol)
        canonical = _settled(bare(mol))
        mol = Chem.MolFromSmiles(canonical)
        _check(mol)
        return _described(canonical, mol)


def _described(smiles: str, mol: Chem.Mol) -> Ion:
    return Ion(
        smiles=smiles,
        charge=Chem.GetFormalCharge(mol),
        formula=rdMolDescriptors.CalcMolFormula(mol),
        molar_mass=float(Descriptors.MolWt(mol)),
        heavy_atoms=mol.GetNumHeavyAtoms(),
    )


# ----------------------------------------------------------------------------------------- families

# The first pattern that fits names the family; the order decides where an ion has several groups.
# An aromatic ring counts wherever its charge is drawn: within two bonds of any atom of a five-ring.
_PLUS: Final = "$([*+]),$(*:[*+]),$(*:*:[*+])"
_CATION_FAMILIES: Final = (
    ("tetrazolium", f"[n;{_PLUS}]1nnnc1"),
    ("triazolium", f"[n;{_PLUS}]1nncc1"),
    ("triazolium", f"[n;{_PLUS}]1ncnc1"),
    ("benzimidazolium", f"[n;{_PLUS}]1cnc2ccccc12"),
    ("imidazolium", f"[n;{_PLUS}]1cncc1"),
    ("pyrazolium", f"[n;{_PLUS}]1nccc1"),
    ("thiazolium", f"[n;{_PLUS}]1cscc1"),
    ("oxazolium", f"[n;{_PLUS}]1cocc1"),
    ("quinolinium", "[n+]1cccc2ccccc12"),
    ("isoquinolinium", "c1[n+]ccc2ccccc12"),
    ("pyridinium", "[n+]1ccccc1"),
    ("diazinium", "[n+]1aaaaa1"),
    ("bicyclic ammonium", "[N+;X4]12CC[#7,#6](CC1)CC2"),
    ("bicyclic ammonium", "[#7;X3]12CC[N+;X4](CC1)CC2"),
    ("morpholinium", "[N+;X4]1CCOCC1"),
    ("piperazinium", "[N+;X4]1CC[#7]CC1"),
    ("pyrrolidinium", "[N+;X4]1CCCC1"),
    ("piperidinium", "[N+;X4]1CCCCC1"),
    ("azepanium", "[N+;X4]1CCCCCC1"),
    ("guanidinium", "[N+]=[#6]([#7])[#7]"),
    ("imidazolinium", "[N+]1=C[#7]CC1"),
    ("thiouronium", "[#7]~[#6;X3;$(C~[*+])](~[#7])~[#16]"),
    ("uronium", "[N+]=[#6]([#7])[#8]"),
    ("protonated amide", "[O+]=[#6][#7]"),
    ("protonated amide", "[N+]=[#6][OX2;H1]"),
    ("amidinium", "[N+]=[#6][#7]"),
    ("phosphazenium", "[P;X4]~[N;$([*+]),$(*~[*+])]~[P;X4]"),
    ("phosphazenium", "[N+]=[P;X4]"),
    ("phosphonium", "[P+]"),
    ("sulfonium", "[S+;X3]"),
    ("cholinium", "[N+;X4;H0]([CX4])([CX4])([CX4])[CH2][CH2][OH]"),
    ("hydrazinium", "[N+;X4][#7]"),
    ("protic ammonium", "[N+;X4;!H0]"),
    ("ammonium", "[N+;X4]"),
    ("cyclopropenium", "[#6+]1~[#6]~[#6]1"),
    ("cyclopropenium", "[+]=[#6]1~[#6]~[#6]1"),
    ("iminium", "[N+]=[#6]"),
)
_ANION_FAMILIES: Final = (
    ("polyhalide", "[F,Cl,Br,I;!$(*~[!F;!Cl;!Br;!I])]~[F,Cl,Br,I]"),
    ("halide", "[F-,Cl-,Br-,I-;X0]"),
    ("bis(sulfonyl)imide", "[N-](S(=O)=O)S(=O)=O"),
    ("sulfonyl amide", "[#7-]S(=O)=O"),
    ("sulfonyl methide", "[#6-]S(=O)=O"),
    ("pseudohalide", "[S,O,Se;-]C#N"),
    ("pseudohalide", "[N-]=[N+]=[N-]"),
    ("pseudohalide", "[C-]#N"),
    ("cyano", "[N,B,C;-]C#N"),
    ("borate", "[B-]"),
    ("fluorophosphate", "[P-]F"),
    ("amino acid", "[O-]C(=O)[CX4][NX3;!$(N[C,S]=[O,S])]"),
    ("carboxylate", "[O-]C=O"),
    ("phosphonate", "[O-]P(=O)([#6,#1])[#8]"),
    ("phosphinate", "[O-]P(=O)[#6,#1]"),
    ("phosphate", "[O-]P=O"),
    ("thiophosphate", "[O,S;-]P~[S,O]"),
    ("sulfate", "[O-]S(=O)(=O)[O]"),
    ("sulfonate", "[O-]S(=O)=O"),
    ("nitrate", "[O-][N+;X3](=O)[O-]"),
    ("halogen oxyanion", "[O-][Cl+,Cl+2,Cl+3,Br+,Br+2,Br+3,I+,I+2,I+3]"),
    ("azolide", "[n-]"),
    ("phenolate", "[O-]c"),
    ("thiolate", "[S-]"),
    ("carbanion", "[#6-]"),
    ("enolate", "[O-]C=C"),
    ("amide", "[N-]"),
)
ION_FAMILIES: Final = tuple(
    sorted({name for name, _ in (*_CATION_FAMILIES, *_ANION_FAMILIES)} | {"metal complex", "other"})
)
"""All that :func:`family` may answer."""


@lru_cache(maxsize=2)
def _family_patterns(role: Role) -> tuple[tuple[str, Chem.Mol], ...]:
    rows = _CATION_FAMILIES if role == "cation" else _ANION_FAMILIES
    return tuple((name, Chem.MolFromSmarts(smarts)) for name, smarts in rows)


@lru_cache(maxsize=32_768)
def family(ion: Ion) -> str:
    """Name the chemical family of an ion by its substructures, ``"other"`` where none fits."""
    mol = Chem.MolFromSmiles(ion.smiles)
    if any(atom.GetSymbol() in _METALS_IN_ANIONS for atom in atoms_of(mol)):
        return "metal complex"
    for name, pattern in _family_patterns(ion.role):
        if mol.HasSubstructMatch(pattern):
            return name
    return "other"
