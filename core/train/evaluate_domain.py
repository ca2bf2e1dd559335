"""Whether the grades of the applicability domain sort errors, on folds that training kept.

The domain of each fold is built from its training part alone, and the members' disagreement is
judged by the pairs held out in the other folds. Nothing is trained here: finished folds are read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from scipy.special import expit

from core import checkpoints
from core.checkpoints import Card
from core.chemistry import Role
from core.domain import ANY, GRADES, MARGIN_K, Domain, Limits, beyond, codes, worst
from core.features import polymer_solvent as features
from core.predict import MiscibilityPredictor
from core.properties import PROPERTIES
from core.train.data import SPLIT_KINDS, folds, load_ionic_liquids
from core.train.domain import (
    IonSide,
    MoleculeSide,
    disagreement_limits,
    family_ranges,
    graded_by_disagreement,
    ionic_liquid_domain,
    miscibility_domain,
)
from core.train.evaluate_polymer_solvent import area_under_curve
from core.train.ionic_liquids import NETWORKS, LeftOut, cross_validate
from core.train.ionic_liquids_problem import FOLDS, SPLIT_SEED, Problem, tier_liquids
from core.train.polymer_solvent import EXPERIMENTAL, tier_rows
from core.train.polymer_solvent import cross_validate as cross_validate_pairs
from core.train.polymer_solvent_data import SPLIT_KINDS as PAIR_KINDS
from core.train.polymer_solvent_data import folds as pair_folds
from core.train.polymer_solvent_data import load_polymer_solvent
from core.train.polymer_solvent_problem import Problem as PairProblem
from core.train.readme import domain_lines

__all__ = ["add_domain", "markdown"]

FloatArray = NDArray[np.float64]

# Grades were chosen on the first three folds of each kind; the others check them.
_CHOSEN_ON: Final = (0, 1, 2)
_ROLES: Final[tuple[Role, ...]] = ("cation", "anion")


def add_domain(
    role: str, path: Path | None = None, *, runs: Path | None = None, data: Path | None = None
) -> Card:
    """Build the domain of a checkpoint, try it on kept folds, and store both in its card.

    Args:
        role: ``"ionic-liquids"`` or ``"polymer-solvent"``.
        path: the checkpoint folder; the default one of the role if not given.
        runs: where finished folds are kept.
        data: the data folder; found as :mod:`core.measured` says if not given.

    Raises:
        DataMissingError: if the measured tables are not there.
        CheckpointError: if there is no such checkpoint.
    """
    path = path or checkpoints.default_path(role)
    runs = runs or Path("runs", role.replace("-", "_"))
    if role == "ionic-liquids":
        domain, study = _of_ionic_liquids(path, runs, data)
    else:
        domain, study = _of_pairs(path, runs, data)
    card = checkpoints.read_card(path, role)  # the work took a while
    card = replace(card, domain=domain.as_dict(), studies=card.studies | {"domain": study})
    checkpoints.write_card(path, card)
    return card


def _summary(table: pd.DataFrame) -> dict[str, Any]:
    """Errors of systems by grade: on all folds, on those of the choice, and on the others.

    Args:
        table: columns ``grade``, ``fold`` and ``error``, one row for each system tested.
    """
    chosen = table["fold"].isin(_CHOSEN_ON)
    found: dict[str, Any] = {}
    for name, part in (("all", table), ("chosen on", table[chosen]), ("checked", table[~chosen])):
        by_grade = part.groupby("grade")["error"]
        median, number = by_grade.median(), by_grade.size()
        own: dict[str, Any] = {
            grade: {"median": float(median[code]), "systems": int(number[code])}
            for code, grade in enumerate(GRADES)
            if code in median.index
        }
        if {"inside", "outside"} <= own.keys():
            own["ratio"] = own["outside"]["median"] / own["inside"]["median"]
        found[name] = own
    return found


# ------------------------------------------------------------------------------------ ionic liquids


def _of_ionic_liquids(path: Path, runs: Path, data: Path | None) -> tuple[Domain, dict[str, Any]]:
    card, weights = checkpoints.load(path, "ionic-liquids")
    problem = Problem(load_ionic_liquids(data))
    left_out = {kind: cross_validate(problem, NETWORKS, kind, runs) for kind in SPLIT_KINDS}
    limits = [
        spread_limits(problem, left_out["pair"], without=number) for number in (*range(FOLDS), None)
    ]
    network_of = {key: name for name, spec in card.networks.items() for key in spec["properties"]}
    network_of[ANY] = network_of["density_kg_m3"]
    embeddings = {
        key: {
            role: flat(weights[f"{name}.{role}_embeddings"].float()) for role in ("cation", "anion")
        }
        for key, name in network_of.items()
    }
    more = {role: card.vocabulary[f"more_{role}s"] for role in ("cation", "anion")}
    domain = ionic_liquid_domain(problem, embeddings, more, limits[-1])
    frames, states = [], []
    for kind in SPLIT_KINDS:
        for fold in folds(problem.dataset.liquids, kind, FOLDS, SPLIT_SEED):
            sides: dict[str, IonSide] = {
                role: IonSide(problem, fold.train, role) for role in _ROLES
            }
            spans = family_ranges(problem, fold.train, sides)
            result = left_out[kind][fold.number]
            table = _rows(problem, result)
            table["beyond"] = _beyond(problem, table, spans, sides)
            for key, own in table.groupby("key"):
                of_pair = [
                    side.codes(str(key))[side.index[own["liquid"].to_numpy()]]
                    for side in sides.values()
                ]
                spread = own.groupby("liquid")["spread"].transform("mean").to_numpy()
                of_spread = graded_by_disagreement(str(key), spread, limits[fold.number])
                graded = own.assign(grade=worst(*of_pair, of_spread), fold=fold.number, kind=kind)
                states.append(graded)
                frames.append(
                    graded.groupby("liquid")
                    .agg(error=("error", "mean"), grade=("grade", "first"))
                    .assign(key=key, fold=fold.number, kind=kind)
                )
    table, rows = pd.concat(frames), pd.concat(states)
    study: dict[str, Any] = {}
    for key in PROPERTIES:
        study[key] = _summary(table[table["key"] == key])
        own = rows[(rows["key"] == key) & (rows["grade"] == 0)]
        if own["beyond"].any():
            # of the ionic liquids inside, their rows beyond the states of their families
            parts = own.groupby(["kind", "liquid", "beyond"])["error"].mean().groupby("beyond")
            study[key]["state"] = {
                name: {"median": float(parts.median()[flag]), "systems": int(parts.size()[flag])}
                for name, flag in (("within", False), ("beyond", True))
            }
    return domain, study


def flat(embeddings: torch.Tensor) -> FloatArray:
    """Embeddings (k, n, d) of all members side by side, (n, k d)."""
    k, n, d = embeddings.shape
    return embeddings.transpose(0, 1).reshape(n, k * d).numpy().astype(np.float64)


def _rows(problem: Problem, result: LeftOut) -> pd.DataFrame:
    target = problem.target.numpy().astype(np.float64)[result.row]
    return pd.DataFrame(
        {
            "row": result.row,
            "liquid": problem.row_liquid[result.row],
            "key": problem.row_key[result.row],
            "error": np.abs(target - result.mean),
            "spread": result.spread,
        }
    )


def _beyond(
    problem: Problem,
    table: pd.DataFrame,
    spans: Mapping[str, Mapping[str, Mapping[str, Mapping[str, tuple[float, float]]]]],
    sides: Mapping[str, IonSide],
) -> NDArray[np.bool_]:
    """Which rows lie beyond the temperatures or pressures of their ions' families."""
    rows = problem.dataset.rows.iloc[table["row"].to_numpy()]
    found = np.zeros(len(table), dtype=np.bool_)
    for role, side in sides.items():
        families = np.array(side.families, dtype=object)[side.index[table["liquid"].to_numpy()]]
        for place, (key, name, t, p) in enumerate(
            zip(table["key"], families, rows["temperature_K"], rows["pressure_kPa"], strict=True)
        ):
            span = spans.get(key, {}).get(role, {}).get(name, {})
            if "temperature_K" in span:
                found[place] |= bool(beyond(t, span["temperature_K"], MARGIN_K))
            if "pressure_kPa" in span:
                found[place] |= bool(beyond(p, span["pressure_kPa"]))
    return found


