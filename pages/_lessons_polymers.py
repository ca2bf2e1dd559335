"""Lessons on polymers in solvents: Flory and Huggins, Hansen's sphere and the learned one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import streamlit as st

from core import export, figures, names
from core.properties import REFERENCE_TEMPERATURE_K, TEMPERATURE_UNITS
from core.screen.hansen import hansen_of
from core.thermodynamics import (
    binodal,
    critical_point,
    free_energy_of_mixing,
    hansen_distance,
    phase_diagram,
    spinodal,
)
from pages import _common as common
from pages import _lessons as lessons
from pages import _mixtures as mixtures
from pages._export import Shown

if TYPE_CHECKING:
    from core.maps import Body
    from core.predict import MiscibilityPredictor
    from core.thermodynamics import PhaseDiagram

WINDOW_K: Final = (253.15, 453.15)
PHI: Final = np.linspace(0.0, 1.0, 401)
SURE: Final = 0.5
SOLVENTS: Final = (
    "hexane", "heptane", "cyclohexane", "benzene", "toluene", "1,4-dioxane", "tetrahydrofuran",
    "diethyl ether", "anisole", "acetone", "2-butanone", "cyclohexanone", "ethyl acetate",
    "butyl acetate", "chloroform", "dichloromethane", "chlorobenzene", "acetonitrile",
    "nitromethane", "N,N-dimethylformamide", "dimethyl sulfoxide", "pyridine", "methanol",
    "ethanol", "2-propanol", "1-butanol", "ethylene glycol", "formamide", "acetic acid", "water",
)  # fmt: skip


# ----------------------------------------------------------------------------- Flory and Huggins


def chi_of(state: lessons.State) -> float:
    """Chi at the chosen temperature."""
    return state.chi if state.form == "chi" else state.A + state.B / state.temperature_K


def flory(state: lessons.State) -> Shown:
    """Free energy, spinodal, binodal, critical point."""
    st.header("When does a polymer solution split in two?")
    st.markdown(
        "Flory and Huggins put chains of *N* segments and solvent molecules on a lattice. Mixing "
        "gains entropy, but a chain counts as one molecule, however many sites it fills; the "
        "contacts cost χ φ (1 − φ), where φ is the volume fraction of the polymer. Per mole of "
        "lattice sites:"
    )
    st.latex(
        r"\begin{aligned} \frac{\Delta G_\mathrm{mix}}{RT} = {} & \frac{\varphi}{N}\ln\varphi + "
        r"(1-\varphi)\ln(1-\varphi) \\ & + \chi\,\varphi\,(1-\varphi) \end{aligned}"
    )
    controls(state)
    chi, n = chi_of(state), float(state.n)
    phi_c, chi_c = (float(value) for value in critical_point(n))
    left, right = st.columns(2)
    with left:
        charts = free_energy(chi, n, split=chi > chi_c)
    with right:
        if state.form == "chi":
            charts |= chi_against_composition(chi, n, phi_c, chi_c)
        else:
            charts |= temperature_against_composition(state)
    st.markdown(words(chi, n, phi_c, chi_c))
    st.caption(
        "Binodal: the compositions of the two phases, where one line touches the curve of the free "
        "energy twice, so that both components have the same chemical potential in both. Spinodal: "
        "where the curve bends the other way, and the solution cannot even stay as it is. Both "
        "meet at the critical point, φ = 1/(1 + √N) and χ = (1 + 1/√N)²/2."
    )
    lessons.read_more("Flory 1942")
    return Shown(
        f"{lessons.PAGE}_{state.lesson}",
        title=f"Flory and Huggins: N = {state.n}, χ = {figures.chi_text(chi)}",
        card=None,
        query=lessons.to_query(state),
        table=partial(flory_table, state),
        recipe=partial(flory_recipe, state),
        works=["Flory-Huggins"],
        charts=charts,
        words="Binodal: the compositions of the two phases. Spinodal: where a solution cannot even "
        "stay as it is. Both meet at the critical point.",
        ways=("Link", "Python", "BibTeX"),
    )


def controls(state: lessons.State) -> None:
    """Sliders for N and for chi, given directly or by A and B."""
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        lessons.pick(
            state,
            "form",
            "χ is",
            ("chi", "AB"),
            lambda form: {"chi": "given", "AB": "A + B/T"}[form],
        )
        with st.container(width=280):
            st.select_slider(
                "Segments of a chain N",
                lessons.SEGMENTS,
                key=common.seeded("l_n", state.n),
                on_change=lessons.take,
                args=("n",),
            )
        if state.form == "chi":
            number(state, "chi", "χ", 0.01)
        else:
            number(state, "A", "A (entropy)", 0.05)
            number(state, "B", "B / K (heat)", 10.0)
            with st.container(width=280):
                lessons.temperature_slider(state)


def number(state: lessons.State, name: str, label: str, step: float) -> None:
    """A slider of a number."""
    low, high = lessons.LIMITS[name]
    with st.container(width=280):
        st.slider(
            label,
            low,
            high,
            step=step,
            format="%.6g",
            key=common.seeded(f"l_{name}", float(getattr(state, name))),
            on_change=lessons.take,
            args=(name,),
        )


def flory_recipe(state: lessons.State) -> export.Recipe:
    """What computes the numbers anew."""
    n = float(state.n)
    if state.form == "chi":
        return export.solution_recipe(n, chi=state.chi)
    return export.solution_recipe(n, heat=(state.A, state.B, state.temperature_K))


def diagram_of(state: lessons.State) -> PhaseDiagram:
    """Two phases against temperature, from A and B."""
    return phase_diagram(
        lambda at: state.A + state.B / at, float(state.n), np.linspace(*WINDOW_K, 201)
    )


def flory_table(state: lessons.State) -> pd.DataFrame:
    """The curve of the free energy, the points on it, and the two phases against temperature."""
    chi, n = chi_of(state), float(state.n)
    phi_c, chi_c = (float(value) for value in critical_point(n))
    rows: list[dict[str, object]] = [
        {"kind": "free energy", "phi": at, "chi": chi, "free_energy_RT": energy}
        for at, energy in zip(PHI, free_energy_of_mixing(PHI, chi, n), strict=True)
    ]
    rows.append({"kind": "critical point", "phi": phi_c, "chi": chi_c})
    if chi > chi_c:
        for kind, ends in (("binodal", binodal(chi, n)), ("spinodal", spinodal(chi, n))):
            rows += [{"kind": kind, "phi": float(at), "chi": chi} for at in ends]
    table = pd.DataFrame(rows)
    if state.form == "chi":
        return table
    gaps = [
        pd.DataFrame({"kind": kind, "phi": phi, "temperature_K": gap.temperature_K})
        for gap in diagram_of(state).gaps
        for kind, ends in (
            ("binodal against temperature", (gap.dilute, gap.concentrated)),
            ("spinodal against temperature", (gap.spinodal_low, gap.spinodal_high)),
        )
        for phi in ends
    ]
    table["temperature_K"] = np.where(table["chi"] == chi, state.temperature_K, np.nan)
    for gap in gaps:
        gap["chi"] = state.A + state.B / gap["temperature_K"]
    return pd.concat([table, *gaps], ignore_index=True)


def free_energy(chi: float, n: float, *, split: bool) -> dict[str, lessons.Chart]:
    """The curve, its common tangent and its inflexions."""
    ends: list[list[tuple[float, float]]] = [[], []]
    if split:
        for place, found in enumerate((binodal(chi, n), spinodal(chi, n))):
            ends[place] = [(float(at), float(free_energy_of_mixing(at, chi, n))) for at in found]
    return lessons.draw(
        partial(
            figures.free_energy_figure,
            PHI,
            free_energy_of_mixing(PHI, chi, n),
            binodal=ends[0],
            spinodal=ends[1],
        ),
        "free_energy",
        "Free energy of mixing",
        "Free energy of mixing against composition",
    )


def chi_against_composition(
    chi: float, n: float, phi_c: float, chi_c: float
) -> dict[str, lessons.Chart]:
    """Binodal and spinodal, from the critical chi upwards."""
    top = max(chi, chi_c) + 0.4
    rising = chi_c + (top - chi_c) * np.linspace(0.02, 1.0, 60) ** 2
    return lessons.draw(
        partial(
            figures.chi_diagram,
            rising,
            binodal(rising, n),
            spinodal(rising, n),
            critical=(phi_c, chi_c),
            at_chi=chi,
        ),
        "chi_diagram",
        "Phase diagram",
        "Binodal and spinodal: χ against composition",
    )


def temperature_against_composition(state: lessons.State) -> dict[str, lessons.Chart]:
    """The same with temperature."""
    found = diagram_of(state)
    unit = TEMPERATURE_UNITS[0]
    line = figures.PhaseLine("solution", 0, found, found, found)
    charts = lessons.draw(
        partial(figures.phase_diagram, [line], unit, at_K=state.temperature_K),
        "phases",
        "Phase diagram",
        "Phase diagram: temperature against composition",
    )
    st.caption(f"It {mixtures.diagram_words(found, unit)}.")
    return charts


def words(chi: float, n: float, phi_c: float, chi_c: float) -> str:
    """What the chosen numbers mean."""
    start = (
        f"**Here:** χ = {figures.chi_text(chi)}, and the critical point lies at χ = {chi_c:.3f}, "
        f"φ = {phi_c:.2g}. "
    )
    if chi <= chi_c:
        return start + "Every composition is one phase; longer chains would lower the critical χ."
    dilute, concentrated = (float(end) for end in binodal(chi, n))
    text = f"{dilute:.2g}" if dilute >= 1e-4 else "almost 0"
    return (
        f"{start}Compositions from φ = {text} to {concentrated:.2g} split into these two phases: "
        "one is nearly pure solvent, the other a swollen polymer."
        if n >= 10.0
        else f"{start}Compositions from φ = {text} to {concentrated:.2g} split into two phases."
    )


# ----------------------------------------------------------------------------------------- spheres


@st.cache_resource(show_spinner="Cutting the sphere …", max_entries=16)
def body_of(
    _model: MiscibilityPredictor,
    model: str,  # noqa: ARG001 - its name is what the cache goes by
    polymer: str,
) -> tuple[Body, tuple[str, ...], np.ndarray, np.ndarray, tuple[float, ...]]:
    """The sphere in three axes; the solvents, their Hansen parameters and probabilities.

    Returns:
        The body, names of n solvents, Hansen parameters (n, 3), probabilities of dissolving (n,),
        and Hansen parameters of the polymer.
    """
    from core.maps import generalised_sphere  # noqa: PLC0415 - brings torch along

    found = [names.find_solvent(name) for name in SOLVENTS]
    unit = names.find_polymer(polymer)
    many = _model.predict_many(
        [unit] * len(found), found, np.full(len(found), 298.15), np.full(len(found), np.nan)
    )
    return (
        generalised_sphere(_model, unit.smiles, [solvent.smiles for solvent in found]),
        SOLVENTS,
        np.array([hansen_of(_model, solvent).parameters for solvent in found]),
        many.soluble_probability,
        hansen_of(_model, unit).parameters,
    )


def hansen(state: lessons.State, model: MiscibilityPredictor) -> Shown:
    """Hansen's sphere beside the one the network has learned."""
    latent = model.card.networks["network"]["config"]["latent"]
    st.header("Can a sphere tell what dissolves?")
    st.markdown(
        "Hansen gives every molecule three numbers, for dispersion, polarity and hydrogen bonds, "
        "and every polymer a radius R₀: solvents inside the sphere, at a distance Ra < R₀, "
        "should dissolve it. **Choose R₀ so that the sphere holds the dots and leaves out the "
        f"squares.** The network generalises this: it has learned {latent} axes of its own instead "
        "of three, and a radius in each. The second shape is its sphere, cut along the three "
        "axes in which these solvents differ most."
    )
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        lessons.pick(state, "polymer", "Polymer", lessons.POLYMERS)
        number(state, "radius", "Radius R₀ / MPa⁰·⁵", 0.5)
    body, solvents, places, probability, centre = body_of(model, model.card.name, state.polymer)
    dissolves = probability > SURE
    distance = np.asarray(hansen_distance(places, np.array(centre)))
    inside = distance < state.radius
    texts = [
        f"model: {figures.percent(float(share))} that it dissolves<br>Ra = {far:.1f} MPa⁰·⁵"
        for share, far in zip(probability, distance, strict=True)
    ]
    x, y, z = (float(value) for value in centre)
    left, right = st.columns(2)
    with left:
        charts = lessons.draw(
            partial(
                figures.sorted_by_hansen,
                figures.Highlight(state.polymer, (x, y, z)),
                state.radius,
                figures.Verdicts(solvents, places, dissolves, texts),
            ),
            "hansen",
            "Hansen sphere",
            "Hansen's sphere of the polymer among solvents",
        )
        st.markdown(score_words(inside, dissolves, solvents))
    with right:
        charts |= lessons.draw(
            partial(
                figures.generalised_sphere,
                figures.Verdicts(solvents, body.places, dissolves, texts),
                body.axes,
                body.probability,
            ),
            "generalised",
            "The learned sphere",
            "The learned sphere of the polymer among the same solvents",
        )
        cut = body.cut > SURE
        st.markdown(
            f"The cut sorts {int(np.sum(cut == dissolves))} of {len(solvents)} solvents as the "
            f"full model does; three axes hold {100.0 * float(body.explained.sum()):.0f} % of how "
            "these solvents differ to it."
        )
    st.caption(
        "Dots: solvents in which the full model gives a chance above 50 % to dissolve at 25 °C; "
        "squares: the others. These are predictions, not observations. Hansen parameters: of "
        "handbooks where they have the molecule, else the network's. Drag to turn; point at a "
        "mark to see its name."
    )
    lessons.read_more("Hansen 2007", "Aoki 2023")
    found = {name: names.find_solvent(name) for name in solvents}
    table = pd.DataFrame(
        {
            "polymer": state.polymer,
            "solvent": solvents,
            "solvent_smiles": [solvent.smiles for solvent in found.values()],
            **{f"delta_{part}_MPa05": places[:, i] for i, part in enumerate("dph")},
            "distance_MPa05": distance,
            "radius_MPa05": state.radius,
            "inside": inside,
            "temperature_K": REFERENCE_TEMPERATURE_K,
            "soluble_probability": probability,
        }
    )
    return Shown(
        f"{lessons.PAGE}_{state.lesson}",
        title=f"Spheres: {state.polymer} among {len(solvents)} solvents",
        card=model.card,
        query=lessons.to_query(state),
        table=lambda: table,
        recipe=lambda: export.mixture_recipe(
            (state.polymer, names.find_polymer(state.polymer)), found, REFERENCE_TEMPERATURE_K
        ),
        works=["miscibility", "simulation", "Hansen parameters"],
        charts=charts,
        words="Dots: solvents in which the full model gives a chance above 50 % to dissolve at "
        "25 °C; squares: the others. These are predictions, not observations.",
    )


def score_words(inside: np.ndarray, dissolves: np.ndarray, solvents: tuple[str, ...]) -> str:
    """How many solvents the sphere sorts as the model does, and which it does not."""
    right = int(np.sum(inside == dissolves))
    missed = [name for name, i, d in zip(solvents, inside, dissolves, strict=True) if d and not i]
    wrong = [name for name, i, d in zip(solvents, inside, dissolves, strict=True) if i and not d]
    text = f"Your sphere sorts **{right} of {len(solvents)}** solvents as the full model does."
    if missed:
        text += f" Left out though it dissolves: {common.plain(listed(missed))}."
    if wrong:
        text += f" Inside though it does not: {common.plain(listed(wrong))}."
    return text


def listed(found: list[str], most: int = 4) -> str:
    """A few names."""
    more = f" and {len(found) - most} more" if len(found) > most else ""
    return ", ".join(found[:most]) + more
