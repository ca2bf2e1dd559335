"""COSMO-RS quantities of pairs, computed from the simulated tables alone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from core.simulate.cosmors import CONTACT_AREA, REFERENCE_TEMPERATURE_K, Solver
from core.simulated import PairTable, SimulatedTable

__all__ = ["PAIR_NAMES", "chi_infinite_dilution", "condensed", "ion_pairs", "pair_matrix"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.integer]

# Quantities of a 1:1 mixture of a cation and an anion, in this order.
PAIR_NAMES: Final = (
    "potential_cation_kJ_mol",
    "potential_anion_kJ_mol",
    "misfit_kJ_mol",
    "hydrogen_bond_kJ_mol",
    "own_contacts_cation",
    "own_contacts_anion",
)
# The classical entropic part of a Flory-Huggins parameter.
_ENTROPIC: Final = 0.34
_RANK: Final = 24  # factors of an ion for each quantity
_ROWS: Final = 16  # cations whose pairs are computed and kept at a time


def ion_pairs(
    table: SimulatedTable,
    cations: IntArray,
    anions: IntArray,
    temperature_K: float = REFERENCE_TEMPERATURE_K,
) -> FloatArray:
    """Quantities of pairs of ions.

    Args:
        table: of ions.
        cations: row of the cation of each pair in ``table``, shape (pairs,).
        anions: row of the anion, shape (pairs,).
        temperature_K: temperature.

    Returns:
        Shape (pairs, 6): :data:`PAIR_NAMES`. Chemical potentials are residual ones, against the ion
        in a conductor; energies are those of a mole of cations and a mole of anions together.
    """
    solver = Solver(table.sigma, table.orth, temperature_K)
    return _quantities(solver, table, cations, anions)


def _quantities(
    solver: Solver, table: SimulatedTable, cations: IntArray, anions: IntArray
) -> FloatArray:
    found = solver.equimolar(table.areas[cations], table.areas[anions])
    return np.stack(
        [
            *(found.potential / 1000),
            found.misfit.sum(0) / 1000,
            found.hydrogen_bond.sum(0) / 1000,
            *found.own_contacts,
        ],
        axis=1,
    )


def pair_matrix(table: SimulatedTable, folder: Path) -> tuple[IntArray, IntArray, FloatArray]:
    """Quantities of all pairs of monovalent ions in a table, at 298.15 K.

    Finished rows are kept in ``folder``, so that an interrupted computation goes on where it was.

    Returns:
        Rows of the cations and of the anions in ``table``, and an array of shape
        (cations, anions, 6) with the :data:`PAIR_NAMES`, in half precision.
    """
    cations, anions = np.flatnonzero(table.charge == 1), np.flatnonzero(table.charge == -1)
    solver = Solver(table.sigma, table.orth)
    content = b"".join(np.ascontiguousarray(a).tobytes() for a in (table.areas, table.sigma))
    kept = folder / f"pairs-{hashlib.sha256(content).hexdigest()[:12]}"
    kept.mkdir(parents=True, exist_ok=True)
    blocks = []
    with tqdm(total=len(cations) * len(anions), unit=" pairs") as bar:
        for number, rows in _blocks(cations):
            path = kept / f"{number}.npy"
            if path.is_file():
                block = np.load(path, allow_pickle=False)
            else:
                first, second = np.repeat(rows, len(anions)), np.tile(anions, len(rows))
                flat = _quantities(solver, table, first, second)
                block = flat.reshape(len(rows), len(anions), -1).astype(np.float16)
                part = path.with_name(f".{number}.part.npy")
                np.save(part, block, allow_pickle=False)
                part.replace(path)
            blocks.append(block)
            bar.update(len(rows) * len(anions))
    return cations, anions, np.concatenate(blocks)


def condensed(
    table: SimulatedTable, cations: IntArray, anions: IntArray, values: NDArray[np.floating]
) -> PairTable:
    """Factors of the ions whose products are the quantities of all pairs, as nearly as may be.

    Args:
        table: of ions.
        cations: rows of the cations in ``table``.
        anions: rows of the anions.
        values: :data:`PAIR_NAMES` of all pairs, shape (cations, anions, 6).
    """
    left, right, centers, errors, spreads = [], [], [], [], []
    for quantity in np.moveaxis(values, 2, 0).astype(np.float64):
        centers.append(quantity.mean())
        apart = quantity - centers[-1]
        vectors, size, others = np.linalg.svd(apart, full_matrices=False)
        rank = min(_RANK, len(size))
        root = np.sqrt(size[:rank])
        half = [vectors[:, :rank] * root, others[:rank].T * root]
        errors.append(np.sqrt(np.mean((half[0] @ half[1].T - apart) ** 2)))
        spreads.append(apart.std())
        left.append(half[0])
        right.append(half[1])
    smiles = np.array(table.smiles)
    return PairTable(
        cations=tuple(map(str, smiles[cations])),
        anions=tuple(map(str, smiles[anions])),
        names=PAIR_NAMES,
        center=np.array(centers),
        left=np.array(left, np.float32),
        right=np.array(right, np.float32),
        about={
            **table.about,
            "temperature_K": REFERENCE_TEMPERATURE_K,
            "rms_error": [float(f"{x:.3g}") for x in errors],
            "spread": [float(f"{x:.3g}") for x in spreads],
        },
    )


def _blocks(rows: IntArray) -> Iterator[tuple[int, IntArray]]:
    for number, start in enumerate(range(0, len(rows), _ROWS)):
        yield number, rows[start : start + _ROWS]


def chi_infinite_dilution(
    polymers: SimulatedTable, solvents: SimulatedTable, temperature_K: float
) -> FloatArray:
    """Flory-Huggins parameters at infinite dilution of the solvent, of the COSMO-RS type.

    The residual part is ln of the residual activity coefficient of the solvent in the polymer,
    whose surface is that of its inner unit; the entropic part is 0.34, the classical guess.

    Args:
        polymers: table of polymers.
        solvents: table of solvents; both tables may have types of segments of their own.
        temperature_K: temperature.

    Returns:
        Shape (polymers, solvents), dimensionless.
    """
    both = np.concatenate([_types(polymers), _types(solvents)])
    types, places = np.unique(both, axis=0, return_inverse=True)
    split = len(polymers.sigma)
    in_polymers = np.zeros((len(polymers), len(types)), np.float32)
    in_polymers[:, places[:split]] = polymers.areas
    in_solvents = np.zeros((len(solvents), len(types)), np.float32)
    in_solvents[:, places[split:]] = solvents.areas
    sigma, orth = types.T
    solver = Solver(sigma, orth, temperature_K)
    dissolved = solver.segment_logs(in_polymers) @ in_solvents.T
    pure = (solver.segment_logs(in_solvents) * in_solvents).sum(1)
    chi: FloatArray = np.asarray((dissolved - pure) / CONTACT_AREA + _ENTROPIC, np.float64)
    return chi


def _types(table: SimulatedTable) -> FloatArray:
    """Sigma and sigma_orth of the types of segments, shape (types, 2), free of rounding."""
    types: FloatArray = np.stack([table.sigma, table.orth], axis=1)
    return types.round(9)
