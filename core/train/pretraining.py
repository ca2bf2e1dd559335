"""Pre-training of the recommender on simulated pairs of ions, before it sees a measured value.

After Sethi, Sundmacher, Ganzer, arXiv 2509.10273: recommenders learn simulated quantities of pairs
at fixed temperature and pressure, and what they have learned of the ions is where the training on
experiments starts. The quantities are those of the project's own simulation
(:mod:`core.simulate`), of all pairs of simulated monovalent ions:

* ``volume``: ln of the COSMO volume of both ions over their van der Waals volume. Density and heat
  capacity at 298.15 K are both a constant plus a multiple of the COSMO volume, so this one quantity
  serves both, and no coefficient fitted to measured values is in it;
* ``viscosity``: ln of the viscosity by a relation with few coefficients, which are fitted to the
  liquids that a split trains on;
* ``joint``: the volume and the COSMO-RS quantities of the pair (:data:`PAIR_NAMES`).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from core import features
from core.layers import Stacked
from core.recommender import Pairs, Recommender, RecommenderConfig
from core.simulated import (
    SURFACE_NAMES,
    SURFACE_VERSION,
    PairTable,
    simulated,
    simulated_pairs,
)
from core.train.data import BoolArray
from core.train.descent import Descent
from core.train.ionic_liquids_problem import IonInputs, Problem
from core.train.relations import (
    FittedRelation,
    SimulatedLiquids,
    experimental_at_reference,
    fit_relation,
)
from core.train.runs import digest, kept

__all__ = ["PRETRAINING", "Start", "pretrained"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

Start = Literal["none", "volume", "viscosity", "joint"]


@dataclass(frozen=True)
class PretrainingConfig:
    """How a recommender is pre-trained.

    Attributes:
        steps: of the optimiser.
        cations: drawn anew for each step.
        anions: the same; all pairs of them are learned from.
        rate: highest learning rate of the one-cycle schedule.
        decay: weight decay of all weights but residuals and biases.
        residual_decay: weight decay of the ions' residuals.
    """

    steps: int = 800
    cations: int = 64
    anions: int = 24
    rate: float = 3e-3
    decay: float = 0.01
    residual_decay: float = 0.3


PRETRAINING: Final = PretrainingConfig()

# What of a recommender the fine-tuning starts from; the heads of the properties start anew.
_KEPT: Final = ("cation_encoder", "anion_encoder", "first", "second")
_SAMPLE: Final = 150  # ions of each role, for centre and spread of what is learned
_TABLES: Final = ("cation_table.residual", "anion_table.residual")


@dataclass(frozen=True, eq=False)
class _Matrix:
    """Simulated pairs, the features of their ions, and what is to be learned.

    Attributes:
        table: quantities of pairs.
        inputs: features of its cations, and of its anions.
        rows: rows of its cations in the table of ions, and of its anions.
        van_der_waals: volumes of its cations, and of its anions, cubic angstrom.
    """

    table: PairTable
    inputs: tuple[Tensor, Tensor]
    rows: tuple[IntArray, IntArray]
    van_der_waals: tuple[FloatArray, FloatArray]

    def size(self, cation: IntArray, anion: IntArray) -> FloatArray:
        """Logarithm of the van der Waals volume of pairs, (pairs,)."""
        found: FloatArray = np.log(self.van_der_waals[0][cation] + self.van_der_waals[1][anion])
        return found

    def values(
        self, start: Start, cation: IntArray, anion: IntArray, relation: FittedRelation | None
    ) -> FloatArray:
        """What a pre-training learns of pairs, shape (pairs, quantities)."""
        rows = self.rows[0][cation], self.rows[1][anion]
        if relation is not None:
            quantities = self.table.values(cation, anion)
            viscosity = relation.predict(*rows, quantities=quantities)
            return np.log(viscosity)[:, None]
        volume = simulated("ions").column("volume_A3")
        ratio = np.log(volume[rows[0]] + volume[rows[1]]) - self.size(cation, anion)
        if start == "volume":
            return ratio[:, None]
        return np.column_stack([ratio, self.table.values(cation, anion)])


@lru_cache(maxsize=1)
def _matrix(cations: IonInputs, anions: IonInputs) -> _Matrix:
    table, ions = simulated_pairs(), simulated("ions")
    both = table.cations, table.anions
    rows = [np.array([ions.index[s] for s in own]) for own in both]
    volumes = [np.array([features.van_der_waals_volume(s) for s in own]) for own in both]
    inputs = cations(both[0]), anions(both[1])
    return _Matrix(table, inputs, (rows[0], rows[1]), (volumes[0], volumes[1]))


@lru_cache(maxsize=1)
def _viscosities(problem: Problem) -> tuple[SimulatedLiquids, FloatArray]:
    """Measured liquids as rows of the simulation, and their viscosity at the reference state."""
    value = experimental_at_reference(problem)["viscosity_mPa_s"]
    return SimulatedLiquids.of(problem.dataset.liquids), value


def pretrained(
    problem: Problem,
    config: RecommenderConfig,
    start: Start,
    *,
    surfaces: bool,
    train: BoolArray,
    seed: int,
    runs: Path,
) -> dict[str, Tensor]:
    """Weights that the training on experiments starts from.

    Args:
        problem: the measured data; read only for the coefficients of the viscosity.
        config: sizes of the recommender.
        start: what is learned.
        surfaces: whether the features of simulated surfaces are among the inputs. Without them
            each simulated ion has a residual of its own, as in the published method.
        train: mask of the liquids that the coefficients may be fitted to, shape (liquids,).
        seed: of initial weights and draws.
        runs: finished ones are kept here.

    Returns:
        Part of a state of :class:`Recommender`: encoders, hidden layers, and the tables of
        residuals with a row for each ion of ``problem`` (zeros with ``surfaces``).
    """
    matrix = _matrix(*problem.of_ions)
    relation = None
    if start == "viscosity":
        relation = fit_relation("viscosity_mPa_s", *_viscosities(problem), train)
    mark = digest(
        start, surfaces, asdict(config), asdict(PRETRAINING), seed, features.VERSION,
        SURFACE_VERSION, matrix.table.about["rms_error"],
        len(matrix.table.cations), len(matrix.table.anions),
        [relation.constant, *relation.coefficients] if relation else [],
    )  # fmt: skip

    def compute() -> dict[str, NDArray[np.float32]]:
        model = _fit(matrix, config, start, relation, surfaces=surfaces, seed=seed)
        return {
            name: tensor.numpy()
            for name, tensor in model.state_dict().items()
            if name in _TABLES or name.partition(".")[0] in _KEPT
        }

    found = kept(runs / f"pretrained-{start}-{mark}.npz", compute)
    state = {name: torch.as_tensor(array) for name, array in found.items()}
    for name, places in zip(_TABLES, problem.simulated, strict=True):
        known = torch.as_tensor(places >= 0)[None, :, None]
        state[name] = state[name][:, torch.as_tensor(places.clip(min=0))] * known
    return state


def _fit(
    matrix: _Matrix,
    config: RecommenderConfig,
    start: Start,
    relation: FittedRelation | None,
    *,
    surfaces: bool,
    seed: int,
) -> Recommender:
    torch.manual_seed(seed)
    generator = np.random.default_rng(seed)
    cut = slice(None) if surfaces else slice(-len(SURFACE_NAMES))
    inputs = [own[:, cut] for own in matrix.inputs]
    numbers = len(inputs[0]), len(inputs[1])
    model = Recommender(config, inputs[0].shape[1], inputs[1].shape[1], *numbers)
    model.cation_encoder.fit_scale(inputs[0])
    model.anion_encoder.fit_scale(inputs[1])

    def own(rows: Tensor) -> Tensor:
        # With surfaces the features say all that is simulated of an ion: no residual is due.
        return torch.full_like(rows, -1) if surfaces else rows

    def sample(number: int, most: int) -> IntArray:
        return generator.choice(number, min(number, most), replace=False)

    def crossed(cations: IntArray, anions: IntArray) -> tuple[IntArray, IntArray]:
        return np.repeat(cations, len(anions)), np.tile(anions, len(cations))

    some = crossed(sample(numbers[0], _SAMPLE), sample(numbers[1], _SAMPLE))
    values = matrix.values(start, *some, relation)
    center, spread = values.mean(axis=0), values.std(axis=0)
    heads = nn.ModuleList(
        [
            Stacked(config.members, config.head_hidden, len(center)),
            Stacked(config.members, 2 * config.embedding, len(center), gain=0.3),
        ]
    )
    named = [*model.named_parameters(), *heads.named_parameters()]
    decays = {"weight": PRETRAINING.decay, "residual": PRETRAINING.residual_decay, "bias": 0.0}
    descent = Descent(named, decays, rate=PRETRAINING.rate, steps=PRETRAINING.steps)
    model.train()
    for _ in range(PRETRAINING.steps):
        ions = sample(numbers[0], PRETRAINING.cations), sample(numbers[1], PRETRAINING.anions)
        chosen = crossed(*ions)
        place = crossed(*(np.arange(len(rows)) for rows in ions))
        target = torch.as_tensor(
            (matrix.values(start, *chosen, relation) - center) / spread, dtype=torch.float32
        )
        size = torch.as_tensor(matrix.size(*chosen), dtype=torch.float32)
        c, a = (torch.as_tensor(rows) for rows in ions)
        one = torch.ones(len(size))
        hidden, both = model.read(
            model.embed_cations(inputs[0][c], own(c)),
            model.embed_anions(inputs[1][a], own(a)),
            Pairs(torch.as_tensor(place[0]), torch.as_tensor(place[1]), one, one, size, one),
        )
        error = heads[0](hidden) + heads[1](both) - target
        loss = functional.smooth_l1_loss(error, torch.zeros_like(error), reduction="none")
        descent.step(loss.mean(dim=(1, 2)).sum())
    return model.eval()
