"""What the pages show: plotly charts, drawings of ions, a 3-D view, rounded numbers, a CSV.

Everything here returns plain objects (a figure, an SVG, HTML, a table) and knows no web framework.
Text inside them is data, never markup: names are escaped before they reach plotly, and the 3-D view
is fed only coordinates computed here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import py3Dmol
from numpy.typing import ArrayLike, NDArray
from rdkit import Chem
from rdkit.Chem import rdDistGeom, rdForceFieldHelpers, rdMolTransforms
from rdkit.Chem.Draw import rdMolDraw2D
from rdkit.Geometry import Point3D

from core.chemistry import IonicLiquid
from core.measured import MeasuredPoints
from core.properties import PROPERTIES, Property, Unit

if TYPE_CHECKING:  # core.predict loads torch, which no drawing needs
    from core.predict import Curve, Prediction

__all__ = [
    "MAX_LINES",
    "Axis",
    "Line",
    "NoGeometryError",
    "Scale",
    "colours",
    "curve_figure",
    "export_table",
    "ion_svg",
    "metric_figure",
    "near_pressure",
    "near_temperature",
    "on_axes",
    "rounded",
    "safe_csv",
    "viewer_html",
]

FloatArray = NDArray[np.float64]
Axis = Literal["temperature_K", "pressure_kPa"]
Scale = Literal["linear", "log", "arrhenius"]

ATMOSPHERIC_KPA: Final = 200.0
PRESSURE_TOLERANCE: Final = 0.05
TEMPERATURE_TOLERANCE_K: Final = 1.5
MAX_3D_ATOMS: Final = 120
EMBED_SECONDS: Final = 5

# Okabe and Ito's colours for the colour-blind, doi:10.1038/nmeth.1618, in an order that keeps
# neighbours apart; blue and green are lightened for a dark page, yellow is left out on a white one.
_LIGHT: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8a6d00", "#4b4b4b")
_DARK: Final = ("#56b4e9", "#e69f00", "#2fc79b", "#e58fc0", "#f0e442", "#c9d1d3")
_SYMBOLS: Final = ("circle-open", "square-open", "diamond-open", "triangle-up-open", "x", "cross")
MAX_LINES: Final = len(_LIGHT)


def colours(*, dark: bool) -> tuple[str, ...]:
    """Return the line colours (hex), safe for the colour-blind, for a light or a dark page."""
    return _DARK if dark else _LIGHT


# ------------------------------------------------------------------------------------------ numbers


def rounded(value: float, low: float, high: float) -> tuple[str, str, str]:
    """Write a value and its interval with no more digits than the interval supports.

    The last decimal is the one that is between a twentieth and a half of the narrower half of the
    interval, so that 1.4367 (1.4289 to 1.4445) reads 1.437 (1.429 to 1.445).

    Args:
        value: the value, in the unit it is shown in.
        low: lower end of the interval, same unit.
        high: upper end of the interval, same unit.

    Returns:
        The three numbers as text, with a true minus sign and thin spaces between thousands.
    """
    if not math.isfinite(value):
        return ("–", "–", "–")
    half = min(value - low, high - value)
    if not math.isfinite(half) or half <= 0.0:
        half = max(abs(value) * 1e-3, 1e-9)
    place = math.floor(math.log10(half / 2.0))
    return (_digits(value, place), _digits(low, place), _digits(high, place))


def _quoted(value: float, low: float, high: float, unit: Unit) -> str:
    value_text, low_text, high_text = rounded(value, low, high)
    return f"<b>{value_text}</b> {escape(unit.label)} ({low_text} to {high_text})"


def _digits(value: float, place: int) -> str:
    """Write ``value`` rounded at ``10**place``; powers of ten beyond a million."""
    if not math.isfinite(value):
        return "–"
    kept = round(value, -place)
    if abs(kept) >= 1e6:
        exponent = math.floor(math.log10(abs(kept)))
        mantissa = f"{kept / 10.0**exponent:.{max(0, min(6, exponent - place))}f}"
        text = f"{mantissa}×10{str(exponent).translate(_SUPERSCRIPT)}"
    else:
        text = f"{kept + 0.0:,.{max(0, -place)}f}".replace(",", "\u202f")
        if abs(kept) < 10_000.0:
            text = text.replace("\u202f", "")
    return text.replace("-", "−")


_SUPERSCRIPT: Final = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


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
    ink = _ink(dark=dark)
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
    shapes, notes = _trained_range(lines, x_of, (x_low, x_high), ink)
    rows = math.ceil(len(lines) / 3) if len(lines) > 1 else 0  # of the legend
    layout = {
        "title": {
            "text": f"<b>{prop.label}</b>  <i>{prop.symbol}</i> / {escape(unit.label)}",
            "font": {"size": 15, "color": ink["text"]},
            "x": 0.0,
            "xref": "container",
            "xanchor": "left",
            "y": 0.98,
            "yanchor": "top",
        },
        "height": 320 + 22 * rows,
        "margin": {"l": 8, "r": 8, "t": 36, "b": 8 + (60 + 22 * rows if rows else 0)},
        "hovermode": "closest",
        "dragmode": False,  # a finger that scrolls the page must not zoom the chart
        "showlegend": rows > 0,
        "legend": {
            "orientation": "h",
            "x": 0.0,
            "y": 0.0,
            "yref": "container",
            "yanchor": "bottom",
            "itemsizing": "constant",
            "font": {"size": 12, "color": ink["text"]},
        },
        "template": {},  # plotly's own is larger than the data, and the page has its theme
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "shapes": shapes,
        "annotations": notes,
        "xaxis": _x_axis(scale, variable, x_unit, (x_low, x_high), ink),
        "yaxis": _y_axis(scale, lines, ink),
        "uirevision": f"{prop.key}{unit.label}{x_unit.label}{scale}{variable}",
    }
    # Checking every attribute takes longer than drawing; the tests check them.
    return go.Figure(traces, layout, _validate=False)


def _ink(*, dark: bool) -> dict[str, str]:
    """Colours of everything that is not data."""
    if dark:
        return {"text": "#e4ecee", "faint": "#93a4aa", "grid": "#26343a", "shade": "#93a4aa"}
    return {"text": "#1c2b30", "faint": "#5c6f76", "grid": "#e3eaec", "shade": "#5c6f76"}


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
        "fillcolor": _translucent(colour, 0.20 if dark else 0.14),
        "line": {"width": 0},
        "mode": "lines",
        "hoverinfo": "skip",
        "zorder": 0,
    }
    shown_x = x_unit.to_display(curve.x)
    hover = [
        f"{at:.4g} {escape(x_unit.label)}: {_quoted(v, lo, hi, unit)}"
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
            "symbol": _SYMBOLS[line.colour % MAX_LINES],
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


def _translucent(colour: str, opacity: float) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"


def _trained_range(
    lines: Sequence[Line],
    x_of: Callable[[ArrayLike], FloatArray],
    window: tuple[float, float],
    ink: dict[str, str],
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Bar along the bottom where the model was trained, shade where it was not."""
    ends = sorted(float(x_of(end)) for end in lines[0].curve.trained_range)
    low, high = max(ends[0], window[0]), min(ends[1], window[1])
    shapes: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    if low < high:
        shapes.append(
            {
                "type": "rect",
                "x0": low,
                "x1": high,
                "yref": "paper",
                "y0": 0.0,
                "y1": 0.014,
                "fillcolor": ink["faint"],
                "opacity": 0.55,
                "line": {"width": 0},
                "layer": "below",
            }
        )
    for start, stop in ((window[0], min(low, window[1])), (max(high, window[0]), window[1])):
        if stop - start <= 1e-3 * (window[1] - window[0]):
            continue
        shapes.append(
            {
                "type": "rect",
                "x0": start,
                "x1": stop,
                "yref": "paper",
                "y0": 0.0,
                "y1": 1.0,
                "fillcolor": ink["shade"],
                "opacity": 0.10,
                "line": {"width": 0},
                "layer": "below",
            }
        )
        if stop - start > 0.25 * (window[1] - window[0]):  # wide enough for the words
            notes.append(
                {
                    "x": (start + stop) / 2.0,
                    "yref": "paper",
                    "y": 0.99,
                    "yanchor": "top",
                    "text": "not trained here",
                    "showarrow": False,
                    "font": {"size": 11, "color": ink["faint"]},
                }
            )
    return shapes, notes


