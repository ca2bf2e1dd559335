"""Names to structures and back, offline: ions and ionic liquids, polymers, solvents.

The tables behind it lie in ``core/tables/``. A text is looked up after case, blanks, brackets and
hyphens are dropped; it is never guessed, but an error names near misses. A SMILES always works.
"""

from core.names.drawn import resolve_drawing
from core.names.greenness import RANKINGS, Greenness, Ranking, combined, greenness
from core.names.ions import CatalogueIon, anions, cations, find_ion, label_of, name_of
from core.names.liquids import find_liquid
from core.names.polymers import (
    CataloguePolymer,
    crystals_note,
    find_polymer,
    polymer_label,
    polymer_short,
    polymers,
)
from core.names.resolving import KINDS, How, Kind, Match, Resolution, resolve
from core.names.solvents import CatalogueSolvent, find_solvent, solvent_name, solvents

__all__ = [
    "KINDS",
    "RANKINGS",
    "CatalogueIon",
    "CataloguePolymer",
    "CatalogueSolvent",
    "Greenness",
    "How",
    "Kind",
    "Match",
    "Ranking",
    "Resolution",
    "anions",
    "cations",
    "combined",
    "crystals_note",
    "find_ion",
    "find_liquid",
    "find_polymer",
    "find_solvent",
    "greenness",
    "label_of",
    "name_of",
    "polymer_label",
    "polymer_short",
    "polymers",
    "resolve",
    "resolve_drawing",
    "solvent_name",
    "solvents",
]
