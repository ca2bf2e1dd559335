"""What all lessons share: which there are, their state in the URL, their references."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import streamlit as st

from core import figures, measured
from core.chemistry import IonicLiquid
from core.properties import PROPERTIES, REFERENCE_TEMPERATURE_K
from pages import _common as common

if TYPE_CHECKING:
    import plotly.graph_objects as go

PAGE: Final = "learn"
Chart = Callable[..., "go.Figure"]  # drawn for a white page, or for a dark one
LESSONS: Final[Mapping[str, str]] = {
    "chain": "Chain length",
    "anions": "Anions",
    "symmetry": "Symmetry and melting",
    "flory": "Flory and Huggins",
    "hansen": "Spheres",
    "guess": "Guess first",
}
TEMPERATURES_K: Final = (283.15, 373.15)
SEEDS: Final = 999


@dataclass
class State:
    """What the page shows; all of it stands in the URL, each lesson with its own part.

    Attributes:
        lesson: which.
        anion: abbreviation of the anion of the chain and symmetry lessons.
        cation: abbreviation of the cation of the anion lesson.
        temperature_K: of the lessons on ionic liquids.
        of: the property of the anion lesson.
        family: of the cations of the symmetry lesson.
        form: of chi in the lesson on Flory and Huggins, ``"chi"`` or ``"AB"``.
        n: segments of a chain.
        chi: where it is given.
        A: of chi = A + B/T.
        B: the same, in kelvin.
        polymer: name of the polymer of the lesson on spheres.
        radius: of Hansen's sphere, MPa^0.5.
        seed: of the questions.
        number: which question, from 1.
    """

    lesson: str = "chain"
    anion: str = "Tf2N"
    cation: str = "C4mim"
    temperature_K: float = REFERENCE_TEMPERATURE_K
    of: str = "viscosity_mPa_s"
    family: str = "imidazolium"
    form: str = "chi"
    n: int = 100
    chi: float = 0.8
    A: float = -0.6
    B: float = 400.0
    polymer: str = "PS"
    radius: float = 8.0
    seed: int = 1
    number: int = 1


PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "chain": ("anion", "temperature_K"),
    "anions": ("cation", "of", "temperature_K"),
    "symmetry": ("family", "anion"),
    "flory": ("form", "n", "chi", "A", "B", "temperature_K"),
    "hansen": ("polymer", "radius"),
    "guess": ("seed", "number"),
}
CHAIN_ANIONS: Final = ("Tf2N", "BF4", "PF6", "OTf", "DCA", "EtSO4", "OAc", "Cl", "Br")
CATIONS: Final = ("C2mim", "C4mim", "C6mim", "C8mim", "C4mpyrr", "C4py", "N1114", "P66614")
ANIONS: Final = ("Cl", "Br", "OAc", "PF6", "BF4", "OTf", "EtSO4", "Tf2N", "SCN", "DCA")
FAMILIES: Final = ("imidazolium", "ammonium")
SEGMENTS: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000)
POLYMERS: Final = ("PS", "PMMA", "PEO", "PVC", "PVAc", "PDMS", "PIB", "PVA")
ALLOWED: Final[Mapping[str, Sequence[object]]] = {
    "anion": CHAIN_ANIONS,
    "cation": CATIONS,
    "of": tuple(PROPERTIES),
    "family": FAMILIES,
    "form": ("chi", "AB"),
    "n": SEGMENTS,
    "polymer": POLYMERS,
}
LIMITS: Final[Mapping[str, tuple[float, float]]] = {
    "temperature_K": TEMPERATURES_K,
    "chi": (-1.0, 3.0),
    "A": (-2.0, 2.0),
    "B": (-1000.0, 1000.0),
    "radius": (2.0, 20.0),
    "seed": (1.0, SEEDS),
    "number": (1.0, 6.0),
}


def to_query(state: State) -> dict[str, list[str]]:
    """Write the part of a state that its lesson shows as query parameters."""
    query = {"lesson": [state.lesson]}
    for name in PARTS[state.lesson]:
        value = getattr(state, name)
        query[name] = [f"{value:.10g}" if isinstance(value, float) else str(value)]
    return query


def from_query(query: Mapping[str, list[str]]) -> State:
    """Read a state from query parameters; what cannot be read keeps its default."""
    state = State()
    first = {name: values[0].strip() for name, values in query.items() if values}
    if first.get("lesson") in LESSONS:
        state.lesson = first["lesson"]
    for name, allowed in ALLOWED.items():
        found = next((value for value in allowed if str(value) == first.get(name)), None)
        if found is not None:
            setattr(state, name, found)
    for name, limits in LIMITS.items():
        default = getattr(state, name)
        value = common.number(first.get(name), float(default), limits)
        setattr(state, name, int(value) if isinstance(default, int) else value)
    return state


# ------------------------------------------------------------------------------------------ words

# Key -> as one would cite it, and its DOI.
REFERENCES: Final[Mapping[str, tuple[str, str]]] = {
    "Tokuda 2005": (
        (
            "H. Tokuda et al., Physicochemical properties and structures of room temperature ionic "
            "liquids. 2. Variation of alkyl chain length in imidazolium cation, J. Phys. Chem. B "
            "2005, 109, 6103"
        ),
        "10.1021/jp044626d",
    ),
    "Tokuda 2004": (
        (
            "H. Tokuda et al., Physicochemical properties and structures of room temperature ionic "
            "liquids. 1. Variation of anionic species, J. Phys. Chem. B 2004, 108, 16593"
        ),
        "10.1021/jp047480r",
    ),
    "Krossing 2006": (
        (
            "I. Krossing et al., Why are ionic liquids liquid? A simple explanation based on "
            "lattice and solvation energies, J. Am. Chem. Soc. 2006, 128, 13427"
        ),
        "10.1021/ja0619612",
    ),
    "Lopez-Martin 2007": (
        (
            "I. López-Martin et al., Anion and cation effects on imidazolium salt melting "
            "points: a descriptor modelling study, ChemPhysChem 2007, 8, 690"
        ),
        "10.1002/cphc.200600637",
    ),
    "Flory 1942": (
        "P. J. Flory, Thermodynamics of high polymer solutions, J. Chem. Phys. 1942, 10, 51",
        "10.1063/1.1723621",
    ),
    "Hansen 2007": (
        "C. M. Hansen, Hansen solubility parameters: a user's handbook, 2nd ed., CRC Press 2007",
        "10.1201/9781420006834",
    ),
    "Aoki 2023": (
        (
            "Y. Aoki et al., Multitask machine learning to predict polymer-solvent miscibility "
            "using Flory-Huggins interaction parameters, Macromolecules 2023, 56"
        ),
        "10.1021/acs.macromol.2c02600",
    ),
}


def read_more(*keys: str) -> None:
    """The references of a lesson, as links."""
    lines = []
    for key in keys:
        words, doi = REFERENCES[key]
        lines.append(f"{common.plain(words)}, doi [{doi}](https://doi.org/{doi})")
    st.caption("Read more: " + "; ".join(lines))


MARKS: Final = (
    "Dots: predicted, with the 90 % interval as a bar. Open diamonds: measured at the same "
    "temperature near 1 atm (NIST ILThermo, state of 2018). All for the liquid: a salt that melts "
    "higher is thought of as undercooled."
)


# ---------------------------------------------------------------------------------------- widgets


def state() -> State:
    """The state of this session."""
    found: State = common.state_from_url(PAGE, from_query)
    return found


@common.changes
def take(name: str) -> None:
    """Take a choice that is stored as it is shown."""
    value = st.session_state[f"l_{name}"]
    if value is not None:
        setattr(st.session_state[f"state_{PAGE}"], name, value)


@common.changes
def take_temperature() -> None:
    """Take a temperature shown in degrees Celsius."""
    shown = st.session_state["l_temperature"]
    st.session_state[f"state_{PAGE}"].temperature_K = round(float(shown) + 273.15, 6)


def temperature_slider(state: State) -> None:
    """The temperature, in degrees Celsius."""
    low, high = (round(end - 273.15) for end in TEMPERATURES_K)
    st.slider(
        "Temperature / °C",
        low,
        high,
        step=5,
        key=common.seeded("l_temperature", round(state.temperature_K - 273.15)),
        on_change=take_temperature,
    )


def pick(
    state: State,
    name: str,
    label: str,
    options: Sequence[str],
    words: Callable[[str], str] = str,
) -> None:
    """Choose one of a few words."""
    st.segmented_control(
        label,
        options,
        format_func=words,
        key=common.seeded(f"l_{name}", getattr(state, name)),
        required=True,
        on_change=take,
        args=(name,),
        wrap=True,
    )


def draw(chart: Chart, key: str, title: str, words: str) -> dict[str, Chart]:
    """Put a chart on the page.

    Args:
        chart: draws it.
        key: of its place.
        title: what it is called where it is saved.
        words: what it shows, for those who cannot see it.

    Returns:
        The chart by its title.
    """
    st.plotly_chart(
        chart(dark=common.is_dark()),
        key=f"chart_{key}",
        config={"displaylogo": False, "toImageButtonOptions": {"filename": key}},
        alt=words,
    )
    return {title: chart}


# -------------------------------------------------------------------------------------- molecules


def measured_at(liquid: IonicLiquid, key: str, temperature_K: float) -> list[float]:
    """The median of what was measured near a state, as a list of one or none; internal unit.

    Single melting points are all of them kept: there is no state to be near to.
    """
    points = measured.points(liquid, key)
    if PROPERTIES[key].depends_on_temperature:
        points = figures.near_temperature(points, temperature_K)
        points = figures.near_pressure(points, 101.325)
        return [float(np.median(points.value))] if len(points) else []
    return [float(value) for value in points.value]
