"""The only shared Streamlit helpers: cached loaders, the state in the URL, safe text."""

from __future__ import annotations

import gc
import re
import runpy
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

import pandas as pd
import streamlit as st

from core import figures, names
from core.chemistry import ChemistryError, Ion, IonicLiquid, combine, parse_ion
from core.metrics import TIERS
from core.properties import (
    PRESSURE_UNITS,
    PROPERTIES,
    REFERENCE_PRESSURE_KPA,
    REFERENCE_TEMPERATURE_K,
    TEMPERATURE_UNITS,
    Unit,
)

if TYPE_CHECKING:
    from core.checkpoints import Card
    from core.predict import IonicLiquidPredictor, MiscibilityPredictor

T = TypeVar("T")

TEMPERATURE_LIMITS_K: Final = (150.0, 700.0)
PRESSURE_LIMITS_KPA: Final = (1.0, 1e6)
WINDOW_K: Final = (273.15, 393.15)
PRESSURE_TOP_KPA: Final = 100_000.0
LONGEST_TEXT: Final = 500

SUPPORT: Final[Mapping[str, tuple[str, str, str]]] = {
    "pair_measured": (
        "pair measured",
        "green",
        "This very ionic liquid was in the training data for this property.",
    ),
    "both_ions_known": (
        "both ions known",
        "blue",
        "Both ions were in the training data, but never together: the model combines the two.",
    ),
    "new_cation": (
        "new cation",
        "orange",
        "The cation was never in the training data: its simulated surface and structure stand in.",
    ),
    "new_anion": (
        "new anion",
        "orange",
        "The anion was never in the training data: its simulated surface and structure stand in.",
    ),
    "unsimulated_cation": (
        "unsimulated cation",
        "orange",
        "The cation was neither in the training data nor simulated: its structure alone stands in.",
    ),
    "unsimulated_anion": (
        "unsimulated anion",
        "orange",
        "The anion was neither in the training data nor simulated: its structure alone stands in.",
    ),
    "two_new_ions": (
        "two new ions",
        "red",
        "Neither ion was in the training data: take this as a rough first guess.",
    ),
}

# Grade -> what its badge says, its colour, and what stands before the reasons.
GRADE: Final[Mapping[str, tuple[str, str, str]]] = {
    "inside": (
        "inside the data",
        "green",
        "The molecules are much like measured ones, and the networks agree.",
    ),
    "edge": ("edge of the data", "orange", "At the edge of what was measured:"),
    "outside": (
        "outside the data",
        "red",
        "Outside of what was measured; errors are typically several times as large:",
    ),
}


def badges(support: tuple[str, str, str], grade: str | None, reasons: Sequence[str]) -> None:
    """What supports a prediction, and beside it its grade with the reasons.

    Args:
        support: words, colour and hint.
        grade: a key of ``GRADE``; none from a model without grades.
        reasons: sentences.
    """
    words, colour, hint = support
    with st.container(horizontal=True, gap="xsmall"):
        st.badge(words, color=colour, help=hint)
        if grade is not None:
            words, colour, hint = GRADE[grade]
            listed = "".join(f"\n- {plain(reason)}" for reason in reasons)
            st.badge(words, color=colour, help=f"{hint}\n{listed}" if listed else hint)


def ensure_router() -> None:
    """Run ``app.py`` where Streamlit has started a page without it.

    A freshly started server that is first asked for a deep link runs the page's file alone, for the
    folder is named ``pages``; the router then has to be run from the page.
    """
    if "routed" not in st.session_state:
        runpy.run_path(str(Path(__file__).parent.parent / "app.py"))
        st.stop()


