"""Intervals cover what they promise, and each ionic liquid counts once."""

from dataclasses import replace

import numpy as np
import pytest

from core.uncertainty import (
    POWERS,
    Calibration,
    HeldOut,
    calibrate,
    joined,
    reliability,
    stretch_of,
    weighted_quantile,
)


def test_a_weighted_quantile_is_the_plain_one_for_equal_weights() -> None:
    values = np.arange(1.0, 101.0)
    assert weighted_quantile(values, np.ones(100), 0.9) == 90.0
    assert weighted_quantile(values, np.r_[np.zeros(99), 1.0], 0.5) == 100.0
    with pytest.raises(ValueError, match="at least one"):
        weighted_quantile(np.empty(0), np.empty(0), 0.5)


def test_intervals_cover_new_liquids_although_some_have_many_rows() -> None:
    generator = np.random.default_rng(1)

    def draw(liquids: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        rows = generator.integers(1, 60, liquids)
        liquid = np.repeat(np.arange(liquids), rows)
        spread = np.repeat(generator.uniform(0.5, 2.0, liquids), rows)
        error = np.repeat(generator.normal(size=liquids), rows) * spread
        return error, spread, liquid

    error, spread, liquid = draw(2000)
    calibration = calibrate(HeldOut(error, spread, liquid))
    error, spread, liquid = draw(4000)
    inside = np.abs(error) <= calibration.half_width(spread)
    first = np.unique(liquid, return_index=True)[1]
    assert 0.88 < inside[first].mean() < 0.92
    assert calibration.systems == 2000


def test_few_liquids_make_a_wider_interval() -> None:
    generator = np.random.default_rng(2)
    error = generator.normal(size=500)
    few = calibrate(HeldOut(error[:10], np.ones(10), np.arange(10)))
    assert few.half_width(np.ones(1))[0] == pytest.approx(np.abs(error[:10]).max())


def _folds(seed: int, *, informed: bool) -> list[HeldOut]:
    """Five folds of errors whose size the spread tells, or does not."""
    generator = np.random.default_rng(seed)
    found = []
    for fold in range(5):
        rows = generator.integers(1, 20, 400)
        system = np.repeat(np.arange(400), rows) + 400 * fold
        scale = generator.lognormal(0.0, 0.8, 400)
        error = generator.normal(size=400) * scale
        spread = scale if informed else generator.lognormal(0.0, 0.8, 400)
        found.append(HeldOut(np.repeat(error, rows), np.repeat(spread, rows), system))
    return found


def test_a_spread_that_tells_the_error_makes_intervals_narrower() -> None:
    found = reliability(_folds(3, informed=True))
    assert found["coverage_90"] == pytest.approx(0.9, abs=3.0 * found["coverage_90_se"])
    assert found["mean_width"] < 0.8 * found["constant_width"]
    assert found["relative_width"] < 0.8
    assert 0.0 < found["relative_width_se"] < 0.05
    assert found["error"] == sorted(found["error"])
    assert found["n_systems"] == 2000
    assert found["observed"] == pytest.approx(found["nominal"], abs=0.03)


def test_a_spread_that_tells_nothing_is_not_followed() -> None:
    found = reliability(_folds(4, informed=False))
    assert found["coverage_90"] == pytest.approx(0.9, abs=3.0 * found["coverage_90_se"])
    assert found["mean_width"] == pytest.approx(found["constant_width"], rel=0.03)
    assert found["sigma"][-1] < 1.2 * found["sigma"][0]
    assert found["relative_width"] == pytest.approx(1.0, abs=3.0 * found["relative_width_se"])


def test_a_spread_that_exaggerates_is_followed_less_steeply() -> None:
    folds = [replace(part, spread=part.spread**4) for part in _folds(6, informed=True)]
    assert calibrate(joined(folds), powers=POWERS).power == 0.25
    plain, less = reliability(folds), reliability(folds, powers=POWERS)
    assert less["relative_width"] < 0.9 * plain["relative_width"]
    assert less["coverage_90"] == pytest.approx(0.9, abs=3.0 * less["coverage_90_se"])


def _strange(seed: int, *, harder: float) -> list[HeldOut]:
    """Five folds in which each strange molecule makes errors so many times larger."""
    generator, found = np.random.default_rng(seed), []
    for part in _folds(seed, informed=False):
        strange = generator.integers(0, 3, len(np.unique(part.system)))
        row = np.unique(part.system, return_inverse=True)[1]
        size = harder ** strange[row] / np.abs(part.residual).mean()
        found.append(replace(part, residual=part.residual * size, strange=strange[row]))
    return found


def test_intervals_are_wider_for_strange_molecules_if_their_errors_are_larger() -> None:
    harder, same = _strange(7, harder=2.5), _strange(8, harder=1.0)
    assert stretch_of([joined(harder)]) >= 1.3
    assert stretch_of([joined(same)]) == 1.0
    # one that cannot tell is told by the others
    few = joined(same).take(joined(same).system < 20)
    assert stretch_of([few, joined(harder)]) >= 1.3
    found = reliability(harder, [same])
    assert found["coverage_90"] == pytest.approx(0.9, abs=3.0 * found["coverage_90_se"])
    assert found["relative_width"] < 0.95
    wide = Calibration(1.0, 2.0, 9, stretch=1.5).half_width(np.zeros(3), np.arange(3))
    assert wide == pytest.approx([2.0, 3.0, 4.5])


def test_coverage_is_that_of_folds_kept_out_of_the_calibration() -> None:
    folds = _folds(5, informed=True)
    wild = folds[0]
    folds[0] = HeldOut(1000.0 * wild.residual, wild.spread, wild.system)
    # intervals made from the others cannot hold what only this fold shows
    assert reliability(folds)["coverage_90"] < 0.85
    with pytest.raises(ValueError, match="two folds"):
        reliability(folds[:1])
