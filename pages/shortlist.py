"""Find a solvent: ranked lists of solvents, polymers and blends, with filters."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
import streamlit as st

from core import export, figures, names
from core.chemistry import Polymer, parse_solvent
from core.screen.blends import blends
from core.screen.solvents import (
    SolventLibrary,
    Target,
    polymers_for,
    shortlist,
)
from pages import _basket as basket
from pages import _candidates as candidates
from pages import _common as common
from pages import _finding as words
from pages import _listing as listing
from pages import _mixtures as mixtures
from pages import _pickers as pickers
from pages import _structures as structures
from pages._export import Shown, export_bar

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from core.names import Match
    from core.predict import MiscibilityPredictor

PAGE = "shortlist"
BLENDS = 100  # shown
MOST_TO_BLEND = 200  # solvents whose pairs are tried
TABLE_HEIGHT = 460
MEANT = "Filled: measured with this polymer. Open: predicted. Faint: left out by filters."


@st.cache_resource(show_spinner=False)
def families() -> tuple[str, ...]:
    """The families of the shipped solvents, the largest first."""
    from core.chemistry import parse_solvent, solvent_family  # noqa: PLC0415

    found = pd.Series([solvent_family(parse_solvent(s.smiles)) for s in names.solvents()])
    return tuple(found.value_counts().index)


common.ensure_router()
state = common.state_from_url(PAGE, lambda query: words.from_query(query, families()))
session = st.session_state
set_temperature, set_choice = common.setters("f", state)


# ------------------------------------------------------------------------------------ what one does


@common.changes
def choose_polymer() -> None:
    """Take the polymer picked from the list, or typed into its search."""
    pickers.take_one(state, "polymer", session["f_polymer"])


@common.changes
def choose_spared() -> None:
    """Take the polymers that must not dissolve; keep at least one."""
    none = (
        "At least one polymer has to stay undissolved; pick another one before you take the last "
        "away."
    )
    found = pickers.taken(state, "polymer", session["f_spare"], none=none)
    state.spare = found or state.spare


@common.changes
def choose_solvent() -> None:
    """Take the solvent picked from the list, or typed into its search."""
    pickers.take_one(state, "solvent", session["f_solvent"])


def understood(match: Match) -> None:
    """Take another polymer or solvent."""
    state.problem = ""
    if isinstance(match.structure, Polymer):
        state.polymer = match.structure
    else:
        state.solvent = match.structure


@common.changes
def set_radius() -> None:
    """Take a radius of interaction; an empty box brings that of the tables back."""
    value = session["f_radius"]
    state.radius = math.nan if value is None else float(value)


@common.changes
def set_range(name: str) -> None:
    """Take the ends of a slider; where both are at the ends, nothing is filtered."""
    span = words.SPANS[name]
    low, high = (float(end) for end in session[f"f_{name}"])
    if span.is_temperature:
        low, high = (float(end) for end in state.temperature_unit.to_internal([low, high]))
    low, high = round(low, 6), round(high, 6)
    if low <= span.low and high >= span.high:
        state.ranges.pop(name, None)
    else:
        state.ranges[name] = (low, high)


@common.changes
def set_partner() -> None:
    """Take the solvent that has to be in every blend, or none."""
    state.partner = session["f_partner"] or ""


@common.changes
def clear_filters() -> None:
    """Filter as the page opens."""
    state.ranges, state.families, state.without = {}, [], []
    state.greenness, state.unknown, state.liquid = "", False, True


@common.changes
def pick_point() -> None:
    """Look at the solvent that was clicked in the chart."""
    points = session[f"f_chart_{state.chart}"]["selection"]["points"]
    found = [point["customdata"] for point in points if point.get("customdata")]
    if found:
        look_at(found[0] if isinstance(found[0], str) else found[0][0])


def look_at(smiles: str) -> None:
    """Look at a solvent."""
    state.at = smiles


# ------------------------------------------------------------------------------------ what one sees


def molecules() -> None:
    """Pick or type the polymer, or the solvent that polymers are sought for."""
    if state.mode == "polymers":
        smiles = state.solvent.smiles
        pickers.pick_one("solvent", "Solvent", "f_solvent", smiles, on_change=choose_solvent)
        return
    smiles = state.polymer.smiles
    label = "Polymer to dissolve" if state.mode == "selective" else "Polymer"
    pickers.pick_one("polymer", label, "f_polymer", smiles, on_change=choose_polymer)
    if state.mode == "selective":
        pickers.pick_some(
            "polymer",
            "Polymers to leave undissolved",
            "f_spare",
            [polymer.smiles for polymer in state.spare],
            most=words.MAX_SPARED,
            on_change=choose_spared,
        )


def conditions(target: Target | None) -> None:
    """Temperature, molar mass, what to rank by."""
    common.temperature_input(
        "f",
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
        key=common.seeded("f_molar_mass", state.molar_mass),
        on_change=set_choice,
        args=("molar_mass",),
        help="Gives the chain length N, and with it the critical χ",
    )
    if state.mode != "selective":
        options = ["margin", "red"] if state.mode == "blends" else list(words.BY)
        st.selectbox(
            "Rank by",
            options,
            format_func=lambda by: words.BY[by],
            key=common.seeded("f_by", state.by if state.by in options else options[0]),
            on_change=set_choice,
            args=("by",),
            filter_mode=None,
        )
    if target is not None:
        known = target.place.radius
        st.number_input(
            "Radius R0 of the polymer / MPa⁰·⁵",
            min_value=words.RADIUS_LIMITS[0],
            max_value=words.RADIUS_LIMITS[1],
            step=0.5,
            format="%.3g",
            value=None,
            placeholder="not known: give one for RED" if math.isnan(known) else f"{known:.1f}",
            key=common.seeded("f_radius", None if math.isnan(state.radius) else state.radius),
            on_change=set_radius,
            help=f"Hansen's sphere: RED = Ra/R0. Parameters: {common.plain(target.place.source)}",
        )


def filters() -> None:
    """Sliders and lists; all answer at once."""
    unit = state.temperature_unit
    at = f"{figures.written(float(unit.to_display(state.temperature_K)), 6)} {unit.label}"
    st.checkbox(
        f"Only what is liquid at {at}",
        key=common.seeded("f_liquid", state.liquid),
        on_change=set_choice,
        args=("liquid",),
        help="Leaves out what melts above this temperature or boils below it at 1 atm",
    )
    for name, span in words.SPANS.items():
        low, high = state.ranges.get(name, (span.low, span.high))
        ends, values = np.array([span.low, span.high]), np.array([low, high])
        label = span.label
        if span.is_temperature:
            ends, values = unit.to_display(ends), unit.to_display(values)
            label = f"{label} / {unit.label}"
        ends, values = ends.round(6).tolist(), values.round(6).tolist()
        st.slider(
            label,
            ends[0],
            ends[1],
            step=span.step,
            format="%.6g",
            key=common.seeded(f"f_{name}", (values[0], values[1])),
            on_change=set_range,
            args=(name,),
        )
    st.selectbox(
        "Greenness (CHEM21)",
        list(words.GREENNESS),
        format_func=lambda ranking: words.GREENNESS[ranking],
        key=common.seeded("f_greenness", state.greenness),
        on_change=set_choice,
        args=("greenness",),
        filter_mode=None,
        help=(
            "The ranking of the CHEM21 guide (doi 10.1039/C5GC01008J) where it has the solvent; "
            "else what its rules on flash point, autoignition, boiling point and ozone say: how "
            "good the solvent can be at best, for its health score needs hazard statements that "
            "are not here"
        ),
    )
    st.multiselect(
        "Families",
        families(),
        key=common.seeded("f_families", state.families),
        on_change=set_choice,
        args=("families",),
        placeholder="any",
        select_all=False,
    )
    st.multiselect(
        "Without the elements",
        words.LEFT_OUT,
        key=common.seeded("f_without", state.without),
        on_change=set_choice,
        args=("without",),
        placeholder="none is forbidden",
        select_all=False,
        help="Halogen-free: F, Cl, Br, I",
    )
    st.checkbox(
        "Keep what is not known",
        key=common.seeded("f_unknown", state.unknown),
        on_change=set_choice,
        args=("unknown",),
        help="Solvents of which a filtered value, or the greenness, is not known",
    )
    st.button("Clear the filters", icon=":material/filter_alt_off:", on_click=clear_filters)


@st.cache_resource(show_spinner=False, max_entries=100)
def target_of(
    _model: MiscibilityPredictor,
    model: str,  # noqa: ARG001 - its name is what the cache goes by
    _polymer: Polymer,
    key: tuple[str, float, float, float | None],
) -> Target:
    """The polymer at its state."""
    _, temperature_K, molar_mass, radius = key
    known = math.nan if radius is None else radius
    return Target.of(_model, _polymer, temperature_K, molar_mass, radius=known)


@st.cache_resource(show_spinner=False, max_entries=30)
def ranked(
    _model: MiscibilityPredictor,
    model: str,  # noqa: ARG001 - its name is what the cache goes by
    _library: SolventLibrary,
    _target: Target,
    _spare: Sequence[Polymer],
    key: tuple[object, ...],
) -> pd.DataFrame:
    """All solvents to choose from for a polymer, ranked; not to be changed."""
    *_, by, known_first = key
    return shortlist(_model, _library, _target, by=by, spare=_spare, known_first=bool(known_first))  # type: ignore[arg-type]


def results(
    model: MiscibilityPredictor, target: Target | None, chosen: candidates.Choice | None
) -> None:
    """What the mode asks for."""
    if target is None or chosen is None:
        show_polymers(model)
    elif state.mode == "blends":
        show_blends(model, target, chosen)
    else:
        show_solvents(model, target, chosen)


def key_of(target: Target) -> tuple[str, float, float, float | None]:
    """What a target is known by."""
    radius = None if math.isnan(state.radius) else state.radius
    return target.polymer.smiles, state.temperature_K, state.molar_mass, radius


def show_solvents(model: MiscibilityPredictor, target: Target, chosen: candidates.Choice) -> None:
    """Solvents for the polymer: chart, table, the one looked at."""
    library = chosen.library
    spare = state.spare if state.mode == "selective" else []
    key = (*key_of(target), chosen.key, *(p.smiles for p in spare), state.by, state.known_first)
    every = ranked(model, model.card.name, library, target, spare, key)
    links = solvent_links(library.smiles, (*key_of(target)[:3], chosen.key))
    mask = state.wanted.mask(library, target)
    passing = {smiles for smiles, fits in zip(library.smiles, mask.tolist(), strict=True) if fits}
    fits = every["solvent_smiles"].isin(passing)
    table, others = every[fits].reset_index(drop=True), every[~fits]
    title = polymer_name(target.polymer)
    if state.mode == "selective":
        title += ", not " + " or ".join(polymer_name(polymer) for polymer in spare)
    make = partial(figure_of, table, others, target)
    heading(
        f"Solvents for {title}",
        f"{len(table)} of {len(every)} solvents",
        Shown(
            PAGE,
            title=f"Solvents for {title}",
            card=model.card,
            query=words.to_query(state),
            table=partial(rows_of, table),
            recipe=None
            if chosen.key
            else partial(
                export.solvent_recipe,
                ranking_of(target),
                top=max(len(table), 1),
                spare={mixtures.polymer_token(polymer.smiles): polymer for polymer in spare},
                known_first=state.known_first,
            ),
            works=[
                "miscibility",
                "simulation",
                "greenness",
                *(["Hansen parameters"] if not math.isnan(target.place.radius) else []),
            ],
            charts={words.CHARTS[state.chart]: make} if len(table) else {},
            words=MEANT,
        ),
    )
    note = names.crystals_note(target.polymer.smiles, target.temperature_K)
    common.warn(filter(None, [note]))
    if table.empty:
        nothing()
        return
    ticked = basket.ticked("f_table", table["solvent_smiles"].tolist(), look_at)
    left, right = st.columns([2.2, 1], gap="medium")
    with left:
        draw(make)
    with right:
        card(table, every, target.polymer)
    basket.add_solvents(target.polymer, [*map(parse_solvent, ticked)], "f_compare_ticked")
    st.dataframe(
        listing.solvents(state, table, target, spare, links),
        alt="What was found, with predictions and properties",
        key="f_table",
        hide_index=True,
        height=height_of(table),
        on_select=basket.tick,
        selection_mode="multi-row",
        column_config=listing.columns(state, spare),
        placeholder="–",
    )
    st.caption(
        "Dissolves: the probability that a handbook calls the liquid a solvent of the polymer, at "
        "dilution. Margin: critical χ less χ; above 0 polymer and solvent mix in every proportion. "
        "RED: Hansen's distance over R0. "
        + (
            "Selectivity: the probability of dissolving the one times those of leaving the others, "
            "taken as independent. "
            if spare
            else ""
        )
        + "Greenness: the CHEM21 guide's own ranking, or “at best” by its rules where the guide "
        "does not have the solvent."
    )


def figure_of(
    table: pd.DataFrame, others: pd.DataFrame, target: Target, *, dark: bool = False
) -> go.Figure:
    """Hansen's plane, or chi against the boiling point."""
    if state.chart == "hansen":
        return figures.hansen_plane(
            table,
            others,
            polymer=polymer_name(target.polymer),
            place=target.place.parameters,
            radius=target.place.radius,
            dark=dark,
        )
    return figures.solvent_plot(table, others, state.temperature_unit, dark=dark)


