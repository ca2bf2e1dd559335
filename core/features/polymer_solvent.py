"""Numbers from structures: descriptors and substructure counts of polymers and solvents.

A polymer is described by a ring of a few of its repeat units, so that no number depends on where
the unit was cut or which way it is read. What counts groups or sums over atoms is divided by the
van der Waals volume: interactions in a mixture go with densities of groups. A solvent is described
both ways, per molecule and per volume.

Beside counts, surface areas and connectivity there are **kernel means** of atomic parameters
(Gasteiger charge, Crippen contributions to log P and molar refractivity, electronegativity): the
mean over the atoms of Gaussians centred on a grid, a smooth histogram, as in Aoki et al.,
Macromolecules 2023, doi 10.1021/acs.macromol.2c02600.

:data:`VERSION` is stored in every model card. Change it whenever a number here can change.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.Chem import Descriptors, Lipinski, rdFingerprintGenerator, rdMolDescriptors

from core.chemistry import cyclic_oligomer
from core.features import _kept
from core.features._descriptors import (
    Group,
    Structure,
    connectivity,
    crippen_of_hydrogens,
    hydrogen_bond_acceptors,
    rotatable_bonds,
)
from core.features._kept import Described
from core.features._volume import van_der_waals

__all__ = [
    "POLYMER_NAMES",
    "SOLVENT_NAMES",
    "VERSION",
    "Kind",
    "describe",
    "environments",
    "features",
    "keep",
    "molar_volume",
]

FloatArray = NDArray[np.float64]
Kind = Literal["polymer", "solvent"]

VERSION: Final = "polymer-solvent-1"

# Pauling electronegativity and dipole polarisability in cubic angstrom (CRC Handbook of Chemistry
# and Physics); carbon's stand in for an element not listed.
_ELECTRONEGATIVITY: Final = {
    1: 2.20, 5: 2.04, 6: 2.55, 7: 3.04, 8: 3.44, 9: 3.98, 14: 1.90, 15: 2.19, 16: 2.58, 17: 3.16,
    34: 2.55, 35: 2.96, 53: 2.66,
}  # fmt: skip
_POLARISABILITY: Final = {
    1: 0.667, 5: 3.03, 6: 1.76, 7: 1.10, 8: 0.802, 9: 0.557, 14: 5.38, 15: 3.63, 16: 2.90,
    17: 2.18, 34: 3.77, 35: 3.05, 53: 5.35,
}  # fmt: skip

# First centre, last centre, number of centres, width of the Gaussians.
_GRIDS: Final = {
    "charge": (-0.45, 0.45, 10, 0.07),
    "log_p": (-1.0, 1.0, 9, 0.2),
    "refractivity": (0.0, 8.0, 8, 0.8),
    "electronegativity": (1.9, 4.0, 6, 0.25),
}

_ELEMENTS: Final = {
    "H": 1, "B": 5, "C": 6, "N": 7, "O": 8, "F": 9, "Si": 14, "P": 15, "S": 16, "Cl": 17,
    "Br": 35, "I": 53,
}  # fmt: skip

# Name -> what a molecule must have for such a group (see :class:`Group`), and the group as SMARTS.
_GROUPS: Final[dict[str, tuple[str, str]]] = {
    "methyl": ("CH", "[CH3]"),
    "methylene": ("CH", "[CH2]"),
    "methine": ("CH", "[CX4;H1]"),
    "quaternary": ("C", "[CX4;H0]"),
    "alkene": ("C", "[CX3]=[CX3]"),
    "aromatic_carbon": ("c", "c"),
    "aromatic_ch": ("cH", "[cH]"),
    "alkyne": ("C", "C#C"),
    "alcohol": ("C OH", "[OX2H][CX4]"),
    "phenol": ("c OH", "[OX2H]c"),
    "water": ("OH", "[OH2]"),
    "ether": ("O", "[OD2;!$(O[C,S,P]=O)]([#6])[#6]"),
    "ester": ("C O", "[CX3](=O)[OX2][#6]"),
    "acid": ("C OH", "[CX3](=O)[OX2H]"),
    "carbonate": ("C O", "O[CX3](=O)O"),
    "ketone": ("C O", "[#6][CX3](=O)[#6]"),
    "aldehyde": ("CH O", "[CX3H1]=O"),
    "amide": ("C N O", "[CX3](=O)[NX3]"),
    "amide_with_hydrogen": ("C NH O", "[CX3](=O)[NX3;H1,H2]"),
    "urethane": ("C N O", "O[CX3](=O)[NX3]"),
    "imide": ("C N O", "[CX3](=O)[NX3][CX3]=O"),
    "amine_primary": ("NH", "[NX3;H2;!$(NC=O)]"),
    "amine_secondary": ("NH", "[NX3;H1;!$(NC=O)]"),
    "amine_tertiary": ("N", "[NX3;H0;!$(NC=O);!$(N=O)]"),
    "aromatic_nitrogen": ("n", "n"),
    "nitrile": ("C N", "C#N"),
    "nitro": ("N O", "[N+](=O)[O-]"),
    "sulfonyl": ("O S", "S(=O)(=O)"),
    "sulfoxide": ("O S", "[SX3]=O"),
    "sulfide": ("S,s", "[#16X2]"),
    "thiol": ("SH", "[SH]"),
    "phosphoryl": ("O P", "P=O"),
    "fluorine": ("F", "F"),
    "trifluoromethyl": ("C F", "C(F)(F)F"),
    "difluoromethylene": ("C F", "[CX4](F)F"),
    "chlorine": ("Cl", "Cl"),
    "dichloromethylene": ("C Cl", "C(Cl)Cl"),
    "chloromethine": ("CH Cl", "[CX4;H1]Cl"),
    "bromine": ("Br", "Br"),
    "iodine": ("I", "I"),
    "siloxane": ("O Si", "[Si]O"),
    "silicon": ("Si", "[Si]"),
    "benzene_ring": ("c", "c1ccccc1"),
    "carbon_disulfide": ("C S", "S=C=S"),
    "epoxide": ("C O R", "C1OC1"),
    "lactone": ("O R", "[#6;R](=O)[O;R]"),
    "isocyanate": ("C N O", "N=C=O"),
    "acidic_ch": ("CH Cl,F,N", "[CX4;H1,H2]([Cl,F,$(C#N),$(N(=O)=O)])[Cl,F,$(C#N),$(N(=O)=O)]"),
    "quaternary_carbon": ("C", "[CX4;H0](C)(C)(C)C"),
    "five_membered_heteroaromatic": ("c n,o,s", "[o,s,n]1cccc1"),
}

_SURFACES: Final[dict[str, Callable[[Chem.Mol], float]]] = {
    "polar_surface": rdMolDescriptors.CalcTPSA,
    "accessible_surface": rdMolDescriptors.CalcLabuteASA,
    "chi0v": rdMolDescriptors.CalcChi0v,
    "chi1v": rdMolDescriptors.CalcChi1v,
}
_VSA: Final[dict[str, tuple[int, Callable[[Chem.Mol], Sequence[float]]]]] = {
    "slogp_vsa": (12, rdMolDescriptors.SlogP_VSA_),
    "smr_vsa": (10, rdMolDescriptors.SMR_VSA_),
    "peoe_vsa": (14, rdMolDescriptors.PEOE_VSA_),
}

_EXTENSIVE: Final = (
    "volume", "heavy_atoms", *(f"n_{symbol}" for symbol in _ELEMENTS), "polarisability",
    "log_p", "molar_refractivity", "aromatic_rings", "rings", *_SURFACES, "chi2v", "chi3v",
    "hall_kier_alpha", "hydrogen_bond_donors", "hydrogen_bond_acceptors", "rotatable_bonds",
    *(f"{name}{i + 1}" for name, (size, _) in _VSA.items() for i in range(size)), *_GROUPS,
)  # fmt: skip
_INTENSIVE: Final = (
    *(f"{name}_kernel_{i + 1}" for name, (_, _, n, _) in _GRIDS.items() for i in range(n)),
    "charge_max", "charge_min", "charge_spread", "mass_per_volume", "fraction_sp3",
)  # fmt: skip

POLYMER_NAMES: Final[tuple[str, ...]] = (
    *(f"{name}_per_volume" for name in _EXTENSIVE[1:]),
    *_INTENSIVE,
    "log_unit_volume",
)
"""Names of the columns of :func:`describe` for polymers, in order."""

SOLVENT_NAMES: Final[tuple[str, ...]] = (
    *_EXTENSIVE,
    *(f"{name}_per_volume" for name in _EXTENSIVE[1:]),
    *_INTENSIVE,
    "kappa1",
    "kappa2",
    "kappa3",
    "log_volume",
)
"""Names of the columns of :func:`describe` for solvents, in order."""

# Rings of more atoms than this close the oligomer; they are no rings of the polymer.
_LARGEST_RING: Final = 7
# Kappa indices divide by the number of paths and run away where there is hardly one.
_LONGEST_KAPPA: Final = 20.0
_KAPPAS: Final = (
    rdMolDescriptors.CalcKappa1,
    rdMolDescriptors.CalcKappa2,
    rdMolDescriptors.CalcKappa3,
)
_CM3_MOL_PER_CUBIC_ANGSTROM: Final = 0.602214
_VAN_KREVELEN: Final = 1.60
_SOLVENT_SLOPE, _SOLVENT_OFFSET = 0.911, 12.5  # cm3/mol per cubic angstrom, cm3/mol


_MOST_MATCHES: Final = 200  # counting of a group stops here


@lru_cache(maxsize=1)
def _groups() -> tuple[Group, ...]:
    return tuple(Group(*group) for group in _GROUPS.values())


@lru_cache(maxsize=1)
def _centres() -> tuple[tuple[FloatArray, float], ...]:
    return tuple((np.linspace(a, b, n), width) for a, b, n, width in _GRIDS.values())


def _molecule(smiles: str, kind: Kind) -> tuple[Chem.Mol, int]:
    """The molecule to describe, and how many repeat units it has (1 for a solvent)."""
    mol = Chem.MolFromSmiles(smiles)
    if mol is None:
        raise ValueError(f"not a canonical {kind}: {smiles!r}; pass it through core.chemistry")
    if kind == "solvent":
        return mol, 1
    first, last = (i for i in range(mol.GetNumAtoms()) if not mol.GetAtomWithIdx(i).GetAtomicNum())
    backbone = len(Chem.GetShortestPath(mol, first, last)) - 2
    # At least eight atoms in the ring, so that no neighbourhood of radius 2 sees it close, and an
    # even number of units, so that no conjugated ring of 4n + 2 electrons comes about.
    units = 2 * max(1, -(-4 // backbone))
    return cyclic_oligomer(mol, units), units


def _sums(structure: Structure) -> tuple[FloatArray, FloatArray]:
    """Sums over the molecule in the order of ``_EXTENSIVE``, and means as in ``_INTENSIVE``."""
    mol, units, own = structure.mol, structure.units, structure.atoms
    numbers, hydrogens = structure.numbers, np.array(structure.hydrogens, dtype=np.float64)
    n, n_h = len(own), float(sum(structure.hydrogens))
    small = [ring for ring in mol.GetRingInfo().BondRings() if len(ring) <= _LARGEST_RING]
    aromatic = sum(all(mol.GetBondWithIdx(b).GetIsAromatic() for b in ring) for ring in small)
    volume = van_der_waals(
        numbers * units, units * n_h, mol.GetNumBonds(), (aromatic, len(small) - aromatic)
    )

    # Crippen's contribution of a heavy atom without hydrogens. RDKit keeps what it has found for
    # the surfaces, and the surfaces by charge leave the charges behind.
    contributions = np.array(rdMolDescriptors._CalcCrippenContribs(mol)[:n])  # noqa: SLF001
    log_p, refractivity = contributions.sum(axis=0).tolist()
    for atom, count in zip(own, structure.hydrogens, strict=True):
        if count:
            one = crippen_of_hydrogens(atom)
            log_p, refractivity = log_p + count * one[0], refractivity + count * one[1]
    surfaces = [value for _, function in _VSA.values() for value in function(mol)]

    # Parameters of the heavy atoms, then of the hydrogens, each with its number of atoms.
    heavy_charge = [atom.GetDoubleProp("_GasteigerCharge") for atom in own]
    on_hydrogen = np.array([atom.GetDoubleProp("_GasteigerHCharge") for atom in own])
    bearing = hydrogens > 0.0
    charge = np.concatenate([heavy_charge, on_hydrogen[bearing] / hydrogens[bearing]])
    charge = np.where(np.isfinite(charge), charge, 0.0)
    ones = np.ones(n)
    weight = np.concatenate([ones, hydrogens[bearing]])
    electronegativity = [_ELECTRONEGATIVITY.get(z, 2.55) for z in numbers]
    parameters = (
        (charge, weight),
        (contributions[:, 0], ones),
        (contributions[:, 1], ones),
        (np.array([*electronegativity, _ELECTRONEGATIVITY[1]]), np.append(ones, n_h)),
    )
    means = [
        w @ np.exp(-0.5 * ((x[:, None] - centres) / width) ** 2) / w.sum()
        for (x, w), (centres, width) in zip(parameters, _centres(), strict=True)
    ]

    counts = [float(numbers.count(z)) if z > 1 else n_h for z in _ELEMENTS.values()]
    polarisability = sum(_POLARISABILITY.get(z, 1.76) for z in numbers)
    polarisability += n_h * _POLARISABILITY[1]
    per_unit = [float(n), *counts, polarisability, log_p, refractivity]
    extensive = [
        volume,
        *(units * value for value in per_unit),
        aromatic,
        len(small),
        *(function(mol) for function in _SURFACES.values()),
        *connectivity(structure),
        rdMolDescriptors.CalcHallKierAlpha(mol),
        Lipinski.NumHDonors(mol),
        hydrogen_bond_acceptors(structure),
        rotatable_bonds(structure),
        *surfaces,
        *(group.count(structure, _MOST_MATCHES) for group in _groups()),
    ]
    atoms = weight.sum()
    apart = charge - weight @ charge / atoms
    intensive = [
        *means,
        [
            charge.max(),
            charge.min(),
            np.sqrt(weight @ (apart * apart) / atoms),
            Descriptors.MolWt(mol) / volume,
            rdMolDescriptors.CalcFractionCSP3(mol),
        ],
    ]
    return np.array(extensive, dtype=np.float64), np.concatenate(intensive)


@lru_cache(maxsize=1)
def _morgan() -> rdFingerprintGenerator.FingerprintGenerator64:
    return rdFingerprintGenerator.GetMorganGenerator(radius=1)


@cache
def _shipped(kind: Kind) -> dict[str, Described]:
    return _kept.read(VERSION, kind)


@lru_cache(maxsize=65_536)
def _described(smiles: str, kind: Kind) -> Described:
    return _shipped(kind).get(smiles) or _computed(smiles, kind)


def _computed(smiles: str, kind: Kind) -> Described:
    mol, units = _molecule(smiles, kind)
    extensive, intensive = _sums(Structure(mol, units))
    per_volume = extensive[1:] / extensive[0] * 100.0
    if kind == "polymer":
        row = [per_volume, intensive, [np.log(extensive[0] / units)]]
    else:
        bonds = mol.GetNumBonds()
        kappas = [
            min(kappa(mol), _LONGEST_KAPPA) if bonds >= order else float(order)
            for order, kappa in enumerate(_KAPPAS, start=1)
        ]
        row = [extensive, per_volume, intensive, kappas, [np.log(extensive[0])]]
    flat = np.concatenate(row)
    if not np.isfinite(flat).all():
        flat = np.nan_to_num(flat, nan=0.0, posinf=1e6, neginf=-1e6)
    flat = flat.astype(np.float32)
    flat.flags.writeable = False
    counts: dict[int, int] = _morgan().GetSparseCountFingerprint(mol).GetNonzeroElements()
    return Described(flat, tuple((found, count / units) for found, count in counts.items()))


def keep(path: Path, smiles: Mapping[Kind, Sequence[str]]) -> None:
    """Compute the numbers of molecules anew and store them, to be shipped.

    Raises:
        ValueError: if a SMILES does not parse.
    """
    kinds: dict[str, tuple[Sequence[str], Sequence[Described]]] = {
        kind: (own, [_computed(s, kind) for s in own]) for kind, own in smiles.items()
    }
    _kept.write(path, VERSION, kinds)


def describe(smiles: Sequence[str], kind: Kind) -> NDArray[np.float32]:
    """Dense descriptors of canonical polymers or solvents.

    Args:
        smiles: canonical SMILES, as :mod:`core.chemistry` gives them, n of them.
        kind: which of the two they are.

    Returns:
        Array of shape (n, d), the columns as in :data:`POLYMER_NAMES` or :data:`SOLVENT_NAMES`;
        every entry is finite.

    Raises:
        ValueError: if a SMILES does not parse.
    """
    names = POLYMER_NAMES if kind == "polymer" else SOLVENT_NAMES
    return np.array([_described(s, kind).row for s in smiles], dtype=np.float32).reshape(
        -1, len(names)
    )


def environments(smiles: str, kind: Kind) -> dict[int, float]:
    """Morgan environments of radius 0 and 1: stable identifier -> count per molecule or unit.

    Raises:
        ValueError: if the SMILES does not parse.
    """
    return dict(_described(smiles, kind).environments)


@lru_cache(maxsize=8)
def _columns(vocabulary: tuple[int, ...]) -> dict[int, int]:
    return {identifier: i for i, identifier in enumerate(vocabulary)}


def features(smiles: Sequence[str], kind: Kind, vocabulary: Sequence[int]) -> NDArray[np.float32]:
    """Descriptors and environment counts on a logarithmic scale, as the networks take them.

    Both are compressed by ``sign(x) ln(1 + |x|)``. Environments outside the vocabulary, which is
    stored with a model, are not counted.

    Returns:
        Array of shape (n, d + len(vocabulary)).

    Raises:
        ValueError: if a SMILES does not parse.
    """
    column = _columns(tuple(vocabulary))
    counts = np.zeros((len(smiles), len(vocabulary)), dtype=np.float32)
    for i, text in enumerate(smiles):
        for identifier, count in _described(text, kind).environments:
            if identifier in column:
                counts[i, column[identifier]] = count
    found = np.concatenate([describe(smiles, kind), counts], axis=1)
    return np.asarray(np.sign(found) * np.log1p(np.abs(found)), dtype=np.float32)


def molar_volume(smiles: str, kind: Kind) -> float:
    """Estimated molar volume of a solvent, or of a polymer's repeat unit, in cm³/mol at 25 °C.

    Polymers: 1.60 times the van der Waals volume, for amorphous polymers above their glass
    transition (van Krevelen, te Nijenhuis, Properties of Polymers, 4th ed., ch. 4, doi
    10.1016/B978-0-08-054819-7.X0001-5). Solvents: a straight line through 221 molar volumes
    measured at 25 °C, half of them within 4 %.

    Raises:
        ValueError: if the SMILES does not parse.
    """
    if kind == "solvent":
        return _SOLVENT_SLOPE * float(_described(smiles, kind).row[0]) + _SOLVENT_OFFSET
    unit_volume = float(np.exp(_described(smiles, kind).row[-1]))
    return _VAN_KREVELEN * _CM3_MOL_PER_CUBIC_ANGSTROM * unit_volume
