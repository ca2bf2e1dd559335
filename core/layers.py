"""Layers that hold all members of an ensemble side by side."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

__all__ = ["Stacked"]


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
