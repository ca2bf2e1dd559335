"""Which molecules are simulated, in the order of their use."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from rdkit import Chem

from core.chemistry import (
    ChemistryError,
    Polymer,
    Solvent,
    parse_ion,
    parse_polymer,
    parse_solvent,
)
from core.measured import DataMissingError, data_folder
from core.names import polymers as named_polymers
from core.names import solvents as named_solvents

__all__ = ["INNER", "ions", "oligomer", "polymers", "solvents"]

_LARGE: Final = 110  # atoms; the few ions beyond take minutes to an hour each
INNER: Final = 1  # the atom map number of the inner unit of an oligomer


def ions() -> list[str]:
    """Canonical SMILES of all monovalent ions known.

    Measured ones come first, small before large, and the few very large ones at the end.

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

    def order(smiles: str) -> tuple[bool, bool, int, str]:
        atoms = _atoms(smiles)
        return atoms > _LARGE, not liquids[smiles], atoms, smiles

    return sorted(liquids, key=order)


def _atoms(smiles: str) -> int:
    return int(Chem.AddHs(Chem.MolFromSmiles(smiles)).GetNumAtoms())


def solvents() -> list[str]:
    """Canonical SMILES of the solvents of the app and of the tables of polymers in solvents.

    Raises:
        DataMissingError: if the data folder is missing.
    """
    named = {solvent.smiles for solvent in named_solvents()}
    return _with_tabled(named, "solvent_smiles", parse_solvent)


def polymers() -> list[str]:
    """Canonical repeat units of the polymers of the app and of the same tables.

    Raises:
        DataMissingError: if the data folder is missing.
    """
    named = {polymer.smiles for polymer in named_polymers()}
    return _with_tabled(named, "polymer_smiles", parse_polymer)


def _with_tabled(
    named: set[str], column: str, parse: Callable[[str], Solvent | Polymer]
) -> list[str]:
    """The named structures and those of a column of the tables, small ones first."""
    found = set(named)
    for text in _column(column):
        try:
            found.add(parse(text).smiles)
        except ChemistryError:
            continue  # nothing the networks could use either
    return sorted(found, key=lambda smiles: (_atoms(smiles), smiles))


def oligomer(polymer_smiles: str) -> str:
    """Three repeat units between methyl groups, which stand for the polymer.

    Args:
        polymer_smiles: repeat unit as :func:`core.chemistry.parse_polymer` gives it.

    Returns:
        SMILES; the heavy atoms of the inner unit have the atom map number :data:`INNER`.
    """
    unit = Chem.MolFromSmiles(polymer_smiles)
    size = unit.GetNumAtoms()
    stars = [atom.GetIdx() for atom in unit.GetAtoms() if atom.GetAtomicNum() == 0]
    left, right = (unit.GetAtomWithIdx(star).GetNeighbors()[0].GetIdx() for star in stars)
    chain = Chem.RWMol(unit)
    for _ in range(2):
        chain.InsertMol(unit)
    for atom in list(chain.GetAtoms())[size : 2 * size]:
        atom.SetAtomMapNum(INNER)
    for k in range(2):
        chain.AddBond(right + k * size, left + (k + 1) * size, Chem.BondType.SINGLE)
    for end in (stars[0], stars[1] + 2 * size):
        chain.ReplaceAtom(end, Chem.Atom(6))
    joined = [stars[1], stars[0] + size, stars[1] + size, stars[0] + 2 * size]
    for star in sorted(joined, reverse=True):
        chain.RemoveAtom(star)
    mol = chain.GetMol()
    Chem.SanitizeMol(mol)
    return str(Chem.MolToSmiles(mol))


def _column(name: str) -> Iterator[str]:
    """The entries of a column in every table of polymers in solvents that has it."""
    paths: list[Path] = sorted((data_folder("polymer_solvent") / "polymer_solvent").glob("*.csv"))
    for path in paths:
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file)
            if name in (rows.fieldnames or ()):
                yield from {row[name] for row in rows}
