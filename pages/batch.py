"""Predict a table: bring rows, say what the columns hold, take the table back with predictions."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import PurePath
from typing import Final

import pandas as pd
import streamlit as st

from core import export
from core.batch import InputFileError, InputTable, Layout, TextTable
from core.batch.columns import Column
from core.properties import PRESSURE_UNITS, TEMPERATURE_UNITS, Unit
from pages import _common as common
from pages import _tables as own

PAGE: Final = "batch"
LONGEST_CELL: Final = 60  # shown
LONGEST_MESSAGE: Final = 300
LONGEST_PASTE: Final = 500_000
CELSIUS: Final = TEMPERATURE_UNITS[0]

common.ensure_router()


def from_query(query: dict[str, list[str]]) -> own.State:
    """The kind of a link; a table that is in the session stays there."""
    state: own.State = st.session_state.get(f"state_{PAGE}") or own.State()
    kind = (query.get("kind") or [state.kind])[0]
    if kind in own.LABELS and kind != state.kind:
        state.kind = kind
        state.bring(state.data, state.name)
    return state


state = common.state_from_url(PAGE, from_query)
session = st.session_state


@st.cache_resource
def turn() -> threading.Lock:
    """Tables take turns, chunk by chunk, so that the other pages go on answering."""
    return threading.Lock()


# ------------------------------------------------------------------------------------ what one does


@common.changes
def choose_kind() -> None:
    """Take what the table holds."""
    state.kind = session["b_kind"]
    state.bring(state.data, state.name)


@common.changes
def take_file() -> None:
    """Keep the file that was brought; it stays when its widget has gone."""
    file = session[f"b_file_{state.version}"]
    if file is not None:
        state.bring(file.getvalue(), PurePath(file.name).name)


@common.changes
def take_text() -> None:
    """Take the rows that were typed or pasted."""
    text = session[f"b_text_{state.version}"]
    if text.strip():
        state.bring(text.encode(), "pasted.csv")


@common.changes
def take_example() -> None:
    """Take the rows of the template."""
    state.bring(own.template(state.table_kind), "example.csv")


@common.changes
def put_away() -> None:
    """Make room for another table."""
    state.bring(b"", "")


@common.changes
def choose_column(name: str) -> None:
    """Take the column of the table that holds this."""
    place = session[f"b_{state.version}_{name}"]
    if place is not None:
        state.columns[name] = place
        state.forget()


@common.changes
def choose_unit(name: str) -> None:
    """Take the unit of a column of numbers."""
    label = session[f"b_{state.version}_{name}_unit"]
    if label is not None:
        state.units[name] = label
        state.forget()


@common.changes
def choose_default(name: str, label: str) -> None:
    """Take what holds where a cell is empty."""
    value = session[f"b_default_{name}"]
    if value is None:
        state.defaults.pop(name, None)
    else:
        unit = common.unit_of((*TEMPERATURE_UNITS, *PRESSURE_UNITS), label)
        state.defaults[name] = float(unit.to_internal(value))
    state.forget()


@common.changes
def start() -> None:
    """Begin to predict."""
    state.forget()
    model = common.predictor() if state.kind == "ionic-liquids" else common.miscibility()
    if model is None:
        return
    try:
        state.job = own.Job(state.open(), model, export.Origin.now(model.card))
    except InputFileError as error:
        state.problem = common.sentence(error)


@common.changes
def cancel() -> None:
    """Stop; the table stays."""
    if state.job is not None:
        done = state.job.done.rows
        state.forget()
        state.problem = f"Stopped after {done:,} rows; the table is still here."


# ------------------------------------------------------------------------------------ what one sees


def bring() -> None:
    """A file, or pasted rows, or the example."""
    kind = state.table_kind
    file, paste = st.columns(2, gap="medium")
    with file:
        st.file_uploader(
            "A CSV file",
            key=f"b_file_{state.version}",
            on_change=take_file,
            help="Comma, semicolon or tab; UTF-8, UTF-16 or Latin-1; decimal points or commas",
        )
    with paste:
        st.text_area(
            "Or paste rows, from a spreadsheet or typed",
            key=f"b_text_{state.version}",
            on_change=take_text,
            placeholder="\n".join(";".join(row[:3]) for row in kind.example),
            max_chars=LONGEST_PASTE,
            height=120,
        )
        st.button("Read these rows", icon=":material/content_paste:")
    with st.container(horizontal=True):
        st.button("Try the example", icon=":material/play_arrow:", on_click=take_example)
        st.download_button(
            "Template",
            own.template(kind),
            file_name=f"{state.kind}-template.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
            help="A CSV table with three rows filled in",
        )
    st.caption(
        f"Up to {own.MOST_ROWS:,} rows and 5 MB here; any number on the command line: "
        f"`python -m core predict {state.kind} IN.csv -o OUT.csv`. Your table stays in this "
        "session's memory, and is gone when you close the page."
    )
    st.markdown("## What a table may look like")
    header, *rows = kind.example
    st.dataframe(
        pd.DataFrame(rows, columns=list(header)),
        hide_index=True,
        alt="Three example rows with their header",
    )
    needed = "an ionic liquid, or a cation and an anion" if kind.instead else "polymer and solvent"
    st.caption(
        f"Each row needs {needed}: names, abbreviations, CAS numbers or SMILES. Temperatures may "
        "be in °C, K or °F"
        + (", pressures in kPa, bar, MPa or atm" if kind.instead else "")
        + ". Other columns come back as they were."
    )


def columns_of(table: TextTable, layout: Layout) -> None:
    """What each column holds, guessed; the user may say otherwise."""
    st.markdown("## What the columns hold")
    st.caption("Guessed from the headers and the first rows; please check.")
    names = [
        cut(name.strip()) or f"column {place}" for place, name in enumerate(table.header, start=1)
    ]
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        for column in state.table_kind.columns:
            column_box(column, names, layout)
    for doubt in layout.doubts.values():
        st.warning(common.plain(f"{doubt[0].upper()}{doubt[1:]}. Please choose above."))


def column_box(column: Column, names: Sequence[str], layout: Layout) -> None:
    """Which column holds this, and in which unit."""
    name = column.name
    place = None if name in layout.doubts else layout.places.get(name, -1)
    word = f"{column.word[0].upper()}{column.word[1:]}"
    with st.container(width=300, horizontal=True, gap="xsmall", vertical_alignment="bottom"):
        st.selectbox(
            word,
            list(range(-1, len(names))),
            format_func=lambda place: names[place] if place >= 0 else "not in the table",
            index=None if place is None else 0,  # else it could be emptied
            key=common.seeded(f"b_{state.version}_{name}", place),
            on_change=choose_column,
            args=(name,),
            placeholder="please choose",
        )
        if column.quantity is not None and name in layout.places:
            unit = layout.units.get(name)
            st.selectbox(
                f"Unit of {column.word}",
                [unit.label for unit in column.quantity.units],
                index=None if unit is None else 0,
                key=common.seeded(f"b_{state.version}_{name}_unit", unit and unit.label),
                on_change=choose_unit,
                args=(name,),
                placeholder="unit?",
                label_visibility="collapsed",
                width=104,
            )


def preview(table: TextTable, layout: Layout) -> InputTable | None:
    """The first rows and what is understood of them; the table, if nothing is open."""
    try:
        ready = state.open()
    except InputFileError:
        ready = None
        if not layout.doubts:
            words = {column.name: column.word for column in state.table_kind.columns}
            wanted = [" and ".join(words[x] for x in group) for group in state.table_kind.groups]
            st.info(
                f"Please choose above which columns hold {', or the '.join(wanted)}.",
                icon=":material/help:",
            )
    rows = table.sample[: own.PREVIEWED]
    said: list[str] = []
    problems: list[str] = []
    for cells in rows if ready else []:
        reading = state.table_kind.read(ready.row(cells))
        wrong = isinstance(reading, str)
        said.append("⚠ see below" if wrong else own.understood(reading))
        if wrong:
            problems.append(f"Row {len(said)}: {reading}")
    frame = pd.DataFrame([[cut(cell) for cell in cells] for cells in rows], dtype=str)
    words = {column.name: column.word for column in state.table_kind.columns}
    meanings = {place: words[name] for name, place in layout.places.items()}
    labels = {
        place: cut(name.strip()) + (f"  ({meanings[place]})" if place in meanings else "")
        for place, name in enumerate(table.header)
    }
    frame.columns = [str(place) for place in frame.columns]
    config = {str(place): st.column_config.TextColumn(label) for place, label in labels.items()}
    if said:
        frame.insert(0, "understood", said)
        config["understood"] = st.column_config.TextColumn("Understood as", width="large")
    st.markdown("## The first rows")
    st.dataframe(
        frame,
        column_config=config,
        hide_index=True,
        alt="The first rows of the table, and what was understood of them",
    )
    common.warn(cut(problem, LONGEST_MESSAGE) for problem in problems)
    return ready


def defaults(layout: Layout) -> None:
    """What holds where a cell is empty."""
    with st.container(horizontal=True, gap="medium"):
        mixture = state.kind == "polymer-solvent"
        default_box(
            "temperature_K",
            "Temperature where none is given",
            CELSIUS,
            common.TEMPERATURE_LIMITS_K,
            "25" if mixture else "none: melting point only",
        )
        if not mixture:
            default_box(
                "pressure_kPa",
                "Pressure where none is given",
                PRESSURE_UNITS[0],
                common.PRESSURE_LIMITS_KPA,
                "101.325",
            )
    if state.kind == "ionic-liquids" and not (
        "temperature_K" in layout.places or "temperature_K" in state.defaults
    ):
        st.caption(":material/info: Without a temperature only the melting point can be predicted.")


def default_box(
    name: str, label: str, unit: Unit, limits: tuple[float, float], placeholder: str
) -> None:
    """A number that may be left out."""
    low, high = (float(end) for end in unit.to_display(limits))
    given = state.defaults.get(name)
    st.number_input(
        f"{label} / {unit.label}",
        min_value=low,
        max_value=high,
        value=None,
        step=5.0,
        format="%.6g",
        placeholder=placeholder,
        key=common.seeded(
            f"b_default_{name}",
            None if given is None else round(float(unit.to_display(given)), 6),
        ),
        on_change=choose_default,
        args=(name, unit.label),
        width=300,
    )


def brought() -> None:
    """The table, what is thought of it, and what becomes of it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{common.plain(cut(state.name))}**", width="content")
        st.button("Take another table", icon=":material/swap_horiz:", on_click=put_away)
    try:
        table, layout = state.look()
        too_much(table)
    except InputFileError as error:
        st.error(common.plain(common.sentence(error)), icon=":material/error:")
        return
    if table.headless:
        st.caption(
            ":material/info: The first row holds data, not names, so columns are called by "
            "their numbers."
        )
    columns_of(table, layout)
    ready = preview(table, layout)
    defaults(layout)
    st.button(
        "Start",
        type="primary",
        icon=":material/play_arrow:",
        on_click=start,
        disabled=ready is None or state.job is not None,
    )
    work()
    if state.problem:
        st.warning(common.plain(state.problem), icon=":material/info:")
    if state.result is not None:
        results(state.result)
    with st.expander("The same on the command line, for any number of rows"):
        st.code(state.command(table), language="bash", wrap_lines=True)


