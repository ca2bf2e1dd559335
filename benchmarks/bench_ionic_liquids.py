"""Speed and memory of ionic-liquid predictions, beside the plain way of doing the same.

Run by ``make bench``. Everything is measured in one run on one machine, so that the ratios hold
even where the machine is busy.
"""

from __future__ import annotations

import csv
import io
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from itertools import islice, product
from pathlib import Path

from benchmarks.timing import ROOT, Line, command, milliseconds, show, spread
from core.batch import IONIC_LIQUIDS, InputTable, predict_table
from core.chemistry import combine, parse_ion
from core.export import Origin
from core.names import anions, cations
from core.predict import IonicLiquidPredictor
from core.properties import PROPERTIES
from pages import _tables as tables

ROWS, PAIRS, NAIVE_ROWS = 100_000, 2_000, 500
PAGE_ROWS = 1_000, 10_000


def pairs(skip: int = 0) -> Iterator[tuple[str, str]]:
    """SMILES of monovalent cations and anions, the common ones first."""
    common = [
        [ion.smiles for ion in ions if abs(ion.charge) == 1] for ions in (cations(), anions())
    ]
    return islice(product(common[0][: PAIRS // 20], common[1][:20]), skip, None)


def five_properties(predictor: IonicLiquidPredictor, cation: str, anion: str) -> None:
    """What the page shows for one ionic liquid: curves where there is a temperature."""
    liquid = combine(parse_ion(cation, "cation"), parse_ion(anion, "anion"))
    for key, spec in PROPERTIES.items():
        if spec.depends_on_temperature:
            predictor.curve(liquid, key)
    predictor.predict(liquid)


def write_table(path: Path, rows: int) -> None:
    """``rows`` rows over all pairs, each at another temperature and some under pressure."""
    chosen = list(islice(pairs(), PAIRS))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["cation_smiles", "anion_smiles", "temperature_K", "pressure_kPa"])
        for i in range(rows):
            pressure = "" if i % 3 else f"{100 + i % 20_000}"
            writer.writerow([*chosen[i % len(chosen)], f"{280 + i % 1201 / 10:.1f}", pressure])


def naive(predictor: IonicLiquidPredictor, source: Path) -> float:
    """Rows a second when each row is parsed and predicted by itself."""
    with source.open(newline="", encoding="utf-8") as file:
        rows = list(islice(csv.DictReader(file), NAIVE_ROWS))
    started = time.perf_counter()
    for row in rows:
        liquid = combine(
            parse_ion(row["cation_smiles"], "cation"), parse_ion(row["anion_smiles"], "anion")
        )
        predictor.predict(
            liquid, float(row["temperature_K"]), float(row["pressure_kPa"] or 101.325)
        )
    return len(rows) / (time.perf_counter() - started)


def as_on_the_page(predictor: IonicLiquidPredictor, source: Path) -> float:
    """Rows a second as the page of tables has them, chunk by chunk, to the finished result."""
    table = tables.State()
    table.bring(source.read_bytes(), source.name)
    started = time.perf_counter()
    job = tables.Job(table.open(), predictor, Origin.now(predictor.card))
    while job.step():
        pass
    summary = job.result().summary
    return summary.rows / (time.perf_counter() - started)


def at_once(predictor: IonicLiquidPredictor, source: Path) -> float:
    """Rows a second of :func:`core.batch.predict_table` by itself."""
    started = time.perf_counter()
    table = InputTable(io.BytesIO(source.read_bytes()), IONIC_LIQUIDS)
    summary = predict_table(table, io.StringIO(newline=""), predictor)
    return summary.rows / (time.perf_counter() - started)


def main() -> None:
    """Measure and print the table."""
    lines: list[Line] = []
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import core.predict"], cwd=ROOT, check=True)
    lines.append(("import of core.predict", f"{time.perf_counter() - started:.2f} s", ""))
    started = time.perf_counter()
    predictor = IonicLiquidPredictor.load()
    lines.append(("loading the model", f"{time.perf_counter() - started:.2f} s", ""))

    for cation, anion in islice(pairs(), 10):
        five_properties(predictor, cation, anion)
    fresh = [
        partial(five_properties, predictor, *pair)
        for pair in islice(pairs(skip=10), 0, PAIRS - 10, 20)
    ]
    for name, calls in (("one ionic liquid, all curves", fresh), ("the same again", fresh)):
        lines.append((name, spread(milliseconds(calls)), "below 20 ms"))

    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "in.csv"), Path(folder, "out.csv")
        write_table(source, 1)
        imports, memory_one = command("ionic-liquids", source, target)
        lines.append(("command line, 1 row", f"{imports:.2f} s, {memory_one:.0f} MB", ""))
        write_table(source, ROWS)
        seconds, memory = command("ionic-liquids", source, target)
        speed = ROWS / (seconds - imports)
        lines.append(
            (
                f"command line, {ROWS:,} rows, {PAIRS:,} pairs",
                f"{seconds:.1f} s, {memory:.0f} MB",
                "",
            )
        )
        lines.append(("    after imports", f"{speed:,.0f} rows/s", "at least 5,000 rows/s"))
        plain = naive(predictor, source)
        lines.append(("    row by row in a loop", f"{plain:,.0f} rows/s", ""))
        lines.append(("    ratio", f"{speed / plain:,.0f}", ""))
        for rows in PAGE_ROWS:
            write_table(source, rows)
            at_once(predictor, source)  # structures are read once and remembered in both
            page, api = (speed_of(predictor, source) for speed_of in (as_on_the_page, at_once))
            words = f"{page:,.0f} rows/s, {page / api:.2f} of predict_table"
            lines.append((f"page of tables, {rows:,} rows", words, ""))

    show(lines)


if __name__ == "__main__":
    main()
