"""Lessons on ionic liquids: chain length, anions, symmetry."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import streamlit as st

from core import figures
from core.chemistry import IonicLiquid, combine, parse_ion
from core.properties import PROPERTIES, Property
from pages import _common as common
from pages import _lessons as lessons

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


def rung(
    model: IonicLiquidPredictor,
    liquid: IonicLiquid,
    prop: Property,
    temperature_K: float,
    name: str,
    *,
    strong: bool = True,
) -> figures.Rung:
    """One ionic liquid of a series, in the first unit of the property."""
    at, unit, mass = (
        model.predict(liquid, temperature_K)[prop.key],
        prop.units[0],
        liquid.molar_mass,
    )
    value, low, high = (float(end) for end in unit.to_display([at.value, at.low, at.high], mass))
    found = lessons.measured_at(liquid, prop.key, temperature_K)
    return figures.Rung(
        name, value, low, high, [float(v) for v in unit.to_display(found, mass)], strong=strong
    )


def title_of(prop: Property) -> str:
    """A property above a chart."""
    return f"<b>{prop.label}</b>  <i>{prop.symbol}</i>"


# ------------------------------------------------------------------------------------------- chain


@st.cache_data(show_spinner=False, max_entries=300)
def chain_rungs(
    _model: IonicLiquidPredictor,
    model: str,  # noqa: ARG001 - its name is what the cache goes by
    anion: str,
    temperature_K: float,
    key: str,
) -> list[figures.Rung]:
    """The series of 1-alkyl-3-methylimidazolium with one anion."""
    partner = lessons.ion_named(anion, "anion")
    assert partner is not None  # noqa: S101 - the lists hold names that are known
    return [
        rung(
            _model,
            combine(parse_ion(f"{'C' * n}n1cc[n+](C)c1", "cation"), partner),
            PROPERTIES[key],
            temperature_K,
            f"[C{n}mim][{anion}]",
        )
        for n in range(1, LONGEST + 1)
    ]


def chain(state: lessons.State, model: IonicLiquidPredictor) -> None:
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
    found = {}
    for column, key in zip(columns, CHAIN_PROPERTIES, strict=True):
        prop = PROPERTIES[key]
        found[key] = chain_rungs(model, model.card.name, state.anion, state.temperature_K, key)
        with column:
            lessons.draw(
                figures.series_figure(
                    range(1, LONGEST + 1),
                    found[key],
                    prop.units[0],
                    title=title_of(prop),
                    x_title="Carbon atoms of the chain n",
                    log=prop.transform == "log10",
                    dark=common.is_dark(),
                ),
                f"chain_{key}",
                f"{prop.label} against the length of the chain",
            )
    st.markdown(minimum_words(found["viscosity_mPa_s"], state.anion))
    st.caption(lessons.MARKS)
    lessons.read_more("Tokuda 2005")


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
    if lowest > 1:
        words += (
            f" Measurements agree: {seen[1]:.3g} mPa·s at n = 1, {seen[lowest]:.3g} at n = "
            f"{lowest}."
        )
    else:
        words += (
            f" Measurements do not show it: {seen[1]:.3g} mPa·s at n = 1, {seen[least + 1]:.3g} at "
            f"n = {least + 1}."
        )
    return words


# ------------------------------------------------------------------------------------------ anions


@st.cache_data(show_spinner=False, max_entries=300)
def anion_rungs(
    _model: IonicLiquidPredictor,
    model: str,  # noqa: ARG001 - its name is what the cache goes by
    cation: str,
    temperature_K: float,
    key: str,
) -> list[figures.Rung]:
    """One cation with all the anions, the highest value first."""
    partner = lessons.ion_named(cation, "cation")
    anions = [(name, lessons.ion_named(name, "anion")) for name in lessons.ANIONS]
    rungs = [
        rung(_model, combine(partner, ion), PROPERTIES[key], temperature_K, f"[{cation}][{name}]")
        for name, ion in anions
        if partner is not None and ion is not None
    ]
    return sorted(rungs, key=lambda at: -at.value)


def anions(state: lessons.State, model: IonicLiquidPredictor) -> None:
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
    rungs = anion_rungs(model, model.card.name, state.cation, state.temperature_K, prop.key)
    lessons.draw(
        figures.ladder_figure(
            rungs,
            prop.units[0],
            title=title_of(prop),
            log=prop.transform == "log10",
            dark=common.is_dark(),
        ),
        "anions",
        f"{prop.label} of one cation with many anions",
    )
    st.markdown(ends_words(rungs, prop))
    st.caption(lessons.MARKS)
    lessons.read_more("Tokuda 2004")


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
        words += f", a factor of {float(f'{top.value / bottom.value:.2g}'):,.6g}"
    return (
        f"{words}. Of the {len(rungs) - 1} steps of the ladder, {unsure} lie between neighbours "
        "whose intervals overlap: their order is not sure."
    )


# ---------------------------------------------------------------------------------------- symmetry


@st.cache_data(show_spinner=False, max_entries=50)
def symmetry_rungs(
    _model: IonicLiquidPredictor,
    model: str,  # noqa: ARG001 - its name is what the cache goes by
    family: str,
    anion: str,
) -> list[figures.Rung]:
    """Symmetric and asymmetric cations with one anion."""
    partner = lessons.ion_named(anion, "anion")
    assert partner is not None  # noqa: S101 - the lists hold names that are known
    return [
        rung(
            _model,
            combine(parse_ion(smiles, "cation"), partner),
            PROPERTIES["melting_point_K"],
            298.15,
            f"{name}  {carbons} C",
            strong=symmetric,
        )
        for name, smiles, carbons, symmetric in SYMMETRY[family]
    ]


def symmetry(state: lessons.State, model: IonicLiquidPredictor) -> None:
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
    rungs = symmetry_rungs(model, model.card.name, state.family, state.anion)
    lessons.draw(
        figures.ladder_figure(rungs, prop.units[0], title=title_of(prop), dark=common.is_dark()),
        "symmetry",
        "Melting points of symmetric and asymmetric cations",
    )
    st.markdown(pairs_words(rungs))
    st.caption(
        "Coloured dots: symmetric cations; grey: asymmetric ones; bars: the 90 % interval. The "
        "number behind a name counts the carbon atoms of the chains. Open diamonds: measured "
        "(NIST ILThermo, state of 2018)."
    )
    lessons.read_more("Krossing 2006", "Lopez-Martin 2007")


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
