"""Home: one box for anything, examples to start from, and which models answer."""

from __future__ import annotations

from typing import Final

import streamlit as st

from core.chemistry import Ion, IonicLiquid
from core.names import Match
from pages import _common as common
from pages import _mixtures as mixtures
from pages import _structures as structures

Query = dict[str, str]
Examples = tuple[tuple[str, str, str, dict[str, str | list[str]]], ...]

BOX: Final = "home_box"
CURVES: Final = ":material/show_chart:"
FIND: Final = ":material/search:"
MAP: Final = ":material/scatter_plot:"

IONIC_LIQUIDS: Final[Examples] = (
    (
        "The best-known one",
        "CCCCn1cc[n+](C)c1",
        (
            "[C4mim][Tf2N] at 25 °C: five properties, each with its interval, among hundreds of "
            "measured points."
        ),
        {"cation": "C4mim", "anion": "Tf2N", "T": "298.15", "P": "101.325"},
    ),
    (
        "Which anion flows best?",
        "N#C[N-]C#N",
        (
            "Four anions with one cation, viscosity in an Arrhenius plot: bis(triflyl)imide, "
            "dicyanamide, tetrafluoroborate and acetate."
        ),
        {
            "cation": "C2mim",
            "anion": "OAc",
            "scale": "arrhenius",
            "with": ["C2mim~Tf2N", "C2mim~DCA", "C2mim~BF4"],
        },
    ),
    (
        "An ion nobody has measured",
        "C=CC[N+](C)(CCOCCOC)CCOCC",
        (
            "A cation drawn on paper, with two ether chains and an allyl group: what the model "
            "makes of a structure it has never met, and how far to trust it."
        ),
        {"cation": "C=CC[N+](C)(CCOCCOC)CCOCC", "anion": "Tf2N", "T": "323.15"},
    ),
)

POLYMERS: Final[Examples] = (
    (
        "Good and poor solvents",
        "*CC(*)c1ccccc1",
        (
            "Polystyrene in toluene and cyclohexane at 25 °C: χ against temperature, the critical "
            "χ of a chain of 100 kg/mol, and whether it dissolves."
        ),
        {"polymer": "PS", "solvent": ["cyclohexane", "toluene"], "T": "298.15", "M": "100000"},
    ),
    (
        "A phase diagram",
        "*CCO*",
        (
            "Poly(ethylene oxide) in water and in toluene: which compositions split in two phases, "
            "at which temperatures, and how sure that is."
        ),
        {"polymer": "PEO", "solvent": ["water", "toluene"], "M": "20000", "view": "phases"},
    ),
    (
        "Six solvents for PMMA",
        "*CC(*)(C)C(=O)OC",
        (
            "Acetone, toluene, chloroform, ethanol, hexane and water around Hansen's sphere, with "
            "χ and the probability of dissolving beside."
        ),
        {
            "polymer": "PMMA",
            "solvent": ["acetone", "toluene", "chloroform", "ethanol", "hexane", "water"],
            "view": "hansen",
        },
    ),
)

common.ensure_router()
session = st.session_state


# ------------------------------------------------------------------------------------ what one does


def understood(match: Match) -> None:
    """Remember what was asked for; an ionic liquid opens at once."""
    session["home_match"] = match
    if match.kind == "ionic-liquid":
        structures.forget(BOX)


# ------------------------------------------------------------------------------------ what one sees


def ask() -> None:
    """One box for anything, and what can be done with it."""
    structures.structure_box(
        BOX,
        "An ionic liquid, an ion, a polymer or a solvent",
        ("ionic-liquid", "ion", "polymer", "solvent"),
        understood,
        placeholder="[bmim][BF4], polystyrene, THF, a SMILES …",
    )
    match: Match | None = session.get("home_match")
    if match is None:
        return
    if match.kind == "ionic-liquid":
        del session["home_match"]
        page, query = ways(match)[0][2:]
        st.switch_page(page, query_params=query)
    if not structures.answered(BOX):
        return
    with st.container(horizontal=True, gap="medium"):
        for label, icon, page, query in ways(match):
            st.page_link(page, label=f"**{label}**", icon=icon, query_params=query)


def ways(match: Match) -> list[tuple[str, str, str, Query]]:
    """Label, icon, page and query of what can be done with a structure."""
    found = match.structure
    if isinstance(found, IonicLiquid):
        query = {
            ion.role: common.ion_token(ion.smiles, ion.role) for ion in (found.cation, found.anion)
        }
        return [("Curves", CURVES, "pages/ionic_liquids.py", query)]
    if isinstance(found, Ion):
        token = common.ion_token(found.smiles, found.role)
        other = "[Tf2N]" if found.role == "cation" else "[C4mim]"
        return [
            (f"Curves with {other}", CURVES, "pages/ionic_liquids.py", {found.role: token}),
            ("See it on the map", MAP, "pages/maps.py", {"map": found.role, "at": token}),
        ]
    if match.kind == "polymer":
        query = {"polymer": mixtures.polymer_token(found.smiles)}
        return [
            ("Find solvents", FIND, "pages/shortlist.py", query),
            ("Open in Polymers in solvents", CURVES, "pages/polymer_solvent.py", query),
        ]
    query = {"solvent": mixtures.solvent_token(found.smiles)}
    return [
        ("Find polymers it dissolves", FIND, "pages/shortlist.py", {"mode": "polymers"} | query),
        ("Open in Polymers in solvents", CURVES, "pages/polymer_solvent.py", query),
    ]


def examples(heading: str, page: str, group: Examples) -> None:
    """Cards that open a page with an example filled in."""
    st.markdown(f"## {heading}: examples")
    for column, (title, smiles, words, query) in zip(st.columns(3), group, strict=True):
        with column.container(border=True, height="stretch"):
            with st.container(
                height=90,
                border=False,
                horizontal_alignment="center",
                vertical_alignment="center",
            ):
                picture = common.drawing(smiles, dark=common.is_dark(), height=80)
                st.image(picture, alt=f"Structure: {title}")
            st.page_link(
                page,
                label=f"**{title}**",
                icon=":material/arrow_forward:",
                icon_position="right",
                query_params=query,
            )
            st.caption(common.plain(words))


def models() -> None:
    """Which models answer, in one line."""
    words = []
    if (liquids := common.predictor()) is not None:
        words.append(
            f"**{common.plain(liquids.card.name)}** (ionic liquids, "
            f"{sum(liquids.card.data['rows'].values()):,} measured values)"
        )
    if (mixing := common.miscibility()) is not None:
        words.append(
            f"**{common.plain(mixing.card.name)}** (polymers in solvents, "
            f"{sum(mixing.card.data['rows'].values()):,} values)"
        )
    if words:
        st.markdown(f":small[Predicted by {' and '.join(words)}.]")
    st.page_link("pages/models.py", label="How good they are, beside simpler models")


st.title("Solvarium")
st.markdown(
    "Properties of **ionic liquids** against temperature and pressure, and whether a **polymer** "
    "dissolves in a **solvent**; every number with its 90 % interval. Nothing you type leaves this "
    "computer."
)
ask()
examples("Ionic liquids", "pages/ionic_liquids.py", IONIC_LIQUIDS)
examples("Polymers in solvents", "pages/polymer_solvent.py", POLYMERS)
models()
