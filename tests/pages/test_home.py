from pathlib import Path
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from core.predict import IonicLiquidPredictor

ROOT = Path(__file__).resolve().parents[2]


def open_home() -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    assert not app.exception, app.exception
    return app


def examples(app: AppTest) -> list[dict[str, list[str]]]:
    links = [link.proto for link in app.get("page_link")]
    return [parse_qs(link.query_string) for link in links if link.query_string]


def test_home_says_what_it_does_and_offers_three_examples() -> None:
    app = open_home()
    assert app.title[0].value == "Solvarium"
    assert "ionic liquid" in app.markdown[0].value
    assert len(examples(app)) == 3


@pytest.mark.parametrize("number", [0, 1, 2])
def test_every_example_opens_without_complaint(number: int) -> None:
    app = open_home()
    for name, value in examples(app)[number].items():
        app.query_params[name] = value
    app.switch_page("pages/ionic_liquids.py").run()
    assert not app.exception
    assert not app.error
    assert len(app.metric) == 5


def test_home_tells_which_model_answers_and_how_well() -> None:
    app = open_home()
    card = IonicLiquidPredictor.load().card
    shown = " ".join(m.value for m in app.markdown).replace("\\", "")
    assert card.name in shown
    assert card.created[:10] in shown
    table = app.table[0].value
    assert len(table) == 5
    assert f"{card.data['rows']['density_kg_m3']:,} values" in table.iloc[0, 0]
    for words, error in zip(table.columns[1:], card.metrics["density_kg_m3"].values(), strict=True):
        assert table[words].iloc[0] == f"{error['recommender']['AARD_by_liquid']:.2g} %"
