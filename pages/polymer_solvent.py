"""Polymers in solvents: chi, phase diagrams, Hansen's distances, what was measured."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import streamlit as st

from core import export, figures, measured, names
from core.chemistry import Polymer, Solvent
from core.screen.hansen import hansen_of
from core.thermodynamics import (
    PhaseDiagram,
    critical_chi,
    hansen_distance,
    phase_diagram,
    red,
)
from pages import _basket as basket
from pages import _common as common
from pages import _mixtures as mixtures
from pages import _pickers as pickers
from pages import _structures as structures
from pages import _trust as trust
from pages._export import Shown, export_bar

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from core.names import Match
    from core.predict import ChiSurface, Miscibility, MiscibilityPredictor

PAGE = "polymer_solvent"
GRID = 61
PHASE_GRID = 121
Chart = Callable[..., "go.Figure"]  # drawn for a white page, or for a dark one
CARD_WIDTH = 285  # three beside each other on a laptop, one on a phone
NEAR_PAIRS = 5

common.ensure_router()
state = common.state_from_url(PAGE, mixtures.from_query)
session = st.session_state
set_temperature, set_choice = common.setters("p", state)


# ------------------------------------------------------------------------------------ what one does


@common.changes
def choose_polymer() -> None:
    """Take the polymer picked from the list, or typed into its search."""
    pickers.take_one(state, "polymer", session["p_polymer"])


@common.changes
def choose_solvents() -> None:
    """Take the solvents picked from the list, or typed into its search; keep at least one."""
    none = "At least one solvent is needed; pick another one before you take the last away."
    found = pickers.taken(state, "solvent", session["p_solvents"], none=none)
    state.solvents = found or state.solvents


def understood(match: Match) -> None:
    """Take another polymer, or one more solvent; the last one makes room where there are many."""
    state.problem = ""
    if isinstance(match.structure, Polymer):
        state.polymer = match.structure
    elif match.smiles not in {solvent.smiles for solvent in state.solvents}:
        state.solvents = [*state.solvents[: mixtures.MAX_SOLVENTS - 1], match.structure]


@common.changes
def set_window() -> None:
    """Take the span of temperatures in the unit shown."""
    low, high = state.temperature_unit.to_internal(session["p_window"])
    if high - low >= mixtures.NARROWEST_K:
        state.window_K = (round(float(low), 6), round(float(high), 6))


# ------------------------------------------------------------------------------------ what one sees


def molecules() -> None:
    """Pick the polymer and the solvents."""
    pickers.pick_one(
        "polymer", "Polymer", "p_polymer", state.polymer.smiles, on_change=choose_polymer
    )
    pickers.pick_some(
        "solvent",
        "Solvents",
        "p_solvents",
        [solvent.smiles for solvent in state.solvents],
        most=mixtures.MAX_SOLVENTS,
        on_change=choose_solvents,
    )


def structure() -> None:
    """Type, paste or draw one of them."""
    structures.structure_box(
        "p_box",
        "Type, paste or draw either",
        ("polymer", "solvent"),
        understood,
        current=".".join(molecule.smiles for molecule in (state.polymer, *state.solvents)),
    )
    if state.problem:
        st.error(common.plain(state.problem), icon=":material/error:")


def conditions() -> None:
    """Temperature, molar mass and composition."""
    common.temperature_input(
        "p",
        state.temperature_K,
        state.temperature_unit,
        mixtures.TEMPERATURE_LIMITS_K,
        on_change=set_temperature,
        on_unit=set_choice,
    )
    st.number_input(
        "Molar mass of the polymer / (g/mol)",
        min_value=mixtures.MOLAR_MASS_LIMITS[0],
        max_value=mixtures.MOLAR_MASS_LIMITS[1],
        step=10_000.0,
        format="%.8g",
        key=common.seeded("p_molar_mass", state.molar_mass),
        on_change=set_choice,
        args=("molar_mass",),
        help="Gives the chain length N, and with it the critical χ and the phase diagram",
    )
    st.number_input(
        "Volume fraction of the polymer φ",
        min_value=0.0,
        max_value=1.0,
        step=0.1,
        format="%.3g",
        key=common.seeded("p_volume_fraction", state.volume_fraction),
        on_change=set_choice,
        args=("volume_fraction",),
        help=(
            "0 is a dilute solution, which decides whether a polymer dissolves; 1 is a trace of "
            "solvent in the polymer, as in a drying film. χ depends on it"
        ),
    )


def drawings() -> None:
    """The repeat unit and the solvents, flat."""
    dark = common.is_dark()
    with st.container(horizontal_alignment="center", gap="xsmall"):
        picture = common.drawing(state.polymer.smiles, dark=dark)
        st.image(picture, alt="Structure of the repeat unit")
        st.caption(
            common.plain(
                f"repeat unit {subscripts(state.polymer.formula)} · "
                f"{state.polymer.molar_mass:.2f} g/mol"
            ),
            text_alignment="center",
        )
    with st.container(horizontal=True, horizontal_alignment="center", gap="medium"):
        for solvent in state.solvents:
            with st.container(width="content", horizontal_alignment="center", gap="xxsmall"):
                picture = common.drawing(solvent.smiles, dark=dark, height=90, width=110)
                st.image(picture, alt=f"Structure of {solvent_name(solvent)}")
                st.caption(common.plain(solvent_name(solvent)), text_alignment="center")


def subscripts(formula: str) -> str:
    """A formula with its counts lowered."""
    return formula.translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


def solvent_name(solvent: Solvent) -> str:
    """The name of a solvent, or its SMILES, shortened where it is long."""
    return common.shortened(names.solvent_name(solvent.smiles), 40)


def polymer_name() -> str:
    """The name of the polymer, or the SMILES of its repeat unit, shortened where it is long."""
    return common.shortened(names.polymer_label(state.polymer.smiles), 60)


def marked_name() -> str:
    """The name of the polymer beside its mark in a picture: the abbreviation if there is one."""
    return common.shortened(names.polymer_short(state.polymer.smiles), 40)


def sites(solvent: Solvent) -> float:
    """The chain length N of the polymer in a solvent."""
    polymer = state.polymer
    return mixtures.sites(polymer.smiles, polymer.molar_mass, state.molar_mass, solvent.smiles)


def card(solvent: Solvent, at: Miscibility, notes: Sequence[str]) -> None:
    """One solvent at the chosen state: chi, what it means, whether the polymer dissolves."""
    value, low, high = (figures.chi_text(chi) for chi in (at.chi, at.chi_low, at.chi_high))
    n = sites(solvent)
    critical = float(critical_chi(n))
    with st.container(border=True, width=CARD_WIDTH, gap="xxsmall"):
        st.markdown(f"**{common.plain(solvent_name(solvent))}**")
        st.metric(
            f"χ at {mixtures.temperature(state.temperature_K, state.temperature_unit)}",
            value,
            help="Flory-Huggins interaction parameter, as experiments would give it",
        )
        st.caption(f"90 %: {low} to {high}")
        words, colour = mixtures.mixing(at.chi_low, at.chi, at.chi_high, critical)
        st.markdown(
            f":{colour}[**{words}**]",
            help=(
                f"χ beside its critical value {critical:.3f} for chains of N = {n:,.0f}: above it "
                "some compositions split into a dilute and a concentrated phase; below it polymer "
                "and solvent mix in every proportion"
            ),
        )
        st.caption(f"critical χ {critical:.3f} · N = {n:,.0f}")
        st.markdown(
            f"{mixtures.dissolving(at.soluble_probability)} "
            f":small[({common.plain(figures.percent(at.soluble_probability))})]",
            help=(
                "Probability that a handbook lists the liquid as a solvent of this polymer; "
                "learned from soluble and insoluble pairs, not computed from χ, so the two may "
                "differ: crystals, for one, dissolve less readily than χ says"
            ),
        )
        badge, colour, hint = mixtures.SUPPORT[at.support]
        support = badge, colour, trust.hint("polymer-solvent", hint)
        common.badges(support, at.grade, at.reasons)
        common.warn(notes)


def toolbar() -> None:
    """Which view, over which span of temperatures."""
    st.segmented_control(
        "View",
        list(mixtures.VIEWS),
        format_func=lambda view: mixtures.VIEWS[view],
        key=common.seeded("p_view", state.view),
        required=True,
        on_change=set_choice,
        args=("view",),
        label_visibility="collapsed",
        wrap=True,
    )


def window() -> None:
    """The span of temperatures of the charts."""
    unit = state.temperature_unit
    low, high = (float(round(float(unit.to_display(end)), 2)) for end in mixtures.WINDOW_LIMITS_K)
    with st.popover("Range", icon=":material/arrow_range:"):
        st.slider(
            f"Temperatures shown / {unit.label}",
            low,
            high,
            step=5.0,
            format="%.6g",
            key=common.seeded(
                "p_window",
                tuple(float(round(float(end), 2)) for end in unit.to_display(state.window_K)),
                folded=True,
            ),
            on_change=set_window,
        )


# ------------------------------------------------------------------------------------------- views


def span() -> tuple[float, float]:
    """The temperatures shown, widened to hold the chosen one."""
    return (
        min(state.window_K[0], state.temperature_K),
        max(state.window_K[1], state.temperature_K),
    )


def chi_lines(
    model: MiscibilityPredictor, predictions: Sequence[Miscibility]
) -> list[figures.ChiLine]:
    """Curve, critical chi and measured points of every solvent."""
    low, high = span()
    lines = []
    for index, (solvent, at) in enumerate(zip(state.solvents, predictions, strict=True)):
        points = measured.chi_points(state.polymer, solvent)
        lines.append(
            figures.ChiLine(
                name=solvent_name(solvent),
                colour=index,
                curve=model.curve(
                    state.polymer,
                    solvent,
                    np.linspace(low, high, GRID),
                    state.volume_fraction,
                ),
                critical_chi=float(critical_chi(sites(solvent))),
                measured=figures.points_between(points, low, high),
                at=at,
            )
        )
    return lines


def show_chi(lines: Sequence[figures.ChiLine]) -> Chart:
    """Chi against temperature."""
    unit, at_K = state.temperature_unit, state.temperature_K

    def chart(*, dark: bool = False) -> go.Figure:
        return figures.chi_curve(lines, unit, at_K=at_K, dark=dark)

    draw(chart, "chi", "Flory-Huggins parameter against temperature")
    points = (
        " Open marks: measured, at any composition."
        if any(len(line.measured) for line in lines)
        else ""
    )
    st.caption(
        "Line: prediction, with its 90 % interval shaded. Dotted: what COSMO-RS would give. "
        "Dashed level: the critical χ; above it some compositions split in two phases."
        f"{points} Grey bar on the axis: range of the training data; beyond it the lines are "
        "dashed."
    )
    return chart


@st.cache_resource(show_spinner=False, max_entries=300)
def diagrams(
    _model: MiscibilityPredictor,
    model: str,  # noqa: ARG001 - its name is what the cache goes by
    _polymer: Polymer,
    _solvent: Solvent,
    key: tuple[str, str, float, tuple[float, float]],
) -> tuple[PhaseDiagram, PhaseDiagram, PhaseDiagram]:
    """Phase diagrams from chi, and from the lower and the upper end of its interval."""
    _, _, n, (low, high) = key
    grid = np.linspace(low, high, PHASE_GRID)
    surface: ChiSurface = _model.composition(_polymer, _solvent, grid)

    def diagram(chi: np.ndarray) -> PhaseDiagram:
        return phase_diagram(
            lambda at: np.interp(at, grid, chi),
            n,
            grid,
            slope_of=lambda at: np.interp(at, grid, surface.slope),
        )

    return diagram(surface.intercept), diagram(surface.low), diagram(surface.high)


def show_phases(model: MiscibilityPredictor) -> Chart:
    """Temperature against composition."""
    lines = []
    for index, solvent in enumerate(state.solvents):
        key = (state.polymer.smiles, solvent.smiles, sites(solvent), span())
        found = diagrams(model, model.card.name, state.polymer, solvent, key)
        lines.append(figures.PhaseLine(solvent_name(solvent), index, *found))
    st.segmented_control(
        "Composition axis",
        ["linear", "log"],
        format_func=str.capitalize,
        key=common.seeded("p_composition", state.composition),
        required=True,
        on_change=set_choice,
        args=("composition",),
    )
    unit, at_K, composition = state.temperature_unit, state.temperature_K, state.composition

    def chart(*, dark: bool = False) -> go.Figure:
        return figures.phase_diagram(lines, unit, at_K=at_K, composition=composition, dark=dark)

    draw(chart, "phases", "Phase diagram: temperature against composition")
    for line in lines:
        words = mixtures.diagram_words(line.diagram, state.temperature_unit)
        st.markdown(f"**{common.plain(line.name)}** {common.plain(words)}.")
    st.caption(
        "Full line: binodal, the compositions of two phases side by side. Dashed: spinodal, inside "
        "it a solution is unstable. Mark: critical point. Strong tint: two phases even at the "
        "lower end of χ's 90 % interval; light tint: two phases if χ is at its upper end. χ's "
        "dependence on composition is that of the model. Crystallisation and glass transition are "
        "not modelled."
    )
    return chart


def show_hansen(model: MiscibilityPredictor) -> Chart:
    """Hansen's distances from the polymer to the solvents."""
    centre, radius, source, _ = hansen_of(model, state.polymer)
    rows = [(polymer_name(), *centre, math.nan, math.nan, source)]
    spots = []
    for index, solvent in enumerate(state.solvents):
        place, _, where, _ = hansen_of(model, solvent)
        distance = float(hansen_distance(place, centre))
        spots.append(figures.Highlight(solvent_name(solvent), place, index))
        rows.append(
            (
                solvent_name(solvent),
                *place,
                distance,
                float(red(distance, radius)),
                where,
            )
        )
    known = not math.isnan(radius)
    middle = figures.Highlight(marked_name(), centre)

    def chart(*, dark: bool = False) -> go.Figure:
        size = radius if known else None
        return figures.hansen_spheres(middle, spots, radius=size, dark=dark)

    draw(chart, "hansen", "Hansen's space of polymer and solvents")
    columns = ["Molecule", "δD", "δP", "δH", "Ra", "RED", "Source"]
    table = pd.DataFrame(rows, columns=columns)
    if not known:
        table = table.drop(columns="RED")
    st.dataframe(
        table,
        alt="Hansen parameters and distances of the solvents",
        hide_index=True,
        column_config={name: st.column_config.NumberColumn(format="%.1f") for name in columns[1:5]}
        | {
            "Molecule": st.column_config.TextColumn(width="medium"),
            "RED": st.column_config.NumberColumn(format="%.2f"),
        },
        placeholder="–",
    )
    sphere = (
        f"The sphere has the polymer's radius R0 = {radius:.1f} MPa⁰·⁵; RED = Ra/R0 below 1 "
        "speaks for dissolving."
        if known
        else "The radius R0 of this polymer is not known here, so there is no sphere and no RED; "
        "the smaller Ra, the better."
    )
    st.caption(
        f"Parameters in MPa⁰·⁵. Ra² = 4 ΔδD² + ΔδP² + ΔδH². {sphere} The model's own χ and "
        "probability use more than these three numbers."
    )
    return chart


