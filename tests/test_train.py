"""Data, splits and the whole training on a small table made here."""

import itertools
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from core import checkpoints
from core.chemistry import parse_ionic_liquid
from core.predict import IonicLiquidPredictor
from core.properties import PROPERTIES
from core.simulated import simulated, surface_features
from core.train import (
    evaluate,
    ionic_liquids,
    ionic_liquids_problem,
    pretraining,
    relations,
    transfer,
)
from core.train.data import (
    SPLIT_KINDS,
    DataMissingError,
    Dataset,
    data_folder,
    folds,
    load_ionic_liquids,
)
from core.train.readme import put_tables

CATIONS = [f"{'C' * n}n1cc[n+](C)c1" for n in (2, 3, 4, 5, 6, 8)]
CATIONS += [f"{'C' * n}[N+](C)(C)C" for n in (2, 3, 4, 6)]
ANIONS = [
    "[Cl-]", "[Br-]", "F[B-](F)(F)F", "F[P-](F)(F)(F)F", "N#C[N-]C#N", "CC(=O)[O-]",
    "O=[N+]([O-])[O-]", "COS(=O)(=O)[O-]",
]  # fmt: skip
FILES = {
    "density_kg_m3": "density.csv.gz",
    "viscosity_mPa_s": "viscosity.csv",
    "surface_tension_mN_m": "surface_tension.csv",
    "heat_capacity_J_mol_K": "heat_capacity.csv",
    "melting_point_K": "melting_point.csv",
}


def table(key: str) -> pd.DataFrame:
    generator = np.random.default_rng(len(key))
    rows = []
    for (i, cation), (j, anion) in itertools.product(enumerate(CATIONS), enumerate(ANIONS)):
        for t in (290.0, 310.0, 330.0):
            value = {
                "density_kg_m3": 1300.0 - 20 * i + 10 * j - 0.6 * (t - 300),
                "viscosity_mPa_s": 10 ** (1.5 + 0.1 * i + 0.05 * j - 0.01 * (t - 300)),
                "surface_tension_mN_m": 45.0 - i - 0.05 * (t - 300),
                "heat_capacity_J_mol_K": 250.0 + 30 * i + 20 * j + 0.4 * (t - 300),
                "melting_point_K": 300.0 + 8 * i - 6 * j,
            }[key] * generator.normal(1.0, 0.002)
            rows.append((cation, anion, "1:1", t, 101.325, value, ""))
    rows.append((CATIONS[0], ANIONS[0], "1:1", 300.0, 101.325, 1.0, "trend_outlier"))
    rows.append((CATIONS[0], ANIONS[0], "3:1", 300.0, 101.325, 1.0, ""))
    columns = ["cation_smiles", "anion_smiles", "stoichiometry", "temperature_K", "pressure_kPa"]
    frame = pd.DataFrame(rows, columns=[*columns, key, "quality_flag"])
    return frame if PROPERTIES[key].depends_on_temperature else frame.drop(columns="temperature_K")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("data")
    (base / "ionic_liquids").mkdir()
    for key, name in FILES.items():
        table(key).to_csv(base / "ionic_liquids" / name, index=False)
    return base


@pytest.fixture(scope="module")
def dataset(folder: Path) -> Dataset:
    return load_ionic_liquids(folder)


def test_flagged_rows_and_odd_stoichiometries_are_left_out(dataset: Dataset) -> None:
    assert len(dataset.liquids) == len(CATIONS) * len(ANIONS)
    assert len(dataset.rows) == 5 * 3 * len(dataset.liquids)
    assert dataset.rows["value"].min() > 1.0
    assert all(mask.all() for mask in dataset.measured.values())


