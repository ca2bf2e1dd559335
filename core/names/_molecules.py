"""Names and CAS numbers of many molecules, from ``core/tables/molecules.npz``.

Of a name only a hash of its reduced form is kept, so that the table is small and a look-up takes
microseconds; ``python -m core.train.molecule_names`` writes it and leaves out what is doubtful. The
hash has 48 bits: some text that is no name is taken for one about once in a thousand million.
"""

from __future__ import annotations

import hashlib
import zlib
from functools import lru_cache
from importlib import resources
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.Chem.rdChemReactions import ReactionFromSmarts

from core.names._tables import Reading, reduced

__all__ = ["HASH_BYTES", "molecule_by_cas", "molecule_by_name", "name_hash"]

HASH_BYTES: Final = 6


def name_hash(name: str) -> int:
    """Hash of the reduced form of a name."""
    digest = hashlib.blake2b(reduced(name).encode(), digest_size=HASH_BYTES).digest()
    return int.from_bytes(digest, "little")


def molecule_by_name(text: str) -> Reading | None:
    """The molecule with that name; it need not be one that is used as a solvent."""
    table = _table()
    row = _find(table.hashes, table.rows, name_hash(text))
    return None if row is None else Reading(_as_amide(table.smiles[row]), "name", text)


def molecule_by_cas(number: str) -> Reading | None:
    """The molecule with that CAS number, which is written with hyphens."""
    table = _table()
    row = _find(table.cas, table.cas_rows, int(number.replace("-", "")))
    if row is None:
        return None
    return Reading(_as_amide(table.smiles[row]), "CAS number", table.names[row])


_TO_AMIDE: Final = ReactionFromSmarts("[NX2:1]=[CX3:2]-[OX2H1:3]>>[N:1]-[C:2]=[O:3]")


def _as_amide(smiles: str) -> str:
    """Write the few amides that the source has as imidic acids, N=CO, as amides."""
    if not {"N", "O"} <= set(smiles):
        return smiles
    mol = Chem.MolFromSmiles(smiles)
    changed = False
    while mol is not None and _TO_AMIDE.RunReactantInPlace(mol, removeUnmatchedAtoms=False):
        Chem.SanitizeMol(mol)
        changed = True
    return Chem.MolToSmiles(mol) if changed else smiles


class _Table(NamedTuple):
    smiles: list[str]
    names: list[str]
    hashes: NDArray[np.uint64]  # sorted
    rows: NDArray[np.int64]
    cas: NDArray[np.int64]  # sorted
    cas_rows: NDArray[np.int64]


@lru_cache(maxsize=1)
def _table() -> _Table:
    file = resources.files("core") / "tables" / "molecules.npz"
    with file.open("rb") as source, np.load(source, allow_pickle=False) as table:
        smiles, names = (
            zlib.decompress(table[part].tobytes()).decode().split("\n")
            for part in ("smiles", "names")
        )
        counts, cas = table["counts"].astype(np.int64), table["cas"]
        digests = np.zeros((counts.sum(), 8), np.uint8)
        digests[:, :HASH_BYTES] = table["hashes"]
    hashes = digests.view("<u8").ravel()
    order, cas_rows = np.argsort(hashes), np.argsort(cas)
    rows = np.repeat(np.arange(len(counts)), counts)
    return _Table(smiles, names, hashes[order], rows[order], cas[cas_rows], cas_rows)


def _find(keys: NDArray[np.generic], rows: NDArray[np.int64], key: int) -> int | None:
    place = int(np.searchsorted(keys, keys.dtype.type(key)))
    return int(rows[place]) if place < len(keys) and int(keys[place]) == key else None
