"""Results of a run -> the tables that the rest of the project reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from tqdm import tqdm

from core.simulate.cosmors import GRID, SegmentGrid
from core.simulate.store import Store
from core.simulate.subjects import INNER, ions, oligomer, polymers, solvents
from core.simulate.surface import Surface
from core.simulated import SOURCE, Kind, SimulatedTable

__all__ = ["table"]

# Kind -> the list of its molecules.
_LISTS: Final[Mapping[Kind, Callable[[], Sequence[str]]]] = {
    "ions": ions,
    "solvents": solvents,
    "polymers": polymers,
}


def table(kind: Kind, store: Store, grid: SegmentGrid = GRID) -> SimulatedTable:
    """Collect what is in a store; molecules without a result yet are left out.

    Raises:
        ValueError: if no molecule of this kind has come through.
        DataMissingError: if the list of molecules is not there.
    """
    smiles, charges, rows, areas = [], [], [], []
    failures: dict[str, str] = {}
    versions: dict[str, str] = {}
    for key in tqdm(_LISTS[kind](), unit=" molecules"):
        molecule = oligomer(key) if kind == "polymers" else key
        record = store.record(molecule)
        if record is None:
            continue
        if record["failure"]:
            failures[key] = record["failure"]
            continue
        surface = store.surface(molecule)
        inner = _inner(molecule, surface) if kind == "polymers" else None
        smiles.append(key)
        charges.append(record["charge"])
        rows.append(_row(record, surface))
        areas.append(grid.profile(surface, record["charge"], inner).astype(np.float32))
        versions = record["programs"]
    if not rows:
        raise ValueError(f"no results of {kind} in {store.folder}; simulate them first")
    names = tuple(rows[0])
    return SimulatedTable(
        smiles=tuple(smiles),
        charge=np.array(charges, np.int8),
        names=names,
        values=np.array([[row[name] for name in names] for row in rows], np.float64),
        sigma=np.repeat(grid.sigma, len(grid.orth)),
        orth=np.tile(grid.orth, len(grid.sigma)),
        areas=np.array(areas),
        failures=failures,
        about={"source": SOURCE, "settings": asdict(store.settings), "programs": versions},
    )


def _row(record: Mapping[str, Any], surface: Surface) -> dict[str, float]:
    numbers = {
        name: np.nan if value is None else float(value) for name, value in record["numbers"].items()
    }
    kept = {name: numbers[name] for name in _KEPT}
    return (
        surface.descriptors(record["charge"])
        | kept
        | {
            "xtb_transfer_eV": numbers["xtb_energy_eV"] - numbers["xtb_gas_energy_eV"],
            "pm7_transfer_eV": (
                numbers["pm7_heat_of_formation_eV"] - numbers["pm7_gas_heat_of_formation_eV"]
            ),
        }
    )


# Of what the programs say, this is worth keeping; total energies mean nothing by themselves.
_KEPT: Final = (
    "xtb_solvation_eV",
    "homo_eV",
    "lumo_eV",
    "gas_homo_eV",
    "gas_lumo_eV",
    "polarisability_A3",
    "dispersion_c6_au",
    "dipole_D",
    "gas_dipole_D",
    "pm7_gas_heat_of_formation_eV",
    "pm7_dielectric_energy_eV",
)


def _inner(oligomer_smiles: str, surface: Surface) -> NDArray[np.bool_]:
    """Which segments belong to the inner unit of an oligomer, hydrogen included."""
    mol = Chem.AddHs(Chem.MolFromSmiles(oligomer_smiles))
    atoms = list(mol.GetAtoms())
    inner = np.array(
        [
            INNER in {atom.GetAtomMapNum(), *(_maps(atom) if atom.GetAtomicNum() == 1 else ())}
            for atom in atoms
        ]
    )
    result: NDArray[np.bool_] = inner[surface.atom]
    return result


def _maps(atom: Chem.Atom) -> list[int]:
    return [neighbour.GetAtomMapNum() for neighbour in atom.GetNeighbors()]
