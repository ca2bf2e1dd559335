"""What the networks share: layers for all members of an ensemble at once, and scaled features."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["Sampled", "Scaled", "Stacked"]


class Stacked(nn.Module):
    """A linear layer for each member: (k, n, inputs) or (n, inputs) to (k, n, outputs)."""

    def __init__(self, members: int, inputs: int, outputs: int, gain: float = 1.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(
            torch.randn(members, inputs, outputs) * (gain / math.sqrt(inputs))
        )
        self.bias = nn.Parameter(torch.zeros(members, 1, outputs))

    def forward(self, x: Tensor) -> Tensor:
        """Apply each member's weights to ``x``."""
        if x.dim() == 2:
            x = x.expand(len(self.weight), -1, -1)
        return torch.baddbmm(self.bias, x, self.weight)


class Scaled(nn.Module):
    """What takes features of molecules; their scaling is part of it.

    The scaling consists of buffers, so weights cannot be parted from it.
    """

    center: Tensor
    scale: Tensor

    def __init__(self, features: int) -> None:
        super().__init__()
        self.register_buffer("center", torch.zeros(features))
        self.register_buffer("scale", torch.ones(features))

    def fit_scale(self, features: Tensor) -> None:
        """Set centre and scale from the features of the training molecules, shape (n, f)."""
        spread = features.std(dim=0, correction=0)
        self.center.copy_(features.mean(dim=0))
        # A feature that never varies in training says nothing: it is switched off.
        self.scale.copy_(torch.where(spread < 1e-6, torch.tensor(1e9), spread))

    def scaled(self, features: Tensor) -> Tensor:
        """Features in standard deviations from the mean, cut off at 4; same shape."""
        return ((features - self.center) / self.scale).clamp(-4.0, 4.0)


class Sampled(Scaled):
    """What takes features of which each member sees its own random share."""

    share: Tensor

    def __init__(self, members: int, features: int, *, share: float, dropout: float) -> None:
        """Draw each member's share of the features; ``dropout`` is on them in training."""
        super().__init__(features)
        kept = (torch.rand(members, 1, features) < share).float()
        self.register_buffer("share", kept / math.sqrt(share))
        self.feature_dropout = dropout

    def sampled(self, features: Tensor) -> Tensor:
        """Scaled features as each member sees them: (n, f) to (k, n, f)."""
        x = functional.dropout(self.scaled(features), self.feature_dropout, self.training)
        return x * self.share
