"""Training of the polymer-solvent model: fit, cross-validate, calibrate, write the checkpoint.

One call of :func:`train` does all of it from nothing. What is finished is kept in a folder of runs
under a name made from data, split and settings, so an interrupted training goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Self

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit
from torch import Tensor, nn
from torch.nn import functional
from tqdm import tqdm

from core import checkpoints
from core.checkpoints import Card
from core.features import polymer_solvent as features
from core.miscibility import DILUTE, TASKS, Latent, MiscibilityConfig, MiscibilityNetwork, State
from core.train import label_process
from core.train.label_process import FittedProcess
from core.train.polymer_solvent_data import (
    SPLIT_KINDS,
    BoolArray,
    Fold,
    IntArray,
    SplitKind,
    folds,
    load_polymer_solvent,
)
from core.train.polymer_solvent_problem import (
    BASIS_WEIGHTS,
    FOLDS,
    SPLIT_SEED,
    UNKNOWN_FRACTION,
    Problem,
    row_weights,
)
from core.train.polymer_solvent_simulated import TASK, TEMPERATURES_K
from core.train.runs import digest, kept
from core.uncertainty import HeldOut, PairSupport, calibrate

__all__ = [
    "EXPERIMENTAL",
    "MODELS",
    "FitConfig",
    "Fitted",
    "LeftOut",
    "cross_validate",
    "fit",
    "latents",
    "predict_rows",
    "tested",
    "tier_rows",
    "train",
]

FloatArray = NDArray[np.float64]

# What a task's rows weigh in the loss beside chi's; chosen on folds inside a training part.
_WEIGHTS: Final = MappingProxyType(
    {
        "chi": 1.0,
        "chi_cosmo_rs": 0.3,
        "soluble": 1.0,
        "solubility_cosmo_rs": 0.2,
        "activity": 0.5,
        "hansen": 0.3,
        TASK: 0.3,
    }
)
# Simulated molecules of a step; chi is learned of each polymer in each solvent.
_DRAWN_POLYMERS, _DRAWN_SOLVENTS = 32, 64
EXPERIMENTAL: Final = ("chi", "activity", "soluble")
# What the departure of chi(T) from a regular solution weighs in the loss; chosen in the same way.
_IRREGULARITY: Final = 1.0


@dataclass(frozen=True)
class FitConfig:
    """How the network is trained.

    Attributes:
        network: its sizes.
        steps: of the optimiser.
        pretraining: steps before these, on simulated chi alone.
        rows: at most so many rows of a task a step.
        hansen_solvents: solvents known for their Hansen parameters only, drawn for each step.
        rate: highest learning rate of the one-cycle schedule.
        decay: weight decay.
        robust: residuals beyond this many standard deviations of the task count linearly (Huber).
        weights: of the tasks in the loss; a task that is missing is not learned.
        polymer_count: a Morgan environment is used if so many training polymers have it.
        solvent_count: the same for solvents.
        label_process: whether a Gaussian process on the labels stands beside the network; it is
            fitted by itself and adds to the logit.
    """

    network: MiscibilityConfig = field(default_factory=MiscibilityConfig)
    steps: int = 800
    pretraining: int = 300
    rows: int = 1024
    hansen_solvents: int = 128
    rate: float = 3e-3
    decay: float = 0.01
    robust: float = 0.15
    weights: tuple[tuple[str, float], ...] = tuple(_WEIGHTS.items())
    polymer_count: int = 3
    solvent_count: int = 5
    label_process: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return the settings as plain data for a model card."""
        return asdict(self) | {"weights": dict(self.weights)}


def _only(**weights: float) -> FitConfig:
    return FitConfig(weights=tuple(weights.items()))


_WITHOUT_SIMULATED: Final = FitConfig(
    weights=tuple((task, weight) for task, weight in _WEIGHTS.items() if task != TASK),
    label_process=True,
)


MODELS: Final = MappingProxyType(
    {
        "network": FitConfig(label_process=True),
        "without simulated chi": _WITHOUT_SIMULATED,
        "published tasks": _only(chi=1.0, chi_cosmo_rs=0.3, soluble=1.0),
        "chi alone": _only(chi=1.0),
        "labels alone": _only(soluble=1.0),
        "extended": FitConfig(network=MiscibilityConfig(form="extended")),
    }
)
"""Settings by name: ``network`` is shipped, the others are there to be compared with it."""


