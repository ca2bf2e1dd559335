"""How good the polymer-solvent model is: grouped cross-validation beside simple models.

The metrics go into the model's card; the tables in README.md are written from the card.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import rankdata
from tqdm import tqdm

from core import checkpoints
from core.checkpoints import Card, Metrics
from core.features import polymer_solvent as features
from core.metrics import COUNTS, MEASURES, TIERS, TITLES
from core.miscibility import LABEL_BASES
from core.thermodynamics import hansen_distance, red
from core.train.parity import density
from core.train.polymer_solvent import MODELS, LeftOut, cross_validate, fit_logistic, tested
from core.train.polymer_solvent_baselines import BASELINES, SETTINGS
from core.train.polymer_solvent_correction import correction
from core.train.polymer_solvent_data import (
    SPLIT_KINDS,
    Fold,
    IntArray,
    SplitKind,
    folds,
    load_polymer_solvent,
)
from core.train.polymer_solvent_problem import FOLDS, SPLIT_SEED, Problem
from core.train.readme import domain_lines, folded, interval_lines, put_tables
from core.train.runs import digest, kept
from core.uncertainty import HeldOut, calibrate, reliability

__all__ = ["area_under_curve", "evaluate", "markdown", "write_docs"]

FloatArray = NDArray[np.float64]

_ROLE: Final = "polymer-solvent"
_KINDS: Final[tuple[SplitKind, ...]] = ("pair", "solvent", "polymer")
# Task -> networks compared.
_OTHER: Final = "without simulated chi"
_MODELS: Final = {
    "chi": ("network", _OTHER, "chi alone", "published tasks"),
    "soluble": ("network", _OTHER, "labels alone", "published tasks"),
}
# What the network is compared with pair by pair -> the name of the difference among the measures.
_GAINS: Final = {"trees": "minus_trees", _OTHER: "minus_other"}
# A computed value stands for a measured one if the temperatures are this close, in kelvin.
_SAME_TEMPERATURE_K: Final = 5.0
_RESAMPLES: Final = 400
_BINS: Final = 10
_CELLS: Final = 40

_TITLES: Final = TITLES[_ROLE]


# ----------------------------------------------------------------------------------------- measures


def area_under_curve(label: FloatArray, score: FloatArray) -> float:
    """Area under the receiver operating characteristic: how often a 1 scores above a 0.

    Args:
        label: 1 / 0, shape (n,).
        score: shape (n,); ties count half.
    """
    positive = label > 0.5
    n_1, n_0 = int(positive.sum()), int((~positive).sum())
    if not n_1 or not n_0:
        return float("nan")
    rank = rankdata(score)[positive].sum()
    return float((rank - n_1 * (n_1 + 1) / 2) / (n_1 * n_0))


def _chi_measures(value: FloatArray, predicted: FloatArray, pair: IntArray) -> dict[str, float]:
    error = predicted - value
    by_pair = pd.Series(np.abs(error)).groupby(pair).mean()
    return {
        "MAE": float(np.abs(error).mean()),
        "RMSE": float(np.sqrt((error**2).mean())),
        "R2": float(1.0 - (error**2).sum() / ((value - value.mean()) ** 2).sum()),
        "MAE_by_pair": float(by_pair.mean()),
        "n_rows": len(value),
        "n_pairs": len(by_pair),
    }


def _bins(probability: FloatArray) -> IntArray:
    """Which tenth a probability lies in, same shape."""
    return np.minimum((np.clip(probability, 0.0, 1.0) * _BINS).astype(np.int64), _BINS - 1)


def _label_measures(label: FloatArray, probability: FloatArray, pair: IntArray) -> dict[str, float]:
    said = probability >= 0.5
    sensitivity, specificity = said[label > 0.5].mean(), (~said[label < 0.5]).mean()
    table = pd.DataFrame({"bin": _bins(probability), "said": probability, "seen": label}).groupby(
        "bin"
    )
    gap = (table["said"].mean() - table["seen"].mean()).abs()
    return {
        "AUC": area_under_curve(label, probability),
        "balanced_accuracy": float((sensitivity + specificity) / 2.0),
        "Brier": float(((probability - label) ** 2).mean()),
        "ECE": float((gap * table.size()).sum() / len(label)),
        "n_rows": len(label),
        "n_pairs": len(np.unique(pair)),
    }


def _chi_gain(
    value: FloatArray, ours: FloatArray, theirs: FloatArray, pair: IntArray
) -> tuple[float, float]:
    """Mean difference of absolute errors, ours minus theirs; its standard error over pairs."""
    gain = np.abs(ours - value) - np.abs(theirs - value)
    by_pair = pd.Series(gain).groupby(pair)
    total, number = by_pair.sum().to_numpy(), by_pair.size().to_numpy()
    mean = total.sum() / number.sum()
    residual = total - mean * number
    error = np.sqrt((residual**2).sum() * len(total) / (len(total) - 1)) / number.sum()
    return float(mean), float(error)


def _label_gain(
    label: FloatArray, ours: FloatArray, theirs: FloatArray, pair: IntArray
) -> tuple[float, float]:
    """Difference of the areas under the curve; standard error by resampling pairs."""
    generator = np.random.default_rng(0)
    order = np.argsort(pair, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(pair[order])) + 1)
    found = []
    for _ in range(_RESAMPLES):
        drawn = np.concatenate(
            [groups[i] for i in generator.integers(len(groups), size=len(groups))]
        )
        found.append(
            area_under_curve(label[drawn], ours[drawn])
            - area_under_curve(label[drawn], theirs[drawn])
        )
    difference = area_under_curve(label, ours) - area_under_curve(label, theirs)
    return difference, float(np.std(found, ddof=1))


def _gains(
    gain: Callable[[FloatArray, FloatArray, FloatArray, IntArray], tuple[float, float]],
    value: FloatArray,
    by_model: dict[str, FloatArray],
    pair: IntArray,
) -> dict[str, float]:
    """Differences of the network and what it is compared with, each with its standard error."""
    found: dict[str, float] = {}
    for name, measure in _GAINS.items():
        found[measure], found[f"{measure}_se"] = gain(
            value, by_model["network"], by_model[name], pair
        )
    return found


# ---------------------------------------------------------------------------------------- left out


@dataclass(frozen=True)
class _Case:
    """Left-out rows of one task and kind of fold, with every model's values."""

    row: IntArray
    fold: IntArray
    by_model: dict[str, FloatArray]
    spread: FloatArray


