"""Any text to what it can mean."""

import csv
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.__main__ import main
from core.chemistry import (
    ChemistryError,
    UnknownNameError,
    parse_ion,
    parse_ionic_liquid,
    parse_polymer,
    parse_solvent,
)
from core.names import (
    KINDS,
    Kind,
    Resolution,
    _opsin,
    cations,
    find_ion,
    find_liquid,
    find_polymer,
    find_solvent,
    polymers,
    resolve,
    solvents,
)
from core.names._systematic import rule_ions
from core.names._tables import reduced, table_rows
from core.names.ions import ion_readings

ROOT = Path(__file__).resolve().parents[1]
PARSE = {
    "ion": parse_ion,
    "ionic-liquid": parse_ionic_liquid,
    "polymer": parse_polymer,
    "solvent": parse_solvent,
}


ION: tuple[Kind, ...] = ("ion",)


def read(name: str) -> list[dict[str, str]]:
    with (ROOT / "tests" / "cases" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def cases() -> list[dict[str, str]]:
    return read("resolve.csv")


def kinds_of(row: dict[str, str]) -> tuple[Kind, ...]:
    return tuple(kind for kind in KINDS if row["kind"] in {"", kind})


def canonical(smiles: str, kinds: tuple[Kind, ...]) -> set[str]:
    """The canonical spellings of a SMILES written by hand, as what it can be."""
    found = set()
    for kind in kinds:
        try:
            found.add(PARSE[kind](smiles).smiles)
        except ChemistryError:
            continue
    return found


def test_names_from_abroad_mean_one_solvent_and_no_other() -> None:
    named = {solvent.name: solvent.smiles for solvent in solvents()}
    for row in table_rows("everyday_names.csv"):
        for language in ("french", "italian", "spanish"):
            for name in filter(None, row[language].split("|")):
                matches = resolve(name).matches
                assert [(m.kind, m.smiles) for m in matches] == [("solvent", named[row["name"]])]


# ------------------------------------------------------------------------------------------- cases


def test_there_are_many_cases_of_every_kind() -> None:
    assert len(cases()) >= 300
    for kind in KINDS[:1] + KINDS[2:]:
        assert sum(row["kind"] == kind for row in cases()) >= 50
    assert sum(row["expected"] == "not found" for row in cases()) >= 50
    assert sum(" or " in row["expected"] for row in cases()) >= 30


@pytest.mark.parametrize("row", cases(), ids=lambda row: f"{row['kind']}:{row['text']}"[:60])
def test_case(row: dict[str, str]) -> None:
    kinds = kinds_of(row)
    found = resolve(row["text"], kinds)
    assert found.text == row["text"]
    assert [match.kind in kinds for match in found.matches] == [True] * len(found.matches)
    if row["expected"] == "not found":
        assert not found.matches
        assert 0 < len(found.message) < 300
        assert all(resolve(name, kinds).matches for name in found.suggestions)
    else:
        expected = [canonical(smiles, kinds) for smiles in row["expected"].split(" or ")]
        assert {match.smiles for match in found.matches} == set().union(*expected)
        assert len(found.matches) == len(expected)
        assert not found.message
        assert not found.suggestions


@pytest.mark.parametrize(
    "text, kind, says, suggestion",
    [
        ("polystyrenn", "polymer", "no name", "polystyrene"),
        ("[bmin][Tf2N]", "ionic-liquid", "no name", "bmim"),
        ("bmin", "ion", "no name", "bmim"),
        ("bmin-bf4", "ionic-liquid", "no name", "bmim bf4"),
        ("[C4C1foo][BF4]", "ionic-liquid", "no name", ""),
        ("cyclohexahne", "solvent", "no name", "cyclohexane"),
        ("petroleum ether", "solvent", "is a mixture of pentanes and hexanes", "hexane"),
        ("PVDF-HFP", "polymer", "is a copolymer of vinylidene", "poly(vinylidene fluoride)"),
        ("Brij 35", "solvent", "is a technical surfactant", ""),
        ("fusel oil", "solvent", "is a mixture of alcohols", "3-methyl-1-butanol"),
        ("Eudragit L 100", "polymer", "is a family of copolymers", "poly(methyl methacrylate)"),
        ("Eudragit", "solvent", "is a family of copolymers", ""),
        ("Carbopol", "solvent", "is a polymer (poly(acrylic acid)), and a solvent belongs", ""),
        ("PS", "solvent", "is a polymer (polystyrene), and a solvent belongs here", ""),
        ("styrene", "polymer", "is a small molecule, and a polymer belongs here", ""),
        ("imidazole", "ion", "is a small molecule, and an ion belongs here", ""),
        ("bmim", "ionic-liquid", "only the cation", ""),
        ("109-99-8", "solvent", "last digit", ""),
        ("CCO", "ion", "neutral", ""),
        ("borax", "ionic-liquid", "is a known substance, but not an ionic liquid", ""),
        ("dibutyltin dilaurate", "ionic-liquid", "is a known substance", ""),
        ("CCO", "polymer", "two ends", ""),
        ("[Na+].[Cl-]", "ionic-liquid", "metal", ""),
        ("VLSDAPSJUVQWMY-UHFFFAOYSA-N", "ion", "InChIKey", ""),
        ("glycine", "ion", "is a small molecule, and an ion belongs here", ""),
        ("SBS", "solvent", "is a copolymer of styrene and a diene, and a solvent belongs", ""),
        ("Pb", "polymer", "no name", ""),
        ("", "ion", "nothing given", ""),
        ("x" * 5000, "ion", "5,000 characters", ""),
    ],
)
def test_what_is_not_found_says_why(text: str, kind: Kind, says: str, suggestion: str) -> None:
    found = resolve(text, [kind])
    assert not found.matches
    assert says in found.message
    assert any(suggestion in name for name in found.suggestions) or not suggestion


@pytest.mark.parametrize(
    "text, how, name",
    [
        ("bmim", "abbreviation", "1-butyl-3-methylimidazolium"),
        ("[C4mim][BF4]", "abbreviation", "1-butyl-3-methylimidazolium tetrafluoroborate"),
        ("C19mim", "abbreviation", "1-methyl-3-nonadecylimidazolium"),
        ("choline chloride", "name", "2-hydroxyethyl(trimethyl)ammonium chloride"),
        ("polystyrene", "name", "polystyrene"),
        ("PMMA", "abbreviation", "poly(methyl methacrylate)"),
        ("SAN", "abbreviation", "poly(styrene-alt-acrylonitrile), alternating (1:1)"),
        ("2-MeTHF", "abbreviation", "2-methyltetrahydrofuran"),
        ("109-99-9", "CAS number", "tetrahydrofuran"),
        ("C1CCOC1", "SMILES", "tetrahydrofuran"),
        ("InChI=1S/C4H8O/c1-2-4-5-3-1/h1-4H2", "InChI", "tetrahydrofuran"),
    ],
)
def test_how_and_name(text: str, how: str, name: str) -> None:
    (match,) = resolve(text).matches
    assert (match.how, match.name) == (how, name)
    assert match.structure.smiles == match.smiles


# ------------------------------------------------------------------------------------------- rules


def test_rules_agree_with_the_names_in_the_tables() -> None:
    read = 0
    for row in (*table_rows("ions.csv"), *table_rows("abbreviations.csv")):
        others = row.get("other_names") or row.get("aliases") or ""
        for name in (row["name"], row.get("abbreviation", ""), *others.split("|")):
            made = {smiles for ion in rule_ions(name) for smiles in canonical(ion.smiles, ION)}
            assert not made or row["smiles"] in made, name
            read += bool(made)
    assert read > 500


def test_names_are_read_as_opsin_reads_them() -> None:
    rows = read("systematic_ions.csv")  # the SMILES are those of OPSIN 2.9.0
    assert len(rows) >= 250
    for row in rows:
        made = {smiles for ion in rule_ions(row["name"]) for smiles in canonical(ion.smiles, ION)}
        assert made == canonical(row["smiles"], ION), row["name"]


def test_names_made_by_rule_are_read_by_rule() -> None:
    for text in ("C13C1im", "C7dmim", "Pyr15", "PP18", "C9py", "N2225", "P66614", "N1,1,1,10"):
        (reading,) = ion_readings(text)
        (made,) = rule_ions(text)
        assert reading.smiles in {s for ion in rule_ions(made.name)
                                  for s in canonical(ion.smiles, ION)}  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 20), st.integers(1, 20))
