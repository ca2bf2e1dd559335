"""Applicability domain: whether a prediction is of something like what was measured.

Three plain grades. A molecule is near if the closest measured molecule is no farther than half of
the measured ones have it to theirs, and far beyond 95 % of those distances (the 95th percentile
rule). Members of an ensemble that disagree more than they do on 95 % of held-out pairs of known
molecules are on ground that the data do not fix. Elements and charges that no measured molecule
has, and states beyond those measured, come on top. A prediction has the worst of its grades.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "ANY",
    "APART",
    "EDGE",
    "FAR",
    "FAR_SHARE",
    "GRADES",
    "INSIDE",
    "MARGIN_K",
    "NEAR",
    "NEAR_SHARES",
    "NEW_CHARGE",
    "NEW_ELEMENT",
    "ODD",
    "OUTSIDE",
    "UNGRADED",
    "Domain",
    "Grade",
    "Limits",
    "between",
    "beyond",
    "codes",
    "disagreement",
    "elements_of",
    "grades_of",
    "limits_of",
    "nearest",
    "scale_of",
    "scaled",
    "sentence",
    "standings",
    "unseen",
    "worst",
]

FloatArray = NDArray[np.float64]
CodeArray = NDArray[np.uint8]

Grade = Literal["inside", "edge", "outside"]
GRADES: Final[tuple[Grade, ...]] = ("inside", "edge", "outside")
INSIDE, EDGE, OUTSIDE = range(3)
UNGRADED: Final = 3
"""Stands for a grade where a model has no domain."""
ANY: Final = "any"
"""Stands among the keys of properties for all of them together."""

USUAL_SHARE: Final = 0.5
FAR_SHARE: Final = 0.95
NEAR_SHARES: Final[Mapping[str, float]] = {"ionic-liquids": 0.6, "polymer-solvent": 0.75}
"""By role of a model: members that disagree more than on this share of held-out pairs are no longer
of one mind."""
MARGIN_K: Final = 10.0
"""A temperature so close to those measured is as good as measured."""
_SYMBOL: Final = re.compile(r"[A-Z][a-z]?")
# Distances of molecules that differ in rounding alone.
_SAME: Final = 1e-3
_CUT: Final = 4.0
_BLOCK: Final = 512


@dataclass(frozen=True, slots=True)
class Limits:
    """Where ``inside`` ends and where ``outside`` begins, in the unit of what is graded."""

    usual: float
    far: float


@dataclass(frozen=True)
class Domain:
    """What a card tells of the domain of one model, as plain data in, typed data out.

    Attributes:
        scales: centre and scale of the descriptors, (2, d), by property and then kind of molecule:
            those of the molecules that were measured.
        descriptors: limits of distances in descriptors so scaled, likewise.
        embedding: beyond this distance in the embedding a molecule is at the edge, likewise.
        disagreement: limits of the ensemble's spread, on the learned scale, of the properties whose
            errors it sorts.
        elements: symbols that measured molecules hold, by kind.
        charges: charges that measured molecules have, by kind; empty for neutral ones.
        families: lowest and highest of each variable by property, kind and family.
        tabled: for each kind and property the standing of every molecule in a model's tables.
    """

    scales: Mapping[str, Mapping[str, FloatArray]]
    descriptors: Mapping[str, Mapping[str, Limits]]
    embedding: Mapping[str, Mapping[str, float]]
    disagreement: Mapping[str, Limits]
    elements: Mapping[str, frozenset[str]]
    charges: Mapping[str, frozenset[int]]
    families: Mapping[str, Mapping[str, Mapping[str, Mapping[str, tuple[float, float]]]]]
    tabled: Mapping[str, Mapping[str, CodeArray]]

    @classmethod
    def of(cls, card: Mapping[str, Any]) -> Domain:
        """Read what :meth:`as_dict` wrote.

        Raises:
            LookupError, TypeError or ValueError: if it is not that.
        """
        return cls(
            {
                key: {kind: np.array(rows, dtype=np.float64) for kind, rows in kinds.items()}
                for key, kinds in card["scales"].items()
            },
            {
                key: {kind: Limits(*pair) for kind, pair in kinds.items()}
                for key, kinds in card["descriptors"].items()
            },
            {key: dict(kinds) for key, kinds in card["embedding"].items()},
            {key: Limits(*pair) for key, pair in card["disagreement"].items()},
            {kind: frozenset(symbols) for kind, symbols in card["elements"].items()},
            {kind: frozenset(charges) for kind, charges in card["charges"].items()},
            {
                key: {
                    kind: {
                        family: {name: (ends[0], ends[1]) for name, ends in spans.items()}
                        for family, spans in families.items()
                    }
                    for kind, families in kinds.items()
                }
                for key, kinds in card["families"].items()
            },
            {
                kind: {
                    key: np.frombuffer(digits.encode("ascii"), dtype=np.uint8) - ord("0")
                    for key, digits in by_key.items()
                }
                for kind, by_key in card["tabled"].items()
            },
        )

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data for a card."""
        return {
            "scales": {
                key: {
                    kind: [[float(f"{x:.4g}") for x in row] for row in rows.tolist()]
                    for kind, rows in kinds.items()
                }
                for key, kinds in self.scales.items()
            },
            "descriptors": {
                key: {kind: [own.usual, own.far] for kind, own in kinds.items()}
                for key, kinds in self.descriptors.items()
            },
            "embedding": {key: dict(kinds) for key, kinds in self.embedding.items()},
            "disagreement": {key: [own.usual, own.far] for key, own in self.disagreement.items()},
            "elements": {kind: sorted(own) for kind, own in self.elements.items()},
            "charges": {kind: sorted(own) for kind, own in self.charges.items()},
            "families": {
                key: {
                    kind: {
                        family: {name: list(ends) for name, ends in spans.items()}
                        for family, spans in families.items()
                    }
                    for kind, families in kinds.items()
                }
                for key, kinds in self.families.items()
            },
            "tabled": {
                kind: {key: "".join(map(str, own.tolist())) for key, own in by_key.items()}
                for kind, by_key in self.tabled.items()
            },
        }


