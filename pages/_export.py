"""Save and share what a page shows: pictures, data, scripts, citations, the link to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from core import export, figures
from pages import _common as common

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from core.checkpoints import Card

# Pixels of a picture: half the width of a page of A4 at 300 dpi is a third of its PNG.
_WIDTH, _HEIGHT = 780, 520
_CODE_HEIGHT: Final = 260
_LONGEST: Final = 110  # characters of the line below a title
WAYS: Final = ("Link", "Python", "Command line", "BibTeX")

_pictures = st.components.v2.component(
    "save_pictures",
    html="""
<div class="row">
  <button type="button" data-format="svg">SVG</button>
  <button type="button" data-format="png">PNG</button>
  <span role="status"></span>
</div>
""",
    css="""
.row { display: flex; gap: 0.5rem; align-items: center; font-family: var(--st-font); }
button {
    font: inherit; font-size: 0.875rem;
    color: var(--st-text-color); background: var(--st-background-color);
    border: 1px solid var(--st-border-color); border-radius: var(--st-button-radius, 0.6rem);
    padding: 0.4rem 0.9rem; cursor: pointer;
}
button:hover, button:focus-visible {
    color: var(--st-primary-color); border-color: var(--st-primary-color); outline: none;
}
button:focus-visible { box-shadow: 0 0 0 3px var(--st-border-color); }
span { font-size: 0.85rem; }
""",
    js=(Path(__file__).parent / "pictures.js").read_text(encoding="utf-8"),
)


@dataclass(frozen=True)
class Shown:
    """What a page shows, and how to make it anew; nothing is made before it is asked for.

    Attributes:
        key: of the page, for its widgets.
        title: of the page, as it stands on a page of its own.
        card: of the model behind it; none where equations alone give the numbers.
        query: what leads back here.
        table: maker of the numbers; none where there are none.
        charts: makers of the charts by what they show; drawn for a white page.
        words: what the marks of the charts mean.
        recipe: maker of what reproduces the numbers; none where they come from a user's own file.
        works: what to cite besides Solvarium.
        ways: what there is to copy.
    """

    key: str
    title: str
    card: Card | None
    query: Mapping[str, list[str]]
    table: Callable[[], pd.DataFrame] | None
    recipe: Callable[[], export.Recipe] | None
    works: Iterable[export.Work]
    charts: Mapping[str, Callable[[], go.Figure]] = field(default_factory=dict)
    words: str = ""
    ways: Sequence[str] = WAYS


@common.changes
def _opened() -> None:
    """Only what is inside changes."""


def export_bar(shown: Shown) -> None:
    """The button that opens all of it."""
    popover = st.popover(
        "Save and share",
        icon=":material/ios_share:",
        key=f"{shown.key}_share",
        on_change=_opened,
    )
    if popover.open:
        with popover:
            _inside(shown)


def _inside(shown: Shown) -> None:
    origin = export.Origin.now(shown.card)
    file = f"solvarium-{shown.key.replace('_', '-')}"
    if shown.charts:
        _figures(shown, origin, file)
    if (table := shown.table) is not None:
        st.download_button(
            "Data (CSV)",
            lambda: figures.safe_csv(export.with_provenance(table(), origin), digits=6),
            file_name=f"{file}.csv",
            mime="text/csv",
            icon=":material/table:",
            on_click="ignore",
            help="Every number shown, with units, model, dates and version behind it",
        )
    way = st.segmented_control(
        "Copy as",
        shown.ways,
        default=shown.ways[0],
        key=f"{shown.key}_way",
        on_change=_opened,
        required=True,
        persist_state="session",
        wrap=True,
    )
    if way == "Link":
        st.code(link(shown.query), language=None, wrap_lines=True)
        st.caption("Opens this very state, for whoever can reach this server.")
    elif way == "BibTeX":
        st.code(export.bibtex(shown.works, origin), language="latex", height=_CODE_HEIGHT)
        st.caption("What to cite for what is shown.")
    elif shown.recipe is None:
        st.caption(
            "These numbers come from a list of your own: `python -m core screen solvents "
            "--candidates FILE.csv` takes it as well."
        )
    elif way == "Python":
        st.code(shown.recipe().python, height=_CODE_HEIGHT)
        st.caption("Prints these numbers; run it in the folder of Solvarium.")
    elif command := shown.recipe().command:
        st.code(command, language="bash", wrap_lines=True)
        st.caption("Gives these numbers; run it in the folder of Solvarium.")
    else:
        st.caption("There is no command for this view; the Python script reproduces it.")


def _figures(shown: Shown, origin: export.Origin, file: str) -> None:
    """Pictures of one chart, and all of them as a page of its own."""
    titles = list(shown.charts)
    title = titles[0]
    if len(titles) > 1:
        title = st.selectbox(
            "Figure",
            titles,
            key=f"{shown.key}_figure",
            on_change=_opened,
            persist_state="session",
            filter_mode=None,
        )
    chart = _on_white(shown.charts[title](), shown.title)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        with st.container(width="content"):
            _pictures(
                key=f"{shown.key}_pictures",
                data={
                    "figure": chart.to_json(validate=False),
                    "file": f"{file}-{title.lower().replace('χ', 'chi').replace(' ', '-')}",
                    "width": _WIDTH,
                    "height": max(_HEIGHT, chart.layout.height or 0),
                },
            )
        st.download_button(
            "Page (HTML)",
            lambda: export.standalone_html(
                {name: _on_white(make(), "") for name, make in shown.charts.items()},
                title=shown.title,
                words=shown.words,
                origin=origin,
            ),
            file_name=f"{file}.html",
            mime="text/html",
            icon=":material/web:",
            on_click="ignore",
            help="All figures of this page in one file that works without a network",
        )


def _on_white(chart: go.Figure, about: str) -> go.Figure:
    """A chart as it is printed, with a line on what it is about below its title."""
    chart.update_layout(
        paper_bgcolor="#ffffff",
        plot_bgcolor="#ffffff",
        font={"family": "Arial, Helvetica, sans-serif"},
        dragmode=None,
    )
    if about:
        short = common.shortened(about, _LONGEST)
        chart.update_layout(
            title={"subtitle": {"text": escape(short), "font": {"size": 13, "color": "#5c6f76"}}},
            margin={"t": 64, "r": 16},
        )
    return chart


def link(query: Mapping[str, list[str]]) -> str:
    """The address of this page with a query."""
    here = (st.context.url or "").partition("?")[0]
    return f"{here}?{urlencode(dict(query), doseq=True)}"
