"""CSV tables, read and written in chunks, whatever is predicted of their rows.

A :class:`TableKind` tells which columns are read and written and what is done with a row, and
:mod:`core.batch.columns` which column is which; everything else about files stands here. A file
that is no such table is refused as a whole (:class:`InputFileError`); a row that cannot be
predicted says why in its ``error`` column and leaves the others alone.
"""

from __future__ import annotations

import codecs
import csv
import io
import math
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from types import MappingProxyType
from typing import BinaryIO, Final, Generic, TextIO, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.batch.columns import (
    NO_LAYOUT,
    NOTHING_TOLD,
    Column,
    InputFileError,
    Layout,
    Quantity,
    Told,
    arranged,
    is_number,
    shown,
)
from core.batch.spreadsheet import for_spreadsheet

__all__ = [
    "BatchSummary",
    "InputFileError",
    "InputTable",
    "Quantity",
    "Row",
    "TableKind",
    "TextTable",
    "cells",
    "predict_table",
    "predicted",
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
_NOT_TEXT: Final = "this is not a text file in UTF-8, UTF-16 or Latin-1"
# Spreadsheets write this as a first line of its own, and read it.
_SEPARATOR_LINE: Final = re.compile(r"sep=([,;\t])\s*")
_NO_CONTROLS: Final = dict.fromkeys(set(range(32)) - set(b"\t\n\r\f"))
_DECIMAL: Final = re.compile(r"[-+]?\d+([.,])\d+")
NO_PROVENANCE: Final[Mapping[str, str]] = MappingProxyType({})
_SAMPLE: Final = 50
_FIRST_ROWS: Final = 250  # of a table whose speed is not yet known
_MOST_COLUMNS: Final = 10_000
_MOST_CELLS: Final = 4_000_000  # in memory at a time


@dataclass(frozen=True, slots=True)
class BatchSummary:
    """What became of a table: the number of rows, and how many of them have no prediction."""

    rows: int
    failed: int


@dataclass(slots=True)  # not frozen: one is made for each row
class Row:
    """The cells of a row by the names of their columns."""

    _cells: list[str]
    _places: Mapping[str, int]
    _decimal_comma: bool
    _layout: Layout = NO_LAYOUT

    def has(self, name: str) -> bool:
        """Whether there is such a column."""
        return name in self._places

    def text(self, name: str) -> str:
        """The cell without blanks around it; empty where there is no such column."""
        place = self._places.get(name)
        return "" if place is None else self._cells[place].strip()

    def is_smiles(self, name: str) -> bool:
        """Whether the header of a column promises SMILES."""
        return name in self._layout.smiles

    def number(self, quantity: Quantity) -> float | str:
        """The number in the column of ``quantity``, its default, or what is wrong with it."""
        text = self.text(quantity.name)
        if not text:
            return self._layout.defaults.get(quantity.name, quantity.default)
        unit = self._layout.units.get(quantity.name)
        return quantity.read(text, decimal_comma=self._decimal_comma, unit=unit)


@dataclass(frozen=True, slots=True)
class TableKind(Generic[Reading, Predictor]):
    """What stands in a table, and what is predicted of its rows.

    Attributes:
        required: columns that have to be there.
        output: columns of the result behind those of the input; the last is ``error``.
        read: what the predictor takes, from a row; or why the row has none.
        predict: the cells of ``output`` but ``error``, for each of several readings.
        columns: what a column may hold, whatever its header; without any, headers are taken as
            they are.
        instead: columns that may stand in for the required ones.
        example: a filled-in table, its header first.
    """

    required: tuple[str, ...]
    output: tuple[str, ...]
    read: Callable[[Row], Reading | str]
    predict: Callable[[Predictor, list[Reading]], Iterator[tuple[object, ...]]]
    columns: tuple[Column, ...] = ()
    instead: tuple[str, ...] = ()
    example: tuple[tuple[str, ...], ...] = ()

    @property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """Names of columns of which one group has to be there."""
        return (self.required, *((name,) for name in self.instead))


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
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", _utf16_lines(source, start)
    utf8: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder("utf-8")()
    latin, newlines, returns, block = True, 0, 0, start
    while block:
        if len(block.translate(None, _CONTROL_BYTES)) < len(block):
            raise InputFileError(_NOT_TEXT)
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
        raise InputFileError(_NOT_TEXT)
    return "cp1252", lines


def _utf16_lines(source: BinaryIO, start: bytes) -> int:
    """About how many lines there are in a file with the byte-order mark of UTF-16."""
    decoder, lines, block = codecs.getincrementaldecoder("utf-16")(), 0, start
    while block:
        following = source.read(_BLOCK_BYTES)
        try:
            text = decoder.decode(block, final=not following)
        except UnicodeDecodeError as error:
            raise InputFileError(_NOT_TEXT) from error
        if text.translate(_NO_CONTROLS) != text:
            raise InputFileError(_NOT_TEXT)
        lines += max(text.count("\n"), text.count("\r"))
        block = following
    return lines


class TextTable:
    """A text file with rows of cells; they are read as they are asked for.

    Attributes:
        header: the column names as they stand in the file, or numbers where it has none.
        headless: whether the first row holds data already.
        separator: comma, semicolon or tab, whichever explains the first lines best.
        encoding: ``"utf-8"``, ``"utf-8-sig"``, ``"utf-16"`` or ``"cp1252"`` (read for Latin-1).
        sample: the first rows, each with as many cells as the header.
        expected_rows: from the number of lines; too high where a quoted cell holds a line break.
    """

    def __init__(
        self, source: BinaryIO, columns: Sequence[Column] = (), wanted: Sequence[str] = ()
    ) -> None:
        """Find encoding, separator and header.

        Args:
            source: a seekable binary file, read from its beginning; it is closed with the table.
            columns: what there may be; headers that mean one of them tell the separator.
            wanted: names of columns that tell it as well.

        Raises:
            InputFileError: if the file is empty or not text, or if a line or a cell among the
                first does not end.
        """
        source.seek(0)
        self.encoding, lines = _encoding(source)
        source.seek(0)
        self._text = io.TextIOWrapper(source, encoding=self.encoding, newline="")
        self._lines_of_record: list[str] = []
        first = list(islice((line for line in self._lines() if line.strip()), _SAMPLE))
        hint = _SEPARATOR_LINE.fullmatch(first[0]) if first else None
        self.separator = hint[1] if hint else _separator(first, columns, wanted)
        self._text.seek(0)
        self._reader = csv.reader(self._lines(), delimiter=self.separator, strict=True)
        records = self._records()
        if hint:
            next(records)
        self.header, problem = next(records, ([], ""))
        if len(self.header) > _MOST_COLUMNS:
            raise InputFileError(
                f"the first line has {len(self.header):,} columns; up to {_MOST_COLUMNS:,} are read"
            )
        self.headless = bool(columns) and _is_data(self.header, columns)
        if self.headless:
            row = self.header, problem
            self.header = [f"column {place}" for place in range(1, len(row[0]) + 1)]
            records = chain([row], records)
        self.expected_rows = max(lines - self._reader.line_num + self.headless, 0)
        self._rows = self._even(records)
        ahead = list(islice(self._rows, _SAMPLE))
        self.sample = [cells for cells, _ in ahead]
        self._rows = chain(ahead, self._rows)

    @property
    def decimal_comma(self) -> bool:
        """Whether numbers in the table have a decimal comma, as far as its first rows tell."""
        marks = {
            match[1] for row in self.sample for x in row if (match := _DECIMAL.fullmatch(x.strip()))
        }
        # Spreadsheets separate by semicolons where the comma is the decimal mark.
        return self.separator != "," and ("," in marks or (self.separator == ";" and not marks))

    def rows(self) -> Iterator[tuple[list[str], str]]:
        """Yield each further row: as many cells as the header has, and what is wrong with them.

        Cells missing at the end are empty. Lines without any character are no rows.

        Raises:
            InputFileError: if a line or a cell does not end.
        """
        return self._rows

    def _even(self, records: Iterator[tuple[list[str], str]]) -> Iterator[tuple[list[str], str]]:
        width = len(self.header)
        for cells, problem in records:
            if len(cells) == width:
                yield cells, problem
            elif len(cells) < width:
                yield [*cells, *[""] * (width - len(cells))], problem
            elif not any(cell.strip() for cell in cells[width:]):
                yield cells[:width], problem
            else:
                hint = "; does a comma inside a cell lack quotation marks?" * (
                    self.separator == ","
                )
                surplus = f"{len(cells)} cells where the header has {width}{hint}"
                left_over = ", ".join(map(repr, cells[width:]))
                yield cells[:width], f"{problem or surplus}; left over: {left_over}"

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
        raise InputFileError(
            f"line {line}: a cell does not end, or is longer than {csv.field_size_limit():,} "
            "characters; is a quotation mark missing?"
        )

    def _lines(self) -> Iterator[str]:
        number = 0
        while line := self._text.readline(_LONGEST_LINE):
            number += 1
            if len(line) == _LONGEST_LINE:
                raise InputFileError(f"line {number} has more than {_LONGEST_LINE:,} characters")
            self._lines_of_record.append(line)
            yield line


class InputTable(TextTable, Generic[Reading, Predictor]):
    """A table that is known to hold what is wanted.

    Attributes:
        kind: what the table holds.
        layout: which column holds what.
    """

    def __init__(
        self, source: BinaryIO, kind: TableKind[Reading, Predictor], told: Told = NOTHING_TOLD
    ) -> None:
        """Find encoding, separator and columns.

        Args:
            source: a seekable binary file, read from its beginning; it is closed with the table.
            kind: what the table should hold.
            told: what is known of its columns; the rest is guessed.

        Raises:
            InputFileError: if the file is empty, is not text, lacks a required column, or leaves
                in doubt which column holds what.
        """
        super().__init__(source, kind.columns, kind.required)
        self.kind = kind
        if kind.columns:
            self.layout = arranged(kind.columns, kind.groups, self.header, self.sample, told)
            self._check_layout()
        else:
            names = [name.strip() for name in self.header]
            self.layout = Layout({name: place for place, name in enumerate(names)})
            self._check_header([name for name in names if name])

    def output(self, provenance: Iterable[str] = ()) -> tuple[str, ...]:
        """Names of the columns behind those of the input; no name stands twice.

        Args:
            provenance: further columns, before ``error``.
        """
        taken = {name.strip() for name in self.header}
        names = []
        for name in (*self.kind.output[:-1], *provenance, self.kind.output[-1]):
            while name in taken:
                name = f"predicted_{name}"  # noqa: PLW2901 - until it is free
            names.append(name)
            taken.add(name)
        return tuple(names)

    def row(self, cells: list[str]) -> Row:
        """A row by the names of its columns."""
        return Row(cells, self.layout.places, self.separator != ",", self.layout)

    def _check_layout(self) -> None:
        places = self.layout.places
        if not any(all(name in places for name in group) for group in self.kind.groups):
            self._refuse(next(name for name in self.kind.required if name not in places))
        if self.layout.doubts:
            raise InputFileError(next(iter(self.layout.doubts.values())))

    def _check_header(self, names: Sequence[str]) -> None:
        for name in self.kind.required:
            if name not in names:
                self._refuse(name)
        for name in names:
            if names.count(name) > 1:
                raise InputFileError(f"two columns have the name {shown(name)}")

    def _refuse(self, missing: str) -> None:
        first = self.sample[0] if self.headless else self.header
        found = ", ".join(shown(cell) for cell in first[:8] if cell.strip())
        found += " ..." if len(first) > 8 else ""
        raise InputFileError(
            f"no column {missing} in the first line; it holds: {found or 'nothing'}"
        )


def _separator(lines: Sequence[str], columns: Sequence[Column], wanted: Sequence[str]) -> str:
    """The separator that explains the first lines of a table best."""

    def fit(mark: str) -> tuple[int, int, int, int]:
        """Headers understood, headers, lines that agree with them, and what is most usual."""
        header, *rows = [_cut(line, mark) for line in lines] or [[]]
        understood = sum(
            cell.strip() in wanted or any(column.rank(cell) for column in columns)
            for cell in header[:_MOST_COLUMNS]
        )
        agreeing = sum(len(row) == len(header) for row in rows)
        order = _SEPARATORS.index(mark)
        return understood, len(header), agreeing, order if len(header) > 1 else -order

    return max(_SEPARATORS, key=fit)


def _cut(line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        return []


def _is_data(first: Sequence[str], columns: Sequence[Column]) -> bool:
    """Whether a first row is no header: none of it is understood, and numbers are no names."""
    if any(column.rank(cell) for cell in first for column in columns):
        return False
    return any(is_number(cell.strip()) for cell in first) or any(
        sum(column.looks(cell.strip()) for cell in first if cell.strip()) == 1
        for column in columns
        if column.looks is not None
    )


def reasons(*found: object) -> str:
    """What is wrong with a row, on one line: those of its parts that are text."""
    return " ".join("; ".join(part for part in found if isinstance(part, str)).split())


def predicted(
    table: InputTable[Reading, Predictor],
    target: TextIO,
    predictor: Predictor,
    *,
    chunk_rows: int = 20_000,
    chunk_seconds: float = math.inf,
    spreadsheet: bool = False,
    provenance: Mapping[str, str] = NO_PROVENANCE,
) -> Iterator[BatchSummary]:
    """Do what :func:`predict_table` does, and yield after each chunk what became of the rows.

    Where chunks should take no more than ``chunk_seconds``, the first has a few rows, and each
    further one as many as the speed of the one before allows, up to ``chunk_rows``.
    """
    kind, done, failed = table.kind, 0, 0
    writer = csv.writer(target, delimiter=table.separator, lineterminator="\n")
    own, comma = len(table.header), table.decimal_comma

    def guarded(row: Sequence[object]) -> None:
        writer.writerow(for_spreadsheet(row, own, decimal_comma=comma))

    write: Callable[[Sequence[object]], object] = guarded if spreadsheet else writer.writerow
    write([*table.header, *table.output(provenance)])
    origin = list(provenance.values())
    rows, nothing = table.rows(), [""] * (len(kind.output) - 1 + len(origin))
    chunk_rows = max(1, min(chunk_rows, _MOST_CELLS // max(1, own)))
    size = chunk_rows if math.isinf(chunk_seconds) else min(chunk_rows, _FIRST_ROWS)
    started = time.perf_counter()
    while chunk := list(islice(rows, size)):
        readings = [problem or kind.read(table.row(found)) for found, problem in chunk]
        good = [reading for reading in readings if not isinstance(reading, str)]
        predictions = kind.predict(predictor, good) if good else iter(())
        for (found, _), reading in zip(chunk, readings, strict=True):
            if isinstance(reading, str):
                failed += 1
                write([*found, *nothing, reading])
            else:
                write([*found, *next(predictions), *origin, ""])
        done += len(chunk)
        if not math.isinf(chunk_seconds):
            share = chunk_seconds / max(time.perf_counter() - started, 1e-6)
            size = max(1, min(chunk_rows, int(len(chunk) * share)))
        yield BatchSummary(rows=done, failed=failed)
        started = time.perf_counter()


def predict_table(
    table: InputTable[Reading, Predictor],
    target: TextIO,
    predictor: Predictor,
    *,
    progress: Callable[[int], object] | None = None,
    chunk_rows: int = 20_000,
    spreadsheet: bool = False,
    provenance: Mapping[str, str] = NO_PROVENANCE,
) -> BatchSummary:
    """Write every row of ``table``, in order and with all its cells, with predictions behind them.

    The result has the separator of the input.

    Args:
        table: the input; it is read to its end.
        target: where the result goes, a text file opened with ``newline=""``.
        predictor: the model.
        progress: called after each chunk with the number of rows done so far.
        chunk_rows: how many rows are held in memory at a time; fewer of very wide tables.
        spreadsheet: write as :func:`core.batch.spreadsheet.for_spreadsheet` does.
        provenance: what stands beside every prediction, by the name of its column, for example
            :attr:`core.export.Origin.cells`.

    Raises:
        InputFileError: if a line or a cell of the input does not end.
        OSError: if the input cannot be read or the result cannot be written.
    """
    summary = BatchSummary(rows=0, failed=0)
    for summary in predicted(
        table,
        target,
        predictor,
        chunk_rows=chunk_rows,
        spreadsheet=spreadsheet,
        provenance=provenance,
    ):
        if progress is not None:
            progress(summary.rows)
    return summary


def cells(numbers: NDArray[np.float64]) -> Sequence[str]:
    """Numbers of shape (n,) as they are written: six digits, empty where there is none."""
    return [f"{x:.6g}" if math.isfinite(x) else "" for x in numbers.tolist()]
