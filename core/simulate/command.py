"""What ``python -m core simulate`` does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from core.simulate.pairs import condensed, pair_matrix
from core.simulate.programs import find_programs
from core.simulate.store import Store, Tally, run
from core.simulate.subjects import ions, oligomer, polymers, solvents
from core.simulate.table import table
from core.simulated import Kind, simulated

__all__ = ["RUNS", "SUBJECTS", "TABLES", "export", "pairs", "simulate"]

RUNS: Final = Path("runs", "simulate")
TABLES: Final = Path(__file__).resolve().parents[1] / "tables"


def _neutral() -> list[str]:
    return solvents() + [oligomer(polymer) for polymer in polymers()]


# What can be simulated -> the function that lists the molecules, and the tables they fill.
SUBJECTS: Final[Mapping[str, tuple[Callable[[], Sequence[str]], tuple[Kind, ...]]]] = {
    "ions": (ions, ("ions",)),
    "polymers": (_neutral, ("solvents", "polymers")),
}


def simulate(what: str, *, runs: Path, jobs: int, seconds: float, again: bool) -> Tally:
    """Simulate the molecules of one kind that have no result yet.

    Args:
        what: one of :data:`SUBJECTS`.
        runs: folder of the results.
        jobs: how many molecules at a time.
        seconds: the longest time for one molecule.
        again: try those that failed before once more.

    Raises:
        ProgramMissingError: if xtb or MOPAC is not installed.
        DataMissingError: if the list of molecules is not there.
    """
    programs = find_programs()
    molecules = SUBJECTS[what][0]()
    return run(Store(runs), molecules, programs, jobs=jobs, seconds=seconds, again=again)


def export(what: str, *, runs: Path, folder: Path = TABLES) -> list[Path]:
    """Write the tables of one kind from what has been simulated so far.

    Args:
        what: one of :data:`SUBJECTS`.
        runs: folder of the results.
        folder: where the tables go.

    Returns:
        The files.

    Raises:
        ValueError: if there are no results.
        DataMissingError: if the list of molecules is not there.
    """
    paths = []
    for kind in SUBJECTS[what][1]:
        path = folder / f"simulated_{kind}.npz"
        table(kind, Store(runs)).save(path)
        paths.append(path)
    return paths


def pairs(runs: Path) -> Path:
    """Compute the COSMO-RS quantities of all pairs of ions of the table of the project.

    Args:
        runs: folder of the results; what is finished is kept there.

    Returns:
        The file, a :class:`core.simulated.PairTable`.
    """
    ion_table = simulated("ions")
    path = TABLES / "simulated_pairs.npz"
    condensed(ion_table, *pair_matrix(ion_table, runs)).save(path)
    return path
