"""Drawing in the structure editor with the mouse."""

from itertools import pairwise

from playwright.sync_api import FrameLocator, Page, expect

SLOW = 60_000  # milliseconds: a busy machine
COLD = 120_000  # the editor is 12 MB of script
BOND = 40.0  # pixels, as the editor opens


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


def draw_methylpyridinium(page: Page, frame: FrameLocator) -> None:
    """Draw it on an empty canvas, and forget its charge."""
    frame.locator('button[title^="Clear Canvas"]').click()
    x, y = middle(frame)
    use(page, frame, "Benzene", (x, y))
    use(page, frame, "Nitrogen", (x, y - BOND))
    use(page, frame, "Single Bond", (x, y - BOND))


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
