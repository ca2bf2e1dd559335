"""Training of the emulator of simulated surfaces: folds by ion, final fit, checkpoint.

It learns the table of simulated ions that is part of the project, so it needs no measured data.
What is finished is kept in a folder of runs under a name made from the table, the split and the
settings; a new table is learned anew.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.linear_model import Ridge, RidgeCV
from torch import Tensor
from torch.nn import functional
from tqdm import tqdm

from core import checkpoints, features
from core.checkpoints import ROLES, Card, Metrics
from core.emulator import Emulator, EmulatorConfig
from core.metrics import MEASURES, TIERS
from core.simulated import SURFACE_NAMES, SURFACE_VERSION, SimulatedTable, simulated
from core.simulated import surface_features as surfaces_of
from core.train.data import parts
from core.train.descent import Descent
from core.train.readme import put_tables
from core.train.runs import digest, kept

__all__ = ["FitConfig", "Fitted", "Ions", "fit", "left_out", "markdown", "predict",
           "train", "write_docs"]  # fmt: skip

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

_ROLE: Final = "ion-surfaces"
_FOLDS: Final = 5
_SPLIT_SEED: Final = 2026
_TREES: Final[dict[str, Any]] = {
    "n_estimators": 50, "max_features": 0.2, "min_samples_leaf": 2, "random_state": 0,
}  # fmt: skip
_LEAST_SPREAD: Final = 1e-6
_PROFILE: Final = "sigma_profile"
_COLUMNS: Final = ("MAE", "R2")


@dataclass(frozen=True)
class FitConfig:
    """How the emulator is trained.

    Attributes:
        network: its sizes.
        environments: so many Morgan environments are used, those that most training ions have.
        ridges: penalties to choose from for each column of the linear models, by leave-one-out
            error.
        stiffness: so many times the chosen penalty is used. The networks learn from what the linear
            models leave of the training ions; those that fit too closely leave them nothing.
        epochs: passes over the training ions.
        batch: ions a step.
        rate: highest learning rate of the one-cycle schedule.
        decay: weight decay of all weights but biases.
    """

    network: EmulatorConfig = field(default_factory=EmulatorConfig)
    environments: int = 600
    ridges: tuple[float, ...] = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0)
    stiffness: float = 10.0
    epochs: int = 60
    batch: int = 128
    rate: float = 3e-3
    decay: float = 0.05


class Ions:
    """Simulated ions: what the emulator learns from and what it has to give."""

    def __init__(self, table: SimulatedTable) -> None:
        self.smiles = table.smiles
        self.anion: BoolArray = table.charge < 0
        self.surfaces = surfaces_of(table)
        whole = hashlib.sha256("\n".join(table.smiles).encode())
        for array in (table.values, table.sigma, table.areas):
            whole.update(array.tobytes())
        self.mark = whole.hexdigest()[:16]
        dealt = parts(list(table.smiles), _FOLDS, _SPLIT_SEED, "simulated ion")
        self.part: IntArray = np.array([dealt[smiles] for smiles in table.smiles])

    @cached_property
    def dense(self) -> NDArray[np.float32]:
        """Descriptors of all ions."""
        return features.descriptors(self.smiles)

    @cached_property
    def environments(self) -> list[dict[int, int]]:
        """Morgan environments of each ion."""
        return [features.environments(smiles) for smiles in self.smiles]

    def vocabulary(self, rows: IntArray, size: int) -> list[int]:
        """The ``size`` environments that most of the ions at ``rows`` have."""
        number = Counter(identifier for row in rows for identifier in self.environments[row])
        return sorted(
            sorted(number, key=lambda identifier: (-number[identifier], identifier))[:size]
        )

    def features(self, rows: IntArray, vocabulary: Sequence[int]) -> Tensor:
        """As :func:`core.features.ion_features`, from what was computed once."""
        column = {identifier: i for i, identifier in enumerate(vocabulary)}
        counts = np.zeros((len(rows), len(vocabulary)), dtype=np.float32)
        for i, row in enumerate(rows):
            for identifier, n in self.environments[row].items():
                if identifier in column:
                    counts[i, column[identifier]] = n
        return torch.as_tensor(np.concatenate([self.dense[rows], np.log1p(counts)], axis=1))


@dataclass
class Fitted:
    """A trained emulator and the environments it is fed with."""

    model: Emulator
    vocabulary: list[int]


def _ridges(x: FloatArray, y: FloatArray, config: FitConfig) -> RidgeCV:
    """A linear model of each column, as stiff as suits it by leave-one-out error."""
    return RidgeCV(alphas=list(config.ridges), alpha_per_target=True).fit(x, y)


def _fit_linear(
    model: Emulator, x: Tensor, anion: Tensor, surfaces: Tensor, config: FitConfig
) -> None:
    """Solve the linear models of cations and of anions, and set the spreads."""
    for row, chosen in enumerate((~anion, anion)):
        scaled, y = model.scaled(x[chosen]).double().numpy(), surfaces[chosen].double().numpy()
        alpha = config.stiffness * _ridges(scaled, y, config).alpha_
        solved = Ridge(alpha=alpha).fit(scaled, y)
        model.linear[row] = torch.as_tensor(solved.coef_.T)
        model.offset[row] = torch.as_tensor(solved.intercept_)
        spread = y.std(axis=0)
        model.spread[row] = torch.as_tensor(np.where(spread < _LEAST_SPREAD, 1.0, spread))


def fit(ions: Ions, rows: IntArray, config: FitConfig, seed: int) -> Fitted:
    """Train an emulator on the ions at ``rows``.

    Args:
        ions: the simulated ions.
        rows: those to learn from, shape (n,).
        config: sizes and settings.
        seed: of the initial weights and the order of the batches.
    """
    torch.manual_seed(seed)
    generator = np.random.default_rng(seed)
    vocabulary = ions.vocabulary(rows, config.environments)
    x, anion = ions.features(rows, vocabulary), torch.as_tensor(ions.anion[rows])
    surfaces = torch.as_tensor(ions.surfaces[rows], dtype=torch.float32)
    model = Emulator(config.network, x.shape[1], surfaces.shape[1])
    model.fit_scale(x)
    _fit_linear(model, x, anion, surfaces, config)
    target = (surfaces - model.additive(x, anion)) / model.spread[anion.long()]
    steps = math.ceil(len(rows) / config.batch)
    decays = {"weight": config.decay, "bias": 0.0}
    descent = Descent(
        model.named_parameters(), decays, rate=config.rate, steps=config.epochs * steps
    )
    model.train()
    for _ in range(config.epochs):
        for chosen in np.array_split(generator.permutation(len(rows)), steps):
            batch = torch.as_tensor(chosen)
            found = model.correction(x[batch])
            # One loss for each member: they share nothing.
            loss = functional.smooth_l1_loss(found, target[batch].expand_as(found))
            descent.step(loss * len(found))
    model.eval()
    return Fitted(model, vocabulary)


def predict(ions: Ions, rows: IntArray, fitted: Fitted) -> FloatArray:
    """Emulated surface features of the ions at ``rows``, shape (n, m)."""
    x, anion = ions.features(rows, fitted.vocabulary), torch.as_tensor(ions.anion[rows])
    with torch.no_grad():
        found: FloatArray = fitted.model(x, anion).numpy().astype(np.float64)
    return found


def _baselines(
    ions: Ions, train: IntArray, test: IntArray, fitted: Fitted, config: FitConfig
) -> dict[str, FloatArray]:
    """What simpler models give for the test ions; cations and anions have models of their own."""
    out = {name: np.empty((len(test), len(SURFACE_NAMES))) for name in ("ridge", "trees", "mean")}
    for anion in (False, True):
        own, asked = train[ions.anion[train] == anion], ions.anion[test] == anion
        x, z = (
            fitted.model.scaled(ions.features(rows, fitted.vocabulary)).double().numpy()
            for rows in (own, test[asked])
        )
        y = ions.surfaces[own]
        spread = y.std(axis=0)
        spread[spread < _LEAST_SPREAD] = 1.0
        trees = ExtraTreesRegressor(**_TREES).fit(x, (y - y.mean(axis=0)) / spread)
        out["ridge"][asked] = _ridges(x, y, config).predict(z)
        out["trees"][asked] = trees.predict(z) * spread + y.mean(axis=0)
        out["mean"][asked] = y.mean(axis=0)
    return out


def _folds(ions: Ions, runs: Path, config: FitConfig, seed: int) -> dict[str, FloatArray]:
    """What the emulator and simpler models give for every ion, none having learned from it."""
    out: dict[str, FloatArray] = {}
    for part in tqdm(range(_FOLDS), desc="folds by ion", unit="fold"):
        train, test = np.flatnonzero(ions.part != part), np.flatnonzero(ions.part == part)
        mark = digest(
            ions.mark, part, asdict(config), _TREES, seed, features.VERSION, SURFACE_VERSION
        )

        def compute(
            part: int = part, train: IntArray = train, test: IntArray = test
        ) -> dict[str, FloatArray]:
            fitted = fit(ions, train, config, seed + 100 * part)
            emulated = {"emulator": predict(ions, test, fitted)}
            return emulated | _baselines(ions, train, test, fitted, config)

        for name, rows in kept(runs / f"emulator-{part}-{mark}.npz", compute).items():
            out.setdefault(name, np.empty_like(ions.surfaces))[test] = rows
    return out


def left_out(
    runs: Path = Path("runs/ion_surfaces"),
    *,
    table: SimulatedTable | None = None,
    config: FitConfig | None = None,
    seed: int = 0,
) -> FloatArray:
    """Emulated surface features of every simulated ion, by an emulator that never saw it.

    Args:
        runs: finished folds are kept here.
        table: of simulated ions; that of the project if not given.
        config: settings; those of the shipped emulator if not given.
        seed: of every random choice but the split, which has its own.

    Returns:
        Shape (ions, len(SURFACE_NAMES)), in the order of the table.
    """
    ions = Ions(table or simulated("ions"))
    return _folds(ions, runs, config or FitConfig(), seed)["emulator"]


def _measures(truth: FloatArray, found: FloatArray) -> dict[str, float]:
    """MAE and R2 of columns taken together; R2 about the mean of each column, shapes (n, c)."""
    error = found - truth
    total = ((truth - truth.mean(axis=0)) ** 2).sum()
    return {
        "MAE": float(np.abs(error).mean()),
        "R2": float(1.0 - (error**2).sum() / total),
        "n_ions": len(truth),
    }


def _metrics(ions: Ions, by_model: dict[str, FloatArray]) -> Metrics:
    columns = {name: [i] for i, name in enumerate(SURFACE_NAMES) if not name.startswith(_PROFILE)}
    columns[_PROFILE] = [i for i, name in enumerate(SURFACE_NAMES) if name.startswith(_PROFILE)]
    return {
        name: {
            tier: {
                model: _measures(ions.surfaces[rows][:, chosen], found[rows][:, chosen])
                for model, found in by_model.items()
            }
            for tier, rows in (("cation", ~ions.anion), ("anion", ions.anion))
        }
        for name, chosen in columns.items()
    }


def train(
    out: Path,
    *,
    seed: int = 0,
    runs: Path = Path("runs/ion_surfaces"),
    table: SimulatedTable | None = None,
    config: FitConfig | None = None,
) -> Card:
    """Cross-validate by ion, fit on every simulated ion, and write a checkpoint with its metrics.

    Args:
        out: folder of the checkpoint, for example ``checkpoints/ion-surfaces/emulator-v1``.
        seed: of every random choice but the split, which has its own.
        runs: finished folds are kept here; delete it to start anew.
        table: of simulated ions; that of the project if not given.
        config: settings; :class:`FitConfig` as it stands if not given.
    """
    table, config = table or simulated("ions"), config or FitConfig()
    began = time.perf_counter()
    ions = Ions(table)
    metrics = _metrics(ions, _folds(ions, runs, config, seed))
    fitted = fit(ions, np.arange(len(ions.smiles)), config, seed)
    role = ROLES[_ROLE]
    card = Card(
        name=f"{out.parent.name}/{out.name}",
        role=_ROLE,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        properties=dict(role.predicts),
        feature_version=role.feature_version,
        networks={"surfaces": {"config": config.network.as_dict()}},
        vocabulary={"environments": fitted.vocabulary},
        data={
            "kind": "simulated",
            "source": table.about["source"],
            "table": ions.mark,
            "ions": {"cations": int((~ions.anion).sum()), "anions": int(ions.anion.sum())},
        },
        ranges={},
        calibration={},
        split={
            "kind": "ion",
            "folds": _FOLDS,
            "seed": _SPLIT_SEED,
            "keys": [
                digest(sorted(s for s, p in zip(ions.smiles, ions.part, strict=True) if p == part))
                for part in range(_FOLDS)
            ],
        },
        training={
            "seed": seed,
            "config": asdict(config),
            "trees": _TREES,
            "minutes": round((time.perf_counter() - began) / 60.0, 1),
        },
        metrics=metrics,
    )
    return checkpoints.save(out, card, dict(fitted.model.state_dict()))


def markdown(card: Card) -> str:
    """Return the card's metrics as Markdown: one table for new cations, one for new anions."""
    models = list(next(iter(card.metrics.values()))["cation"])
    lines = [f"Model `{card.name}`, {_FOLDS} folds by ion. Each in the form the network sees it."]
    for tier, title in TIERS[_ROLE].items():
        heads = [f"{MEASURES[m]} {model}" for m in _COLUMNS for model in models]
        lines += [
            "",
            f"**{title}**",
            "",
            f"| feature | form | {' | '.join(heads)} |",
            f"|---|---|{'---:|' * len(heads)}",
        ]
        for name, tiers in card.metrics.items():
            numbers = [f"{tiers[tier][model][m]:.3g}" for m in _COLUMNS for model in models]
            form = card.properties.get(name, "identity")
            lines.append(f"| {name} | {form} | {' | '.join(numbers)} |")
    return "\n".join(lines)


def write_docs(card: Card, readme: Path) -> None:
    """Put the card's tables between the markers in ``readme``.

    Raises:
        ValueError: if the markers are missing.
    """
    put_tables(readme, _ROLE, markdown(card))
