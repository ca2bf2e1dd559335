"""Home: what Solvarium does, three examples to start from, and the state of the models."""

from __future__ import annotations

from typing import Final

import streamlit as st

from pages import _common as common

EXAMPLES: Final = (
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

common.ensure_router()

st.title("Solvarium")
st.markdown(
    "Pick or paste a cation and an anion, and see the density, viscosity, surface tension and heat "
    "capacity of their ionic liquid against temperature and pressure, and its melting point. Every "
    "number comes with a 90 % interval, with the measured points where there are any, and with a "
    "plain word on how far to trust it; nothing you type leaves this computer."
)

for column, (title, smiles, text, query) in zip(st.columns(3), EXAMPLES, strict=True):
    with column.container(border=True, height="stretch"):
        with st.container(height=120, border=False, vertical_alignment="center"):
            picture = common.drawing(smiles, dark=common.is_dark(), height=110)
            st.image(picture, alt=f"Structure: {title}")
        st.page_link(
            "pages/ionic_liquids.py",
            label=f"**{title}**",
            icon=":material/arrow_forward:",
            icon_position="right",
            query_params=query,
        )
        st.markdown(common.plain(text))

st.subheader("The model")
if (model := common.predictor()) is not None:
    common.model_summary(model.card)
    st.page_link("pages/models.py", label="All figures, beside simpler models")
