"""Fit of the Gaussian process on labels that stands beside the polymer-solvent network."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.features import polymer_solvent as features
from core.miscibility import LABEL_BASES
from core.process import LabelProcess, Side
from core.train.kernels import STIFFNESS, Molecules, condensed
from core.train.polymer_solvent_data import Fold, IntArray
from core.train.polymer_solvent_problem import Problem
from core.train.runs import digest, kept

__all__ = ["PROCESS_SETTINGS", "FittedProcess", "fit_process", "left_out", "process_rows"]

FloatArray = NDArray[np.float64]

# The process gives values about 1 and -1; the network's logits are several times as large. This
# factor was chosen on folds inside training parts.
_WEIGHT: Final = 16.0
_RANK: Final = 32
_STEPS: Final = 25
_RATE: Final = 0.1
# Where the logarithms start, near what folds inside training parts ended with, and how freely they
# move from there.
_POLYMER_BLOCKS: Final = {"size": -4.0, "kernel means": 0.0, "per volume": 1.0, "counts": -3.0}
_SOLVENT_BLOCKS: Final = {
    "size": -2.5, "kernel means": -0.2, "per volume": -1.0, "per molecule": -1.5, "counts": -1.2,
}  # fmt: skip
_AMPLITUDES: Final = (-3.5, -2.0, -1.2, -3.5, -3.5, -1.2)
_NOISE: Final = -2.0
_POLYMER_COUNT, _SOLVENT_COUNT = 3, 5
_JITTER: Final = 1e-4
_SIZES: Final = (
    "volume", "log_volume", "log_unit_volume", "kappa1", "kappa2", "kappa3", "heavy_atoms",
    "mass_per_volume", "fraction_sp3",
)  # fmt: skip

PROCESS_SETTINGS: Final = {
    "weight": _WEIGHT, "rank": _RANK, "steps": _STEPS, "rate": _RATE, "amplitudes": [*_AMPLITUDES],
    "polymer_blocks": _POLYMER_BLOCKS, "solvent_blocks": _SOLVENT_BLOCKS, "noise": _NOISE,
    "stiffness": STIFFNESS, "counts": [_POLYMER_COUNT, _SOLVENT_COUNT], "jitter": _JITTER,
}  # fmt: skip
"""What a fit depends on, as plain data."""


@dataclass(frozen=True)
class FittedProcess:
    """Processes, one for each basis of labels, and the Morgan environments they take."""

    processes: tuple[LabelProcess, ...]
    polymer_environments: list[int]
    solvent_environments: list[int]


def _blocks(kind: features.Kind, counts: int) -> dict[str, list[int]]:
    """Columns of the features that share a length scale."""
    names = features.POLYMER_NAMES if kind == "polymer" else features.SOLVENT_NAMES
    found: dict[str, list[int]] = {
        block: [] for block in (_POLYMER_BLOCKS if kind == "polymer" else _SOLVENT_BLOCKS)
    }
    for column, name in enumerate(names):
        if name in _SIZES:
            block = "size"
        elif "_kernel_" in name or name.startswith("charge_"):
            block = "kernel means"
        elif name.endswith("_per_volume"):
            block = "per volume"
        else:
            block = "per molecule"
        found[block].append(column)
    found["counts"] = list(range(len(names), len(names) + counts))
    return found


@dataclass(frozen=True)
class _Labels:
    """Training rows: places of their molecules among the known ones, basis, and 1 or -1."""

    polymer: Tensor
    solvent: Tensor
    basis: Tensor
    value: Tensor


class _Kernel(nn.Module):
    """The kernel of labelled pairs, its noise and means."""

    def __init__(self, polymers: Molecules, solvents: Molecules) -> None:
        super().__init__()
        self.polymers, self.solvents = polymers, solvents
        self.start = torch.tensor(_AMPLITUDES, dtype=torch.float64)
        self.amplitudes = nn.Parameter(self.start.clone())
        bases = len(LABEL_BASES)
        self.noise = nn.Parameter(torch.full((bases,), _NOISE, dtype=torch.float64))
        self.means = nn.Parameter(torch.zeros(bases, dtype=torch.float64))

    def covariance(self, labels: _Labels) -> Tensor:
        """Of rows with themselves, noise included, (n, n)."""
        polymer, solvent, basis = labels.polymer, labels.solvent, labels.basis
        a = self.amplitudes.exp()
        same = (basis[:, None] == basis[None]).double()
        (kp, kpm), (ks, ksm) = self.polymers.kernels(), self.solvents.kernels()
        found: Tensor = (
            (a[0] + a[3] * same) * kp[polymer][:, polymer]
            + (a[1] + a[4] * same) * ks[solvent][:, solvent]
            + (a[2] + a[5] * same) * kpm[polymer][:, polymer] * ksm[solvent][:, solvent]
        )
        return found + torch.diag(self.noise.exp()[basis] + _JITTER)

    def penalty(self) -> Tensor:
        own = ((self.amplitudes - self.start) ** 2).sum() + ((self.noise - _NOISE) ** 2).sum()
        return STIFFNESS * own + self.polymers.penalty() + self.solvents.penalty()


def fit_process(problem: Problem, fold: Fold) -> FittedProcess:
    """Fit the process to the labels of a fold's training rows.

    Length scales, amplitudes and noise maximise the marginal likelihood, with a penalty that keeps
    them near their usual values.
    """
    rows = np.flatnonzero(fold.train & (problem.task == "soluble"))
    molecules, index = zip(
        *(np.unique(x[rows], return_inverse=True) for x in (problem.polymer, problem.solvent)),
        strict=True,
    )
    environments = [
        problem.vocabulary("polymer", molecules[0], _POLYMER_COUNT),
        problem.vocabulary("solvent", molecules[1], _SOLVENT_COUNT),
    ]
    inputs = _inputs(problem, environments)
    processes = tuple(
        LabelProcess(
            len(molecules[0]), len(molecules[1]), inputs[0].shape[1], inputs[1].shape[1], _RANK
        )
        for _ in LABEL_BASES
    )
    parts = []
    for kind, table, known, found, start in zip(
        ("polymer", "solvent"), inputs, molecules, environments,
        (_POLYMER_BLOCKS, _SOLVENT_BLOCKS), strict=True,
    ):  # fmt: skip
        own = table[torch.as_tensor(known)]
        sides: list[Side] = [getattr(process, kind) for process in processes]
        for side in sides:
            side.fit_scale(own)
            side.known.copy_(side.scaled(own))
        blocks = _blocks(kind, len(found))  # type: ignore[arg-type]
        logs = torch.tensor([[start[block] for block in blocks]] * 2, dtype=torch.float64)
        parts.append(Molecules(sides[0].known, list(blocks.values()), logs))
    kernel = _Kernel(*parts)
    chosen = torch.as_tensor(rows)
    labels = _Labels(
        torch.as_tensor(index[0]),
        torch.as_tensor(index[1]),
        problem.state.basis[chosen],
        2.0 * problem.value[chosen].double() - 1.0,
    )
    _maximise(kernel, labels)
    with torch.no_grad():
        _, _, weight = _solved(kernel, labels)
        for basis, process in enumerate(processes):
            _condense(process, kernel, labels, weight, basis)
    return FittedProcess(processes, *environments)


def _maximise(kernel: _Kernel, labels: _Labels) -> None:
    """Adam on the negative logarithm of the marginal likelihood, with the penalty."""
    optimiser = torch.optim.Adam(kernel.parameters(), lr=_RATE)
    for _ in range(_STEPS):
        lower, apart, weight = _solved(kernel, labels)
        loss = 0.5 * (apart @ weight) + torch.log(torch.diag(lower)).sum() + kernel.penalty()
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()


def _solved(kernel: _Kernel, labels: _Labels) -> tuple[Tensor, Tensor, Tensor]:
    """Cholesky factor of the covariance, values less their means, and the weights of the rows."""
    lower = torch.linalg.cholesky(kernel.covariance(labels))
    apart = labels.value - kernel.means[labels.basis]
    return lower, apart, torch.cholesky_solve(apart[:, None], lower)[:, 0]


def _condense(
    process: LabelProcess, kernel: _Kernel, labels: _Labels, weight: Tensor, basis: int
) -> None:
    """Write the posterior mean for one basis of labels as factors of the molecules.

    ``weight`` is that of each row in the posterior mean, shape (n,). The matrix of what each known
    pair contributes is cut to factors.
    """
    a = kernel.amplitudes.exp()
    shape = len(process.polymer.known), len(process.solvent.known)
    sums = []
    for chosen in (torch.ones_like(weight), (labels.basis == basis).double()):
        table = torch.zeros(shape, dtype=torch.float64)
        table.index_put_((labels.polymer, labels.solvent), weight * chosen, accumulate=True)
        sums.append(table)
    every, own = sums
    process.polymer.alone.copy_(_WEIGHT * (a[0] * every + a[3] * own).sum(dim=1))
    process.solvent.alone.copy_(_WEIGHT * (a[1] * every + a[4] * own).sum(dim=0))
    process.constant.copy_(_WEIGHT * kernel.means[basis])
    factors = condensed(
        _WEIGHT * (a[2] * every + a[5] * own),
        (kernel.polymers.kernels()[1], kernel.solvents.kernels()[1]),
        _RANK,
        _JITTER,
    )
    for side, part, together in zip(
        (process.polymer, process.solvent), (kernel.polymers, kernel.solvents), factors,
        strict=True,
    ):  # fmt: skip
        side.together.copy_(together)
        side.inverse_lengths.copy_(part.inverse_lengths(side.known.shape[1]))


def _inputs(problem: Problem, environments: list[list[int]]) -> list[Tensor]:
    return [
        torch.as_tensor(features.features(problem.data.polymers, "polymer", environments[0])),
        torch.as_tensor(features.features(problem.data.solvents, "solvent", environments[1])),
    ]


def process_rows(problem: Problem, fitted: FittedProcess, rows: IntArray) -> FloatArray:
    """What the process adds to the logit of rows of the data set, shape (rows,)."""
    inputs = _inputs(problem, [fitted.polymer_environments, fitted.solvent_environments])
    basis = problem.state.basis.numpy()[rows]
    found = np.empty(len(rows))
    for number, process in enumerate(fitted.processes):
        own = rows[basis == number]
        with torch.no_grad():
            polymer = process.polymer_factors(inputs[0])[torch.as_tensor(problem.polymer[own])]
            solvent = process.solvent_factors(inputs[1])[torch.as_tensor(problem.solvent[own])]
        found[basis == number] = (polymer * solvent).sum(dim=1).numpy()
    return found


def left_out(problem: Problem, fold: Fold, rows: IntArray, runs: Path) -> FloatArray:
    """What a process fitted to a fold's training rows adds to the logit of ``rows``.

    A finished fold is read from ``runs``. Shape (rows,).
    """
    mark = digest(
        problem.data.files, fold.key(problem.data), rows.tolist(), PROCESS_SETTINGS,
        features.VERSION,
    )  # fmt: skip
    return kept(
        runs / f"label-process-{fold.kind}-{fold.number}-{mark}.npz",
        lambda: {"value": process_rows(problem, fit_process(problem, fold), rows)},
    )["value"]
