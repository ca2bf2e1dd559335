from pathlib import Path
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from core.predict import IonicLiquidPredictor, MiscibilityPredictor

ROOT = Path(__file__).resolve().parents[2]


def open_home() -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    assert not app.exception, app.exception
    return app


def examples(app: AppTest) -> list[tuple[str, dict[str, list[str]]]]:
    """Page and query of every example."""
    links = [link.proto for link in app.get("page_link")]
    return [(link.page, parse_qs(link.query_string)) for link in links if link.query_string]


def test_home_says_what_it_does_and_offers_three_examples_of_each_kind() -> None:
    app = open_home()
    assert app.title[0].value == "Solvarium"
    assert "ionic liquid" in app.markdown[0].value
    pages = [page for page, _ in examples(app)]
    assert pages == ["ionic_liquids"] * 3 + ["polymer_solvent"] * 3


@pytest.mark.parametrize("number,metrics", [(0, 5), (1, 5), (2, 5), (3, 2), (4, 2), (5, 6)])
def test_every_example_opens_without_complaint(number: int, metrics: int) -> None:
    app = open_home()
    page, query = examples(app)[number]
    for name, value in query.items():
        app.query_params[name] = value
    app.switch_page(f"pages/{page}.py").run()
    assert not app.exception
    assert not app.error
    assert len(app.metric) == metrics


def test_home_tells_which_models_answer() -> None:
    app = open_home()
    shown = " ".join(m.value for m in app.markdown).replace("\\", "")
    for card in (IonicLiquidPredictor.load().card, MiscibilityPredictor.load().card):
        assert card.name in shown
        assert f"{sum(card.data['rows'].values()):,}" in shown


def ask(text: str) -> AppTest:
    app = open_home()
    app.text_input(key="home_box_text").set_value(text).run()
    assert not app.exception, app.exception
    return app


def offered(app: AppTest) -> dict[str, tuple[str, dict[str, list[str]]]]:
    """Page and query of each link by its label; those of what was typed come first."""
    links = [link.proto for link in app.get("page_link")]
    return {link.label.strip("*"): (link.page, parse_qs(link.query_string)) for link in links}


@pytest.mark.parametrize(
    "text,label,page,query",
    [
        ("polystyrene", "Find solvents", "shortlist", {"polymer": ["PS"]}),
        ("*CCO*", "Open in Polymers in solvents", "polymer_solvent", {"polymer": ["PEO"]}),
        (
            "THF",
            "Find polymers it dissolves",
            "shortlist",
            {"mode": ["polymers"], "solvent": ["tetrahydrofuran"]},
        ),
        ("bmim", "Curves with [Tf2N]", "ionic_liquids", {"cation": ["C4mim"]}),
        ("acetate", "Curves with [C4mim]", "ionic_liquids", {"anion": ["OAc"]}),
        ("acetate", "See it on the map", "maps", {"map": ["anion"], "at": ["OAc"]}),
    ],
)
def test_what_is_typed_is_understood_and_one_click_leads_on(
    text: str, label: str, page: str, query: dict[str, list[str]]
) -> None:
    app = ask(text)
    assert not app.error
    assert offered(app)[label] == (page, query)
    for name, value in query.items():
        app.query_params[name] = value
    app.switch_page(f"pages/{page}.py").run()
    assert not app.exception
    assert not app.error


def test_an_ionic_liquid_opens_at_once() -> None:
    app = ask("[bmim][BF4]")
    assert any("C4mim" in m.value and "BF4" in m.value for m in app.markdown)
    assert len(app.metric) == 5
    assert len(app.get("plotly_chart")) == 4


def test_nonsense_is_told_and_stays_in_the_box() -> None:
    hostile = "<script>alert(1)</script>![x](https://evil.example/x.png)"
    app = ask(hostile)
    assert len(app.error) == 1
    assert app.text_input(key="home_box_text").value == hostile
    assert "Find solvents" not in offered(app)
