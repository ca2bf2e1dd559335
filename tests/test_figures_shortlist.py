"""Charts of shortlists."""

import math

import numpy as np
import pandas as pd

from core.figures import hansen_plane, solvent_plot
from core.properties import TEMPERATURE_UNITS

HOSTILE = "<b>solvent</b>"


def rows(*names: str) -> pd.DataFrame:
    n = len(names)
    return pd.DataFrame(
        {
            "name": names,
            "solvent_smiles": [f"C{'C' * i}O" for i in range(n)],
            "known": ["chi" if i % 2 else "" for i in range(n)],
            "soluble_probability": np.linspace(0.9, 0.1, n),
            "chi": np.linspace(0.4, 1.2, n),
            "chi_low": np.linspace(0.3, 1.0, n),
            "chi_high": np.linspace(0.5, 1.4, n),
            "critical_chi": np.full(n, 0.52),
            "boiling_point_K": [math.nan if i == 2 else 350.0 + i for i in range(n)],
            "polar_MPa05": np.linspace(1.0, 9.0, n),
            "hydrogen_MPa05": np.linspace(2.0, 20.0, n),
            "greenness": ["recommended"] * n,
        }
    )


def test_the_plane_has_the_polymer_its_sphere_and_both_kinds_of_solvents() -> None:
    table, others = rows("one", HOSTILE, "three"), rows("gone")
    shared = {"polymer": "PS", "place": (18.5, 4.5, 2.9)}
    figure = hansen_plane(table, others, radius=5.3, **shared)
    circle, faint, strong, polymer = figure.data
    assert np.hypot(np.array(circle.x) - 4.5, np.array(circle.y) - 2.9).max() < 5.31
    assert list(faint.x) == [1.0]
    assert list(strong.customdata) == table["solvent_smiles"].tolist()
    assert "<b>solvent" not in strong.text[1]
    assert "&lt;b&gt;solvent" in strong.text[1]
    assert "boils" not in strong.text[2]
    assert list(strong.marker.symbol) == ["circle-open", "circle", "circle-open"]
    assert (polymer.x[0], polymer.y[0]) == (4.5, 2.9)
    assert len(hansen_plane(table, others, radius=math.nan, dark=True, **shared).data) == 3


def test_chi_stands_against_the_boiling_point_in_the_unit_shown() -> None:
    celsius, kelvin = TEMPERATURE_UNITS[:2]
    table, others = rows("one", "two"), rows("gone", "too", "far")
    figure = solvent_plot(table, others, celsius)
    assert figure.data[1].x[0] == np.float32(350.0 - 273.15)
    assert figure.layout.shapes[0].y0 == 0.52
    assert "0.52" in figure.layout.annotations[0].text
    assert solvent_plot(table, others, kelvin, dark=True).data[1].x[0] == 350.0


def test_a_chart_of_nothing_is_drawn() -> None:
    none = rows()
    assert len(solvent_plot(none, none, TEMPERATURE_UNITS[0]).data) == 2
