"""The inference API: structures in, values with intervals and support out."""

from core.predict.ionic_liquids import (
    Curve,
    Grid,
    IonicLiquidPredictor,
    Laws,
    Neighbour,
    Prediction,
    PreparedIons,
    Table,
)
from core.predict.miscibility import (
    ChiCurve,
    ChiSurface,
    Miscibility,
    MiscibilityPredictor,
    MiscibilityTable,
    PackedSolvents,
    PreparedSolvents,
    SolubilitySpace,
)
from core.predict.surfaces import Surfaces

__all__ = [
    "ChiCurve",
    "ChiSurface",
    "Curve",
    "Grid",
    "IonicLiquidPredictor",
    "Laws",
    "Miscibility",
    "MiscibilityPredictor",
    "MiscibilityTable",
    "Neighbour",
    "PackedSolvents",
    "Prediction",
    "PreparedIons",
    "PreparedSolvents",
    "SolubilitySpace",
    "Surfaces",
    "Table",
]