def _case(problem: Problem, task: str, kind: SplitKind, runs: Path, seed: int) -> _Case:
    names = _MODELS[task]
    parts: dict[str, list[LeftOut]] = {
        name: cross_validate(problem, name, kind, runs, seed=seed)[task] for name in names
    }
    if task == "soluble":
        alone = cross_validate(problem, "network", kind, runs, seed=seed, process=False)
        parts["network alone"] = alone[task]
    row = np.concatenate([part.row for part in parts["network"]])
    number = np.concatenate([np.full(len(p.row), i) for i, p in enumerate(parts["network"])])
    by_model: dict[str, FloatArray] = {}
    for name, own in parts.items():
        values = np.concatenate([part.mean for part in own])
        by_model[name] = values if task == "chi" else _calibrated(problem, row, values, number)
    every = tqdm(
        folds(problem.data, kind, FOLDS, SPLIT_SEED),
        desc=f"simple models of {task} by {kind}",
        total=FOLDS,
    )
    others: dict[str, list[FloatArray]] = {}
    for fold, part in zip(every, parts["network"], strict=True):
        if task == "chi":
            value = _correction(problem, fold, rows=part.row, runs=runs, seed=seed)
            others.setdefault("correction of a regular solution", []).append(value)
        for name in BASELINES:
            value = _baseline(problem, fold, task, name=name, rows=part.row, runs=runs)
            others.setdefault(name, []).append(value)
    by_model |= {name: np.concatenate(found) for name, found in others.items()}
    spread = np.concatenate([part.spread for part in parts["network"]])
    return _Case(row, number, by_model, spread)


def _calibrated(problem: Problem, row: IntArray, logit: FloatArray, number: IntArray) -> FloatArray:
    """Probabilities; each fold's logits are scaled by what the other folds say."""
    label, pair = problem.value.numpy()[row].astype(np.float64), problem.pair[row]
    found = np.empty(len(row))
    for fold in range(FOLDS):
        own = number == fold
        slope, offset = fit_logistic(logit[~own], label[~own], pair[~own])
        found[own] = 1.0 / (1.0 + np.exp(-(slope * logit[own] + offset)))
    return found


