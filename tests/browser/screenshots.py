"""Make the pictures of the README: ``python -m tests.browser.screenshots [NAME ...]``.

Every page, wide, light and dark, and on a phone; their colours are reduced, so that all of them
stay small.
"""

import io
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from tests.browser.app_server import ROOT, launch, serve, watched

COMPARED = "&with=C2mim~Tf2N&with=C2mim~DCA&with=C2mim~BF4"
WIDE, PHONE = {"width": 1400, "height": 1000}, {"width": 390, "height": 844}
# Name -> address, and what must be there before the picture is taken.
PAGES = {
    "home": ("/", "img"),
    "ionic-liquids": ("/ionic_liquids", ".js-plotly-plot .scatterlayer >> nth=3"),
    "arrhenius": (
        f"/ionic_liquids?cation=C2mim&anion=OAc&scale=arrhenius{COMPARED}",
        ".js-plotly-plot .scatterlayer >> nth=3",
    ),
    "screening": ("/screening", ".js-plotly-plot .scatterlayer"),
    "polymers": ("/polymer_solvent", ".js-plotly-plot .scatterlayer"),
    "phase-diagram": (
        "/polymer_solvent?polymer=PS&solvent=cyclohexane&solvent=toluene&view=phases",
        ".js-plotly-plot .scatterlayer",
    ),
    "find-a-solvent": ("/shortlist", ".js-plotly-plot .scatterlayer"),
    "batch": ("/batch", "h1"),
    "compare": (
        "/compare?liquid=C2mim~Tf2N&liquid=C4mim~BF4&liquid=C2mim~OAc",
        ".js-plotly-plot .scatterlayer",
    ),
    "maps": ("/maps?map=anion", ".js-plotly-plot .scatterlayer"),
    "learn": ("/learn", ".js-plotly-plot"),
    "models": ("/models", "h1"),
}
ON_PHONE = ("home", "ionic-liquids", "find-a-solvent")


def picture(browser: Browser, base: str, name: str, viewport: dict[str, int], scheme: str) -> bytes:
    """One page as PNG, once it stands still."""
    address, drawn = PAGES[name]
    with watched(browser, base, viewport=viewport, color_scheme=scheme) as seen:
        page = seen.open(address)
        page.wait_for_selector(drawn, state="attached", timeout=120_000)
        page.wait_for_selector("[data-testid=stSpinner]", state="detached", timeout=120_000)
        page.wait_for_timeout(5000)
        return page.screenshot()


def save(raw: bytes, path: Path) -> None:
    """Write a picture with 256 colours, which a page of text and charts does not miss."""
    with Image.open(io.BytesIO(raw)) as full:
        full.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


def main() -> None:
    """Write docs/screenshots/*.png; all of them, or those of the pages named."""
    folder = ROOT / "docs" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    chosen = sys.argv[1:] or list(PAGES)
    with serve() as base, sync_playwright() as playwright:
        browser = launch(playwright)
        for name in chosen:
            for scheme in ("light", "dark"):
                save(picture(browser, base, name, WIDE, scheme), folder / f"{name}-{scheme}.png")
            if name in ON_PHONE:
                save(picture(browser, base, name, PHONE, "light"), folder / f"{name}-phone.png")
        browser.close()


if __name__ == "__main__":
    main()
