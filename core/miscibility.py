"""The polymer-solvent network: two towers, a generalised Hansen sphere, named tasks.

A tower turns the features of a polymer or of a solvent into a place ``u`` and a radius ``r`` in a
latent space of m dimensions. As in Hansen's method a solvent suits a polymer if it lies close
enough, in each dimension:

    z_k = (u_polymer,k - u_solvent,k)² - r_polymer,k² - r_solvent,k²

(Aoki et al., Macromolecules 2023, doi 10.1021/acs.macromol.2c02600). All tasks are linear in z:
chi from experiment, ``A + B / T`` in a dilute solution and a correction linear in the volume
fraction of the polymer; chi as COSMO-RS gives it, ``A + B / T``, and as the project's own
simulations do; the logit of being soluble; the computed solubility. An activity coefficient at
infinite dilution is chi at a polymer volume fraction of 1, up to a constant. The Hansen parameters
of each molecule are linear in its own u and r.

The **sphere** form is the published one. The **extended** form also gives the heads the products
``u_polymer u_solvent`` and ``r_polymer r_solvent``, so that a strong donor and a strong acceptor
may attract each other, which no distance can say.

All members of an ensemble are trained side by side: each parameter has a leading axis of members,
and each member sees its own random share of the features. The network sees tensors only; structures
become features in :mod:`core.features.polymer_solvent`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.layers import Scaled, Stacked

__all__ = [
    "DILUTE",
    "LABEL_BASES",
    "REFERENCE_TEMPERATURE_K",
    "TASKS",
    "Facing",
    "Form",
    "Kind",
    "Latent",
    "MiscibilityConfig",
    "MiscibilityNetwork",
    "Prepared",
    "State",
    "Task",
]

Form = Literal["sphere", "extended"]
Kind = Literal["polymer", "solvent"]

REFERENCE_TEMPERATURE_K: Final = 298.15
DILUTE: Final = 0.0
"""Volume fraction of the polymer where none is given: a dilute solution."""

LABEL_BASES: Final = ("handbook", "visual score", "turbidity")
"""Where a label comes from; the probability of dissolving is given on the first one's basis."""

# Where the coefficients are anchored: the middle of the measured temperatures.
_ANCHOR_K: Final = 330.0
# 1000 K / T varies by about this much over the data.
_INVERSE_SPREAD: Final = 0.4
_ENTROPIC_CHI: Final = 0.34


# A dilute solution has A + B / T; measurements at high temperature, all of a trace of solvent in
# the polymer, bend more, and only what goes with the fraction may bend with them.
_CHI_TERMS: Final = ("one", "inverse", "fraction", "fraction_inverse", "fraction_inverse_square")


@dataclass(frozen=True, slots=True)
class Task:
    """One thing the network learns.

    Attributes:
        label: for people.
        unit: of the learned value.
        measured: whether experiments or a computation gave the values.
        terms: what the coefficients of a pair are multiplied with: names of terms: 1,
            1/T, the volume fraction and its products with them, or 1 for labels of one basis.
        optional: whether a network may lack it.
    """

    label: str
    unit: str
    measured: bool
    terms: tuple[str, ...]
    optional: bool = False


TASKS: Final[Mapping[str, Task]] = MappingProxyType(
    {
        "chi": Task(
            "Flory-Huggins chi, experiment",
            "1",
            measured=True,
            terms=_CHI_TERMS,
        ),
        "chi_cosmo_rs": Task(
            "Flory-Huggins chi, COSMO-RS", "1", measured=False, terms=("one", "inverse")
        ),
        "soluble": Task(
            "soluble or not",
            "logit",
            measured=True,
            terms=("one", "inverse", "basis_0", "basis_1", "basis_2"),
        ),
        "solubility_cosmo_rs": Task(
            "solubility, COSMO-RS", "log10 wt %", measured=False, terms=("one", "inverse")
        ),
        "activity": Task("chi at infinite dilution of the solvent", "1", measured=True, terms=()),
        "hansen": Task("Hansen parameters", "MPa^0.5", measured=True, terms=()),
        "chi_simulated": Task(
            "Flory-Huggins chi, simulation of the COSMO-RS type",
            "1",
            measured=False,
            terms=("one", "inverse"),
            optional=True,
        ),
    }
)
"""Tasks by name; ``activity`` has chi's coefficients, ``hansen`` belongs to single molecules."""

