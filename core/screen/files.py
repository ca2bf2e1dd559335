"""What a screen found, as tables: a few rows for a CSV, or everything as Parquet partitions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from core.domain import GRADES
from core.properties import PROPERTIES
from core.screen.conditions import MOLAR_MASS, write_conditions
from core.screen.library import IonList, Library
from core.screen.ranking import NearCopy, Part, Ranking, Request
from core.screen.rows import Rows
from core.uncertainty import SUPPORTS

__all__ = ["ranking_table", "table", "write_partitions"]

_ROWS: Final = 1_000_000  # in one file
_COPIES_SHOWN: Final = 3


def table(rows: Rows, library: Library) -> pd.DataFrame:
    """Lay out n ionic liquids with names, structures and numbers.

    Returns:
        ``cation, anion`` (names), ``cation_smiles, anion_smiles, molar_mass_g_mol``, then for each
        property its value, ``_low`` and ``_high`` (90 % interval), ``_support`` and ``_grade``,
        then ``support``, that of all properties together. Numbers have six digits.
    """
    columns: dict[str, object] = {}
    for role, ions, places in _sides(rows, library):
        columns[role] = [ions.names[i] for i in places]
    for role, ions, places in _sides(rows, library):
        columns[f"{role}_smiles"] = [ions.ions[i].smiles for i in places]
    columns[MOLAR_MASS] = np.round(rows.molar_masses(library), 3)
    supports, grades = np.array(SUPPORTS), np.array((*GRADES, ""))
    for place, key in enumerate(PROPERTIES):
        for end, numbers in (("", rows.value), ("_low", rows.low), ("_high", rows.high)):
            columns[f"{key}{end}"] = [float(f"{x:.6g}") for x in numbers[place].tolist()]
        columns[f"{key}_support"] = supports[rows.support[place]]
        columns[f"{key}_grade"] = grades[rows.grade[place]]
    columns["support"] = supports[rows.support[-1]]
    return pd.DataFrame(columns)


def ranking_table(ranking: Ranking, library: Library) -> pd.DataFrame:
    """The best of a screen: ``rank``, the columns of :func:`table`, and why they stand there.

    Returns:
        Behind the table ``score`` (in spreads of the library, less is better), ``pareto_front``
        (whether no hit is better in all objectives) and ``near_copies``, what was left out as much
        like the row, with the similarities of the cations and of the anions.
    """
    found = table(ranking.rows, library)
    found.insert(0, "rank", np.arange(1, len(found) + 1))
    found["score"] = np.round(ranking.scores, 4)
    found["pareto_front"] = ranking.on_front(library)
    found["near_copies"] = [_copies(copies, library) for copies in ranking.copies]
    return found


def _copies(copies: Sequence[NearCopy], library: Library) -> str:
    named = [
        f"{library.cations.label(c.cation)} {library.anions.label(c.anion)} "
        f"({c.cations:.2f}, {c.anions:.2f})"
        for c in copies[:_COPIES_SHOWN]
    ]
    more = len(copies) - len(named)
    return "; ".join([*named, *([f"{more} more"] if more else [])])


def _sides(rows: Rows, library: Library) -> Iterator[tuple[str, IonList, NDArray[np.int32]]]:
    yield "cation", library.cations, rows.cation
    yield "anion", library.anions, rows.anion


def _arrow(rows: Rows, library: Library, about: dict[bytes, bytes]) -> pa.Table:
    """The numbers of rows; structures and tiers are stored as places in dictionaries."""
    columns = {
        f"{role}_smiles": pa.DictionaryArray.from_arrays(places, [x.smiles for x in ions.ions])
        for role, ions, places in _sides(rows, library)
    }
    columns[MOLAR_MASS] = pa.array(rows.molar_masses(library).astype(np.float32))

    def tiers(places: NDArray[np.uint8], words: Sequence[str] = SUPPORTS) -> pa.DictionaryArray:
        return pa.DictionaryArray.from_arrays(places.astype(np.int8), list(words))

    for place, key in enumerate(PROPERTIES):
        for end, numbers in (("", rows.value), ("_low", rows.low), ("_high", rows.high)):
            columns[f"{key}{end}"] = pa.array(numbers[place])
        columns[f"{key}_support"] = tiers(rows.support[place])
        columns[f"{key}_grade"] = tiers(rows.grade[place], (*GRADES, ""))
    columns["support"] = tiers(rows.support[-1])
    return pa.table(columns).replace_schema_metadata(about)


def write_partitions(
    folder: Path, parts: Iterable[Part], library: Library, request: Request, model: str
) -> Iterator[int]:
    """Write all hits as Parquet files of about a million rows into a folder.

    The columns are those of :func:`table` without the names; the metadata of each file tell the
    state, the conditions and the model.

    Args:
        folder: exists and is empty.
        parts: with all their hits.
        library: that they are of.
        request: that they answer.
        model: its name.

    Yields:
        The number of pairs in each part, once the part is taken.

    Raises:
        OSError: if a file cannot be written.
    """
    about = {
        b"solvarium": json.dumps(
            {
                "model": model,
                "temperature_K": request.temperature_K,
                "pressure_kPa": request.pressure_kPa,
                "conditions": write_conditions(request.conditions),
            }
        ).encode()
    }
    waiting: list[Rows] = []
    number = 0

    def write() -> None:
        path = folder / f"part-{number:05d}.parquet"
        pq.write_table(_arrow(Rows.joined(waiting), library, about), path, compression="zstd")
        waiting.clear()

    for part in parts:
        waiting.append(part.rows)
        if sum(map(len, waiting)) >= _ROWS:
            write()
            number += 1
        yield part.pairs
    if waiting or not number:
        waiting.append(Rows.empty(0))
        write()
