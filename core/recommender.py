"""The neural recommender: ions as embeddings, properties as physical laws.

An ion's embedding is ``encoder(features) + residual``. The encoder sees the structure, so an ion
that was never measured has an embedding too; the residual belongs to one ion and is dropped at
random in training, so that the encoder alone must do well. Heads on a pair of embeddings give the
coefficients of physical laws in temperature and pressure:

* molar volume relative to the van der Waals volume of the ions, with a logarithm linear in
  temperature, and Murnaghan's equation for pressure (Proc. Natl. Acad. Sci. 1944, 30, 244,
  doi 10.1073/pnas.30.9.244); density follows with the molar mass and falls with temperature at
  every pressure, since the least expansion exceeds the most that the pressure term can take back;
* viscosity by the Vogel-Fulcher-Tammann law (for ionic liquids: Okoturo, VanderNoot,
  J. Electroanal. Chem. 2004, 568, 167, doi 10.1016/j.jelechem.2003.12.050), rising with pressure;
  it cannot rise with temperature;
* surface tension and heat capacity with a logarithm linear in temperature, falling and rising; heat
  capacity relative to the van der Waals volume;
* melting point, one number.

All members of an ensemble are trained side by side: each parameter has a leading axis of members,
and each member sees its own random share of the features. The network sees tensors only; structures
become features in :mod:`core.features`.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.layers import Sampled, Stacked

__all__ = ["COEFFICIENTS", "IonEncoder", "IonTable", "Pairs", "Recommender", "RecommenderConfig"]

# Where the coefficients are anchored: the middle of the measured temperatures.
ANCHOR_K: Final = 323.15
_ATMOSPHERE_MPA: Final = 0.101325

# V / V0 = ((B + p) / (B + p0))^-C: C is nearly the same for organic liquids, B falls with
# temperature.
_C, _B_MPA, _B_DECAY, _B_LEAST_MPA = 0.09, 170.0, 0.004, 20.0
# ln V rises by at least this much per kelvin: above C * decay, the most that pressure takes back.
_LEAST_EXPANSION: Final = 3.7e-4

COEFFICIENTS: Final = (
    "volume", "expansion", "bulk", "viscosity", "fragility", "vogel", "pressure_viscosity",
    "surface", "surface_slope", "heat", "heat_slope", "melting",
)  # fmt: skip
_INDEX: Final = {name: i for i, name in enumerate(COEFFICIENTS)}
# Surface energy goes with the area of a mole, which is the power 2/3 of its volume.
_AREA_BY_VOLUME: Final = 2.0 / 3.0
# softplus(x + this) is 1 at x = 0: positive coefficients start at their typical value.
_UNIT_SOFTPLUS: Final = math.log(math.e - 1.0)


@dataclass(frozen=True)
class RecommenderConfig:
    """Sizes and regularisation of a recommender.

    Attributes:
        members: networks in the ensemble.
        embedding: length of an ion's embedding.
        encoder_hidden: width of the encoder.
        head_hidden: width of the two layers on a pair.
        dropout: on hidden layers.
        feature_dropout: on the encoder's input.
        feature_share: which part of the features a member sees.
        residual_dropout: how often an ion's residual is left out in training.
    """

    members: int = 8
    embedding: int = 32
    encoder_hidden: int = 128
    head_hidden: int = 80
    dropout: float = 0.1
    feature_dropout: float = 0.1
    feature_share: float = 0.6
    residual_dropout: float = 0.5

    def as_dict(self) -> dict[str, Any]:
        """Return the configuration as plain data for a model card."""
        return asdict(self)


class IonEncoder(Sampled):
    """From the features of ions to their embeddings, for each member."""

    def __init__(self, config: RecommenderConfig, features: int) -> None:
        k, c = config.members, config
        super().__init__(k, features, share=c.feature_share, dropout=c.feature_dropout)
        self.hidden = Stacked(k, features, c.encoder_hidden)
        self.out = Stacked(k, c.encoder_hidden, c.embedding)
        self.skip = Stacked(k, features, c.embedding, gain=0.3)
        self.dropout = c.dropout

    def forward(self, features: Tensor) -> Tensor:
        """Features (n, f) to embeddings (k, n, d)."""
        x = self.sampled(features)
        hidden = functional.dropout(functional.silu(self.hidden(x)), self.dropout, self.training)
        out: Tensor = self.out(hidden) + self.skip(x)
        return out


class IonTable(nn.Module):
    """The residual of each known ion: a row for each, and none for an ion not in the table."""

    def __init__(self, members: int, ions: int, embedding: int, dropout: float) -> None:
        super().__init__()
        self.residual = nn.Parameter(torch.zeros(members, ions, embedding))
        self.dropout = dropout

    def forward(self, rows: Tensor) -> Tensor:
        """Residuals (k, n, d) of the ions at ``rows`` (n,); -1 stands for an unknown ion."""
        known = (rows >= 0).float()[None, :, None]
        residual: Tensor = self.residual[:, rows.clamp(min=0)] * known
        if self.training:
            kept = torch.rand(len(residual), len(rows), 1) > self.dropout
            residual = residual * kept
        return residual


@dataclass(frozen=True)
class Pairs:
    """Pairs of ions as the heads see them.

    Attributes:
        cation: row of each pair's cation among the ions given, shape (n,).
        anion: row of each pair's anion among the ions given, shape (n,).
        n_cation: cations in the formula unit, float (n,).
        n_anion: anions in the formula unit, float (n,).
        log_volume: ln of the van der Waals volume of the formula unit in cubic angstrom, (n,).
        molar_mass: of the formula unit in g/mol, (n,).
    """

    cation: Tensor
    anion: Tensor
    n_cation: Tensor
    n_anion: Tensor
    log_volume: Tensor
    molar_mass: Tensor

    def take(self, index: Tensor) -> Pairs:
        """The pairs at ``index``, in that order."""
        return Pairs(*(getattr(self, f.name)[index] for f in fields(self)))


def _positive(x: Tensor) -> Tensor:
    return functional.softplus(x + _UNIT_SOFTPLUS)


class Recommender(nn.Module):
    """An ensemble of recommenders for all properties.

    Pre-training on simulated pairs may provide its start, see :mod:`core.train.pretraining`.
    """

    volume_offset: Tensor
    heat_offset: Tensor

    def __init__(
        self,
        config: RecommenderConfig,
        cation_features: int,
        anion_features: int,
        cations: int,
        anions: int,
    ) -> None:
        super().__init__()
        self.config = config
        k, d, h = config.members, config.embedding, config.head_hidden
        self.cation_encoder = IonEncoder(config, cation_features)
        self.anion_encoder = IonEncoder(config, anion_features)
        self.cation_table = IonTable(k, cations, d, config.residual_dropout)
        self.anion_table = IonTable(k, anions, d, config.residual_dropout)
        self.first = Stacked(k, 3 * d + 2, h)
        self.second = Stacked(k, h, h)
        self.out = Stacked(k, h, len(COEFFICIENTS), gain=0.1)
        self.additive = Stacked(k, 2 * d, len(COEFFICIENTS), gain=0.1)
        # ln(molar volume / van der Waals volume) and ln(heat capacity / volume) of a typical liquid
        self.register_buffer("volume_offset", torch.zeros(()))
        self.register_buffer("heat_offset", torch.zeros(()))

    def embed_cations(self, features: Tensor, rows: Tensor) -> Tensor:
        """Embeddings (k, n, d) from features (n, f) and rows in the table (n,), -1 if unknown."""
        out: Tensor = self.cation_encoder(features) + self.cation_table(rows)
        return out

    def embed_anions(self, features: Tensor, rows: Tensor) -> Tensor:
        """Embeddings (k, n, d) from features (n, f) and rows in the table (n,), -1 if unknown."""
        out: Tensor = self.anion_encoder(features) + self.anion_table(rows)
        return out

    def read(self, cations: Tensor, anions: Tensor, pairs: Pairs) -> tuple[Tensor, Tensor]:
        """What the heads see of pairs.

        Args:
            cations: embeddings (k, n_cations, d).
            anions: embeddings (k, n_anions, d).
            pairs: which cation goes with which anion, n pairs.

        Returns:
            The hidden layer (k, n, head_hidden), and both embeddings side by side (k, n, 2 d).
        """
        c, a = cations[:, pairs.cation], anions[:, pairs.anion]
        counts = torch.stack([pairs.n_cation, pairs.n_anion], dim=1).log()
        x = torch.cat([c, a, c * a, counts.expand(len(c), -1, -1)], dim=2)
        rate = self.config.dropout
        h = functional.dropout(functional.silu(self.first(x)), rate, self.training)
        h = h + functional.dropout(functional.silu(self.second(h)), rate, self.training)
        return h, torch.cat([c, a], dim=2)

    def coefficients(self, cations: Tensor, anions: Tensor, pairs: Pairs) -> Tensor:
        """Coefficients of the physical laws, (k, n, len(COEFFICIENTS)); arguments as for read."""
        hidden, both = self.read(cations, anions, pairs)
        out: Tensor = self.out(hidden) + self.additive(both)
        return out

    def values(
        self, key: str, q: Tensor, pairs: Pairs, temperature_K: Tensor, pressure_kPa: Tensor
    ) -> Tensor:
        """One property on its learned scale (see :mod:`core.properties`).

        Args:
            key: the property.
            q: coefficients (k, n, ...), as :meth:`coefficients` gives them, one for each row.
            pairs: the pair of each row; volumes and masses are read.
            temperature_K: shape (n,).
            pressure_kPa: shape (n,).

        Returns:
            Tensor (k, n).

        Raises:
            KeyError: if the property has no head.
        """
        t = temperature_K - ANCHOR_K

        def get(name: str) -> Tensor:
            return q[..., _INDEX[name]]

        if key == "density_kg_m3":
            log_volume = pairs.log_volume + self.volume_offset + 0.05 * get("volume")
            expansion = _LEAST_EXPANSION + 2.6e-4 * _positive(1.5 * get("expansion"))
            bulk = _B_MPA * torch.exp(0.3 * get("bulk").clamp(-4.0, 4.0) - _B_DECAY * t)
            bulk = bulk.clamp(min=_B_LEAST_MPA)
            squeeze = torch.log((bulk + pressure_kPa / 1000.0) / (bulk + _ATMOSPHERE_MPA))
            log_volume = log_volume + expansion * t - _C * squeeze
            # g/mol over cubic centimetres per mol is g/cm3
            return torch.log(1000.0 * pairs.molar_mass) - log_volume
        if key == "viscosity_mPa_s":
            vogel = 100.0 + 130.0 * torch.sigmoid(get("vogel") + 0.5)
            distance = ANCHOR_K - vogel
            shape = distance * (distance / (temperature_K - vogel).clamp(min=15.0) - 1.0) / 50.0
            pressed = 0.0057e-3 * _positive(get("pressure_viscosity")) * pressure_kPa
            return (
                1.6 + 0.6 * get("viscosity") + 1.1 * _positive(get("fragility")) * shape + pressed
            )
        if key == "surface_tension_mN_m":
            slope = 0.0016 * _positive(get("surface_slope"))
            return math.log(37.0) + 0.25 * get("surface") - slope * t
        if key == "heat_capacity_J_mol_K":
            slope = 0.0012 * _positive(get("heat_slope"))
            return pairs.log_volume + self.heat_offset + 0.08 * get("heat") + slope * t
        if key == "melting_point_K":
            out: Tensor = 350.0 + 70.0 * get("melting")
            return out
        raise KeyError(f"the recommender has no head for {key!r}")

    def levels(self, key: str, q: Tensor, pairs: Pairs) -> Tensor:
        """One number for a property of each pair, without what size and mass explain.

        That is the value at 323.15 K and 1 atm on the learned scale; of the density the logarithm
        of van der Waals volume over molar volume, of the heat capacity that over the van der Waals
        volume, of the surface tension that times the power 2/3 of this volume: the surface energy
        of a mole, as in Eötvös's rule (Ann. Phys. 1886, 263, 448, doi 10.1002/andp.18862630309).

        Args:
            key: the property.
            q: coefficients (k, n, ...).
            pairs: n pairs.

        Returns:
            Tensor (k, n).

        Raises:
            KeyError: if the property has no head.
        """
        state = torch.ones_like(pairs.molar_mass)
        at = self.values(key, q, pairs, ANCHOR_K * state, 1000.0 * _ATMOSPHERE_MPA * state)
        if key == "density_kg_m3":
            return at - torch.log(1000.0 * pairs.molar_mass) + pairs.log_volume
        if key == "surface_tension_mN_m":
            return at + _AREA_BY_VOLUME * pairs.log_volume
        if key == "heat_capacity_J_mol_K":
            return at - pairs.log_volume
        return at
