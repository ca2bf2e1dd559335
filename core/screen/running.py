"""All pairs of a library, block by block: on the cores of one machine, or on a Dask cluster."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.screen.library import Library
from core.screen.ranking import Part, Request, reduced
from core.screen.rows import Rows

if TYPE_CHECKING:  # who only filters need not wait for torch to load
    from core.predict import Grid, IonicLiquidPredictor, PreparedIons

__all__ = [
    "REMEMBERED_PAIRS",
    "Block",
    "ClusterError",
    "blocks",
    "on_cluster",
    "on_threads",
    "rows_of",
]

# Fewer pairs at a time spend their time on calls, more no longer fit the cache.
_PAIRS: Final = 10_000
# What is remembered needs few steps for each pair; each step of a thread may have to wait for what
# other sessions compute.
REMEMBERED_PAIRS: Final = 50_000
_LONGEST: Final = 20_000
_MOST_THREADS: Final = 16


class ClusterError(RuntimeError):
    """The cluster cannot be used; the message is one line."""


class Block(NamedTuple):
    """Some cations and some anions of a library, by their places."""

    cations: slice
    anions: slice


def blocks(library: Library, pairs: int | None = None) -> list[Block]:
    """Cut a library into blocks of about so many pairs, 10,000 unless told, or fewer."""
    m, n = len(library.cations), len(library.anions)
    width = -(-n // -(-n // _LONGEST))
    height = -(-(pairs or _PAIRS) // width)
    return [
        Block(slice(c, min(c + height, m)), slice(a, min(a + width, n)))
        for a, c in product(range(0, n, width), range(0, m, height))
    ]


def rows_of(grid: Grid, cations: NDArray[np.integer], anions: NDArray[np.integer]) -> Rows:
    """A grid of pairs as rows of the library, whose ions are at these places."""
    value, low, high = (x.reshape(len(x), -1) for x in (grid.value, grid.low, grid.high))
    return Rows(
        np.repeat(cations.astype(np.int32), len(anions)),
        np.tile(anions.astype(np.int32), len(cations)),
        value,
        low,
        high,
        np.concatenate([grid.support, grid.support_any[None]]).reshape(len(value) + 1, -1),
        grid.grade.reshape(len(value), -1),
    )


def _part(grid: Grid, library: Library, block: Block, request: Request) -> Part:
    places = (np.arange(side.start, side.stop) for side in block)
    return reduced(rows_of(grid, *places), library, request)


def on_threads(
    grid_of: Callable[[Block], Grid], library: Library, request: Request, todo: list[Block]
) -> Iterator[Part]:
    """Yield what is left of each block, in order.

    Each thread has a block of its own, in its own cache; a product of matrices that is shared
    between threads would wait for the slowest of them.

    Args:
        grid_of: predicts the pairs of a block at the state of the request.
        library: what is screened.
        request: what is asked.
        todo: all of the library, as :func:`blocks` cuts it.
    """

    def part(block: Block) -> Part:
        return _part(grid_of(block), library, block, request)

    with ThreadPoolExecutor(threads()) as pool:
        yield from _in_order(todo, lambda block: pool.submit(part, block), ahead=2 * threads())


def threads() -> int:
    """How many blocks are computed at a time on this machine."""
    return min(os.cpu_count() or 1, _MOST_THREADS)


def _in_order(todo: list[Block], submit: Callable[[Block], Any], ahead: int) -> Iterator[Part]:
    """Results in order, with few blocks under way, so that memory does not grow."""
    waiting: deque[Any] = deque()
    try:
        for block in todo:
            waiting.append(submit(block))
            if len(waiting) > ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()


# ----------------------------------------------------------------------------------------- clusters


@lru_cache(maxsize=1)
def _predictor_of_worker(weights_sha256: str) -> IonicLiquidPredictor:
    from core.predict import IonicLiquidPredictor  # noqa: PLC0415 - torch only on a worker

    predictor = IonicLiquidPredictor.load()
    if predictor.card.weights_sha256 != weights_sha256:
        raise ClusterError("a worker of the cluster has another model than this machine")
    return predictor


def _prepared_on_worker(
    library: Library, weights_sha256: str
) -> tuple[Library, tuple[PreparedIons, PreparedIons]]:
    predictor = _predictor_of_worker(weights_sha256)
    return library, (
        predictor.prepare(library.cations.ions, "cation"),
        predictor.prepare(library.anions.ions, "anion"),
    )


def _part_on_worker(
    ready: tuple[Library, tuple[PreparedIons, PreparedIons]],
    block: Block,
    request: Request,
    weights_sha256: str,
) -> Part:
    library, ions = ready
    cations, anions = (own[rows] for own, rows in zip(ions, block, strict=True))
    grid = _predictor_of_worker(weights_sha256).grid(
        cations, anions, request.temperature_K, request.pressure_kPa
    )
    return _part(grid, library, block, request)


def on_cluster(
    address: str, predictor: IonicLiquidPredictor, library: Library, request: Request
) -> Iterator[Part]:
    """Yield what is left of each block, in order, computed by the workers of a Dask cluster.

    Workers need this project and the same model; Dask itself trusts every machine of its cluster,
    so name only one that you trust. The ions are prepared by a task of the cluster,
    not sent to it, so that a worker that is lost takes nothing with it that another cannot make.

    Args:
        address: of the scheduler, for example ``tcp://10.0.0.1:8786``.
        predictor: the model that the workers have to have.
        library: what is screened.
        request: what is asked.

    Raises:
        ClusterError: if dask.distributed is not installed, no scheduler answers, or the workers
            cannot do the work.
    """
    try:
        from distributed import Client, KilledWorker  # noqa: PLC0415 - an optional requirement
    except ImportError as error:
        raise ClusterError(
            "a cluster needs dask.distributed: pip install -r requirements-dask.txt"
        ) from error
    sha256 = predictor.card.weights_sha256
    try:
        client = Client(address, timeout="20s", set_as_default=False)
    except (OSError, ValueError) as error:
        raise ClusterError(f"no Dask scheduler answers at {address}") from error
    with client:
        slots = max(sum(client.nthreads().values()), 1)
        ready = client.submit(_prepared_on_worker, library, sha256, pure=False)
        try:
            yield from _in_order(
                blocks(library),
                lambda block: client.submit(
                    _part_on_worker, ready, block, request, sha256, pure=False
                ),
                ahead=3 * slots,
            )
        except KilledWorker as error:
            raise ClusterError("the workers of the cluster died again and again") from error
