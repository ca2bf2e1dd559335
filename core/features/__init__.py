"""Numbers from structures: batch in, array out, versioned.

The functions for ions stand here under their plain names; those for polymers and their solvents
are in :mod:`core.features.polymer_solvent`.
"""

from core.features.ions import (
    DESCRIPTOR_NAMES,
    VERSION,
    descriptors,
    environment_counts,
    environments,
    ion_features,
    van_der_waals_volume,
)

__all__ = [
    "DESCRIPTOR_NAMES",
    "VERSION",
    "descriptors",
    "environment_counts",
    "environments",
    "ion_features",
    "van_der_waals_volume",
]