@dataclass
class Fitted:
    """A trained network with the Morgan environments its towers take."""

    network: MiscibilityNetwork
    config: FitConfig
    polymer_environments: list[int]
    solvent_environments: list[int]


@dataclass(frozen=True)
class _Parts:
    """What the loss is made from: features, and the training rows of each task with weights."""

    polymers: Tensor
    solvents: Tensor
    rows: dict[str, IntArray]
    row_weights: dict[str, Tensor]
    used_solvents: IntArray
    hansen_polymers: IntArray
    hansen_solvents: IntArray
    simulated: _Simulated | None


@dataclass(frozen=True)
class _Simulated:
    """Features of simulated molecules, and chi of their pairs, (temperatures, n, m), or NaN."""

    polymers: Tensor
    solvents: Tensor
    chi: Tensor

    @classmethod
    def of(cls, problem: Problem, fold: Fold, environments: tuple[list[int], list[int]]) -> Self:
        """What a fold may learn from."""
        table = problem.simulated
        chi = np.where(table.allowed(problem.data, fold), table.chi, np.nan)
        known = ~np.isnan(chi)
        polymers = np.flatnonzero(known.any(axis=(0, 2)))
        solvents = np.flatnonzero(known.any(axis=(0, 1)))
        names = [table.polymers[i] for i in polymers], [table.solvents[i] for i in solvents]
        return cls(
            torch.as_tensor(features.features(names[0], "polymer", environments[0])),
            torch.as_tensor(features.features(names[1], "solvent", environments[1])),
            torch.as_tensor(chi[:, polymers][:, :, solvents], dtype=torch.float32),
        )


def fit(problem: Problem, fold: Fold, config: FitConfig, seed: int) -> Fitted:
    """Train the network on the training rows of a fold.

    Args:
        problem: the data.
        fold: what may be learned from.
        config: sizes and settings.
        seed: of the initial weights and the draws.
    """
    torch.manual_seed(seed)
    generator = np.random.default_rng(seed)
    tasks = dict(config.weights)
    rows = {
        task: np.flatnonzero(fold.train & (problem.task == task))
        for task in tasks
        if task not in {"hansen", TASK}
    }
    rows = {task: found for task, found in rows.items() if len(found)}
    learned = np.concatenate(list(rows.values()))
    known_polymers, used = np.unique(problem.polymer[learned]), np.unique(problem.solvent[learned])
    hansen: list[IntArray] = [np.empty(0, dtype=np.int64)] * 2
    if "hansen" in tasks:
        hansen = [
            np.flatnonzero(~np.isnan(table[:, 0]) & allowed)
            for table, allowed in (
                (problem.data.polymer_hansen, fold.train_polymers),
                (problem.data.solvent_hansen, fold.train_solvents),
            )
        ]
    known_polymers = np.union1d(known_polymers, hansen[0])
    known_solvents = np.union1d(used, hansen[1])
    polymer_environments = problem.vocabulary("polymer", known_polymers, config.polymer_count)
    solvent_environments = problem.vocabulary("solvent", known_solvents, config.solvent_count)
    polymers = torch.as_tensor(
        features.features(problem.data.polymers, "polymer", polymer_environments)
    )
    solvents = torch.as_tensor(
        features.features(problem.data.solvents, "solvent", solvent_environments)
    )
    network = MiscibilityNetwork(
        config.network,
        polymers.shape[1],
        solvents.shape[1],
        [name for name, task in TASKS.items() if name in tasks or not task.optional],
    )
    network.polymer.fit_scale(polymers[torch.as_tensor(known_polymers)])
    network.solvent.fit_scale(solvents[torch.as_tensor(known_solvents)])
    simulated = None
    if TASK in tasks:
        simulated = _Simulated.of(problem, fold, (polymer_environments, solvent_environments))
    for index, task in enumerate(network.tasks):
        if task in rows and task not in {"soluble", "activity"}:
            values = problem.value[torch.as_tensor(rows[task])]
        elif task == TASK and simulated is not None:
            values = simulated.chi[~simulated.chi.isnan()]
        else:
            continue
        network.offset[index], network.scale[index] = values.mean(), values.std()
    parts = _Parts(
        polymers,
        solvents,
        rows,
        {task: row_weights(problem, found, task) for task, found in rows.items()},
        used,
        hansen[0],
        hansen[1],
        simulated,
    )
    network.train()
    if simulated is not None and config.pretraining:
        _optimise(
            network,
            lambda: _simulated_loss(network, simulated, config, generator),
            config,
            config.pretraining,
        )
    _optimise(
        network, lambda: _loss(network, problem, parts, config, generator), config, config.steps
    )
    network.eval()
    return Fitted(network, config, polymer_environments, solvent_environments)


