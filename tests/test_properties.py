"""The property table: scales, units and bounds."""

import numpy as np
import pytest

from core.properties import PRESSURE_UNITS, PROPERTIES, TEMPERATURE_UNITS, Property, Unit

EVERY = pytest.mark.parametrize("spec", PROPERTIES.values(), ids=PROPERTIES)


@EVERY
def test_scale_and_units_go_there_and_back(spec: Property) -> None:
    values = np.geomspace(spec.lower, spec.upper, 20)
    np.testing.assert_allclose(spec.inverse(spec.forward(values)), values, rtol=1e-12)
    for unit in spec.units:
        shown = unit.to_display(values, 250.0)
        np.testing.assert_allclose(unit.to_internal(shown, 250.0), values, rtol=1e-12)
        assert spec.unit(unit.label) is unit


@EVERY
def test_the_key_names_a_unit_that_changes_nothing(spec: Property) -> None:
    assert float(spec.internal_unit.to_display(7.5)) == 7.5


def test_units_known_by_heart() -> None:
    assert float(PROPERTIES["density_kg_m3"].unit("g/cm³").to_display(1436.0)) == 1.436
    assert float(PROPERTIES["viscosity_mPa_s"].unit("Pa·s").to_display(50.0)) == 0.05
    gram = PROPERTIES["heat_capacity_J_mol_K"].unit("J/(g·K)")
    assert float(gram.to_display(565.0, 419.36)) == pytest.approx(1.347, abs=1e-3)
    assert float(TEMPERATURE_UNITS[0].to_display(298.15)) == pytest.approx(25.0)
    assert float(PRESSURE_UNITS[-1].to_internal(1.0)) == pytest.approx(101.325)


def test_a_unit_per_gram_asks_for_the_molar_mass() -> None:
    with pytest.raises(ValueError, match="molar mass"):
        Unit("J/(g·K)", per_gram=True).to_display(565.0)


def test_an_unknown_unit_names_the_known_ones() -> None:
    with pytest.raises(KeyError, match="mPa·s, cP, Pa·s"):
        PROPERTIES["viscosity_mPa_s"].unit("poise")