def too_much(table: TextTable) -> None:
    """Refuse what would keep others waiting.

    Raises:
        InputFileError: if there are too many rows or columns.
    """
    if table.expected_rows > own.MOST_ROWS:
        raise InputFileError(
            f"this table has about {table.expected_rows:,} rows, and this page takes up to "
            f"{own.MOST_ROWS:,}; cut it in parts, or use the command line, which takes any number: "
            f"python -m core predict {state.kind} IN.csv -o OUT.csv"
        )
    if len(table.header) > own.MOST_COLUMNS:
        raise InputFileError(
            f"this table has {len(table.header):,} columns, and this page takes up to "
            f"{own.MOST_COLUMNS}; leave out those that are not needed"
        )


def work() -> None:
    """Do the work chunk by chunk; a click in between is heard, and what is done is not lost."""
    job = state.job
    if job is None:
        return
    st.button("Cancel", icon=":material/stop:", on_click=cancel)
    bar = st.progress(0.0, job.said())
    try:
        while True:
            with turn():
                more = job.step()
            if not more:
                break
            bar.progress(min(job.done.rows / job.expected, 1.0), job.said())
        state.result = job.result()
    except InputFileError as error:
        state.problem = f"{common.sentence(error)} Nothing was lost: the table is still here."
    state.job = None
    st.rerun()


