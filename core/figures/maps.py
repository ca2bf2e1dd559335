"""A map of molecules: points on two axes, coloured by family, by a number, or by what is known."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.figures.style import (
    MAX_LINES,
    base_layout,
    colours,
    percent,
    rounded,
    translucent,
    written,
    x_axis,
    y_axis,
)
from core.figures.style import ink as ink_of

if TYPE_CHECKING:  # core.maps loads torch, which no drawing needs
    from core.maps import Entry, Map, Quantity

__all__ = ["Cut", "Mark", "entry_label", "molecule_map", "quantity_text"]

FloatArray = NDArray[np.float64]

# Viridis, doi:10.1109/TVCG.2015.2467435 for how such scales are judged; the end that would be lost
# on the page is left out.
_VIRIDIS: Final = (
    "#440154", "#482878", "#3e4a89", "#31688e", "#26828e", "#1f9e89", "#35b779", "#6ece58",
    "#b5de2b", "#fde725",
)  # fmt: skip
_SYMBOLS: Final = ("circle", "square", "diamond", "triangle-up", "cross", "x")
_SIZE, _SMALL, _MANY = 7.0, 5.0, 1000  # pixels, and for maps of so many points
_LONGEST: Final = 60  # characters of a name beside the pointer
_OUTER: Final = 0.02  # share of the points at each end that share the colour of that end


@dataclass(frozen=True, slots=True)
class Mark:
    """A molecule that stands out on a map.

    Attributes:
        name: written beside it, unless it is a neighbour.
        place: on the map, shape (2,).
        role: the chosen one, a neighbour of it, or the user's own, drawn as a star.
        smiles: what a click on it chooses.
        words: what the pointer is told.
    """

    name: str
    place: FloatArray
    role: Literal["chosen", "near", "own"]
    smiles: str
    words: str = ""


@dataclass(frozen=True, eq=False)
class Cut:
    """A generalised sphere cut with the map.

    Attributes:
        x: places along the first axis, shape (m,).
        y: places along the second axis, shape (n,).
        probability: of dissolving, shape (n, m); inside is above one half.
    """

    x: FloatArray
    y: FloatArray
    probability: FloatArray


def entry_label(entry: Entry) -> str:
    """Short name of a molecule: abbreviation, else name, else SMILES, cut where it is long."""
    text = entry.abbreviation or entry.name or entry.smiles
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def quantity_text(quantity: Quantity, i: int) -> str:
    """One value with its unit, and its 90 % interval where there is one."""
    if quantity.unit.label == "%":
        return percent(float(quantity.value[i]))
    ends = quantity.unit.to_display([quantity.value[i], quantity.low[i], quantity.high[i]])
    value, low, high = (float(end) for end in ends)
    unit = f" {quantity.unit.label}" if quantity.unit.label else ""
    if not math.isfinite(low):
        return f"{written(value)}{unit}"
    value_text, low_text, high_text = rounded(value, low, high)
    return f"{value_text}{unit} ({low_text} to {high_text})"


def molecule_map(
    shown: Map,
    colour: Quantity | Literal["family", "measured"],
    marks: Sequence[Mark] = (),
    *,
    support: Mapping[str, str],
    cut: Cut | None = None,
    dark: bool = False,
) -> go.Figure:
    """Draw a map; the points carry the SMILES of their molecules as ``customdata``.

    Args:
        shown: the map.
        colour: what the points are coloured by; ``"measured"`` is the number of ionic liquids or
            pairs in the training data, on a logarithmic scale.
        marks: molecules that stand out.
        support: words for what supports a value, by tier.
        cut: of a polymer's sphere, drawn below the points.
        dark: colours for a dark page.
    """
    ink = ink_of(dark=dark)
    words = _hover(shown, None if isinstance(colour, str) else colour, support)
    rows = 0
    if colour == "family":
        traces = _families(shown, words, dark=dark)
        rows = math.ceil(len(traces) / 3)
    elif isinstance(colour, str):
        traces = _counts(shown, words, dark=dark)
    else:
        traces = _values(shown, colour, words, dark=dark)
    if cut is not None:
        traces.insert(0, _cut(cut, ink))
    traces += [_mark(mark, dark=dark) for mark in marks]
    for trace in traces:
        for name in ("x", "y"):
            trace[name] = np.asarray(trace[name], dtype=np.float32)
    layout = base_layout("", 560, rows, ink)
    layout["annotations"] = [_name(mark, ink, dark=dark) for mark in marks if mark.role != "near"]
    layout["margin"]["t"] = 8 if rows else 52
    x_range, y_range = _ranges(shown, marks)
    layout["xaxis"] = _axis(x_axis(x_range, ink), "First", shown.plane.explained[0])
    layout["yaxis"] = _axis(y_axis(ink) | x_axis(y_range, ink), "Second", shown.plane.explained[1])
    layout["yaxis"] |= {"scaleanchor": "x", "scaleratio": 1.0}
    layout["uirevision"] = shown.kind
    return go.Figure(traces, layout, _validate=False)


def _ranges(shown: Map, marks: Sequence[Mark]) -> list[tuple[float, float]]:
    """Ends of both axes: all molecules lie between them, whatever else is drawn."""
    places = np.concatenate([shown.places, *(mark.place[None] for mark in marks)])
    low, high = places.min(axis=0), places.max(axis=0)
    edge = 0.05 * (high - low)
    return [(float(a), float(b)) for a, b in zip(low - edge, high + edge, strict=True)]


def _axis(axis: dict[str, Any], which: str, share: float) -> dict[str, Any]:
    text = f"{which} axis ({100.0 * share:.0f} % of the variance)"
    return axis | {"title": axis["title"] | {"text": text}, "showline": True}


def _hover(shown: Map, quantity: Quantity | None, support: Mapping[str, str]) -> list[str]:
    """What the pointer is told of each molecule."""
    ionic = shown.kind in {"cation", "anion"}
    of_what = "ionic liquids" if ionic else "pairs"
    found = []
    for i, entry in enumerate(shown.entries):
        lines = [f"<b>{escape(entry_label(entry))}</b>"]
        if entry.abbreviation and entry.name:
            lines.append(escape(entry.name[:_LONGEST]))
        lines.append(escape(entry.family))
        if quantity is not None:
            tier = f", {support[quantity.support[i]]}" if quantity.support else ""
            lines.append(f"{escape(quantity.label)} {escape(quantity_text(quantity, i) + tier)}")
        lines.append(
            f"measured {of_what}: {entry.measured}" if entry.measured else "nothing measured"
        )
        found.append("<br>".join(lines))
    return found


def _points(
    shown: Map, rows: NDArray[np.int64], words: Sequence[str], marker: dict[str, Any]
) -> dict[str, Any]:
    """A trace of some of the points that stay as they are when one is chosen."""
    size = _SIZE if len(shown.entries) < _MANY else _SMALL
    marker = {"size": size, "opacity": 0.8, "line": {"width": 0}} | marker
    kept = {"marker": {"opacity": marker["opacity"]}}
    return {
        "type": "scatter",
        "mode": "markers",
        "x": shown.places[rows, 0],
        "y": shown.places[rows, 1],
        "customdata": [shown.entries[i].smiles for i in rows],
        "text": [words[i] for i in rows],
        "hovertemplate": "%{text}<extra></extra>",
        "marker": marker,
        "selected": kept,
        "unselected": kept,
        "showlegend": False,
    }


def _families(shown: Map, words: Sequence[str], *, dark: bool) -> list[dict[str, Any]]:
    """A trace for each of the most common families, and one for all others below them."""
    family = np.array([entry.family for entry in shown.entries])
    common = [name for name, _ in Counter(family.tolist()).most_common() if name != "other"]
    common = common[:MAX_LINES]
    others = np.flatnonzero(~np.isin(family, common))
    faint = {"color": ink_of(dark=dark)["faint"], "opacity": 0.35, "size": _SMALL}
    traces = [_points(shown, others, words, faint) | {"name": "all others", "legendrank": 2000}]
    for i, name in enumerate(common):
        marker = {"color": colours(dark=dark)[i], "symbol": _SYMBOLS[i]}
        traces.append(_points(shown, np.flatnonzero(family == name), words, marker))
        traces[-1]["name"] = escape(name)
    for trace in traces:
        trace["showlegend"] = len(trace["x"]) > 0
    return traces


def _counts(shown: Map, words: Sequence[str], *, dark: bool) -> list[dict[str, Any]]:
    """Points by how often a molecule was measured; those that never were are open and below."""
    measured = np.array([entry.measured for entry in shown.entries])
    never = np.flatnonzero(measured == 0)
    some = np.argsort(measured, kind="stable")[len(never) :]  # the best known ones on top
    faint = {"color": ink_of(dark=dark)["faint"], "symbol": "circle-open", "opacity": 0.4}
    ionic = shown.kind in {"cation", "anion"}
    title = f"Measured {'ionic liquids' if ionic else 'pairs'} in the training data"
    marker = _scale(np.log10(measured[some]), title, log=True, outer=0.0, dark=dark)
    return [_points(shown, never, words, faint), _points(shown, some, words, marker)]


def _values(
    shown: Map, quantity: Quantity, words: Sequence[str], *, dark: bool
) -> list[dict[str, Any]]:
    value = quantity.unit.to_display(quantity.value)
    unit = f" / {quantity.unit.label}" if quantity.unit.label else ""
    values = np.log10(value) if quantity.log else value
    marker = _scale(values, escape(quantity.label + unit), log=quantity.log, dark=dark)
    return [_points(shown, np.arange(len(shown.entries)), words, marker)]


def _scale(
    values: FloatArray, title: str, *, log: bool, outer: float = _OUTER, dark: bool
) -> dict[str, Any]:
    """Colours of values with a bar above the chart; what lies far out has the colour of the end."""
    ink = ink_of(dark=dark)
    low, high = (float(end) for end in np.quantile(values, [outer, 1.0 - outer]))
    if not low < high:
        low, high = low - 0.5, high + 0.5
    steps = _VIRIDIS[1:] if dark else _VIRIDIS[:-1]
    bar: dict[str, Any] = {
        "orientation": "h",
        "x": 0.0,
        "xanchor": "left",
        "y": 1.0,
        "yanchor": "bottom",
        "len": 0.6,
        "thickness": 10,
        "outlinewidth": 0,
        "title": {"text": title, "side": "top", "font": {"size": 12, "color": ink["text"]}},
        "tickfont": {"size": 11, "color": ink["faint"]},
        "nticks": 6,
        "ypad": 2,
        "xpad": 0,
    }
    if log:
        bar |= _log_ticks(low, high)
    return {
        "color": np.asarray(values, dtype=np.float32),
        "cmin": low,
        "cmax": high,
        "colorscale": [[i / (len(steps) - 1), colour] for i, colour in enumerate(steps)],
        "colorbar": bar,
        "showscale": True,
    }


def _log_ticks(low: float, high: float) -> dict[str, Any]:
    """Ticks at 1, 2, 5 times powers of ten; fewer over a wide range, so that they fit a phone."""
    first, last = math.floor(low), math.ceil(high)
    ones = (1,) if high - low > 3.0 else (1, 3) if high - low > 1.3 else (1, 2, 5)
    numbers = [one * 10.0**power for power in range(first, last + 1) for one in ones]
    kept = [number for number in numbers if low - 1e-9 <= math.log10(number) <= high + 1e-9]
    return {"tickvals": [math.log10(n) for n in kept], "ticktext": [written(n, 6) for n in kept]}


def _cut(cut: Cut, ink: dict[str, str]) -> dict[str, Any]:
    return {
        "type": "contour",
        "x": cut.x,
        "y": cut.y,
        "z": np.asarray(cut.probability, dtype=np.float32),
        # Plotly fills what a constraint shuts out.
        "contours": {"type": "constraint", "operation": "<", "value": 0.5},
        "fillcolor": translucent(ink["shade"], 0.14),
        "line": {"color": ink["faint"], "width": 1.5, "smoothing": 0.8},
        "hoverinfo": "skip",
        "showlegend": False,
        "showscale": False,
    }


def _mark(mark: Mark, *, dark: bool) -> dict[str, Any]:
    ink = ink_of(dark=dark)
    own = mark.role == "own"
    look: dict[str, Any] = {
        "own": {
            "symbol": "star",
            "size": 17,
            "color": colours(dark=dark)[1],
            "line": {"width": 1.2, "color": ink["text"]},
        },
        "chosen": {"symbol": "circle-open", "size": 16, "line": {"width": 2.5}},
        "near": {"symbol": "circle-open", "size": 11, "line": {"width": 1.4}},
    }[mark.role]
    marker = {"color": ink["text"], "opacity": 1.0} | look
    return {
        "type": "scatter",
        "x": mark.place[:1],
        "y": mark.place[1:],
        "mode": "markers",
        "marker": marker,
        "customdata": [mark.smiles],
        "hovertext": [mark.words],
        # A ring must not catch what is meant for the point inside it.
        **({"hovertemplate": "%{hovertext}<extra></extra>"} if own else {"hoverinfo": "skip"}),
        "selected": {"marker": {"opacity": 1.0}},
        "unselected": {"marker": {"opacity": 1.0}},
        "showlegend": False,
        "cliponaxis": False,
    }


def _name(mark: Mark, ink: dict[str, str], *, dark: bool) -> dict[str, Any]:
    """The name of a molecule on a plate above it, so that it can be read among points."""
    x, y = mark.place
    return {
        "x": x,
        "y": y,
        "text": escape(mark.name),
        "yshift": 20,
        "showarrow": False,
        "font": {"size": 13, "color": ink["text"]},
        "bgcolor": translucent("#10181b" if dark else "#fdfefe", 0.8),
        "borderpad": 2,
    }
