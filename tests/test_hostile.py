"""Hostile texts: the gate, the look-ups, filters, tables and the command line explain, never fail.

Ten thousand texts, the corpus and seeded mutations of it, go through each reader. A time limit of
five seconds counts the processor's time, so that a busy machine does not spoil the measurement.
"""

from __future__ import annotations

import csv
import io
import itertools
import math
import multiprocessing
import random
import time
import tomllib
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import chemistry, names, screen
from core.__main__ import main
from core.batch import KINDS
from core.chemistry import ChemistryError
from core.figures import NoGeometryError, ion_svg, safe_csv, viewer_html
from tests import hostile

COUNT = 10_000
SECONDS = 5.0
DEAD = 60.0  # of the wall clock: then it hangs
Structure = chemistry.Ion | chemistry.IonicLiquid | chemistry.Polymer | chemistry.Solvent
GATE: dict[str, Callable[[str], Structure]] = {
    "parse_ion": chemistry.parse_ion,
    "parse_ionic_liquid": chemistry.parse_ionic_liquid,
    "parse_polymer": chemistry.parse_polymer,
    "parse_solvent": chemistry.parse_solvent,
}
LOOK_UPS: dict[str, Callable[[str], object]] = {
    "find_ion": names.find_ion,
    "find_liquid": names.find_liquid,
    "find_polymer": names.find_polymer,
    "find_solvent": names.find_solvent,
    "resolve": names.resolve,
}
DRAWINGS: dict[str, Callable[[str], object]] = {
    "read_drawing": chemistry.read_drawing,
    "resolve_drawing": lambda text: names.resolve_drawing(text)[0],
}
READERS = GATE | LOOK_UPS | DRAWINGS


def fault(read: Callable[[str], object], text: str) -> str:
    """What is wrong with how a text is read; nothing if it is read or refused in one sentence."""
    try:
        found = read(text)
    except ChemistryError as error:
        said = str(error)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a fault
        return f"{type(error).__name__}: {error}"
    else:
        if not isinstance(found, names.Resolution) or found.matches:
            return ""
        said = found.message
    if not 10 < len(said) < 1_000:
        return f"a message of {len(said)} characters: {said[:200]!r}"
    if any(unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} for character in said):
        return f"a message with control characters: {said[:200]!r}"
    return ""


def _serve(pipe: Connection) -> None:
    for read in READERS.values():
        fault(read, "no such name")  # tables and indices are loaded once
    while True:
        reader, text = pipe.recv()
        start = time.process_time()
        found = fault(READERS[reader], text)
        seconds = time.process_time() - start
        pipe.send(found or (f"{seconds:.1f} s" if seconds > SECONDS else ""))


class Watched:
    """Reads texts in a process of its own, which is ended when it hangs."""

    def __init__(self) -> None:
        self._start()

    def _start(self) -> None:
        self._pipe, theirs = multiprocessing.Pipe()
        context = multiprocessing.get_context("spawn")
        self._process = context.Process(target=_serve, args=(theirs,), daemon=True)
        self._process.start()

    def fault(self, reader: str, text: str) -> str:
        """What is wrong with how ``reader`` reads a text."""
        self._pipe.send((reader, text))
        if self._pipe.poll(DEAD):
            try:
                return str(self._pipe.recv())
            except EOFError:
                found = "the process died"
        else:
            found = "hangs"
        self.close()
        self._start()
        return found

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.join()


@pytest.fixture(scope="module")
def watched() -> Iterator[Watched]:
    reader = Watched()
    yield reader
    reader.close()


def faults(watched: Watched, reader: str, texts: list[str]) -> dict[str, str]:
    found = {text[:300]: watched.fault(reader, text) for text in texts}
    return {text: reason for text, reason in found.items() if reason}


# ------------------------------------------------------------------------------- gate and look-ups


@pytest.mark.parametrize("reader", [*GATE, "read_drawing"])
def test_ten_thousand_texts_pass_the_gate_or_are_refused(watched: Watched, reader: str) -> None:
    assert faults(watched, reader, hostile.texts(COUNT)) == {}


@pytest.mark.parametrize("reader", LOOK_UPS | DRAWINGS)
def test_the_corpus_is_looked_up_or_refused(watched: Watched, reader: str) -> None:
    assert faults(watched, reader, hostile.corpus()) == {}


@pytest.mark.slow
@pytest.mark.parametrize("reader", LOOK_UPS)
def test_many_texts_are_looked_up_or_refused(watched: Watched, reader: str) -> None:
    texts = hostile.texts(COUNT)
    # A look-up compares a text with all names, so one in four keeps the test short.
    assert faults(watched, reader, texts[: len(hostile.corpus())] + texts[::4]) == {}


