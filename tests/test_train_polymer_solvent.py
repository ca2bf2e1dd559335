"""Data, splits, the whole training and the evaluation of polymers in solvents on made-up tables."""

import itertools
import math
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.metrics import roc_auc_score

from core import checkpoints
from core.chemistry import parse_polymer, parse_solvent
from core.features.polymer_solvent import features
from core.measured import DataMissingError
from core.miscibility import LABEL_BASES, MiscibilityConfig, State
from core.predict import MiscibilityPredictor
from core.simulate.pairs import chi_infinite_dilution
from core.simulated import simulated
from core.train import (
    evaluate_polymer_solvent,
    label_process,
    polymer_solvent,
    polymer_solvent_correction,
)
from core.train.label_process import fit_process, process_rows
from core.train.polymer_solvent import FitConfig, fit_logistic, train
from core.train.polymer_solvent_correction import regular_solution
from core.train.polymer_solvent_data import (
    SPLIT_KINDS,
    PairData,
    activity_to_chi,
    folds,
    load_polymer_solvent,
)
from core.train.polymer_solvent_problem import Problem
from core.train.polymer_solvent_simulated import (
    LARGEST,
    TASK,
    TEMPERATURES_K,
    SimulatedChi,
    simulate_chi,
)

POLYMERS = [
    "*CC*", "*CC(*)C", "*CC(*)c1ccccc1", "*CC(*)(C)C(=O)OC", "*CCO*", "*CC(*)OC(C)=O",
    "*CC(*)C#N", "*O[Si](*)(C)C", "*CC(*)O", "*CC(*)Cl",
]  # fmt: skip
SOLVENTS = [
    "CCCCCC", "c1ccccc1", "Cc1ccccc1", "O", "CO", "CCO", "CC(C)=O", "ClC(Cl)Cl", "CCOC(C)=O",
    "CS(C)=O", "CCCCCCCC", "C1CCOC1",
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root: Path = tmp_path_factory.mktemp("data")
    base = root / "polymer_solvent"
    base.mkdir()
    chi, computed, labels, activity, wt = [], [], [], [], []
    for (i, p), (j, s) in itertools.product(enumerate(POLYMERS), enumerate(SOLVENTS)):
        value = 0.3 + 0.05 * ((i * 7) % 10 - (j * 5) % 12) ** 2 / 4
        fraction = 1.0 if j % 2 else ""
        chi += [(p, s, t, fraction, value + 30 / t, (i + j) % 2) for t in (300.0, 350.0)]
        computed.append((p, s, 300.0, value * 0.8))
        for k, basis in enumerate(LABEL_BASES):
            labels.append((p, s, "", basis, int(value < 0.8 - 0.05 * k)))
        activity.append((p, s, 400.0, value + 1.5))
        wt.append((p, s, 298.15, 10.0 ** (1 - value)))
    labels.append(("*CC(*)[NH3+].[Cl-]", "O", "", "handbook", 1))
    keys = ["polymer_smiles", "solvent_smiles", "temperature_K"]
    tables = {
        "chi_experimental": pd.DataFrame(
            chi, columns=[*keys, "volume_fraction", "chi", "in_aoki2023"]
        ),
        "chi_cosmo_rs": pd.DataFrame(computed, columns=[*keys, "chi"]),
        "solubility_labels": pd.DataFrame(labels, columns=[*keys, "label_basis", "soluble"]),
        "activity_infinite_dilution": pd.DataFrame(activity, columns=[*keys, "ln_omega_weight"]),
        "solubility_cosmo_rs": pd.DataFrame(wt, columns=[*keys, "solubility_wt_pct"]),
    }
    hansen = [("solvent", s, 16.0 + 0.1 * j, 1.0 * j, 2.0 * j, "") for j, s in enumerate(SOLVENTS)]
    hansen += [("solvent", "CCCCO", 16.0, 5.7, 15.8, "")]
    hansen += [("polymer", p, 18.0, 0.5 * i, 1.0 * i, 6.0) for i, p in enumerate(POLYMERS[:5])]
    tables["hansen_parameters"] = pd.DataFrame(
        hansen, columns=["kind", "smiles", "dD", "dP", "dH", "R0"]
    )
    for name, table in tables.items():
        table.to_csv(base / f"{name}.csv", index=False)
    return root


@pytest.fixture(scope="module")
def data(folder: Path) -> PairData:
    return load_polymer_solvent(folder)


def test_tables_are_joined_and_refused_structures_left_out(data: PairData) -> None:
    n = len(POLYMERS) * len(SOLVENTS)
    assert data.rows["task"].value_counts().to_dict() == {
        "soluble": 3 * n, "chi": 2 * n, "chi_cosmo_rs": n, "activity": n, "solubility_cosmo_rs": n,
    }  # fmt: skip
    assert data.left_out["solubility_labels.csv"] == 1
    assert len(data.polymers) == len(POLYMERS)
    assert data.solvents[-1] == "CCCCO"  # known for its Hansen parameters only
    assert np.isnan(data.polymer_hansen).any(axis=1).sum() == 5
    styrene = data.rows[data.rows["polymer"] == data.polymers.index("*CC(*)c1ccccc1")]
    assert set(styrene.loc[styrene["task"] == "activity", "volume_fraction"]) == {1.0}


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    base = tmp_path / "polymer_solvent"
    base.mkdir()
    with pytest.raises(DataMissingError, match="chi_experimental"):
        load_polymer_solvent(tmp_path)


def test_chi_from_an_activity_coefficient() -> None:
    # equal densities at 25 °C: chi = ln Omega - 1
    found = activity_to_chi(np.array([1.5]), np.array([1.0]), np.array([298.15]))
    assert found[0] == pytest.approx(0.5)
    # a solvent of twice the polymer's density gains ln 2; heat thins solvents more than polymers
    hot = activity_to_chi(np.array([1.5, 1.5]), np.array([2.0, 2.0]), np.array([298.15, 398.15]))
    assert hot[0] == pytest.approx(0.5 + math.log(2.0))
    assert hot[1] < hot[0]


@pytest.mark.parametrize("kind", SPLIT_KINDS)
def test_folds_hold_out_whole_systems(data: PairData, kind: str) -> None:
    held = np.zeros(len(data.rows), dtype=int)
    for fold in folds(data, kind):  # type: ignore[arg-type]
        assert not (fold.train & fold.test).any()
        train, test = data.rows[fold.train], data.rows[fold.test]
        pairs = [set(zip(t["polymer"], t["solvent"], strict=True)) for t in (train, test)]
        assert not pairs[0] & pairs[1]
        for column, allowed in (
            ("polymer", fold.train_polymers),
            ("solvent", fold.train_solvents),
        ):
            if kind in {column, "both"}:
                assert not set(train[column]) & set(test[column])
                assert not allowed[test[column].to_numpy()].any()
        held += fold.test
    assert (held == 1).all() if kind != "both" else (held <= 1).all()


def test_folds_inside_a_training_part_leave_the_rest_alone(data: PairData) -> None:
    outer = next(iter(folds(data, "solvent")))
    for inner in folds(data, "solvent", 3, 5, within=outer.train):
        assert not ((inner.train | inner.test) & outer.test).any()
        assert not inner.train_solvents[data.rows.loc[outer.test, "solvent"]].any()


def test_folds_do_not_depend_on_the_order_of_rows(data: PairData) -> None:
    turned = replace(data, rows=data.rows.iloc[::-1].reset_index(drop=True))
    for kind in SPLIT_KINDS:
        keys = [[f.key(d) for f in folds(d, kind)] for d in (data, turned)]
        assert keys[0] == keys[1]


def test_logistic_scaling_finds_slope_and_offset() -> None:
    generator = np.random.default_rng(0)
    logit = generator.normal(size=20_000)
    label = (generator.random(20_000) < 1 / (1 + np.exp(-(2.0 * logit - 0.5)))).astype(float)
    slope, offset = fit_logistic(logit, label, np.arange(20_000))
    assert slope == pytest.approx(2.0, abs=0.1)
    assert offset == pytest.approx(-0.5, abs=0.06)
    loud, _ = fit_logistic(12.0 * logit, label, np.arange(20_000))
    assert loud == pytest.approx(2.0 / 12.0, abs=0.01)  # far from the starting point
    slope, offset = fit_logistic(np.array([1.0, 2.0]), np.array([1.0, 1.0]), np.array([0, 1]))
    assert np.isfinite([slope, offset]).all()


def test_area_under_the_curve_is_that_of_scikit_learn() -> None:
    generator = np.random.default_rng(1)
    label = generator.integers(2, size=300).astype(float)
    score = np.round(generator.normal(size=300) + label, 1)  # with ties
    expected = roc_auc_score(label, score)
    assert evaluate_polymer_solvent.area_under_curve(label, score) == pytest.approx(expected)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings that are quick."""
    network = MiscibilityConfig(members=2, latent=3, hidden=8)

    def quick(config: FitConfig) -> FitConfig:
        return replace(
            config,
            network=network,
            steps=8,
            pretraining=4,
            rows=64,
            polymer_count=1,
            solvent_count=1,
        )

    models = {name: quick(config) for name, config in polymer_solvent.MODELS.items()}
    for module in (polymer_solvent, evaluate_polymer_solvent, polymer_solvent_correction):
        monkeypatch.setattr(module, "MODELS", MappingProxyType(models))


def _ready_solvents_answer_alike(predictor: MiscibilityPredictor) -> None:
    """The process on labels has its part in every way of asking."""
    polymer, solvents = parse_polymer("*CC(*)C#N"), [parse_solvent(s) for s in SOLVENTS]
    n = len(solvents)
    table = predictor.predict_many([polymer] * n, solvents, np.full(n, 320.0), np.zeros(n))
    ready = predictor.against(polymer, predictor.prepare(solvents), 320.0)
    one = [predictor.predict(polymer, solvent, 320.0, 0.0) for solvent in solvents]
    assert ready.soluble_probability == pytest.approx(table.soluble_probability, abs=1e-4)
    assert [x.soluble_probability for x in one] == pytest.approx(table.soluble_probability)
    assert predictor.card.networks["label_process"]["properties"] == ["soluble"]


@pytest.mark.usefixtures("small")
def test_training_writes_a_checkpoint_that_predicts_and_resumes(
    folder: Path, tmp_path: Path
) -> None:
    out, runs = tmp_path / "polymer-solvent" / "small", tmp_path / "runs"
    card = train(out, runs=runs, data=folder)
    assert card == checkpoints.read_card(out, "polymer-solvent")
    predictor = MiscibilityPredictor.load(out)
    polymer, solvent = parse_polymer("*CC(*)c1ccccc1"), parse_solvent("CCCCCC")
    assert predictor.predict(polymer, solvent).support == "pair_measured"
    assert predictor.predict(polymer, parse_solvent("CCCCO")).support == "new_solvent"
    _ready_solvents_answer_alike(predictor)
    kept = {path: path.stat().st_mtime_ns for path in runs.iterdir()}
    assert len(kept) == 2 * 5 * len(SPLIT_KINDS)  # the network and the process on labels
    about = card.data["simulated"]
    assert about["source"].startswith("sim:")
    assert about["pairs"] > 50_000
    again = train(tmp_path / "polymer-solvent" / "again", runs=runs, data=folder)
    assert {path: path.stat().st_mtime_ns for path in runs.iterdir()} == kept
    assert again.weights_sha256 == card.weights_sha256


@pytest.mark.usefixtures("small")
def test_evaluation_fills_the_card_and_the_tables(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, runs = tmp_path / "polymer-solvent" / "small", tmp_path / "runs"
    train(out, runs=runs, data=folder)
    simple = {name: evaluate_polymer_solvent.BASELINES[name] for name in ("additive", "mean")}
    simple["trees"] = simple["additive"]  # the real ones take a minute
    monkeypatch.setattr(evaluate_polymer_solvent, "BASELINES", MappingProxyType(simple))
    card = evaluate_polymer_solvent.evaluate(out, runs=runs, data=folder)
    assert card == checkpoints.read_card(out, "polymer-solvent")
    for kind in ("pair", "solvent", "polymer"):
        chi, soluble = card.metrics["chi"][kind], card.metrics["soluble"][kind]
        assert chi["network"]["n_rows"] == chi["mean"]["n_rows"] == 240
        assert chi["mean"]["R2"] < 0.1
        assert 0.0 <= chi["network"]["coverage"] <= 1.0
        assert 0.0 <= soluble["network"]["AUC"] <= 1.0
        assert soluble["Hansen RED"]["n_rows"] == 180
    assert chi["correction of a regular solution"]["n_rows"] == 240
    assert soluble["network alone"]["AUC"] != soluble["network"]["AUC"]
    assert chi["network"]["minus_other_se"] > 0.0
    assert chi["simulation"]["n_rows"] <= 240
    assert -1.0 <= chi["simulation"]["r"] <= 1.0
    tables = evaluate_polymer_solvent.markdown(card)
    assert "Network minus *without simulated chi*" in tables
    assert "| new polymer | network |" in tables
    assert tables.count("| χ | new polymer |") == 1
    assert tables.count("<details>") == tables.count("</details>") == 1
    assert "Hansen RED" in tables


@pytest.fixture(scope="module")
def simulated_chi() -> SimulatedChi:
    return simulate_chi()


def test_simulated_chi_is_that_of_the_tables(simulated_chi: SimulatedChi) -> None:
    raw = chi_infinite_dilution(simulated("polymers"), simulated("solvents"), TEMPERATURES_K[0])
    found = simulated_chi.chi[0]
    kept = np.isfinite(found)
    assert kept.mean() > 0.9
    assert (kept == (raw >= -LARGEST)).all()
    assert found[kept] == pytest.approx(np.minimum(raw[kept], LARGEST))
    styrene = simulated_chi.polymers.index("*CC(*)c1ccccc1")
    good, bad = (simulated_chi.solvents.index(s) for s in ("Cc1ccccc1", "O"))
    assert found[styrene, good] < 0.5
    assert found[styrene, bad] > 2.0


@pytest.mark.parametrize("kind", SPLIT_KINDS)
def test_what_a_fold_holds_out_is_not_simulated_for_it(
    data: PairData, simulated_chi: SimulatedChi, kind: str
) -> None:
    place = [{s: i for i, s in enumerate(own)} for own in (POLYMERS, SOLVENTS)]
    known = [np.array([s in own for s in names]) for own, names in zip(
        place, (simulated_chi.polymers, simulated_chi.solvents), strict=True
    )]  # fmt: skip
    assert all(own.sum() >= 8 for own in known)
    for fold in folds(data, kind):  # type: ignore[arg-type]
        allowed = simulated_chi.allowed(data, fold)
        assert allowed[~known[0]][:, ~known[1]].all()  # of no concern to the data
        test = data.rows[fold.test]
        pairs = zip(test["polymer"], test["solvent"], strict=True)
        held = {(data.polymers[p], data.solvents[s]) for p, s in pairs}
        for i, j in zip(*np.nonzero(allowed), strict=True):
            assert (simulated_chi.polymers[i], simulated_chi.solvents[j]) not in held
        for axis, names, of_kind in (
            (1, simulated_chi.polymers, "polymer"),
            (0, simulated_chi.solvents, "solvent"),
        ):
            out = {pair[1 - axis] for pair in held} if kind in {of_kind, "both"} else set()
            used = {name for name, x in zip(names, allowed.any(axis=axis), strict=True) if x}
            assert not used & out


def test_simulated_chi_of_rows_goes_with_inverse_temperature(
    data: PairData, simulated_chi: SimulatedChi
) -> None:
    p, s = "*CC(*)c1ccccc1", "Cc1ccccc1"
    own = simulated_chi.chi[:, simulated_chi.polymers.index(p), simulated_chi.solvents.index(s)]
    middle = 2.0 / (1.0 / TEMPERATURES_K[0] + 1.0 / TEMPERATURES_K[1])
    wanted = [(p, s, t) for t in (*TEMPERATURES_K, middle, 200.0, 900.0)]
    wanted.append(("*CC*", "made up", 300.0))
    asked = replace(
        data,
        polymers=[p, "*CC*"],
        solvents=[s, "made up"],
        rows=pd.DataFrame(
            [([p, "*CC*"].index(a), [s, "made up"].index(b), t) for a, b, t in wanted],
            columns=["polymer", "solvent", "temperature_K"],
        ),
    )
    found = simulated_chi.of_rows(asked, np.arange(len(wanted)))
    expected = [*own, (own[0] + own[1]) / 2, own[0], own[-1], np.nan]
    assert found == pytest.approx(np.array(expected), nan_ok=True)


def test_the_network_learns_simulated_chi(data: PairData) -> None:
    problem, fold = Problem(data), next(iter(folds(data, "polymer")))
    network = MiscibilityConfig(members=2, latent=6, hidden=24)
    config = FitConfig(
        network, steps=100, pretraining=0, rows=64, weights=(("chi", 1.0), (TASK, 1.0))
    )
    fitted = polymer_solvent.fit(problem, fold, config, 0)
    without = polymer_solvent.fit(
        problem, fold, replace(config, steps=1, weights=(("chi", 1.0),)), 0
    )
    assert TASK in fitted.network.tasks
    assert TASK not in without.network.tasks
    table = problem.simulated
    polymers, solvents = (
        torch.as_tensor(features(names, kind, environments))
        for names, kind, environments in (
            (table.polymers, "polymer", fitted.polymer_environments),
            (table.solvents, "solvent", fitted.solvent_environments),
        )
    )
    drawn = np.random.default_rng(0)
    p, s = (torch.as_tensor(drawn.integers(len(x), size=400)) for x in (polymers, solvents))
    with torch.no_grad():
        q = fitted.network.coefficients(
            fitted.network.polymer(polymers).take(p), fitted.network.solvent(solvents).take(s)
        )
        state = State(torch.full((400,), TEMPERATURES_K[0]), torch.zeros(400), torch.zeros(400))
        found = fitted.network.values(TASK, q, state).mean(dim=0).numpy()
    truth = table.chi[0, p, s]
    kept = np.isfinite(truth)
    assert np.corrcoef(found[kept], truth[kept])[0, 1] > 0.5


def test_trees_learn(data: PairData) -> None:
    problem = Problem(data)
    fold = next(iter(folds(data, "pair")))
    rows = np.flatnonzero(fold.test & (problem.task == "chi"))
    truth = problem.value.numpy()[rows]
    error = {
        name: np.abs(evaluate_polymer_solvent.BASELINES[name](problem, fold, "chi", rows) - truth)
        for name in ("trees", "mean")
    }
    assert error["trees"].mean() < error["mean"].mean()


def test_a_correction_leaves_the_data_alone(data: PairData) -> None:
    problem, fold = Problem(data), next(iter(folds(data, "polymer")))
    before = problem.value.clone()
    base = regular_solution(problem, fold)
    assert (problem.value == before).all()
    assert base.shape == (len(data.rows),)
    # the line through the training rows has their mean
    rows = np.flatnonzero(fold.train & (problem.task == "chi"))
    assert base[rows].mean() == pytest.approx(float(before[rows].mean()), abs=0.05)


def test_the_process_is_the_posterior_mean(data: PairData, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(label_process, "_STEPS", 0)  # so that all parameters are known
    monkeypatch.setattr(label_process, "_JITTER", 1e-9)
    problem, fold = Problem(data), next(iter(folds(data, "pair")))
    fitted = fit_process(problem, fold)
    rows = np.flatnonzero(problem.task == "soluble")
    train = fold.train[rows]
    kernels = []
    for kind, index in (("polymer", problem.polymer), ("solvent", problem.solvent)):
        side = getattr(fitted.processes[0], kind)
        molecules, place = np.unique(index[rows], return_inverse=True)
        assert len(molecules) == len(side.known)
        own = [k.double().numpy() for k in side.kernels(side.known * side.scale + side.center)]
        assert all(np.diag(k) == pytest.approx(1.0, abs=1e-3) for k in own)
        kernels.append([k[np.ix_(place, place)] for k in own])
    (kp, kpm), (ks, ksm) = kernels
    basis = problem.state.basis.numpy()[rows]
    same = basis[:, None] == basis[None]
    a = np.exp(label_process.PROCESS_SETTINGS["amplitudes"])
    k = (a[0] + a[3] * same) * kp + (a[1] + a[4] * same) * ks + (a[2] + a[5] * same) * kpm * ksm
    value = 2.0 * problem.value.numpy()[rows] - 1.0
    noise = np.exp(label_process.PROCESS_SETTINGS["noise"]) * np.eye(train.sum())
    expected = k[:, train] @ np.linalg.solve(k[np.ix_(train, train)] + noise, value[train])
    found = process_rows(problem, fitted, rows) / label_process.PROCESS_SETTINGS["weight"]
    assert found == pytest.approx(expected, abs=2e-3)
    assert found.std() > 0.1


def test_the_process_forgets_what_is_far_away(data: PairData) -> None:
    problem, fold = Problem(data), next(iter(folds(data, "pair")))
    process = fit_process(problem, fold).processes[0]
    far = torch.full((1, process.polymer.known.shape[1]), 1e6)
    process.polymer.inverse_lengths.mul_(1e3)
    alone, together = process.polymer(far)
    assert float(alone.abs().max()) < 1e-6
    assert float(together.abs().max()) < 1e-6
