"""A list of one's own on the page of shortlists."""

import pytest
from streamlit.testing.v1 import AppTest

from pages import _candidates as candidates
from tests.pages.test_shortlist import HOSTILE, LIQUID, count, healthy, open_page, shown, table

LIST = f"""solvent;name;boiling_point_K
toluene;;
CCCCCCOCCCF;a new ether;410,5
109-99-9;;
{HOSTILE};;
;;
"""


def bring(app: AppTest, text: str, name: str = "mine.csv") -> AppTest:
    (box,) = app.get("file_uploader")
    return healthy(box.set_value((name, text.encode(), "text/csv")).run())


def messages(app: AppTest) -> str:
    return "\n".join(e.value for e in (*app.info, *app.error)).replace("\\", "")


def test_a_list_of_ones_own_is_ranked_and_what_is_wrong_is_told() -> None:
    app = bring(open_page(polymer="PS"), LIST)
    assert "Your list mine.csv: **3 solvents**, 2 rows not understood." in messages(app)
    refused, ranked = (frame.value for frame in app.dataframe)
    assert refused["Row"].tolist() == [4, 5]
    assert set(ranked["Solvent"]) == {"toluene", "a new ether", "tetrahydrofuran"}
    ether = ranked[ranked["Solvent"] == "a new ether"].iloc[0]
    assert ether["Boils / °C"] == pytest.approx(137.35, abs=0.1)
    assert count(app) == 3
    assert "<script>" not in "".join(m.value for m in (*app.markdown, *app.info))
    # It stays for other questions, and goes when it is told to.
    app = healthy(app.segmented_control(key="f_mode").set_value("selective").run())
    assert count(app) == 3
    (back,) = (b for b in app.button if b.label == "Back to the shipped solvents")
    app = healthy(back.click().run())
    assert count(app) == len(LIQUID)
    assert not messages(app)


@pytest.mark.parametrize(
    "text,said",
    [
        ("number\n3\n", "no column smiles"),
        ("", "empty"),
        ("smiles\nnothing of the kind\n", "no row of this list gives a usable solvent"),
        ("smiles\n" + "CCO\n" * (candidates.MOST + 1), "more than 2,000 rows"),
    ],
)
def test_a_list_that_cannot_be_used_is_told_and_the_page_still_works(text: str, said: str) -> None:
    app = bring(open_page(polymer="PS"), text)
    assert said in messages(app).replace("No ", "no ")
    assert ("--candidates" in messages(app)) == ("more than" in said)
    assert count(app) == len(LIQUID)


def test_blends_of_ones_own_solvents() -> None:
    app = open_page(polymer="PS", mode="blends", cosolvents_only="0")
    app = bring(app, "smiles\nCCCCCC\nCC(C)=O\nCCOC(C)=O\n")
    assert {*table(app)["First"], *table(app)["Second"]} <= {
        "hexane", "acetone", "ethyl acetate"
    }  # fmt: skip


def test_a_blend_with_a_solvent_that_is_not_there_is_told() -> None:
    app = open_page(polymer="PS", mode="blends", **{"with": "CCCCCCOCCCF"})
    assert "not among the solvents to blend" in messages(app)
    assert "## Blends" in shown(app)


def test_the_template_is_a_list_that_works() -> None:
    app = bring(open_page(polymer="PS"), candidates.TEMPLATE)
    assert count(app) == 3
    assert "my ethyl acetate" in table(app)["Solvent"]
