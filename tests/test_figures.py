import io
import re
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import figures
from core.chemistry import IonicLiquid, combine, parse_ion
from core.measured import MeasuredPoints
from core.predict import Curve, Prediction
from core.properties import PRESSURE_UNITS, PROPERTIES, TEMPERATURE_UNITS

CELSIUS = TEMPERATURE_UNITS[0]
MEGAPASCAL = PRESSURE_UNITS[2]
HOSTILE = "</script><img src=x onerror=alert(1)><b>[Evil]"


@pytest.fixture(scope="module")
def liquid() -> IonicLiquid:
    return combine(
        parse_ion("CCCCn1cc[n+](C)c1"), parse_ion("O=S(=O)([N-]S(=O)(=O)C(F)(F)F)C(F)(F)F")
    )


def make_points(*rows: tuple[float, float, float]) -> MeasuredPoints:
    T, P, value = np.array(rows, dtype=float).reshape(-1, 3).T
    return MeasuredPoints(temperature_K=T, pressure_kPa=P, value=value)


def make_line(
    liquid: IonicLiquid,
    key: str = "density_kg_m3",
    *,
    variable: str = "temperature_K",
    x: np.ndarray | None = None,
    trained: tuple[float, float] = (280.0, 380.0),
    points: MeasuredPoints | None = None,
    name: str = "[C4mim][Tf2N]",
    colour: int = 0,
) -> figures.Line:
    grid = np.linspace(273.15, 393.15, 25) if x is None else x
    middle = {"density_kg_m3": 1400.0, "viscosity_mPa_s": 50.0}.get(key, 500.0)
    value = middle * np.linspace(1.1, 0.9, len(grid))
    curve = Curve(
        key=key,
        variable=variable,
        x=grid,
        value=value,
        low=value * 0.95,
        high=value * 1.1,
        in_range=(grid >= trained[0]) & (grid <= trained[1]),
        trained_range=trained,
        support="pair_measured",
    )
    at = Prediction(
        key=key,
        value=middle,
        low=middle * 0.95,
        high=middle * 1.1,
        support="pair_measured",
        in_range=True,
        notes=(),
    )
    return figures.Line(name, liquid, colour, curve, points or make_points(), at)


def traces(figure: go.Figure, part: str) -> list[go.Scatter]:
    return [t for t in figure.data if part in (t.hovertemplate or "")]


def draw(line: figures.Line, **options: object) -> go.Figure:
    prop = PROPERTIES[line.curve.key]
    arguments = {"at_x": 298.15, "unit": prop.units[0], "x_unit": CELSIUS} | options
    return figures.curve_figure([line], prop, **arguments)


# ------------------------------------------------------------------------------------------ numbers


@pytest.mark.parametrize(
    "numbers,text",
    [
        ((1.43671, 1.42893, 1.44449), ("1.437", "1.429", "1.444")),
        ((51.2, 38.0, 68.3), ("51", "38", "68")),
        ((566.2, 548.0, 584.0), ("566", "548", "584")),
        ((-3.2, -43.0, 36.0), ("0", "−40", "40")),
        ((-25.4, -31.0, -19.0), ("−25", "−31", "−19")),
        ((300_000.0, 1e5, 9e5), ("300,000", "100,000", "900,000")),
        ((1437.2, 1428.9, 1444.5), ("1,437", "1,429", "1,444")),
        ((2.3e7, 1e7, 4e7), ("2.3×10⁷", "1.0×10⁷", "4.0×10⁷")),
        ((0.0512, 0.038, 0.0683), ("0.051", "0.038", "0.068")),
        ((float("nan"), 1.0, 2.0), ("–", "–", "–")),
    ],
)
def test_numbers_are_rounded_to_what_the_interval_supports(
    numbers: tuple[float, float, float], text: tuple[str, str, str]
) -> None:
    assert figures.rounded(*numbers) == text


@pytest.mark.parametrize(
    "value,digits,text",
    [
        (12_345.6, 3, "12,300"),
        (1e6, 6, "1,000,000"),
        (298.15, 6, "298.15"),
        (0.25, 3, "0.25"),
        (-0.634, 2, "−0.63"),
        (-0.0, 3, "0"),
        (0.00012, 2, "0.00012"),
    ],
)
def test_numbers_without_an_interval_have_so_many_digits(
    value: float, digits: int, text: str
) -> None:
    assert figures.written(value, digits) == text


