"""Checkpoints: what is saved is what is loaded, and nothing else is."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from core import checkpoints, metrics
from core.checkpoints import CheckpointError
from core.miscibility import TASKS
from core.predict import IonicLiquidPredictor, MiscibilityPredictor
from core.properties import PROPERTIES


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    source = checkpoints.default_path("ionic-liquids")
    return Path(shutil.copytree(source, tmp_path / "model"))


def flip_a_byte(folder: Path) -> None:
    path = folder / "weights.safetensors"
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)


def cut_weights(folder: Path) -> None:
    path = folder / "weights.safetensors"
    path.write_bytes(path.read_bytes()[:-100])


def swap_card(folder: Path) -> None:
    """The card of a model with other weights, though of the same shapes."""
    path = folder / "card.json"
    weights = folder / "weights.safetensors"
    card = json.loads(path.read_text())
    raw = bytearray(weights.read_bytes())
    raw[-1] ^= 1
    card["weights_sha256"] = hashlib.sha256(raw).hexdigest()
    path.write_text(json.dumps(card))


def card_change(**changes: object) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / "card.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | changes))

    return change


def drop(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def no_calibration(folder: Path) -> None:
    path = folder / "card.json"
    card = json.loads(path.read_text())
    del card["calibration"]
    path.write_text(json.dumps(card))


@pytest.mark.parametrize(
    "damage,message",
    [
        (flip_a_byte, "not those its card describes"),
        (cut_weights, "not those its card describes"),
        (swap_card, "not those its card describes"),
        (lambda folder: (folder / "weights.safetensors").write_bytes(b""), "not those its card"),
        (lambda folder: (folder / "card.json").write_bytes(b"\xff\xfe"), "cannot be read"),
        (lambda folder: (folder / "card.json").write_text("[]"), "another layout"),
        (lambda folder: (folder / "card.json").write_text("[" * 100_000), "cannot be read"),
        (drop("weights.safetensors"), "weights .* are missing"),
        (drop("card.json"), "no card.json"),
        (lambda folder: (folder / "card.json").write_text("{"), "cannot be read"),
        (card_change(schema=99), "another layout"),
        (card_change(role="paints"), "serves paints; one for ionic-liquids is needed"),
        (card_change(feature_version="ions-0"), "needs features ions-0"),
        (card_change(properties={"colour": "identity"}), "another property table"),
        (card_change(networks={}), "do not fit its card"),
        (card_change(vocabulary={"cations": [], "anions": []}), "do not fit its card"),
        (no_calibration, "lacks 'calibration'"),
    ],
)
def test_a_damaged_checkpoint_is_refused_with_a_reason(
    copy: Path, damage: Callable[[Path], object], message: str
) -> None:
    damage(copy)
    with pytest.raises(CheckpointError, match=message):
        IonicLiquidPredictor.load(copy)


@pytest.mark.parametrize(
    "damage,message",
    [
        (flip_a_byte, "not those its card describes"),
        (card_change(feature_version="polymer-solvent-0"), "needs features polymer-solvent-0"),
        (card_change(properties={"chi": "percent"}), "another property table"),
        (card_change(networks={}), "do not fit its card"),
        (card_change(vocabulary={"polymers": [], "solvents": []}), "do not fit its card"),
        (card_change(calibration={"chi": {}}), "do not fit its card"),
    ],
)
def test_a_damaged_model_of_polymers_is_refused_with_a_reason(
    tmp_path: Path, damage: Callable[[Path], object], message: str
) -> None:
    source = checkpoints.default_path("polymer-solvent")
    folder = Path(shutil.copytree(source, tmp_path / "model"))
    MiscibilityPredictor.load(folder)
    damage(folder)
    with pytest.raises(CheckpointError, match=message):
        MiscibilityPredictor.load(folder)


def test_a_model_of_the_other_role_is_refused() -> None:
    with pytest.raises(CheckpointError, match="serves polymer-solvent; one for ionic-liquids"):
        IonicLiquidPredictor.load(checkpoints.default_path("polymer-solvent"))
    with pytest.raises(CheckpointError, match="serves ionic-liquids; one for polymer-solvent"):
        MiscibilityPredictor.load(checkpoints.default_path("ionic-liquids"))


def test_each_role_is_held_to_its_own_table(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paints = checkpoints.Role({"gloss": "identity"}, "paints-2")
    monkeypatch.setattr(checkpoints, "ROLES", {**checkpoints.ROLES, "paints": paints})
    card_change(role="paints", properties={"gloss": "identity"}, feature_version="paints-2")(copy)
    assert checkpoints.load(copy, "paints")[0].role == "paints"
    with pytest.raises(CheckpointError, match="serves paints; one for ionic-liquids is needed"):
        checkpoints.load(copy, "ionic-liquids")
    card_change(properties={"gloss": "log10"})(copy)
    with pytest.raises(CheckpointError, match="another property table"):
        checkpoints.load(copy, "paints")
    card_change(properties={"gloss": "identity"}, feature_version="paints-1")(copy)
    with pytest.raises(CheckpointError, match="needs features paints-1"):
        checkpoints.load(copy, "paints")


def test_a_model_may_lack_what_is_optional() -> None:
    role = checkpoints.Role({"gloss": "identity", "haze": "log10"}, "1", frozenset({"haze"}))
    assert role.fits({"gloss": "identity"})
    assert role.fits({"gloss": "identity", "haze": "log10"})
    assert not role.fits({"haze": "log10"})
    assert not role.fits({"gloss": "identity", "haze": "identity"})
    assert not role.fits({"gloss": "identity", "colour": "identity"})


def test_every_role_has_a_table_and_names_for_its_tiers() -> None:
    assert checkpoints.ROLES.keys() == metrics.TIERS.keys()
    assert checkpoints.ROLES["ionic-liquids"].predicts.keys() == PROPERTIES.keys()
    assert checkpoints.ROLES["polymer-solvent"].predicts.keys() == TASKS.keys()
    versions = {role.feature_version for role in checkpoints.ROLES.values()}
    assert len(versions) == len(checkpoints.ROLES)


def test_saving_and_loading_give_the_same_back(copy: Path) -> None:
    card, weights = checkpoints.load(copy, "ionic-liquids")
    again = checkpoints.save(copy.parent / "again", card, weights)
    assert again == card
    loaded_card, loaded = checkpoints.load(copy.parent / "again", "ionic-liquids")
    assert loaded_card == card
    assert all(torch.equal(weights[name], loaded[name]) for name in weights)


@pytest.mark.parametrize(
    "table,message",
    [
        (None, "default.json is missing"),
        ("[]", "does not name one"),
        ("{}", "does not name one"),
        ('{"ionic-liquids": "../elsewhere"}', "outside the folder"),
        ('{"ionic-liquids": "/etc"}', "outside the folder"),
        ('{"ionic-liquids": "a/../../elsewhere"}', "outside the folder"),
        ('{"ionic-liquids": "a\\u0000b"}', "outside the folder"),
        ('{"ionic-liquids": "link"}', "outside the folder"),
        ('{"ionic-liquids": ["ionic-liquids"]}', "does not name one"),
        ("[" * 100_000, "does not name one"),
        ('{"ionic-liquids": "not-there"}', "no card.json"),
    ],
)
def test_a_missing_default_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: str | None, message: str
) -> None:
    monkeypatch.setattr(checkpoints, "FOLDER", tmp_path.resolve())
    (tmp_path / "link").symlink_to(tmp_path.parent)
    if table is not None:
        (tmp_path / "default.json").write_text(table)
    with pytest.raises(CheckpointError, match=message):
        IonicLiquidPredictor.load()


@pytest.mark.parametrize("name", ["../x", "/etc", "ionic-liquids/../../x", "", ".", "x" * 300])
def test_a_model_named_outside_the_folder_is_none(name: str) -> None:
    with pytest.raises(CheckpointError, match="there is no model"):
        checkpoints.named_path(name)


def test_the_shipped_card_tells_how_good_the_model_is() -> None:
    card = checkpoints.read_card(checkpoints.default_path("ionic-liquids"), "ionic-liquids")
    assert set(card.metrics) == set(card.properties)
    for tiers in card.metrics.values():
        assert set(tiers) == {"pair", "cation", "anion"}
        for tier, models in tiers.items():
            new = set() if tier == "pair" else {"surface emulated"}
            assert set(models) == {"recommender", "trees", "additive", "mean", *new}
            assert models["recommender"]["MAE_by_liquid"] < models["mean"]["MAE_by_liquid"]


def test_checkpoints_stay_small() -> None:
    size = sum(path.stat().st_size for path in checkpoints.FOLDER.rglob("*") if path.is_file())
    assert size < 60e6
