"""The measured points that are drawn beside predictions."""

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest

import core
from core import measured
from core.chemistry import combine, parse_ion
from core.measured import points
from core.names import find_liquid
from core.properties import PROPERTIES

TABLE = Path(core.__file__).parent / "tables" / "measured.csv.gz"


def all_rows() -> list[dict[str, str]]:
    with gzip.open(TABLE, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    "case",
    [
        ("[emim][BF4]", "density_kg_m3", 1280.0, 0.01),
        ("[bmim][PF6]", "density_kg_m3", 1367.0, 0.01),
        ("[bmim][Tf2N]", "density_kg_m3", 1437.0, 0.01),
        ("[bmim][Tf2N]", "viscosity_mPa_s", 51.0, 0.1),
        ("[emim][DCA]", "viscosity_mPa_s", 15.0, 0.15),
        ("[bmim][Tf2N]", "heat_capacity_J_mol_K", 565.0, 0.03),
        ("[bmim][PF6]", "heat_capacity_J_mol_K", 408.0, 0.03),
    ],
    ids=lambda case: f"{case[1]} of {case[0]}",
)
def test_well_known_values_at_room_temperature(case: tuple[str, str, float, float]) -> None:
    name, key, expected, tolerance = case
    found = points(find_liquid(name), key)
    near = (abs(found.temperature_K - 298.15) < 0.2) & (found.pressure_kPa < 200.0)
    assert near.sum() >= 1
    assert np.median(found.value[near]) == pytest.approx(expected, rel=tolerance)


def test_melting_points_have_no_temperature() -> None:
    found = points(find_liquid("[bmim]Cl"), "melting_point_K")
    assert len(found) >= 1
    assert np.median(found.value) == pytest.approx(341.0, abs=8.0)
    assert np.isnan(found.temperature_K).all()
    assert np.isnan(found.pressure_kPa).all()


def test_nothing_measured_gives_empty_arrays() -> None:
    liquid = combine(parse_ion("CCCCCCCCCCCC[S+](C)CC=C"), parse_ion("[Cl-]"))
    for key in PROPERTIES:
        found = points(liquid, key)
        assert len(found) == 0
        assert found.temperature_K.shape == found.pressure_kPa.shape == found.value.shape == (0,)
    with pytest.raises(KeyError):
        points(liquid, "colour")


def test_the_liquids_of_an_ion_have_their_values_at_room_temperature() -> None:
    liquid = find_liquid("[bmim][Tf2N]")
    for ion, partner in (liquid.key, liquid.key[::-1]):
        found = measured.by_partner(ion, "viscosity_mPa_s")
        assert len(found) > 10
        assert found[partner] == pytest.approx(51.0, rel=0.1)
    for ion in liquid.key:
        cold = measured.by_partner(ion, "density_kg_m3")
        assert all(600.0 < value < 3000.0 for value in cold.values())
    melting = measured.by_partner(find_liquid("[bmim]Cl").anion.smiles, "melting_point_K")
    assert melting[liquid.cation.smiles] == pytest.approx(341.0, abs=8.0)
    assert measured.by_partner("CCO", "density_kg_m3") == {}
    with pytest.raises(KeyError):
        measured.by_partner(liquid.cation.smiles, "colour")


def test_the_table_cannot_be_changed_through_what_it_gives() -> None:
    liquid = find_liquid("[bmim][PF6]")
    before = points(liquid, "density_kg_m3").value.copy()
    points(liquid, "density_kg_m3").value[:] = 0.0
    assert np.array_equal(points(liquid, "density_kg_m3").value, before)


def test_all_values_are_possible_and_all_ions_canonical() -> None:
    rows = all_rows()
    assert len(rows) > 39_000
    ions = {(row["cation"], "cation") for row in rows} | {(row["anion"], "anion") for row in rows}
    assert [smiles for smiles, role in ions if parse_ion(smiles, role).smiles != smiles] == []
    for key in {row["property"] for row in rows}:
        prop = PROPERTIES[key]
        values = np.array([float(row["value"]) for row in rows if row["property"] == key])
        assert ((values >= prop.lower) & (values <= prop.upper)).all()
        T = [float(row["temperature_K"] or "nan") for row in rows if row["property"] == key]
        assert np.isnan(T).all() != prop.depends_on_temperature
        if prop.depends_on_temperature:
            assert 180.0 < min(T) < max(T) < 700.0


def test_densities_of_one_liquid_fall_with_temperature() -> None:
    found = points(find_liquid("[bmim][BF4]"), "density_kg_m3")
    near = found.pressure_kPa < 200.0
    slope = np.polyfit(found.temperature_K[near], found.value[near], 1)[0]
    assert -1.0 < slope < -0.4


def test_the_source_is_named() -> None:
    assert "10.1021/je700171f" in measured.CITATION
    assert "ILThermo" in measured.SOURCE
