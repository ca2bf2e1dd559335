import csv
import io
import json
import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from core.names import solvents
from tests.browser.app_server import CHROMIUM, Watched, serve, settled, watched

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium found"),
]
WIDE = {"width": 1400, "height": 1000}
PHONE = {"width": 390, "height": 844}
SLOW = 60_000  # milliseconds: a cold start on a busy machine


@pytest.fixture
def wide(browser: Browser, base: str) -> Iterator[Watched]:
    with watched(browser, base, viewport=WIDE) as seen:
        yield seen
    assert not seen.refused
    assert not seen.complaints


def ready(page: Page, name: str, cards: int = 5) -> Page:
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible(timeout=SLOW)
    expect(page.get_by_test_id("stMetricValue")).to_have_count(cards, timeout=SLOW)
    return page


def charts(page: Page, count: int = 4) -> list[dict]:
    """What each chart shows, once all are drawn."""
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible(timeout=SLOW)
    expect(page.locator(".js-plotly-plot")).to_have_count(count, timeout=SLOW)
    page.wait_for_function(
        "[...document.querySelectorAll('.js-plotly-plot')].every(g => g._fullData && g.calcdata)"
    )
    return json.loads(
        page.evaluate(
            "JSON.stringify([...document.querySelectorAll('.js-plotly-plot')].map(g => "
            "g._fullData.map(t => ({name: t.name, hover: t.hovertemplate || '', x: [...t.x],"
            " y: [...t.y], fill: t.fill}))))"
        )
    )


def values(page: Page) -> list[str]:
    return page.get_by_test_id("stMetricValue").all_inner_texts()


def test_a_deep_link_works_on_a_fresh_server(browser: Browser) -> None:
    with serve() as base, watched(browser, base, viewport=WIDE) as seen:
        page = seen.open("/ionic_liquids?cation=C2mim&anion=BF4&T=313.15")
        ready(page, "[C2mim][BF4]")
        expect(page.get_by_text("Page not found")).to_have_count(0)
        expect(page.get_by_role("link", name="Home")).to_be_visible()
        expect(page.get_by_role("spinbutton", name="Temperature")).to_have_value("40")
        assert len(charts(page)) == 4
        assert not seen.refused
        assert not seen.complaints


def test_choosing_another_anion_changes_values_curves_and_link(wide: Watched) -> None:
    page = ready(wide.open("/ionic_liquids?cation=C4mim&anion=Tf2N"), "[C4mim][Tf2N]")
    numbers, curves = values(page), charts(page)
    assert any(", measured" in trace["hover"] for trace in curves[0])
    assert any(trace["fill"] == "toself" for trace in curves[0])
    page.get_by_role("combobox", name="Anion").click()
    page.keyboard.type("dicyan")
    page.keyboard.press("Enter")
    ready(page, "[C4mim][DCA]")
    page.wait_for_function("document.location.search.includes('anion=DCA')")
    page.wait_for_timeout(1000)
    assert all(old != new for old, new in zip(numbers[:4], values(page)[:4], strict=True))
    assert all(old != new for old, new in zip(curves, charts(page), strict=True))
    page.go_back()
    ready(page, "[C4mim][Tf2N]")


def test_no_click_is_lost_and_the_file_holds_what_is_shown(wide: Watched) -> None:
    page = ready(wide.open("/ionic_liquids?cation=C4mim&anion=Tf2N"), "[C4mim][Tf2N]")
    charts(page)
    up = page.get_by_test_id("stNumberInputStepUp").first
    for _ in range(3):
        up.evaluate("node => node.click()")
        page.wait_for_timeout(60)  # faster than the page is drawn anew
    page.wait_for_function("document.location.search.includes('T=313.15')", timeout=SLOW)
    expect(page.get_by_role("spinbutton", name="Temperature")).to_have_value("40")
    page.get_by_role("button", name="Save and share").click()
    with page.expect_download(timeout=SLOW) as download:
        page.get_by_role("button", name="Data (CSV)").click(timeout=SLOW)
    text = download.value.path().read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {row["kind"] for row in rows} == {"predicted", "curve", "measured"}
    assert {row["cation_smiles"] for row in rows} == {"CCCCn1cc[n+](C)c1"}
    predicted = {row["property"]: row for row in rows if row["kind"] == "predicted"}
    assert len(predicted) == 5
    density = predicted["Density"]
    assert float(density["temperature_K"]) == 313.15
    assert density["unit"] == "g/cm³"
    assert float(density["low"]) < float(density["value"]) < float(density["high"])
    assert density["model"]
    assert values(page)[0].startswith(f"{float(density['value']):.2f}"[:3])


