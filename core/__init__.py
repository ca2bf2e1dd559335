"""Solvarium: properties of ionic liquids, and how far to trust each number."""
