"""The gate for structures: what it lets in, what it refuses, and that one ion has one identity."""

import csv
import os
import random
import string
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdkit import Chem

import core
from core import chemistry
from core.chemistry import (
    MAX_CHARACTERS,
    ChemistryError,
    Ion,
    IonicLiquid,
    NotAnIonError,
    TooLargeError,
    UnbalancedError,
    WrongChargeError,
    canonical_ion,
    combine,
    family,
    parse_ion,
    parse_ionic_liquid,
)

CASES = Path(__file__).parent / "cases"
TABLES = Path(core.__file__).parent / "tables"
DATA = Path(os.environ.get("SOLVARIUM_DATA", TABLES.parents[2] / "shared" / "data"))
DATA_IONS = DATA / "ionic_liquids" / "ions.csv"


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


CATALOGUE = [row["smiles"] for row in rows(TABLES / "ions.csv")]
SAME = rows(CASES / "same_ion.csv")


# ------------------------------------------------------------------------------------- one identity


@pytest.mark.parametrize("row", SAME, ids=lambda row: f"{row['ion']}: {row['spelling']}")
def test_spellings_of_one_ion_meet(row: dict[str, str]) -> None:
    assert parse_ion(row["spelling"]).smiles == row["smiles"]
    assert parse_ion(row["smiles"]).smiles == row["smiles"]


@pytest.mark.parametrize(
    "pair",
    [
        ("CCCCn1cc[n+](C)c1", "CCCn1cc[n+](CC)c1"),  # isomers
        ("O=C([O-])c1ccccc1O", "O=C(O)c1ccccc1[O-]"),  # tautomers: a hydrogen sits elsewhere
        ("CCC(=O)[O-]", "CC(=O)[O-]"),
        ("O=S(=O)([O-])O", "O=S(=O)([O-])[O-]"),
        ("N#C[S-]", "N#C[O-]"),
        ("c1c[n-]nn1", "c1nc[n-]n1"),
    ],
)
def test_different_ions_stay_apart(pair: tuple[str, str]) -> None:
    first, second = map(parse_ion, pair)
    assert first.smiles != second.smiles


def test_every_known_ion_has_its_own_spelling() -> None:
    assert [s for s in CATALOGUE if parse_ion(s).smiles != s] == []


def other_spellings(smiles: str, generator: random.Random) -> set[str]:
    mol = Chem.MolFromSmiles(smiles)
    order = list(range(mol.GetNumAtoms()))
    generator.shuffle(order)
    found = {Chem.MolToSmiles(Chem.RenumberAtoms(mol, order), canonical=False)}
    kekulised = Chem.Mol(mol)
    Chem.Kekulize(kekulised, clearAromaticFlags=True)
    found.add(Chem.MolToSmiles(kekulised, kekuleSmiles=True))
    structures = Chem.ResonanceMolSupplier(mol, Chem.KEKULE_ALL, 8)
    found.update(Chem.MolToSmiles(structure) for structure in structures if structure is not None)
    # Azides with a double charge on one nitrogen are drawn by no one.
    return {spelling for spelling in found if "[N-2]" not in spelling}


def identities(smiles: str, generator: random.Random) -> set[str]:
    return {parse_ion(spelling).smiles for spelling in other_spellings(smiles, generator)}


def test_random_kekule_and_resonance_spellings_of_known_ions_meet() -> None:
    generator = random.Random(7)
    ions = [s for s in CATALOGUE if family(parse_ion(s)) != "metal complex"]
    chosen = ions[:60] + generator.sample(ions[60:], 140)
    assert {s: i for s in chosen if (i := identities(s, generator)) != {s}} == {}


if DATA_IONS.is_file():

    def test_ions_of_the_training_data_keep_their_spelling() -> None:
        ions = [row["ion_smiles"] for row in rows(DATA_IONS)]
        moved = {s: parse_ion(s).smiles for s in ions if parse_ion(s).smiles != s}
        # Isothiouronium ions that the data hold twice, with the charge on S and on N.
        assert len(moved) <= 12
        assert set(moved.values()) <= set(ions)
        assert all("S" in smiles and "N" in smiles for smiles in moved)


# ----------------------------------------------------------------------------------- what an ion is


