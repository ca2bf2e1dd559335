"""A table in a real browser: brought, checked, predicted, taken home."""

import csv
import io
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.app_server import CHROMIUM, Watched, watched

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium found"),
]
SLOW = 90_000  # milliseconds: a cold start on a busy machine
NASTY = (
    'Kation;Anion;Temperatur / °C;p [bar];<script>document.title="gone"</script>\n'
    'bmim;Tf2N;25,5;1,01;"=HYPERLINK(""http://evil.example"")"\n'
    "emim;dca;60;;![x](https://evil.example/x.png)\n"
    "bmimm;Tf2N;40;1;vertippt\n"
)


@pytest.fixture(params=[1400, 390], ids=["wide", "phone"])
def seen(browser: Browser, base: str, request: pytest.FixtureRequest) -> Iterator[Watched]:
    viewport = {"width": request.param, "height": 900}
    with watched(browser, base, viewport=viewport) as seen:
        yield seen
    assert not seen.refused
    assert not seen.complaints


def bring(page: Page, text: str) -> None:
    page.locator("input[type=file]").set_input_files(
        {"name": "meine Liste.csv", "mimeType": "text/csv", "buffer": text.encode("latin-1")}
    )
    expect(page.get_by_role("heading", name="The first rows")).to_be_visible(timeout=SLOW)


def downloaded(page: Page, button: str) -> list[list[str]]:
    with page.expect_download(timeout=SLOW) as download:
        page.get_by_role("button", name=button, exact=True).click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))


def test_from_upload_to_download(seen: Watched) -> None:
    page = seen.open("/batch")
    expect(page.get_by_role("heading", name="Predict a table")).to_be_visible(timeout=SLOW)
    title = page.title()
    bring(page, NASTY)
    expect(page.get_by_label("Unit of temperature")).to_have_value("°C", timeout=SLOW)
    expect(page.get_by_label("Unit of pressure")).to_have_value("bar", timeout=SLOW)
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_test_id("stMetricValue")).to_have_text(["3", "2", "1"], timeout=SLOW)
    plain, excel = downloaded(page, "CSV"), downloaded(page, "CSV for Excel")
    given = list(csv.reader(io.StringIO(NASTY), delimiter=";"))
    assert [row[:5] for row in plain] == given
    assert [row[:4] for row in excel] == [row[:4] for row in given]
    assert excel[1][4] == f"'{given[1][4]}"
    errors = [row[-1] for row in plain]
    assert errors[0] == "error"
    assert [bool(error) for error in errors[1:]] == [False, False, True]
    assert "bmim" in errors[3]
    assert plain[1][5].replace(".", ",") == excel[1][5]
    assert page.title() == title
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, "nothing sticks out at the side"


def test_the_columns_can_be_chosen_and_the_work_stopped(browser: Browser, base: str) -> None:
    with watched(browser, base, viewport={"width": 1400, "height": 1000}) as seen:
        page = seen.open("/batch")
        expect(page.get_by_role("button", name="Try the example")).to_be_visible(timeout=SLOW)
        rows = "".join(f"C4mim;Tf2N;{i % 90}\n" for i in range(19_000))
        bring(page, f"A;B;T\n{rows}")
        page.get_by_role("combobox", name="Temperature", exact=True).click()
        page.get_by_role("option", name="not in the table").click()
        expect(page.get_by_text("Without a temperature only")).to_be_visible(timeout=SLOW)
        page.get_by_role("button", name="Start", exact=True).click()
        page.get_by_role("button", name="Cancel", exact=True).click(timeout=SLOW)
        expect(page.get_by_text("the table is still here")).to_be_visible(timeout=SLOW)
        expect(page.get_by_role("button", name="Start", exact=True)).to_be_enabled()
        assert not seen.complaints
