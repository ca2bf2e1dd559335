"""Many ionic liquids at once: a CSV table in, the same table with predictions out.

The table is read and written in chunks, so memory does not grow with its length. A file that is no
table of ionic liquids is refused as a whole (:class:`InputFileError`); a row that cannot be
predicted says why in its ``error`` column and leaves the others alone.
"""

from __future__ import annotations

import codecs
import csv
import io
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO, Final, Literal, TextIO

import numpy as np
from numpy.typing import NDArray

from core.chemistry import ChemistryError, Ion, IonicLiquid, combine, parse_ion
from core.properties import PROPERTIES, REFERENCE_PRESSURE_KPA

if TYPE_CHECKING:  # a wrong file should be refused before anyone waits for torch to load
    from core.predict import IonicLiquidPredictor

__all__ = [
    "OPTIONAL_COLUMNS",
    "OUTPUT_COLUMNS",
    "REQUIRED_COLUMNS",
    "BatchSummary",
    "InputFileError",
    "InputTable",
    "predict_table",
]

REQUIRED_COLUMNS: Final = ("cation_smiles", "anion_smiles")
OPTIONAL_COLUMNS: Final = ("temperature_K", "pressure_kPa")
OUTPUT_COLUMNS: Final = (
    *(f"{key}{end}" for key in PROPERTIES for end in ("", "_low", "_high")),
    "support",
    "in_range",
    "error",
)

_SEPARATORS: Final = (",", ";", "\t")
_BLOCK_BYTES: Final = 1 << 20
_LONGEST_LINE: Final = 1 << 20
# Control characters that no text file holds, and bytes that Windows-1252 leaves undefined. That
# encoding is Latin-1 as spreadsheets really write it: the same letters, and quotes and dashes too.
_CONTROL_BYTES: Final = bytes(set(range(32)) - set(b"\t\n\r\f"))
_NOT_LATIN_BYTES: Final = bytes([0x81, 0x8D, 0x8F, 0x90, 0x9D])
# Beyond these a number is a slip of the pen: no liquid is left, and exponentials overflow.
_HIGHEST: Final = {"temperature_K": 5_000.0, "pressure_kPa": 1e7}
# Enough for every pair of a screening list, little beside the model in memory.
_REMEMBERED: Final = 50_000


class InputFileError(ValueError):
    """The file as a whole is no table of ionic liquids; the message is one line."""


@dataclass(frozen=True, slots=True)
class BatchSummary:
    """What became of a table: the number of rows, and how many of them have no prediction."""

    rows: int
    failed: int


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


class InputTable:
    """A CSV table whose header is known to be usable; its rows are read as they are asked for.

    Attributes:
        header: the column names as they stand in the file.
        separator: comma, semicolon or tab, whichever yields the required columns.
        encoding: ``"utf-8"``, ``"utf-8-sig"`` or ``"cp1252"`` (read for Latin-1).
        expected_rows: from the number of lines; too high where a quoted cell holds a line break.
    """

    def __init__(self, source: BinaryIO) -> None:
        """Find encoding and separator, and check the header.

        Args:
            source: a seekable binary file, read from its beginning; it is closed with the table.

        Raises:
            InputFileError: if the file is empty, is not text, lacks a required column, repeats a
                column or has one with the name of an output column.
        """
        source.seek(0)
        self.encoding, lines = _encoding(source)
        source.seek(0)
        self._text = io.TextIOWrapper(source, encoding=self.encoding, newline="")
        lines_of_text = iter(lambda: self._text.readline(_LONGEST_LINE), "")
        first = next((line for line in lines_of_text if line.strip()), "")
        self.separator = max(_SEPARATORS, key=lambda separator: _fit(first, separator))
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
        for name in REQUIRED_COLUMNS:
            if name not in names:
                found = ", ".join(_shown(n) for n in names[:8]) + (" ..." if len(names) > 8 else "")
                raise InputFileError(
                    f"no column {name} in the first line; it holds: {found or 'nothing'}"
                )
        for name in names:
            if names.count(name) > 1:
                raise InputFileError(f"two columns have the name {_shown(name)}")
            if name in OUTPUT_COLUMNS:
                raise InputFileError(
                    f"the column {name} has the name of a column of the result; "
                    f"rename it, for example to my_{name}"
                )


def _fit(line: str, separator: str) -> tuple[int, int]:
    """How well a separator explains a header: required columns found, then cells."""
    try:
        cells = next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        return 0, 0
    return sum(name.strip() in REQUIRED_COLUMNS for name in cells), len(cells)


def _shown(text: str) -> str:
    """A cell as a message quotes it: short and on one line."""
    text = " ".join(text.split())
    return repr(text if len(text) <= 40 else f"{text[:37]}...")


@lru_cache(maxsize=_REMEMBERED)
def _ion(text: str, role: Literal["cation", "anion"]) -> Ion | str:
    """The ion in a cell, or why there is none."""
    if not text:
        return f"{role}_smiles is empty"
    try:
        return parse_ion(text, role)
    except ChemistryError as error:
        return f"{role}: {error}"


