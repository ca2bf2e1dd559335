"""Numbers as files: significant digits, and a CSV that no spreadsheet runs."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.batch.spreadsheet import guarded

__all__ = ["safe_csv", "significant"]

FloatArray = NDArray[np.float64]
_BREAKS: Final = re.compile(r"[\r\n]+")


def significant(values: FloatArray, digits: int = 6) -> FloatArray:
    """Round to significant digits; zeros and gaps stay as they are."""
    with np.errstate(divide="ignore", invalid="ignore"):
        power = np.where(values == 0.0, 0.0, np.floor(np.log10(np.abs(values))))
    scale = 10.0 ** (digits - 1 - np.nan_to_num(power))
    return np.asarray(np.round(values * scale) / scale)


def safe_csv(table: pd.DataFrame, *, digits: int | None = None) -> bytes:
    """Write a table as CSV (UTF-8 with a byte-order mark) that no spreadsheet takes for formulas.

    Text is :func:`core.batch.spreadsheet.guarded`, and a line break inside becomes a blank, in
    cells and in names of columns; numbers are untouched, or rounded to significant ``digits`` where
    they have a decimal point.
    """
    safe = table.copy()
    safe.columns = [_one_line(name) for name in table.columns.astype(str)]
    for place, kind in enumerate(table.dtypes):
        column = table.iloc[:, place]
        if digits is not None and pd.api.types.is_float_dtype(kind):
            rounded = significant(column.to_numpy(dtype=np.float64), digits)
            safe.isetitem(place, rounded)
        if pd.api.types.is_string_dtype(kind):
            safe.isetitem(place, column.astype(str).map(_one_line, na_action="ignore"))
    text: str = safe.to_csv(index=False)
    return text.encode("utf-8-sig")


def _one_line(cell: str) -> str:
    return _BREAKS.sub(" ", guarded(cell))
