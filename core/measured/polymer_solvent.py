"""What was measured of polymers in solvents, read from the data folder where there is one.

Every function gives nothing, and raises nothing, where the folder or a table is missing. The tables
are read once, on first use.
"""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem, DataStructs
from rdkit.Chem import rdFingerprintGenerator

from core.chemistry import (
    ChemistryError,
    Polymer,
    Solvent,
    cyclic_oligomer,
    parse_polymer,
    parse_solvent,
)
from core.measured._folder import DataMissingError, data_folder

__all__ = [
    "ChiPoints",
    "HansenParameters",
    "NearPair",
    "SolubilityLabel",
    "chi_points",
    "hansen",
    "labels",
    "nearest_chi",
]

Row = Mapping[str, str]
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class ChiPoints:
    """Measured Flory-Huggins parameters of one polymer in one solvent, sorted by temperature.

    Attributes:
        temperature_K: shape (n,).
        volume_fraction: of the polymer, shape (n,); NaN where not known.
        chi: shape (n,), dimensionless.
        reference: where each was published, n texts.
    """

    temperature_K: NDArray[np.float64]
    volume_fraction: NDArray[np.float64]
    chi: NDArray[np.float64]
    reference: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.chi)


@dataclass(frozen=True, slots=True)
class NearPair:
    """A measured pair that shares the polymer or the solvent with the pair asked for.

    Attributes:
        polymer_smiles: canonical repeat unit.
        solvent_smiles: canonical SMILES.
        similarity: of the molecule that differs to the one asked for, 0 to 1 (Tanimoto similarity
            of counts of Morgan environments up to two bonds wide).
        points: what was measured.
    """

    polymer_smiles: str
    solvent_smiles: str
    similarity: float
    points: ChiPoints


@dataclass(frozen=True, slots=True)
class SolubilityLabel:
    """An observation of whether a polymer dissolves.

    Attributes:
        soluble: what was seen.
        temperature_K: NaN where it was room temperature, not stated.
        basis: ``"handbook"``, ``"visual score"`` or ``"turbidity"``.
        source: where it was taken from.
    """

    soluble: bool
    temperature_K: float
    basis: str
    source: str


@dataclass(frozen=True, slots=True)
class HansenParameters:
    """Hansen solubility parameters of a polymer or solvent in one table, in MPa^0.5.

    Attributes:
        name: the molecule or the trade name of the polymer, as the table has it.
        dispersion: the part of dispersion forces.
        polar: the polar part; below zero in a few fits.
        hydrogen: the part of hydrogen bonds; below zero in a few fits.
        radius: R0 of a polymer; NaN for solvents.
        source: where it was taken from.
    """

    name: str
    dispersion: float
    polar: float
    hydrogen: float
    radius: float
    source: str


def chi_points(polymer: Polymer, solvent: Solvent) -> ChiPoints:
    """Return the measured chi of a pair; empty arrays where nothing was measured."""
    return _chi(_by_pair("chi_experimental.csv").get((polymer.smiles, solvent.smiles), ()))


def nearest_chi(polymer: Polymer, solvent: Solvent, n: int = 5) -> tuple[NearPair, ...]:
    """Return the measured pairs nearest to a pair: of the same polymer, or in the same solvent.

    Args:
        polymer: the polymer.
        solvent: the solvent.
        n: the most pairs.

    Returns:
        The most similar first, without the pair itself.
    """
    found = _by_pair("chi_experimental.csv")
    other_solvents = [s for p, s in found if p == polymer.smiles and s != solvent.smiles]
    other_polymers = [p for p, s in found if s == solvent.smiles and p != polymer.smiles]
    ranked = [
        (similarity, (polymer.smiles, other))
        for other, similarity in _similarities(solvent.smiles, other_solvents)
    ] + [
        (similarity, (other, solvent.smiles))
        for other, similarity in _similarities(polymer.smiles, other_polymers)
    ]
    ranked.sort(key=lambda entry: (-entry[0], entry[1]))
    return tuple(NearPair(*pair, similarity, _chi(found[pair])) for similarity, pair in ranked[:n])