@lru_cache(maxsize=_REMEMBERED)
def _liquid(cation_text: str, anion_text: str) -> IonicLiquid | str:
    """The ionic liquid of two cells, or why there is none."""
    cation, anion = _ion(cation_text, "cation"), _ion(anion_text, "anion")
    if isinstance(cation, str) or isinstance(anion, str):
        return "; ".join(reason for reason in (cation, anion) if isinstance(reason, str))
    try:
        return combine(cation, anion)
    except ChemistryError as error:
        return str(error)


def _quantity(text: str, name: str, *, decimal_comma: bool) -> float | str:
    """The positive number in a cell, or what is wrong with it."""
    if decimal_comma and text.count(",") == 1:
        text = text.replace(",", ".")
    try:
        value = float(text) if text.isascii() and "_" not in text else math.nan
    except ValueError:
        value = math.nan
    if math.isnan(value):
        return f"{name} is not a number: {_shown(text)}"
    if math.isinf(value):
        return f"{name} is infinite"
    if value <= 0:
        hint = "; is it in degrees Celsius?" if name == "temperature_K" else ""
        return f"{name} is not above zero: {_shown(text)}{hint}"
    if value > _HIGHEST[name]:
        return f"{name} is above {_HIGHEST[name]:,.0f}: {_shown(text)}"
    return value


class _RowReader:
    """Turns the cells of a row into what the predictor takes."""

    def __init__(self, table: InputTable) -> None:
        names = [name.strip() for name in table.header]
        self._decimal_comma = table.separator != ","
        self._cation, self._anion, self._temperature, self._pressure = (
            names.index(name) if name in names else None
            for name in (*REQUIRED_COLUMNS, *OPTIONAL_COLUMNS)
        )

    def __call__(self, cells: list[str]) -> tuple[IonicLiquid, float, float] | str:
        """The ionic liquid, K (NaN where none is given) and kPa; or why the row has none."""

        def cell(place: int | None) -> str:
            return "" if place is None else cells[place].strip()

        liquid = _liquid(cell(self._cation), cell(self._anion))
        temperature: float | str = math.nan
        if text := cell(self._temperature):
            temperature = _quantity(text, "temperature_K", decimal_comma=self._decimal_comma)
        pressure: float | str = REFERENCE_PRESSURE_KPA
        if text := cell(self._pressure):
            pressure = _quantity(text, "pressure_kPa", decimal_comma=self._decimal_comma)
        if isinstance(liquid, str) or isinstance(temperature, str) or isinstance(pressure, str):
            found = (liquid, temperature, pressure)
            return " ".join("; ".join(part for part in found if isinstance(part, str)).split())
        return liquid, temperature, pressure


def predict_table(
    table: InputTable,
    target: TextIO,
    predictor: IonicLiquidPredictor,
    *,
    progress: Callable[[int], object] | None = None,
    chunk_rows: int = 20_000,
) -> BatchSummary:
    """Write every row of ``table``, in order and with all its cells, with predictions behind them.

    The result has the separator of the input. A property that needs a temperature is empty where
    the row gives none; ``in_range`` tells whether all properties predicted for the row are in the
    range of the training data.

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
    writer = csv.writer(target, delimiter=table.separator, lineterminator="\n")
    writer.writerow([*table.header, *OUTPUT_COLUMNS])
    read, rows, done, failed = _RowReader(table), table.rows(), 0, 0
    nothing = [""] * (len(OUTPUT_COLUMNS) - 1)
    while chunk := list(islice(rows, chunk_rows)):
        readings = [problem or read(cells) for cells, problem in chunk]
        good = [reading for reading in readings if not isinstance(reading, str)]
        predictions = _predictions(predictor, good) if good else iter(())
        for (cells, _), reading in zip(chunk, readings, strict=True):
            if isinstance(reading, str):
                failed += 1
                writer.writerow([*cells, *nothing, reading])
            else:
                writer.writerow([*cells, *next(predictions), ""])
        done += len(chunk)
        if progress is not None:
            progress(done)
    return BatchSummary(rows=done, failed=failed)


def _predictions(
    predictor: IonicLiquidPredictor, inputs: list[tuple[IonicLiquid, float, float]]
) -> Iterator[tuple[object, ...]]:
    """The output cells of each input, all but ``error``."""
    liquids, temperatures, pressures = zip(*inputs, strict=True)
    result = predictor.predict_many(liquids, np.array(temperatures), np.array(pressures))
    columns: list[Sequence[object]] = []
    in_range = np.ones(len(inputs), dtype=bool)
    for key in PROPERTIES:
        columns += map(_cells, (result.value[key], result.low[key], result.high[key]))
        in_range &= result.in_range[key] | np.isnan(result.value[key])
    return zip(*columns, result.support, in_range.tolist(), strict=True)


def _cells(numbers: NDArray[np.float64]) -> list[str]:
    return [f"{x:.6g}" if math.isfinite(x) else "" for x in numbers.tolist()]
