"""From many ionic liquids to the few worth a look: scores, Pareto front, near-copies left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem, DataStructs
from rdkit.Chem import rdFingerprintGenerator

from core.properties import PROPERTIES
from core.screen.conditions import Condition, Objective
from core.screen.library import Library
from core.screen.rows import Rows

__all__ = [
    "POOL",
    "Best",
    "NearCopy",
    "Part",
    "Ranking",
    "Request",
    "learned",
    "mask_of",
    "pareto",
    "reduced",
    "scores",
    "similarity",
    "unlearned",
]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

# So many of the best are searched for those that are no near-copies of a better one.
POOL: Final = 10_000


@dataclass(frozen=True)
class Request:
    """What is asked of each ionic liquid, wherever it is computed.

    Attributes:
        temperature_K: one for all.
        pressure_kPa: one for all.
        conditions: all have to be fulfilled.
        objectives: what makes one better than another; may be empty.
        spreads: of each objective in the library, on its learned scale.
        keep: how many of the best of a part are kept; all hits, in order, if ``None``.
    """

    temperature_K: float
    pressure_kPa: float
    conditions: tuple[Condition, ...] = ()
    objectives: tuple[Objective, ...] = ()
    spreads: Mapping[str, float] | None = None
    keep: int | None = None


@dataclass(frozen=True, eq=False)
class Part:
    """What is left of a part of the library.

    Attributes:
        rows: the best hits, or all of them.
        front: hits than which none is better in all objectives.
        hits: how many fulfil the conditions.
        pairs: how many there were.
    """

    rows: Rows
    front: Rows
    hits: int
    pairs: int


@dataclass(frozen=True, slots=True)
class NearCopy:
    """An ionic liquid left out, since its ions are much like those of a better one.

    Attributes:
        cation: its place in the library.
        anion: likewise.
        cations: similarity of the two cations, from 0 to 1.
        anions: similarity of the two anions.
    """

    cation: int
    anion: int
    cations: float
    anions: float


@dataclass(frozen=True, eq=False)
class Ranking:
    """The best of a library.

    Attributes:
        rows: n of them, the best first.
        scores: of each, lower is better, shape (n,); in spreads of the library.
        copies: for each, what was left out as its near-copy, the best first.
        front: all hits than which none is better in all objectives, the best first.
        hits: how many ionic liquids fulfil the conditions.
        pairs: how many were looked at.
    """

    rows: Rows
    scores: FloatArray
    copies: tuple[tuple[NearCopy, ...], ...]
    front: Rows
    hits: int
    pairs: int

    def on_front(self, library: Library) -> NDArray[np.bool_]:
        """Which of the best are on the front, shape (n,)."""
        return np.isin(self.rows.numbers(library), self.front.numbers(library))


def learned(name: str, values: NDArray[np.floating]) -> FloatArray:
    """Bring one of ``NUMBERS`` to the scale it is learned on; a molar mass to its logarithm."""
    spec = PROPERTIES.get(name.partition(".")[0])
    return np.log(values.astype(np.float64)) if spec is None else spec.forward(values)


def unlearned(name: str, values: FloatArray) -> FloatArray:
    """The inverse of :func:`learned`."""
    spec = PROPERTIES.get(name.partition(".")[0])
    return np.exp(values) if spec is None else spec.inverse(values)


def mask_of(
    conditions: Sequence[Condition], rows: Rows, library: Library
) -> NDArray[np.bool_] | None:
    """Which of n rows fulfil all conditions, shape (n,); ``None`` if there is no condition."""
    found = None
    for condition in conditions:
        own = condition.mask(rows, library)
        found = own if found is None else found & own
    return found


def _costs(rows: Rows, places: IntArray | None, library: Library, request: Request) -> FloatArray:
    """Each objective on its learned scale in spreads of the library, less is better, (d, n)."""
    found = []
    for objective in request.objectives:
        column = rows.column(objective.name, library)
        own = learned(objective.name, column if places is None else column[places])
        sign = -1.0 if objective.maximise else 1.0
        found.append(own * (sign / (request.spreads or {})[objective.name]))
    return np.stack(found) if found else np.zeros((1, len(rows) if places is None else len(places)))


def scores(costs: FloatArray, objectives: Sequence[Objective]) -> FloatArray:
    """Mean of costs (d, n) by the weights of the objectives, (n,)."""
    weights = np.array([objective.weight for objective in objectives] or [1.0])
    found: FloatArray = (weights / weights.sum()) @ costs
    return found


def pareto(costs: FloatArray) -> IntArray:
    """Places of the points that no other point beats, ascending.

    A point beats another if it is at least as low in every coordinate and lower in one.

    Args:
        costs: shape (d, n), less is better.
    """
    alive, found = np.arange(costs.shape[1]), []
    while len(alive):
        own = costs[:, alive]
        least = own[:, own.sum(axis=0).argmin()]  # no other point beats the one of least sum
        beaten, equal = np.ones(len(alive), dtype=np.bool_), np.ones(len(alive), dtype=np.bool_)
        for coordinate, limit in zip(own, least, strict=True):
            beaten &= coordinate >= limit
            equal &= coordinate == limit
        found.append(alive[equal])
        alive = alive[~beaten]
    return np.sort(np.concatenate(found)) if found else np.empty(0, dtype=np.int64)


def _best(found: FloatArray, numbers: IntArray, keep: int) -> IntArray:
    """Places of the lowest scores, the lowest first; of equal ones, the first of the library."""
    if keep < len(found):
        places = np.flatnonzero(found <= np.partition(found, keep)[keep])
    else:
        places = np.arange(len(found))
    return places[np.lexsort((numbers[places], found[places]))[:keep]]


def reduced(
    rows: Rows, library: Library, request: Request, mask: NDArray[np.bool_] | None = None
) -> Part:
    """Keep of some ionic liquids what ``request`` asks for.

    Args:
        rows: n of them.
        library: that they are of.
        request: what is asked.
        mask: which of them fulfil the conditions, shape (n,), if that is known already.
    """
    if mask is None:
        mask = mask_of(request.conditions, rows, library)
    places = None if mask is None else np.flatnonzero(mask)
    nothing = rows.take(np.empty(0, dtype=np.int64))
    if request.keep is None:
        hits = rows if places is None else rows.take(places)
        return Part(hits, nothing, len(hits), len(rows))
    costs, numbers = _costs(rows, places, library, request), rows.numbers(library)
    if places is not None:
        numbers = numbers[places]
    found = scores(costs, request.objectives)
    best = _best(found, numbers, request.keep)
    front = pareto(costs) if len(costs) > 1 else np.empty(0, dtype=np.int64)
    front = front[_best(found[front], numbers[front], len(front))]
    if places is not None:
        best, front = places[best], places[front]
    return Part(rows.take(best), rows.take(front), len(numbers), len(rows))


class Best:
    """Collects the best of many parts, in whatever order they come, in bounded memory."""

    def __init__(self, library: Library, request: Request) -> None:
        """Collect for a request that keeps a number of rows."""
        if request.keep is None:
            raise ValueError("a request for the best says how many are kept")
        self._library, self._request, self._keep = library, request, request.keep
        self._rows, self._front = [Rows.empty(0)], [Rows.empty(0)]
        self.hits = self.pairs = 0

    def add(self, part: Part) -> None:
        """Take in one more part."""
        self.hits, self.pairs = self.hits + part.hits, self.pairs + part.pairs
        self._rows.append(part.rows)
        self._front.append(part.front)
        if sum(map(len, self._rows)) + sum(map(len, self._front)) > 4 * self._keep:
            self._settle()

    def _settle(self) -> None:
        request = replace(self._request, conditions=())
        self._rows = [reduced(Rows.joined(self._rows), self._library, request).rows]
        self._front = [reduced(Rows.joined(self._front), self._library, request).front]

    def ranking(self, top: int, similar: float | None = None) -> Ranking:
        """The best of all that was added.

        Args:
            top: how many.
            similar: leave out an ionic liquid if its ions are that similar to those of a better
                one, on the average of cation and anion; ``None`` leaves none out.
        """
        self._settle()
        (pool,), (front,) = self._rows, self._front
        library, request = self._library, self._request
        places = list(range(min(top, len(pool))))
        copies: list[list[NearCopy]] = [[] for _ in places]
        if similar is not None:
            places, copies = _different(pool, library, similar, top)
        rows = pool.take(np.array(places, dtype=np.int64))
        return Ranking(
            rows,
            scores(_costs(rows, None, library, request), request.objectives),
            tuple(map(tuple, copies)),
            front,
            self.hits,
            self.pairs,
        )


# -------------------------------------------------------------------------------------- near-copies

_FINGERPRINTS: Final = rdFingerprintGenerator.GetMorganGenerator(radius=2)


@lru_cache(maxsize=32_768)
def _fingerprint(smiles: str) -> DataStructs.UIntSparseIntVect:
    return _FINGERPRINTS.GetSparseCountFingerprint(Chem.MolFromSmiles(smiles))


def similarity(smiles: str, others: Sequence[str]) -> FloatArray:
    """How much an ion is like others, from 0 to 1, shape (n,).

    That is Tanimoto's coefficient of counted Morgan environments of radius 2 (Rogers, Hahn,
    J. Chem. Inf. Model. 2010, 50, 742, doi 10.1021/ci100050t): a methylene group more in a long
    chain changes it little, another ring or group changes it much.
    """
    known = _similar(smiles)
    new = [other for other in others if other not in known]
    if new:
        prints = [_fingerprint(other) for other in new]
        known.update(
            zip(new, DataStructs.BulkTanimotoSimilarity(_fingerprint(smiles), prints), strict=True)
        )
    return np.array([known[other] for other in others], dtype=np.float64)


@lru_cache(maxsize=200)
def _similar(smiles: str) -> dict[str, float]:  # noqa: ARG001 - what the cache goes by
    """What :func:`similarity` found for an ion so far; the best of many screens are alike."""
    return {}


def _different(
    pool: Rows, library: Library, similar: float, top: int
) -> tuple[list[int], list[list[NearCopy]]]:
    """Places of ``top`` rows that are no near-copies of one before, and those left out."""
    sides = []
    for ions, places in ((library.cations, pool.cation), (library.anions, pool.anion)):
        own, back = np.unique(places, return_inverse=True)
        sides.append(([ions.ions[i].smiles for i in own], back))
    left = np.ones(len(pool), dtype=np.bool_)
    chosen: list[int] = []
    copies: list[list[NearCopy]] = []
    while len(chosen) < top and left.any():
        place = int(left.argmax())
        alike = [similarity(smiles[back[place]], smiles)[back] for smiles, back in sides]
        near = left & ((alike[0] + alike[1]) / 2.0 >= similar)
        left &= ~near
        near[place] = left[place] = False
        chosen.append(place)
        copies.append(
            [
                NearCopy(int(pool.cation[i]), int(pool.anion[i]), *(float(a[i]) for a in alike))
                for i in np.flatnonzero(near)
            ]
        )
    return chosen, copies
