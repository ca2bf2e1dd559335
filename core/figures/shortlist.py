"""Charts of a shortlist of solvents: Hansen's plane, and chi against the boiling point."""

from __future__ import annotations

import math
from html import escape
from typing import Any, Final

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.figures.style import base_layout, translucent, x_axis, y_axis
from core.figures.style import ink as ink_of
from core.properties import Unit

__all__ = ["hansen_plane", "solvent_plot"]

# Blue for what dissolves, orange for what does not, from Okabe and Ito's colours; grey between.
_LIGHT_SCALE: Final = [[0.0, "#d55e00"], [0.5, "#c9c4bb"], [1.0, "#0072b2"]]
_DARK_SCALE: Final = [[0.0, "#e69f00"], [0.5, "#5d666a"], [1.0, "#56b4e9"]]


def hansen_plane(
    table: pd.DataFrame,
    others: pd.DataFrame,
    *,
    polymer: str,
    place: tuple[float, float, float],
    radius: float,
    dark: bool = False,
) -> go.Figure:
    """Draw the polar and the hydrogen-bonding parameter of solvents around those of a polymer.

    Args:
        table: solvents as :func:`core.screen.shortlist` gives them.
        others: those that filters have left out, drawn faintly.
        polymer: its name.
        place: its parameters in MPa^0.5.
        radius: R0, drawn as a circle where it is known: the sphere, seen along the third axis.
        dark: colours for a dark page.
    """
    ink = ink_of(dark=dark)
    traces: list[dict[str, Any]] = []
    if not math.isnan(radius):
        around = np.linspace(0.0, 2.0 * np.pi, 97)
        traces.append(
            {
                "type": "scatter",
                "x": (place[1] + radius * np.cos(around)).astype(np.float32),
                "y": (place[2] + radius * np.sin(around)).astype(np.float32),
                "mode": "lines",
                "name": "R0",
                "line": {"color": ink["faint"], "width": 1.2, "dash": "6px,4px"},
                "fill": "toself",
                "fillcolor": translucent(ink["shade"], 0.08),
                "hoverinfo": "skip",
            }
        )
    columns = ("polar_MPa05", "hydrogen_MPa05")
    traces += [_faint(others, columns, ink), _solvents(table, columns, dark=dark)]
    traces.append(
        {
            "type": "scatter",
            "x": [place[1]],
            "y": [place[2]],
            "mode": "markers+text",
            "name": escape(polymer),
            "text": [escape(polymer)],
            "textposition": "top center",
            "textfont": {"size": 12, "color": ink["text"]},
            "marker": {"size": 12, "symbol": "diamond", "color": ink["text"]},
            "hovertemplate": f"{escape(polymer)}<br>δP %{{x:.1f}}, δH %{{y:.1f}}<extra></extra>",
        }
    )
    layout = _layout("<b>Hansen's plane</b>  <i>δ</i>H / MPa⁰·⁵", ink)
    shown = pd.concat([table, others])
    layout["xaxis"] = x_axis(_window(shown[columns[0]], place[1], radius), ink)
    layout["yaxis"] = y_axis(ink) | {"range": list(_window(shown[columns[1]], place[2], radius))}
    layout["xaxis"]["title"]["text"] = "δP / MPa⁰·⁵"
    return go.Figure(traces, layout, _validate=False)


def solvent_plot(
    table: pd.DataFrame,
    others: pd.DataFrame,
    x_unit: Unit,
    *,
    dark: bool = False,
) -> go.Figure:
    """Draw chi of solvents against their boiling points, with the critical chi.

    Args:
        table: solvents as :func:`core.screen.shortlist` gives them.
        others: those that filters have left out, drawn faintly.
        x_unit: the unit of the temperature axis.
        dark: colours for a dark page.
    """
    ink = ink_of(dark=dark)
    shown, faint = (
        rows.assign(boiling=x_unit.to_display(rows["boiling_point_K"].to_numpy(dtype=float)))
        for rows in (table, others)
    )
    columns = ("boiling", "chi")
    both = pd.concat([shown, faint])
    window = _window(both["boiling"], math.nan, math.nan)
    traces = [_faint(faint, columns, ink), _solvents(shown, columns, dark=dark)]
    layout = _layout("<b>Flory-Huggins parameter</b>  <i>χ</i>", ink)
    layout["xaxis"] = x_axis(window, ink)
    layout["xaxis"]["title"]["text"] = f"Boiling point / {escape(x_unit.label)}"
    layout["yaxis"] = y_axis(ink) | {"range": list(_window(both["chi"], math.nan, math.nan))}
    if len(both):
        level = float(both["critical_chi"].median())
        line = {"color": ink["text"], "width": 1.2, "dash": "8px,4px"}
        layout["shapes"] = [
            {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": level, "y1": level,
             "line": line, "layer": "below"}
        ]  # fmt: skip
        layout["annotations"] = [
            {"xref": "paper", "x": 1, "xanchor": "right", "y": level, "yanchor": "bottom",
             "text": f"critical χ ≈ {level:.2f}", "showarrow": False,
             "font": {"size": 11, "color": ink["text"]}}
        ]  # fmt: skip
    return go.Figure(traces, layout, _validate=False)


