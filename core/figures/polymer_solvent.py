"""Charts of polymers in solvents: chi, phase diagrams, Hansen's sphere, the solubility space."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import compress
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.figures.files import significant
from core.figures.style import (
    MAX_LINES,
    SYMBOLS,
    base_layout,
    colours,
    trained_range,
    translucent,
    written,
    x_axis,
    y_axis,
)
from core.figures.style import ink as ink_of
from core.measured import ChiPoints
from core.properties import Unit

if TYPE_CHECKING:  # core.predict loads torch, which no drawing needs
    from core.predict import ChiCurve, Miscibility
    from core.thermodynamics import Gap, PhaseDiagram

__all__ = [
    "ChiLine",
    "Cloud",
    "Composition",
    "Highlight",
    "PhaseLine",
    "Verdicts",
    "chi_curve",
    "chi_text",
    "generalised_sphere",
    "hansen_spheres",
    "miscibility_table",
    "phase_diagram",
    "points_between",
    "solubility_space",
    "sorted_by_hansen",
]

FloatArray = NDArray[np.float64]
Composition = Literal["linear", "log"]

# Left end of a logarithmic composition axis: a millionth part of polymer is no solution any more.
LOWEST_FRACTION: Final = 1e-6


# --------------------------------------------------------------------------------------------- chi


@dataclass(frozen=True, slots=True)
class ChiLine:
    """One solvent of a polymer on the chart of chi.

    Attributes:
        name: of the solvent, as the legend says it.
        colour: position in the colours; a solvent keeps it on all charts.
        curve: the predicted curve.
        critical_chi: above it some solutions of the chosen chain split in two.
        measured: what was measured of the pair.
        at: the prediction at the chosen state.
    """

    name: str
    colour: int
    curve: ChiCurve
    critical_chi: float
    measured: ChiPoints
    at: Miscibility | None = None


def points_between(points: ChiPoints, low_K: float, high_K: float) -> ChiPoints:
    """Keep the points between two temperatures, so that others do not stretch the axes."""
    keep = (points.temperature_K >= low_K) & (points.temperature_K <= high_K)
    return ChiPoints(
        temperature_K=points.temperature_K[keep],
        volume_fraction=points.volume_fraction[keep],
        chi=points.chi[keep],
        reference=tuple(compress(points.reference, keep)),
    )


def chi_curve(
    lines: Sequence[ChiLine], x_unit: Unit, *, at_K: float, dark: bool = False
) -> go.Figure:
    """Draw chi against temperature, its interval, what COSMO-RS would give, and the critical chi.

    Args:
        lines: the solvents, all over the same temperatures.
        x_unit: the unit of the temperature axis.
        at_K: chosen temperature.
        dark: colours for a dark page.
    """
    ink = ink_of(dark=dark)
    traces: list[dict[str, Any]] = []
    for line in lines:
        traces += _chi_traces(line, x_unit, at_K, dark=dark)
    if len(lines) > 2:  # many bands over each other turn to mud
        for trace in traces:
            if trace.get("fill") == "toself":
                trace["opacity"] = 0.6
    x = x_unit.to_display(lines[0].curve.temperature_K)
    window = (float(x[0]), float(x[-1]))
    critical = sorted(line.critical_chi for line in lines)
    traces += _critical_lines(critical, window, ink)
    traces.sort(key=lambda trace: trace["zorder"])
    ends = x_unit.to_display(lines[0].curve.trained_range)
    shapes, notes = trained_range((float(ends[0]), float(ends[1])), window, ink)
    rows = math.ceil(len(lines) / 3) if len(lines) > 1 else 0
    layout = base_layout("<b>Flory-Huggins parameter</b>  <i>χ</i>", 400, rows, ink) | {
        "shapes": shapes,
        "annotations": [
            *notes,
            {
                "x": window[1],
                "xanchor": "right",
                "y": critical[-1],
                "yanchor": "bottom",
                "text": f"critical χ {_span(critical)}",
                "showarrow": False,
                "font": {"size": 11, "color": ink["text"]},
                "bgcolor": translucent("#10181b" if dark else "#fdfefe", 0.6),
            },
        ],
        "xaxis": x_axis(window, ink),
        "yaxis": y_axis(ink) | {"nticks": 9},
        "uirevision": f"chi{x_unit.label}",
    }
    layout["xaxis"]["title"]["text"] = f"Temperature / {escape(x_unit.label)}"
    return go.Figure(_lighter(traces), layout, _validate=False)


def _span(numbers: Sequence[float]) -> str:
    """The least and the greatest of sorted numbers, or one where they look the same."""
    low, high = f"{numbers[0]:.3f}", f"{numbers[-1]:.3f}"
    return low if low == high else f"{low} to {high}"


def _lighter(traces: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Seven digits are more than a screen shows, and half to send."""
    for trace in traces:
        for name in ("x", "y"):
            if isinstance(trace.get(name), np.ndarray):
                trace[name] = trace[name].astype(np.float32)
    return traces


