"""The state of the polymer page, its link and its words."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import figures, names
from core.chemistry import ChemistryError, parse_polymer, parse_solvent
from core.properties import TEMPERATURE_UNITS
from core.thermodynamics import phase_diagram
from pages import _mixtures as mixtures

CELSIUS = TEMPERATURE_UNITS[0]
POLYMERS = [entry.smiles for entry in names.polymers()]
SOLVENTS = [entry.smiles for entry in names.solvents()]
states = st.builds(
    mixtures.State,
    polymer=st.sampled_from([*POLYMERS[:40], "*CC(*)c1ccc(CCCl)cc1"]).map(parse_polymer),
    solvents=st.lists(
        st.sampled_from([*SOLVENTS[:60], "CCCCOCCCF"]), min_size=1, max_size=6, unique=True
    ).map(lambda found: [parse_solvent(smiles) for smiles in found]),
    temperature_K=st.floats(200.0, 600.0).map(lambda t: round(t, 3)),
    T_unit=st.sampled_from([unit.label for unit in TEMPERATURE_UNITS]),
    molar_mass=st.floats(200.0, 1e7).map(lambda m: float(f"{m:.6g}")),
    volume_fraction=st.floats(0.0, 1.0).map(lambda p: round(p, 4)),
    view=st.sampled_from(list(mixtures.VIEWS)),
    composition=st.sampled_from(["linear", "log"]),
    window_K=st.sampled_from([mixtures.WINDOW_K, (200.0, 450.0)]),
)


@settings(max_examples=50, deadline=None)
@given(states)
def test_every_state_survives_its_link(state: mixtures.State) -> None:
    assert mixtures.from_query(mixtures.to_query(state)) == state


def test_every_molecule_of_the_lists_survives_its_link() -> None:
    state = mixtures.State()
    for smiles in POLYMERS:
        state.polymer = parse_polymer(smiles)
        assert mixtures.from_query(mixtures.to_query(state)).polymer.smiles == smiles
    for smiles in SOLVENTS:
        state.solvents = [parse_solvent(smiles)]
        assert mixtures.from_query(mixtures.to_query(state)).solvents[0].smiles == smiles


def test_nonsense_in_a_link_keeps_the_defaults_and_is_told() -> None:
    query = {
        "polymer": ["CCO"],
        "solvent": ["nothing at all", "THF", "C1CCOC1"],
        "T": ["1e9"],
        "M": ["-3"],
        "phi": ["1.5"],
        "view": ["everything"],
        "from": ["400"],
        "to": ["300"],
    }
    state, fresh = mixtures.from_query(query), mixtures.State()
    assert state.polymer == fresh.polymer
    assert [solvent.smiles for solvent in state.solvents] == ["C1CCOC1"]
    assert state.problem.startswith("The polymer of this link: ")
    assert "A solvent of this link: " in state.problem
    state.problem, state.solvents = "", fresh.solvents
    assert state == fresh


def test_what_is_typed_into_a_list_is_understood() -> None:
    assert mixtures.polymer_of("PMMA").smiles == mixtures.polymer_of("plexiglas").smiles
    assert mixtures.polymer_of("methyl methacr").smiles == mixtures.polymer_of("PMMA").smiles
    assert mixtures.solvent_of("109-99-9").smiles == "C1CCOC1"
    assert mixtures.solvent_of("tetrahydrofu").smiles == "C1CCOC1"
    assert mixtures.solvent_of("C1CCOC1").smiles == "C1CCOC1"


@pytest.mark.parametrize("text", ["CCO", "", "*CC", "no such polymer at all"])
def test_what_is_no_polymer_is_refused(text: str) -> None:
    with pytest.raises(ChemistryError):
        mixtures.polymer_of(text)


@pytest.mark.parametrize("text", ["*CC*", "", "[Na+].[Cl-]", "no such solvent at all"])
def test_what_is_no_solvent_is_refused(text: str) -> None:
    with pytest.raises(ChemistryError):
        mixtures.solvent_of(text)


def test_a_chain_is_as_long_as_its_volume_in_solvent_molecules() -> None:
    polystyrene = parse_polymer("*CC(*)c1ccccc1")
    arguments = (polystyrene.smiles, polystyrene.molar_mass)
    toluene = mixtures.sites(*arguments, 1e5, "Cc1ccccc1")
    assert toluene == pytest.approx(1e5 / 1.05 / 106.3, rel=0.1)  # 1.05 g/cm³, 106.3 cm³/mol
    assert mixtures.sites(*arguments, 2e5, "Cc1ccccc1") == pytest.approx(2.0 * toluene)
    assert mixtures.sites(*arguments, 1e5, "O") > 5.0 * toluene
    assert mixtures.sites(*arguments, 100.0, "CCCCCCCCCCCCCCCC") == 1.0


def test_a_solvent_outside_the_table_has_an_estimated_volume() -> None:
    assert mixtures.solvent_volume("CCCCOCCCF") == pytest.approx(145.0, rel=0.15)


@pytest.mark.parametrize(
    "chi,words",
    [
        ((0.3, 0.4, 0.5), "mixes in every proportion"),
        ((0.4, 0.5, 0.6), "probably mixes"),
        ((0.5, 0.6, 0.7), "probably splits in two phases"),
        ((0.6, 0.7, 0.8), "splits in two phases"),
    ],
)
def test_chi_beside_its_critical_value_in_words(
    chi: tuple[float, float, float], words: str
) -> None:
    assert mixtures.mixing(*chi, 0.534)[0] == words


@pytest.mark.parametrize(
    "probability,words,percent",
    [
        (0.999, "almost certainly dissolves", "> 99 %"),
        (0.85, "very likely dissolves", "85 %"),
        (0.5, "may or may not dissolve", "50 %"),
        (0.1, "very likely does not dissolve", "10 %"),
        (0.001, "almost certainly does not dissolve", "< 1 %"),
    ],
)
def test_probabilities_in_words(probability: float, words: str, percent: str) -> None:
    assert mixtures.dissolving(probability) == words
    assert figures.percent(probability) == percent.replace(" ", "\N{NO-BREAK SPACE}")


@pytest.mark.parametrize(
    "abc,words",
    [
        ((0.3, 0.0, 0.0), "mixes in every proportion from −23 °C to 177 °C"),
        ((0.0, 170.0, 0.0), "mixes in every proportion above 38 °C (UCST, φ = 0.043)"),
        ((1.0, -150.0, 0.0), "mixes in every proportion below 57 °C (LCST, φ = 0.043)"),
        ((-2.42, 510.0, 0.0041), "(UCST, φ = 0.043) and below"),
        ((3.5, -510.0, -0.0041), "(LCST, φ = 0.043) or above"),
        ((-2.28, 510.0, 0.0041), "(hourglass)"),
        ((1.2, 10.0, 0.0), "splits at all temperatures from −23 °C to 177 °C"),
    ],
)
def test_phase_diagrams_in_words(abc: tuple[float, float, float], words: str) -> None:
    a, b, c = abc
    diagram = phase_diagram(lambda T: a + b / T + c * T, 500.0, np.linspace(250.0, 450.0, 60))
    assert words in mixtures.diagram_words(diagram, CELSIUS)
