"""Conditions and objectives: what is understood, what is refused, and how."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain import GRADES
from core.properties import PROPERTIES
from core.screen import (
    HALOGENS,
    NUMBERS,
    Among,
    Comparison,
    Elements,
    Objective,
    QueryError,
    read_conditions,
    read_objective,
    write_conditions,
)
from core.uncertainty import SUPPORTS

FAMILIES = ("imidazolium", "protic ammonium", "bis(sulfonyl)imide", "and")
comparisons = st.builds(
    Comparison,
    st.sampled_from(NUMBERS),
    st.sampled_from(["<", "<=", ">", ">=", "=", "!="]),
    st.floats(-1e9, 1e9).map(lambda x: float(f"{x:.10g}")),
)
words = (
    st.builds(
        Among,
        st.sampled_from(["cation.family", "anion.family"]),
        st.lists(st.sampled_from(FAMILIES), min_size=1, unique=True).map(tuple),
        st.booleans(),
    )
    | st.builds(
        Among,
        st.sampled_from(["support", *(f"{key}.support" for key in PROPERTIES)]),
        st.lists(st.sampled_from(SUPPORTS), min_size=1, unique=True).map(tuple),
        st.booleans(),
    )
    | st.builds(
        Among,
        st.sampled_from([f"{key}.grade" for key in PROPERTIES]),
        st.lists(st.sampled_from(GRADES), min_size=1, unique=True).map(tuple),
        st.booleans(),
    )
)
elements = st.builds(
    Elements,
    st.lists(st.sampled_from(["H", "C", "N", "Cl", "Au"]), min_size=1, unique=True).map(tuple),
    st.booleans(),
)
free = st.just(Elements(HALOGENS, wanted=False))


@given(st.lists(comparisons | words | elements | free, max_size=6).map(tuple))
def test_what_is_written_is_read_again(conditions: tuple) -> None:
    assert read_conditions(write_conditions(conditions), FAMILIES) == conditions


@given(st.text(max_size=60) | st.text(string.printable + "<>=|", max_size=60))
def test_any_text_is_read_or_refused_in_one_line(text: str) -> None:
    try:
        found, said = read_conditions(text, FAMILIES), ""
    except QueryError as error:
        found, said = (), str(error)
    assert "\n" not in said
    assert len(said) < 900
    assert read_conditions(write_conditions(found), FAMILIES) == found


@pytest.mark.parametrize(
    "text,expected",
    [
        ("", ()),
        ("  ", ()),
        ("viscosity_mPa_s<50", (Comparison("viscosity_mPa_s", "<", 50.0),)),
        ("viscosity_mPa_s.value<5e1", (Comparison("viscosity_mPa_s", "<", 50.0),)),
        ("viscosity_mPa_s.high == +50.", (Comparison("viscosity_mPa_s.high", "=", 50.0),)),
        ("50 > viscosity_mPa_s", (Comparison("viscosity_mPa_s", "<", 50.0),)),
        (
            "-.5 < melting_point_K <= 298",
            (Comparison("melting_point_K", ">", -0.5), Comparison("melting_point_K", "<=", 298.0)),
        ),
        (
            'cation.family = imidazolium | "protic ammonium" AND halogen-free',
            (
                Among("cation.family", ("imidazolium", "protic ammonium")),
                Elements(HALOGENS, wanted=False),
            ),
        ),
        (
            "contains N, S and without Cl",
            (Elements(("N", "S"), wanted=True), Elements(("Cl",), wanted=False)),
        ),
        (
            "density_kg_m3.support != two_new_ions",
            (Among("density_kg_m3.support", ("two_new_ions",), wanted=False),),
        ),
    ],
)
def test_conditions_are_understood(text: str, expected: tuple) -> None:
    assert read_conditions(text, FAMILIES) == expected


@pytest.mark.parametrize(
    "text,said",
    [
        ("viscosity < 50", "did you mean viscosity_mPa_s"),
        ("viscosity_mpa_s < 50", "did you mean viscosity_mPa_s"),
        ("viscosity_mPa_s.hihg < 50", "viscosity_mPa_s.high"),
        ("viscosity_mPa_s 50", "one of < <= >"),
        ("viscosity_mPa_s <", "a number to compare viscosity_mPa_s with is missing at the end"),
        ("viscosity_mPa_s < 50 mPa", "the unit is always that of the key"),
        ("viscosity_mPa_s < 50 density_kg_m3 > 1000", "write and between two conditions"),
        ("viscosity_mPa_s < 50 and", "is missing at the end"),
        ("viscosity_mPa_s < 1e999", "too large"),
        ("viscosity_mPa_s < fifty", "a number"),
        ("__import__('os')", "not understood"),
        ("viscosity_mPa_s < (50)", "not understood"),
        ("cation.family = imidazol", "did you mean imidazolium"),
        ("cation.family < imidazolium", "can only be = or !="),
        ("support = measured", "did you mean pair_measured"),
        ("without chlorine", "chlorine, for example, is Cl"),
        ("contains", "symbol of an element"),
        ("without cl", "did you mean Cl"),
        ("x" * 3000, "at most 2,000 characters"),
    ],
)
def test_what_is_wrong_is_told_with_what_would_be_right(text: str, said: str) -> None:
    with pytest.raises(QueryError) as error:
        read_conditions(text, FAMILIES)
    assert said in str(error.value)


def test_objectives_have_weights() -> None:
    assert read_objective("viscosity_mPa_s", maximise=False) == Objective("viscosity_mPa_s")
    heavy = read_objective(" density_kg_m3.low : 2.5 ", maximise=True)
    assert heavy == Objective("density_kg_m3.low", maximise=True, weight=2.5)
    assert read_objective(str(heavy), maximise=True) == heavy


@pytest.mark.parametrize(
    "text,said",
    [
        ("viscosity", "did you mean viscosity_mPa_s"),
        ("viscosity_mPa_s:0", "not a positive number"),
        ("viscosity_mPa_s:-1", "not a positive number"),
        ("viscosity_mPa_s:twice", "not a positive number"),
        ("viscosity_mPa_s:1e999", "not a positive number"),
        ("support", "no property"),
        ("", "no property"),
    ],
)
def test_objectives_that_are_none_are_refused(text: str, said: str) -> None:
    with pytest.raises(QueryError, match=said):
        read_objective(text, maximise=False)
