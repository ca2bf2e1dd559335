"""Chi of the project's own simulated polymers and solvents, learned beside what was measured.

Simulations of the COSMO-RS type: openCOSMO-RS 24a parameters on PM7/COSMO surfaces. Strongly
negative values are wrong, those of amides in water above all, and are left out; large positive ones
rightly say that nothing mixes, and are cut off at :data:`LARGEST`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.simulate.pairs import chi_infinite_dilution
from core.simulated import SOURCE, SimulatedTable, simulated
from core.train.polymer_solvent_data import BoolArray, Fold, IntArray, PairData
from core.train.runs import digest

__all__ = ["LARGEST", "TASK", "TEMPERATURES_K", "SimulatedChi", "simulate_chi"]

FloatArray = NDArray[np.float64]

TASK: Final = "chi_simulated"
TEMPERATURES_K: Final = (298.15, 373.15, 473.15)
LARGEST: Final = 3.0


@dataclass(frozen=True, eq=False)
class SimulatedChi:
    """Chi at infinite dilution of the solvent, for all pairs of the simulated molecules.

    Attributes:
        polymers: canonical repeat units, n of them.
        solvents: canonical solvents, m of them.
        chi: at each of :data:`TEMPERATURES_K`, at most :data:`LARGEST`, shape (temperatures, n, m);
            NaN where it is left out.
    """

    polymers: tuple[str, ...]
    solvents: tuple[str, ...]
    chi: FloatArray

    @cached_property
    def mark(self) -> str:
        """Hash of the values and the molecules."""
        return digest(
            self.polymers, self.solvents, np.nan_to_num(self.chi, nan=99).round(3).tolist()
        )

    def about(self) -> dict[str, Any]:
        """What a card says of it."""
        there = np.isfinite(self.chi)
        return {
            "source": f"{SOURCE}/COSMO-RS-type, openCOSMO-RS 24a parameters",
            "polymers": len(self.polymers),
            "solvents": len(self.solvents),
            "pairs": int(there.any(axis=0).sum()),
            "values": int(there.sum()),
            "temperature_K": [*TEMPERATURES_K],
            "hash": self.mark,
        }

    def allowed(self, data: PairData, fold: Fold) -> BoolArray:
        """Which pairs a fold may learn from, shape (n, m): none that it holds out.

        A simulation could be had of a new molecule too, but nobody runs one for a drawn structure.
        """
        rows = data.rows[~fold.train]
        held = zip(rows["polymer"], rows["solvent"], strict=True)
        pairs = {(data.polymers[p], data.solvents[s]) for p, s in set(held)}
        found = np.array([[(p, s) not in pairs for s in self.solvents] for p in self.polymers])
        for axis, own, names, free in (
            (0, self.polymers, data.polymers, fold.train_polymers),
            (1, self.solvents, data.solvents, fold.train_solvents),
        ):
            out = {name for name, known in zip(names, free, strict=True) if not known}
            kept = np.array([name not in out for name in own])
            found &= np.expand_dims(kept, 1 - axis)
        return found

    def of_rows(self, data: PairData, rows: IntArray) -> FloatArray:
        """Simulated chi of rows of the data, at their temperatures; NaN where there is none.

        Between the simulated temperatures it goes with 1/T, beyond them it stays. Shape (rows,).
        """
        table = data.rows.iloc[rows]
        places = [
            pd.Series(range(len(own)), index=list(own)).reindex(names).fillna(-1).to_numpy(int)
            for own, names in ((self.polymers, data.polymers), (self.solvents, data.solvents))
        ]
        polymer, solvent = places[0][table["polymer"]], places[1][table["solvent"]]
        inverse = [-1.0 / t for t in TEMPERATURES_K]
        height = np.interp(-1.0 / table["temperature_K"].to_numpy(), inverse, range(len(inverse)))
        floor = np.minimum(height.astype(int), len(inverse) - 2)
        share = height - floor
        found = (1.0 - share) * self.chi[floor, polymer, solvent]
        found += share * self.chi[floor + 1, polymer, solvent]
        found[(polymer < 0) | (solvent < 0)] = np.nan
        return np.asarray(found)


def simulate_chi(
    polymers: SimulatedTable | None = None, solvents: SimulatedTable | None = None
) -> SimulatedChi:
    """Chi of all pairs of simulated polymers and solvents; of the project's tables if not given."""
    polymers = polymers or simulated("polymers")
    solvents = solvents or simulated("solvents")
    chi = np.stack([chi_infinite_dilution(polymers, solvents, t) for t in TEMPERATURES_K])
    chi = np.where(chi < -LARGEST, np.nan, np.minimum(chi, LARGEST))
    return SimulatedChi(polymers.smiles, solvents.smiles, chi)