def _x_axis(
    scale: Scale, variable: Axis, unit: Unit, window: tuple[float, float], ink: dict[str, str]
) -> dict[str, Any]:
    axis: dict[str, Any] = {
        "range": list(window),
        "showgrid": False,
        "zeroline": False,
        "showline": True,
        "linecolor": ink["grid"],
        "ticks": "outside",
        "ticklen": 4,
        "tickcolor": ink["grid"],
        "automargin": True,
        "tickfont": {"color": ink["faint"], "size": 12},
        "title": {"font": {"color": ink["faint"], "size": 12}, "standoff": 6},
    }
    if scale == "arrhenius":
        step = 0.1 if window[1] - window[0] < 0.8 else 0.25 if window[1] - window[0] < 1.6 else 0.5
        ticks = np.arange(math.ceil(window[0] / step) * step, window[1] + 1e-9, step)
        if len(ticks) > 6:
            ticks = ticks[::2]
        axis["tickvals"] = ticks
        axis["ticktext"] = [
            f"{tick:.4g}<br>{float(unit.to_display(1000.0 / tick)):.0f} {escape(unit.label)}"
            for tick in ticks
        ]
        axis["title"]["text"] = "1000 K / T, and T below"
    else:
        symbol = "Temperature" if variable == "temperature_K" else "Pressure"
        axis["title"]["text"] = f"{symbol} / {escape(unit.label)}"
    return axis


