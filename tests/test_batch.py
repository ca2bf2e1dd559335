"""Tables of ionic liquids: what is read, what is written, and what is said about bad rows."""

import csv
import io
import math
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.batch import (
    IONIC_LIQUIDS,
    BatchSummary,
    InputFileError,
    InputTable,
    predict_table,
    predicted,
    structures,
)
from core.chemistry import Ion, IonicLiquid
from core.properties import PROPERTIES

OUTPUT_COLUMNS = IONIC_LIQUIDS.output
BMIM = "CCCCn1cc[n+](C)c1"
CHOLINE = "C[N+](C)(C)CCO"
TF2N = "O=S(=O)([N-]S(=O)(=O)C(F)(F)F)C(F)(F)F"
ACETATE = "CC(=O)[O-]"
HEADER = "cation_smiles,anion_smiles,temperature_K,pressure_kPa"
GOOD = f"{BMIM},{TF2N},298.15,101.325"


class Ruler:
    """A predictor whose answers can be worked out by hand, and which remembers what it was asked.

    value = molar mass + T / 1000 + p / 1e6 (molar mass alone for the melting point), interval of
    one to either side; in range up to 400 K, the melting point everywhere.
    """

    def __init__(self, source: io.BytesIO | None = None) -> None:
        self.sizes: list[int] = []
        self.positions: list[int] = []
        self.pressures: list[float] = []
        self._source = source

    def predict_many(
        self,
        liquids: Sequence[IonicLiquid],
        temperature_K: NDArray[np.float64],
        pressure_kPa: NDArray[np.float64],
    ) -> SimpleNamespace:
        assert len(liquids) == len(temperature_K) == len(pressure_kPa) > 0
        self.sizes.append(len(liquids))
        self.pressures += pressure_kPa.tolist()
        if self._source is not None:
            self.positions.append(self._source.tell())
        mass = np.array([liquid.molar_mass for liquid in liquids])
        state = temperature_K / 1000 + pressure_kPa / 1e6
        value = {
            key: mass + state if spec.depends_on_temperature else mass
            for key, spec in PROPERTIES.items()
        }
        return SimpleNamespace(
            value=value,
            low={key: v - 1 for key, v in value.items()},
            high={key: v + 1 for key, v in value.items()},
            support=["new_cation"] * len(liquids),
            in_range={
                key: temperature_K <= 400 if spec.depends_on_temperature else mass > 0
                for key, spec in PROPERTIES.items()
            },
            grade={
                key: np.full(len(liquids), 2 if spec.depends_on_temperature else 1, np.uint8)
                for key, spec in PROPERTIES.items()
            },
            reason=["Density: the cation is unlike those measured."] * len(liquids),
        )


def run(
    data: str | bytes, *, chunk_rows: int = 20_000, predictor: Ruler | None = None
) -> tuple[list[dict[str, str]], BatchSummary, str]:
    """The rows of the result, the summary, and the result as text."""
    source = io.BytesIO(data.encode() if isinstance(data, str) else data)
    table, target = InputTable(source, IONIC_LIQUIDS), io.StringIO(newline="")
    summary = predict_table(table, target, predictor or Ruler(), chunk_rows=chunk_rows)
    text = target.getvalue()
    rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=table.separator))
    assert len(rows) == summary.rows
    assert all(None not in row and None not in row.values() for row in rows), "ragged result"
    return rows, summary, text


def predictions(row: dict[str, str]) -> dict[str, str]:
    return {name: row[name] for name in OUTPUT_COLUMNS if name != "error"}


