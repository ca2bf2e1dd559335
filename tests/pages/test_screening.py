import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs

import pytest
import streamlit as st
from hypothesis import given, settings, strategies
from streamlit.testing.v1 import AppTest

from core import names, screen
from core.chemistry import canonical_ion
from core.properties import PROPERTIES
from core.screen import Among, Comparison, Elements, Objective
from core.screen.library import Role, Source, ion_list
from pages import _basket as basket
from pages import _common as common
from pages import _screen as own

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = "![x](https://evil.example/x.png)<script>alert(1)</script>"
FAMILIES = ("imidazolium", "protic ammonium", "bis(sulfonyl)imide")


@pytest.fixture(autouse=True)
def few_ions(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A library of some thousand pairs, so that a page opens at once."""

    def few(role: Role, source: Source = "simulated") -> screen.IonList:
        catalogue = names.cations() if role == "cation" else names.anions()
        known = [canonical_ion(ion.smiles) for ion in catalogue[:80] if abs(ion.charge) == 1]
        return ion_list(role, known[slice(60) if source == "catalogue" else slice(5, 55)])

    monkeypatch.setattr("core.screen.known_ions", few)
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


def open_page(**query: str | list[str]) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    app.run()
    for name, value in query.items():
        app.query_params[name] = value
    return healthy(app.switch_page("pages/screening.py").run())


def healthy(app: AppTest) -> AppTest:
    assert not app.exception, app.exception
    return app


def hits(app: AppTest) -> int:
    return int(app.metric[0].value.replace(",", ""))


def link(app: AppTest, name: str) -> str:
    value = app.query_params[name]
    return value if isinstance(value, str) else value[0]


def figure(app: AppTest) -> dict:
    (chart,) = app.get("plotly_chart")
    return json.loads(chart.proto.spec)


def heading(app: AppTest) -> str:
    return next(m.value for m in app.markdown if m.value.startswith("### ")).replace("\\", "")


def test_the_page_opens_with_a_good_example() -> None:
    app = open_page()
    assert not app.error
    assert hits(app) > 20
    assert link(app, "where") == (
        "density_kg_m3 >= 1000 and viscosity_mPa_s <= 50 and melting_point_K <= 298.15"
    )
    assert [m.label for m in app.metric[1:]] == [p.label for p in PROPERTIES.values()]
    names = [trace["name"] for trace in figure(app)["data"]]
    assert names[:2] == ["density of all", "density of hits"]
    assert app.dataframe[0].value["Near-copies"].sum() > 0
    assert app.dataframe[0].value["Cation drawn"].str.startswith("data:image/svg").all()


def test_a_slider_changes_the_count_and_the_link() -> None:
    app = open_page()
    before = hits(app)
    app.select_slider(key="s_viscosity_mPa_s").set_range(own.STEPS["viscosity_mPa_s"][0], 30.0)
    healthy(app.run())
    assert 0 < hits(app) < before
    assert "viscosity_mPa_s <= 30 " in link(app, "where")
    app.toggle(key="s_cautious").set_value(True)
    healthy(app.run())
    assert hits(app) < before
    assert "density_kg_m3.low >= 1000 and viscosity_mPa_s.high <= 30" in link(app, "where")
    app.button[0].click()
    healthy(app.run())
    assert hits(app) == len(own.library("catalogue")) == 3600
    assert link(app, "where") == ""


def test_families_elements_and_support_are_asked_for() -> None:
    app = open_page(where="")
    assert hits(app) == 3600
    app.multiselect(key="s_cation_families").set_value(["imidazolium"])
    healthy(app.run())
    imidazolium = hits(app)
    assert 0 < imidazolium < 3600
    app.toggle(key="s_halogen_free").set_value(True)
    app.multiselect(key="s_supports").set_value(["pair_measured"])
    healthy(app.run())
    assert 0 < hits(app) < imidazolium
    text = link(app, "where")
    assert text == "cation.family = imidazolium and support = pair_measured and halogen-free"
    again = open_page(where=text)
    assert hits(again) == hits(app)
    assert again.multiselect(key="s_supports").value == ["pair_measured"]


def test_further_conditions_are_understood_or_told() -> None:
    app = open_page(where="")
    app.text_input(key="s_further").set_value("contains B and density_kg_m3 > 1100")
    healthy(app.run())
    count = hits(app)
    assert 0 < count < 3600
    assert "contains B" in link(app, "where")
    app.text_input(key="s_further").set_value("viscosity < 50 and contains N")
    healthy(app.run())
    assert "did you mean viscosity" in app.error[0].value.replace("\\", "")
    assert hits(app) == count
    assert app.text_input(key="s_further").value.startswith("viscosity < 50")


def test_a_link_that_is_not_understood_is_told() -> None:
    app = open_page(where=HOSTILE, low=HOSTILE, T="hot", x="nothing", cation=HOSTILE, anion="x")
    assert "not understood" in app.error[0].value
    assert "![x](" not in app.error[0].value
    assert "<script>" not in app.error[0].value
    assert hits(app) > 0


def test_two_aims_give_a_front() -> None:
    app = open_page()
    assert len(figure(app)["data"]) == 4
    app.segmented_control(key="s_aim_density_kg_m3").set_value("high")
    healthy(app.run())
    front = figure(app)["data"][2]
    assert front["name"].startswith("Pareto")
    assert len(front["customdata"]) > 1
    assert link(app, "high") == "density_kg_m3"
    weight = next(n for n in app.number_input if n.key == "s_weight_density_kg_m3")
    weight.set_value(3.0)
    healthy(app.run())
    assert link(app, "high") == "density_kg_m3:3"


def test_all_simulated_ions_are_another_library() -> None:
    app = open_page(where="")
    app.segmented_control(key="s_ions").set_value("simulated")
    healthy(app.run())
    assert link(app, "ions") == "simulated"
    assert hits(app) == len(own.library("simulated")) == 2500
    assert own.library("catalogue").cations.ions != own.library("simulated").cations.ions


def test_another_temperature_and_pressure_predict_anew() -> None:
    app = open_page()
    before = hits(app)
    next(n for n in app.number_input if n.key == "s_T").set_value(80.0)
    healthy(app.run())
    warm = hits(app)
    assert warm > before
    assert link(app, "T") == "353.15"
    next(n for n in app.number_input if n.key == "s_P").set_value(200_000.0)
    healthy(app.run())
    assert hits(app) < warm
    assert link(app, "P") == "200000"


def test_no_hit_is_said() -> None:
    app = open_page(where="viscosity_mPa_s < 0.1")
    assert hits(app) == 0
    assert "widen" in app.info[0].value


def test_the_families_are_drawn() -> None:
    app = open_page(view="families")
    (trace,) = figure(app)["data"]
    assert trace["type"] == "heatmap"
    assert "imidazolium" in trace["y"]


def test_the_one_looked_at_leads_to_its_own_page() -> None:
    library = own.library("catalogue")
    cation, anion = library.cations.ions[3], library.anions.ions[5]
    app = open_page(cation=cation.smiles, anion=anion.smiles, T="333.15")
    proto = next(x.proto for x in app.get("page_link") if x.proto.query_string)
    query = parse_qs(proto.query_string)
    shown = heading(app)
    for name, values in query.items():
        app.query_params[name] = values
    healthy(app.switch_page("pages/ionic_liquids.py").run())
    title = next(m.value for m in app.markdown if m.value.startswith("## ")).replace("\\", "")
    assert title == shown[1:]
    assert query["T"] == ["333.15"]


numbers = strategies.builds(
    Comparison,
    strategies.sampled_from(screen.NUMBERS),
    strategies.sampled_from(["<=", ">=", "<", "!="]),
    strategies.integers(-5, 5000).map(float),
)
words = strategies.builds(
    Among,
    strategies.sampled_from(["cation.family", "anion.family"]),
    strategies.lists(strategies.sampled_from(FAMILIES), min_size=1, unique=True).map(tuple),
    strategies.booleans(),
)
elements = strategies.sampled_from(
    [Elements(screen.HALOGENS, wanted=False), Elements(("N",), wanted=True)]
)


@settings(max_examples=60, deadline=None)
@given(
    strategies.lists(numbers | words | elements, max_size=6).map(tuple),
    strategies.lists(
        strategies.builds(
            Objective,
            strategies.sampled_from(own.AXES),
            strategies.booleans(),
            strategies.sampled_from([1.0, 2.5]),
        ),
        unique_by=lambda aim: aim.name,
    ),
)
def test_every_state_survives_its_link(conditions: tuple, aims: list[Objective]) -> None:
    state = own.State(aims=sorted(aims, key=lambda aim: aim.maximise))
    state.take(conditions)
    again = own.from_query(own.to_query(state))
    assert again == state
    assert set(state.conditions()) == set(conditions)


def test_a_link_with_conditions_reads_only_the_ions_that_are_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []
    few = screen.known_ions
    monkeypatch.setattr(
        "core.screen.known_ions", lambda role, source: asked.append(source) or few(role, source)
    )
    app = open_page(where="cation.family = hydrazinium")  # a family that no named ion has
    assert set(asked) == {"catalogue"}
    assert hits(app) == 0
    assert not app.error


def tick(app: AppTest, rows: list[int]) -> AppTest:
    app.session_state["s_table"] = {"selection": {"rows": rows}}
    return healthy(app.run())


def test_ticked_rows_go_to_the_comparison_at_once() -> None:
    app = open_page()
    table = app.dataframe[0].value
    names = (table["Cation"] + table["Anion"]).tolist()
    assert app.button(key="s_compare_ticked").disabled
    tick(app, [2])
    tick(app, [0, 2])
    assert heading(app) == f"### {names[0]}"
    tick(app, [0, 2, 3])
    assert heading(app) == f"### {names[3]}"
    assert app.button(key="s_compare_ticked").label == "Add 3 to comparison"
    healthy(app.button(key="s_compare_ticked").click().run())
    kept = app.session_state["basket"].liquids
    assert [common.liquid_name(liquid) for liquid in kept] == [names[2], names[0], names[3]]
    assert app.button(key="s_compare_ticked").label == "In the comparison"
    tick(app, [0, 2])
    assert heading(app) == f"### {names[0]}"


def test_ticks_stay_with_their_ionic_liquids_when_the_table_changes() -> None:
    app = open_page()
    table = app.dataframe[0].value
    ticked = set(tick(app, [1, 4]).dataframe[0].value.loc[[1, 4], "Cation"])
    app.toggle(key="s_different").set_value(False)
    healthy(app.run())
    after = app.dataframe[0].value
    assert len(after) != len(table) or not after["Cation"].equals(table["Cation"])
    rows = app.session_state["s_table"]["selection"]["rows"]
    assert set(after.loc[rows, "Cation"]) == ticked
    healthy(app.switch_page("pages/compare.py").run())
    healthy(app.switch_page("pages/screening.py").run())
    rows = app.session_state["s_table"]["selection"]["rows"]
    assert set(app.dataframe[0].value.loc[rows, "Cation"]) == ticked


def test_more_rows_than_the_comparison_has_room_for_are_told() -> None:
    app = tick(open_page(), list(range(basket.MOST + 1)))
    button = app.button(key="s_compare_ticked")
    assert button.disabled
    assert f"room for {basket.MOST} more" in button.help