def labels(polymer: Polymer, solvent: Solvent) -> tuple[SolubilityLabel, ...]:
    """Return what was observed of a polymer in a solvent, soluble or not."""
    rows = _by_pair("solubility_labels.csv").get((polymer.smiles, solvent.smiles), ())
    return tuple(
        SolubilityLabel(
            soluble=row["soluble"] == "1",
            temperature_K=_number(row["temperature_K"]),
            basis=row["label_basis"],
            source=row["source"],
        )
        for row in rows
    )


def hansen(molecule: Polymer | Solvent) -> tuple[HansenParameters, ...]:
    """Return the Hansen parameters of a polymer or solvent in all tables that have it."""
    kind = "polymer" if isinstance(molecule, Polymer) else "solvent"
    return _hansen_table(_folder()).get((kind, molecule.smiles), ())


# ------------------------------------------------------------------------------------------ reading


def _folder() -> Path | None:
    try:
        return data_folder("polymer_solvent") / "polymer_solvent"
    except DataMissingError:
        return None


def _read(folder: Path | None, name: str) -> list[Row]:
    if folder is None or not (folder / name).is_file():
        return []
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _by_pair(name: str) -> Mapping[Pair, Sequence[Row]]:
    return _pair_table(_folder(), name)


@lru_cache(maxsize=4)
def _pair_table(folder: Path | None, name: str) -> Mapping[Pair, Sequence[Row]]:
    """Rows of a table by canonical SMILES of polymer and solvent."""
    found: defaultdict[Pair, list[Row]] = defaultdict(list)
    for row in _read(folder, name):
        polymer = _identity("polymer", row["polymer_smiles"])
        solvent = _identity("solvent", row["solvent_smiles"])
        if polymer and solvent:
            found[polymer, solvent].append(row)
    return dict(found)


@lru_cache(maxsize=2)
def _hansen_table(folder: Path | None) -> Mapping[Pair, tuple[HansenParameters, ...]]:
    """Hansen parameters by kind and canonical SMILES."""
    found: defaultdict[Pair, list[HansenParameters]] = defaultdict(list)
    for row in _read(folder, "hansen_parameters.csv"):
        smiles = _identity(row["kind"], row["smiles"])
        dispersion, polar, hydrogen = (_number(row[name]) for name in ("dD", "dP", "dH"))
        if smiles and not math.isnan(dispersion + polar + hydrogen):
            found[row["kind"], smiles].append(
                HansenParameters(
                    name=row["name"],
                    dispersion=dispersion,
                    polar=polar,
                    hydrogen=hydrogen,
                    radius=_number(row["R0"]),
                    source=row["source"],
                )
            )
    return {key: tuple(rows) for key, rows in found.items()}


@lru_cache(maxsize=8192)
def _identity(kind: str, smiles: str) -> str:
    """Canonical SMILES, or nothing where the gate refuses it (a radical, a metal, a mixture)."""
    try:
        return (parse_polymer(smiles) if kind == "polymer" else parse_solvent(smiles)).smiles
    except ChemistryError:
        return ""


def _number(text: str) -> float:
    return float(text) if text else math.nan


def _chi(rows: Sequence[Row]) -> ChiPoints:
    ordered = sorted(rows, key=lambda row: float(row["temperature_K"]))
    temperature, fraction, chi = (
        np.array([_number(row[name]) for row in ordered], dtype=np.float64)
        for name in ("temperature_K", "volume_fraction", "chi")
    )
    return ChiPoints(temperature, fraction, chi, tuple(row["reference"] for row in ordered))


# --------------------------------------------------------------------------------------- similarity

_MORGAN: Final = rdFingerprintGenerator.GetMorganGenerator(radius=2)
_UNITS: Final = 3  # as many for every polymer, so the number cancels


@lru_cache(maxsize=4096)
def _environments(smiles: str) -> DataStructs.UIntSparseIntVect:
    is_unit = "*" in smiles
    mol = cyclic_oligomer(smiles, _UNITS) if is_unit else Chem.MolFromSmiles(smiles)
    return _MORGAN.GetSparseCountFingerprint(mol)


def _similarities(smiles: str, others: Sequence[str]) -> list[tuple[str, float]]:
    if not others:
        return []
    prints = [_environments(other) for other in others]
    values = DataStructs.BulkTanimotoSimilarity(_environments(smiles), prints)
    return list(zip(others, map(float, values), strict=True))