def _layout(title: str, ink: dict[str, str]) -> dict[str, Any]:
    layout = base_layout(title, 420, 0, ink)
    layout["clickmode"] = "event+select"
    layout["uirevision"] = title
    return layout


def _window(values: pd.Series, centre: float, radius: float) -> tuple[float, float]:
    """From the least to the greatest value, with the polymer and its sphere, and some air."""
    known = [*values.dropna().tolist(), *([] if math.isnan(centre) else [centre])]
    if not math.isnan(radius):
        known += [centre - radius, centre + radius]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    air = 0.04 * (high - low or 1.0)
    return low - air, high + air


def _faint(rows: pd.DataFrame, columns: tuple[str, str], ink: dict[str, str]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": rows[columns[0]].to_numpy(dtype=np.float32),
        "y": rows[columns[1]].to_numpy(dtype=np.float32),
        "mode": "markers",
        "name": "left out",
        "marker": {"size": 5, "color": ink["faint"], "opacity": 0.3},
        "text": [escape(name) for name in rows["name"]],
        "hovertemplate": "%{text}<br>left out by the filters<extra></extra>",
        "selected": {"marker": {"opacity": 0.3}},
        "unselected": {"marker": {"opacity": 0.3}},
    }


def _solvents(rows: pd.DataFrame, columns: tuple[str, str], *, dark: bool) -> dict[str, Any]:
    ink = ink_of(dark=dark)
    measured = (rows["known"] != "").to_numpy()
    hover = [
        f"<b>{escape(name)}</b>, {'measured' if there else 'predicted'}<br>"
        f"dissolves: {100 * probability:.0f} %, χ = {chi:.2f} ({low:.2f} to {high:.2f})"
        f"{'' if math.isnan(boiling) else f'<br>boils at {boiling - 273.15:.0f} °C'}"
        f"{f'<br>{green}' if green else ''}"
        for name, there, probability, chi, low, high, boiling, green in zip(
            rows["name"],
            measured,
            rows["soluble_probability"],
            rows["chi"],
            rows["chi_low"],
            rows["chi_high"],
            rows["boiling_point_K"],
            rows["greenness"],
            strict=True,
        )
    ]
    return {
        "type": "scatter",
        "x": rows[columns[0]].to_numpy(dtype=np.float32),
        "y": rows[columns[1]].to_numpy(dtype=np.float32),
        "mode": "markers",
        "name": "solvents",
        "customdata": rows["solvent_smiles"].tolist(),
        "text": hover,
        "hovertemplate": "%{text}<extra></extra>",
        "marker": {
            "size": np.where(measured, 11, 8).tolist(),
            "symbol": np.where(measured, "circle", "circle-open").tolist(),
            "color": rows["soluble_probability"].to_numpy(dtype=np.float32),
            "cmin": 0.0,
            "cmax": 1.0,
            "colorscale": _DARK_SCALE if dark else _LIGHT_SCALE,
            "line": {"width": np.where(measured, 0.5, 2.0).tolist()},
            "colorbar": {
                "title": {"text": "dissolves", "font": {"size": 11, "color": ink["faint"]}},
                "tickformat": ".0%",
                "thickness": 10,
                "len": 0.6,
                "outlinewidth": 0,
                "tickfont": {"size": 10, "color": ink["faint"]},
            },
        },
        "selected": {"marker": {"opacity": 1.0}},
        "unselected": {"marker": {"opacity": 0.45}},
    }
