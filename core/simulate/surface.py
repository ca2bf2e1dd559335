"""The surface of a molecule in a conductor, and what can be read off it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Surface"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.integer[Any]]


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
