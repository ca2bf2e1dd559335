"""Names and abbreviations of common polymers, from ``core/tables/polymers.csv``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from core.chemistry import (
    EmptyStructureError,
    InvalidSmilesError,
    NotAPolymerError,
    Polymer,
    UnknownNameError,
    parse_polymer,
)
from core.names._tables import MAX_NAME, name_index, near_names, reduced, shown, table_rows

__all__ = ["CataloguePolymer", "find_polymer", "polymer_label", "polymers"]


@dataclass(frozen=True, slots=True)
class CataloguePolymer:
    """A polymer with a name.

    Attributes:
        smiles: canonical repeat unit, as :func:`core.chemistry.parse_polymer` gives it.
        name: the usual name, for example ``"poly(methyl methacrylate)"``.
        abbreviation: for example ``"PMMA"``, or empty.
        aliases: other names and trade names.
    """

    smiles: str
    name: str
    abbreviation: str
    aliases: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Name, abbreviation and aliases."""
        return tuple(filter(None, (self.name, self.abbreviation, *self.aliases)))


def polymers() -> tuple[CataloguePolymer, ...]:
    """Return the polymers with a name, related ones side by side."""
    return tuple(_catalogue().values())


def polymer_label(smiles: str) -> str:
    """Return name and abbreviation, ``"polystyrene (PS)"``, or the SMILES if it has no name.

    Args:
        smiles: canonical repeat unit.
    """
    known = _catalogue().get(smiles)
    if known is None:
        return smiles
    return f"{known.name} ({known.abbreviation})" if known.abbreviation else known.name


def find_polymer(text: str) -> Polymer:
    """Find a polymer by name, abbreviation or the SMILES of its repeat unit.

    Args:
        text: for example ``"PMMA"``, ``"nylon 6,6"`` or ``"*CC(*)c1ccccc1"``.

    Raises:
        UnknownNameError: if the text is no known name and no SMILES; the message has near misses.
        ChemistryError: if the text is a SMILES, but not of one usable repeat unit.
    """
    stripped = text.strip()
    if not stripped:
        raise EmptyStructureError(
            "nothing given; write a name such as PS or nylon 6, or a repeat unit such as "
            "*CC(*)c1ccccc1"
        )
    if not _OPEN_END.search(stripped) and len(stripped) <= MAX_NAME:
        smiles = _index().get(reduced(stripped))
        if smiles is not None:
            return parse_polymer(smiles)
    try:
        return parse_polymer(stripped)
    except (InvalidSmilesError, NotAPolymerError) as error:
        near = "" if _is_structure(stripped) else _near(stripped)
        # "CCO" is a molecule whose ends are not marked, "PVCC" rather a name mistyped.
        if not near and (isinstance(error, NotAPolymerError) or _is_structure(stripped)):
            raise
        hint = f"did you mean {near}?" if near else f"write its repeat unit, {_EXAMPLE}"
        raise UnknownNameError(
            f"{shown(stripped)} is no known polymer and no repeat unit; {hint}"
        ) from error


_EXAMPLE: Final = "a SMILES with the two ends as *, e.g. *CC(*)c1ccccc1"
_OPEN_END: Final = re.compile(r"\*|\[R#?\d{0,2}(:\d+)?\]")
_SMILES_SIGN: Final = re.compile(r"[=#@\\/|]|\)\(|[a-z]\d|\[.*\][A-Z(\[]")


def _is_structure(text: str) -> bool:
    """Whether a text was meant as a SMILES: no name in the table looks like this."""
    return bool(_OPEN_END.search(text) or _SMILES_SIGN.search(text)) or len(text) > MAX_NAME


def _near(text: str) -> str:
    return near_names(text, (name for polymer in polymers() for name in polymer.names))


@lru_cache(maxsize=1)
def _catalogue() -> Mapping[str, CataloguePolymer]:
    return {
        row["smiles"]: CataloguePolymer(
            row["smiles"],
            row["name"],
            row["abbreviation"],
            tuple(filter(None, row["aliases"].split("|"))),
        )
        for row in table_rows("polymers.csv")
    }


@lru_cache(maxsize=1)
def _index() -> Mapping[str, str]:
    return name_index((polymer.smiles, polymer.names) for polymer in polymers())