def draw(make: Callable[..., go.Figure]) -> None:
    """Put the chart on the page."""
    st.segmented_control(
        "Chart",
        list(words.CHARTS),
        format_func=lambda chart: words.CHARTS[chart],
        key=common.seeded("f_chart", state.chart),
        required=True,
        on_change=set_choice,
        args=("chart",),
        label_visibility="collapsed",
    )
    st.plotly_chart(
        make(dark=common.is_dark()),
        key=f"f_chart_{state.chart}",
        on_select=pick_point,
        selection_mode="points",
        config={"displaylogo": False, "toImageButtonOptions": {"filename": "solvents"}},
        alt=words.CHARTS[state.chart],
    )
    st.caption(MEANT)


def card(table: pd.DataFrame, every: pd.DataFrame, polymer: Polymer) -> None:
    """The solvent looked at: the one that was clicked, else the best."""
    at = state.at if (every["solvent_smiles"] == state.at).any() else table["solvent_smiles"][0]
    row = every[every["solvent_smiles"] == at].iloc[0]
    low, chi, high = (figures.chi_text(row[name]) for name in ("chi_low", "chi", "chi_high"))
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"**{common.plain(row['name'])}**")
        picture = common.drawing(at, dark=common.is_dark(), height=110)
        with st.container(horizontal_alignment="center"):
            st.image(picture, alt=f"Structure of {common.plain(row['name'])}")
        st.markdown(
            f"{mixtures.dissolving(row['soluble_probability'])} "
            f":small[({common.plain(figures.percent(row['soluble_probability']))})]"
        )
        st.caption(f"χ {chi} (90 %: {low} to {high}) · critical χ {row['critical_chi']:.3f}")
        badge, colour, hint = mixtures.SUPPORT[row["support"]]
        st.badge(badge, color=colour, help=hint)
        green = words.greenness_words(row["greenness"], row["greenness_by"])
        st.caption(
            common.plain(f"CAS {row['cas']} · {row['family']} · {green or 'greenness not known'}")
        )
        st.page_link(
            "pages/polymer_solvent.py",
            label="**Open this pair**",
            icon=":material/arrow_forward:",
            icon_position="right",
            query_params=listing.pair_query(state, state.polymer.smiles, at),
        )
        basket.add_solvents(polymer, [parse_solvent(at)], "f_compare")
        basket.open_link("solvents")


