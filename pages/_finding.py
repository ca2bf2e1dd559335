"""What the page of shortlists shows: its state, its link, its words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, get_args

from core.chemistry import ChemistryError, Polymer, Solvent, parse_polymer, parse_solvent
from core.names import RANKINGS
from core.properties import REFERENCE_TEMPERATURE_K, TEMPERATURE_UNITS, Unit
from core.screen.solvents import CRITERIA, ELEMENTS, MOLAR_MASS_G_MOL, Criterion, Wanted
from pages import _common as common
from pages import _mixtures as mixtures

Mode = Literal["solvents", "selective", "blends", "polymers"]
Chart = Literal["hansen", "chi"]

MODES: Final[Mapping[Mode, str]] = {
    "solvents": "Solvents for a polymer",
    "selective": "Dissolves one, not the other",
    "blends": "Blends of two",
    "polymers": "Polymers for a solvent",
}
BY: Final[Mapping[Criterion, str]] = {
    "probability": "probability of dissolving",
    "chi": "χ",
    "chi_high": "χ, cautiously (upper end of the interval)",
    "margin": "distance below the critical χ",
    "red": "Hansen's distance",
}
CHARTS: Final[Mapping[Chart, str]] = {"chi": "χ and boiling point", "hansen": "Hansen's plane"}
GREENNESS: Final[Mapping[str, str]] = {
    "": "any",
    "recommended": "recommended",
    "problematic": "problematic or better",
    "hazardous": "hazardous or better",
}
LEFT_OUT: Final = tuple(symbol for symbol in ELEMENTS if symbol not in {"H", "C"})
MAX_SPARED: Final = 4
RADIUS_LIMITS: Final = (0.5, 40.0)


@dataclass(frozen=True, slots=True)
class Span:
    """A number that is filtered with a slider.

    Attributes:
        label: for people, without the unit.
        key: in the link.
        low: left end of the slider, as it is stored (kelvin, kg/m3); there nothing is left out.
        high: right end, likewise.
        step: of the slider.
        is_temperature: whether it is shown in the unit chosen for temperatures.
    """

    label: str
    key: str
    low: float
    high: float
    step: float
    is_temperature: bool = False


SPANS: Final[Mapping[str, Span]] = {
    "boiling_point_K": Span("Boiling point", "bp", 173.15, 673.15, 5.0, is_temperature=True),
    "melting_point_K": Span("Melting point", "mp", 73.15, 373.15, 5.0, is_temperature=True),
    "flash_point_K": Span("Flash point", "fp", 173.15, 523.15, 5.0, is_temperature=True),
    "density_kg_m3": Span("Density / (kg/m³)", "density", 500.0, 3500.0, 10.0),
    "red": Span("RED (Hansen)", "red", 0.0, 6.0, 0.1),
}


@dataclass
class State:
    """What the page shows; all of it stands in the URL.

    Temperatures are in kelvin whatever the page shows, the molar mass of the polymer in g/mol; a
    radius is NaN where that of the tables serves. ``at`` is the solvent looked at, a SMILES.
    """

    mode: Mode = "solvents"
    polymer: Polymer = field(default_factory=lambda: parse_polymer("*CC(*)c1ccccc1"))
    solvent: Solvent = field(default_factory=lambda: parse_solvent("CC(C)=O"))
    spare: list[Polymer] = field(default_factory=lambda: [parse_polymer("*CC(*)(C)C(=O)OC")])
    temperature_K: float = REFERENCE_TEMPERATURE_K
    T_unit: str = TEMPERATURE_UNITS[0].label
    molar_mass: float = MOLAR_MASS_G_MOL
    by: Criterion = "probability"
    ranges: dict[str, tuple[float, float]] = field(default_factory=dict)
    families: list[str] = field(default_factory=list)
    without: list[str] = field(default_factory=list)
    greenness: str = ""
    unknown: bool = False
    liquid: bool = True
    known_first: bool = False
    cosolvents_only: bool = True
    radius: float = math.nan
    partner: str = ""
    chart: Chart = "chi"
    at: str = ""
    problem: str = ""

    @property
    def temperature_unit(self) -> Unit:
        """The unit temperatures are shown in."""
        return common.unit_of(TEMPERATURE_UNITS, self.T_unit)

    @property
    def wanted(self) -> Wanted:
        """The filters; an end of a slider that was not moved leaves nothing out."""
        ranges = {}
        for name, (low, high) in self.ranges.items():
            span = SPANS[name]
            ranges[name] = (
                -math.inf if low <= span.low else low,
                math.inf if high >= span.high else high,
            )
        return Wanted(
            ranges,
            frozenset(self.families),
            frozenset(self.without),
            next((ranking for ranking in RANKINGS if ranking == self.greenness), None),
            self.unknown,
            self.liquid,
        )


_FLAGS: Final = ("unknown", "liquid", "known_first", "cosolvents_only")
_WORDS: Final = ("mode", "T_unit", "by", "greenness", "chart")


def to_query(state: State) -> dict[str, list[str]]:
    """Write a state as query parameters; what is at its default is left out."""
    fresh = State()
    query = {"T": [f"{state.temperature_K:.10g}"], "M": [f"{state.molar_mass:.10g}"]}
    if state.mode == "polymers":
        query["solvent"] = [mixtures.solvent_token(state.solvent.smiles)]
    else:
        query["polymer"] = [mixtures.polymer_token(state.polymer.smiles)]
    if state.mode == "selective":
        query["spare"] = [mixtures.polymer_token(polymer.smiles) for polymer in state.spare]
    for name in (*_WORDS, *_FLAGS):
        value = getattr(state, name)
        if value != getattr(fresh, name):
            query[name] = [str(int(value)) if name in _FLAGS else value]
    for name, (low, high) in state.ranges.items():
        query[SPANS[name].key] = [f"{low:.10g}~{high:.10g}"]
    query |= {name: list(getattr(state, name)) for name in ("families", "without")}
    if not math.isnan(state.radius):
        query["R0"] = [f"{state.radius:.10g}"]
    if state.partner:
        query["with"] = [mixtures.solvent_token(state.partner)]
    if state.at:
        query["at"] = [mixtures.solvent_token(state.at)]
    return {name: values for name, values in query.items() if values}


def from_query(query: Mapping[str, list[str]], families: Iterable[str]) -> State:
    """Read a state from query parameters; what cannot be read keeps its default and is told."""
    state, problems = State(), []
    first = {name: values[0].strip() for name, values in query.items() if values}

    def solvent(name: str, what: str) -> Solvent | None:
        try:
            return (
                mixtures.solvent_of(first[name][: common.LONGEST_TEXT]) if name in first else None
            )
        except ChemistryError as error:
            problems.append(f"The {what} of this link: {common.sentence(error)}")
            return None

    polymers: dict[str, list[Polymer]] = {"polymer": [], "spare": []}
    for name, found in polymers.items():
        for text in query.get(name, [])[:MAX_SPARED]:
            try:
                found.append(mixtures.polymer_of(text[: common.LONGEST_TEXT]))
            except ChemistryError as error:
                problems.append(f"A polymer of this link: {common.sentence(error)}")
    state.polymer = (polymers["polymer"] or [state.polymer])[0]
    state.spare = polymers["spare"] or state.spare
    state.solvent = solvent("solvent", "solvent") or state.solvent
    partner, at = solvent("with", "second solvent"), solvent("at", "solvent looked at")
    state.partner = "" if partner is None else partner.smiles
    state.at = "" if at is None else at.smiles
    limits = mixtures.TEMPERATURE_LIMITS_K
    state.temperature_K = common.number(first.get("T"), state.temperature_K, limits)
    state.molar_mass = common.number(first.get("M"), state.molar_mass, mixtures.MOLAR_MASS_LIMITS)
    state.radius = common.number(first.get("R0"), state.radius, RADIUS_LIMITS)
    choices = {
        "mode": get_args(Mode),
        "T_unit": [unit.label for unit in TEMPERATURE_UNITS],
        "by": CRITERIA,
        "greenness": list(GREENNESS),
        "chart": get_args(Chart),
    }
    for name, allowed in choices.items():
        if first.get(name) in allowed:
            setattr(state, name, first[name])
    for name in _FLAGS:
        if first.get(name) in {"0", "1"}:
            setattr(state, name, first[name] == "1")
    for name, span in SPANS.items():
        low_text, _, high_text = first.get(span.key, "").partition("~")
        low = common.number(low_text, span.low, (span.low, span.high))
        high = common.number(high_text, span.high, (span.low, span.high))
        if low <= high and (low, high) != (span.low, span.high):
            state.ranges[name] = (low, high)
    state.families = [name for name in families if name in query.get("families", [])]
    state.without = [symbol for symbol in LEFT_OUT if symbol in query.get("without", [])]
    state.problem = " ".join(problems)
    return state


# ------------------------------------------------------------------------------------------- words


def greenness_words(ranking: str, origin: str) -> str:
    """The ranking of the CHEM21 guide, or what its rules leave open."""
    return f"at best {ranking}" if ranking and origin == "rule" else ranking


def known_words(known: str) -> str:
    """What was measured of a pair."""
    return f"measured: {known.replace('chi', 'χ')}" if known else "predicted"
