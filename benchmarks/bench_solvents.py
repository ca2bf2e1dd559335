"""Speed of finding solvents for a polymer, beside the plain ways of doing the same.

Run by ``make bench``. Everything is measured in one run on one machine, so that the ratios hold
even where the machine is busy; times of the processor are printed beside those of the clock.
"""

from __future__ import annotations

import itertools
import os
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.timing import Line, milliseconds, show, spread
from core.chemistry import parse_solvent
from core.names import find_polymer
from core.predict import MiscibilityPredictor
from core.screen.blends import blends
from core.screen.candidates import prepare_candidates
from core.screen.solvents import SolventLibrary, Target, Wanted, shipped_solvents, shortlist

MILLION, RAW, WHOLE, REPEATS, PLAIN = 1_000_000, 16_384, 100_000, 11, 100
AGAINST: Final = 100_000
T: Final = 298.15

_ENDS: Final = (
    "C", "CC", "CCC", "CC(C)", "CCCC", "CC(C)C", "CCCCC", "COCC", "CCOCC", "FCC", "ClCC", "N#CCC",
    "C=CC", "C1CC1C", "C1CCCC1", "C1CCCCC1", "c1ccccc1C", "Cc1ccc(C)cc1", "CSCC", "CN(C)CC", "OCC",
    "CC(=O)CC", "COC(=O)C", "CCOC(=O)C", "CC(=O)OCC", "BrCC", "FC(F)(F)C", "CCCCCC", "CC(C)(C)C",
    "O1CCCC1C", "Clc1ccccc1C", "C#CC",
)  # fmt: skip
_OTHER_ENDS: Final = (
    "C", "CC", "CCC", "C(C)C", "CCCC", "CC(C)C", "CCCCC", "CCOC", "CCOCC", "CCF", "CCCl", "CCC#N",
    "CC=C", "CC1CC1", "C1CCCC1", "C1CCCCC1", "Cc1ccccc1", "Cc1ccc(C)cc1", "CCSC", "CCN(C)C", "CCO",
    "CCC(C)=O", "CC(=O)OC", "CC(=O)OCC", "CCOC(C)=O", "CCBr", "CC(F)(F)F", "CCCCCC", "C(C)(C)C",
    "CC1CCCO1", "Cc1ccccc1Cl", "CC#C",
)  # fmt: skip
_MIDDLES: Final = (
    "O{}", "S{}", "C(=O){}", "C(=O)O{}", "OC(=O){}", "C(=O)N({})C", "N({})CC", "C({})O", "CC({})F",
    "OCCO{}", "C({})C#N", "S(=O){}", "C(OC){}", "[Si](C)(C){}", "C=C{}", "COC(=O)O{}",
)  # fmt: skip


def raw_smiles(count: int) -> list[str]:
    """Drawn solvents, all different, most of them in no table."""
    texts = (
        first + middle.format(second)
        for middle, first, second in itertools.product(_MIDDLES, _ENDS, _OTHER_ENDS)
    )
    return list(itertools.islice(texts, count))


