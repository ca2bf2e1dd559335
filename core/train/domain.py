"""What the applicability domain needs of the training data: limits, elements, ranges.

Aggregates alone go into a card: quantiles of distances and spreads, symbols, lowest and highest
temperatures of families. :mod:`core.domain` says what they mean.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.chemistry import Ion, Role, canonical_ion, family, parse_polymer, parse_solvent
from core.domain import (
    ANY,
    FAR_SHARE,
    INSIDE,
    NEAR,
    NEAR_SHARES,
    NEW_CHARGE,
    NEW_ELEMENT,
    OUTSIDE,
    Domain,
    Limits,
    between,
    codes,
    elements_of,
    limits_of,
    nearest,
    scale_of,
    scaled,
    standings,
)
from core.features import DESCRIPTOR_NAMES
from core.features import polymer_solvent as features
from core.properties import PROPERTIES
from core.train.data import BoolArray
from core.train.ionic_liquids_problem import Problem

__all__ = [
    "DESCRIPTORS",
    "IonSide",
    "MoleculeSide",
    "disagreement_limits",
    "family_ranges",
    "graded_by_disagreement",
    "ionic_liquid_domain",
    "miscibility_domain",
    "strange_ions",
]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
CodeArray = NDArray[np.uint8]

DESCRIPTORS: Final = len(DESCRIPTOR_NAMES)
_ROLES: Final[tuple[Role, ...]] = ("cation", "anion")
# Where the members' disagreement sorts errors, found on three folds of five: not heat capacities.
_DISAGREEMENT: Final = tuple(key for key in PROPERTIES if key != "heat_capacity_J_mol_K")
_ATMOSPHERIC_KPA: Final = 200.0


def disagreement_limits(role: str, spread: FloatArray, system: IntArray) -> Limits:
    """Limits of the spread of members, from held-out pairs of known molecules.

    Args:
        role: of the model.
        spread: on the learned scale, shape (rows,).
        system: which pair a row belongs to; each counts once.
    """
    by_system = pd.Series(spread).groupby(system).mean().to_numpy()
    return limits_of(by_system, NEAR_SHARES[role], FAR_SHARE)


def graded_by_disagreement(key: str, spread: FloatArray, limits: Mapping[str, Limits]) -> CodeArray:
    """Grades by the members' spread (n,); all inside where it does not sort errors."""
    if key not in _DISAGREEMENT:
        return np.zeros(len(spread), dtype=np.uint8)
    return codes(spread, limits[key])


# ------------------------------------------------------------------------------------ ionic liquids


class IonSide:
    """The measured cations, or anions, of a training part, and how far others lie from them.

    Attributes:
        role: cation or anion.
        scales: of descriptors, by property; :data:`core.domain.ANY` for all of them.
        limits: of distances in descriptors so scaled, likewise.
        elements: symbols that measured ones hold.
        charges: that measured ones have.
    """

    def __init__(self, problem: Problem, train: BoolArray, role: Role) -> None:
        place = _ROLES.index(role)
        index = (problem.cation, problem.anion)[place]
        self.role, self.index = role, index
        self._of_ions = problem.of_ions[place]
        self._ions = [canonical_ion(s) for s in (problem.cations, problem.anions)[place]]
        self.families = [family(ion) for ion in self._ions]
        measured = problem.dataset.measured
        self.known = {key: np.unique(index[train & measured[key]]) for key in PROPERTIES}
        self.known[ANY] = np.unique(index[train])
        seen = [self._ions[i] for i in self.known[ANY]]
        self.elements = frozenset[str]().union(*(elements_of(ion.formula) for ion in seen))
        self.charges = frozenset(ion.charge for ion in seen)
        raw = problem.inputs[place].numpy()[:, :DESCRIPTORS].astype(np.float64)
        self.scales, self.limits, self._points = {}, {}, {}
        for key, rows in self.known.items():
            self.scales[key] = scale_of(raw[rows])
            self._points[key] = scaled(raw, self.scales[key])
            self.limits[key] = limits_of(between(self._points[key][rows]))

    def codes(self, key: str) -> CodeArray:
        """Grades of all ions of the problem for a property, by descriptors, shape (ions,)."""
        apart, _ = nearest(self._points[key], self._points[key][self.known[key]])
        found = codes(apart, self.limits[key])
        found[self._strange(self._ions) > 0] = OUTSIDE
        return found

    def standings(
        self, key: str, more: Sequence[str], embeddings: FloatArray, far: float
    ) -> CodeArray:
        """How the ions of the problem stand for a property, and then ``more`` ions.

        Args:
            key: the property.
            more: SMILES of further ions.
            embeddings: of the ions of the problem, then of those, shape (ions, d).
            far: limit of the distance in the embedding.
        """
        points = self._points[key]
        if more:
            raw = self._of_ions(more).numpy()[:, :DESCRIPTORS].astype(np.float64)
            points = np.concatenate([points, scaled(raw, self.scales[key])])
        rows = self.known[key]
        found = standings(
            nearest(points, points[rows])[0],
            self.limits[key],
            nearest(embeddings, embeddings[rows])[0],
            far,
        )
        strange = self._strange([*self._ions, *map(canonical_ion, more)])
        return np.where(strange > 0, strange, found).astype(np.uint8)

    def _strange(self, ions: Sequence[Ion]) -> CodeArray:
        """Standing of ions with an element or a charge that no measured one has, else 0."""
        return np.array(
            [
                NEW_ELEMENT
                if not elements_of(ion.formula) <= self.elements
                else NEW_CHARGE
                if ion.charge not in self.charges
                else NEAR
                for ion in ions
            ],
            dtype=np.uint8,
        )


