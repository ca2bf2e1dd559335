"""Intervals cover what they promise, and each ionic liquid counts once."""

import numpy as np
import pytest

from core.uncertainty import calibrate, weighted_quantile


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
    calibration = calibrate(error, spread, liquid)
    error, spread, liquid = draw(4000)
    inside = np.abs(error) <= calibration.half_width(spread)
    first = np.unique(liquid, return_index=True)[1]
    assert 0.88 < inside[first].mean() < 0.92
    assert calibration.systems == 2000


def test_few_liquids_make_a_wider_interval() -> None:
    generator = np.random.default_rng(2)
    error = generator.normal(size=500)
    few = calibrate(error[:10], np.ones(10), np.arange(10))
    assert few.factor == pytest.approx(np.abs(error[:10]).max() / np.sqrt(2.0))
