"""Compare: ionic liquids, or solvents for a polymer, side by side."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import streamlit as st

from core import export, figures, measured, names
from core.chemistry import IonicLiquid, Polymer, Solvent
from core.properties import PROPERTIES
from core.thermodynamics import critical_chi
from pages import _basket as basket
from pages import _common as common
from pages import _comparing as comparing
from pages import _finding as finding
from pages import _mixtures as mixtures
from pages import _structures as structures
from pages._export import Shown, export_bar

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from core.names import Match
    from core.predict import IonicLiquidPredictor, Miscibility, MiscibilityPredictor, Prediction

PAGE = "compare"
GRID = 41
CARD_WIDTH = 170  # five beside each other on a laptop, two on a phone

common.ensure_router()
kept = basket.basket()
state = common.state_from_url(PAGE, lambda query: comparing.from_query(query, kept))
session = st.session_state
set_temperature, set_choice = common.setters("c", state)


# ------------------------------------------------------------------------------------ what one does


@common.changes
def choose_polymer() -> None:
    """Take the polymer picked from the list, or none."""
    smiles = session["c_polymer"]
    kept.polymer = None if smiles is None else mixtures.polymer_of(smiles)


def understood(match: Match) -> None:
    """Add an ionic liquid or a solvent, or take another polymer."""
    state.problem = ""
    kind: basket.Kind = "liquids" if match.kind == "ionic-liquid" else "solvents"
    if isinstance(match.structure, Polymer):
        kept.polymer = match.structure
    elif not kept.has(kind, match.smiles) and not kept.room(kind):
        state.problem = f"The comparison holds {basket.MOST}; take one out first."
    else:
        kept.add(kind, [match.structure])


@common.changes
def remove(smiles: str) -> None:
    """Take one out."""
    kept.remove(state.kind, smiles)


@common.changes
def move(smiles: str, step: int) -> None:
    """Put one further to the left or to the right."""
    kept.move(state.kind, smiles, step)


@common.changes
def clear() -> None:
    """Take all of a kind out."""
    kept.set(state.kind, [])


@common.changes
def bring_back() -> None:
    """Undo that."""
    kept.bring_back(state.kind)


# ------------------------------------------------------------------------------------ what one sees


def counted(kind: basket.Kind) -> str:
    """What is compared, and how many there are of it."""
    return f"{comparing.KINDS[kind]} ({len(kept.of(kind))})"


def controls() -> None:
    """The state they are compared at, and more to compare."""
    common.temperature_input(
        "c",
        state.temperature_K,
        state.temperature_unit,
        common.TEMPERATURE_LIMITS_K,
        on_change=set_temperature,
        on_unit=set_choice,
    )
    if state.kind == "liquids":
        st.number_input(
            "Pressure / kPa",
            min_value=common.PRESSURE_LIMITS_KPA[0],
            max_value=common.PRESSURE_LIMITS_KPA[1],
            step=1000.0,
            format="%.6g",
            key=common.seeded("c_pressure_kPa", state.pressure_kPa),
            on_change=set_choice,
            args=("pressure_kPa",),
        )
        structures.structure_box("c_liquid", "Add an ionic liquid", ["ionic-liquid"], understood)
    else:
        labels = mixtures.polymer_labels()
        polymer = None if kept.polymer is None else kept.polymer.smiles
        st.selectbox(
            "For the polymer",
            [*([polymer] if polymer is not None and polymer not in labels else []), *labels],
            index=None,
            format_func=lambda smiles: labels.get(smiles, smiles),
            key=common.seeded("c_polymer", polymer),
            on_change=choose_polymer,
            placeholder="none: only what is known of the solvents",
            filter_mode="contains",
        )
        if polymer is not None:
            st.number_input(
                "Molar mass of the polymer / (g/mol)",
                min_value=mixtures.MOLAR_MASS_LIMITS[0],
                max_value=mixtures.MOLAR_MASS_LIMITS[1],
                step=10_000.0,
                format="%.8g",
                key=common.seeded("c_molar_mass", state.molar_mass),
                on_change=set_choice,
                args=("molar_mass",),
                help="Gives the chain length N, and with it the critical χ",
            )
        structures.structure_box("c_solvent", "Add a solvent", ["solvent"], understood)
    if state.problem:
        st.error(common.plain(state.problem), icon=":material/error:")


def empty() -> None:
    """Nothing is there yet: where to find something."""
    what = "ionic liquids" if state.kind == "liquids" else "solvents"
    st.info(
        f"No {what} here yet. Add some by name on the left, or press **Add to comparison** on one "
        "of these pages; what you add is kept while you go from page to page, and the address of "
        "this page shares it.",
        icon=":material/compare_arrows:",
    )
    pages = (
        (("ionic_liquids", "Ionic liquids"), ("screening", "Screen ionic liquids"))
        if state.kind == "liquids"
        else (("polymer_solvent", "Polymers in solvents"), ("shortlist", "Find a solvent"))
    )
    with st.container(horizontal=True):
        for page, label in pages:
            st.page_link(f"pages/{page}.py", label=label, icon=":material/arrow_forward:")
        example = (
            {"liquid": ["C2mim~Tf2N", "C2mim~DCA", "C2mim~BF4"]}
            if state.kind == "liquids"
            else {"solvent": ["toluene", "acetone", "ethanol"], "polymer": "PS"}
        )
        st.page_link(
            "pages/compare.py",
            label="Show an example",
            icon=":material/lightbulb:",
            query_params={"show": state.kind, **example},
        )


def handles(smiles: str, place: int, count: int) -> None:
    """Buttons that move one, or take it out."""
    with st.container(horizontal=True, horizontal_alignment="center", gap="xsmall"):
        for icon, words, change, arguments, disabled in (
            ("arrow_back", "Move to the left", move, (smiles, -1), place == 0),
            ("close", "Take out", remove, (smiles,), False),
            ("arrow_forward", "Move to the right", move, (smiles, 1), place == count - 1),
        ):
            st.button(
                words,
                icon=f":material/{icon}:",
                key=f"icon_{icon}_{place}",
                help=words,
                on_click=change,
                args=arguments,
                disabled=disabled,
                type="tertiary",
            )


def number(
    label: str, value: str, interval: str, badge: tuple[str, str, str] | None = None
) -> None:
    """One number of a card."""
    st.markdown(f":small[{common.plain(label)}]  \n**{common.plain(value)}**")
    st.caption(common.plain(interval))
    if badge is not None:
        words, colour, hint = badge
        st.badge(words, color=colour, help=hint)


def heading(count: int) -> None:
    """How many there are, and the button that takes them all out."""
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        shown_T = float(state.temperature_unit.to_display(state.temperature_K))
        where = f"at {figures.written(shown_T, 6)} {state.T_unit}"
        if state.kind == "liquids":
            where += f" and {figures.written(state.pressure_kPa, 6)} kPa"
        what = "ionic liquids" if state.kind == "liquids" else "solvents"
        st.markdown(f"**{count} {what if count > 1 else what[:-1]}** {where}")
        st.button("Take all out", icon=":material/delete_sweep:", on_click=clear, key="c_clear")


# ------------------------------------------------------------------------------------ ionic liquids


Found = Sequence[tuple[IonicLiquid, "dict[str, Prediction]"]]


def liquid_card(liquid: IonicLiquid, found: dict[str, Prediction], place: int, count: int) -> None:
    """One ionic liquid: structures, five numbers, the way to its page."""
    dark = common.is_dark()
    with st.container(border=True, width=CARD_WIDTH, gap="xsmall"):
        handles(liquid.smiles, place, count)
        query = common.to_query(
            common.State(
                liquid=liquid, temperature_K=state.temperature_K, pressure_kPa=state.pressure_kPa
            )
        )
        st.page_link(
            "pages/ionic_liquids.py",
            label=f"**{common.plain(common.liquid_name(liquid))}**",
            query_params={name: values[0] for name, values in query.items()},
        )
        for ion in (liquid.cation, liquid.anion):
            with st.container(horizontal_alignment="center", height=105, border=False):
                st.image(
                    common.drawing(ion.smiles, dark=dark, height=90, width=134),
                    alt=f"Structure of the {ion.role}",
                )
        for key, prop in PROPERTIES.items():
            at, unit = found[key], prop.units[0]
            ends = unit.to_display([at.value, at.low, at.high], liquid.molar_mass)
            value, low, high = figures.rounded(*ends)
            number(
                prop.label, f"{value} {unit.label}", f"90 %: {low} to {high}",
                common.SUPPORT[at.support],
            )  # fmt: skip


def show_liquids(model: IonicLiquidPredictor) -> None:
    """Ionic liquids side by side, and curves of one property."""
    found: Found = [
        (liquid, model.predict(liquid, state.temperature_K, state.pressure_kPa))
        for liquid in kept.liquids
    ]
    heading(len(found))
    with st.container(horizontal=True, gap="small"):
        for place, (liquid, predictions) in enumerate(found):
            liquid_card(liquid, predictions, place, len(found))
    st.selectbox(
        "Curves of",
        list(comparing.CURVES),
        format_func=comparing.CURVES.__getitem__,
        key=common.seeded("c_key", state.key),
        on_change=set_choice,
        args=("key",),
        filter_mode=None,
        width=240,
    )
    lines = [line_of(model, place, *one) for place, one in enumerate(found)]
    draw(lambda *, dark: liquid_figure(lines, dark=dark), PROPERTIES[state.key].label)
    points = any(len(line.points) for line in lines)
    words = (
        "Line: prediction, with its 90 % interval shaded. "
        + ("Small open marks: measured, from NIST ILThermo. " if points else "")
        + "Grey bar on the axis: range of the training data; beyond it the lines are dashed."
    )
    st.caption(words)
    named = [(common.liquid_name(liquid), liquid, predictions) for liquid, predictions in found]
    units = {key: prop.units[0] for key, prop in PROPERTIES.items()}
    temperature_K, pressure_kPa = state.temperature_K, state.pressure_kPa
    key, window = state.key, state.window_K
    export_bar(
        Shown(
            PAGE,
            title="Comparison of ionic liquids",
            card=model.card,
            query=comparing.to_query(state, kept),
            table=lambda: figures.export_table(
                lines,
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
                keys=[key],
                grid=export.Grid("temperature_K", *window, GRID),
            ),
            works=[
                "ionic liquids",
                "simulation",
                *(["measured ionic liquids"] if points else []),
            ],
            charts={PROPERTIES[key].label: lambda: liquid_figure(lines, dark=False)},
            words=words,
        )
    )


def line_of(
    model: IonicLiquidPredictor, place: int, liquid: IonicLiquid, found: dict[str, Prediction]
) -> figures.Line:
    """The curve of one ionic liquid, with what was measured of it."""
    curve = model.curve(
        liquid,
        state.key,
        temperatures_K=np.linspace(*state.window_K, GRID),
        pressure_kPa=state.pressure_kPa,
    )
    points = figures.on_axes(measured.points(liquid, state.key), curve)
    return figures.Line(
        name=common.liquid_name(liquid),
        liquid=liquid,
        colour=place,
        curve=curve,
        points=figures.near_pressure(points, state.pressure_kPa),
        at=found[state.key],
    )


def liquid_figure(lines: Sequence[figures.Line], *, dark: bool) -> go.Figure:
    """Curves of one property."""
    prop = PROPERTIES[lines[0].curve.key]
    return figures.curve_figure(
        lines,
        prop,
        prop.units[0],
        state.temperature_unit,
        at_x=state.temperature_K,
        scale="log" if prop.transform == "log10" else "linear",
        dark=dark,
    )


def draw(make: Callable[..., go.Figure], words: str) -> None:
    """Put a chart on the page."""
    st.plotly_chart(
        make(dark=common.is_dark()),
        key=f"c_chart_{state.kind}",
        config={"displaylogo": False, "toImageButtonOptions": {"filename": "comparison"}},
        alt=f"{words} against temperature",
    )


# ----------------------------------------------------------------------------------------- solvents


@st.cache_resource(show_spinner=False)
def shipped() -> dict[str, names.CatalogueSolvent]:
    """What is known of the solvents that have a name, by SMILES."""
    return {solvent.smiles: solvent for solvent in names.solvents()}


def solvent_facts(solvent: Solvent) -> dict[str, object]:
    """What is known of a solvent alone."""
    known = shipped().get(solvent.smiles)
    green = None if known is None else known.greenness
    return {
        "solvent": names.solvent_name(solvent.smiles),
        "cas": "" if known is None else known.cas,
        "solvent_smiles": solvent.smiles,
        "molar_mass_g_mol": round(solvent.molar_mass, 3),
        "boiling_point_K": math.nan if known is None else known.boiling_point_K,
        "melting_point_K": math.nan if known is None else known.melting_point_K,
        "flash_point_K": math.nan if known is None else known.flash_point_K,
        "greenness": "" if green is None else green.ranking or "",
        "greenness_by": "" if green is None or green.ranking is None else green.origin,
    }


def degrees(kelvin: float) -> str:
    """A temperature in the unit shown, or that it is not known."""
    if math.isnan(kelvin):
        return "not known"
    return mixtures.temperature(kelvin, state.temperature_unit)


def solvent_card(solvent: Solvent, at: Miscibility | None, place: int, count: int) -> None:
    """One solvent: structure, what the model says of it with the polymer, what is known of it."""
    facts = solvent_facts(solvent)
    with st.container(border=True, width=CARD_WIDTH, gap="xsmall"):
        handles(solvent.smiles, place, count)
        name = names.solvent_name(solvent.smiles)
        short = common.plain(common.shortened(name, 40))
        if kept.polymer is None:
            st.markdown(f"**{short}**")
        else:
            st.page_link(
                "pages/polymer_solvent.py",
                label=f"**{short}**",
                query_params={
                    "polymer": mixtures.polymer_token(kept.polymer.smiles),
                    "solvent": mixtures.solvent_token(solvent.smiles),
                    "T": f"{state.temperature_K:.10g}",
                    "M": f"{state.molar_mass:.10g}",
                },
            )
        with st.container(horizontal_alignment="center", height=105, border=False):
            picture = common.drawing(solvent.smiles, dark=common.is_dark(), height=90, width=134)
            st.image(picture, alt=f"Structure of {common.plain(name)}")
        if at is not None:
            value, low, high = (figures.chi_text(x) for x in (at.chi, at.chi_low, at.chi_high))
            number("χ", value, f"90 %: {low} to {high}", mixtures.SUPPORT[at.support])
            number(
                "Dissolves the polymer",
                figures.percent(at.soluble_probability),
                "probability",
            )
        number(
            "Boils",
            degrees(float(facts["boiling_point_K"])),
            f"melts {degrees(float(facts['melting_point_K']))}",
        )
        green = finding.greenness_words(str(facts["greenness"]), str(facts["greenness_by"]))
        number("Greenness (CHEM21)", green or "not known", f"CAS {facts['cas'] or 'not known'}")


def show_solvents(model: MiscibilityPredictor) -> None:
    """Solvents side by side, and chi against temperature."""
    polymer = kept.polymer
    found = [
        None if polymer is None else model.predict(polymer, solvent, state.temperature_K)
        for solvent in kept.solvents
    ]
    heading(len(found))
    with st.container(horizontal=True, gap="small"):
        for place, (solvent, at) in enumerate(zip(kept.solvents, found, strict=True)):
            solvent_card(solvent, at, place, len(found))
    solvents = list(kept.solvents)
    lines: list[figures.ChiLine] = []
    words = ""
    if polymer is None:
        st.caption("Choose a polymer to see χ, and how likely it is to dissolve.")
    else:
        lines = [
            chi_line(model, polymer, place, solvent, at)
            for place, (solvent, at) in enumerate(zip(solvents, found, strict=True))
            if at is not None
        ]
        draw(lambda *, dark: chi_figure(lines, dark=dark), "Flory-Huggins parameter")
        words = (
            "Line: prediction, with its 90 % interval shaded. Dotted: what COSMO-RS would give. "
            "Dashed level: the critical χ; above it some compositions split in two phases. Grey "
            "bar on the axis: range of the training data; beyond it the lines are dashed."
        )
        st.caption(words)
    share_solvents(model, polymer, lines, words)


def chi_line(
    model: MiscibilityPredictor, polymer: Polymer, place: int, solvent: Solvent, at: Miscibility
) -> figures.ChiLine:
    """Chi of one solvent against temperature, with what was measured of the pair."""
    window = state.window_K
    n = mixtures.sites(polymer.smiles, polymer.molar_mass, state.molar_mass, solvent.smiles)
    return figures.ChiLine(
        name=names.solvent_name(solvent.smiles),
        colour=place,
        curve=model.curve(polymer, solvent, np.linspace(*window, GRID)),
        critical_chi=float(critical_chi(n)),
        measured=figures.points_between(measured.chi_points(polymer, solvent), *window),
        at=at,
    )


def chi_figure(lines: Sequence[figures.ChiLine], *, dark: bool) -> go.Figure:
    """Chi of all solvents."""
    unit = state.temperature_unit
    return figures.chi_curve(lines, unit, at_K=state.temperature_K, dark=dark)


def share_solvents(
    model: MiscibilityPredictor,
    polymer: Polymer | None,
    lines: Sequence[figures.ChiLine],
    words: str,
) -> None:
    """Everything shown, to take along."""
    solvents = list(kept.solvents)
    temperature_K, window = state.temperature_K, state.window_K

    def table() -> pd.DataFrame:
        facts = pd.DataFrame([solvent_facts(solvent) for solvent in solvents])
        if polymer is None:
            return facts.assign(model="")
        numbers = figures.miscibility_table(
            polymer.smiles,
            [solvent.smiles for solvent in solvents],
            lines,
            temperature_K=temperature_K,
            volume_fraction=0.0,
            model=model.card.name,
        )
        return numbers.merge(facts.drop(columns="solvent"), on="solvent_smiles", how="left")

    def recipe() -> export.Recipe:
        if polymer is None:
            return export.solvent_facts_recipe([solvent.smiles for solvent in solvents])
        return export.mixture_recipe(
            (mixtures.polymer_token(polymer.smiles), polymer),
            {names.solvent_name(solvent.smiles): solvent for solvent in solvents},
            temperature_K,
            grid=export.Grid("temperature_K", *window, GRID),
        )

    export_bar(
        Shown(
            PAGE,
            title="Comparison of solvents"
            + (f" for {names.polymer_label(polymer.smiles)}" if polymer else ""),
            card=model.card,
            query=comparing.to_query(state, kept),
            table=table,
            recipe=recipe,
            works=[
                "greenness",
                *(["miscibility", "simulation"] if polymer else []),
                *(["measured chi"] if any(len(line.measured) for line in lines) else []),
            ],
            charts={"Chi": lambda: chi_figure(lines, dark=False)} if lines else {},
            words=words,
        )
    )


# -------------------------------------------------------------------------------------- everything


def show() -> None:
    """The page."""
    st.title("Compare")
    st.segmented_control(
        "What to compare",
        list(comparing.KINDS),
        format_func=counted,
        key=common.seeded("c_kind", state.kind),
        required=True,
        on_change=set_choice,
        args=("kind",),
        label_visibility="collapsed",
        wrap=True,
    )
    rail, main = st.columns([1, 3.4], gap="medium")
    with rail:
        controls()
    with main:
        if not kept.of(state.kind):
            empty()
            if kept.before.get(state.kind):
                st.button("Bring back what was here", icon=":material/undo:", on_click=bring_back)
        elif state.kind == "liquids":
            if (liquid_model := common.predictor()) is not None:
                show_liquids(liquid_model)
        elif (mixture_model := common.miscibility()) is not None:
            show_solvents(mixture_model)


show()
common.publish(PAGE, comparing.to_query(state, kept))
