import json
import time
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.checkpoints import CheckpointError
from core.predict import IonicLiquidPredictor
from core.properties import PROPERTIES

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = "![x](https://evil.example/x.png)<script>alert(1)</script>"


def open_page(**query: str | list[str]) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.run()
    for name, value in query.items():
        app.query_params[name] = value
    return healthy(app.switch_page("pages/ionic_liquids.py").run())


def healthy(app: AppTest) -> AppTest:
    assert not app.exception, app.exception
    return app


def values(app: AppTest) -> list[str]:
    return [metric.value for metric in app.metric]


def figures(app: AppTest) -> list[dict]:
    return [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]


def heading(app: AppTest) -> str:
    return next(m.value for m in app.markdown if m.value.startswith("## ")).replace("\\", "")


def link(app: AppTest, name: str) -> list[str]:
    value = app.query_params[name]
    return [value] if isinstance(value, str) else value


def captions(app: AppTest) -> str:
    return "\n".join(caption.value for caption in app.caption).replace("\\", "")


def test_the_page_opens_with_a_good_example() -> None:
    app = open_page()
    assert heading(app) == "## [C4mim][Tf2N]"
    assert [metric.label for metric in app.metric] == [p.label for p in PROPERTIES.values()]
    assert values(app)[0].startswith("1.4")
    assert len(figures(app)) == 4
    assert not app.error
    assert captions(app).count("90 %:") == 5
    assert "measured" in captions(app)


def test_another_anion_changes_values_and_curves() -> None:
    app = open_page()
    before, curves = values(app), [figure["data"] for figure in figures(app)]
    app.selectbox(key="w_anion").set_value("F[B-](F)(F)F").run()
    healthy(app)
    assert heading(app) == "## [C4mim][BF4]"
    assert all(old != new for old, new in zip(before[:4], values(app)[:4], strict=True))
    assert all(old != new["data"] for old, new in zip(curves, figures(app), strict=True))


def test_a_link_restores_everything() -> None:
    query = {
        "cation": "CCn1cc[n+](C)c1",
        "anion": "dca",
        "T": "353.15",
        "P": "20000",
        "T_unit": "K",
        "P_unit": "MPa",
        "scale": "arrhenius",
        "density_kg_m3": "kg/m³",
        "with": ["C4mim~BF4"],
    }
    app = open_page(**query)
    assert heading(app) == "## [C2mim][DCA]"
    assert app.number_input(key="w_T").value == pytest.approx(353.15)
    assert app.number_input(key="w_P").value == pytest.approx(20.0)
    assert "kg/m³" in values(app)[0]
    assert figures(app)[1]["layout"]["xaxis"]["title"]["text"].startswith("1000 K / T")
    assert app.multiselect(key="w_pinned").value == ["CCCCn1cc[n+](C)c1.F[B-](F)(F)F"]
    assert link(app, "anion") == ["DCA"]
    assert link(app, "with") == ["C4mim~BF4"]


def test_what_one_does_is_in_the_link() -> None:
    app = open_page()
    app.number_input(key="w_T").set_value(60.0).run()
    app.selectbox(key="w_anion").set_value("N#C[N-]C#N").run()
    app.segmented_control(key="w_scale").set_value("linear").run()
    healthy(app)
    assert link(app, "T") == ["333.15"]
    assert link(app, "anion") == ["DCA"]
    assert link(app, "scale") == ["linear"]


def test_a_link_that_says_nonsense_is_told_and_the_page_still_works() -> None:
    app = open_page(cation="CCO", anion=HOSTILE, T="1e9", P="nan", scale="cubic")
    assert heading(app) == "## [C4mim][Tf2N]"
    assert len(app.error) == 1
    assert app.number_input(key="w_T").value == pytest.approx(25.0)
    assert app.number_input(key="w_P").value == pytest.approx(101.325)
    assert len(values(app)) == 5


@pytest.mark.parametrize(
    "text,name",
    [
        ("F[B-](F)(F)F", "[C4mim][BF4]"),
        ("CCn1cc[n+](C)c1.N#C[N-]C#N", "[C2mim][DCA]"),
        ("[C2mim][BF4]", "[C2mim][BF4]"),
        ("emim", "[C2mim][Tf2N]"),
        ("  [C2mim] ", "[C2mim][Tf2N]"),
        ("1-ethyl-3-methylimidazolium tetrafluoroborate", "[C2mim][BF4]"),
    ],
)
def test_pasted_text_is_understood(text: str, name: str) -> None:
    app = open_page()
    app.text_input(key="w_box_text").set_value(text).run()
    healthy(app)
    assert heading(app) == f"## {name}"
    assert not app.error
    assert not app.text_input(key="w_box_text").value


