"""Processes on levels: the plain formula, ions of their own, wild values, repeatability."""

import numpy as np
import pytest
import torch
from torch import Tensor

from core.features import DESCRIPTOR_NAMES
from core.process import LevelProcess
from core.train import level_process
from core.train.level_process import Levels, fit_levels, ion_blocks

CATIONS, ANIONS = 16, 11
CATION_BLOCKS = {"shape": [0, 1, 2], "groups": [3, 4], "counts": [5, 6, 7, 8]}
ANION_BLOCKS = {"shape": [0, 1], "surface": [2, 3, 4, 5]}


def _features() -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(1)
    return (
        3.0 + 2.0 * torch.randn(CATIONS, 9, generator=generator),
        torch.randn(ANIONS, 6, generator=generator),
    )


def _levels(n: int, seed: int, noise: float = 0.02) -> Levels:
    """Levels that depend smoothly on the features, of so many different pairs."""
    cations, anions = (table.numpy().astype(np.float64) for table in _features())
    generator = np.random.default_rng(seed)
    cation, anion = np.divmod(generator.permutation(CATIONS * ANIONS)[:n], ANIONS)
    value = cations[cation, 0] + np.sin(anions[anion, 1]) + 0.2 * cations[cation, 3]
    value += 0.3 * cations[cation, 1] * anions[anion, 0] + noise * generator.normal(size=n)
    return Levels(cation, anion, 5.0 + value, generator.integers(1, 30, n))


def _table(process: LevelProcess, *, known: bool = True) -> np.ndarray:
    """Values of all pairs, (properties, cations, anions)."""
    cations, anions = _features()
    rows = [torch.arange(len(t)) if known else torch.full((len(t),), -1) for t in (cations, anions)]
    with torch.no_grad():
        factors = process.cation_factors(cations, rows[0]), process.anion_factors(anions, rows[1])
    return (factors[0] @ factors[1].transpose(1, 2)).double().numpy()


def _fit(*levels: Levels) -> LevelProcess:
    return fit_levels(*_features(), (CATION_BLOCKS, ANION_BLOCKS), levels)


