"""Guess before you see: questions from live predictions, the same for a whole class."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from core import figures
from core.properties import PROPERTIES, Unit
from pages import _common as common
from pages import _lessons as lessons
from pages._export import Shown

if TYPE_CHECKING:
    from core.exercises import Exercise
    from core.predict import IonicLiquidPredictor, MiscibilityPredictor

QUESTIONS = 6


@st.cache_data(show_spinner="Thinking of a question …", max_entries=600)
def exercise(
    _liquids: IonicLiquidPredictor,
    _mixtures: MiscibilityPredictor,
    models: tuple[str, str],  # noqa: ARG001 - their names are what the cache goes by
    seed: int,
    number: int,
) -> Exercise:
    """One question of a set."""
    from core.exercises import draw  # noqa: PLC0415 - brings torch along

    return draw(_liquids, _mixtures, seed, number)


def answers(seed: int) -> dict[int, str]:
    """What was answered in this session; it never stands in the URL."""
    found: dict[int, str] = st.session_state.setdefault(f"answers_{seed}", {})
    return found


@common.changes
def answer(seed: int, number: int) -> None:
    """Take the answer for good."""
    chosen = st.session_state.get(f"l_guess_{seed}_{number}")
    if chosen is not None:
        answers(seed).setdefault(number, chosen)


@common.changes
def go(number: int) -> None:
    """Open another question."""
    st.session_state[f"state_{lessons.PAGE}"].number = number


@common.changes
def take_seed() -> None:
    """Open another set, at its first question."""
    state = st.session_state[f"state_{lessons.PAGE}"]
    if st.session_state["l_seed"] is not None:
        state.seed, state.number = int(st.session_state["l_seed"]), 1


def guess(
    state: lessons.State, liquids: IonicLiquidPredictor, mixtures: MiscibilityPredictor
) -> Shown:
    """A question, the answer, the numbers, the reason."""
    st.header("Guess before you see")
    st.markdown(
        "Answer first; then the page shows the numbers with their intervals, and why. Nothing is "
        "asked where the intervals overlap. Everyone with the same set number sees the same six "
        "questions, so a class can share the link."
    )
    with st.container(width=200):
        st.number_input(
            "Set of questions",
            min_value=1,
            max_value=lessons.SEEDS,
            step=1,
            key=common.seeded("l_seed", state.seed),
            on_change=take_seed,
        )
    models = (liquids.card.name, mixtures.card.name)
    given = answers(state.seed)
    asked, charts = None, {}
    try:
        asked = exercise(liquids, mixtures, models, state.seed, state.number - 1)
    except LookupError:
        st.info("No clear question was found here; go on to the next one.")
    else:
        charts = ask(state, asked, given)
    steps(state)
    if given:
        right = sum(
            exercise(liquids, mixtures, models, state.seed, number - 1).right == said
            for number, said in given.items()
        )
        st.markdown(f"Right so far: **{right} of {len(given)}**.")
    lessons.read_more("Tokuda 2004", "Tokuda 2005", "Hansen 2007")
    of_liquids = asked is None or asked.kind != "dissolve"
    told = asked is not None and state.number in given
    return Shown(
        f"{lessons.PAGE}_{state.lesson}",
        title=f"Guess first: set {state.seed}, question {state.number}",
        card=liquids.card if of_liquids else mixtures.card,
        query=lessons.to_query(state),
        table=partial(table_of, asked) if asked is not None and told else None,
        recipe=None,
        works=["ionic liquids" if of_liquids else "miscibility", "simulation"],
        charts=charts,
        words="Dots: predicted, with the 90 % interval as a bar.",
        ways=("Link", "BibTeX"),
    )


def table_of(asked: Exercise) -> pd.DataFrame:
    """The numbers behind a question that was answered, in the unit of the quantity."""
    prop = PROPERTIES.get(asked.quantity)
    rows = [
        {"name": at.name, asked.quantity: at.value, "low": at.low, "high": at.high}
        for at in asked.shown
    ]
    table = pd.DataFrame(rows)
    if asked.probability is not None:
        table["soluble_probability"] = asked.probability
    return table.assign(unit=prop.internal_unit.label if prop is not None else "")


def ask(state: lessons.State, asked: Exercise, given: dict[int, str]) -> dict[str, lessons.Chart]:
    """The question; once it is answered, the numbers, with the chart that shows them."""
    done = given.get(state.number)
    with st.container(border=True):
        st.markdown(f"**Question {state.number} of {QUESTIONS}.** {common.plain(asked.question)}")
        key = f"l_guess_{state.seed}_{state.number}"
        st.radio(
            "Your answer",
            list(asked.options),
            index=None if done is None else asked.options.index(done),
            format_func=common.plain,
            key=key,
            disabled=done is not None,
            label_visibility="collapsed",
        )
        if done is None:
            st.button(
                "This is my answer",
                on_click=answer,
                args=(state.seed, state.number),
                type="primary",
            )
            return {}
        if done == asked.right:
            st.success("Right.", icon=":material/check:")
        else:
            st.warning(
                f"Not so: the answer is {common.plain(asked.right[0].lower() + asked.right[1:])}."
                if asked.kind == "dissolve"
                else f"Not so: the answer is {common.plain(asked.right)}.",
                icon=":material/close:",
            )
        return reveal(asked)


def reveal(asked: Exercise) -> dict[str, lessons.Chart]:
    """The numbers with their intervals, and why."""
    prop = PROPERTIES.get(asked.quantity)
    unit = prop.units[0] if prop is not None else Unit("")
    rungs, charts = [], {}
    for shown in asked.shown:
        value, low, high = (
            float(end) for end in unit.to_display([shown.value, shown.low, shown.high])
        )
        rungs.append(figures.Rung(shown.name, value, low, high))
    if asked.probability is None and prop is not None:
        charts = lessons.draw(
            partial(
                figures.ladder_figure,
                rungs,
                unit,
                title=f"<b>{prop.label}</b>  <i>{prop.symbol}</i>",
                log=prop.transform == "log10",
            ),
            "guess",
            prop.label,
            f"{prop.label} of the ionic liquids of the question",
        )
    elif asked.probability is not None:
        at = rungs[0]
        st.markdown(
            f"The model gives a chance of **{figures.percent(asked.probability)}** that it "
            f"dissolves; χ = {figures.chi_text(at.value)}, 90 % interval "
            f"{figures.chi_text(at.low)} to {figures.chi_text(at.high)}."
        )
    st.markdown(f"**Why?** {common.plain(asked.why)}")
    return charts


def steps(state: lessons.State) -> None:
    """To the question before and after."""
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Before",
            on_click=go,
            args=(state.number - 1,),
            disabled=state.number <= 1,
            icon=":material/arrow_back:",
        )
        st.button(
            "Next",
            on_click=go,
            args=(state.number + 1,),
            disabled=state.number >= QUESTIONS,
            icon=":material/arrow_forward:",
            icon_position="right",
        )
