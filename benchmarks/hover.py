"""How long it takes until the molecule under the pointer of a map is drawn: in a real browser.

``python -m benchmarks.hover [--points 40]`` rests the pointer on molecules of each map, one after
the other, and measures from the last movement until the drawing is on the screen; then again, for
the drawings that the browser has kept. The rest that the page waits for before it asks the server
(120 ms) is part of it, as are browser and server on one machine, with the browser drawing without a
graphics card.
"""

from __future__ import annotations

import argparse
import random
import statistics
from typing import Final

from playwright.sync_api import Page, sync_playwright

from core.maps import KINDS
from tests.browser.app_server import launch, serve, settled, watched

PATIENCE_MS: Final = 120_000
SEED: Final = 2026

# Where the molecules of the chart lie on the screen, those in the middle of it.
PLACES: Final = """() => {
    const chart = document.querySelector(".js-plotly-plot");
    const [x, y] = [chart._fullLayout.xaxis, chart._fullLayout.yaxis];
    const box = chart.querySelector(".nsewdrag").getBoundingClientRect();
    return chart._fullData.filter(trace => trace.customdata).flatMap(trace =>
        [...trace.customdata.keys()].map(i => [x.d2p(trace.x[i]), y.d2p(trace.y[i])])
    ).filter(([left, top]) =>
        left > 20 && top > 20 && left < box.width - 20 && top < Math.min(box.height, 600) - 20
    ).map(([left, top]) => [box.left + left, box.top + top]);
}"""

# Starts to watch: the next movement of the pointer starts the clock, the drawing stops it.
WATCH: Final = """() => {
    const chart = document.querySelector(".js-plotly-plot");
    const roots = [...document.querySelectorAll("*")].map(node => node.shadowRoot || node);
    const card = roots.map(root => root.querySelector('[role="tooltip"].card')).find(Boolean);
    window.drawn = new Promise(done => {
        let moved, smiles;
        document.addEventListener("pointermove", () => { moved = performance.now(); });
        chart.once("plotly_hover", ({points}) => { smiles = [points[0].customdata].flat()[0]; });
        const look = () => {
            const image = card.querySelector("img");
            if (smiles && !card.hidden && card.dataset.smiles === smiles && image.complete)
                done([smiles, performance.now() - moved]);
            else requestAnimationFrame(look);
        };
        look();
    });
}"""


def rested(page: Page, place: tuple[float, float]) -> tuple[str, float]:
    """Rest the pointer there: the molecule, and milliseconds until it was drawn."""
    page.mouse.move(5, 5)
    page.wait_for_timeout(250)
    page.evaluate(WATCH)
    page.mouse.move(*place)
    smiles, milliseconds = page.evaluate("() => window.drawn")
    return str(smiles), float(milliseconds)


def line(name: str, times: list[float]) -> str:
    """Count, median and 95th percentile."""
    late = statistics.quantiles(times, n=20, method="inclusive")[-1]
    return f"{name:24}{len(times):6}{statistics.median(times):10.0f}{late:10.0f}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--points", type=int, default=40, help="molecules of each map")
    points = parser.parse_args().points
    draw = random.Random(SEED)  # noqa: S311 - chooses molecules, guards nothing
    first: dict[str, list[float]] = {name: [] for name in KINDS}
    again: list[float] = []
    with serve() as base, sync_playwright() as playwright:
        browser = launch(playwright)
        for name in KINDS:
            with watched(browser, base, viewport={"width": 1400, "height": 1000}) as seen:
                page = settled(seen.open(f"/maps?map={name}"), PATIENCE_MS)
                page.wait_for_selector(".js-plotly-plot .nsewdrag", timeout=PATIENCE_MS)
                page.wait_for_timeout(3000)
                places = page.evaluate(PLACES)
                known: set[str] = set()
                for place in draw.sample(places, min(points, len(places))):
                    smiles, milliseconds = rested(page, place)
                    (again if smiles in known else first[name]).append(milliseconds)
                    known.add(smiles)
                    again.append(rested(page, place)[1])
        browser.close()
    print(f"{'drawn / ms':24}{'n':>6}{'median':>10}{'95 %':>10}")
    for name, times in first.items():
        print(line(f"map of {name}s, first", times))
    print(line("all maps, first", [ms for times in first.values() for ms in times]))
    print(line("all maps, again", again))


if __name__ == "__main__":
    main()