def test_columns_of_the_result() -> None:
    rows, summary, _ = run(f"{HEADER},note\n{GOOD},kept\n")
    assert list(rows[0]) == [
        *HEADER.split(","),
        "note",
        *("density_kg_m3", "density_kg_m3_low", "density_kg_m3_high"),
        *("viscosity_mPa_s", "viscosity_mPa_s_low", "viscosity_mPa_s_high"),
        *("surface_tension_mN_m", "surface_tension_mN_m_low", "surface_tension_mN_m_high"),
        *("heat_capacity_J_mol_K", "heat_capacity_J_mol_K_low", "heat_capacity_J_mol_K_high"),
        *("melting_point_K", "melting_point_K_low", "melting_point_K_high"),
        *("support", "in_range", "grade", "reason", "error"),
    ]
    assert summary == BatchSummary(rows=1, failed=0)
    assert rows[0]["support"] == "new_cation"
    assert rows[0]["in_range"] == "True"
    assert rows[0]["grade"] == "outside"
    assert rows[0]["reason"] == "Density: the cation is unlike those measured."
    assert rows[0]["error"] == ""
    assert float(rows[0]["melting_point_K"]) == pytest.approx(419.36, abs=0.02)
    assert float(rows[0]["density_kg_m3_high"]) == pytest.approx(
        float(rows[0]["melting_point_K"]) + 0.298 + 1, abs=0.002
    )


def test_cells_come_back_as_they_were() -> None:
    note = ['=SUM(A1)\t"quoted", 007', " é µ 離 ", "two\nlines", "-1e5", "'@", "two\r\nlines"]
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([*HEADER.split(","), " my note ", "", ""])
    writer.writerows([[f" {BMIM}", TF2N, " 298.150 ", "1e2", cell, "", "x"] for cell in note])
    rows, summary, _ = run(text.getvalue())
    assert [row[" my note "] for row in rows] == note
    assert {row["cation_smiles"] for row in rows} == {f" {BMIM}"}
    assert {row["temperature_K"] for row in rows} == {" 298.150 "}
    assert {row["pressure_kPa"] for row in rows} == {"1e2"}
    assert summary.failed == 0


@given(
    st.lists(
        st.lists(
            st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])),
            min_size=2,
            max_size=2,
        ),
        min_size=1,
    ),
    st.sampled_from([",", ";", "\t"]),
)
def test_any_text_survives(cells: list[list[str]], separator: str) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=separator)
    writer.writerow(["cation_smiles", "anion_smiles", "first", "second"])
    writer.writerows([[BMIM, TF2N, *pair] for pair in cells])
    rows, summary, _ = run(text.getvalue())
    assert summary == BatchSummary(rows=len(cells), failed=0)
    assert [[row["first"], row["second"]] for row in rows] == cells


def test_missing_temperature_leaves_the_melting_point() -> None:
    rows, summary, _ = run(f"cation_smiles,anion_smiles,temperature_K\n{BMIM},{TF2N},\n")
    assert summary.failed == 0
    for key, spec in PROPERTIES.items():
        for name in (key, f"{key}_low", f"{key}_high"):
            assert (rows[0][name] == "") is spec.depends_on_temperature, name
    assert (rows[0]["in_range"], rows[0]["error"]) == ("True", "")


def test_optional_columns_may_be_absent_and_columns_in_any_order() -> None:
    predictor = Ruler()
    rows, _, _ = run(f"anion_smiles,id,cation_smiles\n{TF2N},7,{BMIM}\n", predictor=predictor)
    assert float(rows[0]["melting_point_K"]) == pytest.approx(419.36, abs=0.02)
    assert rows[0]["density_kg_m3"] == ""
    assert predictor.pressures == [101.325]


def test_pressure_is_ambient_where_empty() -> None:
    predictor = Ruler()
    run(f"{HEADER}\n{BMIM},{TF2N},298.15,\n{BMIM},{TF2N},298.15,5000\n", predictor=predictor)
    assert predictor.pressures == [101.325, 5000.0]


def test_in_range_means_every_property_of_the_row() -> None:
    rows, _, _ = run(f"{HEADER}\n{BMIM},{TF2N},401,\n{BMIM},{TF2N},399,\n{BMIM},{TF2N},,\n")
    assert [row["in_range"] for row in rows] == ["False", "True", "True"]