def show_polymers(model: MiscibilityPredictor) -> None:
    """Polymers that the solvent would dissolve."""
    solvent = state.solvent
    name = solvent_name(solvent.smiles)
    by = state.by
    table = reverse(
        model, model.card.name, solvent, (solvent.smiles, state.temperature_K, state.molar_mass, by)
    )
    likely = int((table["soluble_probability"] >= 0.5).sum())
    heading(
        f"Polymers for {name}",
        f"{likely} of {len(table)} polymers are more likely to dissolve than not",
        Shown(
            PAGE,
            title=f"Polymers for {name}",
            card=model.card,
            query=words.to_query(state),
            table=partial(rows_of, table),
            recipe=partial(
                export.polymer_recipe,
                (names.solvent_name(solvent.smiles), solvent),
                state.temperature_K,
                state.molar_mass,
                by=by,
                top=len(table),
            ),
            works=["miscibility", "simulation"],
        ),
    )
    shown = listing.polymers(state, table, solvent.smiles)
    st.dataframe(
        shown,
        alt="What was found, with predictions and properties",
        hide_index=True,
        height=700,
        column_config=listing.columns(state)
        | {"Polymer": st.column_config.TextColumn(width="medium", pinned=True)},
        placeholder="–",
    )
    st.caption(
        "The polymers that have a name here. Margin: critical χ less χ; above 0 polymer and "
        "solvent mix in every proportion. Crystals dissolve less readily than χ says."
    )


