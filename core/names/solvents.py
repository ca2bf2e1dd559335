"""Names, abbreviations and CAS numbers of solvents.

``core/tables/solvents.csv`` holds the solvents of the bench; a text that is neither there nor a
SMILES is looked up among the many molecules of ``molecules.npz``, which is loaded only then.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from core.chemistry import (
    EmptyStructureError,
    InvalidSmilesError,
    Solvent,
    UnknownNameError,
    parse_solvent,
)
from core.names._molecules import molecule_by_cas, molecule_by_name
from core.names._tables import (
    MAX_NAME,
    NearNames,
    Reading,
    from_german,
    how_written,
    joined,
    mixture,
    names_no_molecule,
    one_reading,
    other_readings,
    plain,
    reading_index,
    reduced,
    shown,
    table_rows,
)
from core.names.greenness import Greenness, greenness

__all__ = [
    "CatalogueSolvent",
    "cas_number",
    "find_solvent",
    "is_solvent_structure",
    "named_solvent",
    "near_solvents",
    "solvent_name",
    "solvent_readings",
    "solvents",
    "unknown_cas",
]


@dataclass(frozen=True, slots=True)
class CatalogueSolvent:
    """A solvent with a name; what is not known of it is NaN.

    Attributes:
        smiles: canonical, as :func:`core.chemistry.parse_solvent` gives it.
        name: the usual name, for example ``"tetrahydrofuran"``.
        cas: CAS registry number.
        aliases: other names and abbreviations.
        molar_volume_cm3_mol: of the liquid at 298.15 K, in cm3/mol.
        boiling_point_K: normal boiling point.
        melting_point_K: melting point.
        flash_point_K: flash point.
        autoignition_K: temperature of autoignition.
        ozone_depletion: potential of depleting ozone, beside that of trichlorofluoromethane.
        hansen: dispersion, polar and hydrogen-bonding parameters in MPa^0.5.
    """

    smiles: str
    name: str
    cas: str
    aliases: tuple[str, ...]
    molar_volume_cm3_mol: float
    boiling_point_K: float
    melting_point_K: float
    flash_point_K: float
    autoignition_K: float
    ozone_depletion: float
    hansen: tuple[float, float, float]

    @property
    def greenness(self) -> Greenness:
        """What the CHEM21 guide says of it, or what the guide's rules say."""
        return greenness(
            self.cas,
            flash_point_K=self.flash_point_K,
            autoignition_K=self.autoignition_K,
            boiling_point_K=self.boiling_point_K,
            ozone_depletion=self.ozone_depletion,
        )

    @property
    def density_kg_m3(self) -> float:
        """Density of the liquid at 298.15 K in kg/m3."""
        return 1000.0 * parse_solvent(self.smiles).molar_mass / self.molar_volume_cm3_mol


def solvents() -> tuple[CatalogueSolvent, ...]:
    """Return the solvents of the table, related ones side by side."""
    return tuple(_catalogue().values())


def solvent_name(smiles: str) -> str:
    """Return the name of a solvent given by its canonical SMILES, or the SMILES if it has none."""
    known = _catalogue().get(smiles)
    return known.name if known is not None else smiles


def named_solvent(reading: Reading) -> str:
    """Return the name of a molecule that was read: of the table, as it was given, or its SMILES."""
    known = _catalogue().get(reading.smiles)
    return known.name if known is not None else reading.name or reading.smiles


def find_solvent(text: str) -> Solvent:
    """Find a solvent by name, abbreviation, CAS number or SMILES.

    Args:
        text: for example ``"THF"``, ``"2-butanone"``, ``"109-99-9"`` or ``"C1CCOC1"``.

    Raises:
        UnknownNameError: if the text is no known name and no SMILES; the message has near misses.
        ChemistryError: if the text is a structure, but not of a usable solvent.
    """
    tidy = plain(text)
    if not tidy:
        raise EmptyStructureError(
            "nothing given; write a name such as THF, a CAS number such as 109-99-9, or a SMILES"
        )
    if len(tidy) > MAX_NAME:
        return parse_solvent(tidy)
    readings = solvent_readings(tidy)
    usual = [reading for reading in readings if reading.usual]
    if len(usual) == 1:
        return parse_solvent(usual[0].smiles)
    try:
        return parse_solvent(tidy)  # CO is methanol, whatever else it is to some
    except InvalidSmilesError as error:
        reading = one_reading(tidy, readings, named_solvent)
        if reading is not None:
            return parse_solvent(reading.smiles)
        if is_solvent_structure(tidy):
            raise
        raise UnknownNameError(_unknown(tidy)) from error


