"""Learn: lessons with the live models, each by its own link."""

from __future__ import annotations

import streamlit as st

from pages import _common as common
from pages import _lessons as lessons
from pages import _lessons_guess as guesses
from pages import _lessons_liquids as liquids
from pages import _lessons_polymers as polymers
from pages._export import Shown, export_bar

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


def show() -> Shown | None:
    """The lesson chosen; what there is of it to take along, unless its model is missing."""
    if state.lesson == "flory":
        return polymers.flory(state)
    if state.lesson == "hansen":
        mixtures = common.miscibility()
        return polymers.hansen(state, mixtures) if mixtures is not None else None
    if state.lesson == "guess":
        found, mixtures = common.predictor(), common.miscibility()
        if found is None or mixtures is None:
            return None
        return guesses.guess(state, found, mixtures)
    if (model := common.predictor()) is None:
        return None
    lesson = {"chain": liquids.chain, "anions": liquids.anions, "symmetry": liquids.symmetry}
    return lesson[state.lesson](state, model)


if (shown := show()) is not None:
    export_bar(shown)
common.publish(lessons.PAGE, lessons.to_query(state))
