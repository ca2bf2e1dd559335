"""A server of the app on a free port and a browser that may talk to nothing else."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    expect,
)

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
# What a browser complains of that is known and harmless, and why.
HARMLESS: Mapping[str, str] = {
    "/_stcore/health": "a page asks for the health of the server below its own address first",
    "/_stcore/host-config": "likewise",
    "Unrecognized feature:": "frames are offered features that this browser does not have",
    "willReadFrequently": "plotly reads its own canvas to find what lies under the pointer",
    "allow-scripts and allow-same-origin": "frames hold scripts of the app itself, so they may",
    "eventBus": "the structure editor asks for its bus of events before it has made one",
}
POLICY = "Content Security Policy"  # to break it is never harmless


@contextmanager
def serve() -> Iterator[str]:
    """Start the app as a user would; yield its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "streamlit", "run", "app.py"]
    options = [f"--server.port={port}", "--server.address=127.0.0.1", "--server.headless=true"]
    options += ["--logger.level=warning"]
    server = subprocess.Popen(
        [*command, *options],
        cwd=ROOT,
        env=os.environ,
        stdout=subprocess.DEVNULL,  # what it complains of stands beside a test that fails
    )
    try:
        deadline = time.monotonic() + 60.0
        while not healthy(base):
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the server did not start")
            time.sleep(0.1)
        yield base
    finally:
        server.terminate()
        server.wait(timeout=20)


def healthy(base: str) -> bool:
    try:
        with urllib.request.urlopen(f"{base}/_stcore/health", timeout=2) as answer:  # noqa: S310
            return bool(answer.read() == b"ok")
    except OSError:
        return False


def launch(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(
        executable_path=CHROMIUM,
        args=[
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--use-angle=swiftshader",
            "--enable-unsafe-swiftshader",
        ],
    )


@dataclass
class Watched:
    """A browser context, what it asked of other machines, and what its pages complained of."""

    base: str
    context: BrowserContext
    refused: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, address: str = "/") -> Page:
        page = self.context.new_page()
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self._note(str(error)))
        page.on("websocket", lambda socket: self._local(socket.url.replace("ws:", "http:")))
        page.goto(self.base + address)
        return page

    def _local(self, url: str) -> bool:
        if url.startswith((self.base + "/", "data:", "blob:", "about:")):
            return True
        self.refused.append(url)
        return False

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self._note(f"{message.type}: {message.text} {message.location.get('url', '')}")

    def _note(self, text: str) -> None:
        if POLICY in text or not any(mark in text for mark in HARMLESS):
            self.complaints.append(text)


@contextmanager
def watched(browser: Browser, base: str, **options: object) -> Iterator[Watched]:
    """Open a context in which every request to another machine is refused and noted."""
    context = browser.new_context(accept_downloads=True, **options)
    seen = Watched(base, context)
    context.route(
        "**/*",
        lambda route: (
            route.continue_() if seen._local(route.request.url) else route.abort()  # noqa: SLF001
        ),
    )
    try:
        yield seen
    finally:
        context.close()


def settled(page: Page, timeout: float) -> Page:
    """Wait until the script of a page has run to its end and its charts are drawn.

    Args:
        page: to be waited for.
        timeout: in milliseconds.
    """
    expect(page.get_by_test_id("stElementContainer").first).to_be_attached(timeout=timeout)
    idle = page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]')
    expect(idle).to_be_attached(timeout=timeout)
    page.wait_for_function(
        "[...document.querySelectorAll('.js-plotly-plot')].every(g => g._fullData && g.calcdata)",
        timeout=timeout,
    )
    return page


def shows(page: Page, timeout: float) -> dict[str, object]:
    """What a page shows, as numbers and words, once it is settled.

    Args:
        page: to be read.
        timeout: in milliseconds.
    """
    settled(page, timeout)
    charts = page.evaluate(
        "JSON.stringify([...document.querySelectorAll('.js-plotly-plot')].map(g => "
        "g._fullData.map(t => [t.name, t.type, t.x?.length])))"
    )
    return {
        "charts": json.loads(charts),
        "numbers": page.get_by_test_id("stMetricValue").all_inner_texts(),
        "headings": page.get_by_role("heading").all_inner_texts(),
        "fields": page.get_by_test_id("stMain")
        .locator("input:not([type=file])")
        .evaluate_all("all => all.map(x => [x.ariaLabel, x.value, x.checked])"),
    }