def _critical_lines(
    critical: Sequence[float], window: tuple[float, float], ink: dict[str, str]
) -> list[dict[str, Any]]:
    """A line, or two with a shade between, where the solvents differ in size."""
    shared = {
        "type": "scatter",
        "name": "critical χ",
        "x": list(window),
        "mode": "lines",
        "line": {"color": ink["text"], "width": 1.2, "dash": "8px,4px"},
        "showlegend": False,
        "hoverinfo": "skip",
        "zorder": 1,
    }
    ends = sorted({round(critical[0], 4), round(critical[-1], 4)})
    lines = [shared | {"y": [value, value]} for value in ends]
    if len(lines) == 2:
        lines[1] |= {"fill": "tonexty", "fillcolor": translucent(ink["shade"], 0.2)}
    return lines


def _chi_traces(line: ChiLine, x_unit: Unit, at_K: float, *, dark: bool) -> list[dict[str, Any]]:
    """Band, curve, COSMO-RS line, measured points and marker of one solvent."""
    curve, colour = line.curve, colours(dark=dark)[line.colour % MAX_LINES]
    name = escape(line.name)
    x = x_unit.to_display(curve.temperature_K)
    shared = {"type": "scatter", "legendgroup": name, "showlegend": False, "name": name}
    band = {
        **shared,
        "x": np.concatenate([x, x[::-1]]),
        "y": np.concatenate([curve.high, curve.low[::-1]]),
        "fill": "toself",
        "fillcolor": translucent(colour, 0.20 if dark else 0.14),
        "line": {"width": 0},
        "mode": "lines",
        "hoverinfo": "skip",
        "zorder": 0,
    }
    inside = np.asarray(curve.in_range, dtype=bool)
    # The dashed part starts at the last trained point, so that the curve has no gap.
    touching = ~inside | ~np.roll(inside, 1) | ~np.roll(inside, -1)
    touching[[0, -1]] = ~inside[[0, -1]]
    hover = [
        f"{written(at, 4)} {escape(x_unit.label)}: χ = {_quoted(value, low, high)}"
        for at, value, low, high in zip(x, curve.chi, curve.low, curve.high, strict=True)
    ]
    solid = {
        **shared,
        "x": x,
        "y": np.where(inside, curve.chi, np.nan),
        "mode": "lines",
        "line": {"color": colour, "width": 2.2},
        "text": hover,
        "hovertemplate": f"{name}<br>%{{text}}<extra></extra>",
        "showlegend": True,
        "zorder": 3,
    }
    dashed = {
        **solid,
        "y": np.where(touching, curve.chi, np.nan),
        "line": {"color": colour, "width": 2.0, "dash": "4px,4px"},
        "hovertemplate": f"{name}, outside the training range<br>%{{text}}<extra></extra>",
        "showlegend": not inside.any(),
    }
    cosmo = {
        **shared,
        "x": x,
        "y": np.asarray(curve.chi_cosmo_rs),
        "mode": "lines",
        "line": {"color": colour, "width": 1.4, "dash": "1px,3px"},
        "hovertemplate": f"{name}, as COSMO-RS would give it<br>χ = %{{y:.2f}}<extra></extra>",
        "zorder": 2,
    }
    traces = [band, cosmo]
    if inside.any():
        traces.append(solid)
    if touching.any():
        traces.append(dashed)
    if len(line.measured):
        traces.append(_measured_trace(line, x_unit, colour, shared))
    if line.at is not None:
        traces.append(_marker(line.at, float(x_unit.to_display(at_K)), colour, shared, dark=dark))
    return traces


