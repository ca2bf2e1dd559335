"""Charts of ionic liquids: a property against temperature or pressure, and its table."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import ArrayLike, NDArray

from core.chemistry import IonicLiquid
from core.figures.files import significant
from core.figures.style import (
    MAX_LINES,
    SYMBOLS,
    base_layout,
    colours,
    rounded,
    trained_range,
    translucent,
    written,
    x_axis,
    y_axis,
)
from core.figures.style import ink as ink_of
from core.measured import ATMOSPHERIC_KPA, TEMPERATURE_TOLERANCE_K, MeasuredPoints
from core.properties import PROPERTIES, Property, Unit

if TYPE_CHECKING:  # core.predict loads torch, which no drawing needs
    from core.predict import Curve, Prediction

__all__ = [
    "Axis",
    "Line",
    "Scale",
    "curve_figure",
    "export_table",
    "near_pressure",
    "near_temperature",
    "on_axes",
]

FloatArray = NDArray[np.float64]
Axis = Literal["temperature_K", "pressure_kPa"]
Scale = Literal["linear", "log", "arrhenius"]

PRESSURE_TOLERANCE: Final = 0.05


def _quoted(value: float, low: float, high: float, unit: Unit) -> str:
    value_text, low_text, high_text = rounded(value, low, high)
    return f"<b>{value_text}</b> {escape(unit.label)} ({low_text} to {high_text})"


# ---------------------------------------------------------------------------------- measured points


def _select(points: MeasuredPoints, keep: NDArray[np.bool_]) -> MeasuredPoints:
    return MeasuredPoints(
        temperature_K=points.temperature_K[keep],
        pressure_kPa=points.pressure_kPa[keep],
        value=points.value[keep],
    )


def near_pressure(points: MeasuredPoints, pressure_kPa: float) -> MeasuredPoints:
    """Keep the points measured near ``pressure_kPa``.

    Near atmospheric pressure (up to 200 kPa) means up to 200 kPa, where no property here changes
    measurably; above, within 5 %.
    """
    if pressure_kPa <= ATMOSPHERIC_KPA:
        return _select(points, ~(points.pressure_kPa > ATMOSPHERIC_KPA))
    distance = np.abs(points.pressure_kPa - pressure_kPa)
    return _select(points, distance <= PRESSURE_TOLERANCE * pressure_kPa)


def near_temperature(points: MeasuredPoints, temperature_K: float) -> MeasuredPoints:
    """Keep the points measured within 1.5 K of ``temperature_K``."""
    distance = np.abs(points.temperature_K - temperature_K)
    return _select(points, distance <= TEMPERATURE_TOLERANCE_K)


def on_axes(points: MeasuredPoints, curve: Curve) -> MeasuredPoints:
    """Keep the points between the ends of ``curve``, so that others do not stretch the axes."""
    x = points.temperature_K if curve.variable == "temperature_K" else points.pressure_kPa
    return _select(points, (x >= curve.x.min()) & (x <= curve.x.max()))


# ------------------------------------------------------------------------------------------- charts


@dataclass(frozen=True, slots=True)
class Line:
    """One ionic liquid on a chart.

    Attributes:
        name: what the legend says.
        liquid: the ionic liquid; its molar mass serves units per gram.
        colour: position in :func:`colours`; an ionic liquid keeps it on all charts.
        curve: the predicted curve.
        points: measured points to draw, already narrowed to the state and span of the curve.
        at: the prediction at the chosen state, marked on the curve.
    """

    name: str
    liquid: IonicLiquid
    colour: int
    curve: Curve
    points: MeasuredPoints
    at: Prediction | None = None


def curve_figure(
    lines: Sequence[Line],
    prop: Property,
    unit: Unit,
    x_unit: Unit,
    *,
    at_x: float,
    scale: Scale = "linear",
    dark: bool = False,
) -> go.Figure:
    """Draw a property against temperature or pressure, with intervals and measured points.

    The range of the training data is the bar on the bottom axis; outside it the plane is shaded and
    the curves are dashed. All lines must have the same variable and grid.

    Args:
        lines: the ionic liquids, at most :data:`MAX_LINES`.
        prop: the property.
        unit: the unit of the value axis.
        x_unit: the unit of the temperature or pressure axis.
        at_x: chosen temperature (K) or pressure (kPa), marked on the curves.
        scale: ``"log"`` for a logarithmic value axis; ``"arrhenius"`` for the same against 1000/T
            (only against temperature; otherwise it is ``"log"``).
        dark: colours for a dark page.
    """
    variable: Axis = lines[0].curve.variable
    if scale == "arrhenius" and variable != "temperature_K":
        scale = "log"
    ink = ink_of(dark=dark)
    x_of = _reciprocal if scale == "arrhenius" else x_unit.to_display

    traces: list[dict[str, Any]] = []
    for line in lines:
        traces += _traces(line, unit, x_of, x_unit, at_x, dark=dark)
    # Markers above every band, whichever ionic liquid they belong to.
    traces.sort(key=lambda trace: trace["zorder"])
    for trace in traces:  # seven digits are more than a screen shows, and half to send
        for name in ("x", "y", "customdata"):
            if isinstance(trace.get(name), np.ndarray):
                trace[name] = trace[name].astype(np.float32)

    x = x_of(lines[0].curve.x)
    x_low, x_high = float(x.min()), float(x.max())
    ends = lines[0].curve.trained_range
    shapes, notes = trained_range(
        (float(x_of(ends[0])), float(x_of(ends[1]))), (x_low, x_high), ink
    )
    rows = math.ceil(len(lines) / 3) if len(lines) > 1 else 0  # of the legend
    title = f"<b>{prop.label}</b>  <i>{prop.symbol}</i> / {escape(unit.label)}"
    layout = base_layout(title, 320, rows, ink) | {
        "shapes": shapes,
        "annotations": notes,
        "xaxis": _x_axis(scale, variable, x_unit, (x_low, x_high), ink),
        "yaxis": _y_axis(scale, lines, ink),
        "uirevision": f"{prop.key}{unit.label}{x_unit.label}{scale}{variable}",
    }
    # Checking every attribute takes longer than drawing; the tests check them.
    return go.Figure(traces, layout, _validate=False)


def _reciprocal(temperature_K: ArrayLike) -> FloatArray:
    return np.asarray(1000.0 / np.asarray(temperature_K, dtype=np.float64))


def _traces(
    line: Line,
    unit: Unit,
    x_of: Callable[[ArrayLike], FloatArray],
    x_unit: Unit,
    at_x: float,
    *,
    dark: bool,
) -> list[dict[str, Any]]:
    """Band, curve, measured points and marker of one ionic liquid."""
    curve, colour = line.curve, colours(dark=dark)[line.colour % MAX_LINES]
    name, mass = escape(line.name), line.liquid.molar_mass
    x = x_of(curve.x)
    value, low, high = (unit.to_display(v, mass) for v in (curve.value, curve.low, curve.high))
    shared = {"type": "scatter", "legendgroup": name, "showlegend": False, "name": name}

    band = {
        **shared,
        "x": np.concatenate([x, x[::-1]]),
        "y": np.concatenate([high, low[::-1]]),
        "fill": "toself",
        "fillcolor": translucent(colour, 0.20 if dark else 0.14),
        "line": {"width": 0},
        "mode": "lines",
        "hoverinfo": "skip",
        "zorder": 0,
    }
    shown_x = x_unit.to_display(curve.x)
    hover = [
        f"{written(at, 4)} {escape(x_unit.label)}: {_quoted(v, lo, hi, unit)}"
        for at, v, lo, hi in zip(shown_x, value, low, high, strict=True)
    ]
    inside = np.asarray(curve.in_range, dtype=bool)
    # The dashed part starts at the last trained point, so that the curve has no gap.
    touching = ~inside | ~np.roll(inside, 1) | ~np.roll(inside, -1)
    touching[[0, -1]] = ~inside[[0, -1]]
    solid = {
        **shared,
        "x": x,
        "y": np.where(inside, value, np.nan),
        "mode": "lines",
        "line": {"color": colour, "width": 2.2},
        "text": hover,
        "hovertemplate": f"{name}<br>%{{text}}<extra></extra>",
        "showlegend": True,
        "zorder": 2,
    }
    dashed = {
        **solid,
        "y": np.where(touching, value, np.nan),
        "line": {"color": colour, "width": 2.0, "dash": "4px,4px"},
        "hovertemplate": f"{name}, outside the training range<br>%{{text}}<extra></extra>",
        "showlegend": not inside.any(),
    }
    traces = [band]
    if inside.any():
        traces.append(solid)
    else:
        dashed["showlegend"] = True
    if touching.any():
        traces.append(dashed)
    if len(line.points):
        traces.append(_measured_trace(line, unit, x_of, colour, shared))
    if line.at is not None:
        edge = "#10181b" if dark else "#ffffff"
        x_at = float(x_of(at_x))
        traces.append(_marker(line, line.at, unit, x_at, shared, colour=colour, edge=edge))
    return traces


def _measured_trace(
    line: Line,
    unit: Unit,
    x_of: Callable[[ArrayLike], FloatArray],
    colour: str,
    shared: dict[str, Any],
) -> dict[str, Any]:
    points, against = line.points, line.curve.variable
    shown = unit.to_display(points.value, line.liquid.molar_mass)
    return {
        **shared,
        "x": x_of(getattr(points, against)),
        "y": shown,
        "mode": "markers",
        "marker": {
            "symbol": SYMBOLS[line.colour % MAX_LINES],
            "size": 6,
            "opacity": 0.75,
            "color": colour,
            "line": {"width": 1.2, "color": colour},
        },
        "customdata": np.column_stack([points.temperature_K, points.pressure_kPa]),
        "hovertemplate": f"{shared['name']}, measured<br>"
        f"<b>%{{y:.5~g}}</b> {escape(unit.label)}<br>"
        "%{customdata[0]:.2f} K, %{customdata[1]:,.0f} kPa<extra></extra>",
        "zorder": 1,
    }


def _marker(
    line: Line,
    at: Prediction,
    unit: Unit,
    x: float,
    shared: dict[str, Any],
    *,
    colour: str,
    edge: str,
) -> dict[str, Any]:
    """Mark the prediction at the chosen state, with its interval as an error bar."""
    value, low, high = (
        float(unit.to_display(v, line.liquid.molar_mass)) for v in (at.value, at.low, at.high)
    )
    return {
        **shared,
        "x": [x],
        "y": [value],
        "mode": "markers",
        "marker": {
            "size": 10,
            "color": colour,
            "line": {"width": 2, "color": edge},
        },
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": [high - value],
            "arrayminus": [value - low],
            "color": colour,
            "thickness": 1.6,
            "width": 5,
        },
        "hovertemplate": f"{shared['name']}, chosen state<br>"
        f"{_quoted(value, low, high, unit)}<extra></extra>",
        "zorder": 3,
    }


def _x_axis(
    scale: Scale, variable: Axis, unit: Unit, window: tuple[float, float], ink: dict[str, str]
) -> dict[str, Any]:
    axis = x_axis(window, ink)
    if scale == "arrhenius":
        step = 0.1 if window[1] - window[0] < 0.8 else 0.25 if window[1] - window[0] < 1.6 else 0.5
        ticks = np.arange(math.ceil(window[0] / step) * step, window[1] + 1e-9, step)
        if len(ticks) > 6:
            ticks = ticks[::2]
        axis["tickvals"] = ticks
        below = [f"{float(at):.0f}".replace("-", "−") for at in unit.to_display(1000.0 / ticks)]
        axis["ticktext"] = [
            f"{tick:.4g}<br>{at} {escape(unit.label)}"
            for tick, at in zip(ticks, below, strict=True)
        ]
        axis["title"]["text"] = "1000 K / T, and T below"
    else:
        symbol = "Temperature" if variable == "temperature_K" else "Pressure"
        axis["title"]["text"] = f"{symbol} / {escape(unit.label)}"
    return axis


def _y_axis(scale: Scale, lines: Sequence[Line], ink: dict[str, str]) -> dict[str, Any]:
    axis = y_axis(ink)
    if scale != "linear":
        # 1-2-5 ticks over few decades, whole decades over many; never 10⁻³ beside 0.001.
        ratio = max(float(np.nanmax(line.curve.high)) for line in lines) / min(
            float(np.nanmin(line.curve.low)) for line in lines
        )
        decades = math.log10(ratio)
        axis["type"] = "log"
        axis["dtick"] = "D1" if decades < 0.9 else ("D2" if decades < 2.6 else 1)
        axis["exponentformat"] = "power"
        axis["tickformat"] = "~g" if decades < 6 else None
    return axis


# -------------------------------------------------------------------------------------------- files


def export_table(
    lines: Sequence[Line],
    predictions: Sequence[tuple[str, IonicLiquid, dict[str, Prediction]]],
    units: dict[str, Unit],
    *,
    temperature_K: float,
    pressure_kPa: float,
    model: str,
) -> pd.DataFrame:
    """Lay out what a page shows as one long table.

    Args:
        lines: every curve shown, with its measured points.
        predictions: name, ionic liquid and its predictions at the chosen state.
        units: unit each property is shown in, by key.
        temperature_K: chosen temperature.
        pressure_kPa: chosen pressure.
        model: name of the model.

    Returns:
        One row per number: ``ionic_liquid, cation_smiles, anion_smiles, kind`` (``predicted``,
        ``curve`` or ``measured``), ``property, temperature_K, pressure_kPa, value, low, high, unit,
        support, in_range, model``; ``low`` and ``high`` are the 90 % interval.
    """
    frames = []
    for name, liquid, found in predictions:
        for key, at in found.items():
            prop, unit = PROPERTIES[key], units[key]
            value, low, high = unit.to_display([[at.value], [at.low], [at.high]], liquid.molar_mass)
            frames.append(
                _rows(
                    name,
                    liquid,
                    "predicted",
                    key,
                    unit,
                    temperature_K=[temperature_K if prop.depends_on_temperature else np.nan],
                    pressure_kPa=[pressure_kPa],
                    value=value,
                    low=low,
                    high=high,
                    support=at.support,
                    in_range=[at.in_range],
                    model=model,
                )
            )
    for line in lines:
        curve, points = line.curve, line.points
        unit, mass = units[curve.key], line.liquid.molar_mass
        state = {
            "temperature_K": np.full(len(curve.x), temperature_K),
            "pressure_kPa": np.full(len(curve.x), pressure_kPa),
            curve.variable: curve.x,
        }
        frames.append(
            _rows(
                line.name,
                line.liquid,
                "curve",
                curve.key,
                unit,
                **state,
                value=unit.to_display(curve.value, mass),
                low=unit.to_display(curve.low, mass),
                high=unit.to_display(curve.high, mass),
                support=curve.support,
                in_range=curve.in_range,
                model=model,
            )
        )
        frames.append(
            _rows(
                line.name,
                line.liquid,
                "measured",
                curve.key,
                unit,
                temperature_K=points.temperature_K,
                pressure_kPa=points.pressure_kPa,
                value=unit.to_display(points.value, mass),
            )
        )
    return pd.concat([frame for frame in frames if len(frame)], ignore_index=True)


def _rows(
    name: str,
    liquid: IonicLiquid,
    kind: str,
    key: str,
    unit: Unit,
    *,
    temperature_K: ArrayLike,
    pressure_kPa: ArrayLike,
    value: ArrayLike,
    low: ArrayLike | None = None,
    high: ArrayLike | None = None,
    support: str = "",
    in_range: ArrayLike | None = None,
    model: str = "",
) -> pd.DataFrame:
    value = np.asarray(value, dtype=np.float64)
    empty = np.full(value.shape, np.nan)
    return pd.DataFrame(
        {
            "ionic_liquid": name,
            "cation_smiles": liquid.cation.smiles,
            "anion_smiles": liquid.anion.smiles,
            "kind": kind,
            "property": PROPERTIES[key].label,
            "temperature_K": np.round(np.asarray(temperature_K, dtype=np.float64), 3),
            "pressure_kPa": np.round(np.asarray(pressure_kPa, dtype=np.float64), 3),
            "value": significant(value),
            "low": empty if low is None else significant(np.asarray(low, dtype=np.float64)),
            "high": empty if high is None else significant(np.asarray(high, dtype=np.float64)),
            "unit": unit.label,
            "support": support,
            "in_range": pd.array(
                [None] * value.size if in_range is None else list(np.asarray(in_range)),
                dtype="boolean",
            ),
            "model": model,
        }
    )
