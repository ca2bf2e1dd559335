"""Tables of polymers and solvents: what is read, what is written, what is said about bad rows."""

import csv
import io
import math
from collections.abc import Sequence
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.typing import NDArray

from core.batch import (
    POLYMER_SOLVENT,
    BatchSummary,
    InputFileError,
    InputTable,
    predict_table,
    structures,
)
from core.chemistry import Polymer, Solvent, parse_polymer, parse_solvent

PS, PMMA = "*CC(*)c1ccccc1", "*CC(*)(C)C(=O)OC"
TOLUENE, WATER = "Cc1ccccc1", "O"
HEADER = "polymer_smiles,solvent_smiles,temperature_K,volume_fraction"
GOOD = f"{PS},{TOLUENE},323.15,0.2"
OUTPUT = POLYMER_SOLVENT.output


class Ruler:
    """A predictor whose answers can be worked out by hand, and which remembers what it was asked.

    chi = molar mass of the repeat unit / 100 + T / 1e4 - volume fraction (0 where none is given),
    chi by COSMO-RS is the molar mass of the solvent / 100.
    """

    def __init__(self) -> None:
        self.states: list[tuple[float, float]] = []

    def predict_many(
        self,
        polymers: Sequence[Polymer],
        solvents: Sequence[Solvent],
        temperature_K: NDArray[np.float64],
        volume_fraction: NDArray[np.float64],
    ) -> SimpleNamespace:
        count = len(polymers)
        assert len(solvents) == len(temperature_K) == len(volume_fraction) == count > 0
        self.states += zip(temperature_K.tolist(), volume_fraction.tolist(), strict=True)
        mass = np.array([polymer.molar_mass for polymer in polymers])
        chi = mass / 100 + temperature_K / 1e4 - np.nan_to_num(volume_fraction)
        return SimpleNamespace(
            chi=chi,
            chi_low=chi - 0.1,
            chi_high=chi + 0.1,
            chi_cosmo_rs=np.array([solvent.molar_mass for solvent in solvents]) / 100,
            soluble_probability=np.full(count, 0.75),
            support=["new_solvent"] * count,
            in_range=temperature_K < 400,
            grade=np.full(count, 1, dtype=np.uint8),
            reason=["No very similar solvent was measured."] * count,
        )


def run(data: str, predictor: Ruler | None = None) -> tuple[list[dict[str, str]], BatchSummary]:
    table = InputTable(io.BytesIO(data.encode()), POLYMER_SOLVENT)
    target = io.StringIO(newline="")
    summary = predict_table(table, target, predictor or Ruler(), chunk_rows=3)
    text = io.StringIO(target.getvalue(), newline="")
    rows = list(csv.DictReader(text, delimiter=table.separator))
    assert len(rows) == summary.rows
    return rows, summary


def test_columns_of_the_result() -> None:
    rows, summary = run(f"note,{HEADER}\nkept,{GOOD}\n")
    assert list(rows[0]) == [
        *("note", "polymer_smiles", "solvent_smiles", "temperature_K", "volume_fraction"),
        *("chi", "chi_low", "chi_high", "chi_cosmo_rs", "soluble_probability"),
        *("support", "in_range", "grade", "reason", "error"),
    ]
    assert summary == BatchSummary(rows=1, failed=0)
    row = rows[0]
    assert [row[name] for name in ("note", *HEADER.split(","))] == ["kept", *GOOD.split(",")]
    assert float(row["chi"]) == pytest.approx(1.0415 + 0.0323 - 0.2, abs=2e-3)
    assert float(row["chi_high"]) - float(row["chi_low"]) == pytest.approx(0.2, abs=1e-5)
    assert float(row["chi_cosmo_rs"]) == pytest.approx(0.9214, abs=1e-3)
    assert row["soluble_probability"] == "0.75"
    assert (row["support"], row["in_range"], row["error"]) == ("new_solvent", "True", "")
    assert (row["grade"], row["reason"]) == ("edge", "No very similar solvent was measured.")


def test_what_is_not_given_has_a_default() -> None:
    ruler = Ruler()
    run(f"solvent_smiles,polymer_smiles\n{TOLUENE},{PS}\n", ruler)
    run(f"{HEADER}\n{PS},{TOLUENE},,\n{PS},{TOLUENE},310, 0 \n{PS},{TOLUENE},,1\n", ruler)
    assert [temperature for temperature, _ in ruler.states] == [298.15, 298.15, 310.0, 298.15]
    fractions = [fraction for _, fraction in ruler.states]
    assert math.isnan(fractions[0])
    assert math.isnan(fractions[1])
    assert fractions[2:] == [0.0, 1.0]


