"""The app behind the proxy of ``compose.yaml``: it has its security headers and still works."""

import io
import os
import shutil
import socket
import subprocess
import sysconfig
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser.app_server import CHROMIUM, ROOT, healthy, watched
from tests.browser.editor import applied, draw_methylpyridinium, opened

CADDY = shutil.which(
    "caddy", path=f"{sysconfig.get_path('scripts')}{os.pathsep}{os.environ['PATH']}"
)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium found"),
    pytest.mark.skipif(CADDY is None, reason="no Caddy found"),
]
SLOW = 180_000  # milliseconds: a cold start on a busy machine
WIDE = {"width": 1400, "height": 1000}


@pytest.fixture(scope="module")
def proxied(base: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the app through Caddy, run with the file that ships."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    site, folder = f"http://127.0.0.1:{port}", str(tmp_path_factory.mktemp("caddy"))
    own = {
        "SOLVARIUM_SITE": site,
        "SOLVARIUM_APP": base.removeprefix("http://"),
        "XDG_DATA_HOME": folder,
        "XDG_CONFIG_HOME": folder,
    }
    proxy = subprocess.Popen(
        [str(CADDY), "run", "--config", "deploy/Caddyfile", "--adapter", "caddyfile"],
        cwd=ROOT,
        env=os.environ | own,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 60.0
        while not healthy(site):
            assert proxy.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
        yield site
    finally:
        proxy.terminate()
        proxy.wait(timeout=20)


def settled(page: Page) -> Page:
    """A page that shows a chart and runs no more."""
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible(timeout=SLOW)
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0, timeout=SLOW)
    return page


def policy_of(address: str) -> dict[str, str]:
    """What a document may do, by directive; nothing of it may name another server."""
    with urllib.request.urlopen(address, timeout=20) as answer:  # noqa: S310
        headers = answer.headers
    assert headers["X-Frame-Options"] == "SAMEORIGIN"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Server"] is None
    policy = dict(rule.split(" ", 1) for rule in headers["Content-Security-Policy"].split("; "))
    assert not any("http" in sources or "*" in sources for sources in policy.values())
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'self'"
    return policy


def test_every_answer_has_the_security_headers(proxied: str) -> None:
    for address in ("/", "/maps", "/_stcore/health", "/app/static/3Dmol-min.js"):
        policy = policy_of(proxied + address)
        assert "eval" not in policy["script-src"]
        assert "worker-src" not in policy


def test_charts_3d_view_and_clicks_work_under_the_policy(browser: Browser, proxied: str) -> None:
    with watched(browser, proxied, viewport=WIDE) as seen:
        page = settled(seen.open("/ionic_liquids?cation=C4mim&anion=BF4"))
        page.get_by_text("3-D", exact=True).first.click()
        view = page.locator("iframe").first
        expect(view).to_be_visible(timeout=SLOW)
        expect(view.content_frame.locator("canvas").first).to_be_visible(timeout=SLOW)
        page.wait_for_timeout(2500)
        picture = Image.open(io.BytesIO(view.screenshot())).convert("RGB")
        assert len(picture.getcolors(1 << 20)) > 50
        page.get_by_role("combobox", name="Anion").click()
        page.keyboard.type("dicyan")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="[C4mim][DCA]")).to_be_visible(timeout=SLOW)
        assert not seen.refused
        assert not seen.complaints


def test_an_ion_is_drawn_under_the_policy(browser: Browser, proxied: str) -> None:
    with watched(browser, proxied, viewport=WIDE) as seen:
        page = settled(seen.open("/ionic_liquids?cation=C4mim&anion=BF4"))
        frame = opened(page)
        # The editor alone may make code from text.
        policy = policy_of(next(one.url for one in page.frames if "/component/" in one.url))
        assert policy["script-src"] == "'self' 'unsafe-eval'"
        assert policy["worker-src"] == "blob:"
        draw_methylpyridinium(page, frame)
        applied(page, frame)
        expect(page.get_by_text("Understood as 1-methylpyridinium")).to_be_visible(timeout=SLOW)
        assert not seen.refused
        assert not seen.complaints


@pytest.mark.parametrize(
    "address",
    [
        "/polymer_solvent?polymer=PS&solvent=toluene&view=space",
        "/shortlist?polymer=PS",
        "/maps?map=solvent",
        "/models",
    ],
)
def test_other_pages_work_under_the_policy(browser: Browser, proxied: str, address: str) -> None:
    with watched(browser, proxied, viewport=WIDE) as seen:
        page = seen.open(address)
        if address == "/models":
            expect(page.get_by_role("heading").first).to_be_visible(timeout=SLOW)
        else:
            settled(page)
        page.wait_for_timeout(1500)
        assert not seen.refused
        assert not seen.complaints


def test_a_download_works_under_the_policy(browser: Browser, proxied: str) -> None:
    with watched(browser, proxied, viewport=WIDE) as seen:
        page = settled(seen.open("/shortlist?polymer=PS"))
        page.get_by_role("button", name="Save and share").click()
        with page.expect_download(timeout=SLOW) as download:
            page.get_by_role("button", name="Data (CSV)").click(timeout=SLOW)
        assert b"soluble_probability" in Path(download.value.path()).read_bytes()
        assert not seen.complaints


def test_the_policy_shuts_out_what_the_app_does_not_need(browser: Browser, proxied: str) -> None:
    with watched(browser, proxied, viewport=WIDE) as seen:
        page = seen.open("/")
        expect(page.get_by_role("heading").first).to_be_visible(timeout=SLOW)
        broken = page.evaluate(
            """async () => {
                const broken = [];
                document.addEventListener("securitypolicyviolation",
                    event => broken.push(event.effectiveDirective));
                const add = (name, attribute, address) => {
                    const element = document.createElement(name);
                    element[attribute] = address;
                    document.body.append(element);
                };
                add("script", "src", "https://evil.example/x.js");
                add("img", "src", "https://evil.example/x.png");
                add("iframe", "src", "https://evil.example/");
                await fetch("https://evil.example/").catch(() => 0);
                // A debugger may evaluate what it likes; what runs later is bound.
                const script = document.createElement("script");
                script.textContent = `setTimeout(() => {
                    try { (0, eval)("1"); } catch (error) { window.broken = error.name; }
                }, 0)`;
                document.body.append(script);
                await new Promise(done => setTimeout(done, 1000));
                return [...broken, window.broken];
            }"""
        )
        wanted = {"script-src-elem", "img-src", "frame-src", "connect-src", "EvalError"}
        assert wanted <= set(broken)
        assert not seen.refused  # nothing was even asked for
