"""Names of polymers and solvents to structures and back."""

import csv
import math
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.chemistry import (
    ChemistryError,
    EmptyStructureError,
    InvalidSmilesError,
    NotAPolymerError,
    NotASolventError,
    UnknownNameError,
    UnsupportedElementError,
    parse_polymer,
    parse_solvent,
)
from core.names import (
    find_polymer,
    find_solvent,
    polymer_label,
    polymers,
    solvent_name,
    solvents,
)

CASES = Path(__file__).parent / "cases"


def rows(name: str) -> list[dict[str, str]]:
    with (CASES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# ----------------------------------------------------------------------------------------- polymers


def test_polymers_pass_the_gate_and_are_found_by_all_their_names() -> None:
    assert len(polymers()) >= 200
    for field in ("smiles", "name"):
        twice = [x for x, n in Counter(getattr(p, field) for p in polymers()).items() if n > 1]
        assert twice == []
    for polymer in polymers():
        assert parse_polymer(polymer.smiles).smiles == polymer.smiles
        for name in polymer.names:
            for text in (name, f" {name.upper()} ", name.lower(), name.replace("-", " ")):
                assert find_polymer(text).smiles == polymer.smiles, text
        assert find_polymer(polymer.smiles).smiles == polymer.smiles


@pytest.mark.parametrize("row", rows("found_polymers.csv"), ids=lambda row: row["text"])
def test_polymer_found(row: dict[str, str]) -> None:
    polymer = find_polymer(row["text"])
    assert (polymer.smiles, polymer.formula) == (row["smiles"], row["formula"])


@pytest.mark.parametrize(
    "case",
    [
        ("", EmptyStructureError, "nylon 6"),
        ("Polystyrenn", UnknownNameError, "did you mean polystyrene"),
        ("PVCC", UnknownNameError, "did you mean PVC"),
        ("polyurethane", UnknownNameError, "can mean polyurethane of 1,4-butanediol"),
        ("unobtainium", UnknownNameError, "no known polymer"),
        ("CCO", NotAPolymerError, "mark the two ends"),
        ("C=Cc1ccccc1", NotAPolymerError, r"did you mean \*CC"),
        ("*CC", NotAPolymerError, "only one open end"),
        ("*CC(*", InvalidSmilesError, "brackets"),
        ("C1CCC=C", InvalidSmilesError, "ring numbers"),
        ("x" * 400, ChemistryError, "not a SMILES"),
    ],
    ids=lambda case: case[0][:30],
)
def test_polymer_not_found_says_why(case: tuple[str, type[ChemistryError], str]) -> None:
    with pytest.raises(case[1], match=case[2]):
        find_polymer(case[0])


def test_polymer_labels() -> None:
    assert polymer_label("*CC(*)c1ccccc1") == "polystyrene (PS)"
    assert polymer_label("*OC1C(CO)OC(*)C(O)C1O") == "cellulose"
    assert polymer_label("*CC(*)CCCCCCCCC") == "*CC(*)CCCCCCCCC"


# ----------------------------------------------------------------------------------------- solvents


def test_solvents_pass_the_gate_and_are_found_by_all_their_names() -> None:
    assert len(solvents()) >= 400
    for field in ("smiles", "name", "cas"):
        twice = [x for x, n in Counter(getattr(s, field) for s in solvents()).items() if n > 1]
        assert twice == []
    for solvent in solvents():
        assert parse_solvent(solvent.smiles).smiles == solvent.smiles
        for name in (solvent.name, *solvent.aliases):
            for text in (name, f" {name.upper()} ", name.lower(), name.replace("-", " ")):
                assert find_solvent(text).smiles == solvent.smiles, text
        for text in (solvent.cas, solvent.cas.replace("-", "–"), solvent.smiles):
            assert find_solvent(text).smiles == solvent.smiles, text


def test_cas_numbers_have_their_check_digit() -> None:
    for solvent in solvents():
        *digits, check = (int(digit) for digit in solvent.cas.replace("-", ""))
        total = sum(place * digit for place, digit in enumerate(reversed(digits), start=1))
        assert total % 10 == check, solvent.name


@pytest.mark.parametrize("row", rows("found_solvents.csv"), ids=lambda row: row["text"])
def test_solvent_found(row: dict[str, str]) -> None:
    assert find_solvent(row["text"]).smiles == row["smiles"]


@pytest.mark.parametrize(
    "case",
    [
        ("", EmptyStructureError, "109-99-9"),
        ("cyclohexahne", UnknownNameError, "did you mean cyclohexane"),
        ("unobtainium", UnknownNameError, "no known solvent"),
        ("999999-99-9", UnknownNameError, "CAS number"),
        ("CCO ethanol", UnknownNameError, "did you mean ethanol"),
        ("sodium chloride", NotASolventError, "ionic liquids"),
        ("[Na+].[Cl-]", NotASolventError, "ionic liquids"),
        ("*CC*", NotASolventError, "polymer"),
        ("CC[Pb](CC)(CC)CC", UnsupportedElementError, "Pb"),
        ("C1CC", InvalidSmilesError, "ring numbers"),
        ("x" * 400, ChemistryError, "not a SMILES|at most"),
    ],
    ids=lambda case: case[0][:30],
)
def test_solvent_not_found_says_why(case: tuple[str, type[ChemistryError], str]) -> None:
    with pytest.raises(case[1], match=case[2]):
        find_solvent(case[0])


@pytest.mark.parametrize(
    "case",
    [
        ("water", 18.07, 997.0, 373.1),
        ("tetrahydrofuran", 81.9, 880.0, 339.1),
        ("toluene", 106.6, 862.0, 383.8),
        ("chloroform", 80.5, 1480.0, 334.3),
        ("N-methyl-2-pyrrolidone", 96.6, 1026.0, 475.2),
        ("hexane", 131.4, 655.0, 341.9),
        ("dimethyl sulfoxide", 71.3, 1096.0, 462.2),
    ],
    ids=lambda case: case[0],
)
def test_well_known_properties(case: tuple[str, float, float, float]) -> None:
    (solvent,) = (s for s in solvents() if s.name == case[0])
    assert solvent.molar_volume_cm3_mol == pytest.approx(case[1], rel=0.01)
    assert solvent.density_kg_m3 == pytest.approx(case[2], rel=0.01)
    assert solvent.boiling_point_K == pytest.approx(case[3], abs=3.0)


def test_properties_are_possible_or_unknown() -> None:
    known = [s for s in solvents() if not math.isnan(s.molar_volume_cm3_mol)]
    assert len(known) > 0.85 * len(solvents())
    for solvent in known:
        assert 15.0 < solvent.molar_volume_cm3_mol < 600.0
        assert 450.0 < solvent.density_kg_m3 < 3400.0
    for solvent in solvents():
        boiling, melting, flash = (
            solvent.boiling_point_K,
            solvent.melting_point_K,
            solvent.flash_point_K,
        )
        assert math.isnan(boiling) or 185.0 < boiling < 710.0
        assert not melting > boiling or solvent.name == "carbon dioxide"  # which sublimes
        assert not flash > boiling


def test_solvent_names() -> None:
    assert solvent_name("C1CCOC1") == "tetrahydrofuran"
    assert solvent_name("CC(C)OB(OC(C)C)OC(C)C") == "CC(C)OB(OC(C)C)OC(C)C"


def test_common_names_do_not_load_the_large_database() -> None:
    code = (
        "import sys; from core.names import find_solvent; find_solvent('THF');"
        "find_solvent('CCO'); sys.exit('chemicals' in sys.modules)"
    )
    root = Path(__file__).resolve().parents[1]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0


# --------------------------------------------------------------------------------------------- fuzz


@settings(max_examples=150, deadline=None)
@given(
    st.text(max_size=40)
    | st.lists(st.sampled_from([*"[]*()-, 6CcNO1=", "poly", "nylon", "ethyl", "THF"])).map("".join)
)
def test_any_text_is_found_or_explained(text: str) -> None:
    for find in (find_polymer, find_solvent):
        try:
            message = find(text).smiles
        except ChemistryError as error:
            message = str(error)
        assert 0 < len(message) < 500
