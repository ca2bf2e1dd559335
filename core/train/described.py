"""Rebuild the shipped numbers of known molecules: ``python -m core.train.described``.

They are those of the polymers and solvents that the model in use was trained on, and of the
catalogues. To be run when one of these, or :data:`core.features.polymer_solvent.VERSION`, changes.
"""

from __future__ import annotations

import sys
from typing import Final

from core import names
from core.features import polymer_solvent as features
from core.predict import MiscibilityPredictor
from core.train.catalogue import TABLES

KINDS: Final[tuple[features.Kind, ...]] = ("polymer", "solvent")


def main() -> int:
    """Rebuild the table."""
    model = MiscibilityPredictor.load()
    named: dict[features.Kind, list[str]] = {
        "polymer": [entry.smiles for entry in names.polymers()],
        "solvent": [entry.smiles for entry in names.solvents()],
    }
    smiles = {kind: sorted({*model.known(kind), *named[kind]}) for kind in KINDS}
    path = TABLES / "described.npz"
    features.keep(path, smiles)
    sys.stdout.write(f"{path.name}: {path.stat().st_size:,} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
