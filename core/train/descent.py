"""How the networks of ions are optimised: Adam with weight decay and a one-cycle schedule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor, nn

__all__ = ["Descent"]


class Descent:
    """Adam with a weight decay for each kind of parameter, its rate in one cycle."""

    def __init__(
        self,
        parameters: Iterable[tuple[str, nn.Parameter]],
        decays: Mapping[str, float],
        *,
        rate: float,
        steps: int,
    ) -> None:
        """Prepare so many steps.

        Args:
            parameters: with their names, as modules name them.
            decays: last part of a name -> weight decay; all kinds of parameters there are.
            rate: the highest.
            steps: how many there will be.

        Raises:
            KeyError: if a parameter is of none of the kinds.
        """
        groups: dict[str, list[nn.Parameter]] = {ending: [] for ending in decays}
        for name, parameter in parameters:
            groups[name.rsplit(".", 1)[-1]].append(parameter)
        self._optimiser = torch.optim.AdamW(
            [{"params": groups[ending], "weight_decay": decay} for ending, decay in decays.items()],
            lr=rate,
        )
        self._schedule = torch.optim.lr_scheduler.OneCycleLR(
            self._optimiser, rate, total_steps=steps, pct_start=0.15
        )

    def step(self, loss: Tensor) -> None:
        """Go one step down the gradient of a loss."""
        self._optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self._optimiser.step()
        self._schedule.step()
