import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.figures import rounded
from core.names import find_liquid
from core.predict import IonicLiquidPredictor
from pages import _basket, _comparing

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = "![x](https://evil.example/x.png)<script>alert(1)</script>"
LIQUIDS = ["C2mim~Tf2N", "C2mim~DCA", "C4mim~BF4"]


def open_app() -> AppTest:
    return AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()


def go(app: AppTest, page: str, **query: str | list[str]) -> AppTest:
    app.query_params.clear()
    for name, value in query.items():
        app.query_params[name] = value
    app.switch_page(f"pages/{page}.py").run()
    assert not app.exception, app.exception
    return app


def open_page(**query: str | list[str]) -> AppTest:
    return go(open_app(), "compare", **query)


def press(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception, app.exception
    return app


def shown(app: AppTest) -> str:
    texts = [element.value for element in (*app.markdown, *app.caption, *app.info)]
    return "\n".join(texts).replace("\\", "")


def query(app: AppTest, name: str) -> list[str]:
    value = app.query_params.get(name, [])
    return [value] if isinstance(value, str) else value


def lines(app: AppTest) -> set[str]:
    (chart,) = app.get("plotly_chart")
    return {trace["name"] for trace in json.loads(chart.proto.spec)["data"]}


def test_an_empty_comparison_says_how_to_fill_it() -> None:
    app = open_page()
    assert "Add to comparison" in shown(app)
    assert not app.get("plotly_chart")
    app.segmented_control(key="c_kind").set_value("solvents").run()
    assert not app.exception
    assert "No solvents here yet" in shown(app)
    assert query(app, "show") == ["solvents"]


def test_a_link_shows_ionic_liquids_side_by_side() -> None:
    app = open_page(liquid=LIQUIDS, T="313.15", P="5000", curve="density_kg_m3", T_unit="K")
    assert lines(app) == {"[C2mim][Tf2N]", "[C2mim][DCA]", "[C4mim][BF4]"}
    assert query(app, "liquid") == LIQUIDS
    assert query(app, "curve") == ["density_kg_m3"]
    assert app.number_input(key="c_T").value == 313.15
    assert app.number_input(key="c_pressure_kPa").value == 5000.0
    text = shown(app)
    at = IonicLiquidPredictor.load().predict(find_liquid("[bmim][BF4]"), 313.15, 5000.0)
    density = at["density_kg_m3"]
    value, low, high = rounded(*(x / 1000.0 for x in (density.value, density.low, density.high)))
    assert f"**{value} g/cm³**" in text
    assert f"90 %: {low} to {high}" in text
    assert text.count("90 %:") == 15
    assert text.count("pair measured") + text.count("both ions known") >= 10


def test_liquids_are_moved_taken_out_cleared_and_brought_back() -> None:
    app = open_page(liquid=LIQUIDS)
    app.button(key="icon_arrow_forward_0").click().run()
    assert query(app, "liquid") == [LIQUIDS[1], LIQUIDS[0], LIQUIDS[2]]
    app.button(key="icon_arrow_back_2").click().run()
    assert query(app, "liquid") == [LIQUIDS[1], LIQUIDS[2], LIQUIDS[0]]
    app.button(key="icon_close_1").click().run()
    assert query(app, "liquid") == [LIQUIDS[1], LIQUIDS[0]]
    press(app, "Take all out")
    assert query(app, "liquid") == []
    assert "No ionic liquids here yet" in shown(app)
    press(app, "Bring back what was here")
    assert query(app, "liquid") == [LIQUIDS[1], LIQUIDS[0]]


def test_what_is_added_on_other_pages_is_here_and_on_the_charts_there() -> None:
    app = go(open_app(), "ionic_liquids", cation="C4mim", anion="BF4")
    press(app, "Add to comparison")
    go(app, "ionic_liquids", cation="C2mim", anion="DCA")
    names = {t["name"] for t in json.loads(app.get("plotly_chart")[0].proto.spec)["data"]}
    assert names == {"[C4mim][BF4]", "[C2mim][DCA]"}
    assert query(app, "with") == ["C4mim~BF4"]
    press(app, "Add to comparison")
    go(app, "polymer_solvent", polymer="PS", solvent=["toluene", "acetone"])
    press(app, "Add 2 to comparison")
    go(app, "compare", show="liquids")
    assert lines(app) == {"[C4mim][BF4]", "[C2mim][DCA]"}
    app.segmented_control(key="c_kind").set_value("solvents").run()
    assert not app.exception
    assert lines(app) >= {"toluene", "acetone"}
    assert query(app, "solvent") == ["toluene", "acetone"]
    assert query(app, "polymer") == ["PS"]


def test_solvents_of_a_link_with_and_without_a_polymer() -> None:
    app = open_page(solvent=["toluene", "acetone", "ethanol"])
    assert app.segmented_control(key="c_kind").value == "solvents"
    assert not app.get("plotly_chart")
    assert "Choose a polymer" in shown(app)
    assert "111 °C" in shown(app)  # toluene boils
    assert "recommended" in shown(app)
    app.selectbox(key="c_polymer").set_value("*CC(*)(C)C(=O)OC").run()
    assert not app.exception
    assert lines(app) >= {"toluene", "acetone", "ethanol"}
    assert shown(app).count("90 %:") == 3
    assert query(app, "polymer") == ["PMMA"]


def test_hostile_and_wrong_links_are_told_kindly() -> None:
    app = open_page(
        liquid=[HOSTILE, "C2mim~DCA", "~", "C2mim~DCA"],
        solvent=HOSTILE,
        polymer=HOSTILE,
        T="hot",
        P="-1",
        curve="smell",
        show="planets",
    )
    assert query(app, "liquid") == ["C2mim~DCA"]
    assert len(app.error) == 1
    assert "<script>" not in app.error[0].value
    assert "polymer" not in app.query_params
    assert query(app, "curve") == []


def test_a_link_says_what_is_compared_only_where_it_names_something() -> None:
    app = go(open_app(), "ionic_liquids", cation="C4mim", anion="BF4", **{"with": LIQUIDS[:2]})
    go(app, "home")
    go(app, "ionic_liquids", cation="C6mim", anion="PF6")  # a link from another page
    assert query(app, "with") == LIQUIDS[:2]
    app.query_params.clear()
    app.query_params["cation"], app.query_params["anion"] = "C6mim", "Tf2N"
    app.session_state["came_from"] = app.session_state["at"]  # back or forward on this page
    app.run()
    assert not app.exception
    assert query(app, "with") == []


def test_the_comparison_has_room_for_six() -> None:
    anions = ["Tf2N", "DCA", "BF4", "PF6", "OTf", "OAc", "Cl"]
    app = open_page(liquid=[f"C4mim~{anion}" for anion in anions])
    assert len(query(app, "liquid")) == _basket.MOST == 6
    go(app, "ionic_liquids", cation="C2mim", anion="SCN")
    button = next(b for b in app.button if b.label == "Add to comparison")
    assert button.disabled
    assert len(query(app, "with")) == 5  # one line of the charts is for the current one


def test_all_of_it_can_be_taken_along() -> None:
    app = open_page(liquid=LIQUIDS)
    app.session_state["compare_share"] = True
    app.run()
    assert not app.exception
    assert "liquid=C2mim~Tf2N" in app.code[0].value
    for way, words in (
        ("Python", "IonicLiquidPredictor.load()"),
        ("Command line", "python -m core predict ionic-liquid"),
        ("BibTeX", "2509.10273"),
    ):
        app.segmented_control(key="compare_way").set_value(way).run()
        assert not app.exception
        assert words in app.code[0].value


@pytest.mark.parametrize("kind", ["liquids", "solvents"])
def test_a_basket_holds_each_once_and_in_order(kind: _basket.Kind) -> None:
    kept = _basket.Basket()
    state = _comparing.from_query({"show": [kind], "liquid": LIQUIDS * 2}, kept)
    assert [liquid.smiles for liquid in kept.liquids] == [
        find_liquid(text.replace("~", " ")).smiles for text in LIQUIDS
    ]
    assert state.kind == kind
    again = _basket.Basket()
    assert _comparing.from_query(_comparing.to_query(state, kept), again) == state
    assert again.liquids == kept.liquids
