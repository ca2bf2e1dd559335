"""The gate for repeat units: one polymer has one identity, what is no repeat unit is refused."""

import csv
import random
import string
import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdkit import Chem
from rdkit.Chem import rdMolDescriptors

from core import chemistry
from core.chemistry import (
    MAX_CHARACTERS,
    MAX_UNIT_HEAVY_ATOMS,
    ChemistryError,
    Polymer,
    TooLargeError,
    cyclic_oligomer,
    parse_polymer,
)

CASES = Path(__file__).parent / "cases"


def rows(name: str) -> list[dict[str, str]]:
    with (CASES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


SAME = rows("same_polymer.csv")
UNITS = sorted({row["smiles"] for row in SAME})


# ------------------------------------------------------------------------------------- one identity


@pytest.mark.parametrize("row", SAME, ids=lambda row: f"{row['polymer']}: {row['spelling']}")
def test_spellings_of_one_polymer_meet(row: dict[str, str]) -> None:
    assert parse_polymer(row["spelling"]).smiles == row["smiles"]
    assert parse_polymer(row["spelling"]) == parse_polymer(row["smiles"])


@pytest.mark.parametrize(
    "pair",
    [
        ("*CC(*)C", "*CC*"),
        ("*CC(*)C", "*CC(C)C(C)C*"),  # head to head
        ("*OC(C)C(*)=O", "*OCCC(*)=O"),
        ("*CC=C(C)C*", "*CC(*)C(C)=C"),  # 1,4 and 3,4
        ("*NCCCCCC(*)=O", "*NCCCCCCNC(=O)CCCCC(*)=O"),  # nylon 6 and 6,6: formulas in proportion
        ("*NC(C)C(=O)NCC(*)=O", "*NCC(=O)NC(C)C(=O)NC(C)C(=O)NCC(*)=O"),
        ("*c1ccc(*)cc1", "*c1cccc(*)c1"),
        ("*OC1C(CO)OC(*)C(O)C1O", "*OCC1OC(*)C(O)C(O)C1O"),  # 1,4 and 1,6 links
        ("*CC(*)OC(C)=O", "*CC(*)C(=O)OC"),
        ("*O[Si](*)(C)C", "*O[Si](C)(C)[Si](*)(C)C"),
    ],
)
def test_different_polymers_stay_apart(pair: tuple[str, str]) -> None:
    first, second = map(parse_polymer, pair)
    assert first.smiles != second.smiles


def cut_anywhere(smiles: str, repeats: int, generator: random.Random) -> str:
    """Another spelling: some units cut out of a ring of more, at a random bond of the backbone."""
    unit, ring = Chem.MolFromSmiles(smiles), cyclic_oligomer(smiles, repeats + 2)
    stars = [atom.GetIdx() for atom in unit.GetAtoms() if atom.GetAtomicNum() == 0]
    path = Chem.GetShortestPath(unit, *stars)
    bonds = [unit.GetBondBetweenAtoms(*pair) for pair in pairwise(path)]
    choices = [
        bond for bond in bonds if bond.GetBondType() == Chem.BondType.SINGLE and not bond.IsInRing()
    ]
    place = bonds.index(generator.choice(choices))
    size = unit.GetNumAtoms() - 2
    in_ring = [atom - sum(star < atom for star in stars) for atom in path[1:-1]]
    in_ring = [in_ring[-1] - size, *in_ring, in_ring[0] + size]
    left, right = (atom % ring.GetNumAtoms() for atom in in_ring[place : place + 2])
    ends = [(atom + repeats * size) % ring.GetNumAtoms() for atom in (left, right)]
    editable = Chem.RWMol(ring)
    editable.RemoveBond(left, right)
    editable.RemoveBond(*ends)
    for atom in (right, ends[0]):
        editable.AddBond(atom, editable.AddAtom(Chem.Atom(0)), Chem.BondType.SINGLE)
    (part,) = (part for part in Chem.MolToSmiles(editable).split(".") if "*" in part)
    mol = Chem.MolFromSmiles(part)
    order = list(range(mol.GetNumAtoms()))
    generator.shuffle(order)
    mol = Chem.RenumberAtoms(mol, order)
    if generator.random() < 0.3:
        Chem.Kekulize(mol, clearAromaticFlags=True)
    return str(Chem.MolToSmiles(mol, canonical=False))


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(UNITS), st.integers(1, 4), st.randoms(use_true_random=False))
def test_cut_anywhere_read_either_way_repeated(
    smiles: str, repeats: int, generator: random.Random
) -> None:
    spelling = cut_anywhere(smiles, repeats, generator)
    if len(spelling) <= MAX_CHARACTERS:
        assert parse_polymer(spelling).smiles == smiles