def _y_axis(scale: Scale, lines: Sequence[Line], ink: dict[str, str]) -> dict[str, Any]:
    axis: dict[str, Any] = {
        "gridcolor": ink["grid"],
        "zeroline": False,
        "automargin": True,
        "nticks": 6,
        "tickfont": {"color": ink["faint"], "size": 12},
        "title": {"text": ""},
    }
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


def metric_figure(
    errors: Mapping[str, Mapping[str, float]], *, unit: str, dark: bool = False
) -> go.Figure:
    """Draw the errors of several models beside each other, one group of bars per tier.

    Args:
        errors: tier -> model -> error; the model named first is the one in colour.
        unit: of the error, for the axis.
        dark: colours for a dark page.
    """
    ink = _ink(dark=dark)
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
                "text": f"mean absolute error / {escape(unit)}",
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


# ----------------------------------------------------------------------------------------- drawings


class NoGeometryError(ValueError):
    """A 3-D geometry could not be made; the message says why."""


def ion_svg(smiles: str, *, width: int = 280, height: int = 190, dark: bool = False) -> str:
    """Draw an ion as SVG on a transparent ground, no larger than it needs.

    Args:
        smiles: canonical SMILES of one ion, as :mod:`core.chemistry` returns it.
        width: most pixels across; larger ions are scaled down.
        height: most pixels down.
        dark: colours for a dark page.

    Raises:
        ValueError: if ``smiles`` is not a structure.
    """
    molecule = rdMolDraw2D.PrepareMolForDrawing(_molecule(smiles))
    natural = _draw(molecule, -1, -1, dark=dark)  # as large as its bonds ask for
    if natural.Width() > width or natural.Height() > height:
        natural = _draw(molecule, width, min(height, natural.Height()), dark=dark)
    text: str = natural.GetDrawingText()
    return text[text.index("<svg") :]  # the element alone, without the XML declaration


def _draw(molecule: Chem.Mol, width: int, height: int, *, dark: bool) -> rdMolDraw2D.MolDraw2DSVG:
    drawer = rdMolDraw2D.MolDraw2DSVG(width, height)
    options = drawer.drawOptions()
    if dark:
        rdMolDraw2D.SetDarkMode(options)
    options.clearBackground = False
    options.scalingFactor = 26.0  # one bond length for all, in pixels
    options.fixedBondLength = 26.0
    options.bondLineWidth = 1.6
    options.padding = 0.06
    drawer.DrawMolecule(molecule)
    drawer.FinishDrawing()
    return drawer


