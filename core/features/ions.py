"""Numbers from structures: descriptors and substructure counts of ions.

The dense descriptors are chosen for speed (about a millisecond an ion) and for what governs the
properties of ionic liquids: volume, charge spread, hydrogen bonding, chain length, flexibility and
symmetry. The substructure counts are Morgan environments (atom and its first neighbours); which of
them a model uses is a vocabulary stored with that model, so features never depend on a data file.

:data:`VERSION` is stored in every model card. Change it whenever a number here can change.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.Chem import (
    Crippen,
    Descriptors,
    GraphDescriptors,
    Lipinski,
    rdFingerprintGenerator,
    rdMolDescriptors,
    rdPartialCharges,
)

from core.features._volume import van_der_waals

__all__ = [
    "DESCRIPTOR_NAMES",
    "VERSION",
    "descriptors",
    "environment_counts",
    "environments",
    "ion_features",
    "van_der_waals_volume",
]

VERSION: Final = "ions-1"

_ELEMENTS: Final = {
    "H": 1, "B": 5, "C": 6, "N": 7, "O": 8, "F": 9, "Si": 14, "P": 15, "S": 16, "Cl": 17,
    "Br": 35, "I": 53,
}  # fmt: skip

_GROUPS: Final = {
    "imidazolium": "n1cc[n+]c1",
    "imidazolium_c2_substituted": "[n;+0]1cc[n+]c1-[#6]",
    "pyridinium": "[n+]1ccccc1",
    "saturated_ring_cation": "[N+;R;X4]",
    "ammonium_quaternary": "[N+;X4;H0]",
    "ammonium_protic": "[N+;H1,H2,H3,H4]",
    "aromatic_protic": "[n+;H1]",
    "amidinium": "[N;+0,+1]=C([#7])[#7,#6]",
    "phosphonium": "[P+;X4]",
    "sulfonium": "[S+;X3]",
    "methylene": "[CH2;X4;!R]",
    "methyl": "[CH3;X4]",
    "methyl_on_cation": "[CH3;X4]-[+;#7,#15,#16]",
    "branch": "[CX4;H1,H0;!$(C(F)F)]([#6])([#6])[#6]",
    "ring_methylene": "[CH2;R]",
    "allyl_or_vinyl": "[CX3;H1]=[CX3]",
    "alkyne": "C#C",
    "hydroxyl_alkyl": "[OX2H][CX4]",
    "hydroxyl_aryl": "[OX2H]c",
    "ether": "[OD2;!$(O[C,S,P]=O)]([#6;X4])[#6;X4]",
    "ester": "[CX3](=O)[OX2][#6]",
    "carboxylic_acid": "[CX3](=O)[OX2H]",
    "carboxylate": "[CX3](=O)[O-]",
    "amide": "[CX3](=O)[NX3]",
    "primary_amine": "[NX3;H2;!$(N[C,S]=[O,N+])]",
    "nitrile": "[CX2]#[NX1]",
    "nitro": "[N+](=O)[O-]",
    "sulfonyl": "[SX4](=O)(=O)",
    "sulfonate": "[SX4](=O)(=O)[O-]",
    "sulfate": "O[SX4](=O)(=O)[O-]",
    "imide_anion": "[N-](S(=O)=O)S(=O)=O",
    "trifluoromethyl": "[CX4](F)(F)F",
    "difluoromethylene": "[CX4;!$(C(F)(F)F)](F)F",
    "fluoro_on_main_group": "F[B,P,Al,As,Sb,S,Si]",
    "phosphate": "[PX4](=O)([O-])",
    "borate": "[B-;X4]",
    "siloxane": "[Si]O[Si]",
    "silyl": "[Si]",
    "aromatic_benzene": "c1ccccc1",
    "halide_ion": "[F-,Cl-,Br-,I-;X0]",
    "halogen_alkyl": "[Cl,Br,I][#6]",
    "metal": "[Fe,Al,Zn,Cu,Co,Ni,Mn,Ga,In,Sn,Sb,As,Ag,Au,Re,Nb,Ta,W,Mo,Dy,Gd,Nd,Pr,Tb,Eu,Hg]",
}

# Kappa indices divide by the number of paths and run away where there is hardly one.
_LONGEST_KAPPA: Final = 60.0

_SIMPLE: Final[dict[str, Callable[[Chem.Mol], float]]] = {
    "tpsa": rdMolDescriptors.CalcTPSA,
    "labute_asa": rdMolDescriptors.CalcLabuteASA,
    "logp": Crippen.MolLogP,
    "molar_refractivity": Crippen.MolMR,
    "chi0v": rdMolDescriptors.CalcChi0v,
    "chi1v": rdMolDescriptors.CalcChi1v,
    "chi2v": rdMolDescriptors.CalcChi2v,
    "chi3v": rdMolDescriptors.CalcChi3v,
    "chi4v": rdMolDescriptors.CalcChi4v,
    "chi1n": rdMolDescriptors.CalcChi1n,
    "chi3n": rdMolDescriptors.CalcChi3n,
    "kappa1": lambda mol: min(rdMolDescriptors.CalcKappa1(mol), _LONGEST_KAPPA),
    "kappa2": lambda mol: min(rdMolDescriptors.CalcKappa2(mol), _LONGEST_KAPPA),
    "kappa3": lambda mol: min(rdMolDescriptors.CalcKappa3(mol), _LONGEST_KAPPA),
    "phi": lambda mol: min(rdMolDescriptors.CalcPhi(mol), _LONGEST_KAPPA),
    "hall_kier_alpha": rdMolDescriptors.CalcHallKierAlpha,
    "balaban_j": GraphDescriptors.BalabanJ,
    "rotatable_bonds": rdMolDescriptors.CalcNumRotatableBonds,
    "hydrogen_bond_donors": Lipinski.NumHDonors,
    "hydrogen_bond_acceptors": Lipinski.NumHAcceptors,
    "fraction_sp3": rdMolDescriptors.CalcFractionCSP3,
    "rings": rdMolDescriptors.CalcNumRings,
    "aromatic_rings": rdMolDescriptors.CalcNumAromaticRings,
    "valence_electrons": Descriptors.NumValenceElectrons,
}

_VSA: Final[dict[str, tuple[int, Callable[[Chem.Mol], Sequence[float]]]]] = {
    "slogp_vsa": (12, rdMolDescriptors.SlogP_VSA_),
    "smr_vsa": (10, rdMolDescriptors.SMR_VSA_),
    "peoe_vsa": (14, rdMolDescriptors.PEOE_VSA_),
}

_SHAPE: Final = (
    "charge", "molar_mass", "vdw_volume", "heavy_atoms", "mass_per_volume",
    "charge_max", "charge_min", "charge_spread", "charge_on_hydrogen_max", "surface_charge_density",
    "longest_chain", "chains", "chain_length_mean", "chain_length_spread",
    "diameter", "mean_distance", "symmetry", "log_equivalent_atoms",
)  # fmt: skip

DESCRIPTOR_NAMES: Final[tuple[str, ...]] = (
    *_SHAPE,
    *(f"n_{symbol}" for symbol in (*_ELEMENTS, "other")),
    *_SIMPLE,
    *(f"{name}{i + 1}" for name, (size, _) in _VSA.items() for i in range(size)),
    *_GROUPS,
)
"""Names of the columns of :func:`descriptors`, in order."""


def _parse(smiles: str) -> Chem.Mol:
    mol = Chem.MolFromSmiles(smiles)
    if mol is None:
        raise ValueError(f"not a canonical ion: {smiles!r}; pass it through core.chemistry first")
    return mol


def van_der_waals_volume(smiles: str) -> float:
    """Van der Waals volume of a canonical ion in cubic angstrom, from atoms, bonds and rings.

    Zhao, Abraham, Zissimos, J. Org. Chem. 2003, 68, 7368, doi 10.1021/jo034808o.

    Raises:
        ValueError: if the SMILES does not parse.
    """
    return _volume(_parse(smiles))


def _volume(mol: Chem.Mol) -> float:
    hydrogens = sum(atom.GetTotalNumHs() for atom in mol.GetAtoms())
    aromatic = rdMolDescriptors.CalcNumAromaticRings(mol)
    return van_der_waals(
        (atom.GetAtomicNum() for atom in mol.GetAtoms()),
        hydrogens,
        mol.GetNumBonds(),
        (aromatic, rdMolDescriptors.CalcNumRings(mol) - aromatic),
    )


@lru_cache(maxsize=1)
def _patterns() -> tuple[Chem.Mol, ...]:
    return tuple(Chem.MolFromSmarts(smarts) for smarts in _GROUPS.values())


def _chains(mol: Chem.Mol) -> list[int]:
    """Lengths of the unbranched runs of acyclic sp3 CH2 / CH3 carbons, longest first."""
    members = {
        atom.GetIdx()
        for atom in mol.GetAtoms()
        if atom.GetAtomicNum() == 6 and not atom.IsInRing() and not atom.GetIsAromatic()
        and atom.GetTotalNumHs() >= 2 and atom.GetDegree() <= 2
    }  # fmt: skip
    lengths: list[int] = []
    while members:
        stack, size = [members.pop()], 0
        while stack:
            atom = mol.GetAtomWithIdx(stack.pop())
            size += 1
            for neighbour in atom.GetNeighbors():
                if neighbour.GetIdx() in members:
                    members.remove(neighbour.GetIdx())
                    stack.append(neighbour.GetIdx())
        lengths.append(size)
    return sorted(lengths, reverse=True)


def _shape(mol: Chem.Mol) -> list[float]:
    """Return the size, charge, chain and symmetry numbers listed in ``_SHAPE``."""
    heavy = mol.GetNumAtoms()
    mass = Descriptors.MolWt(mol)
    volume = _volume(mol)
    rdPartialCharges.ComputeGasteigerCharges(mol)
    charges = np.array([atom.GetDoubleProp("_GasteigerCharge") for atom in mol.GetAtoms()])
    on_hydrogen = np.array([atom.GetDoubleProp("_GasteigerHCharge") for atom in mol.GetAtoms()])
    hydrogens = np.array([max(atom.GetTotalNumHs(), 1) for atom in mol.GetAtoms()])
    # Gasteiger has no parameters for some metals and gives NaN there; formal charge stands in.
    charges = np.nan_to_num(charges, nan=0.0, posinf=0.0, neginf=0.0)
    on_hydrogen = np.nan_to_num(on_hydrogen, nan=0.0, posinf=0.0, neginf=0.0) / hydrogens
    charge = Chem.GetFormalCharge(mol)
    chains = _chains(mol)
    distances = Chem.GetDistanceMatrix(mol)
    ranks = list(Chem.CanonicalRankAtoms(mol, breakTies=False))
    _, sizes = np.unique(ranks, return_counts=True)
    return [
        float(charge), mass, volume, float(heavy), mass / max(volume, 1.0),
        float(charges.max()), float(charges.min()), float(charges.std()),
        float(on_hydrogen.max()), charge / max(volume, 1.0) ** (2.0 / 3.0),
        float(chains[0]) if chains else 0.0, float(len(chains)),
        float(np.mean(chains)) if chains else 0.0, float(np.std(chains)) if chains else 0.0,
        float(distances.max()), float(distances.sum() / max(heavy * (heavy - 1), 1)),
        len(sizes) / heavy, float(np.log(sizes).sum()),
    ]  # fmt: skip


# Several models ask for the same ions, one after the other.
@lru_cache(maxsize=4096)
def _describe(smiles: str) -> tuple[float, ...]:
    mol = _parse(smiles)
    counts = dict.fromkeys(_ELEMENTS.values(), 0)
    other = 0
    for atom in mol.GetAtoms():
        counts[1] += atom.GetTotalNumHs()
        if atom.GetAtomicNum() in counts:
            counts[atom.GetAtomicNum()] += 1
        else:
            other += 1
    row = _shape(mol)
    row += [float(count) for count in counts.values()] + [float(other)]
    row += [float(function(mol)) for function in _SIMPLE.values()]
    for _, function in _VSA.values():
        row += [float(x) for x in function(mol)]
    row += [float(len(mol.GetSubstructMatches(p, maxMatches=64))) for p in _patterns()]
    return tuple(row)


def descriptors(smiles: Sequence[str]) -> NDArray[np.float32]:
    """Dense descriptors of canonical ions.

    Args:
        smiles: canonical SMILES, as :mod:`core.chemistry` gives them, n of them.

    Returns:
        Array of shape (n, len(DESCRIPTOR_NAMES)); every entry is finite.

    Raises:
        ValueError: if a SMILES does not parse.
    """
    rows = np.array([_describe(s) for s in smiles], dtype=np.float64)
    rows = rows.reshape(len(smiles), len(DESCRIPTOR_NAMES))
    return np.nan_to_num(rows, nan=0.0, posinf=1e6, neginf=-1e6).astype(np.float32)


@lru_cache(maxsize=1)
def _morgan() -> rdFingerprintGenerator.FingerprintGenerator64:
    return rdFingerprintGenerator.GetMorganGenerator(radius=2)


def environments(smiles: str) -> dict[int, int]:
    """Morgan environments of radius 0 to 2 of one canonical ion: stable identifier -> count."""
    found: dict[int, int] = _morgan().GetSparseCountFingerprint(_parse(smiles)).GetNonzeroElements()
    return found


def environment_counts(smiles: Sequence[str], vocabulary: Sequence[int]) -> NDArray[np.float32]:
    """Counts of the environments in ``vocabulary``, shape (n, len(vocabulary)).

    Environments outside the vocabulary are not counted. Identifiers are RDKit's Morgan invariants,
    which are stable between processes and platforms.
    """
    column = {identifier: i for i, identifier in enumerate(vocabulary)}
    counts = np.zeros((len(smiles), len(vocabulary)), dtype=np.float32)
    for i, text in enumerate(smiles):
        for identifier, count in environments(text).items():
            if identifier in column:
                counts[i, column[identifier]] = count
    return counts


def ion_features(smiles: Sequence[str], vocabulary: Sequence[int]) -> NDArray[np.float32]:
    """Descriptors and logarithmic environment counts side by side, as the recommender takes them.

    Returns:
        Array of shape (n, len(DESCRIPTOR_NAMES) + len(vocabulary)).
    """
    counts = np.log1p(environment_counts(smiles, vocabulary))
    return np.concatenate([descriptors(smiles), counts], axis=1)
