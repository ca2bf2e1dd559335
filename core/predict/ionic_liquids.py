"""The inference API: values with intervals, support and range, for any pair of ions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from core import features
from core.checkpoints import Card
from core.chemistry import Ion, IonicLiquid, Role, canonical_ion, combine
from core.domain import (
    ANY,
    EDGE,
    GRADES,
    INSIDE,
    OUTSIDE,
    UNGRADED,
    Domain,
    Grade,
    codes,
    disagreement,
    grades_of,
    scaled,
    worst,
)
from core.predict import _grid
from core.predict._grid import Grid, Law, Laws, PreparedIons
from core.predict._loading import load_predictor
from core.predict.domains import IonStandings, Space, span_codes, span_ends, span_reasons
from core.predict.surfaces import Surfaces
from core.process import LevelProcess
from core.properties import (
    PROPERTIES,
    REFERENCE_PRESSURE_KPA,
    REFERENCE_TEMPERATURE_K,
)
from core.recommender import Pairs, Recommender, RecommenderConfig
from core.uncertainty import SUPPORTS, Calibration, Support, half_width

__all__ = [
    "Curve",
    "Grid",
    "IonicLiquidPredictor",
    "Laws",
    "Neighbour",
    "Prediction",
    "PreparedIons",
    "Table",
]

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

_ROLES: Final[tuple[Role, ...]] = ("cation", "anion")

# A property that the model gives at atmospheric pressure changes little up to here.
_NEARLY_ATMOSPHERIC_KPA: Final = 10_000.0
_CURVE_POINTS: Final = 81
# Features of ions drawn by users, kept so that a change of temperature does not compute them again.
_REMEMBERED_IONS: Final = 4096
_MEASURED: Final = SUPPORTS.index("pair_measured")
_REMEMBERED_REASONS: Final = 65_536
# New ions whose structures are read at a time; the process compares them with all known ones.
_CHUNK: Final = 128


@dataclass(frozen=True, slots=True)
class Prediction:
    """One property at one state.

    Attributes:
        key: the property.
        value: in the property's unit.
        low: lower end of the 90 % interval.
        high: upper end of the 90 % interval.
        support: what of this ionic liquid was in the training data of this property.
        in_range: whether temperature and pressure lie in the range of that data.
        notes: plain sentences on what to be careful about.
        grade: whether this is like what was measured, see :mod:`core.domain`; none from a model
            that has no domain.
        reasons: why it is not inside, the gravest first.
    """

    key: str
    value: float
    low: float
    high: float
    support: Support
    in_range: bool
    notes: tuple[str, ...]
    grade: Grade | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A measured ionic liquid, and how near it is to another one.

    Attributes:
        liquid: the measured one.
        distance: in the embedding, root mean square of both ions; at 1 an ion is as far as 95 % of
            the measured ones are not from their nearest.
    """

    liquid: IonicLiquid
    distance: float


@dataclass(frozen=True, slots=True)
class Curve:
    """One property along a grid of temperatures or pressures.

    Attributes:
        key: the property.
        variable: what ``x`` is.
        x: the grid, shape (n,).
        value: shape (n,), in the property's unit.
        low: lower ends of the 90 % intervals, shape (n,).
        high: upper ends of the 90 % intervals, shape (n,).
        in_range: whether a point lies in the range of the training data, shape (n,).
        trained_range: lowest and highest ``x`` of the training data of the property.
        support: what of this ionic liquid was in the training data of this property.
    """

    key: str
    variable: Literal["temperature_K", "pressure_kPa"]
    x: FloatArray
    value: FloatArray
    low: FloatArray
    high: FloatArray
    in_range: BoolArray
    trained_range: tuple[float, float]
    support: Support


@dataclass(frozen=True, slots=True)
class Table:
    """Many rows at once; arrays by property have shape (n,).

    Attributes:
        value: in the unit of the property; NaN where the property needs a temperature and none
            was given.
        low: lower ends of the 90 % intervals.
        high: upper ends of the 90 % intervals.
        support: for each row, what of its ionic liquid was in the training data of any property.
        in_range: whether temperature and pressure lie in the range of the training data.
        grade: places in ``core.domain.GRADES``; none from a model that has no domain.
        reason: for each row why any of its properties is not inside; empty if all are.
    """

    value: dict[str, FloatArray]
    low: dict[str, FloatArray]
    high: dict[str, FloatArray]
    support: list[Support]
    in_range: dict[str, BoolArray]
    grade: dict[str, NDArray[np.uint8]]
    reason: list[str]


def _tabled(card: Card, role: Role) -> list[str]:
    """Ions in the tables of a checkpoint: the measured ones, then those only simulated."""
    return [*card.vocabulary[f"{role}s"], *card.vocabulary[f"more_{role}s"]]


def _inputs(smiles: Sequence[str], role: Role, card: Card, surfaces: Surfaces) -> Tensor:
    """What the networks are fed with, of n ions, shape (n, features)."""
    structure = features.ion_features(smiles, card.vocabulary[f"{role}_environments"])
    return torch.as_tensor(np.concatenate([structure, surfaces.of(smiles)[0]], axis=1))


