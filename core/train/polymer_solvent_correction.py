"""Chi as a regular solution gives it, and the network as its correction: to compare with.

A regular solution has ``chi = V Ra² / (4 R T)`` with Hansen parameters (Hansen, Hansen Solubility
Parameters, 2nd ed., ch. 2, doi 10.1201/9781420006834). A line through the training rows carries it
to measured values, and the network learns what is left. Parameters of molecules whose own are held
out are estimated by ridge regression on the descriptors.
"""

from __future__ import annotations

from copy import copy
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.constants import R
from sklearn.linear_model import LinearRegression, RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from core.features import polymer_solvent as features
from core.thermodynamics import hansen_distance
from core.train.polymer_solvent import MODELS, fit, predict_rows
from core.train.polymer_solvent_data import BoolArray, Fold, IntArray
from core.train.polymer_solvent_problem import Problem, row_weights

__all__ = ["correction", "regular_solution"]

FloatArray = NDArray[np.float64]

# A regular solution this far from miscible says no more than "immiscible".
_LARGEST_CHI: Final = 5.0


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
    """Chi of a regular solution for every row, scaled to the training rows, shape (rows,)."""
    distance = hansen_distance(
        _hansen(problem, "polymer", fold.train_polymers)[problem.polymer],
        _hansen(problem, "solvent", fold.train_solvents)[problem.solvent],
    )
    volume = np.array([features.molar_volume(s, "solvent") for s in problem.data.solvents])
    temperature = problem.state.temperature_K.numpy().astype(np.float64)
    # cm³/mol times MPa is J/mol
    chi = volume[problem.solvent] * np.square(distance) / (4.0 * R * temperature)
    chi = np.minimum(chi, _LARGEST_CHI)[:, None]
    rows = np.flatnonzero(fold.train & (problem.task == "chi"))
    line = LinearRegression().fit(
        chi[rows], problem.value.numpy()[rows], row_weights(problem, rows, "chi").numpy()
    )
    return np.asarray(line.predict(chi), dtype=np.float64)


def correction(problem: Problem, fold: Fold, rows: IntArray, seed: int) -> FloatArray:
    """Chi of rows of the data set: a regular solution, plus what the network learned of the rest.

    Args:
        problem: the data.
        fold: what may be learned from.
        rows: of chi, shape (n,).
        seed: of the fit.

    Returns:
        Mean over the members, shape (n,).
    """
    base = regular_solution(problem, fold)
    learned = copy(problem)
    shifted = np.isin(problem.task, ("chi", "activity"))
    learned.value = problem.value - torch.as_tensor(np.where(shifted, base, 0.0)).float()
    fitted = fit(learned, fold, MODELS["without simulated chi"], seed)
    return np.asarray(predict_rows(learned, fitted, "chi", rows).mean(axis=0) + base[rows])