ALPHABET = st.sampled_from("CNOSPFBIclnosp()[]=#+-.:/\\@%*0123456789H ")
PIECES = st.sampled_from(
    ["C", "c1ccccc1", "[n+]", "[O-]", "(", ")", "=", "1", "%10", "*", ".", "[Cl-]", "[NH4+]", "2"]
)
ANY_TEXT = st.one_of(
    st.text(ALPHABET, max_size=60),
    st.lists(PIECES, max_size=25).map("".join),
    st.text(max_size=40),
)


@pytest.mark.parametrize("reader", READERS)
@given(text=ANY_TEXT)
@settings(max_examples=150, deadline=None)
def test_whatever_is_typed_is_read_or_refused(reader: str, text: str) -> None:
    assert not fault(READERS[reader], text)


@pytest.mark.parametrize("parse", [chemistry.parse_ion, chemistry.parse_solvent])
@given(text=st.lists(PIECES, min_size=1, max_size=25).map("".join))
@settings(max_examples=300, deadline=None)
def test_what_the_gate_lets_in_it_lets_in_again_unchanged(
    parse: Callable[[str], chemistry.Ion | chemistry.Solvent], text: str
) -> None:
    try:
        found = parse(text)
    except ChemistryError:
        return
    assert parse(found.smiles) == found


def test_what_is_let_in_is_drawn_and_named_in_time() -> None:
    families: dict[str, Callable[..., str]] = {
        "parse_ion": chemistry.family,
        "parse_polymer": chemistry.polymer_family,
        "parse_solvent": chemistry.solvent_family,
    }
    drawn = 0
    for reader, family in families.items():
        for text in hostile.large():
            try:
                found = GATE[reader](text)
            except ChemistryError:
                continue
            start = time.process_time()
            assert family(found)
            assert ion_svg(found.smiles).startswith("<svg")
            assert time.process_time() - start < SECONDS, text
            with suppress(NoGeometryError):  # odd cages, which no ruler could build
                viewer_html([found.smiles], script="x")
            # the search for a geometry alone may take up to its own limit, 5 s
            assert time.process_time() - start < 2.0 * SECONDS, text
            drawn += 1
    assert drawn > 10


# ------------------------------------------------------------------------------------------ filters


def test_conditions_are_read_or_refused_in_one_sentence() -> None:
    sound = [
        "viscosity_mPa_s.high < 50 and 250 < melting_point_K < 298",
        "cation.family = imidazolium | pyridinium and halogen-free",
        'contains N, S and anion.family != "bis(sulfonyl)imide"',
    ]
    attacks = [
        *hostile.corpus(),
        "viscosity_mPa_s.__class__ < 50",
        "viscosity_mPa_s < 9**9**9**9",
        "viscosity_mPa_s < 1e999",
        "viscosity_mPa_s < " + "9" * 1_900,
        "(" * 1_000 + "1" + ")" * 1_000,
        " and ".join(["halogen-free"] * 150),
        "contains " + ", ".join(["C"] * 600),
        "support = " + "pair_measured | " * 120,
        '"' * 1_999,
        "1." * 900,
        "a" * 1_999 + "!",
        " " * 1_999,
        "lambda: 0 < viscosity_mPa_s",
        "__import__('os') < 1",
        "[viscosity_mPa_s] < 1",
    ]
    draw = random.Random(0)
    for _ in range(3_000):
        attacks.append(hostile.mutated(draw.choice(sound), draw.choice(sound + attacks), draw))
    start = time.process_time()
    for text in attacks:
        for read in (screen.read_conditions, lambda t: screen.read_objective(t, maximise=True)):
            said = ""
            try:
                read(text)
            except screen.QueryError as error:
                said = str(error)
            assert len(said) < 1_000, text
            assert "\n" not in said, text
    assert time.process_time() - start < 60


# ------------------------------------------------------------------------------------------- tables


def cells() -> list[str]:
    """Hostile texts as a file can hold them: no NUL (such a file is refused), no huge line."""
    found = [text for text in hostile.texts(COUNT) if len(text) <= 200_000]
    return [
        "".join(c for c in text if c.isprintable() or c in "\t\n" or ord(c) > 159)
        .encode("utf-8", "replace")
        .decode()
        for text in found
    ]


NUMBERS = (
    "", "298.15", "nan", "inf", "-inf", "-1", "0", "1e9", "1e-400", "1e400", "25 °C", "298,15",
    "0x1p3", "1_000", "３００", "٣٠٠", "--5", "1e", "None", "=1+1", "<b>", "9" * 400,
)  # fmt: skip


