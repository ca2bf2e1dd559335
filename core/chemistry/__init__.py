"""The only gate for structures: text in, a typed and canonical object out.

:func:`parse_ion`, :func:`parse_ionic_liquid`, :func:`combine`, :func:`parse_polymer` and
:func:`parse_solvent` return an :class:`Ion`, :class:`IonicLiquid`, :class:`Polymer` or
:class:`Solvent`, or raise a :class:`ChemistryError` whose text is one sentence for a chemist.
Code behind the gate trusts what it gets.
"""

from core.chemistry._reading import (
    MAX_CHARACTERS,
    MAX_CHARGE,
    ChemistryError,
    EmptyStructureError,
    InorganicCationError,
    InvalidSmilesError,
    NotAnIonError,
    NotAPolymerError,
    NotASolventError,
    RadicalError,
    TextAfterStructureError,
    TooLargeError,
    UnbalancedError,
    UnknownNameError,
    UnsupportedElementError,
    WrongChargeError,
)
from core.chemistry.drawings import Drawing, read_drawing
from core.chemistry.families import polymer_family, solvent_family
from core.chemistry.ions import (
    ION_FAMILIES,
    MAX_HEAVY_ATOMS,
    Ion,
    IonicLiquid,
    Role,
    canonical_ion,
    combine,
    family,
    parse_ion,
    parse_ionic_liquid,
    resonance_spellings,
    spelling_key,
)
from core.chemistry.polymers import (
    MAX_UNIT_HEAVY_ATOMS,
    Polymer,
    cyclic_oligomer,
    parse_polymer,
    vinyl_unit,
)
from core.chemistry.solvents import MAX_SOLVENT_HEAVY_ATOMS, Solvent, parse_solvent

__all__ = [
    "ION_FAMILIES",
    "MAX_CHARACTERS",
    "MAX_CHARGE",
    "MAX_HEAVY_ATOMS",
    "MAX_SOLVENT_HEAVY_ATOMS",
    "MAX_UNIT_HEAVY_ATOMS",
    "ChemistryError",
    "Drawing",
    "EmptyStructureError",
    "InorganicCationError",
    "InvalidSmilesError",
    "Ion",
    "IonicLiquid",
    "NotAPolymerError",
    "NotASolventError",
    "NotAnIonError",
    "Polymer",
    "RadicalError",
    "Role",
    "Solvent",
    "TextAfterStructureError",
    "TooLargeError",
    "UnbalancedError",
    "UnknownNameError",
    "UnsupportedElementError",
    "WrongChargeError",
    "canonical_ion",
    "combine",
    "cyclic_oligomer",
    "family",
    "parse_ion",
    "parse_ionic_liquid",
    "parse_polymer",
    "parse_solvent",
    "polymer_family",
    "read_drawing",
    "resonance_spellings",
    "solvent_family",
    "spelling_key",
    "vinyl_unit",
]
