"""Names and abbreviations of common polymers, from ``core/tables/polymers.csv``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
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
    vinyl_unit,
)
from core.names._tables import (
    MAX_NAME,
    NearNames,
    Reading,
    from_german,
    how_written,
    joined,
    mixture,
    one_reading,
    other_readings,
    plain,
    reading_index,
    reduced,
    shown,
    table_rows,
)
from core.names.solvents import solvent_readings

__all__ = [
    "CataloguePolymer",
    "crystals_note",
    "find_polymer",
    "is_polymer_structure",
    "near_polymers",
    "polymer_label",
    "polymer_name",
    "polymer_readings",
    "polymer_short",
    "polymers",
]


@dataclass(frozen=True, slots=True)
class CataloguePolymer:
    """A polymer with a name.

    Attributes:
        smiles: canonical repeat unit, as :func:`core.chemistry.parse_polymer` gives it.
        name: the usual name, for example ``"poly(methyl methacrylate)"``.
        abbreviation: for example ``"PMMA"``, or empty.
        aliases: other names and trade names.
        cas: CAS registry numbers.
        melts_K: where its crystals usually melt, to about 10 K; NaN if it hardly forms any.
    """

    smiles: str
    name: str
    abbreviation: str
    aliases: tuple[str, ...]
    cas: tuple[str, ...]
    melts_K: float

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


def polymer_short(smiles: str) -> str:
    """Return the abbreviation, ``"PS"``, or the name, or the SMILES if it has neither.

    Args:
        smiles: canonical repeat unit.
    """
    known = _catalogue().get(smiles)
    return (known.abbreviation or known.name) if known is not None else smiles


def crystals_note(smiles: str, temperature_K: float) -> str:
    """Say that a polymer has crystals at a temperature, of which no model here knows; or nothing.

    Args:
        smiles: canonical repeat unit.
        temperature_K: in kelvin.
    """
    known = _catalogue().get(smiles)
    if known is None or not temperature_K < known.melts_K:
        return ""
    return (
        f"This polymer forms crystals, which melt near {known.melts_K:.0f} K "
        f"({known.melts_K - 273.15:.0f} °C): below that it may stay undissolved although χ and "
        "the probability speak for dissolving."
    )


def polymer_name(reading: Reading) -> str:
    """Return the name of a polymer that was read: of the table, else by rule, else its SMILES."""
    known = _catalogue().get(reading.smiles)
    return known.name if known is not None else reading.name or reading.smiles


def find_polymer(text: str) -> Polymer:
    """Find a polymer by name, abbreviation, CAS number or the SMILES of its repeat unit.

    Args:
        text: for example ``"PMMA"``, ``"nylon 6,6"`` or ``"*CC(*)c1ccccc1"``.

    Raises:
        UnknownNameError: if the text is no known name and no SMILES; the message has near misses.
        ChemistryError: if the text is a SMILES, but not of one usable repeat unit.
    """
    tidy = plain(text)
    if not tidy:
        raise EmptyStructureError(
            "nothing given; write a name such as PS or nylon 6, or a repeat unit such as "
            "*CC(*)c1ccccc1"
        )
    if len(tidy) > MAX_NAME:
        return parse_polymer(tidy)
    reading = one_reading(tidy, polymer_readings(tidy), polymer_name)
    if reading is not None:
        return parse_polymer(reading.smiles)
    try:
        return parse_polymer(tidy)
    except (InvalidSmilesError, NotAPolymerError) as error:
        if (mixed := mixture("polymer", tidy)) is not None:
            raise UnknownNameError(mixed.sentence(tidy)) from error
        near = "" if is_polymer_structure(tidy) else joined(near_polymers(tidy))
        # "CCO" is a molecule whose ends are not marked, "PVCC" rather a name mistyped.
        if not near and (isinstance(error, NotAPolymerError) or is_polymer_structure(tidy)):
            raise
        hint = f"did you mean {near}?" if near else f"write its repeat unit, {_EXAMPLE}"
        raise UnknownNameError(
            f"{shown(tidy)} is no known polymer and no repeat unit; {hint}"
        ) from error


# ------------------------------------------------------------------------------------------ look-up


@lru_cache(maxsize=8192)
def polymer_readings(text: str) -> tuple[Reading, ...]:
    """All polymers that a text names; whether it is a SMILES too is not looked at."""
    if _OPEN_END.search(text) or _COPOLYAMIDE.fullmatch(text) or len(text) > MAX_NAME:
        return ()
    found = _index().get(reduced(text), ()) or _index().get(reduced(from_german(text)), ())
    if not found and (made := _polyamide(text) or _vinyl_polymer(text)) is not None:
        found = (made,)
    return tuple(other_readings("polymer", text, found))


def near_polymers(text: str) -> list[tuple[float, str]]:
    """Names of polymers that look like a text, with their likeness, best first."""
    return _near().near(text)


_EXAMPLE: Final = "a SMILES with the two ends as *, e.g. *CC(*)c1ccccc1"
_OPEN_END: Final = re.compile(r"\*|\[R#?\d{0,2}(:\d+)?\]")
_SMILES_SIGN: Final = re.compile(r"[=#@\\/|]|\)\(|[a-z]\d|\[.*\][A-Z(\[]")


def is_polymer_structure(text: str) -> bool:
    """Whether a text was meant as a SMILES: no name in the table looks like this."""
    return bool(_OPEN_END.search(text) or _SMILES_SIGN.search(text))


# ------------------------------------------------------------------------------------------ by rule

_POLYAMIDE: Final = re.compile(
    r"(nylon|polyamide|pa)[ -]*(\d{1,4}|(?P<amine>\d\d?)(?: ?[-,./] ?| )(?P<acid>\d\d?))",
    re.IGNORECASE,
)


# PA 6/12 is a copolymer of nylon 6 and nylon 12, but nylon 6/12 an old way to write nylon 6,12.
_COPOLYAMIDE: Final = re.compile(r"(?:polyamide|pa)[ -]*\d+ ?/ ?\d+", re.IGNORECASE)


def _polyamide(text: str) -> Reading | None:
    """Aliphatic polyamides by the numbers of their carbons: PA 10, nylon 6,10, PA1012."""
    match = _POLYAMIDE.fullmatch(text)
    if match is None:
        return None
    if match["acid"]:
        cuts = [(int(match["amine"]), int(match["acid"]))]
    else:
        digits = match[2]
        if 3 <= int(digits) <= 13:
            unit = f"*N{'C' * (int(digits) - 1)}C(*)=O"
            return Reading(parse_polymer(unit).smiles, "name", f"nylon {digits}")
        cuts = [(int(digits[:place]), int(digits[place:])) for place in range(1, len(digits))]
    sizes = {cut for cut in cuts if 2 <= cut[0] <= 18 and 2 <= cut[1] <= 18}
    if len(sizes) != 1:
        return None
    amine, acid = sizes.pop()
    unit = f"*N{'C' * amine}NC(=O){'C' * (acid - 2)}C(*)=O"
    return Reading(parse_polymer(unit).smiles, "name", f"nylon {amine},{acid}")


_POLY: Final = re.compile(r"poly ?\(([^()]*(?:\([^()]*\)[^()]*)*)\)", re.IGNORECASE)


def _vinyl_polymer(text: str) -> Reading | None:
    """poly(monomer) of a vinyl monomer with a name of its own."""
    match = _POLY.fullmatch(text)
    monomers = solvent_readings(match[1].strip()) if match else ()
    unit = vinyl_unit(monomers[0].smiles) if len(monomers) == 1 else None
    return None if unit is None or match is None else Reading(unit, "name", f"poly({match[1]})")


@lru_cache(maxsize=1)
def _catalogue() -> Mapping[str, CataloguePolymer]:
    return {
        row["smiles"]: CataloguePolymer(
            row["smiles"],
            row["name"],
            row["abbreviation"],
            tuple(filter(None, row["aliases"].split("|"))),
            tuple(filter(None, row["cas"].split("|"))),
            float(row["melts_K"] or "nan"),
        )
        for row in table_rows("polymers.csv")
    }


def _all_names() -> Iterator[tuple[str, Reading]]:
    for polymer in polymers():
        for name in polymer.names:
            how = "name" if name == polymer.name else how_written(name)
            yield name, Reading(polymer.smiles, how)
        for number in polymer.cas:
            yield number, Reading(polymer.smiles, "CAS number")


@lru_cache(maxsize=1)
def _index() -> Mapping[str, tuple[Reading, ...]]:
    return reading_index(_all_names())


@lru_cache(maxsize=1)
def _near() -> NearNames:
    return NearNames((name, polymer.smiles) for polymer in polymers() for name in polymer.names)
