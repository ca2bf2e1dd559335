"""What the fits of Gaussian processes share: kernels of molecules, and the posterior as factors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import torch
from torch import Tensor, nn

from core.process import matern

__all__ = ["STIFFNESS", "Molecules", "condensed"]

STIFFNESS: Final = 0.1
"""How strongly logarithms of parameters are drawn to where they start, in nats a square."""


class Molecules(nn.Module):
    """Molecules of one kind: distances by block of features, and length scales to be fitted.

    Attributes:
        logs: logarithms of how much each block's squared distance counts, in medians of it, in the
            additive kernel and in the one of products, shape (2, blocks).
    """

    def __init__(self, scaled: Tensor, blocks: Sequence[Sequence[int]], start: Tensor) -> None:
        """Prepare distances between n molecules.

        Args:
            scaled: their features, shape (n, f).
            blocks: columns of the features that share a length scale.
            start: where ``logs`` starts, shape (2, blocks).
        """
        super().__init__()
        self.blocks = blocks
        squares, self.medians = [], []
        for columns in self.blocks:
            x = scaled[:, columns].double()
            square = torch.cdist(x, x, compute_mode="donot_use_mm_for_euclid_dist") ** 2
            apart = square[square > 1e-9]
            self.medians.append(float(apart.median()) if len(apart) else 1.0)
            squares.append(square / self.medians[-1])
        self.squares = torch.stack(squares)
        self.start = start
        self.logs = nn.Parameter(self.start.clone())

    def kernels(self, rows: Tensor | None = None) -> list[Tensor]:
        """Additive kernel and the one of products between all molecules, or those in ``rows``."""
        squares = self.squares if rows is None else self.squares[:, rows[:, None], rows]
        # the small number keeps the gradient of the root finite where a molecule meets itself
        return [
            matern(torch.sqrt(torch.einsum("b,bij->ij", logs.exp(), squares) + 1e-12))
            for logs in self.logs
        ]

    def penalty(self) -> Tensor:
        """What the length scales pay for being far from their start, in nats."""
        return STIFFNESS * ((self.logs - self.start) ** 2).sum()

    def inverse_lengths(self, features: int) -> Tensor:
        """Of each feature in the two kernels, shape (2, features)."""
        found = torch.zeros(2, features)
        for block, (columns, median) in enumerate(zip(self.blocks, self.medians, strict=True)):
            found[:, columns] = (self.logs[:, block, None].exp() / median).sqrt().float()
        return found.detach()


def condensed(
    weights: Tensor, kernels: tuple[Tensor, Tensor], rank: int, jitter: float
) -> tuple[Tensor, Tensor]:
    """Cut a matrix of weights of pairs to factors of the molecules.

    The matrix is cut to its main singular values in the metric of the kernels, where they say how
    much of the function they carry.

    Args:
        weights: of each pair of known molecules, shape (n, m).
        kernels: of the n molecules with each other, and of the m.
        rank: how many singular values are kept.
        jitter: added to the diagonals of the kernels.

    Returns:
        Factors (n, rank) and (m, rank), zero where there are not as many singular values.
    """
    roots = [
        torch.linalg.cholesky(k + jitter * torch.eye(len(k), dtype=torch.float64)) for k in kernels
    ]
    left, size, right = torch.linalg.svd(roots[0].T @ weights @ roots[1], full_matrices=False)
    kept = min(rank, len(size))
    half = size[:kept].sqrt()
    factors = (
        torch.zeros(len(roots[0]), rank, dtype=torch.float64),
        torch.zeros(len(roots[1]), rank, dtype=torch.float64),
    )
    for own, root, vectors in zip(
        factors, roots, (left[:, :kept] * half, right[:kept].T * half), strict=True
    ):
        own[:, :kept] = torch.linalg.solve_triangular(root.T, vectors, upper=True)
    return factors