def chi_text(chi: float) -> str:
    """Write a chi with the two decimals in which it is usually given, and a true minus sign."""
    return f"{chi:.2f}".replace("-0.00", "0.00").replace("-", "−")


def _quoted(value: float, low: float, high: float) -> str:
    return f"<b>{chi_text(value)}</b> ({chi_text(low)} to {chi_text(high)})"


def _measured_trace(
    line: ChiLine, x_unit: Unit, colour: str, shared: dict[str, Any]
) -> dict[str, Any]:
    points = line.measured
    composition = ["" if math.isnan(p) else f"<br>φ = {p:.3g}" for p in points.volume_fraction]
    return {
        **shared,
        "x": x_unit.to_display(points.temperature_K),
        "y": points.chi,
        "mode": "markers",
        "marker": {
            "symbol": SYMBOLS[line.colour % MAX_LINES],
            "size": 7,
            "opacity": 0.8,
            "color": colour,
            "line": {"width": 1.3, "color": colour},
        },
        "text": [
            f"{at:.2f} K{where}".replace(".00 K", " K")
            for at, where in zip(points.temperature_K, composition, strict=True)
        ],
        "hovertemplate": f"{shared['name']}, measured<br>"
        "χ = <b>%{y:.3~f}</b><br>%{text}<extra></extra>",
        "zorder": 4,
    }


def _marker(
    at: Miscibility, x: float, colour: str, shared: dict[str, Any], *, dark: bool
) -> dict[str, Any]:
    """Mark the prediction at the chosen state, with its interval as an error bar."""
    return {
        **shared,
        "x": [x],
        "y": [at.chi],
        "mode": "markers",
        "marker": {
            "size": 10,
            "color": colour,
            "line": {"width": 2, "color": "#10181b" if dark else "#ffffff"},
        },
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": [at.chi_high - at.chi],
            "arrayminus": [at.chi - at.chi_low],
            "color": colour,
            "thickness": 1.6,
            "width": 5,
        },
        "hovertemplate": f"{shared['name']}, chosen state<br>"
        f"χ = {_quoted(at.chi, at.chi_low, at.chi_high)}<extra></extra>",
        "zorder": 5,
    }


# ----------------------------------------------------------------------------------- phase diagram


@dataclass(frozen=True, slots=True)
class PhaseLine:
    """The phase diagram of one solvent, and those at both ends of chi's interval.

    Attributes:
        name: of the solvent, as the legend says it.
        colour: position in the colours.
        diagram: from the predicted chi.
        at_low: from the lower end of its interval, the smallest gap.
        at_high: from the upper end, the largest gap.
    """

    name: str
    colour: int
    diagram: PhaseDiagram
    at_low: PhaseDiagram
    at_high: PhaseDiagram


