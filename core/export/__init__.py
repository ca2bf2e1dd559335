"""What is shown, to take along: provenance of tables, citations, scripts, charts as a page."""

from core.export.citations import Work, bibtex
from core.export.page import standalone_html
from core.export.provenance import PROVENANCE, Origin, units_of, with_provenance
from core.export.scripts import (
    Grid,
    Ranked,
    Recipe,
    blend_recipe,
    ionic_liquid_recipe,
    map_recipe,
    mixture_recipe,
    polymer_recipe,
    screening_recipe,
    solution_recipe,
    solvent_facts_recipe,
    solvent_recipe,
)

__all__ = [
    "PROVENANCE",
    "Grid",
    "Origin",
    "Ranked",
    "Recipe",
    "Work",
    "bibtex",
    "blend_recipe",
    "ionic_liquid_recipe",
    "map_recipe",
    "mixture_recipe",
    "polymer_recipe",
    "screening_recipe",
    "solution_recipe",
    "solvent_facts_recipe",
    "solvent_recipe",
    "standalone_html",
    "units_of",
    "with_provenance",
]
