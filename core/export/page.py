"""Charts as a page of its own, with plotly inside, that needs no network."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import plotly.graph_objects as go

from core import __version__
from core.export.provenance import Origin

__all__ = ["standalone_html"]

_STYLE = (
    "body{font-family:sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c2b30;"
    "background:#fff}footer{color:#5c6f76;font-size:.85rem;border-top:1px solid #d5e0e3;"
    "padding-top:.6rem}"
)


def standalone_html(
    charts: Mapping[str, go.Figure], *, title: str, words: str, origin: Origin
) -> bytes:
    """One HTML page with charts below each other.

    Args:
        charts: by what they show.
        title: of the page.
        words: what the marks of the charts mean.
        origin: of the numbers, told at the foot.
    """
    parts = [
        chart.to_html(
            full_html=False,
            include_plotlyjs="inline" if not place else False,
            config={"displaylogo": False, "responsive": True},
        )
        for place, chart in enumerate(charts.values())
    ]
    model = f"model {origin.model} of {origin.created[:10]}, " if origin.model else ""
    made = f"Solvarium {__version__}, {model}computed on {origin.predicted[:10]}."
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<h1>{escape(title)}</h1>\n{''.join(parts)}\n<p>{escape(words)}</p>\n"
        f"<footer>{escape(made)}</footer>\n</body>\n</html>\n"
    ).encode()
