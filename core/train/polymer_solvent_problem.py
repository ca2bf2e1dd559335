"""The polymer-solvent tables as tensors, and what a row of them weighs.

Every model learns from the same :class:`Problem`, with the same weights.
"""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import Final, Literal

import numpy as np
import torch
from torch import Tensor

from core.features import polymer_solvent as features
from core.miscibility import State
from core.train.polymer_solvent_data import IntArray, PairData
from core.train.polymer_solvent_simulated import SimulatedChi, simulate_chi

__all__ = ["BASIS_WEIGHTS", "FOLDS", "SPLIT_SEED", "UNKNOWN_FRACTION", "Problem", "row_weights"]

FOLDS: Final = 5
SPLIT_SEED: Final = 2026
BASIS_WEIGHTS: Final = (1.0, 1.0, 0.5)
"""What a label of each basis weighs; those of turbidity agree least with the others."""
UNKNOWN_FRACTION: Final = 0.7
"""Stands for a composition not known: most often the middle or the end of a range."""


class Problem:
    """A data set as tensors, built once and shared by every fit on it."""

    def __init__(self, data: PairData) -> None:
        self.data = data
        rows = data.rows
        self.task = rows["task"].to_numpy().astype(str)
        self.polymer = rows["polymer"].to_numpy()
        self.solvent = rows["solvent"].to_numpy()
        self.pair = rows.groupby(["polymer", "solvent"]).ngroup().to_numpy()
        self.value = torch.tensor(rows["value"].to_numpy(), dtype=torch.float32)
        fraction = rows["volume_fraction"].fillna(UNKNOWN_FRACTION)
        self.state = State(
            torch.tensor(rows["temperature_K"].to_numpy(), dtype=torch.float32),
            torch.tensor(fraction.to_numpy(), dtype=torch.float32),
            torch.tensor(rows["basis"].to_numpy()),
        )
        self.polymer_hansen = torch.tensor(data.polymer_hansen, dtype=torch.float32)
        self.solvent_hansen = torch.tensor(data.solvent_hansen, dtype=torch.float32)

    @cached_property
    def simulated(self) -> SimulatedChi:
        """Chi by simulation, computed on first use."""
        return simulate_chi()

    def vocabulary(
        self, kind: Literal["polymer", "solvent"], known: IntArray, least: int
    ) -> list[int]:
        """Morgan environments that at least ``least`` of the ``known`` molecules have."""
        names = self.data.polymers if kind == "polymer" else self.data.solvents
        number = Counter(e for i in known for e in features.environments(names[i], kind))
        return sorted(e for e, n in number.items() if n >= least)


def row_weights(problem: Problem, rows: IntArray, task: str) -> Tensor:
    """Rows of a pair that has n of them weigh as much together as the square root of n."""
    _, index, count = np.unique(problem.pair[rows], return_inverse=True, return_counts=True)
    weights = torch.as_tensor(1.0 / np.sqrt(count[index]), dtype=torch.float32)
    if task == "soluble":
        weights = weights * torch.tensor(BASIS_WEIGHTS)[problem.state.basis[torch.as_tensor(rows)]]
    return weights / weights.mean()
