"""The pointer on a map: the drawing of the molecule below it."""

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.app_server import CHROMIUM, watched

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium found"),
]
SLOW = 180_000  # milliseconds: a cold start on a busy machine
DCA, TF2N = "N#C[N-]C#N", "O=S(=O)([N-]S(=O)(=O)C(F)(F)F)C(F)(F)F"


def place_of(page: Page, smiles: str) -> list[float]:
    """Where a molecule lies on the screen."""
    page.wait_for_function("!!document.querySelector('.js-plotly-plot')?.calcdata", timeout=SLOW)
    place: list[float] = page.evaluate(
        """smiles => {
            const chart = document.querySelector(".js-plotly-plot");
            const [x, y] = [chart._fullLayout.xaxis, chart._fullLayout.yaxis];
            const trace = chart._fullData.find(t => t.customdata?.includes(smiles));
            const at = trace.customdata.indexOf(smiles);
            const box = chart.querySelector(".nsewdrag").getBoundingClientRect();
            return [box.left + x.d2p(trace.x[at]), box.top + y.d2p(trace.y[at])];
        }""",
        smiles,
    )
    return place


def rest_on(page: Page, smiles: str) -> None:
    """Move the pointer to a molecule as a hand would, on a chart that has come to rest."""
    place = None
    while (now := place_of(page, smiles)) != place:
        place = now
        page.wait_for_timeout(700)
    page.mouse.move(*place, steps=8)


def card(page: Page, smiles: str) -> Locator:
    return page.locator(f'[role="tooltip"][data-smiles="{smiles}"]')


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pointer_shows_the_drawing_of_a_molecule(
    browser: Browser, base: str, scheme: str
) -> None:
    size = {"width": 1400, "height": 1000}
    with watched(browser, base, viewport=size, color_scheme=scheme) as seen:
        page = seen.open("/maps?map=anion&at=Br")
        rest_on(page, DCA)
        drawn = card(page, DCA)
        expect(drawn).to_be_visible(timeout=SLOW)
        image = drawn.get_by_role("img", name="Structure of [DCA]")
        expect(image).to_be_visible()
        assert image.evaluate("node => node.complete && node.naturalWidth > 40")
        first = drawn.bounding_box()
        rest_on(page, TF2N)
        expect(card(page, TF2N)).to_be_visible(timeout=SLOW)
        expect(drawn).to_have_count(0)
        assert card(page, TF2N).bounding_box() != first
        page.mouse.move(5, 5)
        expect(card(page, TF2N)).to_be_hidden()
        rest_on(page, DCA)  # kept: at once, without the server
        expect(drawn).to_be_visible(timeout=1000)
        assert not seen.refused
        assert not seen.complaints


def test_a_chart_that_was_made_anew_is_still_heard(browser: Browser, base: str) -> None:
    with watched(browser, base, viewport={"width": 1400, "height": 1000}) as seen:
        page = seen.open("/maps?map=anion&at=Br")
        place_of(page, DCA)
        page.get_by_text("Solvents", exact=True).first.click()
        page.wait_for_function("document.location.search.includes('map=solvent')", timeout=SLOW)
        page.wait_for_function(
            "document.querySelector('.js-plotly-plot')?._fullData?.some("
            "t => t.customdata?.includes('CCO'))",
            timeout=SLOW,
        )
        page.wait_for_timeout(1000)
        rest_on(page, "CCO")
        expect(card(page, "CCO")).to_be_visible(timeout=SLOW)
        assert not seen.complaints
