"""The box for structures in a real browser: drawing, and the paths of who opens the app first."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.app_server import CHROMIUM, Watched, watched
from tests.browser.editor import applied, draw_chain, draw_methylpyridinium, middle, opened, use

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium found"),
]
WIDE = {"width": 1400, "height": 1000}
PHONE = {"width": 390, "height": 844}
SLOW = 60_000  # milliseconds: a cold start on a busy machine


@pytest.fixture
def wide(browser: Browser, base: str) -> Iterator[Watched]:
    with watched(browser, base, viewport=WIDE) as seen:
        seen.context.set_default_navigation_timeout(SLOW)
        yield seen
    assert not seen.refused
    assert not seen.complaints


def test_a_cation_is_drawn_and_its_forgotten_charge_set(wide: Watched) -> None:
    page = wide.open("/ionic_liquids?cation=C4mim&anion=BF4")
    expect(page.get_by_role("heading", name="[C4mim][BF4]")).to_be_visible(timeout=SLOW)
    frame = opened(page)
    draw_methylpyridinium(page, frame)
    applied(page, frame)
    page.wait_for_function("document.location.search.includes('anion=BF4')", timeout=SLOW)
    expect(page.get_by_text("Understood as 1-methylpyridinium")).to_be_visible(timeout=SLOW)
    expect(page.get_by_text("was given its charge")).to_be_visible()
    expect(page.get_by_text("1-methylpyridinium tetrafluoroborate")).to_be_visible(timeout=SLOW)


def test_a_whole_ionic_liquid_on_the_canvas_is_changed_with_the_keys(wide: Watched) -> None:
    page = wide.open("/ionic_liquids?cation=C4mim&anion=Cl")
    expect(page.get_by_role("heading", name="[C4mim][Cl]")).to_be_visible(timeout=SLOW)
    frame = opened(page)
    label = frame.locator("svg text", has_text="Cl").first.bounding_box()
    place = label["x"] + label["width"] / 2, label["y"] + label["height"] / 2
    page.mouse.move(*place)
    page.wait_for_timeout(300)
    page.keyboard.press("b")  # bromine
    page.wait_for_timeout(300)
    page.mouse.click(*place)
    page.wait_for_timeout(500)
    applied(page, frame)
    expect(page.get_by_role("heading", name="[C4mim][Br]")).to_be_visible(timeout=SLOW)


def test_a_repeat_unit_is_drawn_bond_by_bond(wide: Watched) -> None:
    page = wide.open("/polymer_solvent?polymer=PS&solvent=toluene")
    expect(page.get_by_role("heading", name="polystyrene (PS)")).to_be_visible(timeout=SLOW)
    frame = opened(page)
    draw_chain(page, frame, atoms=3)
    applied(page, frame)
    expect(page.get_by_text("Understood as polyethylene")).to_be_visible(timeout=SLOW)
    page.wait_for_function("document.location.search.includes('polymer=PE')", timeout=SLOW)


def test_what_cannot_be_used_is_told_in_the_editor_and_nothing_is_lost(wide: Watched) -> None:
    page = wide.open("/polymer_solvent?polymer=PS&solvent=toluene")
    expect(page.get_by_role("heading", name="polystyrene (PS)")).to_be_visible(timeout=SLOW)
    frame = opened(page)
    use(page, frame, "Nitrogen", middle(frame))
    use(page, frame, "Charge Plus", middle(frame))
    frame.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("dialog").get_by_test_id("stAlert")).to_be_visible(timeout=SLOW)
    expect(frame.get_by_role("button", name="Apply")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_role("dialog")).to_have_count(0, timeout=SLOW)
    expect(page.get_by_role("heading", name="polystyrene (PS)")).to_be_visible()


def test_two_actions_lead_to_the_curves_of_an_ionic_liquid(wide: Watched) -> None:
    page = wide.open("/")
    box = page.get_by_role("textbox")
    expect(box).to_be_visible(timeout=SLOW)
    box.fill("[bmim][BF4]")  # the first action
    box.press("Enter")  # the second
    expect(page.get_by_role("heading", name="[C4mim][BF4]")).to_be_visible(timeout=SLOW)
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible(timeout=SLOW)
    page.wait_for_function("document.location.search.includes('cation=C4mim&anion=BF4')")


def test_two_actions_lead_to_the_solvents_of_a_polymer(wide: Watched) -> None:
    page = wide.open("/")
    box = page.get_by_role("textbox")
    expect(box).to_be_visible(timeout=SLOW)
    box.fill("polystyrene")
    box.press("Enter")  # typed and sent: the first action
    page.get_by_role("link", name="Find solvents").click(timeout=SLOW)  # the second
    expect(page.get_by_role("heading", name="Solvents for polystyrene", exact=False)).to_be_visible(
        timeout=5 * SLOW
    )
    expect(page.get_by_text(re.compile(r"of \d+ solvents")).first).to_be_visible(timeout=5 * SLOW)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", ["/", "/ionic_liquids", "/polymer_solvent", "/maps"])
def test_a_phone_offers_text_alone_and_says_so(
    browser: Browser, base: str, address: str, scheme: str
) -> None:
    with watched(browser, base, viewport=PHONE, color_scheme=scheme) as seen:
        seen.context.set_default_navigation_timeout(SLOW)
        page = seen.open(address)
        expect(page.get_by_text("Drawing needs a wider screen").first).to_be_visible(timeout=SLOW)
        expect(page.get_by_role("button", name="Draw", exact=True)).to_have_count(0)
        main = page.get_by_test_id("stMain")
        assert main.evaluate("node => node.scrollWidth <= node.clientWidth")
        assert not seen.refused
        assert not seen.complaints
