"""The inference API: structures in, values with intervals and support out."""

from core.predict.ionic_liquids import Curve, IonicLiquidPredictor, Prediction, Table
from core.predict.miscibility import (
    ChiCurve,
    ChiSurface,
    Miscibility,
    MiscibilityPredictor,
    MiscibilityTable,
    PreparedSolvents,
    SolubilitySpace,
)
from core.predict.surfaces import Surfaces

__all__ = [
    "ChiCurve",
    "ChiSurface",
    "Curve",
    "IonicLiquidPredictor",
    "Miscibility",
    "MiscibilityPredictor",
    "MiscibilityTable",
    "Prediction",
    "PreparedSolvents",
    "SolubilitySpace",
    "Surfaces",
    "Table",
]
