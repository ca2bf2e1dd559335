"""Models: what was trained on which data, and how well it does beside simpler models."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from core import figures
from core.metrics import COUNTS, MEASURES, TIERS
from core.properties import PROPERTIES
from pages import _common as common

if TYPE_CHECKING:
    from core.checkpoints import Card


def ranges(card: Card) -> pd.DataFrame:
    """Temperatures and pressures that the model has seen, by property."""
    rows = []
    for key, prop in PROPERTIES.items():
        spans = card.ranges[key]
        row = {"": prop.label, "Temperature / °C": "–", "Pressure / MPa": "near 0.1"}
        if (span := spans.get("temperature_K")) is not None:
            row["Temperature / °C"] = "{} to {}".format(
                *(f"{round(end - 273.15)}".replace("-", "−") for end in span)
            )
        if (span := spans.get("pressure_kPa")) is not None:
            row["Pressure / MPa"] = "{:.2g} to {:.0f}".format(*(end / 1000.0 for end in span))
        rows.append(row)
    return pd.DataFrame(rows).set_index("")


def show(card: Card) -> None:
    """One property at a time: the errors as bars, and all measures as a table."""
    common.model_summary(card)
    st.subheader("Range of the training data")
    st.table(ranges(card))
    if not card.metrics:
        return
    st.subheader("Beside simpler models")
    key = st.segmented_control(
        "Property",
        list(card.metrics),
        format_func=lambda key: PROPERTIES[key].label,
        default=next(iter(card.metrics)),
        key="w_metric",
        required=True,
        persist_state="session",
    )
    tiers = {TIERS[card.role][tier]: models for tier, models in card.metrics[key].items()}
    errors = {
        tier: {model: measures["MAE"] for model, measures in models.items()}
        for tier, models in tiers.items()
    }
    prop = PROPERTIES[key]
    unit = "log₁₀ units" if prop.transform == "log10" else prop.internal_unit.label
    st.plotly_chart(
        figures.metric_figure(errors, unit=unit, dark=common.is_dark()),
        key="chart_metric",
        config={"displaylogo": False},
        alt=f"Errors of {prop.label.lower()}",
    )
    titles = {**MEASURES, **COUNTS}
    rows = [
        {
            "tier": tier,
            "model": model,
            **{title: found[measure] for measure, title in titles.items() if measure in found},
        }
        for tier, models in tiers.items()
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
    )
    st.caption(
        "Mean absolute error (MAE), root mean square error (RMSE), coefficient of determination "
        "(R²) and average absolute relative deviation (AARD), over rows and averaged by ionic "
        f"liquid. MAE and RMSE in {unit}."
    )


common.ensure_router()
st.title("Models")
if (model := common.predictor()) is not None:
    show(model.card)
