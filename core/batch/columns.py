"""What the columns of a table hold: told by whoever brings the table, or guessed and reported.

A header is read word by word (``"Temperature (°C)"``, ``"T/K"``, ``"cationSMILES"``); where no
header tells, the first cells do. What cannot be decided is a doubt: a sentence that asks.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from core.properties import PRESSURE_UNITS, TEMPERATURE_UNITS, Unit

__all__ = [
    "FRACTION_UNITS",
    "NOTHING_TOLD",
    "NO_LAYOUT",
    "READ_PRESSURE_UNITS",
    "READ_TEMPERATURE_UNITS",
    "Column",
    "InputFileError",
    "Layout",
    "Quantity",
    "Told",
    "arranged",
    "is_number",
    "shown",
    "temperature_unit",
    "unit_named",
]

# The first is the internal one. More of them are read than pages show.
READ_TEMPERATURE_UNITS: Final = (
    *reversed(TEMPERATURE_UNITS),
    Unit("°F", 1.8, -459.67),
)
READ_PRESSURE_UNITS: Final = (
    *PRESSURE_UNITS,
    Unit("Pa", 1000.0),
    Unit("mbar", 10.0),
    Unit("Torr", 760.0 / 101.325),
    Unit("psi", 1.0 / 6.894757293168),
)
FRACTION_UNITS: Final = (Unit("0 to 1"), Unit("%", 100.0))
# How people write them, in lower case and without blanks.
_WRITTEN: Final[Mapping[str, str]] = {
    **dict.fromkeys(("kelvin", "kelvins", "degk", "°k"), "k"),
    **dict.fromkeys(("c", "℃", "ºc", "˚c", "celsius", "°celsius", "gradcelsius"), "°c"),
    **dict.fromkeys(("degc", "degreec", "degreesc", "degreecelsius", "degreescelsius"), "°c"),
    **dict.fromkeys(("f", "℉", "degf", "fahrenheit", "degreesf", "degreesfahrenheit", "ºf"), "°f"),
    **dict.fromkeys(("hpa", "millibar"), "mbar"),
    **dict.fromkeys(("bara", "bars"), "bar"),
    "kilopascal": "kpa",
    "megapascal": "mpa",
    "pascal": "pa",
    "mmhg": "torr",
    **dict.fromkeys(("percent", "vol%", "%vol", "volpercent"), "%"),
}
_FILLERS: Final = frozenset(
    {"smiles", "name", "names", "structure", "abbreviation", "abbr", "canonical", "isomeric"}
    | {"string", "short", "cas", "inchi", "of", "the", "or", "and"}
)
_CAMEL: Final = re.compile(r"(?<=[a-z]{2})(?=[A-Z])")
_TOKEN: Final = re.compile(r"[°º˚]?[^\W_]+|[%℃℉φϕ]")
_NUMBER: Final = re.compile(r"[-+]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][-+]?\d+)?")
_SINGLE_COMMA: Final = re.compile(r"[-+]?\d*,(?!\d{3}$)\d+(?:[eE][-+]?\d+)?")
# What stands behind these in a header is its unit, known or not.
_BRACKETED: Final = re.compile(r"[(\[/]").search
_SAMPLED: Final = 5


class InputFileError(ValueError):
    """The file as a whole cannot be used; the message is one line."""


def shown(text: str) -> str:
    """A cell as a message quotes it: short and on one line."""
    text = " ".join(text.split())
    return repr(text if len(text) <= 40 else f"{text[:37]}...")


def is_number(text: str) -> bool:
    """Whether a cell holds a number and nothing else."""
    return bool(_NUMBER.fullmatch(text))


def unit_named(text: str, units: Sequence[Unit]) -> Unit | None:
    """The unit that a text means: ``"degC"``, ``"kelvin"``, ``"[bar]"``; ``None`` if it is none."""
    written = "".join(text.casefold().split()).strip("()[]{}.")
    written = _WRITTEN.get(written, written)
    return next((unit for unit in units if unit.label.casefold() == written), None)


def temperature_unit(numbers: Sequence[float]) -> Unit | None:
    """The unit of temperatures that state none: degrees Celsius if all are below 200, K if above.

    Between are the hottest baths and the coldest liquids; then it cannot be told.
    """
    if not numbers or min(numbers) < 200.0 <= max(numbers):
        return None
    return READ_TEMPERATURE_UNITS[0 if min(numbers) >= 200.0 else 1]


@dataclass(frozen=True, slots=True)
class Quantity:
    """A column of numbers that may be absent or empty.

    Attributes:
        name: of the column; ends in the internal unit, if it has one.
        default: where there is no number.
        low: smallest value; below it a number is a slip of the pen.
        high: largest value; likewise.
        above: whether ``low`` itself is too small.
        hint: what would be right, behind the message on what is wrong.
        hint_below: the same for a number that is too small.
        units: in which its numbers may be given, the internal one first.
        unstated: the unit of numbers that state none; ``None`` if that cannot be told. Without it
            they are in the internal unit.
    """

    name: str
    default: float
    low: float
    high: float
    above: bool = False
    hint: str = ""
    hint_below: str = ""
    units: tuple[Unit, ...] = ()
    unstated: Callable[[Sequence[float]], Unit | None] | None = None

    def read(self, text: str, *, decimal_comma: bool, unit: Unit | None = None) -> float | str:
        """The number in a cell in the internal unit, or what is wrong with it.

        Args:
            text: of the cell, without blanks around it; it may state a unit of its own.
            decimal_comma: whether one comma in a number is its decimal mark, however many digits
                follow; one that no thousands could follow always is.
            unit: of a number that states none; the internal one if there is none.
        """
        if not text:
            return self.default
        value = _float(text, decimal_comma=decimal_comma)
        if value is not None and (unit is None or unit is self.units[0]):
            # By far the most common case comes first; what is not a number is not between.
            return value if self.low < value <= self.high else self._checked(value, text)
        if value is None and self.units:
            number = _NUMBER.match(text)
            stated = unit_named(text[number.end() :], self.units) if number else None
            if number and stated:
                value, unit = _float(number.group(), decimal_comma=decimal_comma), stated
        if unit is None or unit is self.units[0]:
            return self._checked(value, text)
        internal = None if value is None else (value - unit.offset) / unit.factor
        found = self._checked(internal, text)
        if not isinstance(found, str):
            return found
        # What is wrong is told in the unit that the number was given in.
        given = replace(
            self,
            name=f"{self.name.removesuffix(f'_{self.units[0].label}')} in {unit.label}",
            low=self.low * unit.factor + unit.offset,
            high=self.high * unit.factor + unit.offset,
            hint="",
            hint_below="",
        )
        return given._checked(value, text)  # noqa: SLF001 - one of its own kind

    def _checked(self, value: float | None, text: str) -> float | str:
        if value is None or math.isnan(value):
            return f"{self.name} is not a number: {shown(text)}{self.hint}"
        if math.isinf(value):
            return f"{self.name} is infinite{self.hint}"
        if value < self.low or (self.above and value == self.low):
            low = f"{self.low:.6g}" if self.low else "zero"
            limit = f"{'not above' if self.above else 'below'} {low}"
            return f"{self.name} is {limit}: {shown(text)}{self.hint_below}"
        if value > self.high:
            return f"{self.name} is above {self.high:,.0f}: {shown(text)}{self.hint}"
        return value


def _float(text: str, *, decimal_comma: bool) -> float | None:
    """The number that a text is, if it is one."""
    try:
        return float(text) if text.isascii() and "_" not in text else _typeset(text, decimal_comma)
    except ValueError:
        if text.count(",") == 1 and (decimal_comma or _SINGLE_COMMA.fullmatch(text)):
            return _float(text.replace(",", "."), decimal_comma=False)
        return None


def _typeset(text: str, decimal_comma: bool) -> float | None:  # noqa: FBT001 - private
    """A number with a minus sign as printers set it."""
    plain = text.replace("\u2212", "-")
    return _float(plain, decimal_comma=decimal_comma) if plain != text and plain.isascii() else None


@dataclass(frozen=True, slots=True)
class Column:
    """What a column of an input table may hold.

    Attributes:
        word: what it is called on the command line and on pages: ``"cation"``.
        name: the header that needs no guess: ``"cation_smiles"``.
        headers: other headers, in lower case, without unit and without words such as SMILES.
        quantity: of numbers.
        looks: whether a cell looks like one of it; for tables whose header tells nothing.
    """

    word: str
    name: str
    headers: frozenset[str]
    quantity: Quantity | None = None
    looks: Callable[[str], bool] | None = None

    def rank(self, header: str) -> int:
        """How surely a header means this column: 3 by its name, 0 not at all."""
        if header.strip() == self.name:
            return 3
        tokens = _tokens(header)
        if self.quantity is not None:
            return int(
                any(
                    name in self.headers
                    and (not rest or unit_named(rest, self.quantity.units) or _BRACKETED(header))
                    for name, rest in _splits(tokens)
                )
            )
        smiles = "smiles" in tokens
        named = " ".join(token for token in tokens if token not in _FILLERS)
        return (1 + smiles) if named in self.headers and (named or smiles) else 0

    def unit(self, header: str) -> Unit | str | None:
        """The unit stated in a header, a text that is no known unit, or ``None``."""
        if self.quantity is None:
            return None
        found: str | None = None
        for name, rest in _splits(_tokens(header)):
            if name in self.headers and rest:
                unit = unit_named(rest, self.quantity.units)
                if unit is not None:
                    return unit
                found = rest
        return found


def _tokens(header: str) -> list[str]:
    return _TOKEN.findall(_CAMEL.sub(" ", header).casefold())


def _splits(tokens: list[str]) -> Iterator[tuple[str, str]]:
    """Ways to cut a header in a name and a unit, the longest name first."""
    for end in range(len(tokens), 0, -1):
        rest = tokens[end:]
        if rest[:1] == ["in"]:
            rest = rest[1:]
        yield " ".join(tokens[:end]), "".join(rest)


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of a table beforehand; the rest is guessed.

    Attributes:
        columns: the header, or its place counted from 0, by the name of a column; -1 for none.
        units: labels of units by the name of a column.
        defaults: where a cell is empty, in the internal unit, by the name of a column.
    """

    columns: Mapping[str, str | int] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Layout:
    """What stands where in a table.

    Attributes:
        places: counted from 0, by the name of the column.
        units: of columns of numbers, by the name of the column.
        smiles: names of the columns whose header promises SMILES.
        defaults: as in :class:`Told`.
        doubts: what could not be decided, a sentence each, by the name of the column; behind it
            stands `` unit`` where only that is open.
    """

    places: Mapping[str, int] = field(default_factory=dict)
    units: Mapping[str, Unit] = field(default_factory=dict)
    smiles: frozenset[str] = frozenset()
    defaults: Mapping[str, float] = field(default_factory=dict)
    doubts: Mapping[str, str] = field(default_factory=dict)


