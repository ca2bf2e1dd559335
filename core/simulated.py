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
from types import MappingProxyType
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "KINDS",
    "SOURCE",
    "SURFACE_FORMS",
    "SURFACE_NAMES",
    "SURFACE_VERSION",
    "Kind",
    "PairTable",
    "SimulatedTable",
    "load",
    "load_pairs",
    "simulated",
    "simulated_pairs",
    "surface_features",
]

FloatArray = NDArray[np.float64]

Kind = Literal["ions", "solvents", "polymers"]
KINDS: Final[tuple[Kind, ...]] = ("ions", "solvents", "polymers")

SOURCE: Final = "sim:GFN2-xTB/PM7-COSMO"

_STEP: Final = 0.01  # Å²; the areas are whole multiples of it

SURFACE_VERSION: Final = "surfaces-1"
"""Change it whenever a number of :func:`surface_features` can change for the same molecule."""

_PROFILE_GRID: Final = np.linspace(-0.025, 0.025, 26)
_PROFILE: Final = tuple(f"sigma_profile_{sigma:+.3f}_A2" for sigma in _PROFILE_GRID)

# What grows with the molecule stays as it is, or becomes so: the C6 coefficient goes with the
# square of the size. What has a long tail is shortened.
_DESCRIPTOR_FORMS: Final = {
    "area_A2": "identity",
    "volume_A3": "identity",
    "sigma_moment_2": "log1p",
    "sigma_moment_3": "log1p",
    "sigma_moment_4": "log1p",
    "sigma_moment_5": "log1p",
    "sigma_moment_6": "log1p",
    "acceptor_moment_2": "log1p",
    "donor_moment_2": "log1p",
    "acceptor_moment_3": "log1p",
    "donor_moment_3": "log1p",
    "acceptor_moment_4": "log1p",
    "donor_moment_4": "log1p",
    "sigma_max_e_A2": "identity",
    "sigma_min_e_A2": "identity",
    "gyration_radius_A": "identity",
    "asphericity_A2": "log1p",
    "sphericity": "identity",
    "xtb_solvation_eV": "identity",
    "homo_eV": "identity",
    "lumo_eV": "identity",
    "gas_homo_eV": "identity",
    "gas_lumo_eV": "identity",
    "polarisability_A3": "identity",
    "dispersion_c6_au": "sqrt",
    "dipole_D": "log1p",
    "gas_dipole_D": "log1p",
    "pm7_gas_heat_of_formation_eV": "identity",
    "pm7_dielectric_energy_eV": "identity",
    "xtb_transfer_eV": "identity",
    "pm7_transfer_eV": "identity",
}

SURFACE_FORMS: Final[Mapping[str, str]] = MappingProxyType(
    _DESCRIPTOR_FORMS | dict.fromkeys(_PROFILE, "identity")
)
"""Name of each column of :func:`surface_features`, in order, with the form it is given in:
``identity``, ``sqrt``, or ``log1p``, which is sign(x) ln(1 + |x|)."""

SURFACE_NAMES: Final[tuple[str, ...]] = tuple(SURFACE_FORMS)

# The small basis leaves some ions of one atom, such as fluoride, no empty orbital. It would lie
# higher than any that was found.
_NO_EMPTY_ORBITAL: Final = {"lumo_eV": 10.0, "gas_lumo_eV": 15.0}


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


def surface_features(table: SimulatedTable) -> FloatArray:
    """Descriptors in well-behaved forms, then the sigma profile: what a network is fed with.

    The profile is the area at 26 values of sigma from -0.025 to 0.025 e/Å², in Å². An ion that has
    no empty orbital in the basis of the simulation counts as one whose lowest lies at 10 eV (15 eV
    in the gas).

    Args:
        table: of ions, solvents or polymers, m of them.

    Returns:
        Shape (m, len(SURFACE_NAMES)); every entry is finite.
    """
    columns = []
    for name, form in _DESCRIPTOR_FORMS.items():
        column = table.column(name)
        if name in _NO_EMPTY_ORBITAL:
            column = np.where(np.isnan(column), _NO_EMPTY_ORBITAL[name], column)
        if form == "log1p":
            column = np.sign(column) * np.log1p(np.abs(column))
        elif form == "sqrt":
            column = np.sqrt(column)
        columns.append(column)
    profile = table.sigma_profiles(_PROFILE_GRID)
    return np.concatenate([np.stack(columns, axis=1), profile], axis=1)


@lru_cache(maxsize=len(KINDS))
def simulated(kind: Kind) -> SimulatedTable:
    """Return the table of the project, read on first use."""
    with resources.as_file(resources.files("core") / "tables" / f"simulated_{kind}.npz") as path:
        return load(path)


@dataclass(frozen=True, eq=False)
class PairTable:
    """COSMO-RS quantities of all pairs of simulated monovalent ions at 298.15 K.

    A table of millions of pairs is nearly a product of few factors of the ions; these are kept.

    Attributes:
        cations: canonical SMILES.
        anions: canonical SMILES.
        names: of the quantities; units are in the names.
        center: of each quantity, shape (quantities,).
        left: factors of the cations, shape (quantities, cations, rank).
        right: factors of the anions, shape (quantities, anions, rank).
        about: where the numbers come from, and how far the factors are off: ``rms_error`` and
            ``spread`` of each quantity, in its unit.
    """

    cations: tuple[str, ...]
    anions: tuple[str, ...]
    names: tuple[str, ...]
    center: FloatArray
    left: NDArray[np.float32]
    right: NDArray[np.float32]
    about: Mapping[str, Any]

    def values(self, cation: NDArray[np.integer], anion: NDArray[np.integer]) -> FloatArray:
        """Quantities of pairs.

        Args:
            cation: place of each pair's cation among the cations, shape (pairs,).
            anion: the same for anions.

        Returns:
            Shape (pairs, quantities).
        """
        found = [
            (own[cation] * other[anion]).sum(axis=1)
            for own, other in zip(self.left, self.right, strict=True)
        ]
        return np.stack(found, axis=1) + self.center

    def save(self, path: Path) -> None:
        """Write a compressed .npz."""
        part = path.with_name(f".{path.stem}.part.npz")
        np.savez_compressed(
            part,
            cations=np.array(self.cations),
            anions=np.array(self.anions),
            names=np.array(self.names),
            center=self.center,
            left=self.left.astype(np.float16),
            right=self.right.astype(np.float16),
            about=np.array(json.dumps(dict(self.about))),
        )
        part.replace(path)


def load_pairs(path: Path) -> PairTable:
    """Read a table that :meth:`PairTable.save` wrote.

    Raises:
        FileNotFoundError: if there is none.
    """
    with np.load(path, allow_pickle=False) as found:
        return PairTable(
            cations=tuple(map(str, found["cations"])),
            anions=tuple(map(str, found["anions"])),
            names=tuple(map(str, found["names"])),
            center=found["center"],
            left=found["left"].astype(np.float32),
            right=found["right"].astype(np.float32),
            about=json.loads(str(found["about"])),
        )


@lru_cache(maxsize=1)
def simulated_pairs() -> PairTable:
    """Return the table of pairs of the project, read on first use."""
    with resources.as_file(resources.files("core") / "tables" / "simulated_pairs.npz") as path:
        return load_pairs(path)
