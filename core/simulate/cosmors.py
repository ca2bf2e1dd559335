"""COSMO-RS on a common grid of segment types: many mixtures at once.

The equations are those of openCOSMO-RS (doi 10.1016/j.fluid.2022.113472) with its parameters 24a
(arXiv 2407.03434). There, the energy of two touching segments depends on two numbers of each: the
screening charge density averaged over a radius of 0.5 Å, sigma, and the part of the density
averaged over 1 Å that sigma does not explain, sigma_orth. So a molecule is the area that it has of
each type of segment on a grid of the two, a mixture is a sum of such vectors, and the condition of
equilibrium (COSMOspace, doi 10.1002/aic.690481023) is one product of matrices for many mixtures.
The parameters were fitted to surfaces of another quantum-chemical method than the one used here, so
this is a simulation of the COSMO-RS type, not openCOSMO-RS 24a.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.simulate.surface import Surface

__all__ = ["CONTACT_AREA", "GRID", "Mixtures", "SegmentGrid", "Solver"]

FloatArray = NDArray[np.float64]
SingleArray = NDArray[np.float32]

GAS_CONSTANT: Final = 8.31446261815324  # J/mol/K
REFERENCE_TEMPERATURE_K: Final = 298.15

# openCOSMO-RS 24a.
CONTACT_AREA: Final = 5.9248470  # Å²
_MISFIT: Final = 7.2847361e6  # J Å² / mol / e²
_CORRELATION_FACTOR: Final = 2.4
_HYDROGEN_BOND: Final = 4.3311555e7  # J Å² / mol / e²
_HYDROGEN_BOND_THRESHOLD: Final = 9.6112460e-3  # e/Å²
_HYDROGEN_BOND_GROWTH: Final = 1.5

_TOLERANCE: Final = 2e-6  # of ln of the activity coefficients of the segments
_TRACE: Final = 1e-6  # surface fraction below which that does not matter
_MOST_STEPS: Final = 500
_MOST_SUBSTITUTIONS: Final = 5000
_FIRST_MIXED: Final = 3
_MEMORY: Final = 3  # earlier steps that a new one is made of
_REGULARISATION: Final = 1e-7
_CHUNK: Final = 256  # media at once: they fit into the cache


@dataclass(frozen=True)
class SegmentGrid:
    """The types of segments: every pair of a sigma and a sigma_orth.

    Attributes:
        sigma: ascending, e/Å².
        orth: ascending, e/Å².
    """

    sigma: FloatArray
    orth: FloatArray

    @property
    def size(self) -> int:
        """The number of types; type ``i * len(orth) + j`` has ``sigma[i]`` and ``orth[j]``."""
        return len(self.sigma) * len(self.orth)

    def profile(
        self, surface: Surface, charge: int, keep: NDArray[np.bool_] | None = None
    ) -> FloatArray:
        """The area of each type that a molecule has.

        A segment is divided among the four types around it so that the means are kept.

        Args:
            surface: of the molecule.
            charge: of the molecule.
            keep: which segments count, shape (segments,); all without it.

        Returns:
            Shape (size,), Å². Beyond the grid, its edge counts.
        """
        sigma, orth = surface.densities(charge)
        area = surface.segment_area if keep is None else surface.segment_area * keep
        low, part = _placed(sigma, self.sigma)
        low_orth, part_orth = _placed(orth, self.orth)
        found = np.zeros((len(self.sigma), len(self.orth)))
        for step in (0, 1):
            for step_orth in (0, 1):
                weight = np.abs(1 - step - part) * np.abs(1 - step_orth - part_orth)
                np.add.at(found, (low + step, low_orth + step_orth), weight * area)
        return found.ravel()


def _placed(values: FloatArray, grid: FloatArray) -> tuple[NDArray[np.int64], FloatArray]:
    """For each value the grid point below, and how far it is from there to the next (0 to 1)."""
    place = np.clip((values - grid[0]) / (grid[1] - grid[0]), 0, len(grid) - 1)
    low = np.minimum(place.astype(np.int64), len(grid) - 2)
    return low, place - low


# All of some thousand ions and solvents lies inside.
GRID: Final = SegmentGrid(
    np.linspace(-0.036, 0.036, 73, dtype=np.float64),
    np.linspace(-0.01, 0.014, 13, dtype=np.float64),
)


@dataclass(frozen=True)
class Mixtures:
    """Equimolar mixtures of two molecules at equilibrium; arrays of shape (2, mixtures).

    The first row is of the first molecule, the second of the second one.

    Attributes:
        potential: residual chemical potential, J/mol, against the molecule in a conductor.
        misfit: mean misfit energy of a mole, J/mol.
        hydrogen_bond: mean free energy of the hydrogen bonds of a mole, J/mol.
        own_contacts: which part of the surface touches molecules of its own kind, 0 to 1.
    """

    potential: FloatArray
    misfit: FloatArray
    hydrogen_bond: FloatArray
    own_contacts: FloatArray


class Solver:
    """Segments of given types in equilibrium at one temperature.

    Args:
        sigma: of each type, shape (types,), e/Å².
        orth: sigma_orth of each type, shape (types,), e/Å².
        temperature_K: temperature.
    """

    def __init__(
        self,
        sigma: FloatArray,
        orth: FloatArray,
        temperature_K: float = REFERENCE_TEMPERATURE_K,
    ) -> None:
        self._RT = GAS_CONSTANT * temperature_K
        both = sigma[:, None] + sigma[None]
        both_orth = orth[:, None] + orth[None]
        misfit = 0.5 * _MISFIT * CONTACT_AREA * both * (both + _CORRELATION_FACTOR * both_orth)
        growth = 1 + _HYDROGEN_BOND_GROWTH * (REFERENCE_TEMPERATURE_K / temperature_K - 1)
        acceptor = np.maximum(sigma - _HYDROGEN_BOND_THRESHOLD, 0.0)
        donor = np.minimum(sigma + _HYDROGEN_BOND_THRESHOLD, 0.0)
        product = acceptor[:, None] * donor[None]
        bond = max(growth, 0.0) * _HYDROGEN_BOND * CONTACT_AREA * (product + product.T)
        weight = np.exp(-(misfit + bond) / self._RT)
        self._weight = weight.astype(np.float32)
        self._misfit = (weight * misfit).astype(np.float32)
        self._bond = (weight * bond).astype(np.float32)

    def segment_logs(self, areas: FloatArray | SingleArray) -> SingleArray:
        """Activity coefficients of all types of segments in some media, as ln.

        Args:
            areas: of each type in a medium, shape (media, types), in any unit.

        Returns:
            Shape (media, types).

        Raises:
            RuntimeError: if the equations cannot be solved, as for a medium without surface.
        """
        parts = [
            self._solved(np.asarray(areas[start : start + _CHUNK], np.float32))
            for start in range(0, len(areas), _CHUNK)
        ]
        return np.concatenate(parts) if parts else np.zeros(areas.shape, np.float32)

    # An overshoot of the acceleration is noticed and mended: no warning is due.
    @np.errstate(over="ignore", invalid="ignore")
    def _solved(self, areas: SingleArray) -> SingleArray:
        """:meth:`segment_logs` of few media, by Anderson's acceleration of damped substitution.

        Substitution alone takes hundreds of steps where the segments fall into donors and acceptors
        that only touch each other, as cations and anions do.
        """
        x = areas / areas.sum(1, keepdims=True)
        result: SingleArray = np.zeros_like(x)
        active = np.arange(len(x))
        logs = np.zeros_like(x)
        steps: list[SingleArray] = []  # differences of successive values, and of their residuals
        changes: list[SingleArray] = []
        before: tuple[SingleArray, SingleArray] | None = None
        for number in range(_MOST_STEPS):
            residual = -0.5 * (logs + np.log((x * np.exp(logs)) @ self._weight))
            done = np.abs(np.where(x > _TRACE, residual, 0)).max(1) < _TOLERANCE
            if done.any():
                # A type that the medium has none of follows from the others at once.
                step = np.where(x > _TRACE, residual, 2 * residual)
                result[active[done]] = logs[done] + step[done]
                keep = ~done
                if not keep.any():
                    return result
                active, x, logs, residual = active[keep], x[keep], logs[keep], residual[keep]
                steps, changes = [a[keep] for a in steps], [a[keep] for a in changes]
                before = (before[0][keep], before[1][keep]) if before else None
            if before:
                steps = [*steps, logs - before[0]][-_MEMORY:]
                changes = [*changes, residual - before[1]][-_MEMORY:]
            before = logs, residual
            logs = logs + residual
            if number >= _FIRST_MIXED:
                logs = logs - _mixed(x, residual, steps, changes)
            wild = ~np.isfinite(logs).all(1)
            if wild.any():  # acceleration overshot: such a medium is left to plain substitution
                result[active[wild]] = self._substituted(x[wild])
                keep = ~wild
                if not keep.any():
                    return result
                active, x, logs = active[keep], x[keep], logs[keep]
                steps, changes = [a[keep] for a in steps], [a[keep] for a in changes]
                before = before[0][keep], before[1][keep]
        result[active] = self._substituted(x)
        return result

    def _substituted(self, x: SingleArray) -> SingleArray:
        """:meth:`_solved` by damped substitution, slow and sure; ``x`` are surface fractions."""
        logs: SingleArray = np.zeros_like(x)
        for _ in range(_MOST_SUBSTITUTIONS):
            residual = -0.5 * (logs + np.log((x * np.exp(logs)) @ self._weight))
            logs = logs + residual
            if np.abs(np.where(x > _TRACE, residual, 0)).max() < _TOLERANCE:
                return np.where(x > _TRACE, logs, logs + residual)
        raise RuntimeError("COSMO-RS: no equilibrium of the segments was found")

    def equimolar(
        self, first: FloatArray | SingleArray, second: FloatArray | SingleArray
    ) -> Mixtures:
        """Equimolar mixtures, as a salt of its ions is one.

        Args:
            first: areas of the types of segments, shape (mixtures, types), Å².
            second: the same of the other molecule of each mixture.
        """
        parts = [
            self._equimolar(
                np.asarray(first[start : start + _CHUNK], np.float32),
                np.asarray(second[start : start + _CHUNK], np.float32),
            )
            for start in range(0, len(first), _CHUNK)
        ]
        return Mixtures(*np.concatenate(parts or [np.zeros((4, 2, 0))], axis=2))

    # Types of segments that no molecule has can get energies beyond all numbers; they do not count.
    @np.errstate(over="ignore", invalid="ignore")
    def _equimolar(self, first: SingleArray, second: SingleArray) -> FloatArray:
        total = first + second
        logs = self._solved(total)
        gamma = np.exp(logs)
        whole = total.sum(1, keepdims=True)
        mixed = total / whole * gamma
        there = total > 0
        misfit = np.where(there, gamma * (mixed @ self._misfit), 0)
        bond = np.where(there, gamma * (mixed @ self._bond), 0)
        rows = []
        for areas in (first, second):
            own = gamma * ((areas / whole * gamma) @ self._weight)
            segments = areas / np.float32(CONTACT_AREA)
            rows.append(
                [
                    self._RT * (segments * logs).sum(1, dtype=np.float64),
                    0.5 * (segments * misfit).sum(1, dtype=np.float64),
                    0.5 * (segments * bond).sum(1, dtype=np.float64),
                    (areas * own).sum(1, dtype=np.float64) / areas.sum(1, dtype=np.float64),
                ]
            )
        return np.array(rows).transpose(1, 0, 2)


def _mixed(
    x: SingleArray, residual: SingleArray, steps: list[SingleArray], changes: list[SingleArray]
) -> SingleArray:
    """What Anderson's acceleration takes off the plain step, weighted by surface fractions."""
    weight = np.sqrt(x)
    columns = np.stack([change * weight for change in changes], axis=1)
    matrix = (columns @ columns.transpose(0, 2, 1)).astype(np.float64)
    right = (columns @ (residual * weight)[:, :, None]).astype(np.float64)
    scale = np.maximum(np.trace(matrix, axis1=1, axis2=2), 1e-25)[:, None, None]
    matrix = matrix / scale + _REGULARISATION * np.eye(len(changes))
    factors = np.linalg.solve(matrix, right / scale)[:, :, 0].astype(np.float32)
    result: SingleArray = np.zeros_like(x)
    for number, (step, change) in enumerate(zip(steps, changes, strict=True)):
        result += factors[:, number, None] * (step + change)
    return result
