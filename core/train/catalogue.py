"""Rebuild the shipped tables of ions and measured points: ``python -m core.train.catalogue``.

``core/tables/ions.csv`` comes from the compound table of the ilthermopy package, which only this
module needs; ``measured.csv.gz`` and ``spellings.csv`` come from the data folder (see
:func:`core.train.data.data_folder`).
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from rdkit import Chem, rdBase

from core.chemistry import resonance_spellings, spelling_key
from core.train.data import data_folder

TABLES: Final = Path(__file__).resolve().parents[1] / "tables"


def write_spellings(rows: Iterable[tuple[str, int]], path: Path) -> int:
    """Note which tied spelling each ion has in the data, and return the number of notes.

    Args:
        rows: SMILES of the ions as the data spell them, and the number of rows with the ion.
        path: the file to write.
    """
    notes: dict[str, tuple[int, int]] = {}
    with rdBase.BlockLogs():
        for smiles, weight in rows:
            spellings = resonance_spellings(Chem.MolFromSmiles(smiles))
            if smiles not in spellings:
                continue  # a metal complex, whose charge is not moved
            note = weight, spellings.index(smiles)
            # Where the data have one ion under two spellings, the one with more rows wins.
            notes[spelling_key(spellings[0])] = max(
                note, notes.get(spelling_key(spellings[0]), note)
            )
    kept = sorted((key, choice) for key, (_, choice) in notes.items() if choice)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["key", "choice"])
        writer.writerows(kept)
    return len(kept)


def main() -> int:
    """Rebuild all tables."""
    with (data_folder() / "ionic_liquids" / "ions.csv").open(encoding="utf-8", newline="") as file:
        ions = [
            (row["ion_smiles"], sum(int(row[name]) for name in row if name.startswith("n_")))
            for row in csv.DictReader(file)
        ]
    count = write_spellings(ions, TABLES / "spellings.csv")
    sys.stdout.write(f"spellings.csv: {count} of {len(ions)} ions\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
