"""The emulator of simulated surfaces: what it gives, how it learns, and what its card says."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core import checkpoints
from core.__main__ import main
from core.checkpoints import CheckpointError
from core.chemistry import parse_ion
from core.emulator import Emulator, EmulatorConfig
from core.predict import Surfaces
from core.simulated import (
    SURFACE_FORMS,
    SURFACE_NAMES,
    SimulatedTable,
    simulated,
    surface_features,
)
from core.train.emulator import FitConfig, Ions, fit, left_out, predict, train

ROLE = "ion-surfaces"
VOLUME = SURFACE_NAMES.index("volume_A3")
SMALL = FitConfig(EmulatorConfig(members=2, hidden=16), environments=40, epochs=3)


def some_ions(step: int) -> SimulatedTable:
    """Every so many of the simulated ions, as a table of their own."""
    table = simulated("ions")
    rows = np.arange(0, len(table), step)
    return replace(
        table,
        smiles=tuple(table.smiles[row] for row in rows),
        charge=table.charge[rows],
        values=table.values[rows],
        areas=table.areas[rows],
    )


@pytest.fixture(scope="module")
def surfaces() -> Surfaces:
    return Surfaces.load()


def unknown() -> list[str]:
    """Ions that nobody simulated."""
    drawn = [
        ("CCCCCCCCCCCCn1cc[n+](CCOCC#N)c1", "cation"),
        ("CCC[N+]1(CCCCCF)CCOCC1", "cation"),
        ("O=C([O-])CCCCC(Cl)CO", "anion"),
    ]
    return [parse_ion(smiles, kind).smiles for smiles, kind in drawn]  # type: ignore[arg-type]


def test_a_simulated_ion_has_its_row_of_the_table(surfaces: Surfaces) -> None:
    table = simulated("ions")
    chosen = [*table.smiles[::100], "[F-]"]
    found, known = surfaces.of(chosen)
    expected = surface_features(table)[[table.index[smiles] for smiles in chosen]]
    assert found.dtype == np.float32
    assert np.array_equal(found, expected.astype(np.float32))
    assert known.all()


def test_an_unknown_ion_is_emulated_and_makes_sense(surfaces: Surfaces) -> None:
    table = simulated("ions")
    ions = unknown()
    assert not set(ions) & set(table.smiles)
    found, known = surfaces.of(ions)
    assert found.shape == (len(ions), len(SURFACE_NAMES))
    assert np.isfinite(found).all()
    assert not known.any()
    columns = dict(zip(SURFACE_NAMES, found.T, strict=True))
    # twelve more carbon atoms than in 1-ethyl-3-methylimidazolium and less
    small = table.column("volume_A3")[table.index["CCn1cc[n+](C)c1"]]
    assert columns["volume_A3"][0] > 2 * small
    # anions accept hydrogen bonds, and their screening charge is positive
    assert columns["acceptor_moment_3"][2] > columns["acceptor_moment_3"][:2].max() + 1
    assert columns["sigma_moment_3"][2] > 0 > columns["sigma_moment_3"][:2].max()


def test_the_order_and_the_company_of_an_ion_do_not_matter(surfaces: Surfaces) -> None:
    mixed = [unknown()[0], simulated("ions").smiles[5], *unknown()[1:]]
    found, known = surfaces.of(mixed)
    back, back_known = surfaces.of(mixed[::-1])
    assert np.array_equal(found[::-1], back)
    assert known.tolist() == back_known.tolist()[::-1] == [False, True, False, False]
    alone = np.concatenate([surfaces.of([smiles])[0] for smiles in mixed])
    assert np.array_equal(alone, found)
    empty, nothing = surfaces.of([])
    assert (empty.shape, nothing.shape) == ((0, len(SURFACE_NAMES)), (0,))


def test_what_does_not_parse_is_refused(surfaces: Surfaces) -> None:
    with pytest.raises(ValueError, match="not a canonical ion"):
        surfaces.of(["C[N+"])


def test_cations_and_anions_have_a_linear_model_each() -> None:
    torch.manual_seed(0)
    model = Emulator(EmulatorConfig(members=3, hidden=8), 4, 2).eval()
    x = torch.randn(6, 4)
    anion = torch.tensor([False, True, False, True, False, True])
    model.linear[1] = 1.0
    model.offset[0] = 5.0
    linear = model.additive(x, anion)
    assert torch.equal(linear[~anion], torch.full((3, 2), 5.0))
    assert torch.allclose(linear[anion], x[anion].sum(1, keepdim=True).expand(-1, 2))
    assert model.correction(x).shape == (3, 6, 2)
    model.spread[1] = 0.0
    assert torch.equal(model(x, anion)[anion], linear[anion])
    assert (model(x, anion)[~anion] != linear[~anion]).all()


def test_a_fit_learns_a_few_ions_by_heart() -> None:
    ions = Ions(some_ions(60))
    rows = np.arange(len(ions.smiles))
    network = EmulatorConfig(members=2, hidden=64, dropout=0.0, feature_dropout=0.0)
    config = FitConfig(network, environments=200, epochs=150, decay=0.0)
    found = predict(ions, rows, fit(ions, rows, config, seed=1))
    error = np.abs(found - ions.surfaces).mean(axis=0)
    spread = ions.surfaces.std(axis=0)
    varied = spread > 0
    assert (error[varied] / spread[varied]).mean() < 0.1


def test_the_split_is_by_ion_and_does_not_depend_on_the_order() -> None:
    ions = Ions(some_ions(20))
    sizes = np.bincount(ions.part, minlength=5)
    assert len(sizes) == 5
    assert sizes.max() - sizes.min() <= 1
    table = some_ions(20)
    turned = replace(
        table,
        smiles=table.smiles[::-1],
        charge=table.charge[::-1],
        values=table.values[::-1],
        areas=table.areas[::-1],
    )
    assert np.array_equal(Ions(turned).part[::-1], ions.part)


def test_an_ion_left_out_was_not_seen(tmp_path: Path) -> None:
    table = some_ions(20)
    found = left_out(tmp_path, table=table, config=SMALL)
    assert found.shape == (len(table), len(SURFACE_NAMES))
    assert np.isfinite(found).all()
    # Whatever is written into the rows of one part, what is emulated for that part stays the same.
    part = Ions(table).part
    values = table.values.copy()
    values[part == 0] *= 1.5
    changed = left_out(tmp_path, table=replace(table, values=values), config=SMALL)
    assert np.allclose(changed[part == 0], found[part == 0], atol=1e-4)
    assert not np.allclose(changed[part == 1], found[part == 1], atol=1e-2)


def test_training_writes_a_checkpoint_that_is_used_and_goes_on(tmp_path: Path) -> None:
    table, runs = some_ions(20), tmp_path / "runs"
    card = train(tmp_path / "first", runs=runs, table=table, config=SMALL)
    files = {path: path.stat().st_mtime_ns for path in runs.iterdir()}
    assert len(files) == 5
    again = train(tmp_path / "second", runs=runs, table=table, config=SMALL)
    assert {path: path.stat().st_mtime_ns for path in runs.iterdir()} == files
    assert again.weights_sha256 == card.weights_sha256
    assert again.metrics == card.metrics
    ours, known = Surfaces.load(tmp_path / "first").of(unknown())
    assert np.isfinite(ours).all()
    assert not known.any()
    assert not np.allclose(ours, Surfaces.load().of(unknown())[0])


def flip_a_byte(folder: Path) -> None:
    path = folder / "weights.safetensors"
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)


def card_change(**changes: object) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / "card.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | changes))

    return change


@pytest.mark.parametrize(
    "damage,message",
    [
        (flip_a_byte, "not those its card describes"),
        (card_change(role="ionic-liquids"), "serves ionic-liquids; one for ion-surfaces"),
        (card_change(feature_version="ions-0"), "needs features ions-0"),
        (card_change(properties={"volume_A3": "identity"}), "another property table"),
        (card_change(networks={}), "do not fit its card"),
        (card_change(vocabulary={"environments": [1]}), "do not fit its card"),
    ],
)
def test_a_damaged_emulator_is_refused_with_a_reason(
    tmp_path: Path, damage: Callable[[Path], None], message: str
) -> None:
    source = checkpoints.default_path(ROLE)
    folder = Path(shutil.copytree(source, tmp_path / "model"))
    Surfaces.load(folder)
    damage(folder)
    with pytest.raises(CheckpointError, match=message):
        Surfaces.load(folder)


def test_the_shipped_card_tells_how_good_the_emulator_is() -> None:
    path = checkpoints.default_path(ROLE)
    card = checkpoints.read_card(path, ROLE)
    assert card.properties == dict(SURFACE_FORMS)
    assert set(card.metrics) - {"sigma_profile"} < set(SURFACE_NAMES)
    for tier, most in (("cation", 0.85), ("anion", 0.6)):
        r2 = {
            model: np.mean([tiers[tier][model]["R2"] for tiers in card.metrics.values()])
            for model in ("emulator", "ridge", "trees", "mean")
        }
        assert r2["emulator"] > max(r2["ridge"], r2["trees"], r2["mean"])
        assert r2["emulator"] > most
        assert card.metrics["volume_A3"][tier]["emulator"]["R2"] > 0.97
        counts = {tiers[tier]["emulator"]["n_ions"] for tiers in card.metrics.values()}
        assert counts == {card.data["ions"][f"{tier}s"]}
    # It learned the table that is shipped beside it.
    assert card.data["table"] == Ions(simulated("ions")).mark
    assert sum(file.stat().st_size for file in path.iterdir()) < 3e6


def test_the_command_prints_what_the_card_says(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", ROLE]) == 0
    printed = capsys.readouterr().out
    assert all(title in printed for title in ("new cation", "new anion"))
    assert "| volume_A3 | identity |" in printed
