"""Families of polymers and of solvents, by their groups; those of ions stand beside the ions."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Final, Literal, NamedTuple

from rdkit import Chem

from core.chemistry._reading import atoms_of
from core.chemistry.polymers import Polymer, cyclic_oligomer
from core.chemistry.solvents import Solvent

__all__ = ["polymer_family", "solvent_family"]

# The first pattern that fits names the family, so what governs mixing most comes first.
_SOLVENT_FAMILIES: Final = (
    ("water", "[OX2H2]"),
    ("acid", "[CX3](=O)[OX2H]"),
    ("acid", "[P,S,$([N+][O-])](=O)[OX2H]"),
    ("alcohol", "[CX4][OX2H]"),
    ("amide", "[CX3](=O)[NX3]"),
    ("nitrile", "C#N"),
    ("nitro", "[N+](=O)[O-]"),
    ("sulfoxide or sulfone", "[#16;X3,X4]=O"),
    ("phosphate", "P=O"),
    ("carbonate", "[OX2]C(=O)[OX2]"),
    ("ester", "[CX3](=O)[OX2][#6]"),
    ("ketone", "[#6][CX3](=O)[#6]"),
    ("phenol", "c[OX2H]"),
    ("aldehyde", "[CX3H1,CX3H2]=O"),
    ("aromatic heterocycle", "[n,o,s]"),
    ("amine", "[NX3]"),
    ("siloxane or silane", "[Si]"),
    ("halogenated", "[F,Cl,Br,I]"),
    ("ether", "[OX2]([#6])[#6]"),
    ("sulfide or thiol", "[SX2v2]"),  # sulfur dioxide has two neighbours as well
    ("other", "[!#6]"),
    ("aromatic hydrocarbon", "c"),
    ("alkene", "C=C"),
    ("alkane", "[CX4]"),
)


class _Group(NamedTuple):
    """A pattern of a polymer; ``backbone`` tells how many of its first atoms lie in the chain."""

    family: str
    smarts: str
    backbone: int = 1


# Chains with other atoms than carbon first, then carbon chains by what hangs on them.
_POLYMER_FAMILIES: Final = (
    _Group("silicone or polysilane", "[Si]"),
    _Group("polyphosphazene", "P=N", 2),
    _Group("polysaccharide", "[OX2][CX4]1[OX2][CX4][CX4][CX4][CX4]1"),
    _Group("polyisocyanate", "[NX3]([CX3;$(C=O)])[CX3;$(C=O)]", 3),
    _Group("polyimide", "[#7X3]([#6]=O)[#6]=O"),
    _Group("polyurethane or polyurea", "C(=O)([NX3])[NX3,OX2]"),
    _Group("polycarbonate", "C(=O)([OX2])[OX2]"),
    _Group("polyamide", "C(=O)[NX3]"),
    _Group("polyester", "C(=O)[OX2]"),
    _Group("polysulfone", "S(=O)=O"),
    _Group("polysulfide", "S"),
    _Group("aromatic polyether", "[OX2]c"),
    _Group("polyether", "[OX2]"),
    _Group("polyamine", "[#7]"),
    _Group("polyarylene", "c"),
    _Group("polydiene", "C=C", 2),
    _Group("polymethacrylate", "[CX4]([CH3])C(=O)[OX2]"),
    _Group("polyacrylate", "[CX4]C(=O)[OX2]"),
    _Group("polyacrylamide", "[CX4]C(=O)[NX3]"),
    _Group("polyacrylonitrile", "[CX4]C#N"),
    _Group("polystyrene", "[CX4]c"),
    _Group("poly(vinyl ester)", "[CX4]OC=O"),
    _Group("poly(vinyl alcohol)", "[CX4][OX2H]"),
    _Group("poly(vinyl ether)", "[CX4][OX2]"),
    _Group("poly(N-vinyl)", "[CX4][#7]"),
    _Group("halogenated chain", "[CX4][F,Cl,Br,I]"),
    _Group("polyolefin", "[CX4]"),
)
_UNITS: Final = 3  # a group may be cut by the ends of the unit; one atom of backbone closes a ring


@cache
def _patterns(kind: Literal["polymer", "solvent"]) -> tuple[tuple[str, Chem.Mol, int], ...]:
    rows: tuple[tuple[str, str, int], ...] = (
        _POLYMER_FAMILIES
        if kind == "polymer"
        else tuple((name, smarts, 0) for name, smarts in _SOLVENT_FAMILIES)
    )
    return tuple((name, Chem.MolFromSmarts(smarts), backbone) for name, smarts, backbone in rows)


@lru_cache(maxsize=8192)
def solvent_family(solvent: Solvent) -> str:
    """Name the chemical family of a solvent, ``"other"`` where none fits."""
    mol = Chem.MolFromSmiles(solvent.smiles)
    found = (name for name, pattern, _ in _patterns("solvent") if mol.HasSubstructMatch(pattern))
    return next(found, "other")


@lru_cache(maxsize=8192)
def polymer_family(polymer: Polymer) -> str:
    """Name the chemical family of a polymer by its backbone and what hangs on it, or ``"other"``.

    The backbone is the shortest path from one end of the repeat unit to the other.
    """
    unit = Chem.MolFromSmiles(polymer.smiles)
    ends = [atom.GetIdx() for atom in atoms_of(unit) if atom.GetAtomicNum() == 0]
    path = Chem.GetShortestPath(unit, *ends)[1:-1]
    size = unit.GetNumAtoms() - len(ends)
    chain = {atom - sum(end < atom for end in ends) for atom in path}
    ring = cyclic_oligomer(unit, _UNITS)
    for name, pattern, backbone in _patterns("polymer"):
        for match in ring.GetSubstructMatches(pattern):
            if all(atom % size in chain for atom in match[:backbone]):
                return name
    return "other"
