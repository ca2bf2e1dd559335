"""Simulated molecules on disk: one folder each, a run that can stop and go on at any time."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import rdkit
from numpy.typing import NDArray
from tqdm import tqdm

from core.simulate.molecule import Settings, Simulated, simulate
from core.simulate.programs import Deadline, ProgramError, Programs
from core.simulate.surface import Surface

__all__ = ["Store", "Tally", "run"]

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Store:
    """A folder of results, for one choice of settings.

    Each molecule has a folder named by the SHA-256 of its SMILES. ``result.json`` is always
    there: settings, versions, time, and either the numbers or the reason of the failure. A molecule
    that came through has ``surface.npz`` and ``atoms.npz`` (partial charges) beside it. A result of
    other settings is as good as none.
    """

    folder: Path
    settings: Settings = field(default_factory=Settings)

    def path(self, smiles: str) -> Path:
        """The folder of a molecule."""
        name = hashlib.sha256(smiles.encode()).hexdigest()
        return self.folder / name[:2] / name

    @property
    def digest(self) -> str:
        """Short hash of the settings."""
        text = json.dumps(asdict(self.settings), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def record(self, smiles: str) -> dict[str, Any] | None:
        """What ``result.json`` says, or ``None`` if there is no result of these settings."""
        try:
            text = (self.path(smiles) / "result.json").read_text("utf-8")
            found: dict[str, Any] = json.loads(text)
        except (OSError, ValueError):
            return None
        return found if found.get("settings_digest") == self.digest else None

    def surface(self, smiles: str) -> Surface:
        """The surface of a molecule that came through."""
        return Surface.load(self.path(smiles) / "surface.npz")

    def partial_charges(self, smiles: str) -> FloatArray:
        """GFN2-xTB charges of a molecule that came through, shape (atoms,), e."""
        with np.load(self.path(smiles) / "atoms.npz", allow_pickle=False) as found:
            return np.asarray(found["partial_charges"], np.float64)

    def compute(self, smiles: str, programs: Programs, seconds: float) -> dict[str, Any]:
        """Simulate a molecule and keep the result, or the reason why there is none."""
        start = time.monotonic()
        record: dict[str, Any] = {
            "smiles": smiles,
            "settings": asdict(self.settings),
            "settings_digest": self.digest,
            "programs": programs.versions | {"rdkit": rdkit.__version__},
        }
        result: Simulated | None = None
        try:
            result = simulate(smiles, programs, self.settings, Deadline(seconds))
        except (ProgramError, ValueError, RuntimeError, KeyError) as error:
            # RDKit raises RuntimeError and ValueError, a damaged output KeyError or ValueError.
            own = isinstance(error, ProgramError)
            record["failure"] = str(error) if own else f"{type(error).__name__}: {error}"[:200]
        else:
            record["failure"] = None
            record |= {
                "charge": result.charge,
                "atoms": result.atoms,
                "conformers": result.conformers,
                "area_A2": result.surface.area,
                "volume_A3": result.surface.volume,
                "numbers": result.numbers,
            }
        record["seconds"] = round(time.monotonic() - start, 2)
        self._write(smiles, record, result)
        return record

    def _write(self, smiles: str, record: dict[str, Any], result: Simulated | None) -> None:
        final = self.path(smiles)
        part = final.with_name(f".{final.name}.{os.getpid()}.part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        if result:
            result.surface.save(part / "surface.npz")
            charges = result.partial_charges.astype(np.float32)
            np.savez_compressed(part / "atoms.npz", partial_charges=charges)
        (part / "result.json").write_text(json.dumps(record, indent=1), "utf-8")
        shutil.rmtree(final, ignore_errors=True)
        part.replace(final)

    def done(self, molecules: Sequence[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        """Those of the molecules that came through, with their records, in the same order."""
        for smiles in molecules:
            record = self.record(smiles)
            if record and record["failure"] is None:
                yield smiles, record


@dataclass(frozen=True)
class Tally:
    """How a run stands: molecules done, and the reasons of the failures with their numbers."""

    done: int
    failures: Counter[str]


def run(
    store: Store,
    molecules: Sequence[str],
    programs: Programs,
    *,
    jobs: int,
    seconds: float,
    again: bool = False,
) -> Tally:
    """Simulate what is not there yet, in the given order, with a progress bar.

    Args:
        store: where results are, and go.
        molecules: SMILES.
        programs: the external programs.
        jobs: how many molecules at a time, one core each.
        seconds: the longest time for one molecule.
        again: try those that failed before once more.
    """
    done, failures = 0, Counter[str]()
    waiting = []
    for smiles in molecules:
        record = store.record(smiles)
        if record is None or (again and record["failure"]):
            waiting.append(smiles)
        elif record["failure"]:
            failures[record["failure"]] += 1
        else:
            done += 1
    pool = ThreadPoolExecutor(jobs)  # the work is done by the programs, outside this process
    bar = tqdm(total=len(molecules), initial=len(molecules) - len(waiting), unit=" molecules")
    try:
        futures = {pool.submit(store.compute, s, programs, seconds): s for s in waiting}
        for future in as_completed(futures):
            record = future.result()
            if record["failure"]:
                failures[record["failure"]] += 1
                bar.write(f"{record['smiles']}: {record['failure']}")
            else:
                done += 1
            bar.set_postfix(failed=failures.total(), refresh=False)
            bar.update()
    finally:
        pool.shutdown(cancel_futures=True)
        bar.close()
    return Tally(done, failures)
