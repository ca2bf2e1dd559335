"""What is taken along: provenance, citations, and scripts and commands that really run."""

import csv
import io
import json
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go
import pytest

import core
from core import export, screen
from core.__main__ import main
from core.chemistry import parse_ionic_liquid, parse_polymer, parse_solvent
from core.figures import safe_csv
from core.names import find_liquid, find_polymer, find_solvent
from core.predict import IonicLiquidPredictor, MiscibilityPredictor
from core.properties import PROPERTIES
from core.screen.solvents import Target, Wanted, shipped_solvents, shortlist

ROOT = Path(__file__).resolve().parents[1]
ORIGIN = export.Origin("ionic-liquids/x-v1", "2026-01-02T03:04:05+00:00", "2026-02-03T04:05:06")
# Names that no shell may act on, and a structure whose SMILES is not what its name says.
LIQUIDS = {
    "[C4mim][BF4]": find_liquid("[bmim][BF4]"),
    "water": parse_ionic_liquid("CC[N+](C)(C)CCO.N#C[N-]C#N"),
    "$(touch x)\"; '`echo`": find_liquid("[emim][DCA]"),
}


def ran(words: list[str], folder: Path | None = None) -> str:
    done = subprocess.run(
        words,
        cwd=folder or ROOT,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def script(recipe: export.Recipe, folder: Path | None = None) -> list[list[dict[str, str]]]:
    """The tables that a script prints."""
    blocks = re.split(r"\n\n+", ran([sys.executable, "-c", recipe.python], folder).strip())
    return [list(csv.DictReader(io.StringIO(block))) for block in blocks]


def command(recipe: export.Recipe, *more: str, folder: Path | None = None) -> str:
    first, *words = shlex.split(recipe.command)
    assert first == "python"
    return ran([sys.executable, *words, *more], folder)


def near(text: object, value: float) -> bool:
    return float(text) == pytest.approx(value, rel=2e-5)  # type: ignore[arg-type]


# ---------------------------------------------------------------------------------------- scripts


def test_ionic_liquids_come_back_from_script_and_command(tmp_path: Path) -> None:
    state, keys = (313.15, 5000.0), ("density_kg_m3", "viscosity_mPa_s")
    grid = export.Grid("temperature_K", 280.0, 380.0, 5)
    recipe = export.ionic_liquid_recipe(LIQUIDS, *state, keys=keys, grid=grid)
    predictor = IonicLiquidPredictor.load()
    numbers, *curves = script(recipe, tmp_path)
    told = {entry["ionic_liquid"]: entry for entry in json.loads(command(recipe, "--json"))}
    assert not list(tmp_path.iterdir())
    assert len(told) == len(LIQUIDS)
    assert "[C4mim][BF4]" in told
    by_smiles = {(e["cation_smiles"], e["anion_smiles"]): e["predictions"] for e in told.values()}
    for name, liquid in LIQUIDS.items():
        expected = predictor.predict(liquid, *state)
        rows = {row["property"]: row for row in numbers if row["ionic_liquid"] == name}
        assert rows.keys() == PROPERTIES.keys()
        for key, at in expected.items():
            said = by_smiles[liquid.key][key]
            for end in ("value", "low", "high"):
                assert near(rows[key][end], getattr(at, end))
                assert near(said[end], getattr(at, end))
            assert rows[key]["support"] == said["support"] == at.support
            assert said["unit"] == PROPERTIES[key].internal_unit.label
    assert len(curves) == len(LIQUIDS) * len(keys)
    first = predictor.curve(
        LIQUIDS["[C4mim][BF4]"], keys[0], temperatures_K=[280.0, 305.0], pressure_kPa=state[1]
    )
    assert near(curves[0][1]["density_kg_m3"], first.value[1])
    assert near(curves[0][1]["temperature_K"], 305.0)


def test_mixtures_come_back_from_script_and_command() -> None:
    polymer, names = find_polymer("PMMA"), ("toluene", "acetone")
    solvents = {name: find_solvent(name) for name in names}
    solvents["a new one"] = parse_solvent("CCOCCCOC(=O)CC")
    grid = export.Grid("temperature_K", 290.0, 330.0, 3)
    recipe = export.mixture_recipe(
        ("PMMA", polymer), solvents, 307.0, volume_fraction=0.2, grid=grid
    )
    assert "predict mixture PMMA toluene acetone" in recipe.command
    predictor = MiscibilityPredictor.load()
    numbers, *curves = script(recipe)
    told = {entry["solvent_smiles"]: entry for entry in json.loads(command(recipe, "--json"))}
    for row, (name, solvent) in zip(numbers, solvents.items(), strict=True):
        expected = predictor.predict(polymer, solvent, 307.0, 0.2)
        assert row["solvent"] == name
        for field in ("chi", "chi_low", "chi_high", "chi_cosmo_rs", "soluble_probability"):
            assert near(row[field], getattr(expected, field))
            assert near(told[solvent.smiles][field], getattr(expected, field))
        assert row["support"] == told[solvent.smiles]["support"] == expected.support
    assert len(curves) == len(solvents)
    assert near(
        curves[0][2]["chi"], predictor.curve(polymer, solvents["toluene"], [330.0], 0.2).chi[0]
    )


def test_a_smiles_that_is_also_an_abbreviation_is_called_by_its_name() -> None:
    recipe = export.mixture_recipe(
        ("PVA", parse_polymer("*CC(*)O")), {"CO": parse_solvent("CO")}, 307.0
    )
    (told,) = json.loads(command(recipe, "--json"))
    assert (told["polymer_smiles"], told["solvent_smiles"]) == ("*CC(*)O", "CO")
    assert "methanol" in recipe.command


def test_a_screen_comes_back_from_script_and_command(tmp_path: Path) -> None:
    conditions = screen.read_conditions("viscosity_mPa_s.high < 60 and contains N")
    aims = [screen.Objective("viscosity_mPa_s"), screen.Objective("density_kg_m3", maximise=True)]
    recipe = export.screening_recipe(
        "catalogue", (313.15, 101.325), conditions, aims, top=5, similar=0.65
    )
    (rows,) = script(recipe)
    command(recipe, folder=tmp_path)
    written = pd.read_csv(tmp_path / "best.csv")
    assert [row["cation_smiles"] for row in rows] == written["cation_smiles"].tolist()
    assert [row["anion_smiles"] for row in rows] == written["anion_smiles"].tolist()
    assert len(rows) == 5
    best = parse_ionic_liquid(f"{rows[0]['cation_smiles']}.{rows[0]['anion_smiles']}")
    at = IonicLiquidPredictor.load().predict(best, 313.15)["viscosity_mPa_s"]
    assert float(rows[0]["viscosity_mPa_s"]) == pytest.approx(at.value, rel=1e-3)
    assert written["viscosity_mPa_s"][0] == pytest.approx(at.value, rel=1e-3)


def ranked(wanted: Wanted, by: str = "probability", radius: float = 8.5) -> export.Ranked:
    return export.Ranked(("PS", find_polymer("PS")), 310.0, 5e4, radius, wanted, by)


def test_a_shortlist_comes_back_from_script_and_command(tmp_path: Path) -> None:
    wanted = Wanted(
        {"boiling_point_K": (-float("inf"), 420.0), "red": (0.1, 1.5)},
        frozenset(["ester", "ketone"]),
        frozenset(["Cl", "N"]),
        "problematic",
        unknown=True,
        liquid=True,
    )
    spare = {"PMMA": find_polymer("PMMA")}
    recipe = export.solvent_recipe(ranked(wanted), top=4, spare=spare, known_first=True)
    (rows,) = script(recipe)
    command(recipe, folder=tmp_path)
    written = pd.read_csv(tmp_path / "solvents.csv")
    predictor = MiscibilityPredictor.load()
    library = shipped_solvents(predictor)
    target = Target.of(predictor, find_polymer("PS"), 310.0, 5e4, radius=8.5)
    expected = shortlist(
        predictor,
        library,
        target,
        keep=wanted.mask(library, target),
        top=4,
        spare=list(spare.values()),
        known_first=True,
    )
    assert len(expected) == 4
    for found in ([row["solvent_smiles"] for row in rows], written["solvent_smiles"].tolist()):
        assert found == expected["solvent_smiles"].tolist()
    assert near(rows[0]["selectivity"], expected["selectivity"][0])
    assert near(written["selectivity"][0], expected["selectivity"][0])


def test_blends_polymers_maps_and_facts_run() -> None:
    asked = ranked(Wanted({"boiling_point_K": (300.0, 360.0)}), "margin")
    (alone,) = script(export.blend_recipe(asked, top=3, paired=40, cosolvents_only=False))
    assert len(alone) == 3
    partner = parse_solvent("C1CCCCC1").smiles
    (joint,) = script(
        export.blend_recipe(asked, top=2, paired=40, partner=partner, cosolvents_only=False)
    )
    assert all(partner in (row["solvent_smiles_1"], row["solvent_smiles_2"]) for row in joint)
    recipe = export.polymer_recipe(
        ("acetone", find_solvent("acetone")), 298.15, 1e5, by="chi", top=3
    )
    assert len(script(recipe)[0]) == 3
    assert "--solvent acetone" in recipe.command
    (facts,) = script(export.solvent_facts_recipe(["CC(C)=O", "CCOCCCOC(=O)CC"]))
    assert [row["name"] for row in facts] == ["acetone"]


@pytest.mark.parametrize(
    "kind,smiles,partner,said",
    [
        ("anion", "F[B-](F)(F)F", "CCCCn1cc[n+](C)c1", "density_kg_m3"),
        ("solvent", "Cc1ccccc1", "*CC(*)c1ccccc1", "chi"),
    ],
)
def test_a_map_comes_back_from_its_script_and_a_pair_from_its_command(
    kind: str, smiles: str, partner: str, said: str
) -> None:
    recipe = export.map_recipe(kind, smiles, partner, near=2)  # type: ignore[arg-type]
    printed = ran([sys.executable, "-c", recipe.python])
    assert printed.startswith(f"molecule,x,y\n{smiles},")
    (entry,) = json.loads(command(recipe, "--json"))
    told = entry["predictions"][said]["value"] if "predictions" in entry else entry[said]
    shown = re.search(rf"^{said},([^,]+),", printed, re.MULTILINE)
    assert shown is not None
    assert near(shown[1], told)


def test_what_has_no_command_says_so() -> None:
    nothing = export.screening_recipe("catalogue", (300.0, 100.0), (), (), top=3, similar=None)
    assert nothing.command == ""
    assert (
        export.blend_recipe(ranked(Wanted()), top=1, paired=1, cosolvents_only=True).command == ""
    )


# ------------------------------------------------------------------------------------- provenance


def test_provenance_stands_behind_what_was_predicted_only() -> None:
    table = pd.DataFrame(
        {
            "name": ["=1+1", "b"],
            "density_kg_m3": [1000.0, 1001.0],
            "density_kg_m3_low": [990.0, None],
            "boiling_point_K_1": [350.0, 351.0],
            "support": ["pair_measured", ""],
            "model": ["ionic-liquids/x-v1", ""],
        }
    )
    found = export.with_provenance(table, ORIGIN)
    assert tuple(found.columns[-5:]) == export.PROVENANCE
    assert found["units"].tolist() == ["density_kg_m3: kg/m³; boiling_point_K_1: K"] * 2
    assert found["model"].tolist() == ["ionic-liquids/x-v1", ""]
    assert found["model_created"].tolist() == [ORIGIN.created, ""]
    assert found["predicted_on"].tolist() == [ORIGIN.predicted, ""]
    assert found["solvarium_version"].tolist() == [core.__version__, ""]
    assert "model" in table  # the page's own table is left as it is
    assert safe_csv(found).decode("utf-8-sig").splitlines()[1].startswith("'=1+1,")
    everywhere = export.with_provenance(table.drop(columns="model"), ORIGIN)
    assert everywhere["model"].tolist() == ["ionic-liquids/x-v1"] * 2
    assert len(export.with_provenance(table.iloc[:0], ORIGIN)) == 0


def test_the_version_is_that_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert core.__version__ == project["version"]


# -------------------------------------------------------------------------------------- citations


def test_only_what_applies_is_cited_and_every_doi_stands_in_the_sources() -> None:
    few = export.bibtex(["ionic liquids"], ORIGIN)
    assert few.count("@") == 2
    assert "2509.10273" in few
    assert "ILThermo" not in few
    assert ORIGIN.model in few
    every = export.bibtex(export.Work.__args__, ORIGIN)
    assert every.count("\n@") + 1 == 1 + len(export.Work.__args__)
    files = [ROOT / "README.md", ROOT / "core/tables/README.md", *(ROOT / "core").rglob("*.py")]
    cited = [path for path in files if "export" not in path.parts]
    text = "\n".join(path.read_text(encoding="utf-8") for path in cited)
    identifiers = re.findall(r"(?:doi|eprint) = \{([^}]+)\}", every)
    assert len(identifiers) == len(export.Work.__args__)
    assert [name for name in identifiers if name not in text] == []
    for entry in every.strip().split("\n\n"):
        assert entry.count("{") == entry.count("}")
        assert re.match(r"@(misc|article|book|software)\{[a-z0-9]+,\n", entry)
        assert "year = {" in entry


# ------------------------------------------------------------------------------------------ pages


def test_a_page_of_its_own_needs_no_network_and_shows_text_as_text() -> None:
    figure = go.Figure(go.Scatter(x=[1, 2], y=[3, 4]))
    page = export.standalone_html(
        {"a": figure, "b": figure},
        title="<script>alert(1)</script>",
        words="a < b & c",
        origin=ORIGIN,
    ).decode()
    assert page.startswith("<!DOCTYPE html>")
    assert "<script>alert(1)" not in page
    assert "a &lt; b &amp; c" in page
    assert page.count("plotly.js v") == 1  # the library once, for both charts
    assert not re.search(r"<(script|link|img)[^>]+(src|href)=", page)
    assert ORIGIN.model in page


# ---------------------------------------------------------------------------------- command line


@pytest.mark.parametrize(
    "words,wrong",
    [
        (["ionic-liquid", "[bmim][XYZ]"], "XYZ"),
        (["ionic-liquid", ""], ""),
        (["mixture", "PS", "tolune"], "toluene"),
        (["mixture", "notapolymer", "toluene"], "notapolymer"),
    ],
)
def test_a_slip_is_told_in_one_line(
    words: list[str], wrong: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["predict", *words]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("error: ")
    assert wrong in said.err
    assert said.err.count("\n") == 1


@pytest.mark.parametrize(
    "words", [["-T", "25"], ["-T", "nan"], ["-P", "-1"], ["--property", "colour"]]
)
def test_numbers_out_of_reach_are_refused(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["predict", "ionic-liquid", "[bmim][BF4]", *words])
    assert stop.value.code == 2
    assert words[1] in capsys.readouterr().err


def test_what_is_printed_is_rounded_and_complete(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["predict", "ionic-liquid", "[bmim][BF4]", "--property", "melting_point_K"]
    assert main(words) == 0
    said = capsys.readouterr().out
    at = IonicLiquidPredictor.load().predict(LIQUIDS["[C4mim][BF4]"])["melting_point_K"]
    assert f"{at.value:.5g}" in said
    assert "Density" not in said
    assert "pair measured" in said
    assert main(["predict", "mixture", "*CC(*)c1ccccc1", "toluene", "67-64-1"]) == 0
    said = capsys.readouterr().out
    found = MiscibilityPredictor.load().predict(
        parse_polymer("*CC(*)c1ccccc1"), parse_solvent("Cc1ccccc1")
    )
    assert f"{found.chi:.3f}" in said
    assert "67-64-1" in said
    assert "100.0 %" not in said  # none is certain
