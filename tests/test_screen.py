"""Screening of ionic liquids: beside the plain interface, pandas and brute force."""

import csv
import dataclasses
import io
import itertools
import json
import os
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.__main__ import main
from core.batch import InputFileError
from core.chemistry import combine, parse_ion
from core.domain import GRADES
from core.predict import IonicLiquidPredictor
from core.properties import PROPERTIES
from core.screen import (
    ClusterError,
    IonList,
    Library,
    Objective,
    Ranking,
    Screener,
    Screening,
    known_ions,
    pareto,
    ranking_table,
    read_conditions,
    read_ions,
    similarity,
    table,
)
from core.screen.library import ion_list
from core.uncertainty import SUPPORTS

T, P = 333.15, 20_000.0
# New to the tables, so that their embeddings come from the structure; and a doubly charged ion.
NEW = ("CCCCCCCOCCn1cc[n+](CCCC(C)C)c1", "CCCCCCCOCC[N+](C)(C)CCOCC", "C[N+](C)(C)CC[N+](C)(C)C")
NEW_ANIONS = ("CCCCCCOCCC(=O)[O-]", "[O-]S(=O)(=O)[O-]")
QUESTION = (
    "viscosity_mPa_s.high < 4000 and 1000 <= density_kg_m3 and melting_point_K.low < 300 "
    "and cation.family != phosphonium and contains N and without Cl, Br "
    "and 150 < molar_mass_g_mol < 700 and support != two_new_ions"
)
OBJECTIVES = (Objective("viscosity_mPa_s"), Objective("density_kg_m3.low", True, 2.0))  # noqa: FBT003


@pytest.fixture(scope="module")
def predictor() -> IonicLiquidPredictor:
    return IonicLiquidPredictor.load()


def shortened(ions: IonList, step: int, more: tuple[str, ...]) -> IonList:
    chosen = [*ions.ions[:5], *ions.ions[5::step]]
    return ion_list(ions.role, [*chosen, *(parse_ion(smiles, ions.role) for smiles in more)])


@pytest.fixture(scope="module")
def library() -> Library:
    return Library(
        shortened(known_ions("cation"), 25, NEW), shortened(known_ions("anion"), 6, NEW_ANIONS)
    )


@pytest.fixture(scope="module")
def screener(predictor: IonicLiquidPredictor, library: Library) -> Screener:
    return Screener(predictor, library)


@pytest.fixture(scope="module")
def screening(screener: Screener) -> Screening:
    return screener.everything(T, P)


@pytest.fixture(scope="module")
def frame(screening: Screening) -> pd.DataFrame:
    found = table(screening.rows, screening.library)
    sides = screening.library.cations, screening.library.anions
    for ions, places in zip(sides, (screening.rows.cation, screening.rows.anion), strict=True):
        found[f"{ions.role}_family"] = [ions.families[i] for i in places]
        found[f"{ions.role}_formula"] = [ions.ions[i].formula for i in places]
    return found


def test_what_is_remembered_gives_the_same_numbers_at_every_state(
    predictor: IonicLiquidPredictor, library: Library, screener: Screener
) -> None:
    remembering = Screener(predictor, library, remember=True)
    for state in ((T, P), (T + 41.0, P), (T - 90.0, 5e4), (T, P)):
        plain, own = screener.everything(*state), remembering.everything(*state)
        assert own.request.spreads == plain.request.spreads
        for field in dataclasses.fields(own.rows):
            # Blocks of another size are rounded otherwise.
            np.testing.assert_allclose(
                getattr(own.rows, field.name), getattr(plain.rows, field.name), rtol=2e-5
            )