@st.cache_resource(show_spinner=False, max_entries=4)
def clouds(
    _model: MiscibilityPredictor,
    model: str,  # noqa: ARG001 - its name is what the cache goes by
) -> tuple[figures.Cloud, figures.Cloud]:
    """The known molecules in the solubility space, with their names."""
    space = _model.space()
    return (
        figures.Cloud(
            "polymer",
            [names.polymer_label(smiles) for smiles in space.polymers],
            space.polymer_places,
            strong=True,
        ),
        figures.Cloud(
            "solvent",
            [names.solvent_name(smiles) for smiles in space.solvents],
            space.solvent_places,
        ),
    )


def show_space(model: MiscibilityPredictor) -> Chart:
    """Where the molecules lie in the latent space."""

    def place(molecule: Polymer | Solvent) -> tuple[float, float, float]:
        x, y, z = (float(value) for value in model.place(molecule))
        return x, y, z

    spots = [figures.Highlight(marked_name(), place(state.polymer))]
    spots += [
        figures.Highlight(solvent_name(solvent), place(solvent), index)
        for index, solvent in enumerate(state.solvents)
    ]
    known = clouds(model, model.card.name)

    def chart(*, dark: bool = False) -> go.Figure:
        return figures.solubility_space(known, spots, dark=dark)

    draw(chart, "space", "Solubility space of the model")
    st.caption(
        "The model places every polymer (diamonds) and every solvent (dots) in a space of its own, "
        "a generalised Hansen space; shown are its three main axes. Molecules that lie close are "
        "alike to the model; the closer a solvent lies to a polymer, the better it tends to "
        "dissolve it. Drag to turn; point at a mark to see its name."
    )
    return chart