class _Network:
    """One network of a checkpoint, with the embeddings of the ions it knows."""

    def __init__(
        self, name: str, card: Card, weights: Mapping[str, Tensor], surfaces: Surfaces
    ) -> None:
        spec = card.networks[name]
        self.properties: tuple[str, ...] = tuple(spec["properties"])
        self._places = {role: {s: i for i, s in enumerate(_tabled(card, role))} for role in _ROLES}
        prefix = f"{name}."
        own = {
            k.removeprefix(prefix): v.float() for k, v in weights.items() if k.startswith(prefix)
        }
        self._table = {role: own.pop(f"{role}_embeddings") for role in _ROLES}
        self._factors = {role: own.pop(f"{role}_factors") for role in _ROLES}
        numbers = [len(own[f"{role}_encoder.center"]) for role in _ROLES]
        self.process = LevelProcess(
            len(self.properties), *(len(card.vocabulary[f"{role}s"]) for role in _ROLES), *numbers,
            rank=spec["process_rank"],
        )  # fmt: skip
        of_process = [k for k in own if k.startswith("process.")]
        self.process.load_state_dict({k.removeprefix("process."): own.pop(k) for k in of_process})
        # An embedding of the table holds the ion's residual: the model needs none.
        self.model = Recommender(
            RecommenderConfig(**spec["config"]), numbers[0], numbers[1], cations=1, anions=1
        )
        self.model.load_state_dict(own | _no_residuals(self.model))
        self.model.eval()

        @lru_cache(maxsize=_REMEMBERED_IONS)
        def drawn(role: Role, smiles: str) -> tuple[Tensor, Tensor]:
            return self.from_structure(_inputs([smiles], role, card, surfaces), role)

        self._drawn = drawn

    def from_structure(self, inputs: Tensor, role: Role) -> tuple[Tensor, Tensor]:
        """Embeddings (k, n, d) and factors (properties, n, r) of n ions in no table."""
        embed, factors = {
            "cation": (self.model.embed_cations, self.process.cation_factors),
            "anion": (self.model.embed_anions, self.process.anion_factors),
        }[role]
        unknown = torch.full((len(inputs),), -1)
        with torch.no_grad():
            return embed(inputs, unknown), factors(inputs, unknown)

    def tabled(self, rows: Tensor, role: Role) -> tuple[Tensor, Tensor]:
        """The same of ions in the tables, by their rows (n,)."""
        return self._table[role][:, rows], self._factors[role][:, rows]

    def _ions(self, ions: Sequence[str], role: Role) -> tuple[Tensor, Tensor]:
        """Embeddings (k, n, d) and factors of the process (properties, n, r).

        Those of ions that the network does not know come from their structure.
        """
        place, tables = self._places[role], (self._table[role], self._factors[role])
        columns = [
            tuple(table[:, place[smiles], None] for table in tables)
            if smiles in place
            else self._drawn(role, smiles)
            for smiles in ions
        ]
        embeddings, factors = zip(*columns, strict=True)
        return torch.cat(embeddings, dim=1), torch.cat(factors, dim=1)

    def space(self, role: Role, number: int) -> Space:
        """The embedding of the first ``number`` ions of a table, all members side by side."""

        def flat(embeddings: Tensor) -> NDArray[np.float32]:
            return embeddings.transpose(0, 1).flatten(1).float().numpy()

        return Space(
            lambda: flat(self._table[role][:, :number]),
            lambda smiles: flat(self._ions([smiles], role)[0])[0],
        )

    def coefficients(self, liquids: Sequence[IonicLiquid]) -> _Coefficients:
        """What is known of n ionic liquids at any state."""
        cations = list(dict.fromkeys(x.cation.smiles for x in liquids))
        anions = list(dict.fromkeys(x.anion.smiles for x in liquids))
        place_c = {smiles: i for i, smiles in enumerate(cations)}
        place_a = {smiles: i for i, smiles in enumerate(anions)}
        counts = [(x.n_cation, x.n_anion) for x in liquids]
        pairs = Pairs(
            torch.tensor([place_c[x.cation.smiles] for x in liquids]),
            torch.tensor([place_a[x.anion.smiles] for x in liquids]),
            torch.tensor([c for c, _ in counts], dtype=torch.float32),
            torch.tensor([a for _, a in counts], dtype=torch.float32),
            torch.tensor([_log_volume(x) for x in liquids], dtype=torch.float32),
            torch.tensor([x.molar_mass for x in liquids], dtype=torch.float32),
        )
        (c, c_factors), (a, a_factors) = self._ions(cations, "cation"), self._ions(anions, "anion")
        shifts = {}
        with torch.no_grad():
            q = self.model.coefficients(c, a, pairs)
            of_anions = a_factors[:, pairs.anion]
            said = (c_factors[:, pairs.cation] * of_anions).sum(dim=2)
            for key, level, share in zip(self.properties, said, of_anions[:, :, -1], strict=True):
                apart = level - self.model.levels(key, q, pairs).mean(dim=0)
                shifts[key] = (share * apart).numpy().astype(np.float64)
        return _Coefficients(q, pairs, shifts)