@st.cache_resource(show_spinner=False, max_entries=30)
def reverse(
    _model: MiscibilityPredictor,
    model: str,  # noqa: ARG001 - its name is what the cache goes by
    _solvent: object,
    key: tuple[str, float, float, Any],
) -> pd.DataFrame:
    """Polymers for a solvent; not to be changed."""
    _, temperature_K, molar_mass, by = key
    return polymers_for(_model, _solvent, temperature_K, molar_mass, by=by)  # type: ignore[arg-type]


def show_blends(model: MiscibilityPredictor, target: Target, chosen: candidates.Choice) -> None:
    """Blends of two of the solvents that pass the filters."""
    library = chosen.library
    partner = state.partner if state.partner in library.smiles else ""
    if state.partner and not partner:
        name = common.plain(solvent_name(state.partner))
        st.info(f"{name} is not among the solvents to blend, so all are paired.")
    mask = state.wanted.mask(library, target)
    passing = int(mask.sum())
    if passing > MOST_TO_BLEND and not partner:
        by = "red" if state.by == "red" else "margin"
        best = ranked(
            model, model.card.name, library, target, [], (*key_of(target), chosen.key, by, False)
        )
        allowed = {s for s, fits in zip(library.smiles, mask.tolist(), strict=True) if fits}
        kept = [s for s in best["solvent_smiles"] if s in allowed][:MOST_TO_BLEND]
        mask = np.isin(np.array(library.smiles), kept)
    table = blends(
        model,
        library,
        target,
        by="red" if state.by == "red" else "margin",
        keep=mask,
        with_solvent=partner or None,
        top=BLENDS,
        cosolvents_only=state.cosolvents_only,
    )
    said = f"the best {len(table)} blends of {passing} solvents"
    if passing > MOST_TO_BLEND and not partner:
        said += f", of which the best {MOST_TO_BLEND} were paired"
    heading(
        f"Blends for {polymer_name(target.polymer)}",
        said,
        Shown(
            PAGE,
            title=f"Blends for {polymer_name(target.polymer)}",
            card=model.card,
            query=words.to_query(state),
            table=partial(rows_of, table),
            recipe=None
            if chosen.key
            else partial(
                export.blend_recipe,
                ranking_of(target),
                top=BLENDS,
                paired=MOST_TO_BLEND,
                partner=partner,
                cosolvents_only=state.cosolvents_only,
            ),
            works=["miscibility", "blends", "Hansen parameters", "greenness"],
        ),
    )
    st.warning(
        "Blends come from rules for mixtures, not from the model: Hansen parameters are means by "
        "volume, and χ is mixed as in Scott's single-liquid approximation (doi "
        "10.1063/1.1747238), with energies that go with Hansen's distances. Take them as a first "
        "guess to try.",
        icon=":material/science:",
    )
    if table.empty:
        nothing()
        return
    shown = listing.blends(state, table, target)
    st.dataframe(
        shown,
        alt="What was found, with predictions and properties",
        hide_index=True,
        height=height_of(table),
        column_config=listing.columns(state),
        placeholder="–",
    )
    st.caption(
        "φ₁: volume fraction of the first solvent, the best of 0.1 to 0.9. χ₁, χ₂: of the "
        "solvents alone. Only liquids that Hansen's distance lets mix are paired. The model's "
        "probability of dissolving is not given: it was learned from pure solvents."
    )


