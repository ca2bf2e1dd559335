"""What the page of tables holds in a session: the table brought, the work under way, its result."""

from __future__ import annotations

import csv
import io
import math
import shlex
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pandas as pd

from core import figures, names
from core.batch import (
    KINDS,
    BatchSummary,
    InputTable,
    Layout,
    TableKind,
    TextTable,
    Told,
    arranged,
    predicted,
    spreadsheet_copy,
)
from core.chemistry import IonicLiquid
from core.export import Origin
from pages import _common as common

MOST_ROWS: Final = 20_000
MOST_COLUMNS: Final = 200
CHUNK_SECONDS: Final = 0.5  # between two looks at what the user wants
SHOWN_ROWS: Final = 200
PREVIEWED: Final = 5
LABELS: Final[Mapping[str, str]] = {
    "ionic-liquids": "Ionic liquids",
    "polymer-solvent": "Polymers in solvents",
}


@dataclass
class Result:
    """A finished table.

    Attributes:
        summary: how many rows, how many without a prediction.
        seconds: of work.
        model: the name of its card.
        text: the table as CSV.
        own: number of columns that came with the input.
        separator: of its cells.
        decimal_comma: whether a spreadsheet should see decimal commas.
        first: the first rows.
        told: the first rows with a message.
    """

    summary: BatchSummary
    seconds: float
    model: str
    text: str
    own: int
    separator: str
    decimal_comma: bool
    first: pd.DataFrame
    told: pd.DataFrame

    def spreadsheet(self) -> bytes:
        """The table as a spreadsheet should see it."""
        return spreadsheet_copy(
            self.text, self.own, separator=self.separator, decimal_comma=self.decimal_comma
        )


class Job:
    """A table that is being predicted, chunk by chunk."""

    def __init__(self, table: InputTable[Any, Any], predictor: object, origin: Origin) -> None:
        self.done = BatchSummary(rows=0, failed=0)
        self.expected = max(table.expected_rows, 1)
        self.seconds = 0.0
        self._table, self._model = table, origin.model
        self._target = io.StringIO(newline="")
        self._steps: Iterator[BatchSummary] = predicted(
            table,
            self._target,
            predictor,
            chunk_seconds=CHUNK_SECONDS,
            provenance=origin.cells,
        )

    def step(self) -> bool:
        """Do one chunk; whether there was one left.

        Raises:
            InputFileError: if a line or a cell of the table does not end.
        """
        started = time.perf_counter()
        try:
            self.done = next(self._steps)
        except StopIteration:
            return False
        finally:
            self.seconds += time.perf_counter() - started
        return True

    def said(self) -> str:
        """How far it has come, in words."""
        rate = self.done.rows / self.seconds if self.seconds else 0.0
        return f"{self.done.rows:,} of {self.expected:,} rows, {rate:,.0f} rows per second"

    def result(self) -> Result:
        """What came of it."""
        table, text = self._table, self._target.getvalue()
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=table.separator)
        names_of_columns = next(reader)
        first: list[list[str]] = []
        told: list[list[str]] = []
        for number, row in enumerate(reader, start=1):
            for rows in (first, told) if row[-1] else (first,):
                if len(rows) < SHOWN_ROWS:
                    rows.append([str(number), *row])
            if len(first) == SHOWN_ROWS and len(told) == min(self.done.failed, SHOWN_ROWS):
                break
        columns = ["Row", *names_of_columns]
        return Result(
            summary=self.done,
            seconds=self.seconds,
            model=self._model,
            text=text,
            own=len(table.header),
            separator=table.separator,
            decimal_comma=table.decimal_comma,
            first=_frame(first, columns, own=len(table.header)),
            told=_frame(told, columns, own=len(table.header)),
        )


def _frame(rows: list[list[str]], columns: list[str], own: int) -> pd.DataFrame:
    """Rows as a table: numbers of the result as numbers, the message first.

    Two headers may be alike, so columns have numbers; their names are in ``attrs``.
    """
    cells = dict(enumerate(zip(*rows, strict=True))) or dict.fromkeys(range(len(columns)), ())
    order = [0, len(columns) - 1, *range(1, len(columns) - 1)]
    frame = pd.DataFrame(
        {str(place): _numbers(cells[place]) if place > own else cells[place] for place in order}
    )
    frame.attrs = {str(place): name for place, name in enumerate(columns)}
    return frame


