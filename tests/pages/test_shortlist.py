import json
import time
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.checkpoints import CheckpointError
from core.names import find_polymer, solvent_name, solvents
from core.predict import MiscibilityPredictor
from pages import _finding as finding

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = "![x](https://evil.example/x.png)<script>alert(1)</script>"
MODES = pytest.mark.parametrize("mode", list(finding.MODES))

# What is known to be solid at 25 °C, or a gas, is left out as the page opens.
LIQUID = [
    solvent
    for solvent in solvents()
    if not solvent.melting_point_K > 298.15 and not solvent.boiling_point_K < 298.15
]


def open_page(**query: str | list[str]) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    app.run()
    for name, value in query.items():
        app.query_params[name] = value
    return healthy(app.switch_page("pages/shortlist.py").run())


def healthy(app: AppTest) -> AppTest:
    assert not app.exception, app.exception
    return app


def shown(app: AppTest) -> str:
    texts = [element.value for element in (*app.markdown, *app.caption)]
    return "\n".join(texts).replace("\\", "")


def table(app: AppTest) -> dict[str, list]:
    (frame,) = app.dataframe
    return frame.value.to_dict("list")


def count(app: AppTest) -> int:
    (said,) = (m.value for m in app.markdown if m.value.endswith("solvents**"))
    return int(said.strip("*").split()[0])


def figure(app: AppTest) -> dict:
    (chart,) = app.get("plotly_chart")
    return json.loads(chart.proto.spec)


def link(app: AppTest, name: str) -> list[str]:
    value = app.query_params[name]
    return [value] if isinstance(value, str) else value


def test_the_page_opens_with_a_good_example() -> None:
    app = open_page()
    assert "## Solvents for polystyrene (PS)" in shown(app)
    assert count(app) == len(LIQUID) == len(table(app)["Solvent"])
    assert "toluene" in table(app)["Solvent"][:40]
    assert table(app)["Dissolves"] == sorted(table(app)["Dissolves"], reverse=True)
    assert "measured: χ, solubility" in table(app)["Known"]
    assert "predicted" in table(app)["Known"]
    assert {"recommended", "at best problematic", ""} <= set(table(app)["Greenness"])
    assert not app.error


@MODES
def test_every_mode_opens_and_says_what_it_lists(mode: str) -> None:
    app = open_page(mode=mode, polymer="PMMA", solvent="acetone", bp="300~393.15")
    assert app.segmented_control(key="f_mode").value == mode
    expected = {
        "solvents": "Solvents for poly(methyl methacrylate) (PMMA)",
        "selective": "Solvents for poly(methyl methacrylate) (PMMA), not poly(methyl methacrylate)",
        "blends": "Blends for poly(methyl methacrylate) (PMMA)",
        "polymers": "Polymers for acetone",
    }[mode]
    assert f"## {expected}" in shown(app)
    assert len(next(iter(table(app).values()))) > 10
    assert len(app.get("plotly_chart")) == (1 if mode in {"solvents", "selective"} else 0)
    if mode == "blends":
        assert "rules for mixtures, not from the model" in app.warning[0].value


def test_a_slider_filters_at_once_and_stands_in_the_link() -> None:
    app = open_page()
    before = count(app)
    app.slider(key="f_boiling_point_K").set_value((0.0, 120.0)).run()
    after = count(healthy(app))
    assert 50 < after < before
    assert max(table(app)["Boils / °C"]) <= 120.0
    assert link(app, "bp") == ["273.15~393.15"]
    app.selectbox(key="f_greenness").set_value("recommended").run()
    assert set(table(healthy(app))["Greenness"]) == {"recommended"}
    fewer = count(app)
    app.multiselect(key="f_families").set_value(["ester"]).run()
    assert set(table(healthy(app))["Family"]) == {"ester"}
    assert count(app) < fewer
    (clear,) = (button for button in app.button if button.label == "Clear the filters")
    clear.click().run()
    assert count(healthy(app)) == before
    assert "bp" not in app.query_params


