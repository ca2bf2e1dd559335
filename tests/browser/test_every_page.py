"""Every page by a deep link in a new browser: wide and narrow, light and dark, and shared."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.addresses import ADDRESSES, Address, of_the_app, with_a_link
from tests.browser.app_server import CHROMIUM, Watched, serve, settled, shows, watched

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium found"),
]
COLD = 120_000  # milliseconds: the first page of a cold server on a busy machine
WIDE, PHONE = {"width": 1400, "height": 1000}, {"width": 390, "height": 844}
FIRST = list({address.page: name for name, address in reversed(ADDRESSES.items())}.values())
SHARED = [name for name, address in ADDRESSES.items() if address.shared]


def brought(seen: Watched, address: Address, path: str | None = None) -> Page:
    """Open a page by its link, or by another to the same state; it shows it, nothing is amiss."""
    page = settled(seen.open(path or address.path), COLD)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.get_by_text("Page not found")).to_have_count(0)
    main = page.get_by_test_id("stMain")
    for word in address.words:
        expect(main.get_by_text(word).first).to_be_visible(timeout=COLD)
    for label, value in address.values.items():
        field = main.locator(f':is(input, textarea)[aria-label="{label}"]').first
        expect(field).to_have_value(value, timeout=COLD)
    for label in address.chosen:
        expect(main.get_by_role("radio", name=label, exact=True)).to_be_checked(timeout=COLD)
    if address.charts:
        last = page.locator(".js-plotly-plot").nth(address.charts - 1)
        expect(last).to_be_visible(timeout=COLD)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    assert not seen.refused
    assert not seen.complaints
    return page


def within(page: Page) -> bool:
    """Whether nothing sticks out at the side."""
    return bool(
        page.evaluate(
            "[document.documentElement, document.querySelector('[data-testid=stMain]')]"
            ".every(node => node.scrollWidth <= node.clientWidth)"
        )
    )


def test_no_page_of_the_app_is_forgotten() -> None:
    assert set(of_the_app()) == {address.page for address in ADDRESSES.values()}
    assert {page for page in of_the_app() if with_a_link(page)} == {
        ADDRESSES[name].page for name in SHARED
    }


@pytest.mark.parametrize("name", FIRST)
def test_a_page_opens_in_the_state_of_its_link(browser: Browser, base: str, name: str) -> None:
    with watched(browser, base, viewport=WIDE) as seen:
        brought(seen, ADDRESSES[name])


@pytest.mark.slow
@pytest.mark.parametrize("scheme,viewport", [("dark", WIDE), ("light", PHONE)])
@pytest.mark.parametrize("name", ADDRESSES)
def test_every_view_opens_dark_and_narrow(
    browser: Browser, base: str, name: str, scheme: str, viewport: dict[str, int]
) -> None:
    with watched(browser, base, viewport=viewport, color_scheme=scheme) as seen:
        page = brought(seen, ADDRESSES[name])
        app = page.get_by_test_id("stApp")
        assert app.evaluate("node => getComputedStyle(node).colorScheme") == scheme
        assert within(page)


@pytest.mark.slow
@pytest.mark.parametrize("name", FIRST)
def test_a_page_may_be_the_first_that_a_fresh_server_shows(browser: Browser, name: str) -> None:
    with serve() as fresh, watched(browser, fresh, viewport=WIDE) as seen:
        page = brought(seen, ADDRESSES[name])
        expect(page.get_by_role("link", name="Home")).to_be_visible()


@pytest.mark.slow
@pytest.mark.parametrize("name", SHARED)
def test_a_shared_link_brings_everything_back(browser: Browser, base: str, name: str) -> None:
    address = ADDRESSES[name]
    with watched(browser, base, viewport=WIDE) as first:
        page = brought(first, address)
        before = shows(page, COLD)
        page.get_by_role("button", name="Save and share").click()
        code = page.get_by_test_id("stPopoverBody").locator("code").first
        expect(code).to_contain_text("http", timeout=COLD)
        link = code.inner_text()
    assert link.startswith(base)
    told = link.replace("%7E", "~")
    assert all(part in told for part in address.query.split("&") if "where" not in part), link
    with watched(browser, base, viewport=WIDE) as second:
        assert shows(brought(second, address, link.removeprefix(base)), COLD) == before
