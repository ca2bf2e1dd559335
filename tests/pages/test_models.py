"""The page of models: its card's tables, whole and in words."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core import checkpoints
from core.checkpoints import Card
from core.metrics import MEASURES, TIERS, TITLES
from core.predict import MiscibilityPredictor
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


def made_up_metrics(card: Card) -> Card:
    """The card with metrics of the usual shape, whatever it has."""
    chi = {"MAE": 0.25, "RMSE": 0.4, "R2": 0.6, "n_rows": 100.0}
    labels = {"AUC": 0.91, "Brier": 0.1, "n_rows": 90.0}
    metrics = {}
    for name in TITLES[card.role]:
        own, beside = (chi, "COSMO-RS") if name.startswith("chi") else (labels, "Hansen RED")
        metrics[name] = {
            tier: {"network": own, "trees": own, beside: own} for tier in TIERS[card.role]
        }
    return replace(card, metrics=metrics)


def open_mixtures(monkeypatch: pytest.MonkeyPatch, card: Card) -> AppTest:
    monkeypatch.setattr(MiscibilityPredictor, "load", lambda: SimpleNamespace(card=card))
    st.cache_resource.clear()
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    at.run()
    at.switch_page("pages/models.py").run()
    at.segmented_control(key="w_role").set_value("polymer-solvent").run()
    assert not at.exception
    return at


@pytest.fixture
def card() -> Card:
    return checkpoints.read_card(checkpoints.default_path("polymer-solvent"), "polymer-solvent")


@pytest.fixture(autouse=True)
def own_models() -> object:
    """No other test gets to see the models made up here."""
    yield
    st.cache_resource.clear()


def test_every_task_of_polymers_has_its_table(monkeypatch: pytest.MonkeyPatch, card: Card) -> None:
    at = open_mixtures(monkeypatch, made_up_metrics(card))
    for key in TITLES["polymer-solvent"]:
        at.segmented_control(key="w_metric_polymer-solvent").set_value(key).run()
        assert not at.exception
        table = at.dataframe[0].value
        assert set(table["tier"]) == set(TIERS["polymer-solvent"].values())
        measure = "MAE" if key.startswith("chi") else "AUC"
        assert table[MEASURES[measure]].iloc[0] == (0.25 if measure == "MAE" else 0.91)
    assert "0.25" in at.table[0].value.to_numpy()
    assert len(at.get("plotly_chart")) == 1


def test_a_model_without_metrics_says_how_to_get_them(
    monkeypatch: pytest.MonkeyPatch, card: Card
) -> None:
    at = open_mixtures(monkeypatch, replace(card, metrics={}))
    assert any("core evaluate polymer-solvent" in caption.value for caption in at.caption)
    assert not at.get("plotly_chart")


def test_the_page_tells_what_pre_training_is_worth_and_how_good_the_simulation_is() -> None:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    app.run()
    app.switch_page("pages/models.py").run()
    titles = [item.value for item in app.subheader]
    assert titles[-2:] == ["What pre-training is worth", "The simulation itself"]
    table = app.table[-1].value
    assert list(table.columns) == ["new pair of known ions", "new cation", "new anion"]
    assert table.index[0] == "no pre-training"
    assert "±" not in table.iloc[0, 0]
    assert "±" in table.iloc[-1, 0]
    assert any("openCOSMO-RS 24a" in item.value for item in app.caption)
    app.segmented_control(key="w_metric").set_value("melting_point_K").run()
    assert not app.exception
    assert "not simulated" in app.info[-1].value
