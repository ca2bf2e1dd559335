"""Blends of two solvents for a polymer, by rules for mixtures: a first guess, not a model.

The network knows pure solvents. A blend of volume fractions φ₁ and φ₂ is taken as one liquid, as in
Scott's single-liquid approximation (J. Chem. Phys. 1949, 17, 268, doi 10.1063/1.1747238), with the
molar volume ``V = 1/(φ₁/V₁ + φ₂/V₂)`` and

- Hansen parameters that are the means by volume of those of the solvents (Hansen, Hansen Solubility
  Parameters, 2nd ed. 2007, doi 10.1201/9781420006834), so that the squared distance from the
  polymer is ``Ra² = φ₁ Ra₁² + φ₂ Ra₂² - φ₁ φ₂ Ra₁₂²``: what two solvents have against each other is
  taken off, and two poor solvents on either side of a polymer may make a good one;
- ``χ = 0.34 + r (x₁ χ₁ + x₂ χ₂ - 0.34)`` with mole fractions x. What exceeds the entropic 0.34 of
  Blanks and Prausnitz (Ind. Eng. Chem. Fundam. 1964, 3, 1, doi 10.1021/i160009a001) is the energy
  of mixing, and it shrinks as the squared distance does, ``r = Ra²/(φ₁ Ra₁² + φ₂ Ra₂²)``. This is
  Scott's rule with energies that go with Hansen's distances, on the network's scale of χ.

Whether the two liquids mix at all is asked of ``χ₁₂ = V₁ Ra₁₂²/(4 R T)`` (Hansen, ch. 2). Nothing
is said on the probability of dissolving: it was learned from pure solvents only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from core.screen.solvents import SolventLibrary, Target, shortlist
from core.thermodynamics import critical_chi, hansen_distance

if TYPE_CHECKING:  # a page shows its frame before torch is loaded
    from core.predict import MiscibilityPredictor

__all__ = [
    "FRACTIONS",
    "blends",
    "mixed_chi",
    "mixed_hansen",
    "mixed_volume",
    "shrinking_of",
]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

FRACTIONS: Final[tuple[float, ...]] = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
"""Volume fractions of the first solvent that are tried."""

_HANSEN: Final = ["dispersion_MPa05", "polar_MPa05", "hydrogen_MPa05"]
_ENTROPIC_CHI: Final = 0.34
_GAS_CONSTANT: Final = 8.314462618  # J/(mol K); cm3 MPa is J


def mixed_hansen(fraction: ArrayLike, first: ArrayLike, second: ArrayLike) -> FloatArray:
    """Hansen parameters of a blend: the means by volume.

    Args:
        fraction: volume fraction of the first solvent, shape (...).
        first: its parameters, shape (..., 3).
        second: those of the other.
    """
    share = np.asarray(fraction, dtype=np.float64)[..., None]
    return np.asarray(share * np.asarray(first) + (1.0 - share) * np.asarray(second))


def mixed_volume(fraction: ArrayLike, first: ArrayLike, second: ArrayLike) -> FloatArray:
    """Molar volume of a blend whose volumes add up; units and shapes as of the arguments."""
    share = np.asarray(fraction, dtype=np.float64)
    return np.asarray(1.0 / (share / np.asarray(first) + (1.0 - share) / np.asarray(second)))


def mixed_chi(
    fraction: ArrayLike,
    chi: tuple[ArrayLike, ArrayLike],
    volumes: tuple[ArrayLike, ArrayLike],
    shrinking: ArrayLike,
) -> FloatArray:
    """Chi of a polymer with a blend, as the module has it; arrays broadcast.

    Args:
        fraction: volume fraction of the first solvent.
        chi: of the polymer with each solvent.
        volumes: molar volumes of the solvents, in one unit.
        shrinking: r, see :func:`shrinking_of`.
    """
    share = np.asarray(fraction, dtype=np.float64)
    first = share * mixed_volume(share, *volumes) / np.asarray(volumes[0])  # the mole fraction
    energy = first * np.asarray(chi[0]) + (1.0 - first) * np.asarray(chi[1]) - _ENTROPIC_CHI
    # A solvent that the polymer likes better than itself is no better for being diluted.
    return np.asarray(_ENTROPIC_CHI + np.where(energy > 0.0, shrinking, 1.0) * energy)


def shrinking_of(
    fraction: ArrayLike, first: ArrayLike, second: ArrayLike, polymer: ArrayLike
) -> FloatArray:
    """How much of the energy of mixing with a polymer is left in a blend: r, 0 to 1.

    Args:
        fraction: volume fraction of the first solvent, shape (...).
        first: Hansen parameters of the first solvent, shape (..., 3).
        second: those of the other.
        polymer: those of the polymer.
    """
    share = np.asarray(fraction, dtype=np.float64)
    apart = hansen_distance(mixed_hansen(share, first, second), polymer) ** 2
    mean = share * hansen_distance(first, polymer) ** 2
    mean = mean + (1.0 - share) * hansen_distance(second, polymer) ** 2
    # Two solvents where the polymer is have nothing to lose.
    return np.asarray(np.divide(apart, mean, out=np.ones_like(apart), where=mean > 0.0))


def blends(
    predictor: MiscibilityPredictor,
    library: SolventLibrary,
    target: Target,
    *,
    by: Literal["margin", "red"] = "margin",
    keep: NDArray[np.bool_] | None = None,
    with_solvent: str | None = None,
    top: int = 50,
    mixing_only: bool = True,
    cosolvents_only: bool = False,
) -> pd.DataFrame:
    """Pair up solvents, each pair at its best volume fraction, the best first.

    Args:
        predictor: the model.
        library: the solvents.
        target: the polymer and its state.
        by: how far chi lies below its critical value, or Hansen's distance from the polymer.
        keep: which solvents come into question, shape (n,). Every pair of them is tried, so a few
            hundred are a good number.
        with_solvent: SMILES of a solvent that has to be in the blend, whether kept or not.
        top: how many blends.
        mixing_only: only blends of liquids that Hansen's distance lets mix in every proportion.
        cosolvents_only: only blends that beat both their solvents alone.

    Returns:
        One row per blend: ``name_1, name_2, solvent_smiles_1, solvent_smiles_2,
        volume_fraction_1, chi, chi_low, chi_high, critical_chi, margin, chi_1, chi_2,
        dispersion_MPa05, polar_MPa05, hydrogen_MPa05, hansen_distance_MPa05, red,
        boiling_point_K_1, boiling_point_K_2, greenness_1, greenness_2, liquids_mix``; the last is
        whether Hansen's distance between the two lets them mix in every proportion.

    Raises:
        ValueError: if the library lacks ``with_solvent``.
    """
    if with_solvent is not None and with_solvent not in library.smiles:
        raise ValueError(f"{with_solvent} is not among the solvents to blend; pick one that is")
    chosen = np.ones(len(library), dtype=bool) if keep is None else keep.copy()
    if with_solvent is not None:
        chosen |= np.array([smiles == with_solvent for smiles in library.smiles])
    table = shortlist(predictor, library, target, keep=chosen)
    pairs = _Pairs.of(table, library, target)
    fixed = None if with_solvent is None else table["solvent_smiles"].tolist().index(with_solvent)
    first, second = np.triu_indices(len(table), k=1)
    if fixed is not None:
        second = np.delete(np.arange(len(table)), fixed)
        first = np.full(len(second), fixed)
    pairs = pairs.take(first, second)
    if mixing_only:
        pairs = pairs.where(pairs.mix())
    best, at = np.full(len(pairs), -np.inf), np.zeros(len(pairs))
    for fraction in FRACTIONS:
        score = pairs.scores(np.full(len(pairs), fraction), by)
        better = score > best
        best[better], at[better] = score[better], fraction
    if cosolvents_only:
        alone = np.maximum(*(pairs.scores(np.full(len(pairs), f), by) for f in (0.0, 1.0)))
        best = np.where(best > alone, best, -np.inf)
    order = np.argsort(-best, kind="stable")[:top]
    order = order[np.isfinite(best[order])]
    return pairs.where(order).table(at[order])


@dataclass(frozen=True)
class _Pairs:
    """Pairs of rows of a shortlist, and what it takes to mix them.

    Attributes:
        rows: the shortlist.
        volumes: molar volumes of its solvents, cm3/mol.
        target: the polymer and its state.
        first: row of the first solvent of each pair.
        second: row of the other.
    """

    rows: pd.DataFrame
    volumes: FloatArray
    target: Target
    first: IntArray
    second: IntArray

    @classmethod
    def of(cls, rows: pd.DataFrame, library: SolventLibrary, target: Target) -> _Pairs:
        """No pairs yet of the rows of a shortlist."""
        known = dict(zip(library.smiles, library.volumes.tolist(), strict=True))
        volumes = np.array([known[text] for text in rows["solvent_smiles"]], dtype=np.float64)
        none = np.zeros(0, dtype=np.int64)
        return cls(rows, volumes, target, none, none)

    def take(self, first: IntArray, second: IntArray) -> _Pairs:
        return replace(self, first=first, second=second)

    def where(self, which: NDArray[np.bool_] | IntArray) -> _Pairs:
        return self.take(self.first[which], self.second[which])

    def __len__(self) -> int:
        return len(self.first)

    def both(self, column: str) -> tuple[FloatArray, FloatArray]:
        """A column for the first and for the second solvent of each pair."""
        values = self.rows[column].to_numpy(dtype=np.float64)
        return values[self.first], values[self.second]

    @cached_property
    def sizes(self) -> tuple[FloatArray, FloatArray]:
        return self.volumes[self.first], self.volumes[self.second]

    @cached_property
    def places(self) -> tuple[FloatArray, FloatArray]:
        hansen = self.rows[_HANSEN].to_numpy(dtype=np.float64)
        return hansen[self.first], hansen[self.second]

    @cached_property
    def apart(self) -> FloatArray:
        return hansen_distance(*self.places)

    def mix(self) -> NDArray[np.bool_]:
        """Whether the liquids mix in every proportion, as Flory and Huggins would have it."""
        one, other = self.sizes
        between = one * self.apart**2 / (4.0 * _GAS_CONSTANT * self.target.temperature_K)
        return np.asarray(between < critical_chi(other / one))

    def chi(self, fraction: FloatArray, column: str = "chi") -> FloatArray:
        """A column of the shortlist that is a chi, mixed."""
        left = shrinking_of(fraction, *self.places, self.target.place.parameters)
        return mixed_chi(fraction, self.both(column), self.sizes, left)

    def critical(self, fraction: FloatArray) -> FloatArray:
        return critical_chi(self.target.sites(mixed_volume(fraction, *self.sizes)))

    def scores(self, fraction: FloatArray, by: Literal["margin", "red"]) -> FloatArray:
        """How good each blend is; the higher the better."""
        if by == "red":
            place = mixed_hansen(fraction, *self.places)
            return -hansen_distance(place, self.target.place.parameters)
        return self.critical(fraction) - self.chi(fraction)

    def table(self, fraction: FloatArray) -> pd.DataFrame:
        """All columns of the blends."""

        def sides(*columns: str) -> dict[str, NDArray[Any]]:
            return {
                f"{column}_{number}": self.rows[column].to_numpy()[side]
                for column in columns
                for number, side in ((1, self.first), (2, self.second))
            }

        place = mixed_hansen(fraction, *self.places)
        chi, critical = self.chi(fraction), self.critical(fraction)
        return pd.DataFrame(
            {
                **sides("name", "solvent_smiles"),
                "volume_fraction_1": fraction,
                "chi": chi,
                "chi_low": self.chi(fraction, "chi_low"),
                "chi_high": self.chi(fraction, "chi_high"),
                "critical_chi": critical,
                "margin": critical - chi,
                **sides("chi"),
                **dict(zip(_HANSEN, place.T, strict=True)),
                "hansen_distance_MPa05": hansen_distance(place, self.target.place.parameters),
                "red": self.target.red(place),
                **sides("boiling_point_K", "greenness"),
                "liquids_mix": self.mix(),
            }
        )