def test_solids_and_gases_are_left_out_unless_asked_for() -> None:
    app = open_page()
    assert "biphenyl" not in table(app)["Solvent"]
    app.checkbox(key="f_liquid").uncheck().run()
    assert count(healthy(app)) == len(solvents())
    assert "biphenyl" in table(app)["Solvent"]
    assert link(app, "liquid") == ["0"]
    app = open_page(T="360")  # above the melting point of biphenyl
    assert "biphenyl" in table(app)["Solvent"]
    assert "Only what is liquid at 86.85 °C" in [box.label for box in app.checkbox]


def test_unknown_values_are_kept_where_that_is_wanted() -> None:
    app = open_page(fp="300~400")
    without = count(app)
    app.checkbox(key="f_unknown").check().run()
    assert count(healthy(app)) > without
    assert link(app, "unknown") == ["1"]


def test_what_filters_leave_out_stays_in_the_chart_faintly() -> None:
    app = open_page(bp="300~393.15", chart="hansen")
    faint, strong = (
        next(trace for trace in figure(app)["data"] if trace["name"] == name)
        for name in ("left out", "solvents")
    )
    assert len(strong["customdata"]) == count(app)
    assert len(faint["text"]) == len(solvents()) - count(app)
    app.segmented_control(key="f_chart").set_value("chi").run()
    assert "critical χ" in figure(healthy(app))["layout"]["annotations"][0]["text"]


def test_nothing_left_is_told_kindly() -> None:
    app = open_page(bp="300~301", greenness="recommended")
    assert count(app) == 0
    assert "Nothing passes the filters" in app.info[0].value


def test_another_ranking_another_order() -> None:
    app = open_page()
    first = table(app)["Solvent"][:10]
    app.selectbox(key="f_by").set_value("chi").run()
    assert table(healthy(app))["χ"] == sorted(table(app)["χ"])
    assert table(app)["Solvent"][:10] != first
    app.checkbox(key="f_known_first").check().run()
    assert all(known.startswith("measured") for known in table(healthy(app))["Known"][:10])


def test_a_radius_of_ones_own_makes_red() -> None:
    app = open_page(polymer="*CC(*)c1ccc(CCCl)cc1")
    assert "RED" not in table(app)
    app.number_input(key="f_radius").set_value(8.0).run()
    assert min(table(healthy(app))["RED"]) < 1.5
    assert link(app, "R0") == ["8"]


def test_a_longer_chain_has_smaller_margins() -> None:
    app = open_page(M="2000")
    short = dict(zip(table(app)["Solvent"], table(app)["Margin"], strict=True))
    app.number_input(key="f_molar_mass").set_value(1e6).run()
    long = dict(zip(table(healthy(app))["Solvent"], table(app)["Margin"], strict=True))
    assert all(long[name] < short[name] for name in short)


def test_selective_solvents_show_all_polymers() -> None:
    app = open_page(mode="selective", polymer="PS", spare=["PE", "PET"])
    found = table(app)
    assert {"Dissolves PE", "Dissolves PET", "Selectivity"} <= found.keys()
    assert found["Selectivity"] == sorted(found["Selectivity"], reverse=True)
    app.multiselect(key="f_spare").set_value([]).run()
    assert "At least one polymer" in healthy(app).error[0].value
    assert link(app, "spare") == ["PE", "PET"]


def test_blends_of_a_given_solvent() -> None:
    app = open_page(mode="blends", polymer="PS", **{"with": "cyclohexane"})
    found = table(app)
    pairs = list(zip(found["First"], found["Second"], strict=True))
    assert pairs
    assert all("cyclohexane" in pair for pair in pairs)
    # It is the margin that is better than alone; the critical chi of the two is nearly the same.
    alone = zip(found["χ₁"], found["χ₂"], strict=True)
    assert all(chi < min(both) + 0.05 for chi, both in zip(found["χ"], alone, strict=True))
    app.checkbox(key="f_cosolvents_only").uncheck().run()
    assert len(table(healthy(app))["First"]) >= len(pairs)


