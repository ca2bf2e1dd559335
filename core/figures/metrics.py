"""The errors of models beside each other."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import plotly.graph_objects as go

from core.figures.style import colours
from core.figures.style import ink as ink_of

__all__ = ["metric_figure"]


def metric_figure(
    errors: Mapping[str, Mapping[str, float]],
    *,
    unit: str = "",
    measure: str = "mean absolute error",
    dark: bool = False,
) -> go.Figure:
    """Draw the errors of several models beside each other, one group of bars per tier.

    Args:
        errors: tier -> model -> error; the model named first is the one in colour.
        unit: of the error, for the axis; empty where it has none.
        measure: what the bars are, for the axis.
        dark: colours for a dark page.
    """
    ink = ink_of(dark=dark)
    tiers = list(errors)
    models = list(next(iter(errors.values())))
    greys = ("#5b7178", "#80959b", "#a8b8bd") if dark else ("#8b9da3", "#b2c0c4", "#d3dcdf")
    bars = [
        {
            "type": "bar",
            "orientation": "h",
            "name": escape(model),
            "x": [errors[tier][model] for tier in tiers],
            "y": [escape(tier) for tier in tiers],
            "marker": {"color": colours(dark=dark)[0] if rank == 0 else greys[(rank - 1) % 3]},
            "texttemplate": "%{x:.3~g}",
            "textposition": "outside",
            "cliponaxis": False,
            "hovertemplate": f"{escape(model)}, %{{y}}<br>"
            f"%{{x:.3~g}} {escape(unit)}<extra></extra>",
        }
        for rank, model in enumerate(models)
    ]
    layout = {
        "template": {},
        "height": 90 + len(tiers) * (26 * len(models) + 22),
        "margin": {"l": 8, "r": 48, "t": 44, "b": 8},
        "barmode": "group",
        "bargap": 0.25,
        "dragmode": False,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "legend": {
            "orientation": "h",
            "x": 0.0,
            "y": 1.0,
            "yref": "container",
            "yanchor": "top",
            "traceorder": "normal",
            "font": {"color": ink["text"], "size": 12},
        },
        "xaxis": {
            "gridcolor": ink["grid"],
            "zeroline": False,
            "rangemode": "tozero",
            "automargin": True,
            "tickfont": {"color": ink["faint"], "size": 12},
            "title": {
                "text": f"{measure} / {escape(unit)}" if unit else measure,
                "font": {"color": ink["faint"], "size": 12},
            },
        },
        "yaxis": {
            "autorange": "reversed",
            "automargin": True,
            "tickfont": {"color": ink["text"], "size": 13},
        },
    }
    return go.Figure(bars, layout)
