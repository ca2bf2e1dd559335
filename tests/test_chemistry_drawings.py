import pytest

from core.chemistry import (
    EmptyStructureError,
    TooLargeError,
    parse_ion,
    parse_ionic_liquid,
    parse_polymer,
    read_drawing,
)
from core.names import Kind, resolve_drawing

# As the editor writes them: rings by bonds, aromatic bonds between capital letters.
FORGOTTEN = [
    ("CCCCN1=CN(C)C=C1", "CCCCn1cc[n+](C)c1", "nitrogen"),
    ("CCCCN1:C:N(C):C:C:1", "CCCCn1cc[n+](C)c1", "aromatic"),
    ("CN1:C:C:C:C:C:1", "C[n+]1ccccc1", "aromatic"),
    ("C1=CC=CN(C)=C1", "C[n+]1ccccc1", "nitrogen"),
    ("C[N](C)(C)C", "C[N+](C)(C)C", "nitrogen"),
    ("CP(C)(C)C", "C[P+](C)(C)C", "phosphorus"),
    ("CCS(C)C", "CC[S+](C)C", "sulfur"),
    ("FB(F)(F)F", "F[B-](F)(F)F", "boron"),
    ("F[P](F)(F)(F)(F)F", "F[P-](F)(F)(F)(F)F", "phosphorus"),
    ("Cl[Al](Cl)(Cl)Cl", "[Cl][Al-]([Cl])([Cl])[Cl]", "aluminium"),
]
WHOLE = [
    ("CCCC[n]1c[n+](C)cc1.F[B-](F)(F)F", "CCCCn1cc[n+](C)c1", "F[B-](F)(F)F", 0),
    ("CCCCN1=CN(C)C=C1.FB(F)(F)F", "CCCCn1cc[n+](C)c1", "F[B-](F)(F)F", 2),
    ("C[N+](C)(C)C.Cl", "C[N+](C)(C)C", "[Cl-]", 1),
    ("CC(=O)O.CCn1cc[n+](C)c1", "CCn1cc[n+](C)c1", "CC(=O)[O-]", 1),
    ("C[N](C)(C)CC[N](C)(C)C.Br.Br", "C[N+](C)(C)CC[N+](C)(C)C", "[Br-]", 2),
]
RIGHT = [
    "*CC(*)C1:C:C:C:C:C:1",
    "Cn1cccc1",
    "CN1:C:C:C:C:1",
    "CN(=O)=O",
    "CS(C)=O",
    "C[N+](C)(C)[O-]",
    "CC(=O)O",
    "C[Si](C)(C)C",
    "C1CCOC1",
]


@pytest.mark.parametrize("drawn,meant,atom", FORGOTTEN)
def test_a_forgotten_charge_is_set_and_said(drawn: str, meant: str, atom: str) -> None:
    drawing = read_drawing(drawn)
    assert parse_ion(drawing.smiles).smiles == parse_ion(meant).smiles
    (note,) = drawing.notes
    assert atom in note
    assert "charge" in note


@pytest.mark.parametrize("drawn,cation,anion,notes", WHOLE)
def test_a_whole_ionic_liquid_may_be_drawn(drawn: str, cation: str, anion: str, notes: int) -> None:
    drawing = read_drawing(drawn)
    expected = parse_ion(cation).smiles, parse_ion(anion).smiles
    assert parse_ionic_liquid(drawing.smiles).key == expected
    assert len(drawing.notes) == notes


@pytest.mark.parametrize("drawn", RIGHT)
def test_what_is_right_is_left_as_it_was_drawn(drawn: str) -> None:
    assert read_drawing(drawn).smiles == drawn
    assert not read_drawing(drawn).notes


def test_labels_behind_the_structure_are_dropped() -> None:
    assert parse_polymer(read_drawing("*CCO* |$_R1;;;;_R2$|").smiles).smiles == "*CCO*"


def test_nothing_and_too_much_are_refused() -> None:
    with pytest.raises(EmptyStructureError):
        read_drawing("  ")
    with pytest.raises(TooLargeError):
        read_drawing("C" * 1001)


@pytest.mark.parametrize(
    "drawn,kinds,smiles",
    [
        ("CO", ("solvent",), "CO"),
        ("*CC(*)C(=O)OC", ("polymer", "solvent"), "*CC(*)C(=O)OC"),
        ("CCCCN1=CN(C)C=C1", ("ion", "ionic-liquid"), "CCCCn1cc[n+](C)c1"),
    ],
)
def test_a_drawing_is_resolved_to_one_structure(
    drawn: str, kinds: tuple[Kind, ...], smiles: str
) -> None:
    found, _ = resolve_drawing(drawn, kinds)
    (match,) = found.matches
    assert match.smiles == smiles
    assert match.kind in kinds


@pytest.mark.parametrize("drawn", ["", "   ", "C1CC", "<script>", "C" * 3000, "*CC*.*CC*", "[Na+]"])
def test_what_cannot_be_used_is_told_and_nothing_is_raised(drawn: str) -> None:
    found, _ = resolve_drawing(drawn, ("ion", "polymer"))
    assert not found.matches
    assert found.message