def _optimise(
    network: MiscibilityNetwork, loss_of: Callable[[], Tensor], config: FitConfig, steps: int
) -> None:
    """Adam with weight decay and a one-cycle schedule."""
    optimiser = torch.optim.AdamW(network.parameters(), lr=config.rate, weight_decay=config.decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, config.rate, total_steps=steps, pct_start=0.2
    )
    members = config.network.members
    for _ in range(steps):
        loss = loss_of()
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(network.parameters(), 5.0 * members)
        optimiser.step()
        schedule.step()


def _loss(
    network: MiscibilityNetwork,
    problem: Problem,
    parts: _Parts,
    config: FitConfig,
    generator: np.random.Generator,
) -> Tensor:
    """Weighted loss of all tasks on drawn rows, summed over members."""
    extra = np.setdiff1d(parts.hansen_solvents, parts.used_solvents)
    drawn = generator.permutation(extra)[: config.hansen_solvents]
    entries = np.concatenate([parts.used_solvents, drawn])
    place = np.full(len(problem.data.solvents), -1)
    place[entries] = np.arange(len(entries))
    polymers = network.polymer(parts.polymers)
    solvents = network.solvent(parts.solvents[torch.as_tensor(entries)])
    weights, loss = dict(config.weights), torch.zeros(())
    for task, rows in parts.rows.items():
        chosen = generator.integers(len(rows), size=min(len(rows), config.rows))
        row = torch.as_tensor(rows[chosen])
        q = network.coefficients(
            polymers.take(torch.as_tensor(problem.polymer[rows[chosen]])),
            solvents.take(torch.as_tensor(place[problem.solvent[rows[chosen]]])),
        )
        state = State(*(x[row] for x in problem.state))
        found = network.standardised(task, q, state)
        own = _errors(network, task, found, problem.value[row], config.robust)
        own = (own * parts.row_weights[task][torch.as_tensor(chosen)]).mean(dim=1).sum()
        loss = loss + weights[task] * own
        if "chi" in parts.rows and task in EXPERIMENTAL:
            loss = loss + _IRREGULARITY * (network.irregularity(q) ** 2).mean(dim=1).sum()
    if "hansen" in weights:
        hansen = _hansen_loss(
            network.hansen(polymers, "polymer"),
            network,
            problem.polymer_hansen,
            parts.hansen_polymers,
        )
        place[~np.isin(np.arange(len(place)), parts.hansen_solvents)] = -1
        known = np.flatnonzero(place >= 0)
        latent = solvents.take(torch.as_tensor(place[known]))
        hansen = 0.5 * hansen + _hansen_loss(
            network.hansen(latent, "solvent"),
            network,
            problem.solvent_hansen[torch.as_tensor(known)],
            np.arange(len(known)),
        )
        loss = loss + weights["hansen"] * hansen
    if parts.simulated is not None:
        own = _simulated_loss(network, parts.simulated, config, generator)
        loss = loss + weights[TASK] * own
    return loss


