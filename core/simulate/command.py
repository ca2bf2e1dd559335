"""What ``python -m core simulate`` does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from core.simulate.programs import find_programs
from core.simulate.store import Store, Tally, run
from core.simulate.subjects import ions, oligomer, polymers, solvents

__all__ = ["RUNS", "SUBJECTS", "simulate"]

RUNS: Final = Path("runs", "simulate")


def _neutral() -> list[str]:
    return solvents() + [oligomer(polymer) for polymer in polymers()]


# What can be simulated -> the function that lists the molecules.
SUBJECTS: Final[dict[str, Callable[[], Sequence[str]]]] = {"ions": ions, "polymers": _neutral}


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
    return run(Store(runs), SUBJECTS[what](), programs, jobs=jobs, seconds=seconds, again=again)
