"""Applicability domain: distances, limits, grades and their sentences."""

import json
from dataclasses import replace

import numpy as np
import pytest

from core import checkpoints
from core.chemistry import IonicLiquid, combine, parse_ion, parse_polymer, parse_solvent
from core.domain import (
    ANY,
    APART,
    EDGE,
    FAR,
    GRADES,
    INSIDE,
    NEAR,
    ODD,
    OUTSIDE,
    Domain,
    Limits,
    between,
    beyond,
    codes,
    disagreement,
    elements_of,
    grades_of,
    limits_of,
    nearest,
    scale_of,
    scaled,
    sentence,
    standings,
    unseen,
    worst,
)
from core.predict import IonicLiquidPredictor, MiscibilityPredictor
from core.properties import PROPERTIES

GENERATOR = np.random.default_rng(7)
C4MIM, PF6 = "CCCCn1cc[n+](C)c1", "F[P-](F)(F)(F)(F)F"


def liquid(cation: str, anion: str) -> IonicLiquid:
    return combine(parse_ion(cation, "cation"), parse_ion(anion, "anion"))


# --------------------------------------------------------------------------------------- arithmetic


def test_nearest_is_the_distance_that_a_loop_finds() -> None:
    points, known = GENERATOR.normal(size=(700, 5)), GENERATOR.normal(size=(40, 5))
    apart, which = nearest(points, known)
    every = np.array([[np.linalg.norm(p - k) for k in known] for p in points])
    assert np.allclose(apart, every.min(axis=1))
    assert (which == every.argmin(axis=1)).all()


def test_a_known_point_is_at_no_distance_whatever_the_rounding() -> None:
    known = 1e3 + GENERATOR.normal(size=(30, 60))
    apart, which = nearest(known + 1e-7, known)
    assert (apart == 0.0).all()
    assert (which == np.arange(30)).all()


def test_between_leaves_out_a_point_itself() -> None:
    known = np.array([[0.0], [1.0], [4.0]])
    assert np.allclose(between(known), [1.0, 1.0, 3.0])
    many = GENERATOR.normal(size=(600, 3))
    every = np.linalg.norm(many[:, None] - many, axis=2) + np.diag(np.full(600, np.inf))
    assert np.allclose(between(many), every.min(axis=1))


def test_limits_are_the_median_and_the_95th_percentile() -> None:
    limits = limits_of(np.arange(101.0))
    assert (limits.usual, limits.far) == (50.0, 95.0)
    with pytest.raises(ValueError, match="at least one"):
        limits_of(np.empty(0))


def test_a_descriptor_that_never_varies_is_switched_off() -> None:
    raw = np.stack([GENERATOR.normal(size=50), np.full(50, 3.0)], axis=1)
    scale = scale_of(raw)
    strange = scaled(np.array([[0.0, 99.0]]), scale)
    assert abs(strange[0, 1]) < 1e-6
    assert abs(scaled(np.array([[1e9, 3.0]]), scale)[0, 0]) == 4.0


def test_grades_follow_their_limits() -> None:
    limits = Limits(1.0, 2.0)
    assert codes(np.array([0.0, 1.0, 1.5, 2.0, 2.1]), limits).tolist() == [0, 0, 1, 1, 2]
    assert worst(np.array([0, 1, 0], np.uint8), np.array([1, 0, 0], np.uint8)).tolist() == [1, 1, 0]


def test_the_embedding_alone_makes_an_edge_not_an_outside() -> None:
    apart, embedded = np.array([0.5, 0.5, 1.5, 3.0]), np.array([0.0, 9.0, 9.0, 0.0])
    found = standings(apart, Limits(1.0, 2.0), embedded, 5.0)
    assert found.tolist() == [NEAR, ODD, APART, FAR]
    assert grades_of(found).tolist() == [INSIDE, EDGE, EDGE, OUTSIDE]


def test_beyond_has_a_margin_and_leaves_nan_alone() -> None:
    values = np.array([289.0, 291.0, 409.0, 411.0, np.nan])
    assert beyond(values, (300.0, 400.0), 10.0).tolist() == [True, False, False, True, False]


def test_sentences() -> None:
    assert elements_of("C8H15N2+") == {"C", "H", "N"}
    assert elements_of("Cl3Cu-") == {"Cl", "Cu"}
    said = unseen("cation", {"C", "H", "Se", "Te"}, {"C", "H"})
    assert said == "The cation holds Se and Te, which no measured cation holds."
    for code in (APART, FAR, ODD):
        said = sentence(code, "anion", "[Tf2N]")
        assert "[Tf2N]" in said
        assert said.endswith(".")
    assert "95 %" in sentence(FAR, "anion", "[Tf2N]")
    assert "60 %" in disagreement(EDGE, "ionic-liquids")
    assert "75 %" in disagreement(EDGE, "polymer-solvent")
    assert "95 %" in disagreement(OUTSIDE, "ionic-liquids")


