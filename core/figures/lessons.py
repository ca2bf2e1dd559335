"""Charts of the lessons: series of molecules, free energy of mixing, chi against composition."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.figures.style import base_layout, colours, rounded, translucent, x_axis, y_axis
from core.figures.style import ink as ink_of

if TYPE_CHECKING:
    from core.properties import Unit

__all__ = ["Rung", "chi_diagram", "free_energy_figure", "ladder_figure", "series_figure"]

FloatArray = NDArray[np.float64]
_RUNG: Final = 44  # pixels between the rungs of a ladder


@dataclass(frozen=True, slots=True)
class Rung:
    """One molecule of a series, with its prediction and what was measured of it.

    Attributes:
        name: what the axis says.
        value: predicted, in the unit shown.
        low: lower end of the 90 % interval.
        high: upper end.
        measured: values measured at the same state, in the unit shown.
        strong: whether it stands out from the others.
    """

    name: str
    value: float
    low: float
    high: float
    measured: Sequence[float] = ()
    strong: bool = True


def _hover(rung: Rung, unit: Unit) -> str:
    value, low, high = rounded(rung.value, rung.low, rung.high)
    return f"{escape(rung.name)}<br><b>{value}</b> {escape(unit.label)} ({low} to {high})"


def _predicted(rungs: Sequence[Rung], unit: Unit, colour: str, *, upright: bool) -> dict[str, Any]:
    """Predictions with their intervals; the caller adds the places along the series."""
    along, error = ("y", "error_y") if upright else ("x", "error_x")
    return {
        "type": "scatter",
        "name": "predicted, with its 90 % interval",
        along: [rung.value for rung in rungs],
        error: {
            "type": "data",
            "symmetric": False,
            "array": [rung.high - rung.value for rung in rungs],
            "arrayminus": [rung.value - rung.low for rung in rungs],
            "color": colour,
            "thickness": 1.6,
            "width": 5,
        },
        "text": [_hover(rung, unit) for rung in rungs],
        "hovertemplate": "%{text}<extra></extra>",
    }


def _measured(
    places: Sequence[float], rungs: Sequence[Rung], unit: Unit, colour: str, *, upright: bool
) -> list[dict[str, Any]]:
    """What was measured, beside the predictions; no trace where nothing was."""
    points = [
        (place, value, rung)
        for place, rung in zip(places, rungs, strict=True)
        for value in rung.measured
    ]
    if not points:
        return []
    along, across = ("y", "x") if upright else ("x", "y")
    return [
        {
            "type": "scatter",
            "name": "measured",
            "mode": "markers",
            along: [value for _, value, _ in points],
            across: [place for place, _, _ in points],
            "marker": {
                "symbol": "diamond-open",
                "size": 9,
                "color": colour,
                "line": {"width": 1.6, "color": colour},
            },
            "text": [escape(rung.name) for _, _, rung in points],
            "hovertemplate": f"%{{text}}, measured<br><b>%{{{along}:.4~g}}</b> "
            f"{escape(unit.label)}<extra></extra>",
        }
    ]


def series_figure(
    x: Sequence[int],
    rungs: Sequence[Rung],
    unit: Unit,
    *,
    title: str,
    x_title: str,
    log: bool = False,
    dark: bool = False,
) -> go.Figure:
    """Draw a property along a series of molecules that grow by one part at a time.

    Args:
        x: how many parts each molecule has, shape (n,).
        rungs: the n molecules.
        unit: in which they are shown.
        title: above the chart; plotly's markup, names in it have to be escaped.
        x_title: what is counted.
        log: whether the value axis is logarithmic.
        dark: colours for a dark page.
    """
    ink, palette = ink_of(dark=dark), colours(dark=dark)
    traces = [
        _predicted(rungs, unit, palette[0], upright=True)
        | {
            "x": list(x),
            "mode": "lines+markers",
            "line": {"color": palette[0], "width": 1.6},
            "marker": {"size": 8, "color": palette[0]},
        },
        *_measured(list(x), rungs, unit, palette[1], upright=True),
    ]
    axis = y_axis(ink)
    if log:
        ratio = max(r.high for r in rungs) / min(r.low for r in rungs)
        axis |= {
            "type": "log",
            "dtick": "D1" if ratio < 8.0 else "D2" if ratio < 400.0 else 1,
            "tickformat": "~g",
        }
    layout = base_layout(f"{title} / {escape(unit.label)}", 300, 0, ink) | {
        "xaxis": x_axis((min(x) - 0.5, max(x) + 0.5), ink) | {"dtick": 1, "tick0": 0},
        "yaxis": axis,
    }
    layout["xaxis"]["title"]["text"] = x_title
    return go.Figure(traces, layout)


def ladder_figure(
    rungs: Sequence[Rung], unit: Unit, *, title: str, log: bool = False, dark: bool = False
) -> go.Figure:
    """Draw a property of several molecules, one below the other.

    Args:
        rungs: the molecules, the first at the top.
        unit: in which they are shown; a label may be empty.
        title: above the chart; plotly's markup, names in it have to be escaped.
        log: whether the value axis is logarithmic.
        dark: colours for a dark page.
    """
    ink, palette = ink_of(dark=dark), colours(dark=dark)
    places = [-float(i) for i in range(len(rungs))]
    marks = [palette[0] if rung.strong else ink["faint"] for rung in rungs]
    traces = [
        _predicted(rungs, unit, palette[0], upright=False)
        | {"y": places, "mode": "markers", "marker": {"size": 11, "color": marks}},
        *_measured([place + 0.22 for place in places], rungs, unit, palette[1], upright=False),
    ]
    of = f" / {escape(unit.label)}" if unit.label else ""
    low, high = min(rung.low for rung in rungs), max(rung.high for rung in rungs)
    if log:
        low, high = math.log10(low), math.log10(high)
    edge = 0.04 * (high - low)
    layout = base_layout(f"{title}{of}", 80 + _RUNG * len(rungs), 0, ink) | {
        "xaxis": x_axis((low - edge, high + edge), ink)
        | {"showgrid": True, "gridcolor": ink["grid"]},
        "yaxis": {
            "range": [places[-1] - 0.6, 0.6],
            "tickvals": places,
            "ticktext": [escape(rung.name) for rung in rungs],
            "tickfont": {"color": ink["text"], "size": 12},
            "automargin": True,
            "showgrid": False,
            "zeroline": False,
        },
    }
    if log:
        layout["xaxis"] |= {"type": "log", "dtick": 1 if high - low > 2.5 else "D2"}
        layout["xaxis"]["tickformat"] = "~g"
    return go.Figure(traces, layout)


# ------------------------------------------------------------------------------- Flory and Huggins


def free_energy_figure(
    phi: FloatArray,
    energy: FloatArray,
    *,
    binodal: Sequence[tuple[float, float]] = (),
    spinodal: Sequence[tuple[float, float]] = (),
    dark: bool = False,
) -> go.Figure:
    """Draw the free energy of mixing against composition.

    Args:
        phi: volume fractions of the polymer, shape (n,).
        energy: per mole of lattice sites, in RT, shape (n,).
        binodal: the two phases side by side, each as composition and energy; joined by the line
            that touches the curve in both.
        spinodal: the two inflexion points, likewise.
        dark: colours for a dark page.
    """
    ink, palette = ink_of(dark=dark), colours(dark=dark)
    traces: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "name": "one phase",
            "mode": "lines",
            "x": phi,
            "y": energy,
            "line": {"color": palette[0], "width": 2.4},
            "hovertemplate": "φ = %{x:.3~g}<br>ΔG = %{y:.4~g} RT<extra></extra>",
        }
    ]
    for name, points, style in (
        ("two phases (binodal)", binodal, {"mode": "lines+markers"}),
        ("inflexion (spinodal)", spinodal, {"mode": "markers"}),
    ):
        if not points:
            continue
        colour = palette[1] if points is binodal else palette[2]
        traces.append(
            {
                "type": "scatter",
                "name": name,
                "x": [at for at, _ in points],
                "y": [value for _, value in points],
                "line": {"color": colour, "width": 1.6, "dash": "6px,4px"},
                "marker": {"size": 9, "color": colour},
                "hovertemplate": f"{name}<br>φ = %{{x:.3~g}}<extra></extra>",
            }
            | style
        )
    layout = base_layout("<b>Free energy of mixing</b>  ΔG / RT per site", 340, 1, ink) | {
        "xaxis": x_axis((0.0, 1.0), ink),
        "yaxis": y_axis(ink),
    }
    layout["xaxis"]["title"]["text"] = "Volume fraction of the polymer φ"
    return go.Figure(traces, layout)


def chi_diagram(
    chi: FloatArray,
    binodal: tuple[FloatArray, FloatArray],
    spinodal: tuple[FloatArray, FloatArray],
    *,
    critical: tuple[float, float],
    at_chi: float,
    dark: bool = False,
) -> go.Figure:
    """Draw where a solution splits: chi against composition.

    Args:
        chi: rising from the critical one, shape (n,).
        binodal: compositions of the two phases, shape (n,) each.
        spinodal: compositions of the inflexion points, likewise.
        critical: composition and chi of the critical point.
        at_chi: chosen, a thin line across.
        dark: colours for a dark page.
    """
    ink, palette = ink_of(dark=dark), colours(dark=dark)
    traces: list[dict[str, Any]] = []
    for name, ends, colour, style in (
        ("binodal", binodal, palette[1], {"width": 2.2}),
        ("spinodal", spinodal, palette[2], {"width": 1.6, "dash": "5px,4px"}),
    ):
        traces.append(
            {
                "type": "scatter",
                "name": name,
                "mode": "lines",
                "x": np.concatenate([ends[0][::-1], [critical[0]], ends[1]]),
                "y": np.concatenate([chi[::-1], [critical[1]], chi]),
                "line": {"color": colour, **style},
                "hovertemplate": f"{name}<br>φ = %{{x:.3~g}}, χ = %{{y:.3~f}}<extra></extra>",
            }
            | (
                {"fill": "toself", "fillcolor": translucent(colour, 0.08)}
                if name == "binodal"
                else {}
            )
        )
    traces.append(
        {
            "type": "scatter",
            "name": "critical point",
            "mode": "markers",
            "x": [critical[0]],
            "y": [critical[1]],
            "marker": {"size": 10, "color": palette[0]},
            "hovertemplate": "critical point<br>φ = %{x:.3~g}, χ = %{y:.3f}<extra></extra>",
        }
    )
    top = max(float(chi[-1]), at_chi)
    layout = base_layout("<b>Phase diagram</b>  χ against composition", 340, 1, ink) | {
        "shapes": [
            {
                "type": "line",
                "xref": "paper",
                "x0": 0.0,
                "x1": 1.0,
                "y0": at_chi,
                "y1": at_chi,
                "line": {"color": ink["text"], "width": 1.2, "dash": "1px,3px"},
            }
        ],
        "annotations": [
            {
                "x": 1.0,
                "xanchor": "right",
                "y": at_chi,
                "yanchor": "bottom",
                "text": f"χ = {at_chi:.2f}",
                "showarrow": False,
                "font": {"size": 11, "color": ink["text"]},
            }
        ],
        "xaxis": x_axis((0.0, 1.0), ink),
        "yaxis": y_axis(ink) | {"range": [min(0.0, at_chi), top + 0.1]},
    }
    layout["xaxis"]["title"]["text"] = "Volume fraction of the polymer φ"
    return go.Figure(traces, layout)
