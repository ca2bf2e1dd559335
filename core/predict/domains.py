"""Grades of predictions: what :mod:`core.domain` knows, asked about ions, polymers and solvents."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from core import names
from core.chemistry import Ion, Polymer, Role, Solvent, family
from core.domain import (
    ANY,
    EDGE,
    INSIDE,
    MARGIN_K,
    NEAR,
    NEW_CHARGE,
    NEW_ELEMENT,
    Domain,
    elements_of,
    grades_of,
    sentence,
    standings,
    unseen,
)
from core.properties import PROPERTIES

__all__ = ["IonStandings", "MoleculeStandings", "Space", "span_codes", "span_ends", "span_reasons"]

FloatArray = NDArray[np.float64]
SingleArray = NDArray[np.float32]
CodeArray = NDArray[np.uint8]

_REMEMBERED: Final = 4096


class Space:
    """Measured molecules as points, and where any molecule lies among them."""

    def __init__(
        self, points: Callable[[], SingleArray], locate: Callable[[str], SingleArray]
    ) -> None:
        """Take a function that gives the m points, (m, d), once, and one for any SMILES, (d,)."""
        self._points, self._locate = points, locate

    @cached_property
    def _known(self) -> tuple[SingleArray, SingleArray]:
        points = self._points()
        return points, np.einsum("md,md->m", points, points)

    def apart(self, smiles: str) -> FloatArray:
        """Distance of a molecule to each measured one, shape (m,)."""
        points, squares = self._known
        own = self._locate(smiles)
        square = squares + own @ own - 2.0 * (points @ own)
        found: FloatArray = np.sqrt(square.clip(min=0.0).astype(np.float64))
        return found


class IonStandings:
    """How cations, or anions, stand to the measured ones, for each property and for all.

    Attributes:
        keys: of the properties, in the order of rows.
        reason: grade of an ion that is not inside for a property, and why, as a sentence; none if
            it is inside.
    """

    def __init__(
        self,
        domain: Domain,
        role: Role,
        *,
        places: Mapping[str, int],
        measured: Mapping[str, NDArray[np.bool_]],
        spaces: Mapping[str, Space],
        descriptors: Mapping[str, Space],
    ) -> None:
        """Take what a predictor knows of the ions of one role.

        Args:
            domain: of the model.
            role: cation or anion.
            places: row of each ion in the tables of the model; measured ones come first.
            measured: which of the m measured ions have a value of a property, by its key.
            spaces: by key, the embedding.
            descriptors: by key, the space of scaled descriptors.
        """
        self.keys = tuple(domain.tabled[role])
        self._domain, self._role, self._places, self._measured = domain, role, places, measured
        self._spaces, self._descriptors = spaces, descriptors
        self._smiles = tuple(places)
        self._tabled = np.stack([domain.tabled[role][key] for key in self.keys])

        @lru_cache(maxsize=_REMEMBERED)
        def drawn(ion: Ion) -> CodeArray:
            return self._of_drawn(ion)

        @lru_cache(maxsize=_REMEMBERED)
        def reason(ion: Ion, key: str) -> tuple[int, str] | None:
            return self._reason(ion, key)

        self._drawn, self.reason = drawn, reason

    def of(self, ions: Sequence[Ion]) -> CodeArray:
        """Standings of n ions, shape (keys, n)."""
        place = np.array([self._places.get(ion.smiles, -1) for ion in ions], dtype=np.int64)
        found = self._tabled[:, place]
        for row in np.flatnonzero(place < 0).tolist():
            found[:, row] = self._drawn(ions[row])
        return found

    def _of_drawn(self, ion: Ion) -> CodeArray:
        domain, role = self._domain, self._role
        if not elements_of(ion.formula) <= domain.elements[role]:
            return np.full(len(self.keys), NEW_ELEMENT, dtype=np.uint8)
        if ion.charge not in domain.charges[role]:
            return np.full(len(self.keys), NEW_CHARGE, dtype=np.uint8)
        embedded: dict[Space, FloatArray] = {}
        found = np.empty(len(self.keys), dtype=np.uint8)
        for row, key in enumerate(self.keys):
            space, own = self._spaces[key], self._measured[key]
            if space not in embedded:
                embedded[space] = space.apart(ion.smiles)
            found[row] = standings(
                self._descriptors[key].apart(ion.smiles)[own].min(keepdims=True),
                domain.descriptors[key][role],
                embedded[space][own].min(keepdims=True),
                domain.embedding[key][role],
            )[0]
        return found

    def neighbours(self, ion: Ion, key: str) -> FloatArray:
        """Distance of an ion in the embedding to each measured one of a property, shape (m,).

        The unit is the limit beyond which 5 % of the measured ions lie; infinite for ions without a
        value of the property.
        """
        apart = self._spaces[key].apart(ion.smiles) / self._domain.embedding[key][self._role]
        place = self._places.get(ion.smiles, -1)
        if 0 <= place < len(apart):
            apart[place] = 0.0
        found: FloatArray = np.where(self._measured[key], apart, np.inf)
        return found

    def _reason(self, ion: Ion, key: str) -> tuple[int, str] | None:
        code = self.of([ion])[self.keys.index(key)]
        if not code[0]:
            return None
        grade = int(grades_of(code)[0])
        if code[0] == NEW_ELEMENT:
            known = self._domain.elements[self._role]
            return grade, unseen(self._role, elements_of(ion.formula), known)
        if code[0] == NEW_CHARGE:
            return grade, f"No {self._role} of charge {ion.charge:+d} was measured."
        place = int(np.argmin(self.neighbours(ion, key)))
        label = names.label_of(self._smiles[place])
        return grade, sentence(int(code[0]), self._role, label)


class MoleculeStandings:
    """How polymers, or solvents, stand to the measured ones.

    Attributes:
        reason: why a molecule is not inside, as a sentence; none if it is.
    """

    def __init__(
        self,
        domain: Domain,
        kind: Literal["polymer", "solvent"],
        known: Sequence[str],
        descriptors: Space,
        embedding: Space,
    ) -> None:
        """Take what a predictor knows of its measured molecules."""
        self._domain, self._kind, self._known = domain, kind, tuple(known)
        self._there = frozenset(known)
        self._descriptors, self._embedding = descriptors, embedding

        @lru_cache(maxsize=_REMEMBERED)
        def of(molecule: Polymer | Solvent) -> int:
            return self._of(molecule)

        @lru_cache(maxsize=_REMEMBERED)
        def reason(molecule: Polymer | Solvent) -> str | None:
            return self._reason(molecule)

        self._standing, self.reason = of, reason

    def of(self, molecules: Sequence[Polymer | Solvent]) -> CodeArray:
        """Standings of n molecules, shape (n,)."""
        return np.array([self._standing(molecule) for molecule in molecules], dtype=np.uint8)

    def _of(self, molecule: Polymer | Solvent) -> int:
        domain, kind, smiles = self._domain, self._kind, molecule.smiles
        if smiles in self._there:
            return NEAR
        if not elements_of(molecule.formula) <= domain.elements[kind]:
            return NEW_ELEMENT
        found = standings(
            self._descriptors.apart(smiles).min(keepdims=True),
            domain.descriptors[ANY][kind],
            self._embedding.apart(smiles).min(keepdims=True),
            domain.embedding[ANY][kind],
        )
        return int(found[0])

    def _reason(self, molecule: Polymer | Solvent) -> str | None:
        code = self._standing(molecule)
        if code == NEAR:
            return None
        if code == NEW_ELEMENT:
            known = self._domain.elements[self._kind]
            return unseen(self._kind, elements_of(molecule.formula), known)
        smiles = self._known[int(np.argmin(self._embedding.apart(molecule.smiles)))]
        return sentence(code, self._kind, _named(smiles, self._kind))


def _named(smiles: str, kind: Literal["polymer", "solvent"]) -> str:
    if kind == "solvent":
        return names.solvent_name(smiles)
    return names.polymer_label(smiles)


def span_ends(domain: Domain, key: str, ions: Sequence[Ion]) -> FloatArray:
    """What was measured of a property of the families of n ions, with its margin.

    Returns:
        Lowest and highest temperature, and highest pressure, shape (3, n); infinite where nothing
        is known.
    """
    ends = np.empty((3, len(ions)))
    families = domain.families.get(key, {})
    unknown = -np.inf, np.inf
    for place, ion in enumerate(ions):
        spans = families.get(ion.role, {}).get(family(ion), {})
        low, high = spans.get("temperature_K", unknown)
        most = spans.get("pressure_kPa", unknown)[1]
        ends[:, place] = low - MARGIN_K, high + MARGIN_K, most
    return ends


def span_codes(ends: FloatArray, t: FloatArray | float, p: FloatArray | float) -> CodeArray:
    """Grades of states, shape (n,), by the ends of each, shape (3, n)."""
    return np.where((t < ends[0]) | (t > ends[1]) | (p > ends[2]), EDGE, INSIDE).astype(np.uint8)


def span_reasons(
    domain: Domain,
    key: str,
    ion: Ion,
    hot: bool,  # noqa: FBT001 - flags in the order that they are kept in
    pressed: bool,  # noqa: FBT001 - likewise
) -> list[str]:
    """Sentences on a temperature, or a pressure, at which no ion of a family was measured."""
    found: list[str] = []
    if not (hot or pressed):
        return found
    name = family(ion)
    spans = domain.families[key][ion.role][name]
    subject = (
        f"The {PROPERTIES[key].label.lower()} of ionic liquids with a {ion.role} of the family "
        f"{name!r} was measured"
    )
    if hot:
        low, high = spans["temperature_K"]
        found.append(f"{subject} from {low:.0f} to {high:.0f} K only.")
    if pressed:
        found.append(f"{subject} up to {spans['pressure_kPa'][1] / 1000.0:.3g} MPa only.")
    return found
