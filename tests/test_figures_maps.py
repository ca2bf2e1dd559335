"""The figure of a map: points that carry their molecules, colours, marks, the cut of a sphere."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from core.figures import Cut, Mark, entry_label, molecule_map, quantity_text
from core.maps import Entry, Plane, Quantity
from core.properties import PROPERTIES, Unit

WORDS = {"pair_measured": "pair measured", "new_cation": "new cation"}
N = 60


def a_map(kind: str = "cation") -> SimpleNamespace:
    generator = np.random.default_rng(1)
    families = ["amine", "ester", "ether", "alkane", "ketone", "nitrile", "phenol", "water"]
    names = ["<b>name</b>", *(f"name {i}" for i in range(1, N))]
    entries = tuple(
        Entry(f"C{'C' * i}", names[i], "", families[i % 8], max(0, i - 9)) for i in range(N)
    )
    vectors = generator.normal(size=(N, 2, 5))
    plane = Plane.of(vectors)
    places = plane.project(plane.common(vectors))
    return SimpleNamespace(kind=kind, entries=entries, plane=plane, places=places)


def viscosity() -> Quantity:
    prop = PROPERTIES["viscosity_mPa_s"]
    value = np.geomspace(1.0, 1e4, N)
    support = tuple("pair_measured" if i % 2 else "new_cation" for i in range(N))
    return Quantity(
        prop.key, prop.label, prop.units[0], value, 0.8 * value, 1.3 * value, support, log=True
    )


def points(figure: go.Figure) -> list[Any]:
    return [trace for trace in figure.data if trace.type == "scatter" and trace.text is not None]


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("colour", ["family", "measured", viscosity()], ids=["f", "m", "v"])
def test_every_molecule_is_drawn_once_at_its_place(
    colour: Any,  # noqa: ANN401
    dark: bool,  # noqa: FBT001
) -> None:
    shown = a_map()
    figure = molecule_map(shown, colour, support=WORDS, dark=dark)
    go.Figure(figure.to_plotly_json())  # every attribute is one plotly knows
    drawn = {
        smiles: (float(x), float(y))
        for trace in points(figure)
        for smiles, x, y in zip(trace.customdata, trace.x, trace.y, strict=True)
    }
    assert sum(len(trace.x) for trace in points(figure)) == len(drawn) == N
    for entry, place in zip(shown.entries, shown.places, strict=True):
        assert drawn[entry.smiles] == pytest.approx(place, abs=1e-6)
    assert figure.layout.yaxis.scaleanchor == "x"


def test_names_are_text_and_the_pointer_tells_numbers() -> None:
    shown = a_map()
    (trace,) = points(molecule_map(shown, viscosity(), support=WORDS))
    assert "<b>name" not in trace.text[0].replace("<b>&lt;b&gt;name", "")
    assert "&lt;b&gt;" in trace.text[0]
    assert "new cation" in trace.text[0]
    assert "pair measured" in trace.text[1]
    assert "mPa·s" in trace.text[1]
    assert "nothing measured" in trace.text[3]
    assert "measured ionic liquids: 50" in trace.text[N - 1]


def test_six_families_have_colours_and_symbols_of_their_own() -> None:
    figure = molecule_map(a_map(), "family", support=WORDS)
    traces = points(figure)
    assert len(traces) == 7
    assert len({trace.marker.symbol for trace in traces[1:]}) == 6
    assert len({trace.marker.color for trace in traces}) == 7
    assert traces[0].name == "all others"
    assert figure.layout.showlegend


def test_a_logarithmic_scale_has_ticks_in_the_unit() -> None:
    (trace,) = points(molecule_map(a_map(), viscosity(), support=WORDS))
    assert np.asarray(trace.marker.color) == pytest.approx(np.linspace(0.0, 4.0, N), abs=1e-5)
    bar = trace.marker.colorbar
    assert list(bar.ticktext) == ["10", "100", "1,000"]
    assert list(bar.tickvals) == pytest.approx([1.0, 2.0, 3.0])
    assert "mPa·s" in bar.title.text


def test_a_click_leaves_the_other_points_as_they_are() -> None:
    for trace in molecule_map(a_map(), viscosity(), support=WORDS).data:
        assert trace.selected.marker.opacity == trace.unselected.marker.opacity


def test_what_was_never_measured_is_open() -> None:
    never, some = points(molecule_map(a_map("solvent"), "measured", support=WORDS))
    assert len(never.x) == 10
    assert never.marker.symbol == "circle-open"
    assert np.asarray(some.marker.color).min() == pytest.approx(0.0)
    assert "pairs" in some.marker.colorbar.title.text


def test_marks_and_the_sphere_lie_where_they_are_told() -> None:
    x, y = np.linspace(-1.0, 1.0, 4), np.linspace(-2.0, 0.0, 3)
    marks = [
        Mark("mine", np.array([0.5, -0.5]), "own", "CCO", "<b>your own</b>"),
        Mark("that <one>", np.array([0.1, 0.2]), "chosen", "CC"),
        Mark("", np.array([0.2, 0.2]), "near", "C"),
    ]
    cut = Cut(x, y, np.outer(y, x))
    figure = molecule_map(a_map(), "family", marks, support=WORDS, cut=cut)
    go.Figure(figure.to_plotly_json())
    assert figure.data[0].type == "contour"
    star = next(trace for trace in figure.data[1:] if trace.marker.symbol == "star")
    assert (star.x[0], star.y[0]) == (0.5, -0.5)
    assert list(star.customdata) == ["CCO"]
    assert [note.text for note in figure.layout.annotations] == ["mine", "that &lt;one&gt;"]


def test_values_are_written_with_their_interval() -> None:
    assert quantity_text(viscosity(), 0) == "1.0 mPa·s (0.8 to 1.3)"
    none = np.full(1, np.nan)
    share = Quantity("p", "Probability", Unit("%", 100.0), np.array([0.5]), none, none, ())
    assert quantity_text(share, 0) == "50\N{NO-BREAK SPACE}%"


def test_a_molecule_is_called_by_its_shortest_name() -> None:
    assert entry_label(Entry("C", "methane", "[x]", "alkane", 0)) == "[x]"
    assert entry_label(Entry("C", "methane", "", "alkane", 0)) == "methane"
    assert entry_label(Entry("C" * 80, "", "", "alkane", 0)).endswith("…")
