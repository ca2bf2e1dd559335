"""Names and abbreviations of known ions.

Two shipped tables stand behind it: ``core/tables/ions.csv``, the ions of NIST ILThermo with the
names they have there, and ``core/tables/abbreviations.csv``, the project's own short names. A text
is looked up exactly, after brackets, case, hyphens, blanks and a trailing charge are dropped; it is
never guessed. A SMILES always works.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from core.chemistry import (
    EmptyStructureError,
    InvalidSmilesError,
    Ion,
    IonicLiquid,
    Role,
    TooLargeError,
    UnbalancedError,
    UnknownNameError,
    combine,
    parse_ion,
    parse_ionic_liquid,
)
from core.names._tables import MAX_NAME, shown, table_rows

__all__ = [
    "CatalogueIon",
    "anions",
    "cations",
    "find_ion",
    "find_liquid",
    "label_of",
    "name_of",
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


def find_ion(text: str, role: Role | None = None) -> Ion:
    """Find an ion by abbreviation, name or SMILES.

    Args:
        text: for example ``"[C4mim]+"``, ``"bmim"``, ``"acetate"`` or ``"CC(=O)[O-]"``.
        role: what is expected; ``None`` takes either.

    Raises:
        UnknownNameError: if the text is no known name and no SMILES; the message has near misses.
        ChemistryError: if the text is a SMILES, but not of one usable ion of that role.
    """
    stripped = text.strip()
    if not stripped:
        raise EmptyStructureError(
            "nothing given; write a name such as bmim or acetate, or a SMILES"
        )
    smiles = _look_up(stripped, role) or _look_up(stripped, None)
    if smiles is not None:
        return parse_ion(smiles, role)
    try:
        return parse_ion(stripped, role)
    except (InvalidSmilesError, TooLargeError) as error:
        if _is_structure(stripped) or len(stripped) > MAX_NAME:
            raise
        raise UnknownNameError(_unknown(stripped, role)) from error


def find_liquid(text: str) -> IonicLiquid:
    """Find a whole ionic liquid by its two names or by its SMILES.

    Args:
        text: ``"[bmim][Tf2N]"``, ``"[bmim]Cl"``, two names with a blank between them, cation
            first, or a SMILES ``A.B``.

    Raises:
        ChemistryError: if there is no such ionic liquid.
    """
    stripped = text.strip()
    if len(stripped) > MAX_NAME or _is_structure(stripped):
        return parse_ionic_liquid(stripped)
    hint = "write it as [bmim][Tf2N], as two names with a blank between, or as SMILES"
    for first, second in _splits(stripped):
        for cation, anion in ((first, second), (second, first)):
            found = _look_up(cation, "cation"), _look_up(anion, "anion")
            if found[0] is not None and found[1] is not None:
                return combine(parse_ion(found[0]), parse_ion(found[1]))
            if found[0] is not None:
                hint = _unknown(anion, "anion")
            elif found[1] is not None:
                hint = _unknown(cation, "cation")
    if (single := _look_up(stripped, None)) is not None:
        raise UnbalancedError(f"this is only the {parse_ion(single).role}; {hint}")
    if next(_splits(stripped), None) is not None:
        raise UnknownNameError(f"{shown(stripped)} is no known ionic liquid: {hint}")
    return parse_ionic_liquid(stripped)


# ------------------------------------------------------------------------------------------ look-up


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


@lru_cache(maxsize=1)
def _index() -> tuple[Mapping[str, frozenset[str]], Mapping[str, frozenset[str]]]:
    """Names to the SMILES of the ions called so: as written, and reduced by :func:`_reduced`."""
    exact: dict[str, set[str]] = {}
    reduced: dict[str, set[str]] = {}
    for smiles, name in _all_names():
        exact.setdefault(name, set()).add(smiles)
        reduced.setdefault(_reduced(name), set()).add(smiles)
    return (
        {name: frozenset(ions) for name, ions in exact.items()},
        {name: frozenset(ions) for name, ions in reduced.items()},
    )


def _all_names() -> Iterator[tuple[str, str]]:
    for row in table_rows("abbreviations.csv"):
        for name in (row["abbreviation"], row["name"], *row["aliases"].split("|")):
            if name:
                yield row["smiles"], name
    for row in table_rows("ions.csv"):
        for name in (row["name"], *row["other_names"].split("|")):
            if name:
                yield row["smiles"], name


_CHARGE: Final = re.compile(r"(?<=\])\d[+-]$|[+-]$|(?<=\w)\(\d?[+-]\)$")
_DROPPED: Final = str.maketrans("", "", " -()[]{}_‐‑–\u00a0")


def _plain(text: str) -> str:
    """Drop one pair of brackets around the whole and a charge behind or inside it."""
    text = _CHARGE.sub("", text.strip())
    while text.startswith("[") and text.endswith("]") and "[" not in text[1:]:
        text = _CHARGE.sub("", text[1:-1].strip())
    return text


def _reduced(text: str) -> str:
    return _plain(text).lower().translate(_DROPPED)


def _look_up(text: str, role: Role | None) -> str | None:
    """SMILES of the one ion with that name, ``None`` if there is none or more than one."""
    if len(text) > MAX_NAME:
        return None
    exact, reduced = _index()
    known = _catalogue()
    for names, key in ((exact, _plain(text)), (reduced, _reduced(text))):
        found = names.get(key, frozenset())
        fitting = {ion for ion in found if role is None or known[ion].role == role}
        if len(fitting) == 1:
            return next(iter(fitting))
    return None


def _is_structure(text: str) -> bool:
    """Whether a text was meant as a SMILES: no name in the tables has any of these."""
    return bool(re.search(r"[=#@\\/.]|\[[^\]]*[+-]\d?\][A-Za-z0-9(]|\)\[|[a-z]\[|[A-Z]\[", text))


def _unknown(text: str, role: Role | None) -> str:
    known = _catalogue()
    exact, _ = _index()
    names = {
        name.lower(): name
        for name, ions in exact.items()
        if role is None or any(known[ion].role == role for ion in ions)
    }
    near = difflib.get_close_matches(_plain(text).lower()[:80], names, n=3, cutoff=0.75)
    hint = (
        f"did you mean {' or '.join(names[name] for name in near)}?"
        if near
        else ("write its SMILES, or an abbreviation such as bmim or Tf2N")
    )
    return f"{shown(text)} is no known {role or 'ion'} and no SMILES; {hint}"


_PAIR: Final = re.compile(r"(\[[^\[\]]+\])\d?[+-]?\s*(\[[^\[\]]+\]|[\w()]+)\d?[+-]?")


def _splits(text: str) -> Iterator[tuple[str, str]]:
    """Ways to cut a text into a cation's and an anion's name."""
    if match := _PAIR.fullmatch(text):
        yield match.group(1), match.group(2)
    for blank in re.finditer(r"\s+", text):
        yield text[: blank.start()], text[blank.end() :]
