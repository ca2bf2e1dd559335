"""Hostile tables: never anything but a sentence, and never a row lost."""

import csv
import io
import json
from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.batch import KINDS, InputFileError, InputTable, for_spreadsheet, predict_table
from core.batch.spreadsheet import guarded, spreadsheet_copy
from core.properties import PROPERTIES

HEADER = b"cation,anion,T (K),note\n"
ROW = b"bmim,Tf2N,300,kept\n"
FORMULAS = (
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3+cmd",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    " =1+1",
    "\uff1d1",
)


class Constant:
    """Predicts ones."""

    card = SimpleNamespace(name="ionic-liquids/x-v1", created="2026-01-02T03:04:05+00:00")

    def predict_many(self, first: object, *_: object) -> SimpleNamespace:
        count = len(first)  # type: ignore[arg-type]
        ones = {key: np.ones(count) for key in PROPERTIES}
        inside = {key: np.ones(count, dtype=bool) for key in PROPERTIES}
        support = ["pair_measured"] * count
        told = {"support": support, "in_range": inside, "grade": {}, "reason": [""] * count}
        return SimpleNamespace(value=ones, low=ones, high=ones, **told)


def attempt(data: bytes, *, spreadsheet: bool = False) -> tuple[list[dict[str, str]], InputTable]:
    source, target = io.BytesIO(data), io.StringIO(newline="")
    table = InputTable(source, KINDS["ionic-liquids"])
    summary = predict_table(table, target, Constant(), chunk_rows=7, spreadsheet=spreadsheet)
    text = io.StringIO(target.getvalue(), newline="")
    rows = list(csv.DictReader(text, delimiter=table.separator))
    assert len(rows) == summary.rows
    assert sum(bool(row[table.output()[-1]]) for row in rows) == summary.failed
    assert all(None not in row and None not in row.values() for row in rows), "ragged result"
    return rows, table


def refused(data: bytes) -> str:
    with pytest.raises(InputFileError) as refusal:
        attempt(data)
    message = str(refusal.value)
    assert len(message.splitlines()) == 1
    assert len(message) < 300
    return message


BAD_FILES: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "byte-order mark only": lambda: b"\xef\xbb\xbf",
    "blank lines only": lambda: b"\n\r\n\n",
    "NUL bytes": lambda: HEADER + ROW + b"bmim,Tf2N,3\x0000,x\n",
    "a picture": lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20,
    "a workbook": lambda: b"PK\x03\x04" + bytes(500),
    "random bytes": lambda: np.random.default_rng(1).bytes(50_000),
    "UTF-16 without a mark": lambda: HEADER.decode().encode("utf-16-le"),
    "half a letter in UTF-16": lambda: HEADER.decode().encode("utf-16")[:-1],
    "UTF-32": lambda: HEADER.decode().encode("utf-32"),
    "a cell of 10 MB": lambda: HEADER + b"C" * 10_000_000 + b",Tf2N,300,x\n" + ROW,
    "a quoted cell of 10 MB": lambda: HEADER + b'"' + b"C\n" * 5_000_000 + b'",Tf2N,300,x\n',
    "a quotation mark without its end": lambda: HEADER + ROW + b'"bmim,Tf2N,300,x\n' + ROW * 50,
    "a header of 300,000 columns": lambda: b"x," * 600_000 + b"\n",
    "a header of 500,000 empty cells": lambda: b"," * 500_000 + b"\n",
    "no header that means anything": lambda: b"alpha,beta\ngamma,delta\n",
    "prose": lambda: b"Dear all,\nplease find attached nothing.\n",
    "a web page": lambda: b"<!DOCTYPE html><html><script>alert(1)</script></html>\n",
    "JSON": lambda: json.dumps({"cation": ["bmim"], "anion": ["Tf2N"]}).encode(),
    "the cation twice": lambda: b"cation,cation,anion\nbmim,emim,Tf2N\n",
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_that_cannot_be_used_gets_one_sentence(name: str) -> None:
    assert refused(BAD_FILES[name]())


ODD_ROWS: dict[str, bytes] = {
    "empty cells": b",,,",
    "fewer cells": b"bmim",
    "more cells": b"bmim,Tf2N,300,kept,and,more",
    "a quoted line break": b'bmim,Tf2N,300,"two\nlines"',
    "quotation marks that do not match": b'"bmim"x,Tf2N,300,kept',
    "a formula": b"=cmd|' /C calc'!A0,Tf2N,300,kept",
    "markup": b"<script>alert(1)</script>,Tf2N,300,<img src=x onerror=alert(1)>",
    "markdown": b"![x](https://evil.example/x.png),Tf2N,300,**bold**",
    "NaN": b"bmim,Tf2N,nan,kept",
    "infinite": b"bmim,Tf2N,inf,kept",
    "0 K": b"bmim,Tf2N,0,kept",
    "below 0 K": b"bmim,Tf2N,-300 C,kept",
    "1e9 K": b"bmim,Tf2N,1e9,kept",
    "a number without end": b"bmim,Tf2N," + b"9" * 5000 + b",kept",
    "digits and a letter": b"bmim,Tf2N," + b"9" * 100_000 + b"x,kept",
    "a decimal comma": b"bmim,Tf2N,298,15,kept",
    "a huge SMILES": b"C" * 60_000 + b",Tf2N,300,kept",
    "deep brackets": b"C" + b"(C" * 4000 + b",Tf2N,300,kept",
    "a letter that is not seen": "bm\u202eim\u200b,Tf2N,hot,kept".encode(),
    "letters from everywhere": "𝒷𝓂𝒾𝓂,Ťf₂Ň,٣٠٠,\U0001f9ea".encode(),
    "other roles": b"Tf2N,bmim,300,kept",
    "a directory": b"../../etc/passwd,Tf2N,300,kept",
    "a template": b"{{7*7}},${7*7},%s%n,kept",
}


