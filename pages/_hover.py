"""Drawings of molecules beside the pointer on a chart whose points carry SMILES."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import streamlit as st

from pages import _common as common

_HTML: Final = '<div class="card" role="tooltip" hidden><img alt=""></div>'
_CSS: Final = """
.card {
    position: fixed; z-index: 1000; padding: 0.4rem; line-height: 0; pointer-events: none;
    background: var(--st-background-color); border: 1px solid var(--st-border-color);
    border-radius: 0.6rem; box-shadow: 0 2px 10px rgb(0 0 0 / 18%);
}
"""
# One height for all, so that a card does not jump while it is drawn.
_WIDTH, _HEIGHT = 220, 150

_hover = st.components.v2.component(
    "molecule_hover",
    html=_HTML,
    css=_CSS,
    js=(Path(__file__).parent / "hover.js").read_text(encoding="utf-8"),
)


@st.fragment
def molecules(chart: str, label_of: Callable[[str], str | None]) -> None:
    """Show the molecule under the pointer; only this fragment runs when one is asked for.

    Args:
        chart: key of the chart; its points carry canonical SMILES as ``customdata``.
        label_of: the name of a molecule of the chart, nothing for any other text.
    """
    key, dark = f"{chart}_hover", common.is_dark()
    asked = st.session_state.get(key, {}).get("asked", "")
    label = label_of(asked)
    data: dict[str, object] = {"chart": chart, "dark": dark}
    if label is not None:
        svg = common.drawing(asked, dark=dark, height=_HEIGHT, width=_WIDTH)
        data |= {"smiles": asked, "label": label, "svg": svg}
    _hover(key=key, data=data, on_asked_change=lambda: None)