def results(result: own.Result) -> None:
    """Counts, files, the first rows."""
    summary = result.summary
    st.markdown("## The result")
    with st.container(horizontal=True, gap="large"):
        st.metric("Rows", f"{summary.rows:,}", width="content")
        st.metric("Predicted", f"{summary.rows - summary.failed:,}", width="content")
        st.metric("With a message", f"{summary.failed:,}", width="content")
    stem = PurePath(state.name).stem or "table"
    with st.container(horizontal=True):
        st.download_button(
            "CSV",
            result.text.encode,
            file_name=f"{stem}-predicted.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
            type="primary",
            help="Every row in order with all its columns, and the predictions behind them; cells "
            "are as they were",
        )
        st.download_button(
            "CSV for Excel",
            result.spreadsheet,
            file_name=f"{stem}-predicted-excel.csv",
            mime="text/csv",
            icon=":material/table:",
            on_click="ignore",
            help="The same for spreadsheets: no cell runs as a formula, and numbers have the "
            "decimal mark of your table",
        )
    took = f"{result.seconds:.1f}" if result.seconds >= 0.1 else "less than 0.1"
    st.caption(
        f"By {common.plain(result.model)}, in {took} s. Ends of 90 % intervals are in the columns "
        "with low and high."
    )
    views = {"all": "All rows"} | ({"told": "With a message"} if summary.failed else {})
    view = st.segmented_control(
        "Rows shown",
        list(views),
        format_func=lambda name: views[name],
        default="told" if summary.failed else "all",
        key=f"b_view_{state.version}_{summary.failed > 0}",
        required=True,
        label_visibility="collapsed",
    )
    frame = result.told if view == "told" else result.first
    total = summary.failed if view == "told" else summary.rows
    st.dataframe(
        frame,
        column_config=result_columns(frame),
        hide_index=True,
        placeholder="",
        alt="The result",
    )
    if total > len(frame):
        st.caption(f"The first {len(frame)} of {total:,}; the files hold all of them.")


