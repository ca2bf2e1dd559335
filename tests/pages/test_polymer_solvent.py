import json
import time
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.checkpoints import CheckpointError
from core.predict import MiscibilityPredictor
from pages import _mixtures as mixtures

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = "![x](https://evil.example/x.png)<script>alert(1)</script>"
VIEWS = pytest.mark.parametrize("view", list(mixtures.VIEWS))


def open_page(**query: str | list[str]) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.run()
    for name, value in query.items():
        app.query_params[name] = value
    return healthy(app.switch_page("pages/polymer_solvent.py").run())


def healthy(app: AppTest) -> AppTest:
    assert not app.exception, app.exception
    return app


def values(app: AppTest) -> list[str]:
    return [metric.value for metric in app.metric]


def figure(app: AppTest) -> dict:
    (chart,) = app.get("plotly_chart")
    return json.loads(chart.proto.spec)


def shown(app: AppTest) -> str:
    texts = [element.value for element in (*app.markdown, *app.caption)]
    return "\n".join(texts).replace("\\", "")


def link(app: AppTest, name: str) -> list[str]:
    value = app.query_params[name]
    return [value] if isinstance(value, str) else value


def type_polymer(app: AppTest, text: str) -> AppTest:
    box = app.selectbox(key="p_polymer")
    box.options.append(text)  # a browser sends new text; the tester only what is in the list
    return healthy(box.set_value(text).run())


@pytest.fixture
def without_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SOLVARIUM_DATA", str(tmp_path))


def test_the_page_opens_with_a_good_example() -> None:
    app = open_page()
    assert "## polystyrene (PS)" in shown(app)
    assert "**cyclohexane**" in shown(app)
    assert "**toluene**" in shown(app)
    assert len(values(app)) == 2
    assert all(0.0 < float(value) < 1.5 for value in values(app))
    assert shown(app).count("90 %:") == 2
    assert shown(app).count("critical χ 0.53") == 2
    assert "pair measured" in shown(app)
    assert not app.error
    names = {trace["name"] for trace in figure(app)["data"]}
    assert names == {"cyclohexane", "toluene", "critical χ"}


@VIEWS
def test_every_view_opens_with_and_without_several_solvents(view: str) -> None:
    app = open_page(view=view)
    assert app.segmented_control(key="p_view").value == view
    assert len(app.get("plotly_chart")) == (0 if view == "measured" else 1)
    app.multiselect(key="p_solvents").set_value(["O"]).run()
    assert len(values(healthy(app))) == 1


@VIEWS
@pytest.mark.usefixtures("without_data")
def test_every_view_opens_without_measured_data(view: str) -> None:
    app = open_page(view=view)
    assert not app.error
    if view == "measured":
        assert "SOLVARIUM_DATA" in app.info[0].value


def test_only_the_chosen_view_is_made() -> None:
    app = open_page(view="phases")
    assert figure(app)["layout"]["title"]["text"].startswith("<b>Phase diagram</b>")
    app.segmented_control(key="p_composition").set_value("log").run()
    assert figure(healthy(app))["layout"]["xaxis"]["type"] == "log"
    app.segmented_control(key="p_view").set_value("space").run()
    assert figure(healthy(app))["layout"]["title"]["text"] == "<b>Solubility space</b>"
    assert link(app, "view") == ["space"]
    assert link(app, "composition") == ["log"]


def test_the_phase_diagram_is_told_in_words() -> None:
    app = open_page(view="phases", solvent=["toluene", "water"])
    assert shown(app).count("**toluene**") == 2
    assert shown(app).count("mixes in every proportion") + shown(app).count("splits at all") >= 2


def test_a_longer_chain_has_a_lower_critical_chi() -> None:
    app = open_page(solvent="toluene")
    short = figure(app)["layout"]["annotations"][-1]["text"]
    app.number_input(key="p_molar_mass").set_value(1e6).run()
    long = figure(healthy(app))["layout"]["annotations"][-1]["text"]
    assert float(long.split()[-1]) < float(short.split()[-1])
    assert link(app, "M") == ["1000000"]


def test_the_composition_of_the_solution_changes_chi() -> None:
    app = open_page(solvent="cyclohexane")
    before = figure(app)["data"][0]["y"]
    app.number_input(key="p_volume_fraction").set_value(1.0).run()
    assert figure(healthy(app))["data"][0]["y"] != before
    assert link(app, "phi") == ["1"]


def test_another_polymer_changes_everything() -> None:
    app = open_page()
    before = values(app)
    app.selectbox(key="p_polymer").set_value("*CC(*)(C)C(=O)OC").run()
    assert "## poly(methyl methacrylate) (PMMA)" in shown(healthy(app))
    assert values(app) != before
    assert link(app, "polymer") == ["PMMA"]


