"""Home: what Solvarium does, examples to start from, and the state of the models."""

from __future__ import annotations

from typing import Final

import streamlit as st

from pages import _common as common
from pages import _mixtures as mixtures

Examples = tuple[tuple[str, str, str, dict[str, str | list[str]]], ...]

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

st.title("Solvarium")
st.markdown(
    "Properties of **ionic liquids** against temperature and pressure, and whether a **polymer** "
    "dissolves in a **solvent**. Every number comes with a 90 % interval, with the measured points "
    "where there are any, and with a plain word on how far to trust it; nothing you type leaves "
    "this computer."
)


def examples(heading: str, text: str, page: str, group: Examples) -> None:
    """Cards that open a page with an example filled in."""
    st.subheader(heading)
    st.markdown(text)
    for column, (title, smiles, words, query) in zip(st.columns(3), group, strict=True):
        with column.container(border=True, height="stretch"):
            with st.container(height=120, border=False, vertical_alignment="center"):
                picture = common.drawing(smiles, dark=common.is_dark(), height=110)
                st.image(picture, alt=f"Structure: {title}")
            st.page_link(
                page,
                label=f"**{title}**",
                icon=":material/arrow_forward:",
                icon_position="right",
                query_params=query,
            )
            st.markdown(common.plain(words))


examples(
    "Ionic liquids",
    "Pick or paste a cation and an anion: density, viscosity, surface tension, heat capacity and "
    "melting point of their ionic liquid.",
    "pages/ionic_liquids.py",
    IONIC_LIQUIDS,
)
examples(
    "Polymers in solvents",
    "Pick or type a polymer and up to six solvents: the Flory-Huggins χ against temperature, the "
    "phase diagram, and the probability of dissolving.",
    "pages/polymer_solvent.py",
    POLYMERS,
)

st.subheader("The models")
if (model := common.predictor()) is not None:
    common.model_summary(model.card)
if (mixture_model := common.miscibility()) is not None:
    mixtures.model_summary(mixture_model.card)
st.page_link("pages/models.py", label="All figures, beside simpler models")