def repeated(library: SolventLibrary, predictor: MiscibilityPredictor, n: int) -> SolventLibrary:
    """A library over and over, in blocks as a user's list has them, until there are n."""
    times = -(-n // len(library))
    block = np.concatenate(library.packed.blocks, axis=1)
    whole = np.concatenate([block] * -(-4096 // block.shape[1]), axis=1)[:, :4096]
    blocks = [whole.copy() for _ in range(n // 4096)]
    if n % 4096:
        blocks.append(whole[:, : n % 4096].copy())

    def long(array: np.ndarray) -> np.ndarray:
        return np.concatenate([array] * times)[:n]

    return SolventLibrary(
        (list(library.smiles) * times)[:n],
        (list(library.labels) * times)[:n],
        {name: long(values) for name, values in library.numbers.items()},
        long(library.volumes),
        long(library.hansen),
        long(library.published_hansen),
        long(library.families),
        long(library.elements),
        predictor.packed(blocks, []),
    )


def timed(calls: Iterator[Callable[[], object]]) -> tuple[list[float], float]:
    """Milliseconds of each call, and seconds of the processor for one."""
    listed, started = list(calls), time.process_time()
    times = milliseconds(listed)
    return times, (time.process_time() - started) / len(listed)


def ranking_lines(predictor: MiscibilityPredictor, library: SolventLibrary) -> Iterator[Line]:
    """A million prepared solvents, ranked for one polymer after another."""
    many = repeated(library, predictor, MILLION)
    size = sum(block.nbytes for block in many.packed.blocks)
    yield f"{MILLION:,} packed solvents", f"{size / 1e6:,.0f} MB", ""
    polymers = [find_polymer(name) for name in ("PS", "PMMA", "PVC", "PEO", "PET", "PDMS", "PVAc")]
    targets = [Target.of(predictor, polymer, T) for polymer in polymers]

    def rank(target: Target) -> np.ndarray:
        log_odds = predictor.skim(target.polymer, many.packed, T)[1]
        return np.argpartition(-log_odds, 50)[:50]

    every = list(itertools.islice(itertools.cycle(targets), REPEATS))
    milliseconds(partial(rank, target) for target in targets)
    times, processor = timed(partial(rank, target) for target in every)
    yield (
        f"one polymer: {MILLION:,} prepared solvents ranked",
        f"{spread(times)}, {1000 * processor:.0f} ms of processor",
        "below 200 ms",
    )
    middle = float(np.median(times))
    floats = predictor.prepare([parse_solvent(text) for text in library.smiles] * (AGAINST // 500))
    whole = [partial(predictor.against, polymer, floats, T) for polymer in polymers]
    milliseconds(whole[:2])
    exact = float(np.median(milliseconds(whole))) * MILLION / AGAINST
    yield "    every number in single precision, extrapolated", f"{exact:,.0f} ms", ""
    yield "        ratio", f"{exact / middle:.1f}", ""
    solvents = [parse_solvent(text) for text in library.smiles[:PLAIN]]
    one = [partial(predictor.predict, polymers[0], solvent, T) for solvent in solvents]
    milliseconds(one)
    loop = float(np.mean(milliseconds(one))) * MILLION
    yield "    pair by pair in a loop, extrapolated", f"{loop / 1000:,.0f} s", ""
    yield "        ratio", f"{loop / middle:,.0f}", ""
    wanted = Wanted({"boiling_point_K": (300.0, 393.15)}, without=frozenset({"Cl", "Br"}))
    times = milliseconds(partial(wanted.mask, many, target) for target in every)
    yield "    a filter on boiling point and elements", spread(times), ""
    hits = [partial(shortlist, predictor, many, target, top=50) for target in every]
    milliseconds(hits[: len(targets)])
    yield "    the best 50 with all their numbers", spread(milliseconds(hits)), ""


def catalogue_lines(predictor: MiscibilityPredictor, library: SolventLibrary) -> Iterator[Line]:
    """What the page asks for."""
    target = Target.of(predictor, find_polymer("PS"), T)
    wanted = Wanted({"boiling_point_K": (300.0, 393.15)}, greenness="problematic")
    calls = [partial(shortlist, predictor, library, target)] * REPEATS
    milliseconds(calls[:2])
    yield f"all {len(library)} shipped solvents for a polymer", spread(milliseconds(calls)), ""
    calls = [partial(wanted.mask, library, target)] * REPEATS
    yield "    a further filter", spread(milliseconds(calls)), "below 50 ms"
    keep = wanted.mask(library, target)
    calls = [partial(blends, predictor, library, target, keep=keep)] * REPEATS
    pairs = int(keep.sum()) * (int(keep.sum()) - 1) // 2
    yield f"    {pairs:,} blends at nine compositions", spread(milliseconds(calls)), ""


def raw_lines(predictor: MiscibilityPredictor) -> Iterator[Line]:
    """A list of SMILES nobody has described yet."""
    text = "smiles\n" + "\n".join(raw_smiles(RAW)) + "\n"
    jobs = min(2, os.cpu_count() or 1)
    with tempfile.TemporaryDirectory() as folder:
        small = BytesIO(b"smiles\nCCO\n")
        started = time.perf_counter()
        prepare_candidates(small, Path(folder), predictor, jobs=jobs)
        start = time.perf_counter() - started
        yield "starting a process that describes solvents", f"{start:.1f} s", ""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        started = time.perf_counter()
        found = prepare_candidates(BytesIO(text.encode()), Path(folder), predictor, jobs=jobs)
        seconds = time.perf_counter() - started
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        scale = WHOLE / found.solvents
        yield (
            f"{found.solvents:,} raw SMILES on {jobs} processes",
            f"{seconds:.0f} s, {processor:.0f} s of processor",
            "",
        )
        yield (
            f"    {WHOLE:,}, extrapolated",
            f"{start + (seconds - start) * scale:.0f} s",
            "below 180 s on two quiet cores",
        )
        yield (
            "    the same with two cores to themselves",
            f"{processor * scale / 2:.0f} s",
            "below 180 s",
        )
        started = time.perf_counter()
        prepare_candidates(BytesIO(text.encode()), Path(folder), predictor, jobs=jobs)
        yield "    the same list again", f"{time.perf_counter() - started:.2f} s", ""
    plain = [partial(describe_alone, predictor, smiles) for smiles in raw_smiles(RAW)[:PLAIN]]
    loop = float(np.mean(milliseconds(plain))) * WHOLE / 1000
    yield "    one by one through the plain predictor, extrapolated", f"{loop:,.0f} s", ""


def describe_alone(predictor: MiscibilityPredictor, smiles: str) -> object:
    """One solvent from text to a prediction."""
    return predictor.predict(find_polymer("PS"), parse_solvent(smiles))


def main() -> None:
    """Measure and print the table."""
    started = time.perf_counter()
    predictor = MiscibilityPredictor.load()
    library = shipped_solvents(predictor)
    lines: list[Line] = [
        ("loading the model and the shipped solvents", f"{time.perf_counter() - started:.2f} s", "")
    ]
    lines += catalogue_lines(predictor, library)
    lines += raw_lines(predictor)
    lines += ranking_lines(predictor, library)
    show(lines)


if __name__ == "__main__":
    main()
