"""The emulator: what the simulation of an ion would give, from its structure at once.

Much of a surface is additive over the atoms and groups: its volume, its area, the areas by charge
density. So a linear model comes first, one for cations and one for anions, since a group screens
differently on either. Both are solved in closed form, not trained. An ensemble of networks, common
to both, adds what the groups do to each other. The network sees tensors only; structures become
features in :mod:`core.features`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from core.layers import Sampled, Stacked

__all__ = ["Emulator", "EmulatorConfig"]


@dataclass(frozen=True)
class EmulatorConfig:
    """Sizes and regularisation of an emulator.

    Attributes:
        members: networks in the ensemble.
        hidden: width of the two layers.
        dropout: on hidden layers.
        feature_dropout: on the input.
        feature_share: which part of the features a member sees.
    """

    members: int = 4
    hidden: int = 128
    dropout: float = 0.1
    feature_dropout: float = 0.1
    feature_share: float = 0.6

    def as_dict(self) -> dict[str, Any]:
        """Return the configuration as plain data for a model card."""
        return asdict(self)


class Emulator(Sampled):
    """From the features of ions to the features of their surfaces.

    The linear model and the spread of what is predicted are buffers, with a row for cations and a
    row for anions.
    """

    linear: Tensor
    offset: Tensor
    spread: Tensor

    def __init__(self, config: EmulatorConfig, features: int, outputs: int) -> None:
        k, h = config.members, config.hidden
        super().__init__(k, features, share=config.feature_share, dropout=config.feature_dropout)
        self.register_buffer("linear", torch.zeros(2, features, outputs))
        self.register_buffer("offset", torch.zeros(2, outputs))
        self.register_buffer("spread", torch.ones(2, outputs))
        self.first = Stacked(k, features, h)
        self.second = Stacked(k, h, h)
        self.out = Stacked(k, h, outputs, gain=0.1)
        self.dropout = config.dropout

    def additive(self, features: Tensor, anion: Tensor) -> Tensor:
        """The linear models alone: features (n, f) and which are anions (n,) to (n, m)."""
        x = self.scaled(features)
        both = torch.einsum("nf,cfm->cnm", x, self.linear) + self.offset[:, None]
        return torch.where(anion[:, None], both[1], both[0])

    def correction(self, features: Tensor) -> Tensor:
        """What each member adds, in spreads: features (n, f) to (k, n, m)."""
        x = self.sampled(features)
        h = functional.dropout(functional.silu(self.first(x)), self.dropout, self.training)
        h = h + functional.dropout(functional.silu(self.second(h)), self.dropout, self.training)
        out: Tensor = self.out(h)
        return out

    def forward(self, features: Tensor, anion: Tensor) -> Tensor:
        """Surface features, the mean of the members.

        Args:
            features: of the ions, shape (n, f).
            anion: which of them are anions, bool, shape (n,).

        Returns:
            Tensor (n, m), in the units of the training surfaces.
        """
        spread = self.spread[anion.long()]
        return self.additive(features, anion) + spread * self.correction(features).mean(dim=0)
