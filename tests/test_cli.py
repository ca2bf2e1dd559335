"""The command line: what it writes, what it says, and what it leaves alone."""

import csv
import math
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from core.__main__ import main
from core.batch import KINDS
from core.chemistry import combine, parse_ion, parse_polymer, parse_solvent
from core.export.provenance import PROVENANCE
from core.predict import IonicLiquidPredictor, MiscibilityPredictor
from core.properties import PROPERTIES
from tests.test_batch_hostile import Constant

OUTPUT_COLUMNS = KINDS["ionic-liquids"].output
ROOT = Path(__file__).resolve().parents[1]
BMIM, TF2N = "CCCCn1cc[n+](C)c1", "O=S(=O)([N-]S(=O)(=O)C(F)(F)F)C(F)(F)F"
NEW = "CCCCCCCOCCn1cc[n+](CCCC(C)C)c1"
HEADER = "cation_smiles,anion_smiles,temperature_K,pressure_kPa"
TABLE = f"""name,{HEADER}
first,{BMIM},{TF2N},298.15,
second,{BMIM},{TF2N},350,10000
broken,CCO,{TF2N},350,
melting,{BMIM},{TF2N},,
new,{NEW},{TF2N},300,
"""


def command(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "core", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def predict(source: Path, target: Path) -> int:
    return main(["predict", "ionic-liquids", str(source), "-o", str(target)])


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "in.csv"
    path.write_text(TABLE)
    return path


def with_origin(columns: Sequence[str]) -> list[str]:
    """Columns of a result, and before the error where the predictions come from."""
    return [*columns[:-1], *PROVENANCE[1:], columns[-1]]


def test_the_command_agrees_with_the_interface(table: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    done = command("predict", "ionic-liquids", table, "-o", target)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert "out.csv: 5 rows, 1 without a prediction" in done.stderr
    with target.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["name", *HEADER.split(","), *with_origin(OUTPUT_COLUMNS)]
    assert [row["name"] for row in rows] == ["first", "second", "broken", "melting", "new"]
    assert [bool(row["error"]) for row in rows] == [False, False, True, False, False]
    predictor = IonicLiquidPredictor.load()
    for row in rows:
        if row["error"]:
            assert not any(row[name] for name in OUTPUT_COLUMNS if name != "error")
            continue
        liquid = combine(
            parse_ion(row["cation_smiles"], "cation"), parse_ion(row["anion_smiles"], "anion")
        )
        expected = predictor.predict(
            liquid, float(row["temperature_K"] or 298.15), float(row["pressure_kPa"] or 101.325)
        )
        given = [
            key
            for key, spec in PROPERTIES.items()
            if row["temperature_K"] or not spec.depends_on_temperature
        ]
        for key in PROPERTIES:
            if key not in given:
                assert row[key] == row[f"{key}_low"] == row[f"{key}_high"] == ""
                continue
            one = expected[key]
            assert float(row[key]) == pytest.approx(one.value, rel=2e-5)
            assert float(row[f"{key}_low"]) == pytest.approx(one.low, rel=2e-5)
            assert float(row[f"{key}_high"]) == pytest.approx(one.high, rel=2e-5)
            assert one.low < one.value < one.high
        assert row["in_range"] == str(all(expected[key].in_range for key in given))
    assert rows[0]["support"] == "pair_measured"
    assert rows[4]["support"] == "unsimulated_cation"


def test_states_far_outside_give_sane_numbers_and_no_warning(tmp_path: Path) -> None:
    states = [f"{t},{p}" for t in ("1e-300", "20", "5000") for p in ("1e-300", "", "1e7")]
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text(
        HEADER + "".join(f"\n{ion},{TF2N},{s}" for s in states for ion in (BMIM, NEW))
    )
    assert predict(source, target) == 0
    with target.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * len(states)
    for row in rows:
        assert (row["error"], row["in_range"]) == ("", "False")
        for key, spec in PROPERTIES.items():
            low, value, high = (float(row[f"{key}{end}"]) for end in ("_low", "", "_high"))
            assert spec.lower <= low <= value <= high <= spec.upper


PS, NEW_POLYMER = "*CC(*)c1ccccc1", "*CC(*)(F)C(=O)OCCC(C)CCOC"
PAIRS = f"""name,polymer_smiles,solvent_smiles,temperature_K,volume_fraction
theta,{PS},C1CCCCC1,307,0.05
default,{PS},Cc1ccccc1,,
concentrated,{PS},Cc1ccccc1,298.15,0.9
percent,{PS},Cc1ccccc1,298.15,40
broken,CCO,Cc1ccccc1,298.15,
new,{NEW_POLYMER},CCCCCCOC(C)CC#N,320,
"""


def test_the_command_for_polymers_agrees_with_the_interface(tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text(PAIRS)
    done = command("predict", "polymer-solvent", source, "-o", target)
    assert done.returncode == 0, done.stderr
    assert "out.csv: 6 rows, 2 without a prediction" in done.stderr
    with target.open(newline="") as file:
        rows = list(csv.DictReader(file))
    output = KINDS["polymer-solvent"].output
    assert list(rows[0]) == [*PAIRS.splitlines()[0].split(","), *with_origin(output)]
    assert [bool(row["error"]) for row in rows] == [False, False, False, True, True, False]
    predictor = MiscibilityPredictor.load()
    for row in rows:
        if row["error"]:
            assert not any(row[name] for name in output if name != "error")
            continue
        expected = predictor.predict(
            parse_polymer(row["polymer_smiles"]),
            parse_solvent(row["solvent_smiles"]),
            float(row["temperature_K"] or 298.15),
            float(row["volume_fraction"]) if row["volume_fraction"] else None,
        )
        for name in ("chi", "chi_low", "chi_high", "chi_cosmo_rs", "soluble_probability"):
            wanted = getattr(expected, name)
            assert float(row[name]) == pytest.approx(wanted, rel=2e-4, abs=2e-5), name
        assert expected.chi_low < expected.chi < expected.chi_high
        assert 0 < expected.soluble_probability < 1
        assert (row["support"], row["in_range"]) == (expected.support, str(expected.in_range))
    assert [row["support"] for row in rows if not row["error"]][-1] == "both_new"


def test_pairs_far_outside_give_finite_numbers_and_no_warning(tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    states = [f"{t},{phi}" for t in ("100", "150", "1000") for phi in ("0", "", "1")]
    source.write_text(
        "polymer_smiles,solvent_smiles,temperature_K,volume_fraction"
        + "".join(f"\n{polymer},O,{s}" for s in states for polymer in (PS, NEW_POLYMER))
    )
    assert main(["predict", "polymer-solvent", str(source), "-o", str(target)]) == 0
    with target.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * len(states)
    for row in rows:
        assert (row["error"], row["in_range"]) == ("", "False")
        low, value, high = (float(row[name]) for name in ("chi_low", "chi", "chi_high"))
        assert low <= value <= high
        assert math.isfinite(float(row["chi_cosmo_rs"]))
        assert 0 <= float(row["soluble_probability"]) <= 1


def test_a_table_of_the_other_kind_is_refused(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["predict", "polymer-solvent", str(table), "-o", str(tmp_path / "out.csv")]) == 2
    assert "no column polymer_smiles in the first line" in capsys.readouterr().err
    assert names(tmp_path) == ["in.csv"]


@pytest.mark.parametrize(
    "content,words",
    [
        (b"", "the file is empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\xff", "not a text file"),
        (b"PK\x03\x04 a workbook", "save the table as CSV"),
        (HEADER.encode("utf-16-le"), "not a text file"),
        (b"structure,temperature\nCC,300\n", "no column cation_smiles"),
        (b"cation_smiles,cation_smiles,anion_smiles\n", "more than one column may hold the cation"),
        (b"cation,anion,P\nbmim,Cl,1\n", "does not say its unit; it may be kPa, bar, MPa, atm"),
        (f'{HEADER}\n"{BMIM},{TF2N},300,\n'.encode(), "line 2: a cell does not end"),
    ],
)
def test_a_wrong_file_gives_one_line_and_exit_code_2(
    content: bytes, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_bytes(content)
    target.write_text("an earlier result")
    assert predict(source, target) == 2
    stdout, stderr = capsys.readouterr()
    last = stderr.splitlines()[-1]
    assert stdout == ""
    assert last.startswith(f"error: {source}: ")
    assert words in last
    assert "Traceback" not in stderr
    assert target.read_text() == "an earlier result"
    assert names(tmp_path) == ["in.csv", "out.csv"]


def test_paths_that_lead_nowhere(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def complaint(source: Path, target: Path) -> str:
        assert predict(source, target) == 2
        stderr = capsys.readouterr().err
        assert "Traceback" not in stderr
        return stderr.splitlines()[-1]

    target = tmp_path / "out.csv"
    assert "there is no such file" in complaint(tmp_path / "absent.csv", target)
    assert "this is not a file" in complaint(tmp_path, target)
    assert "cannot be written" in complaint(table, tmp_path / "absent" / "out.csv")
    assert "not a file that can be replaced" in complaint(table, tmp_path)
    assert "not a file that can be replaced" in complaint(table, Path(os.devnull))
    assert "would replace the input" in complaint(table, table)
    assert table.read_text() == TABLE
    assert names(tmp_path) == ["in.csv"]


def test_a_wrong_file_is_refused_before_the_model_loads(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("a,b\n1,2\n")
    code = (
        "import sys; from core.__main__ import main; "
        "code = main(['predict', 'ionic-liquids', sys.argv[1], '-o', sys.argv[1] + '.out']); "
        "print(code, 'torch' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(source)],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert done.stdout.split() == ["2", "False"]
    assert done.stderr.count("\n") == 1


def test_a_stop_half_way_leaves_the_earlier_result(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Stopped(Constant):
        def predict_many(self, *_: object) -> None:
            raise KeyboardInterrupt

    monkeypatch.setattr(IonicLiquidPredictor, "load", lambda _path: Stopped())
    target = tmp_path / "out.csv"
    target.write_text("an earlier result")
    assert predict(table, target) == 130
    assert capsys.readouterr().err.splitlines()[-1] == "stopped; nothing was written"
    assert target.read_text() == "an earlier result"
    assert names(tmp_path) == ["in.csv", "out.csv"]


def test_a_result_replaces_an_earlier_one_and_follows_a_link(table: Path, tmp_path: Path) -> None:
    real, link = tmp_path / "real.csv", tmp_path / "link.csv"
    real.write_text("an earlier result")
    link.symlink_to(real)
    assert predict(table, link) == 0
    assert link.is_symlink()
    assert len(real.read_text().splitlines()) == 6
    umask = os.umask(0)
    os.umask(umask)
    assert real.stat().st_mode & 0o777 == 0o666 & ~umask


def test_a_model_is_chosen_by_name(tmp_path: Path) -> None:
    source, results = tmp_path / "in.csv", []
    source.write_text("polymer_smiles,solvent_smiles\n*CC*,CCCCCC\n", encoding="utf-8")
    for name, choice in (("a", []), ("b", ["--model", "polymer-solvent/sphere-v1"])):
        target = tmp_path / f"{name}.csv"
        assert main(["predict", "polymer-solvent", str(source), "-o", str(target), *choice]) == 0
        results.append(target.read_text(encoding="utf-8"))
    assert results[0] == results[1]


@pytest.mark.parametrize("model", ["polymer-solvent/none", "../checkpoints", "/"])
def test_a_model_that_is_not_there_is_named(
    model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "in.csv"
    source.write_text("polymer_smiles,solvent_smiles\n*CC*,CCCCCC\n", encoding="utf-8")
    command = ["predict", "polymer-solvent", str(source), "-o", str(tmp_path / "out.csv")]
    assert main([*command, "--model", model]) == 2
    assert "polymer-solvent/sphere-v1" in capsys.readouterr().err


def test_help_and_wrong_words() -> None:
    explained = command("predict", "--help").stdout
    for kind in KINDS.values():
        assert all(name in explained for name in kind.required)
    wrong = command("predict", "water", "in.csv", "-o", "out.csv")
    assert wrong.returncode == 2
    assert "ionic-liquids" in wrong.stderr
    assert command().returncode == 2


@pytest.mark.parametrize(
    "words",
    [
        ["train", "ionic-liquids", "-o", "new"],
        ["train", "polymer-solvent", "-o", "new"],
        ["evaluate", "ionic-liquids"],
        ["evaluate", "polymer-solvent"],
    ],
)
def test_without_data_a_line_says_what_is_missing(
    words: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("SOLVARIUM_DATA", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert main(words) == 2
    stdout, stderr = capsys.readouterr()
    assert (stdout, stderr.count("\n")) == ("", 1)
    assert "SOLVARIUM_DATA" in stderr
    assert not (tmp_path / "new").exists()
