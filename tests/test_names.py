"""Names to structures and back."""

import csv
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import core
from core.chemistry import (
    ChemistryError,
    EmptyStructureError,
    InorganicCationError,
    NotAnIonError,
    UnbalancedError,
    UnknownNameError,
    WrongChargeError,
    family,
    parse_ion,
)
from core.names import anions, cations, find_ion, find_liquid, label_of, name_of

CASES = Path(__file__).parent / "cases"
TABLES = Path(core.__file__).parent / "tables"
BMIM = "CCCCn1cc[n+](C)c1"
TF2N = "O=S(=O)([N-]S(=O)(=O)C(F)(F)F)C(F)(F)F"


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


ABBREVIATIONS = rows(TABLES / "abbreviations.csv")


# --------------------------------------------------------------------------------------- catalogue


def test_catalogue_is_sorted_by_how_common_an_ion_is() -> None:
    assert len(cations()) > 900
    assert len(anions()) > 300
    assert {ion.abbreviation for ion in cations()[:4]} >= {"C4mim", "C2mim"}
    assert anions()[0].abbreviation == "Tf2N"
    counts = [int(row["n_liquids"]) for row in rows(TABLES / "ions.csv")]
    assert counts == sorted(counts, reverse=True)


def test_catalogue_ions_pass_the_gate() -> None:
    known = (*cations(), *anions())
    assert len({ion.smiles for ion in known}) == len(known)
    for ion in known:
        parsed = parse_ion(ion.smiles, ion.role)
        assert (parsed.smiles, parsed.charge, family(parsed)) == (
            ion.smiles,
            ion.charge,
            ion.family,
        )
        assert ion.name


def test_names_that_split_badly_would_show() -> None:
    cation_words = ("ium", "cholin", "guanidin", "berberine", "ester", "sulfate")
    odd = [i.name for i in cations() if not any(word in i.name for word in cation_words)]
    assert odd == []
    assert [i.name for i in anions() if "ium" in i.name or i.name.startswith(")")] == []


def test_abbreviations_are_unique_and_parse() -> None:
    assert len([row for row in ABBREVIATIONS if row["role"] == "cation"]) >= 60
    assert len([row for row in ABBREVIATIONS if row["role"] == "anion"]) >= 40
    for column in ("abbreviation", "smiles", "name"):
        twice = [x for x, n in Counter(row[column] for row in ABBREVIATIONS).items() if n > 1]
        assert twice == []
    known = {ion.smiles for ion in (*cations(), *anions())}
    for row in ABBREVIATIONS:
        assert parse_ion(row["smiles"], row["role"]).smiles == row["smiles"]
        assert row["smiles"] in known
        for text in (row["abbreviation"], row["name"], *filter(None, row["aliases"].split("|"))):
            for form in (text, f"[{text}]", text.lower(), text.upper()):
                assert find_ion(form, row["role"]).smiles == row["smiles"], form


def test_no_name_is_the_smiles_of_another_ion() -> None:
    for row in rows(TABLES / "ions.csv") + ABBREVIATIONS:
        others = row.get("other_names", "") or row.get("aliases", "")
        for name in (row["name"], row.get("abbreviation", ""), *others.split("|")):
            try:
                read = parse_ion(name).smiles
            except ChemistryError:
                continue
            assert read == row["smiles"], name


# ------------------------------------------------------------------------------------------ look-up


@pytest.mark.parametrize("row", rows(CASES / "found_ions.csv"), ids=lambda row: row["text"])
def test_found(row: dict[str, str]) -> None:
    assert find_ion(row["text"], row["role"] or None).smiles == row["smiles"]


