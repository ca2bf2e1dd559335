"""Simulated properties of ionic liquids at 298.15 K and 101.325 kPa, and how good they are.

A COSMO-RS-type simulation, openCOSMO-RS 24a parameters on PM7/COSMO surfaces (see
:mod:`core.simulate.cosmors`), gives volumes, surfaces and energies of ions and of their pairs. Few
coefficients turn them into a property, fitted on measured ionic liquids. They must be those that a
split trains on: otherwise the simulated values would tell of its test liquids.

Density, heat capacity and viscosity have a relation. Surface tension and melting point have none:
the simulation knows neither the surface of the liquid nor the crystal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.checkpoints import Metrics
from core.features import DESCRIPTOR_NAMES, descriptors
from core.properties import PROPERTIES, REFERENCE_TEMPERATURE_K
from core.simulate.pairs import PAIR_NAMES, ion_pairs
from core.simulated import SimulatedTable, simulated
from core.train.data import EVALUATED_KINDS, BoolArray, folds
from core.train.ionic_liquids_problem import FOLDS, SPLIT_SEED, Problem, tier_liquids

__all__ = [
    "RELATIONS",
    "FittedRelation",
    "Relation",
    "SimulatedLiquids",
    "experimental_at_reference",
    "fit_relation",
    "simulator_accuracy",
]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

# Measured rows that tell the value at the reference state.
_SPAN_K: Final = 30.0
_BEYOND_K: Final = 5.5  # so far outside the rows' temperatures the reference may lie
_SAME_K: Final = 1.0  # a lone temperature has to be the reference itself
_HIGHEST_KPA: Final = 1000.0  # the density changes by less than 0.1 % up to there

_ROBUST: Final = 1.5  # residuals beyond this many typical ones count linearly
_ROUNDS: Final = 10

# Of the simulated ions, one number each of the cation and of the anion: those of some thirty that,
# one after the other, took most off the errors of left-out liquids of the folds. So the accuracy of
# the viscosity is a little flattered by the choice.
_OF_IONS: Final = (
    "pm7_dielectric_energy_eV",
    "sigma_min_e_A2",
    "donor_moment_2",
    "shape",
    "rotatable_bonds",
)


@dataclass(frozen=True, eq=False)
class SimulatedLiquids:
    """Ionic liquids as rows of the table of simulated ions.

    Attributes:
        table: of ions.
        cation: row of each cation in ``table``, -1 where it was not simulated, shape (liquids,).
        anion: the same for anions.
        counts: cations and anions in a formula unit, shape (liquids, 2).
        quantities: of the pairs, as :func:`core.simulate.pairs.ion_pairs` gives them, where they
            are at hand already; computed without (about a millisecond a pair).
    """

    table: SimulatedTable
    cation: IntArray
    anion: IntArray
    counts: IntArray
    quantities: FloatArray | None = None

    @classmethod
    def of(cls, liquids: pd.DataFrame, table: SimulatedTable | None = None) -> SimulatedLiquids:
        """Find the ions of measured ionic liquids.

        Args:
            liquids: with columns ``cation``, ``anion`` (canonical SMILES), ``n_cation`` and
                ``n_anion``.
            table: of ions; that of the project if not given.
        """
        table = table or simulated("ions")
        rows = [
            np.array([table.index.get(smiles, -1) for smiles in liquids[role]], np.int64)
            for role in ("cation", "anion")
        ]
        counts = liquids[["n_cation", "n_anion"]].to_numpy(np.int64)
        return cls(table, rows[0], rows[1], counts)

    @cached_property
    def known(self) -> BoolArray:
        """Where both ions were simulated, shape (liquids,)."""
        found: BoolArray = (self.cation >= 0) & (self.anion >= 0)
        return found

    @cached_property
    def volume(self) -> FloatArray:
        """Sum of the COSMO volumes of a formula unit, Å³; NaN where an ion is not known."""
        return self._sum(self.table.column("volume_A3"))

    @cached_property
    def molar_mass(self) -> FloatArray:
        """Of a formula unit, g/mol; NaN where an ion is not known."""
        return self._sum(_of_structure(self.table)["molar_mass"])

    @cached_property
    def viscous(self) -> FloatArray:
        """What the viscosity depends on, shape (liquids, inputs); NaN where it is not known.

        Only pairs of one cation and one anion have it: the COSMO-RS quantities are of those.
        """
        chosen = self.known & (self.counts == 1).all(axis=1)
        found = np.full((len(chosen), len(_VISCOUS)), np.nan)
        cation, anion = self.cation[chosen], self.anion[chosen]
        volume = self.table.column("volume_A3")
        radius = np.cbrt(0.75 / np.pi * volume)
        numbers = [_of_ion(self.table, name) for name in _OF_IONS]
        if self.quantities is None:
            pairs = ion_pairs(self.table, cation, anion)
        else:
            pairs = self.quantities[chosen]
        found[chosen] = np.column_stack(
            [
                volume[cation] + volume[anion],
                1 / (radius[cation] + radius[anion]),
                pairs,
                *(number[rows] for number in numbers for rows in (cation, anion)),
            ]
        )
        return found

    def _sum(self, numbers: FloatArray) -> FloatArray:
        total = self.counts[:, 0] * numbers[self.cation] + self.counts[:, 1] * numbers[self.anion]
        result: FloatArray = np.where(self.known, total, np.nan)
        return result


@lru_cache(maxsize=2)
def _of_structure(table: SimulatedTable) -> Mapping[str, FloatArray]:
    """Numbers of the ions that need no simulation."""
    found = descriptors(table.smiles).astype(np.float64)
    return {
        name: found[:, DESCRIPTOR_NAMES.index(name)] for name in ("molar_mass", "rotatable_bonds")
    }


def _of_ion(table: SimulatedTable, name: str) -> FloatArray:
    """One of :data:`_OF_IONS` for all ions."""
    if name == "shape":
        return table.column("gyration_radius_A") / np.cbrt(table.column("volume_A3"))
    return table.column(name) if name in table.names else _of_structure(table)[name]


_VISCOUS: Final = (
    "volume_A3",
    "inverse_distance_1_A",
    *PAIR_NAMES,
    *(f"{name}_{role}" for name in _OF_IONS for role in ("cation", "anion")),
)


@dataclass(frozen=True)
class Relation:
    """How a property follows from the simulation: what is linear in what.

    Attributes:
        names: of the inputs; the constant comes before them.
        inputs: of ionic liquids, shape (liquids, inputs).
        scale: the size of the errors to be expected, up to a factor, shape (liquids,).
        forward: from the property in its unit to what is linear in the inputs.
        inverse: back.
        ridge: penalty of the squared coefficients of standardised inputs, per ionic liquid.
    """

    names: tuple[str, ...]
    inputs: Callable[[SimulatedLiquids], FloatArray]
    scale: Callable[[SimulatedLiquids], FloatArray]
    forward: Callable[[FloatArray, SimulatedLiquids], FloatArray]
    inverse: Callable[[FloatArray, SimulatedLiquids], FloatArray]
    ridge: float = 0.0


def _volume(liquids: SimulatedLiquids) -> FloatArray:
    return liquids.volume[:, None]


def _by_mass(value: FloatArray, liquids: SimulatedLiquids) -> FloatArray:
    """Molar volume in cm³/mol from density in kg/m³, and the other way round."""
    result: FloatArray = 1000.0 * liquids.molar_mass / value
    return result


RELATIONS: Final[Mapping[str, Relation]] = MappingProxyType(
    {
        "density_kg_m3": Relation(
            names=("volume_A3",),
            inputs=_volume,
            scale=lambda liquids: liquids.volume,
            forward=_by_mass,
            inverse=_by_mass,
        ),
        "viscosity_mPa_s": Relation(
            names=_VISCOUS,
            inputs=lambda liquids: liquids.viscous,
            scale=lambda liquids: np.ones(len(liquids.known)),
            forward=lambda value, _: np.log(value),
            # Beyond this all is clipped, and nothing overflows.
            inverse=lambda log, _: np.exp(np.clip(log, -50.0, 50.0)),
            ridge=0.01,
        ),
        "heat_capacity_J_mol_K": Relation(
            names=("volume_A3",),
            inputs=_volume,
            scale=lambda liquids: liquids.volume,
            forward=lambda value, _: value,
            inverse=lambda value, _: value,
        ),
    }
)
"""Of each property that has one: molar volume and heat capacity are linear in the volume of the
ions, ln viscosity in sizes, shapes, energies and chemical potentials of the pair."""


@dataclass(frozen=True, eq=False)
class FittedRelation:
    """A relation with its coefficients.

    Attributes:
        key: of the property.
        constant: what is added, in cm³/mol for the density, J/mol/K for the heat capacity, ln of
            mPa·s for the viscosity.
        coefficients: of the inputs in the order of :attr:`Relation.names`, in that unit per unit of
            the input, shape (inputs,).
        used: how many ionic liquids it was fitted on.
        left_out: how many training liquids have a value but are not simulated.
        table: the ions that it can be used for.
    """

    key: str
    constant: float
    coefficients: FloatArray
    used: int
    left_out: int
    table: SimulatedTable

    def of(self, liquids: SimulatedLiquids) -> FloatArray:
        """Values in the property's unit, within its bounds; NaN where they are not simulated."""
        relation = RELATIONS[self.key]
        linear = self.constant + relation.inputs(liquids) @ self.coefficients
        return PROPERTIES[self.key].clip(relation.inverse(linear, liquids))

    def predict(
        self,
        cations: IntArray,
        anions: IntArray,
        counts: IntArray | None = None,
        quantities: FloatArray | None = None,
    ) -> FloatArray:
        """Values at 298.15 K and 101.325 kPa of any pairs of simulated ions.

        Args:
            cations: rows in the table of ions, shape (pairs,); -1 gives NaN.
            anions: the same for anions.
            counts: cations and anions in a formula unit, shape (pairs, 2); 1:1 if not given.
            quantities: as in :class:`SimulatedLiquids`; used by the viscosity alone.

        Returns:
            Shape (pairs,), in the unit of the property and within its bounds.
        """
        if counts is None:
            counts = np.ones((len(cations), 2), np.int64)
        return self.of(SimulatedLiquids(self.table, cations, anions, counts, quantities))