@pytest.mark.parametrize(
    "value,text",
    [
        (0.2, "0.200"),
        (16.0, "16.0"),
        (136.2, "136"),
        (1234.5, "1,230"),
        (-0.0999, "−0.0999"),
        (0, "0"),
    ],
)
def test_numbers_of_a_table_are_equally_exact(value: float, text: str) -> None:
    assert figures.written(value, zeros=True) == text


@given(st.floats(1.0, 9e5), st.floats(1e-3, 0.5), st.floats(1e-3, 3.0))
def test_rounding_moves_no_number_by_more_than_a_quarter_of_the_interval(
    value: float, below: float, above: float
) -> None:
    low, high = value * (1.0 - below), value * (1.0 + above)
    half = min(value - low, high - value)
    for exact, text in zip((value, low, high), figures.rounded(value, low, high), strict=True):
        shown = float(text.replace(",", "").replace("−", "-").split("×")[0])
        if "×" not in text:
            assert abs(shown - exact) <= half / 4.0 + 1e-9 * value
            decimals = len(text.partition(".")[2])
            assert decimals == 0 or 10.0**-decimals >= half / 20.0 * (1.0 - 1e-9)


# ---------------------------------------------------------------------------------- measured points


def test_near_atmospheric_pressure_keeps_points_up_to_200_kPa() -> None:
    points = make_points((298.0, 101.325, 1.0), (298.0, 200.0, 2.0), (298.0, 1000.0, 3.0))
    assert figures.near_pressure(points, 101.325).value.tolist() == [1.0, 2.0]


def test_near_a_high_pressure_keeps_points_within_five_per_cent() -> None:
    points = make_points((298.0, 101.325, 1.0), (298.0, 9600.0, 2.0), (298.0, 11_000.0, 3.0))
    assert figures.near_pressure(points, 10_000.0).value.tolist() == [2.0]


def test_near_a_temperature_keeps_points_within_a_kelvin_and_a_half() -> None:
    points = make_points((297.0, 101.0, 1.0), (298.15, 101.0, 2.0), (300.0, 101.0, 3.0))
    assert figures.near_temperature(points, 298.15).value.tolist() == [1.0, 2.0]


def test_points_beyond_the_curve_are_left_out(liquid: IonicLiquid) -> None:
    points = make_points((270.0, 101.0, 1.0), (300.0, 101.0, 2.0), (400.0, 101.0, 3.0))
    assert figures.on_axes(points, make_line(liquid).curve).value.tolist() == [2.0]
    x = np.linspace(101.0, 1e4, 5)
    curve = make_line(liquid, variable="pressure_kPa", x=x).curve
    points = make_points((300.0, 101.0, 1.0), (300.0, 2e4, 2.0))
    assert figures.on_axes(points, curve).value.tolist() == [1.0]


# ------------------------------------------------------------------------------------------- charts


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("scale", ["linear", "log", "arrhenius"])
@pytest.mark.parametrize("key", [k for k, p in PROPERTIES.items() if p.depends_on_temperature])
def test_every_chart_is_valid_plotly(
    liquid: IonicLiquid, key: str, scale: str, *, dark: bool
) -> None:
    points = make_points((298.15, 101.0, 1000.0), (310.0, 101.0, 1010.0))
    for unit in PROPERTIES[key].units:
        figure = draw(make_line(liquid, key, points=points), unit=unit, scale=scale, dark=dark)
        go.Figure(figure.to_dict())  # checks every attribute


def test_the_band_is_the_interval_in_the_unit_shown(liquid: IonicLiquid) -> None:
    line = make_line(liquid)
    band = draw(line).data[0]
    assert band.fill == "toself"
    count = len(line.curve.x)
    np.testing.assert_allclose(band.y[:count], line.curve.high / 1000.0, rtol=1e-6)
    np.testing.assert_allclose(band.y[count:][::-1], line.curve.low / 1000.0, rtol=1e-6)
    np.testing.assert_allclose(band.x[:count], line.curve.x - 273.15, rtol=1e-6)