@st.cache_resource(show_spinner=False, ttl=30.0)
def settle() -> None:
    """Leave what is loaded for good out of the garbage collection; called at the end of a run.

    Streamlit collects garbage of all generations after each run of a script. To go through the
    modules and tables that all sessions share takes 0.2 s, in which no other session gets on.
    What a session drops of what was left out is found the next time, half a minute later or more.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()


PHONE: Final = 640  # pixels; narrower, Streamlit puts columns below one another
_STYLE: Final = """<style>
/* Streamlit makes captions and their links too faint to read well. */
[data-testid="stCaptionContainer"] {opacity: 0.87}
/* A button that shows an icon alone has its words for those who listen. */
[class*="st-key-icon_"] button {min-width: 1.75rem}
[class*="st-key-icon_"] button [data-testid="stMarkdownContainer"] {
    position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%%);
    white-space: nowrap;
}
@media (max-width: %dpx) {
    /* What a rail and the page beside it hold becomes one list, in which the numbers come first. */
    .stHorizontalBlock:has(> .stColumn [class*="st-key-later_"]) {
        flex-direction: column; flex-wrap: nowrap; gap: 1rem;
    }
    .stHorizontalBlock > .stColumn:has(> .stVerticalBlock > * > [class*="st-key-later_"]),
    .stHorizontalBlock:has(> .stColumn > .stVerticalBlock > * > [class*="st-key-later_"])
        > .stColumn,
    .stHorizontalBlock:has(> .stColumn > .stVerticalBlock > * > [class*="st-key-later_"])
        > .stColumn > .stVerticalBlock {display: contents}
    .stVerticalBlock > :has(> [class*="st-key-later_"]) {order: 1}
    .stVerticalBlock > :has(> [class*="st-key-last_"]) {order: 2}
}
%s</style>"""
# White on the light colour of the dark theme has a contrast of 2; the page's own dark has 9.
_ON_PRIMARY: Final = """
:is([data-testid="stBaseButton-primary"]:not(:disabled), [data-testid="stMultiSelect"] [data-tag]),
:is([data-testid="stBaseButton-primary"]:not(:disabled), [data-testid="stMultiSelect"] [data-tag]) *
    {color: #10181b !important}
"""


def style() -> None:
    """What Streamlit's themes cannot say: readable captions and buttons, the order on a phone.

    A button whose key begins with ``icon_`` shows its icon alone, and its label is only read out.
    On a phone, a container whose key begins with ``later_`` comes after what has no such key, and
    ``last_`` after both, wherever in a row of columns they stand.
    """
    st.html(_STYLE % (PHONE, _ON_PRIMARY if is_dark() else ""))


# ------------------------------------------------------------------------------------------ loaders


@st.cache_resource(show_spinner="Loading the model …")
def _predictor() -> IonicLiquidPredictor:
    from core.predict import IonicLiquidPredictor  # noqa: PLC0415 - torch only when needed

    return IonicLiquidPredictor.load()


@st.cache_resource(show_spinner="Loading the model …")
def _miscibility() -> MiscibilityPredictor:
    from core.predict import MiscibilityPredictor  # noqa: PLC0415 - torch only when needed

    return MiscibilityPredictor.load()


def predictor() -> IonicLiquidPredictor | None:
    """The trained model of ionic liquids, loaded once for all sessions.

    Where it is missing or damaged, the page says so and how to get it, and the answer is ``None``;
    the next run tries again.
    """
    return _loaded(_predictor, "ionic-liquids")


def miscibility() -> MiscibilityPredictor | None:
    """The trained model of polymers in solvents, likewise."""
    return _loaded(_miscibility, "polymer-solvent")


def _loaded(load: Callable[[], T], role: str) -> T | None:
    from core.checkpoints import CheckpointError  # noqa: PLC0415 - brings torch along

    try:
        return load()
    except CheckpointError as error:
        st.error(plain(sentence(error)), icon=":material/error:")
        st.markdown(
            "Without it there are no predictions. The trained model belongs to the project's files "
            "under `checkpoints/`: fetch it again with `git checkout -- checkpoints`, or train a "
            f"new one with `python -m core train {role}`, then reload this page."
        )
        return None


@cache
def catalogue(role: str) -> Mapping[str, names.CatalogueIon]:
    """The known ions of a role by SMILES, most common first."""
    known = names.cations() if role == "cation" else names.anions()
    return {ion.smiles: ion for ion in known}


@cache
def families(role: str) -> Sequence[str]:
    """The families of the known ions of a role, by alphabet."""
    return sorted({ion.family for ion in catalogue(role).values()})


@cache
def option_labels() -> Mapping[str, str]:
    """What the lists of ions show, by SMILES; the abbreviation first, lest it be cut off."""
    return {
        ion.smiles: f"[{ion.abbreviation}]  {ion.name}" if ion.abbreviation else ion.name
        for role in ("cation", "anion")
        for ion in catalogue(role).values()
    }


def model_summary(card: Card) -> None:
    """Name, date, data and honest headline errors of a model, read from its card."""
    st.markdown(
        f"**{plain(card.name)}**, trained on {plain(card.created[:10])} on "
        f"{sum(card.data['rows'].values()):,} measured values."
    )
    rows = []
    for key, prop in PROPERTIES.items():
        values, liquids = card.data["rows"][key], card.data["liquids"][key]
        row = {"": prop.label, "Learned from": f"{values:,} values of {liquids:,} ionic liquids"}
        for tier, models in card.metrics.get(key, {}).items():
            error = models["recommender"]
            row[f"Mean error, {TIERS[card.role][tier]}"] = (
                f"{error['AARD_by_liquid']:.2g} %"
                if prop.depends_on_temperature
                else f"{error['MAE_by_liquid']:.2g} K"
            )
        rows.append(row)
    st.table(pd.DataFrame(rows).set_index(""))
    if card.metrics:
        st.caption(
            "Cross-validated, averaged over ionic liquids that took no part in training; each "
            "counts once, whatever the number of its measured values."
        )
    else:
        st.caption("Not evaluated yet: run `python -m core evaluate ionic-liquids`.")


@lru_cache(maxsize=2_000)
def drawing(smiles: str, *, dark: bool, height: int = 190, width: int = 280) -> str:
    """A 2-D drawing as SVG, at most so many pixels high and wide."""
    return figures.ion_svg(smiles, width=width, height=height, dark=dark)


# --------------------------------------------------------------------------------------------- text


def sentence(error: Exception | str) -> str:
    """The text of an error as a sentence of its own."""
    text = str(error).strip()
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '?', '!')) else '.'}"


def plain(text: str) -> str:
    """Escape every mark that Markdown or Streamlit could act on."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text.replace("\n", " "))


def short_name(ion: Ion) -> str:
    """Abbreviation where there is one, else the name, else the formula."""
    known = catalogue(ion.role).get(ion.smiles)
    if known is not None and known.abbreviation:
        return f"[{known.abbreviation}]"
    return f"[{known.name}]" if known is not None and len(known.name) <= 24 else f"[{formula(ion)}]"


def liquid_name(liquid: IonicLiquid) -> str:
    """``[C4mim][Tf2N]``, with counts where the formula unit is not 1:1."""
    counts = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
    parts = ((liquid.cation, liquid.n_cation), (liquid.anion, liquid.n_anion))
    return "".join(
        short_name(ion) + (str(count).translate(counts) if count > 1 else "")
        for ion, count in parts
    )


def formula(ion: Ion) -> str:
    """The formula with subscripts and the charge raised."""
    body = re.sub(r"[+-]\d*$", "", ion.formula)
    body = body.translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))
    size = abs(ion.charge)
    raised = "" if size == 1 else str(size).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{body}{raised}{'⁺' if ion.charge > 0 else '⁻'}"