def test_the_3d_view_draws_without_a_network(wide: Watched) -> None:
    page = ready(wide.open("/ionic_liquids"), "[C4mim][Tf2N]")
    title = page.title()
    page.get_by_role("radio", name="3-D").or_(page.get_by_text("3-D", exact=True)).first.click()
    frame = page.locator("iframe").first
    expect(frame).to_be_visible(timeout=SLOW)
    expect(page.frame_locator("iframe").first.locator("canvas").first).to_be_visible(timeout=SLOW)
    page.wait_for_timeout(2500)
    picture = Image.open(io.BytesIO(frame.screenshot())).convert("RGB")
    assert len(picture.getcolors(1 << 20)) > 50
    assert page.title() == title


def test_text_is_understood_or_told_beside_the_box_and_nothing_is_lost(wide: Watched) -> None:
    page = ready(wide.open("/ionic_liquids?cation=C2mim&anion=BF4"), "[C2mim][BF4]")
    page.get_by_role("combobox", name="Cation").click()
    page.keyboard.type("bmim")  # stands in no label
    page.keyboard.press("Enter")
    ready(page, "[C4mim][BF4]")
    box = page.get_by_role("textbox", name="Type, paste or draw it")
    box.fill("![x](https://evil.example/x.png)")
    box.press("Enter")
    expect(page.get_by_test_id("stAlert")).to_be_visible(timeout=SLOW)
    ready(page, "[C4mim][BF4]")
    box.fill("CCn1cc[n+](C)c1.N#C[N-]C#N")
    box.press("Enter")
    ready(page, "[C2mim][DCA]")
    expect(page.get_by_test_id("stAlert")).to_have_count(0)


def test_solvents_are_typed_and_compared_and_the_file_holds_them(wide: Watched) -> None:
    page = ready(wide.open("/polymer_solvent?polymer=PS&solvent=toluene"), "polystyrene (PS)", 1)
    (before,) = charts(page, 1)
    box = page.get_by_role("combobox", name="Solvents")
    box.click()
    page.keyboard.type("THF")  # stands in no label
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")  # the list stays open for a further choice
    ready(page, "polystyrene (PS)", 2)
    page.wait_for_function("document.location.search.includes('solvent=tetrahydrofuran')")
    (after,) = charts(page, 1)
    assert {trace["name"] for trace in after} > {trace["name"] for trace in before}
    page.get_by_role("button", name="Save and share").click()
    with page.expect_download(timeout=SLOW) as download:
        page.get_by_role("button", name="Data (CSV)").click(timeout=SLOW)
    text = download.value.path().read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {row["solvent"] for row in rows} == {"toluene", "tetrahydrofuran"}
    assert {"predicted", "curve"} <= {row["kind"] for row in rows}
    predicted = next(row for row in rows if row["kind"] == "predicted")
    assert float(predicted["chi_low"]) < float(predicted["chi"]) < float(predicted["chi_high"])
    assert values(page)[0] == f"{float(predicted['chi']):.2f}"


def test_every_view_of_polymers_is_drawn(wide: Watched) -> None:
    page = ready(wide.open("/polymer_solvent"), "polystyrene (PS)", 2)
    for label, kind in (
        ("Phase diagram", ".cartesianlayer"),
        ("Hansen comparison", ".gl-container canvas"),
        ("Solubility space", ".gl-container canvas"),
        ("χ against temperature", ".cartesianlayer"),
    ):
        page.get_by_role("radio", name=label).or_(page.get_by_text(label, exact=True)).first.click()
        expect(page.locator(f".js-plotly-plot {kind}").first).to_be_attached(timeout=SLOW)
    page.get_by_text("Measured data", exact=True).first.click()
    expect(page.locator(".js-plotly-plot")).to_have_count(0, timeout=SLOW)
    expect(
        page.get_by_test_id("stAlert").or_(page.get_by_test_id("stDataFrame")).first
    ).to_be_visible(timeout=SLOW)


