"""Rankings and scores of solvents after the CHEM21 guide."""

import math

import pytest

from core.names import RANKINGS, Greenness, combined, find_solvent, greenness, solvents
from core.names._tables import table_rows

BY_CAS = {solvent.cas: solvent for solvent in solvents()}


def of(name: str) -> Greenness:
    smiles = find_solvent(name).smiles
    return next(solvent.greenness for solvent in solvents() if solvent.smiles == smiles)


def by_rule(cas: str) -> Greenness:
    """What the rules say, also of a solvent that the guide has."""
    known = BY_CAS[cas]
    return greenness(
        "",
        flash_point_K=known.flash_point_K,
        autoignition_K=known.autoignition_K,
        boiling_point_K=known.boiling_point_K,
        ozone_depletion=known.ozone_depletion,
    )


@pytest.mark.parametrize("row", table_rows("chem21.csv"), ids=lambda row: row["name"])
def test_the_guide_agrees_with_its_own_rule_and_with_the_catalogue(row: dict[str, str]) -> None:
    scores = [int(row[name]) for name in ("safety", "health", "environment")]
    assert combined(scores) == row["default_ranking"]
    assert BY_CAS[row["cas"]].name == row["name"]
    found = BY_CAS[row["cas"]].greenness
    assert found == Greenness(row["ranking"], "published", *scores)


def test_rules_never_go_beyond_what_the_guide_says() -> None:
    compared = 0
    for row in table_rows("chem21.csv"):
        # Water is good by decree; acetic anhydride boils on the limit between two steps.
        if row["name"] in {"water", "acetic anhydride"}:
            continue
        rule = by_rule(row["cas"])
        for score, published in (
            (rule.safety, int(row["safety"])),
            (rule.environment, int(row["environment"])),
        ):
            assert score is None or score <= published, row["name"]
            compared += score is not None
        if rule.ranking is not None:
            default = RANKINGS.index(row["default_ranking"])
            assert RANKINGS.index(rule.ranking) <= default, row["name"]
    assert compared > 90


@pytest.mark.parametrize(
    "name,ranking,origin",
    [
        ("ethyl acetate", "recommended", "published"),
        ("toluene", "problematic", "published"),
        ("NMP", "hazardous", "published"),
        ("chloroform", "highly hazardous", "published"),
        ("isopentane", "hazardous", "rule"),  # flash point and boiling point, both too low
        ("dodecane", "problematic", "rule"),  # hard to distil
        ("1,1,1-trichloroethane", "hazardous", "rule"),  # depletes ozone
        ("cyclopentanone", None, "rule"),  # its health score could be anything
    ],
)
def test_what_a_chemist_would_look_up(name: str, ranking: str | None, origin: str) -> None:
    found = of(name)
    assert (found.ranking, found.origin) == (ranking, origin)
    assert (found.health is None) == (origin == "rule")


@pytest.mark.parametrize(
    "flash_C,autoignition_C,score",
    [
        (70.0, 300.0, 1),
        (60.0, 300.0, 3),
        (24.0, math.nan, 3),
        (23.0, 300.0, 4),
        (0.0, 300.0, 4),
        (-1.0, 300.0, 5),
        (-20.0, 199.0, 6),
        (-21.0, 160.0, 8),
        (math.nan, 160.0, None),
    ],
)
def test_safety_by_rule(flash_C: float, autoignition_C: float, score: int | None) -> None:
    found = greenness("", flash_point_K=flash_C + 273.15, autoignition_K=autoignition_C + 273.15)
    assert found.safety == score
    assert found.environment is None


@pytest.mark.parametrize(
    "boiling_C,ozone,score",
    [
        (49.0, math.nan, 7),
        (50.0, math.nan, 5),
        (69.0, math.nan, 5),
        (70.0, math.nan, 3),
        (139.0, 0.0, 3),
        (140.0, math.nan, 5),
        (200.0, math.nan, 5),
        (201.0, math.nan, 7),
        (100.0, 0.1, 10),
        (math.nan, math.nan, None),
    ],
)
def test_environment_by_rule(boiling_C: float, ozone: float, score: int | None) -> None:
    found = greenness("", boiling_point_K=boiling_C + 273.15, ozone_depletion=ozone)
    assert found.environment == score
    assert found.health is None


def test_nothing_known_is_nothing_said() -> None:
    assert greenness("") == Greenness(None, "rule", None, None, None)


def test_hansen_parameters_are_of_the_right_size() -> None:
    known = [solvent for solvent in solvents() if not math.isnan(solvent.hansen[0])]
    assert len(known) > 0.75 * len(solvents())
    for solvent in known:
        dispersion, polar, hydrogen = solvent.hansen
        assert 10.0 < dispersion < 23.0, solvent.name
        assert 0.0 <= polar < 31.0, solvent.name
        assert 0.0 <= hydrogen < 43.0, solvent.name


@pytest.mark.parametrize(
    "name,expected",
    [
        ("water", (15.5, 16.0, 42.3)),
        ("toluene", (18.0, 1.4, 2.0)),
        ("acetone", (15.5, 10.4, 7.0)),
        ("methyl methacrylate", (15.8, 6.5, 5.4)),  # one table has 54 for the last
        ("1,1-dichloroethylene", (16.4, 5.2, 2.4)),
        ("carbon dioxide", (15.7, 6.3, 5.7)),
    ],
)
def test_hansen_parameters_of_the_handbook(name: str, expected: tuple[float, float, float]) -> None:
    smiles = find_solvent(name).smiles
    (found,) = (solvent.hansen for solvent in solvents() if solvent.smiles == smiles)
    assert found == pytest.approx(expected, abs=0.05)
