"""Simple models on the same folds, to see what the polymer-solvent network is worth.

Each learns the training rows of one task and gives the test rows: chi, or the probability that a
polymer dissolves. Rows are weighted as in the network's training. Settings, and whether the trees
learn chi from activity coefficients too, are chosen on systems held out of the training part in
the same way as the fold holds out its own.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Any, Final

import lightgbm
import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.linear_model import Ridge

from core.features import polymer_solvent as features
from core.miscibility import LABEL_BASES
from core.train.polymer_solvent_data import Fold, IntArray, folds
from core.train.polymer_solvent_problem import FOLDS, Problem, row_weights

__all__ = ["BASELINES", "SETTINGS"]

FloatArray = NDArray[np.float64]
Baseline = Callable[[Problem, Fold, str, IntArray], FloatArray]

_RIDGES: Final = (0.1, 1.0, 10.0)
# Kind of trees, their settings, and whether chi is learned from activity coefficients too.
_TREES: Final[tuple[tuple[str, dict[str, Any], bool], ...]] = (
    ("extra", {"min_samples_leaf": 1, "max_features": 0.3}, False),
    ("extra", {"min_samples_leaf": 1, "max_features": 0.3}, True),
    ("extra", {"min_samples_leaf": 3, "max_features": 0.6}, False),
    ("boosted", {"num_leaves": 15, "min_child_samples": 5, "colsample_bytree": 0.2}, False),
    ("boosted", {"num_leaves": 31, "min_child_samples": 5, "colsample_bytree": 0.2}, True),
)
_INNER_SEED: Final = 7

SETTINGS: Final = {"ridges": _RIDGES, "trees": _TREES, "seed": _INNER_SEED}
"""What the results depend on, as plain data."""


def _known(problem: Problem, fold: Fold, task: str, *, activity: bool = False) -> IntArray:
    tasks = [task, "activity"] if activity and task == "chi" else [task]
    return np.flatnonzero(fold.train & np.isin(problem.task, tasks))


def _inner(problem: Problem, fold: Fold) -> Fold:
    """The first of the folds inside the training part, made in the fold's own way."""
    return next(iter(folds(problem.data, fold.kind, FOLDS, _INNER_SEED, within=fold.train)))


def _weights(problem: Problem, rows: IntArray, task: str) -> FloatArray:
    return row_weights(problem, rows, task).numpy().astype(np.float64)


def _value(problem: Problem, rows: IntArray) -> FloatArray:
    return problem.value.numpy()[rows].astype(np.float64)


def _state(problem: Problem, rows: IntArray) -> FloatArray:
    """1000 K / T, volume fraction and the basis of a label, shape (n, 5)."""
    basis = problem.state.basis.numpy()[rows]
    columns = [1000.0 / problem.state.temperature_K.numpy()[rows]]
    columns += [problem.state.volume_fraction.numpy()[rows]]
    columns += [(basis == i).astype(np.float64) for i in range(len(LABEL_BASES))]
    return np.stack(columns, axis=1).astype(np.float64)


def _choose(
    problem: Problem, fold: Fold, task: str, fits: list[Callable[[Fold, IntArray], FloatArray]]
) -> Callable[[Fold, IntArray], FloatArray]:
    """The fit with the least error on the inner fold: absolute for chi, squared for labels."""
    inner = _inner(problem, fold)
    rows = np.flatnonzero(inner.test & (problem.task == task))
    if not len(rows):
        return fits[0]
    power = 1 if task == "chi" else 2
    weights, truth = _weights(problem, rows, task), _value(problem, rows)
    errors = [
        np.average(np.abs(one(inner, rows) - truth) ** power, weights=weights) for one in fits
    ]
    return fits[int(np.argmin(errors))]


def mean(problem: Problem, fold: Fold, task: str, rows: IntArray) -> FloatArray:
    """The weighted mean of the training rows."""
    known = _known(problem, fold, task)
    average = np.average(_value(problem, known), weights=_weights(problem, known, task))
    return np.full(len(rows), average)


def additive(problem: Problem, fold: Fold, task: str, rows: IntArray) -> FloatArray:
    """Ridge regression on the identities of polymer and solvent, and on the state."""

    def inputs(chosen: IntArray) -> sparse.csr_matrix:
        n, every = len(chosen), np.arange(len(chosen))
        offset = len(problem.data.polymers)
        columns = np.r_[problem.polymer[chosen], problem.solvent[chosen] + offset]
        identity = sparse.csr_matrix(
            (np.ones(2 * n), (np.r_[every, every], columns)),
            shape=(n, offset + len(problem.data.solvents)),
        )
        return sparse.hstack([identity, sparse.csr_matrix(_state(problem, chosen))]).tocsr()

    def fitted(ridge: float) -> Callable[[Fold, IntArray], FloatArray]:
        def one(part: Fold, wanted: IntArray) -> FloatArray:
            known = _known(problem, part, task)
            model = Ridge(alpha=ridge)
            model.fit(
                inputs(known),
                _value(problem, known),
                sample_weight=_weights(problem, known, task),
            )
            return np.asarray(model.predict(inputs(wanted)), dtype=np.float64)

        return one

    return _choose(problem, fold, task, [fitted(ridge) for ridge in _RIDGES])(fold, rows)


def trees(problem: Problem, fold: Fold, task: str, rows: IntArray) -> FloatArray:
    """Extremely randomised or gradient-boosted trees on the descriptors of both molecules."""
    tables = (
        features.describe(problem.data.polymers, "polymer"),
        features.describe(problem.data.solvents, "solvent"),
    )

    def inputs(chosen: IntArray) -> NDArray[np.float32]:
        parts = [tables[0][problem.polymer[chosen]], tables[1][problem.solvent[chosen]]]
        return np.concatenate([*parts, _state(problem, chosen)], axis=1, dtype=np.float32)

    def fitted(
        kind: str, settings: dict[str, Any], *, activity: bool
    ) -> Callable[[Fold, IntArray], FloatArray]:
        def one(part: Fold, wanted: IntArray) -> FloatArray:
            known = _known(problem, part, task, activity=activity)
            model = (
                ExtraTreesRegressor(200, n_jobs=1, random_state=0, **settings)
                if kind == "extra"
                else lightgbm.LGBMRegressor(
                    n_estimators=400, learning_rate=0.03, subsample=0.7, subsample_freq=1,
                    reg_lambda=1.0, n_jobs=1, random_state=0, verbose=-1, **settings,
                )
            )  # fmt: skip
            model.fit(
                inputs(known),
                _value(problem, known),
                sample_weight=_weights(problem, known, task),
            )
            return np.asarray(model.predict(inputs(wanted)), dtype=np.float64)

        return one

    fits = [
        fitted(kind, settings, activity=activity)
        for kind, settings, activity in _TREES
        if task == "chi" or not activity
    ]
    return _choose(problem, fold, task, fits)(fold, rows)


BASELINES: Final = MappingProxyType({"trees": trees, "additive": additive, "mean": mean})