def blend_choices(library: SolventLibrary) -> None:
    """What a blend has to have."""
    labels = dict(zip(library.smiles, library.labels, strict=True))
    st.selectbox(
        "One solvent is",
        list(labels),
        index=None,
        format_func=lambda smiles: labels.get(smiles, smiles),
        key=common.seeded("f_partner", state.partner if state.partner in labels else None),
        on_change=set_partner,
        placeholder="any that passes the filters",
        filter_mode="contains",
    )
    st.checkbox(
        "Only blends better than both solvents alone",
        key=common.seeded("f_cosolvents_only", state.cosolvents_only),
        on_change=set_choice,
        args=("cosolvents_only",),
    )


def heading(title: str, said: str, shown: Shown) -> None:
    """What is listed, how much, and all of it to take along."""
    st.markdown(f"## {common.plain(title)}")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{common.plain(said)}**")
        export_bar(shown)


def rows_of(table: pd.DataFrame) -> pd.DataFrame:
    """The table with the temperature it is for."""
    return table.assign(temperature_K=state.temperature_K)


def ranking_of(target: Target) -> export.Ranked:
    """What is asked, for a script."""
    by = state.by
    if state.mode == "blends":
        by = "red" if by == "red" else "margin"
    polymer = target.polymer
    return export.Ranked(
        (mixtures.polymer_token(polymer.smiles), polymer),
        target.temperature_K,
        target.molar_mass_g_mol,
        state.radius,
        state.wanted,
        by,
    )


