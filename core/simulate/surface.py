"""The surface of a molecule in a conductor, and what can be read off it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

__all__ = ["Surface"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.integer[Any]]

# Averaging as in openCOSMO-RS 24a.
_RADIUS: Final = 0.5  # Å
_WIDER_RADIUS: Final = 1.0  # Å
_EXPLAINED: Final = 0.816
_MOMENTS: Final = (2, 3, 4, 5, 6)
# Charge densities beyond which a segment takes part in hydrogen bonds, e/Å², by order.
_BONDING: Final = {2: 0.010, 3: 0.012, 4: 0.014}


@dataclass(frozen=True, eq=False)
class Surface:
    """A COSMO surface, as the quantum-chemical program gives it.

    Attributes:
        elements: atomic numbers, shape (atoms,).
        atom_positions: shape (atoms, 3), Å.
        radii: of the atoms' spheres, shape (atoms,), Å.
        atom: index of the atom that a segment belongs to, shape (segments,).
        positions: shape (segments, 3), Å.
        charge: screening charges, shape (segments,), e; their sum is nearly that of the molecule
            with the sign turned.
        segment_area: shape (segments,), Å².
        potential: of the molecule at the segments, shape (segments,), as the program gives it.
        area: of the whole surface, Å².
        volume: inside the surface, Å³.
    """

    elements: IntArray
    atom_positions: FloatArray
    radii: FloatArray
    atom: IntArray
    positions: FloatArray
    charge: FloatArray
    segment_area: FloatArray
    potential: FloatArray
    area: float
    volume: float

    def save(self, path: Path) -> None:
        """Write a compressed .npz; numbers as single precision, which is all MOPAC prints."""
        arrays: dict[str, Any] = {
            field.name: np.asarray(getattr(self, field.name)) for field in fields(self)
        }
        for name, array in arrays.items():
            if array.dtype == np.float64 and array.ndim:
                arrays[name] = array.astype(np.float32)
        np.savez_compressed(path, **arrays)

    @classmethod
    def load(cls, path: Path) -> Surface:
        """Read what :meth:`save` wrote."""
        with np.load(path, allow_pickle=False) as found:

            def numbers(name: str) -> FloatArray:
                return np.asarray(found[name], np.float64)

            return cls(
                elements=found["elements"],
                atom_positions=numbers("atom_positions"),
                radii=numbers("radii"),
                atom=found["atom"],
                positions=numbers("positions"),
                charge=numbers("charge"),
                segment_area=numbers("segment_area"),
                potential=numbers("potential"),
                area=float(found["area"]),
                volume=float(found["volume"]),
            )

    def densities(self, charge: int) -> tuple[FloatArray, FloatArray]:
        """Charge densities of the segments: sigma and sigma_orth.

        Sigma is averaged over the neighbours within about 0.5 Å; sigma_orth is what sigma leaves
        unexplained of the average over 1 Å. What the screening charges lack of the charge of the
        molecule is spread evenly first: part of the electrons lie outside the surface.

        Args:
            charge: of the molecule.

        Returns:
            Two arrays of shape (segments,), e/Å².
        """
        area = self.segment_area
        raw = self.charge / area - (charge + self.charge.sum()) / area.sum()
        squares = (self.positions**2).sum(1)
        distance = squares[:, None] + squares[None] - 2 * self.positions @ self.positions.T
        size = area / np.pi  # squared radii of the segments

        def averaged(radius: float) -> FloatArray:
            spread = size + radius**2
            weights = np.exp(-np.maximum(distance, 0.0) / spread) * (size * radius**2 / spread)
            result: FloatArray = weights @ raw / weights.sum(1)
            return result

        sigma = averaged(_RADIUS)
        return sigma, averaged(_WIDER_RADIUS) - _EXPLAINED * sigma

    def descriptors(self, charge: int) -> dict[str, float]:
        """Numbers that tell size, shape and polarity.

        The sigma moment of order n is the sum of area x (100 sigma)^n; the moments of acceptors and
        donors of hydrogen bonds sum area x 100 x what sigma (or -sigma) exceeds a threshold by.

        Args:
            charge: of the molecule.
        """
        sigma, _ = self.densities(charge)
        area = self.segment_area
        found = {"area_A2": self.area, "volume_A3": self.volume}
        found |= {f"sigma_moment_{n}": float((area * (100 * sigma) ** n).sum()) for n in _MOMENTS}
        for order, threshold in _BONDING.items():
            for name, sign in (("acceptor", 1), ("donor", -1)):
                excess = np.maximum(sign * sigma - threshold, 0.0)
                found[f"{name}_moment_{order}"] = float(100 * (area * excess).sum())
        found |= {"sigma_max_e_A2": float(sigma.max()), "sigma_min_e_A2": float(sigma.min())}
        table = Chem.GetPeriodicTable()
        mass = np.array([table.GetAtomicWeight(int(element)) for element in self.elements])
        centred = self.atom_positions - mass @ self.atom_positions / mass.sum()
        tensor = (centred * mass[:, None]).T @ centred / mass.sum()
        small, middle, large = np.maximum(np.linalg.eigvalsh(tensor), 0.0)
        return found | {
            "gyration_radius_A": float(np.sqrt(small + middle + large)),
            "asphericity_A2": float(large - (small + middle) / 2),
            "sphericity": float(np.pi ** (1 / 3) * (6 * self.volume) ** (2 / 3) / self.area),
        }
