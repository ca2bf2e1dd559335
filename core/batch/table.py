"""CSV tables, read and written in chunks, whatever is predicted of their rows.

A :class:`TableKind` tells which columns are read and written and what is done with a row;
everything else about files stands here. A file that is no such table is refused as a whole
(:class:`InputFileError`); a row that cannot be predicted says why in its ``error`` column and
leaves the others alone.
"""

from __future__ import annotations

import codecs
import csv
import io
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO, Final, Generic, TextIO, TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "BatchSummary",
    "InputFileError",
    "InputTable",
    "Quantity",
    "Row",
    "TableKind",
    "cells",
    "predict_table",
    "reasons",
]

Reading = TypeVar("Reading")
Predictor = TypeVar("Predictor")

_SEPARATORS: Final = (",", ";", "\t")
_BLOCK_BYTES: Final = 1 << 20
_LONGEST_LINE: Final = 1 << 20
# Control characters that no text file holds, and bytes that Windows-1252 leaves undefined. That
# encoding is Latin-1 as spreadsheets really write it: the same letters, and quotes and dashes too.
_CONTROL_BYTES: Final = bytes(set(range(32)) - set(b"\t\n\r\f"))
_NOT_LATIN_BYTES: Final = bytes([0x81, 0x8D, 0x8F, 0x90, 0x9D])


class InputFileError(ValueError):
    """The file as a whole cannot be used; the message is one line."""


@dataclass(frozen=True, slots=True)
class BatchSummary:
    """What became of a table: the number of rows, and how many of them have no prediction."""

    rows: int
    failed: int