def _kernel(
    x: np.ndarray, blocks: dict[str, list[int]], logs: np.ndarray, own: np.ndarray
) -> np.ndarray:
    """Matérn-3/2 kernel of all ions, written out anew; medians are those of the ``own`` ions."""
    total = np.zeros((len(x), len(x)))
    for columns, log in zip(blocks.values(), logs, strict=True):
        square = ((x[:, None, columns] - x[None, :, columns]) ** 2).sum(axis=2)
        apart = np.sort(square[np.ix_(own, own)].ravel())
        apart = apart[apart > 1e-9]
        total += np.exp(log) * square / apart[(len(apart) - 1) // 2]
    root = np.sqrt(3 * total)
    return (1 + root) * np.exp(-root)


def _plain(levels: Levels, every: list[Levels], *, known: bool) -> np.ndarray:
    """Posterior mean for all pairs by the formula of the textbook, with the starting values."""
    settings = level_process.LEVEL_SETTINGS
    a, noise = np.exp(settings["amplitudes"]), np.exp(settings["noise"])
    kernels = []
    for table, blocks, role in zip(
        _features(), (CATION_BLOCKS, ANION_BLOCKS), ("cation", "anion"), strict=True
    ):
        used = np.unique(np.concatenate([getattr(own, role) for own in every]))
        x = table.numpy().astype(np.float64)
        x = np.clip((x - x[used].mean(axis=0)) / x[used].std(axis=0), -4, 4)
        logs = np.array([settings[f"{role}_blocks"][name] for name in blocks])
        own = np.unique(getattr(levels, role))
        kernels.append([_kernel(x, blocks, logs[:, i], own) for i in (0, 1)])
    (kc, kcm), (ka, kam) = kernels
    pairs = [place.ravel() for place in np.mgrid[:CATIONS, :ANIONS]]

    def covariance(c: np.ndarray, d: np.ndarray, *, same: bool) -> np.ndarray:
        to = levels.cation, levels.anion
        smooth = a[0] * kc[np.ix_(c, to[0])] + a[1] * ka[np.ix_(d, to[1])]
        smooth += a[2] * kcm[np.ix_(c, to[0])] * kam[np.ix_(d, to[1])]
        return smooth + same * (a[3] * (c[:, None] == to[0]) + a[4] * (d[:, None] == to[1]))

    k = covariance(levels.cation, levels.anion, same=True)
    k += np.diag(noise[0] + noise[1] / np.minimum(levels.rows, settings["most_rows"]))
    mean, spread = levels.value.mean(), levels.value.std()
    weight = np.linalg.solve(k, (levels.value - mean) / spread)
    return (mean + spread * covariance(*pairs, same=known) @ weight).reshape(CATIONS, ANIONS)


@pytest.mark.parametrize("known", [True, False])
def test_the_factors_are_the_posterior_mean(
    monkeypatch: pytest.MonkeyPatch, *, known: bool
) -> None:
    for name, value in {"_STEPS": 0, "_ROUNDS": 0, "_JITTER": 1e-9}.items():
        monkeypatch.setattr(level_process, name, value)
    levels = [_levels(70, 3), _levels(40, 4)]
    found = _table(_fit(*levels), known=known)
    for values, own in zip(found, levels, strict=True):
        expected = _plain(own, levels, known=known)
        assert values == pytest.approx(expected, abs=2e-3 * expected.std())


def test_an_ion_of_its_own_tells_on_its_own_liquids_only() -> None:
    levels = _levels(70, 3)
    odd = levels.cation == 4
    process = _fit(Levels(levels.cation, levels.anion, levels.value + 5.0 * odd, levels.rows))
    shift = _table(process) - _table(process, known=False)
    # the same for all partners, and most where something is peculiar
    own = shift[0] - shift[0].mean(axis=0)
    assert np.ptp(own, axis=1).max() < 1e-4
    assert own[:, 0].argmax() == 4
    assert own[4, 0] > 0.1


def test_held_out_pairs_are_met() -> None:
    every, levels = _levels(CATIONS * ANIONS, 5, noise=0.0), _levels(90, 6)
    truth = np.empty((CATIONS, ANIONS))
    truth[every.cation, every.anion] = every.value
    held = np.ones_like(truth, dtype=bool)
    held[levels.cation, levels.anion] = False
    error = np.abs(_table(_fit(levels))[0] - truth)[held]
    assert error.mean() < 0.2 * np.abs(truth - truth.mean()).mean()


def _moved() -> float:
    """How far one wild value moves the other ionic liquids, in standard deviations."""
    levels = _levels(90, 6)
    wild = levels.value.copy()
    wild[7] += 6.0 * levels.value.std()
    others = np.ones((CATIONS, ANIONS), dtype=bool)
    others[levels.cation[7], levels.anion[7]] = False
    tables = [
        _table(_fit(Levels(levels.cation, levels.anion, value, levels.rows)))[0]
        for value in (levels.value, wild)
    ]
    return float(np.abs(tables[1] - tables[0])[others].mean() / levels.value.std())


def test_one_wild_value_hardly_moves_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for rounds in (level_process.LEVEL_SETTINGS["rounds"], 0):
        monkeypatch.setattr(level_process, "_ROUNDS", rounds)
        found.append(_moved())
    assert found[0] < 0.1
    assert found[0] < 0.7 * found[1]
    # What is left comes from the length scales and the noise, which learn from all of a small set.
    monkeypatch.setattr(level_process, "_STEPS", 0)
    monkeypatch.setattr(level_process, "_ROUNDS", level_process.LEVEL_SETTINGS["rounds"])
    assert _moved() < 0.01


def test_fits_are_repeated_exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(level_process, "_SAMPLE", 50)
    first, second = (_fit(_levels(90, 6)).state_dict() for _ in range(2))
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_the_weights_make_the_process_again() -> None:
    process = _fit(_levels(90, 6), _levels(60, 7))
    weights = process.state_dict()
    properties, cations, rank = weights["cation.together"].shape
    again = LevelProcess(
        properties, cations, len(weights["anion.known"]), weights["cation.known"].shape[1],
        weights["anion.known"].shape[1], rank=rank,
    )  # fmt: skip
    again.load_state_dict(weights)
    assert (_table(again) == _table(process)).all()
    assert np.ptp(_table(again)) > 1.0


def test_a_far_ion_gets_what_is_usual() -> None:
    process = _fit(_levels(90, 6))
    process.cation.inverse_lengths.mul_(1e3)
    nowhere = torch.tensor([-1])
    with torch.no_grad():
        factors = process.cation_factors(torch.full((1, 9), 1e6), nowhere)
    assert factors[0, 0, 0] == pytest.approx(float(process.constant[0]))
    assert factors[0, 0, 2:].abs().max() < 1e-6


def test_ions_that_occur_nowhere_change_nothing() -> None:
    levels = _levels(90, 6)
    cations, anions = _features()
    more = torch.cat([cations, torch.full((2, 9), 50.0)])
    process = fit_levels(more, anions, (CATION_BLOCKS, ANION_BLOCKS), [levels])
    assert _table(process) == pytest.approx(_table(_fit(levels)), abs=1e-5)


def test_blocks_cover_every_column_once() -> None:
    surface = ("area_A2", "volume_A3", "profile_1", "profile_2")
    blocks = ion_blocks(5, surface)
    columns = [column for own in blocks.values() for column in own]
    assert sorted(columns) == list(range(len(DESCRIPTOR_NAMES) + 5 + 4))
    assert [DESCRIPTOR_NAMES[i] for i in blocks["groups"]][::41] == ["imidazolium", "metal"]
    assert all("vsa" in DESCRIPTOR_NAMES[i] for i in blocks["surface areas"])
    assert blocks["profile"] == columns[-2:]
    assert "surface" not in ion_blocks(5)
    assert set(blocks) == set(level_process.LEVEL_SETTINGS["cation_blocks"])
