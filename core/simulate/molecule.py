"""One molecule: SMILES -> conformers -> geometry -> surface in a conductor.

Conformers are embedded by RDKit (ETKDG version 3, doi 10.1021/acs.jcim.0c00025), relaxed and
ranked by a force field (MMFF94, or UFF where that has no parameters), and the few lowest ones
compared by GFN2-xTB in ALPB; the best is optimised there, and PM7 gives its surface. The solvent of
the geometry is acetonitrile for all: nearly a conductor, and without hydrogen bonds of its own that
would favour one kind of conformer. A geometry whose bonds are not those of the SMILES is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem, DistanceGeometry, rdBase
from rdkit.Chem import rdDistGeom, rdForceFieldHelpers, rdMolDescriptors

from core.simulate.programs import MOPAC_KEYWORDS, Deadline, Electrons, ProgramError, Programs
from core.simulate.surface import Surface

__all__ = ["Settings", "Simulated", "simulate"]

FloatArray = NDArray[np.float64]

_BOHR: Final = 0.529177210903  # Å
_HARTREE: Final = 27.211386245988  # eV
_DEBYE: Final = 4.803204712570263  # per e Å


@dataclass(frozen=True)
class Settings:
    """Everything that a result depends on, apart from the versions of the programs.

    Attributes:
        ranked: how many of the lowest conformers of the force field are compared by xtb.
        ranked_large: the same for molecules of ``large`` atoms and more.
        large: atoms, hydrogen included.
        seed: of the embedding.
        solvent: of the geometry, for ALPB.
        surface: keywords of MOPAC.
        version: raised whenever a number can change in another way.
    """

    ranked: int = 4
    ranked_large: int = 2
    large: int = 90
    seed: int = 7
    solvent: str = "acetonitrile"
    surface: str = MOPAC_KEYWORDS
    version: int = 1


@dataclass(frozen=True)
class Simulated:
    """One molecule that came through.

    Attributes:
        charge: of the molecule.
        atoms: their number, hydrogen included.
        conformers: embedded, after duplicates were dropped.
        numbers: energies, dipole and the like, units in the names.
        surface: in the conductor.
        partial_charges: by GFN2-xTB, shape (atoms,), e.
    """

    charge: int
    atoms: int
    conformers: int
    numbers: dict[str, float | None]
    surface: Surface
    partial_charges: FloatArray


def simulate(smiles: str, programs: Programs, settings: Settings, limit: Deadline) -> Simulated:
    """Carry one molecule from its SMILES to its surface.

    Raises:
        ProgramError: with the reason, if that is not possible.
    """
    with rdBase.BlockLogs():
        mol = Chem.AddHs(Chem.MolFromSmiles(smiles))
        candidates, number = _conformers(mol, settings, limit)
    charge = int(Chem.GetFormalCharge(mol))
    symbols = [atom.GetSymbol() for atom in mol.GetAtoms()]
    if (sum(atom.GetAtomicNum() for atom in mol.GetAtoms()) - charge) % 2:
        raise ProgramError("odd number of electrons")
    start = candidates[0]
    if len(candidates) > 1:
        energies = [
            programs.electrons(symbols, x, charge, settings.solvent, limit).energy
            for x in candidates
        ]
        start = candidates[int(np.argmin(energies))]
    positions, solvated = programs.optimise(symbols, start, charge, settings.solvent, limit)
    if not _same_bonds(mol, positions):
        raise ProgramError("the relaxed geometry has other bonds than the SMILES")
    gas = programs.electrons(symbols, positions, charge, None, limit)
    surface, mopac = programs.conductor(symbols, positions, charge, limit)
    masses = np.array([atom.GetMass() for atom in mol.GetAtoms()])
    numbers = _numbers(solvated, gas, positions, masses) | mopac
    return Simulated(charge, len(symbols), number, numbers, surface, solvated.charges)


def _numbers(
    solvated: Electrons, gas: Electrons, positions: FloatArray, masses: FloatArray
) -> dict[str, float | None]:
    centred = positions - (masses[:, None] * positions).sum(0) / masses.sum()

    def dipole(electrons: Electrons) -> float:
        """About the centre of mass, which matters where the molecule is charged."""
        moment = (electrons.charges[:, None] * centred).sum(0) + electrons.dipoles.sum(0) * _BOHR
        return float(np.linalg.norm(moment)) * _DEBYE

    return {
        "xtb_energy_eV": solvated.energy * _HARTREE,
        "xtb_gas_energy_eV": gas.energy * _HARTREE,
        "xtb_solvation_eV": solvated.solvation * _HARTREE,
        "homo_eV": solvated.homo,
        "lumo_eV": solvated.lumo,
        "gas_homo_eV": gas.homo,
        "gas_lumo_eV": gas.lumo,
        "polarisability_A3": solvated.polarisability * _BOHR**3,
        "dispersion_c6_au": solvated.dispersion_c6,
        "dipole_D": dipole(solvated),
        "gas_dipole_D": dipole(gas),
    }


def _conformers(mol: Chem.Mol, settings: Settings, limit: Deadline) -> tuple[list[FloatArray], int]:
    """Positions of the lowest conformers by force field, best first, and how many there were."""
    atoms = mol.GetNumAtoms()
    rotatable = rdMolDescriptors.CalcNumRotatableBonds(mol)
    wanted = int(np.clip(4 + 2 * rotatable, 4, 20 if atoms < 60 else 8))
    options = rdDistGeom.ETKDGv3()
    options.randomSeed = settings.seed
    options.pruneRmsThresh = 0.5
    options.timeout = max(1, int(limit.left()))
    _spread_hypervalent(mol, options)
    ids = list(rdDistGeom.EmbedMultipleConfs(mol, wanted, options))
    if not ids:
        options.useRandomCoords = True
        options.timeout = max(1, int(limit.left()))
        ids = list(rdDistGeom.EmbedMultipleConfs(mol, wanted, options))
    if not ids:
        raise ProgramError("RDKit: no three-dimensional structure was found")
    order = ids
    if atoms > 2:
        if rdForceFieldHelpers.MMFFHasAllMoleculeParams(mol):
            found = rdForceFieldHelpers.MMFFOptimizeMoleculeConfs(mol, maxIters=500)
        elif rdForceFieldHelpers.UFFHasAllMoleculeParams(mol):
            found = rdForceFieldHelpers.UFFOptimizeMoleculeConfs(mol, maxIters=500)
        else:
            found = [(0, 0.0)] * len(ids)
        order = [ids[i] for i in np.argsort([energy for _, energy in found], kind="stable")]
    keep = settings.ranked if atoms < settings.large else settings.ranked_large
    return [np.array(mol.GetConformer(i).GetPositions()) for i in order[:keep]], len(ids)


def _spread_hypervalent(mol: Chem.Mol, options: rdDistGeom.EmbedParameters) -> None:
    """Keep the ligands of atoms with five and more of them apart, as in hexafluorophosphate.

    RDKit knows no angles there and puts ligands on top of each other. An octahedron has 1.41 bond
    lengths between neighbouring ligands.
    """
    centres = [atom for atom in mol.GetAtoms() if atom.GetDegree() > 4]
    if not centres:
        return
    bounds = rdDistGeom.GetMoleculeBoundsMatrix(mol)
    for centre in centres:
        ligands = sorted(atom.GetIdx() for atom in centre.GetNeighbors())
        for low, high in combinations(ligands, 2):
            if mol.GetBondBetweenAtoms(low, high) is None:
                ends = sorted((centre.GetIdx(), low)), sorted((centre.GetIdx(), high))
                lengths = [bounds[a, b] for a, b in ends]
                bounds[high, low] = 1.35 * min(lengths)
                bounds[low, high] = max(bounds[low, high], sum(lengths))
    if DistanceGeometry.DoTriangleSmoothing(bounds):
        options.SetBoundsMat(bounds)


def _same_bonds(mol: Chem.Mol, positions: FloatArray) -> bool:
    """Whether atoms are near each other where the SMILES has bonds, and only there."""
    table = Chem.GetPeriodicTable()
    radii = np.array([table.GetRcovalent(atom.GetAtomicNum()) for atom in mol.GetAtoms()])
    distance = np.linalg.norm(positions[:, None] - positions[None], axis=-1)
    bonded = np.asarray(Chem.GetAdjacencyMatrix(mol), dtype=bool)
    usual = radii[:, None] + radii[None]
    apart = ~bonded & ~np.eye(len(radii), dtype=bool)
    return not (
        bool((distance[bonded] > 1.35 * usual[bonded]).any())
        or bool((distance[apart] < 1.10 * usual[apart]).any())
    )
