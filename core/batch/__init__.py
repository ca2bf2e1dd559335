"""Many predictions at once: a CSV table in, the same table with predictions out.

The table is read and written in chunks, so memory does not grow with its length. A file that cannot
be used is refused as a whole (:class:`InputFileError`); a row that cannot be predicted says why in
its ``error`` column and leaves the others alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from core.batch.columns import InputFileError, Layout, Told, arranged
from core.batch.ionic_liquids import IONIC_LIQUIDS
from core.batch.polymer_solvent import POLYMER_SOLVENT
from core.batch.spreadsheet import for_spreadsheet, spreadsheet_copy
from core.batch.table import (
    BatchSummary,
    InputTable,
    TableKind,
    TextTable,
    predict_table,
    predicted,
)

__all__ = [
    "IONIC_LIQUIDS",
    "KINDS",
    "POLYMER_SOLVENT",
    "BatchSummary",
    "InputFileError",
    "InputTable",
    "Layout",
    "TableKind",
    "TextTable",
    "Told",
    "arranged",
    "for_spreadsheet",
    "predict_table",
    "predicted",
    "spreadsheet_copy",
]

# Role of a model -> the tables it is asked with.
KINDS: Final[Mapping[str, TableKind[Any, Any]]] = MappingProxyType(
    {"ionic-liquids": IONIC_LIQUIDS, "polymer-solvent": POLYMER_SOLVENT}
)