def show_measured() -> None:
    """What was measured of the chosen pairs and of their nearest neighbours."""
    try:
        measured.data_folder("polymer_solvent")
    except measured.DataMissingError:
        st.info(
            "The measured tables are not on this computer, so there is nothing to show here; "
            "predictions do not need them. Set SOLVARIUM_DATA to the folder that holds them and "
            "start the app again.",
            icon=":material/info:",
        )
        return
    own, near = [], []
    for solvent in state.solvents:
        own += point_rows(solvent)
        for pair in measured.nearest_chi(state.polymer, solvent, NEAR_PAIRS):
            points = pair.points
            near.append(
                {
                    "Near to": solvent_name(solvent),
                    "Polymer": names.polymer_label(pair.polymer_smiles),
                    "Solvent": names.solvent_name(pair.solvent_smiles),
                    "Similarity": pair.similarity,
                    "T": span_text(points.temperature_K, state.temperature_unit.label),
                    "χ": plain_span(points.chi, 2),
                    "φ": plain_span(points.volume_fraction, 2),
                    "Values": len(points),
                }
            )
    st.markdown(f"**Measured of {common.plain(polymer_name())} in these solvents**")
    if own:
        st.dataframe(
            pd.DataFrame(own),
            alt="Measured values",
            hide_index=True,
            column_config={"χ": st.column_config.NumberColumn(format="%.3f")},
        )
    else:
        st.caption("Nothing was measured of these pairs.")
    st.markdown("**Nearest measured pairs**")
    if near:
        st.dataframe(
            pd.DataFrame(near),
            alt="The most similar pairs that were measured",
            hide_index=True,
            column_config={"Similarity": st.column_config.NumberColumn(format="%.2f")},
        )
        st.caption(
            "Pairs with the same polymer or the same solvent; the similarity is of the molecule "
            "that differs, 1 for the same groups."
        )
    else:
        st.caption("No measured pair shares this polymer or one of these solvents.")


