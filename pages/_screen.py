"""What the screening page shows: its state, its link, its sliders."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import streamlit as st

from core import figures, screen
from core.chemistry import ION_FAMILIES, Ion
from core.properties import (
    PROPERTIES,
    REFERENCE_PRESSURE_KPA,
    TEMPERATURE_UNITS,
    Unit,
)
from core.screen import MOLAR_MASS, Among, Comparison, Condition, Elements, Objective
from core.screen.library import Source
from core.uncertainty import SUPPORTS
from pages import _common as common

if TYPE_CHECKING:
    from core.predict import IonicLiquidPredictor

TOP: Final = 50
SIMILAR: Final = 0.65
IONS: Final[Mapping[Source, str]] = {"catalogue": "with a name", "simulated": "all simulated"}
AXES: Final[tuple[str, ...]] = (*PROPERTIES, MOLAR_MASS)

_DECADES: Final = tuple(
    digit * 10.0**power for power in range(7) for digit in (1, 1.5, 2, 3, 5, 7)
)[2:-5]
# What a slider offers, in the unit shown; its first and last place stand for no limit.
STEPS: Final[Mapping[str, tuple[float, ...]]] = {
    "density_kg_m3": tuple(round(0.7 + 0.02 * i, 2) for i in range(91)),
    "viscosity_mPa_s": _DECADES,
    "surface_tension_mN_m": tuple(float(x) for x in range(14, 91)),
    "heat_capacity_J_mol_K": tuple(float(x) for x in range(100, 2001, 20)),
    "melting_point_K": tuple(float(x) for x in range(-120, 301, 5)),
    MOLAR_MASS: tuple(float(x) for x in range(60, 1501, 10)),
}

_CELL: Final = 200, 110  # pixels of a drawing in the table, before it is scaled
_SIDES: Final = ("width", "height")

Limits = tuple[float | None, float | None]


def _default_limits() -> dict[str, Limits]:
    return {
        "viscosity_mPa_s": (None, 50.0),
        "density_kg_m3": (1000.0, None),
        "melting_point_K": (None, 298.15),
    }


@dataclass
class State:
    """What the page shows; all of it stands in the URL. Units are those in the keys.

    Attributes:
        ions: which ones are paired, all that were simulated or those with a name.
        temperature_K: one for all.
        pressure_kPa: one for all.
        T_unit: label of the unit temperatures are shown in.
        cautious: whether limits hold for the end of the interval that is nearer to breaking them.
        limits: lowest and highest allowed number by property or molar mass.
        cation_families: allowed ones, all if empty.
        anion_families: likewise.
        halogen_free: no fluorine, chlorine, bromine, iodine.
        supports: allowed tiers, all if empty.
        further: more conditions, as typed.
        aims: what should be low or high.
        different: leave out near-copies.
        x: on the horizontal axis of the map.
        y: on the vertical one.
        view: the map, or the families.
        chosen: SMILES of the ions of the one looked at; the best if empty.
        problem: what is wrong with what was typed.
    """

    ions: Source = "catalogue"  # a few seconds; all simulated ones take half a minute
    temperature_K: float = 313.15
    pressure_kPa: float = REFERENCE_PRESSURE_KPA
    T_unit: str = TEMPERATURE_UNITS[0].label
    cautious: bool = False
    limits: dict[str, Limits] = field(default_factory=_default_limits)
    cation_families: list[str] = field(default_factory=list)
    anion_families: list[str] = field(default_factory=list)
    halogen_free: bool = False
    supports: list[str] = field(default_factory=list)
    further: str = ""
    aims: list[Objective] = field(default_factory=lambda: [Objective("viscosity_mPa_s")])
    different: bool = True
    x: str = "viscosity_mPa_s"
    y: str = "density_kg_m3"
    view: str = "map"
    chosen: tuple[str, str] = ("", "")
    problem: str = ""

    @property
    def temperature_unit(self) -> Unit:
        """The unit temperatures are shown in."""
        return common.unit_of(TEMPERATURE_UNITS, self.T_unit)

    def conditions(self) -> tuple[Condition, ...]:
        """All that is asked of a hit."""
        return (*self._limits(), *self._words(), *screen.read_conditions(self.further))

    def _limits(self) -> list[Condition]:
        found: list[Condition] = []
        for name in AXES:
            low, high = self.limits.get(name, (None, None))
            cautious = self.cautious and name in PROPERTIES
            if low is not None:
                found.append(Comparison(f"{name}.low" if cautious else name, ">=", low))
            if high is not None:
                found.append(Comparison(f"{name}.high" if cautious else name, "<=", high))
        return found

    def _words(self) -> list[Condition]:
        found: list[Condition] = [
            Among(name, tuple(words))
            for name, words in (
                ("cation.family", self.cation_families),
                ("anion.family", self.anion_families),
                ("support", self.supports),
            )
            if words
        ]
        if self.halogen_free:
            found.append(Elements(screen.HALOGENS, wanted=False))
        return found

    def take(self, conditions: tuple[Condition, ...]) -> None:
        """Ask for these conditions: those that the page has widgets for there, others as text."""
        numbers = [c for c in conditions if isinstance(c, Comparison)]
        self.limits, self.cautious = {}, any("." in c.name for c in numbers)
        self.further = screen.write_conditions([c for c in conditions if not self._take(c)])

    def _take(self, condition: Condition) -> bool:
        """Ask for a condition by a widget; whether there is one that is free."""
        if isinstance(condition, Elements):
            free = not self.halogen_free and str(condition) == "halogen-free"
            self.halogen_free = self.halogen_free or free
            return free
        if isinstance(condition, Among):
            words = {
                "cation.family": self.cation_families,
                "anion.family": self.anion_families,
                "support": self.supports,
            }.get(condition.name)
            if words is None or words or not condition.wanted:
                return False
            words += condition.words
            return True
        name, _, end = condition.name.partition(".")
        wanted = {">=": "low", "<=": "high"}.get(condition.sign)
        cautious = self.cautious and name in PROPERTIES
        low, high = self.limits.get(name, (None, None))
        taken = low if wanted == "low" else high
        if wanted is None or end != (wanted if cautious else "") or taken is not None:
            return False
        number = condition.number
        self.limits[name] = (number, high) if wanted == "low" else (low, number)
        return True


def to_query(state: State) -> dict[str, list[str]]:
    """Write a state as query parameters; what is at its default is left out, but for the limits."""
    query = {
        "T": [f"{state.temperature_K:.10g}"],
        "P": [f"{state.pressure_kPa:.10g}"],
        "where": [screen.write_conditions(state.conditions())],
    }
    fresh = State()
    if state.cautious:
        query["cautious"] = ["1"]
    for name in ("ions", "T_unit", "x", "y", "view"):
        if getattr(state, name) != getattr(fresh, name):
            query[name] = [getattr(state, name)]
    if state.aims != fresh.aims:
        for word, maximise in (("low", False), ("high", True)):
            aims = [str(aim) for aim in state.aims if aim.maximise == maximise]
            if aims:
                query[word] = aims
        if not state.aims:
            query["low"] = [""]
    if not state.different:
        query["copies"] = ["1"]
    if state.chosen[0]:
        query["cation"], query["anion"] = ([smiles] for smiles in state.chosen)
    return query


def from_query(query: Mapping[str, list[str]]) -> State:
    """Read a state from query parameters; what cannot be read keeps its default and is told."""
    state, problems = State(), []
    first = {name: values[0].strip()[:2_500] for name, values in query.items() if values}
    state.temperature_K = common.number(
        first.get("T"), state.temperature_K, common.TEMPERATURE_LIMITS_K
    )
    state.pressure_kPa = common.number(
        first.get("P"), state.pressure_kPa, common.PRESSURE_LIMITS_KPA
    )
    if "where" in first:
        try:
            state.take(screen.read_conditions(first["where"], ION_FAMILIES))
        except screen.QueryError as error:
            problems.append(f"The conditions of this link: {common.sentence(error)}")
    state.cautious = state.cautious or first.get("cautious") == "1"
    choices = {
        "ions": tuple(IONS),
        "T_unit": [unit.label for unit in TEMPERATURE_UNITS],
        "x": AXES,
        "y": AXES,
        "view": ("map", "families"),
    }
    for name, allowed in choices.items():
        if first.get(name) in allowed:
            setattr(state, name, first[name])
    if "low" in query or "high" in query:
        state.aims = []
        for word, maximise in (("low", False), ("high", True)):
            for text in filter(None, query.get(word, [])[: len(AXES)]):
                try:
                    aim = screen.read_objective(text[:200], maximise=maximise)
                except screen.QueryError as error:
                    problems.append(f"An aim of this link: {common.sentence(error)}")
                else:
                    if aim.name in AXES and aim.name not in {other.name for other in state.aims}:
                        state.aims.append(aim)
    state.different = first.get("copies") != "1"
    if "cation" in first and "anion" in first:
        state.chosen = first["cation"], first["anion"]
    state.problem = " ".join(problems)
    return state


# -------------------------------------------------------------------------------------------- cache


@st.cache_resource(show_spinner="Reading the ions …")
def library(ions: Source) -> screen.Library:
    """All pairs of the project's ions."""
    return screen.Library(screen.known_ions("cation", ions), screen.known_ions("anion", ions))