# --------------------------------------------------------------------------------------- distances


def scale_of(descriptors: FloatArray) -> FloatArray:
    """Centre and scale, shape (2, d), of descriptors (n, d); what never varies is switched off."""
    spread = descriptors.std(axis=0)
    return np.stack([descriptors.mean(axis=0), np.where(spread < 1e-6, 1e9, spread)])


def scaled(descriptors: FloatArray, scale: FloatArray) -> FloatArray:
    """Descriptors (n, d) in standard deviations from the mean, cut off as the networks do it."""
    found: FloatArray = ((descriptors - scale[0]) / scale[1]).clip(-_CUT, _CUT)
    return found


def nearest(points: FloatArray, known: FloatArray) -> tuple[FloatArray, NDArray[np.int64]]:
    """Distance to the nearest known molecule, and which one it is.

    Args:
        points: n molecules, shape (n, d).
        known: m molecules, shape (m, d); m is at least 1.

    Returns:
        Two arrays of shape (n,). What differs by rounding alone has the distance 0.
    """
    found, which = np.empty(len(points)), np.empty(len(points), dtype=np.int64)
    squares = np.einsum("md,md->m", known, known)
    for start in range(0, len(points), _BLOCK):
        part = points[start : start + _BLOCK]
        apart = squares - 2.0 * (part @ known.T)
        rows = apart.argmin(axis=1)
        # the distance itself without the cancellation of the product
        own = np.linalg.norm(part - known[rows], axis=1)
        found[start : start + _BLOCK] = np.where(own < _SAME, 0.0, own)
        which[start : start + _BLOCK] = rows
    return found, which


def limits_of(values: FloatArray, usual: float = USUAL_SHARE, far: float = FAR_SHARE) -> Limits:
    """The quantiles of ``values`` (n,) that bound the grades.

    Raises:
        ValueError: if there is no value.
    """
    if not len(values):
        raise ValueError("limits need at least one value")
    low, high = np.quantile(values, [usual, far])
    return Limits(float(low), float(high))


