"""Van der Waals volume from atoms, bonds and rings.

Zhao, Abraham, Zissimos, J. Org. Chem. 2003, 68, 7368, doi 10.1021/jo034808o.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

# Atomic contributions in cubic angstrom, and the corrections per bond and ring.
_ATOMS: Final = {
    1: 7.24, 5: 40.48, 6: 20.58, 7: 15.60, 8: 14.71, 9: 13.31, 14: 38.79, 15: 24.43, 16: 24.43,
    17: 22.45, 33: 26.52, 34: 28.73, 35: 26.52, 52: 36.62, 53: 32.52,
}  # fmt: skip
_OTHER: Final = 30.0  # metals in halometallate anions; not in the source, a round middle value
_BOND, _AROMATIC_RING, _RING = 5.92, 14.7, 3.8


def van_der_waals(
    atomic_numbers: Iterable[int], hydrogens: float, bonds: int, rings: tuple[int, int]
) -> float:
    """Volume in cubic angstrom.

    Args:
        atomic_numbers: of the heavy atoms.
        hydrogens: number of hydrogen atoms on them.
        bonds: number of bonds between heavy atoms.
        rings: number of aromatic and of other rings.
    """
    atoms = sum(_ATOMS.get(number, _OTHER) for number in atomic_numbers) + hydrogens * _ATOMS[1]
    aromatic, other = rings
    return atoms - _BOND * (bonds + hydrogens) - _AROMATIC_RING * aromatic - _RING * other
