"""Surfaces of ions: simulated where they were simulated, else emulated from the structure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core import features
from core.checkpoints import Card
from core.emulator import Emulator, EmulatorConfig
from core.predict._loading import load_predictor
from core.simulated import SURFACE_NAMES, simulated, surface_features

__all__ = ["Surfaces"]

_CHARGE: Final = features.DESCRIPTOR_NAMES.index("charge")
_REMEMBERED_IONS: Final = 4096


class Surfaces:
    """Gives the surface features of any ion, without running another program.

    Use :meth:`load`. An instance does not change once it is made; it may be shared by threads. Only
    monovalent ions were simulated: for others it extrapolates.
    """

    def __init__(self, card: Card, weights: Mapping[str, Tensor]) -> None:
        self.card = card
        table = simulated("ions")
        self._place = table.index
        self._simulated = surface_features(table).astype(np.float32)
        vocabulary = card.vocabulary["environments"]
        inputs = len(features.DESCRIPTOR_NAMES) + len(vocabulary)
        config = EmulatorConfig(**card.networks["surfaces"]["config"])
        model = Emulator(config, inputs, len(SURFACE_NAMES))
        model.load_state_dict(dict(weights))
        model.eval()

        @lru_cache(maxsize=_REMEMBERED_IONS)
        def emulated(smiles: str) -> NDArray[np.float32]:
            x = features.ion_features([smiles], vocabulary)
            with torch.no_grad():
                found = model(torch.as_tensor(x), torch.as_tensor(x[:, _CHARGE] < 0))
            row: NDArray[np.float32] = found.numpy()[0]
            return row

        self._emulated = emulated

    @classmethod
    def load(cls, path: Path | None = None) -> Surfaces:
        """Load a checkpoint folder, or the default emulator.

        Raises:
            CheckpointError: if the checkpoint is missing, damaged or does not fit.
        """
        return load_predictor(cls, path, "ion-surfaces")

    def simulated(self, smiles: str) -> bool:
        """Whether a canonical ion is in the table of simulated ions."""
        return smiles in self._place

    def of(self, smiles: Sequence[str]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Surface features of canonical ions, and which of them were simulated.

        Args:
            smiles: canonical SMILES, as :mod:`core.chemistry` gives them, n of them.

        Returns:
            Features as :func:`core.simulated.surface_features` names them, shape
            (n, len(SURFACE_NAMES)), all finite; and a mask of shape (n,), true where the row is of
            the table of simulated ions, false where it was emulated.

        Raises:
            ValueError: if a SMILES does not parse.
        """
        known = np.array([s in self._place for s in smiles], dtype=np.bool_)
        rows = np.empty((len(smiles), len(SURFACE_NAMES)), dtype=np.float32)
        for row, s, there in zip(rows, smiles, known, strict=True):
            row[:] = self._simulated[self._place[s]] if there else self._emulated(s)
        return rows, known