def test_every_tier_agrees_with_the_plain_interface(
    predictor: IonicLiquidPredictor, screening: Screening
) -> None:
    library, rows = screening.library, screening.rows
    assert len(rows) == len(library)
    random = np.random.default_rng(1)
    chosen = [*random.integers(0, len(rows), 40)]
    for tier, line in itertools.product(range(len(SUPPORTS)), rows.support):
        there = np.flatnonzero(line == tier)
        assert len(there), SUPPORTS[tier]
        chosen += [*random.choice(there, 2)]
    new = {parse_ion(smiles).smiles for smiles in (*NEW, *NEW_ANIONS)}
    met = set()
    for row in (*chosen, len(rows) - 1, len(rows) - 2):
        liquid = combine(
            library.cations.ions[rows.cation[row]], library.anions.ions[rows.anion[row]]
        )
        met |= new & {*liquid.key}
        expected = predictor.predict(liquid, T, P)
        assert SUPPORTS[rows.support[-1, row]] == predictor.support(liquid)
        assert rows.molar_masses(library)[row] == pytest.approx(liquid.molar_mass)
        for place, key in enumerate(PROPERTIES):
            given_ = rows.value[place, row], rows.low[place, row], rows.high[place, row]
            at = expected[key]
            assert SUPPORTS[rows.support[place, row]] == at.support
            assert GRADES[rows.grade[place, row]] == at.grade
            assert given_ == pytest.approx((at.value, at.low, at.high), rel=1e-4)
    assert met == new


def test_the_hits_of_a_screen_agree_with_the_plain_interface(
    predictor: IonicLiquidPredictor, screener: Screener
) -> None:
    request = screener.request(T, P, conditions=read_conditions(QUESTION), objectives=OBJECTIVES)
    ranking = screener.best(request, top=20)
    found = ranking_table(ranking, screener.library)
    assert len(found) == 20
    assert found["rank"].tolist() == [*range(1, 21)]
    for row in found.to_dict("records"):
        liquid = combine(parse_ion(row["cation_smiles"]), parse_ion(row["anion_smiles"]))
        for key, at in predictor.predict(liquid, T, P).items():
            given_ = row[key], row[f"{key}_low"], row[f"{key}_high"]
            assert given_ == pytest.approx((at.value, at.low, at.high), rel=1e-4)
            assert row[f"{key}_support"] == at.support
            assert row[f"{key}_grade"] == at.grade


def contains(frame: pd.DataFrame, symbol: str) -> pd.Series:
    formulas = frame["cation_formula"] + frame["anion_formula"]
    return formulas.str.contains(rf"{symbol}(?![a-z])")


def test_conditions_find_what_pandas_finds(screening: Screening, frame: pd.DataFrame) -> None:
    expected = (
        (frame["viscosity_mPa_s_high"] < 4000)
        & (frame["density_kg_m3"] >= 1000)
        & (frame["melting_point_K_low"] < 300)
        & (frame["cation_family"] != "phosphonium")
        & contains(frame, "N")
        & ~contains(frame, "Cl")
        & ~contains(frame, "Br")
        & frame["molar_mass_g_mol"].between(150, 700, inclusive="neither")
        & (frame["support"] != "two_new_ions")
    )
    assert 100 < expected.sum() < len(frame) - 100
    mask = screening.mask(read_conditions(QUESTION, screening.library.families))
    # The table has six digits; a number that these cannot tell from its limit may fall either way.
    assert (mask != expected.to_numpy()).sum() <= 2
    for text, own in (
        ("halogen-free", ~sum(contains(frame, x) for x in ("F", "Cl", "Br", "I")).astype(bool)),
        ("cation.family = imidazolium | pyridinium",
         frame["cation_family"].isin(["imidazolium", "pyridinium"])),
        ("density_kg_m3.support = pair_measured",
         frame["density_kg_m3_support"] == "pair_measured"),
        ("contains S, F", contains(frame, "S") & contains(frame, "F")),
        ("", pd.Series(data=True, index=frame.index)),
    ):  # fmt: skip
        found = screening.mask(read_conditions(text, screening.library.families))
        assert own.sum() > 0
        assert (found == own.to_numpy()).all(), text