def test_a_domain_survives_its_card() -> None:
    domain = Domain(
        scales={ANY: {"cation": np.array([[1.0, 2.0], [0.5, 1e9]])}},
        descriptors={ANY: {"cation": Limits(1.0, 2.0)}},
        embedding={ANY: {"cation": 3.0}},
        disagreement={"density_kg_m3": Limits(0.1, 0.2)},
        elements={"cation": frozenset({"C", "N"})},
        charges={"cation": frozenset({1, 2})},
        families={"density_kg_m3": {"cation": {"ammonium": {"temperature_K": (280.0, 360.0)}}}},
        tabled={"cation": {ANY: np.array([0, 2, 3], dtype=np.uint8)}},
    )
    plain = json.loads(json.dumps(domain.as_dict()))
    again = Domain.of(plain)
    assert again.as_dict() == domain.as_dict()
    assert again.tabled["cation"][ANY].tolist() == [0, 2, 3]
    assert again.families["density_kg_m3"]["cation"]["ammonium"]["temperature_K"] == (280.0, 360.0)
    with pytest.raises(LookupError):
        Domain.of({})


# ------------------------------------------------------------------------------------ ionic liquids


@pytest.fixture(scope="module")
def predictor() -> IonicLiquidPredictor:
    return IonicLiquidPredictor.load()


def test_a_well_measured_liquid_is_inside(predictor: IonicLiquidPredictor) -> None:
    # of the second, networks and process disagree on the melting point; but it was measured
    for anion in (PF6, "F[B-](F)(F)F"):
        for key, found in predictor.predict(liquid(C4MIM, anion), 298.15).items():
            assert (found.grade, found.reasons) == ("inside", ()), key


def test_an_element_never_measured_is_outside_and_named(predictor: IonicLiquidPredictor) -> None:
    assert predictor.card.domain
    known = set(predictor.card.domain["elements"]["cation"])
    assert "Se" not in known
    found = predictor.predict(liquid("CC[Se+](C)CC", PF6), 298.15)
    for prediction in found.values():
        assert prediction.grade == "outside"
        assert prediction.reasons[0] == "The cation holds Se, which no measured cation holds."


def test_a_strange_ion_is_outside_with_its_nearest_named(predictor: IonicLiquidPredictor) -> None:
    strange = liquid("CC[n+]1ccc(-c2ccc(-c3ccc(-c4ccccc4)cc3)c(N(=O)=O)c2)c(C#CC#N)c1", PF6)
    found = predictor.predict(strange, 298.15)["viscosity_mPa_s"]
    assert found.grade == "outside"
    assert any("nearest" in reason for reason in found.reasons)


def test_a_hot_state_is_graded_by_its_temperature(predictor: IonicLiquidPredictor) -> None:
    last = predictor.card.ranges["viscosity_mPa_s"]["temperature_K"][1]
    found = predictor.predict(liquid(C4MIM, PF6), last + 60.0)
    assert found["viscosity_mPa_s"].grade == "outside"
    assert any("temperature" in reason for reason in found["viscosity_mPa_s"].reasons)
    assert found["melting_point_K"].grade == "inside"


def test_a_family_measured_over_a_narrow_span_is_at_the_edge_beyond_it(
    predictor: IonicLiquidPredictor,
) -> None:
    card = predictor.card.domain
    spans = {
        name: ends["temperature_K"][1]
        for name, ends in card["families"]["surface_tension_mN_m"]["cation"].items()
    }
    name, last = min(spans.items(), key=lambda pair: pair[1])
    first, end = predictor.card.ranges["surface_tension_mN_m"]["temperature_K"]
    assert first < last + 15.0 < end, "the example needs a narrow family"
    from core import names

    of_family = [ion.smiles for ion in names.cations() if ion.family == name and ion.charge == 1]
    assert of_family
    found = predictor.predict(liquid(of_family[0], PF6), last + 15.0)["surface_tension_mN_m"]
    assert found.grade in {"edge", "outside"}
    assert any(repr(name) in reason for reason in found.reasons)


def test_tables_and_single_predictions_agree(predictor: IonicLiquidPredictor) -> None:
    liquids = [
        liquid(C4MIM, PF6),
        liquid("CC[Se+](C)CC", PF6),
        liquid("CCCCCCCCCCCCCCCCCCCC[n+]1ccn(CCOCCO)c1", "N#C[N-]C#N"),
        liquid(C4MIM, PF6),
    ]
    t, p = np.array([298.15, 298.15, 330.0, 600.0]), np.full(4, 101.325)
    table = predictor.predict_many(liquids, t, p)
    for row, (own, temperature) in enumerate(zip(liquids, t.tolist(), strict=True)):
        single = predictor.predict(own, temperature)
        for key in PROPERTIES:
            assert GRADES[table.grade[key][row]] == single[key].grade, (row, key)
        told = " ".join(
            f"{PROPERTIES[key].label}: {' '.join(found.reasons)}"
            for key, found in sorted(single.items(), key=lambda pair: [*table.grade].index(pair[0]))
            if found.reasons
        )
        assert table.reason[row] == told
    assert table.reason[0] == ""