@pytest.mark.parametrize(
    "row,words",
    [
        (f",{TF2N},298.15,", ["cation_smiles is empty"]),
        (f"{BMIM},  ,298.15,", ["anion_smiles is empty"]),
        (",,,", ["cation_smiles is empty", "anion_smiles is empty"]),
        (f"not a smiles,{TF2N},298.15,", ["cation:"]),
        (f"C1CC,{TF2N},298.15,", ["cation:"]),
        (f"CCO,{TF2N},298.15,", ["cation:"]),
        (f"{TF2N},{BMIM},298.15,", ["cation:", "anion:"]),
        (f"{BMIM},[Na+999999999],298.15,", ["anion:"]),
        (f"{BMIM},{TF2N},warm,", ["temperature_K is not a number: 'warm'"]),
        (f"{BMIM},{TF2N},nan,", ["temperature_K is not a number: 'nan'"]),
        (f"{BMIM},{TF2N},1_000,", ["temperature_K is not a number"]),
        (f"{BMIM},{TF2N},٣٠٠,", ["temperature_K is not a number"]),
        (f"{BMIM},{TF2N},25 D,", ["temperature_K is not a number"]),
        (f'{BMIM},{TF2N},"1,298",', ["temperature_K is not a number: '1,298'"]),
        (f"{BMIM},{TF2N},inf,", ["temperature_K is infinite"]),
        (f"{BMIM},{TF2N},1e999,", ["temperature_K is infinite"]),
        (f"{BMIM},{TF2N},5001,", ["temperature_K is above 5,000: '5001'"]),
        (f"{BMIM},{TF2N},298.15,1e300", ["pressure_kPa is above 10,000,000: '1e300'"]),
        (f"{BMIM},{TF2N},0,", ["temperature_K is not above zero"]),
        (f"{BMIM},{TF2N},-20,", ["temperature_K is not above zero", "Celsius"]),
        (f"{BMIM},{TF2N},298.15,-1", ["pressure_kPa is not above zero: '-1'"]),
        (f"{BMIM},{TF2N},298.15,0", ["pressure_kPa is not above zero"]),
        (f"{BMIM},{TF2N},298.15,NaN", ["pressure_kPa is not a number"]),
        (f"{BMIM},{TF2N},298.15,-inf", ["pressure_kPa is infinite"]),
        (f"{BMIM},{TF2N},298.15,1 bar more", ["pressure_kPa is not a number: '1 bar more'"]),
        (f"{BMIM},{TF2N},-300 °C,", ["temperature in °C is not above -273.15: '-300 °C'"]),
        (f"{BMIM},{TF2N},1e9,1e9", ["temperature_K is above 5,000", "pressure_kPa is above 10,"]),
        (f"{BMIM},{TF2N},0,-1 bar", ["temperature_K is not above", "pressure in bar is not above"]),
        (f"CCO,{TF2N},hot,high", ["cation:", "temperature_K", "pressure_kPa"]),
        (f"{GOOD},left,over", ["6 cells where the header has 4", "left over: 'left', 'over'"]),
        (f'"{BMIM}"x,{TF2N},298.15,', ["quotation marks", "line 3"]),
        (f"{BMIM},{'C' * 5000},298.15,", ["anion:"]),
    ],
)
def test_a_bad_row_says_why_and_spoils_no_other(row: str, words: list[str]) -> None:
    rows, summary, _ = run(f"{HEADER}\n{GOOD}\n{row}\n{GOOD}\n")
    first, bad, last = rows
    assert summary == BatchSummary(rows=3, failed=1)
    assert set(predictions(bad).values()) == {""}
    assert all(word in bad["error"] for word in words), bad["error"]
    assert len(bad["error"].splitlines()) == 1
    assert predictions(first) == predictions(last)
    assert (first["error"], last["error"]) == ("", "")
    assert first["density_kg_m3"]


def test_a_table_of_bad_rows_only() -> None:
    rows, summary, _ = run(f"{HEADER}\nC,C,1,1\nC,C,1,1\n")
    assert summary == BatchSummary(rows=2, failed=2)
    assert all(row["error"] for row in rows)


def test_short_rows_and_blank_lines() -> None:
    rows, summary, _ = run(f"\n{HEADER}\n\n{BMIM},{TF2N}\n\n{BMIM},{TF2N},300\n\n\n")
    assert summary == BatchSummary(rows=2, failed=0)
    assert [row["temperature_K"] for row in rows] == ["", "300"]
    assert [row["density_kg_m3"] == "" for row in rows] == [True, False]