@pytest.mark.parametrize(
    "case",
    [
        ("", EmptyStructureError, "bmim"),
        ("bmin", UnknownNameError, "did you mean .*bmim"),
        ("1-butyl-3-methylimidazolum", UnknownNameError, "1-butyl-3-methylimidazolium"),
        ("sodium", UnknownNameError, "no known ion"),
        ("unobtainium", UnknownNameError, "no known ion"),
        ("x" * 400, ChemistryError, "not a SMILES"),
        ("CCO", NotAnIonError, "neutral"),
        ("CO", NotAnIonError, "neutral"),
        ("[Na+]", InorganicCationError, "metal"),
        ("CCCC[n+]1ccn(C)c", ChemistryError, "SMILES"),
        ("<script>alert(1)</script>", ChemistryError, "not a SMILES"),
    ],
    ids=lambda case: case[0][:30],
)
def test_not_found_says_why(case: tuple[str, type[ChemistryError], str]) -> None:
    with pytest.raises(case[1], match=case[2]):
        find_ion(case[0])


def test_the_other_role_is_recognised() -> None:
    with pytest.raises(WrongChargeError, match="swapped"):
        find_ion("Tf2N", "cation")
    with pytest.raises(WrongChargeError, match="swapped"):
        find_ion("1-ethyl-3-methylimidazolium", "anion")


def test_labels_and_names() -> None:
    assert name_of(BMIM) == "1-butyl-3-methylimidazolium"
    assert label_of(BMIM) == "1-butyl-3-methylimidazolium  [C4mim]"
    unknown = parse_ion("CCCCCCCCCCCCCCCCCC[S+](C)CC=C").smiles
    assert name_of(unknown) == label_of(unknown) == unknown
    nameless = next(ion for ion in cations() if not ion.abbreviation)
    assert label_of(nameless.smiles) == nameless.name


# ----------------------------------------------------------------------------------- whole liquids


@pytest.mark.parametrize(
    "text",
    [
        "[bmim][Tf2N]",
        "[C4mim]+[NTf2]-",
        "[Tf2N][bmim]",
        "bmim Tf2N",
        "1-butyl-3-methylimidazolium bis(trifluoromethylsulfonyl)imide",
        "1-butyl-3-methylimidazolium bis((trifluoromethyl)sulfonyl)amide",
        f"{TF2N}.CCCC[n+]1ccn(C)c1",
    ],
)
def test_liquid_found(text: str) -> None:
    assert find_liquid(text).key == (BMIM, TF2N)


@pytest.mark.parametrize(
    "case",
    [
        ("[bmim]Cl", "[Cl-]"),
        ("[bmim]PF6", "F[P-](F)(F)(F)(F)F"),
        ("[bmim][N(CN)2]", "N#C[N-]C#N"),
        ("[bmim]2[SO4]", "O=S(=O)([O-])[O-]"),
        ("1-butyl-3-methylimidazolium hydrogen sulfate", "O=S(=O)([O-])O"),
        ("1-butyl-3-methylimidazolium methyl sulfate", "COS(=O)(=O)[O-]"),
    ],
)
def test_anion_of_liquid(case: tuple[str, str]) -> None:
    assert find_liquid(case[0]).key == (BMIM, case[1])


@pytest.mark.parametrize(
    "case",
    [
        ("[bmim][xyz]", UnknownNameError, "xyz"),
        ("[bmin][Tf2N]", UnknownNameError, "did you mean"),
        ("bmim", UnbalancedError, "only the cation"),
        ("[bmim][emim]", UnknownNameError, "emim"),
        ("water", ChemistryError, "SMILES"),
        ("", EmptyStructureError, "nothing|structure"),
        ("CCn1cc[n+](C)c1.CCO", NotAnIonError, "neutral"),
    ],
    ids=lambda case: case[0],
)
def test_liquid_not_found_says_why(case: tuple[str, type[ChemistryError], str]) -> None:
    with pytest.raises(case[1], match=case[2]):
        find_liquid(case[0])


@settings(max_examples=150, deadline=None)
@given(
    st.text(max_size=40) | st.lists(st.sampled_from("[]+- bmiTf2NCl()4"), max_size=12).map("".join)
)
def test_any_text_is_found_or_explained(text: str) -> None:
    for find in (find_ion, find_liquid):
        try:
            found = find(text)
        except ChemistryError as error:
            message = str(error)
        else:
            message = found.smiles
        assert 0 < len(message) < 400