def test_a_click_on_the_map_opens_the_card_of_that_ion(wide: Watched) -> None:
    page = wide.open("/maps?map=anion&at=Tf2N")
    heading = page.get_by_role("heading", level=2)
    expect(heading).to_have_text("[Tf2N]", timeout=SLOW)
    points = page.locator(".js-plotly-plot .scatterlayer .trace").first.locator("path.point")
    expect(points.first).to_be_attached(timeout=SLOW)
    place = page.evaluate(
        """() => {
            const chart = document.querySelector(".js-plotly-plot");
            const [x, y] = [chart._fullLayout.xaxis, chart._fullLayout.yaxis];
            const trace = chart._fullData.find(t => t.customdata.includes("N#C[N-]C#N"));
            const at = trace.customdata.indexOf("N#C[N-]C#N");
            const box = chart.querySelector(".nsewdrag").getBoundingClientRect();
            return [box.left + x.d2p(trace.x[at]), box.top + y.d2p(trace.y[at])];
        }"""
    )
    page.mouse.move(*place)
    expect(page.locator(".js-plotly-plot .hoverlayer")).to_contain_text("[DCA]", timeout=SLOW)
    page.mouse.click(*place)
    expect(heading).to_have_text("[DCA]", timeout=SLOW)
    page.wait_for_function("document.location.search.includes('at=DCA')", timeout=SLOW)
    expect(page.get_by_role("heading", name="Nearest to [DCA]")).to_be_visible(timeout=SLOW)
    page.get_by_role("link", name="Open [DCA] with [C4mim]").click()
    ready(page, "[C4mim][DCA]")


def listed(page: Page) -> int:
    """How many solvents pass the filters."""
    said = page.get_by_text(re.compile(r"\d+ of \d+ solvents")).first
    expect(said).to_be_visible(timeout=5 * SLOW)
    return int(said.inner_text().split()[0])


def test_moving_a_slider_shortens_the_list_of_solvents(wide: Watched) -> None:
    page = wide.open("/shortlist?polymer=PS")
    before = listed(page)
    thumb = page.get_by_role("slider", name="Boiling point", exact=False).last
    thumb.focus()
    for _ in range(45):  # from 400 to 175 degrees Celsius
        page.keyboard.press("ArrowLeft")
    page.wait_for_function(
        "document.location.search.replace('%7E', '~').includes('bp=173.15~448.15')", timeout=SLOW
    )
    after = listed(settled(page, SLOW))
    assert 0 < after < before
    page.get_by_role("button", name="Save and share").click()
    with page.expect_download(timeout=SLOW) as download:
        page.get_by_role("button", name="Data (CSV)").click(timeout=SLOW)
    text = download.value.path().read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == after
    assert all(float(row["boiling_point_K"]) <= 448.15 for row in rows)


def dragged(page: Page, thumb: Locator, pixels: float) -> float:
    """Drag the end of a slider of a page at rest to the side; the number it then shows."""
    settled(page, SLOW)
    thumb.scroll_into_view_if_needed()
    # What carries the role is a clipped field inside of what is seen and taken hold of.
    before, box = shown(thumb), thumb.locator("xpath=ancestor::div[@data-rac][1]").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + pixels, y, steps=8)
    page.mouse.up()
    number = shown(thumb)
    assert number != before
    return number


def shown(thumb: Locator) -> float:
    return float(thumb.evaluate("node => node.ariaValueNow ?? node.value"))


@pytest.mark.slow
def test_the_sliders_of_the_shortlist_are_dragged_with_the_mouse(wide: Watched) -> None:
    page = wide.open("/shortlist?polymer=PS")
    counts = [listed(page)]
    boiling = page.get_by_role("slider", name="Boiling point", exact=False)
    distance = page.get_by_role("slider", name="RED (Hansen)", exact=False)
    ends: dict[str, float] = {}
    for name, thumb, pixels in (
        ("high", boiling.last, -60.0),
        ("low", boiling.first, 90.0),
        ("red", distance.last, -120.0),
    ):
        ends[name] = dragged(page, thumb, pixels)
        said = f"{counts[-1]} of {len(solvents())} solvents"
        expect(page.get_by_text(said)).to_have_count(0, timeout=SLOW)
        counts.append(listed(settled(page, SLOW)))
        assert shown(thumb) == ends[name]  # it stays where it was let go
    assert -100.0 < ends["low"] < ends["high"] < 400.0
    assert ends["red"] < 6.0
    assert counts == sorted(set(counts), reverse=True)
    query = parse_qs(urlsplit(page.url).query)
    low, high = (float(end) - 273.15 for end in query["bp"][0].split("~"))
    assert (low, high) == pytest.approx((ends["low"], ends["high"]))
    assert float(query["red"][0].split("~")[1]) == pytest.approx(ends["red"])
    page.get_by_role("button", name="Clear the filters").click()
    said = f"{counts[0]} of {len(solvents())} solvents"
    expect(page.get_by_text(said).first).to_be_visible(timeout=SLOW)


