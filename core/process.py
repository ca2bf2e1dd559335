"""A Gaussian process on labels: whether a polymer dissolves, judged by similar pairs.

The process learns labels as 1 and -1 with a kernel on pairs

    k = a_p k_p(p, p') + a_s k_s(s, s') + a_m k_m(p, p') k_n(s, s'),

each a Matérn-3/2 kernel on the features of one molecule (Rasmussen, Williams, Gaussian Processes
for Machine Learning, MIT Press 2006, ch. 2 and 4). Its posterior mean is then a bilinear form in
what is known of the polymer and of the solvent, and is kept as such: a few factors of each
molecule, whose product is the value. One polymer against many solvents costs a product of a vector
and a matrix.

Nothing here knows structures; features come from :mod:`core.features.polymer_solvent`, and
:mod:`core.train.label_process` fits the process.
"""

from __future__ import annotations

import math
from functools import cached_property

import torch
from torch import Tensor, nn

from core.layers import Scaled

__all__ = ["LabelProcess", "Side", "matern"]


def matern(distance: Tensor) -> Tensor:
    """Matérn-3/2 kernel of distances in length scales, of the same shape."""
    reduced = math.sqrt(3.0) * distance
    return (1.0 + reduced) * torch.exp(-reduced)


class Side(Scaled):
    """What the process knows of polymers, or of solvents.

    Attributes:
        known: scaled features of the molecules it learned from, shape (molecules, features).
        inverse_lengths: of each feature in the additive kernel and in the one of products, shape
            (2, features).
        alone: what each known molecule contributes whatever its partner, shape (molecules,).
        together: what it contributes to each factor, shape (molecules, rank).
    """

    known: Tensor
    inverse_lengths: Tensor
    alone: Tensor
    together: Tensor

    def __init__(self, molecules: int, features: int, rank: int) -> None:
        super().__init__(features)
        self.register_buffer("known", torch.zeros(molecules, features))
        self.register_buffer("inverse_lengths", torch.zeros(2, features))
        self.register_buffer("alone", torch.zeros(molecules))
        self.register_buffer("together", torch.zeros(molecules, rank))

    def kernels(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Kernels of n molecules with the known ones: additive, of products; (n, molecules)."""
        x = self.scaled(features).double()
        found = []
        for points, squares, lengths in self._points:
            y = x * lengths
            square = torch.addmm(squares + (y * y).sum(dim=1, keepdim=True), y, points, alpha=-2.0)
            found.append(matern(square.clamp(min=0.0).sqrt()).float())
        return found[0], found[1]

    @cached_property
    def _points(self) -> list[tuple[Tensor, Tensor, Tensor]]:
        """Known molecules in length scales (features, molecules), their squares, and the scales.

        In double precision: a distance by way of a matrix product loses half the digits near zero,
        where a known molecule meets itself. A process does not change once it is fitted.
        """
        points = [self.known.double() * lengths for lengths in self.inverse_lengths]
        return [
            (own.T.contiguous(), (own * own).sum(dim=1), lengths.double())
            for own, lengths in zip(points, self.inverse_lengths, strict=True)
        ]

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Features (n, f) to what n molecules say alone (n,) and their factors (n, rank)."""
        additive, product = self.kernels(features)
        return additive @ self.alone, product @ self.together


class LabelProcess(nn.Module):
    """Posterior mean of the process, as a contribution to the logit of being soluble."""

    constant: Tensor

    def __init__(
        self, polymers: int, solvents: int, polymer_features: int, solvent_features: int, rank: int
    ) -> None:
        """Make a process of so many known molecules, features of each, and factors."""
        super().__init__()
        self.polymer = Side(polymers, polymer_features, rank)
        self.solvent = Side(solvents, solvent_features, rank)
        self.register_buffer("constant", torch.zeros(()))

    def polymer_factors(self, features: Tensor) -> Tensor:
        """Features (n, f) of polymers to factors (n, rank + 2)."""
        alone, together = self.polymer(features)
        ones = torch.ones_like(alone)
        return torch.cat([torch.stack([alone + self.constant, ones], dim=1), together], dim=1)

    def solvent_factors(self, features: Tensor) -> Tensor:
        """Features (n, f) of solvents to factors (n, rank + 2); a value is a sum of products."""
        alone, together = self.solvent(features)
        ones = torch.ones_like(alone)
        return torch.cat([torch.stack([ones, alone], dim=1), together], dim=1)