def fit_relation(
    key: str, liquids: SimulatedLiquids, value: FloatArray, train: BoolArray
) -> FittedRelation:
    """Fit the coefficients of a property on training ionic liquids.

    Huber's loss by reweighted least squares: a few measured values are far off.

    Args:
        key: of the property, one of :data:`RELATIONS`.
        liquids: ionic liquids.
        value: measured at the reference state in the property's unit, NaN where it was not,
            shape (liquids,).
        train: which may be looked at, shape (liquids,).

    Raises:
        KeyError: if the property has no relation.
        ValueError: if there are fewer values than coefficients.
    """
    relation = RELATIONS[key]
    inputs = relation.inputs(liquids)
    measured = train & np.isfinite(value)
    chosen = measured & np.isfinite(inputs).all(axis=1)
    if chosen.sum() <= len(relation.names):
        raise ValueError(
            f"{PROPERTIES[key].label}: the relation needs values of at least "
            f"{len(relation.names) + 1} simulated ionic liquids, there are {chosen.sum()}"
        )
    x, y = inputs[chosen], relation.forward(value, liquids)[chosen]
    constant, coefficients = _regression(x, y, relation.scale(liquids)[chosen], relation.ridge)
    used = int(chosen.sum())
    left_out = int(measured.sum()) - used
    return FittedRelation(key, constant, coefficients, used, left_out, liquids.table)