def point_rows(solvent: Solvent) -> list[dict[str, object]]:
    """Measured chi and observations of the polymer in one solvent, a row each."""
    unit = state.temperature_unit
    points = measured.chi_points(state.polymer, solvent)
    rows: list[dict[str, object]] = [
        {
            "Solvent": solvent_name(solvent),
            f"T / {unit.label}": f"{float(unit.to_display(T)):.1f}",
            "φ": "" if math.isnan(phi) else f"{phi:.3g}",
            "χ": chi,
            "Observed": "",
            "Source": reference,
        }
        for T, phi, chi, reference in zip(
            points.temperature_K, points.volume_fraction, points.chi, points.reference, strict=True
        )
    ]
    rows += [
        {
            "Solvent": solvent_name(solvent),
            f"T / {unit.label}": (
                "room"
                if math.isnan(label.temperature_K)
                else f"{float(unit.to_display(label.temperature_K)):.1f}"
            ),
            "φ": "",
            "χ": None,
            "Observed": "soluble" if label.soluble else "insoluble",
            "Source": f"{label.basis}, {label.source}",
        }
        for label in measured.labels(state.polymer, solvent)
    ]
    return rows


def span_text(kelvin: np.ndarray, unit: str) -> str:
    """From the lowest to the highest temperature, in the unit shown."""
    return f"{plain_span(np.asarray(state.temperature_unit.to_display(kelvin)), 0)} {unit}"


