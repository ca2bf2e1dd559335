"""Measured values that are shown beside predictions, and the folder of measured tables.

Points of pure ionic liquids are shipped with the project; what was measured of polymers in solvents
is read from the data folder, and is nothing where there is no such folder.
"""

from core.measured._folder import DataMissingError, data_folder
from core.measured.ionic_liquids import (
    ATMOSPHERIC_KPA,
    CITATION,
    SOURCE,
    TEMPERATURE_TOLERANCE_K,
    MeasuredPoints,
    by_partner,
    points,
)
from core.measured.polymer_solvent import (
    ChiPoints,
    HansenParameters,
    NearPair,
    SolubilityLabel,
    chi_points,
    hansen,
    labels,
    nearest_chi,
)

__all__ = [
    "ATMOSPHERIC_KPA",
    "CITATION",
    "SOURCE",
    "TEMPERATURE_TOLERANCE_K",
    "ChiPoints",
    "DataMissingError",
    "HansenParameters",
    "MeasuredPoints",
    "NearPair",
    "SolubilityLabel",
    "by_partner",
    "chi_points",
    "data_folder",
    "hansen",
    "labels",
    "nearest_chi",
    "points",
]
