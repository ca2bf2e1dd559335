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


def test_home_tells_which_model_answers_and_how_well() -> None:
    app = open_home()
    card = IonicLiquidPredictor.load().card
    shown = " ".join(m.value for m in app.markdown).replace("\\", "")
    assert card.name in shown
    assert card.created[:10] in shown
    table = app.table[0].value
    assert len(table) == 5
    mixtures = MiscibilityPredictor.load().card
    assert mixtures.name in shown
    assert f"{mixtures.data['rows']['chi']:,} values" in app.table[1].value.iloc[0, 0]
    assert f"{card.data['rows']['density_kg_m3']:,} values" in table.iloc[0, 0]
    for words, error in zip(table.columns[1:], card.metrics["density_kg_m3"].values(), strict=True):
        assert table[words].iloc[0] == f"{error['recommender']['AARD_by_liquid']:.2g} %"
