"""What the fault leaves behind: killed, out of disk space, on a read-only disk, without a model.

docs/reliability.md tells each outcome and names the test that shows it.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from core import checkpoints
from core.__main__ import main
from core.checkpoints import CheckpointError

ROOT = Path(__file__).resolve().parents[1]
posix = pytest.mark.skipif(os.name != "posix", reason="signals and limits of POSIX")
HEADER = "cation_smiles,anion_smiles,temperature_K"
ROW = "CCCCn1cc[n+](C)c1,[Cl-],300"


def start(*arguments: object, limit: int | None = None) -> subprocess.Popen[bytes]:
    """The command line as a process of its own; no file of it grows beyond ``limit`` bytes."""

    def limited() -> None:
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return subprocess.Popen(
        [sys.executable, "-m", "core", *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=limited,  # noqa: PLW1509 - the child has one thread when it is called
    )


def script(code: str, *arguments: object) -> subprocess.Popen[bytes]:
    """A Python script as a process of its own."""
    command = [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE)


def killed_when(process: subprocess.Popen[bytes], ready: Callable[[], bool]) -> None:
    """Kill a process, as if the power had gone, as soon as there is something to spoil."""
    deadline = time.monotonic() + 300.0
    while not ready():
        assert process.poll() is None, process.communicate()[1].decode()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()


def left(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


# ------------------------------------------------------------------------------------------- killed


@posix
@pytest.mark.slow
def test_a_killed_batch_leaves_the_old_result_and_the_next_run_clears_up(tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("\n".join([HEADER, *[ROW] * 200_000]))
    target.write_text("the result of yesterday")
    run = start("predict", "ionic-liquids", source, "-o", target)
    killed_when(run, lambda: any(path.stat().st_size for path in tmp_path.glob(".out.csv.*.part")))
    assert target.read_text() == "the result of yesterday"
    source.write_text(f"{HEADER}\n{ROW}\n")
    assert main(["predict", "ionic-liquids", str(source), "-o", str(target)]) == 0
    assert left(tmp_path) == {"in.csv", "out.csv"}
    assert len(target.read_text().splitlines()) == 2


@posix
@pytest.mark.slow
def test_a_killed_screen_leaves_no_folder_and_the_next_run_clears_up(tmp_path: Path) -> None:
    target = tmp_path / "all"
    run = start("screen", "ionic-liquids", "--all", "-o", target)
    killed_when(run, lambda: any(tmp_path.glob(".all.*.part/*.parquet")))
    assert not target.exists()
    small = ["--ions", "catalogue", "--where", "viscosity_mPa_s < 5", "-o", str(target)]
    assert main(["screen", "ionic-liquids", "--all", *small]) == 0
    assert {name.split("-")[0] for name in left(tmp_path)} == {"all/part"}


@posix
@pytest.mark.slow
def test_a_killed_list_of_solvents_goes_on_where_it_was(tmp_path: Path) -> None:
    source, target, runs = tmp_path / "in.csv", tmp_path / "out.csv", tmp_path / "runs"
    source.write_text("\n".join(["smiles", *["CCO", "CCCO", "CCOC", "c1ccccc1C"] * 4_000]))
    command = ["screen", "solvents", "--polymer", "PS", "--candidates", source, "--runs", runs]
    run = start(*command, "--jobs", "1", "-o", target)
    killed_when(run, lambda: any(runs.rglob("part-*.safetensors")))
    assert not target.exists()
    stamps = {path: path.stat().st_mtime_ns for path in runs.rglob("part-*.safetensors")}
    assert main([*map(str, command), "--jobs", "1", "-o", str(target)]) == 0
    assert len(list(runs.rglob("part-*.safetensors"))) > len(stamps)
    assert {path: path.stat().st_mtime_ns for path in stamps} == stamps


SIMULATION = """
    import sys, time
    from pathlib import Path
    sys.path.insert(0, ".")
    from core.simulate.store import Store, run
    from tests.test_simulate import FakePrograms

    class Slow(FakePrograms):
        def optimise(self, *arguments):
            time.sleep(0.2)
            return super().optimise(*arguments)

    run(Store(Path(sys.argv[1])), ["[Cl-]", "[Br-]", "[I-]", "[F-]"], Slow(), jobs=1, seconds=60)
