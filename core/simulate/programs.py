"""The two external programs: called with files, their answers as numbers.

xtb (GFN2-xTB, doi 10.1021/acs.jctc.8b01176, in the implicit solvent ALPB,
doi 10.1021/acs.jctc.1c00471) gives geometries and energies, MOPAC (PM7,
doi 10.1007/s00894-012-1667-x, with COSMO, doi 10.1039/P29930000799) the charges that a conductor
around the molecule would carry. Both are called in a folder of their own that is gone afterwards,
on one core, and never for longer than the time that is left.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.simulate.surface import Surface

__all__ = [
    "Deadline",
    "Electrons",
    "ProgramError",
    "ProgramMissingError",
    "Programs",
    "find_programs",
    "read_cos",
]

FloatArray = NDArray[np.float64]

MOPAC_KEYWORDS: Final = "PM7 EPS=999.0 RSOLV=1.3 NSPA=92 COSWRT 1SCF GEO-OK THREADS=1"
_MOPAC_GAS: Final = "PM7 1SCF GEO-OK THREADS=1"
_ONE_CORE: Final = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_STACKSIZE": "1G"}
_EV_PER_KCAL_MOL: Final = 1 / 23.060548


class ProgramMissingError(RuntimeError):
    """xtb or MOPAC is not installed; the message says how to install them."""


class ProgramError(RuntimeError):
    """A program did not give what it was asked for; the message is the reason to record."""


class Deadline:
    """The moment when the time for one molecule is over."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds that remain.

        Raises:
            ProgramError: if none do.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise ProgramError(f"time limit of {self.seconds:.0f} s")
        return left


@dataclass(frozen=True)
class Electrons:
    """What GFN2-xTB says of one geometry.

    Attributes:
        energy: total energy, hartree, with the solvent if there is one.
        solvation: free energy of solvation of ALPB, hartree; 0 without solvent.
        homo: energy of the highest occupied orbital, eV.
        lumo: energy of the lowest empty orbital, eV; ``None`` if the basis has none.
        polarisability: isotropic, atomic units.
        dispersion_c6: molecular C6 coefficient, atomic units.
        charges: partial charges, shape (atoms,), e.
        dipoles: atomic dipoles, shape (atoms, 3), e bohr.
    """

    energy: float
    solvation: float
    homo: float | None
    lumo: float | None
    polarisability: float
    dispersion_c6: float
    charges: FloatArray
    dipoles: FloatArray


