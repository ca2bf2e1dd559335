"""Numbers as files: significant digits, and a CSV that no spreadsheet runs."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["safe_csv", "significant"]

FloatArray = NDArray[np.float64]
_FORMULA: Final = r"[=+\-@\t\r\n＝＋－＠]"


def significant(values: FloatArray, digits: int = 6) -> FloatArray:
    """Round to significant digits; zeros and gaps stay as they are."""
    with np.errstate(divide="ignore", invalid="ignore"):
        power = np.where(values == 0.0, 0.0, np.floor(np.log10(np.abs(values))))
    scale = 10.0 ** (digits - 1 - np.nan_to_num(power))
    return np.asarray(np.round(values * scale) / scale)


def safe_csv(table: pd.DataFrame, *, digits: int | None = None) -> bytes:
    """Write a table as CSV (UTF-8 with a byte-order mark) that no spreadsheet takes for formulas.

    Text that starts with ``= + - @`` (or their full-width forms), a tab or a line break gets an
    apostrophe in front, and a line break inside becomes a blank, in cells and in names of columns;
    numbers are untouched, or rounded to significant ``digits`` where they have a decimal point.
    """
    guarded = table.copy()
    guarded.columns = _guarded(pd.Series(table.columns.astype(str))).to_list()
    for place, kind in enumerate(table.dtypes):
        column = table.iloc[:, place]
        if digits is not None and pd.api.types.is_float_dtype(kind):
            rounded = significant(column.to_numpy(dtype=np.float64), digits)
            guarded.isetitem(place, rounded)
        if pd.api.types.is_string_dtype(kind):
            guarded.isetitem(place, _guarded(column.astype(str)))
    text: str = guarded.to_csv(index=False)
    return text.encode("utf-8-sig")


def _guarded(cells: pd.Series[str]) -> pd.Series[str]:
    cells = cells.where(~cells.str.match(_FORMULA), "'" + cells)
    return cells.str.replace(r"[\r\n]+", " ", regex=True)
