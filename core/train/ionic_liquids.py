"""Training of the ionic-liquid recommender: fit, cross-validate, calibrate, write the checkpoint.

One call of :func:`train` does all of it from nothing. What is finished is kept in a folder of runs
under a name made from data, split and settings, so an interrupted training goes on where it was.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
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

from core import checkpoints, features
from core.checkpoints import Card
from core.chemistry import parse_ion
from core.properties import PROPERTIES
from core.recommender import ANCHOR_K, Pairs, Recommender, RecommenderConfig
from core.train.data import (
    SPLIT_KINDS,
    BoolArray,
    Dataset,
    Fold,
    SplitKind,
    folds,
    load_ionic_liquids,
)
from core.train.runs import digest, kept
from core.uncertainty import Calibration, Support, calibrate

__all__ = [
    "NETWORKS",
    "FitConfig",
    "Fitted",
    "LeftOut",
    "cross_validate",
    "fit",
    "predict_rows",
    "tier_liquids",
    "train",
]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

FOLDS: Final = 5
SPLIT_SEED: Final = 2026


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
        cation_count: a Morgan environment is used if so many training cations have it.
        anion_count: the same for anions.
        robust: residuals beyond this many scale units count linearly (Huber).
    """

    properties: tuple[str, ...]
    network: RecommenderConfig
    epochs: int = 50
    batch: int = 256
    rate: float = 3e-3
    decay: float = 0.05
    residual_decay: float = 1.0
    rows_per_liquid: int = 40
    cation_count: int = 10
    anion_count: int = 3
    robust: float = 1.0


# Typical errors on the learned scale: what one unit of loss means for each property.
_SCALE: Final = {
    "density_kg_m3": 0.015,
    "viscosity_mPa_s": 0.15,
    "surface_tension_mN_m": 0.06,
    "heat_capacity_J_mol_K": 0.04,
    "melting_point_K": 35.0,
}

NETWORKS: Final[dict[str, FitConfig]] = {
    "liquid": FitConfig(
        properties=tuple(key for key in PROPERTIES if key != "melting_point_K"),
        network=RecommenderConfig(),
    ),
    "melting": FitConfig(
        properties=("melting_point_K",),
        network=RecommenderConfig(members=16, feature_dropout=0.15, feature_share=0.5),
        epochs=40,
        cation_count=15,
    ),
}


@dataclass
class Fitted:
    """A trained network with what is needed to use it on the liquids of a data set."""

    model: Recommender
    config: FitConfig
    cation_vocabulary: list[int]
    anion_vocabulary: list[int]


