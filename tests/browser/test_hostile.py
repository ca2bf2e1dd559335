"""Hostile names in the address, in a text box and in files change nothing in a real browser."""

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect

from tests.browser.app_server import CHROMIUM, Watched, settled, watched

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium found"),
]
SLOW = 90_000  # milliseconds: a cold start on a busy machine
EVIL = (
    "</script><script>document.title='owned'</script>"
    "<img src='https://example.invalid/x.png' onerror=\"document.title='owned';alert(1)\">"
    "![x](https://example.invalid/y.png)<b>x</b>"
)
PAGES = {
    "ionic_liquids": ("cation", "anion", "with", "T"),
    "polymer_solvent": ("polymer", "solvent", "T", "phi"),
    "shortlist": ("polymer", "solvent", "with", "spare", "families"),
    "screening": ("where", "T", "selected"),
    "maps": ("map", "own", "cation", "colour"),
    "compare": ("liquid", "solvent", "polymer"),
    "learn": ("lesson",),
}


@pytest.fixture
def seen(browser: Browser, base: str) -> Iterator[Watched]:
    with watched(browser, base, viewport={"width": 1400, "height": 1000}) as seen:
        yield seen
    assert not seen.refused
    assert not seen.complaints


def unharmed(page: Page, dialogs: list[Dialog]) -> None:
    assert "owned" not in page.title()
    assert not dialogs
    assert page.locator("img[src^='https://example.invalid'], main b:text-is('x')").count() == 0
    assert page.locator("[data-testid=stException]").count() == 0


def open_(seen: Watched, address: str) -> tuple[Page, list[Dialog]]:
    page = seen.open(address)
    dialogs: list[Dialog] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog), dialog.dismiss()))
    return settled(page, SLOW), dialogs


@pytest.mark.parametrize("name", PAGES)
def test_a_hostile_address_changes_nothing(seen: Watched, name: str) -> None:
    query = urlencode(dict.fromkeys(PAGES[name], EVIL))
    page, dialogs = open_(seen, f"/{name}?{query}")
    unharmed(page, dialogs)


def test_a_hostile_name_in_the_box_is_kept_and_does_nothing(seen: Watched) -> None:
    page, dialogs = open_(seen, "/ionic_liquids")
    box = page.get_by_role("textbox").first
    box.fill(EVIL)
    box.press("Enter")
    expect(page.get_by_test_id("stAlert").first).to_be_visible(timeout=SLOW)
    expect(box).to_have_value(EVIL)  # what was typed is not lost
    unharmed(page, dialogs)


def test_a_file_with_hostile_names_is_shown_as_it_is(seen: Watched) -> None:
    page, dialogs = open_(seen, "/batch")
    table = f'"{EVIL.replace(chr(34), chr(34) * 2)}",cation_smiles,anion_smiles,temperature_K\n'
    table += f'"{EVIL.replace(chr(34), chr(34) * 2)}",CCCCn1cc[n+](C)c1,[Cl-],300\n'
    table += f'=1+1,"{EVIL.replace(chr(34), chr(34) * 2)}",[Cl-],300\n'
    page.locator("input[type=file]").first.set_input_files(
        files=[{"name": f"{EVIL[:40]}.csv", "mimeType": "text/csv", "buffer": table.encode()}]
    )
    expect(page.get_by_role("heading", name="What the columns hold")).to_be_visible(timeout=SLOW)
    unharmed(settled(page, SLOW), dialogs)
