"""The gate for solvents: one neutral molecule of a sensible size."""

import csv
import string
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import chemistry
from core.chemistry import (
    MAX_SOLVENT_HEAVY_ATOMS,
    ChemistryError,
    Solvent,
    TooLargeError,
    parse_solvent,
)

REFUSED = Path(__file__).parent / "cases" / "refused_solvents.csv"


def refused() -> list[dict[str, str]]:
    with REFUSED.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    "case",
    [
        ("O", "O", "H2O", 18.015),
        ("[2H]O[2H]", "O", "H2O", 18.015),  # isotopes are dropped
        ("N", "N", "H3N", 17.031),
        ("S=C=S", "S=C=S", "CS2", 76.14),
        ("C(Cl)(Cl)(Cl)Cl", "ClC(Cl)(Cl)Cl", "CCl4", 153.82),
        ("O=C=O", "O=C=O", "CO2", 44.009),
        ("O=S=O", "O=S=O", "O2S", 64.06),
        ("  CO\n", "CO", "CH4O", 32.042),
        ("C1CCOC1", "C1CCOC1", "C4H8O", 72.107),
        ("c1ccccc1C", "Cc1ccccc1", "C7H8", 92.141),
        ("C1=CC=CC=C1C", "Cc1ccccc1", "C7H8", 92.141),
        ("C[C@H](O)CC", "CCC(C)O", "C4H10O", 74.123),
        ("[CH3:1][OH:2]", "CO", "CH4O", 32.042),
        ("C[N+](=O)[O-]", "C[N+](=O)[O-]", "CH3NO2", 61.040),
        ("CN(=O)=O", "C[N+](=O)[O-]", "CH3NO2", 61.040),
        ("C[S+](C)[O-]", "CS(C)=O", "C2H6OS", 78.136),
        ("CN1(CCOCC1)=O", "C[N+]1([O-])CCOCC1", "C5H11NO2", 117.148),
        ("CC[N+]#[C-]", "[C-]#[N+]CC", "C3H5N", 55.080),
        ("FC(F)(F)C(O)C(F)(F)F", "OC(C(F)(F)F)C(F)(F)F", "C3H2F6O", 168.038),
        ("C[Si]1(C)O[Si](C)(C)O[Si](C)(C)O[Si](C)(C)O1", None, "C8H24O4Si4", 296.62),
    ],
    ids=lambda case: case[0],
)
def test_solvents_are_let_in(case: tuple[str, str | None, str, float]) -> None:
    text, smiles, formula, mass = case
    solvent = parse_solvent(text)
    assert solvent.smiles == smiles or smiles is None
    assert solvent.formula == formula
    assert solvent.molar_mass == pytest.approx(mass, abs=0.01)
    assert parse_solvent(solvent.smiles) == solvent


@pytest.mark.parametrize("row", refused(), ids=lambda row: f"{row['error']}: {row['text']!r}")
def test_refused_with_a_reason(row: dict[str, str], capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(getattr(chemistry, row["error"])) as caught:
        parse_solvent(row["text"])
    assert row["says"] in str(caught.value)
    assert "\n" not in str(caught.value)
    assert capfd.readouterr() == ("", "")


def test_size_is_limited() -> None:
    assert parse_solvent("C" * MAX_SOLVENT_HEAVY_ATOMS).heavy_atoms == MAX_SOLVENT_HEAVY_ATOMS
    with pytest.raises(TooLargeError, match=str(MAX_SOLVENT_HEAVY_ATOMS)):
        parse_solvent("C" * (MAX_SOLVENT_HEAVY_ATOMS + 1))


def check_message(error: ChemistryError) -> None:
    assert 10 < len(str(error)) < 300
    assert str(error).isprintable()


tokens = ("C", "O", "N", "c1ccccc1", "C1CCOC1", "Cl", "S(=O)", "[O-]", "[N+]", *"()=#.-+[]12*@/$>")


@settings(max_examples=400, deadline=None)
@given(
    st.text(max_size=60)
    | st.text(alphabet=string.printable, max_size=60)
    | st.lists(st.sampled_from(tokens), max_size=12).map("".join)
)
def test_the_gate_gives_a_solvent_or_a_chemistry_error(text: str) -> None:
    try:
        solvent = parse_solvent(text)
    except ChemistryError as error:
        check_message(error)
    else:
        assert isinstance(solvent, Solvent)
        assert parse_solvent(solvent.smiles) == solvent
