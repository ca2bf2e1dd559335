"""The polymer-solvent network: its formula, its heads, and one against many."""

import pytest
import torch

from core.miscibility import (
    LABEL_BASES,
    TASKS,
    Latent,
    MiscibilityConfig,
    MiscibilityNetwork,
    State,
)

PAIR_TASKS = ("chi", "chi_cosmo_rs", "soluble", "solubility_cosmo_rs", "chi_simulated")


def network(form: str, members: int = 3) -> MiscibilityNetwork:
    torch.manual_seed(1)
    config = MiscibilityConfig(members=members, latent=5, hidden=8, form=form)  # type: ignore[arg-type]
    found = MiscibilityNetwork(config, 7, 9)
    for i in range(len(TASKS)):
        found.offset[i], found.scale[i] = 0.3 * i, 1.0 + 0.2 * i
    return found.eval()


def state(n: int, temperature: float = 310.0, fraction: float = 0.3, basis: int = 0) -> State:
    return State(torch.full((n,), temperature), torch.full((n,), fraction), torch.full((n,), basis))


def latents(model: MiscibilityNetwork, n: int) -> tuple[Latent, Latent]:
    return model.polymer(torch.randn(n, 7)), model.solvent(torch.randn(n, 9))


def test_the_sphere_form_is_linear_in_the_published_distance() -> None:
    model = network("sphere")
    polymer, solvent = latents(model, 4)
    z = (polymer.u - solvent.u) ** 2 - polymer.r**2 - solvent.r**2
    expected = torch.einsum("knm,kmc->knc", z, model.heads.weight) + model.heads.bias
    torch.testing.assert_close(model.coefficients(polymer, solvent), expected)


@pytest.mark.parametrize("form", ["sphere", "extended"])
@pytest.mark.parametrize("fraction", [0.0, 1.0])
def test_one_against_many_is_the_same_as_pair_by_pair(form: str, fraction: float) -> None:
    model = network(form)
    polymer = model.polymer(torch.randn(1, 7))
    solvents = model.solvent(torch.randn(50, 9))
    with torch.no_grad():
        prepared, one = model.prepare(solvents), state(1, 350.0, fraction)
        everyone = polymer.take(torch.zeros(50, dtype=torch.long))
        q = model.coefficients(everyone, solvents)
        for task in PAIR_TASKS:
            expected = model.values(task, q, state(50, 350.0, fraction))
            facing = model.facing(polymer, task, one)
            torch.testing.assert_close(facing.members(prepared), expected, rtol=1e-4, atol=1e-4)
            mean = facing.mean(prepared)
            torch.testing.assert_close(mean, expected.mean(dim=0), rtol=1e-4, atol=1e-4)


def test_chi_is_quadratic_in_inverse_temperature_and_linear_in_the_fraction() -> None:
    model = network("sphere")
    q = model.coefficients(*latents(model, 1))
    inverse = torch.tensor([3.4, 3.2, 3.0, 2.8])
    values = [model.values("chi", q, state(1, 1000.0 / float(x))) for x in inverse]
    third = values[3] - 3 * values[2] + 3 * values[1] - values[0]
    torch.testing.assert_close(third, torch.zeros_like(third), atol=1e-4, rtol=0.0)
    low, middle, high = (model.values("chi", q, state(1, 310.0, f)) for f in (0.0, 0.5, 1.0))
    torch.testing.assert_close(middle, (low + high) / 2)


def test_a_dilute_solution_is_linear_in_inverse_temperature() -> None:
    model = network("sphere")
    q = model.coefficients(*latents(model, 1))
    values = [model.values("chi", q, state(1, 1000.0 / x, 0.0)) for x in (3.4, 3.2, 3.0)]
    torch.testing.assert_close(values[1], (values[0] + values[2]) / 2, atol=1e-4, rtol=0.0)


def test_a_regular_solution_is_not_irregular() -> None:
    model = network("sphere")
    with torch.no_grad():
        index = list(TASKS).index("chi")
        q = torch.zeros(3, 2, sum(len(task.terms) for task in TASKS.values()))
        excess = 0.4  # chi = 0.34 + excess * 330 K / T
        q[..., model.column("chi")] = (0.34 + excess - model.offset[index]) / model.scale[index]
        q[..., model.column("chi") + 1] = excess * 0.132 / model.scale[index]
        torch.testing.assert_close(model.irregularity(q), torch.zeros(3, 2))
        chi = model.values("chi", q, state(2, 300.0, 0.0))
        torch.testing.assert_close(chi, torch.full_like(chi, 0.34 + excess * 330.0 / 300.0))


def test_cosmo_rs_chi_does_not_see_the_fraction() -> None:
    model = network("sphere")
    q = model.coefficients(*latents(model, 2))
    first, second = (model.values("chi_cosmo_rs", q, state(2, 310.0, f)) for f in (0.0, 1.0))
    torch.testing.assert_close(first, second)


def test_a_network_may_lack_an_optional_task() -> None:
    tasks = [name for name, task in TASKS.items() if not task.optional]
    config = MiscibilityConfig(members=2, latent=5, hidden=8)
    whole, model = MiscibilityNetwork(config, 7, 9), MiscibilityNetwork(config, 7, 9, tasks)
    lacking = {name for name in TASKS if name not in tasks}
    assert lacking == {"chi_simulated"}
    assert model.heads.bias.shape[-1] == whole.heads.bias.shape[-1] - 2
    assert len(model.offset) == len(TASKS) - 1
    q = model.coefficients(*latents(model, 3))
    assert model.values("soluble", q, state(3)).shape == (2, 3)
    with pytest.raises(KeyError):
        model.values("chi_simulated", q, state(3))


def test_an_activity_is_chi_up_to_a_constant_of_the_member() -> None:
    model = network("sphere")
    torch.nn.init.constant_(model.activity_offset, 0.25)
    q = model.coefficients(*latents(model, 3))
    gap = model.standardised("activity", q, state(3)) - model.standardised("chi", q, state(3))
    torch.testing.assert_close(gap, torch.full_like(gap, 0.25))


def test_label_bases_differ() -> None:
    model = network("sphere")
    q = model.coefficients(*latents(model, 1))
    logits = {model.values("soluble", q, state(1, basis=i))[0, 0].item() for i in range(3)}
    assert len(LABEL_BASES) == len(logits) == 3


def test_hansen_parameters_belong_to_one_molecule() -> None:
    model = network("sphere")
    polymer, solvent = latents(model, 4)
    assert model.hansen(polymer, "polymer").shape == (3, 4, 3)
    alone = model.hansen(solvent.take(torch.tensor([2])), "solvent")
    torch.testing.assert_close(alone[:, 0], model.hansen(solvent, "solvent")[:, 2])


def test_members_see_their_own_features() -> None:
    torch.manual_seed(0)
    config = MiscibilityConfig(members=4, feature_share=0.5)
    columns = MiscibilityNetwork(config, 40, 40).polymer.columns
    assert columns.shape == (4, 20)
    assert len({tuple(sorted(row)) for row in columns.tolist()}) == 4


def test_the_network_can_learn_a_handful_of_points() -> None:
    torch.manual_seed(0)
    model = MiscibilityNetwork(MiscibilityConfig(members=2, dropout=0.0), 7, 9)
    polymers, solvents = torch.randn(6, 7), torch.randn(6, 9)
    target = torch.randn(6)
    optimiser = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(400):
        q = model.coefficients(model.polymer(polymers), model.solvent(solvents))
        loss = ((model.values("chi", q, state(6)) - target) ** 2).mean()
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    assert float(loss.detach()) < 1e-3