def phase_diagram(
    lines: Sequence[PhaseLine],
    y_unit: Unit,
    *,
    at_K: float,
    composition: Composition = "linear",
    dark: bool = False,
) -> go.Figure:
    """Draw temperature against composition: binodal, spinodal and critical points.

    Where solutions split in two at the predicted chi is bounded by the full line; where they do at
    the upper end of chi's interval is tinted, and where they do even at the lower end more so.

    Args:
        lines: the solvents, all over the same temperatures.
        y_unit: the unit of the temperature axis.
        at_K: chosen temperature, a thin line across.
        composition: the axis of the polymer's volume fraction, linear or logarithmic.
        dark: colours for a dark page.
    """
    ink = ink_of(dark=dark)
    traces: list[dict[str, Any]] = []
    for line in lines:
        traces += _phase_traces(line, y_unit, dark=dark)
    traces.sort(key=lambda trace: trace["zorder"])
    ends = (lines[0].diagram.low_K, lines[0].diagram.high_K)
    window = [float(value) for value in y_unit.to_display(ends)]
    log = composition == "log"
    rows = math.ceil(len(lines) / 3) if len(lines) > 1 else 0
    notes = []
    if not any(line.diagram.gaps for line in lines):
        notes.append(
            {
                "x": 0.5,
                "xref": "paper",
                "y": 0.5,
                "yref": "paper",
                "text": "one phase at all these temperatures",
                "showarrow": False,
                "font": {"size": 13, "color": ink["faint"]},
            }
        )
    title = f"<b>Phase diagram</b>  <i>T</i> / {escape(y_unit.label)}"
    at = float(y_unit.to_display(at_K))
    layout = base_layout(title, 440, rows, ink) | {
        "annotations": notes,
        "shapes": [
            {
                "type": "line",
                "xref": "paper",
                "x0": 0.0,
                "x1": 1.0,
                "y0": at,
                "y1": at,
                "line": {"color": ink["faint"], "width": 1, "dash": "1px,3px"},
                "layer": "below",
            }
        ],
        "xaxis": x_axis((math.log10(LOWEST_FRACTION), 0.0) if log else (0.0, 1.0), ink),
        "yaxis": y_axis(ink) | {"range": window},
        "uirevision": f"phase{y_unit.label}{composition}",
    }
    layout["xaxis"]["title"]["text"] = "Volume fraction of the polymer φ"
    if log:
        layout["xaxis"] |= {"type": "log", "dtick": 1, "exponentformat": "power"}
    return go.Figure(_lighter(traces), layout, _validate=False)


def _phase_traces(line: PhaseLine, y_unit: Unit, *, dark: bool) -> list[dict[str, Any]]:
    colour, name = colours(dark=dark)[line.colour % MAX_LINES], escape(line.name)
    shared = {
        "type": "scatter",
        "legendgroup": name,
        "showlegend": False,
        "name": name,
        "mode": "lines",
    }
    tints = [
        {
            **shared,
            **_outline(gap.dilute, gap.concentrated, gap, y_unit, closed=True),
            "fill": "toself",
            "fillcolor": translucent(colour, opacity * (1.3 if dark else 1.0)),
            "line": {"color": colour, "width": 0.6},
            "hoverinfo": "skip",
            "zorder": 0,
        }
        for diagram, opacity in ((line.at_high, 0.05), (line.at_low, 0.13))
        for gap in diagram.gaps
    ]
    curves = []
    for gap in line.diagram.gaps:
        for low, high, words, style in (
            (gap.dilute, gap.concentrated, "binodal", {"width": 2.2}),
            (gap.spinodal_low, gap.spinodal_high, "spinodal", {"width": 1.4, "dash": "5px,4px"}),
        ):
            curves.append(
                {
                    **shared,
                    **_outline(low, high, gap, y_unit, closed=False),
                    "line": {"color": colour, **style},
                    "hovertemplate": f"{name}, {words}<br>%{{y:.4~g}} {escape(y_unit.label)}, "
                    "φ = %{x:.2~g}<extra></extra>",
                    "showlegend": words == "binodal" and gap is line.diagram.gaps[0],
                    "zorder": 2,
                }
            )
    if not curves:  # a solvent without a gap keeps its place in the legend
        curves.append({**shared, "x": [None], "y": [None], "line": {"color": colour}, "zorder": 2})
        curves[0]["showlegend"] = True
    points = line.diagram.critical_points
    if points:
        curves.append(
            {
                **shared,
                "x": [point.phi for point in points],
                "y": y_unit.to_display([point.temperature_K for point in points]),
                "mode": "markers",
                "marker": {
                    "size": 9,
                    "color": colour,
                    "line": {"width": 2, "color": "#10181b" if dark else "#ffffff"},
                },
                "text": [
                    f"φ = {point.phi:.2g}, χ = {point.chi:.3f} ({point.kind})" for point in points
                ],
                "hovertemplate": f"{name}, critical point<br><b>%{{y:.4~g}} "
                f"{escape(y_unit.label)}</b><br>%{{text}}<extra></extra>",
                "zorder": 3,
            }
        )
    return [*tints, *curves]


