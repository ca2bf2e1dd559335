"""Questions for teaching: the same for a seed, and only where the answer can be told."""

from itertools import pairwise

import pytest

from core.exercises import DISSOLVES, QUESTIONS, Exercise, draw
from core.predict import IonicLiquidPredictor, MiscibilityPredictor
from core.properties import PROPERTIES


@pytest.fixture(scope="module")
def liquids() -> IonicLiquidPredictor:
    return IonicLiquidPredictor.load()


@pytest.fixture(scope="module")
def mixtures() -> MiscibilityPredictor:
    return MiscibilityPredictor.load()


@pytest.fixture(scope="module")
def many(liquids: IonicLiquidPredictor, mixtures: MiscibilityPredictor) -> list[Exercise]:
    return [
        draw(liquids, mixtures, seed, number) for seed in range(1, 9) for number in range(QUESTIONS)
    ]


def test_a_seed_gives_everyone_the_same_question(
    liquids: IonicLiquidPredictor, mixtures: MiscibilityPredictor, many: list[Exercise]
) -> None:
    assert draw(liquids, mixtures, 1, 0) == many[0]
    assert len({asked.question + str(asked.options) for asked in many}) > len(many) // 2


def test_nothing_is_asked_where_intervals_overlap(many: list[Exercise]) -> None:
    for asked in many:
        if asked.kind == "dissolve":
            assert asked.probability is not None
            assert not 0.15 < asked.probability < 0.85
        else:
            assert all(lower.high < upper.low for lower, upper in pairwise(asked.shown))


def test_the_right_answer_follows_from_the_numbers(many: list[Exercise]) -> None:
    kinds = set()
    for asked in many:
        kinds.add(asked.kind)
        assert asked.options.count(asked.right) == 1
        names = [shown.name for shown in asked.shown]
        if asked.kind == "compare":
            assert asked.right == max(asked.shown, key=lambda shown: shown.value).name
            assert len(asked.options) == 2
        elif asked.kind == "order":
            assert asked.right == " < ".join(names)
            assert len(set(asked.options)) == 6
        else:
            assert asked.options == DISSOLVES
            assert asked.probability is not None
            assert asked.right == DISSOLVES[0 if asked.probability > 0.5 else 1]
    assert kinds == {"compare", "order", "dissolve"}


def test_the_right_answer_is_not_always_in_the_same_place(many: list[Exercise]) -> None:
    for kind in ("compare", "order", "dissolve"):
        places = {asked.options.index(asked.right) for asked in many if asked.kind == kind}
        assert len(places) > 1


def test_every_answer_has_a_reason_and_a_quantity(many: list[Exercise]) -> None:
    for asked in many:
        assert asked.why.endswith(".")
        assert asked.quantity == "chi" or asked.quantity in PROPERTIES


def test_a_model_that_is_never_sure_is_not_asked_about() -> None:
    class Unsure:
        def predict(self, *_: object) -> object:
            class At:
                soluble_probability = 0.5

            return At()

    with pytest.raises(LookupError, match="no question"):
        draw(Unsure(), Unsure(), 1, 1)  # type: ignore[arg-type]