def test_every_alkyl_chain_has_its_length(one: int, other: int) -> None:
    (match,) = resolve(f"C{one}C{other}im", ["ion"]).matches
    assert match.structure.heavy_atoms == 5 + one + other
    (match,) = resolve(f"P{one},{other},{other},{other}", ["ion"]).matches
    assert match.structure.heavy_atoms == 1 + one + 3 * other


# ------------------------------------------------------------------------------------------ tables


def test_further_readings_are_canonical_named_and_further() -> None:
    for row in table_rows("other_readings.csv"):
        kind: Kind = next(kind for kind in KINDS if kind == row["kind"])
        assert canonical(row["smiles"], (kind,)) == {row["smiles"]}
        found = resolve(row["text"], [kind]).matches
        match = next(match for match in found if match.smiles == row["smiles"])
        assert match.name != match.smiles, row
        several = len(found) > 1 or resolve(row["text"]).matches[1:]
        assert several or kind == "solvent" or row["name"], row


def test_ionic_liquids_are_found_by_name_and_number() -> None:
    for row in table_rows("ionic_liquids.csv"):
        for text in filter(None, (*row["names"].split("|"), *row["cas"].split("|"))):
            keys = [m.structure.key for m in resolve(text, ["ionic-liquid"]).matches]
            assert keys == [(row["cation"], row["anion"])], text