@st.cache_resource(show_spinner="Preparing the ions …")
def _screener(
    _model: IonicLiquidPredictor,
    weights: str,  # noqa: ARG001 - tells models apart
    ions: Source,
) -> screen.Screener:
    # What all pairs of the simulated ions have learned would take a gigabyte.
    return screen.Screener(_model, library(ions), remember=ions == "catalogue")


@st.cache_resource(show_spinner=False, max_entries=2)
def _everything(
    _model: IonicLiquidPredictor,
    weights: str,
    ions: Source,
    temperature_K: float,
    pressure_kPa: float,
) -> screen.Screening:
    return _screener(_model, weights, ions).everything(temperature_K, pressure_kPa)


def everything(model: IonicLiquidPredictor, state: State) -> screen.Screening:
    """All ionic liquids at the state of the page, computed once for all sessions."""
    with st.spinner(
        f"Predicting {len(library(state.ions)):,} ionic liquids, once for this state …"
    ):
        return _everything(
            model,
            model.card.weights_sha256,
            state.ions,
            state.temperature_K,
            state.pressure_kPa,
        )


# ------------------------------------------------------------------------------------------- limits


def shown_limits(name: str, limits: Limits) -> tuple[float, float]:
    """Limits as places of a slider, in the unit shown; ends where there is no limit."""
    steps, unit = STEPS[name], figures.number_unit(name)
    low, high = (
        None if limit is None else min(steps, key=lambda s: abs(s - float(unit.to_display(limit))))
        for limit in limits
    )
    return (steps[0] if low is None else low), (steps[-1] if high is None else high)