def spread_limits(
    problem: Problem, left_out: Mapping[int, LeftOut], *, without: int | None = None
) -> dict[str, Limits]:
    """Limits of the members' spread by property, from the folds that hold out pairs.

    Args:
        problem: the data.
        left_out: what :func:`core.train.ionic_liquids.cross_validate` gives for pairs.
        without: the number of a fold that is not looked at.
    """
    parts: dict[str, list[pd.DataFrame]] = {key: [] for key in PROPERTIES}
    for fold in folds(problem.dataset.liquids, "pair", FOLDS, SPLIT_SEED):
        if fold.number == without:
            continue
        table = _rows(problem, left_out[fold.number])
        for key, own in table.groupby("key"):
            tier = tier_liquids(problem.dataset, fold, str(key))
            parts[str(key)].append(own[tier[own["liquid"].to_numpy()]])
    found = {}
    for key, frames in parts.items():
        own = pd.concat(frames)
        spread, liquid = own["spread"].to_numpy(), own["liquid"].to_numpy()
        found[key] = disagreement_limits("ionic-liquids", spread, liquid)
    return found


# ----------------------------------------------------------------------------- polymers in solvents


def _of_pairs(path: Path, runs: Path, data: Path | None) -> tuple[Domain, dict[str, Any]]:
    problem = PairProblem(load_polymer_solvent(data))
    predictor = MiscibilityPredictor.load(path)
    kinds: tuple[features.Kind, ...] = ("polymer", "solvent")
    left_out = {kind: cross_validate_pairs(problem, "network", kind, runs) for kind in PAIR_KINDS}
    every = list(pair_folds(problem.data, "pair", FOLDS, SPLIT_SEED))
    spreads = []
    for fold, result in zip(every, left_out["pair"]["chi"], strict=True):
        known = tier_rows(problem, fold, result.row)
        spreads.append((result.spread[known], problem.pair[result.row][known]))
    limits = []
    for without in (*range(FOLDS), None):
        own = [part for number, part in enumerate(spreads) if number != without]
        spread, pair = map(np.concatenate, zip(*own, strict=True))
        limits.append(disagreement_limits("polymer-solvent", spread, pair))
    molecules = {kind: predictor.known(kind) for kind in kinds}
    domain = miscibility_domain(
        molecules,
        {kind: flat_latents(predictor.latents(molecules[kind], kind)) for kind in kinds},
        limits[-1],
    )
    experimental = np.isin(problem.task, EXPERIMENTAL)
    frames = []
    for kind in PAIR_KINDS:
        for number, fold in enumerate(pair_folds(problem.data, kind, FOLDS, SPLIT_SEED)):
            trained = fold.train & experimental
            of_polymer = MoleculeSide(
                problem.data.polymers, "polymer", np.unique(problem.polymer[trained])
            ).codes
            of_solvent = MoleculeSide(
                problem.data.solvents, "solvent", np.unique(problem.solvent[trained])
            ).codes
            for task in ("chi", "soluble"):
                result = left_out[kind][task][number]
                value = problem.value.numpy()[result.row].astype(np.float64)
                said = result.mean if task == "chi" else expit(result.mean)
                own = pd.DataFrame(
                    {
                        "pair": problem.pair[result.row],
                        "error": np.abs(value - said) ** (1 if task == "chi" else 2),
                        "spread": result.spread,
                        "label": value,
                        "said": said,
                        "molecules": worst(
                            of_polymer[problem.polymer[result.row]],
                            of_solvent[problem.solvent[result.row]],
                        ),
                    }
                )
                by_pair = own.groupby("pair").mean()
                grade = by_pair["molecules"].to_numpy().astype(np.uint8)
                if task == "chi":
                    grade = worst(grade, codes(by_pair["spread"].to_numpy(), limits[number]))
                frames.append(by_pair.assign(task=task, fold=number, kind=kind, grade=grade))
    table = pd.concat(frames)
    study = {"chi": _summary(table[table["task"] == "chi"])}
    labels = table[table["task"] == "soluble"]
    study["soluble"] = {
        "all": {
            GRADES[int(code)]: {
                "AUC": area_under_curve(
                    (own["label"] > 0.5).to_numpy().astype(np.float64), own["said"].to_numpy()
                ),
                "Brier": float(own["error"].mean()),
                "systems": len(own),
            }
            for code, own in labels.groupby("grade")
        }
    }
    return domain, study


def flat_latents(latents: FloatArray) -> FloatArray:
    """Latents (n, members, 2 m) as one row of numbers for each molecule."""
    return latents.reshape(len(latents), -1)


def markdown(card: Card) -> str:
    """Return the study of a card as a Markdown table."""
    return "\n".join(domain_lines(card.studies["domain"]))
