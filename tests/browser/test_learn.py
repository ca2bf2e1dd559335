"""Lessons in a real browser: a deep link on a fresh server, a slider, a guess, a phone."""

import json

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.app_server import CHROMIUM, serve, watched

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium found"),
]
WIDE = {"width": 1300, "height": 1000}
PHONE = {"width": 390, "height": 844}
SLOW = 60_000  # milliseconds: a cold start on a busy machine


def curve(page: Page, name: str) -> list[float]:
    """What a trace of the first chart shows, once it is drawn."""
    page.wait_for_function(
        "[...document.querySelectorAll('.js-plotly-plot')].some(g => g.calcdata)", timeout=SLOW
    )
    found: list[float] = json.loads(
        page.evaluate(
            "name => JSON.stringify([...[...document.querySelectorAll('.js-plotly-plot')]"
            ".flatMap(g => g._fullData || []).find(t => t.name === name).y])",
            name,
        )
    )
    return found


def test_a_lesson_on_a_fresh_server_its_slider_a_guess_and_a_phone(browser: Browser) -> None:
    with serve() as base:
        with watched(browser, base, viewport=WIDE) as seen:
            page = seen.open("/learn?lesson=flory&n=100&chi=0.4")
            expect(page.get_by_role("heading", name="When does a polymer")).to_be_visible(
                timeout=SLOW
            )
            before = curve(page, "one phase")
            slider = page.get_by_test_id("stSlider").last.get_by_role("slider")
            slider.focus()
            for _ in range(5):
                slider.press("PageUp")
                page.wait_for_timeout(100)
            page.wait_for_function("!document.location.search.includes('chi=0.4&')", timeout=SLOW)
            page.wait_for_timeout(1500)
            assert curve(page, "one phase") != before

            page.goto(base + "/learn?lesson=guess&seed=3")
            answer = page.get_by_role("button", name="This is my answer")
            expect(answer).to_be_visible(timeout=SLOW)
            expect(page.get_by_text("Why?")).to_have_count(0)
            page.get_by_test_id("stRadio").locator("label").nth(1).click()
            page.wait_for_timeout(800)
            answer.click()
            expect(page.get_by_text("Why?")).to_be_visible(timeout=SLOW)
            expect(page.get_by_text("Right so far")).to_be_visible()
            page.get_by_role("button", name="Next").click()
            expect(page.get_by_text("Question 2 of 6")).to_be_visible(timeout=SLOW)
            assert not seen.refused
            assert not seen.complaints
        with watched(browser, base, viewport=PHONE) as seen:
            page = seen.open("/learn?lesson=chain&anion=BF4")
            expect(page.get_by_role("heading", name="What does a longer")).to_be_visible(
                timeout=SLOW
            )
            page.wait_for_selector(".js-plotly-plot .scatterlayer", timeout=SLOW)
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= PHONE["width"]
            assert not seen.refused
            assert not seen.complaints