@pytest.mark.parametrize(
    "text,name",
    [
        ("PMMA", "poly(methyl methacrylate) (PMMA)"),
        ("*C(c1ccccc1)C*", "polystyrene (PS)"),
        ("[*:1]CC([*:2])c1ccccc1", "polystyrene (PS)"),
        ("*CC(*)c1ccc(CCCl)cc1", "*CC(*)c1ccc(CCCl)cc1"),
    ],
)
def test_typed_polymers_are_understood(text: str, name: str) -> None:
    app = open_page()
    type_polymer(app, text)
    assert not app.error
    assert f"## {name}" in shown(app)


@pytest.mark.parametrize("text", ["CCO", "hello world", "*CC", "C" * 600, HOSTILE])
def test_what_is_no_polymer_is_told_and_nothing_is_lost(text: str) -> None:
    app = open_page()
    before = values(app)
    type_polymer(app, text)
    assert len(app.error) == 1
    assert "## polystyrene (PS)" in shown(app)
    assert values(app) == before
    assert "](http" not in app.error[0].value
    assert "<script" not in app.error[0].value


def test_solvents_are_typed_by_name_abbreviation_cas_and_smiles() -> None:
    app = open_page()
    chosen = ["Cc1ccccc1", "THF", "67-64-1", "CCCCOCCCF"]
    app.multiselect(key="p_solvents").set_value(chosen).run()
    healthy(app)
    assert not app.error
    assert link(app, "solvent") == ["toluene", "tetrahydrofuran", "acetone", "CCCCOCCCF"]
    assert len(values(app)) == 4
    assert "new solvent" in shown(app)


def test_a_bad_solvent_is_told_and_the_others_stay() -> None:
    app = open_page()
    app.multiselect(key="p_solvents").set_value(["C1CCCCC1", HOSTILE]).run()
    healthy(app)
    assert len(app.error) == 1
    assert "<script" not in app.error[0].value
    assert link(app, "solvent") == ["cyclohexane"]
    app.multiselect(key="p_solvents").set_value([]).run()
    assert "At least one solvent" in healthy(app).error[0].value
    assert app.multiselect(key="p_solvents").value == ["C1CCCCC1"]
    app.multiselect(key="p_solvents").set_value(["O"]).run()
    assert not healthy(app).error


def test_a_link_restores_everything() -> None:
    app = open_page(
        polymer="PEO",
        solvent=["water", "chloroform"],
        T="333.15",
        T_unit="K",
        M="20000",
        phi="0.2",
        view="phases",
    )
    assert "## poly(ethylene oxide) (PEO)" in shown(app)
    assert app.multiselect(key="p_solvents").value == ["O", "ClC(Cl)Cl"]
    assert app.number_input(key="p_T").value == pytest.approx(333.15)
    assert app.number_input(key="p_molar_mass").value == 20_000.0
    assert app.number_input(key="p_volume_fraction").value == 0.2
    assert "T</i> / K" in figure(app)["layout"]["title"]["text"]


def test_a_link_that_says_nonsense_is_told_and_the_page_still_works() -> None:
    app = open_page(polymer=HOSTILE, solvent=["CCO", "[Na+].[Cl-]"], T="nan", M="0", view="x")
    assert len(app.error) == 1
    assert "## polystyrene (PS)" in shown(app)
    assert len(values(app)) == 1
    assert app.number_input(key="p_T").value == pytest.approx(25.0)


def test_temperature_in_kelvin_shows_the_same_state() -> None:
    app = open_page()
    before = values(app)
    app.selectbox(key="p_T_unit").set_value("K").run()
    healthy(app)
    assert app.number_input(key="p_T").value == pytest.approx(298.15)
    assert values(app) == before
    assert figure(app)["layout"]["xaxis"]["title"]["text"] == "Temperature / K"


def test_a_temperature_out_of_range_is_warned_of() -> None:
    assert "material/warning" in shown(open_page(T="690"))


def test_other_pages_are_left_in_peace() -> None:
    app = open_page(view="phases")
    healthy(app.switch_page("pages/ionic_liquids.py").run())
    assert len(app.metric) == 5
    app.segmented_control(key="w_view").set_value("3-D").run()
    healthy(app.switch_page("pages/polymer_solvent.py").run())
    assert len(app.metric) == 2


@VIEWS
def test_a_change_of_temperature_answers_within_0_3_seconds(view: str) -> None:
    app = open_page(view=view)
    taken = []
    for temperature in np.arange(30.0, 65.0, 5.0):
        start = time.perf_counter()
        app.number_input(key="p_T").set_value(float(temperature)).run()
        taken.append(time.perf_counter() - start)
    assert min(taken) < 0.3, taken


def test_without_a_model_the_page_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object) -> MiscibilityPredictor:
        raise CheckpointError("The weights of a-model are missing")

    st.cache_resource.clear()
    with monkeypatch.context() as patch:
        patch.setattr(MiscibilityPredictor, "load", missing)
        app = open_page()
        assert "The weights of a-model are missing" in app.error[0].value.replace("\\", "")
        assert any("core train polymer-solvent" in m.value for m in app.markdown)
    assert len(values(healthy(app.run()))) == 2
