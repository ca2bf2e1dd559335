"""Names and abbreviations of ions.

Two shipped tables stand behind it: ``core/tables/ions.csv``, the ions of NIST ILThermo with the
names they have there, and ``core/tables/abbreviations.csv``, the project's own short names. A text
is looked up exactly, after brackets, case, hyphens, blanks and a trailing charge are dropped; one
that no table has is read by the rules of systematic shorthand and names. It is never guessed. A
SMILES always works.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from core.chemistry import (
    ChemistryError,
    EmptyStructureError,
    InvalidSmilesError,
    Ion,
    Role,
    UnknownNameError,
    parse_ion,
)
from core.names._systematic import rule_ions
from core.names._tables import (
    MAX_NAME,
    How,
    NearNames,
    Reading,
    from_german,
    how_written,
    joined,
    one_reading,
    other_readings,
    plain,
    reading_index,
    reduced,
    shown,
    table_rows,
)

__all__ = [
    "CatalogueIon",
    "anions",
    "cations",
    "find_ion",
    "ion_name",
    "ion_readings",
    "is_ion_structure",
    "label_of",
    "name_of",
    "near_ions",
    "unknown_ion",
]


@dataclass(frozen=True, slots=True)
class CatalogueIon:
    """A known ion.

    Attributes:
        smiles: canonical SMILES, as :func:`core.chemistry.parse_ion` gives it.
        role: cation or anion.
        charge: net charge.
        name: the usual name, for example ``"1-butyl-3-methylimidazolium"``.
        abbreviation: for example ``"C4mim"``, or empty.
        family: chemical family, see :func:`core.chemistry.family`.
    """

    smiles: str
    role: Role
    charge: int
    name: str
    abbreviation: str
    family: str


def cations() -> tuple[CatalogueIon, ...]:
    """Return the known cations, those with most compounds in ILThermo first."""
    return tuple(ion for ion in _catalogue().values() if ion.role == "cation")


def anions() -> tuple[CatalogueIon, ...]:
    """Return the known anions, those with most compounds in ILThermo first."""
    return tuple(ion for ion in _catalogue().values() if ion.role == "anion")


def name_of(smiles: str) -> str:
    """Return the name of an ion given by its canonical SMILES, or the SMILES if it has none."""
    known = _catalogue().get(smiles)
    return known.name if known is not None else smiles


def label_of(smiles: str) -> str:
    """Return name and abbreviation, ``"1-butyl-3-methylimidazolium  [C4mim]"``."""
    known = _catalogue().get(smiles)
    if known is None or not known.abbreviation:
        return name_of(smiles)
    return f"{known.name}  [{known.abbreviation}]"


def ion_name(reading: Reading) -> str:
    """Return the name of an ion that was read: of the tables, else by rule, else its SMILES."""
    known = _catalogue().get(reading.smiles)
    return known.name if known is not None else reading.name or reading.smiles


def find_ion(text: str, role: Role | None = None) -> Ion:
    """Find an ion by abbreviation, name or SMILES.

    Args:
        text: for example ``"[C4mim]+"``, ``"bmim"``, ``"acetate"`` or ``"CC(=O)[O-]"``.
        role: what is expected; ``None`` takes either.

    Raises:
        UnknownNameError: if the text is no known name and no SMILES, or a name of several ions;
            the message has near misses.
        ChemistryError: if the text is a SMILES, but not of one usable ion of that role.
    """
    tidy = plain(text)
    if not tidy:
        raise EmptyStructureError(
            "nothing given; write a name such as bmim or acetate, or a SMILES"
        )
    if len(tidy) > MAX_NAME:
        return parse_ion(tidy, role)
    reading = one_reading(tidy, ion_readings(tidy, role) or ion_readings(tidy), ion_name)
    if reading is not None:
        return parse_ion(reading.smiles, role)
    try:
        return parse_ion(tidy, role)
    except InvalidSmilesError as error:
        if is_ion_structure(tidy):
            raise
        raise UnknownNameError(unknown_ion(tidy, role)) from error


# ------------------------------------------------------------------------------------------ look-up


@lru_cache(maxsize=8192)
def ion_readings(text: str, role: Role | None = None) -> tuple[Reading, ...]:
    """All ions that a text names; whether it is a SMILES too is not looked at.

    Args:
        text: a name or an abbreviation, with or without charge and brackets.
        role: only these; ``None`` takes either.
    """
    bare = _bare(text)
    if not bare or len(bare) > MAX_NAME or _TWO.match(bare):
        return ()
    found = list(_index().get(reduced(bare), ())) or list(_by_rule(bare))
    if not found and (english := from_german(bare)) != bare.lower():
        found = list(_index().get(reduced(english), ())) or list(_by_rule(english))
    found = other_readings("ion", bare, found)
    return tuple(r for r in found if role in {None, parse_ion(r.smiles).role})


def near_ions(text: str, role: Role | None = None) -> list[tuple[float, str]]:
    """Names of ions that look like a text, with their likeness, best first."""
    return _near(role).near(_bare(text))


def unknown_ion(text: str, role: Role | None = None) -> str:
    """What is said of a text that is no ion."""
    near = joined(near_ions(text, role))
    hint = (
        f"did you mean {near}?"
        if near
        else "write its SMILES, or an abbreviation such as bmim or Tf2N"
    )
    return f"{shown(text)} is no known {role or 'ion'} and no SMILES; {hint}"


def is_ion_structure(text: str) -> bool:
    """Whether a text was meant as a SMILES: no name in the tables has any of these."""
    return bool(_SMILES_SIGN.search(text))


_SMILES_SIGN: Final = re.compile(r"[=#@\\/.]|\[[^\]]*[+-]\d?\][A-Za-z0-9(]|\)\[|[a-z]\[|[A-Z]\[")


@lru_cache(maxsize=1)
def _catalogue() -> Mapping[str, CatalogueIon]:
    """All known ions by canonical SMILES, in the order of the table."""
    short = {row["smiles"]: row for row in table_rows("abbreviations.csv")}
    found: dict[str, CatalogueIon] = {}
    for row in table_rows("ions.csv"):
        charge, own = int(row["charge"]), short.get(row["smiles"])
        found[row["smiles"]] = CatalogueIon(
            smiles=row["smiles"],
            role="cation" if charge > 0 else "anion",
            charge=charge,
            name=own["name"] if own else row["name"],
            abbreviation=own["abbreviation"] if own else "",
            family=row["family"],
        )
    return found


def _all_names() -> Iterator[tuple[str, Reading]]:
    for row in table_rows("abbreviations.csv"):
        yield row["name"], Reading(row["smiles"], "name")
        for name in (row["abbreviation"], *row["aliases"].split("|")):
            yield _bare(name), Reading(row["smiles"], how_written(name))
    for row in table_rows("ions.csv"):
        for name in (row["name"], *row["other_names"].split("|")):
            yield _bare(name), Reading(row["smiles"], "name")


@lru_cache(maxsize=1)
def _index() -> Mapping[str, tuple[Reading, ...]]:
    return reading_index(_all_names())


@lru_cache(maxsize=3)
def _near(role: Role | None) -> NearNames:
    known = _catalogue()
    return NearNames(
        (name, r.smiles) for name, r in _all_names() if role is None or known[r.smiles].role == role
    )


def _by_rule(text: str) -> Iterator[Reading]:
    for made in rule_ions(text):
        try:
            ion = parse_ion(made.smiles)
        except ChemistryError:  # what the rules allow, but no ionic liquid has
            continue
        how: How = "abbreviation" if made.short else "name"
        yield Reading(ion.smiles, how, made.name)


# [P444][1] is no P4441.
_TWO: Final = re.compile(r"\[[^\[\]]*\]\s*[\[\d]")
_CHARGE: Final = re.compile(r"(?<=\])\d[+-]$|[+-]$|(?<=\w)\(\d?[+-]\)$")


def _bare(text: str) -> str:
    """Drop one pair of brackets around the whole and a charge behind or inside it."""
    text = _CHARGE.sub("", text.strip())
    while text.startswith("[") and text.endswith("]") and "[" not in text[1:]:
        text = _CHARGE.sub("", text[1:-1].strip())
    return text
