"""What the page of polymers in solvents shows: its state, its link, its words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal, get_args

import pandas as pd
import streamlit as st

from core import figures, names
from core.chemistry import (
    ChemistryError,
    Polymer,
    Solvent,
    UnknownNameError,
    parse_polymer,
    parse_solvent,
)
from core.features.polymer_solvent import molar_volume
from core.metrics import TIERS
from core.properties import REFERENCE_TEMPERATURE_K, TEMPERATURE_UNITS, Unit
from core.thermodynamics import PhaseDiagram, chain_length
from pages import _common as common

if TYPE_CHECKING:
    from core.checkpoints import Card

View = Literal["chi", "phases", "hansen", "space", "measured"]

MAX_SOLVENTS: Final = figures.MAX_LINES
TEMPERATURE_LIMITS_K: Final = (150.0, 700.0)
MOLAR_MASS_LIMITS: Final = (100.0, 1e8)
WINDOW_LIMITS_K: Final = (173.15, 573.15)
WINDOW_K: Final = (273.15, 423.15)
NARROWEST_K: Final = 10.0

VIEWS: Final[Mapping[View, str]] = {
    "chi": "χ against temperature",
    "phases": "Phase diagram",
    "hansen": "Hansen comparison",
    "space": "Solubility space",
    "measured": "Measured data",
}

SUPPORT: Final[Mapping[str, tuple[str, str, str]]] = {
    "pair_measured": (
        "pair measured",
        "green",
        "χ of this very polymer in this solvent was in the training data.",
    ),
    "both_known": (
        "both known",
        "blue",
        "Polymer and solvent were in the training data, but not together: the model combines them.",
    ),
    "new_solvent": (
        "new solvent",
        "orange",
        "The solvent was never in the training data: its part is estimated from its structure.",
    ),
    "new_polymer": (
        "new polymer",
        "orange",
        "The polymer was never in the training data: its part is estimated from its structure.",
    ),
    "both_new": (
        "both new",
        "red",
        "Neither was in the training data: take this as a rough first guess.",
    ),
}


def model_summary(card: Card) -> None:
    """Name, date, data and honest headline errors of a model, read from its card."""
    rows_of, pairs_of = card.data["rows"], card.data["pairs"]
    simulated = card.data.get("simulated")
    st.markdown(
        f"**{common.plain(card.name)}**, trained on {common.plain(card.created[:10])} on "
        f"{sum(rows_of.values()):,} values, {rows_of['chi']:,} of them measured χ"
        + (f", and on simulated χ of {simulated['pairs']:,} pairs." if simulated else ".")
    )
    rows = []
    for key, label, measure in (("chi", "χ", "MAE"), ("soluble", "Soluble or not", "AUC")):
        learned = f"{rows_of[key]:,} values of {pairs_of[key]:,} pairs"
        row = {"": f"{label} ({measure})", "Learned from": learned}
        for tier, models in card.metrics.get(key, {}).items():
            row[TIERS[card.role][tier].capitalize()] = f"{models['network'][measure]:.2f}"
        rows.append(row)
    st.table(pd.DataFrame(rows).set_index(""))
    if card.metrics:
        st.caption(
            "Cross-validated. MAE: mean absolute error of χ. AUC: the chance that a pair that "
            "dissolves is ranked above one that does not; 0.5 is guessing, 1 perfect."
        )
    else:
        st.caption("Not evaluated yet: run `python -m core evaluate polymer-solvent`.")


# -------------------------------------------------------------------------------------------- state


def _default_solvents() -> list[Solvent]:
    return [parse_solvent("C1CCCCC1"), parse_solvent("Cc1ccccc1")]


@dataclass
class State:
    """What the page shows; all of it stands in the URL.

    The temperature is in kelvin whatever the page shows, the molar mass of the polymer in g/mol,
    the volume fraction is the polymer's.
    """

    polymer: Polymer = field(default_factory=lambda: parse_polymer("*CC(*)c1ccccc1"))
    solvents: list[Solvent] = field(default_factory=_default_solvents)
    temperature_K: float = REFERENCE_TEMPERATURE_K
    T_unit: str = TEMPERATURE_UNITS[0].label
    molar_mass: float = 1e5
    volume_fraction: float = 0.0
    view: View = "chi"
    composition: figures.Composition = "linear"
    window_K: tuple[float, float] = WINDOW_K
    problem: str = ""

    @property
    def temperature_unit(self) -> Unit:
        """The unit temperatures are shown in."""
        return common.unit_of(TEMPERATURE_UNITS, self.T_unit)


def to_query(state: State) -> dict[str, list[str]]:
    """Write a state as query parameters; what is at its default is left out."""
    fresh = State()
    query = {
        "polymer": [polymer_token(state.polymer.smiles)],
        "solvent": [solvent_token(solvent.smiles) for solvent in state.solvents],
        "T": [f"{state.temperature_K:.10g}"],
        "M": [f"{state.molar_mass:.10g}"],
    }
    if state.volume_fraction != fresh.volume_fraction:
        query["phi"] = [f"{state.volume_fraction:.10g}"]
    for name in ("T_unit", "view", "composition"):
        if getattr(state, name) != getattr(fresh, name):
            query[name] = [getattr(state, name)]
    if state.window_K != fresh.window_K:
        query["from"], query["to"] = ([f"{end:.10g}"] for end in state.window_K)
    return query


def from_query(query: Mapping[str, list[str]]) -> State:
    """Read a state from query parameters; what cannot be read keeps its default and is told."""
    state = State()
    first = {name: values[0].strip() for name, values in query.items() if values}
    problems = []
    if "polymer" in first:
        try:
            state.polymer = polymer_of(first["polymer"][: common.LONGEST_TEXT])
        except ChemistryError as error:
            problems.append(f"The polymer of this link: {common.sentence(error)}")
    found: dict[str, Solvent] = {}
    for text in query.get("solvent", [])[:MAX_SOLVENTS]:
        try:
            solvent = solvent_of(text[: common.LONGEST_TEXT])
        except ChemistryError as error:
            problems.append(f"A solvent of this link: {common.sentence(error)}")
        else:
            found[solvent.smiles] = solvent
    state.solvents = list(found.values()) or state.solvents
    state.temperature_K = common.number(first.get("T"), state.temperature_K, TEMPERATURE_LIMITS_K)
    state.molar_mass = common.number(first.get("M"), state.molar_mass, MOLAR_MASS_LIMITS)
    state.volume_fraction = common.number(first.get("phi"), state.volume_fraction, (0.0, 1.0))
    low = common.number(first.get("from"), WINDOW_K[0], WINDOW_LIMITS_K)
    high = common.number(first.get("to"), WINDOW_K[1], WINDOW_LIMITS_K)
    if high - low >= NARROWEST_K:
        state.window_K = (low, high)
    choices = {
        "T_unit": [unit.label for unit in TEMPERATURE_UNITS],
        "view": list(VIEWS),
        "composition": get_args(figures.Composition),
    }
    for name, allowed in choices.items():
        if first.get(name) in allowed:
            setattr(state, name, first[name])
    state.problem = " ".join(problems)
    return state


@lru_cache(maxsize=5_000)
def polymer_token(smiles: str) -> str:
    """The abbreviation or the name where it leads back to the polymer, else the SMILES."""
    known = next((entry for entry in names.polymers() if entry.smiles == smiles), None)
    for name in (known.abbreviation, known.name) if known is not None else ():
        try:
            if name and names.find_polymer(name).smiles == smiles:
                return name
        except ChemistryError:
            continue
    return smiles


@lru_cache(maxsize=5_000)
def solvent_token(smiles: str) -> str:
    """The name where it leads back to the solvent, else the SMILES."""
    name = names.solvent_name(smiles)
    try:
        return name if names.find_solvent(name).smiles == smiles else smiles
    except ChemistryError:
        return smiles


# -------------------------------------------------------------------------------------- structures


@st.cache_resource(show_spinner=False)
def polymer_labels() -> Mapping[str, str]:
    """What the list of polymers shows, by SMILES."""
    return {entry.smiles: names.polymer_label(entry.smiles) for entry in names.polymers()}


@st.cache_resource(show_spinner=False)
def solvent_labels() -> Mapping[str, str]:
    """What the list of solvents shows, by SMILES."""
    return {entry.smiles: entry.name for entry in names.solvents()}


def polymer_of(text: str) -> Polymer:
    """The polymer picked from the list or typed into its search.

    What is typed is a name, an abbreviation or a SMILES; else it stands for the polymer of the
    list with the shortest name that contains it.

    Raises:
        ChemistryError: if it is none of these.
    """
    try:
        return names.find_polymer(text)
    except UnknownNameError:
        found = _containing(text, polymer_labels())
        if found is None:
            raise
        return parse_polymer(found)


def solvent_of(text: str) -> Solvent:
    """The solvent picked from the list or typed into its search: name, CAS number or SMILES.

    Raises:
        ChemistryError: if it is none of these, nor part of a name in the list.
    """
    try:
        return names.find_solvent(text)
    except UnknownNameError:
        found = _containing(text, solvent_labels())
        if found is None:
            raise
        return parse_solvent(found)


def _containing(text: str, labels: Mapping[str, str]) -> str | None:
    """The shortest label with that text in it is what was most likely meant."""
    part = text.strip().lower()
    fitting = [smiles for smiles, label in labels.items() if part in label.lower()]
    return min(fitting, key=lambda smiles: len(labels[smiles]), default=None)


@lru_cache(maxsize=5_000)
def solvent_volume(smiles: str) -> float:
    """Molar volume of a solvent in cm³/mol: of the liquid where it is known, else estimated."""
    known = next((entry for entry in names.solvents() if entry.smiles == smiles), None)
    if known is not None and known.molar_volume_cm3_mol > 0.0:  # NaN where it is not known
        return known.molar_volume_cm3_mol
    return molar_volume(smiles, "solvent")


@lru_cache(maxsize=5_000)
def sites(polymer: str, unit_molar_mass: float, molar_mass: float, solvent: str) -> float:
    """N: how many solvent molecules a chain is as large as, 1 or more.

    Args:
        polymer: SMILES of the repeat unit.
        unit_molar_mass: of the repeat unit, g/mol.
        molar_mass: of the chain, g/mol.
        solvent: SMILES.
    """
    length = chain_length(
        molar_mass,
        unit_molar_mass_g_mol=unit_molar_mass,
        unit_volume_cm3_mol=molar_volume(polymer, "polymer"),
        solvent_volume_cm3_mol=solvent_volume(solvent),
    )
    return max(1.0, float(length))


# ------------------------------------------------------------------------------------------- words


def mixing(low: float, chi: float, high: float, critical: float) -> tuple[str, str]:
    """What chi and its interval mean beside the critical chi, and the colour of that."""
    if high < critical:
        return "mixes in every proportion", "green"
    if low > critical:
        return "splits in two phases", "red"
    if chi < critical:
        return "probably mixes", "orange"
    return "probably splits in two phases", "orange"


def dissolving(probability: float) -> str:
    """The probability of dissolving in words."""
    steps = (
        (0.95, "almost certainly dissolves"),
        (0.80, "very likely dissolves"),
        (0.60, "likely dissolves"),
        (0.40, "may or may not dissolve"),
        (0.20, "likely does not dissolve"),
        (0.05, "very likely does not dissolve"),
    )
    none = "almost certainly does not dissolve"
    return next((words for least, words in steps if probability >= least), none)


def temperature(kelvin: float, unit: Unit) -> str:
    """A temperature as text, in the unit shown."""
    return f"{float(unit.to_display(kelvin)):.0f} {unit.label}".replace("-", "−")


def diagram_words(diagram: PhaseDiagram, unit: Unit) -> str:
    """What a phase diagram says, in one sentence."""
    low, high = temperature(diagram.low_K, unit), temperature(diagram.high_K, unit)
    if diagram.kind == "miscible":
        return f"mixes in every proportion from {low} to {high}"
    if diagram.kind == "hourglass":
        return f"splits at all temperatures from {low} to {high}, least in between (hourglass)"
    if diagram.kind == "two phases":
        return f"splits at all temperatures from {low} to {high}"
    ends = [
        f"{'above' if point.kind == 'UCST' else 'below'} {temperature(point.temperature_K, unit)} "
        f"({point.kind}, φ = {point.phi:.2g})"
        for point in diagram.critical_points
    ]
    joined = " or " if diagram.kind == "closed loop" else " and "
    return f"mixes in every proportion {joined.join(ends)}"