def _outline(
    low: FloatArray, high: FloatArray, gap: Gap, y_unit: Unit, *, closed: bool
) -> dict[str, FloatArray]:
    """Both branches as one path, joined at critical points and, if closed, at the ends as well."""
    T = y_unit.to_display(gap.temperature_K)
    x, y = [low[::-1]], [T[::-1]]
    if gap.lower is None and not closed:
        x.append(np.array([np.nan]))
        y.append(np.array([np.nan]))
    x.append(high)
    y.append(T)
    if closed or gap.upper is not None:
        x.append(low[-1:])
        y.append(T[-1:])
    # Beyond the axis everything is at its end: 1e-300 has no place on a screen.
    path = np.maximum(np.concatenate(x), LOWEST_FRACTION / 10.0)
    return {"x": path, "y": np.concatenate(y)}


# ------------------------------------------------------------------------------------------- space


@dataclass(frozen=True, slots=True)
class Highlight:
    """A molecule that stands out in a space.

    Attributes:
        name: of the molecule.
        xyz: where it is, shape (3,).
        colour: position in the colours; ``None`` for the polymer, in the colour of the text.
    """

    name: str
    xyz: tuple[float, float, float]
    colour: int | None = None


@dataclass(frozen=True, slots=True)
class Cloud:
    """Molecules that fill the background of a space.

    Attributes:
        words: what they are, for the pointer.
        names: of the molecules, n of them.
        xyz: where they are, shape (n, 3).
        strong: whether they are drawn darker than others.
    """

    words: str
    names: Sequence[str]
    xyz: FloatArray
    strong: bool = False


