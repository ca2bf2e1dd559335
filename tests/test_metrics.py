"""How numbers of the cards are written."""

import pytest

from core.metrics import with_error


@pytest.mark.parametrize(
    "difference,error,text",
    [
        (-0.9718, 0.1692, "-0.97 ± 0.17"),
        (-0.0000583, 0.0018, "-0.0001 ± 0.0018"),
        (-17.26, 4.32, "-17.3 ± 4.3"),
        (123.4, 21.0, "+123 ± 21"),
        (0.0, 0.0, "+0.000 ± 0.000"),
    ],
)
def test_a_difference_is_written_to_two_digits_of_its_error(
    difference: float, error: float, text: str
) -> None:
    assert with_error(difference, error) == text