def shortened(text: str, longest: int) -> str:
    """A text, cut where it is longer than so many characters."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def warn(notes: Iterable[str]) -> None:
    """What to be careful about."""
    for note in notes:
        st.caption(f":orange[:material/warning: {plain(note)}]")


def is_dark() -> bool:
    """Whether the page is shown dark."""
    return st.context.theme.type == "dark"


# -------------------------------------------------------------------------------------------- state


def unit_of(units: Iterable[Unit], label: str) -> Unit:
    """The unit with that label."""
    return next(unit for unit in units if unit.label == label)


def _default_liquid() -> IonicLiquid:
    return combine(
        parse_ion("CCCCn1cc[n+](C)c1"), parse_ion("O=S(=O)([N-]S(=O)(=O)C(F)(F)F)C(F)(F)F")
    )


@dataclass
class State:
    """What the ionic-liquid page shows; all of it stands in the URL.

    Temperatures are in kelvin and pressures in kilopascal whatever the page shows; a unit is held
    by its label. The lists of ions show one family, or all where none is named. ``pinned`` are the
    ionic liquids kept for comparison.
    """

    liquid: IonicLiquid = field(default_factory=_default_liquid)
    temperature_K: float = REFERENCE_TEMPERATURE_K
    pressure_kPa: float = REFERENCE_PRESSURE_KPA
    T_unit: str = TEMPERATURE_UNITS[0].label
    P_unit: str = PRESSURE_UNITS[0].label
    units: dict[str, str] = field(
        default_factory=lambda: {key: prop.units[0].label for key, prop in PROPERTIES.items()}
    )
    against: str = "temperature_K"
    scale: str = "log"
    view: str = "2-D"
    window_K: tuple[float, float] = WINDOW_K
    pressure_top_kPa: float = PRESSURE_TOP_KPA
    cation_family: str = ""
    anion_family: str = ""
    pinned: list[IonicLiquid] = field(default_factory=list)
    problem: str = ""

    @property
    def temperature_unit(self) -> Unit:
        """The unit temperatures are shown in."""
        return unit_of(TEMPERATURE_UNITS, self.T_unit)

    @property
    def pressure_unit(self) -> Unit:
        """The unit pressures are shown in."""
        return unit_of(PRESSURE_UNITS, self.P_unit)

    def unit(self, key: str) -> Unit:
        """The unit a property is shown in."""
        return PROPERTIES[key].unit(self.units[key])

    def shown(self) -> list[IonicLiquid]:
        """The pinned ionic liquids and, if it is not one of them, the current one."""
        keys = {liquid.key for liquid in self.pinned}
        return [*self.pinned, *([] if self.liquid.key in keys else [self.liquid])]


def to_query(state: State) -> dict[str, list[str]]:
    """Write a state as query parameters; what is at its default is left out."""
    query = {
        "cation": [_token(state.liquid.cation)],
        "anion": [_token(state.liquid.anion)],
        "T": [f"{state.temperature_K:.10g}"],
        "P": [f"{state.pressure_kPa:.10g}"],
    }
    fresh = State()
    for name in ("T_unit", "P_unit", "against", "scale", "view", "cation_family", "anion_family"):
        if getattr(state, name) != getattr(fresh, name):
            query[name] = [getattr(state, name)]
    if state.window_K != fresh.window_K:
        query["from"], query["to"] = ([f"{end:.10g}"] for end in state.window_K)
    if state.pressure_top_kPa != fresh.pressure_top_kPa:
        query["P_to"] = [f"{state.pressure_top_kPa:.10g}"]
    query |= {key: [unit] for key, unit in state.units.items() if unit != fresh.units[key]}
    if state.pinned:
        query["with"] = [f"{_token(p.cation)}~{_token(p.anion)}" for p in state.pinned]
    return query


def from_query(query: Mapping[str, list[str]]) -> State:
    """Read a state from query parameters; what cannot be read keeps its default and is told."""
    state = State()
    first = {name: values[0].strip()[:LONGEST_TEXT] for name, values in query.items() if values}
    problems = []
    for role in ("cation", "anion"):
        if role in first:
            try:
                ion = names.find_ion(first[role], role)
                pair = (ion, state.liquid.anion) if role == "cation" else (state.liquid.cation, ion)
                state.liquid = combine(*pair)
            except ChemistryError as error:
                problems.append(f"The {role} of this link: {sentence(error)}")
    state.temperature_K = number(first.get("T"), state.temperature_K, TEMPERATURE_LIMITS_K)
    state.pressure_kPa = number(first.get("P"), state.pressure_kPa, PRESSURE_LIMITS_KPA)
    low = number(first.get("from"), WINDOW_K[0], TEMPERATURE_LIMITS_K)
    high = number(first.get("to"), WINDOW_K[1], TEMPERATURE_LIMITS_K)
    if high - low >= 10.0:
        state.window_K = (low, high)
    state.pressure_top_kPa = number(first.get("P_to"), PRESSURE_TOP_KPA, (1000.0, 1e6))
    choices: dict[str, Iterable[str]] = {
        "T_unit": [unit.label for unit in TEMPERATURE_UNITS],
        "P_unit": [unit.label for unit in PRESSURE_UNITS],
        "against": ("temperature_K", "pressure_kPa"),
        "scale": ("linear", "log", "arrhenius"),
        "view": ("2-D", "3-D"),
        "cation_family": families("cation"),
        "anion_family": families("anion"),
    }
    for name, allowed in choices.items():
        if first.get(name) in allowed:
            setattr(state, name, first[name])
    for key, prop in PROPERTIES.items():
        if first.get(key) in {unit.label for unit in prop.units}:
            state.units[key] = first[key]
    for text in query.get("with", [])[: figures.MAX_LINES - 1]:
        cation, _, anion = text[: 2 * LONGEST_TEXT].partition("~")
        try:
            pinned = combine(names.find_ion(cation, "cation"), names.find_ion(anion, "anion"))
        except ChemistryError as error:
            problems.append(f"An ionic liquid to compare with: {sentence(error)}")
        else:
            if pinned.key not in {other.key for other in state.pinned}:
                state.pinned.append(pinned)
    state.problem = " ".join(problems)
    return state


def number(text: str | None, default: float, limits: tuple[float, float]) -> float:
    """The number in a text of a link; the default where there is none within the limits."""
    try:
        value = float(text or "")
    except ValueError:
        return default
    return value if limits[0] <= value <= limits[1] else default


@lru_cache(maxsize=5_000)
def ion_token(smiles: str, role: str) -> str:
    """The abbreviation where it leads back to the ion, else the SMILES."""
    known = catalogue(role).get(smiles)
    short = known.abbreviation if known is not None else ""
    if short and "~" not in short:
        try:
            if names.find_ion(short, role).smiles == smiles:
                return short
        except ChemistryError:
            pass
    return smiles


def _token(ion: Ion) -> str:
    return ion_token(ion.smiles, ion.role)


def ion_of(text: str, role: str) -> Ion:
    """The ion picked from a list or typed into its search.

    What is typed is a name, an abbreviation or a SMILES; else it stands for the first ion of the
    list that contains it, as the search itself would have it.

    Raises:
        ChemistryError: if it is none of these.
    """
    try:
        return names.find_ion(text, role)
    except ChemistryError:
        part = text.strip().lower()
        for smiles in catalogue(role):
            if part and part in option_labels()[smiles].lower():
                return parse_ion(smiles, role)
        raise


def state_from_url(page: str, read: Callable[[Mapping[str, list[str]]], T]) -> T:
    """The state of a page in this session, read anew when the URL was changed from outside.

    While a rerun is under way the browser may still send the URL of the run before. Such a run
    comes from a widget, whose callback has set ``touched``: then the session is right, not the URL.
    """
    session = st.session_state
    query = {name: st.query_params.get_all(name) for name in st.query_params}
    touched = session.pop("touched", False)
    key = f"state_{page}"
    changed = query and query != session.get(f"url_{page}") and not touched
    if key not in session or changed:
        session[key] = read(query)
    state: T = session[key]
    return state


def publish(page: str, query: dict[str, list[str]]) -> None:
    """Put the state of a page in the URL; called at the end of its run."""
    session = st.session_state
    session["sent"] = session.pop("sending", frozenset())
    session[f"url_{page}"] = query
    if {name: st.query_params.get_all(name) for name in st.query_params} != query:
        st.query_params.from_dict(query)


def seeded(key: str, value: object, *, folded: bool = False) -> str:
    """Set a widget to what the state says; return the widget's key.

    A value that the browser already shows is not sent again, lest it overwrite what the user is
    typing. What a run sent that came to no end may never have arrived, and a widget inside
    something ``folded`` may not yet be there: both are sent their value again.
    """
    session = st.session_state
    if folded or session.get(key) != value or key not in session.get("sent", ()):
        session[key] = value
    session["sending"] = session.get("sending", frozenset()) | {key}
    return key


def changes(change: Callable[..., None]) -> Callable[..., None]:
    """Mark a callback as the user's own change, so that the URL follows it."""

    def callback(*arguments: object) -> None:
        st.session_state["touched"] = True
        change(*arguments)

    return callback


