"""Tables on the command line: what is told of the columns, and what is said about them."""

import csv
from pathlib import Path

import pytest

from core.__main__ import main
from core.predict import IonicLiquidPredictor
from tests.test_batch_hostile import BAD_FILES, Constant

NAMES = "Kation;Anion;T;p / bar;Notiz\nbmim;Tf2N;25,5;1;=1+1\nemim;dca;60;;-5\n"


class Asked(Constant):
    """Remembers temperatures in K and pressures in kPa."""

    states: tuple[list[float], list[float]]

    def predict_many(self, first: object, *state: object) -> object:  # type: ignore[override]
        type(self).states = tuple(values.tolist() for values in state)  # type: ignore[attr-defined]
        return super().predict_many(first)


@pytest.fixture
def predict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # noqa: ANN201 - a function
    monkeypatch.setattr(IonicLiquidPredictor, "load", lambda _path: Asked())

    def run(data: str | bytes, *options: str) -> list[dict[str, str]]:
        source, target = tmp_path / "in.csv", tmp_path / "out.csv"
        source.write_bytes(data.encode() if isinstance(data, str) else data)
        target.unlink(missing_ok=True)
        code = main(["predict", "ionic-liquids", str(source), "-o", str(target), *options])
        assert (code == 0) is target.exists()
        if code:
            assert code == 2
            return []
        with target.open(newline="", encoding="utf-8-sig") as file:
            return list(csv.DictReader(file, delimiter=";" if ";" in file.readline() else ","))

    return run


def test_names_and_other_headers(predict, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: ANN001
    predict(NAMES)
    said = capsys.readouterr().err
    assert "cation in 'Kation', anion in 'Anion', temperature in 'T' in °C" in said
    assert "pressure in 'p / bar' in bar" in said
    assert Asked.states == ([298.65, 333.15], [100.0, 101.325])
    predict("cation_smiles,anion_smiles,temperature_K\nCCCCn1cc[n+](C)c1,[Cl-],300\n")
    assert " in '" not in capsys.readouterr().err, "nothing was guessed"


def test_options_say_what_headers_do_not(predict, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: ANN001
    data = "a,cation,anion,T,P\nchx,bmim,Tf2N,,1\nchx,bmim,Tf2N,90,1\n"
    assert predict(data) == []
    assert "the column 'P' does not say its unit" in capsys.readouterr().err
    predict(data, "--pressure-unit", "MPa", "--temperature-unit", "K", "-T", "320")
    assert Asked.states == ([320.0, 90.0], [1000.0, 1000.0])
    predict(data, "--column", "pressure=", "--column", "temperature=", "-P", "200", "-T", "330")
    assert Asked.states == ([330.0, 330.0], [200.0, 200.0])
    predict(data.replace("chx", "choline"), "--column", "cation=a", "--pressure-unit", "bar")
    assert "cation in 'a'" in capsys.readouterr().err
    for option, words in (
        ("colour=a", "write one of cation, anion, ionic-liquid, temperature, pressure"),
        ("cation", "then = and the header"),
        ("cation=absent", "no column 'absent' in the first line; it holds: 'a', 'cation'"),
    ):
        assert predict(data, "--column", option) == []
        assert words in capsys.readouterr().err


def test_a_result_for_spreadsheets(predict, tmp_path: Path) -> None:  # noqa: ANN001
    predict(NAMES)
    plain = (tmp_path / "out.csv").read_bytes()
    assert not plain.startswith(b"\xef\xbb\xbf")
    assert b";=1+1;1;1;" in plain
    predict(NAMES, "--excel")
    excel = (tmp_path / "out.csv").read_bytes()
    assert excel.startswith(b"\xef\xbb\xbf")
    assert b";'=1+1;1;1;" in excel
    assert b";-5;1;1;" in excel


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_gives_one_line(name: str, predict, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: ANN001
    assert predict(BAD_FILES[name]()) == []
    said = capsys.readouterr().err
    assert said.startswith("error: ")
    assert said.count("\n") == 1
