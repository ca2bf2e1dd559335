"""Speed of polymer-solvent predictions, beside the plain way of doing the same.

Run by ``make bench``. Everything is measured in one run on one machine, so that the ratios hold
even where the machine is busy; the times of others are quoted and marked as such.
"""

from __future__ import annotations

import csv
import itertools
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.timing import Line, command, milliseconds, show, spread
from core import names
from core.chemistry import parse_polymer, parse_solvent
from core.predict import Miscibility, MiscibilityPredictor
from core.thermodynamics import PhaseDiagram, phase_diagram

ROWS, NAIVE_ROWS, LIBRARY, REPEATS = 100_000, 300, 100_000, 20
CHAIN_LENGTH: Final = 1_000.0

# Times that others state, both per pair: the published network with its force-field descriptors,
# and COSMO-RS (Aoki et al., Macromolecules 2023, doi 10.1021/acs.macromol.2c02600).
PUBLISHED_MS, COSMO_RS_MS = 110.0, 4_100.0

_BACKBONES: Final = ("*CC(*)", "*CC(*)(C)", "*CC(*)(F)", "*CC(C)C(*)")
_SIDES: Final = ("C(=O)OC", "C(=O)NC", "OC(=O)C", "c1ccc(cc1)OC", "CCOC", "S(=O)(=O)C")
_HEADS: Final = ("O=C(C){}", "CO{}", "N#CC{}", "c1ccccc1{}", "CC(=O)O{}", "Cc1ccncc1{}")


def _tail(length: int) -> str:
    return "C" * (1 + length % 6) + ("OC" if length % 2 else "C(C)C") + "C" * (length // 6)


def new_pairs(count: int) -> list[tuple[str, str]]:
    """Polymers and solvents that nobody has asked for yet, most of them in no table."""
    polymers = (
        f"{backbone}{side}{_tail(i)}"
        for i, backbone, side in itertools.product(range(12), _BACKBONES, _SIDES)
    )
    solvents = (head.format(_tail(i)) for i, head in itertools.product(range(48), _HEADS))
    return list(islice(zip(polymers, solvents, strict=False), 0, None, 2))[:count]


def one_pair(predictor: MiscibilityPredictor, polymer: str, solvent: str) -> Miscibility:
    """One prediction from two SMILES, with all descriptors."""
    return predictor.predict(parse_polymer(polymer), parse_solvent(solvent))


def library_smiles() -> Iterator[str]:
    """The solvents of the shipped table and then drawn ones, all different."""
    yield from (solvent.smiles for solvent in names.solvents())
    for length, head in itertools.product(range(200), _HEADS):
        yield head.format(_tail(length))


def write_table(path: Path, rows: int) -> None:
    """``rows`` rows: catalogued polymers in catalogued solvents, at many states."""
    pairs = list(itertools.product(names.polymers()[:50], names.solvents()[:40]))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["polymer_smiles", "solvent_smiles", "temperature_K", "volume_fraction"])
        for i in range(rows):
            polymer, solvent = pairs[i % len(pairs)]
            fraction = f"{i % 101 / 100}" if i % 2 else ""
            writer.writerow([polymer.smiles, solvent.smiles, f"{280 + i % 901 / 10:.1f}", fraction])


def naive(predictor: MiscibilityPredictor, source: Path) -> float:
    """Rows a second when each row is parsed and predicted by itself."""
    with source.open(newline="", encoding="utf-8") as file:
        rows = list(islice(csv.DictReader(file), NAIVE_ROWS))
    started = time.perf_counter()
    for row in rows:
        fraction = float(row["volume_fraction"]) if row["volume_fraction"] else None
        polymer, solvent = (
            parse_polymer(row["polymer_smiles"]),
            parse_solvent(row["solvent_smiles"]),
        )
        predictor.predict(polymer, solvent, float(row["temperature_K"]), fraction)
    return len(rows) / (time.perf_counter() - started)


def pairs_lines(predictor: MiscibilityPredictor) -> Iterator[Line]:
    """Single pairs, new to the model and to its memory."""
    pairs = new_pairs(110)
    milliseconds(partial(one_pair, predictor, *pair) for pair in pairs[:10])
    calls = [partial(one_pair, predictor, *pair) for pair in pairs[10:]]
    first, again = milliseconds(calls), milliseconds(calls)
    middle = float(np.median(first))
    yield "a new pair from SMILES, descriptors included", spread(first), "below 5 ms"
    yield "    the published network, as stated", f"{PUBLISHED_MS:,.0f} ms", ""
    yield "        ratio", f"{PUBLISHED_MS / middle:,.0f}", ""
    yield "    COSMO-RS, as stated", f"{COSMO_RS_MS:,.0f} ms", ""
    yield "        ratio", f"{COSMO_RS_MS / middle:,.0f}", ""
    yield "the same pair again", spread(again), ""


