"""What all charts share: colours, rounded numbers."""

from __future__ import annotations

import math
from typing import Final

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
        The three numbers as text, with a true minus sign and thin spaces between thousands.
    """
    if not math.isfinite(value):
        return ("–", "–", "–")
    half = min(value - low, high - value)
    if not math.isfinite(half) or half <= 0.0:
        half = max(abs(value) * 1e-3, 1e-9)
    place = math.floor(math.log10(half / 2.0))
    return (_digits(value, place), _digits(low, place), _digits(high, place))


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


def ink(*, dark: bool) -> dict[str, str]:
    """Colours of everything that is not data."""
    if dark:
        return {"text": "#e4ecee", "faint": "#93a4aa", "grid": "#26343a", "shade": "#93a4aa"}
    return {"text": "#1c2b30", "faint": "#5c6f76", "grid": "#e3eaec", "shade": "#5c6f76"}


def translucent(colour: str, opacity: float) -> str:
    """Return a colour (hex) as one that lets through what lies behind."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"