@pytest.mark.parametrize(
    "row,words",
    [
        (f",{TOLUENE},,", ["polymer_smiles is empty"]),
        (f"{PS},,,", ["solvent_smiles is empty"]),
        (",,,", ["polymer_smiles is empty", "solvent_smiles is empty"]),
        (f"CCO,{TOLUENE},,", ["polymer:"]),
        (f"{PS},*CC*,,", ["solvent:"]),
        (f"{PS},[Na+],,", ["solvent:"]),
        ("nonsense,more nonsense,hot,many", ["polymer:", "solvent:", "temperature_K", "volume_f"]),
        (f"{PS},{TOLUENE},0,", ["temperature_K is below 100: '0'", "Celsius"]),
        (f"{PS},{TOLUENE},-5,", ["temperature_K is below 100: '-5'", "Celsius"]),
        (f"{PS},{TOLUENE},25,", ["temperature_K is below 100: '25'", "Celsius"]),
        (f"{PS},{TOLUENE},warm,", ["temperature_K is not a number: 'warm'"]),
        (f"{PS},{TOLUENE},9999,", ["temperature_K is above 1,000: '9999'"]),
        (f"{PS},{TOLUENE},,40", ["volume_fraction is above 1: '40'", "between 0 and 1"]),
        (f"{PS},{TOLUENE},,140 %", ["volume_fraction in % is above 100: '140 %'"]),
        (f"{PS},{TOLUENE},,a bit", ["volume_fraction is not a number: 'a bit'", "between 0 and 1"]),
        (f"{PS},{TOLUENE},,-0.1", ["volume_fraction is below zero: '-0.1'", "between 0 and 1"]),
        (f"{PS},{TOLUENE},,inf", ["volume_fraction is infinite", "between 0 and 1"]),
        (f"{PS},{TOLUENE},,nan", ["volume_fraction is not a number: 'nan'"]),
        (f"{PS},{TOLUENE},300,0.1,surplus", ["5 cells where the header has 4"]),
    ],
)
def test_a_bad_row_says_why_and_spoils_no_other(row: str, words: list[str]) -> None:
    rows, summary = run(f"{HEADER}\n{GOOD}\n{row}\n{GOOD}\n")
    first, bad, last = rows
    assert summary == BatchSummary(rows=3, failed=1)
    assert not any(bad[name] for name in OUTPUT if name != "error")
    assert all(word in bad["error"] for word in words), bad["error"]
    assert len(bad["error"].splitlines()) == 1
    assert first == last
    assert first["error"] == ""


def test_decimal_comma_where_commas_do_not_separate() -> None:
    header = HEADER.replace(",", ";")
    comma, point = run(f"{header}\n{PS};{TOLUENE};323,15;0,2\n{PS};{TOLUENE};323.15;0.2\n")[0]
    assert [comma[name] for name in OUTPUT] == [point[name] for name in OUTPUT]


def test_each_structure_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[str] = []

    def counting_polymer(text: str) -> Polymer:
        parsed.append(text)
        return parse_polymer(text)

    def counting_solvent(text: str) -> Solvent:
        parsed.append(text)
        return parse_solvent(text)

    monkeypatch.setattr(structures, "parse_polymer", counting_polymer)
    monkeypatch.setattr(structures, "parse_solvent", counting_solvent)
    # No other test has these, so nothing remembers them yet.
    polymers, solvents = ["*CC(*)CCCCCCC", "not a polymer at all"], ["CCCCCCCCCOC", "CCCCCCCCSC"]
    pairs = [f"{polymer},{solvent}" for polymer in polymers for solvent in solvents]
    run("polymer_smiles,solvent_smiles\n" + "\n".join(pairs * 4))
    assert sorted(parsed) == sorted([*polymers, *solvents])


@pytest.mark.parametrize(
    "header,words",
    [
        ("polymer_smiles,temperature_K", "no column solvent_smiles"),
        ("cation_smiles,anion_smiles", "no column polymer_smiles"),
        ("polymer,solvent,polymer", "more than one column may hold the polymer"),
    ],
)
def test_a_wrong_table_is_refused(header: str, words: str) -> None:
    with pytest.raises(InputFileError, match=words):
        InputTable(io.BytesIO(f"{header}\n".encode()), POLYMER_SOLVENT)
