"""Many sessions at once: how long a rerun takes, whether any fails, and whether memory grows.

A class of thirty clicks through all pages: ``python -m benchmarks.load --sessions 30 --runs 2000``.
Each session is a websocket that speaks Streamlit's own protocol, as a browser does: it opens a page
with some state in the address, waits until the script has finished, thinks, and asks for the next.
A browser would draw the result besides, on a machine of its own. Nearly every rerun has a state
that was not asked for before, so that the server computes it; models, maps and the list of ionic
liquids are read by a first visitor, as a teacher opens each page before the class comes in.

Printed are the quantiles of the time from request to the end of the script, for each page; what
failed; the processor's time; and the memory of the server over the runs. The exit code is 1 where
a run failed.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlencode

import psutil
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

from benchmarks.timing import ROOT
from core import names
from core.maps import KINDS

PATIENCE_S = 120.0


@dataclass
class Measured:
    """What was seen so far.

    Attributes:
        seconds: of each rerun, by page.
        failures: what went wrong.
        memory: number of runs and megabytes of the server, now and then.
    """

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failures: list[str] = field(default_factory=list)
    memory: list[tuple[int, float]] = field(default_factory=list)

    @property
    def runs(self) -> int:
        """How many reruns there were."""
        return sum(map(len, self.seconds.values()))


def pages(draw: random.Random) -> dict[str, Callable[[], dict[str, str]]]:
    """The address of every page with a state drawn at random."""
    cations = [ion.smiles for ion in names.cations()]
    anions = [ion.smiles for ion in names.anions()]
    polymers = [polymer.smiles for polymer in names.polymers()]
    solvents = [solvent.smiles for solvent in names.solvents()]

    def kelvin() -> str:
        return f"{draw.uniform(280.0, 380.0):.2f}"

    return {
        "home": dict,
        "ionic_liquids": lambda: {
            "cation": draw.choice(cations), "anion": draw.choice(anions), "T": kelvin(),
        },
        "polymer_solvent": lambda: {
            "polymer": draw.choice(polymers), "solvent": draw.choice(solvents), "T": kelvin(),
        },
        "shortlist": lambda: {"polymer": draw.choice(polymers), "T": kelvin()},
        "screening": lambda: {"T": kelvin()},
        "maps": lambda: {"map": draw.choice(KINDS)},
        "compare": lambda: {"liquid": f"{draw.choice(cations)}~{draw.choice(anions)}"},
        "learn": dict,
        "batch": dict,
        "models": dict,
    }  # fmt: skip


def _connected(address: str) -> connect:
    return connect(f"{address}/_stcore/stream", subprotocols=["streamlit"], max_size=None)


async def _visit(
    user: ClientConnection, page: str, query: dict[str, str], measured: Measured
) -> None:
    """Ask for a page with a state, and wait for the end of its script."""
    ask = BackMsg()
    ask.rerun_script.query_string = urlencode(query)
    ask.rerun_script.page_name = "" if page == "home" else page
    ask.rerun_script.context_info.timezone = "UTC"
    start = time.perf_counter()
    await user.send(ask.SerializeToString())
    try:
        async with asyncio.timeout(PATIENCE_S):
            problem = await _finished(user)
    except TimeoutError:
        problem = f"no end within {PATIENCE_S:.0f} s"
    measured.seconds[page].append(time.perf_counter() - start)
    if problem:
        measured.failures.append(f"{page}?{ask.rerun_script.query_string}: {problem}")


async def _finished(user: ClientConnection) -> str:
    """Wait for the end of a script; what went wrong in it."""
    problem = ""
    async for raw in user:
        message = ForwardMsg.FromString(raw)
        kind = message.WhichOneof("type")
        if kind == "delta" and message.delta.new_element.WhichOneof("type") == "exception":
            problem = message.delta.new_element.exception.message or "an exception"
        elif kind == "page_not_found":
            problem = "there is no such page"
        elif kind == "script_finished":
            if message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                problem = "the script does not compile"
            # Changing the address makes Streamlit run the script once more.
            if message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                return problem
    return problem or "the server hung up"


@contextmanager
def served() -> Iterator[tuple[str, psutil.Process]]:
    """The app on a free port, as a user would start it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py"]
    options = [f"--server.port={port}", "--server.address=127.0.0.1"]
    server = subprocess.Popen([*command, *options], cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        for _ in range(600):
            try:
                health = f"http://127.0.0.1:{port}/_stcore/health"
                urllib.request.urlopen(health, timeout=2).close()
                break
            except OSError:
                time.sleep(0.1)
        yield f"ws://127.0.0.1:{port}", psutil.Process(server.pid)
    finally:
        server.terminate()
        server.wait()


async def load(address: str, server: psutil.Process, options: argparse.Namespace) -> Measured:
    """Let all sessions run until there were enough runs, or time is up."""
    first, measured = Measured(), Measured()
    async with _connected(address) as user:
        for page, state in pages(_drawn(0)).items():
            await _visit(user, page, state(), first)
        for kind in KINDS:
            await _visit(user, "maps", {"map": kind}, first)
    measured.failures += first.failures
    warm, end = sum(map(sum, first.seconds.values())), time.monotonic() + options.seconds
    print(f"the first visitor waited {warm:.1f} s for {first.runs} pages")

    def going_on() -> bool:
        return measured.runs < options.runs and time.monotonic() < end

    async def session(seed: int) -> None:
        draw = _drawn(seed)
        places = pages(draw)
        # A class does not open its laptops within the same millisecond.
        await asyncio.sleep(draw.uniform(0.0, 2.0 * options.think))
        async with _connected(address) as user:
            while going_on():
                page = draw.choice(list(places))
                await _visit(user, page, places[page](), measured)
                await asyncio.sleep(draw.expovariate(1.0 / options.think))

    async def watch() -> None:
        while going_on():
            measured.memory.append((measured.runs, server.memory_info().rss / 1e6))
            await asyncio.sleep(5.0)

    await asyncio.gather(watch(), *map(session, range(1, options.sessions + 1)))
    measured.memory.append((measured.runs, server.memory_info().rss / 1e6))
    return measured


def _drawn(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - chooses what is clicked


def main() -> int:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sessions", type=int, default=30, help="at a time (30)")
    parser.add_argument("--runs", type=int, default=2000, help="all together (2000)")
    parser.add_argument("--think", type=float, default=8.0, help="mean pause of a user in s (8)")
    parser.add_argument("--seconds", type=float, default=1800.0, help="at most (1800)")
    options = parser.parse_args()
    with served() as (address, server):
        start, before = time.monotonic(), sum(server.cpu_times()[:2])
        measured = asyncio.run(load(address, server, options))
        wall, cpu = time.monotonic() - start, sum(server.cpu_times()[:2]) - before
    print(f"{options.sessions} sessions, {measured.runs} runs in {wall:.0f} s, ", end="")
    print(f"{1000 * cpu / max(measured.runs, 1):.0f} ms of the processor each")
    every = [second for seconds in measured.seconds.values() for second in seconds]
    for page, seconds in [*sorted(measured.seconds.items()), ("all pages", every)]:
        cuts = statistics.quantiles(seconds, n=20) if len(seconds) > 1 else seconds * 19
        print(
            f"{page:16} {len(seconds):5} runs, median {cuts[9]:.2f} s, 95 % below {cuts[18]:.2f} s"
        )
    fifth = measured.memory[:: max(len(measured.memory) // 5, 1)]
    print("memory:", ", ".join(f"{mb:.0f} MB after {runs}" for runs, mb in fifth))
    print(f"failures: {len(measured.failures)}", *measured.failures[:20], sep="\n  ")
    return bool(measured.failures)


if __name__ == "__main__":
    sys.exit(main())