def _correction(
    problem: Problem, fold: Fold, *, rows: IntArray, runs: Path, seed: int
) -> FloatArray:
    config = MODELS[_OTHER].as_dict()
    for key in ("label_process", "pretraining"):  # of no concern to this chi
        config.pop(key)
    mark = digest(problem.data.files, fold.key(problem.data), config, seed, features.VERSION)
    return kept(
        runs / f"correction-of-a-regular-solution-{fold.kind}-{fold.number}-{mark}.npz",
        lambda: {"chi": correction(problem, fold, rows, seed + 100 * fold.number)},
    )["chi"]


def _baseline(
    problem: Problem, fold: Fold, task: str, *, name: str, rows: IntArray, runs: Path
) -> FloatArray:
    mark = digest(
        problem.data.files, fold.key(problem.data), rows.tolist(), SETTINGS, features.VERSION
    )
    path = runs / f"{name}-{task}-{fold.kind}-{fold.number}-{mark}.npz"
    fit: Callable[[Problem, Fold, str, IntArray], FloatArray] = BASELINES[name]
    return kept(path, lambda: {"value": fit(problem, fold, task, rows)})["value"]


def _coverage(value: FloatArray, case: _Case, pair: IntArray) -> float:
    """Share of left-out values inside intervals that the other folds calibrated; by pair."""
    inside = np.empty(len(value))
    mean = case.by_model["network"]
    for fold in range(FOLDS):
        own = case.fold == fold
        fitted = calibrate(HeldOut(value[~own] - mean[~own], case.spread[~own], pair[~own]))
        inside[own] = np.abs(value[own] - mean[own]) <= fitted.half_width(case.spread[own])
    return float(pd.Series(inside).groupby(pair).mean().mean())


def _computed_chi(problem: Problem, row: IntArray) -> FloatArray:
    """COSMO-RS chi of the same pair at nearly the same temperature; NaN where there is none."""
    rows = problem.data.rows
    table = rows[rows["task"] == "chi_cosmo_rs"]
    groups = dict(list(table.groupby(["polymer", "solvent"])))
    found = np.full(len(row), np.nan)
    wanted = rows.iloc[row]
    for i, (p, s, t) in enumerate(
        zip(wanted["polymer"], wanted["solvent"], wanted["temperature_K"], strict=True)
    ):
        if (own := groups.get((p, s))) is not None:
            gap = (own["temperature_K"] - t).abs()
            if gap.min() <= _SAME_TEMPERATURE_K:
                found[i] = own.loc[gap.idxmin(), "value"]
    return found


def _hansen_red(problem: Problem, row: IntArray) -> FloatArray:
    """Relative energy difference Ra / R0 of the pairs; NaN where a parameter is not known."""
    data = problem.data
    polymer, solvent = problem.polymer[row], problem.solvent[row]
    ra = hansen_distance(data.polymer_hansen[polymer], data.solvent_hansen[solvent])
    return np.asarray(red(ra, data.polymer_radius[polymer]), dtype=np.float64)


# ----------------------------------------------------------------------------------------- evaluate


def _chi_tables(problem: Problem, case: _Case) -> Metrics:
    """Metrics of chi for one kind of fold: property -> model -> measure (no tier yet)."""
    value = problem.value.numpy()[case.row].astype(np.float64)
    pair = problem.pair[case.row]
    published = problem.data.rows["aoki"].to_numpy(bool)[case.row]
    computed = {
        "COSMO-RS": _computed_chi(problem, case.row),
        "simulation": problem.simulated.of_rows(problem.data, case.row),
    }
    found: dict[str, dict[str, dict[str, float]]] = {}
    for name, chosen in (("chi_published", published), ("chi", np.ones(len(value), dtype=bool))):
        own = {
            model: _chi_measures(value[chosen], values[chosen], pair[chosen])
            for model, values in case.by_model.items()
        }
        chosen_by_model = {model: values[chosen] for model, values in case.by_model.items()}
        own["network"] |= _gains(_chi_gain, value[chosen], chosen_by_model, pair[chosen])
        for source, known in computed.items():
            both = chosen & ~np.isnan(known)
            if both.any():
                for model, values in (
                    (source, known),
                    (f"network, same rows as {source}", case.by_model["network"]),
                ):
                    r = float(np.corrcoef(values[both], value[both])[0, 1])
                    own[model] = {
                        **_chi_measures(value[both], values[both], pair[both]),
                        "r": r,
                    }
        found[name] = own
    found["chi"]["network"]["coverage"] = _coverage(value, case, pair)
    return found  # type: ignore[return-value]