@dataclass(frozen=True, slots=True)
class Quantity:
    """A column of numbers that may be absent or empty.

    Attributes:
        name: of the column; ends in the unit, if it has one.
        default: where there is no number.
        low: smallest value; below it a number is a slip of the pen.
        high: largest value; likewise.
        above: whether ``low`` itself is too small.
        hint: what would be right, behind the message on what is wrong.
        hint_below: the same for a number that is too small.
    """

    name: str
    default: float
    low: float
    high: float
    above: bool = False
    hint: str = ""
    hint_below: str = ""

    def read(self, text: str, *, decimal_comma: bool) -> float | str:
        """The number in a cell, or what is wrong with it."""
        if not text:
            return self.default
        if decimal_comma and text.count(",") == 1:
            text = text.replace(",", ".")
        try:
            value = float(text) if text.isascii() and "_" not in text else math.nan
        except ValueError:
            value = math.nan
        if math.isnan(value):
            return f"{self.name} is not a number: {_shown(text)}{self.hint}"
        if math.isinf(value):
            return f"{self.name} is infinite{self.hint}"
        if value < self.low or (self.above and value == self.low):
            limit = f"{'not above' if self.above else 'below'} {self.low or 'zero'}"
            return f"{self.name} is {limit}: {_shown(text)}{self.hint_below}"
        if value > self.high:
            return f"{self.name} is above {self.high:,.0f}: {_shown(text)}{self.hint}"
        return value


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of a row by the names of their columns."""

    _cells: list[str]
    _places: Mapping[str, int]
    _decimal_comma: bool

    def text(self, name: str) -> str:
        """The cell without blanks around it; empty where there is no such column."""
        place = self._places.get(name)
        return "" if place is None else self._cells[place].strip()

    def number(self, quantity: Quantity) -> float | str:
        """The number in the column of ``quantity``, its default, or what is wrong with it."""
        return quantity.read(self.text(quantity.name), decimal_comma=self._decimal_comma)


@dataclass(frozen=True, slots=True)
class TableKind(Generic[Reading, Predictor]):
    """What stands in a table, and what is predicted of its rows.

    Attributes:
        required: columns that have to be there.
        output: columns of the result behind those of the input; the last is ``error``.
        read: what the predictor takes, from a row; or why the row has none.
        predict: the cells of ``output`` but ``error``, for each of several readings.
    """

    required: tuple[str, ...]
    output: tuple[str, ...]
    read: Callable[[Row], Reading | str]
    predict: Callable[[Predictor, list[Reading]], Iterator[tuple[object, ...]]]


def _encoding(source: BinaryIO) -> tuple[str, int]:
    """Read all of ``source`` once: the encoding, and about how many lines there are.

    Raises:
        InputFileError: if the file is empty or is not text.
    """
    start = source.read(4)
    if not start:
        raise InputFileError("the file is empty")
    if start == b"PK\x03\x04":
        raise InputFileError("this is a spreadsheet or a zip archive; save the table as CSV first")
    utf8: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder("utf-8")()
    latin, newlines, returns, block = True, 0, 0, start
    while block:
        if len(block.translate(None, _CONTROL_BYTES)) < len(block):
            raise InputFileError("this is not a text file in UTF-8 or Latin-1")
        latin = latin and len(block.translate(None, _NOT_LATIN_BYTES)) == len(block)
        newlines += block.count(b"\n")
        returns += block.count(b"\r")
        following = source.read(_BLOCK_BYTES)
        if utf8 is not None:
            try:
                utf8.decode(block, final=not following)
            except UnicodeDecodeError:
                utf8 = None
        block = following
    lines = max(newlines, returns)
    if utf8 is not None:
        return ("utf-8-sig" if start.startswith(codecs.BOM_UTF8) else "utf-8"), lines
    if not latin:
        raise InputFileError("this is not a text file in UTF-8 or Latin-1")
    return "cp1252", lines


class InputTable(Generic[Reading, Predictor]):
    """A CSV table whose header is known to be usable; its rows are read as they are asked for.

    Attributes:
        kind: what the table holds.
        header: the column names as they stand in the file.
        separator: comma, semicolon or tab, whichever yields the required columns.
        encoding: ``"utf-8"``, ``"utf-8-sig"`` or ``"cp1252"`` (read for Latin-1).
        expected_rows: from the number of lines; too high where a quoted cell holds a line break.
    """

    def __init__(self, source: BinaryIO, kind: TableKind[Reading, Predictor]) -> None:
        """Find encoding and separator, and check the header.

        Args:
            source: a seekable binary file, read from its beginning; it is closed with the table.
            kind: what the table should hold.

        Raises:
            InputFileError: if the file is empty, is not text, lacks a required column, repeats a
                column or has one with the name of an output column.
        """
        self.kind = kind
        source.seek(0)
        self.encoding, lines = _encoding(source)
        source.seek(0)
        self._text = io.TextIOWrapper(source, encoding=self.encoding, newline="")
        lines_of_text = iter(lambda: self._text.readline(_LONGEST_LINE), "")
        first = next((line for line in lines_of_text if line.strip()), "")
        self.separator = max(_SEPARATORS, key=lambda mark: _fit(first, mark, kind.required))
        self._text.seek(0)
        self._lines_of_record: list[str] = []
        self._reader = csv.reader(self._lines(), delimiter=self.separator, strict=True)
        self.header, _ = next(self._records(), ([], ""))
        self._check_header()
        self.expected_rows = max(lines - self._reader.line_num, 0)

    def rows(self) -> Iterator[tuple[list[str], str]]:
        """Yield each further row: as many cells as the header has, and what is wrong with them.

        Cells missing at the end are empty. Lines without any character are no rows.

        Raises:
            InputFileError: if a line or a cell does not end.
        """
        width = len(self.header)
        for cells, problem in self._records():
            if len(cells) == width:
                yield cells, problem
            elif len(cells) < width:
                yield [*cells, *[""] * (width - len(cells))], problem
            else:
                surplus = f"{len(cells)} cells where the header has {width}; the last are left out"
                yield cells[:width], problem or surplus

    def _records(self) -> Iterator[tuple[list[str], str]]:
        """Yield the cells of each record, and what is wrong with its quotation marks."""
        while True:
            self._lines_of_record.clear()
            line, problem = self._reader.line_num + 1, ""
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                cells = self._salvaged(error, line)
                problem = f"the quotation marks in the row on line {line} do not match"
            if cells:
                yield cells, problem

    def _salvaged(self, error: csv.Error, line: int) -> list[str]:
        """The cells of a record with text behind a closing quotation mark, as well as one can."""
        try:
            if "expected after" in str(error):
                return next(csv.reader(self._lines_of_record, delimiter=self.separator))
        except csv.Error:  # and without its end no cell can be trusted, nor any row behind it
            pass
        raise InputFileError(f"line {line}: a cell does not end; is a quotation mark missing?")

    def _lines(self) -> Iterator[str]:
        while line := self._text.readline(_LONGEST_LINE):
            if len(line) == _LONGEST_LINE:
                raise InputFileError(f"a line has more than {_LONGEST_LINE:,} characters")
            self._lines_of_record.append(line)
            yield line

    def _check_header(self) -> None:
        names = [name.strip() for name in self.header if name.strip()]
        for name in self.kind.required:
            if name not in names:
                found = ", ".join(_shown(n) for n in names[:8]) + (" ..." if len(names) > 8 else "")
                raise InputFileError(
                    f"no column {name} in the first line; it holds: {found or 'nothing'}"
                )
        for name in names:
            if names.count(name) > 1:
                raise InputFileError(f"two columns have the name {_shown(name)}")
            if name in self.kind.output:
                raise InputFileError(
                    f"the column {name} has the name of a column of the result; "
                    f"rename it, for example to my_{name}"
                )


def _fit(line: str, separator: str, required: tuple[str, ...]) -> tuple[int, int]:
    """How well a separator explains a header: required columns found, then cells."""
    try:
        cells = next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        return 0, 0
    return sum(name.strip() in required for name in cells), len(cells)


def _shown(text: str) -> str:
    """A cell as a message quotes it: short and on one line."""
    text = " ".join(text.split())
    return repr(text if len(text) <= 40 else f"{text[:37]}...")


def reasons(*found: object) -> str:
    """What is wrong with a row, on one line: those of its parts that are text."""
    return " ".join("; ".join(part for part in found if isinstance(part, str)).split())


def predict_table(
    table: InputTable[Reading, Predictor],
    target: TextIO,
    predictor: Predictor,
    *,
    progress: Callable[[int], object] | None = None,
    chunk_rows: int = 20_000,
) -> BatchSummary:
    """Write every row of ``table``, in order and with all its cells, with predictions behind them.

    The result has the separator of the input.

    Args:
        table: the input; it is read to its end.
        target: where the result goes, a text file opened with ``newline=""``.
        predictor: the model.
        progress: called after each chunk with the number of rows done so far.
        chunk_rows: how many rows are held in memory at a time.

    Raises:
        InputFileError: if a line or a cell of the input does not end.
        OSError: if the input cannot be read or the result cannot be written.
    """
    kind, rows, done, failed = table.kind, table.rows(), 0, 0
    writer = csv.writer(target, delimiter=table.separator, lineterminator="\n")
    writer.writerow([*table.header, *kind.output])
    places = {name.strip(): place for place, name in enumerate(table.header)}
    decimal_comma, nothing = table.separator != ",", [""] * (len(kind.output) - 1)
    while chunk := list(islice(rows, chunk_rows)):
        readings = [
            problem or kind.read(Row(found, places, decimal_comma)) for found, problem in chunk
        ]
        good = [reading for reading in readings if not isinstance(reading, str)]
        predictions = kind.predict(predictor, good) if good else iter(())
        for (found, _), reading in zip(chunk, readings, strict=True):
            if isinstance(reading, str):
                failed += 1
                writer.writerow([*found, *nothing, reading])
            else:
                writer.writerow([*found, *next(predictions), ""])
        done += len(chunk)
        if progress is not None:
            progress(done)
    return BatchSummary(rows=done, failed=failed)


def cells(numbers: NDArray[np.float64]) -> Sequence[str]:
    """Numbers of shape (n,) as they are written: six digits, empty where there is none."""
    return [f"{x:.6g}" if math.isfinite(x) else "" for x in numbers.tolist()]