"""


@posix
def test_a_killed_simulation_goes_on_where_it_was(tmp_path: Path) -> None:
    killed_when(script(SIMULATION, tmp_path), lambda: any(tmp_path.rglob("result.json")))
    whole = {path: path.stat().st_mtime_ns for path in finished(tmp_path)}
    again = script(SIMULATION, tmp_path)
    said = again.communicate(timeout=120)[1].decode()
    assert again.returncode == 0, said
    assert len(finished(tmp_path)) == 4 > len(whole) > 0
    assert all(path.stat().st_mtime_ns == stamp for path, stamp in whole.items())


def finished(folder: Path) -> list[Path]:
    """Records of molecules that are done; each can be read."""
    found = [path for path in folder.rglob("result.json") if ".part" not in str(path)]
    assert all("failure" in json.loads(path.read_text()) for path in found)
    return found


TRAINING = """
    import sys, time
    from pathlib import Path
    import numpy as np
    from core.train.runs import kept

    def fold(number):
        time.sleep(0.2)
        return {"predicted": np.random.default_rng(number).normal(size=1_000_000)}

    for number in range(6):
        kept(Path(sys.argv[1], f"fold-{number}.npz"), lambda: fold(number))
"""


@posix
def test_a_killed_training_keeps_its_finished_folds_whole(tmp_path: Path) -> None:
    run = script(TRAINING, tmp_path)
    killed_when(run, lambda: len(list(tmp_path.glob("fold-*.npz"))) >= 2)
    whole = {path: path.stat().st_mtime_ns for path in tmp_path.glob("fold-*.npz")}
    for path in whole:
        with np.load(path, allow_pickle=False) as arrays:
            assert arrays["predicted"].shape == (1_000_000,)
    again = script(TRAINING, tmp_path)
    said = again.communicate(timeout=120)[1].decode()
    assert again.returncode == 0, said
    assert len(list(tmp_path.glob("fold-*.npz"))) == 6 > len(whole)
    assert all(path.stat().st_mtime_ns == stamp for path, stamp in whole.items())


def test_a_checkpoint_written_half_over_an_old_one_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = shutil.copytree(checkpoints.default_path("ionic-liquids"), tmp_path / "role" / "a-v1")
    card, weights = checkpoints.load(path, "ionic-liquids")
    changed = {name: tensor + 1 for name, tensor in weights.items()}

    def power_cut(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(checkpoints, "write_card", power_cut)  # the weights are written by then
    with pytest.raises(KeyboardInterrupt):
        checkpoints.save(path, card, changed)
    with pytest.raises(CheckpointError, match="not those its card describes"):
        checkpoints.load(path, "ionic-liquids")


# ------------------------------------------------------------------------------------ disk is full


def refused(run: subprocess.Popen[bytes]) -> str:
    """The one line that a command says when it cannot; progress bars aside."""
    said = run.communicate(timeout=600)[1].decode()
    assert run.returncode == 2, said
    assert "Traceback" not in said
    return next(line for line in said.splitlines() if line.startswith("error: "))


@posix
@pytest.mark.slow
def test_a_full_disk_stops_a_batch_with_one_line_and_leaves_the_old_result(tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("\n".join([HEADER, *[ROW] * 2_000]))
    target.write_text("the result of yesterday")
    run = start("predict", "ionic-liquids", source, "-o", target, limit=50_000)
    assert refused(run) == f"error: {target}: cannot be written: File too large"
    assert target.read_text() == "the result of yesterday"
    assert left(tmp_path) == {"in.csv", "out.csv"}


@posix
@pytest.mark.slow
def test_a_full_disk_stops_a_screen_with_one_line(tmp_path: Path) -> None:
    target = tmp_path / "all"
    options = ["--all", "--ions", "catalogue", "-o", target]
    assert "cannot be written" in refused(start("screen", "ionic-liquids", *options, limit=50_000))
    assert left(tmp_path) == set()


@posix
@pytest.mark.slow
def test_a_full_disk_stops_a_list_of_solvents_with_one_line(tmp_path: Path) -> None:
    source, runs = tmp_path / "in.csv", tmp_path / "runs"
    source.write_text("\n".join(["smiles", *["CCO", "CCCO"] * 500]))
    command = ["screen", "solvents", "--polymer", "PS", "--candidates", source, "--runs", runs]
    run = start(*command, "--jobs", "1", "-o", tmp_path / "out.csv", limit=10_000)
    assert "File too large" in refused(run)
    assert not any(runs.rglob("part-*.safetensors"))


def test_a_file_name_that_no_disk_takes_is_refused_with_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "in.csv"
    source.write_text(f"{HEADER}\n{ROW}\n")
    for name in ("x" * 300, "no/such/folder/out.csv", "in.csv/out.csv"):
        assert main(["predict", "ionic-liquids", str(source), "-o", str(tmp_path / name)]) == 2
        assert capsys.readouterr().err.splitlines()[-1].startswith("error: ")
    assert main(["predict", "ionic-liquids", "x" * 300, "-o", str(tmp_path / "out.csv")]) == 2
    assert left(tmp_path) == {"in.csv"}


# --------------------------------------------------------------------------------- read-only disk


@posix
@pytest.mark.slow
def test_a_checkout_on_a_read_only_disk_predicts_and_serves(tmp_path: Path) -> None:
    mount = ["mount", "--bind", str(ROOT), str(ROOT)]
    again = ["mount", "-o", "remount,ro,bind", str(ROOT), str(ROOT)]
    apart = [shutil.which("unshare") or "unshare", "-rm"]
    try:
        subprocess.run([*apart, *mount], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("needs Linux, and the right to mount")
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text(f"{HEADER}\n{ROW}\n")
    code = f"""
        import subprocess, sys
        subprocess.run({mount!r}, check=True)
        subprocess.run({again!r}, check=True)
        try:
            open({str(ROOT / "probe")!r}, "w")
        except OSError:
            pass
        else:
            sys.exit("the disk can be written")
        from streamlit.testing.v1 import AppTest
        from core.__main__ import main
        assert main(["predict", "ionic-liquids", {str(source)!r}, "-o", {str(target)!r}]) == 0
        app = AppTest.from_file("app.py", default_timeout=120).run()
        assert not app.exception, app.exception
    """
    command = [*apart, sys.executable, "-c", textwrap.dedent(code)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert len(target.read_text().splitlines()) == 2
    assert not (ROOT / "probe").exists()


# ----------------------------------------------------------------------------------- without models


@pytest.fixture
def checkpoint_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    import streamlit as st

    folder = tmp_path.resolve() / "checkpoints"
    shutil.copytree(checkpoints.FOLDER, folder)
    monkeypatch.setattr(checkpoints, "FOLDER", folder)
    st.cache_resource.clear()
    st.cache_data.clear()
    yield
    st.cache_resource.clear()
    st.cache_data.clear()


def page_names() -> list[str]:
    found = (path.name for path in (ROOT / "pages").glob("*.py") if not path.name.startswith("_"))
    return sorted(found)


def flip_a_byte(folder: Path) -> None:
    path = folder / "weights.safetensors"
    raw = bytearray(path.read_bytes())
    raw[-1] ^= 1
    path.write_bytes(raw)


@pytest.mark.parametrize(
    "damage", [shutil.rmtree, flip_a_byte, lambda folder: (folder / "card.json").write_text("{")]
)
@pytest.mark.usefixtures("checkpoint_folder")
def test_every_page_opens_without_models_and_says_which_is_missing(
    damage: Callable[[Path], object],
) -> None:
    from streamlit.testing.v1 import AppTest

    for role in checkpoints.ROLES:
        damage(checkpoints.default_path(role))
    told = {}
    for page in page_names():
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).run()
        app = app.switch_page(f"pages/{page}").run()
        assert not app.exception, (page, app.exception)
        told[page] = [error.value.replace("\\", "") for error in app.error]
    assert any("recommender" in text for text in told["ionic_liquids.py"])
    assert any("sphere" in text for text in told["polymer_solvent.py"])


@pytest.mark.slow
@pytest.mark.parametrize(
    "missing,page,other",
    [
        ("ionic-liquids", "ionic_liquids.py", "polymer_solvent.py"),
        ("polymer-solvent", "polymer_solvent.py", "ionic_liquids.py"),
    ],
)
@pytest.mark.usefixtures("checkpoint_folder")
def test_a_missing_model_leaves_the_pages_of_the_other_alone(
    missing: str, page: str, other: str
) -> None:
    from streamlit.testing.v1 import AppTest

    shutil.rmtree(checkpoints.default_path(missing))
    for name, broken in ((page, True), (other, False)):
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).run()
        app = app.switch_page(f"pages/{name}").run()
        assert not app.exception
        assert bool(app.error) == broken
        assert bool(app.metric) != broken
