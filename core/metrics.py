"""What the tiers and measures of a model's card are called, on pages and in README alike.

The metrics of a card are nested: property or task -> tier -> model -> measure -> number. A tier is
a kind of cross-validation, and says what was new to the model in the rows it was tested on.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

__all__ = ["COUNTS", "MEASURES", "STARTS", "TIERS", "TITLES", "tier_name", "with_error"]

# Role of a model -> tier -> its name.
TIERS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "ionic-liquids": MappingProxyType(
            {
                "pair": "new pair of known ions",
                "cation": "new cation",
                "anion": "new anion",
            }
        ),
        "polymer-solvent": MappingProxyType(
            {
                "pair": "new pair, both known",
                "solvent": "new solvent",
                "polymer": "new polymer",
            }
        ),
        "ion-surfaces": MappingProxyType({"cation": "new cation", "anion": "new anion"}),
    }
)

# Role of a model -> what was predicted, on which rows -> its title. The properties of ionic liquids
# have labels of their own.
TITLES: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "polymer-solvent": MappingProxyType(
            {
                "chi_published": (
                    "Flory-Huggins chi, the rows of the published model that are at hand"
                ),
                "chi": "Flory-Huggins chi, all rows",
                "soluble": "soluble or not, all bases",
                "soluble_handbook": "soluble or not, basis: handbook",
                "soluble_visual score": "soluble or not, basis: visual score",
                "soluble_turbidity": "soluble or not, basis: turbidity",
            }
        ),
    }
)

# Measure -> title of its column, in the order of the columns; no model has all of them.
MEASURES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "MAE": "MAE",
        "RMSE": "RMSE",
        "R2": "R²",
        "r": "r",
        "AARD": "AARD / %",
        "MAE_by_liquid": "MAE by liquid",
        "AARD_by_liquid": "AARD by liquid / %",
        "MAE_by_pair": "MAE by pair",
        "AUC": "AUC",
        "balanced_accuracy": "balanced accuracy",
        "Brier": "Brier score",
        "ECE": "calibration error",
        "coverage": "coverage of the 90 % interval",
    }
)

# How much data is behind the measures -> title of its column.
COUNTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "n_rows": "rows",
        "n_liquids": "liquids",
        "n_pairs": "pairs",
        "n_solvents": "solvents",
        "n_polymers": "polymers",
        "n_ions": "ions",
    }
)

# What a network was pre-trained on -> its name.
STARTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "none": "no pre-training",
        "volume": "volume (density, heat capacity)",
        "viscosity": "viscosity",
        "joint": "all simulated quantities",
    }
)


def tier_name(role: str, tier: str) -> str:
    """What a tier is called; some studies have tiers that no table of errors has."""
    return TIERS[role].get(tier, tier.replace("_", " "))


def with_error(difference: float, error: float) -> str:
    """Write a difference and its standard error, both to two digits of the error.

    >>> with_error(-0.9718, 0.1692)
    '-0.97 ± 0.17'
    """
    decimals = max(0, 1 - math.floor(math.log10(error))) if error > 0.0 else 3
    text = f"{difference:+.{decimals}f}"
    return f"{text} ± {error:.{decimals}f}"