def test_scores_are_means_in_spreads_of_the_library(
    screening: Screening, frame: pd.DataFrame
) -> None:
    spreads = screening.request.spreads
    assert spreads is not None
    viscosity = np.log10(frame["viscosity_mPa_s"]) / spreads["viscosity_mPa_s"]
    density = np.log(frame["density_kg_m3_low"]) / spreads["density_kg_m3.low"]
    expected = (viscosity - 2.0 * density) / 3.0
    mask = screening.mask(read_conditions(QUESTION))
    ranking = screening.best(mask, OBJECTIVES, top=50)
    assert ranking.hits == mask.sum()
    best = np.argsort(np.where(mask, expected, np.inf), kind="stable")[:50]
    assert ranking.scores == pytest.approx(expected.to_numpy()[best], abs=1e-4)
    assert np.isin(ranking.rows.numbers(screening.library), best).mean() > 0.95


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 4), st.integers(0, 60), st.integers(1, 6), st.integers(0, 1000))
def test_the_front_is_that_of_brute_force(d: int, n: int, levels: int, seed: int) -> None:
    costs = np.random.default_rng(seed).integers(0, levels, (d, n)).astype(float)
    beaten = [
        any((costs[:, j] <= costs[:, i]).all() and (costs[:, j] < costs[:, i]).any()
            for j in range(n))
        for i in range(n)
    ]  # fmt: skip
    assert pareto(costs).tolist() == [i for i in range(n) if not beaten[i]]


def same(one: Ranking, other: Ranking, library: Library) -> None:
    assert (one.hits, one.pairs, one.copies) == (other.hits, other.pairs, other.copies)
    for a, b in ((one.rows, other.rows), (one.front, other.front)):
        assert a.numbers(library).tolist() == b.numbers(library).tolist()
        assert (a.value == b.value).all()
        assert (a.high == b.high).all()
    assert (one.scores == other.scores).all()


