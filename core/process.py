"""Gaussian processes on pairs: whether a polymer dissolves, what level an ionic liquid has.

A process learns one number of pairs (labels as 1 and -1, or a level) with a kernel

    k = a_p k_p(p, p') + a_s k_s(s, s') + a_m k_m(p, p') k_n(s, s'),

each a Matérn-3/2 kernel on the features of one molecule (Rasmussen, Williams, Gaussian Processes
for Machine Learning, MIT Press 2006, ch. 2 and 4). Its posterior mean is then a bilinear form in
what is known of the one molecule and of the other, and is kept as such: a few factors of each
molecule, whose product is the value. All polymers against all solvents, or all cations against all
anions, cost one product of two matrices.

Nothing here knows structures; features come from :mod:`core.features` and, for ions,
:mod:`core.simulated`. :mod:`core.train.label_process` and :mod:`core.train.level_process` fit.
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import Final

import torch
from torch import Tensor, nn

from core.layers import Scaled

__all__ = ["LabelProcess", "LevelProcess", "LevelSide", "Side", "matern"]


_CHUNK: Final = 512  # ions compared with all known ones at a time
_DIRECT: Final = "donot_use_mm_for_euclid_dist"


def matern(distance: Tensor) -> Tensor:
    """Matérn-3/2 kernel of distances in length scales, of the same shape."""
    reduced = math.sqrt(3.0) * distance
    return (1.0 + reduced) * torch.exp(-reduced)


class _Known(Scaled):
    """Scaled features of the molecules that a process learned from, and its length scales.

    Attributes:
        known: scaled features of those molecules, shape (molecules, features).
        inverse_lengths: of each feature in each kernel, shape (kernels, features).
    """

    known: Tensor
    inverse_lengths: Tensor

    def __init__(self, molecules: int, features: int, kernels: int) -> None:
        super().__init__(features)
        self.register_buffer("known", torch.zeros(molecules, features))
        self.register_buffer("inverse_lengths", torch.zeros(kernels, features))


class Side(_Known):
    """What the process on labels knows of polymers, or of solvents.

    Its kernels are the additive one and the one of products.

    Attributes:
        alone: what each known molecule contributes whatever its partner, shape (molecules,).
        together: what it contributes to each factor, shape (molecules, rank).
    """

    alone: Tensor
    together: Tensor

    def __init__(self, molecules: int, features: int, rank: int) -> None:
        super().__init__(molecules, features, kernels=2)
        self.register_buffer("alone", torch.zeros(molecules))
        self.register_buffer("together", torch.zeros(molecules, rank))

    def kernels(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Kernels of n molecules with the known ones: additive, of products; (n, molecules)."""
        x = self.scaled(features).double()
        return self._kernel(0, x), self._kernel(1, x)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Features (n, f) to what n molecules say alone (n,) and their factors (n, rank)."""
        additive, product = self.kernels(features)
        return additive @ self.alone, product @ self.together

    def _kernel(self, number: int, x: Tensor) -> Tensor:
        """One kernel of n molecules, their features scaled and double, with the known ones."""
        points, squares, lengths = self._points[number]
        y = x * lengths
        square = torch.addmm(squares + (y * y).sum(dim=1, keepdim=True), y, points, alpha=-2.0)
        return matern(square.clamp(min=0.0).sqrt()).float()

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


class LevelSide(_Known):
    """What the process on levels knows of cations, or of anions.

    Kernels 2 p and 2 p + 1 are the additive one and the one of products for property p.

    Attributes:
        alone: what each known ion contributes by its likeness, shape (properties, ions).
        same: what it contributes to its own ionic liquids alone, shape (properties, ions).
        together: what it contributes to each factor, shape (properties, ions, rank).
    """

    alone: Tensor
    same: Tensor
    together: Tensor

    def __init__(self, properties: int, ions: int, features: int, rank: int) -> None:
        super().__init__(ions, features, kernels=2 * properties)
        self.register_buffer("alone", torch.zeros(properties, ions))
        self.register_buffer("same", torch.zeros(properties, ions))
        self.register_buffer("together", torch.zeros(properties, ions, rank))

    def forward(self, features: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
        """What n ions say alone (properties, n), and their factors (properties, n, rank).

        Args:
            features: as they come, shape (n, f).
            rows: the place of each among the known ions, or -1; shape (n,).
        """
        parts = [self._likeness(chunk) for chunk in torch.split(self.scaled(features), _CHUNK)]
        alone, together = (torch.cat(part, dim=1) for part in zip(*parts, strict=True))
        known = torch.where(rows >= 0, self.same[:, rows.clamp(min=0)], 0.0)
        return alone + known, together

    def _likeness(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """What ions say by their likeness to known ones, from scaled features (n, f)."""
        blocks, lengths = self._blocks
        # Direct differences: single precision is enough, even where a known ion meets itself.
        apart = torch.stack(
            [
                torch.cdist(x[:, columns], known, compute_mode=_DIRECT).square()
                for columns, known in blocks
            ]
        )
        squares = torch.einsum("kb,bni->kni", lengths, apart)
        kernels = matern(squares.sqrt())
        return (
            torch.einsum("pni,pi->pn", kernels[::2], self.alone),
            kernels[1::2] @ self.together,
        )

    @cached_property
    def _blocks(self) -> tuple[list[tuple[Tensor, Tensor]], Tensor]:
        """Columns that share a length in each kernel, and what is known there; squared lengths.

        Distances within a block are computed once for all kernels. A process does not change once
        it is fitted.
        """
        lengths, block = torch.unique(self.inverse_lengths, dim=1, return_inverse=True)
        used = lengths.any(dim=0).nonzero()[:, 0]
        columns = [(block == number).nonzero()[:, 0] for number in used]
        known = [(own, self.known[:, own].contiguous()) for own in columns]
        return known, lengths[:, used].square()


class LevelProcess(nn.Module):
    """Posterior means of processes on one number for each ionic liquid, one for each property.

    The kernel of labels, and what is peculiar to each ion: a constant where two ionic liquids have
    the same cation, and one where they have the same anion.

    Attributes:
        constant: what is usual, shape (properties,).
        share: how much of the process is taken beside the network in ionic liquids of a known
            anion, and of one that is not; shape (properties, 2).
    """

    constant: Tensor
    share: Tensor

    def __init__(
        self,
        properties: int,
        cations: int,
        anions: int,
        cation_features: int,
        anion_features: int,
        *,
        rank: int,
    ) -> None:
        """Make processes of so many properties, known ions, features of each, and factors."""
        super().__init__()
        self.cation = LevelSide(properties, cations, cation_features, rank)
        self.anion = LevelSide(properties, anions, anion_features, rank)
        self.register_buffer("constant", torch.zeros(properties))
        self.register_buffer("share", torch.zeros(properties, 2))

    def cation_factors(self, features: Tensor, rows: Tensor) -> Tensor:
        """Features (n, f) and places among the known cations (n,), or -1, to factors.

        Returns:
            Shape (properties, n, rank + 3); the last factor is zero.
        """
        alone, together = self.cation(features, rows)
        one, zero = torch.ones_like(alone), torch.zeros_like(alone)
        own = torch.stack([alone + self.constant[:, None], one], dim=2)
        return torch.cat([own, together, zero[:, :, None]], dim=2)

    def anion_factors(self, features: Tensor, rows: Tensor) -> Tensor:
        """As :meth:`cation_factors`; the value of a property is a sum of products of the two.

        The last factor, which meets a zero, is the share of the process for each anion.
        """
        alone, together = self.anion(features, rows)
        own = torch.stack([torch.ones_like(alone), alone], dim=2)
        share = torch.where(rows >= 0, self.share[:, :1], self.share[:, 1:])
        return torch.cat([own, together, share[:, :, None]], dim=2)