def _simulated_loss(
    network: MiscibilityNetwork,
    simulated: _Simulated,
    config: FitConfig,
    generator: np.random.Generator,
) -> Tensor:
    """Loss of drawn simulated polymers in drawn simulated solvents, each with each, over members.

    So many pairs come from few molecules, whose way through the towers is what takes time.
    """
    temperature = int(generator.integers(len(TEMPERATURES_K)))
    drawn = [
        torch.as_tensor(generator.permutation(n)[:most])
        for n, most in zip(simulated.chi.shape[1:], (_DRAWN_POLYMERS, _DRAWN_SOLVENTS), strict=True)
    ]
    chi = simulated.chi[temperature][drawn[0]][:, drawn[1]]
    polymer, solvent = (~chi.isnan()).nonzero(as_tuple=True)
    value = chi[polymer, solvent]
    q = network.coefficients(
        network.polymer(simulated.polymers[drawn[0]]).take(polymer),
        network.solvent(simulated.solvents[drawn[1]]).take(solvent),
    )
    state = State(
        torch.full_like(value, TEMPERATURES_K[temperature]),
        torch.full_like(value, DILUTE),
        torch.zeros_like(polymer),
    )
    found = network.standardised(TASK, q, state)
    return _errors(network, TASK, found, value, config.robust).mean(dim=1).sum()


def _hansen_loss(
    found: Tensor, network: MiscibilityNetwork, table: Tensor, known: IntArray
) -> Tensor:
    """Mean square of the standardised errors of Hansen parameters, summed over members."""
    if not len(known):
        return torch.zeros(())
    index = torch.as_tensor(known)
    error = (found[:, index] - table[index]) / network.hansen_spread
    return (error**2).mean(dim=(1, 2)).sum()


def _errors(
    network: MiscibilityNetwork, task: str, found: Tensor, value: Tensor, robust: float
) -> Tensor:
    """Loss of each value, shape (k, n): cross entropy for labels, Huber's otherwise."""
    if task == "soluble":
        return functional.binary_cross_entropy_with_logits(
            found, value.expand_as(found), reduction="none"
        )
    index = network.index(task)
    target = ((value - network.offset[index]) / network.scale[index]).expand_as(found)
    return functional.huber_loss(found, target, reduction="none", delta=robust) / robust


def latents(problem: Problem, fitted: Fitted) -> tuple[Latent, Latent]:
    """Places and radii of all polymers and of all solvents of the data."""
    data, network = problem.data, fitted.network
    with torch.no_grad():
        polymers = features.features(data.polymers, "polymer", fitted.polymer_environments)
        solvents = features.features(data.solvents, "solvent", fitted.solvent_environments)
        return (
            network.polymer(torch.as_tensor(polymers)),
            network.solvent(torch.as_tensor(solvents)),
        )


def predict_rows(problem: Problem, fitted: Fitted, task: str, rows: IntArray) -> FloatArray:
    """Values of every member for rows of the data set, in the unit of the task (labels: logits).

    Returns:
        Array of shape (members, len(rows)).
    """
    polymers, solvents = latents(problem, fitted)
    row = torch.as_tensor(rows)
    with torch.no_grad():
        q = fitted.network.coefficients(
            polymers.take(torch.as_tensor(problem.polymer[rows])),
            solvents.take(torch.as_tensor(problem.solvent[rows])),
        )
        state = State(*(x[row] for x in problem.state))
        found = fitted.network.values(task, q, state)
    return found.numpy().astype(np.float64)


@dataclass(frozen=True)
class LeftOut:
    """Predictions for rows that took no part in the training of the model that made them.

    Attributes:
        row: index into the data set's rows, shape (n,).
        mean: mean over the members in the unit of the task (labels: logits, to which the process
            on labels may have added its part), shape (n,).
        spread: standard deviation over the members, shape (n,).
    """

    row: IntArray
    mean: FloatArray
    spread: FloatArray


_TESTED: Final = ("chi", "chi_cosmo_rs", "soluble")


