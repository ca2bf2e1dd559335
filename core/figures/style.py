"""What all charts share: colours, rounded numbers."""

from __future__ import annotations

import math
from typing import Any, Final

# Okabe and Ito's colours for the colour-blind, doi:10.1038/nmeth.1618, in an order that keeps
# neighbours apart; blue and green are lightened for a dark page, yellow is left out on a white one.
_LIGHT: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8a6d00", "#4b4b4b")
_DARK: Final = ("#56b4e9", "#e69f00", "#2fc79b", "#e58fc0", "#f0e442", "#c9d1d3")
SYMBOLS: Final = ("circle-open", "square-open", "diamond-open", "triangle-up-open", "x", "cross")
MAX_LINES: Final = len(_LIGHT)


def colours(*, dark: bool) -> tuple[str, ...]:
    """Return the line colours (hex), safe for the colour-blind, for a light or a dark page."""
    return _DARK if dark else _LIGHT


def rounded(value: float, low: float, high: float) -> tuple[str, str, str]:
    """Write a value and its interval with no more digits than the interval supports.

    The last decimal is the one that is between a twentieth and a half of the narrower half of the
    interval, so that 1.4367 (1.4289 to 1.4445) reads 1.437 (1.429 to 1.445).

    Args:
        value: the value, in the unit it is shown in.
        low: lower end of the interval, same unit.
        high: upper end of the interval, same unit.

    Returns:
        The three numbers as text, with a true minus sign and commas between thousands.
    """
    if not math.isfinite(value):
        return ("–", "–", "–")
    half = min(value - low, high - value)
    if not math.isfinite(half) or half <= 0.0:
        half = max(abs(value) * 1e-3, 1e-9)
    place = math.floor(math.log10(half / 2.0))
    return (_digits(value, place), _digits(low, place), _digits(high, place))


def written(value: float, digits: int = 3, *, zeros: bool = False) -> str:
    """Write a number without an interval: so many significant digits, commas, a true minus sign.

    Args:
        value: the number.
        digits: significant ones.
        zeros: whether those at the end stay, so that numbers of a table are equally exact.
    """
    kept = float(f"{value:.{digits}g}") + 0.0
    if zeros and kept and math.isfinite(kept):
        decimals = max(digits - 1 - math.floor(math.log10(abs(kept))), 0)
        return f"{kept:,.{decimals}f}".replace("-", "−")
    return f"{kept:,.15g}".replace("-", "−")


def percent(probability: float) -> str:
    """Write a probability in per cent; none is certain."""
    if probability < 0.01:
        return "<\N{NO-BREAK SPACE}1\N{NO-BREAK SPACE}%"
    if probability > 0.99:
        return ">\N{NO-BREAK SPACE}99\N{NO-BREAK SPACE}%"
    return f"{100.0 * probability:.0f}\N{NO-BREAK SPACE}%"


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
        text = f"{kept + 0.0:,.{max(0, -place)}f}"
    return text.replace("-", "−")


_SUPERSCRIPT: Final = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def ink(*, dark: bool) -> dict[str, str]:
    """Colours of everything that is not data."""
    if dark:
        return {"text": "#e4ecee", "faint": "#93a4aa", "grid": "#26343a", "shade": "#93a4aa"}
    return {"text": "#1c2b30", "faint": "#5c6f76", "grid": "#e3eaec", "shade": "#5c6f76"}


def translucent(colour: str, opacity: float) -> str:
    """Return a colour (hex) as one that lets through what lies behind."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"


def base_layout(title: str, height: int, rows: int, ink: dict[str, str]) -> dict[str, Any]:
    """Return the layout that all charts begin with.

    Args:
        title: plotly's markup; names in it have to be escaped.
        height: pixels, without the legend.
        rows: of the legend; 0 for none.
        ink: see :func:`ink`.
    """
    return {
        "title": {
            "text": title,
            "font": {"size": 15, "color": ink["text"]},
            "x": 0.0,
            "xref": "container",
            "xanchor": "left",
            "y": 0.98,
            "yanchor": "top",
        },
        "height": height + 22 * rows,
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
    }


# Numbers as in the text: 20,000 and not 20k.
_NUMBERS: Final = {"exponentformat": "none", "separatethousands": True}


def x_axis(window: tuple[float, float], ink: dict[str, str]) -> dict[str, Any]:
    """Return a horizontal axis without a title text."""
    return _NUMBERS | {
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


def y_axis(ink: dict[str, str]) -> dict[str, Any]:
    """Return a vertical axis; its title stands above the chart."""
    return _NUMBERS | {
        "gridcolor": ink["grid"],
        "zeroline": False,
        "automargin": True,
        "nticks": 6,
        "tickfont": {"color": ink["faint"], "size": 12},
        "title": {"text": ""},
    }


def trained_range(
    ends: tuple[float, float], window: tuple[float, float], ink: dict[str, str]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Bar along the bottom where a model was trained, shade where it was not.

    Args:
        ends: of the training range, in units of the horizontal axis, in either order.
        window: ends of the axis.
        ink: see :func:`ink`.

    Returns:
        Shapes and annotations.
    """
    low, high = max(min(ends), window[0]), min(max(ends), window[1])
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