def between(known: FloatArray) -> FloatArray:
    """Distance of each known molecule to the nearest other one; (m, d) to (m,), m at least 2."""
    squares = np.einsum("md,md->m", known, known)
    found = np.empty(len(known))
    for start in range(0, len(known), _BLOCK):
        part = known[start : start + _BLOCK]
        apart = squares[start : start + _BLOCK, None] + squares - 2.0 * (part @ known.T)
        rows = np.arange(len(part))
        apart[rows, start + rows] = np.inf
        found[start : start + _BLOCK] = np.sqrt(apart.min(axis=1).clip(min=0.0))
    return found


def codes(values: FloatArray | float, limits: Limits) -> CodeArray:
    """Places in :data:`GRADES` of numbers of which small ones are good, of the same shape."""
    value = np.asarray(values, dtype=np.float64)
    return ((value > limits.usual).astype(np.uint8) + (value > limits.far)).astype(np.uint8)


NEAR, APART, FAR, ODD, NEW_ELEMENT, NEW_CHARGE = range(6)
"""How a molecule stands to the measured ones: near; apart, or far, by its descriptors; far in the
embedding alone; with an element, or a charge, that none of them has."""
_GRADE_OF: Final = np.array([INSIDE, EDGE, OUTSIDE, EDGE, OUTSIDE, OUTSIDE], dtype=np.uint8)


def standings(apart: FloatArray, limits: Limits, embedded: FloatArray, far: float) -> CodeArray:
    """How n molecules stand to the measured ones, by distances alone.

    Args:
        apart: distance in scaled descriptors to the nearest measured one, shape (n,).
        limits: of that.
        embedded: distance in the embedding, shape (n,).
        far: beyond this a molecule is far in the embedding.
    """
    found = codes(apart, limits)
    found[(found == NEAR) & (embedded > far)] = ODD
    return found


def grades_of(standing: CodeArray) -> CodeArray:
    """Places in :data:`GRADES` of standings, of the same shape."""
    found: CodeArray = _GRADE_OF[standing]
    return found


def worst(*parts: CodeArray | int) -> CodeArray:
    """The gravest of several grades, which broadcast."""
    found: Any = parts[0]
    for part in parts[1:]:
        found = np.maximum(found, part)
    return np.asarray(found, dtype=np.uint8)


# --------------------------------------------------------------------------------------- sentences


def elements_of(formula: str) -> frozenset[str]:
    """Symbols in a formula: ``"C8H15N2+"`` to C, H and N."""
    return frozenset(_SYMBOL.findall(formula))


def unseen(kind: str, elements: Collection[str], known: Collection[str]) -> str:
    """The sentence on elements that no measured molecule of a kind holds.

    Args:
        kind: for example ``"cation"``.
        elements: symbols in the molecule, at least one of them not in ``known``.
        known: symbols in measured ones.
    """
    new = sorted(set(elements) - set(known))
    return f"The {kind} holds {_listed(new)}, which no measured {kind} holds."


def sentence(standing: int, kind: str, neighbour: str) -> str:
    """The sentence on a molecule that is apart, far or odd.

    Args:
        standing: one of the three.
        kind: for example ``"cation"``.
        neighbour: what the measured one that is most like it is called.
    """
    if standing == FAR:
        return (
            f"The {kind} is unlike those measured: the nearest, {neighbour}, is farther away than "
            f"for {100.0 * FAR_SHARE:.0f} % of the measured {kind}s."
        )
    if standing == ODD:
        return f"The model itself sees no measured {kind} near; the nearest is {neighbour}."
    return f"No very similar {kind} was measured; the nearest is {neighbour}."


def disagreement(code: int, role: str) -> str:
    """The sentence on members of an ensemble that disagree, for the grade edge or outside.

    Args:
        code: the grade.
        role: of the model.
    """
    share = f"{100.0 * (FAR_SHARE if code == OUTSIDE else NEAR_SHARES[role]):.0f} %"
    return f"The networks disagree more than for {share} of held-out pairs of known molecules."


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def beyond(
    values: FloatArray | float, span: tuple[float, float], margin: float = 0.0
) -> NDArray[np.bool_]:
    """Which values lie outside a span by more than a margin; NaN, where there is none, does not."""
    value = np.asarray(values, dtype=np.float64)
    return (value < span[0] - margin) | (value > span[1] + margin)
