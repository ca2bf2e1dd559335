"""The router: page settings and navigation, nothing else."""

import os
import sys
from pathlib import Path

# Sessions run side by side; several threads to one small product of matrices only wait for each
# other. It is read when torch is loaded, on the first page that predicts.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import streamlit as st

from pages import _common as common

# Whoever computes hands over to the other sessions after half a millisecond, not after five.
sys.setswitchinterval(5e-4)

# A drawing of the project's own: Streamlit fetches emoji and Material icons for the browser's tab
# from another server, also where a page sets them.
ICON = Path(__file__).parent / "pages" / "solvarium.svg"

st.set_page_config(page_title="Solvarium", page_icon=ICON, layout="wide")
st.logo(ICON, size="large")
st.session_state["routed"] = True  # see pages/_common.py: ensure_router

# Each url_path is the name of the page's file: a fresh server knows a page by nothing else, and
# would greet a deep link with "Page not found".
page = st.navigation(
    {
        "": [st.Page("pages/home.py", title="Home", default=True)],
        "Ionic liquids": [
            st.Page("pages/ionic_liquids.py", title="Ionic liquids"),
            st.Page("pages/screening.py", title="Screen ionic liquids"),
        ],
        "Polymers": [
            st.Page("pages/polymer_solvent.py", title="Polymers in solvents"),
            st.Page("pages/shortlist.py", title="Find a solvent"),
        ],
        "Tools": [
            st.Page("pages/batch.py", title="Predict a table"),
            st.Page("pages/compare.py", title="Compare"),
        ],
        "Understand": [
            st.Page("pages/maps.py", title="Maps"),
            st.Page("pages/learn.py", title="Learn"),
            st.Page("pages/models.py", title="Models"),
        ],
    },
    position="top",
)
st.session_state["came_from"] = st.session_state.get("at")  # see pages/_basket.py: is_told
st.session_state["at"] = page.url_path
common.style()
page.run()
common.settle()
