"""Rebuild the shipped tables of ions and measured points: ``python -m core.train.catalogue``.

``core/tables/ions.csv`` comes from the compound table of the ilthermopy package, a dependency of
this module only (it asks the network for more, which the app must not). ``measured.csv.gz`` and
``spellings.csv`` come from the data folder (see :func:`core.measured.data_folder`).
``abbreviations.csv``, ``chem21.csv`` and ``polymers.csv`` are written by hand, and so are the
names, aliases and CAS numbers of ``solvents.csv``; its other columns come from the packages
``chemicals`` and, where that knows no molar volume, ``hspipy``, which only this module needs.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from importlib import metadata
from pathlib import Path
from statistics import median
from typing import Final

import chemicals
import numpy as np
import pandas as pd
from chemicals import data_reader, solubility, volume
from chemicals.dippr import EQ105
from chemicals.identifiers import pubchem_db
from rdkit import Chem, rdBase

from core.chemistry import (
    ChemistryError,
    Ion,
    IonicLiquid,
    family,
    parse_ion,
    parse_ionic_liquid,
    parse_solvent,
    resonance_spellings,
    spelling_key,
)
from core.measured import data_folder
from core.properties import PROPERTIES
from core.thermodynamics import hansen_distance

TABLES: Final = Path(__file__).resolve().parents[1] / "tables"


# ---------------------------------------------------------------------------------------- spellings


def read_spellings() -> list[tuple[str, int]]:
    """Read the ions of the measured data as spelled there, and the number of rows with each."""
    with (data_folder() / "ionic_liquids" / "ions.csv").open(encoding="utf-8", newline="") as file:
        return [
            (row["ion_smiles"], sum(int(row[name]) for name in row if name.startswith("n_")))
            for row in csv.DictReader(file)
        ]


def spelling_choices(ions: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    """Note which resonance spelling an ion has in the data where it is not the first.

    Args:
        ions: SMILES as the data spell them, and the number of rows with the ion.

    Returns:
        Key of the ion and position of the spelling, sorted.
    """
    notes: dict[str, tuple[int, int]] = {}
    with rdBase.BlockLogs():
        for smiles, weight in ions:
            spellings = resonance_spellings(Chem.MolFromSmiles(smiles))
            if smiles not in spellings:
                continue  # a metal complex, whose charge is not moved
            key, note = spelling_key(spellings[0]), (weight, spellings.index(smiles))
            # Where the data have one ion under two spellings, the one with more rows wins.
            notes[key] = max(note, notes.get(key, note))
    return sorted((key, choice) for key, (_, choice) in notes.items() if choice)


# -------------------------------------------------------------------------------------------- names


def read_compounds() -> Iterator[tuple[str, IonicLiquid]]:
    """Yield names and structures of the salts among the compounds of ILThermo."""
    for row in _table_of("ilthermopy", "compounds.csv"):
        if "." not in row["smiles"]:
            continue
        try:
            yield row["name"].strip(), parse_ionic_liquid(row["smiles"])
        except ChemistryError:
            continue  # lithium salts, hydrates and the like


def _table_of(package: str, name: str) -> Iterator[dict[str, str]]:
    """Yield the rows of a table that a package holds; nothing of its code runs."""
    (path,) = (file for file in metadata.files(package) or [] if file.name == name)
    with Path(str(path.locate())).open(encoding="utf-8-sig", newline="") as table:
        yield from csv.DictReader(table)


_CATION_END: Final = re.compile(r"(ium|ylium|cholin|choline|guanidine)(-\d+-yl)?[)\]]*(\(\d\+\))?$")

_REMARK: Final = re.compile(r" \((1:1|[A-Z][A-Za-z0-9]*)\)$")  # "chloride (NH4Cl)"


def _cut_after_ium(name: str) -> tuple[str, str] | None:
    """Cut behind the last word that ends as cations do."""
    words = name.split(" ")
    for count in range(len(words) - 1, 0, -1):
        if _CATION_END.search(words[count - 1]):
            return " ".join(words[:count]), " ".join(words[count:])
    return None


class NameVotes:
    """How often each ion is called what, over all names of its compounds."""

    def __init__(self, compounds: Iterable[tuple[str, IonicLiquid]]) -> None:
        self.liquids: Counter[Ion] = Counter()
        self._votes: defaultdict[Ion, Counter[str]] = defaultdict(Counter)
        left: list[tuple[str, IonicLiquid]] = []
        for name, liquid in compounds:
            self.liquids.update((liquid.cation, liquid.anion))
            cut = _cut_after_ium(name)
            if cut is None:
                left.append((name, liquid))
            else:
                self._vote(liquid, *cut)
        # What is left is cut where one of the two parts is known already as a name of that ion.
        for name, liquid in left:
            for cut in self._cuts(name):
                if cut[0] in self._votes[liquid.cation] or cut[1] in self._votes[liquid.anion]:
                    self._vote(liquid, *cut)
                    break

    def _vote(self, liquid: IonicLiquid, cation: str, anion: str) -> None:
        # "di" or "bis" before an ion that the formula unit holds twice is no part of its name.
        if liquid.n_cation == 1:
            self._votes[liquid.cation][cation] += 1
        if liquid.n_anion == 1:
            self._votes[liquid.anion][_REMARK.sub("", anion)] += 1

    @staticmethod
    def _cuts(name: str) -> Iterator[tuple[str, str]]:
        for blank in re.finditer(" ", name):
            yield name[: blank.start()], name[blank.end() :]

    def names(self, ion: Ion) -> list[str]:
        """Names of an ion, the most common first, the shorter first among equals.

        A name that another ion has more often is left out: there the structure or the name of
        one compound is wrong.
        """
        return sorted(self._own(ion), key=lambda name: (-self._votes[ion][name], len(name), name))

    def _own(self, ion: Ion) -> Iterator[str]:
        for name, count in self._votes[ion].items():
            others = (votes[name] for other, votes in self._votes.items() if other != ion)
            if count > max(others, default=0):
                yield name


def ion_rows(votes: NameVotes, abbreviations: Path) -> Iterator[tuple[object, ...]]:
    """Yield the rows of ``ions.csv``, the most common ions first."""
    with abbreviations.open(encoding="utf-8", newline="") as file:
        own = {parse_ion(row["smiles"]): row["name"] for row in csv.DictReader(file)}
    ions = sorted({*votes.liquids, *own}, key=lambda ion: (-votes.liquids[ion], ion.smiles))
    for ion in ions:
        names = votes.names(ion) or [own.get(ion, "")]
        if not names[0]:
            names = [f"{family(ion)} {ion.formula}"]
        yield (
            ion.smiles, ion.charge, names[0], "|".join(names[1:]), family(ion), votes.liquids[ion]
        )  # fmt: skip


# ----------------------------------------------------------------------------------------- measured


def measured_table(frame: pd.DataFrame) -> pd.DataFrame:
    """Bring the measured points to the keys and identities of the core, sorted."""
    keys = {
        name: key for key in PROPERTIES for name in set(frame["property"]) if key.startswith(name)
    }
    identity = {
        smiles: parse_ion(smiles).smiles
        for smiles in {*frame["cation_smiles"], *frame["anion_smiles"]}
    }
    table = pd.DataFrame(
        {
            "property": frame["property"].map(keys),
            "cation": frame["cation_smiles"].map(identity),
            "anion": frame["anion_smiles"].map(identity),
            "temperature_K": frame["temperature_K"],
            "pressure_kPa": frame["pressure_kPa"],
            "value": frame["value"],
        }
    )
    return table.sort_values(list(table.columns), ignore_index=True)


# ----------------------------------------------------------------------------------------- solvents

SOLVENT_COLUMNS: Final = (
    "name",
    "cas",
    "aliases",
    "smiles",
    "molar_volume_cm3_mol",
    "boiling_point_K",
    "melting_point_K",
    "flash_point_K",
    "autoignition_K",
    "ozone_depletion",
    "dispersion_MPa05",
    "polar_MPa05",
    "hydrogen_MPa05",
)
_T: Final = 298.15


def liquid_molar_volume(cas: str) -> float | None:
    """Molar volume of a liquid near 298.15 K in cm3/mol, from measured densities.

    In this order: correlations at 298.15 K of Perry's Chemical Engineers' Handbook (8th edition,
    table 2-32) and of the VDI Heat Atlas (2nd edition, part D3), densities of the CRC Handbook
    (organic liquids, at 293 or 298 K), constant densities there of inorganic liquids, the table of
    the package HSPiPy.
    """
    perry, vdi = volume.rho_data_Perry_8E_105_l, volume.rho_data_VDI_PPDS_2
    if cas in perry.index:
        row = perry.loc[cas]
        if row["Tmin"] <= _T <= row["Tmax"]:
            return 1e6 / float(EQ105(_T, row["C1"], row["C2"], row["C3"], row["C4"]))
    if cas in vdi.index and vdi.loc[cas, "Tc"] > _T:
        numbers = [vdi.loc[cas, name] for name in ("Tc", "rhoc", "A", "B", "C", "D", "MW")]
        return 1e6 * float(volume.volume_VDI_PPDS(_T, *numbers))
    organic = data_reader.data_source("Physical Constants of Organic Compounds.csv")
    if cas in organic.index and organic.loc[cas, "rho"] > 0 and organic.loc[cas, "Tb"] > _T:
        # The digits behind the first decimal are the temperature in Celsius: 883.325 is at 25 C.
        density = round(float(organic.loc[cas, "rho"]), 1)
        return 1e3 * float(pubchem_db.search_CAS(int(cas.replace("-", ""))).MW) / density
    inorganic = volume.rho_data_CRC_inorg_l_const
    if cas in inorganic.index:
        return 1e6 * float(inorganic.loc[cas, "Vm"])
    return _hspipy_volumes().get(cas)


@cache
def _hspipy_volumes() -> dict[str, float]:
    rows = _table_of("hspipy", "db.csv")
    return {row["CAS"]: float(row["Mole_vol"].replace(",", ".")) for row in rows}


def _agreed(value: Callable[..., float | None], methods: list[str], cas: str) -> float | None:
    """Of the values that ``chemicals`` has from several tables, the one nearest to their median."""
    found = [value(cas, method=method) for method in methods if method != "JOBACK"]  # an estimate
    numbers = [float(number) for number in found if number is not None]
    return min(numbers, key=lambda number: abs(number - median(numbers)), default=None)


def hansen_parameters(cas: str) -> tuple[float, float, float] | tuple[None, None, None]:
    """Hansen parameters in MPa^0.5: the set of one table, the one nearest to the tables' median.

    One slip of the pen is thus outvoted where three tables have the solvent. Of two tables that
    disagree the first counts: Díaz de los Ríos and Murcia Belmonte, SN Appl. Sci. 2022, 4, 185, doi
    10.1007/s42452-022-04959-4; Alshehri et al., AIChE J. 2021, 67, e17469, doi 10.1002/aic.17469;
    the package HSPiPy; Schrier, Wolfram Data Repository 2020.
    """
    names = [f"HANSEN_DELTA_{letter}" for letter in "DPH"]
    tables = [table for table in solubility.solubility_sources.values() if cas in table.index]
    if not tables:
        return None, None, None
    found = np.array([table.loc[cas, names].to_numpy(float) for table in tables]) / 1000.0
    best = np.argmin(hansen_distance(found, np.median(found, axis=0)))
    d, p, h = found[best].tolist()
    return d, p, h


# Of a mixture of isomers, the one that prevails; the package has another for its number.
_PREVAILING: Final = {"25265-71-8": "CC(O)COCC(C)O"}


def solvent_rows(rows: Iterable[Mapping[str, str]]) -> Iterator[tuple[object, ...]]:
    """Fill the rows of ``solvents.csv`` by CAS number; a SMILES stays where there is no other."""
    for row in rows:
        cas = row["cas"]
        known = pubchem_db.search_CAS(int(cas.replace("-", "")))
        usual = known.smiles if known else row["smiles"]
        smiles = parse_solvent(_PREVAILING.get(cas, usual)).smiles
        numbers = (
            (liquid_molar_volume(cas), 2),
            (_agreed(chemicals.Tb, chemicals.Tb_methods(cas), cas), 2),
            (_agreed(chemicals.Tm, chemicals.Tm_methods(cas), cas), 2),
            (_agreed(chemicals.T_flash, chemicals.T_flash_methods(cas), cas), 2),
            (_agreed(chemicals.T_autoignition, chemicals.T_autoignition_methods(cas), cas), 2),
            (chemicals.ODP(cas) if chemicals.ODP_methods(cas) else None, 2),
            *((parameter, 1) for parameter in hansen_parameters(cas)),
        )
        values = ("" if number is None else round(number, digits) for number, digits in numbers)
        yield (row["name"], cas, row["aliases"], smiles, *values)


# ---------------------------------------------------------------------------------------------- all


def _read(name: str) -> list[dict[str, str]]:
    with (TABLES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _write(path: Path, header: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def main() -> int:
    """Rebuild all tables."""
    _write(TABLES / "spellings.csv", ("key", "choice"), spelling_choices(read_spellings()))
    votes = NameVotes(read_compounds())
    header = ("smiles", "charge", "name", "other_names", "family", "n_liquids")
    _write(TABLES / "ions.csv", header, ion_rows(votes, TABLES / "abbreviations.csv"))
    _write(TABLES / "solvents.csv", SOLVENT_COLUMNS, list(solvent_rows(_read("solvents.csv"))))
    frame = pd.read_csv(data_folder() / "measured_points" / "ionic_liquids.csv.gz")
    text = measured_table(frame).to_csv(index=False, lineterminator="\n", float_format="%.7g")
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0) as file:  # the same bytes every time
        file.write(text.encode())
    (TABLES / "measured.csv.gz").write_bytes(buffer.getvalue())
    for path in sorted(TABLES.glob("*.csv*")):
        sys.stdout.write(f"{path.name}: {path.stat().st_size:,} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
