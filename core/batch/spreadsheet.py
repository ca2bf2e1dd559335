"""Rows as a spreadsheet should see them: no cell runs, and numbers have its decimal mark."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from typing import Final

__all__ = ["for_spreadsheet", "guarded", "spreadsheet_copy"]

_RUNS: Final = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
_NUMBER: Final = re.compile(r"\s*[-+]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][-+]?\d+)?\s*")
_POINT: Final = re.compile(r"-?\d+(?:\.\d*)?(?:e[-+]\d+)?")


def guarded(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: an apostrophe comes first where one might.

    Those are texts that start with ``= + - @``, a tab, a carriage return or a line feed, also
    behind blanks or in full width. Numbers are untouched.
    """
    return f"'{cell}" if _RUNS.match(cell) and not _NUMBER.fullmatch(cell) else cell


def for_spreadsheet(row: Sequence[object], own: int, *, decimal_comma: bool) -> list[str]:
    """A row of a result with every cell guarded.

    Args:
        row: cells of the input, then those of the result.
        own: where the cells of the result begin; only their numbers get the other decimal mark.
        decimal_comma: whether that is the comma.
    """
    cells = [guarded(str(cell)) for cell in row]
    if decimal_comma:
        cells[own:] = [
            cell.replace(".", ",") if _POINT.fullmatch(cell) else cell for cell in cells[own:]
        ]
    return cells


def spreadsheet_copy(result: str, own: int, *, separator: str, decimal_comma: bool) -> bytes:
    """A finished result as a spreadsheet should see it, in UTF-8 with a byte-order mark.

    Args:
        result: as :func:`core.batch.predict_table` writes it.
        own: number of columns of the input.
        separator: of both.
        decimal_comma: as in :func:`for_spreadsheet`.
    """
    target = io.StringIO(newline="")
    writer = csv.writer(target, delimiter=separator, lineterminator="\n")
    for row in csv.reader(io.StringIO(result, newline=""), delimiter=separator):
        writer.writerow(for_spreadsheet(row, own, decimal_comma=decimal_comma))
    return target.getvalue().encode("utf-8-sig")