NOTHING_TOLD: Final = Told()
NO_LAYOUT: Final = Layout()


def arranged(
    columns: Sequence[Column],
    alternatives: Sequence[Sequence[str]],
    header: Sequence[str],
    sample: Sequence[Sequence[str]],
    told: Told,
) -> Layout:
    """Find out which column of a table holds what.

    Args:
        columns: what there may be.
        alternatives: names of columns of which one group has to be there, the usual group first.
        header: of the table.
        sample: its first rows.
        told: what is known beforehand.

    Raises:
        InputFileError: if a column that was told is not there, or a unit that was told is none.
    """
    places: dict[str, int] = {}
    doubts: dict[str, str] = {}
    for column in columns:
        if column.name in told.columns:
            place = _told_place(told.columns[column.name], header)
            if place >= 0:
                places[column.name] = place
            continue
        ranks = [column.rank(name) for name in header]
        found = [place for place, rank in enumerate(ranks) if rank and rank == max(ranks)]
        if found:
            places[column.name] = found[0]
        if len(found) > 1:
            both = " and ".join(f"{shown(header[place])} (column {place + 1})" for place in found)
            doubts[column.name] = f"more than one column may hold the {column.word}: {both}"
    _by_content(columns, alternatives, sample, places, told)
    _drop_the_other_group(alternatives, places, told)
    units = {}
    for column in columns:
        if column.quantity is None or column.name not in places:
            continue
        place = places[column.name]
        cells = [row[place].strip() for row in sample if place < len(row)]
        unit = _unit(column, header[place], cells, told)
        if isinstance(unit, Unit):
            units[column.name] = unit
        else:
            doubts[f"{column.name} unit"] = unit
    return Layout(
        places=places,
        units=units,
        smiles=frozenset(name for name, place in places.items() if _is_smiles(header[place])),
        defaults=told.defaults,
        doubts={name: text for name, text in doubts.items() if name.split()[0] in places},
    )


