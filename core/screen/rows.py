"""Ionic liquids of a library with their properties at one state, as columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from core.properties import PROPERTIES
from core.screen.conditions import MOLAR_MASS
from core.screen.library import Library

__all__ = ["Rows"]

_PLACES = {key: place for place, key in enumerate(PROPERTIES)}


@dataclass(frozen=True, eq=False)
class Rows:
    """n ionic liquids; numbers of properties are in the order of the property table.

    Attributes:
        cation: place of each one's cation in the library, shape (n,).
        anion: place of its anion, shape (n,).
        value: in the unit of the property, shape (properties, n).
        low: lower ends of the 90 % intervals, likewise.
        high: upper ends of the 90 % intervals, likewise.
        support: places in ``SUPPORTS`` for each property, and in the last row for all of them
            together, shape (properties + 1, n).
        grade: places in ``core.domain.GRADES``, shape (properties, n).
    """

    cation: NDArray[np.int32]
    anion: NDArray[np.int32]
    value: NDArray[np.float32]
    low: NDArray[np.float32]
    high: NDArray[np.float32]
    support: NDArray[np.uint8]
    grade: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.cation)

    @classmethod
    def empty(cls, count: int) -> Rows:
        """Room for ``count`` rows."""
        n = len(PROPERTIES)
        return cls(
            np.empty(count, np.int32),
            np.empty(count, np.int32),
            np.empty((n, count), np.float32),
            np.empty((n, count), np.float32),
            np.empty((n, count), np.float32),
            np.empty((n + 1, count), np.uint8),
            np.empty((n, count), np.uint8),
        )

    @classmethod
    def joined(cls, parts: Sequence[Rows]) -> Rows:
        """All rows of several, in order."""
        return cls(
            *(np.concatenate([getattr(p, f.name) for p in parts], axis=-1) for f in fields(cls))
        )

    def take(self, rows: NDArray[np.generic]) -> Rows:
        """The rows at places, or where a mask is true."""
        return Rows(*(getattr(self, f.name)[..., rows] for f in fields(self)))

    def put(self, start: int, other: Rows) -> None:
        """Write all rows of another over those from ``start`` on."""
        for f in fields(self):
            getattr(self, f.name)[..., start : start + len(other)] = getattr(other, f.name)

    def numbers(self, library: Library) -> NDArray[np.int64]:
        """The number of each pair in the library, shape (n,)."""
        return self.cation.astype(np.int64) * len(library.anions) + self.anion

    def column(self, name: str, library: Library) -> NDArray[np.floating]:
        """One of ``NUMBERS`` for each row, shape (n,)."""
        if name == MOLAR_MASS:
            return self.molar_masses(library)
        key, _, end = name.partition(".")
        column: NDArray[np.floating] = getattr(self, end or "value")[_PLACES[key]]
        return column

    def molar_masses(self, library: Library) -> NDArray[np.float64]:
        """g/mol of the formula units, shape (n,)."""
        positive, negative = library.cations.charges, library.anions.charges
        of_cations, of_anions = library.cations.molar_masses, library.anions.molar_masses
        if positive.max() == negative.max() == 1:
            return of_cations[self.cation] + of_anions[self.anion]
        positive, negative = positive[self.cation], negative[self.anion]
        common = np.gcd(positive, negative)
        return np.asarray(
            (negative // common) * of_cations[self.cation]
            + (positive // common) * of_anions[self.anion]
        )