def test_cas_numbers_have_their_check_digit_and_one_owner() -> None:
    numbers = [row["cas"] for row in table_rows("solvents.csv")]
    for table in ("polymers.csv", "ionic_liquids.csv"):
        numbers += [n for row in table_rows(table) for n in row["cas"].split("|") if n]
    assert len(numbers) == len(set(numbers))
    for number in numbers:
        *digits, check = (int(digit) for digit in number.replace("-", ""))
        total = sum(place * digit for place, digit in enumerate(reversed(digits), start=1))
        assert total % 10 == check, number


def test_no_name_of_a_polymer_is_a_solvent() -> None:
    solvent_names = {reduced(n): s.name for s in solvents() for n in (s.name, *s.aliases)}
    shared = {n for p in polymers() for n in p.names if len(n) > 4 and reduced(n) in solvent_names}
    assert shared == set()
    for polymer in polymers():
        if len(polymer.name) > 4:
            assert not resolve(polymer.name, ["solvent"]).matches, polymer.name


def test_salts_without_a_gap_are_no_formulas_or_words() -> None:
    for text in ("CHI3", "CHBr3", "TMSCl", "TESCl", "polystyrene", "imidazolium", "guanidine"):
        assert not resolve(text, ["ionic-liquid"]).matches, text


# ------------------------------------------------------------------------------------------- speed