@pytest.mark.parametrize("kind", SPLIT_KINDS)
def test_nothing_of_a_held_out_system_is_in_training(dataset: Dataset, kind: str) -> None:
    liquids, tested = dataset.liquids, np.zeros(len(dataset.liquids), dtype=int)
    for fold in folds(liquids, kind):
        assert not (fold.train & fold.test).any()
        tested += fold.test
        train, test = liquids[fold.train], liquids[fold.test]
        if kind in {"cation", "both"}:
            assert not set(train["cation"]) & set(test["cation"])
        if kind in {"anion", "both"}:
            assert not set(train["anion"]) & set(test["anion"])
        for key in PROPERTIES:
            tier = ionic_liquids_problem.tier_liquids(dataset, fold, key)
            assert not (tier & ~fold.test).any()
            known = liquids.loc[tier, "cation"].isin(set(train["cation"]))
            assert (known if kind in {"pair", "anion"} else ~known).all()
    assert (tested == 1).all() if kind != "both" else (tested <= 1).all()


def test_splits_come_back_the_same_and_change_with_the_seed(dataset: Dataset) -> None:
    def keys(seed: int, liquids: pd.DataFrame = dataset.liquids) -> set[str]:
        return {fold.key(liquids) for fold in folds(liquids, "pair", seed=seed)}

    shuffled = dataset.liquids.sample(frac=1.0, random_state=1).reset_index(drop=True)
    assert keys(1) == keys(1, shuffled)
    assert keys(1) != keys(2)


def test_missing_data_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOLVARIUM_DATA", str(tmp_path))
    with pytest.raises(DataMissingError, match="SOLVARIUM_DATA"):
        data_folder()
    (tmp_path / "ionic_liquids").mkdir()
    with pytest.raises(DataMissingError, match=r"density\.csv\.gz"):
        load_ionic_liquids()


def check_tables(card: checkpoints.Card, readme: Path) -> None:
    begin, end = (f"<!-- metrics:ionic-liquids:{edge} -->" for edge in ("begin", "end"))
    readme.write_text(f"before\n{begin}\nSTALE\n{end}\nafter\n")
    evaluate.write_docs(card, readme)
    text = readme.read_text()
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "STALE" not in text
    assert text.count("| new cation |") >= 4 * len(PROPERTIES)


