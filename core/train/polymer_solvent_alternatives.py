"""What might beat the polymer-solvent network, on the same folds.

Each takes the network apart in one place:

* **correction of a regular solution**: chi is ``a + b V Ra² / (4 R T)`` of Hansen parameters, and
  the network learns what is left. Parameters of molecules whose own are held out are estimated by
  ridge regression on the descriptors.
* **process on the learned space**: the heads give way to a Gaussian process on the latent
  distances of the trained network.

The network with products of latent places beside the distances is
:data:`core.train.polymer_solvent.MODELS`'s ``extended``.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from copy import copy
from types import MappingProxyType
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.constants import R
from sklearn.exceptions import ConvergenceWarning
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import (
    ConstantKernel,
    DotProduct,
    Kernel,
    Matern,
    WhiteKernel,
)
from sklearn.linear_model import LinearRegression, RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from core.features import polymer_solvent as features
from core.miscibility import LABEL_BASES
from core.thermodynamics import hansen_distance
from core.train.polymer_solvent import MODELS, fit, latents, predict_rows
from core.train.polymer_solvent_data import BoolArray, Fold, IntArray
from core.train.polymer_solvent_problem import Problem, row_weights

__all__ = ["ALTERNATIVES", "regular_solution"]

FloatArray = NDArray[np.float64]
Alternative = Callable[[Problem, Fold, int], dict[str, FloatArray]]

_TESTED: Final = ("chi", "soluble")
# A regular solution this far from miscible says no more than "immiscible".
_LARGEST_REGULAR_CHI: Final = 5.0
# A process takes this many rows at most: its cost grows with their cube.
_PROCESS_ROWS: Final = 2_000


def _rows(problem: Problem, mask: BoolArray, task: str) -> IntArray:
    return np.flatnonzero(mask & (problem.task == task))


# ----------------------------------------------------------------- correction of a regular solution


def _hansen(problem: Problem, kind: features.Kind, allowed: BoolArray) -> FloatArray:
    """dD, dP, dH of every molecule, in MPa^0.5: its own where allowed and known, or estimated."""
    data = problem.data
    table, names = (
        (data.polymer_hansen, data.polymers)
        if kind == "polymer"
        else (data.solvent_hansen, data.solvents)
    )
    known = allowed & ~np.isnan(table[:, 0])
    inputs = features.features(names, kind, [])
    model = make_pipeline(StandardScaler(), RidgeCV(alphas=np.logspace(0.0, 4.0, 9)))
    model.fit(inputs[known], table[known])
    found = np.asarray(model.predict(inputs), dtype=np.float64)
    found[known] = table[known]
    return found


def regular_solution(problem: Problem, fold: Fold) -> FloatArray:
    """Chi of a regular solution for every row, scaled to the training rows, shape (rows,).

    ``V Ra² / (4 R T)`` with the solvent's molar volume V (Hansen, Hansen Solubility Parameters,
    2nd ed., ch. 2, doi 10.1201/9781420006834).
    """
    distance = hansen_distance(
        _hansen(problem, "polymer", fold.train_polymers)[problem.polymer],
        _hansen(problem, "solvent", fold.train_solvents)[problem.solvent],
    )
    volume = np.array([features.molar_volume(s, "solvent") for s in problem.data.solvents])
    temperature = problem.state.temperature_K.numpy().astype(np.float64)
    # cm³/mol times MPa is J/mol
    chi = volume[problem.solvent] * np.square(distance) / (4.0 * R * temperature)
    chi = np.minimum(chi, _LARGEST_REGULAR_CHI)[:, None]
    rows = _rows(problem, fold.train, "chi")
    line = LinearRegression().fit(
        chi[rows], problem.value.numpy()[rows], row_weights(problem, rows, "chi").numpy()
    )
    return np.asarray(line.predict(chi), dtype=np.float64)


def correction(problem: Problem, fold: Fold, seed: int) -> dict[str, FloatArray]:
    """Chi as a regular solution of Hansen parameters gives it, plus what the network learns."""
    base = regular_solution(problem, fold)
    learned = copy(problem)
    shifted = np.isin(problem.task, ("chi", "activity"))
    learned.value = problem.value - torch.as_tensor(np.where(shifted, base, 0.0)).float()
    fitted = fit(learned, fold, MODELS["network"], seed)
    rows = _rows(problem, fold.test, "chi")
    return {"chi": predict_rows(learned, fitted, "chi", rows).mean(axis=0) + base[rows]}


# --------------------------------------------------------------------- process on the learned space


def _places(problem: Problem, fold: Fold, seed: int) -> dict[str, FloatArray]:
    """Latent distances of all rows, weighted with what they say of a task, by task."""
    fitted = fit(problem, fold, MODELS["network"], seed)
    polymers, solvents = latents(problem, fitted)
    polymer = polymers.take(torch.tensor(problem.polymer))
    solvent = solvents.take(torch.tensor(problem.solvent))
    distance = (polymer.u - solvent.u) ** 2 - polymer.r**2 - solvent.r**2
    m = fitted.config.network.latent
    found = {}
    for task in _TESTED:
        weight = fitted.network.heads.weight[:, None, :m, fitted.network.column(task)]
        weighted = (distance * weight).detach().numpy().astype(np.float64)
        found[task] = weighted.transpose(1, 0, 2).reshape(len(problem.task), -1)
    return found


def _process_inputs(problem: Problem, places: FloatArray, rows: IntArray) -> FloatArray:
    """Latent distances of the rows on one scale, and their state."""
    scale = np.sqrt(places[rows].var(axis=0).sum())
    basis = problem.state.basis.numpy()
    state = [1000.0 / problem.state.temperature_K.numpy(), problem.state.volume_fraction.numpy()]
    state += [(basis == i).astype(np.float64) for i in range(len(LABEL_BASES))]
    return np.column_stack([places / scale, *state])


def process(problem: Problem, fold: Fold, seed: int) -> dict[str, FloatArray]:
    """Gaussian process on the latent distances that the network learned.

    Labels are learned as 0 and 1, so that its mean stands for the probability.
    """
    places = _places(problem, fold, seed)
    value = problem.value.numpy().astype(np.float64)
    draw = np.random.default_rng(seed)
    found = {}
    for task in _TESTED:
        known, rows = _rows(problem, fold.train, task), _rows(problem, fold.test, task)
        inputs = _process_inputs(problem, places[task], known)
        known = draw.permutation(known)[:_PROCESS_ROWS]
        kernel: Kernel = (
            ConstantKernel(0.1) * Matern(1.0, nu=1.5)
            + ConstantKernel(0.1) * DotProduct(1.0)
            + WhiteKernel(0.1)
        )
        model = GaussianProcessRegressor(kernel, normalize_y=True, random_state=0)
        with warnings.catch_warnings():
            # A term at its bound is one the process can do without.
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(inputs[known], value[known])
        found[task] = np.asarray(model.predict(inputs[rows]), dtype=np.float64)
    return found


ALTERNATIVES: Final = MappingProxyType(
    {
        "correction of a regular solution": correction,
        "process on the learned space": process,
    }
)
"""By name: from data, fold and seed to task -> values of the fold's test rows of that task.

Chi as it is; a probability for labels.
"""
