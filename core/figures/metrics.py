"""The errors of models beside each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from textwrap import wrap
from typing import Any, Final, Literal

import numpy as np
import plotly.graph_objects as go

from core.figures.style import MAX_LINES, SYMBOLS, colours
from core.figures.style import ink as ink_of

__all__ = ["calibration_figure", "learning_curves", "metric_figure", "parity_figure"]

_NAME_WIDTH: Final = 22  # characters; longer names take two lines
_BAR_HEIGHT: Final = 30  # pixels, two lines of a name
_GAP: Final = 0.6  # between tiers, in bars
_SQUARE: Final = 330  # pixels, height of the charts whose two axes mean the same
_LEFT: Final = {"constraintoward": "left"}  # a square chart stands below its title


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
        "texttemplate": "%{x:.3r}",
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
    error = f"mean absolute error / {escape(unit)}" if unit else "mean absolute error"
    layout = _layout(320, ink) | {
        "xaxis": _axis("part of the training ionic liquids", ink)
        | {
            "type": "log",
            "tickvals": [100.0 * fraction for fraction in fractions],
            "ticktext": [f"{fraction:.0%}" for fraction in fractions],
        },
        "yaxis": _axis(error, ink),
    }
    return go.Figure(traces, layout)


def parity_figure(
    edges: Sequence[float],
    counts: Sequence[Sequence[int]],
    *,
    scale: Literal["linear", "log10"],
    unit: str = "",
    title: str = "",
    dark: bool = False,
) -> go.Figure:
    """Draw predicted against measured values as a map of how many there are, with the diagonal.

    Args:
        edges: of the n bins, shape (n + 1,), ascending; logarithms where the scale is ``"log10"``.
        counts: how many values lie in each bin, shape (n, n): rows measured, columns predicted.
        scale: what the edges are.
        unit: of the values, for the axes; empty where they have none.
        title: above the chart.
        dark: colours for a dark page.
    """
    ink = ink_of(dark=dark)
    found = np.asarray(counts, dtype=np.float64).T  # predicted values run upwards
    ends, log = (float(edges[0]), float(edges[-1])), scale == "log10"
    middles = (np.asarray(edges[1:]) + np.asarray(edges[:-1])) / 2.0
    spoken = [f"{10.0**value if log else value:.3g}" for value in middles]
    accent, paper = colours(dark=dark)[0], "#10181b" if dark else "#fdfefe"
    heat = {
        "type": "heatmap",
        "x": list(edges),
        "y": list(edges),
        # Few values far from the diagonal matter as much as the many on it.
        "z": np.where(found > 0.0, np.log10(np.maximum(found, 1.0)) + 0.25, np.nan),
        "zmin": 0.0,
        "colorscale": [[0.0, paper], [1.0, accent]],
        "showscale": False,
        "hoverongaps": False,
        "text": [
            [
                f"measured near {x}, predicted near {y}<br>{n:.0f} values"
                for x, n in zip(spoken, row, strict=True)
            ]
            for y, row in zip(spoken, found, strict=True)
        ],
        "hoverinfo": "text",
    }
    axis = {"range": list(ends), "constrain": "domain"}
    if log:
        decades = range(int(np.ceil(ends[0])), int(np.floor(ends[1])) + 1)
        axis |= {"tickvals": list(decades), "ticktext": [f"{10.0**d:,.6g}" for d in decades]}
    of = f" / {escape(unit)}" if unit else ""
    layout = _layout(_SQUARE, ink, title=title) | {
        "showlegend": False,
        "xaxis": _axis(f"measured{of}", ink) | axis | _LEFT,
        "yaxis": _axis(f"predicted{of}", ink) | axis | {"scaleanchor": "x"},
    }
    return go.Figure([heat, _diagonal(ends, ink)], layout)


def calibration_figure(
    curves: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    *,
    x_title: str,
    y_title: str,
    counts: Mapping[str, Sequence[int]] | None = None,
    dark: bool = False,
) -> go.Figure:
    """Draw shares that came true against those that were promised, with the diagonal.

    Args:
        curves: tier -> promised and observed shares, 0 to 1, of equal length.
        x_title: what was promised.
        y_title: what was observed.
        counts: tier -> how many observations are behind each point, for the pointer.
        dark: colours for a dark page.
    """
    ink, palette = ink_of(dark=dark), colours(dark=dark)
    traces: list[dict[str, Any]] = [_diagonal((0.0, 100.0), ink)]
    for place, (tier, (promised, observed)) in enumerate(curves.items()):
        behind = (counts or {}).get(tier)
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": escape(tier),
                "x": [100.0 * share for share in promised],
                "y": [100.0 * share for share in observed],
                "line": {"color": palette[place % MAX_LINES], "width": 2},
                "marker": {"symbol": SYMBOLS[place % MAX_LINES].removesuffix("-open"), "size": 7},
                "text": [f", {n:,} observations" for n in behind] if behind else "",
                "hovertemplate": f"{escape(tier)}<br>promised %{{x:.0f}} %, came true "
                "%{y:.1f} %%{text}<extra></extra>",
            }
        )
    shares = {"range": [0.0, 100.0], "constrain": "domain", "ticksuffix": " %", "dtick": 25}
    layout = _layout(_SQUARE + 60, ink) | {
        "xaxis": _axis(x_title, ink) | shares | _LEFT,
        "yaxis": _axis(y_title, ink) | shares | {"scaleanchor": "x"},
    }
    return go.Figure(traces, layout)


def _diagonal(ends: tuple[float, float], ink: Mapping[str, str]) -> dict[str, Any]:
    """Where both axes agree."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x": list(ends),
        "y": list(ends),
        "line": {"color": ink["faint"], "width": 1.2, "dash": "5px,4px"},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _layout(height: int, ink: Mapping[str, str], *, title: str = "") -> dict[str, Any]:
    top = {
        "title": {
            "text": "<br>".join(map(escape, wrap(title, _NAME_WIDTH + 4))),
            "font": {"size": 13, "color": ink["text"]},
            "x": 0.0,
            "xref": "paper",
            "xanchor": "left",
            "y": 1.0,
            "yref": "paper",
            "yanchor": "bottom",
            "pad": {"b": 8},
        }
    }
    return {
        "template": {},
        "height": height,
        "margin": {"l": 8, "r": 16, "t": 48 if title else 8, "b": 8},
        "dragmode": False,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom"}
        | {"font": {"color": ink["text"], "size": 12}},
    } | (top if title else {})


def _axis(title: str, ink: Mapping[str, str]) -> dict[str, Any]:
    return {
        "gridcolor": ink["grid"],
        "zeroline": False,
        "automargin": True,
        "tickfont": {"color": ink["faint"], "size": 12},
        "title": {"text": title, "font": {"color": ink["faint"], "size": 12}},
    }
