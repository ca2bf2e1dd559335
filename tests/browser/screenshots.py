"""Make the pictures of the README: ``python -m tests.browser.screenshots``."""

from playwright.sync_api import sync_playwright

from tests.browser.app_server import ROOT, launch, serve, watched

COMPARED = "&with=C2mim~Tf2N&with=C2mim~DCA&with=C2mim~BF4"
PICTURES = (
    ("home", "/", {"width": 1280, "height": 860}, "light"),
    ("ionic-liquid", "/ionic_liquids", {"width": 1400, "height": 1130}, "light"),
    (
        "comparison",
        f"/ionic_liquids?cation=C2mim&anion=OAc&scale=arrhenius{COMPARED}",
        {"width": 1400, "height": 1400},
        "dark",
    ),
    ("polymer", "/polymer_solvent", {"width": 1400, "height": 1000}, "light"),
    (
        "phase-diagram",
        "/polymer_solvent?polymer=PS&solvent=cyclohexane&solvent=toluene&view=phases",
        {"width": 1400, "height": 1130},
        "dark",
    ),
    ("screening", "/screening", {"width": 1400, "height": 1200}, "light"),
    ("map", "/maps?map=anion", {"width": 1400, "height": 1150}, "light"),
    ("phone", "/ionic_liquids", {"width": 390, "height": 1500}, "light"),
)


def main() -> None:
    """Write docs/screenshots/*.png."""
    folder = ROOT / "docs" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    with serve() as base, sync_playwright() as playwright:
        browser = launch(playwright)
        for name, address, viewport, scheme in PICTURES:
            with watched(browser, base, viewport=viewport, color_scheme=scheme) as seen:
                page = seen.open(address)
                last = 3 if address.startswith("/ionic_liquids") else 0
                drawn = f".js-plotly-plot .scatterlayer >> nth={last}"
                drawn = "table" if address == "/" else drawn
                page.wait_for_selector(drawn, state="attached", timeout=60_000)
                page.wait_for_timeout(4000)
                page.screenshot(path=folder / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    main()
