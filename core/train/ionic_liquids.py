"""Training of the ionic-liquid recommender: fit, cross-validate, calibrate, write the checkpoint.

A network starts from what pre-training on simulated pairs of ions left in it
(:mod:`core.train.pretraining`). Beside it stands a Gaussian process on one number per ionic liquid
and property, its level (:mod:`core.train.level_process`): the network says how a property changes
with temperature and pressure, and both together how high it lies.

One call of :func:`train` does all of it from nothing. What is finished is kept in a folder of runs
under a name made from data, split and settings, so an interrupted training goes on where it was.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional
from tqdm import tqdm

from core import checkpoints
from core.checkpoints import ROLES, Card
from core.process import LevelProcess
from core.properties import PROPERTIES
from core.recommender import ANCHOR_K, Recommender, RecommenderConfig
from core.simulated import SURFACE_NAMES
from core.train.data import (
    SPLIT_KINDS,
    BoolArray,
    Dataset,
    Fold,
    SplitKind,
    folds,
    load_ionic_liquids,
)
from core.train.descent import Descent
from core.train.domain import strange_ions
from core.train.ionic_liquids_problem import (
    FOLDS,
    SPLIT_SEED,
    Problem,
    Thinned,
    thinned,
    tier_liquids,
)
from core.train.level_process import LEVEL_SETTINGS, Levels, fit_levels, ion_blocks
from core.train.pretraining import PRETRAINING, Start, pretrained
from core.train.runs import digest, kept
from core.uncertainty import POWERS, Calibration, HeldOut, Support, calibrate, joined, stretch_of

__all__ = [
    "NETWORKS",
    "FitConfig",
    "Fitted",
    "LeftOut",
    "calibrations",
    "cross_validate",
    "fit",
    "predict_rows",
    "tested",
    "train",
]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_ROLES: Final = ("cation", "anion")
# How near to the anchor a row must be to tell its liquid's level.
_NEAR_K, _NEAR_KPA = 30.0, 20_000.0


@dataclass(frozen=True)
class FitConfig:
    """How one network is trained.

    Attributes:
        properties: the properties whose rows it sees.
        network: its sizes.
        epochs: passes over the training liquids.
        batch: ionic liquids a step.
        rate: highest learning rate of the one-cycle schedule.
        decay: weight decay of all weights but residuals and biases.
        residual_decay: weight decay of the ions' residuals.
        rows_per_liquid: at most so many rows of a property of a liquid are used, drawn at random.
        robust: residuals beyond this many scale units count linearly (Huber).
        start: what the recommender was pre-trained on, see :mod:`core.train.pretraining`.
        surfaces: whether the features of simulated surfaces are among the inputs.
        process: whether a Gaussian process stands beside the network.
    """

    properties: tuple[str, ...]
    network: RecommenderConfig
    epochs: int = 40
    batch: int = 256
    rate: float = 3e-3
    decay: float = 0.05
    residual_decay: float = 1.0
    rows_per_liquid: int = 40
    robust: float = 1.0
    start: Start = "joint"
    surfaces: bool = True
    process: bool = True


# Typical errors on the learned scale: what one unit of loss means for each property.
_SCALE: Final = {
    "density_kg_m3": 0.015,
    "viscosity_mPa_s": 0.15,
    "surface_tension_mN_m": 0.06,
    "heat_capacity_J_mol_K": 0.04,
    "melting_point_K": 35.0,
}

# The share of the Gaussian process for known anions and for new ones, chosen on validation folds
# inside the training liquids. Few anions were measured: likeness says little of a new one.
_PROCESS_SHARE: Final = {
    "density_kg_m3": (0.5, 0.25),
    "viscosity_mPa_s": (0.5, 0.25),
    "surface_tension_mN_m": (0.5, 0.5),
    "heat_capacity_J_mol_K": (0.75, 0.75),
    "melting_point_K": (0.5, 0.75),
}

NETWORKS: Final[dict[str, FitConfig]] = {
    "liquid": FitConfig(
        properties=tuple(key for key in PROPERTIES if key != "melting_point_K"),
        network=RecommenderConfig(),
    ),
    "melting": FitConfig(
        properties=("melting_point_K",),
        network=RecommenderConfig(feature_dropout=0.15, feature_share=0.5),
    ),
}


@dataclass
class Fitted:
    """A trained network, and the Gaussian process beside it.

    Attributes:
        model: the network.
        config: how both were trained.
        trained: the liquids they saw, mask of shape (liquids,).
        process: its properties are those of the configuration, in that order; or none.
    """

    model: Recommender
    config: FitConfig
    trained: BoolArray
    process: LevelProcess | None = None


def _offsets(problem: Problem, train: BoolArray) -> tuple[float, float]:
    """Median ln(molar volume / van der Waals volume) and ln(heat capacity / that volume)."""
    near = (problem.temperature - ANCHOR_K).abs() < 60.0
    near &= problem.pressure < 1000.0
    usable = near.numpy() & train[problem.row_liquid]
    found = []
    for key in ("density_kg_m3", "heat_capacity_J_mol_K"):
        rows = usable & (problem.row_key == key)
        if not rows.any():
            found.append(0.0)
            continue
        liquid = torch.as_tensor(problem.row_liquid[rows])
        value = problem.target[torch.as_tensor(rows)]
        if key == "density_kg_m3":
            value = torch.log(1000.0 * problem.molar_mass[liquid]) - value
        found.append(float((value - problem.log_volume[liquid]).median()))
    return found[0], found[1]


@dataclass(frozen=True)
class _Batches:
    """What batches are made from."""

    problem: Problem
    config: FitConfig
    thinned: Thinned
    liquids: IntArray
    cation_features: Tensor
    anion_features: Tensor


def fit(problem: Problem, train: BoolArray, config: FitConfig, *, seed: int, runs: Path) -> Fitted:
    """Train one network on the liquids marked in ``train``, and the process beside it.

    Args:
        problem: the data.
        train: mask of shape (liquids,).
        config: sizes and settings.
        seed: of the initial weights, the thinning and the order of the batches.
        runs: finished pre-trainings are kept here.
    """
    start = None
    if config.start != "none":
        # The same for all folds, but for the coefficients of the viscosity.
        start = pretrained(
            problem, config.network, config.start,
            surfaces=config.surfaces, train=train, seed=0, runs=runs,
        )  # fmt: skip
    torch.manual_seed(seed)
    generator = np.random.default_rng(seed)
    rows = thinned(
        problem, train, config.properties, most=config.rows_per_liquid, generator=generator
    )
    liquids = np.flatnonzero(np.diff(rows.start) > 0)
    inputs = _inputs(problem, config)
    model = Recommender(
        config.network, inputs[0].shape[1], inputs[1].shape[1], len(inputs[0]), len(inputs[1])
    )
    for encoder, own, index in zip(
        (model.cation_encoder, model.anion_encoder), inputs, (problem.cation, problem.anion),
        strict=True,
    ):  # fmt: skip
        encoder.fit_scale(own[torch.as_tensor(np.unique(index[liquids]))])
    if start is not None:
        model.load_state_dict(start, strict=False)
    volume, heat = _offsets(problem, train)
    model.volume_offset.fill_(volume)
    model.heat_offset.fill_(heat)
    _optimise(model, _Batches(problem, config, rows, liquids, *inputs), generator)
    fitted = Fitted(model, config, train)
    if config.process:
        fitted.process = _fit_process(problem, fitted)
    return fitted


def _inputs(
    problem: Problem, config: FitConfig, *, emulated: bool = False
) -> tuple[Tensor, Tensor]:
    cations, anions = problem.emulated if emulated else problem.inputs
    if config.surfaces:
        return cations, anions
    return cations[:, : -len(SURFACE_NAMES)], anions[:, : -len(SURFACE_NAMES)]


def _fit_process(problem: Problem, fitted: Fitted) -> LevelProcess:
    """Fit processes on the levels of the training liquids.

    A level is what the network says at the anchor, plus how far a liquid's rows are off.
    """
    rows = np.flatnonzero(
        fitted.trained[problem.row_liquid] & np.isin(problem.row_key, fitted.config.properties)
    )
    ions = _ions(problem, fitted)
    members, anchored, liquids, local = _members(problem, fitted, rows, ions)
    apart = problem.target.numpy()[rows].astype(np.float64) - members.mean(axis=0)
    near = 1.0 + ((problem.temperature.numpy()[rows] - ANCHOR_K) / _NEAR_K) ** 2
    weight = 1.0 / near / (1.0 + problem.pressure.numpy()[rows] / _NEAR_KPA)
    levels = []
    for key in fitted.config.properties:
        own = problem.row_key[rows] == key
        total = np.bincount(local[own], weight[own], len(liquids))
        shift = np.bincount(local[own], (weight * apart)[own], len(liquids))
        number = np.bincount(local[own], minlength=len(liquids))
        there = number > 0
        levels.append(
            Levels(
                problem.cation[liquids[there]],
                problem.anion[liquids[there]],
                anchored[key].mean(axis=0)[there] + shift[there] / total[there],
                number[there],
            )
        )
    blocks = [
        ion_blocks(len(own.vocabulary), SURFACE_NAMES if fitted.config.surfaces else ())
        for own in problem.of_ions
    ]
    process = fit_levels(*ions.inputs, (blocks[0], blocks[1]), levels)
    process.share.copy_(torch.tensor([_PROCESS_SHARE[key] for key in fitted.config.properties]))
    return process


def _optimise(model: Recommender, batches: _Batches, generator: np.random.Generator) -> None:
    """Train the network on batches of ionic liquids."""
    config, liquids = batches.config, batches.liquids
    steps = math.ceil(len(liquids) / config.batch)
    decays = {"weight": config.decay, "residual": config.residual_decay, "bias": 0.0}
    descent = Descent(
        model.named_parameters(), decays, rate=config.rate, steps=config.epochs * steps
    )
    model.train()
    for _ in range(config.epochs):
        for chosen in np.array_split(generator.permutation(liquids), steps):
            descent.step(_loss(model, batches, np.sort(chosen)))
    model.eval()


def _loss(model: Recommender, batches: _Batches, liquids: IntArray) -> Tensor:
    """Robust, weighted loss of all members over the rows of ``liquids``, summed over members."""
    problem, drawn, config = batches.problem, batches.thinned, batches.config
    inputs = batches.cation_features, batches.anion_features
    cations, cation = np.unique(problem.cation[liquids], return_inverse=True)
    anions, anion = np.unique(problem.anion[liquids], return_inverse=True)
    c, a = torch.as_tensor(cations), torch.as_tensor(anions)
    pairs = problem.pairs(liquids, cation, anion)
    q = model.coefficients(
        model.embed_cations(inputs[0][c], c), model.embed_anions(inputs[1][a], a), pairs
    )
    lengths = drawn.start[liquids + 1] - drawn.start[liquids]
    places = np.concatenate([np.arange(drawn.start[i], drawn.start[i + 1]) for i in liquids])
    local = np.repeat(np.arange(len(liquids)), lengths)
    rows = drawn.rows[places]
    loss = torch.zeros(())
    for key in config.properties:
        chosen = np.flatnonzero(problem.row_key[rows] == key)
        if not len(chosen):
            continue
        row, liquid = torch.as_tensor(rows[chosen]), torch.as_tensor(local[chosen])
        value = model.values(
            key, q[:, liquid], pairs.take(liquid), problem.temperature[row],
            problem.pressure[row],
        )  # fmt: skip
        error = (value - problem.target[row]) / _SCALE[key]
        huber = functional.smooth_l1_loss(
            error, torch.zeros_like(error), reduction="none", beta=config.robust
        )
        loss = loss + (huber * torch.as_tensor(drawn.weights[places[chosen]])).sum()
    return loss / config.batch


def _known(problem: Problem, fitted: Fitted) -> tuple[Tensor, Tensor]:
    """Place of each cation, and anion, in the tables; -1 where the structure alone must do."""
    trained = fitted.trained & np.logical_or.reduce(
        [problem.dataset.measured[key] for key in fitted.config.properties]
    )
    places = []
    for ions, index, simulated in zip(
        (problem.cations, problem.anions), (problem.cation, problem.anion), problem.simulated,
        strict=True,
    ):  # fmt: skip
        every = np.arange(len(ions))
        there = np.isin(every, index[trained])
        if fitted.config.start != "none" and not fitted.config.surfaces:
            there |= simulated >= 0  # what pre-training learned of it
        places.append(torch.as_tensor(np.where(there, every, -1)))
    return places[0], places[1]


@dataclass(frozen=True)
class _Ions:
    """Cations and anions as a trained network takes them: features, and places in its tables."""

    inputs: tuple[Tensor, Tensor]
    known: tuple[Tensor, Tensor]


def _ions(problem: Problem, fitted: Fitted, *, simulated: bool = True) -> _Ions:
    """All ions of the data; if not ``simulated``, those that are not known count as never so."""
    inputs, known = _inputs(problem, fitted.config), _known(problem, fitted)
    if not simulated:
        emulated = _inputs(problem, fitted.config, emulated=True)
        mixed = [
            torch.where(places[:, None] >= 0, own, other)
            for places, own, other in zip(known, inputs, emulated, strict=True)
        ]
        inputs = mixed[0], mixed[1]
    return _Ions(inputs, known)


def _embeddings(model: Recommender, ions: _Ions) -> tuple[Tensor, Tensor]:
    """Embeddings of cations and anions."""
    with torch.no_grad():
        return (
            model.embed_cations(ions.inputs[0], ions.known[0]),
            model.embed_anions(ions.inputs[1], ions.known[1]),
        )


def _members(
    problem: Problem, fitted: Fitted, rows: IntArray, ions: _Ions
) -> tuple[FloatArray, dict[str, FloatArray], IntArray, IntArray]:
    """What every member says of rows, and of the levels of their liquids.

    Returns:
        Values (k, rows) on the learned scale; levels (k, liquids) by property; the liquids; and
        the place of each row's liquid among them.
    """
    embedded = _embeddings(fitted.model, ions)
    liquids, local = np.unique(problem.row_liquid[rows], return_inverse=True)
    pairs = problem.pairs(liquids, problem.cation[liquids], problem.anion[liquids])
    out = np.empty((fitted.config.network.members, len(rows)))
    anchored = {}
    with torch.no_grad():
        q = fitted.model.coefficients(embedded[0], embedded[1], pairs)
        for key in fitted.config.properties:
            chosen = np.flatnonzero(problem.row_key[rows] == key)
            row, liquid = torch.as_tensor(rows[chosen]), torch.as_tensor(local[chosen])
            out[:, chosen] = fitted.model.values(
                key, q[:, liquid], pairs.take(liquid), problem.temperature[row],
                problem.pressure[row],
            ).numpy()  # fmt: skip
            anchored[key] = fitted.model.levels(key, q, pairs).double().numpy()
    return out, anchored, liquids, local


def predict_rows(
    problem: Problem, fitted: Fitted, rows: IntArray, *, simulated: bool = True
) -> tuple[FloatArray, FloatArray]:
    """Predictions for rows of the data set, on the learned scale.

    Args:
        problem: the data.
        fitted: a trained network; ions that it did not see use the encoder alone.
        rows: indices into the data set's rows; all of properties the network serves.
        simulated: if false, ions that the network did not see count as never simulated.

    Returns:
        Mean and spread, each of shape (rows,).
    """
    ions = _ions(problem, fitted, simulated=simulated)
    members, anchored, liquids, local = _members(problem, fitted, rows, ions)
    mean, spread = members.mean(axis=0), members.std(axis=0, ddof=1)
    if fitted.process is None:
        return mean, spread
    factors = _factors(fitted.process, ions)
    for number, key in enumerate(fitted.config.properties):
        own = problem.row_key[rows] == key
        both = [
            part[number, index[liquids]]
            for part, index in zip(factors, (problem.cation, problem.anion), strict=True)
        ]
        said = (both[0] * both[1]).sum(dim=1).double().numpy()
        share = both[1][:, -1].double().numpy()
        shift = share * (said - anchored[key].mean(axis=0))
        mean[own] += shift[local[own]]
        spread[own] = np.hypot(spread[own], shift[local[own]])
    return mean, spread


def _factors(process: LevelProcess, ions: _Ions) -> tuple[Tensor, Tensor]:
    """Factors of cations and anions, each (properties, ions, rank + 3)."""
    with torch.no_grad():
        return (
            process.cation_factors(ions.inputs[0], ions.known[0]),
            process.anion_factors(ions.inputs[1], ions.known[1]),
        )


@dataclass(frozen=True)
class LeftOut:
    """Predictions for rows that took no part in the training of the model that made them.

    Attributes:
        row: index into the data set's rows, shape (n,).
        mean: on the learned scale, shape (n,).
        spread: how far members and process disagree, shape (n,).
        unsimulated_mean: the mean as if the ions not met in training were never simulated.
        unsimulated_spread: the spread then.
    """

    row: IntArray
    mean: FloatArray
    spread: FloatArray
    unsimulated_mean: FloatArray
    unsimulated_spread: FloatArray


_LEFT_OUT: Final = tuple(f.name for f in fields(LeftOut) if f.name != "row")


def cross_validate(
    problem: Problem,
    networks: dict[str, FitConfig],
    kind: SplitKind,
    runs: Path,
    *,
    seed: int = 0,
) -> dict[int, LeftOut]:
    """Predict the test rows of every fold of one kind; finished folds are read from ``runs``."""
    dataset, out = problem.dataset, {}
    bar = tqdm(total=FOLDS, desc=f"folds by {kind}", unit="fold")
    for fold in folds(dataset.liquids, kind, FOLDS, SPLIT_SEED):
        rows = np.flatnonzero(fold.test[problem.row_liquid])
        filled = {name: np.full(len(rows), np.nan) for name in _LEFT_OUT}
        for name, config in networks.items():
            mark = digest(
                dataset.files, fold.key(dataset.liquids), asdict(config), asdict(PRETRAINING),
                _SCALE, _PROCESS_SHARE, LEVEL_SETTINGS, seed, problem.mark,
            )  # fmt: skip
            own = np.isin(problem.row_key[rows], config.properties)

            def left_out(
                config: FitConfig = config, fold: Fold = fold, chosen: IntArray = rows[own]
            ) -> dict[str, FloatArray]:
                fitted = fit(problem, fold.train, config, seed=seed + 100 * fold.number, runs=runs)
                values = (
                    *predict_rows(problem, fitted, chosen),
                    *predict_rows(problem, fitted, chosen, simulated=False),
                )
                return dict(zip(_LEFT_OUT, values, strict=True))

            found = kept(runs / f"{name}-{kind}-{fold.number}-{mark}.npz", left_out)
            for part, array in filled.items():
                array[own] = found[part]
        out[fold.number] = LeftOut(rows, **filled)
        bar.update()
    bar.close()
    return out


# Which folds tell the interval of which support. A pair that was measured is calibrated on how the
# final model meets its own training data: that is what "measured" means to a user.
_CALIBRATED_ON: Final[dict[Support, SplitKind]] = {
    "both_ions_known": "pair",
    "new_cation": "cation",
    "new_anion": "anion",
    "unsimulated_cation": "cation",
    "unsimulated_anion": "anion",
    "two_new_ions": "both",
}
# The tiers in which an ion that was not met counts as never simulated.
_UNSIMULATED: Final = frozenset({"unsimulated_cation", "unsimulated_anion", "two_new_ions"})


Tested = dict[str, dict[Support, list[HeldOut]]]
"""By property and tier of support what each fold left out."""


def tested(problem: Problem, left_out: Mapping[SplitKind, dict[int, LeftOut]]) -> Tested:
    """What each fold that belongs to a tier of support left out of each property."""
    found: Tested = {key: {support: [] for support in _CALIBRATED_ON} for key in PROPERTIES}
    for kind in SPLIT_KINDS:
        for fold in folds(problem.dataset.liquids, kind, FOLDS, SPLIT_SEED):
            result = left_out[kind][fold.number]
            strange = strange_ions(problem, fold.train)
            for key, tiers in found.items():
                chosen = tier_liquids(problem.dataset, fold, key)[problem.row_liquid[result.row]]
                chosen &= problem.row_key[result.row] == key
                rows = result.row[chosen]
                for support, parts in tiers.items():
                    if _CALIBRATED_ON[support] != kind:
                        continue
                    mean, spread = (
                        (result.unsimulated_mean, result.unsimulated_spread)
                        if support in _UNSIMULATED
                        else (result.mean, result.spread)
                    )
                    part = _tested(problem, rows, mean[chosen], spread[chosen])
                    parts.append(replace(part, strange=strange[key][part.system]))
    return found


def _tested(problem: Problem, rows: IntArray, mean: FloatArray, spread: FloatArray) -> HeldOut:
    residual = problem.target.numpy()[rows].astype(np.float64) - mean
    return HeldOut(residual, spread.astype(np.float64), problem.row_liquid[rows])


def calibrations(left_out: Tested) -> dict[str, dict[Support, Calibration]]:
    """Per property and support tier, how wide an interval must be for what was not measured.

    Args:
        left_out: what :func:`tested` returns.
    """
    found = {}
    for key, tiers in left_out.items():
        whole = {support: joined(parts) for support, parts in tiers.items()}
        stretch = stretch_of([*whole.values()], POWERS)
        found[key] = {
            support: calibrate(part, powers=POWERS, stretch=stretch)
            for support, part in whole.items()
        }
    return found


def _of_measured(problem: Problem, fitted: dict[str, Fitted], key: str) -> Calibration:
    """How wide an interval must be for pairs that the final model has learned from."""
    name = next(n for n, part in fitted.items() if key in part.config.properties)
    rows = np.flatnonzero(problem.row_key == key)
    return calibrate(_tested(problem, rows, *predict_rows(problem, fitted[name], rows)))


def _ranges(dataset: Dataset) -> dict[str, dict[str, list[float]]]:
    """Trained range of temperature and pressure: all but the outermost 0.5 % of rows each side."""
    found: dict[str, dict[str, list[float]]] = {}
    for key, spec in PROPERTIES.items():
        rows = dataset.rows[dataset.rows["property"] == key]
        found[key] = {}
        if spec.depends_on_temperature:
            found[key]["temperature_K"] = _central(rows["temperature_K"])
        if spec.depends_on_pressure:
            low, high = _central(rows["pressure_kPa"])
            found[key]["pressure_kPa"] = [min(low, 100.0), high]
    return found


def _central(values: pd.Series[float]) -> list[float]:
    return [round(float(x), 2) for x in np.quantile(values, [0.005, 0.995])]


def _compact(key: str, tensor: Tensor) -> Tensor:
    """Large tensors in half precision, which costs a thousandth of a standard deviation."""
    large = ("encoder" in key and key.endswith("weight")) or key.endswith("known")
    return tensor.half() if large else tensor


def _more(problem: Problem) -> tuple[list[str], list[str]]:
    """Cations, and anions, that were simulated and never measured."""
    more = [
        sorted(set(inputs.simulated) - set(own))
        for inputs, own in zip(problem.of_ions, (problem.cations, problem.anions), strict=True)
    ]
    return more[0], more[1]


def _with_more(problem: Problem, ions: _Ions) -> _Ions:
    """The ions of the data, then those that were only simulated."""
    inputs, known = [], []
    for of_ions, more, own, places in zip(
        problem.of_ions, _more(problem), ions.inputs, ions.known, strict=True
    ):
        further = of_ions(more)[:, : own.shape[1]]
        inputs.append(torch.cat([own, further]))
        known.append(torch.cat([places, torch.full((len(more),), -1)]))
    return _Ions((inputs[0], inputs[1]), (known[0], known[1]))


def _weights(problem: Problem, fitted: dict[str, Fitted]) -> dict[str, Tensor]:
    """All tensors of a checkpoint: networks, what they make of all ions, what was measured."""
    weights = {}
    every = [
        [*own, *more]
        for own, more in zip((problem.cations, problem.anions), _more(problem), strict=True)
    ]
    for role, of_ions, listed in zip(_ROLES, problem.of_ions, every, strict=True):
        for name, column in (("volumes", "vdw_volume"), ("molar_masses", "molar_mass")):
            weights[f"{role}_{name}"] = torch.as_tensor(of_ions.descriptor(listed, column))
    for name, part in fitted.items():
        for key, tensor in part.model.state_dict().items():
            # an ion's embedding holds its residual already
            if not key.endswith("_table.residual"):
                weights[f"{name}.{key}"] = _compact(key, tensor)
        ions = _with_more(problem, _ions(problem, part))
        for role, tensor in zip(_ROLES, _embeddings(part.model, ions), strict=True):
            weights[f"{name}.{role}_embeddings"] = tensor.half()
        if part.process is None:
            continue
        for key, tensor in part.process.state_dict().items():
            weights[f"{name}.process.{key}"] = _compact(key, tensor)
        for role, tensor in zip(_ROLES, _factors(part.process, ions), strict=True):
            weights[f"{name}.{role}_factors"] = tensor
    weights["liquid_ions"] = torch.as_tensor(
        np.stack([problem.cation, problem.anion], axis=1), dtype=torch.int32
    )
    measured = problem.dataset.measured
    weights["liquid_measured"] = torch.as_tensor(
        np.stack([measured[key] for key in PROPERTIES], axis=1)
    )
    return weights


def train(
    out: Path,
    *,
    seed: int = 0,
    runs: Path = Path("runs/ionic_liquids"),
    networks: dict[str, FitConfig] | None = None,
    data: Path | None = None,
) -> Card:
    """Cross-validate, fit on everything, calibrate, and write a checkpoint.

    Args:
        out: folder of the checkpoint, for example ``checkpoints/ionic-liquids/recommender-v2``.
        seed: of every random choice but the split, which has its own.
        runs: finished folds are kept here; delete it to start anew.
        networks: settings of each network; :data:`NETWORKS` if not given.
        data: the data folder; found as :mod:`core.train.data` says if not given.

    Raises:
        DataMissingError: if the measured tables are not there.
    """
    networks = networks or NETWORKS
    runs.mkdir(parents=True, exist_ok=True)
    began = time.perf_counter()
    dataset = load_ionic_liquids(data)
    problem = Problem(dataset)
    left_out = {
        kind: cross_validate(problem, networks, kind, runs, seed=seed) for kind in SPLIT_KINDS
    }
    everything = np.ones(len(dataset.liquids), dtype=bool)
    fitted = {
        name: fit(problem, everything, config, seed=seed, runs=runs)
        for name, config in tqdm(networks.items(), desc="final fit", unit="network")
    }
    calibration = calibrations(tested(problem, left_out))
    for key, tiers in calibration.items():
        tiers["pair_measured"] = _of_measured(problem, fitted, key)
    card = Card(
        name=f"{out.parent.name}/{out.name}",
        role="ionic-liquids",
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        properties={key: spec.transform for key, spec in PROPERTIES.items()},
        feature_version=ROLES["ionic-liquids"].feature_version,
        networks={
            name: {
                "properties": list(part.config.properties),
                "config": part.config.network.as_dict(),
                "process_rank": LEVEL_SETTINGS["rank"],
            }
            for name, part in fitted.items()
        },
        vocabulary={
            "cations": problem.cations,
            "anions": problem.anions,
            "more_cations": _more(problem)[0],
            "more_anions": _more(problem)[1],
            "cation_environments": problem.of_ions[0].vocabulary,
            "anion_environments": problem.of_ions[1].vocabulary,
        },
        data={
            "kind": "experimental",
            "files": dataset.files,
            "rows": {key: int((problem.row_key == key).sum()) for key in PROPERTIES},
            "liquids": {key: int(mask.sum()) for key, mask in dataset.measured.items()},
        },
        ranges=_ranges(dataset),
        calibration={
            key: {support: asdict(part) for support, part in parts.items()}
            for key, parts in calibration.items()
        },
        split={
            "folds": FOLDS,
            "seed": SPLIT_SEED,
            "keys": {
                kind: [
                    f.key(dataset.liquids) for f in folds(dataset.liquids, kind, FOLDS, SPLIT_SEED)
                ]
                for kind in SPLIT_KINDS
            },
        },
        training={
            "seed": seed,
            "networks": {name: asdict(config) for name, config in networks.items()},
            "pretraining": asdict(PRETRAINING),
            "minutes": round((time.perf_counter() - began) / 60.0, 1),
        },
        parents=[problem.surfaces.card.name],
    )
    return checkpoints.save(out, card, _weights(problem, fitted))
