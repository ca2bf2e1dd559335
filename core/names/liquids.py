"""Names of whole ionic liquids: two names of ions, trade names, CAS numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import islice
from typing import Final, NamedTuple

from rdkit import Chem

from core.chemistry import (
    ChemistryError,
    IonicLiquid,
    UnbalancedError,
    UnknownNameError,
    combine,
    parse_ion,
    parse_ionic_liquid,
    parse_solvent,
)
from core.names._tables import (
    MAX_NAME,
    How,
    NearNames,
    Reading,
    how_written,
    plain,
    reduced,
    several,
    shown,
    table_rows,
)
from core.names.ions import (
    cations,
    ion_name,
    ion_readings,
    is_ion_structure,
    name_of,
    near_ions,
    unknown_ion,
)
from core.names.solvents import solvent_readings

__all__ = ["LiquidReading", "find_liquid", "liquid_readings", "near_liquids"]


class LiquidReading(NamedTuple):
    """One ionic liquid that a text can mean.

    Attributes:
        cation: reading of the cation.
        anion: reading of the anion.
        how: what the text is.
    """

    cation: Reading
    anion: Reading
    how: How

    @property
    def usual(self) -> bool:
        """Whether both ions are what their names mean most often."""
        return self.cation.usual and self.anion.usual

    @property
    def name(self) -> str:
        """Names of both ions."""
        return f"{ion_name(self.cation)} {ion_name(self.anion)}"

    @property
    def liquid(self) -> IonicLiquid:
        """The ionic liquid."""
        return combine(parse_ion(self.cation.smiles), parse_ion(self.anion.smiles))


def find_liquid(text: str) -> IonicLiquid:
    """Find a whole ionic liquid by its two names or by its SMILES.

    Args:
        text: ``"[bmim][Tf2N]"``, ``"[bmim]Cl"``, ``"BMIM-NTf2"``, two names with a blank between
            them, a trade name, a CAS number, or a SMILES ``A.B``.

    Raises:
        ChemistryError: if there is no such ionic liquid, or several.
    """
    tidy = plain(text)
    if len(tidy) > MAX_NAME:
        return parse_ionic_liquid(tidy)
    found = liquid_readings(tidy)
    usual = [reading for reading in found if reading.usual] or list(found)
    if len(usual) == 1:
        return usual[0].liquid
    if usual:
        raise UnknownNameError(several(tidy, [reading.name for reading in usual]))
    if is_ion_structure(tidy):
        return parse_ionic_liquid(tidy)
    hint = "write it as [bmim][Tf2N], as two names with a blank between, or as SMILES"
    for cation, anion in _splits(tidy):
        if ion_readings(cation, "cation"):
            hint = unknown_ion(anion, "anion")
        elif ion_readings(anion, "anion"):
            hint = unknown_ion(cation, "cation")
    if single := ion_readings(tidy):
        raise UnbalancedError(f"this is only the {parse_ion(single[0].smiles).role}; {hint}")
    if next(_splits(tidy), None) is not None:
        raise UnknownNameError(f"{shown(tidy)} is no known ionic liquid: {hint}")
    return parse_ionic_liquid(tidy)


def liquid_readings(text: str) -> tuple[LiquidReading, ...]:
    """All ionic liquids that a text names; whether it is a SMILES too is not looked at."""
    if len(text) > MAX_NAME:
        return ()
    found: dict[tuple[str, str], LiquidReading] = {}
    for reading in _index().get(reduced(text), ()):
        found[reading.cation.smiles, reading.anion.smiles] = reading
    for pairs in (_splits(text), _glued(text)):
        for cation, anion in pairs if not found else ():
            for other in ion_readings(anion, "anion"):
                for one in ion_readings(cation, "cation"):
                    words = {one.how, other.how} == {"name"}
                    reading = LiquidReading(one, other, "name" if words else "abbreviation")
                    found.setdefault((one.smiles, other.smiles), reading)
    for base, anion in _splits(text) if not found else ():
        if (acid := _protonated(base.strip("[]"))) is not None:
            for other in ion_readings(anion, "anion"):
                found[acid.smiles, other.smiles] = LiquidReading(acid, other, other.how)
    return tuple(found.values())


def _protonated(text: str) -> Reading | None:
    """The cation of a neutral base: DBU acetate is the salt of protonated DBU."""
    readings = solvent_readings(text)
    if len(readings) != 1:
        return None
    base = readings[0].smiles
    if (known := _conjugate_acids().get(base)) is not None:
        return Reading(known, "name", name_of(known))
    by_rule = ion_readings(f"{text.removesuffix('e')}ium", "cation")
    return next((ion for ion in by_rule if _deprotonated(ion.smiles) == base), None)


@lru_cache(maxsize=1)
def _conjugate_acids() -> Mapping[str, str]:
    """Known cations by the molecule that is left when they lose a proton."""
    found: dict[str, str] = {}
    for ion in cations():
        if (base := _deprotonated(ion.smiles)) is not None:
            found.setdefault(base, ion.smiles)
    return found


def _deprotonated(cation: str) -> str | None:
    """The molecule that a cation leaves when it loses a proton from its only charged nitrogen."""
    mol = Chem.MolFromSmiles(cation)
    charged = [atom for atom in mol.GetAtoms() if atom.GetFormalCharge()]
    if len(charged) != 1 or charged[0].GetSymbol() != "N" or not charged[0].GetTotalNumHs():
        return None
    hydrogens = charged[0].GetTotalNumHs() - 1
    charged[0].SetFormalCharge(0)
    charged[0].SetNumExplicitHs(hydrogens)
    try:
        return parse_solvent(Chem.MolToSmiles(mol)).smiles
    except ChemistryError:  # larger than a solvent may be
        return None


def near_liquids(text: str) -> list[tuple[float, str]]:
    """Names of ionic liquids that look like a text, with their likeness, best first."""
    found = []
    hyphens = ((text[: sign.start()], text[sign.end() :]) for sign in re.finditer("-", text))
    for first, second in (*_splits(text), *islice(hyphens, _MOST_BLANKS)):
        if ion_readings(first, "cation"):
            found += [(alike, f"{first} {near}") for alike, near in near_ions(second, "anion")]
        elif ion_readings(second, "anion"):
            found += [(alike, f"{near} {second}") for alike, near in near_ions(first, "cation")]
    return found[:3] or _near().near(text)


# ------------------------------------------------------------------------------------------ look-up


def _all_names() -> Iterator[tuple[str, LiquidReading]]:
    for row in table_rows("ionic_liquids.csv"):
        ions = Reading(row["cation"], "name"), Reading(row["anion"], "name")
        for name in filter(None, row["names"].split("|")):
            yield name, LiquidReading(*ions, how_written(name))
        for number in filter(None, row["cas"].split("|")):
            yield number, LiquidReading(*ions, "CAS number")


@lru_cache(maxsize=1)
def _index() -> Mapping[str, tuple[LiquidReading, ...]]:
    found: dict[str, tuple[LiquidReading, ...]] = {}
    for name, reading in _all_names():
        found[reduced(name)] = (*found.get(reduced(name), ()), reading)
    return found


@lru_cache(maxsize=1)
def _near() -> NearNames:
    return NearNames(
        (name, reading.cation.smiles + reading.anion.smiles)
        for name, reading in _all_names()
        if reading.how != "CAS number"
    )


_PAIR: Final = re.compile(
    r"(\[[^\[\]]+\])\d?[+-]?(?:\s*\.\s*(?=\[)|\s*)(\[[^\[\]]+\]|[\w()]+)\d?[+-]?"
)
_MOST_BLANKS: Final = 12
# To most chemists TMS Cl is trimethylsilyl chloride, and no sulfonium salt.
_SILYL: Final = frozenset({"tms", "tes"})


def _splits(text: str) -> Iterator[tuple[str, str]]:
    """Ways to cut a text into the names of two ions, the cation first."""
    if match := _PAIR.fullmatch(text):
        yield match[1], match[2]
        yield match[2], match[1]
    for blank in islice(re.finditer(" ", text), _MOST_BLANKS):
        first, second = text[: blank.start()], text[blank.end() :]
        if first.startswith("[") or reduced(first) not in _SILYL:
            yield first, second
        yield second, first


# Shorter cations run together with an anion would make salts of formulas: CHI3, no choline salt.
_SHORTEST_GLUED: Final = 4
_SHORT_BUT_SAFE: Final = frozenset(
    {
        "emi",
        "bmi",
        "hmi",
        "omi",
        "mim",
        "pyr",
        "bpy",
        "epy",
        "bmp",
        "tba",
        "tma",
        "tpa",
        "tbp",
        "p12",
        "p13",
        "p14",
    }
)
_LONGEST_GLUED: Final = 120


def _glued(text: str) -> Iterator[tuple[str, str]]:
    """Cuts at any place: ``BMIM-NTf2``, ``C4mimBF4``, ``P66614Cl``, ``cholinium-acetate``."""
    if len(text) > _LONGEST_GLUED or "." in text:  # a dot is for SMILES
        return
    for cut in range(3, len(text)):
        first, second = text[:cut], text[cut:]
        if first.count("[") != first.count("]"):
            continue
        # The H of an acid anion stays with it: MIMHSO4 is no sulfate of MIMH.
        if first[-1] in {"H", "h"} and ion_readings(first[-1] + second, "anion"):
            continue
        # The F of 2-HEAF is formate, and who knows what others are.
        if second in {"F", "f"} and first[-1].isalnum():
            continue
        cation = reduced(first)
        if len(cation) >= _SHORTEST_GLUED or cation in _SHORT_BUT_SAFE:
            yield first, second
