"""Models: what was trained on which data, and how well it does beside simpler models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from core import figures
from core.metrics import COUNTS, MEASURES, STARTS, TIERS, TITLES, with_error
from core.properties import PROPERTIES
from pages import _common as common
from pages import _mixtures as mixtures

if TYPE_CHECKING:
    from core.checkpoints import Card

ROLES = {"ionic-liquids": "Ionic liquids", "polymer-solvent": "Polymers in solvents"}


def celsius(span: tuple[float, float]) -> str:
    """A span of temperatures in whole degrees."""
    return "{} to {}".format(*(f"{round(end - 273.15)}".replace("-", "−") for end in span))


def ranges_of_liquids(card: Card) -> pd.DataFrame:
    """Temperatures and pressures that the model has seen, by property."""
    rows = []
    for key, prop in PROPERTIES.items():
        spans = card.ranges[key]
        row = {"": prop.label, "Temperature / °C": "–", "Pressure / MPa": "near 0.1"}
        if (span := spans.get("temperature_K")) is not None:
            row["Temperature / °C"] = celsius(span)
        if (span := spans.get("pressure_kPa")) is not None:
            row["Pressure / MPa"] = "{:.2g} to {:.0f}".format(*(end / 1000.0 for end in span))
        rows.append(row)
    return pd.DataFrame(rows).set_index("")


def ranges_of_mixtures(card: Card) -> pd.DataFrame:
    """Temperatures and compositions that the model has seen."""
    spans = card.ranges["chi"]
    row = {
        "": "χ",
        "Temperature / °C": celsius(spans["temperature_K"]),
        "Volume fraction of the polymer": "{:.2g} to {:.2g}".format(*spans["volume_fraction"]),
    }
    return pd.DataFrame([row]).set_index("")


def show_liquids(card: Card) -> None:
    """The model of ionic liquids, one property at a time."""
    common.model_summary(card)
    st.subheader("Range of the training data")
    st.table(ranges_of_liquids(card))
    if not card.metrics:
        return
    key = choose(card, {name: prop.label for name, prop in PROPERTIES.items()}, "Property")
    prop = PROPERTIES[key]
    unit = "log₁₀ units" if prop.transform == "log10" else prop.internal_unit.label
    bars(card, key, "MAE", unit)
    measures(card, key)
    st.caption(
        "Mean absolute error (MAE), root mean square error (RMSE), coefficient of determination "
        "(R²) and average absolute relative deviation (AARD), over rows and averaged by ionic "
        f"liquid. MAE and RMSE in {unit}."
    )
    if "transfer" in card.studies:
        transfer(card, key, unit)
    if "simulation" in card.studies:
        simulation(card, key, unit)


def transfer(card: Card, key: str, unit: str) -> None:
    """What pre-training on the simulation is worth for one property."""
    study = card.studies["transfer"]
    st.subheader("What pre-training is worth")
    table = {
        TIERS[card.role][tier]: {
            STARTS[start]: compared(found) for start, found in by_start.items()
        }
        for tier, by_start in study["starts"][key].items()
    }
    st.table(pd.DataFrame(table).rename_axis("pre-trained on"))
    curves = {STARTS[start]: values for start, values in study["curve"][key].items()}
    st.plotly_chart(
        figures.learning_curves(curves, study["fractions"], unit=unit, dark=common.is_dark()),
        key="chart_learning",
        config={"displaylogo": False},
        alt="Error against the part of the training data, with and without pre-training",
    )
    st.caption(
        f"Mean absolute error by ionic liquid in {unit}; in brackets the difference to no "
        "pre-training, paired over ionic liquids, with its standard error: negative where "
        "pre-training helps. Networks of one property that see the simulation only through their "
        "pre-training, on the same folds. The curves are for ionic liquids with a new cation, as "
        "the training data become more."
    )


def compared(found: Mapping[str, float]) -> str:
    """An error, and how far it is from that without pre-training."""
    text = f"{found['MAE_by_liquid']:.3g}"
    if "minus_none" in found:
        apart = with_error(found["minus_none"], found["minus_none_se"])
        text += f" ({apart})".replace("-", "−")
    return text


def simulation(card: Card, key: str, unit: str) -> None:
    """How good the simulation itself is for one property."""
    st.subheader("The simulation itself")
    study = card.studies["simulation"]
    st.caption(
        "COSMO-RS-type simulation: openCOSMO-RS 24a parameters on PM7/COSMO surfaces, GFN2-xTB "
        "geometries; at 25 °C and 1 atm, its few coefficients fitted without the ionic liquids it "
        "is tested on."
    )
    if key not in study:
        st.info(f"{PROPERTIES[key].label} is not simulated: it only learns from the others.")
        return
    rows = [
        {
            "tier": TIERS[card.role][tier],
            "r": models["simulation"]["r"],
            f"MAE / {unit}": models["simulation"]["MAE"],
            "liquids": models["simulation"]["n_liquids"],
            "liquids with an ion not simulated": models["simulation"]["n_not_simulated"],
        }
        for tier, models in study[key].items()
    ]
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        height="content",
        column_config={
            "r": st.column_config.NumberColumn(format="%.2f"),
            f"MAE / {unit}": st.column_config.NumberColumn(format="%.3g"),
        },
    )


def show_mixtures(card: Card) -> None:
    """The model of polymers in solvents, one task at a time."""
    mixtures.model_summary(card)
    st.subheader("Range of the training data")
    st.table(ranges_of_mixtures(card))
    if not card.metrics:
        return
    key = choose(card, TITLES[card.role], "Task and rows")
    bars(card, key, "MAE" if key.startswith("chi") else "AUC", "")
    measures(card, key)
    st.caption(
        "χ: mean absolute error (MAE), root mean square error (RMSE), coefficient of "
        "determination (R²), over rows and averaged by pair; r is the correlation. Simulation: "
        "of the COSMO-RS type, openCOSMO-RS 24a parameters on PM7/COSMO surfaces, not fitted to "
        "any χ; the network learns it beside the measurements. Soluble or not: area under the "
        "receiver operating characteristic (AUC), balanced accuracy, Brier score and calibration "
        "error. Some methods know only part of the rows; the network is shown on the same rows "
        "beside them."
    )


def choose(card: Card, titles: Mapping[str, str], label: str) -> str:
    """Which of the card's tables to show."""
    st.subheader("Beside simpler models")
    key: str = st.segmented_control(
        label,
        list(card.metrics),
        format_func=lambda key: titles.get(key, key),
        default=next(iter(card.metrics)),
        key=f"w_metric_{card.role}" if card.role != "ionic-liquids" else "w_metric",
        required=True,
        persist_state="session",
        wrap=True,
    )
    return key


