"""Maps of molecules as the models see them: two main axes of what the networks have learned.

An ion is to a network its embedding, a polymer or a solvent its place and radius in the latent
space. Every network of an ensemble has learned vectors of its own. They are centred, brought to one
size, and put side by side, so that the squared distance of two molecules is the mean of what the
networks say; a distance of 1 is the root mean square over all pairs of molecules of the map. The
map shows the two directions along which these vectors vary most (principal components). Neighbours
are those of the full space, not of the map.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from core import names
from core.chemistry import (
    Ion,
    Role,
    canonical_ion,
    family,
    parse_polymer,
    parse_solvent,
    polymer_family,
    solvent_family,
)
from core.predict import IonicLiquidPredictor, MiscibilityPredictor
from core.properties import PROPERTIES, REFERENCE_TEMPERATURE_K, Unit
from core.uncertainty import SUPPORTS

__all__ = [
    "KINDS",
    "Body",
    "Entry",
    "IonMap",
    "Kind",
    "Map",
    "MoleculeMap",
    "Plane",
    "Quantity",
    "Spot",
    "generalised_sphere",
]

FloatArray = NDArray[np.float64]
Kind = Literal["cation", "anion", "polymer", "solvent"]
KINDS: Final[tuple[Kind, ...]] = ("cation", "anion", "polymer", "solvent")


# --------------------------------------------------------------------------------- main axes


@dataclass(frozen=True, eq=False)
class Plane:
    """The main axes, two for a map, of vectors that several networks have learned.

    Attributes:
        center: mean of each network's vectors, shape (networks, d).
        scale: by which each network's vectors are divided, shape (networks,).
        axes: orthonormal, shape (2, networks d).
        explained: share of the variance along each axis, shape (2,).
    """

    center: FloatArray
    scale: FloatArray
    axes: FloatArray
    explained: FloatArray

    @classmethod
    def of(cls, vectors: FloatArray, count: int = 2) -> Plane:
        """Find so many main axes of n vectors, shape (n, networks, d)."""
        center = vectors.mean(axis=0)
        apart = vectors - center
        # Two molecules are then 1 apart, root mean square: twice the variance of all together.
        variance = np.square(apart).sum(axis=2).mean(axis=0)
        scale = np.sqrt(2.0 * len(center) * variance)
        flat = (apart / scale[:, None]).reshape(len(vectors), -1)
        squares, directions = np.linalg.eigh(flat.T @ flat)
        largest = np.arange(-1, -count - 1, -1)
        axes = directions[:, largest].T
        # The sign of an axis means nothing; its long tail is made to point up and to the right.
        axes = axes * np.where(np.sum((flat @ axes.T) ** 3, axis=0) < 0.0, -1.0, 1.0)[:, None]
        return cls(center, scale, axes, squares[largest] / squares.sum())

    def common(self, vectors: FloatArray) -> FloatArray:
        """Bring vectors (n, networks, d) to the space where distances count, (n, networks d)."""
        flat: FloatArray = ((vectors - self.center) / self.scale[:, None]).reshape(len(vectors), -1)
        return flat

    def project(self, common: FloatArray) -> FloatArray:
        """Places (n, 2) on the map of vectors in the common space."""
        places: FloatArray = common @ self.axes.T
        return places

    def lift(self, places: FloatArray) -> FloatArray:
        """Vectors (n, networks, d) whose place on the map is given, average in all other ways."""
        flat = (places @ self.axes).reshape(len(places), *self.center.shape)
        vectors: FloatArray = flat * self.scale[:, None] + self.center
        return vectors


# --------------------------------------------------------------------------------------- maps


@dataclass(frozen=True, slots=True)
class Entry:
    """A molecule of a map.

    Attributes:
        smiles: canonical SMILES of the ion or solvent, or repeat unit of the polymer.
        name: the usual name, or empty.
        abbreviation: or empty; that of an ion stands in brackets.
        family: chemical family.
        measured: ionic liquids with this ion, or pairs with this polymer or solvent, that are in
            the training data.
    """

    smiles: str
    name: str
    abbreviation: str
    family: str
    measured: int


@dataclass(frozen=True, eq=False)
class Spot:
    """Where a molecule lies, whether or not it is one of the map's.

    Attributes:
        entry: the molecule.
        vector: in the common space, shape (f,).
        place: on the map, shape (2,).
    """

    entry: Entry
    vector: FloatArray
    place: FloatArray


@dataclass(frozen=True, eq=False)
class Quantity:
    """One number of n molecules, each with the same partner where it is one of pairs.

    Attributes:
        key: unique among the quantities of a map.
        label: what it is called.
        unit: in which it is shown; the values are in the unit of the key.
        value: shape (n,).
        low: lower ends of the 90 % intervals, shape (n,); NaN where there are none.
        high: upper ends.
        support: what of each pair was in the training data; empty for one of single molecules.
        log: whether it is better shown on a logarithmic scale.
    """

    key: str
    label: str
    unit: Unit
    value: FloatArray
    low: FloatArray
    high: FloatArray
    support: tuple[str, ...]
    log: bool = False


class Map(ABC):
    """Molecules of one kind and where they lie.

    Attributes:
        kind: cation, anion, polymer or solvent.
        entries: n molecules.
        plane: the main axes.
        vectors: in the common space, shape (n, f).
        places: on the map, shape (n, 2).
    """

    def __init__(self, kind: Kind, entries: Sequence[Entry], vectors: FloatArray) -> None:
        self.kind = kind
        self.entries = tuple(entries)
        self.plane = Plane.of(vectors)
        self.vectors = self.plane.common(vectors)
        self.places = self.plane.project(self.vectors)

    @cached_property
    def index(self) -> dict[str, int]:
        """Place of each molecule among the entries, by SMILES."""
        return {entry.smiles: i for i, entry in enumerate(self.entries)}

    def locate(self, smiles: str) -> Spot:
        """Find any molecule of this kind by its canonical SMILES; a new one from its structure."""
        if smiles in self.index:
            i = self.index[smiles]
            return Spot(self.entries[i], self.vectors[i], self.places[i])
        common = self.plane.common(self._learned(smiles))
        return Spot(self._described(smiles), common[0], self.plane.project(common)[0])

    def nearest(self, spot: Spot, count: int) -> list[tuple[int, float]]:
        """Find the entries nearest to a molecule in the full space, the molecule itself left out.

        Returns:
            Places among the entries, each with the distance, nearest first.
        """
        distance = np.linalg.norm(self.vectors - spot.vector, axis=1)
        order = np.argsort(distance, kind="stable")[: count + 1]
        found = [(int(i), float(distance[i])) for i in order]
        return [near for near in found if self.entries[near[0]].smiles != spot.entry.smiles][:count]

    @abstractmethod
    def quantities(self, partner: str, smiles: str | None = None) -> dict[str, Quantity]:
        """What the model says of all entries with one partner, at 298.15 K and 1 atm.

        Args:
            partner: canonical SMILES of the anion, cation, solvent or polymer they meet.
            smiles: one other molecule; the quantities are then of shape (1,), of that one alone.
        """

    @abstractmethod
    def _learned(self, smiles: str) -> FloatArray:
        """What the networks make of a molecule that is no entry, shape (1, networks, d)."""

    @abstractmethod
    def _described(self, smiles: str) -> Entry:
        """The entry that a molecule would have."""


class IonMap(Map):
    """All ions of one role that stand in the checkpoint, by the embeddings of all its networks."""

    def __init__(self, model: IonicLiquidPredictor, role: Role) -> None:
        self._model, self._role = model, role
        self._measured = model.measured_liquids(role)
        known = names.cations() if role == "cation" else names.anions()
        self._catalogue = {ion.smiles: ion for ion in known}
        ions = [canonical_ion(smiles) for smiles in model.known(role)]
        self._prepared = model.prepare(ions, role)
        super().__init__(role, [self._entry(ion) for ion in ions], self._prepared.embeddings)

    def quantities(self, partner: str, smiles: str | None = None) -> dict[str, Quantity]:
        """All properties of the ionic liquids with one counter-ion; see the base class."""
        own = (
            self._prepared
            if smiles is None
            else self._model.prepare([canonical_ion(smiles)], self._role)
        )
        other = self._model.prepare(
            [canonical_ion(partner)], "anion" if self._role == "cation" else "cation"
        )
        grid = self._model.grid(*((own, other) if self._role == "cation" else (other, own)))
        found = {}
        for i, (key, prop) in enumerate(PROPERTIES.items()):
            value, low, high = (
                ends[i].ravel().astype(np.float64) for ends in (grid.value, grid.low, grid.high)
            )
            support = tuple(SUPPORTS[code] for code in grid.support[i].ravel())
            log = prop.transform == "log10"
            found[key] = Quantity(
                key, prop.label, prop.units[0], value, low, high, support, log=log
            )  # fmt: skip
        return found

    def _learned(self, smiles: str) -> FloatArray:
        return self._model.prepare([canonical_ion(smiles)], self._role).embeddings

    def _described(self, smiles: str) -> Entry:
        return self._entry(canonical_ion(smiles))

    def _entry(self, ion: Ion) -> Entry:
        known, measured = self._catalogue.get(ion.smiles), self._measured[ion.smiles]
        if known is None:
            return Entry(ion.smiles, "", "", family(ion), measured)
        short = f"[{known.abbreviation}]" if known.abbreviation else ""
        return Entry(ion.smiles, known.name, short, known.family, measured)


_HANSEN: Final = {"hansen_D": "δD", "hansen_P": "δP", "hansen_H": "δH"}


class MoleculeMap(Map):
    """Polymers or solvents of the training data and of the catalogue, by places and radii."""

    def __init__(self, model: MiscibilityPredictor, kind: Literal["polymer", "solvent"]) -> None:
        self._model, self._kind = model, kind
        self._measured = model.measured_pairs(kind)
        named = names.polymers() if kind == "polymer" else names.solvents()
        self._catalogue = {entry.smiles: entry for entry in named}
        smiles = [*dict.fromkeys((*model.known(kind), *self._catalogue))]
        super().__init__(kind, [self._described(s) for s in smiles], model.latents(smiles, kind))

    def quantities(self, partner: str, smiles: str | None = None) -> dict[str, Quantity]:
        """Of chi, the probability of dissolving, and Hansen parameters; see the base class."""
        own = [entry.smiles for entry in self.entries] if smiles is None else [smiles]
        if self._kind == "polymer":
            polymers = [parse_polymer(s) for s in own]
            solvents = [parse_solvent(partner)] * len(own)
        else:
            polymers = [parse_polymer(partner)] * len(own)
            solvents = [parse_solvent(s) for s in own]
        state = np.full(len(own), REFERENCE_TEMPERATURE_K), np.full(len(own), np.nan)
        table = self._model.predict_many(polymers, solvents, *state)
        support, none = tuple(table.support), np.full(len(own), np.nan)
        found = [
            Quantity("chi", "χ", Unit(""), table.chi, table.chi_low, table.chi_high, support),
            Quantity(
                "soluble",
                "Probability of dissolving",
                Unit("%", 100.0),
                table.soluble_probability,
                none,
                none,
                support,
            ),
        ]
        parameters = np.array(
            [self._model.hansen(x) for x in (polymers if self._kind == "polymer" else solvents)]
        )
        found += [
            Quantity(key, f"Hansen {symbol}", Unit("MPa⁰·⁵"), column, none, none, ())
            for (key, symbol), column in zip(_HANSEN.items(), parameters.T, strict=True)
        ]
        return {quantity.key: quantity for quantity in found}

    def sphere(self, polymer: str, places: FloatArray) -> FloatArray:
        """Cut the generalised sphere of a polymer with the map of solvents.

        Args:
            polymer: canonical repeat unit.
            places: on the map, shape (m, 2).

        Returns:
            Probability at 298.15 K that the polymer dissolves in a solvent that would lie there and
            be average in all other ways, shape (m,).
        """
        return self._model.soluble_at(parse_polymer(polymer), self.plane.lift(places))

    def _learned(self, smiles: str) -> FloatArray:
        return self._model.latents([smiles], self._kind)

    def _described(self, smiles: str) -> Entry:
        known = self._catalogue.get(smiles)
        return Entry(
            smiles,
            known.name if known is not None else "",
            known.abbreviation if isinstance(known, names.CataloguePolymer) else "",
            polymer_family(parse_polymer(smiles))
            if self._kind == "polymer"
            else solvent_family(parse_solvent(smiles)),
            self._measured[smiles],
        )


# ------------------------------------------------------------------------- a sphere in three axes


@dataclass(frozen=True, eq=False)
class Body:
    """Solvents along three main axes, and the generalised sphere of a polymer among them.

    Attributes:
        places: of n solvents, shape (n, 3).
        explained: share of the variance along each axis, shape (3,).
        axes: the places of a grid along each axis, three arrays of shape (m,).
        probability: of dissolving in a solvent that would lie at a point of the grid and be average
            in all other ways, shape (m, m, m).
        cut: the same at the places of the n solvents, shape (n,).
    """

    places: FloatArray
    explained: FloatArray
    axes: tuple[FloatArray, FloatArray, FloatArray]
    probability: FloatArray
    cut: FloatArray


def generalised_sphere(
    model: MiscibilityPredictor, polymer: str, solvents: Sequence[str], points: int = 12
) -> Body:
    """Cut the generalised sphere of a polymer with the space of the three main axes of solvents.

    Args:
        model: of polymers in solvents.
        polymer: canonical repeat unit.
        solvents: n canonical SMILES, four or more; they set the axes and the size of the grid.
        points: of the grid along each axis.
    """
    vectors = model.latents(solvents, "solvent")
    plane = Plane.of(vectors, 3)
    places = plane.project(plane.common(vectors))
    margin = 0.15 * np.ptp(places, axis=0)
    low, high = places.min(axis=0) - margin, places.max(axis=0) + margin
    first, second, third = (
        np.linspace(start, end, points) for start, end in zip(low, high, strict=True)
    )
    grid = np.stack(np.meshgrid(first, second, third, indexing="ij"), axis=-1).reshape(-1, 3)
    asked = parse_polymer(polymer)
    found = model.soluble_at(asked, plane.lift(np.concatenate([grid, places])))
    shape = (points, points, points)
    return Body(
        places,
        plane.explained,
        (first, second, third),
        found[: len(grid)].reshape(shape),
        found[len(grid) :],
    )