def test_without_a_temperature_only_the_melting_point_is_explained(
    predictor: IonicLiquidPredictor,
) -> None:
    table = predictor.predict_many(
        [liquid("CC[Se+](C)CC", PF6)], np.array([np.nan]), np.array([101.325])
    )
    assert table.reason[0].startswith("Melting point: ")
    assert "Density" not in table.reason[0]


def test_the_grade_of_a_tabled_ion_is_that_of_its_structure(
    predictor: IonicLiquidPredictor,
) -> None:
    """Stored standings are those that a drawn ion of that structure would get."""
    side = predictor._standings["cation"]  # noqa: SLF001 - what is stored beside what is found
    more = predictor.card.vocabulary["more_cations"][::150]
    ions = [parse_ion(smiles, "cation") for smiles in more]
    stored = side.of(ions)
    computed = np.stack([side._of_drawn(ion) for ion in ions], axis=1)  # noqa: SLF001
    assert (stored == computed).mean() > 0.97


def test_nearest_measured_liquids(predictor: IonicLiquidPredictor) -> None:
    own = liquid(C4MIM, PF6)
    found = predictor.nearest(own, "density_kg_m3", 6)
    assert len(found) == 6
    assert own.key not in {near.liquid.key for near in found}
    distances = [near.distance for near in found]
    assert distances == sorted(distances)
    assert distances[0] > 0.0
    for near in found:
        assert predictor.support(near.liquid, "density_kg_m3") == "pair_measured"
    shared = sum(bool({near.liquid.cation.smiles, near.liquid.anion.smiles} & {*own.key})
                 for near in found)  # fmt: skip
    assert shared >= 3


def test_a_model_without_a_domain_gives_no_grades() -> None:
    path = checkpoints.default_path("ionic-liquids")
    card, weights = checkpoints.load(path, "ionic-liquids")
    bare = IonicLiquidPredictor(replace(card, domain={}), weights)
    own = liquid(C4MIM, PF6)
    assert {p.grade for p in bare.predict(own).values()} == {None}
    assert bare.predict_many([own], np.array([298.15]), np.array([101.325])).grade == {}
    assert bare.nearest(own) == ()


# ----------------------------------------------------------------------------- polymers in solvents


@pytest.fixture(scope="module")
def mixtures() -> MiscibilityPredictor:
    return MiscibilityPredictor.load()


def test_known_pairs_are_inside_and_strange_ones_outside(mixtures: MiscibilityPredictor) -> None:
    styrene, toluene = parse_polymer("*CC(*)c1ccccc1"), parse_solvent("Cc1ccccc1")
    found = mixtures.predict(styrene, toluene, 298.15)
    assert (found.grade, found.reasons) == ("inside", ())
    iodine = parse_solvent("CI")
    assert "I" not in mixtures.card.domain["elements"]["solvent"]
    found = mixtures.predict(styrene, iodine, 298.15)
    assert found.grade == "outside"
    assert "The solvent holds I, which no measured solvent holds." in found.reasons
    hot = mixtures.predict(styrene, toluene, 900.0)
    assert hot.grade == "outside"
    assert "temperature" in hot.reasons[0]


def test_tables_of_pairs_agree_with_single_ones(mixtures: MiscibilityPredictor) -> None:
    polymers = [parse_polymer("*CC(*)c1ccccc1"), parse_polymer("*CC(*)(C)C(=O)OCC1CC1")]
    solvents = [parse_solvent("CC(C)OC(=O)C1CC1"), parse_solvent("CI")]
    every = [(p, s) for p in polymers for s in solvents]
    left, right = [p for p, _ in every], [s for _, s in every]
    table = mixtures.predict_many(left, right, np.full(4, 300.0), np.full(4, np.nan))
    assert table.grade is not None
    assert table.reason is not None
    for row, (polymer, solvent) in enumerate(every):
        single = mixtures.predict(polymer, solvent, 300.0)
        assert GRADES[table.grade[row]] == single.grade
        assert table.reason[row] == " ".join(single.reasons)


# ----------------------------------------------------------------------------------------- evidence


@pytest.mark.parametrize("role", ["ionic-liquids", "polymer-solvent"])
def test_the_card_shows_that_grades_sort_errors(role: str) -> None:
    study = checkpoints.read_card(checkpoints.default_path(role), role).studies["domain"]
    for key in ("chi",) if role == "polymer-solvent" else PROPERTIES:
        own = study[key]["all"]
        assert own["outside"]["median"] > own["inside"]["median"], key
        assert own["ratio"] == pytest.approx(own["outside"]["median"] / own["inside"]["median"])
        assert min(own[grade]["systems"] for grade in GRADES) > 0
    if role == "polymer-solvent":
        labels = study["soluble"]["all"]
        assert labels["inside"]["AUC"] > labels["outside"]["AUC"]
    else:
        for key in ("density_kg_m3", "viscosity_mPa_s"):
            assert study[key]["all"]["ratio"] > 2.0