def _label_tables(problem: Problem, case: _Case) -> Metrics:
    """Metrics of the labels for one kind of fold: property -> model -> measure."""
    label = problem.value.numpy()[case.row].astype(np.float64)
    pair, basis = problem.pair[case.row], problem.state.basis.numpy()[case.row]
    distance = _hansen_red(problem, case.row)
    found: dict[str, dict[str, dict[str, float]]] = {}
    masks = {"soluble": np.ones(len(label), dtype=bool)}
    masks |= {f"soluble_{name}": basis == i for i, name in enumerate(LABEL_BASES)}
    for name, chosen in masks.items():
        own = {
            model: _label_measures(label[chosen], values[chosen], pair[chosen])
            for model, values in case.by_model.items()
        }
        chosen_by_model = {model: values[chosen] for model, values in case.by_model.items()}
        own["network"] |= _gains(_label_gain, label[chosen], chosen_by_model, pair[chosen])
        both = chosen & ~np.isnan(distance)
        if len(np.unique(label[both])) == 2:
            inside = (distance[both] < 1.0).astype(np.float64)
            own["Hansen RED"] = _label_measures(label[both], inside, pair[both])
            own["Hansen RED"]["AUC"] = area_under_curve(label[both], -distance[both])
            own["network, same rows as Hansen RED"] = _label_measures(
                label[both], case.by_model["network"][both], pair[both]
            )
        found[name] = own
    return found  # type: ignore[return-value]


def _studies(
    problem: Problem, left_out: dict[SplitKind, dict[str, list[LeftOut]]]
) -> dict[str, Any]:
    """Predicted against measured chi; how far intervals and probabilities keep their promise."""
    value = problem.value.numpy().astype(np.float64)
    parity, calibration, reliable = {}, {}, {}
    low, high = np.quantile(value[problem.task == "chi"], [0.005, 0.995])
    edges = np.linspace(float(low), float(high), _CELLS + 1)
    for kind in SPLIT_KINDS:
        tier = "both_new" if kind == "both" else kind
        chi = tested(problem, left_out[kind]["chi"], kind)
        calibration[tier] = reliability(
            [HeldOut(value[p.row] - p.mean, p.spread, problem.pair[p.row]) for p in chi]
        )
        row, mean = (np.concatenate([getattr(p, name) for p in chi]) for name in ("row", "mean"))
        parity[tier] = density(value[row], mean, edges) | {"scale": "linear"}
        labels = tested(problem, left_out[kind]["soluble"], kind)
        row, logit = (
            np.concatenate([getattr(p, name) for p in labels]) for name in ("row", "mean")
        )
        fold = np.concatenate([np.full(len(p.row), i) for i, p in enumerate(labels)])
        said = _calibrated(problem, row, logit, fold)
        table = pd.DataFrame({"said": said, "seen": value[row], "bin": _bins(said)})
        groups = table.groupby("bin")
        reliable[tier] = {
            "predicted": [round(float(p), 4) for p in groups["said"].mean()],
            "observed": [round(float(p), 4) for p in groups["seen"].mean()],
            "n": groups.size().tolist(),
        }
    return {
        "parity": {"chi": parity},
        "calibration": {"chi": calibration},
        "reliability": reliable,
    }


