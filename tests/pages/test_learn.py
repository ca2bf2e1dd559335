"""The page of lessons: every lesson works on load, from its link, and with every control."""

import io
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.predict import IonicLiquidPredictor
from pages import _lessons as lessons
from pages import _lessons_liquids as liquids
from pages import _lessons_polymers as polymers

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True, scope="module")
def fresh_models() -> None:
    """No model that another test made up is left over."""
    st.cache_resource.clear()


def open_page(**query: str) -> AppTest:
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    at.run()
    at.switch_page("pages/learn.py")
    for name, value in query.items():
        at.query_params[name] = value
    at.run()
    assert not at.exception
    return at


def drawn(at: AppTest, index: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(at.get("plotly_chart")[index].proto.spec)
    return found


def link(at: AppTest) -> dict[str, str]:
    """The state in the address, one value for each name."""
    found = {name: at.query_params[name] for name in at.query_params}
    return {name: v if isinstance(v, str) else v[0] for name, v in found.items()}


def words_of(at: AppTest) -> str:
    return "\n".join(item.value for item in (*at.markdown, *at.caption, *at.header))


@pytest.mark.parametrize("lesson", list(lessons.LESSONS))
def test_every_lesson_works_from_its_link_and_names_its_source(lesson: str) -> None:
    at = open_page(lesson=lesson)
    assert at.segmented_control(key="l_lesson").value == lesson
    assert link(at)["lesson"] == lesson
    assert "https://doi.org/10." in words_of(at)
    assert len(at.header) == 1


def test_a_lesson_is_changed_by_a_click_and_the_link_follows() -> None:
    at = open_page()
    at.segmented_control(key="l_lesson").set_value("flory").run()
    assert not at.exception
    assert link(at)["lesson"] == "flory"
    assert "chi" in link(at)
    assert "anion" not in link(at)


def test_a_link_that_makes_no_sense_opens_the_first_lesson_with_its_defaults() -> None:
    state = lessons.from_query(
        {"lesson": ["<b>"], "anion": ["water"], "n": ["7"], "chi": ["1e9"], "seed": ["-3"]}
    )
    assert state == lessons.State()


def test_a_link_restores_every_part_of_every_lesson() -> None:
    state = lessons.State(
        anion="BF4", cation="C2mim", temperature_K=333.15, of="density_kg_m3", family="ammonium",
        form="AB", n=1000, chi=0.55, A=0.2, B=120.0, polymer="PMMA", radius=9.5, seed=42, number=3,
    )  # fmt: skip
    for lesson, parts in lessons.PARTS.items():
        state.lesson = lesson
        query = lessons.to_query(state)
        again = lessons.from_query(query)
        assert lessons.to_query(again) == query
        assert all(getattr(again, name) == getattr(state, name) for name in parts)


def test_the_chain_is_drawn_from_methyl_to_dodecyl_with_measured_points() -> None:
    at = open_page(lesson="chain", anion="Tf2N")
    assert len(at.get("plotly_chart")) == 3
    predicted, measured = drawn(at, 1)["data"]
    assert predicted["x"] == list(range(1, 13))
    assert len(measured["x"]) >= 5
    density = drawn(at, 0)["data"][0]["y"]
    assert density == sorted(density, reverse=True)
    before = predicted["y"]
    at.slider(key="l_temperature").set_value(60).run()
    assert not at.exception
    after = drawn(at, 1)["data"][0]["y"]
    assert all(warm < cold for warm, cold in zip(after, before, strict=True))
    assert link(at)["temperature_K"] == "333.15"


def test_the_minimum_of_the_viscosity_is_told_from_the_numbers() -> None:
    words = words_of(open_page(lesson="chain", anion="Tf2N"))
    assert "puts the minimum" in words
    assert "easurements" in words


@pytest.mark.parametrize(
    "values, expected",
    [
        ([10.0, 20.0, 30.0], "sees no minimum"),
        ([30.0, 10.0, 40.0], "do not overlap"),
        ([11.0, 10.0, 40.0], "cannot prove it"),
    ],
)
def test_a_minimum_is_claimed_only_where_intervals_lie_apart(
    values: list[float], expected: str
) -> None:
    rungs = [liquids.figures.Rung(f"n{i}", v, 0.8 * v, 1.2 * v) for i, v in enumerate(values)]
    assert expected in liquids.minimum_words(rungs, "Tf2N")


@pytest.mark.parametrize("at_one, expected", [(38.0, "agree"), (20.0, "do not show it")])
def test_measurements_are_quoted_for_and_against_the_minimum(at_one: float, expected: str) -> None:
    rungs = [
        liquids.figures.Rung("one", 40.0, 35.0, 45.0, [at_one]),
        liquids.figures.Rung("two", 30.0, 26.0, 34.0, [32.0]),
    ]
    assert expected in liquids.minimum_words(rungs, "Tf2N")


def test_measurements_that_lack_the_minimum_decide_nothing() -> None:
    rungs = [
        liquids.figures.Rung("one", 40.0, 35.0, 45.0, [38.0]),
        liquids.figures.Rung("two", 30.0, 26.0, 34.0),
        liquids.figures.Rung("three", 44.0, 40.0, 48.0, [43.0]),
    ]
    assert "lack n = 2" in liquids.minimum_words(rungs, "Tf2N")


def test_the_anions_are_ranked_and_unsure_steps_are_counted() -> None:
    at = open_page(lesson="anions", cation="C4mim", of="viscosity_mPa_s")
    values = drawn(at)["data"][0]["x"]
    assert values == sorted(values, reverse=True)
    assert "order is not sure" in words_of(at)
    for key in ("density_kg_m3", "melting_point_K"):
        at.segmented_control(key="l_of").set_value(key).run()
        assert not at.exception
    assert not [slider for slider in at.slider if slider.key == "l_temperature"]


@pytest.mark.parametrize("family", lessons.FAMILIES)
def test_symmetric_cations_are_compared_with_asymmetric_ones_of_equal_size(family: str) -> None:
    rows = liquids.SYMMETRY[family]
    for _, smiles, carbons, symmetric in rows:
        ring = 3 if family == "imidazolium" else 0
        assert smiles.count("C") + smiles.count("c") - ring == carbons
        if symmetric:
            assert smiles.count("c") in {0, 3}
    sizes = {carbons for _, _, carbons, symmetric in rows if not symmetric}
    assert sizes <= {carbons for _, _, carbons, symmetric in rows if symmetric}
    at = open_page(lesson="symmetry", family=family)
    assert "pairs of equal size" in words_of(at)
    assert len(drawn(at)["data"][0]["x"]) == len(rows)


def test_moving_chi_splits_the_solution() -> None:
    at = open_page(lesson="flory", chi="0.4", n="100")
    assert "one phase" in words_of(at)
    assert len(drawn(at, 0)["data"]) == 1
    at.slider(key="l_chi").set_value(1.0).run()
    assert not at.exception
    assert "split into these two phases" in words_of(at)
    assert len(drawn(at, 0)["data"]) == 3
    at.select_slider(key="l_n").set_value(1).run()
    assert "one phase" in words_of(at)  # a mixture of small molecules needs chi above 2
    assert link(at) == {
        "lesson": "flory", "form": "chi", "n": "1", "chi": "1", "A": "-0.6", "B": "400",
        "temperature_K": "298.15",
    }  # fmt: skip


def test_a_heat_of_mixing_gives_a_phase_diagram_in_temperature() -> None:
    at = open_page(lesson="flory", form="AB")
    assert "UCST" in words_of(at)
    at.slider(key="l_B").set_value(-400.0).run()
    at.slider(key="l_A").set_value(2.0).run()
    assert not at.exception
    assert "LCST" in words_of(at)


def test_the_radius_of_the_sphere_changes_what_it_holds() -> None:
    at = open_page(lesson="hansen", polymer="PS", radius="8")
    assert len(at.get("plotly_chart")) == 2
    sorted_so = next(m.value for m in at.markdown if m.value.startswith("Your sphere"))
    at.slider(key="l_radius").set_value(20.0).run()
    assert not at.exception
    assert "Inside though it does not" in next(
        m.value for m in at.markdown if m.value.startswith("Your sphere")
    )
    assert sorted_so not in words_of(at)
    assert drawn(at, 1)["data"][0]["type"] == "isosurface"


def radio(at: AppTest) -> Any:  # noqa: ANN401 - Streamlit does not say
    return at.radio[0]


def test_a_guess_is_answered_before_the_numbers_are_seen() -> None:
    at = open_page(lesson="guess", seed="5")
    assert "Why?" not in words_of(at)
    assert not at.get("plotly_chart")
    submit = next(button for button in at.button if button.label == "This is my answer")
    submit.click().run()  # nothing chosen yet: nothing is told
    assert "Why?" not in words_of(at)
    radio(at).set_value(radio(at).options[0].replace("\\", "")).run()
    next(button for button in at.button if button.label == "This is my answer").click().run()
    assert not at.exception
    assert "Why?" in words_of(at)
    assert len(at.get("plotly_chart")) == 1
    assert radio(at).disabled
    assert "of 1" in next(m.value for m in at.markdown if "Right so far" in m.value)
    assert len(at.success) + len(at.warning) == 1
    assert "answer" not in "".join(link(at))  # a shared link does not give it away
    next(button for button in at.button if button.label == "Next").click().run()
    assert link(at)["number"] == "2"
    assert "Question 2 of 6" in words_of(at)
    assert "Why?" not in words_of(at)


def test_a_class_sees_the_same_question() -> None:
    first, second = (open_page(lesson="guess", seed="9", number="3") for _ in range(2))
    assert list(radio(first).options) == list(radio(second).options)
    third = open_page(lesson="guess", seed="10", number="3")
    assert list(radio(third).options) != list(radio(first).options)


WAYS = {
    "chain": ("Python", "Command line"),
    "anions": ("Python", "Command line"),
    "symmetry": ("Python", "Command line"),
    "flory": ("Python",),
    "hansen": ("Python", "Command line"),
    "guess": (),
}


@pytest.mark.parametrize("lesson", list(lessons.LESSONS))
def test_a_lesson_can_be_taken_along(lesson: str) -> None:
    at = open_page(lesson=lesson)
    at.session_state[f"learn_{lesson}_share"] = True
    at.run()
    assert not at.exception
    copied = at.segmented_control(key=f"learn_{lesson}_way")
    assert tuple(copied.options) == ("Link", *WAYS[lesson], "BibTeX")
    assert urlencode(link(at)) in at.code[0].value
    for way in copied.options[1:]:
        copied.set_value(way).run()
        assert not at.exception
        words = {"BibTeX": "@software", "Python": "print(", "Command line": "python -m core"}[way]
        assert words in at.code[0].value
    labels = {button.proto.label for button in at.get("download_button")}
    assert ("Data (CSV)" in labels) == (lesson != "guess")  # an answer is not given away
    assert ("Page (HTML)" in labels) == (lesson != "guess")


def test_the_numbers_of_an_answered_question_can_be_taken_along() -> None:
    at = open_page(lesson="guess", seed="5")
    radio(at).set_value(radio(at).options[0].replace("\\", "")).run()
    next(button for button in at.button if button.label == "This is my answer").click().run()
    at.session_state["learn_guess_share"] = True
    at.run()
    assert not at.exception
    labels = {button.proto.label for button in at.get("download_button")}
    assert labels == {"Data (CSV)", "Page (HTML)"}


def test_the_table_of_a_series_holds_what_its_chart_shows() -> None:
    model = IonicLiquidPredictor.load()
    named = liquids.with_anions("C2mim")
    rungs = liquids.rungs_of(model, model.card.name, named, "density_kg_m3", 313.15)
    table = liquids.table_of(named, {"density_kg_m3": rungs}, 313.15, model.card.name)
    predicted = table[table["kind"] == "predicted"]
    assert predicted["ionic_liquid"].tolist() == list(named)
    assert predicted["value"].tolist() == [at.value for at in rungs]
    measured = table[table["kind"] == "measured"]
    assert len(measured) == sum(len(at.measured) for at in rungs) > 0
    assert set(measured["model"]) == {""}
    assert set(table["temperature_K"]) == {313.15}


@pytest.mark.parametrize("form", ["chi", "AB"])
def test_the_script_of_a_solution_gives_the_numbers_of_its_table(form: str) -> None:
    state = lessons.State(lesson="flory", form=form, n=200, chi=0.9, A=-0.5, B=410.0)
    table = polymers.flory_table(state)
    recipe = polymers.flory_recipe(state)
    printed = subprocess.run(
        [sys.executable, "-c", recipe.python], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    curve, points, *gaps = (
        pd.read_csv(io.StringIO(block)) for block in re.split(r"\n\n+", printed.strip())
    )
    own = table[table["kind"] == "free energy"]
    np.testing.assert_allclose(curve["phi"], own["phi"])
    np.testing.assert_allclose(curve["free_energy_RT"], own["free_energy_RT"], atol=1e-12)
    if form == "AB":  # the critical chi is that of another temperature
        assert table["temperature_K"].isna().sum() == 1
    for kind in ("critical point", "binodal", "spinodal"):
        expected = table[(table["kind"] == kind)]["phi"]
        np.testing.assert_allclose(points[points["point"] == kind]["phi"], expected)
        assert len(expected) == (1 if kind == "critical point" else 2)
    assert len(gaps) == (form == "AB")
    for gap in gaps:
        both = table[table["kind"] == "binodal against temperature"]["phi"]
        np.testing.assert_allclose([*gap["dilute"], *gap["concentrated"]], both)