@pytest.mark.parametrize("text", ["CCO", "hello", "CC(=O)[O-].[Cl-]", "C" * 400, HOSTILE])
def test_what_is_not_understood_is_told_and_nothing_is_lost(text: str) -> None:
    app = open_page()
    before = values(app)
    app.text_input(key="w_box_text").set_value(text).run()
    healthy(app)
    assert len(app.error) == 1
    assert app.text_input(key="w_box_text").value == text
    assert heading(app) == "## [C4mim][Tf2N]"
    assert values(app) == before


def test_what_is_shown_of_hostile_text_is_only_text() -> None:
    app = open_page()
    app.text_input(key="w_box_text").set_value(HOSTILE).run()
    shown = app.error[0].value
    assert "](http" not in shown
    assert "<script" not in shown


def test_an_ion_that_is_in_no_list_is_predicted_and_marked_as_new() -> None:
    app = open_page()
    app.text_input(key="w_box_text").set_value("C=CC[N+](C)(CCOCCOC)CCOCC").run()
    healthy(app)
    assert len(values(app)) == 5
    assert "unsimulated cation" in " ".join(m.value for m in app.markdown)


def test_temperature_in_kelvin_shows_the_same_state() -> None:
    app = open_page()
    before = values(app)
    app.selectbox(key="w_T_unit").set_value("K").run()
    healthy(app)
    assert app.number_input(key="w_T").value == pytest.approx(298.15)
    assert values(app) == before
    assert figures(app)[0]["layout"]["xaxis"]["title"]["text"] == "Temperature / K"


def test_pressure_in_atmospheres_shows_the_same_state() -> None:
    app = open_page()
    before = values(app)
    app.selectbox(key="w_P_unit").set_value("atm").run()
    healthy(app)
    assert app.number_input(key="w_P").value == pytest.approx(1.0)
    assert values(app) == before


def test_units_of_a_property_switch_on_card_and_chart() -> None:
    app = open_page()
    app.segmented_control(key="w_heat_capacity_J_mol_K").set_value("J/(g·K)").run()
    healthy(app)
    assert "J/(g·K)" in values(app)[3]
    assert "J/(g·K)" in figures(app)[3]["layout"]["title"]["text"]


def test_against_pressure_there_are_density_and_viscosity() -> None:
    app = open_page()
    app.segmented_control(key="w_against").set_value("pressure_kPa").run()
    healthy(app)
    assert len(figures(app)) == 2
    assert "within 1.5 K of 25 °C" in captions(app)


def test_several_liquids_are_compared_and_taken_away() -> None:
    app = open_page()
    compare = next(b for b in app.button if b.label == "Add to comparison")
    compare.click().run()
    app.selectbox(key="w_anion").set_value("F[B-](F)(F)F").run()
    healthy(app)
    names = {t["name"] for t in figures(app)[0]["data"]}
    assert names == {"[C4mim][Tf2N]", "[C4mim][BF4]"}
    assert len(app.dataframe[0].value) == 2
    app.multiselect(key="w_pinned").set_value([]).run()
    healthy(app)
    assert {t["name"] for t in figures(app)[0]["data"]} == {"[C4mim][BF4]"}


def test_a_temperature_out_of_range_is_warned_of() -> None:
    app = open_page(T="690")
    assert "material/warning" in captions(app)


def test_a_family_narrows_the_list() -> None:
    app = open_page()
    everything = len(app.selectbox(key="w_cation").options)
    app.selectbox(key="w_cation_family").set_value("imidazolium").run()
    healthy(app)
    narrowed = app.selectbox(key="w_cation").options
    assert 1 < len(narrowed) < everything
    again = open_page(cation_family=link(app, "cation_family"), anion_family="no family")
    assert again.selectbox(key="w_cation").options == narrowed
    assert again.selectbox(key="w_anion_family").value == ""
    assert heading(app) == "## [C4mim][Tf2N]"


def test_a_change_of_temperature_answers_within_0_3_seconds() -> None:
    app = open_page()
    taken = []
    for temperature in np.arange(30.0, 65.0, 5.0):
        start = time.perf_counter()
        app.number_input(key="w_T").set_value(float(temperature)).run()
        taken.append(time.perf_counter() - start)
    assert min(taken) < 0.3, taken


@pytest.mark.parametrize("page", ["home", "ionic_liquids", "models"])
def test_without_a_model_the_app_says_how_to_get_one(
    page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: object) -> IonicLiquidPredictor:
        raise CheckpointError("The weights of a-model are missing")

    monkeypatch.setattr(IonicLiquidPredictor, "load", missing)
    st.cache_resource.clear()
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.run()
    healthy(app.switch_page(f"pages/{page}.py").run())
    assert "The weights of a-model are missing" in app.error[0].value.replace("\\", "")
    assert any("python -m core train" in m.value for m in app.markdown)


def test_the_model_comes_back_without_a_restart(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object) -> IonicLiquidPredictor:
        raise CheckpointError("not there")

    st.cache_resource.clear()
    with monkeypatch.context() as patch:
        patch.setattr(IonicLiquidPredictor, "load", missing)
        app = open_page()
        assert not app.metric
    healthy(app.run())
    assert len(app.metric) == 5
