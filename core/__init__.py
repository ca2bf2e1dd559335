"""Solvarium: properties of ionic liquids, with an honest account of how far to trust each number."""
