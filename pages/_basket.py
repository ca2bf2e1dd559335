"""The comparison: ionic liquids and solvents that a session keeps from page to page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeVar

import streamlit as st

from core import figures
from core.chemistry import IonicLiquid, Polymer, Solvent
from pages import _common as common

Kind = Literal["liquids", "solvents"]
Molecule = TypeVar("Molecule", IonicLiquid, Solvent)
Row = TypeVar("Row", str, tuple[str, str])

MOST: Final = figures.MAX_LINES  # of a kind: as many as a chart can tell apart
MANY: Final = 1_000_000  # more than any table has rows
KEPT: Final = "Kept from page to page, and shown side by side on the page Compare"


@dataclass
class Basket:
    """What is compared.

    Attributes:
        liquids: ionic liquids, in the order they are shown, at most :data:`MOST`.
        solvents: likewise.
        polymer: that the solvents are for, if there is one.
        before: what was there before it was cleared or another link was opened.
    """

    liquids: list[IonicLiquid] = field(default_factory=list)
    solvents: list[Solvent] = field(default_factory=list)
    polymer: Polymer | None = None
    before: dict[Kind, list[IonicLiquid] | list[Solvent]] = field(default_factory=dict)

    def of(self, kind: Kind) -> list[IonicLiquid] | list[Solvent]:
        """All of a kind."""
        return self.liquids if kind == "liquids" else self.solvents

    def set(self, kind: Kind, molecules: Iterable[IonicLiquid] | Iterable[Solvent]) -> None:
        """Put these in the place of what is there; each counts once."""
        found = list({molecule.smiles: molecule for molecule in molecules}.values())[:MOST]
        now = self.of(kind)
        if [molecule.smiles for molecule in found] != [molecule.smiles for molecule in now]:
            if now and not found:
                self.before[kind] = list(now)
            now[:] = found

    def add(self, kind: Kind, molecules: Iterable[IonicLiquid] | Iterable[Solvent]) -> None:
        """Put these behind what is there, as far as there is room."""
        self.set(kind, [*self.of(kind), *molecules])

    def remove(self, kind: Kind, smiles: str) -> None:
        """Take one out."""
        self.set(kind, [x for x in self.of(kind) if x.smiles != smiles])

    def move(self, kind: Kind, smiles: str, step: int) -> None:
        """Exchange one with its neighbour."""
        found = list(self.of(kind))
        place = next(i for i, molecule in enumerate(found) if molecule.smiles == smiles)
        other = place + step
        if 0 <= other < len(found):
            found[place], found[other] = found[other], found[place]
            self.set(kind, found)

    def bring_back(self, kind: Kind) -> None:
        """Undo the last emptying."""
        self.set(kind, self.before.pop(kind, []))

    def room(self, kind: Kind) -> int:
        """How many more fit."""
        return MOST - len(self.of(kind))

    def has(self, kind: Kind, smiles: str) -> bool:
        """Whether one is there."""
        return any(molecule.smiles == smiles for molecule in self.of(kind))


def basket() -> Basket:
    """The comparison of this session."""
    if "basket" not in st.session_state:
        st.session_state["basket"] = Basket()
    found: Basket = st.session_state["basket"]
    return found


def is_told(query: Iterable[str], names: Iterable[str]) -> bool:
    """Whether a link says what is compared.

    It does where it names something; and where the browser went back or forward on one page, what
    it does not name was not there. A link from another page that names nothing leaves all as it is.
    """
    session = st.session_state
    return bool(set(query) & set(names)) or session.get("came_from") == session.get("at")


@common.changes
def _add(kind: Kind, molecules: Sequence[IonicLiquid] | Sequence[Solvent]) -> None:
    basket().add(kind, molecules)


@common.changes
def _add_solvents(polymer: Polymer, solvents: Sequence[Solvent]) -> None:
    basket().polymer = polymer
    basket().add("solvents", solvents)


def add_liquids(liquids: Sequence[IonicLiquid], key: str) -> None:
    """The button that keeps ionic liquids for comparison."""
    _button("liquids", liquids, key, _add, ("liquids", liquids))


def add_solvents(polymer: Polymer, solvents: Sequence[Solvent], key: str) -> None:
    """The button that keeps solvents of a polymer for comparison."""
    _button("solvents", solvents, key, _add_solvents, (polymer, solvents))


def ticked(table: str, shown: Sequence[Row], look_at: Callable[[Row], None]) -> list[Row]:
    """What is ticked in a table, in the order it was ticked; to be called before it is drawn.

    A table that shows other rows than before, or the same in another order, keeps its ticks where
    it still can.

    Args:
        table: key of the table.
        shown: what its rows stand for, each once.
        look_at: called with the row ticked last, where ticks were set or taken away.
    """
    session = st.session_state
    memory = f"{table}_ticked"
    shown_before, before = session.get(memory, ((), ()))
    now = before  # a page that was left forgets its widgets
    if table in session:
        rows = session[table]["selection"]["rows"]
        now = [shown_before[row] for row in rows if row < len(shown_before)]
    places = {row: place for place, row in enumerate(shown)}
    order = {row: place for place, row in enumerate(before)}
    found = sorted((row for row in now if row in places), key=lambda row: order.get(row, MANY))
    if table not in session or list(shown) != list(shown_before):
        session[table] = {"selection": {"rows": [places[row] for row in found]}}
    elif found and found != before:
        look_at(found[-1])
    session[memory] = list(shown), found
    return found


@common.changes
def tick() -> None:
    """What a table calls when ticks were set or taken away; :func:`ticked` tells which."""


def _button(
    kind: Kind,
    molecules: Sequence[IonicLiquid] | Sequence[Solvent],
    key: str,
    change: object,
    arguments: tuple[object, ...],
) -> None:
    found = basket()
    new = sum(not found.has(kind, molecule.smiles) for molecule in molecules)
    room = found.room(kind)
    if not molecules:
        label, hint = "Tick rows to compare", "Boxes stand at the left of the table"
    elif not new:
        label, hint = "In the comparison", KEPT
    else:
        label = "Add to comparison" if len(molecules) == 1 else f"Add {new} to comparison"
        hint = KEPT
        if new > room:
            hint = f"The comparison holds {MOST} and has room for {room} more; take some out first"
    st.button(
        label,
        key=key,
        icon=":material/check:" if molecules and not new else ":material/add:",
        on_click=change,
        args=arguments,
        disabled=not 0 < new <= room,
        help=hint,
    )


def open_link(kind: Kind) -> None:
    """The way to the page of the comparison, where there is something to compare."""
    count = len(basket().of(kind))
    if count:
        st.page_link(
            "pages/compare.py",
            label=f"Compare {count}",
            icon=":material/compare_arrows:",
            query_params={"show": kind},
        )