@dataclass(frozen=True)
class Programs:
    """The programs as found on this computer, with their versions."""

    xtb: str
    mopac: str
    versions: dict[str, str]

    def optimise(
        self, symbols: list[str], positions: FloatArray, charge: int, solvent: str, limit: Deadline
    ) -> tuple[FloatArray, Electrons]:
        """Geometry of least energy near a given one, by GFN2-xTB in ALPB.

        Args:
            symbols: elements of the atoms.
            positions: shape (atoms, 3), Å.
            charge: of the molecule.
            solvent: as xtb names it.
            limit: for all of this molecule.

        Returns:
            The new positions, and what xtb says of them.

        Raises:
            ProgramError: if xtb fails or runs out of time.
        """
        if len(symbols) == 1:  # nothing to optimise
            return positions, self.electrons(symbols, positions, charge, solvent, limit)
        options = ["--opt", "--alpb", solvent]
        with self._xtb(symbols, positions, charge, options, limit) as run:
            path = run.folder / "xtbopt.xyz"
            if not path.is_file():
                raise ProgramError("xtb: the geometry did not converge")
            new = _read_xyz(path)
            return new, run.electrons()

    def electrons(
        self,
        symbols: list[str],
        positions: FloatArray,
        charge: int,
        solvent: str | None,
        limit: Deadline,
    ) -> Electrons:
        """Energies and charges of one geometry; arguments and errors as :meth:`optimise`.

        ``solvent`` of ``None`` is the gas phase.
        """
        options = ["--alpb", solvent] if solvent else []
        with self._xtb(symbols, positions, charge, options, limit) as run:
            return run.electrons()

    @contextmanager
    def _xtb(
        self,
        symbols: list[str],
        positions: FloatArray,
        charge: int,
        options: list[str],
        limit: Deadline,
    ) -> Iterator[_XtbRun]:
        with tempfile.TemporaryDirectory(prefix="xtb-") as name:
            folder = Path(name)
            _write_xyz(folder / "in.xyz", symbols, positions)
            arguments = ["in.xyz", "--gfn", "2", "--chrg", str(charge), "--json", *options]
            yield _XtbRun(folder, _called([self.xtb, *arguments], folder, limit))

    def conductor(
        self, symbols: list[str], positions: FloatArray, charge: int, limit: Deadline
    ) -> tuple[Surface, dict[str, float | None]]:
        """The molecule in a conductor, by PM7 with COSMO.

        Args:
            symbols: elements of the atoms.
            positions: shape (atoms, 3), Å.
            charge: of the molecule.
            limit: for all of this molecule.

        Returns:
            The surface, and energies in eV: the heats of formation in the conductor and in the gas
            phase (``None`` if that calculation fails), and the dielectric energy.

        Raises:
            ProgramError: if MOPAC fails or runs out of time.
        """
        lines = [
            f"{s} {x:.7f} 1 {y:.7f} 1 {z:.7f} 1"
            for s, (x, y, z) in zip(symbols, positions, strict=True)
        ]
        geometry = "\n".join(lines)
        with tempfile.TemporaryDirectory(prefix="mopac-") as name:
            folder = Path(name)
            for job, keywords in (("in", MOPAC_KEYWORDS), ("gas", _MOPAC_GAS)):
                text = f"{keywords} CHARGE={charge}\n{job}\n\n{geometry}\n"
                (folder / f"{job}.mop").write_text(text, "ascii")
                _called([self.mopac, f"{job}.mop"], folder, limit)
            if not (folder / "in.cos").is_file():
                raise ProgramError(f"MOPAC: {_complaint(folder / 'in.out')}")
            text = (folder / "in.cos").read_text("ascii", "replace")
            gas = folder / "gas.out"
            try:
                gas_energy: float | None = _heat_of_formation(gas.read_text("ascii", "replace"))
            except (OSError, ProgramError):
                gas_energy = None
        surface = read_cos(text)
        if len(surface.elements) != len(symbols):
            raise ProgramError("MOPAC: the surface has another number of atoms")
        return surface, {
            "pm7_heat_of_formation_eV": _heat_of_formation(text),
            "pm7_gas_heat_of_formation_eV": gas_energy,
            "pm7_dielectric_energy_eV": _number(text, r"DIELECTRIC ENERGY\s*="),
        }


@dataclass(frozen=True)
class _XtbRun:
    """One finished call of xtb: its folder, and what it printed."""

    folder: Path
    output: str

    def electrons(self) -> Electrons:
        path = self.folder / "xtbout.json"
        if not path.is_file() or "normal termination of xtb" not in self.output:
            raise ProgramError(f"xtb: {_xtb_complaint(self.output)}")
        try:
            found: dict[str, Any] = json.loads(path.read_text("ascii", "replace"))
        except ValueError as error:
            raise ProgramError("xtb: its result cannot be read") from error
        solvation = re.findall(r"-> Gsolv\s+(-?[\d.]+)", self.output)
        return Electrons(
            energy=float(found["total energy"]),
            solvation=float(solvation[-1]) if solvation else 0.0,
            homo=_orbital(self.output, "HOMO"),
            lumo=_orbital(self.output, "LUMO"),
            polarisability=_number(self.output, r"Mol\. α\(0\) /au\s*:"),
            dispersion_c6=_number(self.output, r"Mol\. C6AA /au·bohr⁶\s*:"),
            charges=np.array(found["partial charges"], np.float64),
            dipoles=np.array(found["atomic dipole moments"], np.float64).reshape(-1, 3),
        )


def find_programs() -> Programs:
    """The programs on the path.

    Raises:
        ProgramMissingError: if one is not there.
    """
    paths = {name: shutil.which(name) for name in ("xtb", "mopac")}
    missing = [name for name, path in paths.items() if path is None]
    if missing:
        raise ProgramMissingError(
            f"{' and '.join(missing)} cannot be found; simulations need both xtb and MOPAC, on "
            "Debian and Ubuntu: apt install xtb mopac"
        )
    xtb, mopac = str(paths["xtb"]), str(paths["mopac"])
    versions = {
        "xtb": _version([xtb, "--version"], r"xtb version (\S+)"),
        "mopac": _version([mopac, "--version"], r"version (\S+)"),
    }
    return Programs(xtb, mopac, versions)