def result_columns(frame: pd.DataFrame) -> dict[str, object]:
    """How the columns of a result are shown."""
    message = frame.columns[1]
    config: dict[str, object] = {
        message: st.column_config.TextColumn(
            "Message", width=620 if frame[message].any() else "small"
        )
    }
    for key, name in frame.attrs.items():
        if key != message:
            number = pd.api.types.is_float_dtype(frame[key].dtype)
            kind = st.column_config.NumberColumn if number else st.column_config.TextColumn
            config[key] = kind(cut(name), format="%.4g") if number else kind(cut(name))
    return config


def cut(text: str, longest: int = LONGEST_CELL) -> str:
    """A text that is not too long to be shown, on one line."""
    return common.shortened(" ".join(text[: 4 * longest].split()), longest)


def show() -> None:
    """The page."""
    st.title("Predict a table")
    st.markdown(
        "Bring a table of ionic liquids, or of polymers and solvents, and take it back with a "
        "prediction and its interval in every row. A row that is not understood says why; the "
        "others are not affected."
    )
    st.segmented_control(
        "What the table holds",
        list(own.LABELS),
        format_func=lambda kind: own.LABELS[kind],
        key=common.seeded("b_kind", state.kind),
        on_change=choose_kind,
        required=True,
    )
    if state.data:
        brought()
    else:
        bring()


show()
common.publish(PAGE, {"kind": [state.kind]})