HARMLESS = ("a quoted line break",)


@pytest.mark.parametrize("name", ODD_ROWS)
def test_an_odd_row_spoils_no_other_and_none_is_lost(name: str) -> None:
    rows, _ = attempt(HEADER + ROW + ODD_ROWS[name] + b"\n" + ROW)
    assert len(rows) == 3
    first, odd, last = rows
    assert first == last
    assert (first["note"], first["error"]) == ("kept", "")
    if name not in HARMLESS:
        assert odd["error"]
        assert len(odd["error"].splitlines()) == 1
    given = next(csv.reader([ODD_ROWS[name].decode()]))
    if name not in HARMLESS:
        assert list(odd.values())[: min(len(given), 4)] == given[:4]
        assert all(cell in odd["error"] for cell in given[4:])
    else:
        assert odd["note"] == "two\nlines"


def test_headers_that_are_alike_and_columns_of_an_earlier_result() -> None:
    rows, table = attempt(b"x,cation,x,anion,,error,density_kg_m3\n1,bmim,2,Tf2N,3,4,5\n")
    assert table.output()[0] == "predicted_density_kg_m3"
    assert table.output()[-1] == "predicted_error"
    assert rows[0]["error"] == "4"
    assert rows[0]["predicted_density_kg_m3"] == "1"
    assert table.header == ["x", "cation", "x", "anion", "", "error", "density_kg_m3"]


def test_a_row_that_only_ends_in_separators_is_whole() -> None:
    rows, _ = attempt(b"cation;anion;T (K)\nbmim;Tf2N;300;;;\n")
    assert rows[0]["error"] == ""


@pytest.mark.slow
def test_a_million_rows_pass_in_bounded_memory() -> None:
    class Nowhere(io.StringIO):
        lines = 0

        def write(self, text: str) -> int:
            self.lines += text.count("\n")
            return len(text)

    rows = 1_000_000
    source = io.BytesIO(b"cation,anion\n" + b"no,no\n" * rows)
    table, target = InputTable(source, KINDS["ionic-liquids"]), Nowhere(newline="")
    assert table.expected_rows == rows
    summary = predict_table(table, target, Constant())
    assert (summary.rows, summary.failed, target.lines) == (rows, rows, rows + 1)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
def test_any_bytes_give_a_table_or_a_sentence(data: bytes) -> None:
    for start in (b"", HEADER):
        try:
            attempt(start + data)
        except InputFileError as error:
            assert len(str(error).splitlines()) == 1  # noqa: PT017 - either is right


# ----------------------------------------------------------------------------------- spreadsheets


@pytest.mark.parametrize("cell", FORMULAS)
def test_no_cell_runs(cell: str) -> None:
    assert guarded(cell) == f"'{cell}"
    assert guarded(f"-{'9' * 100_000}x").startswith("'-9")


@pytest.mark.parametrize(
    "cell",
    [
        "-1",
        "+5",
        "-1e5",
        "-20,5",
        " -3.5",
        ".5",
        "-.5",
        "[O-]C",
        "*CC*",
        "O=C=O",
        "",
        "text",
        "1=2",
    ],
)
def test_numbers_and_structures_are_untouched(cell: str) -> None:
    assert guarded(cell) == cell


def test_a_result_for_a_spreadsheet_has_the_mark_of_the_input() -> None:
    data = 'cation;anion;T (°C);=1+1\nbmim;Tf2N;25,5;=HYPERLINK("http://x")\nno;Tf2N;-5,5;-3\n'
    rows, table = attempt(data.encode(), spreadsheet=True)
    header, (good, bad) = list(rows[0]), rows
    assert header[3] == "'=1+1"
    assert good[header[3]] == '\'=HYPERLINK("http://x")'
    assert bad[header[3]] == "-3"
    assert bad["T (°C)"] == "-5,5"
    plain, _ = attempt(data.encode())
    assert list(plain[0].values())[3] == '=HYPERLINK("http://x")'
    text = io.StringIO(newline="")
    predict_table(InputTable(io.BytesIO(data.encode()), table.kind), text, Constant())
    copy = spreadsheet_copy(text.getvalue(), 4, separator=";", decimal_comma=True)
    assert copy.startswith(b"\xef\xbb\xbf")
    again = list(csv.DictReader(io.StringIO(copy.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert again == rows


def test_only_numbers_of_the_result_get_the_other_mark() -> None:
    row = ["2.5", "a.b", 1.25, "-3.5e-05", "new_ion", "1.2.3"]
    shown = ["2.5", "a.b", "1,25", "-3,5e-05", "new_ion", "1.2.3"]
    assert for_spreadsheet(row, 2, decimal_comma=True) == shown
    assert for_spreadsheet(row, 2, decimal_comma=False) == [str(cell) for cell in row]
