"""The shipped model through its interface: physics, agreement of all ways to ask, support."""

import math
import random
from dataclasses import replace

import numpy as np
import pytest

from core import checkpoints, measured
from core.chemistry import IonicLiquid, combine, parse_ion, parse_ionic_liquid
from core.names import anions, cations
from core.predict import IonicLiquidPredictor
from core.properties import PROPERTIES
from core.simulated import simulated
from core.uncertainty import SUPPORTS, Calibration

BMIM_TF2N = "CCCCn1cc[n+](C)c1.O=S(=O)([N-]S(=O)(=O)C(F)(F)F)C(F)(F)F"
NEW_CATION = "CCCCCCCOCCn1cc[n+](CCCC(C)C)c1"
NEW_ANION = "O=C([O-])CC(CC)c1ccc(OCCC)cc1"


@pytest.fixture(scope="module")
def predictor() -> IonicLiquidPredictor:
    return IonicLiquidPredictor.load()


@pytest.fixture(scope="module")
def liquids() -> list[IonicLiquid]:
    """A thousand random pairs of the catalogue's monovalent ions."""
    generator = random.Random(5)
    some = [
        generator.choices([ion.smiles for ion in ions if abs(ion.charge) == 1], k=1000)
        for ions in (cations(), anions())
    ]
    return [
        combine(parse_ion(c, "cation"), parse_ion(a, "anion")) for c, a in zip(*some, strict=True)
    ]


def test_a_thousand_pairs_behave_as_liquids_do(
    predictor: IonicLiquidPredictor, liquids: list[IonicLiquid]
) -> None:
    grid = np.linspace(280.0, 400.0, 7)
    tables = [
        predictor.predict_many(liquids, np.full(len(liquids), t), np.full(len(liquids), 101.325))
        for t in grid
    ]
    for key, spec in PROPERTIES.items():
        value = np.stack([table.value[key] for table in tables])
        low = np.stack([table.low[key] for table in tables])
        high = np.stack([table.high[key] for table in tables])
        assert np.isfinite(value).all()
        assert ((value > spec.lower) & (value < spec.upper)).all(), key
        assert ((low >= spec.lower) & (low < value) & (value < high) & (high <= spec.upper)).all()
        if spec.trend is not None:
            sign = 1.0 if spec.trend == "rises" else -1.0
            assert (sign * np.diff(value, axis=0) > 0).all(), key


def test_rows_curves_and_single_predictions_agree(
    predictor: IonicLiquidPredictor, liquids: list[IonicLiquid]
) -> None:
    liquid = liquids[0]
    single = predictor.predict(liquid, 333.0, 2000.0)
    many = predictor.predict_many(
        [liquids[1], liquid, liquid], [300.0, 333.0, math.nan], [101.325, 2000.0, 101.325]
    )
    for key, spec in PROPERTIES.items():
        assert many.value[key][1] == pytest.approx(single[key].value, rel=1e-5)
        assert many.low[key][1] == pytest.approx(single[key].low, rel=1e-5)
        assert many.high[key][1] == pytest.approx(single[key].high, rel=1e-5)
        assert bool(many.in_range[key][1]) == single[key].in_range
        assert math.isnan(many.value[key][2]) == spec.depends_on_temperature
        if spec.depends_on_temperature:
            curve = predictor.curve(liquid, key, temperatures_K=[300.0, 333.0], pressure_kPa=2000.0)
            assert curve.value[1] == pytest.approx(single[key].value, rel=1e-5)
        if spec.depends_on_pressure:
            curve = predictor.curve(liquid, key, pressures_kPa=[100.0, 2000.0], temperature_K=333.0)
            assert curve.value[1] == pytest.approx(single[key].value, rel=1e-5)


def test_support_tells_what_was_measured(predictor: IonicLiquidPredictor) -> None:
    known = parse_ionic_liquid(BMIM_TF2N)
    cation, anion = parse_ion(NEW_CATION, "cation"), parse_ion(NEW_ANION, "anion")
    simulated_only = next(
        s for s, q in zip(simulated("ions").smiles, simulated("ions").charge, strict=True)
        if q == 1 and s not in predictor.card.vocabulary["cations"]
    )  # fmt: skip
    cases = [
        known,
        combine(parse_ion(simulated_only, "cation"), known.anion),
        combine(cation, known.anion),
        combine(cation, anion),
    ]
    found = [predictor.predict(case)["density_kg_m3"].support for case in cases]
    assert found == ["pair_measured", "new_cation", "unsimulated_cation", "two_new_ions"]
    assert [predictor.support(case) for case in cases] == found
    assert set(found) < set(SUPPORTS)


def test_less_support_means_wider_intervals(predictor: IonicLiquidPredictor) -> None:
    for key in PROPERTIES:
        tiers = predictor.card.calibration[key]
        # where the networks disagree alike
        spread = np.array([tiers["pair_measured"]["floor"]])
        typical = {t: Calibration(**own).half_width(spread) for t, own in tiers.items()}
        assert typical["pair_measured"] < typical["both_ions_known"] < typical["two_new_ions"], key


