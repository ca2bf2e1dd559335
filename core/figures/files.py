"""Numbers as files: significant digits, and a CSV that no spreadsheet runs."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["safe_csv", "significant"]

FloatArray = NDArray[np.float64]


def significant(values: FloatArray, digits: int = 6) -> FloatArray:
    """Round to significant digits; zeros and gaps stay as they are."""
    with np.errstate(divide="ignore", invalid="ignore"):
        power = np.where(values == 0.0, 0.0, np.floor(np.log10(np.abs(values))))
    scale = 10.0 ** (digits - 1 - np.nan_to_num(power))
    return np.asarray(np.round(values * scale) / scale)


def safe_csv(table: pd.DataFrame, *, digits: int | None = None) -> bytes:
    """Write a table as CSV (UTF-8 with a byte-order mark) that no spreadsheet takes for formulas.

    Text that starts with ``= + - @``, a tab or a carriage return gets an apostrophe in front, and
    a line break inside becomes a blank; numbers are untouched, or rounded to significant ``digits``
    where they have a decimal point.
    """
    guarded = table.copy()
    for column in guarded.columns:
        if digits is not None and pd.api.types.is_float_dtype(guarded[column].dtype):
            guarded[column] = significant(guarded[column].to_numpy(dtype=np.float64), digits)
        if pd.api.types.is_string_dtype(guarded[column].dtype):
            cells = guarded[column].astype(str)
            cells = cells.where(~cells.str.match(r"[=+\-@\t\r]"), "'" + cells)
            guarded[column] = cells.str.replace(r"[\r\n]+", " ", regex=True)
    text: str = guarded.to_csv(index=False)
    return text.encode("utf-8-sig")