def _regression(
    x: FloatArray, y: FloatArray, scale: FloatArray, ridge: float
) -> tuple[float, FloatArray]:
    """Constant and coefficients of y = constant + x @ coefficients, robustly."""
    base = np.mean(scale) ** 2 / scale**2
    spread = x.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    least = 1e-9 * float(np.abs(y).mean())  # all residuals may be rounding errors
    weight = base
    coefficients, constant = np.zeros(x.shape[1]), 0.0
    for _ in range(_ROUNDS):
        centre, level = np.average(x, axis=0, weights=weight), np.average(y, weights=weight)
        z = (x - centre) / spread
        matrix = (z * weight[:, None]).T @ z + ridge * weight.sum() * np.eye(z.shape[1])
        coefficients = np.linalg.lstsq(matrix, (z * weight[:, None]).T @ (y - level))[0] / spread
        constant = float(level - centre @ coefficients)
        apart = np.abs(y - constant - x @ coefficients) * np.sqrt(base)
        # 1.4826 times the median is the standard deviation of normal residuals.
        most = max(_ROBUST * 1.4826 * float(np.median(apart)), least)
        weight = base * most / np.maximum(apart, most)
    return constant, coefficients


def experimental_at_reference(problem: Problem) -> dict[str, FloatArray]:
    """Measured values at 298.15 K near atmospheric pressure, of the properties with a relation.

    Each comes from the liquid's own rows within 30 K: a straight line in the temperature, or
    ln viscosity as a parabola in its reciprocal.

    Returns:
        Property -> values in its unit, shape (liquids,); NaN for liquids without rows that tell.
    """
    temperature = problem.temperature.numpy().astype(np.float64)
    near = np.abs(temperature - REFERENCE_TEMPERATURE_K) <= _SPAN_K
    near &= problem.pressure.numpy() <= _HIGHEST_KPA
    found = {}
    for key in RELATIONS:
        spec = PROPERTIES[key]
        rows = np.flatnonzero(near & (problem.row_key == key))
        value = spec.inverse(problem.target.numpy()[rows])
        table = pd.DataFrame(
            {"liquid": problem.row_liquid[rows], "temperature": temperature[rows], "value": value}
        )
        result = np.full(len(problem.dataset.liquids), np.nan)
        for liquid, own in table.groupby("liquid"):
            result[liquid] = _at_reference(
                key, own["temperature"].to_numpy(), own["value"].to_numpy()
            )
        found[key] = result
    return found


