"""Charts of a screen: where all ionic liquids lie, and the hits; which families give hits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.figures.style import base_layout, colours, ink, translucent, x_axis, y_axis
from core.properties import PROPERTIES, Unit
from core.screen import Density

__all__ = ["Spots", "family_figure", "number_label", "number_unit", "screen_figure"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_GRAM_PER_MOLE: Final = Unit("g/mol")
_ROWS_SHOWN: Final = 14  # families of either kind; the others share a row


@dataclass(frozen=True, eq=False)
class Spots:
    """Ionic liquids that are marked one by one on a density plot.

    Attributes:
        names: what is shown when one points at them.
        numbers: of the pairs, given back when one is clicked, shape (n,).
        x: in the internal unit of the horizontal axis, shape (n,).
        y: likewise of the vertical axis.
    """

    names: Sequence[str]
    numbers: IntArray
    x: FloatArray
    y: FloatArray


def number_unit(name: str) -> Unit:
    """The unit that a property or the molar mass is shown in by default."""
    return PROPERTIES[name].units[0] if name in PROPERTIES else _GRAM_PER_MOLE


def number_label(name: str) -> str:
    """The plain name of a property or of the molar mass, with the unit it is shown in."""
    label = PROPERTIES[name].label if name in PROPERTIES else "Molar mass"
    return f"{label} / {number_unit(name).label}"


def screen_figure(
    names: tuple[str, str],
    everything: Density,
    hits: Density,
    best: Spots,
    front: Spots,
    *,
    chosen: Spots | None = None,
    dark: bool = False,
) -> go.Figure:
    """Draw all ionic liquids as a grey density, the hits as a coloured one, and marks on it.

    Args:
        names: properties on the horizontal and vertical axis, or the molar mass.
        everything: counts of the whole library.
        hits: counts of the hits, in the same bins.
        best: the best hits; each gives its number back when it is clicked.
        front: hits than which none is better in all objectives; likewise.
        chosen: the one looked at.
        dark: colours for a dark page.
    """
    own, line = ink(dark=dark), colours(dark=dark)
    units = number_unit(names[0]), number_unit(names[1])
    edges = [
        _shown(unit, edge) for unit, edge in zip(units, (everything.x, everything.y), strict=True)
    ]
    marked = [spots for spots in (best, front, chosen) if spots is not None]
    layout = base_layout("", 520, 1, own)
    layout["margin"]["t"] = 8
    for side, name, edge, axis in (
        ("x", names[0], everything.x, x_axis((0.0, 1.0), own)),
        ("y", names[1], everything.y, y_axis(own)),
    ):
        numbers = np.concatenate([edge, *(getattr(spots, side) for spots in marked)])
        layout[f"{side}axis"] = _axis(name, numbers, axis, own)
    figure = go.Figure(layout=layout)
    for label, counts, shade, opacity in (
        ("all", everything.counts, own["faint"], (0.05, 0.45)),
        ("hits", hits.counts, line[0], (0.25, 0.95)),
    ):
        figure.add_trace(
            go.Heatmap(
                x=edges[0],
                y=edges[1],
                z=np.where(counts > 0, np.log10(np.maximum(counts, 1)), np.nan),
                customdata=counts,
                zmin=0.0,
                zmax=max(float(np.log10(max(everything.counts.max(), 10))), 1.0),
                colorscale=[
                    [0.0, translucent(shade, opacity[0])],
                    [1.0, translucent(shade, opacity[1])],
                ],
                showscale=False,
                hoverongaps=False,
                hovertemplate=f"%{{customdata:,}} {label}<extra></extra>",
                name=f"density of {label}",
            )
        )
    if len(front.numbers):
        order = np.argsort(front.x)
        figure.add_trace(
            _marks(front, order, units, "Pareto front: none better in every aim",
                   mode="lines+markers", colour=line[1], symbol="diamond", size=8)
        )  # fmt: skip
    figure.add_trace(
        _marks(best, np.arange(len(best.numbers)), units, "best hits, as in the table",
               mode="markers", colour=line[1], symbol="circle-open", size=9)
    )  # fmt: skip
    if chosen is not None:
        figure.add_trace(
            _marks(chosen, np.arange(1), units, "the one below", mode="markers",
                   colour=own["text"], symbol="x-thin-open", size=13)
        )  # fmt: skip
    return figure


def _shown(unit: Unit, values: FloatArray) -> FloatArray:
    return unit.to_display(values)


def _axis(
    name: str, numbers: FloatArray, axis: dict[str, Any], own: dict[str, str]
) -> dict[str, Any]:
    """An axis that holds all numbers, in internal units, and a little more."""
    logarithmic = name in PROPERTIES and PROPERTIES[name].transform == "log10"
    ends = number_unit(name).to_display([numbers.min(), numbers.max()])
    ends = np.log10(ends) if logarithmic else ends
    ends = ends + 0.02 * (ends[1] - ends[0]) * np.array([-1.0, 1.0])
    return axis | {
        "range": ends.tolist(),
        "type": "log" if logarithmic else "linear",
        "dtick": 1 if logarithmic else None,
        "exponentformat": "power",
        "showgrid": False,
        "title": {
            "text": escape(number_label(name)),
            "font": {"color": own["faint"], "size": 12},
            "standoff": 8,
        },
    }


def _marks(
    spots: Spots, order: IntArray, units: tuple[Unit, Unit], name: str, *,
    mode: str, colour: str, symbol: str, size: int,
) -> go.Scatter:  # fmt: skip
    x, y = _shown(units[0], spots.x[order]), _shown(units[1], spots.y[order])
    return go.Scatter(
        x=x,
        y=y,
        mode=mode,
        name=name,
        text=[escape(spots.names[i]) for i in order],
        customdata=[[int(spots.numbers[i])] for i in order],
        hovertemplate="<b>%{text}</b><br>%{x:,.4~r}, %{y:,.4~r}<extra></extra>",
        line={"color": translucent(colour, 0.6), "width": 1.5, "dash": "dot"},
        marker={
            "color": colour,
            "symbol": symbol,
            "size": size,
            "line": {"width": 1.8, "color": colour},
        },
        selected={"marker": {"opacity": 1.0}},
        unselected={"marker": {"opacity": 1.0}},
    )


def family_figure(
    names: tuple[Sequence[str], Sequence[str]],
    everything: IntArray,
    hits: IntArray,
    *,
    dark: bool = False,
) -> go.Figure:
    """Draw which share of the ionic liquids of two families are hits.

    Args:
        names: families of cations, and of anions, those with most ions first.
        everything: ionic liquids of each pair of families, shape (cations, anions).
        hits: those that are hits, likewise.
        dark: colours for a dark page.
    """
    own, line = ink(dark=dark), colours(dark=dark)
    (rows, columns), (total, found) = names, (everything, hits)
    for axis in (0, 1):
        total, found = _fewer(total, axis), _fewer(found, axis)
    rows, columns = _fewer_names(rows), _fewer_names(columns)
    share = 100.0 * found / np.maximum(total, 1)
    figure = go.Figure(
        go.Heatmap(
            x=[escape(name) for name in columns],
            y=[escape(name) for name in rows],
            z=np.where(total > 0, share, np.nan),
            customdata=np.stack([found, total], axis=2),
            zmin=0.0,
            zmax=max(float(share.max()), 1.0),
            colorscale=[[0.0, translucent(line[0], 0.04)], [1.0, line[0]]],
            xgap=1,
            ygap=1,
            colorbar={
                "title": {"text": "hits / %", "font": {"color": own["faint"], "size": 12}},
                "tickfont": {"color": own["faint"], "size": 11},
                "thickness": 12,
                "outlinewidth": 0,
            },
            hovertemplate="<b>%{y}, %{x}</b><br>%{customdata[0]:,} of %{customdata[1]:,} "
            "(%{z:.2g} %)<extra></extra>",
        ),
        layout=base_layout("", 560, 0, own) | {"margin": {"l": 8, "r": 8, "t": 8, "b": 8}},
    )
    plain = {"tickfont": {"color": own["text"], "size": 12}, "showgrid": False, "automargin": True}
    figure.update_xaxes(**plain, tickangle=-45, ticks="")
    figure.update_yaxes(**plain, autorange="reversed", ticks="")
    return figure


def _fewer(counts: IntArray, axis: int) -> IntArray:
    """Counts whose last families are added up, along one axis."""
    if counts.shape[axis] <= _ROWS_SHOWN:
        return counts
    first, rest = np.split(counts, [_ROWS_SHOWN - 1], axis=axis)
    return np.concatenate([first, rest.sum(axis=axis, keepdims=True)], axis=axis)


def _fewer_names(names: Sequence[str]) -> Sequence[str]:
    if len(names) <= _ROWS_SHOWN:
        return names
    rest = names[_ROWS_SHOWN - 1 :]
    return [*names[: _ROWS_SHOWN - 1], f"{len(rest)} other families"]
