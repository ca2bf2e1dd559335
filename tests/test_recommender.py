"""The network: it can learn, and its laws cannot break."""

import pytest
import torch

from core.properties import PROPERTIES
from core.recommender import COEFFICIENTS, Pairs, Recommender, RecommenderConfig

PAIRS = 400


@pytest.fixture
def wild() -> tuple[torch.Tensor, Pairs]:
    """Coefficients far beyond those a trained network gives, and liquids to go with them."""
    torch.manual_seed(3)
    q = 4.0 * torch.randn(3, PAIRS, len(COEFFICIENTS))
    nothing, one = torch.zeros(PAIRS, dtype=torch.long), torch.ones(PAIRS)
    return q, Pairs(nothing, nothing, one, one, 4.0 + 3.0 * torch.rand(PAIRS), 100.0 + 700.0 * one)


def model(config: RecommenderConfig | None = None) -> Recommender:
    config = config or RecommenderConfig(members=3, embedding=4, encoder_hidden=8, head_hidden=8)
    return Recommender(config, 5, 6, cations=7, anions=8).eval()


@pytest.mark.parametrize(
    "key,sign",
    [
        ("density_kg_m3", -1),
        ("viscosity_mPa_s", -1),
        ("surface_tension_mN_m", -1),
        ("heat_capacity_J_mol_K", 1),
    ],
)
@pytest.mark.parametrize("pressure", [0.1, 101.325, 1e4, 3e5, 1e6])
def test_temperature_has_its_sign_for_any_coefficients(
    wild: tuple[torch.Tensor, Pairs], key: str, sign: int, pressure: float
) -> None:
    q, pairs = wild
    network = model()
    grid = torch.linspace(280.0, 400.0, 25)
    values = torch.stack(
        [
            network.values(
                key, q.double(), pairs, torch.full((PAIRS,), t), torch.full((PAIRS,), pressure)
            )
            for t in grid.tolist()
        ]
    )
    assert torch.isfinite(values).all()
    assert (sign * values.diff(dim=0) > 0).all()


@pytest.mark.parametrize("key", ["density_kg_m3", "viscosity_mPa_s"])
def test_density_and_viscosity_rise_with_pressure(
    wild: tuple[torch.Tensor, Pairs], key: str
) -> None:
    q, pairs = wild
    t = torch.full((PAIRS,), 320.0)
    values = [
        model().values(key, q.double(), pairs, t, torch.full((PAIRS,), p))
        for p in (101.325, 1e4, 1e5, 1e6)
    ]
    assert (torch.stack(values).diff(dim=0) > 0).all()


def test_every_property_has_a_head(wild: tuple[torch.Tensor, Pairs]) -> None:
    q, pairs = wild
    t, p = torch.full((PAIRS,), 300.0), torch.full((PAIRS,), 101.325)
    for key in PROPERTIES:
        assert model().values(key, q, pairs, t, p).shape == (3, PAIRS)
    with pytest.raises(KeyError, match="no head"):
        model().values("colour", q, pairs, t, p)


def test_an_unknown_ion_is_its_structure_alone() -> None:
    network = model()
    torch.nn.init.normal_(network.cation_table.residual)
    features = torch.randn(7, 5)
    unknown = network.embed_cations(features, torch.full((7,), -1))
    torch.testing.assert_close(unknown, network.cation_encoder(features))
    known = network.embed_cations(features, torch.arange(7))
    torch.testing.assert_close(known - unknown, network.cation_table.residual)


def test_constant_features_are_switched_off() -> None:
    network = model()
    features = torch.randn(20, 5)
    features[:, 2] = 3.0
    network.cation_encoder.fit_scale(features)
    other = features.clone()
    other[:, 2] = 4.0
    torch.testing.assert_close(network.cation_encoder(other), network.cation_encoder(features))


def test_it_can_learn_a_handful_of_points_by_heart() -> None:
    torch.manual_seed(0)
    config = RecommenderConfig(
        members=2, embedding=8, encoder_hidden=32, head_hidden=32, dropout=0.0,
        feature_dropout=0.0, feature_share=1.0, residual_dropout=0.0,
    )  # fmt: skip
    network = model(config).train()
    cations, anions = torch.randn(7, 5), torch.randn(8, 6)
    cation, anion = torch.arange(7), torch.arange(7)
    one = torch.ones(7)
    pairs = Pairs(cation, anion, one, one, 5.0 * one, 300.0 * one)
    target = 350.0 + 50.0 * torch.randn(7)
    optimiser = torch.optim.Adam(network.parameters(), lr=0.01)
    for _ in range(300):
        q = network.coefficients(
            network.embed_cations(cations, cation),
            network.embed_anions(anions, torch.arange(8)),
            pairs,
        )
        loss = (network.values("melting_point_K", q, pairs, 300.0 * one, 100.0 * one) - target) / 50
        optimiser.zero_grad()
        loss.square().mean().backward()
        optimiser.step()
    assert loss.abs().max() < 0.02


@pytest.mark.parametrize("key", PROPERTIES)
def test_a_level_is_the_value_at_the_anchor_without_size_and_mass(
    wild: tuple[torch.Tensor, Pairs], key: str
) -> None:
    q, pairs = wild
    network = model()
    at = network.values(key, q, pairs, torch.full((PAIRS,), 323.15), torch.full((PAIRS,), 101.325))
    size = {
        "density_kg_m3": torch.log(1000.0 * pairs.molar_mass) - pairs.log_volume,
        "surface_tension_mN_m": -2.0 / 3.0 * pairs.log_volume,
        "heat_capacity_J_mol_K": pairs.log_volume,
    }.get(key, torch.zeros(PAIRS))
    assert torch.allclose(network.levels(key, q, pairs) + size, at, atol=1e-4)
    # Liquids that differ in size and mass alone have the same level of these two.
    if key in {"density_kg_m3", "heat_capacity_J_mol_K"}:
        same = network.levels(key, q[:, :1].expand(-1, PAIRS, -1), pairs)
        assert float(same.std(dim=1).max()) < 1e-3
