"""Which molecules are simulated: ions of the data folder, in the order of their use."""

from __future__ import annotations

import csv

from rdkit import Chem

from core.chemistry import parse_ion
from core.measured import DataMissingError, data_folder

__all__ = ["ions"]


def ions() -> list[str]:
    """Canonical SMILES of all monovalent ions known: measured ones first, small before large.

    Raises:
        DataMissingError: if the data folder or the table of ions in it is missing.
    """
    path = data_folder() / "ionic_liquids" / "ions.csv"
    if not path.is_file():
        raise DataMissingError(f"the table {path.name} is missing in {path.parent}")
    liquids: dict[str, int] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if abs(int(row["charge"])) == 1:
                smiles = parse_ion(row["ion_smiles"]).smiles
                liquids[smiles] = liquids.get(smiles, 0) + int(row["n_ionic_liquids"])
    return sorted(liquids, key=lambda smiles: (not liquids[smiles], _atoms(smiles), smiles))


def _atoms(smiles: str) -> int:
    return int(Chem.AddHs(Chem.MolFromSmiles(smiles)).GetNumAtoms())
