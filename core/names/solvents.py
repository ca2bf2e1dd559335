"""Names, abbreviations and CAS numbers of solvents.

``core/tables/solvents.csv`` holds the solvents of the bench; a text that is neither there nor a
SMILES is looked up among the names of the package ``chemicals``, which is loaded only then.
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
from core.names._tables import MAX_NAME, name_index, near_names, reduced, shown, table_rows
from core.names.greenness import Greenness, greenness

__all__ = ["CatalogueSolvent", "find_solvent", "solvent_name", "solvents"]


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


def find_solvent(text: str) -> Solvent:
    """Find a solvent by name, abbreviation, CAS number or SMILES.

    Args:
        text: for example ``"THF"``, ``"2-butanone"``, ``"109-99-9"`` or ``"C1CCOC1"``.

    Raises:
        UnknownNameError: if the text is no known name and no SMILES; the message has near misses.
        ChemistryError: if the text is a structure, but not of a usable solvent.
    """
    stripped = text.strip()
    if not stripped:
        raise EmptyStructureError(
            "nothing given; write a name such as THF, a CAS number such as 109-99-9, or a SMILES"
        )
    key = _CAS_DASHES.sub("-", stripped)
    if len(stripped) <= MAX_NAME:
        smiles = _by_cas().get(key) or _by_name().get(reduced(stripped))
        if smiles is not None:
            return parse_solvent(smiles)
    try:
        return parse_solvent(stripped)
    except InvalidSmilesError as error:
        if len(stripped) > MAX_NAME or _SMILES_SIGN.search(stripped):
            raise
        smiles = _known_to_chemicals(key)
        if smiles is not None:
            return parse_solvent(smiles)
        raise UnknownNameError(_unknown(key)) from error


_CAS: Final = re.compile(r"\d{2,7}-\d\d-\d")
_CAS_DASHES: Final = re.compile(r"(?<=\d)\s*[‐‑–−-]\s*(?=\d)")
_SMILES_SIGN: Final = re.compile(r"[=#@\\/]|\)\(|[CcNnOo]\d[CcNnOo(=]")


def _known_to_chemicals(text: str) -> str | None:
    """SMILES of a molecule by CAS number or name; loads a database of names once."""
    # Only reached for rare names: reading the names takes about a second.
    from chemicals.identifiers import pubchem_db  # noqa: PLC0415

    if _CAS.fullmatch(text):
        found = pubchem_db.search_CAS(int(text.replace("-", "")))
    else:
        plain = " ".join(text.lower().split())
        found = pubchem_db.search_name(plain) or pubchem_db.search_name(plain.replace(" ", ""))
    return str(found.smiles) if found and found.smiles else None


def _unknown(text: str) -> str:
    if _CAS.fullmatch(text):
        return f"no solvent with the CAS number {text} is known here; write its SMILES"
    names = (name for s in solvents() for name in (s.name, *s.aliases))
    near = near_names(text, names)
    hint = f"did you mean {near}?" if near else "write its SMILES or CAS number"
    return f"{shown(text)} is no known solvent and no SMILES; {hint}"


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
def _by_name() -> Mapping[str, str]:
    return name_index((s.smiles, (s.name, *s.aliases)) for s in solvents())


@lru_cache(maxsize=1)
def _by_cas() -> Mapping[str, str]:
    return {s.cas: s.smiles for s in solvents()}
