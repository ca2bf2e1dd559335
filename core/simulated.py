"""What was simulated: tables of ions, solvents and polymers, made by ``python -m core simulate``.

The numbers come from GFN2-xTB geometries and PM7 surfaces in a conductor; nothing here was
measured. The tables are part of the project, and no other program is needed to read them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib import resources
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["KINDS", "SOURCE", "Kind", "SimulatedTable", "load", "simulated"]

FloatArray = NDArray[np.float64]

Kind = Literal["ions", "solvents", "polymers"]
KINDS: Final[tuple[Kind, ...]] = ("ions", "solvents", "polymers")

SOURCE: Final = "sim:GFN2-xTB/PM7-COSMO"

_STEP: Final = 0.01  # Å²; the areas are whole multiples of it


@dataclass(frozen=True, eq=False)
class SimulatedTable:
    """Simulated molecules of one kind.

    Attributes:
        smiles: canonical SMILES of the ions or solvents, or repeat units of the polymers.
        charge: of each, shape (molecules,).
        names: of the descriptors; units are in the names.
        values: descriptors, shape (molecules, descriptors); NaN where a program gave none. Those of
            a polymer are of three repeat units between methyl groups.
        sigma: of the types of segments, shape (types,), e/Å².
        orth: sigma_orth of the types, shape (types,), e/Å².
        areas: of the types of segments in each molecule, shape (molecules, types), Å²; of a
            polymer, in the inner one of the three units.
        failures: SMILES of molecules that could not be simulated, and why.
        about: settings and versions of the programs.
    """

    smiles: tuple[str, ...]
    charge: NDArray[np.int8]
    names: tuple[str, ...]
    values: FloatArray
    sigma: FloatArray
    orth: FloatArray
    areas: NDArray[np.float32]
    failures: Mapping[str, str]
    about: Mapping[str, Any]

    def __len__(self) -> int:
        return len(self.smiles)

    @cached_property
    def index(self) -> dict[str, int]:
        """The row of each molecule."""
        return {smiles: row for row, smiles in enumerate(self.smiles)}

    def column(self, name: str) -> FloatArray:
        """One descriptor of all molecules, shape (molecules,)."""
        result: FloatArray = self.values[:, self.names.index(name)]
        return result

    def sigma_profiles(self, grid: FloatArray) -> FloatArray:
        """Areas by sigma alone, which keep the mean sigma of each molecule.

        Args:
            grid: values of sigma, evenly spaced and ascending, e/Å²; beyond it, its edge counts.

        Returns:
            Shape (molecules, grid), Å².
        """
        place = np.clip((self.sigma - grid[0]) / (grid[1] - grid[0]), 0, len(grid) - 1)
        # A type belongs to the grid points on either side of it, to the nearer one more.
        share = np.maximum(1 - np.abs(place[:, None] - np.arange(len(grid))), 0.0)
        profiles: FloatArray = self.areas.astype(np.float64) @ share
        return profiles

    def save(self, path: Path) -> None:
        """Write a compressed .npz; types that no molecule has are left out."""
        steps = np.rint(self.areas / _STEP).astype(np.uint16)
        used = steps.any(axis=0)
        part = path.with_name(f".{path.stem}.part.npz")
        np.savez_compressed(
            part,
            smiles=np.array(self.smiles),
            charge=self.charge,
            names=np.array(self.names),
            values=self.values.astype(np.float32),
            sigma=self.sigma[used],
            orth=self.orth[used],
            # One type after the other compresses best.
            areas=np.ascontiguousarray(steps[:, used].T),
            about=np.array(json.dumps({**self.about, "failures": dict(self.failures)})),
        )
        part.replace(path)


def load(path: Path) -> SimulatedTable:
    """Read a table that :meth:`SimulatedTable.save` wrote.

    Raises:
        FileNotFoundError: if there is none.
    """
    with np.load(path, allow_pickle=False) as found:
        about = json.loads(str(found["about"]))
        return SimulatedTable(
            smiles=tuple(map(str, found["smiles"])),
            charge=found["charge"],
            names=tuple(map(str, found["names"])),
            values=found["values"].astype(np.float64),
            sigma=found["sigma"],
            orth=found["orth"],
            areas=found["areas"].T.astype(np.float32) * np.float32(_STEP),
            failures=about.pop("failures"),
            about=about,
        )


@lru_cache(maxsize=len(KINDS))
def simulated(kind: Kind) -> SimulatedTable:
    """Return the table of the project, read on first use."""
    with resources.as_file(resources.files("core") / "tables" / f"simulated_{kind}.npz") as path:
        return load(path)