def _told_place(told: str | int, header: Sequence[str]) -> int:
    if isinstance(told, int):
        return told
    found = [place for place, name in enumerate(header) if name.strip() == told.strip()]
    if not found:
        names = ", ".join(shown(name) for name in header[:8]) + (" ..." if header[8:] else "")
        raise InputFileError(f"no column {shown(told)} in the first line; it holds: {names}")
    if len(found) > 1:
        raise InputFileError(f"two columns have the name {shown(told)}; rename one of them")
    return found[0]


def _by_content(
    columns: Sequence[Column],
    alternatives: Sequence[Sequence[str]],
    sample: Sequence[Sequence[str]],
    places: dict[str, int],
    told: Told,
) -> None:
    """Look at cells where no header tells: most should fit; numbers never are structures."""
    if any(all(name in places for name in group) for group in alternatives):
        return
    for place in range(max(map(len, sample), default=0)):
        cells = [row[place].strip() for row in sample if place < len(row) and row[place].strip()]
        cells = cells[:_SAMPLED]
        if place in places.values() or not cells or any(map(is_number, cells)):
            continue
        for column in columns:
            free = column.name not in places and column.name not in told.columns
            if free and column.looks is not None and 2 * sum(map(column.looks, cells)) > len(cells):
                places[column.name] = place
                break


