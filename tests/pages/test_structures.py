import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = "![x](https://evil.example/x.png)<script>alert(1)</script>"
# Page, key of its box, what the page is opened with, and texts: understood, a near miss.
BOXES = {
    "ionic liquids": ("ionic_liquids", "w_box", {}, "[emim][BF4]", "tetrafluorobarate"),
    "polymers": ("polymer_solvent", "p_box", {}, "nylon 6", "polystyrine"),
    "solvents": ("polymer_solvent", "p_box", {}, "109-99-9", "tolueene"),
    "shortlist": ("shortlist", "f_box", {"families": "ketone"}, "PMMA", "polystyrine"),
    "polymers for a solvent": ("shortlist", "f_box", {"mode": "polymers"}, "THF", "tolueene"),
    "map of cations": ("maps", "m_own", {}, "choline", "cholline"),
    "map of solvents": ("maps", "m_own", {"map": "solvent"}, "GBL", "tolueene"),
    "anything": ("home", "home_box", {}, "PMMA", "polystyrine"),
}


def open_page(page: str, query: dict[str, str]) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).run()
    for name, value in query.items():
        app.query_params[name] = value
    return app if page == "home" else app.switch_page(f"pages/{page}.py").run()


def typed(case: str, text: str) -> AppTest:
    page, key, query, _, _ = BOXES[case]
    app = open_page(page, query)
    app.text_input(key=f"{key}_text").set_value(text).run()
    assert not app.exception, app.exception
    return app


def text_of(app: AppTest) -> str:
    found = (*app.markdown, *app.caption, *app.error)
    return re.sub(r"\\(?=[^\w])", "", "\n".join(element.value for element in found))


def buttons(app: AppTest, part: str) -> list[str]:
    """Keys of the buttons of alternatives or near misses."""
    return [button.key for button in app.button if part in (button.key or "")]


@pytest.mark.parametrize("case", BOXES)
def test_what_is_understood_is_echoed_and_shown(case: str) -> None:
    _, key, _, text, _ = BOXES[case]
    app = typed(case, text)
    assert not app.error
    assert "Understood as" in text_of(app)
    assert re.search(f"from the [\\w ]+ {re.escape(text)}", text_of(app))
    assert not app.text_input(key=f"{key}_text").value


@pytest.mark.parametrize("case", BOXES)
def test_a_near_miss_is_one_click_away(case: str) -> None:
    _, key, _, _, text = BOXES[case]
    app = typed(case, text)
    assert len(app.error) == 1
    assert app.text_input(key=f"{key}_text").value == text
    (near, *_) = buttons(app, "_near_")
    app.button(key=near).click().run()
    assert not app.exception
    assert not app.error
    assert "Understood" in text_of(app)


@pytest.mark.parametrize("case", BOXES)
def test_hostile_text_is_told_as_it_is(case: str) -> None:
    _, key, _, _, _ = BOXES[case]
    app = typed(case, HOSTILE)
    assert len(app.error) == 1
    assert "<script>" not in app.error[0].value.replace("\\<", "")
    assert app.text_input(key=f"{key}_text").value == HOSTILE


@pytest.mark.parametrize("case", ["solvents", "polymers for a solvent", "anything"])
def test_what_can_mean_several_things_is_asked(case: str) -> None:
    _, key, _, _, _ = BOXES[case]
    app = typed(case, "CO")
    found = buttons(app, "_meaning_")
    assert len(found) == 2
    assert app.text_input(key=f"{key}_text").value == "CO"
    labels = {app.button(key=key).label for key in found}
    assert labels == {"methanol", "carbon monoxide"}
    app.button(key=found[0]).click().run()
    assert not app.exception
    assert not buttons(app, "_meaning_")
    assert "Understood as methanol" in text_of(app).replace("*", "")


def test_the_echo_goes_once_the_page_shows_something_else() -> None:
    app = typed("ionic liquids", "[emim][BF4]")
    app.number_input(key="w_T").set_value(60.0).run()
    assert "Understood" in text_of(app)
    app.selectbox(key="w_anion").set_value("N#C[N-]C#N").run()
    assert "Understood" not in text_of(app)
    assert not app.error


def test_one_ion_replaces_its_like() -> None:
    app = typed("ionic liquids", "InChI=1S/C2H4O2/c1-2(3)4/h1H3,(H,3,4)/p-1")
    assert app.selectbox(key="w_anion").value == "CC(=O)[O-]"
    assert app.selectbox(key="w_cation").value == "CCCCn1cc[n+](C)c1"


def test_an_ion_of_the_other_charge_opens_its_map() -> None:
    app = typed("map of cations", "acetate")
    assert app.segmented_control(key="m_kind").value == "anion"
    assert app.query_params["own"] in ("OAc", ["OAc"])


def test_a_solvent_beyond_the_most_takes_the_place_of_the_last() -> None:
    query = {"solvent": ["acetone", "toluene", "chloroform", "ethanol", "hexane", "water"]}
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).run()
    app.query_params["solvent"] = query["solvent"]
    app.switch_page("pages/polymer_solvent.py").run()
    app.text_input(key="p_box_text").set_value("THF").run()
    assert not app.exception
    assert app.query_params["solvent"] == [*query["solvent"][:-1], "tetrahydrofuran"]
