"""Loading a predictor from its checkpoint."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import torch
from torch import Tensor

from core import checkpoints
from core.checkpoints import Card, CheckpointError

Predictor = TypeVar("Predictor")


def load_predictor(
    make: Callable[[Card, Mapping[str, Tensor]], Predictor], path: Path | None, role: str
) -> Predictor:
    """Make a predictor of a checkpoint folder, or of the default one for ``role``.

    Raises:
        CheckpointError: if the checkpoint is missing, damaged or does not fit.
    """
    # The matrices are small: a second thread gains nothing, and on a busy machine waiting for it
    # multiplies the time of an answer by ten.
    torch.set_num_threads(1)
    card, weights = checkpoints.load(path or checkpoints.default_path(role), role)
    try:
        return make(card, weights)
    except (LookupError, RuntimeError, TypeError, ValueError) as error:
        raise CheckpointError(
            f"the weights of the model {card.name} do not fit its card"
        ) from error
