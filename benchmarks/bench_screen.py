"""Speed and memory of screening ionic liquids, beside the plain ways of doing the same.

Run by ``make bench``. Everything is measured in one run on one machine, so that the ratios hold
even where the machine is busy; times of the processor are printed beside those of the clock.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import cycle, islice
from typing import Final, TypeVar

import numpy as np
import torch

from benchmarks.timing import ROOT, Line, milliseconds, show, spread
from core.chemistry import combine
from core.predict import IonicLiquidPredictor
from core.screen import (
    MOLAR_MASS,
    Comparison,
    IonList,
    Library,
    Objective,
    Screener,
    Screening,
    known_ions,
    read_conditions,
)
from core.screen.library import ion_list

Result = TypeVar("Result")

PLAIN, NAIVE, REPEATS = 60, 5_000, 15
PAIRS, MANY_PAIRS, REMEMBERED = 750_000, 2_000_000, 300  # pairs, pairs, cations
T, P = 313.15, 101.325
QUESTIONS: Final = (
    "viscosity_mPa_s < 50",
    "viscosity_mPa_s.high < 200 and melting_point_K < 298 and density_kg_m3 > 1000",
    (
        "viscosity_mPa_s < 100 and halogen-free and cation.family != phosphonium | ammonium "
        "and molar_mass_g_mol < 500 and support != two_new_ions"
    ),
)
_MEMORY: Final = """
import resource, sys
from core.predict import IonicLiquidPredictor
from core.screen import Screener
from benchmarks.bench_screen import library
predictor = IonicLiquidPredictor.load()
screening = Screener(predictor, library(int(sys.argv[1]))).everything(313.15, 101.325)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(len(screening.rows), peak / (1e6 if sys.platform == "darwin" else 1e3))
"""


def library(pairs: int) -> Library:
    """The project's ions, so many of either kind that there are about so many pairs.

    Where there are too few, some are taken again.
    """
    sides = known_ions("cation"), known_ions("anion")
    times = (pairs / (len(sides[0]) * len(sides[1]))) ** 0.5
    return Library(*(_repeated(ions, round(len(ions) * times)) for ions in sides))


def _repeated(ions: IonList, count: int) -> IonList:
    return ion_list(ions.role, list(islice(cycle(ions.ions), count)))


def timed(call: Callable[[], Result]) -> tuple[Result, float, float]:
    """What a call gives, its seconds by the clock, and those of the processor."""
    clock, processor = time.perf_counter(), time.process_time()
    result = call()
    return result, time.perf_counter() - clock, time.process_time() - processor


def floor(predictor: IonicLiquidPredictor, pairs: int) -> float:
    """Seconds of one core for the multiplications and additions that all pairs need, no more."""
    size, products = 10_000, 0
    for spec in predictor.card.networks.values():
        config = spec["config"]
        wide, long = config["head_hidden"], config["embedding"]
        products += config["members"] * wide * (long + wide + 12)
    a, b = torch.rand(size, 80), torch.rand(80, 80)
    for _ in range(3):
        a @ b
    started = time.process_time()
    for _ in range(50):
        a @ b
    return (time.process_time() - started) / (50 * size * 80 * 80) * products * pairs


def lines_of(predictor: IonicLiquidPredictor, library: Library) -> Iterator[Line]:
    """All pairs at once, and what a user does with them next."""
    screener, clock, _ = timed(lambda: Screener(predictor, library))
    new = sum(own.smiles not in set(predictor.known(ions.role))
              for ions in (library.cations, library.anions) for own in ions.ions)  # fmt: skip
    ions = len(library.cations) + len(library.anions)
    yield f"preparing {ions:,} ions, {new:,} of them in no table", f"{clock:.2f} s", ""
    screening, clock, processor = timed(lambda: screener.everything(T, P))
    pairs = len(library)
    yield (
        f"{pairs:,} ionic liquids, five properties with intervals",
        f"{clock:.1f} s, {processor:.1f} s of {os.cpu_count()} cores",
        "below 10 s on two idle cores",
    )
    yield from ratio_lines(predictor, library, processor)
    yield from filter_lines(screening)
    yield from further_lines(predictor, library)


def further_lines(predictor: IonicLiquidPredictor, library: Library) -> Iterator[Line]:
    """A further temperature, anew and with what is remembered of the pairs."""
    cations = ion_list("cation", library.cations.ions[:REMEMBERED])
    part = Library(cations, library.anions)
    processor = {}
    for remember in (False, True):
        screener = Screener(predictor, part, remember=remember)
        screener.everything(T, P)
        _, _, processor[remember] = timed(lambda own=screener: own.everything(T + 10.0, P))
    yield (
        f"{len(part):,} at a further temperature",
        f"{processor[False]:.2f} s of the processor anew, {processor[True]:.2f} s remembered",
        f"{processor[False] / processor[True]:.0f} times",
    )


def ratio_lines(
    predictor: IonicLiquidPredictor, library: Library, processor: float
) -> Iterator[Line]:
    """The same pair by pair, in plain batches, and by arithmetic alone."""
    pairs, random = len(library), np.random.default_rng(0)
    liquids = [
        combine(
            library.cations.ions[random.integers(len(library.cations))],
            library.anions.ions[random.integers(len(library.anions))],
        )
        for _ in range(NAIVE)
    ]
    predictor.predict_many(liquids[:10], np.full(10, T), np.full(10, P))
    (_, _, plain) = timed(lambda: [predictor.predict(x, T, P) for x in liquids[:PLAIN]])
    (_, _, batch) = timed(
        lambda: predictor.predict_many(liquids, np.full(NAIVE, T), np.full(NAIVE, P))
    )
    for name, seconds in (
        ("    one by one, extrapolated", plain / PLAIN * pairs),
        ("    in plain batches, extrapolated", batch / NAIVE * pairs),
        ("    multiply-adds alone", floor(predictor, pairs)),
    ):
        yield name, f"{seconds:,.1f} s of the processor", ""
        ratio = seconds / processor
        yield "        ratio", f"{ratio:,.0f}" if ratio > 10 else f"{ratio:.2f}", ""


def filter_lines(screening: Screening) -> Iterator[Line]:
    """Filters, the best, the front, a map, from what is in memory."""
    library = screening.library
    for text in QUESTIONS:
        conditions = read_conditions(text, library.families)
        times = milliseconds([partial(screening.mask, conditions)] * REPEATS)
        words = f"a filter of {len(conditions)} conditions over {len(library):,} ionic liquids"
        yield words, spread(times), "below 50 ms"
    mask = screening.mask(conditions)
    aims = Objective("viscosity_mPa_s"), Objective(MOLAR_MASS, maximise=False)
    hits = f"of {int(mask.sum()):,} hits"
    for name, call in (
        (f"the best 100 {hits}, and their front", partial(screening.best, mask, aims, top=100)),
        (f"the best 50 {hits} without near-copies",
         partial(screening.best, mask, aims, top=50, similar=0.65)),
        (f"a map {hits}", partial(screening.density, "viscosity_mPa_s", "density_kg_m3", mask)),
        (f"the families {hits}", partial(screening.families, mask)),
    ):  # fmt: skip
        call()
        yield name, spread(milliseconds([call] * REPEATS)), ""
    wide = screening.mask([Comparison("viscosity_mPa_s", ">", 0.0)])
    call = partial(screening.best, wide, aims, top=100)
    yield "the best 100 of all, and their front", spread(milliseconds([call] * 5)), ""


def memory_line() -> Line:
    """Peak memory of a process that keeps all pairs."""
    found = subprocess.run(
        [sys.executable, "-c", _MEMORY, str(MANY_PAIRS)],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout.split()  # fmt: skip
    return (
        f"memory, {int(found[0]):,} ionic liquids",
        f"{float(found[1]):,.0f} MB",
        "below 1,500 MB",
    )


def main() -> None:
    """Measure and print the table."""
    lines = [memory_line()]  # first: a process started from a large one counts its memory too
    lines += lines_of(IonicLiquidPredictor.load(), library(PAIRS))
    show(lines)


if __name__ == "__main__":
    main()
