"""Charts of polymers in solvents."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from core import figures
from core.measured import ChiPoints
from core.properties import TEMPERATURE_UNITS
from core.thermodynamics import PhaseDiagram, critical_chi, phase_diagram

CELSIUS = TEMPERATURE_UNITS[0]
KELVIN = next(unit for unit in TEMPERATURE_UNITS if unit.label == "K")
HOSTILE = "</script><img src=x onerror=alert(1)><b>[Evil]"
GRID = np.linspace(273.15, 373.15, 41)
N = 900.0
BOTH = pytest.mark.parametrize("dark", [False, True])


def make_points(*rows: tuple[float, float, float]) -> ChiPoints:
    T, chi, phi = np.array(rows, dtype=float).reshape(-1, 3).T
    return ChiPoints(
        temperature_K=T, volume_fraction=phi, chi=chi, reference=("a handbook",) * len(rows)
    )


def make_line(
    name: str = "cyclohexane",
    colour: int = 0,
    *,
    trained: tuple[float, float] = (280.0, 360.0),
    measured: ChiPoints | None = None,
    critical: float = 0.53,
) -> figures.ChiLine:
    chi = 0.5 + 80.0 * (1.0 / GRID - 1.0 / 307.0)
    curve = SimpleNamespace(
        temperature_K=GRID,
        chi=chi,
        low=chi - 0.1,
        high=chi + 0.2,
        chi_cosmo_rs=chi + 0.3,
        soluble_probability=np.full(len(GRID), 0.9),
        support="pair_measured",
        in_range=np.array([trained[0] <= T <= trained[1] for T in GRID]),
        trained_range=trained,
    )
    at = SimpleNamespace(
        chi=0.51,
        chi_low=0.41,
        chi_high=0.71,
        chi_cosmo_rs=0.8,
        soluble_probability=0.9,
        support="pair_measured",
        in_range=True,
    )
    return figures.ChiLine(name, colour, curve, critical, measured or make_points(), at)


def diagram_of(theta_K: float, steep: float = 1.0) -> PhaseDiagram:
    critical = float(critical_chi(N))
    return phase_diagram(lambda T: critical + steep * (theta_K / T - 1.0), N, GRID)


def make_phase_line(name: str = "cyclohexane", colour: int = 0) -> figures.PhaseLine:
    return figures.PhaseLine(
        name, colour, diagram_of(320.0), at_low=diagram_of(300.0), at_high=diagram_of(340.0)
    )


def traces(figure: go.Figure, part: str) -> list[go.Scatter]:
    return [trace for trace in figure.data if part in (trace.hovertemplate or "")]


# --------------------------------------------------------------------------------------------- chi


@BOTH
@pytest.mark.parametrize("trained", [(280.0, 340.0), (200.0, 500.0), (400.0, 500.0)])
def test_the_chart_of_chi_is_valid_plotly(trained: tuple[float, float], *, dark: bool) -> None:
    measured = make_points((300.0, 0.5, 0.1), (310.0, 0.52, np.nan))
    lines = [
        make_line(str(i), i, trained=trained, measured=measured, critical=0.52 + 0.01 * i)
        for i in range(figures.MAX_LINES)
    ]
    for shown in (lines[:1], lines):
        figure = figures.chi_curve(shown, CELSIUS, at_K=298.15, dark=dark)
        go.Figure(figure.to_dict())  # checks every attribute
        assert bool(figure.layout.showlegend) == (len(shown) > 1)
    assert sum(bool(trace.showlegend) for trace in figure.data) == figures.MAX_LINES


def test_band_curve_and_computed_line_are_where_they_belong() -> None:
    line = make_line(trained=(200.0, 500.0))
    figure = figures.chi_curve([line], CELSIUS, at_K=298.15)
    band = next(trace for trace in figure.data if trace.fill == "toself")
    np.testing.assert_allclose(band.y[:41], line.curve.high, rtol=1e-6)
    np.testing.assert_allclose(band.y[41:][::-1], line.curve.low, rtol=1e-6)
    (cosmo,) = traces(figure, "COSMO-RS")
    np.testing.assert_allclose(cosmo.y, line.curve.chi_cosmo_rs, rtol=1e-6)
    np.testing.assert_allclose(cosmo.x, GRID - 273.15, rtol=1e-5, atol=1e-5)
    assert cosmo.line.dash
    (mark,) = traces(figure, "chosen state")
    assert (mark.x[0], mark.y[0]) == (pytest.approx(25.0), 0.51)
    assert mark.error_y.array[0] == pytest.approx(0.2)
    assert mark.error_y.arrayminus[0] == pytest.approx(0.1)


def test_the_critical_chi_is_a_line_across_with_its_value() -> None:
    figure = figures.chi_curve([make_line(critical=0.5339)], CELSIUS, at_K=298.15)
    (line,) = (trace for trace in figure.data if list(trace.y) == [0.5339] * 2)
    assert list(line.x) == pytest.approx([0.0, 100.0])
    assert any("0.534" in note.text for note in figure.layout.annotations)


def test_solvents_of_other_sizes_share_a_strip_of_critical_chi() -> None:
    lines = [make_line("a", 0, critical=0.52), make_line("b", 1, critical=0.55)]
    figure = figures.chi_curve(lines, CELSIUS, at_K=298.15)
    assert any("0.520 to 0.550" in note.text for note in figure.layout.annotations)
    assert any(trace.fill == "tonexty" for trace in figure.data)


def test_measured_points_tell_their_composition_where_it_is_known() -> None:
    measured = make_points((300.0, 0.5, 0.1), (310.0, 0.52, np.nan))
    figure = figures.chi_curve([make_line(measured=measured)], KELVIN, at_K=298.15)
    (points,) = traces(figure, ", measured")
    assert list(points.x) == pytest.approx([300.0, 310.0])
    assert list(points.text) == ["300 K<br>φ = 0.1", "310 K"]


def test_points_beyond_the_curve_are_left_out() -> None:
    points = make_points((270.0, 0.4, 0.0), (300.0, 0.5, 0.1), (400.0, 0.6, np.nan))
    kept = figures.points_between(points, 280.0, 350.0)
    assert (kept.temperature_K.tolist(), kept.chi.tolist()) == ([300.0], [0.5])
    assert (kept.volume_fraction.tolist(), kept.reference) == ([0.1], ("a handbook",))


def test_beyond_the_training_range_the_curve_is_dashed() -> None:
    figure = figures.chi_curve([make_line(trained=(280.0, 340.0))], KELVIN, at_K=298.15)
    (dashed,) = traces(figure, "outside the training range")
    drawn = np.isfinite(np.asarray(dashed.y, dtype=float))
    assert drawn.any()
    assert not drawn.all()
    bar, *shades = figure.layout.shapes
    assert (bar.x0, bar.x1) == pytest.approx((280.0, 340.0))
    assert len(shades) == 2


# ----------------------------------------------------------------------------------- phase diagram


@BOTH
@pytest.mark.parametrize("composition", ["linear", "log"])
def test_the_phase_diagram_is_valid_plotly(composition: str, *, dark: bool) -> None:
    lines = [make_phase_line(str(i), i) for i in range(figures.MAX_LINES)]
    for shown in (lines[:1], lines):
        figure = figures.phase_diagram(
            shown, CELSIUS, at_K=298.15, composition=composition, dark=dark
        )
        go.Figure(figure.to_dict())


def test_binodal_and_spinodal_meet_at_the_critical_point() -> None:
    line = make_phase_line()
    figure = figures.phase_diagram([line], KELVIN, at_K=298.15)
    (point,) = line.diagram.critical_points
    (mark,) = traces(figure, "critical point")
    assert (mark.x[0], mark.y[0]) == (pytest.approx(point.phi), pytest.approx(320.0))
    for words in ("binodal", "spinodal"):
        (curve,) = traces(figure, words)
        top = np.nanargmax(curve.y)
        assert curve.y[top] == pytest.approx(320.0, abs=1e-4)
        assert curve.x[top] == pytest.approx(point.phi, rel=1e-5)
    # open at the bottom, where the diagram is only cut off
    (binodal,) = traces(figure, "binodal")
    assert np.isnan(np.asarray(binodal.x, dtype=float)).sum() == 1


def test_the_interval_of_chi_tints_a_smaller_and_a_larger_gap() -> None:
    figure = figures.phase_diagram([make_phase_line()], KELVIN, at_K=298.15)
    large, small = (trace for trace in figure.data if trace.fill == "toself")
    assert max(large.y) == pytest.approx(340.0, abs=1e-4)
    assert max(small.y) == pytest.approx(300.0, abs=1e-4)
    assert np.isfinite(np.asarray(large.x, dtype=float)).all()


def test_a_vanishing_phase_keeps_to_the_axis() -> None:
    diagram = phase_diagram(lambda T: 3.0 + 0.0 * T, 1e5, GRID)
    line = figures.PhaseLine("water", 0, diagram, at_low=diagram, at_high=diagram)
    figure = figures.phase_diagram([line], KELVIN, at_K=298.15, composition="log")
    assert figure.layout.xaxis.type == "log"
    (binodal,) = traces(figure, "binodal")
    tint = next(trace for trace in figure.data if trace.fill == "toself")
    for trace in (binodal, tint):
        assert np.nanmin(np.asarray(trace.x, dtype=float)) == pytest.approx(1e-7)


def test_where_everything_mixes_the_chart_says_so() -> None:
    mixed = phase_diagram(lambda T: 0.3 + 0.0 * T, N, GRID)
    line = figures.PhaseLine("toluene", 0, mixed, at_low=mixed, at_high=mixed)
    figure = figures.phase_diagram([line], CELSIUS, at_K=298.15)
    assert any("one phase" in note.text for note in figure.layout.annotations)
    beside = figures.phase_diagram([line, make_phase_line("b", 1)], CELSIUS, at_K=298.15)
    assert not beside.layout.annotations
    assert sum(bool(trace.showlegend) for trace in beside.data) == 2


# ------------------------------------------------------------------------------------------- space


@BOTH
def test_the_spaces_are_valid_plotly(*, dark: bool) -> None:
    polymer = figures.Highlight("polystyrene", (18.5, 4.5, 2.9))
    solvents = [figures.Highlight("toluene", (18.0, 1.4, 2.0), 0)]
    cloud = figures.Cloud("solvents", ["a", "b"], np.zeros((2, 3)))
    for figure in (
        figures.hansen_spheres(polymer, solvents, radius=5.3, dark=dark),
        figures.hansen_spheres(polymer, solvents, dark=dark),
        figures.solubility_space([cloud], [polymer, *solvents], dark=dark),
    ):
        go.Figure(figure.to_dict())


def test_the_sphere_is_half_as_wide_along_dispersion() -> None:
    polymer = figures.Highlight("polystyrene", (18.5, 4.5, 2.9))
    figure = figures.hansen_spheres(polymer, [], radius=5.0)
    sphere = figure.data[0]
    assert np.ptp(sphere.x) == pytest.approx(5.0, rel=1e-3)
    assert np.ptp(sphere.y) == pytest.approx(10.0, rel=1e-2)
    assert np.ptp(sphere.z) == pytest.approx(10.0, rel=1e-3)
    assert not [t for t in figures.hansen_spheres(polymer, []).data if t.type == "surface"]


def test_every_known_molecule_has_a_name_under_the_pointer() -> None:
    cloud = figures.Cloud("solvents", ["acetone", HOSTILE], np.eye(3)[:2])
    spot = figures.Highlight("toluene", (0.0, 0.0, 1.0), 0)
    background, mark = figures.solubility_space([cloud], [spot]).data
    assert background.text[0] == "acetone"
    assert "<img" not in background.text[1]
    assert (mark.x[0], mark.y[0], mark.z[0]) == (0.0, 0.0, 1.0)


def test_hostile_names_stay_text() -> None:
    line, phase = make_line(HOSTILE), make_phase_line(HOSTILE)
    spot = figures.Highlight(HOSTILE, (1.0, 2.0, 3.0), 0)
    for figure in (
        figures.chi_curve([line], CELSIUS, at_K=298.15),
        figures.phase_diagram([phase], CELSIUS, at_K=298.15),
        figures.hansen_spheres(spot, [spot], radius=4.0),
    ):
        drawn = figure.to_json()
        assert "<img" not in drawn
        assert "</script" not in drawn


# -------------------------------------------------------------------------------------------- files


def test_the_file_holds_predictions_curves_and_measured_points() -> None:
    line = make_line(measured=make_points((300.0, 0.5, 0.1), (310.0, 0.52, np.nan)))
    table = figures.miscibility_table(
        "*CC(*)c1ccccc1",
        ["C1CCCCC1", "Cc1ccccc1"],
        [line, make_line("toluene", 1)],
        temperature_K=298.15,
        volume_fraction=0.0,
        model="a-model",
    )
    kinds = table.groupby("solvent")["kind"].value_counts().to_dict()
    assert kinds == {
        ("cyclohexane", "curve"): 41,
        ("cyclohexane", "predicted"): 1,
        ("cyclohexane", "measured"): 2,
        ("toluene", "curve"): 41,
        ("toluene", "predicted"): 1,
    }
    predicted = table.iloc[0]
    assert (predicted["chi"], predicted["chi_low"], predicted["chi_high"]) == (0.51, 0.41, 0.71)
    assert (predicted["solvent_smiles"], predicted["model"]) == ("C1CCCCC1", "a-model")
    assert (predicted["temperature_K"], predicted["critical_chi"]) == (298.15, 0.53)
    measured = table[table["kind"] == "measured"]
    assert measured["chi"].tolist() == [0.5, 0.52]
    assert measured["chi_low"].isna().all()
    assert measured["in_range"].isna().all()
    assert pd.isna(measured["volume_fraction"].iloc[1])
    assert figures.safe_csv(table).startswith("\ufeffsolvent,polymer_smiles".encode())