def plain_span(values: np.ndarray, digits: int) -> str:
    """From the smallest to the largest of what is known."""
    known = values[np.isfinite(values)]
    if not len(known):
        return "–"
    low, high = f"{known.min():.{digits}f}", f"{known.max():.{digits}f}"
    return (low if low == high else f"{low} to {high}").replace("-", "−")


def draw(chart: Chart, key: str, words: str) -> None:
    """Put a chart on the page."""
    st.plotly_chart(
        chart(dark=common.is_dark()),
        key=f"chart_{key}",
        config={"displaylogo": False, "toImageButtonOptions": {"filename": key}},
        alt=words,
    )


# -------------------------------------------------------------------------------------- everything


def show() -> None:
    """The page."""
    st.title("Polymers in solvents")
    rail, main = st.columns([1, 3], gap="medium")
    with rail:
        structure()
        with st.container(key="later_p"):
            molecules()
            conditions()
            drawings()
    with main:
        if (model := common.miscibility()) is not None:
            results(model)


def results(model: MiscibilityPredictor) -> None:
    """Cards, and below them one view."""
    words, action = st.columns([4, 1], vertical_alignment="center")
    words.markdown(f"## {common.plain(polymer_name())}")
    with action.container(horizontal_alignment="right", gap="xxsmall"):
        basket.add_solvents(state.polymer, state.solvents, "p_compare")
        basket.open_link("solvents")
    predictions = [
        model.predict(state.polymer, solvent, state.temperature_K, state.volume_fraction)
        for solvent in state.solvents
    ]
    with st.container(horizontal=True, gap="small", vertical_alignment="distribute"):
        shared = [
            note for note in predictions[0].notes if all(note in p.notes for p in predictions)
        ]
        for solvent, at in zip(state.solvents, predictions, strict=True):
            card(solvent, at, [note for note in at.notes if note not in shared])
    common.warn(shared)
    trust.link("polymer-solvent")
    with st.container(key="last_p"):
        views(model, predictions)