def limits_of(name: str, shown: tuple[float, float]) -> Limits:
    """Limits in internal units from the places of a slider."""
    steps, unit = STEPS[name], figures.number_unit(name)
    low, high = (float(f"{float(unit.to_internal(end)):.10g}") for end in shown)
    return (None if shown[0] == steps[0] else low), (None if shown[1] == steps[-1] else high)


def step_label(name: str, step: float) -> str:
    """What a slider shows at one of its places; no two places may look the same."""
    steps = STEPS[name]
    if step in {steps[0], steps[-1]}:
        return "min" if step == steps[0] else "max"
    return figures.written(step, 6)


def words_of(limits: Limits, name: str) -> str:
    """Limits in words, in the unit shown."""
    unit = figures.number_unit(name)
    low, high = (
        None if x is None else figures.written(float(unit.to_display(x)), 6) for x in limits
    )
    if low is None and high is None:
        return "any"
    if low is None:
        return f"at most {high}"
    return f"at least {low}" if high is None else f"{low} to {high}"


TIERS: Final[Mapping[str, str]] = {tier: common.SUPPORT[tier][0] for tier in SUPPORTS}


# ---------------------------------------------------------------------------------------- drawings


@lru_cache(maxsize=4_000)
def picture(ion: Ion, *, dark: bool) -> str:
    """A drawing as an address that a cell of a table shows."""
    svg = common.drawing(ion.smiles, dark=dark, height=_CELL[1], width=_CELL[0])
    width, height = (float(re.search(rf"{side}='([\d.]+)px'", svg)[1]) for side in _SIDES)
    x, y = (_CELL[0] - width) / 2.0, (_CELL[1] - height) / 2.0
    # A cell shows any picture as large as it can: on one canvas all bonds have one length.
    whole = (
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{_CELL[0]}' height='{_CELL[1]}'>"
        f"<svg x='{x:g}' y='{y:g}'{svg[4:]}</svg>"
    )
    return f"data:image/svg+xml;base64,{base64.b64encode(whole.encode()).decode()}"