def test_each_ion_unlike_the_measured_ones_stretches_the_interval() -> None:
    card, weights = checkpoints.load(checkpoints.default_path("ionic-liquids"), "ionic-liquids")
    key, known = "melting_point_K", parse_ionic_liquid(BMIM_TF2N)
    cation, anion = parse_ion(NEW_CATION, "cation"), parse_ion(NEW_ANION, "anion")
    cases = [known, combine(cation, known.anion), combine(cation, anion)]
    widths = {}
    for stretch in (1.0, 2.0):
        tiers = {t: own | {"stretch": stretch} for t, own in card.calibration[key].items()}
        own = IonicLiquidPredictor(
            replace(card, calibration=card.calibration | {key: tiers}), weights
        )
        single = [own.predict(case)[key] for case in cases]
        widths[stretch] = np.array([at.high - at.value for at in single])
        pairs = own.grid(
            own.prepare([known.cation, cation], "cation"),
            own.prepare([known.anion, anion], "anion"),
        )
        place = list(PROPERTIES).index(key)
        bulk = (pairs.high - pairs.value)[place][[0, 1, 1], [0, 0, 1]]
        assert bulk == pytest.approx(widths[stretch], rel=1e-3)
        many = own.predict_many(cases, [298.15] * 3, [101.325] * 3)
        assert many.high[key] - many.value[key] == pytest.approx(widths[stretch], rel=1e-3)
    assert widths[2.0] / widths[1.0] == pytest.approx([1.0, 2.0, 4.0], rel=1e-6)


def test_the_model_meets_values_known_by_heart(predictor: IonicLiquidPredictor) -> None:
    # the spot checks in the description of the training data; a measured pair must be close
    at = predictor.predict(parse_ionic_liquid(BMIM_TF2N))
    assert at["density_kg_m3"].value == pytest.approx(1437.0, rel=0.01)
    assert at["viscosity_mPa_s"].value == pytest.approx(51.0, rel=0.2)
    assert at["surface_tension_mN_m"].value == pytest.approx(33.0, rel=0.03)
    assert at["heat_capacity_J_mol_K"].value == pytest.approx(565.0, rel=0.03)


def test_most_measured_points_lie_inside_the_interval(predictor: IonicLiquidPredictor) -> None:
    liquids = [
        combine(parse_ion(c.smiles, "cation"), parse_ion(a.smiles, "anion"))
        for c in cations()[:12]
        for a in anions()[:12]
        if c.charge == 1 and a.charge == -1
    ]
    for key in ("density_kg_m3", "viscosity_mPa_s", "heat_capacity_J_mol_K"):
        shares = []
        for liquid in liquids:
            points = measured.points(liquid, key)
            if len(points.value):
                n = len(points.value)
                table = predictor.predict_many(
                    [liquid] * n, points.temperature_K, points.pressure_kPa
                )
                inside = (table.low[key] <= points.value) & (points.value <= table.high[key])
                shares.append(inside.mean())
        assert len(shares) > 10
        assert np.mean(shares) > 0.75, key


def test_outside_the_range_says_so(predictor: IonicLiquidPredictor) -> None:
    liquid = parse_ionic_liquid(BMIM_TF2N)
    hot = predictor.predict(liquid, 690.0)["density_kg_m3"]
    assert not hot.in_range
    assert "temperature" in hot.notes[0]
    pressed = predictor.predict(liquid, 300.0, 9e5)
    assert "pressure" in pressed["density_kg_m3"].notes[0]
    assert "Pressure is not part" in pressed["surface_tension_mN_m"].notes[0]
    assert not pressed["surface_tension_mN_m"].in_range
    assert predictor.predict(liquid)["density_kg_m3"].notes == ()


def test_a_liquid_below_its_melting_point_is_told_to_be_undercooled(
    predictor: IonicLiquidPredictor,
) -> None:
    solid = predictor.predict(parse_ionic_liquid("CCn1cc[n+](C)c1.[Cl-]"), 298.15)
    melting = solid["melting_point_K"]
    assert melting.low > 298.15
    assert melting.notes == ()
    (note,) = solid["viscosity_mPa_s"].notes
    assert f"melts at {melting.low:.0f} to {melting.high:.0f} K" in note
    warm = predictor.predict(parse_ionic_liquid("CCn1cc[n+](C)c1.[Cl-]"), melting.low + 1.0)
    assert warm["viscosity_mPa_s"].notes == ()


def test_a_value_at_the_end_of_the_scale_is_told(predictor: IonicLiquidPredictor) -> None:
    found = predictor.predict(parse_ionic_liquid("CCCCn1cc[n+](C)c1.F[P-](F)(F)(F)(F)F"), 200.0)
    assert found["viscosity_mPa_s"].value == PROPERTIES["viscosity_mPa_s"].upper
    assert any("end of the scale" in note for note in found["viscosity_mPa_s"].notes)


def test_a_curve_that_makes_no_sense_is_refused(predictor: IonicLiquidPredictor) -> None:
    liquid = parse_ionic_liquid(BMIM_TF2N)
    with pytest.raises(ValueError, match="no curve"):
        predictor.curve(liquid, "melting_point_K")
    with pytest.raises(ValueError, match="no curve"):
        predictor.curve(liquid, "surface_tension_mN_m", pressures_kPa=[100.0])
    with pytest.raises(ValueError, match="not both"):
        predictor.curve(liquid, "density_kg_m3", temperatures_K=[300.0], pressures_kPa=[100.0])


def test_doubly_charged_ions_have_predictions(predictor: IonicLiquidPredictor) -> None:
    dication = "C[n+]1ccn(CCCCn2cc[n+](C)c2)c1.F[B-](F)(F)F.F[B-](F)(F)F"
    for prediction in predictor.predict(parse_ionic_liquid(dication)).values():
        assert prediction.low < prediction.value < prediction.high
        assert any("doubly charged" in note for note in prediction.notes)