def cross_validate(
    problem: Problem,
    name: str,
    kind: SplitKind,
    runs: Path,
    *,
    seed: int = 0,
    process: bool = True,
) -> dict[str, list[LeftOut]]:
    """Predict the test rows of every fold of one kind; finished folds are read from ``runs``.

    Args:
        problem: the data.
        name: a key of :data:`MODELS`.
        kind: what the folds hold out.
        runs: where finished folds are kept.
        seed: of the fits.
        process: whether the process on labels, if the settings have one, adds its part.

    Returns:
        Task -> one entry per fold.
    """
    config = MODELS[name]
    # The process is fitted, and kept, by itself: it makes no other network. Nor does pre-training
    # where there is nothing simulated.
    settings = {
        key: value
        for key, value in asdict(config).items()
        if key not in {"label_process", "pretraining"}
    }
    tested = [task for task in _TESTED if task in dict(config.weights)]
    found: dict[str, list[LeftOut]] = {task: [] for task in tested}
    for fold in tqdm(
        folds(problem.data, kind, FOLDS, SPLIT_SEED), desc=f"{name} by {kind}", total=FOLDS
    ):
        mark = digest(
            problem.data.files, fold.key(problem.data), settings, BASIS_WEIGHTS,
            UNKNOWN_FRACTION, seed, features.VERSION,
            *([TASKS["chi"].terms, _IRREGULARITY] if "chi" in tested else []),
            *(
                [problem.simulated.mark, _DRAWN_POLYMERS, _DRAWN_SOLVENTS, config.pretraining]
                if TASK in dict(config.weights)
                else []
            ),
        )  # fmt: skip

        def left_out(fold: Fold = fold) -> dict[str, FloatArray | IntArray]:
            fitted = fit(problem, fold, config, seed + 100 * fold.number)
            arrays: dict[str, FloatArray | IntArray] = {}
            for task in tested:
                rows = np.flatnonzero(fold.test & (problem.task == task))
                members = predict_rows(problem, fitted, task, rows)
                arrays[f"{task}_row"] = rows
                arrays[f"{task}_mean"] = members.mean(axis=0)
                arrays[f"{task}_spread"] = members.std(axis=0, ddof=1)
            return arrays

        stem = f"{name.replace(' ', '-')}-{kind}-{fold.number}-{mark}"
        arrays = kept(runs / f"{stem}.npz", left_out)
        for task in tested:
            found[task].append(
                LeftOut(*(arrays[f"{task}_{part}"] for part in ("row", "mean", "spread")))
            )
        if config.label_process and process:
            own = found["soluble"][-1]
            beside = label_process.left_out(problem, fold, own.row, runs)
            found["soluble"][-1] = replace(own, mean=own.mean + beside)
    return found


def tier_rows(problem: Problem, fold: Fold, rows: IntArray) -> BoolArray:
    """Which test rows belong to the fold's tier, mask of shape (len(rows),).

    Known means met in a training row of a measured task. The pair folds test pairs of a known
    polymer and a known solvent; the solvent folds a new solvent with a known polymer, and the
    polymer folds a new polymer with a known solvent; the last kind tests both new.
    """
    trained = fold.train & np.isin(problem.task, EXPERIMENTAL)
    polymer = np.isin(problem.polymer[rows], problem.polymer[trained])
    solvent = np.isin(problem.solvent[rows], problem.solvent[trained])
    wanted: BoolArray = {
        "pair": polymer & solvent,
        "solvent": polymer & ~solvent,
        "polymer": ~polymer & solvent,
        "both": ~polymer & ~solvent,
    }[fold.kind]
    return wanted


def tested(problem: Problem, left_out: Sequence[LeftOut], kind: SplitKind) -> list[LeftOut]:
    """Rows of each fold's tier among those it left out.

    Args:
        problem: the data.
        left_out: one for each fold of that kind, in their order.
        kind: of the folds.
    """
    found = []
    for fold, part in zip(folds(problem.data, kind, FOLDS, SPLIT_SEED), left_out, strict=True):
        chosen = tier_rows(problem, fold, part.row)
        found.append(LeftOut(part.row[chosen], part.mean[chosen], part.spread[chosen]))
    return found


# Which folds tell the interval of which support. A pair that was measured is calibrated on how the
# final model meets its own training data: that is what "measured" means to a user.
_CALIBRATED_ON: Final[dict[PairSupport, SplitKind]] = {
    "both_known": "pair",
    "new_solvent": "solvent",
    "new_polymer": "polymer",
    "both_new": "both",
}


