"""Ionic liquids: pick two ions, see five properties, their curves and measured points."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import streamlit as st

from core import export, figures, measured, names
from core.chemistry import ChemistryError, Ion, IonicLiquid, combine
from core.properties import (
    PRESSURE_UNITS,
    PROPERTIES,
    REFERENCE_PRESSURE_KPA,
    TEMPERATURE_UNITS,
    Property,
)
from pages import _basket as basket
from pages import _common as common
from pages import _structures as structures
from pages import _trust as trust
from pages._export import Shown, export_bar

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from core.names import Match
    from core.predict import Curve, IonicLiquidPredictor, Prediction

PAGE = "ionic_liquids"
SCRIPT = "app/static/3Dmol-min.js"
GRID = 41
# So many neighbours are listed, of so many that are looked at for values that may be shown.
NEIGHBOURS, LOOKED_AT = 5, 30
CARD_WIDTH = 170  # five beside each other on a laptop, two on a phone

common.ensure_router()


def read(query: Mapping[str, list[str]]) -> common.State:
    """The state of a link, with what it compares."""
    found = common.from_query(query)
    if basket.is_told(query, ["with"]):
        kept.set("liquids", found.pinned)
    return found


kept = basket.basket()
state = common.state_from_url(PAGE, read)
state.pinned = kept.liquids[: figures.MAX_LINES - 1]  # one line is for the current one
session = st.session_state
set_temperature, set_choice = common.setters("w", state)


# ------------------------------------------------------------------------------------ what one does


@common.changes
def choose_ion(role: str) -> None:
    """Take the ion picked from a list, or typed into its search."""
    take(lambda: with_ion(common.ion_of(session[f"w_{role}"], role)))


def understood(match: Match) -> None:
    """Take a whole ionic liquid, or one ion that replaces its like."""
    found = match.structure
    take(lambda: found if isinstance(found, IonicLiquid) else with_ion(found))


def with_ion(ion: Ion) -> IonicLiquid:
    """The current ionic liquid with one ion replaced."""
    if ion.role == "cation":
        return combine(ion, state.liquid.anion)
    return combine(state.liquid.cation, ion)


def take(make: Callable[[], IonicLiquid]) -> bool:
    """Show a new ionic liquid, or say why not and keep the last one."""
    try:
        state.liquid = make()
    except ChemistryError as error:
        state.problem = common.sentence(error)
        return False
    state.problem = ""
    return True


@common.changes
def set_pressure() -> None:
    """Take the pressure in the unit shown."""
    if session["w_P"] is not None:
        state.pressure_kPa = float(state.pressure_unit.to_internal(session["w_P"]))


@common.changes
def set_window() -> None:
    """Take the span of temperatures in the unit shown."""
    low, high = state.temperature_unit.to_internal(session["w_window"])
    if high - low >= 10.0:
        state.window_K = (round(float(low), 6), round(float(high), 6))


@common.changes
def set_top() -> None:
    """Take the upper end of the pressure axis."""
    state.pressure_top_kPa = session["w_top"]


@common.changes
def set_unit(key: str) -> None:
    """Take the unit of a property."""
    if session[f"w_{key}"] is not None:
        state.units[key] = session[f"w_{key}"]


@common.changes
def set_pinned() -> None:
    """Drop what was taken out of the comparison."""
    for liquid in state.pinned:
        if liquid.smiles not in session["w_pinned"]:
            kept.remove("liquids", liquid.smiles)


# ------------------------------------------------------------------------------------ what one sees


def structure() -> None:
    """Type, paste or draw the ions, or pick them."""
    structures.structure_box(
        "w_box",
        "Type, paste or draw it",
        ("ionic-liquid", "ion"),
        understood,
        current=state.liquid.smiles,
        start=state.liquid.smiles,
    )
    if state.problem:
        st.error(common.plain(state.problem), icon=":material/error:")


def lists() -> None:
    """Pick the ions, of all families or of one."""
    slots = st.container(), st.container()
    with st.popover("Filter by family", icon=":material/filter_list:", type="tertiary"):
        for role in ("cation", "anion"):
            pick_family(role)
    for slot, role in zip(slots, ("cation", "anion"), strict=True):
        with slot:
            pick_ion(role, getattr(state, f"{role}_family"))


def pick_family(role: str) -> None:
    """One family of the known ions, or all of them (empty)."""
    name = f"{role}_family"
    st.selectbox(
        f"{role.capitalize()}s",
        ["", *common.families(role)],
        format_func=lambda family: family or "all families",
        key=common.seeded(f"w_{name}", getattr(state, name), folded=True),
        on_change=set_choice,
        args=(name,),
    )


def pick_ion(role: str, family: str) -> None:
    """A searchable list of the known ions; what is typed need not be in it."""
    known, labels = common.catalogue(role), common.option_labels()
    ion = state.liquid.cation if role == "cation" else state.liquid.anion
    options = [smiles for smiles, entry in known.items() if family in {"", entry.family}]
    if ion.smiles not in options:
        options.insert(0, ion.smiles)
    st.selectbox(
        f"{role.capitalize()}{f' ({family})' if family else ''}",
        options,
        format_func=lambda smiles: labels.get(smiles, smiles),
        key=common.seeded(f"w_{role}", ion.smiles),
        on_change=choose_ion,
        args=(role,),
        accept_new_options=True,
        filter_mode="contains",
    )


@st.cache_data(show_spinner="Making a 3-D geometry …", max_entries=200)
def viewer(cation: str, anion: str, *, dark: bool) -> str:
    """The 3-D view as a page of its own."""
    return figures.viewer_html([cation, anion], script=SCRIPT, height=300, dark=dark)


def drawings() -> None:
    """Both ions, flat or in space."""
    liquid, dark = state.liquid, common.is_dark()
    flat = (
        st.segmented_control(
            "View",
            ["2-D", "3-D"],
            key=common.seeded("w_view", state.view),
            required=True,
            label_visibility="collapsed",
            on_change=set_choice,
            args=("view",),
        )
        == "2-D"
    )
    if flat:
        for ion in (liquid.cation, liquid.anion):
            with st.container(horizontal_alignment="center", gap="xsmall"):
                st.image(common.drawing(ion.smiles, dark=dark), alt=f"Structure of the {ion.role}")
                st.caption(
                    f"{common.formula(ion)} · {ion.molar_mass:.2f} g/mol", text_alignment="center"
                )
        return
    try:
        html = viewer(liquid.cation.smiles, liquid.anion.smiles, dark=dark)
    except figures.NoGeometryError as error:
        st.info(str(error), icon=":material/info:")
        return
    st.iframe(html, height=300, alt="3-D view of both ions")
    st.caption("Each ion on its own, one conformer; drag to turn.")


def conditions() -> None:
    """Temperature and pressure, each in a unit of choice."""
    for name, label, units, value, limits, change in (
        (
            "T",
            "Temperature",
            TEMPERATURE_UNITS,
            state.temperature_K,
            common.TEMPERATURE_LIMITS_K,
            set_temperature,
        ),
        (
            "P",
            "Pressure",
            PRESSURE_UNITS,
            state.pressure_kPa,
            common.PRESSURE_LIMITS_KPA,
            set_pressure,
        ),
    ):
        unit = state.temperature_unit if name == "T" else state.pressure_unit
        with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
            low, high = (float(round(end, 9)) for end in unit.to_display(limits))
            st.number_input(
                label,
                min_value=low,
                max_value=high,
                step=5.0 if name == "T" else 100.0 * unit.factor,
                format="%.6g",
                key=common.seeded(f"w_{name}", float(round(float(unit.to_display(value)), 9))),
                on_change=change,
            )
            st.selectbox(
                f"Unit of {label.lower()}",
                [entry.label for entry in units],
                key=common.seeded(f"w_{name}_unit", unit.label),
                on_change=set_choice,
                args=(f"{name}_unit",),
                label_visibility="collapsed",
                filter_mode=None,
                width=92,
            )


def card(prop: Property, at: Prediction, notes: Iterable[str]) -> None:
    """One property at the chosen state: value, interval, support, warnings, what was measured."""
    unit, mass = state.unit(prop.key), state.liquid.molar_mass
    value, low, high = figures.rounded(*unit.to_display([at.value, at.low, at.high], mass))
    with st.container(border=True, width=CARD_WIDTH, gap="xxsmall"):
        st.metric(f"{prop.label}", f"{value} :small[{unit.label}]", help=prop.hint)
        st.caption(f"90 %: {low} to {high}")
        words, colour, hint = common.SUPPORT[at.support]
        support = words, colour, trust.hint("ionic-liquids", hint)
        common.badges(support, at.grade, at.reasons)
        found = measured.points(state.liquid, prop.key)
        if prop.depends_on_temperature:
            found = figures.near_temperature(found, state.temperature_K)
            found = figures.near_pressure(found, state.pressure_kPa)
        if len(found):
            middle = unit.to_display(np.median(found.value), mass)
            times = f" (median of {len(found)})" if len(found) > 1 else ""
            st.caption(f"measured {figures.written(float(middle), 4)}{times}")
        common.warn(notes)


def toolbar() -> None:
    """What the charts are against, on which axes, over which span, in which units."""
    st.segmented_control(
        "Curves against",
        ["temperature_K", "pressure_kPa"],
        format_func=lambda name: name.split("_")[0].capitalize(),
        key=common.seeded("w_against", state.against),
        required=True,
        on_change=set_choice,
        args=("against",),
    )
    st.segmented_control(
        "Viscosity axis",
        ["linear", "log", "arrhenius"],
        format_func=lambda name: {"linear": "Linear", "log": "Log", "arrhenius": "Arrhenius"}[name],
        key=common.seeded("w_scale", state.scale),
        required=True,
        on_change=set_choice,
        args=("scale",),
    )
    with st.popover("Range", icon=":material/arrow_range:"):
        window()
    with st.popover("Units", icon=":material/straighten:"):
        for key, prop in PROPERTIES.items():
            st.segmented_control(
                prop.label,
                [unit.label for unit in prop.units],
                key=common.seeded(f"w_{key}", state.units[key], folded=True),
                required=True,
                on_change=set_unit,
                args=(key,),
            )


def window() -> None:
    """The span of the horizontal axis."""
    unit = state.temperature_unit
    if state.against == "temperature_K":
        low, high = (float(round(float(unit.to_display(end)), 2)) for end in (173.15, 673.15))
        st.slider(
            f"Temperatures shown / {unit.label}",
            low,
            high,
            step=5.0,
            format="%.6g",
            key=common.seeded(
                "w_window",
                tuple(float(round(float(end), 2)) for end in unit.to_display(state.window_K)),
                folded=True,
            ),
            on_change=set_window,
        )
    else:
        st.select_slider(
            f"Pressures shown up to / {state.P_unit}",
            [1e4, 2e4, 5e4, 1e5, 2e5, 3e5, 5e5],
            format_func=lambda top: figures.written(float(state.pressure_unit.to_display(top)), 6),
            key=common.seeded("w_top", state.pressure_top_kPa, folded=True),
            on_change=set_top,
        )


def curve_of(model: IonicLiquidPredictor, liquid: IonicLiquid, key: str) -> Curve:
    """The predicted curve over the span shown, widened to hold the chosen state."""
    T, P = state.temperature_K, state.pressure_kPa
    if state.against == "temperature_K":
        low, high = min(state.window_K[0], T), max(state.window_K[1], T)
        return model.curve(liquid, key, temperatures_K=np.linspace(low, high, GRID), pressure_kPa=P)
    low, high = min(REFERENCE_PRESSURE_KPA, P), max(state.pressure_top_kPa, P)
    return model.curve(liquid, key, pressures_kPa=np.linspace(low, high, GRID), temperature_K=T)


def points_of(liquid: IonicLiquid, curve: Curve) -> measured.MeasuredPoints:
    """The measured points that belong on the axes of a curve."""
    points = figures.on_axes(measured.points(liquid, curve.key), curve)
    if state.against == "temperature_K":
        return figures.near_pressure(points, state.pressure_kPa)
    return figures.near_temperature(points, state.temperature_K)


def line_of(
    model: IonicLiquidPredictor, index: int, liquid: IonicLiquid, at: Prediction
) -> figures.Line:
    """One ionic liquid on the chart of one property."""
    curve = curve_of(model, liquid, at.key)
    return figures.Line(
        name=common.liquid_name(liquid),
        liquid=liquid,
        colour=index,
        curve=curve,
        points=points_of(liquid, curve),
        at=at,
    )


def legend_text() -> str:
    """What the charts show, in one line."""
    if state.against == "temperature_K":
        near = state.pressure_kPa <= measured.ATMOSPHERIC_KPA
        where = (
            "near atmospheric pressure (up to 200 kPa)"
            if near
            else f"within 5 % of "
            f"{figures.written(float(state.pressure_unit.to_display(state.pressure_kPa)), 6)} "
            f"{state.P_unit}"
        )
    else:
        where = (
            f"within {measured.TEMPERATURE_TOLERANCE_K:g} K of "
            f"{figures.written(float(state.temperature_unit.to_display(state.temperature_K)), 6)} "
            f"{state.T_unit}"
        )
    return (
        f"Line: prediction, with its 90 % interval shaded. Small open marks: measured {where}, "
        "from NIST ILThermo. Grey bar on the axis: range of the training data; beyond it the lines "
        "are dashed."
    )


def compared(predictions: Sequence[tuple[IonicLiquid, Mapping[str, Prediction]]]) -> None:
    """The list of what is compared, and its numbers beside each other."""
    labels = {liquid.smiles: common.liquid_name(liquid) for liquid in state.pinned}
    st.multiselect(
        "Compared on the charts",
        list(labels),
        format_func=lambda smiles: labels[smiles],
        key=common.seeded("w_pinned", list(labels)),
        on_change=set_pinned,
    )
    rows = []
    for liquid, found in predictions:
        row = {"Ionic liquid": common.liquid_name(liquid)}
        for key, prop in PROPERTIES.items():
            at, unit = found[key], state.unit(key)
            numbers = unit.to_display([at.value, at.low, at.high], liquid.molar_mass)
            value, low, high = figures.rounded(*numbers)
            row[f"{prop.label} / {unit.label}"] = f"{value}  ({low} to {high})"
        rows.append(row)
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config={"Ionic liquid": st.column_config.TextColumn(pinned=True)},
        alt="Predictions of what is compared, with their intervals",
    )


def show() -> None:
    """The page."""
    st.title("Ionic liquids")
    rail, main = st.columns([1, 3], gap="medium")
    with rail:
        structure()
        with st.container(key="later_w"):
            lists()
            conditions()
            drawings()
    with main:
        if (model := common.predictor()) is not None:
            results(model)


def results(model: IonicLiquidPredictor) -> None:
    """Numbers, and below them the charts."""
    heading()
    shown = state.shown()
    predictions = [
        (liquid, model.predict(liquid, state.temperature_K, state.pressure_kPa)) for liquid in shown
    ]
    current = next(found for liquid, found in predictions if liquid.key == state.liquid.key)
    said = Counter(note for at in current.values() for note in at.notes)
    with st.container(horizontal=True, gap="small", vertical_alignment="distribute"):
        for key, prop in PROPERTIES.items():
            card(prop, current[key], [note for note in current[key].notes if said[note] == 1])
    common.warn(note for note, times in said.items() if times > 1)
    trust.link("ionic-liquids")
    with st.container(key="last_w"):
        curves(model, predictions)


def curves(
    model: IonicLiquidPredictor, predictions: Sequence[tuple[IonicLiquid, dict[str, Prediction]]]
) -> None:
    """What it is compared with, the charts, its neighbours."""
    if state.pinned:
        compared(predictions)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        toolbar()
        file = st.container(width="content")
    against_T = state.against == "temperature_K"
    keys = [
        key
        for key, prop in PROPERTIES.items()
        if prop.depends_on_temperature and (against_T or prop.depends_on_pressure)
    ]
    lines = {
        key: [
            line_of(model, index, liquid, found[key])
            for index, (liquid, found) in enumerate(predictions)
        ]
        for key in keys
    }
    charts(lines)
    st.caption(legend_text())
    neighbours(model)
    with file:
        share(model, predictions, lines)


def neighbours(model: IonicLiquidPredictor) -> None:
    """The measured ionic liquids most like the chosen one, and what was measured of them."""
    rows: list[dict[str, str | float]] = []
    for near in model.nearest(state.liquid, count=LOOKED_AT):
        row: dict[str, str | float] = {
            "Ionic liquid": common.liquid_name(near.liquid),
            "Distance": near.distance,
        }
        shown = False
        for key, prop in PROPERTIES.items():
            points = measured.points(near.liquid, key)
            if prop.depends_on_temperature:
                points = figures.near_temperature(points, state.temperature_K)
                points = figures.near_pressure(points, state.pressure_kPa)
            unit = state.unit(key)
            value = float(np.median(points.value)) if len(points) else np.nan
            shown |= len(points) > 0
            row[f"{prop.label} / {unit.label}"] = float(
                unit.to_display(value, near.liquid.molar_mass)
            )
        if shown and len(rows) < NEIGHBOURS:
            rows.append(row)
    if not rows:
        return
    with st.expander("Nearest measured ionic liquids"):
        st.dataframe(
            pd.DataFrame(rows),
            hide_index=True,
            alt="The nearest measured ionic liquids and what was measured of them",
            column_config={
                "Ionic liquid": st.column_config.TextColumn(pinned=True),
                "Distance": st.column_config.NumberColumn(
                    format="%.2f",
                    help=(
                        "Between what the model has learned of the ions; 0 is the same ions, 1 "
                        "farther than 95 % of the measured ions are from their nearest"
                    ),
                ),
                **{
                    name: st.column_config.NumberColumn(format="%.4g")
                    for name in rows[0]
                    if name not in {"Ionic liquid", "Distance"}
                },
            },
        )
        st.caption(
            f"Those with a value to show of the {LOOKED_AT} that are most like it, among "
            f"{model.measured_count:,} measured ones, by what the model has learned of their ions. "
            "Values near the chosen temperature and pressure, from NIST ILThermo; the model has "
            "learned from more than may be shown."
        )


def heading() -> None:
    """Name of the ionic liquid, and the button that keeps it for comparison."""
    liquid = state.liquid
    words, action = st.columns([4, 1], vertical_alignment="center")
    with words.container(gap="xxsmall"):
        st.markdown(f"## {common.plain(common.liquid_name(liquid))}")
        st.caption(
            common.plain(
                f"{names.name_of(liquid.cation.smiles)} {names.name_of(liquid.anion.smiles)} · "
                f"{liquid.molar_mass:.2f} g/mol"
            )
        )
    with action.container(horizontal_alignment="right", gap="xxsmall"):
        basket.add_liquids([liquid], "w_compare")
        basket.open_link("liquids")


def figure_of(lines: Sequence[figures.Line], *, dark: bool = False) -> go.Figure:
    """The chart of one property."""
    key = lines[0].curve.key
    against_T = state.against == "temperature_K"
    return figures.curve_figure(
        lines,
        PROPERTIES[key],
        state.unit(key),
        state.temperature_unit if against_T else state.pressure_unit,
        at_x=state.temperature_K if against_T else state.pressure_kPa,
        scale=state.scale if key == "viscosity_mPa_s" else "linear",
        dark=dark,
    )


def charts(lines: Mapping[str, Sequence[figures.Line]]) -> None:
    """One chart per property, two beside each other where there is room."""
    keys = list(lines)
    for start in range(0, len(keys), 2):
        for column, key in zip(st.columns(2, gap="medium"), keys[start : start + 2], strict=True):
            column.plotly_chart(
                figure_of(lines[key], dark=common.is_dark()),
                key=f"chart_{key}",
                config={"displaylogo": False, "toImageButtonOptions": {"filename": key}},
                alt=f"{PROPERTIES[key].label} against {state.against.split('_')[0]}",
            )


def share(
    model: IonicLiquidPredictor,
    predictions: Sequence[tuple[IonicLiquid, Mapping[str, Prediction]]],
    lines: Mapping[str, Sequence[figures.Line]],
) -> None:
    """Everything shown, to take along."""
    units = {key: state.unit(key) for key in PROPERTIES}
    temperature_K, pressure_kPa = state.temperature_K, state.pressure_kPa
    every = [line for group in lines.values() for line in group]
    named = [(common.liquid_name(liquid), liquid, found) for liquid, found in predictions]
    grid = every[0].curve.x

    export_bar(
        Shown(
            PAGE,
            title=", ".join(name for name, _, _ in named),
            card=model.card,
            query=common.to_query(state),
            table=lambda: figures.export_table(
                every,
                named,
                units,
                temperature_K=temperature_K,
                pressure_kPa=pressure_kPa,
                model=model.card.name,
            ),
            recipe=lambda: export.ionic_liquid_recipe(
                {name: liquid for name, liquid, _ in named},
                temperature_K,
                pressure_kPa,
                keys=tuple(lines),
                grid=export.Grid(state.against, float(grid[0]), float(grid[-1]), len(grid)),
            ),
            works=[
                "ionic liquids",
                "simulation",
                *(["measured ionic liquids"] if any(len(x.points) for x in every) else []),
            ],
            charts={
                PROPERTIES[key].label: partial(figure_of, group) for key, group in lines.items()
            },
            words=legend_text(),
        )
    )


show()
common.publish(PAGE, common.to_query(state))