def test_measured_points_stand_on_the_same_axes(liquid: IonicLiquid) -> None:
    line = make_line(liquid, points=make_points((298.15, 101.325, 1436.0)))
    (measured,) = traces(draw(line), ", measured")
    assert list(measured.x) == pytest.approx([25.0])
    assert list(measured.y) == pytest.approx([1.436])


def test_points_per_gram_use_the_molar_mass(liquid: IonicLiquid) -> None:
    key = "heat_capacity_J_mol_K"
    line = make_line(liquid, key, points=make_points((298.15, 101.325, 566.0)))
    (measured,) = traces(draw(line, unit=PROPERTIES[key].unit("J/(g·K)")), ", measured")
    assert list(measured.y) == pytest.approx([566.0 / liquid.molar_mass])


def test_the_arrhenius_axis_is_reciprocal_temperature_and_the_logarithm(
    liquid: IonicLiquid,
) -> None:
    line = make_line(liquid, "viscosity_mPa_s", points=make_points((250.0, 101.0, 400.0)))
    figure = draw(line, scale="arrhenius")
    assert figure.layout.yaxis.type == "log"
    drawn = figure.data[0].x[: len(line.curve.x)]
    np.testing.assert_allclose(drawn, 1000.0 / line.curve.x, rtol=1e-6)
    assert list(traces(figure, ", measured")[0].x) == [4.0]
    assert figure.layout.xaxis.ticktext[0] == "2.75<br>90 °C"


def test_against_pressure_the_arrhenius_axis_is_logarithmic(liquid: IonicLiquid) -> None:
    line = make_line(
        liquid,
        "viscosity_mPa_s",
        variable="pressure_kPa",
        x=np.linspace(100.0, 1e5, 21),
        trained=(100.0, 5e5),
    )
    figure = draw(line, scale="arrhenius", x_unit=MEGAPASCAL, at_x=101.325)
    assert figure.layout.yaxis.type == "log"
    assert figure.layout.xaxis.range == pytest.approx((0.1, 100.0))
    assert "MPa" in figure.layout.xaxis.title.text


def test_the_training_range_is_marked_and_lines_beyond_it_are_dashed(liquid: IonicLiquid) -> None:
    figure = draw(make_line(liquid, trained=(280.0, 340.0)))
    bar, *shades = figure.layout.shapes
    assert (bar.x0, bar.x1) == pytest.approx((280.0 - 273.15, 340.0 - 273.15))
    assert [(s.x0, s.x1) for s in shades] == [
        pytest.approx((0.0, 280.0 - 273.15)),
        pytest.approx((340.0 - 273.15, 120.0)),
    ]
    (dashed,) = traces(figure, "outside the training range")
    assert dashed.line.dash
    solid = next(t for t in figure.data if t.mode == "lines" and not t.line.dash and not t.fill)
    drawn = solid.x[np.isfinite(solid.y)]
    assert drawn.min() >= 280.0 - 273.15 - 1e-4
    assert drawn.max() <= 340.0 - 273.15 + 1e-4
    # together they leave no gap
    assert np.all(np.isfinite(solid.y) | np.isfinite(np.asarray(dashed.y, dtype=float)))


def test_a_window_inside_the_training_range_has_no_dashes_and_no_shade(
    liquid: IonicLiquid,
) -> None:
    figure = draw(make_line(liquid, trained=(200.0, 500.0)))
    assert not traces(figure, "outside the training range")
    assert len(figure.layout.shapes) == 1


def test_a_window_outside_the_training_range_is_all_dashes(liquid: IonicLiquid) -> None:
    figure = draw(make_line(liquid, trained=(400.0, 500.0)))
    (dashed,) = traces(figure, "outside the training range")
    assert np.all(np.isfinite(np.asarray(dashed.y, dtype=float)))
    assert dashed.showlegend


def test_the_chosen_state_is_marked_with_its_interval(liquid: IonicLiquid) -> None:
    (mark,) = traces(draw(make_line(liquid)), "chosen state")
    assert list(mark.x) == pytest.approx([25.0])
    assert list(mark.y) == pytest.approx([1.4])
    assert list(mark.error_y.array) == pytest.approx([0.14])
    assert list(mark.error_y.arrayminus) == pytest.approx([0.07])


