"""Hostile texts in every box and in every parameter of the address: pages explain, never fail."""

from __future__ import annotations

import re
from collections.abc import Iterable
from inspect import signature
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages import _atlas, _common, _comparing, _finding, _lessons, _mixtures, _screen
from pages._basket import Basket
from tests import hostile

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(path.name for path in (ROOT / "pages").glob("*.py") if path.name[0] != "_")
STATES = {
    module.__name__: module.from_query
    for module in (_atlas, _common, _comparing, _finding, _lessons, _mixtures, _screen)
}
# Every word in the pages that could be the name of a parameter, whether it is one or not.
PARAMETERS = sorted(
    {
        name
        for path in (ROOT / "pages").glob("*.py")
        for name in re.findall(r'"(\w{1,20})"', path.read_text())
    }
)
IMAGE = "![x](https://example.invalid/x.png)"
SCRIPT = "</script><script>document.title='owned'</script><img src=x onerror=alert(1)>"
WORST = [
    f"{IMAGE}{SCRIPT}",
    "[x](https://example.invalid) <a href='https://example.invalid'>x</a>",
    "$$\\frac{1}{0}$$ :material/home: :red[x] `x`",
    "../../etc/passwd\u202e\u200b\N{TEST TUBE}",
    "nan",
    "-1e309",
    "[Na+999999999]",
    "c1cc2ccc1" + "c1ccc(cc1)" * 30 + "2",
    "CCO <script>",
    "=cmd|' /C calc'!A0",
]


def opened(page: str, query: dict[str, list[str]] | None = None) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    app.run()
    for name, values in (query or {}).items():
        app.query_params[name] = values
    return app.switch_page(f"pages/{page}").run()


def told(app: AppTest) -> Iterable[str]:
    """Every text that the browser would read as Markdown or HTML."""
    for kind in ("markdown", "caption", "error", "warning", "info", "success", "html"):
        for element in app.get(kind):
            yield getattr(element.proto, "body", "")
    for kind in ("button", "metric", "selectbox", "checkbox", "text_input", "number_input"):
        for element in app.get(kind):
            yield element.proto.label


def healthy(app: AppTest, what: object) -> AppTest:
    assert not app.exception, (what, app.exception)
    for text in told(app):
        assert not re.search(r"(?<!\\)\]\(https://example\.invalid", text), (what, text)
    for element in app.markdown:
        assert not (element.allow_html and re.search(r"<(script|img|a|iframe)\b", element.value))
    for chart in app.get("plotly_chart"):
        assert not re.search(r"(<|\\u003c)(script|img|a|iframe)\b", chart.proto.spec), what
    return app


@pytest.mark.parametrize("module", STATES)
def test_every_parameter_of_a_link_takes_any_text(module: str) -> None:
    from_query = STATES[module]
    texts = [text for group in hostile.CORPUS.values() for text in group][::7]
    for text in [*texts, *WORST, "x" * 100_000]:
        for values in ([text] * 12, [f"{text}~{text}"]):
            needed = {"families": [], "kept": Basket()}
            others = [needed[name] for name in list(signature(from_query).parameters)[1:]]
            from_query(dict.fromkeys(PARAMETERS, values), *others)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(text, marks=[pytest.mark.slow] * (i > 0), id=str(i))
        for i, text in enumerate(WORST)
    ],
)
@pytest.mark.parametrize("page", PAGES)
def test_a_hostile_link_opens_the_page(page: str, text: str) -> None:
    app = opened(page, {name: [text, text] for name in PARAMETERS})
    healthy(app, (page, text))


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_every_text_box_takes_any_text(page: str) -> None:
    app = healthy(opened(page), page)
    boxes = [box.key for box in (*app.text_input, *app.text_area)]
    for key in boxes:
        for text in WORST:
            found = [box for box in (*app.text_input, *app.text_area) if box.key == key]
            if not found:  # the page has moved on from what this box was for
                break
            app = healthy(found[0].set_value(text).run(), (page, key, text))
