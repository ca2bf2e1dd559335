"""Lists of polymers and of solvents to pick from, or to type into; one for all pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple, Protocol

import streamlit as st

from core.chemistry import ChemistryError, Polymer, Solvent
from pages import _common as common
from pages import _mixtures as mixtures

What = Literal["polymer", "solvent"]


class _Kind(NamedTuple):
    labels: Callable[[], Mapping[str, str]]
    read: Callable[[str], Polymer | Solvent]
    hint: str


_KINDS: Final[Mapping[What, _Kind]] = {
    "polymer": _Kind(
        mixtures.polymer_labels,
        mixtures.polymer_of,
        "a name, an abbreviation, or the SMILES of a repeat unit with its two ends as `*`",
    ),
    "solvent": _Kind(
        mixtures.solvent_labels,
        mixtures.solvent_of,
        "a name, an abbreviation such as THF, a CAS number or a SMILES",
    ),
}


class HasProblem(Protocol):
    """The state of a page that tells what was not understood."""

    problem: str


def pick_one(
    what: What, label: str, key: str, current: str, *, on_change: Callable[..., None]
) -> None:
    """A list to pick one from, or to type into its search; ``current`` is a SMILES."""
    kind = _KINDS[what]
    labels = kind.labels()
    st.selectbox(
        label,
        [*([] if current in labels else [current]), *labels],
        format_func=lambda smiles: labels.get(smiles, smiles),
        key=common.seeded(key, current),
        on_change=on_change,
        accept_new_options=True,
        filter_mode="contains",
        help=f"Pick one, or type {kind.hint}",
    )


def pick_some(
    what: What,
    label: str,
    key: str,
    current: Sequence[str],
    *,
    most: int,
    on_change: Callable[..., None],
) -> None:
    """A list to pick up to ``most`` from, likewise."""
    kind = _KINDS[what]
    labels = kind.labels()
    st.multiselect(
        f"{label} (up to {most})",
        [*(smiles for smiles in current if smiles not in labels), *labels],
        format_func=lambda smiles: labels.get(smiles, smiles),
        key=common.seeded(key, [*current]),
        on_change=on_change,
        max_selections=most,
        select_all=False,
        wrap=True,
        accept_new_options=True,
        filter_mode="contains",
        help=f"Pick them, or type {kind.hint}",
    )


def take_one(state: HasProblem, what: What, text: str | None) -> None:
    """Keep what was picked or typed as ``state.polymer`` or ``state.solvent``."""
    if text is None:
        return
    try:
        setattr(state, what, _KINDS[what].read(text))
    except ChemistryError as error:
        state.problem = common.sentence(error)
    else:
        state.problem = ""


def taken(state: HasProblem, what: What, texts: Iterable[str], *, none: str) -> list[Any]:
    """What was picked or typed; ``none`` is told where that leaves nothing."""
    found: dict[str, Polymer | Solvent] = {}
    state.problem = ""
    for text in texts:
        try:
            molecule = _KINDS[what].read(text)
        except ChemistryError as error:
            state.problem = common.sentence(error)
        else:
            found[molecule.smiles] = molecule
    if not found:
        state.problem = state.problem or none
    return [*found.values()]