def strange_ions(problem: Problem, train: BoolArray) -> dict[str, IntArray]:
    """How many ions of each liquid are not inside by their descriptors, with a part for training.

    Args:
        problem: the data.
        train: mask of the liquids learned from, shape (liquids,).

    Returns:
        By property, shape (liquids,).
    """
    sides = [IonSide(problem, train, role) for role in _ROLES]
    return {
        key: np.sum([side.codes(key)[side.index] > INSIDE for side in sides], axis=0)
        for key in PROPERTIES
    }


def ionic_liquid_domain(
    problem: Problem,
    embeddings: Mapping[str, Mapping[str, FloatArray]],
    more: Mapping[str, Sequence[str]],
    disagreement: Mapping[str, Limits],
) -> Domain:
    """The domain of a model that has learned from all liquids of a problem.

    Args:
        problem: the data.
        embeddings: by property and role, of the ions of the problem and then of ``more``, shape
            (ions, d).
        more: by role, ions that the model keeps in its tables without any measurement.
        disagreement: limits of the members' spread by property.
    """
    every = np.ones(len(problem.dataset.liquids), dtype=np.bool_)
    sides: dict[str, IonSide] = {role: IonSide(problem, every, role) for role in _ROLES}
    keys = (*PROPERTIES, ANY)
    far = {
        key: {
            role: limits_of(between(embeddings[key][role][side.known[key]])).far
            for role, side in sides.items()
        }
        for key in keys
    }
    return Domain(
        scales={key: {role: own.scales[key] for role, own in sides.items()} for key in keys},
        descriptors={key: {role: own.limits[key] for role, own in sides.items()} for key in keys},
        embedding=far,
        disagreement={key: disagreement[key] for key in _DISAGREEMENT},
        elements={role: side.elements for role, side in sides.items()},
        charges={role: side.charges for role, side in sides.items()},
        families=family_ranges(problem, every, sides),
        tabled={
            role: {
                key: side.standings(key, more[role], embeddings[key][role], far[key][role])
                for key in keys
            }
            for role, side in sides.items()
        },
    )


def family_ranges(
    problem: Problem, train: BoolArray, sides: Mapping[str, IonSide]
) -> dict[str, dict[str, dict[str, dict[str, tuple[float, float]]]]]:
    """Lowest and highest temperature and pressure by property, role, family and variable."""
    rows = problem.dataset.select(train)
    found: dict[str, dict[str, dict[str, dict[str, tuple[float, float]]]]] = {}
    for key, spec in PROPERTIES.items():
        if not spec.depends_on_temperature:
            continue
        own = rows[rows["property"] == key]
        variables = ["temperature_K", *(["pressure_kPa"] if spec.depends_on_pressure else [])]
        found[key] = {}
        for role, side in sides.items():
            named = np.array(side.families, dtype=object)[side.index[own["liquid"].to_numpy()]]
            ends = own[variables].groupby(named).agg(["min", "max"])
            found[key][role] = {
                str(name): {
                    variable: _span(variable, *line[variable].tolist()) for variable in variables
                }
                for name, line in ends.iterrows()
            }
    return found


def _span(variable: str, low: float, high: float) -> tuple[float, float]:
    if variable == "pressure_kPa":
        return 0.0, max(high, _ATMOSPHERIC_KPA)
    return round(low, 2), round(high, 2)


# ----------------------------------------------------------------------------- polymers in solvents


class MoleculeSide:
    """The measured polymers, or solvents, of a training part, and how far others lie from them.

    Attributes:
        scale: of descriptors.
        limits: of distances in descriptors so scaled.
        elements: symbols that measured ones hold.
        codes: grades of all molecules asked about, shape (n,).
    """

    def __init__(self, smiles: Sequence[str], kind: features.Kind, known: IntArray) -> None:
        raw = features.features(smiles, kind, ()).astype(np.float64)
        self.scale = scale_of(raw[known])
        points = scaled(raw, self.scale)
        parse = parse_polymer if kind == "polymer" else parse_solvent
        elements = [elements_of(parse(s).formula) for s in smiles]
        self.limits = limits_of(between(points[known]))
        self.elements = frozenset[str]().union(*(elements[i] for i in known))
        self.codes = codes(nearest(points, points[known])[0], self.limits)
        self.codes[np.array([not own <= self.elements for own in elements])] = OUTSIDE


def miscibility_domain(
    known: Mapping[features.Kind, Sequence[str]],
    embeddings: Mapping[features.Kind, FloatArray],
    disagreement: Limits,
) -> Domain:
    """The domain of a model that has learned from these polymers and solvents.

    Args:
        known: SMILES of the measured molecules by kind.
        embeddings: of each of them, shape (n, d).
        disagreement: limits of the members' spread in chi.
    """
    sides = {
        kind: MoleculeSide(own, kind, np.arange(len(own), dtype=np.int64))
        for kind, own in known.items()
    }
    return Domain(
        scales={ANY: {kind: side.scale for kind, side in sides.items()}},
        descriptors={ANY: {kind: side.limits for kind, side in sides.items()}},
        embedding={ANY: {kind: limits_of(between(own)).far for kind, own in embeddings.items()}},
        disagreement={"chi": disagreement},
        elements={kind: side.elements for kind, side in sides.items()},
        charges={},
        families={},
        tabled={},
    )
