"""Which ions are paired: all that were simulated, the catalogue's, or a user's own list."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import BinaryIO, Final, Literal

import numpy as np
from numpy.typing import NDArray

from core import names
from core.batch import InputFileError, InputTable, TableKind
from core.batch.table import Row
from core.chemistry import ChemistryError, Ion, Role, canonical_ion, family
from core.simulated import simulated

__all__ = ["BadRow", "IonList", "Library", "known_ions", "read_ions"]

Source = Literal["simulated", "catalogue"]

_SYMBOL: Final = re.compile(r"[A-Z][a-z]?")


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row of a list that gives no ion.

    Attributes:
        row: its number, the first one below the header is 1.
        text: what stands there.
        reason: why it is not used.
    """

    row: int
    text: str
    reason: str


@dataclass(frozen=True, eq=False)
class IonList:
    """Ions of one role, and what filters and tables ask of them.

    Attributes:
        role: cation or anion.
        ions: n different ions.
        names: the usual name of each, its formula where it has none.
        abbreviations: of each, empty where it has none.
        families: chemical family of each.
    """

    role: Role
    ions: tuple[Ion, ...]
    names: tuple[str, ...]
    abbreviations: tuple[str, ...]
    families: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.ions)

    @cached_property
    def places(self) -> dict[str, int]:
        """The place of each ion by its SMILES."""
        return {ion.smiles: place for place, ion in enumerate(self.ions)}

    def label(self, place: int) -> str:
        """Abbreviation in brackets, or the name where there is none."""
        short = self.abbreviations[place]
        return f"[{short}]" if short else self.names[place]

    @cached_property
    def charges(self) -> NDArray[np.int64]:
        """How many charges each has, shape (n,), positive."""
        return np.array([abs(ion.charge) for ion in self.ions], dtype=np.int64)

    @cached_property
    def molar_masses(self) -> NDArray[np.float64]:
        """g/mol, shape (n,)."""
        return np.array([ion.molar_mass for ion in self.ions], dtype=np.float64)

    def contain(self, symbol: str) -> NDArray[np.bool_]:
        """Which of the ions contain an element, shape (n,)."""
        return np.array([symbol in found for found in self._elements], dtype=np.bool_)

    @cached_property
    def _elements(self) -> list[set[str]]:
        return [set(_SYMBOL.findall(ion.formula)) for ion in self.ions]


@dataclass(frozen=True, eq=False)
class Library:
    """All ionic liquids of some cations and some anions.

    A pair has the number ``cation * len(anions) + anion``.
    """

    cations: IonList
    anions: IonList

    def __len__(self) -> int:
        return len(self.cations) * len(self.anions)

    @cached_property
    def families(self) -> tuple[str, ...]:
        """Families of all ions, in alphabetical order."""
        return tuple(sorted({*self.cations.families, *self.anions.families}))


def ion_list(role: Role, ions: Iterable[Ion], names_of: Iterable[str] | None = None) -> IonList:
    """Look up names and families of ions.

    Args:
        role: of the ions.
        ions: all different.
        names_of: names of the user's own, empty where there is none.
    """
    own = tuple(ions)
    catalogue = {
        ion.smiles: ion for ion in (names.cations() if role == "cation" else names.anions())
    }
    given = tuple(names_of) if names_of is not None else ("",) * len(own)
    known = [catalogue.get(ion.smiles) for ion in own]
    return IonList(
        role,
        own,
        tuple(
            name or (entry.name if entry else ion.formula)
            for ion, entry, name in zip(own, known, given, strict=True)
        ),
        tuple(entry.abbreviation if entry else "" for entry in known),
        tuple(
            entry.family if entry else family(ion) for ion, entry in zip(own, known, strict=True)
        ),
    )


def known_ions(role: Role, source: Source = "simulated") -> IonList:
    """Return monovalent ions of the project's tables.

    Those of the catalogue come first, the most common ones at their head.

    Args:
        role: cation or anion.
        source: all simulated ions, or those with a name.
    """
    charge = 1 if role == "cation" else -1
    catalogue = names.cations() if role == "cation" else names.anions()
    named = [ion.smiles for ion in catalogue if ion.charge == charge]
    if source == "catalogue":
        return ion_list(role, map(canonical_ion, named))
    table = simulated("ions")
    found = {s: None for s, q in zip(table.smiles, table.charge, strict=True) if q == charge}
    order = [s for s in named if s in found]
    return ion_list(role, map(canonical_ion, dict.fromkeys([*order, *found])))


@dataclass
class _Reader:
    """Reads rows of one role, and remembers what it has seen."""

    role: Role
    seen: dict[str, int] = field(default_factory=dict)

    def read(self, row: Row, number: int) -> Ion | str:
        text = row.text("smiles")
        if not text:
            return "the cell is empty"
        try:
            ion = names.find_ion(text, self.role)
        except ChemistryError as error:
            return str(error)
        if (first := self.seen.setdefault(ion.smiles, number)) != number:
            return f"the same ion stands in row {first}"
        return ion


# Only the header is described: rows are read one by one, for each knows its number.
_LIST: Final[TableKind[str, object]] = TableKind(
    required=("smiles",), output=(), read=lambda _row: "", predict=lambda _model, _rows: iter(())
)


def read_ions(
    source: BinaryIO, role: Role, *, progress: Callable[[int], object] | None = None
) -> tuple[IonList, list[BadRow]]:
    """Read a CSV list of ions with a column ``smiles`` and, if there, ``name``.

    A cell may hold a SMILES, a name or an abbreviation. A row that gives no ion is told and left
    out; it spoils no other.

    Args:
        source: a seekable binary file; it is closed afterwards.
        role: what the ions have to be.
        progress: called with the number of rows read so far.

    Raises:
        InputFileError: if the file is no such table, or no row gives an ion.
    """
    ions: list[Ion] = []
    own_names: list[str] = []
    bad: list[BadRow] = []
    with source:
        table, reader = InputTable(source, _LIST), _Reader(role)
        places = {name.strip(): place for place, name in enumerate(table.header)}
        for number, (cells, problem) in enumerate(table.rows(), start=1):
            row = Row(cells, places, _decimal_comma=False)
            found = problem or reader.read(row, number)
            if isinstance(found, str):
                bad.append(BadRow(number, row.text("smiles"), found))
            else:
                ions.append(found)
                own_names.append(row.text("name"))
            if progress is not None:
                progress(number)
    if not ions:
        first = f"; row {bad[0].row}: {bad[0].reason}" if bad else ""
        raise InputFileError(f"no row of this list gives a usable {role}{first}")
    return ion_list(role, ions, own_names), bad