# Typical Hansen parameters of solvents, and how far they spread: dD, dP, dH in MPa^0.5.
_HANSEN_MEAN, _HANSEN_SPREAD = (16.8, 6.0, 7.0), (1.8, 4.5, 5.0)


@dataclass(frozen=True)
class MiscibilityConfig:
    """Sizes and regularisation of the network.

    Attributes:
        members: networks in the ensemble.
        latent: dimensions of the latent space.
        hidden: width of the two hidden layers of a tower.
        dropout: on hidden layers.
        feature_share: which part of the features a member sees.
        form: what the heads see of a pair.
    """

    members: int = 10
    latent: int = 24
    hidden: int = 96
    dropout: float = 0.15
    feature_share: float = 0.5
    form: Form = "sphere"

    def as_dict(self) -> dict[str, Any]:
        """Return the configuration as plain data for a model card."""
        return asdict(self)


class Latent(NamedTuple):
    """Places and radii in the latent space, each of shape (k, n, m)."""

    u: Tensor
    r: Tensor

    def take(self, index: Tensor) -> Latent:
        """The molecules ``index`` points to."""
        return Latent(self.u[:, index], self.r[:, index])


class Prepared(NamedTuple):
    """What does not depend on the polymer, for n solvents, which run along the last axis.

    Attributes:
        places: places, and radii in the extended form, shape (k, m or 2 m, n).
        own: what the solvents alone contribute to each coefficient, shape (k, columns, n).
        own_mean: its mean over the members, shape (columns, n).
    """

    places: Tensor
    own: Tensor
    own_mean: Tensor


class Facing(NamedTuple):
    """One polymer at one state, asked about one task: all that meets the prepared solvents.

    Attributes:
        place: what is multiplied with ``places``, shape (k, 1, m or 2 m).
        mix: what is multiplied with ``own``, shape (1, t) for t of the columns.
        columns: which columns these are.
        constant: of each member, shape (k, 1, 1).
    """

    place: Tensor
    mix: Tensor
    columns: slice
    constant: Tensor

    def members(self, prepared: Prepared) -> Tensor:
        """Every member's values, shape (k, n): :meth:`MiscibilityNetwork.values` of the pairs."""
        # Vectors times matrices: a product of a few rows takes several times as long as each alone.
        value = torch.baddbmm(self.constant, self.place, prepared.places)
        mix = self.mix.expand(len(value), 1, -1)
        return value.baddbmm_(mix, prepared.own[:, self.columns])[:, 0]

    def mean(self, prepared: Prepared) -> Tensor:
        """Mean of the members' values, shape (n,), without these."""
        place = self.place.flatten() / len(self.place)
        value = torch.addmv(self.constant.mean(), prepared.places.flatten(0, 1).T, place)
        return value.addmv_(prepared.own_mean[self.columns].T, self.mix[0])


class State(NamedTuple):
    """What a pair is asked about, each of shape (n,).

    Attributes:
        temperature_K: in kelvin.
        volume_fraction: of the polymer, 0 to 1.
        basis: of a label, index into :data:`LABEL_BASES`.
    """

    temperature_K: Tensor
    volume_fraction: Tensor
    basis: Tensor