@pytest.mark.slow
def test_training_and_evaluation_from_nothing(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.set_num_threads(1)  # on a busy machine two threads wait for each other
    small = {
        name: replace(
            config,
            epochs=25,
            batch=16,
            network=replace(config.network, members=2, embedding=8, encoder_hidden=16),
        )
        for name, config in ionic_liquids.NETWORKS.items()
    }
    for module in (ionic_liquids, evaluate, transfer):
        monkeypatch.setattr(module, "NETWORKS", small)
    for module in (ionic_liquids, evaluate, transfer, relations):
        monkeypatch.setattr(module, "FOLDS", 3)
    few = replace(pretraining.PRETRAINING, steps=20, cations=16, anions=8)
    for module in (pretraining, ionic_liquids, transfer):
        monkeypatch.setattr(module, "PRETRAINING", few)
    small_study = {
        "_MEMBERS": 2,
        "_EPOCHS": 2,
        "FRACTIONS": (0.5, 1.0),
        "STARTS": ("none", "joint"),
    }
    for name, number in small_study.items():
        monkeypatch.setattr(transfer, name, number)
    # Emulators of all folds take minutes; these are off by a little.
    surfaces = surface_features(simulated("ions"))
    monkeypatch.setattr(ionic_liquids_problem, "left_out", lambda _: 1.01 * surfaces)
    runs, out = tmp_path / "runs", tmp_path / "role" / "small-v1"
    card = ionic_liquids.train(out, runs=runs, data=folder)
    assert card.name == "role/small-v1"
    assert card.data["liquids"]["density_kg_m3"] == len(CATIONS) * len(ANIONS)
    done = {path: path.stat().st_mtime_ns for path in runs.iterdir()}
    assert len(done) == 2 * 4 * 3 + 2  # folds, and what each network was pre-trained on

    # an interrupted training goes on: finished folds are read, and the result is the same
    again = ionic_liquids.train(tmp_path / "role" / "again", runs=runs, data=folder)
    assert {path: path.stat().st_mtime_ns for path in runs.iterdir()} == done
    assert again.calibration == card.calibration
    assert again.weights_sha256 == card.weights_sha256

    predictor = IonicLiquidPredictor.load(out)
    at = predictor.predict(parse_ionic_liquid(f"{CATIONS[2]}.{ANIONS[2]}"), 300.0)
    assert at["density_kg_m3"].value == pytest.approx(1280.0, rel=0.05)
    assert at["density_kg_m3"].support == "pair_measured"
    # The app has the same numbers as the training: weights in half precision cost little.
    problem = ionic_liquids_problem.Problem(load_ionic_liquids(folder))
    (own,) = np.flatnonzero(
        (problem.row_key == "melting_point_K") & (problem.row_liquid == problem.row_liquid[0])
    )[:1]
    liquid = problem.dataset.liquids.iloc[problem.row_liquid[own]]
    melting = predictor.predict(parse_ionic_liquid(f"{liquid['cation']}.{liquid['anion']}"))
    everything = np.ones(len(problem.dataset.liquids), dtype=bool)
    fitted = ionic_liquids.fit(problem, everything, small["melting"], seed=0, runs=runs)
    mean, _ = ionic_liquids.predict_rows(problem, fitted, np.array([own]))
    assert melting["melting_point_K"].value == pytest.approx(float(mean[0]), abs=0.2)

    card = evaluate.evaluate(out, runs=runs, data=folder)
    assert checkpoints.read_card(out, "ionic-liquids").metrics == card.metrics
    for key, tiers in card.metrics.items():
        assert evaluate.UNSIMULATED not in tiers["pair"]
        apart = tiers["cation"][evaluate.UNSIMULATED]["MAE"] - tiers["cation"]["recommender"]["MAE"]
        assert apart != 0.0, key
        assert tiers["pair"]["additive"]["n_liquids"] <= len(CATIONS) * len(ANIONS)
        assert tiers["pair"]["mean"]["R2"] < tiers["pair"]["additive"]["R2"]
    starts = card.studies["transfer"]["starts"]["density_kg_m3"]["cation"]
    assert starts["none"]["MAE_by_liquid"] != starts["joint"]["MAE_by_liquid"]
    assert starts["joint"]["minus_none"] == pytest.approx(
        starts["joint"]["MAE_by_liquid"] - starts["none"]["MAE_by_liquid"]
    )
    assert set(card.studies["simulation"]) == {
        "density_kg_m3", "viscosity_mPa_s", "heat_capacity_J_mol_K",
    }  # fmt: skip
    check_tables(card, tmp_path / "README.md")
    shutil.rmtree(runs)


def test_measures_by_hand() -> None:
    value, predicted = np.array([100.0, 100.0, 200.0]), np.array([110.0, 90.0, 200.0])
    found = evaluate.measures(PROPERTIES["density_kg_m3"], value, predicted, np.array([0, 0, 1]))
    assert found["MAE"] == pytest.approx(20 / 3)
    assert found["MAE_by_liquid"] == pytest.approx(5.0)
    assert found["AARD_by_liquid"] == pytest.approx(5.0)
    assert found["R2"] == pytest.approx(1.0 - 200.0 / (2 * 100.0**2 / 3))
    log = evaluate.measures(PROPERTIES["viscosity_mPa_s"], value, 10 * value, np.array([0, 0, 1]))
    assert log["MAE"] == pytest.approx(1.0)
    assert log["AARD"] == pytest.approx(900.0)


def test_tables_go_between_the_markers_of_their_role(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    places = [
        f"<!-- metrics:{role}:begin -->\n{role}\n<!-- metrics:{role}:end -->\n"
        for role in ("ionic-liquids", "polymer-solvent")
    ]
    readme.write_text("".join(places))
    put_tables(readme, "polymer-solvent", "new")
    assert readme.read_text() == places[0] + places[1].replace("\npolymer-solvent\n", "\nnew\n")
    readme.write_text(places[0])
    with pytest.raises(ValueError, match="no place for the tables: <!-- metrics:polymer-solvent"):
        put_tables(readme, "polymer-solvent", "new")
    assert readme.read_text() == places[0]
