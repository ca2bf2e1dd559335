"""Charts of lessons and of the models' page: what they draw, and that names stay text."""

import numpy as np
import plotly.graph_objects as go
import pytest

from core import figures
from core.properties import PROPERTIES, Unit
from core.thermodynamics import binodal, critical_point, free_energy_of_mixing, spinodal

UNIT = PROPERTIES["viscosity_mPa_s"].units[0]
EVIL = "<b onclick=alert(1)>x</b>"


def checked(figure: go.Figure) -> go.Figure:
    """Every attribute is one that plotly knows: it raises on any other."""
    go.Figure(figure.to_dict())
    return figure


def rungs() -> list[figures.Rung]:
    return [
        figures.Rung("[C1mim][Tf2N]", 38.0, 33.0, 44.0, [38.5]),
        figures.Rung(EVIL, 32.0, 28.0, 37.0, strong=False),
        figures.Rung("[C3mim][Tf2N]", 43.0, 37.0, 49.0, [44.0, 42.0]),
    ]


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("log", [False, True])
def test_a_series_has_dots_intervals_and_measured_points(*, dark: bool, log: bool) -> None:
    figure = checked(
        figures.series_figure([1, 2, 3], rungs(), UNIT, title="η", x_title="n", log=log, dark=dark)
    )
    predicted, measured = figure.data
    assert list(predicted.x) == [1, 2, 3]
    assert list(predicted.y) == [38.0, 32.0, 43.0]
    assert list(predicted.error_y.array) == [6.0, 5.0, 6.0]
    assert list(measured.x) == [1, 3, 3]
    assert (figure.layout.yaxis.type == "log") is log
    assert "<b onclick" not in figure.to_json()


@pytest.mark.parametrize("log", [False, True])
def test_a_ladder_begins_at_the_top_and_holds_every_interval(*, log: bool) -> None:
    figure = checked(figures.ladder_figure(rungs(), UNIT, title="η", log=log))
    predicted, measured = figure.data
    assert list(predicted.y) == [0.0, -1.0, -2.0]
    assert list(predicted.error_x.arrayminus) == [5.0, 4.0, 6.0]
    assert len(measured.x) == 3
    low, high = figure.layout.xaxis.range
    ends = np.log10([28.0, 49.0]) if log else np.array([28.0, 49.0])
    assert low < ends[0] < ends[1] < high
    assert predicted.marker.color[0] != predicted.marker.color[1]
    assert "<b onclick" not in figure.to_json()


def test_a_ladder_without_a_unit_has_none_in_its_title() -> None:
    figure = figures.ladder_figure(rungs(), Unit(""), title="χ")
    assert figure.layout.title.text == "χ"


def test_the_common_tangent_touches_the_free_energy_twice() -> None:
    chi, n = 0.9, 50.0
    phi = np.linspace(0.0, 1.0, 201)
    ends = [(float(at), float(free_energy_of_mixing(at, chi, n))) for at in binodal(chi, n)]
    figure = checked(
        figures.free_energy_figure(
            phi,
            free_energy_of_mixing(phi, chi, n),
            binodal=ends,
            spinodal=[(float(at), 0.0) for at in spinodal(chi, n)],
        )
    )
    curve, tangent, inflexions = figure.data
    (x0, x1), (y0, y1) = tangent.x, tangent.y
    line = y0 + (np.array(curve.x) - x0) * (y1 - y0) / (x1 - x0)
    assert np.all(np.array(curve.y) >= line - 1e-6)  # it lies below the curve everywhere
    assert x0 < inflexions.x[0] < inflexions.x[1] < x1


def test_one_phase_has_no_tangent() -> None:
    phi = np.linspace(0.0, 1.0, 11)
    figure = figures.free_energy_figure(phi, free_energy_of_mixing(phi, 0.2, 50.0))
    assert [trace.name for trace in figure.data] == ["one phase"]