@dataclass(frozen=True)
class _Coefficients:
    """Ionic liquids as one network knows them, ready for any state.

    Attributes:
        q: coefficients of the physical laws, (k, n, c).
        pairs: the n pairs.
        shifts: by property, how far the Gaussian process moves the network's mean, (n,).
    """

    q: Tensor
    pairs: Pairs
    shifts: dict[str, FloatArray]


def _no_residuals(model: Recommender) -> dict[str, Tensor]:
    return {k: v for k, v in model.state_dict().items() if k.endswith("_table.residual")}


@lru_cache(maxsize=65_536)
def _volume(smiles: str) -> float:
    return features.van_der_waals_volume(smiles)


def _log_volume(liquid: IonicLiquid) -> float:
    parts = (liquid.n_cation, liquid.cation), (liquid.n_anion, liquid.anion)
    return float(np.log(sum(n * _volume(ion.smiles) for n, ion in parts)))


class IonicLiquidPredictor:
    """Predicts all properties of ionic liquids from one checkpoint.

    Use :meth:`load`. An instance does not change once it is made; it may be shared by threads.
    """

    def __init__(self, card: Card, weights: Mapping[str, Tensor]) -> None:
        self.card = card
        ions = weights["liquid_ions"].numpy().astype(np.int64)
        measured = weights["liquid_measured"].numpy()
        cations, anions = card.vocabulary["cations"], card.vocabulary["anions"]
        self._pairs: dict[str, set[tuple[str, str]]] = {}
        self._ions: dict[str, set[str]] = {}
        for column, key in enumerate(PROPERTIES):
            rows = ions[measured[:, column]]
            self._pairs[key] = {(cations[c], anions[a]) for c, a in rows}
            self._ions[key] = {s for pair in self._pairs[key] for s in pair}
        self._tabled: dict[Role, dict[str, int]] = {
            role: {s: i for i, s in enumerate(_tabled(card, role))} for role in _ROLES
        }
        self._volumes = {role: weights[f"{role}_volumes"].double().numpy() for role in _ROLES}
        # Which pairs were measured; the last row and column stand for ions that never were.
        self._measured = np.zeros(
            (len(PROPERTIES) + 1, len(cations) + 1, len(anions) + 1), dtype=np.bool_
        )
        self._measured[:-1, ions[:, 0], ions[:, 1]] = measured.T
        self._measured[-1] = self._measured[:-1].any(axis=0)
        self._any_pair = set().union(*self._pairs.values())
        self._any_ion = set().union(*self._ions.values())
        self.surfaces = Surfaces.load()
        self._networks = [_Network(name, card, weights, self.surfaces) for name in card.networks]
        self._network_of = {key: n for n in self._networks for key in n.properties}
        if set(self._network_of) != set(PROPERTIES):
            raise ValueError("a property is served by no network")
        self._domain = Domain.of(card.domain) if card.domain else None
        self._standings: dict[Role, IonStandings] = {}
        if self._domain is not None:
            self._standings = {role: self._standings_of(self._domain, role) for role in _ROLES}
        self._told = lru_cache(maxsize=_REMEMBERED_REASONS)(self._why)
        self._calibration = {
            key: {
                tier: Calibration(
                    values["floor"],
                    values["factor"],
                    int(values["systems"]),
                    values.get("power", 1.0),
                    values.get("stretch", 1.0),
                )
                for tier, values in tiers.items()
            }
            for key, tiers in card.calibration.items()
        }

    @classmethod
    def load(cls, path: Path | None = None) -> IonicLiquidPredictor:
        """Load a checkpoint folder, or the default one for ionic liquids.

        Raises:
            CheckpointError: if the checkpoint is missing, damaged or does not fit.
        """
        return load_predictor(cls, path, "ionic-liquids")

    def support(self, liquid: IonicLiquid, key: str | None = None) -> Support:
        """What of ``liquid`` was in the training data of a property, or of any of them."""
        pairs = self._any_pair if key is None else self._pairs[key]
        ions = self._any_ion if key is None else self._ions[key]
        if liquid.key in pairs:
            return "pair_measured"
        unknown = [ion for ion in (liquid.cation, liquid.anion) if ion.smiles not in ions]
        if not unknown:
            return "both_ions_known"
        if len(unknown) == 2:
            return "two_new_ions"
        simulated = self.surfaces.simulated(unknown[0].smiles)
        if unknown[0].role == "cation":
            return "new_cation" if simulated else "unsimulated_cation"
        return "new_anion" if simulated else "unsimulated_anion"

    def known(self, role: Role) -> tuple[str, ...]:
        """SMILES of the ions the model has a row for: the measured ones, then those simulated."""
        return tuple(self._tabled[role])

    def measured_liquids(self, role: Role) -> Counter[str]:
        """In how many ionic liquids of the training data each ion occurs, by SMILES."""
        return Counter(pair[_ROLES.index(role)] for pair in self._any_pair)

    def predict(
        self,
        liquid: IonicLiquid,
        temperature_K: float = REFERENCE_TEMPERATURE_K,
        pressure_kPa: float = REFERENCE_PRESSURE_KPA,
    ) -> dict[str, Prediction]:
        """All properties of one ionic liquid at one state, in the order of the property table."""
        t, p = np.array([temperature_K]), np.array([pressure_kPa])
        found = {}
        for network in self._networks:
            known = network.coefficients([liquid])
            for key in network.properties:
                support = self.support(liquid, key)
                value, low, high, spread = self._evaluate(
                    key, network, known, t=t, p=p, liquids=[liquid]
                )
                notes = self._notes(key, liquid, temperature_K, pressure_kPa, float(value[0]))
                in_range = bool(self._in_range(key, t, p)[0])
                graded = self._graded(key, [liquid], t=t, p=p, spread=spread)
                grade = None if graded is None else GRADES[graded[0][0]]
                found[key] = Prediction(
                    key,
                    float(value[0]),
                    float(low[0]),
                    float(high[0]),
                    support,
                    in_range,
                    notes,
                    grade,
                    self._told(key, liquid, int(graded[1][0])) if graded and graded[0][0] else (),
                )
        melting = found["melting_point_K"]
        if temperature_K < melting.low:
            note = (
                f"It probably melts at {melting.low:.0f} to {melting.high:.0f} K: below that this "
                "is the value of the undercooled liquid."
            )
            for key, at in found.items():
                if PROPERTIES[key].depends_on_temperature:
                    found[key] = replace(at, notes=(*at.notes, note))
        return {key: found[key] for key in PROPERTIES}

    def curve(
        self,
        liquid: IonicLiquid,
        key: str,
        *,
        temperatures_K: ArrayLike | None = None,
        pressures_kPa: ArrayLike | None = None,
        temperature_K: float = REFERENCE_TEMPERATURE_K,
        pressure_kPa: float = REFERENCE_PRESSURE_KPA,
    ) -> Curve:
        """One property along temperatures (the trained range if no grid is given) or pressures.

        Args:
            liquid: the ionic liquid.
            key: the property.
            temperatures_K: grid of shape (n,); the pressure is then ``pressure_kPa``.
            pressures_kPa: grid of shape (n,); the temperature is then ``temperature_K``.
            temperature_K: for a grid of pressures.
            pressure_kPa: for a grid of temperatures.

        Raises:
            ValueError: if both grids are given, or the property does not change along the grid.
        """
        spec = PROPERTIES[key]
        if temperatures_K is not None and pressures_kPa is not None:
            raise ValueError("give a grid of temperatures or of pressures, not both")
        variable: Literal["temperature_K", "pressure_kPa"]
        if pressures_kPa is not None:
            variable, depends = "pressure_kPa", spec.depends_on_pressure
        else:
            variable, depends = "temperature_K", spec.depends_on_temperature
        if not depends:
            raise ValueError(f"{spec.label} has no curve against {variable.split('_')[0]}")
        first, last = self.card.ranges[key][variable]
        if pressures_kPa is not None:
            x = np.asarray(pressures_kPa, dtype=np.float64)
            t, p = np.full_like(x, temperature_K), x
        else:
            x = (
                np.linspace(first, last, _CURVE_POINTS)
                if temperatures_K is None
                else np.asarray(temperatures_K, dtype=np.float64)
            )
            t, p = x, np.full_like(x, pressure_kPa)
        network = self._network_of[key]
        known = network.coefficients([liquid])
        support = self.support(liquid, key)
        value, low, high, _ = self._evaluate(key, network, known, t=t, p=p, liquids=[liquid])
        in_range = self._in_range(key, t, p)
        return Curve(key, variable, x, value, low, high, in_range, (first, last), support)

    def predict_many(
        self, liquids: Sequence[IonicLiquid], temperature_K: ArrayLike, pressure_kPa: ArrayLike
    ) -> Table:
        """All properties for n rows; equal ionic liquids are evaluated once.

        Args:
            liquids: n ionic liquids.
            temperature_K: shape (n,); NaN where only the melting point is wanted.
            pressure_kPa: shape (n,).
        """
        t = np.asarray(temperature_K, dtype=np.float64)
        p = np.asarray(pressure_kPa, dtype=np.float64)
        by_key = {x.key: x for x in liquids}
        place, unique = {key: i for i, key in enumerate(by_key)}, list(by_key.values())
        row = np.array([place[x.key] for x in liquids], dtype=np.int64)
        value, low, high, in_range, grade = {}, {}, {}, {}, {}
        reasons: list[list[str]] = []
        for network in self._networks:
            known = network.coefficients(unique)
            for key in network.properties:
                value[key], low[key], high[key], spread = self._evaluate(
                    key, network, known, t=t, p=p, liquids=unique, row=row
                )
                in_range[key] = self._in_range(key, t, p)
                graded = self._graded(key, unique, t=t, p=p, spread=spread, row=row)
                if graded is None:
                    continue
                (grade[key], against), spec = graded, PROPERTIES[key]
                here = np.flatnonzero((grade[key] > 0) & ~np.isnan(value[key]))
                different, which = np.unique(row[here] << 8 | against[here], return_inverse=True)
                why = [
                    " ".join((f"{spec.label}:", *self._told(key, unique[code >> 8], code & 255)))
                    for code in different.tolist()
                ]
                said = np.full(len(t), "", dtype=object)
                said[here] = np.array(why, dtype=object)[which] if why else ""
                reasons.append(said.tolist())
        supports = [self.support(x) for x in unique]
        told = [" ".join(filter(None, own)) for own in zip(*reasons, strict=True)]
        return Table(
            value, low, high, [supports[i] for i in row], in_range, grade, told or [""] * len(row)
        )

    def prepare(
        self,
        ions: Sequence[Ion],
        role: Role,
        *,
        progress: Callable[[int], object] | None = None,
    ) -> PreparedIons:
        """Make ions ready for :meth:`grid`; those in no table are computed from their structure.

        Args:
            ions: n ions of one role.
            role: which one.
            progress: called with the number of ions in no table that are done so far.
        """
        smiles = [ion.smiles for ion in ions]
        rows = np.array([self._tabled[role].get(s, -1) for s in smiles], dtype=np.int64)
        new = np.flatnonzero(rows < 0)
        old = torch.as_tensor(rows.clip(min=0))
        networks = [network.tabled(old, role) for network in self._networks]
        for start in range(0, len(new), _CHUNK):
            chunk = new[start : start + _CHUNK]
            inputs = _inputs([smiles[i] for i in chunk], role, self.card, self.surfaces)
            for network, (embeddings, factors) in zip(self._networks, networks, strict=True):
                at = torch.as_tensor(chunk)
                embeddings[:, at], factors[:, at] = network.from_structure(inputs, role)
            if progress is not None:
                progress(start + len(chunk))
        volumes = self._volumes[role][rows]
        volumes[new] = [_volume(smiles[i]) for i in new]
        unmeasured = len(self.card.vocabulary[f"{role}s"])
        places = np.where((rows >= 0) & (rows < unmeasured), rows, unmeasured)
        known: BoolArray = np.any(self._measured, axis=2 if role == "cation" else 1)[:, places]
        simulated = np.array([self.surfaces.simulated(s) for s in smiles], dtype=np.bool_)
        return PreparedIons(
            tuple(ions),
            role,
            np.array([abs(ion.charge) for ion in ions], dtype=np.int64),
            volumes,
            np.array([ion.molar_mass for ion in ions], dtype=np.float64),
            places,
            _grid.known_as(known, simulated),
            *self._prepared_grades(ions, role),
            tuple(networks),
        )

    def _prepared_grades(
        self, ions: Sequence[Ion], role: Role
    ) -> tuple[NDArray[np.uint8], FloatArray]:
        """Grades of n ions, (properties, n), and ends of their families, (properties, 3, n)."""
        if self._domain is None:
            shape = len(PROPERTIES), len(ions)
            return np.full(shape, UNGRADED, dtype=np.uint8), np.zeros((shape[0], 3, shape[1]))
        side = self._standings[role]
        rows = [side.keys.index(key) for key in PROPERTIES]
        ends = [span_ends(self._domain, key, ions) for key in PROPERTIES]
        return grades_of(side.of(ions)[rows]), np.stack(ends)

    def grid(
        self,
        cations: PreparedIons,
        anions: PreparedIons,
        temperature_K: float = REFERENCE_TEMPERATURE_K,
        pressure_kPa: float = REFERENCE_PRESSURE_KPA,
    ) -> Grid:
        """All properties of all pairs of m cations and n anions at one state.

        The numbers are those of :meth:`predict`, but for rounding. Memory grows with m n: keep a
        grid near 10,000 pairs, which is also the fastest.
        """
        return self.grid_at(self.laws(cations, anions), temperature_K, pressure_kPa)

    def laws(self, cations: PreparedIons, anions: PreparedIons) -> Laws:
        """What :meth:`grid_at` takes to any state: nearly all the work, some 500 bytes a pair."""
        support = np.stack(
            [
                _grid.tiers(cations, anions, row, measured)
                for row, measured in enumerate(self._measured)
            ]
        )
        pairs = _grid.pairs_of(cations, anions)
        grade: NDArray[np.uint8] = np.maximum(cations.grades[:, :, None], anions.grades[:, None])
        laws = Laws(cations, anions, pairs, {}, {}, support, grade)
        with torch.no_grad():
            for network, (c, c_factors), (a, a_factors) in zip(
                self._networks, cations.networks, anions.networks, strict=True
            ):
                q = _grid.coefficients(network.model, c, a, pairs)
                levels = (c_factors @ a_factors.transpose(1, 2)).flatten(1)
                shares = a_factors[:, :, -1].repeat(1, len(cations))
                for key, level, share in zip(network.properties, levels, shares, strict=True):
                    apart = level - network.model.levels(key, q, pairs).mean(dim=0)
                    law = Law(q, share * apart)
                    if PROPERTIES[key].depends_on_temperature:
                        laws.by_property[key] = law
                    else:
                        laws.fixed[key] = self._at(key, laws, law, grade)
        return laws

    def grid_at(self, laws: Laws, temperature_K: float, pressure_kPa: float) -> Grid:
        """All properties of all pairs of :meth:`laws` at one state."""
        shape = (3, len(PROPERTIES), len(laws.cations), len(laws.anions))
        found, grade = np.empty(shape, np.float32), laws.grade.copy()
        self._grade_by_state(laws, grade, temperature_K, pressure_kPa)
        state = torch.tensor(temperature_K), torch.tensor(pressure_kPa)
        with torch.no_grad():
            for place, key in enumerate(PROPERTIES):
                law = laws.by_property.get(key)
                found[:, place] = (
                    laws.fixed[key] if law is None else self._at(key, laws, law, grade, state)
                )
        value, low, high = found
        return Grid(value, low, high, laws.support[:-1], laws.support[-1], grade)

    def _at(
        self,
        key: str,
        laws: Laws,
        law: Law,
        grade: NDArray[np.uint8],
        state: tuple[Tensor, Tensor] = (torch.tensor(torch.nan), torch.tensor(torch.nan)),
    ) -> NDArray[np.float32]:
        """Value and both ends of the interval, (3, m, n); the members' spread enters ``grade``."""
        place, shape = list(PROPERTIES).index(key), (len(laws.cations), len(laws.anions))
        support = laws.support[place]
        members = self._network_of[key].model.values(key, law.q, laws.pairs, *state)
        *ends, spread = self._ends(key, members, law.shift, support.ravel(), laws.strange(place))
        if self._domain is not None and key in self._domain.disagreement:
            said = codes(spread, self._domain.disagreement[key]).reshape(shape)
            said[support == _MEASURED] = INSIDE
            np.maximum(grade[place], said, out=grade[place])
        return np.stack(ends).astype(np.float32).reshape(3, *shape)

    def _grade_by_state(self, laws: Laws, grade: NDArray[np.uint8], t: float, p: float) -> None:
        """Let a state enter the grades of pairs, shape (properties, m, n)."""
        if self._domain is None:
            return
        in_range = self.in_range(t, p)
        for place, (key, spec) in enumerate(PROPERTIES.items()):
            if spec.depends_on_temperature:
                of_cation, of_anion = (
                    span_codes(side.ends[place], t, p) for side in (laws.cations, laws.anions)
                )
                np.maximum(grade[place], of_cation[:, None], out=grade[place])
                np.maximum(grade[place], of_anion, out=grade[place])
                if not in_range[key]:
                    grade[place] = OUTSIDE

    def _ends(
        self,
        key: str,
        members: Tensor,
        shift: Tensor,
        support: NDArray[np.uint8],
        strange: NDArray[np.uint8],
    ) -> Iterator[FloatArray]:
        """Value, both ends of the interval, and the members' spread, (n,) each.

        Members are on the learned scale; ``strange`` is how many ions of a pair are not inside.
        """
        spec, tiers = PROPERTIES[key], [self._calibration[key][name] for name in SUPPORTS]
        mean = members.mean(dim=0)
        spread = (members - mean).square().sum(dim=0).div(len(members) - 1).sqrt()
        floors = np.array([tier.floor for tier in tiers])[support]
        powers = np.array([tier.power for tier in tiers])[support]
        factors = np.array(
            [[tier.factor * tier.stretch**count for count in range(3)] for tier in tiers]
        )[support, strange]
        middle = (mean + shift).numpy().astype(np.float64)
        own = torch.hypot(spread, shift).numpy().astype(np.float64)
        half = half_width(own, floors, factors, powers)
        for end in (middle, middle - half, middle + half):
            yield spec.clip(spec.inverse(end))
        yield own

    def in_range(self, temperature_K: float, pressure_kPa: float) -> dict[str, bool]:
        """Whether a state lies in the range of the training data of each property."""
        t, p = np.array([temperature_K]), np.array([pressure_kPa])
        return {key: bool(self._in_range(key, t, p)[0]) for key in PROPERTIES}

    def _evaluate(
        self,
        key: str,
        network: _Network,
        known: _Coefficients,
        *,
        t: FloatArray,
        p: FloatArray,
        liquids: Sequence[IonicLiquid],
        row: NDArray[np.int64] | None = None,
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Value, interval and the members' spread at n states, each of shape (n,).

        ``row`` tells the liquid of each state.
        """
        spec = PROPERTIES[key]
        index = torch.zeros(len(t), dtype=torch.long) if row is None else torch.as_tensor(row)
        with torch.no_grad():
            members = network.model.values(
                key,
                known.q[:, index],
                known.pairs.take(index),
                torch.as_tensor(t, dtype=torch.float32),
                torch.as_tensor(p, dtype=torch.float32),
            ).numpy()
        shift = known.shifts[key][index.numpy()]
        mean = members.mean(axis=0, dtype=np.float64) + shift
        spread = np.hypot(members.std(axis=0, ddof=1, dtype=np.float64), shift)
        support = np.array([self.support(x, key) for x in liquids])[index.numpy()]
        strange, half = self._strange(key, liquids)[index.numpy()], np.empty_like(spread)
        for tier, calibration in self._calibration[key].items():
            own = support == tier
            half[own] = calibration.half_width(spread[own], strange[own])
        value, low, high = (spec.clip(spec.inverse(x)) for x in (mean, mean - half, mean + half))
        if spec.depends_on_temperature:
            missing = np.isnan(t)
            for array in (value, low, high):
                array[missing] = np.nan
        return value, low, high, spread

    def _strange(self, key: str, liquids: Sequence[IonicLiquid]) -> NDArray[np.int64]:
        """How many ions of n liquids are not inside for a property, shape (n,)."""
        found = np.zeros(len(liquids), dtype=np.int64)
        for role, side in self._standings.items():
            ions = [getattr(x, role) for x in liquids]
            found += grades_of(side.of(ions)[side.keys.index(key)]) > INSIDE
        return found

    def _graded(
        self,
        key: str,
        liquids: Sequence[IonicLiquid],
        *,
        t: FloatArray,
        p: FloatArray,
        spread: FloatArray,
        row: NDArray[np.int64] | None = None,
    ) -> tuple[NDArray[np.uint8], NDArray[np.int64]] | None:
        """Grades of n states, and what speaks against each, as :meth:`_why` reads it.

        ``row`` tells the liquid of each state, else it is the first.
        """
        domain = self._domain
        if domain is None:
            return None
        row = np.zeros(len(t), dtype=np.int64) if row is None else row
        found, against = np.zeros(len(t), dtype=np.uint8), np.zeros(len(t), dtype=np.int64)
        for role, side in self._standings.items():
            ions = [getattr(x, role) for x in liquids]
            found = worst(found, grades_of(side.of(ions)[side.keys.index(key)])[row])
        if key in domain.disagreement:
            code = codes(spread, domain.disagreement[key])
            # What was measured holds the members' mean in its place, however far they part.
            code[np.array([x.key in self._pairs[key] for x in liquids])[row]] = INSIDE
            found, against = worst(found, code), against + code
        if not PROPERTIES[key].depends_on_temperature:
            return found, against
        flags = [*self._out_of_range(key, t, p)]
        outside = flags[0] | flags[1]
        for role in _ROLES:
            ends = span_ends(domain, key, [getattr(x, role) for x in liquids])[:, row]
            flags += [~outside & ((t < ends[0]) | (t > ends[1])), ~outside & (p > ends[2])]
        for place, flag in enumerate(flags):
            against |= flag.astype(np.int64) << (place + 2)
        found = worst(found, np.any(flags[2:], axis=0).astype(np.uint8))
        found[outside] = OUTSIDE
        return found, against

    def _why(self, key: str, liquid: IonicLiquid, against: int) -> tuple[str, ...]:
        """Why a state of an ionic liquid is not inside, the gravest reason first.

        Args:
            key: the property.
            liquid: its ions speak for themselves.
            against: the grade by the members' disagreement in the two lowest bits; then whether
                temperature and pressure are out of range, and whether both are beyond those of the
                cation's family, and of the anion's.
        """
        found: list[tuple[int, str]] = []
        for role, side in self._standings.items():
            ion: Ion = getattr(liquid, role)
            if (said := side.reason(ion, key)) is not None:
                found.append(said)
        hot, pressed, *beyond = (bool(against >> place & 1) for place in range(2, 8))
        found += [(OUTSIDE, note) for note in self._range_notes(key, hot=hot, pressed=pressed)]
        if self._domain is not None:
            found += [
                (EDGE, said)
                for ion, *flags in (
                    (liquid.cation, beyond[0], beyond[1]),
                    (liquid.anion, beyond[2], beyond[3]),
                )
                for said in span_reasons(self._domain, key, ion, *flags)
            ]
        if code := against & 3:
            found.append((code, disagreement(code, self.card.role)))
        return tuple(said for _, said in sorted(found, key=lambda pair: -pair[0]))

    @property
    def measured_count(self) -> int:
        """How many ionic liquids have a measured value of any property in the training data."""
        return len(self._any_pair)

    def nearest(self, liquid: IonicLiquid, key: str = ANY, count: int = 5) -> tuple[Neighbour, ...]:
        """The measured ionic liquids that are most like one, the nearest first.

        The ionic liquid itself, if it was measured, is not among them.

        Args:
            liquid: the ionic liquid.
            key: of a property that has to be measured, or of any.
            count: at most so many.
        """
        if self._domain is None:
            return ()
        apart = [
            side.neighbours(getattr(liquid, role), key) for role, side in self._standings.items()
        ]
        pairs = self._measured[(*PROPERTIES, ANY).index(key), :-1, :-1]
        cations, anions = np.nonzero(pairs)
        distance = np.sqrt((apart[0][cations] ** 2 + apart[1][anions] ** 2) / 2.0)
        found: list[Neighbour] = []
        for place in np.argsort(distance, kind="stable"):
            smiles = (
                self.card.vocabulary["cations"][cations[place]],
                self.card.vocabulary["anions"][anions[place]],
            )
            if smiles != liquid.key:
                found.append(
                    Neighbour(combine(*map(canonical_ion, smiles)), float(distance[place]))
                )
            if len(found) == count:
                break
        return tuple(found)

    def _standings_of(self, domain: Domain, role: Role) -> IonStandings:
        """What the grades need of the ions of one role."""
        axis, number = _ROLES.index(role), len(self.card.vocabulary[f"{role}s"])
        known: BoolArray = np.any(self._measured[:, :-1, :-1], axis=2 - axis)
        measured = dict(zip((*PROPERTIES, ANY), known, strict=True))
        first = self._network_of["density_kg_m3"]
        side = first.process.cation if role == "cation" else first.process.anion
        size = len(features.DESCRIPTOR_NAMES)
        places = self._tabled[role]

        @lru_cache(maxsize=1)
        def known_ones() -> FloatArray:
            tables = side.known[:, :size].double(), side.scale[:size], side.center[:size]
            return (tables[0] * tables[1] + tables[2]).numpy()

        @lru_cache(maxsize=1)
        def described(smiles: str) -> FloatArray:
            if (place := places.get(smiles, number)) < number:
                return known_ones()[place, None]
            return features.descriptors([smiles]).astype(np.float64)

        def space(scale: FloatArray) -> Space:
            return Space(
                lambda: scaled(known_ones(), scale).astype(np.float32),
                lambda smiles: scaled(described(smiles), scale)[0].astype(np.float32),
            )

        spaces = {network: network.space(role, number) for network in self._networks}
        return IonStandings(
            domain,
            role,
            places=places,
            measured=measured,
            spaces={key: spaces[self._network_of.get(key, first)] for key in measured},
            descriptors={key: space(domain.scales[key][role]) for key in measured},
        )

    def _in_range(self, key: str, t: FloatArray, p: FloatArray) -> BoolArray:
        if not PROPERTIES[key].depends_on_temperature:
            return np.ones(len(t), dtype=bool)
        hot, pressed = self._out_of_range(key, t, p)
        return ~(hot | pressed) & ~np.isnan(t)

    def _out_of_range(self, key: str, t: FloatArray, p: FloatArray) -> tuple[BoolArray, BoolArray]:
        """Whether temperatures (n,), and pressures (n,), are outside the range of the data."""
        spec, ranges = PROPERTIES[key], self.card.ranges[key]
        first, last = ranges["temperature_K"]
        hot = (t < first) | (t > last)
        if not spec.depends_on_pressure:
            return hot, p > _NEARLY_ATMOSPHERIC_KPA
        first, last = ranges["pressure_kPa"]
        return hot, (p < first) | (p > last)

    def _notes(
        self, key: str, liquid: IonicLiquid, t: float, p: float, value: float
    ) -> tuple[str, ...]:
        notes = []
        if value in (PROPERTIES[key].lower, PROPERTIES[key].upper):
            notes.append("This is the end of the scale: the value itself lies beyond it.")
        if PROPERTIES[key].depends_on_temperature:
            hot, pressed = self._out_of_range(key, np.array([t]), np.array([p]))
            notes += self._range_notes(key, hot=bool(hot[0]), pressed=bool(pressed[0]))
        if liquid.n_cation + liquid.n_anion > 2:
            notes.append("Few ionic liquids with doubly charged ions were measured: be careful.")
        return tuple(notes)

    def _range_notes(self, key: str, *, hot: bool, pressed: bool) -> list[str]:
        """Sentences on a temperature, and a pressure, outside the range of the training data."""
        ranges, notes = self.card.ranges[key], []
        if hot:
            first, last = ranges["temperature_K"]
            notes.append(
                f"The temperature is outside the range of the training data "
                f"({first:.0f} to {last:.0f} K)."
            )
        if pressed and PROPERTIES[key].depends_on_pressure:
            first, last = ranges["pressure_kPa"]
            notes.append(
                f"The pressure is outside the range of the training data "
                f"({first / 1000:.2g} to {last / 1000:.0f} MPa)."
            )
        elif pressed:
            notes.append("Pressure is not part of this model: the value is for about 0.1 MPa.")
        return notes
