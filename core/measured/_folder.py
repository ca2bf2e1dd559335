"""Where the measured tables lie that are no part of the project."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["DataMissingError", "data_folder"]


class DataMissingError(FileNotFoundError):
    """The folder with the measured tables, or one of them, is not there."""


def data_folder(part: str = "ionic_liquids") -> Path:
    """Return the folder that holds the measured tables.

    It is named by the environment variable ``SOLVARIUM_DATA``, else it is ``../shared/data`` beside
    the checkout.

    Args:
        part: the subfolder that has to be in it, ``"ionic_liquids"`` or ``"polymer_solvent"``.

    Raises:
        DataMissingError: if there is no such folder; the message says where it was looked for.
    """
    root = Path(__file__).resolve().parents[2]
    named = os.environ.get("SOLVARIUM_DATA")
    folder = Path(named) if named else root.parent / "shared" / "data"
    if not (folder / part).is_dir():
        raise DataMissingError(
            f"no folder '{part}' in {folder}; training needs the measured tables: "
            "set SOLVARIUM_DATA to the folder that holds them"
        )
    return folder