def _version(command: list[str], pattern: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        output = _called(command, Path(folder), Deadline(60))
    found = re.search(pattern, output)
    return found.group(1) if found else "unknown"


def _called(command: list[str], folder: Path, limit: Deadline) -> str:
    """Everything that a program prints; how it ended is told by what it leaves."""
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program with arguments of our own
            command,
            cwd=folder,
            env=os.environ | _ONE_CORE,
            capture_output=True,
            timeout=limit.left(),
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ProgramError(f"time limit of {limit.seconds:.0f} s") from error
    return (done.stdout + done.stderr).decode("utf-8", "replace")


def _write_xyz(path: Path, symbols: list[str], positions: FloatArray) -> None:
    lines = [
        f"{s} {x:.8f} {y:.8f} {z:.8f}" for s, (x, y, z) in zip(symbols, positions, strict=True)
    ]
    path.write_text("\n".join([str(len(symbols)), "", *lines, ""]), "ascii")


def _read_xyz(path: Path) -> FloatArray:
    rows = [line.split() for line in path.read_text("ascii", "replace").splitlines()[2:]]
    return np.array([[float(x) for x in row[1:4]] for row in rows if row], np.float64)


def _number(text: str, label: str) -> float:
    found = re.findall(label + r"\s*(-?[\d.]+)", text)
    if not found:
        raise ProgramError("a number is missing in the output of a program")
    return float(found[-1])


def _heat_of_formation(text: str) -> float:
    return _number(text, r"FINAL HEAT OF FORMATION =") * _EV_PER_KCAL_MOL


def _orbital(text: str, name: str) -> float | None:
    found = re.findall(rf"(-?[\d.]+) \({name}\)", text)
    return float(found[-1]) if found else None


def _xtb_complaint(output: str) -> str:
    """What xtb says is wrong, in a few words."""
    for line in output.splitlines():
        if "###" not in line and re.search(r"-\d+-|\[ERROR\]|abnormal", line):
            return line.strip(" -[]")[:120]
    return "no result"


def _complaint(path: Path) -> str:
    """What MOPAC says is wrong, in a few words."""
    if path.is_file():
        lines = [line.strip(" *") for line in path.read_text("ascii", "replace").splitlines()]
        errors = [line for line in lines if "ERROR" in line.upper() or "NOT AVAILABLE" in line]
        if errors:
            return errors[0][:120]
    return "no surface"


def read_cos(text: str) -> Surface:
    """A surface as MOPAC writes it with ``COSWRT``.

    Raises:
        ProgramError: if the text is not such a file.
    """
    atoms: list[tuple[int, list[float]]] = []
    segments: list[tuple[int, list[float]]] = []
    part = ""
    for line in text.splitlines():
        if "ATOMIC DATA" in line or "SEGMENT DATA" in line:
            part = "atoms" if "ATOMIC" in line else "segments"
            continue
        words = line.split()
        if part == "atoms" and len(words) == 9 and words[0].isdigit():
            atoms.append((int(words[1]), [float(x) for x in words[2:6]]))
        elif part == "segments" and len(words) == 10 and words[0].isdigit():
            segments.append((int(words[1]) - 1, [float(x) for x in words[3:8] + words[9:]]))
    if not atoms or not segments:
        raise ProgramError("MOPAC: the surface cannot be read")
    atom_numbers = np.array([numbers for _, numbers in atoms])
    numbers = np.array([values for _, values in segments])
    return Surface(
        elements=np.array([element for element, _ in atoms], np.int16),
        atom_positions=atom_numbers[:, :3],
        radii=atom_numbers[:, 3],
        atom=np.array([atom for atom, _ in segments], np.int32),
        positions=numbers[:, :3],
        charge=numbers[:, 3],
        segment_area=numbers[:, 4],
        potential=numbers[:, 5],
        area=_number(text, r"COSMO AREA\s*="),
        volume=_number(text, r"COSMO VOLUME\s*="),
    )
