"""The user's own list of solvents to choose from, instead of the shipped ones."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import pandas as pd
import streamlit as st

from core import figures
from core.batch import InputFileError
from core.screen.candidates import few_candidates
from core.screen.library import BadRow
from core.screen.solvents import SolventLibrary, shipped_solvents
from pages import _common as common

if TYPE_CHECKING:
    from core.predict import MiscibilityPredictor

MOST: Final = 2_000  # some ten seconds of work; more are for the command line
TEMPLATE: Final = (
    "solvent,name,boiling_point_K,density_kg_m3\r\n"
    "THF,,,\r\n"
    "CCOC(=O)C,my ethyl acetate,350.3,895\r\n"
    "108-88-3,,,\r\n"
)
COMMAND: Final = (
    "python -m core screen solvents --polymer PS --candidates FILE.csv --top 100 -o BEST.csv"
)
session = st.session_state


@dataclass(frozen=True, slots=True)
class Choice:
    """The solvents to choose from.

    Attributes:
        library: all of them.
        key: tells libraries apart.
        refused: rows of the user's list that gave no solvent.
    """

    library: SolventLibrary
    key: str = ""
    refused: tuple[BadRow, ...] = ()


@st.cache_resource(show_spinner="Describing the solvents …", max_entries=2)
def _shipped(
    _model: MiscibilityPredictor,
    model: str,  # noqa: ARG001 - its name is what the cache goes by
) -> SolventLibrary:
    return shipped_solvents(_model)


def upload() -> None:
    """Where a list is brought, and what it has to look like."""
    with st.expander("Your own candidates", icon=":material/upload_file:"):
        number = session.setdefault("f_list_number", 0)
        st.file_uploader(
            "A CSV list of solvents",
            type=["csv", "tsv", "txt"],
            key=f"f_list_{number}",
            on_change=_take,
            help=(
                "A column `solvent` or `smiles` with SMILES, names, abbreviations or CAS numbers; "
                "if you like, also `name` and `boiling_point_K`, `melting_point_K`, "
                "`flash_point_K`, `density_kg_m3`"
            ),
        )
        st.download_button(
            "Template",
            TEMPLATE,
            file_name="solvents.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
        )
        st.caption(
            f"Up to {MOST:,} rows here; the list stays in this session and is kept nowhere. Up to "
            f"a million rows on the command line, in parallel: `{COMMAND}`"
        )


def _take() -> None:
    """Keep the file, for the uploader forgets it when another page is opened."""
    file = session[f"f_list_{session['f_list_number']}"]
    session["f_list"] = None if file is None else (file.name, file.getvalue())
    session.pop("f_choice", None)


def _drop() -> None:
    """Return to the shipped solvents."""
    session["f_list"] = None
    session.pop("f_choice", None)
    session["f_list_number"] += 1  # a new uploader is empty


def choice(model: MiscibilityPredictor) -> Choice:
    """The solvents to choose from; says what the user's list gave, or why it is not used."""
    file = session.get("f_list")
    if file is None:
        return Choice(_shipped(model, model.card.name))
    name, data = file
    key = hashlib.sha256(data).hexdigest()[:16]
    known: Choice | InputFileError | None = session.get("f_choice")
    if known is None or (isinstance(known, Choice) and known.key != key):
        known = session["f_choice"] = _described(model, data, key)
    if isinstance(known, InputFileError):
        said = common.plain(f"{name}: {common.sentence(known)}")
        more = f" The command line takes a million: `{COMMAND}`" if "more than" in said else ""
        st.error(f"{said}{more} The shipped solvents are shown.", icon=":material/error:")
        st.button("Back to the shipped solvents", on_click=_drop)
        return Choice(_shipped(model, model.card.name))
    _told(name, known)
    return known


def _described(model: MiscibilityPredictor, data: bytes, key: str) -> Choice | InputFileError:
    bar = st.progress(0.0, "Describing your solvents …")

    def progress(done: int, rows: int) -> None:
        bar.progress(done / rows, f"Describing your solvents: {done:,} of {rows:,} …")

    try:
        library, refused = few_candidates(io.BytesIO(data), model, most=MOST, progress=progress)
    except InputFileError as error:
        return error
    finally:
        bar.empty()
    labels = [label or smiles for label, smiles in zip(library.labels, library.smiles, strict=True)]
    return Choice(replace(library, labels=labels), key, tuple(refused))


def _told(name: str, known: Choice) -> None:
    """What the list gave, with the rows that gave nothing."""
    refused = len(known.refused)
    missing = f", {refused:,} row{'s' if refused > 1 else ''} not understood" if refused else ""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.info(
            f"Your list {common.plain(name)}: **{len(known.library):,} solvents**{missing}.",
            icon=":material/upload_file:",
            width="stretch",
        )
        st.button("Back to the shipped solvents", icon=":material/close:", on_click=_drop)
    if refused:
        rows = pd.DataFrame(
            [(bad.row, bad.text, bad.reason) for bad in known.refused],
            columns=["Row", "What stands there", "Why it is not used"],
        )
        with st.expander(f"Rows not understood ({refused:,})"):
            st.dataframe(rows, hide_index=True)
            st.download_button(
                "CSV of these rows",
                lambda: figures.safe_csv(rows),
                file_name="refused.csv",
                mime="text/csv",
                icon=":material/download:",
                on_click="ignore",
            )
