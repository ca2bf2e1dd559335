"""Solvarium: properties of ionic liquids, and how far to trust each number."""

from typing import Final

__version__: Final = "0.1.0"
