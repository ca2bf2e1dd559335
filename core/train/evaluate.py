"""How good the ionic-liquid model is: grouped cross-validation beside simple models.

The metrics go into the model's card; the tables in README.md are written from the card.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from tqdm import tqdm

from core import checkpoints
from core.checkpoints import Card, Metrics
from core.metrics import MEASURES, STARTS, TIERS, with_error
from core.properties import PROPERTIES, Property
from core.train.baselines import BASELINES, SETTINGS
from core.train.data import (
    EVALUATED_KINDS,
    SPLIT_KINDS,
    Fold,
    SplitKind,
    folds,
    load_ionic_liquids,
)
from core.train.ionic_liquids import NETWORKS, LeftOut, calibrations, cross_validate, tested
from core.train.ionic_liquids_problem import FOLDS, SPLIT_SEED, Problem, tier_liquids
from core.train.parity import density
from core.train.readme import domain_lines, folded, interval_lines, put_tables
from core.train.relations import simulator_accuracy
from core.train.runs import digest, kept
from core.train.transfer import WITHIN, transfer
from core.uncertainty import POWERS, HeldOut, Support, reliability

__all__ = ["UNSIMULATED", "evaluate", "markdown", "measures", "write_docs"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_ROLE: Final = "ionic-liquids"
_TIERS: Final = TIERS[_ROLE]
UNSIMULATED: Final = "surface emulated"
"""The recommender where a new ion has no simulated surface, only one made from its structure."""

# Tier -> support whose intervals are tested.
_INTERVALS: Final[dict[str, Support]] = {
    "pair": "both_ions_known",
    "cation": "new_cation",
    "anion": "new_anion",
    "two_new_ions": "two_new_ions",
}
_CELLS: Final = 40
_COLUMNS: Final = ("MAE", "RMSE", "R2", "AARD", "MAE_by_liquid", "AARD_by_liquid")


def measures(
    spec: Property, value: FloatArray, predicted: FloatArray, liquid: IntArray
) -> dict[str, float]:
    """Errors by row and averaged by ionic liquid.

    MAE, RMSE and R2 are in the property's unit, or in log10 units where the property is learned on
    that scale; AARD, the average absolute relative deviation, is in percent of the value.

    Args:
        spec: the property.
        value: measured, in its unit, shape (n,).
        predicted: in its unit, shape (n,).
        liquid: which ionic liquid a row belongs to, shape (n,).
    """
    y, error = spec.for_errors(value), spec.for_errors(predicted) - spec.for_errors(value)
    relative = np.abs(predicted / value - 1.0) * 100.0
    table = pd.DataFrame({"liquid": liquid, "error": np.abs(error), "relative": relative})
    by_liquid = table.groupby("liquid").mean()
    return {
        "MAE": float(np.abs(error).mean()),
        "RMSE": float(np.sqrt((error**2).mean())),
        "R2": float(1.0 - (error**2).sum() / ((y - y.mean()) ** 2).sum()),
        "AARD": float(relative.mean()),
        "MAE_by_liquid": float(by_liquid["error"].mean()),
        "AARD_by_liquid": float(by_liquid["relative"].mean()),
        "n_rows": len(value),
        "n_liquids": len(by_liquid),
    }


@dataclass(frozen=True)
class _Case:
    """The test rows of one property in one fold's tier, with every model's values."""

    rows: IntArray
    by_model: dict[str, FloatArray]


def _cases(problem: Problem, kind: SplitKind, runs: Path, seed: int) -> Iterator[tuple[str, _Case]]:
    left_out = cross_validate(problem, NETWORKS, kind, runs, seed=seed)
    bar = tqdm(total=FOLDS * len(PROPERTIES), desc=f"simple models by {kind}", unit="fit")
    for fold in folds(problem.dataset.liquids, kind, FOLDS, SPLIT_SEED):
        result = left_out[fold.number]
        for key in PROPERTIES:
            chosen = tier_liquids(problem.dataset, fold, key)[problem.row_liquid[result.row]]
            chosen &= problem.row_key[result.row] == key
            rows = result.row[chosen]
            values = {
                name: _baseline(problem, fold, key, name=name, rows=rows, runs=runs)
                for name in BASELINES
            }
            values["recommender"] = result.mean[chosen]
            values[UNSIMULATED] = result.unsimulated_mean[chosen]
            yield key, _Case(rows, values)
            bar.update()
    bar.close()


def _baseline(
    problem: Problem, fold: Fold, key: str, *, name: str, rows: IntArray, runs: Path
) -> FloatArray:
    dataset = problem.dataset
    mark = digest(dataset.files, fold.key(dataset.liquids), rows.tolist(), SETTINGS, problem.mark)
    path = runs / f"{name}-{key}-{fold.kind}-{fold.number}-{mark}.npz"
    return kept(
        path,
        lambda: {"value": BASELINES[name](problem, fold, key, rows) if len(rows) else np.empty(0)},
    )["value"]


def _against(
    spec: Property, value: FloatArray, ours: FloatArray, theirs: FloatArray, liquid: IntArray
) -> dict[str, float]:
    """Mean difference of absolute errors by ionic liquid, ours minus theirs, and its error."""
    y = spec.for_errors(value)
    gain = np.abs(spec.for_errors(ours) - y) - np.abs(spec.for_errors(theirs) - y)
    by_liquid = pd.Series(gain).groupby(liquid).mean()
    return {
        "minus_trees": float(by_liquid.mean()),
        "minus_trees_se": float(by_liquid.std(ddof=1) / np.sqrt(len(by_liquid))),
    }


def evaluate(
    path: Path | None = None,
    *,
    runs: Path = Path("runs/ionic_liquids"),
    data: Path | None = None,
    seed: int = 0,
) -> Card:
    """Cross-validate the recommender and the simple models; store the metrics in the card.

    With them go the accuracy of the simulation itself, and what pre-training on it is worth. The
    intervals of what was not measured are calibrated anew on the same folds.

    Finished folds are read from ``runs``; without them this takes about as long as training.

    Args:
        path: the checkpoint folder; the default one for ionic liquids if not given.
        runs: where finished folds are kept.
        data: the data folder; found as :mod:`core.train.data` says if not given.
        seed: as in training.

    Raises:
        DataMissingError: if the measured tables are not there.
        CheckpointError: if there is no such checkpoint.
    """
    path = path or checkpoints.default_path(_ROLE)
    card = checkpoints.read_card(path, _ROLE)
    runs.mkdir(parents=True, exist_ok=True)
    problem = Problem(load_ionic_liquids(data))
    measured = problem.dataset.rows["value"].to_numpy()
    metrics: Metrics = {key: {} for key in PROPERTIES}
    for kind in EVALUATED_KINDS:
        cases: dict[str, list[_Case]] = {key: [] for key in PROPERTIES}
        for key, case in _cases(problem, kind, runs, seed):
            cases[key].append(case)
        for key, spec in PROPERTIES.items():
            rows = np.concatenate([case.rows for case in cases[key]])
            values = {}
            # where both ions are known, whether they were simulated makes no difference
            others = ("trees", "additive", "mean")
            new = () if kind == "pair" else (UNSIMULATED,)
            for name in ("recommender", *new, *others):
                learned = np.concatenate([case.by_model[name] for case in cases[key]])
                values[name] = spec.clip(spec.inverse(learned))
            liquid, truth = problem.row_liquid[rows], measured[rows]
            found = {name: measures(spec, truth, v, liquid) for name, v in values.items()}
            found["recommender"] |= _against(
                spec, truth, values["recommender"], values["trees"], liquid
            )
            metrics[key][kind] = found
    left_out = {
        kind: cross_validate(problem, NETWORKS, kind, runs, seed=seed) for kind in SPLIT_KINDS
    }
    parts = tested(problem, left_out)
    studies = card.studies | {
        "simulation": simulator_accuracy(problem),
        "transfer": transfer(problem, runs),
        "parity": {key: _parity(problem, left_out, key) for key in PROPERTIES},
        "calibration": {key: _reliability(own) for key, own in parts.items()},
    }
    fitted = {
        key: card.calibration[key] | {tier: asdict(own) for tier, own in tiers.items()}
        for key, tiers in calibrations(parts).items()
    }
    card = replace(card, calibration=fitted, metrics=metrics, studies=studies)
    checkpoints.write_card(path, card)
    return card


def _reliability(parts: Mapping[Support, list[HeldOut]]) -> dict[str, Any]:
    """How far the intervals of one property keep what they promise, by tier."""
    return {
        tier: reliability(
            parts[support],
            [own for other, own in parts.items() if other != support],
            powers=POWERS,
        )
        for tier, support in _INTERVALS.items()
    }


def _parity(
    problem: Problem, left_out: Mapping[SplitKind, dict[int, LeftOut]], key: str
) -> dict[str, dict[str, Any]]:
    """How left-out predictions meet the measured values of one property, as counts, by tier."""
    spec, target = PROPERTIES[key], problem.target.numpy().astype(np.float64)
    own = target[problem.row_key == key]
    shown = spec.for_errors(spec.inverse(np.quantile(own, [0.001, 0.999])))
    edges = np.linspace(float(shown[0]), float(shown[1]), _CELLS + 1)
    found: dict[str, dict[str, Any]] = {}
    for kind in EVALUATED_KINDS:
        rows, means = [], []
        for fold in folds(problem.dataset.liquids, kind, FOLDS, SPLIT_SEED):
            result = left_out[kind][fold.number]
            chosen = tier_liquids(problem.dataset, fold, key)[problem.row_liquid[result.row]]
            chosen &= problem.row_key[result.row] == key
            rows.append(result.row[chosen])
            means.append(result.mean[chosen])
        row = np.concatenate(rows)
        predicted = spec.clip(spec.inverse(np.concatenate(means)))
        found[kind] = {
            **density(
                spec.for_errors(spec.inverse(target[row])), spec.for_errors(predicted), edges
            ),
            "scale": "log10" if spec.transform == "log10" else "linear",
        }
    return found


def markdown(card: Card) -> str:
    """Return the card's metrics as Markdown: a summary, and all measures to be unfolded."""
    lines = [
        f"Model `{card.name}`, {FOLDS} folds for each tier, split by ionic liquid. MAE by liquid,",
        "in brackets that of the trees and the paired difference with its standard error; it is",
        "negative where the recommender is better:",
        "",
        f"| property | {' | '.join(_TIERS.values())} |",
        f"|---|{'---:|' * len(_TIERS)}",
    ]
    for key, tiers in card.metrics.items():
        cells = []
        for kind in EVALUATED_KINDS:
            own, trees = tiers[kind]["recommender"], tiers[kind]["trees"]
            apart = with_error(own["minus_trees"], own["minus_trees_se"])
            cells.append(f"{own['MAE_by_liquid']:.3g} ({trees['MAE_by_liquid']:.3g}; {apart})")
        lines.append(f"| {PROPERTIES[key].label} / {_error_unit(key)} | {' | '.join(cells)} |")
    if "calibration" in card.studies:
        lines += ["", *interval_lines(_ROLE, card.studies["calibration"], _scaled)]
    if "domain" in card.studies:
        lines += ["", *domain_lines(card.studies["domain"])]
    lines += ["", *folded("All measures, beside all simple models", _measure_lines(card))]
    if "transfer" in card.studies:
        transferred = _transfer_lines(card.studies["transfer"])
        lines += ["", *folded("What pre-training is worth", transferred)]
    if "simulation" in card.studies:
        simulated = _simulation_lines(card.studies["simulation"])
        lines += ["", *folded("How good the simulation itself is", simulated)]
    return "\n".join(lines)