def fit_logistic(logit: FloatArray, label: FloatArray, system: IntArray) -> tuple[float, float]:
    """Slope and offset that make ``slope * logit + offset`` a calibrated logit (Platt scaling).

    Each system counts once, and a little shrinkage to slope 1 and offset 0 keeps the answer finite
    where labels are few or all alike (Platt, in Advances in Large Margin Classifiers, MIT Press
    2000, p. 61).

    Args:
        logit: left-out predictions, shape (n,).
        label: 1 / 0, shape (n,).
        system: which polymer-solvent pair a row belongs to, shape (n,).
    """
    _, index, count = np.unique(system, return_inverse=True, return_counts=True)
    weight = 1.0 / count[index]

    def loss(x: FloatArray) -> tuple[float, FloatArray]:
        z, away = x[0] * logit + x[1], x - np.array([1.0, 0.0])
        entropy = np.logaddexp(0.0, z) - label * z
        error = weight * (expit(z) - label)
        gradient = np.array([error @ logit, error.sum()]) + _SHRINKAGE * away
        return float(weight @ entropy + 0.5 * _SHRINKAGE * away @ away), gradient

    slope, offset = minimize(loss, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B").x
    return float(slope), float(offset)


_SHRINKAGE: Final = 1.0


def _calibrations(
    problem: Problem,
    left_out: dict[SplitKind, dict[str, list[LeftOut]]],
    fitted: Fitted,
    process: FittedProcess | None,
) -> dict[str, dict[str, dict[str, float]]]:
    """Per task and support tier, how wide an interval must be and how to read a logit."""
    found: dict[str, dict[str, dict[str, float]]] = {"chi": {}, "soluble": {}}
    measured = problem.value.numpy().astype(np.float64)
    for task, own in found.items():
        parts: dict[PairSupport, tuple[IntArray, FloatArray, FloatArray]] = {}
        for support, kind in _CALIBRATED_ON.items():
            every = tested(problem, left_out[kind][task], kind)
            parts[support] = (
                np.concatenate([part.row for part in every]),
                np.concatenate([part.mean for part in every]),
                np.concatenate([part.spread for part in every]),
            )
        row = np.flatnonzero(problem.task == task)
        members = predict_rows(problem, fitted, task, row)
        mean = members.mean(axis=0)
        if task == "soluble" and process is not None:
            mean = mean + label_process.process_rows(problem, process, row)
        parts["pair_measured"] = row, mean, members.std(axis=0, ddof=1)
        for support, (row, mean, spread) in parts.items():
            system = problem.pair[row]
            if task == "chi":
                own[support] = asdict(calibrate(HeldOut(measured[row] - mean, spread, system)))
            else:
                slope, offset = fit_logistic(mean, measured[row], system)
                own[support] = {
                    "slope": slope,
                    "offset": offset,
                    "systems": len(np.unique(system)),
                }
    return found


def _space(problem: Problem, fitted: Fitted, known: tuple[IntArray, IntArray]) -> dict[str, Tensor]:
    """Main axes of the first member's latent places, weighted with what they say of dissolving."""
    network = fitted.network
    polymers, solvents = latents(problem, fitted)
    places = polymers.u[0, torch.as_tensor(known[0])], solvents.u[0, torch.as_tensor(known[1])]
    weight = network.heads.weight[0, : network.config.latent, network.column("soluble")]
    weight = weight.detach().abs().sqrt()
    both = torch.cat(places)
    origin = both.mean(dim=0)
    _, _, axes = torch.linalg.svd((both - origin) * weight, full_matrices=False)
    turned = weight[:, None] * axes[:3].T
    return {
        "space_origin": origin,
        "space_axes": turned,
        "space_polymers": (places[0] - origin) @ turned,
        "space_solvents": (places[1] - origin) @ turned,
    }


def _range(values: Tensor) -> list[float]:
    """Trained range: all but the outermost 0.5 % of rows each side."""
    return [round(float(x), 2) for x in np.quantile(values.numpy(), [0.005, 0.995])]


def train(
    out: Path,
    *,
    seed: int = 0,
    runs: Path = Path("runs/polymer_solvent"),
    name: str = "network",
    data: Path | None = None,
) -> Card:
    """Cross-validate, fit on everything, calibrate, and write a checkpoint.

    Args:
        out: folder of the checkpoint, for example ``checkpoints/polymer-solvent/sphere-v1``.
        seed: of every random choice but the split, which has its own.
        runs: finished folds are kept here; delete it to start anew.
        name: settings, a key of :data:`MODELS` that learns all three shown tasks.
        data: the data folder; found as :mod:`core.measured` says if not given.

    Raises:
        DataMissingError: if the measured tables are not there.
    """
    problem = Problem(load_polymer_solvent(data))
    rows = problem.data.rows
    left_out = {kind: cross_validate(problem, name, kind, runs, seed=seed) for kind in SPLIT_KINDS}
    everything = Fold(
        "pair",
        -1,
        np.ones(len(rows), dtype=bool),
        np.zeros(len(rows), dtype=bool),
        np.ones(len(problem.data.polymers), dtype=bool),
        np.ones(len(problem.data.solvents), dtype=bool),
    )
    config = MODELS[name]
    fitted = fit(problem, everything, config, seed)
    process = label_process.fit_process(problem, everything) if config.label_process else None
    experimental = np.isin(problem.task, EXPERIMENTAL)
    known = (
        np.unique(problem.polymer[experimental]),
        np.unique(problem.solvent[experimental]),
    )
    weights = dict(fitted.network.state_dict())
    for key, tasks in (("chi_pairs", ("chi", "activity")), ("labelled_pairs", ("soluble",))):
        own = np.isin(problem.task, tasks)
        pairs = np.unique(np.stack([problem.polymer[own], problem.solvent[own]], axis=1), axis=0)
        places = [np.searchsorted(index, c) for index, c in zip(known, pairs.T, strict=True)]
        weights[key] = torch.as_tensor(np.stack(places, axis=1), dtype=torch.int32)
    weights |= _space(problem, fitted, known)
    networks: dict[str, dict[str, Any]] = {
        "network": {
            "properties": [task for task, _ in config.weights],
            "config": config.network.as_dict(),
            "polymer_environments": fitted.polymer_environments,
            "solvent_environments": fitted.solvent_environments,
        }
    }
    if process is not None:
        # A probability is given on the first basis.
        shown = process.processes[0]
        weights |= {f"label_process.{key}": value for key, value in shown.state_dict().items()}
        networks["label_process"] = {
            "properties": ["soluble"],
            "config": label_process.PROCESS_SETTINGS,
            "polymer_environments": process.polymer_environments,
            "solvent_environments": process.solvent_environments,
        }
    chi = torch.as_tensor(problem.task == "chi")
    tabled = [key for key in fitted.network.tasks if key not in {"hansen", TASK}]
    card = Card(
        name=f"{out.parent.name}/{out.name}",
        role="polymer-solvent",
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        properties={key: TASKS[key].unit for key in fitted.network.tasks},
        feature_version=features.VERSION,
        networks=networks,
        vocabulary={
            "polymers": [problem.data.polymers[i] for i in known[0]],
            "solvents": [problem.data.solvents[i] for i in known[1]],
        },
        data={
            "kind": {
                task: "experimental" if TASKS[task].measured else "computed (COSMO-RS)"
                for task in fitted.network.tasks
            },
            "files": problem.data.files,
            "rows": {key: int((problem.task == key).sum()) for key in tabled},
            "pairs": {key: len(np.unique(problem.pair[problem.task == key])) for key in tabled},
            "left_out": problem.data.left_out,
        }
        | ({"simulated": problem.simulated.about()} if TASK in fitted.network.tasks else {}),
        ranges={
            "chi": {
                "temperature_K": _range(problem.state.temperature_K[chi]),
                "volume_fraction": [0.0, 1.0],
            }
        },
        calibration=_calibrations(problem, left_out, fitted, process),
        split={
            "folds": FOLDS,
            "seed": SPLIT_SEED,
            "keys": {
                kind: [f.key(problem.data) for f in folds(problem.data, kind, FOLDS, SPLIT_SEED)]
                for kind in SPLIT_KINDS
            },
        },
        training={
            "seed": seed,
            "networks": {"network": config.as_dict()},
        },
    )
    return checkpoints.save(out, card, weights)