def test_compared_liquids_differ_in_colour_and_mark(liquid: IonicLiquid) -> None:
    points = make_points((298.15, 101.0, 1400.0))
    lines = [
        make_line(liquid, name=str(i), colour=i, points=points) for i in range(figures.MAX_LINES)
    ]
    prop = PROPERTIES["density_kg_m3"]
    figure = figures.curve_figure(lines, prop, prop.units[0], CELSIUS, at_x=298.15)
    marks = traces(figure, ", measured")
    assert len({m.marker.color for m in marks}) == figures.MAX_LINES
    assert len({m.marker.symbol for m in marks}) == figures.MAX_LINES
    assert figure.layout.showlegend
    assert sum(bool(t.showlegend) for t in figure.data) == figures.MAX_LINES
    assert not draw(lines[0]).layout.showlegend


def test_a_hostile_name_stays_text(liquid: IonicLiquid) -> None:
    line = make_line(liquid, name=HOSTILE, points=make_points((298.15, 101.0, 1400.0)))
    drawn = draw(line).to_json()
    assert "<img" not in drawn
    assert "</script" not in drawn


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255.0 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))


@pytest.mark.parametrize("dark,ground", [(False, "#fdfefe"), (True, "#10181b")])
def test_lines_stand_out_from_the_page(ground: str, *, dark: bool) -> None:
    """Contrast of at least 3:1, as WCAG 2.1 asks of graphics."""
    for colour in figures.colours(dark=dark):
        light, deep = sorted((luminance(colour), luminance(ground)), reverse=True)
        assert (light + 0.05) / (deep + 0.05) >= 3.0, colour


# ----------------------------------------------------------------------------------------- drawings


@pytest.mark.parametrize(
    "smiles",
    ["[Cl-]", "CCn1cc[n+](C)c1", "CCCCCCCCCCCCCC[P+](CCCCCC)(CCCCCC)CCCCCC", "C" * 60 + "[NH3+]"],
)
def test_drawings_are_svg_no_larger_than_asked(smiles: str) -> None:
    root = ET.fromstring(figures.ion_svg(smiles, width=280, height=190))  # noqa: S314 - our own
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert 0 < int(root.attrib["width"].removesuffix("px")) <= 280
    assert 0 < int(root.attrib["height"].removesuffix("px")) <= 190


def test_drawings_suit_light_and_dark_pages() -> None:
    light = figures.ion_svg("CCn1cc[n+](C)c1")
    dark = figures.ion_svg("CCn1cc[n+](C)c1", dark=True)
    assert "#000000" in light
    assert "#000000" not in dark
    assert "<rect" not in light  # the page shows through


def test_a_drawing_needs_a_structure() -> None:
    with pytest.raises(ValueError, match="SMILES"):
        figures.ion_svg("not a structure")


def test_the_3d_view_loads_only_the_script_it_is_given(liquid: IonicLiquid) -> None:
    html = figures.viewer_html(liquid.key, script="app/static/3Dmol-min.js")
    assert html.count("app/static/3Dmol-min.js") == 1
    assert not re.findall(r"https?:|//cdn", html)
    assert html == figures.viewer_html(liquid.key, script="app/static/3Dmol-min.js")


def test_the_3d_view_holds_nothing_but_elements_and_numbers(liquid: IonicLiquid) -> None:
    html = figures.viewer_html(liquid.key, script="x.js")
    blocks = re.findall(r'addModel\("((?:[^"\\]|\\.)*)"', html)
    assert len(blocks) == 2
    for block in blocks:
        name, *rest = block.split("\\n")
        assert not name
        assert "<" not in block
        assert rest[0].split() == ["RDKit", "3D"]


def test_ions_in_the_3d_view_do_not_overlap(liquid: IonicLiquid) -> None:
    html = figures.viewer_html(liquid.key, script="x.js")
    heights = []
    for block in re.findall(r'addModel\("((?:[^"\\]|\\.)*)"', html):
        rows = [line.split() for line in block.split("\\n")]
        heights.append([float(row[1]) for row in rows if len(row) == 16])
    assert min(heights[0]) - max(heights[1]) > 3.0


