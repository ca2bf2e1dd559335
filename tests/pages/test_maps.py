import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core import measured, names

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = "![x](https://evil.example/x.png)<script>alert(1)</script>"
NEW_CATION = "CCCCCCCOCC[n+]1ccn(CCCC(C)C)c1"


def open_page(**query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    app.run()
    for name, value in query.items():
        app.query_params[name] = value
    return healthy(app.switch_page("pages/maps.py").run())


def healthy(app: AppTest) -> AppTest:
    assert not app.exception, app.exception
    return app


def figure(app: AppTest) -> dict:
    (chart,) = app.get("plotly_chart")
    return json.loads(chart.proto.spec)


def heading(app: AppTest) -> str:
    return next(m.value for m in app.markdown if m.value.startswith("## ")).replace("\\", "")


def texts(app: AppTest) -> str:
    found = [element.value for element in (*app.markdown, *app.caption)]
    return "\n".join(found).replace("\\", "")


def link(app: AppTest, name: str) -> str | None:
    value = app.query_params.get(name)
    return value if value is None or isinstance(value, str) else value[0]


def links(app: AppTest) -> list[tuple[str, str]]:
    return [(e.proto.page, e.proto.query_string) for e in app.get("page_link")]


@pytest.mark.parametrize(
    "kind,name,near",
    [
        ("cation", "## [C4mim]", "[C5mim]"),
        ("anion", "## [Tf2N]", "[FTFSI]"),
        ("polymer", "## PS", "PαMS"),
        ("solvent", "## toluene", "p-xylene"),
    ],
)
def test_every_map_opens_with_a_good_example(kind: str, name: str, near: str) -> None:
    app = open_page(map=kind)
    assert heading(app) == name
    assert not app.error
    table = app.dataframe[0].value
    assert near in set(table["Molecule"])
    assert table["Distance"].is_monotonic_increasing
    assert sum(len(trace.get("customdata", ())) for trace in figure(app)["data"]) > 300
    assert "% of the variance" in figure(app)["layout"]["xaxis"]["title"]["text"]
    assert "Near means alike to the model" in texts(app)
    assert links(app)


def test_the_table_tells_what_was_measured() -> None:
    table = open_page(map="cation", colour="density_kg_m3").dataframe[0].value
    found = table.set_index("Molecule")
    anion = names.find_ion("Tf2N").smiles
    measured_ones = 0
    for name in set(found.index) & {f"[{ion.abbreviation}]" for ion in names.cations()}:
        known = measured.by_partner(names.find_ion(name).smiles, "density_kg_m3")
        expected = f"{known[anion] / 1000.0:.3g}" if anion in known else "–"
        assert found["Measured with [Tf2N] / g/cm³"][name] == expected
        others = len(known) - (anion in known)
        assert found["Measured with others / g/cm³"][name].endswith(f"({others})") or not others
        measured_ones += anion in known
    assert measured_ones >= 1
    assert "g/cm³" in table["Density, model"][0]


def test_what_was_measured_of_solvents_is_shown_where_the_tables_are() -> None:
    app = open_page(map="solvent", colour="chi")
    column = app.dataframe[0].value["Measured with PS"]
    try:
        measured.data_folder("polymer_solvent")
    except measured.DataMissingError:
        assert set(column) == {"–"}
        assert "not on this computer" in texts(app)
    else:
        assert set(column) != {"–"}


def test_another_map_another_colour_another_partner() -> None:
    app = open_page()
    app.segmented_control(key="m_kind").set_value("anion").run()
    assert heading(healthy(app)) == "## [Tf2N]"
    assert link(app, "map") == "anion"
    for colour in app.selectbox(key="m_colour").options:
        assert colour
    for key in ("family", "measured", "density_kg_m3", "melting_point_K"):
        app.selectbox(key="m_colour").set_value(key).run()
        healthy(app)
        assert link(app, "colour") == key
    assert "Melting point with [C4mim]:" in texts(app)
    before = app.dataframe[0].value["Melting point, model"].tolist()
    app.selectbox(key="m_partner").set_value("CCn1cc[n+](C)c1").run()
    assert link(healthy(app), "with") == "C2mim"
    assert app.dataframe[0].value["Melting point, model"].tolist() != before


def test_a_neighbour_is_chosen_by_its_button() -> None:
    app = open_page(map="anion")
    before = heading(app)
    next(b for b in app.button if str(b.key).startswith("m_near_")).click().run()
    assert heading(healthy(app)) != before
    assert link(app, "at") != "Tf2N"


def test_ones_own_molecule_is_a_star_among_the_others() -> None:
    app = open_page()
    app.text_input(key="m_own_text").set_value(NEW_CATION).run()
    healthy(app)
    assert not app.error
    assert link(app, "own") == link(app, "at") == NEW_CATION
    stars = [t for t in figure(app)["data"] if t["marker"].get("symbol") == "star"]
    assert len(stars) == 1
    assert stars[0]["customdata"] == [NEW_CATION]
    assert "In no measured ionic liquid" in texts(app)
    assert not app.text_input(key="m_own_text").value
    next(b for b in app.button if b.label == "Take the star away").click().run()
    assert heading(healthy(app)) == "## [C4mim]"
    assert link(app, "own") is None


def test_an_ion_of_the_other_charge_opens_the_map_of_its_like() -> None:
    app = open_page(map="cation")
    app.text_input(key="m_own_text").set_value("CC(=O)[O-]").run()
    assert heading(healthy(app)) == "## [OAc]"
    assert link(app, "map") == "anion"
    assert not app.error


@pytest.mark.parametrize("text", ["[Na+].[Cl-]", "hello", HOSTILE])
def test_what_is_not_understood_is_told_and_nothing_is_lost(text: str) -> None:
    app = open_page()
    app.text_input(key="m_own_text").set_value(text).run()
    healthy(app)
    assert len(app.error) == 1
    assert "](http" not in app.error[0].value
    assert "<script" not in app.error[0].value
    assert app.text_input(key="m_own_text").value == text
    assert heading(app) == "## [C4mim]"


def test_a_link_restores_everything() -> None:
    query = {"map": "solvent", "at": "THF", "with": "PMMA", "own": "CCOCCCOC(=O)CC", "sphere": "0"}
    app = open_page(**query, colour="hansen_P")
    assert heading(app) == "## tetrahydrofuran"
    assert app.selectbox(key="m_colour").value == "hansen_P"
    assert app.toggle(key="m_sphere").value is False
    assert "contour" not in {trace["type"] for trace in figure(app)["data"]}
    app.toggle(key="m_sphere").set_value(True).run()
    assert "contour" in {trace["type"] for trace in figure(healthy(app))["data"]}
    assert "sphere of PMMA" in texts(app)
    assert link(app, "own") == "CCOCCCOC(=O)CC"
    assert link(app, "sphere") is None


def test_a_link_that_says_nonsense_is_told_and_the_page_still_works() -> None:
    app = open_page(map="planet", at=HOSTILE, own="CCO", colour="smell", **{"with": "??"})
    assert len(app.error) == 1
    assert heading(app) == "## [C4mim]"
    assert app.selectbox(key="m_colour").value == "viscosity_mPa_s"


def test_the_links_open_the_pair_on_its_page() -> None:
    assert links(open_page(map="cation")) == [("ionic_liquids", "cation=C4mim&anion=Tf2N")]
    pages = links(open_page(map="solvent"))
    assert pages[0] == ("polymer_solvent", "solvent=toluene&polymer=PS")
    assert pages[1][1].endswith("view=space")