# ------------------------------------------------------------------------------------------ look-up


@lru_cache(maxsize=8192)
def solvent_readings(text: str) -> tuple[Reading, ...]:
    """All molecules that a text names; whether it is a SMILES too is not looked at.

    Their SMILES come from tables, but not all of them are solvents: salts have a name, too.
    """
    if len(text) > MAX_NAME:
        return ()
    number = cas_number(text)
    if number is not None:
        smiles = _by_cas().get(number)
        if smiles is not None:
            return (Reading(smiles, "CAS number"),)
        known = molecule_by_cas(number)
        return () if known is None else (known,)
    found = _by_name().get(reduced(text), ())
    found = tuple(other_readings("solvent", text, found))
    if found or names_no_molecule(text):
        return found
    english = from_german(text)
    if (known := molecule_by_name(text)) is None and english != text.lower():
        found, known = _by_name().get(reduced(english), ()), molecule_by_name(english)
    return found or (() if known is None else (known,))


def near_solvents(text: str) -> list[tuple[float, str]]:
    """Names of solvents that look like a text, with their likeness, best first."""
    return _near().near(text)


_CAS: Final = re.compile(
    r"(?:CAS(?: ?(?:No\.?|RN|number))?:? *)?(\d{2,7}) *- *(\d\d) *- *(\d)", re.IGNORECASE
)
_SMILES_SIGN: Final = re.compile(r"[=#@\\/]|\)\(|[CcNnOo]\d[CcNnOo(=]")


def cas_number(text: str) -> str | None:
    """The CAS number that a text is, with or without blanks and the word CAS."""
    match = _CAS.fullmatch(text)
    return "-".join(match.groups()) if match else None


def is_solvent_structure(text: str) -> bool:
    """Whether a text was meant as a SMILES: hardly any name has one of these."""
    return bool(_SMILES_SIGN.search(text))


def _unknown(text: str) -> str:
    if (number := cas_number(text)) is not None:
        return unknown_cas(number)
    if (mixed := mixture("solvent", text)) is not None:
        return mixed.sentence(text)
    near = joined(near_solvents(text))
    hint = f"did you mean {near}?" if near else "write its SMILES or CAS number"
    return f"{shown(text)} is no known solvent and no SMILES; {hint}"


def unknown_cas(number: str) -> str:
    """What is said of a CAS number that no table has."""
    *digits, check = (int(digit) for digit in number.replace("-", ""))
    total = sum(place * digit for place, digit in enumerate(reversed(digits), start=1))
    if total % 10 != check:
        return (
            f"{number} is no CAS number: the last digit, which checks the others, would be "
            f"{total % 10}; is one mistyped?"
        )
    return f"no solvent with the CAS number {number} is known here; write its SMILES"


@lru_cache(maxsize=1)
def _catalogue() -> Mapping[str, CatalogueSolvent]:
    return {
        row["smiles"]: CatalogueSolvent(
            smiles=row["smiles"],
            name=row["name"],
            cas=row["cas"],
            aliases=tuple(filter(None, row["aliases"].split("|"))),
            molar_volume_cm3_mol=_number(row["molar_volume_cm3_mol"]),
            boiling_point_K=_number(row["boiling_point_K"]),
            melting_point_K=_number(row["melting_point_K"]),
            flash_point_K=_number(row["flash_point_K"]),
            autoignition_K=_number(row["autoignition_K"]),
            ozone_depletion=_number(row["ozone_depletion"]),
            hansen=(
                _number(row["dispersion_MPa05"]),
                _number(row["polar_MPa05"]),
                _number(row["hydrogen_MPa05"]),
            ),
        )
        for row in table_rows("solvents.csv")
    }


def _number(text: str) -> float:
    return float(text) if text else math.nan


@lru_cache(maxsize=1)
def _by_name() -> Mapping[str, tuple[Reading, ...]]:
    own = [
        (name, Reading(s.smiles, "name" if name == s.name else how_written(name)))
        for s in solvents()
        for name in (s.name, *s.aliases)
    ]
    smiles = {s.name: s.smiles for s in solvents()}
    abroad = [
        (name, Reading(smiles[row["name"]], "name"))
        for row in table_rows("everyday_names.csv")
        for language in ("french", "italian", "spanish")
        for name in row[language].split("|")
    ]
    return reading_index([*own, *abroad])


@lru_cache(maxsize=1)
def _by_cas() -> Mapping[str, str]:
    return {s.cas: s.smiles for s in solvents()}


@lru_cache(maxsize=1)
def _near() -> NearNames:
    return NearNames((name, s.smiles) for s in solvents() for name in (s.name, *s.aliases))
