"""Screen ionic liquids: all pairs of ions at once, filtered as one asks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import streamlit as st

from core import export, figures, screen
from core.chemistry import ION_FAMILIES, IonicLiquid, combine
from core.properties import PROPERTIES
from core.screen import Objective
from core.uncertainty import SUPPORTS
from pages import _basket as basket
from pages import _common as common
from pages import _screen as own
from pages._export import Shown, export_bar

if TYPE_CHECKING:
    import plotly.graph_objects as go
    from numpy.typing import NDArray

    from core.predict import IonicLiquidPredictor

PAGE = "screening"
FEWEST_FRONT = 2  # aims that make a front

common.ensure_router()
state = common.state_from_url(PAGE, own.from_query)
session = st.session_state
set_temperature, set_choice = common.setters("s", state)


# ------------------------------------------------------------------------------------ what one does


@common.changes
def set_pressure() -> None:
    """Take the pressure."""
    if session["s_P"] is not None:
        state.pressure_kPa = float(session["s_P"])


@common.changes
def set_limits(name: str) -> None:
    """Take the limits of one number."""
    limits = own.limits_of(name, session[f"s_{name}"])
    state.limits = {k: v for k, v in state.limits.items() if k != name}
    if limits != (None, None):
        state.limits[name] = limits


@common.changes
def set_further() -> None:
    """Take typed conditions; keep the last ones where they are not understood."""
    try:
        screen.read_conditions(session["s_further"], ION_FAMILIES)
    except screen.QueryError as error:
        state.problem = common.sentence(error)
    else:
        state.further, state.problem = session["s_further"], ""


@common.changes
def set_aim(name: str) -> None:
    """Take whether a number should be low or high, and how much that counts."""
    aim, weight = session[f"s_aim_{name}"], session.get(f"s_weight_{name}") or 1.0
    state.aims = [other for other in state.aims if other.name != name]
    if aim in {"low", "high"}:
        state.aims.append(Objective(name, aim == "high", float(weight)))


@common.changes
def clear() -> None:
    """Drop all conditions."""
    fresh = own.State()
    for name in ("cation_families", "anion_families", "supports", "further", "halogen_free"):
        setattr(state, name, getattr(fresh, name))
    state.limits, state.cautious, state.problem = {}, False, ""


@common.changes
def pick_point() -> None:
    """Look at the ionic liquid that was clicked in the map."""
    points = [p for p in session["s_map"]["selection"]["points"] if "customdata" in p]
    numbers = [np.ravel(p["customdata"]) for p in points]
    if numbers and numbers[0].size == 1:
        found = own.library(state.ions)
        cation, anion = divmod(int(numbers[0][0]), len(found.anions))
        look_at((found.cations.ions[cation].smiles, found.anions.ions[anion].smiles))


def look_at(pair: tuple[str, str]) -> None:
    """Look at an ionic liquid: SMILES of its cation and its anion."""
    state.chosen = pair


# ------------------------------------------------------------------------------------ what one sees


def conditions() -> None:
    """Temperature, limits, families, elements, support."""
    common.temperature_input(
        "s",
        state.temperature_K,
        state.temperature_unit,
        common.TEMPERATURE_LIMITS_K,
        on_change=set_temperature,
        on_unit=set_choice,
        hint="All ionic liquids are predicted anew; some seconds for each new temperature",
    )
    st.number_input(
        "Pressure / kPa",
        min_value=common.PRESSURE_LIMITS_KPA[0],
        max_value=common.PRESSURE_LIMITS_KPA[1],
        step=1000.0,
        format="%.6g",
        key=common.seeded("s_P", state.pressure_kPa),
        on_change=set_pressure,
        help="Of density and viscosity; the other properties hold near atmospheric pressure",
    )
    st.segmented_control(
        "Ions",
        list(own.IONS),
        format_func=own.IONS.__getitem__,
        key=common.seeded("s_ions", state.ions),
        required=True,
        on_change=set_choice,
        args=("ions",),
        help="Those with a name are fewer, and predicted sooner",
    )
    for name, steps in own.STEPS.items():
        limits = state.limits.get(name, (None, None))
        st.select_slider(
            f"{figures.number_label(name)}: {own.words_of(limits, name)}",
            steps,
            value=(steps[0], steps[-1]),
            format_func=partial(own.step_label, name),
            key=common.seeded(f"s_{name}", own.shown_limits(name, limits), folded=True),
            on_change=set_limits,
            args=(name,),
        )
    st.toggle(
        "Cautious limits",
        key=common.seeded("s_cautious", state.cautious),
        on_change=set_choice,
        args=("cautious",),
        help="Limits hold for the end of the 90 % interval that is nearest to breaking them",
    )
    st.toggle(
        "Halogen-free",
        key=common.seeded("s_halogen_free", state.halogen_free),
        on_change=set_choice,
        args=("halogen_free",),
    )
    # What was typed and not understood stays, for its author to mend.
    further = "s_further"
    if not state.problem:
        further = common.seeded(further, state.further, folded=True)
    used = state.cation_families or state.anion_families or state.supports or state.further
    with st.expander("Families, support, further conditions", expanded=bool(used)):
        for role, ions in (
            ("cation", own.library(state.ions).cations),
            ("anion", own.library(state.ions).anions),
        ):
            chosen = getattr(state, f"{role}_families")
            st.multiselect(
                f"Families of {role}s",
                sorted({*ions.families, *chosen}),  # a link may name one that only others have
                key=common.seeded(f"s_{role}_families", chosen, folded=True),
                on_change=set_choice,
                args=(f"{role}_families",),
                placeholder="all families",
            )
        st.multiselect(
            "Support",
            SUPPORTS,
            format_func=own.TIERS.__getitem__,
            key=common.seeded("s_supports", state.supports, folded=True),
            on_change=set_choice,
            args=("supports",),
            placeholder="all, also rough guesses",
            help="What of the ionic liquid was in the training data of any property",
        )
        st.text_input(
            "Further conditions",
            key=further,
            on_change=set_further,
            placeholder="contains N and without Cl",
            max_chars=1_000,
            help=(
                "As on the command line: `density_kg_m3.low > 1100`, `contains B, F`, "
                "`viscosity_mPa_s.support = pair_measured`, joined by `and`"
            ),
        )
    if state.problem:
        st.error(common.plain(state.problem), icon=":material/error:")
    st.button("Drop all conditions", on_click=clear, icon=":material/filter_alt_off:")


def aims() -> None:
    """What makes one hit better than another."""
    now = {aim.name: aim for aim in state.aims}
    st.caption(
        "The best have the least weighted mean of their aims, each counted in spreads of the "
        "library on the scale it is learned on (logarithms for most)."
    )
    for name in own.AXES:
        aim = now.get(name)
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            st.segmented_control(
                figures.number_label(name).split(" / ")[0],
                ["low", "–", "high"],
                key=common.seeded(
                    f"s_aim_{name}",
                    "–" if aim is None else "high" if aim.maximise else "low",
                    folded=True,
                ),
                required=True,
                on_change=set_aim,
                args=(name,),
            )
            st.number_input(
                "Weight",
                min_value=0.1,
                max_value=10.0,
                step=0.5,
                format="%.3g",
                key=common.seeded(f"s_weight_{name}", aim.weight if aim else 1.0, folded=True),
                on_change=set_aim,
                args=(name,),
                disabled=aim is None,
                width=110,
            )


def toolbar() -> None:
    """Map or families, the axes, the aims, near-copies."""
    st.segmented_control(
        "Show",
        ["map", "families"],
        format_func=str.capitalize,
        key=common.seeded("s_view", state.view),
        required=True,
        on_change=set_choice,
        args=("view",),
    )
    if state.view == "map":
        for axis, words in (("x", "Horizontal axis"), ("y", "Vertical axis")):
            st.selectbox(
                words,
                own.AXES,
                format_func=lambda name: figures.number_label(name).split(" / ")[0],
                key=common.seeded(f"s_{axis}", getattr(state, axis)),
                on_change=set_choice,
                args=(axis,),
                filter_mode=None,
                width=170,
            )
    with st.popover("Aims", icon=":material/flag:"):
        aims()
    st.toggle(
        "Leave out near-copies",
        key=common.seeded("s_different", state.different),
        on_change=set_choice,
        args=("different",),
        help=(
            "An ionic liquid is left out if its ions are much like those of a better one: an "
            f"average Tanimoto similarity of {own.SIMILAR:g} or more (Morgan environments, "
            "radius 2)"
        ),
    )


def spots(rows: screen.Rows) -> figures.Spots:
    """Some ionic liquids as marks on the map."""
    found = own.library(state.ions)
    names = [
        common.short_name(found.cations.ions[c]) + common.short_name(found.anions.ions[a])
        for c, a in zip(rows.cation, rows.anion, strict=True)
    ]
    x, y = (rows.column(name, found).astype(np.float64) for name in (state.x, state.y))
    return figures.Spots(names, rows.numbers(found), x, y)


def figure_of(
    everything: screen.Screening,
    mask: NDArray[np.bool_],
    ranking: screen.Ranking,
    chosen: screen.Rows | None,
    *,
    dark: bool = False,
) -> go.Figure:
    """The map of all ionic liquids, or the families of the hits."""
    if state.view == "families":
        return figures.family_figure(
            everything.family_names, everything.families(), everything.families(mask), dark=dark
        )
    return figures.screen_figure(
        (state.x, state.y),
        everything.density(state.x, state.y),
        everything.density(state.x, state.y, mask),
        spots(ranking.rows),
        spots(ranking.front),
        chosen=None if chosen is None else spots(chosen),
        dark=dark,
    )


def draw(figure: go.Figure) -> str:
    """Put the chart on the page; what its marks mean."""
    config = {"displaylogo": False, "toImageButtonOptions": {"filename": "screening"}}
    if state.view == "families":
        st.plotly_chart(figure, key="s_families", config=config, alt="Hits by families of ions")
        words = "Share of all pairs of two families that are hits; point at a cell for numbers."
        st.caption(words)
        return words
    st.plotly_chart(
        figure,
        key="s_map",
        on_select=pick_point,
        selection_mode="points",
        config=config,
        alt=f"{figures.number_label(state.y)} against {figures.number_label(state.x)}",
    )
    front = (
        "Diamonds: no hit is better in every aim. "
        if len(state.aims) >= FEWEST_FRONT
        else "With two aims or more, their Pareto front is drawn too. "
    )
    words = (
        "Grey: how many of all ionic liquids lie there; coloured: the hits. Circles: the best hits "
        f"of the table. {front}"
    )
    st.caption(f"{words}Click a mark to see the ionic liquid below.")
    return words


def best_table(ranking: screen.Ranking) -> None:
    """The best hits; the one ticked last is shown below."""
    found, rows, dark = own.library(state.ions), ranking.rows, common.is_dark()
    columns: dict[str, object] = {}
    for role, ions, places in (
        ("Cation", found.cations, rows.cation),
        ("Anion", found.anions, rows.anion),
    ):
        columns[f"{role} drawn"] = [own.picture(ions.ions[i], dark=dark) for i in places]
        columns[role] = [common.short_name(ions.ions[i]) for i in places]
    for place, (key, prop) in enumerate(PROPERTIES.items()):
        ends = (prop.units[0].to_display(x[place]) for x in (rows.value, rows.low, rows.high))
        columns[figures.number_label(key)] = [
            "{}  ({} to {})".format(*figures.rounded(*three)) for three in zip(*ends, strict=True)
        ]
    columns["Support"] = [own.TIERS[SUPPORTS[tier]] for tier in rows.support[-1]]
    if state.different:
        columns["Near-copies"] = [len(copies) for copies in ranking.copies]
    st.dataframe(
        pd.DataFrame(columns),
        alt="The best hits with their structures and predictions",
        key="s_table",
        hide_index=True,
        row_height=76,
        height=520,
        on_select=basket.tick,
        selection_mode="multi-row",
        column_config={
            f"{role} drawn": st.column_config.ImageColumn("", width=150)
            for role in ("Cation", "Anion")
        }
        | {"Near-copies": st.column_config.NumberColumn(help="left out as much like this one")},
    )


def looked_at(everything: screen.Screening, ranking: screen.Ranking) -> screen.Rows | None:
    """The ionic liquid looked at: the one chosen, else the best hit."""
    found = own.library(state.ions)
    places = (found.cations.places.get(state.chosen[0]), found.anions.places.get(state.chosen[1]))
    if places[0] is None or places[1] is None:
        return ranking.rows.take(np.arange(1)) if len(ranking.rows) else None
    return everything.rows.take(np.array([places[0] * len(found.anions) + places[1]]))


def liquids_of(rows: screen.Rows) -> list[IonicLiquid]:
    """Ionic liquids of the library."""
    found = own.library(state.ions)
    return [
        combine(found.cations.ions[cation], found.anions.ions[anion])
        for cation, anion in zip(rows.cation, rows.anion, strict=True)
    ]


def details(row: screen.Rows) -> None:
    """One ionic liquid: structures, numbers, and the way to its page."""
    found = own.library(state.ions)
    (liquid,) = liquids_of(row)
    names = found.cations.names[int(row.cation[0])], found.anions.names[int(row.anion[0])]
    with st.container(border=True):
        words, link = st.columns([3, 1], vertical_alignment="center")
        with words.container(gap="xxsmall"):
            st.markdown(f"### {common.plain(common.liquid_name(liquid))}")
            st.caption(common.plain(f"{names[0]} {names[1]} · {liquid.molar_mass:.2f} g/mol"))
        target = common.to_query(
            common.State(
                liquid=liquid, temperature_K=state.temperature_K, pressure_kPa=state.pressure_kPa
            )
        )
        link.page_link(
            "pages/ionic_liquids.py",
            label="Open with curves",
            icon=":material/arrow_forward:",
            query_params={name: values[0] for name, values in target.items()},
        )
        with link:
            basket.add_liquids([liquid], "s_compare")
            basket.open_link("liquids")
        with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
            for ion in (liquid.cation, liquid.anion):
                st.image(
                    common.drawing(ion.smiles, dark=common.is_dark(), height=130, width=220),
                    alt=f"Structure of the {ion.role}",
                )
        with st.container(horizontal=True, gap="small"):
            for place, prop in enumerate(PROPERTIES.values()):
                unit, tier = prop.units[0], SUPPORTS[row.support[place, 0]]
                value, low, high = figures.rounded(
                    *unit.to_display([x[place, 0] for x in (row.value, row.low, row.high)])
                )
                with st.container(gap="xxsmall", width=145):
                    st.metric(prop.label, f"{value} :small[{unit.label}]", help=prop.hint)
                    st.caption(f"90 %: {low} to {high}")
                    label, colour, hint = common.SUPPORT[tier]
                    st.badge(label, color=colour, help=hint)


def share(
    model: IonicLiquidPredictor,
    everything: screen.Screening,
    ranking: screen.Ranking,
    make: Callable[[], go.Figure],
    words: str,
) -> None:
    """The best hits and the chart, to take along."""
    at = state.temperature_K, state.pressure_kPa
    conditions, aims, similar = state.conditions(), list(state.aims), similarity()
    export_bar(
        Shown(
            PAGE,
            title="Screening of ionic liquids",
            card=model.card,
            query=own.to_query(state),
            table=lambda: screen.ranking_table(ranking, everything.library).assign(
                temperature_K=at[0], pressure_kPa=at[1]
            ),
            recipe=lambda: export.screening_recipe(
                state.ions, at, conditions, aims, top=own.TOP, similar=similar
            ),
            works=["ionic liquids", "simulation"],
            charts={"Families" if state.view == "families" else "Map": make},
            words=words,
        )
    )


def similarity() -> float | None:
    """How alike a near-copy is that is left out."""
    return own.SIMILAR if state.different else None


def results(model: IonicLiquidPredictor) -> None:
    """The count of hits, the chart, the best, the one looked at."""
    everything = own.everything(model, state)
    mask = everything.mask(state.conditions())
    ranking = everything.best(mask, state.aims, top=own.TOP, similar=similarity())
    best = {(x.cation.smiles, x.anion.smiles): x for x in liquids_of(ranking.rows)}
    ticked = basket.ticked("s_table", list(best), look_at)
    chosen = looked_at(everything, ranking)
    count, among = st.columns([1, 6], vertical_alignment="bottom")
    count.metric("Hits", f"{ranking.hits:,}")
    outside = [
        PROPERTIES[key].label.lower()
        for key, inside in model.in_range(state.temperature_K, state.pressure_kPa).items()
        if not inside
    ]
    shown_T = float(state.temperature_unit.to_display(state.temperature_K))
    found = everything.library
    among.caption(
        f"of {len(found):,} ionic liquids, {len(found.cations):,} cations with "
        f"{len(found.anions):,} anions, at {figures.written(shown_T, 6)} {state.T_unit} and "
        f"{figures.written(state.pressure_kPa, 6)} kPa."
        + (f" Outside the range of the training data: {', '.join(outside)}." if outside else "")
    )
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        toolbar()
    make = partial(figure_of, everything, mask, ranking, chosen)
    meant = draw(make(dark=common.is_dark()))
    if not ranking.hits:
        st.info("No ionic liquid fulfils all conditions; widen one.", icon=":material/info:")
        return
    with st.container(key="last_s"):
        with st.container(
            horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"
        ):
            st.markdown(f"## The best {len(ranking.rows)}")
            basket.add_liquids([best[pair] for pair in ticked], "s_compare_ticked")
            share(model, everything, ranking, make, meant)
        best_table(ranking)
        if chosen is not None:
            details(chosen)


def show() -> None:
    """The page."""
    st.title("Screen ionic liquids")
    rail, main = st.columns([1, 3], gap="medium")
    with rail, st.container(key="later_s"):
        conditions()
    with main:
        if (model := common.predictor()) is not None:
            results(model)


show()
common.publish(PAGE, own.to_query(state))
