"""The measured and computed tables of polymers in solvents: read, joined, and split.

Every split is by system: all rows of a polymer-solvent pair, of every table, lie on one side, and
the splits that test a new solvent or polymer hold out every row of the molecules concerned.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.chemistry import ChemistryError, parse_polymer, parse_solvent
from core.features import polymer_solvent as features
from core.measured import DataMissingError, data_folder
from core.miscibility import LABEL_BASES, REFERENCE_TEMPERATURE_K

__all__ = [
    "SPLIT_KINDS",
    "Fold",
    "PairData",
    "SplitKind",
    "activity_to_chi",
    "folds",
    "load_polymer_solvent",
]

BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

SplitKind = Literal["pair", "solvent", "polymer", "both"]
SPLIT_KINDS: Final[tuple[SplitKind, ...]] = ("pair", "solvent", "polymer", "both")

# Task -> file and the column of its value.
_FILES: Final = {
    "chi": ("chi_experimental.csv", "chi"),
    "chi_cosmo_rs": ("chi_cosmo_rs.csv", "chi"),
    "soluble": ("solubility_labels.csv", "soluble"),
    "activity": ("activity_infinite_dilution.csv", "ln_omega_weight"),
    "solubility_cosmo_rs": ("solubility_cosmo_rs.csv", "solubility_wt_pct"),
}
_HANSEN: Final = "hansen_parameters.csv"
_HANSEN_COLUMNS: Final = ("dD", "dP", "dH")

# Cubic expansion coefficients typical of organic liquids and of polymer melts, in 1/K.
_SOLVENT_EXPANSION, _POLYMER_EXPANSION = 1.1e-3, 6e-4
_SOLVENT_EXPANSION_GROWTH: Final = 1e-6
# Below this solubility in wt % a computed value says no more than "insoluble".
_LEAST_SOLUBILITY: Final = 0.01


@dataclass(frozen=True)
class PairData:
    """All rows of all tasks, with the molecules they are about.

    Attributes:
        polymers: canonical repeat units, n of them.
        solvents: canonical solvents, m of them; those with Hansen parameters only come last.
        rows: ``task``, ``polymer`` and ``solvent`` (indices), ``temperature_K``,
            ``volume_fraction`` (of the polymer; NaN where not known), ``value`` (chi as measured;
            1 / 0; chi from an activity coefficient; log10 of wt %), ``basis`` (index into
            :data:`core.miscibility.LABEL_BASES`; 0 for other tasks), ``aoki`` (whether the row is
            one of the published model's).
        polymer_hansen: dD, dP, dH in MPa^0.5, shape (n, 3); NaN where not known.
        solvent_hansen: the same, shape (m, 3).
        polymer_radius: Hansen's R0 in MPa^0.5, shape (n,); NaN where not known.
        files: name of each file read, with its SHA-256.
        left_out: file -> rows left out because a structure is not one the gate lets in.
    """

    polymers: list[str]
    solvents: list[str]
    rows: pd.DataFrame
    polymer_hansen: FloatArray
    solvent_hansen: FloatArray
    polymer_radius: FloatArray
    files: dict[str, str]
    left_out: dict[str, int]


def activity_to_chi(
    ln_omega: FloatArray, density_ratio: FloatArray, temperature_K: FloatArray
) -> FloatArray:
    """Flory-Huggins chi of a trace of solvent in a polymer, from its activity coefficient.

    With the weight-fraction activity coefficient at infinite dilution, Omega, and a chain much
    longer than the solvent, ``chi = ln Omega - 1 + ln(rho_solvent / rho_polymer)`` (Patterson,
    Tewari, Schreiber, Guillet, Macromolecules 1971, 4, 356, doi 10.1021/ma60021a021). The ratio of
    the densities at 25 °C is carried to the temperature with typical expansion coefficients.

    Args:
        ln_omega: shape (n,).
        density_ratio: of solvent to polymer at 25 °C, shape (n,).
        temperature_K: shape (n,).
    """
    dt = temperature_K - REFERENCE_TEMPERATURE_K
    solvent = 1.0 + _SOLVENT_EXPANSION * dt + _SOLVENT_EXPANSION_GROWTH * dt**2
    polymer = 1.0 + _POLYMER_EXPANSION * dt
    return np.asarray(ln_omega - 1.0 + np.log(density_ratio * polymer / solvent))


def _density_ratio(polymer: pd.Series, solvent: pd.Series) -> FloatArray:
    """Density of the solvents over that of the polymers, estimated from their structures."""
    densities: list[dict[str, float]] = [
        {
            s: parse_polymer(s).molar_mass / features.molar_volume(s, "polymer")
            for s in set(polymer)
        },
        {
            s: parse_solvent(s).molar_mass / features.molar_volume(s, "solvent")
            for s in set(solvent)
        },
    ]
    ratio = solvent.map(densities[1]) / polymer.map(densities[0])
    return np.asarray(ratio, dtype=np.float64)


def _canonical(texts: pd.Series, kind: features.Kind) -> pd.Series:
    """Canonical SMILES by the gate; missing where it refuses."""
    parse = parse_polymer if kind == "polymer" else parse_solvent
    found: dict[str, str] = {}
    for text in texts.dropna().unique():
        try:
            found[text] = parse(text).smiles
        except ChemistryError:
            continue
    return texts.map(found)


def load_polymer_solvent(folder: Path | None = None) -> PairData:
    """Read all tables; structures go through the gate, rows of a refused one are left out.

    Args:
        folder: the data folder; :func:`core.measured.data_folder` if not given.

    Raises:
        DataMissingError: if the folder or one of the tables is missing.
    """
    base = (folder or data_folder("polymer_solvent")) / "polymer_solvent"
    tables, files, left_out = [], {}, {}
    for name in (*(file for file, _ in _FILES.values()), _HANSEN):
        path = base / name
        if not path.is_file():
            raise DataMissingError(f"the table {name} is missing in {base}")
        files[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    for task, (file, column) in _FILES.items():
        raw = pd.read_csv(base / file)
        table = pd.DataFrame(
            {
                "task": task,
                "polymer": _canonical(raw["polymer_smiles"], "polymer"),
                "solvent": _canonical(raw["solvent_smiles"], "solvent"),
                "temperature_K": raw["temperature_K"].fillna(REFERENCE_TEMPERATURE_K),
                "volume_fraction": raw["volume_fraction"] if task == "chi" else np.nan,
                "value": raw[column].astype(float),
                "basis": (
                    raw["label_basis"].map({name: i for i, name in enumerate(LABEL_BASES)})
                    if task == "soluble"
                    else 0
                ),
                "aoki": raw["in_aoki2023"] == 1 if task == "chi" else False,
            }
        )
        kept = table.dropna(subset=["polymer", "solvent", "value"])
        left_out[file] = len(table) - len(kept)
        tables.append(kept)
    rows = pd.concat(tables, ignore_index=True)
    activity = rows["task"] == "activity"
    rows.loc[activity, "value"] = activity_to_chi(
        rows.loc[activity, "value"].to_numpy(),
        _density_ratio(rows.loc[activity, "polymer"], rows.loc[activity, "solvent"]),
        rows.loc[activity, "temperature_K"].to_numpy(),
    )
    rows.loc[activity, "volume_fraction"] = 1.0
    computed = rows["task"] == "solubility_cosmo_rs"
    rows.loc[computed, "value"] = np.log10(
        rows.loc[computed, "value"].clip(_LEAST_SOLUBILITY, 100.0)
    )
    return _indexed(rows, _hansen(base / _HANSEN), files, left_out)


def _hansen(path: Path) -> dict[features.Kind, pd.DataFrame]:
    """Median Hansen parameters, and R0 of polymers, by canonical SMILES."""
    raw = pd.read_csv(path)
    found: dict[features.Kind, pd.DataFrame] = {}
    for kind in ("polymer", "solvent"):
        own = raw[raw["kind"] == kind]
        own = own.assign(smiles=_canonical(own["smiles"], kind))
        own = own.dropna(subset=["smiles", *_HANSEN_COLUMNS])
        found[kind] = own.groupby("smiles")[[*_HANSEN_COLUMNS, "R0"]].median()
    return found


def _indexed(
    rows: pd.DataFrame,
    hansen: dict[features.Kind, pd.DataFrame],
    files: dict[str, str],
    left_out: dict[str, int],
) -> PairData:
    names: dict[features.Kind, list[str]] = {}
    for kind in ("polymer", "solvent"):
        in_rows = sorted(set(rows[kind]))
        names[kind] = in_rows + sorted(set(hansen[kind].index) - set(in_rows))
        rows[kind] = rows[kind].map({s: i for i, s in enumerate(names[kind])}).astype(np.int64)
    rows["basis"] = rows["basis"].astype(np.int64)
    rows = rows.sort_values([*rows.columns], kind="stable").reset_index(drop=True)
    columns = list(_HANSEN_COLUMNS)
    tables = {kind: hansen[kind].reindex(names[kind]) for kind in names}
    return PairData(
        names["polymer"],
        names["solvent"],
        rows,
        tables["polymer"][columns].to_numpy(np.float64),
        tables["solvent"][columns].to_numpy(np.float64),
        tables["polymer"]["R0"].to_numpy(np.float64),
        files,
        left_out,
    )


@dataclass(frozen=True)
class Fold:
    """One way to divide the rows.

    Attributes:
        kind: what the fold holds out.
        number: 0 .. n-1.
        train: mask over the rows of all tasks.
        test: mask over the rows of all tasks; disjoint from ``train``.
        train_polymers: whose Hansen parameters may be learned from, mask (polymers,).
        train_solvents: the same, mask (solvents,).
    """

    kind: SplitKind
    number: int
    train: BoolArray
    test: BoolArray
    train_polymers: BoolArray
    train_solvents: BoolArray

    def key(self, data: PairData) -> str:
        """Hash of the pairs held out, independent of the order of the tables."""
        held = data.rows.loc[self.test, ["polymer", "solvent"]].drop_duplicates()
        lines = sorted(
            f"{data.polymers[p]}|{data.solvents[s]}"
            for p, s in zip(held["polymer"], held["solvent"], strict=True)
        )
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def _deal(names: list[str], first: set[str], n: int, salt: str) -> dict[str, int]:
    """Deal names into n parts, reproducibly; those in ``first`` are dealt evenly on their own."""

    def rank(name: str) -> str:
        return hashlib.sha256(f"{salt}|{name}".encode()).hexdigest()

    parts: dict[str, int] = {}
    for group in (first, set(names) - first):
        parts |= {name: i % n for i, name in enumerate(sorted(group, key=rank))}
    return parts


def folds(
    data: PairData,
    kind: SplitKind,
    n: int = 5,
    seed: int = 2026,
    within: BoolArray | None = None,
) -> Iterator[Fold]:
    """Divide the rows of all tasks into n folds by pair, by solvent, by polymer or by both.

    ``both`` tests pairs of which polymer and solvent are both dealt to the fold, and trains on
    those of which neither is. What has an experimental chi is dealt first, so every fold tests
    about as many of those.

    Args:
        data: the rows.
        kind: what a fold holds out.
        n: number of folds.
        seed: another seed deals differently.
        within: mask of rows; others are in neither part. For folds inside a training part.
    """
    rows = data.rows
    inside = np.ones(len(rows), dtype=bool) if within is None else within
    polymer = np.array(data.polymers, dtype=object)[rows["polymer"]]
    solvent = np.array(data.solvents, dtype=object)[rows["solvent"]]
    names = {"pair": polymer + "|" + solvent, "solvent": solvent, "polymer": polymer}
    chi = (rows["task"] == "chi").to_numpy() & inside

    def held_out(what: str, number: int) -> BoolArray:
        first = set(names[what][chi])
        part = _deal(sorted(set(names[what])), first, n, f"{seed}|{what}")
        return np.array([part[name] == number for name in names[what]])

    for number in range(n):
        if kind == "both":
            out = held_out("polymer", number), held_out("solvent", number)
            train, test = inside & ~out[0] & ~out[1], inside & out[0] & out[1]
        else:
            held = held_out(kind, number)
            train, test = inside & ~held, inside & held
        own = [np.ones(len(data.polymers), dtype=bool), np.ones(len(data.solvents), dtype=bool)]
        for mask, column in zip(own, ("polymer", "solvent"), strict=True):
            if kind in {column, "both"}:
                mask[rows[column].to_numpy()[~train]] = False
                mask[rows[column].to_numpy()[train]] = True
        yield Fold(kind, number, train, test, own[0], own[1])