def viewer_html(
    smiles: Iterable[str], *, script: str, height: int = 300, dark: bool = False
) -> str:
    """Return a page with a rotatable 3-D view of the ions, each on its own, side by side.

    The geometries are single conformers (ETKDG, doi:10.1021/acs.jcim.0c00025) relaxed in a force
    field; their mutual position is only for the eye.

    Args:
        smiles: canonical SMILES, one per ion.
        script: address of ``3Dmol-min.js``; nothing else is loaded.
        height: pixels.
        dark: colours for a dark page.

    Raises:
        NoGeometryError: if an ion is too large, or has no geometry within five seconds.
    """
    view = py3Dmol.view(width="100%", height=height, js=script)
    below = 0.0
    for text in smiles:
        # Made from the canonical SMILES, so the block has no name and no property of the user's.
        block, extent = _mol_block(text, below)
        below -= extent
        view.addModel(block, "sdf")
    carbon = "#9fb2b9" if dark else "#5c6f76"
    view.setStyle(
        {"stick": {"radius": 0.13}, "sphere": {"scale": 0.23}},
    )
    view.setStyle(
        {"elem": "C"},
        {
            "stick": {"radius": 0.13, "color": carbon},
            "sphere": {"scale": 0.23, "color": carbon},
        },
    )
    view.setBackgroundColor("#10181b" if dark else "#fdfefe", 0.0)
    view.zoomTo()
    view.render()
    html: str = view.write_html()
    # The viewer's number is the time; without it equal ions give equal pages, so nothing reloads.
    html = html.replace(view.uniqueid, "0")
    return f"<style>body{{margin:0;overflow:hidden}}</style>{html}"


def _molecule(smiles: str) -> Chem.Mol:
    molecule = Chem.MolFromSmiles(smiles)
    if molecule is None:
        raise ValueError("not a SMILES")
    return molecule


def _mol_block(smiles: str, below: float) -> tuple[str, float]:
    """Embed an ion, long axis along x, its top at height ``below``; also return the height used."""
    molecule = Chem.AddHs(_molecule(smiles))
    if molecule.GetNumHeavyAtoms() > MAX_3D_ATOMS:
        raise NoGeometryError(f"The 3-D view is for ions of up to {MAX_3D_ATOMS} heavy atoms.")
    parameters = rdDistGeom.ETKDGv3()
    parameters.randomSeed = 7
    parameters.timeout = EMBED_SECONDS
    if rdDistGeom.EmbedMolecule(molecule, parameters) != 0:
        raise NoGeometryError(f"No 3-D geometry of this ion was found within {EMBED_SECONDS} s.")
    if rdForceFieldHelpers.MMFFHasAllMoleculeParams(molecule):
        rdForceFieldHelpers.MMFFOptimizeMolecule(molecule, maxIters=200)
    elif rdForceFieldHelpers.UFFHasAllMoleculeParams(molecule):
        rdForceFieldHelpers.UFFOptimizeMolecule(molecule, maxIters=200)
    conformer = molecule.GetConformer()
    rdMolTransforms.CanonicalizeConformer(conformer)
    places = np.asarray(conformer.GetPositions())
    shift = below - float(places[:, 1].max())
    for index, (x, y, z) in enumerate(places):
        conformer.SetAtomPosition(index, Point3D(float(x), float(y) + shift, float(z)))
    return Chem.MolToMolBlock(molecule), float(np.ptp(places[:, 1])) + 3.5


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
            "value": _significant(value),
            "low": empty if low is None else _significant(np.asarray(low, dtype=np.float64)),
            "high": empty if high is None else _significant(np.asarray(high, dtype=np.float64)),
            "unit": unit.label,
            "support": support,
            "in_range": pd.array(
                [None] * value.size if in_range is None else list(np.asarray(in_range)),
                dtype="boolean",
            ),
            "model": model,
        }
    )


def _significant(values: FloatArray, digits: int = 6) -> FloatArray:
    """Round to significant digits; zeros and gaps stay as they are."""
    with np.errstate(divide="ignore", invalid="ignore"):
        power = np.where(values == 0.0, 0.0, np.floor(np.log10(np.abs(values))))
    scale = 10.0 ** (digits - 1 - np.nan_to_num(power))
    return np.asarray(np.round(values * scale) / scale)


def safe_csv(table: pd.DataFrame) -> bytes:
    """Write a table as CSV (UTF-8 with a byte-order mark) that no spreadsheet takes for formulas.

    Text that starts with ``= + - @``, a tab or a carriage return gets an apostrophe in front, and
    a line break inside becomes a blank; numbers are untouched.
    """
    guarded = table.copy()
    for column in guarded.columns:
        if pd.api.types.is_string_dtype(guarded[column].dtype):
            cells = guarded[column].astype(str)
            cells = cells.where(~cells.str.match(r"[=+\-@\t\r]"), "'" + cells)
            guarded[column] = cells.str.replace(r"[\r\n]+", " ", regex=True)
    text: str = guarded.to_csv(index=False)
    return text.encode("utf-8-sig")
