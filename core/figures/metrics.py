"""The errors of models beside each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from textwrap import wrap
from typing import Final

import plotly.graph_objects as go

from core.figures.style import colours
from core.figures.style import ink as ink_of

__all__ = ["learning_curves", "metric_figure"]

_NAME_WIDTH: Final = 22  # characters; longer names take two lines
_BAR_HEIGHT: Final = 30  # pixels, two lines of a name
_GAP: Final = 0.6  # between tiers, in bars


def metric_figure(
    errors: Mapping[str, Mapping[str, float]],
    *,
    unit: str = "",
    measure: str = "mean absolute error",
    dark: bool = False,
) -> go.Figure:
    """Draw the errors of several models beside each other, one group of bars per tier.

    Each bar has its model's name beside it: there are more models than greys to tell them apart.

    Args:
        errors: tier -> model -> error; the model named first is the one in colour.
        unit: of the error, for the axis; empty where it has none.
        measure: what the bars are, for the axis.
        dark: colours for a dark page.
    """
    ink = ink_of(dark=dark)
    place, ticks, bars = 0.0, [], []
    for tier, by_model in errors.items():
        ticks.append((place, f"<b>{escape(tier)}</b>"))
        for rank, (model, error) in enumerate(by_model.items()):
            place += 1.0
            ticks.append((place, "<br>".join(map(escape, wrap(model, _NAME_WIDTH)))))
            bars.append((place, error, rank == 0, f"{escape(model)}, {escape(tier)}"))
        place += 1.0 + _GAP
    accent, grey = colours(dark=dark)[0], "#5b7178" if dark else "#b2c0c4"
    trace = {
        "type": "bar",
        "orientation": "h",
        "x": [error for _, error, _, _ in bars],
        "y": [at for at, _, _, _ in bars],
        "width": 0.8,
        "marker": {"color": [accent if first else grey for _, _, first, _ in bars]},
        "texttemplate": "%{x:.3~g}",
        "textposition": "outside",
        "textfont": {"color": ink["text"], "size": 12},
        "cliponaxis": False,
        "hovertext": [f"{title}<br>{error:.3g} {escape(unit)}" for _, error, _, title in bars],
        "hoverinfo": "text",
    }
    layout = {
        "template": {},
        "height": 70 + round(_BAR_HEIGHT * place),
        "margin": {"l": 8, "r": 48, "t": 8, "b": 8},
        "dragmode": False,
        "showlegend": False,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
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
            "range": [place - _GAP, -0.7],
            "automargin": True,
            "showgrid": False,
            "zeroline": False,
            "tickvals": [at for at, _ in ticks],
            "ticktext": [text for _, text in ticks],
            "tickfont": {"color": ink["text"], "size": 12},
        },
    }
    return go.Figure(trace, layout)


def learning_curves(
    errors: Mapping[str, Sequence[float]],
    fractions: Sequence[float],
    *,
    unit: str = "",
    dark: bool = False,
) -> go.Figure:
    """Draw how errors fall as the training data become more.

    Args:
        errors: model -> error at each fraction; the model named last is the one in colour.
        fractions: of the training data, 0 to 1, ascending.
        unit: of the error, for the axis; empty where it has none.
        dark: colours for a dark page.
    """
    ink = ink_of(dark=dark)
    accent, grey = colours(dark=dark)[0], "#8aa0a6" if dark else "#7d9096"
    traces = []
    for number, (model, values) in enumerate(errors.items()):
        last = number == len(errors) - 1
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": escape(model),
                "x": [100.0 * fraction for fraction in fractions],
                "y": list(values),
                "line": {"color": accent if last else grey, "dash": "solid" if last else "dash"},
                "marker": {"size": 8},
                "hovertemplate": f"%{{x:.0f}} %: %{{y:.3~g}} {escape(unit)}",
            }
        )
    axis = {
        "gridcolor": ink["grid"],
        "zeroline": False,
        "automargin": True,
        "tickfont": {"color": ink["faint"], "size": 12},
    }
    layout = {
        "template": {},
        "height": 320,
        "margin": {"l": 8, "r": 16, "t": 8, "b": 8},
        "dragmode": False,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "legend": {"orientation": "h", "y": 1.12, "font": {"color": ink["text"], "size": 12}},
        "xaxis": {
            **axis,
            "type": "log",
            "tickvals": [100.0 * fraction for fraction in fractions],
            "ticktext": [f"{fraction:.0%}" for fraction in fractions],
            "title": {
                "text": "part of the training ionic liquids",
                "font": {"color": ink["faint"], "size": 12},
            },
        },
        "yaxis": {
            **axis,
            "title": {
                "text": f"mean absolute error / {escape(unit)}" if unit else "mean absolute error",
                "font": {"color": ink["faint"], "size": 12},
            },
        },
    }
    return go.Figure(traces, layout)
