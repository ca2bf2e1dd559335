"""Pre-training on simulated pairs: what it starts from, and what it may not know."""

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from core.properties import PROPERTIES
from core.recommender import IonEncoder, RecommenderConfig
from core.simulated import SURFACE_NAMES, simulated
from core.train import pretraining
from core.train.data import Dataset
from core.train.ionic_liquids_problem import Problem
from core.train.pretraining import Start, pretrained
from core.train.transfer import share

CONFIG = RecommenderConfig(members=2, embedding=4, encoder_hidden=8, head_hidden=8)


@pytest.fixture(scope="module")
def problem() -> Problem:
    """Simulated ions whose pairs were measured, and one ion that was not simulated."""
    table = simulated("ions")
    cations = [s for s, q in zip(table.smiles, table.charge, strict=True) if q == 1][:40]
    cations.append("CCCCCCCCCCCCCCCCCCCCCCCCC[N+](C)(C)CCCCCCCCCCCCCCCCCCCCCCCCC")
    anions = [s for s, q in zip(table.smiles, table.charge, strict=True) if q == -1][:5]
    pairs = [(c, a) for c in cations for a in anions]
    liquids = pd.DataFrame(pairs, columns=["cation", "anion"])
    liquids["n_cation"], liquids["n_anion"] = 1, 1
    generator = np.random.default_rng(0)
    rows = pd.DataFrame(
        {
            "property": "viscosity_mPa_s",
            "liquid": np.arange(len(liquids)),
            "temperature_K": 298.15,
            "pressure_kPa": 101.325,
            "value": 10.0 ** generator.normal(2.0, 0.5, len(liquids)),
        }
    )
    assert set(rows["property"]) <= set(PROPERTIES)
    return Problem(Dataset(liquids, rows, {"made here": "0"}))


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    config = replace(pretraining.PRETRAINING, steps=4, cations=8, anions=4)
    monkeypatch.setattr(pretraining, "PRETRAINING", config)


def half(problem: Problem, number: int) -> np.ndarray:
    return np.arange(len(problem.dataset.liquids)) % 2 == number


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("start,files", [("volume", 1), ("joint", 1), ("viscosity", 2)])
def test_only_the_viscosity_depends_on_what_a_split_trains_on(
    problem: Problem, tmp_path: Path, start: Start, files: int
) -> None:
    states = [
        pretrained(
            problem, CONFIG, start, surfaces=True, train=half(problem, n), seed=0, runs=tmp_path
        )
        for n in (0, 1)
    ]
    assert len(list(tmp_path.iterdir())) == files
    same = all(torch.equal(states[0][name], states[1][name]) for name in states[0])
    assert same == (files == 1)


@pytest.mark.parametrize("surfaces", [True, False])
def test_only_simulated_ions_have_residuals_and_only_without_surfaces(
    problem: Problem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, surfaces: bool
) -> None:
    many = replace(pretraining.PRETRAINING, steps=4, cations=1000, anions=2)
    monkeypatch.setattr(pretraining, "PRETRAINING", many)
    state = pretrained(
        problem, CONFIG, "joint",
        surfaces=surfaces, train=half(problem, 0), seed=0, runs=tmp_path,
    )  # fmt: skip
    residual = state["cation_table.residual"]
    assert residual.shape == (CONFIG.members, len(problem.cations), CONFIG.embedding)
    moved = (residual != 0).any(dim=2).any(dim=0).numpy()
    assert not moved[problem.simulated[0] < 0].any()
    assert moved.any() == (not surfaces)
    width = state["cation_encoder.center"].shape[0]
    assert problem.inputs[0].shape[1] - width == (0 if surfaces else len(SURFACE_NAMES))


def test_more_steps_learn_more(
    problem: Problem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line through what the pre-trained layers give must predict the simulated volume."""
    left = []
    for steps in (2, 150):
        config = replace(pretraining.PRETRAINING, steps=steps, cations=32, anions=16)
        monkeypatch.setattr(pretraining, "PRETRAINING", config)
        state = pretrained(
            problem, CONFIG, "volume",
            surfaces=True, train=half(problem, 0), seed=0, runs=tmp_path,
        )  # fmt: skip
        encoder = {k.partition(".")[2]: v for k, v in state.items() if k.startswith("cation_enc")}
        model = IonEncoder(CONFIG, problem.inputs[0].shape[1]).eval()
        model.load_state_dict(encoder)
        known = np.flatnonzero(problem.simulated[0] >= 0)
        with torch.no_grad():
            x = model(problem.inputs[0][known])[0].numpy()
        table = simulated("ions")
        y = np.log(
            table.column("volume_A3")[[table.index[problem.cations[i]] for i in known]]
        ) - np.log(problem.of_ions[0].descriptor([problem.cations[i] for i in known], "vdw_volume"))
        design = np.column_stack([x, np.ones(len(x))])
        fitted = design @ np.linalg.lstsq(design, y, rcond=None)[0]
        left.append(np.std(y - fitted) / np.std(y))
    assert left[1] < left[0]


def test_smaller_parts_lie_within_larger_ones(problem: Problem) -> None:
    train = half(problem, 0)
    parts = [share(problem, train, fraction) for fraction in (0.1, 0.25, 0.5, 1.0)]
    for small, large in itertools.pairwise(parts):
        assert not (small & ~large).any()
        assert small.sum() < large.sum()
    assert np.array_equal(parts[-1], train)