# Each goes on from its last atom, a ring from the atom opposite to where it was entered.
PIECES = (
    *("C", "O", "C(=O)", "C(=O)O", "N", "C(C)", "C(C)(C)", "C(F)(F)", "C=C", "C(C)=C", "S", "CC"),
    *("[Si](C)(C)", "c1ccc(cc1)", "c1cccc(c1)", "S(=O)(=O)", "C1CCC(CC1)", "c1ccc2cc(ccc2c1)"),
    *("C(c1ccccc1)", "N(C)", "C(C#N)", "c1ccc(s1)", "C#C", "P(=O)(C)", "N1C(=O)C(CC1=O)", "N=C"),
)
chains = st.lists(st.sampled_from(PIECES), min_size=1, max_size=7)


@settings(max_examples=300, deadline=None)
@given(chains, st.integers(1, 3), st.integers(0, 6))
def test_rotated_words_of_groups_are_one_polymer(
    pieces: list[str], repeats: int, shift: int
) -> None:
    shift %= len(pieces)
    rotated = pieces[shift:] + pieces[:shift]
    texts = [f"*{''.join(words)}*" for words in (pieces, rotated, rotated * repeats)]
    try:
        expected = parse_polymer(texts[0])
    except ChemistryError:
        return
    assert {parse_polymer(text) for text in texts if len(text) <= MAX_CHARACTERS} == {expected}
    assert parse_polymer(expected.smiles) == expected


# --------------------------------------------------------------------------- what chemists write


@pytest.mark.parametrize("smiles", UNITS)
def test_the_canonical_unit_is_its_own(smiles: str) -> None:
    assert parse_polymer(smiles).smiles == smiles


@pytest.mark.parametrize(
    "case",
    [
        ("*CC(*)c1ccccc1", "C8H8", 104.152, 8),
        ("*C*", "C2H4", 28.054, 2),
        ("*O[Si](*)(C)C", "C2H6OSi", 74.154, 4),
        ("*N=P(*)(Cl)Cl", "Cl2NP", 115.886, 4),
        ("*NCCCCCC(*)=O", "C6H11NO", 113.160, 8),
        ("*C(F)(F)C(*)(F)Cl", "C2ClF3", 116.469, 6),
        ("*CCOCCOCCO*", "C2H4O", 44.053, 3),
    ],
    ids=lambda case: case[0],
)
def test_formula_mass_and_size(case: tuple[str, str, float, int]) -> None:
    polymer = parse_polymer(case[0])
    assert (polymer.formula, polymer.heavy_atoms) == (case[1], case[3])
    assert polymer.molar_mass == pytest.approx(case[2], abs=0.002)


# ------------------------------------------------------------------------------- what is let in