def test_every_row_opens_its_pair() -> None:
    app = open_page(polymer="PMMA", T="320", bp="300~393.15")
    address = dict(zip(table(app)["Solvent"], table(app)["Pair"], strict=True))["acetone"]
    assert address == "/polymer_solvent?polymer=PMMA&solvent=acetone&T=320&M=100000"
    assert any("Open this pair" in str(element.proto.label) for element in app.get("page_link"))


def test_a_link_restores_everything() -> None:
    app = open_page(
        polymer="PEO",
        T="330",
        T_unit="K",
        by="margin",
        bp="320~400",
        density="900~3500",
        without=["Cl", "Br"],
        families=["ester", "ketone"],
        greenness="problematic",
        known_first="1",
        at="acetone",
    )
    assert "## Solvents for poly(ethylene oxide) (PEO)" in shown(app)
    assert app.slider(key="f_boiling_point_K").value == (320.0, 400.0)
    assert app.slider(key="f_density_kg_m3").value == (900.0, 3500.0)
    assert sorted(app.multiselect(key="f_without").value) == ["Br", "Cl"]
    assert set(table(app)["Family"]) <= {"ester", "ketone"}
    assert "**acetone**" in shown(app)
    assert app.number_input(key="f_T").value == pytest.approx(330.0)


def test_a_link_that_says_nonsense_is_told_and_the_page_still_works() -> None:
    app = open_page(polymer=HOSTILE, bp="hot~cold", mode="x", families="<b>", at="[Na+].[Cl-]")
    assert len(app.error) == 1
    assert "<script" not in app.error[0].value
    assert count(app) == len(LIQUID)


@pytest.mark.parametrize("text,name", [("PVC", "poly(vinyl chloride)"), ("*CC(*)CF", "*CC(*)CF")])
def test_typed_polymers_are_understood(text: str, name: str) -> None:
    app = open_page()
    box = app.selectbox(key="f_polymer")
    box.options.append(text)  # a browser sends new text; the tester only what is in the list
    assert f"## Solvents for {name}" in shown(healthy(box.set_value(text).run()))


def test_what_is_no_polymer_is_told_and_nothing_is_lost() -> None:
    app = open_page()
    box = app.selectbox(key="f_polymer")
    box.options.append(HOSTILE)
    box.set_value(HOSTILE).run()
    assert len(healthy(app).error) == 1
    assert "## Solvents for polystyrene (PS)" in shown(app)


def test_a_filter_answers_at_once() -> None:
    app = open_page()
    taken = []
    for end in (100.0, 110.0, 120.0, 130.0, 140.0):
        start = time.process_time()
        app.slider(key="f_boiling_point_K").set_value((0.0, end)).run()
        taken.append(time.process_time() - start)
    assert min(taken) < 0.3, taken


def test_without_a_model_the_page_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object) -> MiscibilityPredictor:
        raise CheckpointError("The weights of a-model are missing")

    st.cache_resource.clear()
    with monkeypatch.context() as patch:
        patch.setattr(MiscibilityPredictor, "load", missing)
        app = open_page()
        assert "The weights of a-model are missing" in app.error[0].value.replace("\\", "")
    assert len(table(healthy(app.run()))["Solvent"]) == len(LIQUID)


def test_ticked_rows_go_to_the_comparison_at_once() -> None:
    app = open_page(polymer="PMMA", by="red")
    solvents = table(app)["Solvent"]
    assert app.button(key="f_compare_ticked").disabled
    for rows in ([5], [2, 5], [1, 2, 5]):
        app.session_state["f_table"] = {"selection": {"rows": rows}}
        healthy(app.run())
    assert f"**{solvents[1]}**" in shown(app)
    healthy(app.button(key="f_compare_ticked").click().run())
    kept = app.session_state["basket"]
    assert [solvent_name(x.smiles) for x in kept.solvents] == [solvents[i] for i in (5, 2, 1)]
    assert kept.polymer == find_polymer("PMMA")
    app.selectbox(key="f_greenness").set_value("recommended")
    healthy(app.run())
    ticked = app.session_state["f_table"]["selection"]["rows"]
    left = [table(app)["Solvent"][row] for row in ticked]
    assert left == [solvents[i] for i in (5, 2, 1) if solvents[i] in table(app)["Solvent"]]