def height_of(table: pd.DataFrame) -> int | Literal["content"]:
    """A short table is as high as its rows, a long one scrolls."""
    return "content" if len(table) < 12 else TABLE_HEIGHT


def nothing() -> None:
    """No row is left."""
    st.info(
        "Nothing passes the filters; widen a range, take a family away, or keep solvents of which "
        "a value is not known.",
        icon=":material/filter_alt:",
    )


def polymer_name(polymer: Polymer) -> str:
    """The name of a polymer, shortened where it is long."""
    return common.shortened(names.polymer_label(polymer.smiles), 60)


def solvent_name(smiles: str) -> str:
    """The name of a solvent, shortened where it is long."""
    return common.shortened(names.solvent_name(smiles), 60)


@st.cache_resource(show_spinner=False, max_entries=30)
def solvent_links(
    _smiles: Sequence[str],
    key: tuple[str, float, float, str],  # noqa: ARG001 - what the cache goes by
) -> dict[str, str]:
    """Addresses of the pages of the current polymer with every solvent of a library."""
    return {smiles: listing.pair_link(state, state.polymer.smiles, smiles) for smiles in _smiles}


# -------------------------------------------------------------------------------------- everything


def show() -> None:
    """The page."""
    st.title("Find a solvent")
    st.segmented_control(
        "What to find",
        list(words.MODES),
        format_func=lambda mode: words.MODES[mode],
        key=common.seeded("f_mode", state.mode),
        required=True,
        on_change=set_choice,
        args=("mode",),
        label_visibility="collapsed",
        wrap=True,
    )
    rail, main = st.columns([1, 3.4], gap="medium")
    with main:
        model = common.miscibility()
    if model is None:
        return
    target = chosen = None
    if state.mode != "polymers":
        with main:
            chosen = candidates.choice(model)
        radius = None if math.isnan(state.radius) else state.radius
        key = (state.polymer.smiles, state.temperature_K, state.molar_mass, radius)
        target = target_of(model, model.card.name, state.polymer, key)
    with rail:
        shown = state.solvent if state.mode == "polymers" else state.polymer
        structures.structure_box(
            "f_box",
            "Type, paste or draw it",
            ("solvent",) if state.mode == "polymers" else ("polymer",),
            understood,
            current=shown.smiles,
            start=shown.smiles,
        )
        if state.problem:
            st.error(common.plain(state.problem), icon=":material/error:")
        with st.container(key="later_f"):
            molecules()
            conditions(target)
            if chosen is not None and state.mode == "blends":
                blend_choices(chosen.library)
            if state.mode == "solvents":
                st.checkbox(
                    "Known solvents first",
                    key=common.seeded("f_known_first", state.known_first),
                    on_change=set_choice,
                    args=("known_first",),
                    help="Those that were measured with this polymer and likely dissolve it",
                )
            if state.mode != "polymers":
                filters()
                candidates.upload()
    with main:
        results(model, target, chosen)


show()
common.publish(PAGE, words.to_query(state))
