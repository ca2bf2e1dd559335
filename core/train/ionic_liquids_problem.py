"""The ionic-liquid data as tensors, shared by every model that learns from them."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from core import features
from core.predict.surfaces import Surfaces
from core.properties import PROPERTIES
from core.recommender import Pairs
from core.simulated import SURFACE_NAMES, simulated
from core.train.data import BoolArray, Dataset, Fold
from core.train.emulator import left_out

__all__ = ["FOLDS", "SPLIT_SEED", "IonInputs", "Problem", "Thinned", "thinned", "tier_liquids"]

IntArray = NDArray[np.int64]

FOLDS: Final = 5
_EMULATOR_RUNS: Final = Path("runs", "ion_surfaces")
SPLIT_SEED: Final = 2026

# A Morgan environment is a feature if so many simulated cations, or anions, have it.
_CATION_COUNT, _ANION_COUNT = 15, 4


class IonInputs:
    """Features of cations, or of anions, as the network takes them.

    The Morgan environments are those of the simulated ions, whose structures are known without any
    measurement: so all folds share them.

    Attributes:
        vocabulary: the environments.
        structural: how many columns come from the structure; those of the surface follow.
    """

    def __init__(self, charge: int, surfaces: Surfaces) -> None:
        self._surfaces = surfaces
        self._dense: dict[str, NDArray[np.float32]] = {}
        self._found: dict[str, dict[int, int]] = {}
        table = simulated("ions")
        self.simulated = [s for s, q in zip(table.smiles, table.charge, strict=True) if q == charge]
        self._learn(self.simulated)
        least = _CATION_COUNT if charge > 0 else _ANION_COUNT
        self.vocabulary = self.environments(self.simulated, least)
        self.structural = len(features.DESCRIPTOR_NAMES) + len(self.vocabulary)

    def _learn(self, ions: Sequence[str]) -> None:
        new = [s for s in dict.fromkeys(ions) if s not in self._dense]
        self._dense |= dict(zip(new, features.descriptors(new), strict=True))
        self._found |= {s: features.environments(s) for s in new}

    def environments(self, ions: Sequence[str], least: int) -> list[int]:
        """Morgan environments that at least ``least`` of ``ions`` have."""
        self._learn(ions)
        number = Counter(identifier for s in ions for identifier in self._found[s])
        return sorted(identifier for identifier, n in number.items() if n >= least)

    def descriptor(self, ions: Sequence[str], name: str) -> NDArray[np.float32]:
        """One descriptor of ions, shape (n,)."""
        self._learn(ions)
        column = features.DESCRIPTOR_NAMES.index(name)
        return np.array([self._dense[s][column] for s in ions])

    def __call__(self, ions: Sequence[str]) -> Tensor:
        """Descriptors, environments and surfaces of ions, float32 of shape (n, f)."""
        self._learn(ions)
        column = {identifier: i for i, identifier in enumerate(self.vocabulary)}
        counts = np.zeros((len(ions), len(column)), dtype=np.float32)
        for i, s in enumerate(ions):
            for identifier, n in self._found[s].items():
                if identifier in column:
                    counts[i, column[identifier]] = n
        dense = np.array([self._dense[s] for s in ions])
        surface, _ = self._surfaces.of(ions)
        return torch.as_tensor(np.concatenate([dense, np.log1p(counts), surface], axis=1))


class Problem:
    """A data set as tensors, built once and shared by every fit on it.

    Attributes:
        dataset: the data.
        cations: canonical SMILES of all cations measured; ``anions`` likewise.
        cation: place of each liquid's cation among them, shape (liquids,); ``anion`` likewise.
        surfaces: where the surfaces of ions come from.
        of_ions: makes the features of cations, and of anions.
        log_volume: ln of the van der Waals volume of the formula unit in Å³, (liquids,).
        molar_mass: of the formula unit in g/mol, (liquids,).
        counts: cations and anions in the formula unit, (liquids, 2).
        row_liquid: which liquid a row belongs to, (rows,).
        row_key: which property, (rows,).
        temperature: in K, (rows,).
        pressure: in kPa, (rows,).
        target: value on the learned scale, (rows,).
    """

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        liquids, rows = dataset.liquids, dataset.rows
        self.surfaces = Surfaces.load()
        self.of_ions = IonInputs(1, self.surfaces), IonInputs(-1, self.surfaces)
        self.cations = sorted(set(liquids["cation"]))
        self.anions = sorted(set(liquids["anion"]))
        self.cation = liquids["cation"].map({s: i for i, s in enumerate(self.cations)}).to_numpy()
        self.anion = liquids["anion"].map({s: i for i, s in enumerate(self.anions)}).to_numpy()
        count = [liquids["n_cation"].to_numpy(), liquids["n_anion"].to_numpy()]
        sums = {
            name: sum(
                n * ions.descriptor(liquids[role].tolist(), name)
                for n, ions, role in zip(count, self.of_ions, ("cation", "anion"), strict=True)
            )
            for name in ("vdw_volume", "molar_mass")
        }
        self.log_volume = torch.as_tensor(np.log(sums["vdw_volume"]), dtype=torch.float32)
        self.molar_mass = torch.as_tensor(sums["molar_mass"], dtype=torch.float32)
        self.counts = torch.as_tensor(np.stack(count, axis=1), dtype=torch.float32)
        self.row_liquid = rows["liquid"].to_numpy()
        self.row_key = rows["property"].to_numpy().astype(str)
        self.temperature = torch.tensor(rows["temperature_K"].to_numpy(), dtype=torch.float32)
        self.pressure = torch.tensor(rows["pressure_kPa"].to_numpy(), dtype=torch.float32)
        target = np.empty(len(rows))
        for key, spec in PROPERTIES.items():
            chosen = self.row_key == key
            target[chosen] = spec.forward(rows["value"].to_numpy()[chosen])
        self.target = torch.as_tensor(target, dtype=torch.float32)

    @cached_property
    def inputs(self) -> tuple[Tensor, Tensor]:
        """Features of all cations, and of all anions."""
        return self.of_ions[0](self.cations), self.of_ions[1](self.anions)

    @cached_property
    def emulated(self) -> tuple[Tensor, Tensor]:
        """As :attr:`inputs`, but as if no ion were simulated.

        Surfaces of simulated ions come from emulators that never saw them.
        """
        surfaces = left_out(_EMULATOR_RUNS)
        place = simulated("ions").index
        tables = []
        for inputs, ions in zip(self.inputs, (self.cations, self.anions), strict=True):
            table = inputs.clone()
            there = [row for row, s in enumerate(ions) if s in place]
            rows = surfaces[[place[ions[row]] for row in there]]
            table[there, -len(SURFACE_NAMES) :] = torch.as_tensor(rows, dtype=torch.float32)
            tables.append(table)
        return tables[0], tables[1]

    @cached_property
    def mark(self) -> str:
        """Short hash of the features, to name what was computed from them."""
        content = b"".join(own.numpy().tobytes() for own in self.inputs)
        return hashlib.sha256(content).hexdigest()[:12]

    @cached_property
    def simulated(self) -> tuple[IntArray, IntArray]:
        """Place of each cation among the simulated ones, or -1; and of each anion."""
        places = []
        for ions, own in zip(self.of_ions, (self.cations, self.anions), strict=True):
            place = {s: i for i, s in enumerate(ions.simulated)}
            places.append(np.array([place.get(s, -1) for s in own]))
        return places[0], places[1]

    def pairs(self, liquids: IntArray, cation: IntArray, anion: IntArray) -> Pairs:
        """The ``liquids`` with the rows of their ions among the ions embedded."""
        chosen = torch.as_tensor(liquids)
        return Pairs(
            torch.as_tensor(cation),
            torch.as_tensor(anion),
            self.counts[chosen, 0],
            self.counts[chosen, 1],
            self.log_volume[chosen],
            self.molar_mass[chosen],
        )


@dataclass(frozen=True)
class Thinned:
    """Training rows sorted by liquid, thinned, with weights.

    Attributes:
        rows: indices into the data set's rows, (n,).
        weights: of the rows, (n,).
        start: where the rows of each liquid begin, (liquids + 1,).
    """

    rows: IntArray
    weights: NDArray[np.float32]
    start: IntArray


def thinned(
    problem: Problem,
    liquids: BoolArray,
    keys: Sequence[str],
    *,
    most: int,
    generator: np.random.Generator,
) -> Thinned:
    """Draw rows so that n rows of a liquid weigh as much together as the square root of n.

    Args:
        problem: the data.
        liquids: mask of the liquids used, shape (liquids,).
        keys: properties.
        most: so many rows of a property of a liquid at the most.
        generator: draws.
    """
    used = liquids[problem.row_liquid] & np.isin(problem.row_key, keys)
    rows = generator.permutation(np.flatnonzero(used))
    table = pd.DataFrame(
        {"row": rows, "liquid": problem.row_liquid[rows], "key": problem.row_key[rows]}
    )
    group = table.groupby(["liquid", "key"])["row"]
    table["rank"], table["number"] = group.cumcount(), group.transform("size")
    table = table[table["rank"] < most].sort_values("liquid", kind="stable")
    kept = table["number"].clip(upper=most)
    weights = (np.sqrt(table["number"]) / kept).to_numpy(np.float32)
    start = np.searchsorted(table["liquid"].to_numpy(), np.arange(len(liquids) + 1))
    return Thinned(table["row"].to_numpy(), weights, start)


def tier_liquids(dataset: Dataset, fold: Fold, key: str) -> BoolArray:
    """Test liquids of a fold that belong to its tier, for one property: mask (liquids,).

    Known means met in a training liquid *of this property*. The pair folds test pairs of two known
    ions; the cation folds a new cation with a known anion, and so on.
    """
    liquids, measured = dataset.liquids, dataset.measured[key]
    trained = liquids[fold.train & measured]
    cation = liquids["cation"].isin(set(trained["cation"])).to_numpy()
    anion = liquids["anion"].isin(set(trained["anion"])).to_numpy()
    wanted = {
        "pair": cation & anion,
        "cation": ~cation & anion,
        "anion": cation & ~anion,
        "both": ~cation & ~anion,
    }[fold.kind]
    chosen: BoolArray = fold.test & measured & wanted
    return chosen
