"""The command line: ``screen solvents``."""

import csv
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.__main__ import main
from core.names import find_polymer, find_solvent, solvents
from core.predict import MiscibilityPredictor
from core.screen import solvent_command

ROOT = Path(__file__).resolve().parents[1]
LIST = """smiles,name
CCO,=1+1
Cc1ccccc1,
C1CC,broken
CCCCCCOCCCF,new
"""


@pytest.fixture(autouse=True)
def one_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """The model is read once for all tests here."""
    loaded = MiscibilityPredictor.load()
    monkeypatch.setattr(MiscibilityPredictor, "load", lambda *_: loaded)


def screen(target: Path, *options: str) -> list[dict[str, str]]:
    assert main(["screen", "solvents", "-o", str(target), *options]) == 0
    with target.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_the_best_solvents_are_written_with_the_numbers_of_the_model(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = screen(
        tmp_path / "out.csv", "--polymer", "*CC(*)c1ccccc1", "-T", "310", "--top", "7",
        "--where", "boiling_point_K < 393.15", "--where", "250 < flash_point_K",
        "--greenness", "problematic", "--without", "Cl,Br",
    )  # fmt: skip
    assert len(rows) == 7
    predictor = MiscibilityPredictor.load()
    for row in rows:
        one = predictor.predict(find_polymer("PS"), find_solvent(row["cas"]), 310.0)
        assert float(row["chi"]) == pytest.approx(one.chi, rel=1e-4)
        assert float(row["soluble_probability"]) == pytest.approx(one.soluble_probability, rel=1e-4)
        assert float(row["boiling_point_K"]) < 393.15
        assert row["greenness"] in {"recommended", "problematic"}
    assert "the best 7 of" in capsys.readouterr().err


def test_other_questions(tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    spared = screen(target, "--polymer", "PS", "--spare", "PMMA", "--top", "3")
    assert [float(row["selectivity"]) for row in spared] == sorted(
        (float(row["selectivity"]) for row in spared), reverse=True
    )
    blended = screen(
        target, "--polymer", "PS", "--blends", "--family", "ketone", "--family", "alkane",
        "--top", "4",
    )  # fmt: skip
    assert len(blended) == 4
    assert {"volume_fraction_1", "liquids_mix"} <= blended[0].keys()
    polymers = screen(target, "--solvent", "THF", "--top", "5", "--by", "margin")
    assert len(polymers) == 5
    assert float(polymers[0]["margin"]) > 0.0
    measured = screen(target, "--polymer", "PS", "--known-first", "--by", "chi", "--top", "3")
    assert all(row["known"] for row in measured)


@pytest.mark.slow
def test_a_list_of_ones_own_is_ranked_and_bad_rows_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text(LIST)
    options = ("--polymer", "PS", "--candidates", str(source), "--runs", str(tmp_path / "runs"))
    rows = screen(target, *options, "--jobs", "1")
    assert {row["solvent_smiles"] for row in rows} == {"CCO", "Cc1ccccc1", "CCCCCCOCCCF"}
    assert "'=1+1" in {row["name"] for row in rows}  # no formula in a spreadsheet
    refused = (tmp_path / "out.refused.csv").read_text(encoding="utf-8-sig").splitlines()
    assert refused[0] == "row,smiles,error"
    assert refused[1].startswith("3,C1CC,")
    assert "1 row gave no solvent" in capsys.readouterr().err
    assert screen(target, *options) == rows


@pytest.mark.parametrize(
    "options,said",
    [
        (["--polymer", "nonsense"], "SMILES of a polymer that is known here"),
        (["--polymer", "PS", "--where", "boiling < 3"], "is not known of solvents"),
        (["--polymer", "PS", "--family", "esters"], "no family of solvents"),
        (["--polymer", "PS", "--without", "Chlorine"], "no element of a solvent"),
        (["--polymer", "PS", "--candidates", "nowhere.csv"], "there is no such file"),
        (["--polymer", "*CC(*)CCBr", "--where", "red < 1"], "give one with --radius"),
        (["--solvent", "nonsense"], "SMILES of a solvent that is known here"),
        (["--polymer", ""], "nothing given"),
        (["--solvent", ""], "nothing given"),
        (["--polymer", "PVA"], "'PVA' may be poly(vinyl alcohol) (*CC(*)O) or"),
        (["--polymer", "PS", "--spare", "PI"], "'PI' may be Kapton polyimide"),
        (["--solvent", "THF", "--liquid", "--where", "red < 1"], "; --where, --liquid can only go"),
        (["--solvent", "THF", "--candidates", __file__], "; --candidates can only go with"),
        (["--polymer", "PS", "--blends", "--spare", "PMMA"], "--blends and --spare cannot go"),
        (["--polymer", "PS", "--blends", "--known-first"], "--blends and --known-first cannot"),
    ],
)
def test_slips_are_told_on_one_line(
    options: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "out.csv"
    assert main(["screen", "solvents", *options, "-o", str(target)]) == 2
    (line,) = (text for text in capsys.readouterr().err.splitlines() if "error" in text)
    assert said in line
    assert not target.exists()


def test_a_list_without_a_solvent_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "in.csv"
    source.write_text("smiles\n*CC*\n")
    options = ["--polymer", "PS", "--candidates", str(source), "--runs", str(tmp_path / "runs")]
    target = tmp_path / "out.csv"
    assert main(["screen", "solvents", *options, "--jobs", "1", "-o", str(target)]) == 2
    assert "no row of this list gives a usable solvent; row 1" in capsys.readouterr().err
    assert main(["screen", "solvents", *options, "-o", str(source)]) == 2
    assert "the result would replace the list" in capsys.readouterr().err


def test_options_say_what_the_core_knows() -> None:
    assert set(solvent_command.read_ranges(["red < 1", "molar_mass_g_mol < 9"])) == {
        "red",
        "molar_mass_g_mol",
    }


@pytest.mark.slow
def test_an_interrupted_run_goes_on_where_it_was(tmp_path: Path) -> None:
    source, target, runs = tmp_path / "in.csv", tmp_path / "out.csv", tmp_path / "runs"
    texts = [solvent.smiles for solvent in solvents()][:100] * 800
    source.write_text("smiles\n" + "\n".join(texts) + "\n")
    command = [
        sys.executable, "-m", "core", "screen", "solvents", "--polymer", "PS", "--candidates",
        str(source), "--runs", str(runs), "--jobs", "1", "-o", str(target), "--top", "5",
    ]  # fmt: skip
    # Tests in the background of a script ignore the signal, and would hand that on to the command.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    signal.signal(signal.SIGINT, before)
    deadline = time.monotonic() + 240.0
    while not list(runs.rglob("*.safetensors")):
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    process.wait(timeout=120)
    assert not target.exists()
    kept = {part: part.stat().st_mtime_ns for part in runs.rglob("*.safetensors")}
    assert 0 < len(kept) < 20
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=400)
    assert b"the best 5 of" in done.stderr
    assert len(list(runs.rglob("*.safetensors"))) == 20
    assert all(part.stat().st_mtime_ns == stamp for part, stamp in kept.items())