def evaluate(
    path: Path | None = None,
    *,
    runs: Path = Path("runs/polymer_solvent"),
    data: Path | None = None,
    seed: int = 0,
) -> Card:
    """Cross-validate the network and the simple models; store the metrics in the card.

    Finished folds are read from ``runs``; without them this takes longer than training, since the
    network is also fitted with fewer tasks, to see what each is worth.

    Args:
        path: the checkpoint folder; the default one for polymers in solvents if not given.
        runs: where finished folds are kept.
        data: the data folder; found as :mod:`core.measured` says if not given.
        seed: as in training.

    Raises:
        DataMissingError: if the measured tables are not there.
        CheckpointError: if there is no such checkpoint.
    """
    path = path or checkpoints.default_path(_ROLE)
    card = checkpoints.read_card(path, _ROLE)
    problem = Problem(load_polymer_solvent(data))
    metrics: Metrics = {name: {} for name in _TITLES}
    for kind in _KINDS:
        chi = _case(problem, "chi", kind, runs, seed)
        labels = _case(problem, "soluble", kind, runs, seed)
        for name, own in (_chi_tables(problem, chi) | _label_tables(problem, labels)).items():
            metrics[name][kind] = own  # type: ignore[assignment]
    left_out = {
        kind: cross_validate(problem, "network", kind, runs, seed=seed) for kind in SPLIT_KINDS
    }
    studies = card.studies | _studies(problem, left_out)
    compared = {
        name: MODELS[name].as_dict() for name in sorted({*_MODELS["chi"], *_MODELS["soluble"]})
    }
    training = card.training | {"compared": compared}
    card = replace(card, metrics=metrics, studies=studies, training=training)
    checkpoints.write_card(path, card)
    return card


def markdown(card: Card) -> str:
    """Return the card's metrics as Markdown: a summary, and all measures to be unfolded."""
    lines = [
        f"Model `{card.name}`, {FOLDS} folds for each tier, split by system. MAE of χ, and area",
        "under the curve (AUC) of the labels; in brackets those of the trees and the difference",
        "with its standard error over pairs. The network is better where the difference of χ is",
        "negative, and that of the AUC positive:",
        "",
        f"| rows | {' | '.join(TIERS[_ROLE][kind] for kind in _KINDS)} |",
        f"|---|{'---:|' * len(_KINDS)}",
    ]
    for name, tiers in card.metrics.items():
        measure = "MAE" if name.startswith("chi") else "AUC"
        cells = [
            f"{tiers[kind]['network'][measure]:.3f} ({tiers[kind]['trees'][measure]:.3f}; "
            f"{_gain(tiers[kind]['network'], 'minus_trees')})"
            for kind in _KINDS
        ]
        lines.append(f"| {_TITLES.get(name, name)} | {' | '.join(cells)} |")
    if "calibration" in card.studies:
        lines += ["", *interval_lines(_ROLE, card.studies["calibration"], {"chi": "χ"}.__getitem__)]
    if "domain" in card.studies:
        lines += ["", *domain_lines(card.studies["domain"])]
    lines += ["", *folded("All measures, beside all other models", _measure_lines(card))]
    return "\n".join(lines)


def _gain(measures: Mapping[str, float], name: str) -> str:
    return f"{measures[name]:+.3f} ± {measures[f'{name}_se']:.3f}"


def _measure_lines(card: Card) -> list[str]:
    """One table for each task and set of rows, and what the simulated χ is worth."""
    lines = []
    for name, tiers in card.metrics.items():
        every = {measure for models in tiers.values() for m in models.values() for measure in m}
        columns = {k: v for k, v in (*MEASURES.items(), *COUNTS.items()) if k in every}
        lines += [
            "",
            f"**{_TITLES.get(name, name)}**",
            "",
            f"| tier | model | {' | '.join(columns.values())} |",
            f"|---|---|{'---:|' * len(columns)}",
        ]
        for tier, models in tiers.items():
            for model, m in models.items():
                cells = [
                    "" if k not in m else f"{m[k]:.0f}" if k in COUNTS else f"{m[k]:.3g}"
                    for k in columns
                ]
                lines.append(f"| {TIERS[_ROLE].get(tier, tier)} | {model} | {' | '.join(cells)} |")
    lines += [
        "",
        f"Network minus *{_OTHER}*, with the standard error over pairs: MAE of chi (negative: the",
        "network is better), AUC of the labels (positive: the network is better):",
        "",
        f"| rows | {' | '.join(TIERS[_ROLE][kind] for kind in _KINDS)} |",
        f"|---|{'---:|' * len(_KINDS)}",
    ]
    for name, tiers in card.metrics.items():
        cells = [_gain(tiers[kind]["network"], _GAINS[_OTHER]) for kind in _KINDS]
        lines.append(f"| {_TITLES.get(name, name)} | {' | '.join(cells)} |")
    return lines[1:]


def write_docs(card: Card, readme: Path) -> None:
    """Put the card's tables between the markers in ``readme``.

    Raises:
        ValueError: if the markers are missing.
    """
    put_tables(readme, _ROLE, markdown(card))
