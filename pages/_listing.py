"""The tables of the page of shortlists: what they show, and how it is written."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import numpy as np
import pandas as pd
import streamlit as st

from core import figures
from core.chemistry import Polymer
from pages import _finding as words
from pages import _mixtures as mixtures

if TYPE_CHECKING:
    from core.screen.solvents import Target
    from pages._finding import State


def solvents(
    state: State,
    table: pd.DataFrame,
    target: Target,
    spare: Sequence[Polymer],
    links: Mapping[str, str],
) -> pd.DataFrame:
    """What the table of solvents shows; ``links`` are addresses of pairs by solvent."""
    unit = state.temperature_unit
    shown: dict[str, Any] = {
        "Solvent": table["name"],
        "Dissolves": _percent(table["soluble_probability"]),
    }
    for number, polymer in enumerate(spare, start=1):
        shown[spared_label(polymer)] = _percent(table[f"spared_probability_{number}"])
    if spare:
        shown["Selectivity"] = 100.0 * table["selectivity"]
    shown |= {
        "χ": table["chi"],
        "90 %": _intervals(table),
        "Margin": table["margin"],
        "Known": table["known"].map(words.known_words),
        f"Boils / {unit.label}": unit.to_display(table["boiling_point_K"].to_numpy()),
        f"Melts / {unit.label}": unit.to_display(table["melting_point_K"].to_numpy()),
        f"Flash / {unit.label}": unit.to_display(table["flash_point_K"].to_numpy()),
        "kg/m³": table["density_kg_m3"],
        "Ra": table["hansen_distance_MPa05"],
        "RED": table["red"],
        "Greenness": [
            words.greenness_words(ranking, origin)
            for ranking, origin in zip(table["greenness"], table["greenness_by"], strict=True)
        ],
        "Hansen": np.where(table["published_hansen"], "handbook", "estimated"),
        "Family": table["family"],
        "CAS": table["cas"],
        "Pair": table["solvent_smiles"].map(links),
    }
    found = pd.DataFrame(shown)
    return found.drop(columns="RED") if math.isnan(target.place.radius) else found


def _percent(probability: pd.Series[float]) -> pd.Series[float]:
    """No liquid is certain to dissolve a polymer, nor certain not to."""
    return (100.0 * probability).clip(1.0, 99.0)


def polymers(state: State, table: pd.DataFrame, solvent: str) -> pd.DataFrame:
    """What the table of polymers for a solvent shows."""
    shown = pd.DataFrame(
        {
            "Polymer": [
                f"{name} ({short})" if short else name
                for name, short in zip(table["name"], table["abbreviation"], strict=True)
            ],
            "Known": table["known"].map(words.known_words),
            "Dissolves": _percent(table["soluble_probability"]),
            "χ": table["chi"],
            "90 %": _intervals(table),
            "Margin": table["margin"],
            "Ra": table["hansen_distance_MPa05"],
            "RED": table["red"],
            "Pair": [pair_link(state, smiles, solvent) for smiles in table["polymer_smiles"]],
        }
    )
    return shown.drop(columns="RED") if shown["RED"].isna().all() else shown


def blends(state: State, table: pd.DataFrame, target: Target) -> pd.DataFrame:
    """What the table of blends shows."""
    unit = state.temperature_unit
    shown = pd.DataFrame(
        {
            "First": table["name_1"],
            "Second": table["name_2"],
            "φ₁": table["volume_fraction_1"],
            "χ": table["chi"],
            "90 %": _intervals(table),
            "Margin": table["margin"],
            "χ₁": table["chi_1"],
            "χ₂": table["chi_2"],
            "Ra": table["hansen_distance_MPa05"],
            "RED": table["red"],
            "δD": table["dispersion_MPa05"],
            "δP": table["polar_MPa05"],
            "δH": table["hydrogen_MPa05"],
            f"Boils₁ / {unit.label}": unit.to_display(table["boiling_point_K_1"].to_numpy()),
            f"Boils₂ / {unit.label}": unit.to_display(table["boiling_point_K_2"].to_numpy()),
            "Greenness₁": table["greenness_1"],
            "Greenness₂": table["greenness_2"],
            "Pair": [
                pair_link(state, target.polymer.smiles, one, other)
                for one, other in zip(
                    table["solvent_smiles_1"], table["solvent_smiles_2"], strict=True
                )
            ],
        }
    )
    return shown.drop(columns="RED") if math.isnan(target.place.radius) else shown


def _intervals(table: pd.DataFrame) -> list[str]:
    return [
        f"{figures.chi_text(low)} to {figures.chi_text(high)}"
        for low, high in zip(table["chi_low"], table["chi_high"], strict=True)
    ]


def spared_label(polymer: Polymer) -> str:
    """The heading of a polymer that must not dissolve."""
    return f"Dissolves {mixtures.polymer_token(polymer.smiles)[:30]}"


def columns(state: State, spare: Sequence[Polymer] = ()) -> dict[str, Any]:
    """How the columns of all tables are written."""
    bars = ["Dissolves", "Selectivity", *map(spared_label, spare)]
    unit = state.temperature_unit.label
    plain = {
        **dict.fromkeys((f"Boils / {unit}", f"Melts / {unit}", f"Flash / {unit}"), "%.0f"),
        **dict.fromkeys(("χ", "Margin", "χ₁", "χ₂"), "%.2f"),
        **dict.fromkeys(("kg/m³", f"Boils₁ / {unit}", f"Boils₂ / {unit}"), "%.0f"),
        **dict.fromkeys(("Ra", "δD", "δP", "δH"), "%.1f"),
        "RED": "%.2f",
        "φ₁": "%.1f",
    }
    return {
        # Stays while a phone scrolls the numbers past it.
        "Solvent": st.column_config.TextColumn(pinned=True),
        **{
            name: st.column_config.ProgressColumn(
                name, min_value=0.0, max_value=100.0, format="%.0f %%", width="small"
            )
            for name in bars
        },
        **{name: st.column_config.NumberColumn(format=form) for name, form in plain.items()},
        "Pair": st.column_config.LinkColumn(
            "Pair", display_text="open", help="Opens the page of this polymer in this solvent"
        ),
    }


def pair_query(state: State, polymer: str, *smiles: str) -> dict[str, str | list[str]]:
    """What the page of polymers in solvents is opened with."""
    return {
        "polymer": mixtures.polymer_token(polymer),
        "solvent": [mixtures.solvent_token(one) for one in smiles],
        "T": f"{state.temperature_K:.10g}",
        "M": f"{state.molar_mass:.10g}",
    }


def pair_link(state: State, polymer: str, *smiles: str) -> str:
    """The address of that page, beside the one of shortlists."""
    return "/polymer_solvent?" + urlencode(pair_query(state, polymer, *smiles), doseq=True)
