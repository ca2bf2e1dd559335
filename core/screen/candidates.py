"""Users' own lists of solvents, up to a million: read, described in parallel, kept on disk.

A list is cut into parts. Each is described by one process (structure, features, all that meets a
polymer), and stored in a file of its own, so that an interrupted run goes on where it was and a
further polymer finds the work done. The folder's name comes from the list and the model: a change
of either starts anew. Half precision holds a solvent in about 600 bytes.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import math
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from core import names
from core.batch import InputTable, TableKind
from core.batch.table import Quantity, Row
from core.chemistry import ChemistryError, parse_solvent, solvent_family
from core.features import polymer_solvent as features
from core.screen.library import BadRow
from core.screen.solvents import SOLVENT_NUMBERS, SolventLibrary, element_bits

if TYPE_CHECKING:  # a wrong list should be refused before anyone waits for torch to load
    from core.predict import MiscibilityPredictor

__all__ = ["Candidates", "prepare_candidates"]

# Solvents in a part: some ten seconds of work, a few megabytes.
_PART: Final = 4096
_LAYOUT: Final = 1  # of the files; another one is computed anew

_QUANTITIES: Final = (
    Quantity("boiling_point_K", math.nan, 0, 2_000, above=True),
    Quantity("melting_point_K", math.nan, 0, 2_000, above=True),
    Quantity("flash_point_K", math.nan, 0, 2_000, above=True),
    Quantity("density_kg_m3", math.nan, 0, 10_000, above=True),
)


class _Candidate(NamedTuple):
    """One row of a list: its number, structure, name, and the numbers of ``_QUANTITIES``."""

    row: int
    text: str
    name: str
    numbers: tuple[float, ...]


def _read(row: Row) -> tuple[str, str, tuple[float, ...]] | str:
    """Structure, name and numbers of a row, or what is wrong with it."""
    text = row.text("smiles")
    if not text:
        return "smiles is empty"
    numbers = []
    for quantity in _QUANTITIES:
        number = row.number(quantity)
        if isinstance(number, str):
            return number
        numbers.append(number)
    return text, " ".join(row.text("name").split()), tuple(numbers)


def _nothing(_: object, __: object) -> Iterator[tuple[object, ...]]:
    return iter(())


_LIST: Final[TableKind[Any, Any]] = TableKind(("smiles",), ("error",), _read, _nothing)


# -------------------------------------------------------------------------------------- one process


@lru_cache(maxsize=1)
def _predictor(checkpoint: str | None) -> MiscibilityPredictor:
    from core.predict import MiscibilityPredictor  # noqa: PLC0415 - only where it is needed

    return MiscibilityPredictor.load(None if checkpoint is None else Path(checkpoint))


def _describe(
    candidates: Sequence[_Candidate], bad: Sequence[BadRow], path: Path, checkpoint: str | None
) -> tuple[int, int]:
    """Describe the solvents of a part and store it.

    Returns:
        How many rows gave a solvent, and how many did not.
    """
    predictor = _predictor(checkpoint)
    refused, good, solvents = list(bad), [], []
    for candidate in candidates:
        try:
            solvents.append(parse_solvent(candidate.text))
        except ChemistryError as error:
            refused.append(BadRow(candidate.row, candidate.text, " ".join(str(error).split())))
        else:
            good.append(candidate)
    smiles = [solvent.smiles for solvent in solvents]
    own = np.array([c.numbers for c in good], dtype=np.float64).reshape(-1, len(_QUANTITIES))
    shipped = {solvent.smiles: solvent for solvent in names.solvents()}
    labels = [c.name for c in good]
    hansen = predictor.hansen_many(smiles, "solvent") if smiles else np.zeros((0, 3))
    volumes = np.array([features.molar_volume(text, "solvent") for text in smiles])
    published = np.zeros(len(smiles), dtype=np.bool_)
    for i, text in enumerate(smiles):
        density = own[i, -1]
        if text in shipped:
            known = shipped[text]
            there = [getattr(known, quantity.name) for quantity in _QUANTITIES]
            own[i] = np.where(np.isnan(own[i]), there, own[i])
            labels[i] = labels[i] or known.name
            if not math.isnan(known.hansen[0]):
                hansen[i], published[i] = known.hansen, True
            if not math.isnan(known.molar_volume_cm3_mol):
                volumes[i] = known.molar_volume_cm3_mol
        if not math.isnan(density):
            volumes[i] = 1000.0 * solvents[i].molar_mass / density
    arrays = {
        "packed": predictor.pack(smiles) if smiles else np.zeros((0, 0), dtype=np.float16),
        "numbers": own.T.astype(np.float32),
        "molar_masses": np.array([solvent.molar_mass for solvent in solvents], dtype=np.float32),
        "volumes": volumes.astype(np.float32),
        "hansen": hansen.astype(np.float32),
        "published_hansen": published,
        "elements": np.array([element_bits(s.formula) for s in solvents], dtype=np.uint16),
        "smiles": _text(smiles),
        "labels": _text(labels),
        "families": _text([solvent_family(solvent) for solvent in solvents]),
        "bad": _text([json.dumps([b.row, b.text, b.reason]) for b in refused]),
    }
    part = path.with_suffix(f".{os.getpid()}.part")
    save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, part)
    part.replace(path)
    return len(good), len(refused)


def _text(lines: Sequence[str]) -> NDArray[np.uint8]:
    """Lines as bytes, each with its end."""
    joined = "".join(f"{line}\n" for line in lines)
    return np.frombuffer(joined.encode("utf-8"), dtype=np.uint8)


def _lines(text: NDArray[np.uint8]) -> list[str]:
    return text.tobytes().decode("utf-8").split("\n")[:-1]


# --------------------------------------------------------------------------------------- many parts


@dataclass(frozen=True, slots=True)
class Candidates:
    """A prepared list.

    Attributes:
        parts: files, in the order of the list.
        solvents: how many rows gave one.
        refused: how many did not.
    """

    parts: tuple[Path, ...]
    solvents: int
    refused: int

    def bad_rows(self) -> Iterator[BadRow]:
        """Yield the rows that gave no solvent, in order."""
        for part in self.parts:
            for line in sorted(map(json.loads, _lines(load_file(part)["bad"]))):
                yield BadRow(*line)

    def library(self, predictor: MiscibilityPredictor) -> SolventLibrary:
        """Load all solvents; about 700 bytes of memory each."""
        loaded = [load_file(part) for part in self.parts]
        loaded = [part for part in loaded if part["packed"].size]

        def joined(name: str) -> NDArray[Any]:
            return np.concatenate([part[name] for part in loaded], axis=-1)

        smiles = [line for part in loaded for line in _lines(part["smiles"])]
        keys = [quantity.name for quantity in _QUANTITIES]
        numbers = dict(zip(keys, joined("numbers"), strict=True))
        numbers["molar_mass_g_mol"] = joined("molar_masses")
        families = [line for part in loaded for line in _lines(part["families"])]
        return SolventLibrary(
            smiles,
            [line for part in loaded for line in _lines(part["labels"])],
            {name: numbers[name] for name in SOLVENT_NUMBERS},
            joined("volumes"),
            np.concatenate([part["hansen"] for part in loaded]),
            joined("published_hansen"),
            np.array(families),
            joined("elements"),
            predictor.packed([part["packed"] for part in loaded], smiles),
        )


def prepare_candidates(
    source: BinaryIO,
    folder: Path,
    predictor: MiscibilityPredictor,
    *,
    checkpoint: Path | None = None,
    jobs: int | None = None,
    progress: Callable[[int, int], object] | None = None,
) -> Candidates:
    """Describe every solvent of a CSV list, on several processes, and keep the results.

    The list has a column ``smiles`` and, if there, ``name, boiling_point_K, melting_point_K,
    flash_point_K, density_kg_m3``, which count before what the shipped table has. A row that gives
    no solvent is told and left out; it spoils no other.

    Args:
        source: the list, a seekable binary file; it is closed afterwards.
        folder: where results are kept; each list and model has a folder of its own in it.
        predictor: the model.
        checkpoint: where the other processes find it; the default one if not given.
        jobs: processes at a time; one per core if not given.
        progress: called with the rows done and the rows expected.

    Raises:
        InputFileError: if the file is no such table.
        OSError: if the results cannot be written.
    """
    digest = hashlib.sha256()
    while block := source.read(1 << 20):
        digest.update(block)
    about = (
        f"{digest.hexdigest()} {predictor.card.weights_sha256} {features.VERSION} {_PART} {_LAYOUT}"
    )
    home = folder / hashlib.sha256(about.encode()).hexdigest()[:16]
    table = InputTable(source, _LIST)
    home.mkdir(parents=True, exist_ok=True)
    workers = jobs or os.cpu_count() or 1
    paths: list[Path] = []
    counts: list[tuple[int, int]] = []
    waiting: deque[tuple[int, Future[tuple[int, int]]]] = deque()
    done = 0

    def finish(least: int) -> None:
        """Take finished parts until no more than so many are under way."""
        nonlocal done
        while len(waiting) > least:
            rows, future = waiting.popleft()
            counts.append(future.result())
            done += rows
            tell()

    def tell() -> None:
        if progress is not None:
            progress(done, max(table.expected_rows, done))

    with closing(source), closing(_Pool(workers)) as pool:
        for number, (candidates, bad) in enumerate(_parts(table)):
            path = home / f"part-{number:05d}.safetensors"
            paths.append(path)
            rows = len(candidates) + len(bad)
            counted = _counted(path)
            if counted is None:
                where = None if checkpoint is None else str(checkpoint)
                waiting.append((rows, pool.submit(candidates, bad, path, where)))
                finish(2 * workers)
            else:
                counts.append(counted)
                done += rows
                tell()
        finish(0)
    solvents, refused = (sum(count[i] for count in counts) for i in (0, 1))
    return Candidates(tuple(paths), solvents, refused)


class _Pool:
    """Processes that start with the first part there is to describe."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._running: ProcessPoolExecutor | None = None

    def submit(
        self,
        candidates: Sequence[_Candidate],
        bad: Sequence[BadRow],
        path: Path,
        checkpoint: str | None,
    ) -> Future[tuple[int, int]]:
        """Describe and store a part; see :func:`_describe`."""
        if self._running is None:
            # Forking a process that has loaded torch may hang.
            self._running = ProcessPoolExecutor(self._workers, mp_context=get_context("spawn"))
        return self._running.submit(_describe, candidates, bad, path, checkpoint)

    def close(self) -> None:
        if self._running is not None:
            self._running.shutdown(cancel_futures=True)


def _parts(table: InputTable[Any, Any]) -> Iterator[tuple[list[_Candidate], list[BadRow]]]:
    """Cut the rows of a list into parts, the bad ones apart."""
    places = {name.strip(): place for place, name in enumerate(table.header)}
    decimal_comma = table.separator != ","
    numbered = enumerate(table.rows(), start=1)
    while chunk := list(itertools.islice(numbered, _PART)):
        candidates, bad = [], []
        for number, (cells, problem) in chunk:
            row = Row(cells, places, decimal_comma)
            found = problem or _read(row)
            if isinstance(found, str):
                bad.append(BadRow(number, row.text("smiles"), found))
            else:
                candidates.append(_Candidate(number, *found))
        yield candidates, bad


def _counted(path: Path) -> tuple[int, int] | None:
    """How many solvents and bad rows a finished part has; nothing if there is none."""
    try:
        arrays = load_file(path)
        return len(arrays["volumes"]), len(_lines(arrays["bad"]))
    except (FileNotFoundError, SafetensorError, KeyError):
        return None
