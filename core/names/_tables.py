"""What all look-ups share: the shipped tables, and texts brought to one form."""

from __future__ import annotations

import csv
import difflib
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib import resources
from typing import Final

# Longer than any name in the tables.
MAX_NAME: Final = 300


@lru_cache(maxsize=8)
def table_rows(name: str) -> tuple[Mapping[str, str], ...]:
    """Rows of a table in ``core/tables/``."""
    table = resources.files("core") / "tables" / name
    return tuple(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))


def shown(text: str) -> str:
    """Quote a text for a message, shortened where it is long."""
    return f"'{text[:60]}…'" if len(text) > 60 else f"'{text}'"


_GREEK: Final = {
    "α": "alpha",
    "β": "beta",
    "γ": "gamma",
    "δ": "delta",
    "ε": "epsilon",
    "ω": "omega",
    "µ": "mu",
    "μ": "mu",
}
_NO_SIGN: Final = re.compile(r"[^a-z0-9+]|®|™")


def reduced(name: str) -> str:
    """Bring a name to the form it is looked up by: lower case, no blanks, brackets or hyphens."""
    lower = name.lower()
    for letter, spelled in _GREEK.items():
        lower = lower.replace(letter, spelled)
    return _NO_SIGN.sub("", lower)


def name_index(named: Iterable[tuple[str, Iterable[str]]]) -> Mapping[str, str]:
    """SMILES by reduced name.

    Args:
        named: SMILES with all names of the molecule.

    Raises:
        ValueError: if two molecules share a name.
    """
    found: dict[str, str] = {}
    for smiles, names in named:
        for name in names:
            if name and found.setdefault(reduced(name), smiles) != smiles:
                raise ValueError(f"{name} is the name of {found[reduced(name)]} and of {smiles}")
    return found


def near_names(text: str, names: Iterable[str]) -> str:
    """Names that look like a text, as ``"polystyrene or polyester"``, or nothing."""
    by_form: dict[str, str] = {}
    for name in names:
        by_form.setdefault(reduced(name), name)
    near = difflib.get_close_matches(reduced(text[:80]), by_form, n=3, cutoff=0.75)
    return " or ".join(by_form[form] for form in near)
