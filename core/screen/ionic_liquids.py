"""Screening ionic liquids: all pairs of a library at one state, ranked, filtered, counted.

Two ways, with equal results. :meth:`Screener.everything` keeps all pairs in memory, so that each
further question is answered within milliseconds; :meth:`Screener.parts` keeps of each block what
was asked for, so that memory does not grow with the library.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from core.screen.conditions import NUMBERS, Condition, Objective
from core.screen.library import Library
from core.screen.ranking import (
    POOL,
    Best,
    Part,
    Ranking,
    Request,
    learned,
    mask_of,
    reduced,
    unlearned,
)
from core.screen.rows import Rows
from core.screen.running import (
    REMEMBERED_PAIRS,
    Block,
    blocks,
    on_cluster,
    on_threads,
    rows_of,
)

if TYPE_CHECKING:  # who only filters need not wait for torch to load
    from core.predict import Grid, IonicLiquidPredictor, Laws, PreparedIons

__all__ = ["Density", "Screener", "Screening"]

BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]

# The spread of a number in a library is taken from so many cations with as many anions.
_SAMPLE: Final = 128
_BINS: Final = 72
# Beyond these quantiles a density plot has hardly a point.
_SHOWN: Final = (0.0005, 0.9995)


@dataclass(frozen=True, eq=False)
class Density:
    """How many ionic liquids lie where, in two numbers.

    Attributes:
        x: edges of the bins, shape (bins + 1,); evenly spaced on the learned scale.
        y: likewise.
        counts: shape (bins, bins), y first; those beyond the edges are in no bin.
    """

    x: FloatArray
    y: FloatArray
    counts: NDArray[np.int64]


class Screener:
    """A model and a library, ready for any temperature and pressure."""

    def __init__(
        self,
        predictor: IonicLiquidPredictor,
        library: Library,
        *,
        remember: bool = False,
        progress: Callable[[int], object] | None = None,
    ) -> None:
        """Prepare all ions.

        Args:
            predictor: the model.
            library: what is screened.
            remember: keep what does not depend on the state, some 500 bytes for each pair: all
                pairs at a further state then take a fraction of the time.
            progress: called with the number of ions that are in no table and have been computed
                from their structure so far.
        """
        self.predictor, self.library = predictor, library
        self._laws: dict[tuple[int, int], Laws] | None = {} if remember else None
        before = reached = 0

        def tell(done: int) -> None:
            nonlocal reached
            reached = before + done
            if progress is not None:
                progress(reached)

        cations = predictor.prepare(library.cations.ions, "cation", progress=tell)
        before = reached
        self._ions = cations, predictor.prepare(library.anions.ions, "anion", progress=tell)

    def spreads(self, temperature_K: float, pressure_kPa: float) -> dict[str, float]:
        """Standard deviation of each of ``NUMBERS`` in the library, on its learned scale.

        It is taken from pairs of evenly spaced ions, so that it is the same however the library is
        screened; 1 where nothing varies.
        """
        grid = self.predictor.grid_at(self._sample, temperature_K, pressure_kPa)
        places = (np.arange(len(own))[:: _step(own)] for own in self._ions)
        rows = rows_of(grid, *places)
        columns = {name: rows.column(name, self.library) for name in NUMBERS}
        return {name: float(learned(name, own).std()) or 1.0 for name, own in columns.items()}

    @cached_property
    def _sample(self) -> Laws:
        """Pairs of evenly spaced ions."""
        cations, anions = (own[:: _step(own)] for own in self._ions)
        return self.predictor.laws(cations, anions)

    def request(
        self,
        temperature_K: float,
        pressure_kPa: float,
        *,
        conditions: Sequence[Condition] = (),
        objectives: Sequence[Objective] = (),
        keep: int | None = None,
    ) -> Request:
        """Put a question; see :class:`core.screen.Request`."""
        return Request(
            temperature_K,
            pressure_kPa,
            tuple(conditions),
            tuple(objectives),
            self.spreads(temperature_K, pressure_kPa),
            keep,
        )

    def parts(self, request: Request, *, cluster: str | None = None) -> Iterator[Part]:
        """Yield what is left of each block of the library, in order, in bounded memory.

        Args:
            request: what is asked.
            cluster: address of a Dask scheduler; the cores of this machine if ``None``.

        Raises:
            ClusterError: if the cluster cannot be used.
        """
        if cluster is not None:
            return on_cluster(cluster, self.predictor, self.library, request)
        todo = blocks(self.library, None if self._laws is None else REMEMBERED_PAIRS)
        return on_threads(partial(self._grid, request), self.library, request, todo)

    def _grid(self, request: Request, block: Block) -> Grid:
        """All properties of the pairs of a block at the state of a request."""
        cations, anions = (own[rows] for own, rows in zip(self._ions, block, strict=True))
        state = request.temperature_K, request.pressure_kPa
        if self._laws is None:
            return self.predictor.grid(cations, anions, *state)
        corner = block.cations.start, block.anions.start
        if (laws := self._laws.get(corner)) is None:
            laws = self._laws[corner] = self.predictor.laws(cations, anions)
        return self.predictor.grid_at(laws, *state)

    def best(
        self,
        request: Request,
        *,
        top: int,
        similar: float | None = None,
        cluster: str | None = None,
        progress: Callable[[int], object] | None = None,
    ) -> Ranking:
        """The best of the library, in bounded memory.

        Args:
            request: what is asked; how many rows it keeps is chosen here.
            top: how many.
            similar: see :meth:`Best.ranking`.
            cluster: address of a Dask scheduler; the cores of this machine if ``None``.
            progress: called with the number of pairs done so far.

        Raises:
            ClusterError: if the cluster cannot be used.
        """
        request = replace(request, keep=_pool(top, similar))
        best = Best(self.library, request)
        for part in self.parts(request, cluster=cluster):
            best.add(part)
            if progress is not None:
                progress(best.pairs)
        return best.ranking(top, similar)

    def everything(
        self,
        temperature_K: float,
        pressure_kPa: float,
        *,
        progress: Callable[[int], object] | None = None,
    ) -> Screening:
        """All pairs in memory, about 70 bytes each.

        Args:
            temperature_K: one for all.
            pressure_kPa: one for all.
            progress: called with the number of pairs done so far.
        """
        request = self.request(temperature_K, pressure_kPa)
        rows, done = Rows.empty(len(self.library)), 0
        for part in self.parts(request):
            rows.put(done, part.rows)
            done += part.pairs
            if progress is not None:
                progress(done)
        return Screening(self.library, rows, request)


def _step(ions: PreparedIons) -> int:
    return -(-len(ions) // _SAMPLE)


def _pool(top: int, similar: float | None) -> int:
    return top if similar is None else max(POOL, 20 * top)


@dataclass(frozen=True, eq=False)
class Screening:
    """All pairs of a library at one state, in memory.

    Attributes:
        library: what was screened.
        rows: all of it.
        request: temperature, pressure and spreads.
    """

    library: Library
    rows: Rows
    request: Request
    _bins: dict[str, tuple[FloatArray, NDArray[np.int32]]] = field(default_factory=dict, repr=False)

    def mask(self, conditions: Sequence[Condition]) -> BoolArray:
        """Which ionic liquids fulfil all conditions, shape (n,)."""
        found = mask_of(conditions, self.rows, self.library)
        return np.ones(len(self.rows), dtype=np.bool_) if found is None else found

    def best(
        self,
        mask: BoolArray,
        objectives: Sequence[Objective],
        *,
        top: int,
        similar: float | None = None,
    ) -> Ranking:
        """The best where ``mask`` is true; arguments and result as for :meth:`Screener.best`."""
        request = replace(
            self.request, conditions=(), objectives=tuple(objectives), keep=_pool(top, similar)
        )
        best = Best(self.library, request)
        best.add(reduced(self.rows, self.library, request, mask))
        return best.ranking(top, similar)

    def density(self, x: str, y: str, mask: BoolArray | None = None) -> Density:
        """Count ionic liquids, all or those where ``mask`` is true, by two of ``NUMBERS``."""
        (edges_x, bins_x), (edges_y, bins_y) = self._binned(x), self._binned(y)
        bins = bins_y * np.int32(_BINS + 1) + bins_x
        counts = np.bincount(bins if mask is None else bins[mask], minlength=(_BINS + 1) ** 2)
        return Density(edges_x, edges_y, counts.reshape(_BINS + 1, _BINS + 1)[:_BINS, :_BINS])

    def _binned(self, name: str) -> tuple[FloatArray, NDArray[np.int32]]:
        """Edges of the bins of a number, and the bin of each row; the last for all beyond."""
        if name not in self._bins:
            values = learned(name, self.rows.column(name, self.library))
            low, high = np.quantile(values[:: max(len(values) // 100_000, 1)], _SHOWN)
            width = (high - low) / _BINS or 1.0
            places = np.floor((values - low) / width)
            inside = (places >= 0) & (places < _BINS)
            self._bins[name] = (
                unlearned(name, low + width * np.arange(_BINS + 1)),
                np.where(inside, places, _BINS).astype(np.int32),
            )
        return self._bins[name]

    def families(self, mask: BoolArray | None = None) -> NDArray[np.int64]:
        """Count ionic liquids by the families of their ions.

        Returns:
            Shape (cation families, anion families), in the order of :attr:`family_names`.
        """
        cations, anions = self.family_names
        codes = self._family_codes if mask is None else self._family_codes[mask]
        counts = np.bincount(codes, minlength=len(cations) * len(anions))
        return counts.reshape(len(cations), len(anions))

    @cached_property
    def family_names(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Families of the cations, and of the anions, those with most ions first."""
        sides = self.library.cations, self.library.anions
        cations, anions = (
            tuple(name for name, _ in Counter(side.families).most_common()) for side in sides
        )
        return cations, anions

    @cached_property
    def _family_codes(self) -> NDArray[np.int32]:
        cations, anions = self.family_names
        of_cation = np.array([cations.index(f) for f in self.library.cations.families], np.int32)
        of_anion = np.array([anions.index(f) for f in self.library.anions.families], np.int32)
        codes: NDArray[np.int32] = (
            of_cation[self.rows.cation] * np.int32(len(anions)) + of_anion[self.rows.anion]
        )
        return codes