class HasTemperature(Protocol):
    """The state of a page with one temperature, in kelvin whatever unit is shown."""

    temperature_K: float

    @property
    def temperature_unit(self) -> Unit:
        """The unit shown."""


def setters(prefix: str, state: HasTemperature) -> tuple[Callable[..., None], Callable[..., None]]:
    """Callbacks that take the temperature, and any choice that is stored as it is shown.

    Args:
        prefix: of the keys of the page's widgets; behind it stands the name of what is chosen.
        state: of the page, which is changed.
    """
    session = st.session_state

    @changes
    def set_temperature() -> None:
        if session[f"{prefix}_T"] is not None:
            unit = state.temperature_unit
            state.temperature_K = float(unit.to_internal(session[f"{prefix}_T"]))

    @changes
    def set_choice(name: str) -> None:
        if session[f"{prefix}_{name}"] is not None:
            setattr(state, name, session[f"{prefix}_{name}"])

    return set_temperature, set_choice


def temperature_input(
    prefix: str,
    temperature_K: float,
    unit: Unit,
    limits: tuple[float, float],
    *,
    on_change: Callable[..., None],
    on_unit: Callable[..., None],
    hint: str | None = None,
) -> None:
    """A temperature in the unit shown, and its unit beside it.

    Args:
        prefix: of the widgets' keys, ``{prefix}_T`` and ``{prefix}_T_unit``.
        temperature_K: in kelvin.
        unit: shown.
        limits: lowest and highest temperature in kelvin.
        on_change: takes the temperature.
        on_unit: takes the unit; called with ``"T_unit"``.
        hint: help on the temperature.
    """
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
        low, high = (float(round(float(end), 9)) for end in unit.to_display(limits))
        st.number_input(
            "Temperature",
            min_value=low,
            max_value=high,
            step=5.0,
            format="%.6g",
            key=seeded(f"{prefix}_T", float(round(float(unit.to_display(temperature_K)), 9))),
            on_change=on_change,
            help=hint,
        )
        st.selectbox(
            "Unit of temperature",
            [entry.label for entry in TEMPERATURE_UNITS],
            key=seeded(f"{prefix}_T_unit", unit.label),
            on_change=on_unit,
            args=("T_unit",),
            label_visibility="collapsed",
            filter_mode=None,
            width=92,
        )
