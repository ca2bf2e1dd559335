"""Fit of the Gaussian processes on one number per ionic liquid, which stand beside the network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.features import DESCRIPTOR_NAMES
from core.process import LevelProcess
from core.train.kernels import STIFFNESS, Molecules, condensed

__all__ = ["LEVEL_SETTINGS", "Levels", "fit_levels", "ion_blocks"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Blocks = Mapping[str, Sequence[int]]

_RANK: Final = 64
_STEPS: Final = 25
_RATE: Final = 0.1
_SAMPLE: Final = 800
_SEED: Final = 0
_MOST_ROWS: Final = 10
# Where the logarithms start, near what fits to parts of the data ended with, and how freely they
# move from there: of each block in the additive kernel and in the one of products.
_CATION_BLOCKS: Final = {
    "shape": (-2.3, -2.6), "elements": (-2.9, -2.6), "simple": (-2.2, -2.0),
    "surface areas": (-2.5, -2.5), "groups": (-1.8, -0.4), "counts": (-2.8, -3.0),
    "surface": (-2.9, -1.8), "profile": (-2.5, -1.7),
}  # fmt: skip
_ANION_BLOCKS: Final = {
    "shape": (-1.6, -1.0), "elements": (-2.7, -2.0), "simple": (-2.4, -1.2),
    "surface areas": (-2.9, -2.0), "groups": (-2.9, -1.5), "counts": (-3.0, -2.4),
    "surface": (-2.3, -1.3), "profile": (-2.8, -2.2),
}  # fmt: skip
_AMPLITUDES: Final = (-1.1, -1.3, -0.6, -4.4, -4.3)
_NOISE: Final = (-4.5, -3.0)
# Degrees of freedom of the noise, as of a Student t distribution, and rounds to find its weights.
_FREEDOM: Final = 4.0
_ROUNDS: Final = 3
_JITTER: Final = 1e-5

LEVEL_SETTINGS: Final = {
    "rank": _RANK, "steps": _STEPS, "rate": _RATE, "sample": _SAMPLE, "seed": _SEED,
    "most_rows": _MOST_ROWS, "cation_blocks": _CATION_BLOCKS, "anion_blocks": _ANION_BLOCKS,
    "amplitudes": [*_AMPLITUDES], "noise": [*_NOISE], "stiffness": STIFFNESS, "freedom": _FREEDOM,
    "rounds": _ROUNDS, "jitter": _JITTER,
}  # fmt: skip
"""What a fit depends on, as plain data."""

# The first descriptor of each block; they follow one another.
_FIRST: Final = {
    "shape": "charge", "elements": "n_H", "simple": "tpsa", "surface areas": "slogp_vsa1",
    "groups": "imidazolium",
}  # fmt: skip


@dataclass(frozen=True)
class Levels:
    """One number for each ionic liquid in which a property was measured.

    Attributes:
        cation: rows of their cations in the table of features, shape (n,).
        anion: the same for anions.
        value: the number, shape (n,).
        rows: how many measured rows it comes from, shape (n,).
    """

    cation: IntArray
    anion: IntArray
    value: FloatArray
    rows: IntArray


def ion_blocks(counts: int, surface: Sequence[str] = ()) -> dict[str, list[int]]:
    """Columns of an ion's features that share a length scale.

    Args:
        counts: how many Morgan environments follow the descriptors.
        surface: names of the columns of simulated surfaces, which come last.
    """
    starts = [DESCRIPTOR_NAMES.index(name) for name in _FIRST.values()]
    ends = [*starts[1:], len(DESCRIPTOR_NAMES)]
    found = {
        name: list(range(start, end)) for name, start, end in zip(_FIRST, starts, ends, strict=True)
    }
    first = len(DESCRIPTOR_NAMES) + counts
    found["counts"] = list(range(len(DESCRIPTOR_NAMES), first))
    for column, name in enumerate(surface, start=first):
        found.setdefault("profile" if "profile" in name else "surface", []).append(column)
    return {name: columns for name, columns in found.items() if columns}


@dataclass(frozen=True)
class _Liquids:
    """Ionic liquids as places among the ions that occur in them, with standardised levels."""

    cation: Tensor
    anion: Tensor
    value: Tensor
    rows: Tensor


class _Kernel(nn.Module):
    """The kernel of one property's ionic liquids, and its noise.

    Attributes:
        known: places of the cations, and of the anions, among those of the process.
    """

    def __init__(self, cations: Molecules, anions: Molecules, known: tuple[Tensor, Tensor]) -> None:
        super().__init__()
        self.cations, self.anions, self.known = cations, anions, known
        self.start = torch.tensor([*_AMPLITUDES, *_NOISE], dtype=torch.float64)
        self.logs = nn.Parameter(self.start.clone())

    def covariance(self, liquids: _Liquids) -> Tensor:
        """Of ionic liquids with themselves, without noise, (n, n)."""
        a = self.logs.exp()
        parts = []
        for ions, place in ((self.cations, liquids.cation), (self.anions, liquids.anion)):
            rows, own = torch.unique(place, return_inverse=True)
            additive, product = ions.kernels(rows)
            parts.append((additive[own][:, own], product[own][:, own]))
        (kc, kcm), (ka, kam) = parts
        found: Tensor = a[0] * kc + a[1] * ka + a[2] * kcm * kam
        for amplitude, place in ((a[3], liquids.cation), (a[4], liquids.anion)):
            found = found + amplitude * (place[:, None] == place)
        return found

    def noise(self, liquids: _Liquids) -> Tensor:
        """Variance of each level, (n,)."""
        own, row = self.logs[-2:].exp()
        found: Tensor = own + row / liquids.rows + _JITTER
        return found

    def penalty(self) -> Tensor:
        own: Tensor = STIFFNESS * ((self.logs - self.start) ** 2).sum()
        return own + self.cations.penalty() + self.anions.penalty()


def fit_levels(
    cation_features: Tensor,
    anion_features: Tensor,
    blocks: tuple[Blocks, Blocks],
    levels: Sequence[Levels],
) -> LevelProcess:
    """Fit one process for each of several properties.

    Length scales, amplitudes and noise maximise the marginal likelihood of a sample, with a penalty
    that keeps them near their usual values.

    Args:
        cation_features: of all known cations, float32 of shape (cations, f).
        anion_features: the same for anions.
        blocks: of the columns of cations and of anions, from :func:`ion_blocks`.
        levels: of each property, at least one ionic liquid.

    Returns:
        The processes in the order of ``levels``; known ions are the rows of the features.
    """
    process = LevelProcess(
        len(levels), len(cation_features), len(anion_features), cation_features.shape[1],
        anion_features.shape[1], rank=_RANK,
    )  # fmt: skip
    for side, table, rows in (
        (process.cation, cation_features, [own.cation for own in levels]),
        (process.anion, anion_features, [own.anion for own in levels]),
    ):
        side.fit_scale(table[torch.as_tensor(np.unique(np.concatenate(rows)))])
        side.known.copy_(side.scaled(table))
    for number, own in enumerate(levels):
        _fit(process, number, blocks, own)
    return process


def _fit(process: LevelProcess, number: int, blocks: tuple[Blocks, Blocks], levels: Levels) -> None:
    """Fit the process of one property and write it to its place."""
    places, known, parts = [], [], []
    for side, own, rows, start in zip(
        (process.cation, process.anion), blocks, (levels.cation, levels.anion),
        (_CATION_BLOCKS, _ANION_BLOCKS), strict=True,
    ):  # fmt: skip
        ions, place = np.unique(rows, return_inverse=True)
        known.append(torch.as_tensor(ions))
        places.append(torch.as_tensor(place))
        logs = torch.tensor([start[name] for name in own], dtype=torch.float64).T.contiguous()
        parts.append(Molecules(side.known[known[-1]], list(own.values()), logs))
    mean, spread = float(levels.value.mean()), float(levels.value.std()) or 1.0
    liquids = _Liquids(
        places[0],
        places[1],
        torch.as_tensor((levels.value - mean) / spread),
        torch.as_tensor(np.minimum(levels.rows, _MOST_ROWS)),
    )
    kernel = _Kernel(parts[0], parts[1], (known[0], known[1]))
    _maximise(kernel, liquids)
    with torch.no_grad():
        weight = spread * _weights(kernel, liquids)
        _write(process, number, kernel, liquids, weight)
    process.constant[number] = mean


def _maximise(kernel: _Kernel, liquids: _Liquids) -> None:
    """Adam on the negative logarithm of the marginal likelihood of a sample, with the penalty."""
    chosen = np.random.default_rng(_SEED).permutation(len(liquids.value))[:_SAMPLE]
    row = torch.as_tensor(np.sort(chosen))
    sample = _Liquids(
        liquids.cation[row], liquids.anion[row], liquids.value[row], liquids.rows[row]
    )
    optimiser = torch.optim.Adam(kernel.parameters(), lr=_RATE)
    for _ in range(_STEPS):
        covariance = kernel.covariance(sample) + torch.diag(kernel.noise(sample))
        with torch.no_grad():
            lower = torch.linalg.cholesky(covariance)
            weight = torch.cholesky_solve(sample.value[:, None], lower)[:, 0]
            # Half of this is the gradient of the likelihood by the covariance.
            slope = torch.cholesky_inverse(lower) - torch.outer(weight, weight)
        loss = 0.5 * (slope * covariance).sum() + kernel.penalty()
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()


def _weights(kernel: _Kernel, liquids: _Liquids) -> Tensor:
    """Weight of each ionic liquid in the posterior mean, (n,).

    Levels far from what the others say of them get more noise, as if the noise had a Student t
    distribution (after Vanhatalo, Jylänki, Vehtari, Adv. Neural Inf. Process. Syst. 2009, 22,
    1910). What the others say follows in closed form (Rasmussen, Williams, ch. 5.4.2).
    """
    covariance, base = kernel.covariance(liquids), kernel.noise(liquids)
    noise = base
    for _ in range(_ROUNDS):
        inverse = torch.cholesky_inverse(torch.linalg.cholesky(covariance + torch.diag(noise)))
        left_out = 1 / torch.diag(inverse)
        apart = inverse @ liquids.value * left_out
        # what the variance would be without the noise added in the last round
        usual = left_out - noise + base
        believed = ((_FREEDOM + 1) / (_FREEDOM + apart**2 / usual)).clamp(max=1.0)
        noise = base + usual * (1 / believed - 1)
    lower = torch.linalg.cholesky(covariance + torch.diag(noise))
    return torch.cholesky_solve(liquids.value[:, None], lower)[:, 0]


def _write(
    process: LevelProcess, number: int, kernel: _Kernel, liquids: _Liquids, weight: Tensor
) -> None:
    """Write the posterior mean for one property as factors of the ions."""
    a = kernel.logs.exp()
    table = torch.zeros(*map(len, kernel.known), dtype=torch.float64)
    table.index_put_((liquids.cation, liquids.anion), weight, accumulate=True)
    kernels = kernel.cations.kernels()[1], kernel.anions.kernels()[1]
    factors = condensed(a[2] * table, kernels, _RANK, _JITTER)
    for side, part, rows, own, together, axis in zip(
        (process.cation, process.anion), (kernel.cations, kernel.anions), kernel.known,
        (a[[0, 3]], a[[1, 4]]), factors, (1, 0), strict=True,
    ):  # fmt: skip
        total = table.sum(dim=axis)
        side.alone[number, rows] = (own[0] * total).float()
        side.same[number, rows] = (own[1] * total).float()
        side.together[number, rows] = together.float()
        side.inverse_lengths[2 * number : 2 * number + 2] = part.inverse_lengths(
            side.known.shape[1]
        )
