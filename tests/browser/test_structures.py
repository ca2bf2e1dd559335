"""The box for structures in a real browser: drawing, and the paths of who opens the app first."""

import re
from collections.abc import Iterator
from itertools import pairwise

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from tests.browser.app_server import CHROMIUM, Watched, watched

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium found"),
]
WIDE = {"width": 1400, "height": 1000}
PHONE = {"width": 390, "height": 844}
SLOW = 60_000  # milliseconds: a cold start on a busy machine
COLD = 120_000  # the editor is 12 MB of script
BOND = 40.0  # pixels, as the editor opens
# Known and harmless: the editor asks for its bus of events before it has made one.
EDITOR = "eventBus"


@pytest.fixture
def wide(browser: Browser, base: str) -> Iterator[Watched]:
    with watched(browser, base, viewport=WIDE) as seen:
        seen.context.set_default_navigation_timeout(SLOW)
        yield seen
    assert not seen.refused
    assert not [complaint for complaint in seen.complaints if EDITOR not in complaint]


def opened(page: Page) -> FrameLocator:
    """Open the editor and wait until it can be drawn in."""
    page.get_by_role("button", name="Draw", exact=True).click()
    frame = page.frame_locator('iframe[title*="ketcher"]')
    expect(frame.get_by_role("button", name="Apply")).to_be_enabled(timeout=COLD)
    expect(frame.locator(".Ketcher-root svg").first).to_be_attached(timeout=COLD)
    page.wait_for_timeout(1500)  # what it opens with is put on the canvas
    return frame


def middle(frame: FrameLocator) -> tuple[float, float]:
    """The middle of the canvas on the page."""
    box = frame.locator(".Ketcher-root").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def use(page: Page, frame: FrameLocator, tool: str, *places: tuple[float, float]) -> None:
    """Choose a tool, then click at places."""
    frame.locator(f'button[title^="{tool}"]').click()
    for place in places:
        page.mouse.move(*place)
        page.wait_for_timeout(300)
        page.mouse.click(*place)
        page.wait_for_timeout(500)


def applied(page: Page, frame: FrameLocator) -> None:
    """Take what is drawn; the editor closes."""
    frame.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("dialog")).to_have_count(0, timeout=SLOW)


def test_a_cation_is_drawn_and_its_forgotten_charge_set(wide: Watched) -> None:
    page = wide.open("/ionic_liquids?cation=C4mim&anion=BF4")
    expect(page.get_by_role("heading", name="[C4mim][BF4]")).to_be_visible(timeout=SLOW)
    frame = opened(page)
    frame.locator('button[title^="Clear Canvas"]').click()
    x, y = middle(frame)
    use(page, frame, "Benzene", (x, y))
    use(page, frame, "Nitrogen", (x, y - BOND))
    use(page, frame, "Single Bond", (x, y - BOND))
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


def draw_chain(page: Page, frame: FrameLocator, *, atoms: int) -> None:
    """Draw a straight chain with open ends, the first bond by a click, the others by dragging."""
    x, y = middle(frame)
    half = BOND / 2
    first, second = (x - 0.866 * half, y + 0.5 * half), (x + 0.866 * half, y - 0.5 * half)
    use(page, frame, "Single Bond", (x, y))
    places = [second, *((second[0] + i * BOND, second[1]) for i in range(1, atoms - 1))]
    for here, there in pairwise(places):
        page.mouse.move(*here)
        page.wait_for_timeout(300)
        page.mouse.down()
        page.mouse.move(there[0] + BOND, there[1], steps=8)
        page.mouse.up()
        page.wait_for_timeout(500)
    use(page, frame, "Any atom", first, places[-1])


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