@pytest.mark.parametrize("similar", [None, 0.75])
def test_streaming_finds_what_is_found_in_memory(
    screener: Screener, screening: Screening, similar: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.screen.running._PAIRS", 300)
    monkeypatch.setattr("core.screen.running._LONGEST", 30)
    conditions = read_conditions(QUESTION)
    request = screener.request(T, P, conditions=conditions, objectives=OBJECTIVES)
    done: list[int] = []
    streamed = screener.best(request, top=40, similar=similar, progress=done.append)
    assert len(done) > 10
    assert done[-1] == len(screener.library)
    expected = screening.best(screening.mask(conditions), OBJECTIVES, top=40, similar=similar)
    assert len(expected.front) > 1
    # Blocks of another shape are summed in another order: the last digit may differ.
    library = screener.library
    assert streamed.hits == expected.hits
    assert streamed.rows.numbers(library).tolist() == expected.rows.numbers(library).tolist()
    assert streamed.front.numbers(library).tolist() == expected.front.numbers(library).tolist()
    assert np.allclose(streamed.rows.value, expected.rows.value, rtol=1e-5)
    assert streamed.copies == expected.copies


def test_near_copies_are_left_out_and_told(screening: Screening) -> None:
    library, mask = screening.library, screening.mask(())
    ranking = screening.best(mask, OBJECTIVES, top=15, similar=0.7)
    assert sum(map(len, ranking.copies)) > 5
    pairs = [
        tuple(ions.ions[i].smiles for ions, i in zip((library.cations, library.anions), place,
                                                     strict=True))
        for place in zip(ranking.rows.cation, ranking.rows.anion, strict=True)
    ]  # fmt: skip
    for one, other in itertools.combinations(pairs, 2):
        alike = [similarity(a, [b])[0] for a, b in zip(one, other, strict=True)]
        assert np.mean(alike) < 0.7
    for copies in ranking.copies:
        for copy in copies:
            assert (copy.cations + copy.anions) / 2 >= 0.7
    told = ranking_table(ranking, library)["near_copies"]
    assert told.str.contains(r"\(\d\.\d\d, \d\.\d\d\)").any()


def test_a_density_counts_every_hit_within_its_edges(screening: Screening) -> None:
    mask = screening.mask(read_conditions("viscosity_mPa_s < 500"))
    x, y = "viscosity_mPa_s", "molar_mass_g_mol"
    found = screening.density(x, y, mask)
    columns = [screening.rows.column(name, screening.library)[mask] for name in (y, x)]
    expected, _, _ = np.histogram2d(*columns, bins=(found.y, found.x))
    assert found.counts.sum() == pytest.approx(expected.sum(), abs=3)
    assert np.abs(found.counts - expected).sum() <= 8  # of those beside an edge
    assert screening.density(x, y).counts.sum() > found.counts.sum()


def test_families_count_every_hit(screening: Screening, frame: pd.DataFrame) -> None:
    mask = screening.mask(read_conditions("viscosity_mPa_s < 500"))
    cations, anions = screening.family_names
    counts = pd.DataFrame(screening.families(mask), cations, anions)
    assert counts.to_numpy().sum() == mask.sum()
    expected = pd.crosstab(frame["cation_family"][mask], frame["anion_family"][mask])
    assert counts.loc[expected.index, expected.columns].equals(
        expected.astype(counts.dtypes.iloc[0])
    )


def test_a_list_of_ions_is_read_and_its_bad_rows_are_told() -> None:
    text = "name,smiles\n,bmim\nbad,CCO\nmine,CCCCCCCCOCCn1cc[n+](CCC)c1\n,[Cl-]\n,\nagain,C4mim\n"
    ions, bad = read_ions(io.BytesIO(text.encode()), "cation")
    assert ions.ions[0].smiles == "CCCCn1cc[n+](C)c1"
    assert ions.names == ("1-butyl-3-methylimidazolium", "mine")
    assert ions.families == ("imidazolium", "imidazolium")
    assert [row.row for row in bad] == [2, 4, 5, 6]
    for row, said in zip(bad, ("neutral", "swapped", "empty", "row 1"), strict=True):
        assert said in row.reason


@pytest.mark.parametrize(
    "text,said",
    [("", "empty"), ("ion\nbmim\n", "no column smiles"), ("smiles\nCCO\n", "no row of this list")],
)
def test_a_list_without_ions_is_refused(text: str, said: str) -> None:
    with pytest.raises(InputFileError, match=said):
        read_ions(io.BytesIO(text.encode()), "cation")


def test_libraries_of_the_project() -> None:
    for role in ("cation", "anion"):
        simulated, named = known_ions(role), known_ions(role, "catalogue")
        for ions in (simulated, named):
            assert set(ions.charges) == {1}
            assert len({ion.smiles for ion in ions.ions}) == len(ions)
        assert any(ions.abbreviations for ions in (simulated, named))
        assert {ion.smiles for ion in named.ions} - {ion.smiles for ion in simulated.ions} != {
            ion.smiles for ion in named.ions
        }


# ------------------------------------------------------------------------------------- command line


@pytest.fixture
def lists(tmp_path: Path) -> list[str]:
    (tmp_path / "c.csv").write_text(f"name;smiles\n=own;{NEW[0]}\n;C2mim\n;C4mim\n;oops\n")
    (tmp_path / "a.csv").write_text("smiles\nTf2N\nDCA\nBF4\n")
    return ["--cations", str(tmp_path / "c.csv"), "--anions", str(tmp_path / "a.csv")]


def screen(*arguments: object) -> int:
    return main(["screen", "ionic-liquids", *map(str, arguments)])


def test_the_command_writes_the_best(
    lists: list[str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "out.csv"
    question = "--where", "viscosity_mPa_s < 1000", "--where", "contains F"
    aim = "--minimize", "viscosity_mPa_s", "--maximize", "density_kg_m3:2", "-T", 313.15
    assert screen(*lists, *question, *aim, "--top", 4, "-o", target) == 0
    said = capfd.readouterr().err
    assert "row 4 is left out: 'oops' is no known cation" in said
    assert "the best 4 of 6 hits among 9 ionic liquids" in said
    with target.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["rank"] for row in rows] == ["1", "2", "3", "4"]
    assert {row["cation"] for row in rows} <= {
        "'=own", "1-ethyl-3-methylimidazolium", "1-butyl-3-methylimidazolium"
    }  # fmt: skip
    assert "dicyanamide" not in {row["anion"] for row in rows}
    scores = [float(row["score"]) for row in rows]
    assert scores == sorted(scores)
    for row in rows:
        low, value, high = (float(row[f"viscosity_mPa_s{x}"]) for x in ("_low", "", "_high"))
        assert low < value < min(high, 1000)


def test_the_command_writes_partitions(lists: list[str], tmp_path: Path) -> None:
    target = tmp_path / "all.parquet"
    assert screen(*lists, "--where", "contains F", "--all", "-o", target) == 0
    found = pd.read_parquet(target)
    assert len(found) == 6
    assert {"cation_smiles", "viscosity_mPa_s_high", "melting_point_K_support"} <= {*found}
    about = pq.read_schema(next(target.iterdir())).metadata
    assert json.loads(about[b"solvarium"])["conditions"] == "contains F"
    assert screen(*lists, "--all", "-o", target) == 2  # nothing is written over
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "all.parquet", "c.csv"]


@pytest.mark.parametrize(
    "arguments,said",
    [
        (["--where", "viscosity < 50"], "did you mean viscosity_mPa_s"),
        (["--minimize", "viscosity"], "did you mean viscosity_mPa_s"),
        (["--cations", "nowhere.csv"], "there is no such file"),
        (["--where", "cation.family = imidazol"], "did you mean imidazolium"),
    ],
)
def test_a_wrong_command_says_what_would_be_right(
    arguments: list[str],
    said: str,
    lists: list[str],
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    assert screen(*lists, *arguments, "-o", tmp_path / "out.csv") == 2
    assert said in capfd.readouterr().err
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize(
    "arguments,said",
    [
        (["-T", "40"], "is it in degrees Celsius"),
        (["-T", "warm"], "is not a temperature"),
        (["-P", "0"], "a pressure in kPa"),
        (["--top", "0"], "whole number"),
        (["--similar", "2"], "from 0 to 1"),
    ],
)
def test_wrong_numbers_are_refused(
    arguments: list[str], said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        screen(*arguments, "-o", "out.csv")
    assert said in capfd.readouterr().err


# ------------------------------------------------------------------------------------------ cluster


def test_a_cluster_that_is_not_there_is_told(screener: Screener) -> None:
    pytest.importorskip("distributed", reason="dask.distributed is optional")
    request = replace(screener.request(T, P), keep=5)
    with pytest.raises(ClusterError, match="no Dask scheduler answers at"):
        list(screener.parts(request, cluster="tcp://127.0.0.1:9"))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of the cluster's own, when one of its workers is killed
def test_a_cluster_gives_the_same_even_if_a_worker_dies(
    screener: Screener, monkeypatch: pytest.MonkeyPatch
) -> None:
    distributed = pytest.importorskip("distributed", reason="dask.distributed is optional")
    monkeypatch.setattr("core.screen.running._PAIRS", 200)
    request = screener.request(T, P, conditions=read_conditions(QUESTION), objectives=OBJECTIVES)
    local = screener.best(request, top=40, similar=0.75)
    killed: list[int] = []
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):

        def kill(done: int) -> None:
            if not killed and done > len(screener.library) // 4:
                first = next(iter(client.run(os.getpid).values()))
                os.kill(first, signal.SIGKILL)
                killed.append(first)

        spread = screener.best(
            request, top=40, similar=0.75, cluster=cluster.scheduler_address, progress=kill
        )
    assert killed
    same(local, spread, screener.library)
