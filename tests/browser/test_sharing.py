"""What is saved and copied is what it says it is; the comparison goes from page to page."""

import csv
import io
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser.app_server import CHROMIUM, ROOT, Watched, shows, watched

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium found"),
]
WIDE = {"width": 1400, "height": 1000}
PHONE = {"width": 390, "height": 844}
SLOW = 90_000  # milliseconds: a cold start on a busy machine


@pytest.fixture
def wide(browser: Browser, base: str) -> Iterator[Watched]:
    with watched(browser, base, viewport=WIDE) as seen:
        yield seen
    assert not seen.refused
    assert not seen.complaints


def drawn(page: Page) -> Page:
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible(timeout=SLOW)
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0, timeout=SLOW)
    return page


def opened(page: Page) -> Page:
    page.get_by_role("button", name="Save and share").click()
    expect(page.get_by_role("button", name="Data (CSV)")).to_be_visible(timeout=SLOW)
    return page


def copied(page: Page, way: str) -> str:
    body = page.get_by_test_id("stPopoverBody")
    body.get_by_text(way, exact=True).click()
    code = body.locator("code").first
    marks = {"Link": "http", "Python": "import", "Command line": "python -m", "BibTeX": "@software"}
    expect(code).to_contain_text(marks[way], timeout=SLOW)
    return code.inner_text()


def saved(page: Page, name: str) -> Path:
    with page.expect_download(timeout=SLOW) as download:
        page.get_by_role("button", name=name, exact=True).click()
    kept = Path(download.value.path())
    return kept.rename(kept.with_name(f"{kept.name}-{download.value.suggested_filename}"))


def test_pictures_and_page_are_made_in_the_browser(wide: Watched, browser: Browser) -> None:
    page = opened(drawn(wide.open("/ionic_liquids?cation=C4mim&anion=Tf2N")))
    before = shows(page, SLOW)
    svg = saved(page, "SVG").read_text("utf-8")
    assert svg.startswith("<svg")
    assert "Density" in svg
    assert "[C4mim][Tf2N]" in svg
    png = Image.open(saved(page, "PNG"))
    assert png.format == "PNG"
    assert png.size == (3 * 780, 3 * 520)
    assert png.convert("RGB").getpixel((2, 2)) == (255, 255, 255)
    assert len(png.convert("RGB").getcolors(1 << 22)) > 20
    html = saved(page, "Page (HTML)")
    assert html.read_bytes().startswith(b"<!DOCTYPE html>")
    assert shows(page, SLOW) == before  # the chart on the page is as it was
    context = browser.new_context(offline=True)
    alone = context.new_page()
    complaints: list[str] = []
    alone.on("pageerror", lambda error: complaints.append(str(error)))
    alone.goto(html.as_uri())
    expect(alone.locator(".js-plotly-plot .main-svg").first).to_be_visible(timeout=SLOW)
    expect(alone.locator(".js-plotly-plot")).to_have_count(4)
    assert complaints == []
    context.close()


def test_a_chart_in_space_is_saved_too(wide: Watched) -> None:
    address = "/polymer_solvent?polymer=PS&solvent=toluene&view=hansen"
    page = wide.open(address)
    expect(page.locator(".js-plotly-plot canvas").first).to_be_visible(timeout=SLOW)
    page.wait_for_timeout(2500)
    png = Image.open(saved(opened(page), "PNG")).convert("RGB")
    assert len(png.getcolors(1 << 24)) > 200


def test_what_is_copied_runs_and_gives_the_numbers_of_the_page(wide: Watched) -> None:
    page = opened(drawn(wide.open("/ionic_liquids?cation=C2mim&anion=DCA&T=323.15&P=5000")))
    rows = list(csv.DictReader(io.StringIO(saved(page, "Data (CSV)").read_text("utf-8-sig"))))
    assert all(
        row["model"] and row["solvarium_version"] for row in rows if row["kind"] != "measured"
    )
    assert not any(row["model"] for row in rows if row["kind"] == "measured")
    density = next(r for r in rows if r["kind"] == "predicted" and r["property"] == "Density")
    line, python = copied(page, "Command line"), copied(page, "Python")
    assert "sethi2025" in copied(page, "BibTeX")
    first, *words = shlex.split(line)
    assert first == "python"
    for command in ([sys.executable, *words, "--json"], [sys.executable, "-c", python]):
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=True
        )
        if command[-1] == "--json":
            value = json.loads(done.stdout)[0]["predictions"]["density_kg_m3"]["value"]
        else:
            value = float(re.search(r",density_kg_m3,([^,]+),", done.stdout)[1])
        assert value / 1000.0 == pytest.approx(float(density["value"]), rel=1e-5)


def test_the_comparison_goes_from_page_to_page(wide: Watched) -> None:
    page = drawn(wide.open("/ionic_liquids?cation=C4mim&anion=BF4"))
    page.get_by_role("button", name="Add to comparison").click()
    expect(page.get_by_role("button", name="In the comparison")).to_be_visible(timeout=SLOW)
    page.wait_for_function("document.location.search.includes('with=')", timeout=SLOW)
    page.go_back()
    expect(page.get_by_role("button", name="Add to comparison")).to_be_visible(timeout=SLOW)
    page.go_forward()
    page.get_by_role("link", name="Compare 1").click()
    expect(page.get_by_text("1 ionic liquid", exact=True)).to_be_visible(timeout=SLOW)
    page.get_by_role("textbox", name="Add an ionic liquid").fill("[emim][DCA]")
    page.keyboard.press("Enter")
    expect(page.get_by_text("2 ionic liquids", exact=True)).to_be_visible(timeout=SLOW)
    page.wait_for_function("/C2mim(~|%7E)DCA/.test(document.location.search)", timeout=SLOW)
    # A button with a hint is there twice, one for fingers and one for the mouse.
    left = page.get_by_role("button", name="Move to the left", exact=True)
    left.filter(visible=True).nth(1).click()
    page.wait_for_function(
        "document.location.search.indexOf('C2mim') < document.location.search.indexOf('C4mim')",
        timeout=SLOW,
    )
    page.go_back()
    page.wait_for_function(
        "document.location.search.indexOf('C2mim') > document.location.search.indexOf('C4mim')",
        timeout=SLOW,
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_comparison_fits_a_phone(browser: Browser, base: str, scheme: str) -> None:
    with watched(browser, base, viewport=PHONE, color_scheme=scheme) as seen:
        page = drawn(seen.open("/compare?liquid=C2mim~Tf2N&liquid=C4mim~BF4"))
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        opened(page)
        page.get_by_role("button", name="SVG", exact=True).scroll_into_view_if_needed()
        assert saved(page, "SVG").read_bytes().startswith(b"<svg")
        assert not seen.refused
        assert not seen.complaints