def library_lines(predictor: MiscibilityPredictor) -> Iterator[Line]:
    """One polymer against many solvents at once, and pair by pair."""
    different = [parse_solvent(smiles) for smiles in library_smiles()]
    started = time.perf_counter()
    solvents = list(islice(itertools.cycle(different), LIBRARY))
    prepared = predictor.prepare(solvents)
    yield (
        f"preparing {LIBRARY:,} solvents, {len(different):,} of them different",
        f"{time.perf_counter() - started:.1f} s",
        "",
    )
    polymers = [parse_polymer(polymer) for polymer, _ in new_pairs(REPEATS + 3)]
    for polymer in polymers:  # its own descriptors are part of the pair above
        predictor.predict(polymer, solvents[0])
    milliseconds(partial(predictor.against, polymer, prepared) for polymer in polymers[:3])
    times = milliseconds(partial(predictor.against, p, prepared) for p in polymers[3:])
    yield f"one polymer against {LIBRARY:,} prepared solvents", spread(times), "below 20 ms"
    calls = [partial(predictor.predict, polymers[0], s) for s in different[:NAIVE_ROWS]]
    milliseconds(calls)  # so that both ways have their descriptors ready
    loop = milliseconds(calls)
    whole = float(np.mean(loop)) * LIBRARY
    yield "    pair by pair in a loop, extrapolated", f"{whole / 1000:,.0f} s", ""
    yield "    ratio", f"{whole / float(np.median(times)):,.0f}", ""


def table_lines(predictor: MiscibilityPredictor) -> Iterator[Line]:
    """The command line over a file, beside a loop over its rows."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "in.csv"), Path(folder, "out.csv")
        write_table(source, 1)
        imports, memory = command("polymer-solvent", source, target)
        yield "command line, 1 row", f"{imports:.2f} s, {memory:.0f} MB", ""
        write_table(source, ROWS)
        seconds, memory = command("polymer-solvent", source, target)
        yield f"command line, {ROWS:,} rows, 2,000 pairs", f"{seconds:.1f} s, {memory:.0f} MB", ""
        speed, plain = ROWS / (seconds - imports), naive(predictor, source)
        yield "    after imports", f"{speed:,.0f} rows/s", "at least 5,000 rows/s"
        yield "    row by row in a loop", f"{plain:,.0f} rows/s", ""
        yield "    ratio", f"{speed / plain:,.0f}", ""


def diagram(predictor: MiscibilityPredictor, polymer: str, solvent: str) -> PhaseDiagram:
    """Binodal, spinodal and critical points, from the model's chi(T, phi)."""
    grid = np.linspace(200.0, 500.0, 121)
    found = predictor.composition(parse_polymer(polymer), parse_solvent(solvent), grid)
    return phase_diagram(
        lambda t: np.interp(t, grid, found.intercept),
        CHAIN_LENGTH,
        grid,
        slope_of=lambda t: np.interp(t, grid, found.slope),
    )


def diagram_lines(predictor: MiscibilityPredictor) -> Iterator[Line]:
    """Phase diagrams, of pairs that do not mix in all proportions among others."""
    polymers = [polymer.smiles for polymer in names.polymers()[:20]]
    calls = [
        partial(diagram, predictor, polymer, solvent)
        for polymer, solvent in itertools.product(polymers, ("C1CCCCC1", "CO", "CCCCCC", "CC(C)=O"))
    ]
    gaps = sum(bool(call().gaps) for call in calls)  # warms up as well
    line = f"a phase diagram ({gaps} of {len(calls)} pairs have a gap)"
    yield line, spread(milliseconds(calls)), ""


def main() -> None:
    """Measure and print the table."""
    started = time.perf_counter()
    predictor = MiscibilityPredictor.load()
    lines: list[Line] = [("loading the model", f"{time.perf_counter() - started:.2f} s", "")]
    # The library comes last: a process started from a large one counts its memory as its own.
    for part in (pairs_lines, table_lines, diagram_lines, library_lines):
        lines += part(predictor)
    show(lines)


if __name__ == "__main__":
    main()
