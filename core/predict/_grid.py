"""All pairs of some cations and some anions at one state: the split that screening lives on.

The first layer of a head sees ``[c; a; c * a; counts]`` and is linear, so for one cation it is a
linear map of the anion's embedding alone: ``(W_a + diag(c) W_p) a + (W_c c + b) + W_n counts``.
Nothing is gathered and nothing is computed twice; the numbers are those of
:meth:`core.recommender.Recommender.coefficients`, but for rounding.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from core.chemistry import Ion, Role
from core.domain import INSIDE, UNGRADED
from core.recommender import Pairs, Recommender
from core.uncertainty import SUPPORTS

__all__ = ["Grid", "Law", "Laws", "PreparedIons", "coefficients", "pairs_of", "tiers"]

# What is known of an ion -> what supports a pair of two such ions, if the pair was not measured.
_KNOWN, _SIMULATED, _NEITHER = 0, 1, 2
_TIERS: Final = np.array(
    [
        [SUPPORTS.index(tier) for tier in row]
        for row in (
            ("both_ions_known", "new_anion", "unsimulated_anion"),
            ("new_cation", "two_new_ions", "two_new_ions"),
            ("unsimulated_cation", "two_new_ions", "two_new_ions"),
        )
    ],
    dtype=np.uint8,
)
_MEASURED: Final = SUPPORTS.index("pair_measured")


@dataclass(frozen=True, eq=False)
class PreparedIons:
    """Ions of one role, ready to be paired with any others; cut with ``[start:stop]``.

    Attributes:
        ions: n ions.
        role: cation or anion.
        charges: how many charges each has, shape (n,), positive.
        volumes: van der Waals volumes in cubic angstrom, shape (n,).
        molar_masses: g/mol, shape (n,).
        places: row in the table of measured pairs, shape (n,); the last row stands for all ions
            that are not in it.
        known: what is known of each, for each property and then for all of them together, shape
            (properties + 1, n).
        grades: of each for each property, places in ``core.domain.GRADES``, shape (properties, n).
        ends: lowest and highest temperature, and highest pressure, measured of each one's family,
            shape (properties, 3, n).
        networks: embeddings (k, n, d) and factors of the process (properties, n, r), for
            each network.
    """

    ions: tuple[Ion, ...]
    role: Role
    charges: NDArray[np.int64]
    volumes: NDArray[np.float64]
    molar_masses: NDArray[np.float64]
    places: NDArray[np.int64]
    known: NDArray[np.uint8]
    grades: NDArray[np.uint8]
    ends: NDArray[np.float64]
    networks: tuple[tuple[Tensor, Tensor], ...]

    def __len__(self) -> int:
        return len(self.ions)

    @property
    def embeddings(self) -> NDArray[np.float64]:
        """What the networks have learned of the ions, or read from the structure of new ones.

        Shape (n, members of all networks, length of an embedding).
        """
        found = torch.cat([embeddings for embeddings, _ in self.networks])
        return found.transpose(0, 1).numpy().astype(np.float64)

    def __getitem__(self, rows: slice) -> PreparedIons:
        return PreparedIons(
            self.ions[rows],
            self.role,
            self.charges[rows],
            self.volumes[rows],
            self.molar_masses[rows],
            self.places[rows],
            self.known[:, rows],
            self.grades[:, rows],
            self.ends[:, :, rows],
            tuple((table[:, rows], factors[:, rows]) for table, factors in self.networks),
        )


class Law(NamedTuple):
    """A property of m n pairs at any state.

    Attributes:
        q: coefficients (k, m n, c), as :func:`coefficients` gives them.
        shift: how far the Gaussian process moves the network's mean, (m n,).
    """

    q: Tensor
    shift: Tensor


@dataclass(frozen=True, eq=False)
class Laws:
    """All pairs of m cations and n anions, ready for any state; the anion runs fastest.

    Attributes:
        cations: m cations.
        anions: n anions.
        pairs: all pairs.
        by_property: of each property that depends on the state.
        fixed: value and both ends of the interval of the others, (3, m, n) each.
        support: as in :class:`Grid`, and in the last row for all properties together.
        grade: as in :class:`Grid`, by the ions alone, and of the fixed properties by the spread of
            the members too.
    """

    cations: PreparedIons
    anions: PreparedIons
    pairs: Pairs
    by_property: dict[str, Law]
    fixed: dict[str, NDArray[np.float32]]
    support: NDArray[np.uint8]
    grade: NDArray[np.uint8]

    def strange(self, row: int) -> NDArray[np.uint8]:
        """How many ions of each pair are graded, and not inside, for a property, shape (m n,)."""
        of_cation, of_anion = (
            ((own > INSIDE) & (own < UNGRADED)).astype(np.uint8)
            for own in (self.cations.grades[row], self.anions.grades[row])
        )
        found: NDArray[np.uint8] = np.add.outer(of_cation, of_anion).ravel()
        return found


@dataclass(frozen=True, eq=False)
class Grid:
    """All properties of all pairs of m cations and n anions, in the order of the property table.

    Attributes:
        value: in the unit of the property, shape (properties, m, n).
        low: lower ends of the 90 % intervals, likewise.
        high: upper ends of the 90 % intervals, likewise.
        support: what of the pair was in the training data of each property, as places in
            ``SUPPORTS``, shape (properties, m, n).
        support_any: the same for the training data of all properties together, shape (m, n).
        grade: places in ``core.domain.GRADES``, or :data:`core.domain.UNGRADED` from a model that
            has no domain, shape (properties, m, n).
    """

    value: NDArray[np.float32]
    low: NDArray[np.float32]
    high: NDArray[np.float32]
    support: NDArray[np.uint8]
    support_any: NDArray[np.uint8]
    grade: NDArray[np.uint8]


def known_as(known: NDArray[np.bool_], simulated: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """What is known of n ions for one property, from two masks of shape (n,)."""
    return np.where(known, _KNOWN, np.where(simulated, _SIMULATED, _NEITHER)).astype(np.uint8)


def tiers(
    cations: PreparedIons, anions: PreparedIons, row: int, measured: NDArray[np.bool_]
) -> NDArray[np.uint8]:
    """What supports each pair, as places in ``SUPPORTS``, shape (m, n).

    Args:
        cations: m cations.
        anions: n anions.
        row: the property, a row of ``known``.
        measured: measured pairs by the places of their ions.
    """
    found: NDArray[np.uint8] = _TIERS[cations.known[row][:, None], anions.known[row]]
    found[measured[cations.places[:, None], anions.places]] = _MEASURED
    return found


def _counts(cations: PreparedIons, anions: PreparedIons) -> tuple[NDArray[np.int64], ...]:
    """Cations and anions in the formula unit, both of shape (m, n)."""
    common = np.gcd(cations.charges[:, None], anions.charges)
    return anions.charges // common, cations.charges[:, None] // common


def pairs_of(cations: PreparedIons, anions: PreparedIons) -> Pairs:
    """All pairs of m cations and n anions, the anion running fastest."""
    n_cation, n_anion = _counts(cations, anions)

    def sums(of_cations: NDArray[np.float64], of_anions: NDArray[np.float64]) -> Tensor:
        total = n_cation * of_cations[:, None] + n_anion * of_anions
        return torch.as_tensor(total.ravel())

    rows = torch.arange(n_cation.size)
    return Pairs(
        rows // len(anions),
        rows % len(anions),
        torch.as_tensor(n_cation.ravel()).float(),
        torch.as_tensor(n_anion.ravel()).float(),
        sums(cations.volumes, anions.volumes).log().float(),
        sums(cations.molar_masses, anions.molar_masses).float(),
    )


def coefficients(model: Recommender, c: Tensor, a: Tensor, pairs: Pairs) -> Tensor:
    """Coefficients of the physical laws for all pairs, shape (k, m n, c).

    Args:
        model: the network.
        c: embeddings of m cations, shape (k, m, d).
        a: embeddings of n anions, shape (k, n, d).
        pairs: all pairs of the two, the anion running fastest.
    """
    members, m, size = c.shape
    n = a.shape[1]
    counts = torch.stack([pairs.n_cation, pairs.n_anion], dim=1).log().view(m, n, 2)
    # A coefficient of all pairs lies together: the laws read one after the other.
    q = torch.empty(members, model.out.weight.shape[2], m * n)
    for k in range(members):
        of_cation, of_anion, of_both, of_counts = torch.split(
            model.first.weight[k], [size, size, size, 2]
        )
        own = model.first.bias[k] + c[k] @ of_cation
        h = torch.baddbmm(
            own[:, None].expand(-1, n, -1),
            a[k].expand(m, -1, -1),
            of_anion + c[k][:, :, None] * of_both,
        )
        if counts.any():
            h += counts @ of_counts
        h = functional.silu(h, inplace=True).view(m * n, -1)
        h += functional.silu(torch.addmm(model.second.bias[k], h, model.second.weight[k]))
        torch.matmul(model.out.weight[k].T, h.T, out=q[k])
        alone_c, alone_a = torch.split(model.additive.weight[k], size)
        both = q[k].view(-1, m, n)
        both += (c[k] @ alone_c + model.additive.bias[k] + model.out.bias[k]).T[:, :, None]
        both += (a[k] @ alone_a).T[:, None]
    return q.transpose(1, 2)
