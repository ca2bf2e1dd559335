"""Structures in the cells of a table: SMILES, names, abbreviations, CAS numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Final, TypeVar

from core.chemistry import (
    ChemistryError,
    Ion,
    IonicLiquid,
    Polymer,
    Role,
    Solvent,
    parse_ion,
    parse_ionic_liquid,
    parse_polymer,
    parse_solvent,
)
from core.names import Kind, resolve

__all__ = ["LONGEST", "REMEMBERED", "ion", "ionic_liquid", "looks_like", "polymer", "solvent"]

S = TypeVar("S", Ion, IonicLiquid, Polymer, Solvent)

# Enough for every pair of a screening list, little beside the model in memory; long texts, which no
# name and no SMILES that is read has, are not remembered.
REMEMBERED: Final = 50_000
LONGEST: Final = 1_000
_KINDS: Final[Mapping[type, Kind]] = {
    Ion: "ion",
    IonicLiquid: "ionic-liquid",
    Polymer: "polymer",
    Solvent: "solvent",
}


def ion(text: str, role: Role, *, smiles: bool) -> Ion | str:
    """The ion in a cell, or what is wrong with it.

    Args:
        text: of the cell, without blanks around it.
        role: cation or anion.
        smiles: whether the column is one of SMILES, so that no name is meant where one fits.
    """
    return _ion(text, role, smiles) if len(text) <= LONGEST else _too_long(text, role)


def ionic_liquid(text: str, *, smiles: bool) -> IonicLiquid | str:
    """The ionic liquid in a cell, or what is wrong with it; see :func:`ion`."""
    return _ionic_liquid(text, smiles) if len(text) <= LONGEST else _too_long(text, "ionic liquid")


def polymer(text: str, *, smiles: bool) -> Polymer | str:
    """The polymer in a cell, or what is wrong with it; see :func:`ion`."""
    return _polymer(text, smiles) if len(text) <= LONGEST else _too_long(text, "polymer")


def solvent(text: str, *, smiles: bool) -> Solvent | str:
    """The solvent in a cell, or what is wrong with it; see :func:`ion`."""
    return _solvent(text, smiles) if len(text) <= LONGEST else _too_long(text, "solvent")


def _too_long(text: str, what: str) -> str:
    return f"{what}: the cell has {len(text):,} characters; no name or SMILES is so long"


@lru_cache(maxsize=REMEMBERED)
def _ion(text: str, role: Role, smiles: bool) -> Ion | str:  # noqa: FBT001 - quicker to remember
    return _structure(text, Ion, lambda found: parse_ion(found, role), smiles=smiles, role=role)


@lru_cache(maxsize=REMEMBERED)
def _ionic_liquid(text: str, smiles: bool) -> IonicLiquid | str:  # noqa: FBT001
    return _structure(text, IonicLiquid, parse_ionic_liquid, smiles=smiles)


@lru_cache(maxsize=REMEMBERED)
def _polymer(text: str, smiles: bool) -> Polymer | str:  # noqa: FBT001
    return _structure(text, Polymer, parse_polymer, smiles=smiles)


@lru_cache(maxsize=REMEMBERED)
def _solvent(text: str, smiles: bool) -> Solvent | str:  # noqa: FBT001
    return _structure(text, Solvent, parse_solvent, smiles=smiles)


def looks_like(read: Callable[[str], S | str]) -> Callable[[str], bool]:
    """Whether a cell can be read so; a single letter may be anything and never can."""
    return lambda text: len(text) > 1 and not isinstance(read(text), str)


def _structure(
    text: str, wanted: type[S], parse: Callable[[str], S], *, smiles: bool, role: Role | None = None
) -> S | str:
    what = role or _KINDS[wanted].replace("-", " ")
    try:
        if smiles:
            return parse(text)
    except ChemistryError:
        pass  # a name, perhaps
    found = resolve(text, (_KINDS[wanted],))
    fitting: dict[str, tuple[S, str]] = {}
    for match in found.matches:
        one = match.structure
        if isinstance(one, wanted) and (not isinstance(one, Ion) or one.role == role):
            fitting[match.smiles] = one, match.name
    if len(fitting) == 1:
        ((only, _),) = fitting.values()
        return only
    if fitting:
        names = _either(name for _, name in fitting.values())
        return f"{what}: {text!r} can mean {names}; write which"
    message = found.message
    if found.matches:  # an ion of the other role
        try:
            return parse(found.matches[0].smiles)
        except ChemistryError as error:
            message = str(error)
    if found.suggestions and not any(name in message for name in found.suggestions):
        message += f"; did you mean {_either(found.suggestions)}?"
    return f"{what}: {message}"


def _either(names: Iterable[str]) -> str:
    return " or ".join(names)
