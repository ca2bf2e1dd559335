"""Numbers of known polymers and solvents, computed once and shipped.

Describing a molecule takes milliseconds, and a map shows hundreds; those of the training data and
of the catalogues therefore lie in ``core/tables/described.npz``, written by
``python -m core.train.described``. Without the table, or with one of another version, all numbers
are computed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Described", "read", "write"]


class Described(NamedTuple):
    """Descriptors of one structure, shape (d,), and its Morgan environments with their counts."""

    row: NDArray[np.float32]
    environments: tuple[tuple[int, float], ...]


def write(
    path: Path, version: str, kinds: Mapping[str, tuple[Sequence[str], Sequence[Described]]]
) -> None:
    """Store the numbers of molecules.

    Args:
        path: of the table.
        version: of the features.
        kinds: by kind of molecule, canonical SMILES and the numbers of each.
    """
    arrays: dict[str, NDArray[np.generic]] = {"version": np.array(version)}
    for kind, (smiles, described) in kinds.items():
        pairs = [pair for one in described for pair in one.environments]
        arrays |= {
            f"{kind}_smiles": np.array(smiles),
            f"{kind}_rows": np.array([one.row for one in described], dtype=np.float32),
            f"{kind}_sizes": np.array([len(one.environments) for one in described], np.int32),
            f"{kind}_environments": np.array([found for found, _ in pairs], dtype=np.int64),
            f"{kind}_counts": np.array([count for _, count in pairs], dtype=np.float64),
        }
    with path.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)


def read(version: str, kind: str) -> dict[str, Described]:
    """Return the shipped numbers of molecules of one kind, by canonical SMILES.

    Args:
        version: of the features; there is nothing for any other than that of the table.
        kind: of the molecules.
    """
    table = resources.files("core") / "tables" / "described.npz"
    if not table.is_file():
        return {}
    with table.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        if str(arrays["version"]) != version:
            return {}
        rows = arrays[f"{kind}_rows"]
        rows.flags.writeable = False
        ends = np.cumsum(arrays[f"{kind}_sizes"])[:-1]
        found = np.split(arrays[f"{kind}_environments"], ends)
        counts = np.split(arrays[f"{kind}_counts"], ends)
        return {
            smiles: Described(row, tuple(zip(one.tolist(), many.tolist(), strict=True)))
            for smiles, row, one, many in zip(
                arrays[f"{kind}_smiles"].tolist(), rows, found, counts, strict=True
            )
        }
