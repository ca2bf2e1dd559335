"""Learn: lessons with the live models, each by its own link."""

from __future__ import annotations

import streamlit as st

from pages import _common as common
from pages import _lessons as lessons
from pages import _lessons_guess as guesses
from pages import _lessons_liquids as liquids
from pages import _lessons_polymers as polymers

common.ensure_router()
state = lessons.state()

st.title("Learn")
st.segmented_control(
    "Lesson",
    list(lessons.LESSONS),
    format_func=lambda name: lessons.LESSONS[name],
    key=common.seeded("l_lesson", state.lesson),
    required=True,
    on_change=lessons.take,
    args=("lesson",),
    label_visibility="collapsed",
    wrap=True,
)


def show() -> None:
    """The lesson chosen."""
    if state.lesson == "flory":
        polymers.flory(state)
    elif state.lesson == "hansen":
        if (mixtures := common.miscibility()) is not None:
            polymers.hansen(state, mixtures)
    elif state.lesson == "guess":
        found, mixtures = common.predictor(), common.miscibility()
        if found is not None and mixtures is not None:
            guesses.guess(state, found, mixtures)
    elif (model := common.predictor()) is not None:
        {"chain": liquids.chain, "anions": liquids.anions, "symmetry": liquids.symmetry}[
            state.lesson
        ](state, model)


show()
st.caption(
    "The address of this page holds the lesson and every setting: share it, and others see the "
    "same."
)
common.publish(lessons.PAGE, lessons.to_query(state))
