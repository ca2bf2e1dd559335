"""The page of models: its card's tables, whole and in words."""

from pathlib import Path

from streamlit.testing.v1 import AppTest

from core import checkpoints
from core.metrics import MEASURES, TIERS
from core.properties import PROPERTIES

ROOT = Path(__file__).resolve().parents[2]


def test_every_property_has_its_table_of_errors() -> None:
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    at.run()
    at.switch_page("pages/models.py").run()
    assert not at.exception
    card = checkpoints.read_card(checkpoints.default_path("ionic-liquids"), "ionic-liquids")
    for key in PROPERTIES:
        at.segmented_control(key="w_metric").set_value(key)
        at.run()
        assert not at.exception
        table = at.dataframe[0].value
        assert set(table["tier"]) == set(TIERS["ionic-liquids"].values())
        expected = card.metrics[key]["pair"]["recommender"]["MAE"]
        assert table[MEASURES["MAE"]].iloc[0] == expected
        assert "rows" in table