def _measure_lines(card: Card) -> list[str]:
    """One table for each property."""
    lines = []
    for key, tiers in card.metrics.items():
        lines += [
            "",
            f"**{PROPERTIES[key].label}** (MAE and RMSE in {_error_unit(key)})",
            "",
            f"| tier | model | {' | '.join(MEASURES[m] for m in _COLUMNS)} | liquids |",
            "|---|---|---:|---:|---:|---:|---:|---:|---:|",
        ]
        for tier, models in tiers.items():
            for name, m in models.items():
                numbers = " | ".join(f"{m[measure]:.3g}" for measure in _COLUMNS)
                lines.append(f"| {_TIERS[tier]} | {name} | {numbers} | {m['n_liquids']:.0f} |")
    return lines[1:]


def _error_unit(key: str) -> str:
    """The unit that errors are told in."""
    spec = PROPERTIES[key]
    return "log₁₀ units" if spec.transform == "log10" else spec.internal_unit.label


def _scaled(key: str) -> str:
    """A property with the unit of its learned scale."""
    spec = PROPERTIES[key]
    unit = {"log10": "log₁₀ units", "ln": "ln units"}.get(spec.transform, spec.internal_unit.label)
    return f"{spec.label} ({unit})"


def _transfer_lines(study: dict[str, Any]) -> list[str]:
    """Two tables: starts of the fine-tuning, and learning curves."""
    starts = list(study["starts"]["density_kg_m3"]["pair"])
    lines = [
        "**What pre-training is worth**: MAE by liquid of networks of one property, by what they",
        "were pre-trained on; in brackets the paired difference to no pre-training with its",
        "standard error. Pre-training within the property is marked with *.",
        "",
        f"| property | tier | {' | '.join(STARTS[start] for start in starts)} |",
        f"|---|---|{'---:|' * len(starts)}",
    ]
    for key, tiers in study["starts"].items():
        for tier, by_start in tiers.items():
            cells = []
            for start, m in by_start.items():
                text = f"{m['MAE_by_liquid']:.3g}"
                if "minus_none" in m:
                    mark = "*" if WITHIN.get(key) == start else ""
                    text += f"{mark} ({with_error(m['minus_none'], m['minus_none_se'])})"
                cells.append(text)
            lines.append(f"| {PROPERTIES[key].label} | {_TIERS[tier]} | {' | '.join(cells)} |")
    fractions = [f"{fraction:.0%}" for fraction in study["fractions"]]
    lines += [
        "",
        "Learning curves, new cations: MAE by liquid with a part of the training liquids, without",
        "pre-training and after pre-training on all simulated quantities:",
        "",
        f"| property | {' | '.join(fractions)} |",
        f"|---|{'---:|' * len(fractions)}",
    ]
    for key, curves in study["curve"].items():
        cells = [f"{a:.3g} → {b:.3g}" for a, b in zip(curves["none"], curves["joint"], strict=True)]
        lines.append(f"| {PROPERTIES[key].label} | {' | '.join(cells)} |")
    return lines


def _simulation_lines(study: Metrics) -> list[str]:
    """Accuracy of the simulation itself."""
    lines = [
        "**The simulation itself** (COSMO-RS-type: openCOSMO-RS 24a parameters on PM7/COSMO",
        "surfaces, GFN2-xTB geometries) at 298.15 K and 1 atm against experiment, its coefficients",
        "fitted without the liquids tested. Surface tension and melting point are not simulated.",
        "",
        "| property | tier | r | MAE | liquids | not simulated |",
        "|---|---|---:|---:|---:|---:|",
    ]
    for key, tiers in study.items():
        for tier, models in tiers.items():
            m = models["simulation"]
            lines.append(
                f"| {PROPERTIES[key].label} | {_TIERS[tier]} | {m['r']:.2f} | {m['MAE']:.3g} "
                f"| {m['n_liquids']:.0f} | {m['n_not_simulated']:.0f} |"
            )
    return lines


def write_docs(card: Card, readme: Path) -> None:
    """Put the card's tables between the markers in ``readme``.

    Raises:
        ValueError: if the markers are missing.
    """
    put_tables(readme, _ROLE, markdown(card))