def _numbers(cells: Sequence[str]) -> Sequence[float] | Sequence[str]:
    """Cells as numbers, where they are; gaps are NaN."""
    try:
        return [float(cell) if cell else math.nan for cell in cells] if any(cells) else cells
    except ValueError:
        return cells


@dataclass
class State:
    """What the page holds; the kind stands in the URL, the table stays in the session.

    Attributes:
        kind: what the tables hold.
        data: the table that was brought.
        name: of its file.
        version: changes with every table, and so do the keys of the widgets that belong to it.
        columns: places chosen by the user, by the name of the column; -1 for none.
        units: labels chosen by the user, likewise.
        defaults: where a cell is empty, in internal units.
        job: the work under way.
        result: what came of it.
        problem: what went wrong.
    """

    kind: str = "ionic-liquids"
    data: bytes = b""
    name: str = ""
    version: int = 0
    columns: dict[str, int] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    defaults: dict[str, float] = field(default_factory=dict)
    job: Job | None = None
    result: Result | None = None
    problem: str = ""

    @property
    def table_kind(self) -> TableKind[Any, Any]:
        """What the tables hold."""
        return KINDS[self.kind]

    def bring(self, data: bytes, name: str) -> None:
        """Take another table."""
        self.data, self.name = data, name
        self.version += 1
        self.forget()
        self.columns, self.units = {}, {}

    def forget(self) -> None:
        """Drop what was made of the table so far."""
        self.job, self.result, self.problem = None, None, ""

    def told(self) -> Told:
        """What the user has chosen."""
        return Told(self.columns, self.units, self.defaults)

    def look(self) -> tuple[TextTable, Layout]:
        """The table, and what is thought of its columns so far.

        Raises:
            InputFileError: if it is no table.
        """
        kind = self.table_kind
        table = TextTable(io.BytesIO(self.data), kind.columns, kind.required)
        layout = arranged(kind.columns, kind.groups, table.header, table.sample, self.told())
        return table, layout

    def open(self) -> InputTable[Any, Any]:
        """The table, ready to be predicted.

        Raises:
            InputFileError: if something is missing or open.
        """
        return InputTable(io.BytesIO(self.data), self.table_kind, self.told())

    def command(self, table: TextTable) -> str:
        """The same on the command line: what is guessed here is guessed there."""
        words = ["python", "-m", "core", "predict", self.kind, self.name or "IN.csv"]
        words += ["-o", "OUT.csv"]
        for column in self.table_kind.columns:
            if column.name in self.columns:
                place = self.columns[column.name]
                header = table.header[place].strip() if place >= 0 else ""
                words += ["--column", f"{column.word.replace(' ', '-')}={header}"]
            if column.name in self.units and column.word in {"temperature", "pressure"}:
                words += [f"--{column.word}-unit", self.units[column.name].removeprefix("°")]
        for name, option in (("temperature_K", "-T"), ("pressure_kPa", "-P")):
            if name in self.defaults and any(c.name == name for c in self.table_kind.columns):
                words += [option, f"{self.defaults[name]:.10g}"]
        return shlex.join(words)


def template(kind: TableKind[Any, Any]) -> bytes:
    """A table with three rows filled in."""
    target = io.StringIO(newline="")
    csv.writer(target, lineterminator="\n").writerows(kind.example)
    return target.getvalue().encode("utf-8-sig")


def understood(reading: tuple[Any, ...]) -> str:
    """What was understood of a row, in words."""
    first, *rest = reading
    if isinstance(first, IonicLiquid):
        temperature, pressure = rest
        state = [
            common.liquid_name(first),
            _celsius(temperature),
            f"{figures.written(pressure, 6)} kPa",
        ]
    else:
        solvent, temperature, fraction = rest
        state = [
            f"{names.polymer_label(first.smiles)} in {names.solvent_name(solvent.smiles)}",
            _celsius(temperature),
            "dilute" if math.isnan(fraction) else f"φ = {fraction:.4g}",
        ]
    return ", ".join(filter(None, state))


def _celsius(temperature_K: float) -> str:
    if math.isnan(temperature_K):
        return "no temperature"
    return f"{figures.written(temperature_K - 273.15, 6)} °C"
