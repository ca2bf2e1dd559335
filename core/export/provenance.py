"""Where the numbers of a table come from, as columns behind it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import pandas as pd

from core import __version__

if TYPE_CHECKING:  # brings torch along
    from core.checkpoints import Card

__all__ = ["PROVENANCE", "Origin", "units_of", "with_provenance"]

PROVENANCE: Final = ("units", "model", "model_created", "predicted_on", "solvarium_version")

# How a unit is written at the end of a column's name, and how it is written elsewhere.
_UNITS: Final = {
    "kg_m3": "kg/m³",
    "mPa_s": "mPa·s",
    "mN_m": "mN/m",
    "J_mol_K": "J/(mol·K)",
    "g_mol": "g/mol",
    "MPa05": "MPa^0.5",
    "kPa": "kPa",
    "K": "K",
}
_ENDING: Final = re.compile(rf"_({'|'.join(_UNITS)})(?:_(?:low|high|\d+))?$")
_NOT_A_NUMBER: Final = re.compile(r"_(?:low|high)$")


@dataclass(frozen=True, slots=True)
class Origin:
    """What predicted, and when.

    Attributes:
        model: its name, for example ``"ionic-liquids/recommender-v2"``; empty where equations
            alone give the numbers.
        created: date and time of its training, ISO 8601, UTC; empty without a model.
        predicted: the same of the prediction.
    """

    model: str
    created: str
    predicted: str

    @classmethod
    def now(cls, card: Card | None) -> Origin:
        """What a model predicts at this moment, or what is computed without one."""
        at = datetime.now(UTC).isoformat(timespec="seconds")
        return cls(card.name, card.created, at) if card is not None else cls("", "", at)

    @property
    def cells(self) -> Mapping[str, str]:
        """Columns of :data:`PROVENANCE` but the units, and what stands in them."""
        texts = (self.model, self.created, self.predicted, __version__)
        return dict(zip(PROVENANCE[1:], texts, strict=True))


def units_of(table: pd.DataFrame) -> str:
    """Units of the columns whose names end in one; ends of intervals go without saying."""
    found = []
    for column in map(str, table.columns):
        match = _ENDING.search(column)
        if match is not None and not _NOT_A_NUMBER.search(column):
            found.append(f"{column}: {_UNITS[match[1]]}")
    return "; ".join(found)


def with_provenance(table: pd.DataFrame, origin: Origin) -> pd.DataFrame:
    """Put :data:`PROVENANCE` behind the columns of a table, the same in every row.

    Rows whose own column ``model`` is empty were measured: no model, no date and no version stand
    beside them.
    """
    columns = [column for column in table.columns if column != "model"]
    found = table[columns].copy()
    predicted = (
        table["model"].fillna("").astype(str) != ""
        if "model" in table
        else pd.Series(data=True, index=table.index)
    )
    found["units"] = units_of(found)
    for name, text in origin.cells.items():
        found[name] = pd.Series(text, index=table.index).where(predicted, "")
    return found