@pytest.mark.parametrize("share", [10, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize("kind", KINDS)
def test_no_row_is_lost(kind: str, share: int, tmp_path: Path) -> None:
    structures = KINDS[kind].required
    numbers = ["temperature_K", "pressure_kPa", "volume_fraction"]
    header = ["name", *structures, *numbers]
    good = {
        "cation_smiles": "CCCCn1cc[n+](C)c1",
        "anion_smiles": "[Cl-]",
        "polymer_smiles": "*CC(*)c1ccccc1",
        "solvent_smiles": "CCO",
    }
    written = []
    number = itertools.cycle(NUMBERS)
    for place, text in enumerate(cells()[::share]):
        row = dict.fromkeys(header, "") | {name: good[name] for name in structures}
        row["name"] = text
        row[structures[place % len(structures)]] = text if place % 3 else row[structures[0]]
        row[numbers[place % 3]] = next(number)
        written.append([row[name] for name in header])
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    with source.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *written])
    assert main(["predict", kind, str(source), "-o", str(target)]) == 0
    with target.open(newline="", encoding="utf-8") as file:
        result = list(csv.reader(file))
    assert [row[: len(header)] for row in result[1:]] == written
    for row in result[1:]:
        said = row[-1]
        assert "\n" not in said
        assert said or any(row[len(header) : -1])
        assert all(
            math.isfinite(float(cell)) for cell in row[len(header) : len(header) + 3] if cell
        )


# ------------------------------------------------------------------------------------- command line


def commands(text: str, folder: Path) -> list[list[str]]:
    """Every place of the command line that takes a text, with a hostile one in it."""
    table, out = str(folder / "in.csv"), str(folder / "out.csv")
    liquids = ["screen", "ionic-liquids", "--ions", "catalogue", "-o", out]
    solvents = ["screen", "solvents", "-o", out, "--runs", str(folder / "runs")]
    return [
        [text],
        ["predict", text, table, "-o", out],
        ["predict", "ionic-liquids", str(folder / "none" / "x") + text, "-o", out],
        ["predict", "ionic-liquids", table, "-o", out, f"--model={text}"],
        [*liquids, f"--where={text} !"],
        [*liquids, f"-T={text}"],
        [*liquids, f"-P={text}"],
        [*liquids, f"--top={text}"],
        [*liquids, f"--similar={text}"],
        [*liquids, f"--ions={text}!"],
        [*solvents, f"--polymer={text}!"],
        [*solvents, f"--solvent={text}!"],
        [*solvents, "--polymer=PS", f"--where={text} !"],
        [*solvents, "--polymer=PS", f"--molar-mass={text}"],
        [*solvents, "--polymer=PS", f"--without={text}!"],
        [*solvents, "--polymer=PS", f"--spare={text}!"],
        ["train", text],
        ["simulate", text],
    ]


def test_the_command_line_refuses_hostile_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # An operating system passes no NUL, and a terminal takes what is no character as such.
    texts = [text for text in hostile.corpus() if len(text) <= 5_000 and "\0" not in text]
    texts = [text.encode("utf-8", "replace").decode() for text in texts]
    places = len(commands("", tmp_path))
    for i, text in enumerate(texts):
        command = commands(text, tmp_path)[i % places]
        try:
            code = main(command)
        except SystemExit as stop:
            code = int(stop.code or 0)
        said = capsys.readouterr().err
        assert code in {0, 2}, command
        assert "Traceback" not in said, command
        assert code == 0 or "error: " in said, command
    assert {path.name for path in tmp_path.iterdir()} <= {"out.csv", "runs"}


# --------------------------------------------------------------------------------------- downloads


@pytest.mark.parametrize("text", hostile.NAUGHTY)
def test_a_download_holds_no_formula(text: str) -> None:
    table = pd.DataFrame([[text, "x", -1.5]], columns=["name", text, "value"])
    rows = list(csv.reader(io.StringIO(safe_csv(table).decode("utf-8-sig"), newline="")))
    assert len(rows) == 2
    assert not any(cell.startswith(tuple("=+-@＝＋－＠\t\r\n")) for cell in (*rows[0], rows[1][0]))
    assert rows[1][2] == "-1.5"


# ------------------------------------------------------------------------------------ configuration


def test_the_app_gives_nothing_away() -> None:
    root = Path(__file__).resolve().parents[1]
    settings = tomllib.loads((root / ".streamlit" / "config.toml").read_text("utf-8"))
    assert settings["browser"]["gatherUsageStats"] is False
    assert settings["client"]["showErrorDetails"] == "none"
    assert settings["client"]["disableDataExport"] is True
    assert [path.name for path in (root / "static").iterdir()] == ["3Dmol-min.js"]
