"""What the benchmarks share: the command line timed from outside, quantiles, and the table."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
Line = tuple[str, str, str]


def milliseconds(calls: Iterable[Callable[[], object]]) -> list[float]:
    """How long each call takes."""
    times = []
    for call in calls:
        started = time.perf_counter()
        call()
        times.append(1000 * (time.perf_counter() - started))
    return times


def spread(times: Sequence[float]) -> str:
    """Median and 95 % quantile of milliseconds, in words."""
    middle, slow = statistics.median(times), statistics.quantiles(times, n=20)[-1]
    return f"{middle:.1f} ms (95 % below {slow:.1f})"


def command(role: str, source: Path, target: Path) -> tuple[float, float]:
    """Seconds and peak memory (MB) of the command line over one file."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "core", "predict", role, str(source), "-o", str(target)],
        cwd=ROOT,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"the command line ended with exit code {process.returncode}")
    unit = 1e6 if sys.platform == "darwin" else 1e3
    return time.perf_counter() - started, usage.ru_maxrss / unit


def show(lines: Sequence[Line]) -> None:
    """Print what was measured, its value and the goal."""
    widths = [max(len(line[i]) for line in lines) for i in range(2)]
    for name, value, goal in lines:
        print(f"{name:<{widths[0]}}  {value:<{widths[1]}}  {goal}".rstrip())