def test_a_header_without_rows_gives_a_header() -> None:
    rows, summary, text = run(HEADER)
    assert (rows, summary) == ([], BatchSummary(rows=0, failed=0))
    assert text == f"{HEADER},{','.join(OUTPUT_COLUMNS)}\n"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252"])
def test_separators_line_ends_encodings(separator: str, ending: str, encoding: str) -> None:
    note = "Müller – 25 °C" if encoding == "cp1252" else "Müller, 25 °C"
    lines = [[*HEADER.split(","), "note"], [*GOOD.split(","), f'"{note}"']] * 2
    del lines[2]
    text = ending.join(separator.join(line) for line in lines)
    rows, summary, result = run(text.encode(encoding))
    assert summary == BatchSummary(rows=2, failed=0)
    assert [row["note"] for row in rows] == [note, note]
    assert all(row["density_kg_m3"] for row in rows)
    assert result.splitlines()[0] == separator.join([*HEADER.split(","), "note", *OUTPUT_COLUMNS])


def test_decimal_comma_where_commas_do_not_separate() -> None:
    header = HEADER.replace(",", ";")
    comma, point, many = run(
        f"{header}\n{BMIM};{TF2N};298,15;101,325\n{BMIM};{TF2N};298.15;101.325\n"
        f"{BMIM};{TF2N};1,298,15;\n"
    )[0]
    assert comma["temperature_K"] == "298,15"
    assert predictions(comma) == predictions(point)
    assert "temperature_K is not a number" in many["error"]


def test_the_separator_is_the_one_that_finds_the_columns() -> None:
    rows, _, _ = run(f"cation_smiles;anion_smiles;a,b,c,d,e,f\n{BMIM};{TF2N};x,y\n")
    assert rows[0]["a,b,c,d,e,f"] == "x,y"


def test_chunks_change_nothing_and_are_read_as_they_come() -> None:
    pairs = [f"{c},{a}" for c in (BMIM, CHOLINE, "CCO") for a in (TF2N, ACETATE)]
    body = "".join(f"{pairs[i % 6]},{280 + i % 120},\n" for i in range(6000))
    data = f"{HEADER}\n{body}"
    whole = run(data)
    source = io.BytesIO(data.encode())
    predictor, target = Ruler(source), io.StringIO(newline="")
    seen: list[int] = []
    table = InputTable(source, IONIC_LIQUIDS)
    assert table.expected_rows == 6000
    summary = predict_table(table, target, predictor, progress=seen.append, chunk_rows=700)
    assert (summary, target.getvalue()) == (whole[1], whole[2])
    assert summary == BatchSummary(rows=6000, failed=2000)
    assert seen == [*range(700, 6000, 700), 6000]
    assert sum(predictor.sizes) == 4000
    assert max(predictor.sizes) <= 700
    assert predictor.positions[0] < len(data) / 5, "the table is read ahead of what is needed"


def test_chunks_are_as_long_as_their_time_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, speeds = 0.0, iter([1_000.0, 100.0, 5_000.0, 5_000.0, 5_000.0, 5_000.0])

    class Clocked(Ruler):
        def predict_many(
            self, liquids: Sequence[IonicLiquid], *state: NDArray[np.float64]
        ) -> SimpleNamespace:
            nonlocal clock
            clock += len(liquids) / next(speeds)
            return super().predict_many(liquids, *state)

    monkeypatch.setattr("core.batch.table.time.perf_counter", lambda: clock)
    data = "cation_smiles,anion_smiles\n" + f"{BMIM},{TF2N}\n" * 3_000
    table = InputTable(io.BytesIO(data.encode()), IONIC_LIQUIDS)
    steps = predicted(table, io.StringIO(), Clocked(), chunk_rows=900, chunk_seconds=0.5)
    lengths, done = [], 0
    for summary in steps:
        lengths.append(summary.rows - done)
        done = summary.rows
        clock += 60.0  # what lies between two chunks does not count
    assert lengths == [250, 500, 50, 900, 900, 400]


