"""Simple models on the same folds, to see what the recommender is worth.

Each learns the training rows of one property and gives the test rows, on the learned scale.
Rows are weighted as in the recommender's training, and hyper-parameters are chosen on ionic liquids
held out of the training part in the same way as the fold holds out its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import lightgbm
import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import Ridge

from core.features import DESCRIPTOR_NAMES
from core.train.data import BoolArray, Fold, folds
from core.train.ionic_liquids_problem import FOLDS, Problem, thinned

__all__ = ["BASELINES", "SETTINGS"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Baseline = Callable[[Problem, Fold, str, IntArray], FloatArray]

_ROWS_PER_LIQUID: Final = 8
_RIDGES: Final = (0.03, 0.3, 3.0)
_CATION_COUNT, _ANION_COUNT = 60, 20
_TREES: Final[tuple[dict[str, Any], ...]] = (
    {"num_leaves": 15, "min_child_samples": 20, "colsample_bytree": 0.3, "reg_lambda": 1.0},
    {"num_leaves": 31, "min_child_samples": 5, "colsample_bytree": 0.15, "reg_lambda": 5.0},
    {"num_leaves": 63, "min_child_samples": 5, "colsample_bytree": 0.3, "reg_lambda": 10.0},
)
_INNER_SEED: Final = 7

SETTINGS: Final = {
    "rows": _ROWS_PER_LIQUID,
    "ridges": _RIDGES,
    "counts": (_CATION_COUNT, _ANION_COUNT),
    "trees": _TREES,
    "seed": _INNER_SEED,
}
"""What the results depend on, as plain data."""


def _rows(problem: Problem, liquids: BoolArray, key: str) -> tuple[IntArray, FloatArray]:
    """Thinned rows of a property and their weights; rows of a liquid weigh sqrt(their number)."""
    drawn = thinned(
        problem, liquids, [key], most=_ROWS_PER_LIQUID, generator=np.random.default_rng(0)
    )
    return drawn.rows, drawn.weights.astype(np.float64)


def _target(problem: Problem, rows: IntArray) -> FloatArray:
    return problem.target.numpy()[rows].astype(np.float64)


def _inner(problem: Problem, fold: Fold, key: str) -> tuple[BoolArray, BoolArray]:
    """Split the training liquids of a fold once more, in the fold's own way."""
    own = np.flatnonzero(fold.train & problem.dataset.measured[key])
    liquids = problem.dataset.liquids.iloc[own].reset_index(drop=True)
    inner = next(iter(folds(liquids, fold.kind, FOLDS, _INNER_SEED)))
    train, held = np.zeros(len(fold.train), dtype=bool), np.zeros(len(fold.train), dtype=bool)
    train[own[inner.train]], held[own[inner.test]] = True, True
    return train, held


def mean(problem: Problem, fold: Fold, key: str, rows: IntArray) -> FloatArray:
    """The weighted mean of the training rows."""
    known, weights = _rows(problem, fold.train, key)
    return np.full(len(rows), np.average(_target(problem, known), weights=weights))


def additive(problem: Problem, fold: Fold, key: str, rows: IntArray) -> FloatArray:
    """Ridge regression on the identities of both ions, temperature and pressure."""

    def inputs(chosen: IntArray) -> sparse.csr_matrix:
        liquid = problem.row_liquid[chosen]
        n, every = len(chosen), np.arange(len(chosen))
        ions = sparse.csr_matrix(
            (
                np.ones(2 * n),
                (
                    np.r_[every, every],
                    np.r_[problem.cation[liquid], problem.anion[liquid] + len(problem.cations)],
                ),
            ),
            shape=(n, len(problem.cations) + len(problem.anions)),
        )
        t, p = problem.temperature.numpy()[chosen], problem.pressure.numpy()[chosen]
        states = np.stack([(t - 323.15) / 50.0, 1000.0 / t - 3.1, p / 1e5], axis=1)
        return sparse.hstack([ions, sparse.csr_matrix(states)]).tocsr()

    def solve(liquids: BoolArray, ridge: float) -> Ridge:
        known, weights = _rows(problem, liquids, key)
        y = _target(problem, known)
        return Ridge(alpha=ridge).fit(inputs(known), y, sample_weight=weights)

    train, held = _inner(problem, fold, key)
    validation, weights = _rows(problem, held, key)
    y = _target(problem, validation)
    errors = [
        np.average(np.abs(solve(train, ridge).predict(inputs(validation)) - y), weights=weights)
        for ridge in _RIDGES
    ]
    best = _RIDGES[int(np.argmin(errors))]
    return np.asarray(solve(fold.train, best).predict(inputs(rows)))


def trees(problem: Problem, fold: Fold, key: str, rows: IntArray) -> FloatArray:
    """Gradient-boosted trees (LightGBM) on both ions' features, temperature and pressure.

    They see what the recommender sees: descriptors, frequent environments, simulated surfaces.
    """
    tables = []
    for own, ions, index, least in zip(
        problem.inputs, problem.of_ions, (problem.cation, problem.anion),
        (_CATION_COUNT, _ANION_COUNT), strict=True,
    ):  # fmt: skip
        table = own.numpy()
        first, last = len(DESCRIPTOR_NAMES), ions.structural
        seen = (table[np.unique(index[fold.train]), first:last] > 0).sum(axis=0) >= least
        kept = np.r_[np.ones(first, bool), seen, np.ones(table.shape[1] - last, bool)]
        tables.append(table[:, kept])

    def inputs(chosen: IntArray) -> NDArray[np.float32]:
        liquid = problem.row_liquid[chosen]
        return np.column_stack(
            [
                tables[0][problem.cation[liquid]],
                tables[1][problem.anion[liquid]],
                problem.counts.numpy()[liquid],
                problem.temperature.numpy()[chosen],
                problem.pressure.numpy()[chosen],
            ]
        )

    def model(settings: dict[str, Any], number: int) -> lightgbm.LGBMRegressor:
        return lightgbm.LGBMRegressor(
            n_estimators=number, learning_rate=0.08, subsample=0.7, subsample_freq=1,
            random_state=0, n_jobs=1, verbose=-1, **settings,
        )  # fmt: skip

    center = float(_target(problem, _rows(problem, fold.train, key)[0]).mean())
    train, held = _inner(problem, fold, key)
    inner, inner_weights = _rows(problem, train, key)
    validation, validation_weights = _rows(problem, held, key)
    x, x_validation = inputs(inner), inputs(validation)
    best, best_settings, best_number = np.inf, _TREES[0], 0
    for settings in _TREES:
        fitted = model(settings, 700).fit(
            x,
            _target(problem, inner) - center,
            sample_weight=inner_weights,
            eval_X=x_validation,
            eval_y=_target(problem, validation) - center,
            eval_sample_weight=[validation_weights],
            eval_metric="l1",
            callbacks=[lightgbm.early_stopping(30, verbose=False)],
        )
        error = float(fitted.best_score_["valid_0"]["l1"])
        if error < best:
            best, best_settings, best_number = error, settings, int(fitted.best_iteration_)
    known, weights = _rows(problem, fold.train, key)
    fitted = model(best_settings, best_number).fit(
        inputs(known), _target(problem, known) - center, sample_weight=weights
    )
    return np.asarray(fitted.predict(inputs(rows))) + center


BASELINES: Final[dict[str, Baseline]] = {"mean": mean, "additive": additive, "trees": trees}
"""Name -> function of (problem, fold, property key, test rows) -> values (n,)."""