def test_a_click_on_a_solvent_shows_it_and_opens_its_pair(wide: Watched) -> None:
    page = wide.open("/shortlist?polymer=PS&chart=hansen&families=ketone&at=acetone")
    listed(page)
    card = page.get_by_text("CAS 67-64-1", exact=False)
    expect(card).to_be_visible(timeout=SLOW)
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible(timeout=SLOW)
    page.wait_for_timeout(1500)
    place = page.evaluate(
        """() => {
            const g = document.querySelector('.js-plotly-plot'), l = g._fullLayout;
            const t = g._fullData.find(t => t.name === 'solvents');
            g.scrollIntoView({block: 'center'});
            const s = g.getBoundingClientRect(), i = t.y.indexOf(Math.max(...t.y));
            return [s.x + l.xaxis._offset + l.xaxis.d2p(t.x[i]),
                    s.y + l.yaxis._offset + l.yaxis.d2p(t.y[i])];
        }"""
    )
    page.mouse.move(*place)
    page.wait_for_timeout(500)
    page.mouse.click(*place)
    expect(card).to_have_count(0, timeout=SLOW)
    page.get_by_role("link", name="Open this pair").click()
    ready(page, "polystyrene (PS)", 1)
    assert "/polymer_solvent" in page.url


@pytest.mark.parametrize(
    "address,scheme",
    [
        ("/", "light"),
        ("/shortlist?mode=selective", "light"),
        ("/shortlist?mode=blends&bp=300~390", "dark"),
        ("/maps?map=solvent", "dark"),
        ("/ionic_liquids?with=C2mim~BF4", "dark"),
        ("/polymer_solvent?solvent=toluene&solvent=water&solvent=acetone", "light"),
        ("/polymer_solvent?view=phases&composition=log", "dark"),
        ("/models", "dark"),
    ],
)
def test_nothing_sticks_out_on_a_phone(
    browser: Browser, base: str, address: str, scheme: str
) -> None:
    with watched(browser, base, viewport=PHONE, color_scheme=scheme) as seen:
        page = seen.open(address)
        expect(page.get_by_role("heading").first).to_be_visible(timeout=SLOW)
        page.wait_for_timeout(2500)
        main = page.get_by_test_id("stMain")
        assert main.evaluate("node => node.scrollWidth <= node.clientWidth")
        assert not seen.refused
        assert not seen.complaints


def screened(page: Page) -> int:
    """How many hits a screen has, once it has counted them."""
    count = page.get_by_test_id("stMetricValue").first
    expect(count).to_be_visible(timeout=5 * SLOW)  # some 100,000 ionic liquids, on a busy machine
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible(timeout=SLOW)
    return int("".join(c for c in count.inner_text() if c.isdigit()))


def test_dragging_a_slider_of_the_screen_changes_the_count(wide: Watched) -> None:
    page = wide.open("/screening")
    before = screened(page)
    assert 0 < before < 1_000_000
    dragged(page, page.get_by_role("slider", name="Viscosity", exact=False).last, 55)
    page.wait_for_function("!decodeURIComponent(location.search).includes('mPa_s+<=+50+')")
    count = page.get_by_test_id("stMetricValue").first
    expect(count).not_to_have_text(f"{before:,}", timeout=SLOW)
    page.wait_for_timeout(1500)
    assert screened(page) > before


def test_a_row_and_a_mark_of_the_screen_lead_to_the_ionic_liquid(wide: Watched) -> None:
    page = wide.open("/screening")
    screened(page)
    title = page.get_by_role("heading", level=3)
    expect(title).to_be_visible(timeout=SLOW)
    first = title.inner_text()
    table = page.get_by_test_id("stDataFrame").first
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    page.mouse.click(box["x"] + 16, box["y"] + 36 + 76 + 38)  # the mark before its second row
    expect(title).not_to_have_text(first, timeout=SLOW)
    second = title.inner_text()
    place = page.evaluate(
        """() => {
            const g = document.querySelector('.js-plotly-plot'), l = g._fullLayout;
            const t = g._fullData.find(t => t.name.startsWith('best'));
            g.scrollIntoView({block: 'center'});
            const s = g.getBoundingClientRect(), i = t.x.length - 1;
            return [s.x + l.xaxis._offset + l.xaxis.d2p(t.x[i]),
                    s.y + l.yaxis._offset + l.yaxis.d2p(t.y[i])];
        }"""
    )
    page.mouse.move(*place)
    page.wait_for_timeout(500)
    page.mouse.click(*place)
    expect(title).not_to_have_text(second, timeout=SLOW)
    third = title.inner_text()
    page.get_by_role("link", name="Open with curves").click()
    ready(page, third)