def hansen_spheres(
    polymer: Highlight,
    solvents: Sequence[Highlight],
    *,
    radius: float | None = None,
    dark: bool = False,
) -> go.Figure:
    """Draw solvents around a polymer in Hansen's space.

    Args:
        polymer: δD, δP, δH in MPa^0.5.
        solvents: the same.
        radius: of interaction R0, drawn as a translucent sphere (half as wide along δD, where
            Hansen counts distances double).
        dark: colours for a dark page.
    """
    traces = []
    if radius is not None:
        traces.append(_sphere(polymer, (radius / 2.0, radius, radius), dark=dark))
    traces += _stems(polymer, solvents, dark=dark)
    traces += [_spot(spot, dark=dark) for spot in (polymer, *solvents)]
    axes = ("δD / MPa⁰·⁵", "δP / MPa⁰·⁵", "δH / MPa⁰·⁵")
    # Hansen counts δD double: drawn so, his sphere is one.
    return _scene(traces, "<b>Hansen's space</b>", axes, scale=(2.0, 1.0, 1.0), dark=dark)


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Solvents in a space, and whether a polymer is said to dissolve in them.

    Attributes:
        names: of n solvents.
        xyz: where they are, shape (n, 3).
        dissolves: shape (n,).
        texts: what the pointer says of each, n texts of plotly's markup.
    """

    names: Sequence[str]
    xyz: FloatArray
    dissolves: NDArray[np.bool_]
    texts: Sequence[str]


def sorted_by_hansen(
    polymer: Highlight, radius: float, solvents: Verdicts, *, dark: bool = False
) -> go.Figure:
    """Draw the sphere of a polymer among solvents in Hansen's space.

    Args:
        polymer: δD, δP, δH in MPa^0.5.
        radius: R0 of its sphere.
        solvents: the same parameters, and what to compare the sphere with.
        dark: colours for a dark page.
    """
    traces = [_sphere(polymer, (radius / 2.0, radius, radius), dark=dark)]
    traces += [*_verdicts(solvents, dark=dark), _spot(polymer, dark=dark)]
    axes = ("δD / MPa⁰·⁵", "δP / MPa⁰·⁵", "δH / MPa⁰·⁵")
    return _scene(traces, "<b>Hansen's sphere</b>", axes, scale=(2.0, 1.0, 1.0), dark=dark)


def generalised_sphere(
    solvents: Verdicts,
    axes: tuple[FloatArray, FloatArray, FloatArray],
    probability: FloatArray,
    *,
    dark: bool = False,
) -> go.Figure:
    """Draw the generalised sphere of a polymer among solvents along three main axes.

    Args:
        solvents: where they lie, and what the model says of them.
        axes: the places of a grid along each axis, three arrays of shape (m,).
        probability: of dissolving at the points of the grid, shape (m, m, m).
        dark: colours for a dark page.
    """
    x, y, z = (part.ravel().astype(np.float32) for part in np.meshgrid(*axes, indexing="ij"))
    colour = ink_of(dark=dark)["faint"]
    body = {
        "type": "isosurface",
        "x": x,
        "y": y,
        "z": z,
        "value": probability.ravel().astype(np.float32),
        "isomin": 0.5,
        "isomax": 1.0,
        "caps": {name: {"show": True} for name in ("x", "y", "z")},  # where the grid ends
        "opacity": 0.25,
        "showscale": False,
        "colorscale": [[0.0, colour], [1.0, colour]],
        "hoverinfo": "skip",
    }
    names = ("first axis", "second axis", "third axis")
    traces = [body, *_verdicts(solvents, dark=dark)]
    return _scene(traces, "<b>Generalised sphere</b>", names, dark=dark)


def _verdicts(solvents: Verdicts, *, dark: bool) -> list[dict[str, Any]]:
    """Those in which a polymer dissolves as dots, the others as open squares."""
    palette, traces = colours(dark=dark), []
    for dissolves, words in ((True, "dissolves"), (False, "does not dissolve")):
        rows = np.flatnonzero(solvents.dissolves == dissolves).tolist()
        places = np.asarray(solvents.xyz, dtype=np.float32)[rows]
        traces.append(
            {
                "type": "scatter3d",
                "mode": "markers",
                "name": words,
                "x": places[:, 0],
                "y": places[:, 1],
                "z": places[:, 2],
                "marker": {
                    "size": 5 if dissolves else 4,
                    "symbol": "circle" if dissolves else "square-open",
                    "color": palette[0] if dissolves else palette[1],
                },
                "text": [f"{escape(solvents.names[i])}<br>{solvents.texts[i]}" for i in rows],
                "hovertemplate": "%{text}<extra></extra>",
            }
        )
    return traces


def solubility_space(
    clouds: Sequence[Cloud], highlights: Sequence[Highlight], *, dark: bool = False
) -> go.Figure:
    """Draw where molecules lie in the space that the model has learned.

    Args:
        clouds: the molecules it knows.
        highlights: the chosen molecules.
        dark: colours for a dark page.
    """
    ink = ink_of(dark=dark)
    traces: list[dict[str, Any]] = []
    for cloud in clouds:
        places = np.asarray(cloud.xyz, dtype=np.float32)
        traces.append(
            {
                "type": "scatter3d",
                "x": places[:, 0],
                "y": places[:, 1],
                "z": places[:, 2],
                "mode": "markers",
                "name": escape(cloud.words),
                "marker": {
                    "size": 2.4 if cloud.strong else 3,  # a diamond looks larger than a dot
                    "symbol": "diamond" if cloud.strong else "circle",
                    "color": ink["text"] if cloud.strong else ink["faint"],
                    "opacity": 0.6 if cloud.strong else 0.4,
                },
                "text": [escape(name) for name in cloud.names],
                "hovertemplate": f"%{{text}}<br>{escape(cloud.words)}<extra></extra>",
            }
        )
    traces += [_spot(spot, dark=dark) for spot in highlights]
    axes = ("first axis", "second axis", "third axis")
    return _scene(traces, "<b>Solubility space</b>", axes, dark=dark)


def _colour_of(spot: Highlight, *, dark: bool) -> str:
    if spot.colour is None:
        return ink_of(dark=dark)["text"]
    return colours(dark=dark)[spot.colour % MAX_LINES]


def _spot(spot: Highlight, *, dark: bool) -> dict[str, Any]:
    x, y, z = spot.xyz
    colour = _colour_of(spot, dark=dark)
    return {
        "type": "scatter3d",
        "x": [x],
        "y": [y],
        "z": [z],
        "mode": "markers+text",
        "name": escape(spot.name),
        "marker": {
            "size": 7,
            "symbol": "diamond" if spot.colour is None else "circle",
            "color": colour,
        },
        "text": [escape(spot.name)],
        "textposition": "bottom center" if spot.colour is None else "top center",
        "textfont": {"size": 12, "color": colour},
        "hovertemplate": f"{escape(spot.name)}<br>%{{x:.3~g}}, %{{y:.3~g}}, %{{z:.3~g}}"
        "<extra></extra>",
    }


def _stems(
    polymer: Highlight, solvents: Sequence[Highlight], *, dark: bool
) -> list[dict[str, Any]]:
    """Lines from the polymer to the solvents, for the eye to judge depth."""
    return [
        {
            "type": "scatter3d",
            "x": [polymer.xyz[0], solvent.xyz[0]],
            "y": [polymer.xyz[1], solvent.xyz[1]],
            "z": [polymer.xyz[2], solvent.xyz[2]],
            "mode": "lines",
            "line": {"color": _colour_of(solvent, dark=dark), "width": 2},
            "hoverinfo": "skip",
        }
        for solvent in solvents
    ]


def _sphere(
    centre: Highlight, half_axes: tuple[float, float, float], *, dark: bool
) -> dict[str, Any]:
    around = np.linspace(0.0, 2.0 * np.pi, 33)
    down = np.linspace(0.0, np.pi, 17)[:, None]
    unit = (
        np.sin(down) * np.cos(around),
        np.sin(down) * np.sin(around),
        np.cos(down) * np.ones_like(around),
    )
    x, y, z = (
        (middle + half * part).astype(np.float32)
        for middle, half, part in zip(centre.xyz, half_axes, unit, strict=True)
    )
    colour = ink_of(dark=dark)["faint"]
    return {
        "type": "surface",
        "x": x,
        "y": y,
        "z": z,
        "opacity": 0.22,
        "showscale": False,
        "colorscale": [[0.0, colour], [1.0, colour]],
        "hoverinfo": "skip",
        "contours": {
            "x": {"highlight": False},
            "y": {"highlight": False},
            "z": {"highlight": False},
        },
    }


def _scene(
    traces: list[dict[str, Any]],
    title: str,
    axes: tuple[str, str, str],
    *,
    scale: tuple[float, float, float] = (1.0, 1.0, 1.0),
    dark: bool,
) -> go.Figure:
    ink = ink_of(dark=dark)
    layout = base_layout(title, 480, 0, ink)
    layout["dragmode"] = "turntable"
    layout["scene"] = {
        f"{name}axis": {
            "title": {"text": text, "font": {"size": 12, "color": ink["faint"]}},
            "tickfont": {"size": 10, "color": ink["faint"]},
            "gridcolor": ink["grid"],
            "zeroline": False,
            "showbackground": False,
            "showspikes": False,
            "nticks": 5,
        }
        for name, text in zip("xyz", axes, strict=True)
    } | {
        "aspectmode": "manual",
        "aspectratio": _aspect(traces, scale),
        "camera": {"eye": {"x": 1.25, "y": 1.25, "z": 0.55}, "center": {"x": 0, "y": 0, "z": -0.1}},
    }
    layout["uirevision"] = title
    return go.Figure(traces, layout, _validate=False)


def _aspect(
    traces: Sequence[dict[str, Any]], scale: tuple[float, float, float]
) -> dict[str, float]:
    """Lengths of the axes: true to distances, none too short to be seen.

    The whole box with the titles of its axes must fit the picture, and tall ones its height.
    """
    spans = []
    for name, factor in zip("xyz", scale, strict=True):
        drawn = np.concatenate([np.ravel(trace[name]) for trace in traces])
        spans.append(max(factor * float(np.ptp(drawn)), 1e-9))
    size = min(1.6 / math.hypot(*spans), 1.2 / max(spans))
    return {name: max(size * span, 0.3) for name, span in zip("xyz", spans, strict=True)}


# -------------------------------------------------------------------------------------------- files


def miscibility_table(
    polymer: str,
    solvents: Sequence[str],
    lines: Sequence[ChiLine],
    *,
    temperature_K: float,
    volume_fraction: float,
    model: str,
) -> pd.DataFrame:
    """Lay out what the charts of chi show as one long table.

    Args:
        polymer: SMILES of the repeat unit.
        solvents: SMILES, one per line.
        lines: every curve shown, with its measured points.
        temperature_K: chosen temperature.
        volume_fraction: of the polymer, for which predictions and curves hold.
        model: name of the model.

    Returns:
        One row per number: ``solvent, polymer_smiles, solvent_smiles, kind`` (``predicted``,
        ``curve`` or ``measured``), ``temperature_K, volume_fraction, chi, chi_low, chi_high,
        chi_cosmo_rs, soluble_probability, critical_chi, support, in_range, model``; the interval
        is the 90 % interval.
    """
    frames = []
    for line, smiles in zip(lines, solvents, strict=True):
        about = {"solvent": line.name, "polymer_smiles": polymer, "solvent_smiles": smiles}
        curve, points = line.curve, line.measured
        parts: list[dict[str, object]] = []
        if line.at is not None:
            parts.append(
                {
                    "kind": ["predicted"],
                    "temperature_K": temperature_K,
                    "volume_fraction": volume_fraction,
                    "chi": significant(np.array([line.at.chi])),
                    "chi_low": significant(np.array([line.at.chi_low])),
                    "chi_high": significant(np.array([line.at.chi_high])),
                    "chi_cosmo_rs": significant(np.array([line.at.chi_cosmo_rs])),
                    "soluble_probability": significant(np.array([line.at.soluble_probability])),
                    "critical_chi": round(line.critical_chi, 6),
                    "support": line.at.support,
                    "in_range": [line.at.in_range],
                    "model": model,
                }
            )
        parts.append(
            {
                "kind": ["curve"] * len(curve.temperature_K),
                "temperature_K": np.round(curve.temperature_K, 3),
                "volume_fraction": volume_fraction,
                "chi": significant(np.asarray(curve.chi)),
                "chi_low": significant(np.asarray(curve.low)),
                "chi_high": significant(np.asarray(curve.high)),
                "chi_cosmo_rs": significant(np.asarray(curve.chi_cosmo_rs)),
                "soluble_probability": significant(np.asarray(curve.soluble_probability)),
                "critical_chi": round(line.critical_chi, 6),
                "support": curve.support,
                "in_range": list(curve.in_range),
                "model": model,
            }
        )
        if len(points):
            parts.append(
                {
                    "kind": ["measured"] * len(points),
                    "temperature_K": np.round(points.temperature_K, 3),
                    "volume_fraction": points.volume_fraction,
                    "chi": points.chi,
                }
            )
        frames += [pd.DataFrame(about | part) for part in parts]
    table = pd.concat([frame.astype(object) for frame in frames], ignore_index=True)
    numbers = [name for name in table.columns if name not in _TEXTS]
    return table.astype(dict.fromkeys(numbers, np.float64) | {"in_range": "boolean"})


_TEXTS: Final = frozenset(
    {"solvent", "polymer_smiles", "solvent_smiles", "kind", "support", "model", "in_range"}
)
