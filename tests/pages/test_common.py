import gc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from core import names
from core.chemistry import ChemistryError, combine, parse_ion
from core.properties import PRESSURE_UNITS, PROPERTIES, TEMPERATURE_UNITS
from pages import _common as common

CATIONS = [ion.smiles for ion in names.cations()[:40] if ion.charge == 1]
ANIONS = [ion.smiles for ion in names.anions()[:40] if ion.charge == -1]
liquids = st.builds(
    lambda cation, anion: combine(parse_ion(cation), parse_ion(anion)),
    st.sampled_from(CATIONS),
    st.sampled_from(ANIONS),
)
states = st.builds(
    common.State,
    liquid=liquids,
    temperature_K=st.floats(200.0, 600.0).map(lambda t: round(t, 3)),
    pressure_kPa=st.floats(10.0, 9e5).map(lambda p: round(p, 3)),
    T_unit=st.sampled_from([unit.label for unit in TEMPERATURE_UNITS]),
    P_unit=st.sampled_from([unit.label for unit in PRESSURE_UNITS]),
    units=st.fixed_dictionaries(
        {
            key: st.sampled_from([unit.label for unit in prop.units])
            for key, prop in PROPERTIES.items()
        }
    ),
    against=st.sampled_from(["temperature_K", "pressure_kPa"]),
    scale=st.sampled_from(["linear", "log", "arrhenius"]),
    view=st.sampled_from(["2-D", "3-D"]),
    window_K=st.sampled_from([common.WINDOW_K, (200.0, 450.0)]),
    pressure_top_kPa=st.sampled_from([common.PRESSURE_TOP_KPA, 5e5]),
    pinned=st.lists(liquids, max_size=5, unique_by=lambda liquid: liquid.key),
)


@settings(max_examples=50, deadline=None)
@given(states)
def test_every_state_survives_its_link(state: common.State) -> None:
    assert common.from_query(common.to_query(state)) == state


@pytest.mark.parametrize("role", ["cation", "anion"])
def test_the_short_name_of_every_ion_in_a_link_leads_back_to_it(role: str) -> None:
    for smiles in common.catalogue(role):
        ion = parse_ion(smiles, role)
        state = common.State()
        liquid = (ion, state.liquid.anion) if role == "cation" else (state.liquid.cation, ion)
        state.liquid = combine(*liquid)
        assert common.from_query(common.to_query(state)).liquid.key == state.liquid.key


@given(st.text(max_size=40))
def test_escaped_text_has_no_bare_mark(text: str) -> None:
    escaped = common.plain(text)
    bare = escaped.replace("\\\\", "")
    for mark in "<>[]()!*_`$:#|~&":
        assert bare.count(mark) == bare.count(f"\\{mark}")


def test_formulas_have_subscripts_and_a_raised_charge() -> None:
    assert common.formula(parse_ion("CCn1cc[n+](C)c1")) == "C₆H₁₁N₂⁺"
    assert common.formula(parse_ion("[O-]S(=O)(=O)[O-]")) == "O₄S²⁻"


def test_counts_stand_in_the_name_of_a_liquid_that_is_not_one_to_one() -> None:
    liquid = combine(parse_ion("CCn1cc[n+](C)c1"), parse_ion("[O-]S(=O)(=O)[O-]"))
    assert common.liquid_name(liquid).startswith("[C2mim]₂")


@pytest.mark.parametrize(
    "text,smiles",
    [
        ("CCCCn1cc[n+](C)c1", "CCCCn1cc[n+](C)c1"),
        ("bmim", "CCCCn1cc[n+](C)c1"),
        ("[C4mim]+", "CCCCn1cc[n+](C)c1"),
        ("1-Butyl-3-methylimi", "CCCCn1cc[n+](C)c1"),
    ],
)
def test_what_is_typed_into_a_list_is_understood(text: str, smiles: str) -> None:
    assert common.ion_of(text, "cation").smiles == smiles


@pytest.mark.parametrize("text", ["", "  ", "bmimm", "[Cl-]"])
def test_what_fits_no_ion_of_a_list_is_refused(text: str) -> None:
    with pytest.raises(ChemistryError):
        common.ion_of(text, "cation")


def test_what_is_loaded_for_good_is_not_searched_for_garbage_after_each_run() -> None:
    gc.unfreeze()
    common.settle.clear()
    app = AppTest.from_file(str(Path(__file__).parents[2] / "app.py"), default_timeout=60).run()
    assert not app.exception
    assert gc.get_freeze_count() > 100_000


def test_a_value_that_may_not_have_arrived_is_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []

    class Session(dict[str, object]):
        def __setitem__(self, key: str, value: object) -> None:
            if key == "box":
                sent.append(str(value))
            super().__setitem__(key, value)

    monkeypatch.setattr(common.st, "session_state", Session())
    monkeypatch.setattr(common.st, "query_params", {})
    common.seeded("box", "a")  # a run that is broken off
    common.seeded("box", "a")
    common.publish("page", {})
    assert sent == ["a", "a"]
    common.seeded("box", "a")  # it is there, and the user may be typing
    common.publish("page", {})
    assert sent == ["a", "a"]
    common.seeded("box", "b")
    assert sent == ["a", "a", "b"]
    common.publish("page", {})
    common.publish("page", {})  # a run without the box
    common.seeded("box", "b")
    assert sent == ["a", "a", "b", "b"]