class Tower(Scaled):
    """From features to places and radii, for each member."""

    columns: Tensor

    def __init__(self, config: MiscibilityConfig, features: int) -> None:
        super().__init__(features)
        k, width = config.members, config.hidden
        seen = max(1, round(features * config.feature_share))
        self.register_buffer(
            "columns", torch.stack([torch.randperm(features)[:seen] for _ in range(k)])
        )
        self.first, self.second = Stacked(k, seen, width), Stacked(k, width, width)
        self.first_norm, self.second_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.out = Stacked(k, width, 2 * config.latent, gain=0.5)
        self.dropout, self.latent = config.dropout, config.latent

    def forward(self, features: Tensor) -> Latent:
        """Features (n, f) to places and radii (k, n, m)."""
        x = self.scaled(features)
        x = x.T[self.columns].transpose(1, 2)
        hidden = functional.silu(self.first_norm(self.first(x)))
        hidden = functional.dropout(hidden, self.dropout, self.training)
        second = functional.silu(self.second_norm(self.second(hidden)))
        hidden = functional.dropout(second, self.dropout, self.training) + hidden
        u, r = self.out(hidden).split(self.latent, dim=-1)
        return Latent(u, r)


class MiscibilityNetwork(nn.Module):
    """Two towers and the heads of all tasks; see the module's text.

    ``offset`` and ``scale`` carry each task's standardised value to its unit; they are buffers, so
    the weights cannot be parted from them.
    """

    offset: Tensor
    scale: Tensor
    hansen_mean: Tensor
    hansen_spread: Tensor

    def __init__(
        self,
        config: MiscibilityConfig,
        polymer: int,
        solvent: int,
        tasks: Sequence[str] = (*TASKS,),
    ) -> None:
        """Make a network for so many features of a polymer and of a solvent, and these tasks."""
        super().__init__()
        k, m = config.members, config.latent
        self.config = config
        self.tasks = tuple(tasks)
        # Every coefficient of every task has its column.
        self._columns: dict[str, slice] = {}
        columns = 0
        for task in self.tasks:
            self._columns[task] = slice(columns, columns := columns + len(TASKS[task].terms))
        self.columns = columns
        self.polymer = Tower(config, polymer)
        self.solvent = Tower(config, solvent)
        inputs = m if config.form == "sphere" else 3 * m
        self.heads = Stacked(k, inputs, columns, gain=0.3)
        self.hansen_polymer, self.hansen_solvent = Stacked(k, 2 * m, 3), Stacked(k, 2 * m, 3)
        self.activity_offset = nn.Parameter(torch.zeros(k, 1))
        self.register_buffer("offset", torch.zeros(len(self.tasks)))
        self.register_buffer("scale", torch.ones(len(self.tasks)))
        self.register_buffer("hansen_mean", torch.tensor(_HANSEN_MEAN))
        self.register_buffer("hansen_spread", torch.tensor(_HANSEN_SPREAD))

    def column(self, task: str) -> int:
        """Where the constant term of a task stands among the coefficients."""
        return int(self._columns[task].start)

    def index(self, task: str) -> int:
        """Where a task's offset and scale stand; an activity has those of chi."""
        return self.tasks.index(_shared(task))

    # ------------------------------------------------------------------------------ pair by pair

    def coefficients(self, polymer: Latent, solvent: Latent) -> Tensor:
        """Coefficients (k, n, columns) of n pairs, given side by side."""
        distance = (polymer.u - solvent.u) ** 2 - polymer.r**2 - solvent.r**2
        if self.config.form == "sphere":
            found: Tensor = self.heads(distance)
        else:
            products = [polymer.u * solvent.u, polymer.r * solvent.r]
            found = self.heads(torch.cat([distance, *products], dim=-1))
        return found

    def standardised(self, task: str, q: Tensor, state: State) -> Tensor:
        """Values of a task on its standardised scale, shape (k, n).

        Args:
            task: one of the network's that pairs have.
            q: coefficients, shape (k, n, columns).
            state: of shape (n,).
        """
        own = _shared(task)
        value = (q[..., self._columns[own]] * _terms(own, state)).sum(dim=-1)
        return value + self.activity_offset if task == "activity" else value

    def values(self, task: str, q: Tensor, state: State) -> Tensor:
        """Values of a task in its unit, shape (k, n); arguments as of :meth:`standardised`."""
        return self._in_unit(task, self.standardised(task, q, state))

    def irregularity(self, q: Tensor) -> Tensor:
        """How far chi's change with temperature is from that of a regular solution, shape (k, n).

        There ``chi = 0.34 + V (δ₁ - δ₂)² / (R T)``, so that what exceeds the entropic 0.34 goes
        with 1/T (Blanks, Prausnitz, Ind. Eng. Chem. Fundam. 1964, 3, 1, doi 10.1021/i160009a001).
        Zero is a good guess where few temperatures were measured. On the standardised scale.
        """
        index = self.index("chi")
        level, slope = (q[..., self.column("chi") + i] for i in (0, 1))
        level = level + (self.offset[index] - _ENTROPIC_CHI) / self.scale[index]
        return slope - _ANCHOR_K * _INVERSE_SPREAD / 1000.0 * level

    def _in_unit(self, task: str, value: Tensor) -> Tensor:
        index = self.index(task)
        return value * self.scale[index] + self.offset[index]

    def hansen(self, latent: Latent, kind: Kind) -> Tensor:
        """Hansen parameters dD, dP, dH in MPa^0.5, shape (k, n, 3)."""
        head = self.hansen_polymer if kind == "polymer" else self.hansen_solvent
        found: Tensor = head(torch.cat([latent.u, latent.r], dim=-1))
        return found * self.hansen_spread + self.hansen_mean

    # --------------------------------------------------------------------------- one against many

    def prepare(self, solvent: Latent) -> Prepared:
        """Do all that does not depend on the polymer."""
        own = torch.bmm(solvent.u**2 - solvent.r**2, self.heads.weight[:, : self.config.latent])
        own = own.transpose(1, 2).contiguous()
        parts = [solvent.u] if self.config.form == "sphere" else [solvent.u, solvent.r]
        places = torch.cat(parts, dim=-1).transpose(1, 2).contiguous()
        return Prepared(places, own, own.mean(dim=0))

    def facing(self, polymer: Latent, task: str, state: State) -> Facing:
        """Make one polymer at one state ready to meet prepared solvents.

        Args:
            polymer: of shape (k, 1, m).
            task: one of the network's that pairs have, but ``activity``.
            state: one state, shape (1,).
        """
        m = self.config.latent
        terms = _terms(task, state)[0] * self.scale[self.index(task)]
        used = terms.nonzero()[:, 0].tolist() or [0]  # in a dilute solution hardly half of them
        mix = terms[used[0] : used[-1] + 1]
        columns = slice(self.column(task) + used[0], self.column(task) + used[-1] + 1)
        head = self.heads.weight[..., columns] @ mix
        near = head[:, :m]
        u, r = polymer.u[:, 0], polymer.r[:, 0]
        # (u_p - u_s)² holds the product -2 u_p u_s beside the squares.
        place = -2.0 * u * near
        if self.config.form == "extended":
            place = torch.cat([place + u * head[:, m : 2 * m], r * head[:, 2 * m :]], dim=-1)
        constant = self.heads.bias[:, 0, columns] @ mix + ((u**2 - r**2) * near).sum(dim=-1)
        constant = constant + self.offset[self.index(task)]
        return Facing(place[:, None], mix[None], columns, constant[:, None, None])


def _shared(task: str) -> str:
    """The task whose coefficients and scale a task has."""
    return "chi" if task == "activity" else task


def _terms(task: str, state: State) -> Tensor:
    """What the coefficients of a task are multiplied with, shape (n, terms)."""
    # Few operations, and only the terms the task has: small tables are all overhead.
    t = (1000.0 / _INVERSE_SPREAD) * (state.temperature_K.reciprocal() - 1.0 / _ANCHOR_K)
    found = []
    for name in TASKS[task].terms:
        if name == "one":
            found.append(torch.ones_like(t))
        elif name == "inverse":
            found.append(t)
        elif name == "fraction":
            found.append(state.volume_fraction)
        elif name == "fraction_inverse":
            found.append(state.volume_fraction * t)
        elif name == "fraction_inverse_square":
            found.append(state.volume_fraction * 0.5 * (t**2 - 1.0))
        else:  # basis_0 and so on
            found.append((state.basis == int(name.removeprefix("basis_"))).to(t.dtype))
    return torch.stack(found, dim=-1)