class Problem:
    """A data set as tensors, built once and shared by every fit on it."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        liquids, rows = dataset.liquids, dataset.rows
        self.cations = sorted(set(liquids["cation"]))
        self.anions = sorted(set(liquids["anion"]))
        self.cation = liquids["cation"].map({s: i for i, s in enumerate(self.cations)}).to_numpy()
        self.anion = liquids["anion"].map({s: i for i, s in enumerate(self.anions)}).to_numpy()
        every = self.cations + self.anions
        self._dense = dict(zip(every, features.descriptors(every), strict=True))
        self._found = {s: features.environments(s) for s in every}
        place = {name: i for i, name in enumerate(features.DESCRIPTOR_NAMES)}
        count = [liquids["n_cation"].to_numpy(), liquids["n_anion"].to_numpy()]
        parts = [np.array([self._dense[s] for s in liquids[role]]) for role in ("cation", "anion")]
        sums = {
            name: sum(n * part[:, place[name]] for n, part in zip(count, parts, strict=True))
            for name in ("vdw_volume", "molar_mass")
        }
        self.log_volume = torch.as_tensor(np.log(sums["vdw_volume"]), dtype=torch.float32)
        self.molar_mass = torch.as_tensor(sums["molar_mass"], dtype=torch.float32)
        self.counts = torch.as_tensor(np.stack(count, axis=1), dtype=torch.float32)
        self.row_liquid = rows["liquid"].to_numpy()
        self.row_key = rows["property"].to_numpy().astype(str)
        self.temperature = torch.tensor(rows["temperature_K"].to_numpy(), dtype=torch.float32)
        self.pressure = torch.tensor(rows["pressure_kPa"].to_numpy(), dtype=torch.float32)
        target = np.empty(len(rows))
        for key, spec in PROPERTIES.items():
            chosen = self.row_key == key
            target[chosen] = spec.forward(rows["value"].to_numpy()[chosen])
        self.target = torch.as_tensor(target, dtype=torch.float32)

    def vocabulary(self, ions: Sequence[str], least: int) -> list[int]:
        """Morgan environments that at least ``least`` of ``ions`` have."""
        number = Counter(identifier for s in ions for identifier in self._found[s])
        return sorted(identifier for identifier, n in number.items() if n >= least)

    def ion_features(self, ions: Sequence[str], vocabulary: Sequence[int]) -> Tensor:
        """As :func:`core.features.ion_features`, from what was computed once."""
        column = {identifier: i for i, identifier in enumerate(vocabulary)}
        counts = np.zeros((len(ions), len(vocabulary)), dtype=np.float32)
        for i, s in enumerate(ions):
            for identifier, n in self._found[s].items():
                if identifier in column:
                    counts[i, column[identifier]] = n
        dense = np.array([self._dense[s] for s in ions])
        return torch.as_tensor(np.concatenate([dense, np.log1p(counts)], axis=1))

    def pairs(self, liquids: IntArray, cation: IntArray, anion: IntArray) -> Pairs:
        """The ``liquids`` with the rows of their ions among the ions embedded."""
        chosen = torch.as_tensor(liquids)
        return Pairs(
            torch.as_tensor(cation),
            torch.as_tensor(anion),
            self.counts[chosen, 0],
            self.counts[chosen, 1],
            self.log_volume[chosen],
            self.molar_mass[chosen],
        )


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
class _Thinned:
    """Training rows sorted by liquid, thinned, with weights."""

    rows: IntArray
    weights: NDArray[np.float32]
    start: IntArray


@dataclass(frozen=True)
class _Batches:
    """What batches are made from."""

    problem: Problem
    config: FitConfig
    thinned: _Thinned
    liquids: IntArray
    cation_features: Tensor
    anion_features: Tensor


def _thin(
    problem: Problem, train: BoolArray, config: FitConfig, generator: np.random.Generator
) -> _Thinned:
    """Draw rows so that n rows of a liquid weigh as much together as the square root of n."""
    used = train[problem.row_liquid] & np.isin(problem.row_key, config.properties)
    rows = generator.permutation(np.flatnonzero(used))
    table = pd.DataFrame(
        {"row": rows, "liquid": problem.row_liquid[rows], "key": problem.row_key[rows]}
    )
    group = table.groupby(["liquid", "key"])["row"]
    table["rank"], table["number"] = group.cumcount(), group.transform("size")
    table = table[table["rank"] < config.rows_per_liquid].sort_values("liquid", kind="stable")
    kept = table["number"].clip(upper=config.rows_per_liquid)
    weights = (np.sqrt(table["number"]) / kept).to_numpy(np.float32)
    start = np.searchsorted(table["liquid"].to_numpy(), np.arange(len(train) + 1))
    return _Thinned(table["row"].to_numpy(), weights, start)


def fit(problem: Problem, train: BoolArray, config: FitConfig, seed: int) -> Fitted:
    """Train one network on the liquids marked in ``train``.

    Args:
        problem: the data.
        train: mask of shape (liquids,).
        config: sizes and settings.
        seed: of the initial weights, the thinning and the order of the batches.
    """
    torch.manual_seed(seed)
    generator = np.random.default_rng(seed)
    thinned = _thin(problem, train, config, generator)
    liquids = np.flatnonzero(np.diff(thinned.start) > 0)
    known = [np.unique(problem.cation[liquids]), np.unique(problem.anion[liquids])]
    names = [problem.cations, problem.anions]
    vocabularies, inputs = [], []
    for rows, ions, least in zip(
        known, names, (config.cation_count, config.anion_count), strict=True
    ):
        vocabulary = problem.vocabulary([ions[i] for i in rows], least)
        vocabularies.append(vocabulary)
        inputs.append(problem.ion_features(ions, vocabulary))
    model = Recommender(
        config.network, inputs[0].shape[1], inputs[1].shape[1], len(names[0]), len(names[1])
    )
    model.cation_encoder.fit_scale(inputs[0][torch.as_tensor(known[0])])
    model.anion_encoder.fit_scale(inputs[1][torch.as_tensor(known[1])])
    volume, heat = _offsets(problem, train)
    model.volume_offset.fill_(volume)
    model.heat_offset.fill_(heat)
    _optimise(model, _Batches(problem, config, thinned, liquids, *inputs), generator)
    return Fitted(model, config, vocabularies[0], vocabularies[1])


def _optimise(model: Recommender, batches: _Batches, generator: np.random.Generator) -> None:
    """Adam with weight decay and a one-cycle schedule over batches of ionic liquids."""
    config, liquids = batches.config, batches.liquids
    groups: dict[str, list[torch.nn.Parameter]] = {"weight": [], "residual": [], "bias": []}
    for name, parameter in model.named_parameters():
        groups[name.rsplit(".", 1)[-1]].append(parameter)
    decays = {"weight": config.decay, "residual": config.residual_decay, "bias": 0.0}
    optimiser = torch.optim.AdamW(
        [{"params": groups[name], "weight_decay": decay} for name, decay in decays.items()],
        lr=config.rate,
    )
    steps = math.ceil(len(liquids) / config.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, config.rate, total_steps=config.epochs * steps, pct_start=0.15
    )
    model.train()
    for _ in range(config.epochs):
        for chosen in np.array_split(generator.permutation(liquids), steps):
            loss = _loss(model, batches, np.sort(chosen))
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            schedule.step()
    model.eval()


def _loss(model: Recommender, batches: _Batches, liquids: IntArray) -> Tensor:
    """Robust, weighted loss of all members over the rows of ``liquids``, summed over members."""
    problem, thinned, config = batches.problem, batches.thinned, batches.config
    inputs = batches.cation_features, batches.anion_features
    cations, cation = np.unique(problem.cation[liquids], return_inverse=True)
    anions, anion = np.unique(problem.anion[liquids], return_inverse=True)
    c, a = torch.as_tensor(cations), torch.as_tensor(anions)
    pairs = problem.pairs(liquids, cation, anion)
    q = model.coefficients(
        model.embed_cations(inputs[0][c], c), model.embed_anions(inputs[1][a], a), pairs
    )
    lengths = thinned.start[liquids + 1] - thinned.start[liquids]
    places = np.concatenate([np.arange(thinned.start[i], thinned.start[i + 1]) for i in liquids])
    local = np.repeat(np.arange(len(liquids)), lengths)
    rows = thinned.rows[places]
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
        loss = loss + (huber * torch.as_tensor(thinned.weights[places[chosen]])).sum()
    return loss / config.batch


def _embeddings(problem: Problem, fitted: Fitted, known: BoolArray) -> tuple[Tensor, Tensor]:
    """Embeddings of all cations and anions; ions not in a ``known`` liquid by the encoder alone."""
    trained = known & np.logical_or.reduce(
        [problem.dataset.measured[key] for key in fitted.config.properties]
    )
    embedded = []
    for ions, index, vocabulary, embed in (
        (problem.cations, problem.cation, fitted.cation_vocabulary, fitted.model.embed_cations),
        (problem.anions, problem.anion, fitted.anion_vocabulary, fitted.model.embed_anions),
    ):
        table = np.full(len(ions), -1)
        seen = np.unique(index[trained])
        table[seen] = seen
        with torch.no_grad():
            embedded.append(embed(problem.ion_features(ions, vocabulary), torch.as_tensor(table)))
    return embedded[0], embedded[1]


def predict_rows(
    problem: Problem, fitted: Fitted, known: BoolArray, rows: IntArray
) -> NDArray[np.float32]:
    """Predictions of every member for rows of the data set, on the learned scale.

    Args:
        problem: the data.
        fitted: a trained network.
        known: the liquids it was trained on; ions of others use the encoder alone.
        rows: indices into the data set's rows; all of properties the network serves.

    Returns:
        Array of shape (members, len(rows)).
    """
    embedded = _embeddings(problem, fitted, known)
    liquids, local = np.unique(problem.row_liquid[rows], return_inverse=True)
    pairs = problem.pairs(liquids, problem.cation[liquids], problem.anion[liquids])
    out = np.empty((fitted.config.network.members, len(rows)), dtype=np.float32)
    with torch.no_grad():
        q = fitted.model.coefficients(embedded[0], embedded[1], pairs)
        for key in fitted.config.properties:
            chosen = np.flatnonzero(problem.row_key[rows] == key)
            row, liquid = torch.as_tensor(rows[chosen]), torch.as_tensor(local[chosen])
            out[:, chosen] = fitted.model.values(
                key, q[:, liquid], pairs.take(liquid), problem.temperature[row],
                problem.pressure[row],
            ).numpy()  # fmt: skip
    return out


@dataclass(frozen=True)
class LeftOut:
    """Predictions for rows that took no part in the training of the model that made them.

    Attributes:
        row: index into the data set's rows, shape (n,).
        mean: mean over the members on the learned scale, shape (n,).
        spread: standard deviation over the members, shape (n,).
    """

    row: IntArray
    mean: FloatArray
    spread: FloatArray


def tier_liquids(dataset: Dataset, fold: Fold, key: str) -> BoolArray:
    """Test liquids of a fold that belong to its tier, for one property: mask (liquids,).

    Known means met in a training liquid *of this property*. The pair folds test pairs of two known
    ions; the cation folds a new cation with a known anion, and so on.
    """
    liquids, measured = dataset.liquids, dataset.measured[key]
    trained = liquids[fold.train & measured]
    cation = liquids["cation"].isin(set(trained["cation"])).to_numpy()
    anion = liquids["anion"].isin(set(trained["anion"])).to_numpy()
    wanted = {
        "pair": cation & anion,
        "cation": ~cation & anion,
        "anion": cation & ~anion,
        "both": ~cation & ~anion,
    }[fold.kind]
    chosen: BoolArray = fold.test & measured & wanted
    return chosen


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
        mean, spread = np.full(len(rows), np.nan), np.full(len(rows), np.nan)
        for name, config in networks.items():
            mark = digest(
                dataset.files, fold.key(dataset.liquids), asdict(config), _SCALE, seed,
                features.VERSION,
            )  # fmt: skip
            own = np.isin(problem.row_key[rows], config.properties)

            def left_out(
                config: FitConfig = config, fold: Fold = fold, chosen: IntArray = rows[own]
            ) -> dict[str, FloatArray]:
                fitted = fit(problem, fold.train, config, seed + 100 * fold.number)
                members = predict_rows(problem, fitted, fold.train, chosen)
                return {"mean": members.mean(axis=0), "spread": members.std(axis=0, ddof=1)}

            found = kept(runs / f"{name}-{kind}-{fold.number}-{mark}.npz", left_out)
            mean[own], spread[own] = found["mean"], found["spread"]
        out[fold.number] = LeftOut(rows, mean, spread)
        bar.update()
    bar.close()
    return out


# Which folds tell the interval of which support. A pair that was measured is calibrated on how the
# final model meets its own training data: that is what "measured" means to a user.
_CALIBRATED_ON: Final[dict[Support, tuple[SplitKind, ...]]] = {
    "both_ions_known": ("pair",),
    "new_ion": ("cation", "anion"),
    "two_new_ions": ("both",),
}


def _calibrations(
    problem: Problem,
    left_out: dict[SplitKind, dict[int, LeftOut]],
    fitted: dict[str, Fitted],
) -> dict[str, dict[str, Calibration]]:
    """Per property and support tier, how wide an interval must be."""
    dataset, found = problem.dataset, {}
    for key in PROPERTIES:
        own: dict[str, Calibration] = {}
        for support, kinds in _CALIBRATED_ON.items():
            parts: list[tuple[IntArray, FloatArray, FloatArray]] = []
            for kind in kinds:
                for fold in folds(dataset.liquids, kind, FOLDS, SPLIT_SEED):
                    result = left_out[kind][fold.number]
                    chosen = tier_liquids(dataset, fold, key)[problem.row_liquid[result.row]]
                    chosen &= problem.row_key[result.row] == key
                    parts.append((result.row[chosen], result.mean[chosen], result.spread[chosen]))
            own[support] = _calibration(problem, *map(np.concatenate, zip(*parts, strict=True)))
        name = next(n for n, part in fitted.items() if key in part.config.properties)
        everything = np.ones(len(dataset.liquids), dtype=bool)
        rows = np.flatnonzero(problem.row_key == key)
        members = predict_rows(problem, fitted[name], everything, rows)
        mean, spread = members.mean(axis=0), members.std(axis=0, ddof=1)
        own["pair_measured"] = _calibration(problem, rows, mean, spread)
        found[key] = own
    return found


def _calibration(
    problem: Problem, rows: IntArray, mean: FloatArray, spread: FloatArray
) -> Calibration:
    residual = problem.target.numpy()[rows].astype(np.float64) - mean
    return calibrate(residual, spread.astype(np.float64), problem.row_liquid[rows])


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


def _weights(problem: Problem, fitted: dict[str, Fitted]) -> dict[str, Tensor]:
    """All tensors of a checkpoint: networks, embeddings of the known ions, what was measured."""
    weights = {}
    everything = np.ones(len(problem.dataset.liquids), dtype=bool)
    for name, part in fitted.items():
        for key, tensor in part.model.state_dict().items():
            weights[f"{name}.{key}"] = tensor
        cations, anions = _embeddings(problem, part, everything)
        weights[f"{name}.cation_embeddings"] = cations
        weights[f"{name}.anion_embeddings"] = anions
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
        out: folder of the checkpoint, for example ``checkpoints/ionic-liquids/recommender-v1``.
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
        name: fit(problem, everything, config, seed)
        for name, config in tqdm(networks.items(), desc="final fit", unit="network")
    }
    calibration = _calibrations(problem, left_out, fitted)
    card = Card(
        name=f"{out.parent.name}/{out.name}",
        role="ionic-liquids",
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        properties={key: spec.transform for key, spec in PROPERTIES.items()},
        feature_version=features.VERSION,
        networks={
            name: {
                "properties": list(part.config.properties),
                "config": part.config.network.as_dict(),
                "cation_environments": part.cation_vocabulary,
                "anion_environments": part.anion_vocabulary,
            }
            for name, part in fitted.items()
        },
        # The gate's identity: a few ions stand in the tables under two resonance spellings.
        vocabulary={
            "cations": [parse_ion(s, "cation").smiles for s in problem.cations],
            "anions": [parse_ion(s, "anion").smiles for s in problem.anions],
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
            "minutes": round((time.perf_counter() - began) / 60.0, 1),
        },
    )
    return checkpoints.save(out, card, _weights(problem, fitted))
