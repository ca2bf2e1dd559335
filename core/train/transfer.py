"""What pre-training on simulated pairs is worth: the same fine-tuning from different starts.

As published (arXiv 2509.10273), each property has a network of its own, which sees of the
simulation only what pre-training left in the embeddings: no features of surfaces, no Gaussian
process. It starts from nothing, from one simulated property, or from all simulated quantities. The
folds are those of the evaluation, and differences are paired over ionic liquids.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from tqdm import tqdm

from core.properties import PROPERTIES
from core.train.data import EVALUATED_KINDS, BoolArray, Fold, folds
from core.train.ionic_liquids import NETWORKS, FitConfig, fit, predict_rows
from core.train.ionic_liquids_problem import FOLDS, SPLIT_SEED, Problem, tier_liquids
from core.train.pretraining import PRETRAINING, Start
from core.train.runs import digest, kept

__all__ = ["FRACTIONS", "STARTS", "WITHIN", "share", "transfer"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

STARTS: Final[tuple[Start, ...]] = ("none", "volume", "viscosity", "joint")
# The start that simulates the property itself; the other one is across properties.
WITHIN: Final[Mapping[str, Start]] = {
    "density_kg_m3": "volume",
    "viscosity_mPa_s": "viscosity",
    "heat_capacity_J_mol_K": "volume",
}
FRACTIONS: Final = (0.1, 0.25, 0.5, 1.0)
_MEMBERS, _EPOCHS = 4, 25


def _config(key: str, start: Start) -> FitConfig:
    """Return the settings of a network of one property, smaller than the shipped ones."""
    return replace(
        NETWORKS["liquid"],
        properties=(key,),
        network=replace(NETWORKS["liquid"].network, members=_MEMBERS),
        epochs=_EPOCHS,
        start=start,
        surfaces=False,
        process=False,
    )


def share(problem: Problem, train: BoolArray, fraction: float) -> BoolArray:
    """Part of the training liquids, always the same ones and always within the larger parts.

    Args:
        problem: the data.
        train: mask of the training liquids, shape (liquids,).
        fraction: how many of them, 0 to 1.
    """
    liquids = problem.dataset.liquids

    def rank(cation: str, anion: str) -> float:
        text = hashlib.sha256(f"share|{cation}.{anion}".encode()).hexdigest()
        return int(text[:8], 16) / 16**8

    ranks = [rank(c, a) for c, a in zip(liquids["cation"], liquids["anion"], strict=True)]
    kept_part: BoolArray = train & (np.array(ranks) < fraction)
    return kept_part


def _errors(
    problem: Problem, fold: Fold, key: str, start: Start, *, fraction: float, runs: Path
) -> pd.Series[float]:
    """Mean absolute error of each test liquid of a fold's tier, by the index of the liquid."""
    config = _config(key, start)
    liquids = tier_liquids(problem.dataset, fold, key)
    rows = np.flatnonzero(liquids[problem.row_liquid] & (problem.row_key == key))
    mark = digest(
        problem.dataset.files, fold.key(problem.dataset.liquids), asdict(config),
        asdict(PRETRAINING), problem.mark, fraction,
    )  # fmt: skip

    def left_out() -> dict[str, FloatArray]:
        train = share(problem, fold.train, fraction)
        fitted = fit(problem, train, config, seed=fold.number, runs=runs)
        return {"value": predict_rows(problem, fitted, rows)[0]}

    path = runs / f"transfer-{start}-{key}-{fold.kind}-{fold.number}-{mark}.npz"
    spec = PROPERTIES[key]
    learned = kept(path, left_out)["value"]
    value = problem.dataset.rows["value"].to_numpy()[rows]
    error = np.abs(spec.for_errors(spec.clip(spec.inverse(learned))) - spec.for_errors(value))
    return pd.Series(error).groupby(problem.row_liquid[rows]).mean()


def transfer(problem: Problem, runs: Path) -> dict[str, Any]:
    """Cross-validate every start for every property; finished fits are read from ``runs``.

    Returns:
        Plain data for a model card. ``starts``: property -> tier -> start -> ``MAE_by_liquid``
        and, but for ``none``, ``minus_none`` with its standard error ``minus_none_se`` over ionic
        liquids. ``curve``: property -> start -> ``MAE_by_liquid`` at each of ``fractions`` of the
        training liquids, for new cations.
    """
    starts: dict[str, Any] = {key: {} for key in PROPERTIES}
    total = len(PROPERTIES) * len(STARTS) * len(EVALUATED_KINDS) * FOLDS
    bar = tqdm(total=total, desc="transfer", unit="fit")
    for kind in EVALUATED_KINDS:
        every = list(folds(problem.dataset.liquids, kind, FOLDS, SPLIT_SEED))
        for key in PROPERTIES:
            errors = {}
            for start in STARTS:
                parts = []
                for fold in every:
                    parts.append(_errors(problem, fold, key, start, fraction=1.0, runs=runs))
                    bar.update()
                errors[start] = pd.concat(parts)
            starts[key][kind] = {start: _compared(errors, start) for start in STARTS}
    bar.close()
    return {"starts": starts, "curve": _curve(problem, runs), "fractions": list(FRACTIONS)}


def _compared(errors: Mapping[Start, pd.Series[float]], start: Start) -> dict[str, float]:
    own = errors[start]
    found = {"MAE_by_liquid": float(own.mean()), "n_liquids": len(own)}
    if start != "none":
        apart = own - errors["none"]
        found["minus_none"] = float(apart.mean())
        found["minus_none_se"] = float(apart.std(ddof=1) / np.sqrt(len(apart)))
    return found


def _curve(problem: Problem, runs: Path) -> dict[str, dict[str, list[float]]]:
    """Errors of liquids with a new cation as the training liquids become more."""
    chosen: tuple[Start, ...] = ("none", "joint")
    every = list(folds(problem.dataset.liquids, "cation", FOLDS, SPLIT_SEED))
    found: dict[str, dict[str, list[float]]] = {}
    bar = tqdm(total=len(PROPERTIES) * len(chosen) * len(FRACTIONS), desc="learning curves")
    for key in PROPERTIES:
        found[key] = {start: [] for start in chosen}
        for start in chosen:
            for fraction in FRACTIONS:
                parts = [
                    _errors(problem, fold, key, start, fraction=fraction, runs=runs)
                    for fold in every
                ]
                found[key][start].append(float(pd.concat(parts).mean()))
                bar.update()
    bar.close()
    return found