def views(model: MiscibilityPredictor, predictions: Sequence[Miscibility]) -> None:
    """One view, and the file."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        toolbar()
        if state.view in {"chi", "phases"}:
            window()
    lines = chi_lines(model, predictions)
    chart: Chart | None = None
    if state.view == "chi":
        chart = show_chi(lines)
    elif state.view == "phases":
        chart = show_phases(model)
    elif state.view == "hansen":
        chart = show_hansen(model)
    elif state.view == "space":
        chart = show_space(model)
    else:
        show_measured()
    share(model, lines, chart)


def share(
    model: MiscibilityPredictor, lines: Sequence[figures.ChiLine], chart: Chart | None
) -> None:
    """Everything shown, to take along."""
    polymer, solvents = state.polymer, list(state.solvents)
    temperature_K, volume_fraction = state.temperature_K, state.volume_fraction
    low, high = span()
    drawn = any(len(line.measured) for line in lines)
    export_bar(
        Shown(
            PAGE,
            title=f"{polymer_name()} in {', '.join(line.name for line in lines)}",
            card=model.card,
            query=mixtures.to_query(state),
            table=lambda: figures.miscibility_table(
                polymer.smiles,
                [solvent.smiles for solvent in solvents],
                lines,
                temperature_K=temperature_K,
                volume_fraction=volume_fraction,
                model=model.card.name,
            ),
            recipe=lambda: export.mixture_recipe(
                (mixtures.polymer_token(polymer.smiles), polymer),
                {names.solvent_name(solvent.smiles): solvent for solvent in solvents},
                temperature_K,
                volume_fraction=volume_fraction,
                grid=export.Grid("temperature_K", low, high, GRID),
            ),
            works=[
                "miscibility",
                "simulation",
                *(["measured chi"] if drawn or state.view == "measured" else []),
                *(["Hansen parameters"] if state.view == "hansen" else []),
            ],
            charts={} if chart is None else {mixtures.VIEWS[state.view]: chart},
        )
    )


show()
common.publish(PAGE, mixtures.to_query(state))