def test_ion_has_charge_formula_and_mass() -> None:
    ion = parse_ion("CCCCn1cc[n+](C)c1")
    assert (ion.charge, ion.formula, ion.heavy_atoms, ion.role) == (1, "C8H15N2+", 10, "cation")
    assert ion.molar_mass == pytest.approx(139.22, abs=0.01)
    sulfate = parse_ion("[O-]S(=O)(=O)[O-]", "anion")
    assert (sulfate.charge, sulfate.formula, sulfate.role) == (-2, "O4S-2", "anion")
    assert sulfate.molar_mass == pytest.approx(96.06, abs=0.01)


@pytest.mark.parametrize(
    "row", rows(CASES / "refused.csv"), ids=lambda row: f"{row['error']}: {row['text']!r}"
)
def test_refused_with_a_reason(row: dict[str, str], capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(getattr(chemistry, row["error"])) as caught:
        parse_ion(row["text"])
    assert row["says"] in str(caught.value)
    assert "\n" not in str(caught.value)
    assert capfd.readouterr() == ("", "")  # RDKit keeps quiet


@pytest.mark.parametrize("character", ["\0", "\x07", "\x1b", "\u202e", "\ud800", "ａ", "\n"])
def test_strange_characters_are_refused(character: str) -> None:
    with pytest.raises(ChemistryError):
        parse_ion(f"CC{character}[NH3+]")


@pytest.mark.parametrize("text", ["\ufeff[Cl-]", "\u00a0[Cl-]\u200b", "\t[Cl-]\r\n", "[Cl−]"])
def test_what_copying_adds_is_trimmed(text: str) -> None:
    assert parse_ion(text).smiles == "[Cl-]"


def test_size_is_limited() -> None:
    assert parse_ion("C" * 100 + "[NH3+]").heavy_atoms == 101
    with pytest.raises(TooLargeError, match="200"):
        parse_ion("C" * 200 + "[NH3+]")
    with pytest.raises(TooLargeError, match=str(MAX_CHARACTERS)):
        parse_ion("C" * MAX_CHARACTERS + "[NH3+]")


def test_large_conjugated_ions_end_in_time() -> None:
    # Fused rings and long chains of double bonds have very many alternating paths.
    acene = "C[n+]1cc2cc3cc4cc5cc6cc7cc8ccccc8cc7cc6cc5cc4cc3cc2cc1"
    polyene = "CN(C)C=" + "CC=" * 40 + "[N+](C)C"
    guanidines = "[NH2+]=C(N)" + "NC(=N)" * 30 + "N"
    for text in (acene, polyene, guanidines):
        start = time.perf_counter()
        assert parse_ion(parse_ion(text).smiles) == parse_ion(text)
        assert time.perf_counter() - start < 4.0


@pytest.mark.parametrize("case", [("[Cl-]", "cation", "swapped"), ("CC[NH3+]", "anion", "swapped")])
def test_the_other_role_is_recognised(case: tuple[str, chemistry.Role, str]) -> None:
    with pytest.raises(WrongChargeError, match=case[2]):
        parse_ion(case[0], case[1])


# ------------------------------------------------------------------------------------ ionic liquids


@pytest.mark.parametrize(
    "text",
    [
        "CCn1cc[n+](C)c1.[Cl-]",
        "[Cl-].CCn1cc[n+](C)c1",
        "  [Cl-].CC[n+]1ccn(C)c1\n",
        "C1C.[Cl-].n21cc[n+](C)c2",  # a ring bond across the dots
    ],
)
def test_liquid_in_any_order(text: str) -> None:
    liquid = parse_ionic_liquid(text)
    assert liquid.key == ("CCn1cc[n+](C)c1", "[Cl-]")
    assert (liquid.n_cation, liquid.n_anion) == (1, 1)
    assert liquid.smiles == "CCn1cc[n+](C)c1.[Cl-]"
    assert liquid.molar_mass == pytest.approx(146.62, abs=0.01)


def test_stoichiometry_balances_charges() -> None:
    sulfate = parse_ionic_liquid("CC[NH3+].CC[NH3+].O=S(=O)([O-])[O-]")
    assert (sulfate.n_cation, sulfate.n_anion) == (2, 1)
    assert sulfate.smiles == "CC[NH3+].CC[NH3+].O=S(=O)([O-])[O-]"
    assert parse_ionic_liquid(sulfate.smiles) == sulfate
    dication = parse_ion("C[N+](C)(C)CC[N+](C)(C)C")
    assert (combine(dication, parse_ion("[Br-]")).n_anion) == 2
    both = combine(dication, parse_ion("O=S(=O)([O-])[O-]"))
    assert (both.n_cation, both.n_anion) == (1, 1)
    assert both.molar_mass == pytest.approx(dication.molar_mass + 96.06, abs=0.01)


@pytest.mark.parametrize(
    "text",
    [
        "CC[NH3+]",
        "[Cl-]",
        "CC[NH3+].CC[NH3+].[Cl-]",
        "CC[NH3+].[Cl-].[Br-]",
        "CC[NH3+].C[NH3+].O=S(=O)([O-])[O-]",
        "[Cl-].[Br-]",
    ],
)
def test_unbalanced_liquids_are_refused(text: str) -> None:
    with pytest.raises(UnbalancedError):
        parse_ionic_liquid(text)


@pytest.mark.parametrize(
    "text",
    ["", ".", "CC[NH3+].", "CC[NH3+].CCO", "CC[NH3+].[Cl-", "[Na+].[Cl-]", "CC[NH3+].[Cl-] x"],
)
def test_broken_liquids_are_refused(text: str) -> None:
    with pytest.raises(ChemistryError):
        parse_ionic_liquid(text)


def test_combine_wants_cation_then_anion() -> None:
    cation, anion = parse_ion("CC[NH3+]"), parse_ion("[Cl-]")
    assert combine(cation, anion) == IonicLiquid(cation, anion, 1, 1)
    for wrong in ((anion, cation), (cation, cation), (anion, anion)):
        with pytest.raises(WrongChargeError):
            combine(*wrong)


def test_neutral_water_in_a_liquid_is_named() -> None:
    with pytest.raises(NotAnIonError, match="neutral"):
        parse_ionic_liquid("CC[NH3+].[Cl-].O")


# ----------------------------------------------------------------------------------------- families


@pytest.mark.parametrize("row", rows(CASES / "families.csv"), ids=lambda row: row["name"])
def test_family(row: dict[str, str]) -> None:
    assert family(parse_ion(row["smiles"])) == row["family"]


def test_an_ion_in_its_own_spelling_needs_no_search() -> None:
    for smiles in CATALOGUE[::40]:
        assert canonical_ion(smiles) == parse_ion(smiles)


def test_few_known_ions_have_no_family() -> None:
    without = [s for s in CATALOGUE if family(parse_ion(s)) == "other"]
    assert len(without) < 0.02 * len(CATALOGUE)


# --------------------------------------------------------------------------------------------- fuzz

PIECES = (
    *CATALOGUE[:80],
    *("C", "N", "O", "S", "P", "F", "Cl", "Br", "I", "B", "c", "n", "o", "s", "[nH]", "[n+]"),
    *("[NH3+]", "[O-]", "[S-]", "[Cl-]", "[Fe-]", "[C-]", "[C+]", "[P+]", "[S+]", "[N-]"),
    *"()=#.-+[]123%@/:*~$>&H0\\",
)
smiles_like = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
any_text = st.text(max_size=60) | st.text(alphabet=string.printable, max_size=60) | smiles_like


def check_message(error: ChemistryError) -> None:
    assert 10 < len(str(error)) < 300
    assert str(error).isprintable()


@settings(max_examples=400, deadline=None)
@given(any_text)
def test_the_gate_gives_an_ion_or_a_chemistry_error(text: str) -> None:
    try:
        ion = parse_ion(text)
    except ChemistryError as error:
        check_message(error)
    else:
        assert isinstance(ion, Ion)
        assert parse_ion(ion.smiles) == ion  # its identity is its own
        assert isinstance(family(ion), str)


@settings(max_examples=200, deadline=None)
@given(any_text, any_text)
def test_the_gate_gives_a_liquid_or_a_chemistry_error(first: str, second: str) -> None:
    try:
        liquid = parse_ionic_liquid(f"{first}.{second}")
    except ChemistryError as error:
        check_message(error)
    else:
        assert parse_ionic_liquid(liquid.smiles) == liquid
        charges = liquid.n_cation * liquid.cation.charge + liquid.n_anion * liquid.anion.charge
        assert charges == 0