def bars(card: Card, key: str, measure: str, unit: str) -> None:
    """One measure as bars, of the models that have it in every tier."""
    tiers = {TIERS[card.role][tier]: models for tier, models in card.metrics[key].items()}
    common_to_all = [
        model
        for model in next(iter(tiers.values()))
        if all(measure in models.get(model, {}) for models in tiers.values())
    ]
    values = {
        tier: {model: models[model][measure] for model in common_to_all}
        for tier, models in tiers.items()
    }
    words = "mean absolute error" if measure == "MAE" else "area under the curve (AUC)"
    st.plotly_chart(
        figures.metric_figure(values, unit=unit, measure=words, dark=common.is_dark()),
        key=f"chart_metric_{card.role}",
        config={"displaylogo": False},
        alt=f"{words.capitalize()} of several models",
    )


def measures(card: Card, key: str) -> None:
    """All measures as a table."""
    titles = {**MEASURES, **COUNTS}
    rows = [
        {
            "tier": TIERS[card.role][tier],
            "model": model,
            **{title: found[measure] for measure, title in titles.items() if measure in found},
        }
        for tier, models in card.metrics[key].items()
        for model, found in models.items()
    ]
    table = pd.DataFrame(rows)
    st.dataframe(
        table,
        hide_index=True,
        height="content",
        column_config={
            title: st.column_config.NumberColumn(format="%.3g")
            for title in MEASURES.values()
            if title in table
        },
        placeholder="–",
    )


common.ensure_router()
st.title("Models")
role = st.segmented_control(
    "Model",
    list(ROLES),
    format_func=lambda role: ROLES[role],
    default="ionic-liquids",
    key="w_role",
    required=True,
    label_visibility="collapsed",
    persist_state="session",
)
if role == "ionic-liquids":
    if (liquid_model := common.predictor()) is not None:
        show_liquids(liquid_model.card)
elif (mixture_model := common.miscibility()) is not None:
    show_mixtures(mixture_model.card)