def _drop_the_other_group(
    alternatives: Sequence[Sequence[str]], places: dict[str, int], told: Told
) -> None:
    """Where one group of columns is complete, another is left alone unless it was told."""
    complete = [group for group in alternatives if all(name in places for name in group)]
    wanted = [group for group in complete if any(name in told.columns for name in group)]
    for group in (wanted or complete)[:1]:
        for name in {name for other in alternatives for name in other} - set(group):
            places.pop(name, None)


def _unit(column: Column, header: str, cells: Sequence[str], told: Told) -> Unit | str:
    """The unit of a column of numbers, or why it is not known."""
    quantity = column.quantity
    assert quantity is not None  # noqa: S101 - the caller has looked
    known = ", ".join(unit.label for unit in quantity.units)
    if column.name in told.units:
        unit = unit_named(told.units[column.name], quantity.units)
        if unit is None:
            raise InputFileError(f"{shown(told.units[column.name])} is no unit of {known}")
        return unit
    stated = column.unit(header)
    if isinstance(stated, Unit):
        return stated
    if stated is not None:
        return f"the unit of {shown(header)} is not known; it should be one of {known}"
    if quantity.unstated is None or not quantity.units:
        return quantity.units[0] if quantity.units else Unit("")
    values = [_float(cell, decimal_comma=True) for cell in cells if cell]
    numbers = [value for value in values if value is not None and math.isfinite(value)]
    if values and not numbers:  # each cell states its own, or none is a number
        return quantity.units[0]
    unit = quantity.unstated(numbers)
    return unit or f"the column {shown(header)} does not say its unit; it may be {known}"


def _is_smiles(header: str) -> bool:
    return "smiles" in _tokens(header)