def test_the_first_answer_is_quick_and_loads_little() -> None:
    code = (
        "import sys, time; import core.names; start = time.process_time();"
        "core.names.resolve('BMIM-NTf2'); core.names.resolve('geranyl acetate');"
        "print(time.process_time() - start); sys.exit('chemicals' in sys.modules)"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    assert float(done.stdout) < 2.0  # 0.3 s on an idle machine


def test_unknown_names_cost_little() -> None:
    resolve("nothing like this")
    start = time.process_time()
    for number in range(50):
        resolve(f"unheard of substance {number}")
    assert (time.process_time() - start) / 50 < 0.1  # some 5 ms on an idle machine


# ------------------------------------------------------------------------------------ command line


def test_command_prints_what_is_understood(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["resolve", "2-MeTHF", "--kind", "solvent"]) == 0
    printed = capsys.readouterr().out
    assert "2-methyltetrahydrofuran" in printed
    assert "CC1CCCO1" in printed
    assert main(["resolve", "CO", "--kind", "solvent"]) == 0
    assert "carbon monoxide" in capsys.readouterr().out


def test_command_prints_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["resolve", "BMIM-NTf2", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == ["text", "understood", "matches", "suggestions", "message"]
    assert found["understood"] is True
    assert found["matches"][0]["kind"] == "ionic-liquid"
    assert found["matches"][0]["cation"] == "CCCCn1cc[n+](C)c1"
    with pytest.raises(SystemExit, match="2"):
        main(["resolve", "polystyrenn", "--json"])
    found = json.loads(capsys.readouterr().out)
    assert found["matches"] == []
    assert "polystyrene" in found["suggestions"]


def test_command_tells_what_is_not_understood(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["resolve", "polystyrenn", "--kind", "polymer"]) == 2
    assert "did you mean polystyrene" in capsys.readouterr().err


# -------------------------------------------------------------------------------------------- fuzz


@settings(max_examples=200, deadline=None)
@given(
    st.text(max_size=60)
    | st.lists(
        st.sampled_from([*"[]()*-+,. 0123468CNOPSclnmi=#/\\", "im", "Tf2N", "poly", "InChI=1S/"]),
        max_size=15,
    ).map("".join),
    st.lists(st.sampled_from(KINDS), max_size=4),
)
def test_any_text_is_resolved_or_explained(text: str, kinds: list[Kind]) -> None:
    found = resolve(text, kinds)
    assert isinstance(found, Resolution)
    assert bool(found.matches) != bool(found.message)
    assert len(found.message) < 600
    assert "\n" not in found.message


def test_the_most_common_cations_are_found_in_any_dress() -> None:
    for ion in cations()[:40]:
        for form in (ion.name, ion.name.upper(), f"[{ion.name}]+", ion.name.replace("-", "–")):
            found = resolve(form, ["ion"]).matches
            assert [match.smiles for match in found] == [ion.smiles], form


# -------------------------------------------------------------------------------- systematic names


def test_systematic_names_are_read_where_opsin_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    echo = "import sys; print('CC[n+]1ccccc1' if 'unheard' in sys.stdin.read() else '')"
    monkeypatch.setattr(_opsin, "opsin_command", lambda: (sys.executable, "-c", echo))
    (match,) = resolve("1-unheardofylpyridinium", ["ion"]).matches
    assert (match.smiles, match.how) == ("CC[n+]1ccccc1", "IUPAC name")
    assert not resolve("1-anotherylpyridinium").matches
    assert not resolve("1-unheardofylpyridinium", ["polymer"]).matches


@pytest.mark.parametrize(
    "command", [(sys.executable, "-c", "import time; time.sleep(60)"), ("/no/such/java",), None]
)
def test_opsin_is_not_waited_for_long_and_not_needed(
    command: tuple[str, ...] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_opsin, "_SECONDS", 0.2)
    monkeypatch.setattr(_opsin, "opsin_command", lambda: command)
    found = resolve(f"{len(command or ())}-unheardofylpyridinium", ["polymer", "solvent"])
    assert not found.matches
    assert "no name" in found.message


def test_a_base_with_the_name_of_an_anion_is_its_protonated_form() -> None:
    (match,) = resolve("DBU acetate").matches
    assert match.name == "1,8-diazabicyclo[5.4.0]undec-7-enium acetate"
    assert find_liquid("DBU acetate").cation == find_ion("HDBU")
    with pytest.raises(ChemistryError):
        find_liquid("benzene acetate")


def test_a_mixture_is_told_apart_from_what_is_not_known() -> None:
    for find, text in ((find_solvent, "white spirit"), (find_polymer, "EVOH")):
        with pytest.raises(UnknownNameError, match="the nearest here"):
            find(text)


@pytest.mark.parametrize("row", table_rows("mixtures.csv"), ids=lambda row: row["names"][:40])
def test_what_is_offered_in_place_of_a_mixture_is_one_substance(row: dict[str, str]) -> None:
    for name in filter(None, row["instead"].split("|")):
        assert len(resolve(name, (row["kind"],)).matches) == 1
    for name in row["names"].split("|"):
        text = name.replace("*", " 77")
        found = resolve(text, (row["kind"],))
        assert not found.matches, text
        assert row["what"] in found.message, text
        assert not resolve(text, ("solvent",)).matches, text