def _at_reference(key: str, temperature: FloatArray, value: FloatArray) -> float:
    """The value at the reference temperature, NaN if the rows do not tell."""
    apart = temperature - REFERENCE_TEMPERATURE_K
    if apart.min() > _BEYOND_K or apart.max() < -_BEYOND_K:
        return np.nan
    different = len(np.unique(apart.round()))
    if different == 1 and np.abs(apart).max() > _SAME_K:
        return np.nan
    if key != "viscosity_mPa_s":
        return float(np.polynomial.polynomial.polyfit(apart, value, min(1, different - 1))[0])
    reciprocal = 1000.0 / temperature - 1000.0 / REFERENCE_TEMPERATURE_K
    degree = min(2, different - 1)
    return float(np.exp(np.polynomial.polynomial.polyfit(reciprocal, np.log(value), degree)[0]))


def simulator_accuracy(problem: Problem, table: SimulatedTable | None = None) -> Metrics:
    """How good the simulated values are: grouped cross-validation over the project's folds.

    The coefficients of each fold are fitted on its training liquids alone, and the errors are those
    of its left-out liquids of its tier. Surface tension and melting point have no relation, so they
    are not among the results.

    Args:
        problem: the measured data.
        table: of ions; that of the project if not given.

    Returns:
        Property -> tier -> ``simulation`` -> ``r``, ``MAE`` (in the property's unit, or in log10
        units where it is learned on that scale), ``AARD`` in percent, ``n_liquids`` tested and
        ``n_not_simulated``, left-out liquids of the tier that could not be tested.
    """
    every = problem.dataset.liquids
    liquids = SimulatedLiquids.of(every, table)
    metrics: Metrics = {}
    for key, value in experimental_at_reference(problem).items():
        tiers = metrics.setdefault(key, {})
        for kind in EVALUATED_KINDS:
            predicted = np.full(len(every), np.nan)
            asked = np.zeros(len(every), dtype=bool)
            for fold in folds(every, kind, FOLDS, SPLIT_SEED):
                test = tier_liquids(problem.dataset, fold, key) & np.isfinite(value)
                fitted = fit_relation(key, liquids, value, fold.train)
                predicted[test] = fitted.of(liquids)[test]
                asked |= test
            tested = asked & np.isfinite(predicted)
            tiers[kind] = {
                "simulation": _measures(key, value[tested], predicted[tested])
                | {"n_not_simulated": float(asked.sum() - tested.sum())}
            }
    return metrics


def _measures(key: str, value: FloatArray, predicted: FloatArray) -> dict[str, float]:
    spec = PROPERTIES[key]
    y, y_predicted = spec.for_errors(value), spec.for_errors(predicted)
    return {
        "r": float(np.corrcoef(y, y_predicted)[0, 1]),
        "MAE": float(np.abs(y_predicted - y).mean()),
        "AARD": float(np.abs(predicted / value - 1.0).mean() * 100.0),
        "n_liquids": float(len(value)),
    }
