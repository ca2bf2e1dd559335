"""The measured data for training: read, filtered, grouped by ionic liquid, and split.

The tables lie in :func:`core.measured.data_folder`; they are not part of the project.

Every split is by system. All rows of one ionic liquid lie on one side, and the splits that test a
new cation or anion hold out every ionic liquid of the ions concerned.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.chemistry import parse_ion
from core.measured import DataMissingError, data_folder
from core.properties import PROPERTIES, REFERENCE_PRESSURE_KPA, REFERENCE_TEMPERATURE_K

__all__ = [
    "EVALUATED_KINDS",
    "SPLIT_KINDS",
    "DataMissingError",
    "Dataset",
    "Fold",
    "SplitKind",
    "data_folder",
    "folds",
    "load_ionic_liquids",
    "parts",
]

BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]

SplitKind = Literal["pair", "cation", "anion", "both"]
SPLIT_KINDS: Final[tuple[SplitKind, ...]] = ("pair", "cation", "anion", "both")
EVALUATED_KINDS: Final[tuple[SplitKind, ...]] = ("pair", "cation", "anion")
"""The tiers that errors are told for; ``both`` serves the calibration alone."""

_FILES: Final = {
    "density_kg_m3": "density.csv.gz",
    "viscosity_mPa_s": "viscosity.csv",
    "surface_tension_mN_m": "surface_tension.csv",
    "heat_capacity_J_mol_K": "heat_capacity.csv",
    "melting_point_K": "melting_point.csv",
}
# One or two ions of each kind in the formula unit: higher charges are too few to learn from.
_STOICHIOMETRIES: Final = {"1:1": (1, 1), "1:2": (1, 2), "2:1": (2, 1)}


@dataclass(frozen=True)
class Dataset:
    """Measured values grouped by ionic liquid.

    Attributes:
        liquids: one row per ionic liquid: ``cation``, ``anion`` (canonical SMILES), ``n_cation``,
            ``n_anion``; the index is 0 .. n-1.
        rows: one row per value: ``property`` (key), ``liquid`` (index into ``liquids``),
            ``temperature_K`` and ``pressure_kPa`` (reference values where the property does not
            depend on them), ``value`` in the property's unit.
        files: name of each file read, with its SHA-256.
    """

    liquids: pd.DataFrame
    rows: pd.DataFrame
    files: dict[str, str]

    @cached_property
    def measured(self) -> dict[str, BoolArray]:
        """For each property, which ionic liquids have a value: arrays of shape (liquids,)."""
        found = {}
        for key in PROPERTIES:
            mask = np.zeros(len(self.liquids), dtype=bool)
            mask[self.rows.loc[self.rows["property"] == key, "liquid"].to_numpy()] = True
            found[key] = mask
        return found

    def select(self, keep: BoolArray) -> pd.DataFrame:
        """Rows of the ionic liquids marked in ``keep``, an array of shape (liquids,)."""
        return self.rows[keep[self.rows["liquid"].to_numpy()]]


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def load_ionic_liquids(folder: Path | None = None) -> Dataset:
    """Read the five property tables; rows with a quality flag are left out.

    Args:
        folder: the data folder; :func:`data_folder` if not given.

    Raises:
        DataMissingError: if the folder or one of the tables is missing.
    """
    base = (folder or data_folder()) / "ionic_liquids"
    tables, files = [], {}
    for key, name in _FILES.items():
        path = base / name
        if not path.is_file():
            raise DataMissingError(f"the table {name} is missing in {base}")
        files[name] = _sha256(path)
        table = pd.read_csv(
            path, dtype={"quality_flag": str, "stoichiometry": str}, low_memory=False
        )
        kept = table["quality_flag"].isna() & table["stoichiometry"].isin(list(_STOICHIOMETRIES))
        table = table[kept]
        spec = PROPERTIES[key]
        temperature = table["temperature_K"] if spec.depends_on_temperature else np.nan
        tables.append(
            pd.DataFrame(
                {
                    "property": key,
                    "cation": table["cation_smiles"],
                    "anion": table["anion_smiles"],
                    "stoichiometry": table["stoichiometry"],
                    "temperature_K": temperature,
                    "pressure_kPa": table["pressure_kPa"],
                    "value": table[key],
                }
            )
        )
    rows = pd.concat(tables, ignore_index=True)
    # The gate's identity: a few ions stand in the tables under two resonance spellings.
    for role in ("cation", "anion"):
        spelling = {text: parse_ion(text, role).smiles for text in rows[role].unique()}
        rows[role] = rows[role].map(spelling)
    rows["temperature_K"] = rows["temperature_K"].fillna(REFERENCE_TEMPERATURE_K)
    rows["pressure_kPa"] = rows["pressure_kPa"].fillna(REFERENCE_PRESSURE_KPA)
    keys = ["cation", "anion", "stoichiometry"]
    liquids = rows[keys].drop_duplicates().sort_values(keys).reset_index(drop=True)
    liquids["liquid"] = np.arange(len(liquids))
    rows = rows.merge(liquids, on=keys, how="left", validate="many_to_one")
    liquids["n_cation"] = [_STOICHIOMETRIES[s][0] for s in liquids["stoichiometry"]]
    liquids["n_anion"] = [_STOICHIOMETRIES[s][1] for s in liquids["stoichiometry"]]
    rows = rows[["property", "liquid", "temperature_K", "pressure_kPa", "value"]]
    rows = rows.sort_values(["property", "liquid", "temperature_K", "pressure_kPa", "value"])
    return Dataset(
        liquids[["cation", "anion", "n_cation", "n_anion"]], rows.reset_index(drop=True), files
    )


@dataclass(frozen=True)
class Fold:
    """One way to divide the ionic liquids.

    Attributes:
        kind: what the fold holds out.
        number: 0 .. n-1.
        train: mask over the ionic liquids, shape (liquids,).
        test: mask over the ionic liquids, shape (liquids,); disjoint from ``train``.
    """

    kind: SplitKind
    number: int
    train: BoolArray
    test: BoolArray

    def key(self, liquids: pd.DataFrame) -> str:
        """Hash of what is held out, independent of the order of the table."""
        held = liquids.loc[self.test, ["cation", "anion"]]
        lines = sorted(f"{c}.{a}" for c, a in zip(held["cation"], held["anion"], strict=True))
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def parts(items: list[str], n: int, seed: int, purpose: str) -> dict[str, int]:
    """Deal items into n parts of nearly equal number, reproducibly whatever their order."""

    def rank(item: str) -> str:
        return hashlib.sha256(f"{seed}|{purpose}|{item}".encode()).hexdigest()

    return {item: i % n for i, item in enumerate(sorted(items, key=rank))}


def folds(liquids: pd.DataFrame, kind: SplitKind, n: int = 5, seed: int = 2026) -> Iterator[Fold]:
    """Divide ionic liquids into n folds.

    ``pair`` deals ionic liquids, ``cation`` and ``anion`` deal ions and hold out every ionic liquid
    of the ions in the fold, ``both`` holds out those in which the cation and the anion are both
    dealt to the fold, and trains on those in which neither is.
    """
    cation_part = liquids["cation"].map(parts(sorted(set(liquids["cation"])), n, seed, "cation"))
    anion_part = liquids["anion"].map(parts(sorted(set(liquids["anion"])), n, seed, "anion"))
    name = liquids["cation"] + "." + liquids["anion"]
    pair_part = name.map(parts(sorted(set(name)), n, seed, "pair"))
    for number in range(n):
        cation_out = (cation_part == number).to_numpy()
        anion_out = (anion_part == number).to_numpy()
        if kind == "pair":
            test = (pair_part == number).to_numpy()
            train = ~test
        elif kind == "cation":
            test, train = cation_out, ~cation_out
        elif kind == "anion":
            test, train = anion_out, ~anion_out
        else:
            test, train = cation_out & anion_out, ~cation_out & ~anion_out
        yield Fold(kind, number, train, test)
