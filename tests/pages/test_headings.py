"""The outline of every page, as a screen reader goes through it."""

import re
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from tests.browser.addresses import ADDRESSES, Address

ROOT = Path(__file__).resolve().parents[2]
OUTLINED = {**ADDRESSES, "empty comparison": Address("compare")}


def titles() -> dict[str, str]:
    """What the navigation calls each page; the front page has the name of the whole."""
    router = (ROOT / "app.py").read_text("utf-8")
    calls = re.findall(r'st\.Page\("pages/(\w+)\.py", title="([^"]+)"', router)
    return {**dict(calls), "home": "Solvarium"}


def outline(app: AppTest) -> list[tuple[int, str]]:
    """Levels and texts of all headings, in the order of the page."""
    found = []
    for node in app.main:
        if node.type in {"title", "header", "subheader"}:
            found.append((int(node.tag[1:]), node.value))
        elif node.type == "markdown":
            lines = re.findall(r"^(#{1,6}) (.*)", node.value, flags=re.MULTILINE)
            found += [(len(marks), text) for marks, text in lines]
    return found


@pytest.mark.parametrize("name", OUTLINED)
def test_a_page_has_one_title_and_no_gap_below_it(name: str) -> None:
    address = OUTLINED[name]
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).run()
    for key, values in parse_qs(address.query).items():
        app.query_params[key] = values
    app.switch_page(f"pages/{address.page}.py").run()
    assert not app.exception
    found = outline(app)
    assert found[0] == (1, titles()[address.page])
    levels = [level for level, _ in found]
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert all(text.strip() for _, text in found)
