"""The page of models: its card's figures, whole and in words."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlencode

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core import checkpoints
from core.checkpoints import Card
from core.metrics import MEASURES, TIERS, TITLES
from core.predict import IonicLiquidPredictor, MiscibilityPredictor
from core.properties import PROPERTIES
from pages import _cards as cards

ROOT = Path(__file__).resolve().parents[2]
LOADED = {"ionic-liquids": IonicLiquidPredictor, "polymer-solvent": MiscibilityPredictor}


def card_of(role: str) -> Card:
    return checkpoints.read_card(checkpoints.default_path(role), role)


def open_page(**query: str) -> AppTest:
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    at.run()
    at.switch_page("pages/models.py")
    for name, value in query.items():
        at.query_params[name] = value
    at.run()
    assert not at.exception
    return at


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """Open the page on a card made up by a test."""

    def opened(card: Card, **query: str) -> AppTest:
        monkeypatch.setattr(LOADED[card.role], "load", lambda: SimpleNamespace(card=card))
        st.cache_resource.clear()
        return open_page(model=card.role, **query)

    return opened


@pytest.fixture(autouse=True)
def own_models() -> Iterator[None]:
    """No other test gets to see the models made up here."""
    yield
    st.cache_resource.clear()


def words_of(at: AppTest) -> str:
    return "\n".join(item.value for item in (*at.markdown, *at.caption, *at.info))


def test_every_property_has_its_table_of_errors_in_every_tier() -> None:
    card = card_of("ionic-liquids")
    at = open_page(show="accuracy")
    for key in PROPERTIES:
        at.segmented_control(key="c_of").set_value(key).run()
        for tier in TIERS["ionic-liquids"]:
            at.segmented_control(key="c_tier").set_value(tier).run()
            assert not at.exception
            table = at.table[0].value
            expected = card.metrics[key][tier]["recommender"]["MAE"]
            assert table[MEASURES["MAE"]].iloc[0] == f"{expected:.3g}"
            assert list(table.index) == list(card.metrics[key][tier])
            assert "rows" in table
            assert at.query_params["of"] in (key, [key])
            assert at.query_params["tier"] in (tier, [tier])


def made_up_metrics(card: Card) -> Card:
    """The card with metrics of the usual shape, whatever it has."""
    chi = {"MAE": 0.25, "RMSE": 0.4, "R2": -0.6, "n_rows": 1100.0}
    labels = {"AUC": 0.91, "balanced_accuracy": 0.8, "Brier": 0.1, "n_rows": 90.0}
    metrics = {}
    for name in TITLES[card.role]:
        own, beside = (chi, "COSMO-RS") if name.startswith("chi") else (labels, "Hansen RED")
        metrics[name] = {
            tier: {"network": own, "without simulated chi": own, "trees": own, beside: own}
            for tier in TIERS[card.role]
        }
    return replace(card, metrics=metrics)


def test_every_task_of_polymers_has_its_table(shown: Callable[..., AppTest]) -> None:
    at = shown(made_up_metrics(card_of("polymer-solvent")), show="accuracy")
    for key in TITLES["polymer-solvent"]:
        at.segmented_control(key="c_of").set_value(key).run()
        assert not at.exception
        table = at.table[0].value
        measure, value = ("MAE", "0.250") if key.startswith("chi") else ("AUC", "0.910")
        assert table[MEASURES[measure]].iloc[0] == value
        if measure == "MAE":
            assert table["R²"].iloc[0] == "−0.600"  # a true minus sign
            assert table["rows"].iloc[0] == "1,100"
    assert len(at.get("plotly_chart")) == 1


@pytest.mark.parametrize("show", ["accuracy", "simulation"])
def test_a_model_without_metrics_says_how_to_get_them(
    shown: Callable[..., AppTest], show: str
) -> None:
    at = shown(replace(card_of("polymer-solvent"), metrics={}), show=show)
    assert "core evaluate polymer-solvent" in words_of(at)
    assert not at.get("plotly_chart")


def test_the_page_tells_what_pre_training_is_worth_and_how_good_the_simulation_is() -> None:
    at = open_page(show="simulation")
    assert [item.value for item in at.header] == [
        "What pre-training is worth",
        "The simulation itself",
    ]
    table = at.table[0].value
    assert list(table.columns) == ["new pair of known ions", "new cation", "new anion"]
    assert table.index[0] == "no pre-training"
    assert "±" not in table.iloc[0, 0]
    assert "±" in table.iloc[-1, 0]
    assert "openCOSMO-RS 24a" in words_of(at)
    at.segmented_control(key="c_of").set_value("melting_point_K").run()
    assert not at.exception
    assert "not simulated" in at.info[-1].value


def test_the_worth_of_simulated_chi_is_told_where_it_was_compared(
    shown: Callable[..., AppTest],
) -> None:
    at = shown(made_up_metrics(card_of("polymer-solvent")), show="simulation", of="chi")
    table = at.table[0].value
    assert table["MAE, with"].iloc[0] == "0.250"
    assert table["MAE, without"].iloc[0] == "0.250"


HISTOGRAM = {"edges": [0.0, 1.0, 2.0], "counts": [[5, 1], [0, 7]], "scale": "log10", "n": 13}
CURVE = {
    "nominal": [0.5, 0.9],
    "observed": [0.52, 0.88],
    "coverage_90": 0.883,
    "coverage_90_se": 0.011,
    "mean_width": 0.3,
    "constant_width": 0.5,
    "n_systems": 1234,
}


def studied(card: Card, key: str, **more: object) -> Card:
    tiers = list(TIERS[card.role])
    studies = {
        "parity": {key: dict.fromkeys(tiers, HISTOGRAM)},
        "calibration": {key: dict.fromkeys(tiers, CURVE)},
    }
    return replace(card, studies=studies | more)


def test_predicted_against_measured_is_drawn_for_every_tier(shown: Callable[..., AppTest]) -> None:
    card = studied(card_of("ionic-liquids"), "viscosity_mPa_s")
    at = shown(card, show="accuracy", of="viscosity_mPa_s")
    assert len(at.get("plotly_chart")) == 1 + len(TIERS["ionic-liquids"])
    title = json.loads(at.get("plotly_chart")[1].proto.spec)["layout"]["title"]["text"]
    assert title.replace("<br>", " ") == "new pair of known ions (13 values)"
    at.segmented_control(key="c_of").set_value("density_kg_m3").run()
    assert len(at.get("plotly_chart")) == 1  # nothing is shown where the card has nothing


def test_the_page_tells_how_often_intervals_hold(shown: Callable[..., AppTest]) -> None:
    at = shown(studied(card_of("ionic-liquids"), "viscosity_mPa_s"), show="intervals")
    table = at.table[0].value
    assert table["Inside the 90 % interval"].iloc[0] == "88.3 ± 1.1 %"
    assert table["Width, on average"].iloc[0] == "a factor of 2.00"
    assert table["Systems"].iloc[0] == "1,234"
    drawn = json.loads(at.get("plotly_chart")[0].proto.spec)["data"]
    assert [trace.get("name") for trace in drawn[1:]] == list(TIERS["ionic-liquids"].values())


def test_the_page_tells_how_reliable_a_probability_is(shown: Callable[..., AppTest]) -> None:
    reliability = {"pair": {"predicted": [0.1, 0.9], "observed": [0.2, 0.8], "n": [40, 60]}}
    card = studied(card_of("polymer-solvent"), "chi", reliability=reliability)
    at = shown(card, show="intervals")
    assert len(at.get("plotly_chart")) == 2
    assert "seven in ten dissolve" in words_of(at)


def test_a_card_without_studies_says_so(shown: Callable[..., AppTest]) -> None:
    at = shown(replace(card_of("polymer-solvent"), studies={}), show="intervals")
    assert "was not measured" in words_of(at)
    assert not at.get("plotly_chart")


@pytest.mark.parametrize("role", list(cards.ROLES))
def test_the_card_is_a_document(role: str) -> None:
    at = open_page(model=role)
    titles = [item.value for item in at.header]
    assert titles == [
        "What it is",
        "Range of the training data",
        "How it was tested",
        "Known failures and limits",
    ]
    at.segmented_control(key="c_show").set_value("sources").run()
    assert not at.exception
    assert "doi.org/10." in str(at.table[0].value.to_dict())
    assert at.query_params["show"] in ("sources", ["sources"])
    assert [button.proto.label for button in at.get("download_button")] == [
        "Card (JSON)",
        "What to cite (BibTeX)",
    ]
    if role == "polymer-solvent":  # the notice that the licence of a source asks for
        assert "Copyright 2022 Georgia Tech Research Corporation" in str(
            at.table[0].value.to_dict()
        ).replace("\\", "")


@pytest.mark.parametrize("role", list(cards.ROLES))
def test_trust_is_explained_with_live_examples_that_widen(role: str) -> None:
    at = open_page(model=role, show="trust")
    assert at.header[0].value == "How far can I trust this number?"
    assert "outside" in at.table[1].value.index[-1]
    said = at.table[2].value["What it says"].tolist()
    assert len(set(said)) == len(said) == 4
    assert all("badge[" in text for text in said)


@pytest.mark.parametrize(
    "page, role", [("ionic_liquids", "ionic-liquids"), ("polymer_solvent", "polymer-solvent")]
)
def test_every_number_leads_to_what_is_said_on_trust(page: str, role: str) -> None:
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    at.run()
    at.switch_page(f"pages/{page}.py").run()
    assert not at.exception
    links = [link.proto for link in at.get("page_link")]
    asked = next(link for link in links if link.label == "How far can I trust these numbers?")
    assert asked.page == "models"
    assert f"model={role}" in asked.query_string
    assert "show=trust" in asked.query_string
    hints = [text.proto.help for text in at.markdown if "badge[" in text.value]
    assert any(f"(models?model={role}&show=trust)" in hint for hint in hints)


def test_a_link_that_makes_no_sense_opens_the_first_section() -> None:
    at = open_page(model="gases", show="<script>", of="colour", tier="moon")
    assert at.segmented_control(key="c_model").value == "ionic-liquids"
    assert at.segmented_control(key="c_show").value == "model"


def choices() -> list[tuple[str, str]]:
    sections = ("model", "accuracy", "intervals", "simulation", "trust", "sources")
    return [(role, show) for role in cards.ROLES for show in sections]


@pytest.mark.parametrize("role,show", choices())
def test_every_section_can_be_taken_along(role: str, show: str) -> None:
    at = open_page(model=role, show=show)
    at.session_state[f"models_{role}_{show}_share"] = True
    at.run()
    assert not at.exception
    said = {name: at.query_params[name] for name in at.query_params}
    query = {name: text if isinstance(text, str) else text[0] for name, text in said.items()}
    assert urlencode(query) in at.code[0].value
    labels = [button.proto.label for button in at.get("download_button")]
    assert ("Data (CSV)" in labels) == (show != "trust")
    assert ("Page (HTML)" in labels) == bool(at.get("plotly_chart"))
    at.segmented_control(key=f"models_{role}_{show}_way").set_value("BibTeX").run()
    assert not at.exception
    assert "@software" in at.code[0].value


def test_the_numbers_of_a_card_keep_the_words_that_lead_to_them() -> None:
    card = card_of("ionic-liquids")
    table = cards.flat(card.metrics["density_kg_m3"], "errors", "density_kg_m3")
    found = {row["what"]: row["value"] for row in table}
    assert (
        found["pair / recommender / MAE"]
        == (card.metrics["density_kg_m3"]["pair"]["recommender"]["MAE"])
    )


@pytest.mark.parametrize("role", list(cards.ROLES))
def test_every_section_with_numbers_has_a_table_of_them(role: str) -> None:
    card = card_of(role)
    for show in ("model", "accuracy", "intervals", "simulation", "sources"):
        for of in card.metrics:
            table = cards.table_of(card, show, of)
            column = "values" if show in {"model", "sources"} else "value"
            if of == "chi" or role == "ionic-liquids":
                assert len(table)
                assert pd.api.types.is_numeric_dtype(table[column])
