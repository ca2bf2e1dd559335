"""Users' own lists of solvents: some thousand at once, or a million in parallel, kept on disk.

A long list is cut into parts. Each is described by one process (structure, features, all that meets
a polymer), and stored in a file of its own, so that an interrupted run goes on where it was and a
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
from multiprocessing import get_context, parent_process
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file
from safetensors.numpy import save as packed

from core import names
from core.batch import InputFileError, InputTable, TableKind, structures
from core.batch.columns import READ_TEMPERATURE_UNITS, Column, Quantity
from core.batch.table import Row
from core.chemistry import solvent_family
from core.features import polymer_solvent as features
from core.properties import Unit
from core.screen.library import BadRow
from core.screen.solvents import SOLVENT_NUMBERS, SolventLibrary, element_bits

if TYPE_CHECKING:  # a wrong list should be refused before anyone waits for torch to load
    from core.predict import MiscibilityPredictor

__all__ = ["Candidates", "few_candidates", "nothing_usable", "prepare_candidates"]

# Solvents in a part: some ten seconds of work, a few megabytes.
_PART: Final = 4096
_LAYOUT: Final = 1  # of the files; another one is computed anew
_STEP: Final = 50  # solvents described between two calls of ``progress``, some tenths of a second


def _temperature(name: str, *headers: str) -> Column:
    quantity = Quantity(name, math.nan, 0, 2_000, above=True, units=READ_TEMPERATURE_UNITS)
    word = name.removesuffix("_K").replace("_", " ")
    return Column(word, name, frozenset({word, *headers}), quantity)


# Their order is that of the numbers of a candidate.
_NUMBERS: Final = (
    _temperature("boiling_point_K", "boiling", "bp", "tb"),
    _temperature("melting_point_K", "melting", "mp", "tm"),
    _temperature("flash_point_K", "flash", "fp"),
    Column(
        "density",
        "density_kg_m3",
        frozenset(),
        Quantity("density_kg_m3", math.nan, 0, 10_000, above=True, units=(Unit("kg/m³"),)),
    ),
)
_QUANTITIES: Final = tuple(column.quantity for column in _NUMBERS if column.quantity is not None)
_STRUCTURE: Final = Column(
    "solvent",
    "smiles",
    frozenset({"", "solvent", "solvents", "candidate", "candidates", "compound", "substance"}),
    looks=structures.looks_like(lambda text: structures.solvent(text, smiles=False)),
)


class _Candidate(NamedTuple):
    """One row of a list: its number, structure, name, and the numbers of ``_QUANTITIES``."""

    row: int
    text: str
    is_smiles: bool
    name: str
    numbers: tuple[float, ...]


def _read(row: Row) -> tuple[float, ...] | str:
    """Numbers of a row, or what is wrong with it."""
    if not _structure(row):
        return "the cell of the solvent is empty"
    numbers = []
    for quantity in _QUANTITIES:
        number = row.number(quantity)
        if isinstance(number, str):
            return number
        numbers.append(number)
    return tuple(numbers)


def _structure(row: Row) -> str:
    """What stands for the solvent; its name where there is no other column."""
    return row.text("smiles" if row.has("smiles") else "name")


def _nothing(_: object, __: object) -> Iterator[tuple[object, ...]]:
    return iter(())


_LIST: Final[TableKind[Any, Any]] = TableKind(
    ("smiles",),
    ("error",),
    _read,
    _nothing,
    columns=(_STRUCTURE, Column("name", "name", frozenset({"label"})), *_NUMBERS),
    instead=("name",),
)


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
    arrays, refused = _described(_predictor(checkpoint), candidates)
    every = [*bad, *refused]
    arrays["bad"] = _text([json.dumps([b.row, b.text, b.reason]) for b in every])
    part = path.with_suffix(f".{os.getpid()}.part")
    # Written here, so that a full disk is an OSError as everywhere.
    part.write_bytes(packed({name: np.ascontiguousarray(a) for name, a in arrays.items()}))
    part.replace(path)
    return len(candidates) - len(refused), len(every)


def _described(
    predictor: MiscibilityPredictor, candidates: Sequence[_Candidate]
) -> tuple[dict[str, NDArray[Any]], list[BadRow]]:
    """All that is known of candidates, and those that are no solvents."""
    refused, good, solvents = [], [], []
    for candidate in candidates:
        solvent = structures.solvent(candidate.text, smiles=candidate.is_smiles)
        if isinstance(solvent, str):
            refused.append(BadRow(candidate.row, candidate.text, " ".join(solvent.split())))
        else:
            good.append(candidate)
            solvents.append(solvent)
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
    arrays: dict[str, NDArray[Any]] = {
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
    }
    return arrays, refused


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
        return _joined([load_file(part) for part in self.parts], predictor)


def _joined(
    parts: Sequence[dict[str, NDArray[Any]]], predictor: MiscibilityPredictor
) -> SolventLibrary:
    """The solvents of all parts of a list, in order."""
    parts = [part for part in parts if part["packed"].size]

    def joined(name: str) -> NDArray[Any]:
        return np.concatenate([part[name] for part in parts], axis=-1)

    smiles = [line for part in parts for line in _lines(part["smiles"])]
    keys = [quantity.name for quantity in _QUANTITIES]
    numbers = dict(zip(keys, joined("numbers"), strict=True))
    numbers["molar_mass_g_mol"] = joined("molar_masses")
    families = [line for part in parts for line in _lines(part["families"])]
    return SolventLibrary(
        smiles,
        [line for part in parts for line in _lines(part["labels"])],
        {name: numbers[name] for name in SOLVENT_NUMBERS},
        joined("volumes"),
        np.concatenate([part["hansen"] for part in parts]),
        joined("published_hansen"),
        np.array(families),
        joined("elements"),
        predictor.packed([part["packed"] for part in parts], smiles),
    )


def few_candidates(
    source: BinaryIO,
    predictor: MiscibilityPredictor,
    *,
    most: int,
    progress: Callable[[int, int], object] | None = None,
) -> tuple[SolventLibrary, list[BadRow]]:
    """Describe a short list here and now, and keep nothing.

    Args:
        source: a list as of :func:`prepare_candidates`.
        predictor: the model.
        most: rows that the list may have.
        progress: called with the rows done and all rows.

    Returns:
        The solvents, and the rows that gave none.

    Raises:
        InputFileError: if the file is no such table, is longer, or no row gives a solvent.
    """
    with closing(source):
        table = InputTable(source, _LIST)
        candidates: list[_Candidate] = []
        refused: list[BadRow] = []
        for good, bad in _parts(table):
            candidates += good
            refused += bad
            if len(candidates) + len(refused) > most:
                raise InputFileError(f"this list has more than {most:,} rows")
    parts = []
    for start in range(0, len(candidates), _STEP):
        arrays, bad = _described(predictor, candidates[start : start + _STEP])
        parts.append(arrays)
        refused += bad
        if progress is not None:
            progress(min(start + _STEP, len(candidates)), len(candidates))
    refused.sort(key=lambda bad: bad.row)
    if not any(part["packed"].size for part in parts):
        raise nothing_usable(refused)
    return _joined(parts, predictor), refused


def nothing_usable(refused: Sequence[BadRow]) -> InputFileError:
    """Say that no row of a list gave a solvent, and why the first did not."""
    first = f"; row {refused[0].row}: {refused[0].reason}" if refused else ""
    return InputFileError(f"no row of this list gives a usable solvent{first}")


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

    The list has a column ``smiles`` or ``solvent`` (SMILES, names, abbreviations, CAS numbers), or
    else ``name``; and, if there, ``name, boiling_point_K, melting_point_K, flash_point_K,
    density_kg_m3``, which count before what the shipped table has. A row that gives no solvent is
    told and left out; it spoils no other.

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
            self._running = ProcessPoolExecutor(
                self._workers, mp_context=get_context("spawn"), initializer=_end_with_parent
            )
        return self._running.submit(_describe, candidates, bad, path, checkpoint)

    def close(self) -> None:
        if self._running is not None:
            self._running.shutdown(cancel_futures=True)


def _end_with_parent() -> None:
    """Let no process wait for ever for work from one that was killed."""
    parent = parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    Thread(target=watch, daemon=True).start()


def _parts(table: InputTable[Any, Any]) -> Iterator[tuple[list[_Candidate], list[BadRow]]]:
    """Cut the rows of a list into parts, the bad ones apart."""
    # A name may stand beside the structure, so it is no part of the layout of the table.
    label = next((i for i, head in enumerate(table.header) if head.strip() == "name"), None)
    where = "smiles" if "smiles" in table.layout.places else "name"
    is_smiles = where in table.layout.smiles
    numbered = enumerate(table.rows(), start=1)
    while chunk := list(itertools.islice(numbered, _PART)):
        candidates, bad = [], []
        for number, (cells, problem) in chunk:
            row = table.row(cells)
            found = problem or _read(row)
            if isinstance(found, str):
                bad.append(BadRow(number, _structure(row), found))
            else:
                name = "" if label is None or where == "name" else " ".join(cells[label].split())
                candidates.append(_Candidate(number, _structure(row), is_smiles, name, found))
        yield candidates, bad


def _counted(path: Path) -> tuple[int, int] | None:
    """How many solvents and bad rows a finished part has; nothing if there is none."""
    try:
        arrays = load_file(path)
        return len(arrays["volumes"]), len(_lines(arrays["bad"]))
    except (FileNotFoundError, SafetensorError, KeyError):
        return None