def test_the_diagram_of_chi_meets_at_the_critical_point() -> None:
    phi_c, chi_c = (float(value) for value in critical_point(100.0))
    chi = chi_c + np.linspace(0.01, 0.5, 20)
    figure = checked(
        figures.chi_diagram(
            chi,
            binodal(chi, 100.0),
            spinodal(chi, 100.0),
            critical=(phi_c, chi_c),
            at_chi=0.9,
        )
    )
    binodal_trace, spinodal_trace, point = figure.data
    assert min(binodal_trace.y) == min(spinodal_trace.y) == point.y[0] == chi_c
    assert figure.layout.shapes[0].y0 == 0.9
    assert figure.layout.yaxis.range[1] > chi[-1]


def verdicts() -> figures.Verdicts:
    return figures.Verdicts(
        ["toluene", EVIL],
        np.array([[18.0, 1.4, 2.0], [15.5, 16.0, 42.3]]),
        np.array([True, False]),
        ["90 %", "1 %"],
    )


def test_hansens_sphere_is_half_as_wide_along_dispersion() -> None:
    centre = figures.Highlight("PS", (18.5, 4.5, 2.9))
    figure = checked(figures.sorted_by_hansen(centre, 8.0, verdicts()))
    sphere = figure.data[0]
    assert np.ptp(np.array(sphere.x)) == pytest.approx(8.0, rel=0.01)
    assert np.ptp(np.array(sphere.z)) == pytest.approx(16.0, rel=0.01)
    assert [trace.name for trace in figure.data[1:3]] == ["dissolves", "does not dissolve"]
    assert len(figure.data[1].x) == len(figure.data[2].x) == 1
    assert "<b onclick" not in figure.to_json()


def test_the_learned_sphere_is_cut_at_one_half() -> None:
    axes = tuple(np.linspace(-1.0, 1.0, 5) for _ in range(3))
    x, y, z = np.meshgrid(*axes, indexing="ij")
    probability = 1.0 / (1.0 + np.exp(8.0 * (x**2 + y**2 + z**2 - 0.5)))
    figure = checked(figures.generalised_sphere(verdicts(), axes, probability))
    body = figure.data[0]
    assert (body.isomin, body.isomax) == (0.5, 1.0)
    assert len(body.value) == 125
    inside = np.array(body.value) > 0.5
    assert np.all(np.array(body.x)[inside] ** 2 + np.array(body.y)[inside] ** 2 < 0.51)


def test_parity_has_measured_values_along_and_predicted_ones_up() -> None:
    counts = [[5, 1], [0, 7]]  # one value of the lower bin was predicted in the upper one
    figure = checked(
        figures.parity_figure([0.0, 1.0, 2.0], counts, scale="log10", unit="mPa·s", title=EVIL)
    )
    heat, diagonal = figure.data
    z = np.array(heat.z, dtype=float)
    assert np.isfinite(z[1, 0])  # predicted high, measured low
    assert np.isnan(z[0, 1])
    assert "measured near 3.16, predicted near 31.6<br>1 values" in heat.text[1][0]
    assert list(diagonal.x) == list(diagonal.y) == [0.0, 2.0]
    assert figure.layout.xaxis.ticktext == ("1", "10", "100")
    assert figure.layout.xaxis.title.text == "measured / mPa·s"
    assert "<b onclick" not in figure.to_json()


def test_calibration_is_drawn_in_per_cent_beside_the_diagonal() -> None:
    figure = checked(
        figures.calibration_figure(
            {EVIL: ([0.5, 0.9], [0.55, 0.88])},
            x_title="promised",
            y_title="came true",
            counts={EVIL: [10, 20]},
        )
    )
    diagonal, curve = figure.data
    assert list(diagonal.x) == [0.0, 100.0]
    assert list(curve.x) == [50.0, 90.0]
    assert list(curve.y) == pytest.approx([55.0, 88.0])
    assert curve.text[1] == ", 20 observations"
    assert "<b onclick" not in figure.to_json()