def test_an_ion_too_large_for_the_3d_view_is_refused() -> None:
    with pytest.raises(figures.NoGeometryError, match="120 heavy atoms"):
        figures.viewer_html(["C" * 130 + "[NH3+]"], script="x.js")


# -------------------------------------------------------------------------------------------- files


def export(liquid: IonicLiquid, name: str = "[C4mim][Tf2N]") -> pd.DataFrame:
    line = make_line(liquid, points=make_points((298.15, 101.325, 1436.0)), name=name)
    assert line.at is not None
    return figures.export_table(
        [line],
        [(name, liquid, {"density_kg_m3": line.at})],
        {key: prop.units[0] for key, prop in PROPERTIES.items()},
        temperature_K=298.15,
        pressure_kPa=101.325,
        model="a-model",
    )


def test_the_file_holds_predictions_curves_and_measured_points(liquid: IonicLiquid) -> None:
    table = export(liquid)
    assert table["kind"].value_counts().to_dict() == {"curve": 25, "predicted": 1, "measured": 1}
    predicted = table.iloc[0]
    assert (predicted["value"], predicted["low"], predicted["high"]) == (1.4, 1.33, 1.54)
    assert (predicted["unit"], predicted["model"]) == ("g/cm³", "a-model")
    assert (predicted["temperature_K"], predicted["pressure_kPa"]) == (298.15, 101.325)
    measured = table[table["kind"] == "measured"].iloc[0]
    assert measured["value"] == 1.436
    assert pd.isna(measured["low"])
    assert pd.isna(measured["in_range"])
    curve = table[table["kind"] == "curve"]
    assert curve["temperature_K"].is_monotonic_increasing
    assert (curve["pressure_kPa"] == 101.325).all()
    assert not curve["in_range"].all()


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", " =", "＝"])
def test_no_cell_is_taken_for_a_formula(liquid: IonicLiquid, start: str) -> None:
    text = figures.safe_csv(export(liquid, f"{start}SUM(A1)")).decode("utf-8-sig")
    names = pd.read_csv(io.StringIO(text))["ionic_liquid"]
    assert names.str.startswith("'").all()


def test_negative_numbers_are_left_alone() -> None:
    table = pd.DataFrame({"name": ["-x"], "value": [-3.5]})
    assert figures.safe_csv(table).decode("utf-8-sig").splitlines() == ["name,value", "'-x,-3.5"]


def test_errors_of_models_have_names_beside_their_bars() -> None:
    errors = {
        "new pair": {"network": 0.1, "network, same rows as COSMO-RS": 0.2, "<b>odd</b>": 0.3},
        "new anion": {"network": 0.4, "network, same rows as COSMO-RS": 0.5, "<b>odd</b>": 0.6},
    }
    figure = figures.metric_figure(errors, unit="kg/m³", dark=True)
    (bars,) = figure.data
    assert list(bars.x) == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
    axis = figure.layout.yaxis
    named = dict(zip(axis.tickvals, axis.ticktext, strict=True))
    assert [named[at] for at in bars.y[:3]] == [
        "network",
        "network, same rows as<br>COSMO-RS",
        "&lt;b&gt;odd&lt;/b&gt;",
    ]
    assert {"<b>new pair</b>", "<b>new anion</b>"} == set(named.values()) - {
        named[at] for at in bars.y
    }
    colour = bars.marker.color
    assert colour[0] == colour[3] != colour[1] == colour[2]
    assert "kg/m³" in bars.hovertext[0]


def test_learning_curves_are_drawn_in_per_cent_with_the_last_in_colour() -> None:
    errors = {"plain": [4.0, 3.0], "<b>pre-trained</b>": [3.0, 2.5]}
    figure = figures.learning_curves(errors, [0.1, 1.0], unit="K")
    plain, last = figure.data
    assert list(last.x) == [10.0, 100.0]
    assert list(last.y) == [3.0, 2.5]
    assert "<b>" not in last.name
    assert last.line.color == figures.colours(dark=False)[0] != plain.line.color
    assert figure.layout.yaxis.title.text == "mean absolute error / K"
