"""Screening: all ionic liquids of a library, or all solvents for a polymer, ranked and filtered."""

from core.screen.conditions import (
    HALOGENS,
    MOLAR_MASS,
    NUMBERS,
    Among,
    Comparison,
    Condition,
    Elements,
    Objective,
    QueryError,
    read_conditions,
    read_objective,
    write_conditions,
)
from core.screen.files import ranking_table, table, write_partitions
from core.screen.ionic_liquids import Density, Screener, Screening
from core.screen.library import BadRow, IonList, Library, known_ions, read_ions
from core.screen.ranking import Best, NearCopy, Part, Ranking, Request, pareto, similarity
from core.screen.rows import Rows
from core.screen.running import ClusterError

__all__ = [
    "HALOGENS",
    "MOLAR_MASS",
    "NUMBERS",
    "Among",
    "BadRow",
    "Best",
    "ClusterError",
    "Comparison",
    "Condition",
    "Density",
    "Elements",
    "IonList",
    "Library",
    "NearCopy",
    "Objective",
    "Part",
    "QueryError",
    "Ranking",
    "Request",
    "Rows",
    "Screener",
    "Screening",
    "known_ions",
    "pareto",
    "ranking_table",
    "read_conditions",
    "read_ions",
    "read_objective",
    "similarity",
    "table",
    "write_conditions",
    "write_partitions",
]
