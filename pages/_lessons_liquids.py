"""Lessons on ionic liquids: chain length, anions, symmetry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import pandas as pd
import streamlit as st

from core import export, figures, names
from core.chemistry import IonicLiquid, combine, parse_ion
from core.properties import PROPERTIES, REFERENCE_PRESSURE_KPA, REFERENCE_TEMPERATURE_K, Property
from pages import _common as common
from pages import _lessons as lessons
from pages._export import Shown

if TYPE_CHECKING:
    from core.predict import IonicLiquidPredictor

LONGEST: Final = 12
CHAIN_PROPERTIES: Final = ("density_kg_m3", "viscosity_mPa_s", "surface_tension_mN_m")

# Family -> cations as name, SMILES, carbon atoms in the chains, and whether they are symmetric.
SYMMETRY: Final = {
    "imidazolium": (
        ("[C1C1im]", "Cn1cc[n+](C)c1", 2, True),
        ("[C2C2im]", "CCn1cc[n+](CC)c1", 4, True),
        ("[C3C1im]", "CCCn1cc[n+](C)c1", 4, False),
        ("[C3C3im]", "CCCn1cc[n+](CCC)c1", 6, True),
        ("[C4C2im]", "CCCCn1cc[n+](CC)c1", 6, False),
        ("[C5C1im]", "CCCCCn1cc[n+](C)c1", 6, False),
        ("[C4C4im]", "CCCCn1cc[n+](CCCC)c1", 8, True),
        ("[C7C1im]", "CCCCCCCn1cc[n+](C)c1", 8, False),
    ),
    "ammonium": (
        ("[N2222]", "CC[N+](CC)(CC)CC", 8, True),
        ("[N1124]", "CCCC[N+](C)(C)CC", 8, False),
        ("[N3333]", "CCC[N+](CCC)(CCC)CCC", 12, True),
        ("[N2226]", "CCCCCC[N+](CC)(CC)CC", 12, False),
        ("[N4444]", "CCCC[N+](CCCC)(CCCC)CCCC", 16, True),
        ("[N2266]", "CCCCCC[N+](CC)(CC)CCCCCC", 16, False),
    ),
}


@st.cache_data(
    show_spinner=False, max_entries=700, hash_funcs={IonicLiquid: lambda liquid: liquid.key}
)
def rungs_of(
    _model: IonicLiquidPredictor,
    model: str,  # noqa: ARG001 - its name is what the cache goes by
    liquids: Mapping[str, IonicLiquid],
    key: str,
    temperature_K: float,
) -> list[figures.Rung]:
    """A series of ionic liquids, by their names, in the first unit of a property."""
    unit, rungs = PROPERTIES[key].units[0], []
    for name, liquid in liquids.items():
        at, mass = _model.predict(liquid, temperature_K)[key], liquid.molar_mass
        value, low, high = (
            float(end) for end in unit.to_display([at.value, at.low, at.high], mass)
        )
        found = unit.to_display(lessons.measured_at(liquid, key, temperature_K), mass)
        rungs.append(figures.Rung(name, value, low, high, [float(point) for point in found]))
    return rungs


def table_of(
    liquids: Mapping[str, IonicLiquid],
    rungs: Mapping[str, Sequence[figures.Rung]],
    temperature_K: float,
    model: str,
) -> pd.DataFrame:
    """What a lesson shows as numbers, one a row: predictions, and what was measured.

    Args:
        liquids: by their names.
        rungs: by the key of their property.
        temperature_K: of what depends on it.
        model: its name.
    """
    rows = []
    for key, series in rungs.items():
        prop = PROPERTIES[key]
        state = {
            "property": prop.label,
            "temperature_K": temperature_K if prop.depends_on_temperature else None,
            "unit": prop.units[0].label,
        }
        for at in series:
            liquid = liquids[at.name]
            about = {
                "ionic_liquid": at.name,
                "cation_smiles": liquid.cation.smiles,
                "anion_smiles": liquid.anion.smiles,
                **state,
            }
            ends = {"value": at.value, "low": at.low, "high": at.high}
            rows.append({**about, "kind": "predicted", **ends, "model": model})
            rows += [
                {**about, "kind": "measured", "value": value, "model": ""} for value in at.measured
            ]
    return pd.DataFrame(rows)


def shown(
    state: lessons.State,
    model: IonicLiquidPredictor,
    liquids: Mapping[str, IonicLiquid],
    rungs: Mapping[str, Sequence[figures.Rung]],
    charts: Mapping[str, lessons.Chart],
) -> Shown:
    """What there is of a lesson to take along."""
    moving = any(PROPERTIES[key].depends_on_temperature for key in rungs)
    temperature_K = state.temperature_K if moving else REFERENCE_TEMPERATURE_K
    return Shown(
        f"{lessons.PAGE}_{state.lesson}",
        title=f"Lesson: {lessons.LESSONS[state.lesson].lower()}",
        card=model.card,
        query=lessons.to_query(state),
        table=partial(table_of, liquids, rungs, temperature_K, model.card.name),
        recipe=partial(export.ionic_liquid_recipe, liquids, temperature_K, REFERENCE_PRESSURE_KPA),
        works=["ionic liquids", "simulation", "measured ionic liquids"],
        charts=charts,
        words=lessons.MARKS,
    )


def title_of(prop: Property) -> str:
    """A property above a chart."""
    return f"<b>{prop.label}</b>  <i>{prop.symbol}</i>"


# ------------------------------------------------------------------------------------------- chain


def paired(cations: Mapping[str, str], anion: str) -> dict[str, IonicLiquid]:
    """Cations, as SMILES by their names, with one anion."""
    partner = names.find_ion(anion, "anion")
    return {
        f"{name}[{anion}]": combine(parse_ion(smiles, "cation"), partner)
        for name, smiles in cations.items()
    }


def chain(state: lessons.State, model: IonicLiquidPredictor) -> Shown:
    """Chain length of imidazolium."""
    st.header("What does a longer chain do?")
    st.markdown(
        "The cation is 1-alkyl-3-methylimidazolium, [Cₙmim]⁺, and its chain grows from methyl to "
        "dodecyl. Every CH₂ adds more room than mass, so the **density falls**. It also adds "
        "attraction between chains, so the **viscosity rises**, but not from the first step on: "
        "the small, symmetric dimethyl cation packs tightly, and going to ethyl loosens that more "
        "than it adds attraction. With weakly binding anions the viscosity therefore has a "
        "**minimum at a short chain**. The **surface tension falls**: chains turn to the air, and "
        "the surface becomes like that of an alkane."
    )
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        lessons.pick(state, "anion", "Anion", lessons.CHAIN_ANIONS)
        with st.container(width=320):
            lessons.temperature_slider(state)
    columns = st.columns(3)
    lengths = range(1, LONGEST + 1)
    liquids = paired({f"[C{n}mim]": f"{'C' * n}n1cc[n+](C)c1" for n in lengths}, state.anion)
    found: dict[str, list[figures.Rung]] = {}
    charts: dict[str, lessons.Chart] = {}
    for column, key in zip(columns, CHAIN_PROPERTIES, strict=True):
        prop = PROPERTIES[key]
        found[key] = rungs_of(model, model.card.name, liquids, key, state.temperature_K)
        with column:
            charts |= lessons.draw(
                partial(
                    figures.series_figure,
                    lengths,
                    found[key],
                    prop.units[0],
                    title=title_of(prop),
                    x_title="Carbon atoms of the chain n",
                    log=prop.transform == "log10",
                ),
                f"chain_{key}",
                prop.label,
                f"{prop.label} against the length of the chain",
            )
    st.markdown(minimum_words(found["viscosity_mPa_s"], state.anion))
    st.caption(lessons.MARKS)
    lessons.read_more("Tokuda 2005")
    return shown(state, model, liquids, found, charts)


def minimum_words(rungs: Sequence[figures.Rung], anion: str) -> str:
    """What model and measurements say of the minimum of the viscosity, honestly."""
    least = min(range(len(rungs)), key=lambda i: rungs[i].value)
    name = common.plain(f"[Cₙmim][{anion}]")
    if least == 0:
        return f"**Here:** the model sees no minimum for {name}; the methyl compound flows best."
    first, best = rungs[0], rungs[least]
    apart = first.low > best.high
    numbers = [figures.rounded(at.value, at.low, at.high) for at in (best, first)]
    words = (
        f"**Here:** the model puts the minimum of {name} at n = {least + 1} "
        f"({numbers[0][0]} mPa·s, against {numbers[1][0]} for n = 1); "
    )
    words += (
        "their 90 % intervals do not overlap, so the minimum is real to the model."
        if apart
        else "but the 90 % intervals of the two overlap, so the model alone cannot prove it."
    )
    seen = {i + 1: at.measured[0] for i, at in enumerate(rungs) if at.measured}
    if 1 not in seen or least + 1 not in seen:
        missing = 1 if 1 not in seen else least + 1
        return (
            f"{words} The measurements shown here lack n = {missing} at this temperature, so they "
            "cannot decide."
        )
    lowest = min(seen, key=lambda n: seen[n])
    first_seen = f"{figures.written(seen[1])} mPa·s at n = 1"
    if lowest > 1:
        words += (
            f" Measurements agree: {first_seen}, {figures.written(seen[lowest])} at n = {lowest}."
        )
    else:
        words += (
            f" Measurements do not show it: {first_seen}, {figures.written(seen[least + 1])} at "
            f"n = {least + 1}."
        )
    return words


# ------------------------------------------------------------------------------------------ anions


def with_anions(cation: str) -> dict[str, IonicLiquid]:
    """One cation with all the anions."""
    partner = names.find_ion(cation, "cation")
    return {
        f"[{cation}][{name}]": combine(partner, names.find_ion(name, "anion"))
        for name in lessons.ANIONS
    }


def anions(state: lessons.State, model: IonicLiquidPredictor) -> Shown:
    """One cation, many anions."""
    st.header("What does the anion do?")
    st.markdown(
        "Halides and acetate hold their charge in one place and accept hydrogen bonds from the "
        "cation: they bind strongly, so the liquids are thick. Dicyanamide and bis(triflyl)imide "
        "spread the charge over many atoms, and the imide can change its shape: they bind weakly "
        "and flow well. The density follows the mass of the anion for its size, not its binding."
    )
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        lessons.pick(state, "cation", "Cation", lessons.CATIONS)
        lessons.pick(state, "of", "Property", list(PROPERTIES), lambda key: PROPERTIES[key].label)
        if PROPERTIES[state.of].depends_on_temperature:
            with st.container(width=320):
                lessons.temperature_slider(state)
    prop = PROPERTIES[state.of]
    liquids = with_anions(state.cation)
    rungs = rungs_of(model, model.card.name, liquids, prop.key, state.temperature_K)
    rungs.sort(key=lambda at: -at.value)
    charts = lessons.draw(
        partial(
            figures.ladder_figure,
            rungs,
            prop.units[0],
            title=title_of(prop),
            log=prop.transform == "log10",
        ),
        "anions",
        prop.label,
        f"{prop.label} of one cation with many anions",
    )
    st.markdown(ends_words(rungs, prop))
    st.caption(lessons.MARKS)
    lessons.read_more("Tokuda 2004")
    return shown(state, model, liquids, {prop.key: rungs}, charts)


def ends_words(rungs: Sequence[figures.Rung], prop: Property) -> str:
    """How far the series reaches, and what of its order is sure."""
    top, bottom = rungs[0], rungs[-1]
    unit = prop.units[0].label
    high, low = (figures.rounded(at.value, at.low, at.high)[0] for at in (top, bottom))
    unsure = sum(one.low < other.high for one, other in pairwise(rungs))
    words = (
        f"**Here:** from {common.plain(bottom.name)} ({low} {unit}) to {common.plain(top.name)} "
        f"({high} {unit})"
    )
    if prop.transform == "log10":
        words += f", a factor of {figures.written(top.value / bottom.value, 2)}"
    return (
        f"{words}. Of the {len(rungs) - 1} steps of the ladder, {unsure} lie between neighbours "
        "whose intervals overlap: their order is not sure."
    )


# ---------------------------------------------------------------------------------------- symmetry


def symmetry(state: lessons.State, model: IonicLiquidPredictor) -> Shown:
    """Why asymmetry lowers the melting point."""
    st.header("Why does asymmetry lower the melting point?")
    st.markdown(
        "A salt melts where crystal and liquid have the same free energy, at *T*ₘ = Δ*H*/Δ*S*. A "
        "cation with unlike chains packs badly, so its crystal holds less firmly: a smaller "
        "Δ*H*. A symmetric cation fits into its place in the crystal in several equal ways, so "
        "melting frees it less: a smaller Δ*S*. Both act in one direction: **of two cations with "
        "equally many carbon atoms, the symmetric one melts higher.**"
    )
    with st.container(horizontal=True, gap="medium"):
        lessons.pick(state, "family", "Cations", lessons.FAMILIES, str.capitalize)
        lessons.pick(state, "anion", "Anion", lessons.CHAIN_ANIONS)
    prop = PROPERTIES["melting_point_K"]
    rows = SYMMETRY[state.family]
    liquids = paired({name: smiles for name, smiles, _, _ in rows}, state.anion)
    found = rungs_of(model, model.card.name, liquids, prop.key, REFERENCE_TEMPERATURE_K)
    rungs = [
        replace(at, name=f"{name}  {carbons} C", strong=symmetric)
        for at, (name, _, carbons, symmetric) in zip(found, rows, strict=True)
    ]
    charts = lessons.draw(
        partial(figures.ladder_figure, rungs, prop.units[0], title=title_of(prop)),
        "symmetry",
        prop.label,
        "Melting points of symmetric and asymmetric cations",
    )
    st.markdown(pairs_words(rungs))
    st.caption(
        "Coloured dots: symmetric cations; grey: asymmetric ones; bars: the 90 % interval. The "
        "number behind a name counts the carbon atoms of the chains. Open diamonds: measured "
        "(NIST ILThermo, state of 2018)."
    )
    lessons.read_more("Krossing 2006", "Lopez-Martin 2007")
    return shown(state, model, liquids, {prop.key: found}, charts)


def pairs_words(rungs: Sequence[figures.Rung]) -> str:
    """In how many pairs of equal size the symmetric cation melts higher, and how sure that is."""
    groups: dict[str, list[figures.Rung]] = {}
    for at in rungs:
        groups.setdefault(at.name.split("  ")[1], []).append(at)
    pairs = [
        (one, other)
        for group in groups.values()
        for one in group
        for other in group
        if one.strong and not other.strong
    ]
    higher = sum(one.value > other.value for one, other in pairs)
    sure = sum(one.low > other.high for one, other in pairs)
    return (
        f"**Here:** in {higher} of {len(pairs)} pairs of equal size the model puts the symmetric "
        f"cation higher; in {sure} of them the intervals do not overlap. Melting points are the "
        "property that is hardest to predict, because crystals decide them, so read this as a "
        "trend."
    )
