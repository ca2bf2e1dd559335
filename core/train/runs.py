"""Finished parts of a training, kept on disk so that an interrupted one goes on where it was."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

__all__ = ["digest", "kept"]

Arrays = dict[str, NDArray[Any]]


def digest(*parts: object) -> str:
    """Short hash of plain data, to name what was computed from it."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:12]


def kept(path: Path, compute: Callable[[], Mapping[str, NDArray[Any]]]) -> Arrays:
    """Arrays from the file ``path``, computed and written there if it is missing or damaged.

    The file appears as a whole or not at all.
    """
    if (found := _read(path)) is not None:
        return found
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.stem}.part.npz")
    arrays: dict[str, Any] = dict(compute())
    np.savez_compressed(part, **arrays)
    part.replace(path)
    return arrays


def _read(path: Path) -> Arrays | None:
    try:
        # opened here, for numpy leaves a damaged file open
        with path.open("rb") as file, np.load(file, allow_pickle=False) as found:
            return {name: found[name] for name in found.files}
    except (OSError, EOFError, ValueError, BadZipFile):  # not there, or not whole
        return None
