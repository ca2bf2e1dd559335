"""Predictions of polymers in solvents with the checkpoint that ships."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from core import checkpoints
from core.checkpoints import CheckpointError
from core.chemistry import Polymer, Solvent, parse_polymer, parse_solvent
from core.names import find_polymer, find_solvent, solvents
from core.predict import MiscibilityPredictor, miscibility
from core.uncertainty import PAIR_SUPPORTS

PS, PMMA, PE = (find_polymer(name) for name in ("PS", "PMMA", "PE"))
TOLUENE, WATER, METHANOL = (find_solvent(name) for name in ("toluene", "water", "methanol"))


@pytest.fixture(scope="module")
def predictor() -> MiscibilityPredictor:
    return MiscibilityPredictor.load()


@pytest.mark.parametrize(
    "polymer, good, bad",
    [
        (PS, "toluene", "water"),
        (PS, "THF", "methanol"),
        (PMMA, "acetone", "hexane"),
        (find_polymer("PVA"), "water", "toluene"),
        (find_polymer("nylon 6"), "formic acid", "hexane"),
    ],
)
def test_what_every_chemist_knows(
    predictor: MiscibilityPredictor, polymer: Polymer, good: str, bad: str
) -> None:
    dissolves = predictor.predict(polymer, find_solvent(good)).soluble_probability
    assert dissolves > 0.5 > predictor.predict(polymer, find_solvent(bad)).soluble_probability


def test_chi_of_a_good_and_a_bad_solvent(predictor: MiscibilityPredictor) -> None:
    good, bad = predictor.predict(PS, TOLUENE), predictor.predict(PS, WATER, 400.0, 1.0)
    assert 0.2 < good.chi < 0.6
    assert good.chi_low < good.chi < good.chi_high
    assert bad.chi > 1.0
    assert bad.chi_cosmo_rs > good.chi_cosmo_rs


@pytest.mark.parametrize("share", [7, 10_000])
def test_one_against_many_equals_pair_by_pair(
    predictor: MiscibilityPredictor, share: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(miscibility, "_SHARE", share)  # many shares, and a single one
    some = [parse_solvent(solvent.smiles) for solvent in solvents()[::5]]
    many = predictor.against(PS, predictor.prepare(some), 330.0, 0.4)
    table = predictor.predict_many([PS] * len(some), some, [330.0] * len(some), [0.4] * len(some))
    assert many.support == table.support
    assert len(set(many.support)) > 1
    for name in ("chi", "chi_low", "chi_high", "chi_cosmo_rs", "soluble_probability"):
        np.testing.assert_allclose(getattr(many, name), getattr(table, name), atol=1e-4)


def test_one_against_none_is_an_empty_table(predictor: MiscibilityPredictor) -> None:
    none = predictor.against(PS, predictor.prepare([]))
    assert none.chi.shape == none.soluble_probability.shape == none.in_range.shape == (0,)
    assert none.support == []


def test_a_solvent_prepared_twice_has_its_support_at_both_places(
    predictor: MiscibilityPredictor,
) -> None:
    strange = parse_solvent("CCC(F)CCSCCOCC#N")
    many = predictor.against(PS, predictor.prepare([TOLUENE, strange, TOLUENE]))
    assert many.support == ["pair_measured", "new_solvent", "pair_measured"]
    assert many.chi[0] == pytest.approx(many.chi[2])
    assert many.chi_high[0] == pytest.approx(predictor.predict(PS, TOLUENE).chi_high, abs=1e-4)


def test_tables_curves_and_single_values_agree(predictor: MiscibilityPredictor) -> None:
    one = predictor.predict(PMMA, TOLUENE, 320.0, 0.2)
    curve = predictor.curve(PMMA, TOLUENE, [320.0, 340.0], 0.2)
    table = predictor.predict_many([PE, PMMA], [WATER, TOLUENE], [300.0, 320.0], [np.nan, 0.2])
    assert one.chi == pytest.approx(curve.chi[0], abs=1e-5)
    assert one.chi == pytest.approx(table.chi[1], abs=1e-5)
    assert one.chi_low == pytest.approx(curve.low[0], abs=1e-5)
    assert one.soluble_probability == pytest.approx(table.soluble_probability[1], abs=1e-5)


@pytest.mark.parametrize("polymer", [PS, parse_polymer("*CC(*)c1ccc([Si](C)(C)CCCCBr)cc1")])
def test_packed_solvents_tell_what_is_worth_asking(
    predictor: MiscibilityPredictor, polymer: Polymer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(miscibility, "_WIDENED", 37)  # many pieces, and a last one that is short
    some = [parse_solvent(solvent.smiles) for solvent in solvents()[::4]]
    smiles = [solvent.smiles for solvent in some]
    blocks = [predictor.pack(smiles[:90]), predictor.pack(smiles[90:])]
    packed = predictor.packed(blocks, smiles)
    assert len(packed) == len(some)
    assert blocks[0].dtype == np.float16
    chi, log_odds = predictor.skim(polymer, packed, 330.0)
    n = len(some)
    table = predictor.predict_many([polymer] * n, some, [330.0] * n, [np.nan] * n)
    exact = np.log(table.soluble_probability / (1.0 - table.soluble_probability))
    np.testing.assert_allclose(chi, table.chi, atol=1e-3)
    np.testing.assert_allclose(log_odds, exact, atol=1e-2)
    none = predictor.skim(polymer, predictor.packed([], []))
    assert none[0].shape == none[1].shape == (0,)


def test_partners_in_the_training_data(predictor: MiscibilityPredictor) -> None:
    chi, labels = predictor.measured_with(PS)
    assert TOLUENE.smiles in chi
    assert METHANOL.smiles in labels
    assert PS.smiles in predictor.measured_with(TOLUENE)[0]
    assert predictor.measured_with(parse_solvent("CCC(F)CCSCCOCC#N")) == (frozenset(), frozenset())


def test_hansen_parameters_of_many_are_those_of_each(predictor: MiscibilityPredictor) -> None:
    found = predictor.hansen_many([TOLUENE.smiles, WATER.smiles], "solvent")
    np.testing.assert_allclose(found[1], predictor.hansen(WATER), atol=1e-4)


def test_no_fraction_means_a_dilute_solution(predictor: MiscibilityPredictor) -> None:
    assert predictor.predict(PS, TOLUENE).chi == predictor.predict(PS, TOLUENE, 298.15, 0.0).chi
    surface = predictor.composition(PS, TOLUENE, [298.15])
    assert surface.intercept[0] == pytest.approx(predictor.predict(PS, TOLUENE).chi, abs=1e-5)
    concentrated = predictor.predict(PS, TOLUENE, 298.15, 1.0)
    assert surface.intercept[0] + surface.slope[0] == pytest.approx(concentrated.chi, abs=1e-5)


def test_a_curve_without_a_grid_spans_the_trained_range(predictor: MiscibilityPredictor) -> None:
    curve = predictor.curve(PS, TOLUENE)
    assert (curve.temperature_K[0], curve.temperature_K[-1]) == curve.trained_range
    assert curve.in_range.all()
    assert not predictor.curve(PS, TOLUENE, [900.0]).in_range[0]


def test_support_says_what_was_measured(predictor: MiscibilityPredictor) -> None:
    strange_polymer = parse_polymer("*CC(*)c1ccc([Si](C)(C)CCCCBr)cc1")
    strange_solvent = parse_solvent("CCC(F)CCSCCOCC#N")
    assert predictor.support(PS, TOLUENE) == "pair_measured"
    assert predictor.support(strange_polymer, TOLUENE) == "new_polymer"
    assert predictor.support(PS, strange_solvent) == "new_solvent"
    assert predictor.support(strange_polymer, strange_solvent) == "both_new"
    widths = [
        np.subtract(*reversed((one.chi_low, one.chi_high)))
        for one in (
            predictor.predict(PS, TOLUENE),
            predictor.predict(strange_polymer, strange_solvent),
        )
    ]
    assert widths[0] < widths[1]
    assert set(predictor.card.calibration["chi"]) == set(PAIR_SUPPORTS)


def test_notes_warn_of_crystals_below_their_melting_point(predictor: MiscibilityPredictor) -> None:
    cold, hot = (predictor.predict(PE, TOLUENE, t) for t in (298.15, 420.0))
    assert "crystals, which melt near 410 K (137 °C)" in cold.notes[0]
    assert hot.notes == ()
    assert cold.grade == hot.grade  # crystals are told, not graded


def test_notes_warn_of_temperature_and_composition(predictor: MiscibilityPredictor) -> None:
    assert predictor.predict(PS, TOLUENE).notes == ()
    assert "outside the range" in predictor.predict(PS, TOLUENE, 1000.0).notes[0]
    assert "volume fraction" in predictor.predict(PS, TOLUENE, 300.0, 0.5).notes[0]


@pytest.mark.parametrize("molecule", [PS, TOLUENE, WATER])
def test_hansen_parameters_are_of_the_right_size(
    predictor: MiscibilityPredictor, molecule: Polymer | Solvent
) -> None:
    dispersion, polar, hydrogen = predictor.hansen(molecule)
    assert 12.0 < dispersion < 24.0
    assert -3.0 < polar < 25.0
    assert -3.0 < hydrogen < 45.0


def test_known_molecules_are_placed_where_the_space_has_them(
    predictor: MiscibilityPredictor,
) -> None:
    space = predictor.space()
    assert space.polymer_places.shape == (len(space.polymers), 3)
    index = space.polymers.index(PS.smiles)
    np.testing.assert_allclose(predictor.place(PS), space.polymer_places[index], atol=1e-3)
    index = space.solvents.index(TOLUENE.smiles)
    np.testing.assert_allclose(predictor.place(TOLUENE), space.solvent_places[index], atol=1e-3)


def test_weights_that_do_not_fit_their_card_are_refused(tmp_path: Path) -> None:
    broken = tmp_path / "polymer-solvent" / "broken"
    shutil.copytree(checkpoints.default_path("polymer-solvent"), broken)
    card = json.loads((broken / "card.json").read_text(encoding="utf-8"))
    card["networks"]["network"]["config"]["latent"] += 1
    (broken / "card.json").write_text(json.dumps(card), encoding="utf-8")
    with pytest.raises(CheckpointError, match="do not fit its card"):
        MiscibilityPredictor.load(broken)


def test_the_sphere_at_a_solvent_is_what_a_model_without_a_process_says_of_it() -> None:
    published = checkpoints.named_path("polymer-solvent/published-tasks-v1")
    predictor = MiscibilityPredictor.load(published)
    known = predictor.known("solvent")
    latents = predictor.latents(known, "solvent")
    config = predictor.card.networks["network"]["config"]
    assert latents.shape == (len(known), config["members"], 2 * config["latent"])
    table = predictor.predict_many(
        [PS] * len(known),
        [parse_solvent(s) for s in known],
        [298.15] * len(known),
        [0.0] * len(known),
    )
    at = predictor.soluble_at(PS, latents)
    # A pair that was seen is read with a calibration of its own.
    unseen = np.array([s not in predictor._met[1][PS.smiles] for s in known])  # noqa: SLF001
    assert unseen.sum() > 50
    assert at[unseen] == pytest.approx(table.soluble_probability[unseen], abs=1e-5)
    counts = predictor.measured_pairs("polymer")
    assert counts[PS.smiles] >= np.sum(~unseen)
    assert set(counts) <= set(predictor.known("polymer"))
