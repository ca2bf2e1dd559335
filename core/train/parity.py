"""Predicted against measured values of left-out rows, as counts: no measured value is told."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["density"]

FloatArray = NDArray[np.float64]


def density(measured: FloatArray, predicted: FloatArray, edges: FloatArray) -> dict[str, Any]:
    """Count rows in cells; those beyond the outermost edges count in the outermost cells.

    Args:
        measured: shape (n,).
        predicted: shape (n,).
        edges: of the cells, the same on both axes, shape (cells + 1,).

    Returns:
        ``edges``, ``counts`` (a row for each cell of measured values) and ``n``, as plain data.
    """
    rows, columns = (
        np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(edges) - 2)
        for values in (measured, predicted)
    )
    counts = np.zeros((len(edges) - 1, len(edges) - 1), dtype=int)
    np.add.at(counts, (rows, columns), 1)
    return {
        "edges": [float(f"{edge:.6g}") for edge in edges],
        "counts": counts.tolist(),
        "n": len(measured),
    }