@pytest.mark.parametrize(
    "row", rows("refused_polymers.csv"), ids=lambda row: f"{row['error']}: {row['text']!r}"
)
def test_refused_with_a_reason(row: dict[str, str], capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(getattr(chemistry, row["error"])) as caught:
        parse_polymer(row["text"])
    assert row["says"] in str(caught.value)
    assert "\n" not in str(caught.value)
    assert capfd.readouterr() == ("", "")  # RDKit keeps quiet


def test_neutral_zwitterions_are_let_in() -> None:
    betaine = parse_polymer("*CC(*)C(=O)OCC[N+](C)(C)CCCS(=O)(=O)[O-]")
    assert betaine.formula == "C10H19NO5S"


def test_size_is_limited() -> None:
    assert parse_polymer("*CC(*)" + "C" * 118).heavy_atoms == MAX_UNIT_HEAVY_ATOMS
    with pytest.raises(TooLargeError, match=str(MAX_UNIT_HEAVY_ATOMS)):
        parse_polymer("*CC(*)" + "C" * 119)
    with pytest.raises(TooLargeError, match=str(MAX_CHARACTERS)):
        parse_polymer("*CC(*)" + "C" * MAX_CHARACTERS)
    # What counts is the smallest unit, not how often it was written.
    assert parse_polymer("*" + "C" * 400 + "*").smiles == "*CC*"


def test_long_backbones_end_in_time() -> None:
    start = time.perf_counter()
    parse_polymer("*" + "CO" * 200 + "*")
    parse_polymer("*" + "CCO" * 39 + "C*")
    assert time.perf_counter() - start < 1.0


# ---------------------------------------------------------------------------------------- oligomers


@pytest.mark.parametrize("units", [3, 4, 10])
def test_cyclic_oligomers_have_no_end_groups(units: int) -> None:
    for smiles in UNITS:
        polymer = parse_polymer(smiles)
        ring = cyclic_oligomer(polymer.smiles, units)
        assert ring.GetNumHeavyAtoms() == ring.GetNumAtoms() == units * polymer.heavy_atoms
        mass = rdMolDescriptors._CalcMolWt(ring)  # noqa: SLF001
        assert mass == pytest.approx(units * polymer.molar_mass, rel=1e-6)
        unit = Chem.MolFromSmiles(polymer.smiles)
        aromatic = sum(atom.GetIsAromatic() for atom in unit.GetAtoms())
        assert sum(atom.GetIsAromatic() for atom in ring.GetAtoms()) == units * aromatic
        small = rdMolDescriptors.CalcNumRings(unit)
        assert ring.GetRingInfo().NumRings() == units * small + 1
        numbers = [atom.GetAtomicNum() for atom in ring.GetAtoms()]
        assert numbers == numbers[: polymer.heavy_atoms] * units


def test_a_ring_is_the_same_molecule_wherever_the_unit_was_cut() -> None:
    for row in (r for r in SAME if r["polymer"] in {"nylon 6", "polyisoprene", "polystyrene"}):
        rings = {
            Chem.MolToSmiles(cyclic_oligomer(parse_polymer(text).smiles, 4))
            for text in (row["smiles"], row["spelling"])
        }
        assert len(rings) == 1


def test_large_rings_with_many_phenylenes_end_in_time() -> None:
    start = time.perf_counter()
    ring = cyclic_oligomer("*Oc1ccc(S(=O)(=O)c2ccc(*)cc2)cc1", 12)
    assert ring.GetRingInfo().NumRings() == 25
    assert time.perf_counter() - start < 1.0


@pytest.mark.parametrize("case", [("*CC*", 1), ("*CC(*)c1ccccc1", 1), ("*[Si](*)(C)C", 2)])
def test_so_few_units_that_they_close_no_ring_are_refused(case: tuple[str, int]) -> None:
    with pytest.raises(ValueError, match="close no ring"):
        cyclic_oligomer(*case)
    cyclic_oligomer(case[0], 3)


# --------------------------------------------------------------------------------------------- fuzz

tokens = (*UNITS[:10], *PIECES, *"*()=#.-+[]123@/:~$>H", "[*]", "[R1]", "[R2]", "[NH3+]", "[O-]")
any_text = (
    st.text(max_size=60)
    | st.text(alphabet=string.printable, max_size=60)
    | st.lists(st.sampled_from(tokens), max_size=12).map("".join)
)


def check_message(error: ChemistryError) -> None:
    assert 10 < len(str(error)) < 300
    assert str(error).isprintable()


@settings(max_examples=400, deadline=None)
@given(any_text)
def test_the_gate_gives_a_polymer_or_a_chemistry_error(text: str) -> None:
    try:
        polymer = parse_polymer(text)
    except ChemistryError as error:
        check_message(error)
    else:
        assert isinstance(polymer, Polymer)
        assert polymer.smiles.count("*") == 2
        assert parse_polymer(polymer.smiles) == polymer