def test_each_ion_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[str] = []
    parse_ion = structures.parse_ion

    def counting(text: str, role: Literal["cation", "anion"]) -> Ion:
        parsed.append(text)
        return parse_ion(text, role)

    monkeypatch.setattr(structures, "parse_ion", counting)
    # No other test has these, so nothing remembers them yet.
    cations = ["CCCCCCCn1cc[n+](C)c1", "CCCCCCC[N+](C)(C)C", "CCCCCCCO"]
    anions = ["CCCCCCCC(=O)[O-]", "CCCCCCCS(=O)(=O)[O-]"]
    pairs = [f"{cation},{anion}" for cation in cations for anion in anions]
    run(HEADER + "".join(f"\n{pair},{300 + i}," for i in range(5) for pair in pairs))
    assert sorted(parsed) == sorted([*cations, *anions])


def test_a_value_the_model_cannot_give_is_an_empty_cell() -> None:
    class Silent(Ruler):
        def predict_many(self, *arguments: object) -> SimpleNamespace:
            table = super().predict_many(*arguments)  # type: ignore[arg-type]
            table.value["viscosity_mPa_s"][:] = math.nan
            table.high["density_kg_m3"][:] = math.inf
            return table

    rows, _, _ = run(f"{HEADER}\n{GOOD}\n", predictor=Silent())
    assert rows[0]["viscosity_mPa_s"] == rows[0]["density_kg_m3_high"] == ""
    assert rows[0]["density_kg_m3"] != ""


@pytest.mark.parametrize(
    "data,words",
    [
        (b"", "the file is empty"),
        (b"\n\n\n", "no column cation_smiles in the first line; it holds: nothing"),
        (b"\xef\xbb\xbf", "it holds: nothing"),
        (b"a,b,c\n1,2,3\n", "no column cation_smiles in the first line; it holds: 'a', 'b', 'c'"),
        (b"cation_smiles,aniline\nC,C\n", "no column anion_smiles"),
        (b"cation_smiles|anion_smiles\nC|C\n", "no column cation_smiles"),
        (
            b"cation_smiles,anion_smiles,cation_smiles\n",
            "more than one column may hold the cation: 'cation_smiles' (column 1) and",
        ),
        (b"PK\x03\x04\x14\x00\x06\x00", "save the table as CSV first"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not a text file"),
        (b"\x1f\x8b\x08\x00\x00", "not a text file"),
        (HEADER.encode("utf-16")[:-1], "not a text file"),
        (HEADER.encode("utf-32"), "not a text file"),
        (HEADER.encode("utf-16-be"), "not a text file"),
        (f"{HEADER}\n{GOOD}\n".encode() + b"\x00" * 50, "not a text file"),
        (f"{HEADER},\u00e9\n".encode("latin-1") + b"\x81\x8d", "not a text file"),
        (b"x" * 3_000_000, "line 1 has more than 1,048,576 characters"),
        (b"x" * 200_000, "line 1: a cell does not end"),
        (b'"cation_smiles,anion_smiles\nC,C\n', "line 1: a cell does not end"),
    ],
)
def test_a_wrong_file_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(InputFileError) as refusal:
        InputTable(io.BytesIO(data), IONIC_LIQUIDS)
    assert words in str(refusal.value)
    assert len(str(refusal.value).splitlines()) == 1
    assert len(str(refusal.value)) < 300


@pytest.mark.parametrize(
    "tail,words",
    [
        (f'"{BMIM},{TF2N},298.15,\n{GOOD}\n', "line 3: a cell does not end"),
        (f'"{BMIM},{TF2N},298.15,\n' + f"{GOOD}\n" * 3000, "line 3: a cell does not end"),
        ("C" * 200_000, "line 3: a cell does not end"),
        ("C," * 600_000, "line 3 has more than"),
    ],
)
def test_what_no_row_can_be_made_of_stops_the_table(tail: str, words: str) -> None:
    with pytest.raises(InputFileError, match=words):
        run(f"{HEADER}\n{GOOD}\n{tail}")
