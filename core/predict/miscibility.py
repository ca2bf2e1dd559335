"""The inference API of the polymer-solvent model: chi, probability of dissolving, phase behaviour.

A volume fraction is of the polymer. Where none is given the solution is dilute
(:data:`core.miscibility.DILUTE`): that is what decides whether a polymer dissolves. The probability
of dissolving is that of a handbook calling the liquid a solvent, at the temperature given.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit
from torch import Tensor

from core.checkpoints import Card
from core.chemistry import Polymer, Solvent
from core.domain import (
    ANY,
    GRADES,
    INSIDE,
    OUTSIDE,
    Domain,
    Grade,
    codes,
    disagreement,
    grades_of,
    scaled,
)
from core.features import polymer_solvent as features
from core.miscibility import (
    DILUTE,
    REFERENCE_TEMPERATURE_K,
    Kind,
    Latent,
    MiscibilityConfig,
    MiscibilityNetwork,
    Prepared,
    State,
)
from core.names import crystals_note
from core.predict._loading import load_predictor
from core.predict.domains import MoleculeStandings, Space
from core.process import LabelProcess
from core.uncertainty import PAIR_SUPPORTS, PairSupport, half_width

__all__ = [
    "ChiCurve",
    "ChiSurface",
    "Miscibility",
    "MiscibilityPredictor",
    "MiscibilityTable",
    "PackedSolvents",
    "PreparedSolvents",
    "SolubilitySpace",
]

FloatArray = NDArray[np.float64]
HalfArray = NDArray[np.float16]
SingleArray = NDArray[np.float32]
BoolArray = NDArray[np.bool_]
Found = TypeVar("Found")

_TASKS: Final = ("chi", "chi_cosmo_rs", "soluble")
_CURVE_POINTS: Final = 61
# Features of molecules drawn by users, kept so that another temperature does not compute them anew.
_REMEMBERED: Final = 4096
# Molecules embedded at a time when many are prepared: bounds the memory of the hidden layers.
_BLOCK: Final = 4096
# Prepared solvents answered at a time by one thread, and the number of threads.
_SHARE: Final = 6 * _BLOCK
_THREADS: Final = min(4, os.cpu_count() or 1)
# Packed solvents widened at a time: the product finds them in the processor's cache.
_WIDENED: Final = 2048


@dataclass(frozen=True, slots=True)
class Miscibility:
    """One polymer in one solvent at one state.

    Attributes:
        chi: Flory-Huggins interaction parameter, as experiments would give it.
        chi_low: lower end of the 90 % interval.
        chi_high: upper end of the 90 % interval.
        chi_cosmo_rs: chi as a COSMO-RS calculation would give it.
        soluble_probability: probability that the polymer dissolves.
        support: what of this pair was in the measured training data; ``pair_measured`` if its chi
            was, from whatever kind of experiment.
        in_range: whether the temperature lies in the range of that data.
        notes: plain sentences on what to be careful about.
        grade: whether this is like what was measured, see :mod:`core.domain`; none from a model
            that has no domain.
        reasons: why it is not inside, the gravest first.
    """

    chi: float
    chi_low: float
    chi_high: float
    chi_cosmo_rs: float
    soluble_probability: float
    support: PairSupport
    in_range: bool
    notes: tuple[str, ...]
    grade: Grade | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChiCurve:
    """One pair along temperatures; arrays of shape (n,).

    Attributes:
        temperature_K: the grid.
        chi: as experiments would give it.
        low: lower ends of the 90 % intervals.
        high: upper ends of the 90 % intervals.
        chi_cosmo_rs: as a COSMO-RS calculation would give it.
        soluble_probability: probability that the polymer dissolves.
        in_range: whether a point lies in the range of the training data.
        trained_range: lowest and highest temperature of the training data.
        support: what of this pair was in the measured training data.
    """

    temperature_K: FloatArray
    chi: FloatArray
    low: FloatArray
    high: FloatArray
    chi_cosmo_rs: FloatArray
    soluble_probability: FloatArray
    in_range: BoolArray
    trained_range: tuple[float, float]
    support: PairSupport


@dataclass(frozen=True, slots=True)
class ChiSurface:
    """chi(T, phi) = intercept(T) + slope * phi of one pair; arrays of shape (n,).

    Attributes:
        temperature_K: the grid.
        intercept: chi of a dilute solution, phi = 0.
        slope: change of chi from phi = 0 to 1.
        low: lower ends of the 90 % intervals of the intercept.
        high: upper ends.
    """

    temperature_K: FloatArray
    intercept: FloatArray
    slope: FloatArray
    low: FloatArray
    high: FloatArray


@dataclass(frozen=True, slots=True)
class MiscibilityTable:
    """Many pairs at once; arrays of shape (n,), fields as of :class:`Miscibility`.

    Attributes:
        grade: places in ``core.domain.GRADES``; none from a model that has no domain, or where one
            polymer meets very many solvents.
        reason: why a pair is not inside, empty if it is; likewise.
    """

    chi: FloatArray
    chi_low: FloatArray
    chi_high: FloatArray
    chi_cosmo_rs: FloatArray
    soluble_probability: FloatArray
    support: list[PairSupport]
    in_range: BoolArray
    grade: NDArray[np.uint8] | None = None
    reason: list[str] | None = None


class _Share(NamedTuple):
    """Some of many prepared solvents.

    Attributes:
        place: which of all they are.
        factors: what meets a polymer's place in the latent space.
        label_factors: what meets a polymer in the process on labels, shape (factors, n).
    """

    place: slice
    factors: Prepared
    label_factors: Tensor


@dataclass(frozen=True, slots=True)
class PreparedSolvents:
    """Solvents made ready to meet one polymer after another; made by one predictor for itself.

    Attributes:
        known: which of the n solvents were in the measured training data, shape (n,).
        positions: where each of those stands.
        shares: all n solvents, in parts that are answered side by side.
    """

    known: BoolArray
    positions: Mapping[str, NDArray[np.int64]]
    shares: tuple[_Share, ...]


@dataclass(frozen=True, slots=True)
class PackedSolvents:
    """Very many solvents in half precision, for :meth:`MiscibilityPredictor.skim`.

    Attributes:
        blocks: columns of numbers, as :meth:`MiscibilityPredictor.pack` gives them.
        known: SMILES and place of each solvent that was in the measured training data.
    """

    blocks: tuple[HalfArray, ...]
    known: tuple[tuple[str, int], ...]

    def __len__(self) -> int:
        return sum(block.shape[1] for block in self.blocks)


@dataclass(frozen=True, slots=True)
class SolubilitySpace:
    """Where the known molecules lie along the three main axes of the latent space.

    The axes are those of the places of one member of the ensemble, each latent dimension weighted
    with what it says about dissolving. Near means alike to the model.

    Attributes:
        polymers: SMILES of n polymers.
        polymer_places: shape (n, 3).
        solvents: SMILES of m solvents.
        solvent_places: shape (m, 3).
    """

    polymers: tuple[str, ...]
    polymer_places: FloatArray
    solvents: tuple[str, ...]
    solvent_places: FloatArray


@dataclass(frozen=True, slots=True)
class _Tiers:
    """How raw output is read in each support tier; arrays in the order of ``PAIR_SUPPORTS``."""

    floor: FloatArray
    factor: FloatArray
    slope: FloatArray
    offset: FloatArray

    @classmethod
    def of(cls, card: Card) -> _Tiers:
        columns = (("chi", "floor"), ("chi", "factor"), ("soluble", "slope"), ("soluble", "offset"))
        return cls(
            *(
                np.array([card.calibration[task][tier][name] for tier in PAIR_SUPPORTS])
                for task, name in columns
            )
        )


class _Codes(NamedTuple):
    """Support tiers as places in ``PAIR_SUPPORTS``; shape (n,), or (1,) for all of one pair."""

    chi: NDArray[np.int64]
    soluble: NDArray[np.int64]


_CODES: Final = {tier: code for code, tier in enumerate(PAIR_SUPPORTS)}
_NAMES: Final = np.array(PAIR_SUPPORTS, dtype=object)


def _label_process(
    card: Card, weights: dict[str, Tensor]
) -> tuple[LabelProcess, dict[Kind, list[int]]] | None:
    """Take the process on labels, if there is one, out of the weights, with its environments."""
    spec = card.networks.get("label_process")
    if spec is None:
        return None
    prefix = "label_process."
    own = {
        key.removeprefix(prefix): weights.pop(key) for key in [*weights] if key.startswith(prefix)
    }
    process = LabelProcess(
        len(own["polymer.known"]),
        len(own["solvent.known"]),
        len(own["polymer.center"]),
        len(own["solvent.center"]),
        own["polymer.together"].shape[1],
    )
    process.load_state_dict(own)
    environments: dict[Kind, list[int]] = {
        "polymer": spec["polymer_environments"],
        "solvent": spec["solvent_environments"],
    }
    return process, environments


def _in_parts(
    one: Callable[[str, Kind], Found],
    many: Callable[[Sequence[str], Kind], Found],
    smiles: Sequence[str],
    kind: Kind,
) -> list[Found]:
    """What is found of molecules: few are remembered one by one, many are computed in blocks."""
    if len(smiles) <= _REMEMBERED // 8:
        return [one(name, kind) for name in smiles]
    return [many(smiles[start : start + _BLOCK], kind) for start in range(0, len(smiles), _BLOCK)]


class MiscibilityPredictor:
    """Predicts how polymers and solvents get on, from one checkpoint.

    Use :meth:`load`. An instance does not change once it is made; it may be shared by threads.
    """

    def __init__(self, card: Card, weights: Mapping[str, Tensor]) -> None:
        self.card = card
        spec = card.networks["network"]
        self._environments: dict[Kind, list[int]] = {
            "polymer": spec["polymer_environments"],
            "solvent": spec["solvent_environments"],
        }
        own = dict(weights)
        chi_pairs, labelled = (own.pop(f"{kind}_pairs").numpy() for kind in ("chi", "labelled"))
        self._known: dict[Kind, tuple[str, ...]] = {
            "polymer": tuple(card.vocabulary["polymers"]),
            "solvent": tuple(card.vocabulary["solvents"]),
        }
        self._known_sets = {kind: frozenset(names) for kind, names in self._known.items()}
        self._measured, self._labelled = (
            {(self._known["polymer"][p], self._known["solvent"][s]) for p, s in pairs.tolist()}
            for pairs in (chi_pairs, labelled)
        )
        self._met = tuple(map(_by_polymer, (self._measured, self._labelled)))
        self._axes = own.pop("space_axes")
        self._origin = own.pop("space_origin")
        self._places: dict[Kind, FloatArray] = {
            "polymer": own.pop("space_polymers").numpy().astype(np.float64),
            "solvent": own.pop("space_solvents").numpy().astype(np.float64),
        }
        self._process = _label_process(card, own)
        self._network = MiscibilityNetwork(
            MiscibilityConfig(**spec["config"]),
            len(own["polymer.center"]),
            len(own["solvent.center"]),
            tuple(card.properties),
        )
        self._network.load_state_dict(own)
        self._network.eval()
        self._tiers = _Tiers.of(card)
        self._domain = Domain.of(card.domain) if card.domain else None
        self._standings: tuple[MoleculeStandings, ...] = ()
        if self._domain is not None:
            self._standings = tuple(
                self._standings_of(self._domain, kind) for kind in ("polymer", "solvent")
            )
        self.trained_range: tuple[float, float] = tuple(card.ranges["chi"]["temperature_K"])  # type: ignore[assignment]

        @lru_cache(maxsize=_REMEMBERED)
        def embedded(smiles: str, kind: Kind) -> Latent:
            return self._embed([smiles], kind)

        @lru_cache(maxsize=_REMEMBERED)
        def factored(smiles: str, kind: Kind) -> Tensor:
            return self._factors([smiles], kind)

        self._embedded, self._factored = embedded, factored
        self._pool = ThreadPoolExecutor(_THREADS)

    @classmethod
    def load(cls, path: Path | None = None) -> MiscibilityPredictor:
        """Load a checkpoint folder, or the default one for polymers in solvents.

        Raises:
            CheckpointError: if the checkpoint is missing, damaged or does not fit.
        """
        return load_predictor(cls, path, "polymer-solvent")

    # ----------------------------------------------------------------------------------- one pair

    def support(self, polymer: Polymer, solvent: Solvent) -> PairSupport:
        """What of a pair was in the measured training data; a pair is measured if its chi was."""
        return self._support(polymer.smiles, solvent.smiles, self._measured)

    def predict(
        self,
        polymer: Polymer,
        solvent: Solvent,
        temperature_K: float = REFERENCE_TEMPERATURE_K,
        volume_fraction: float | None = None,
    ) -> Miscibility:
        """One polymer in one solvent.

        Args:
            polymer: the polymer.
            solvent: the solvent.
            temperature_K: in kelvin.
            volume_fraction: of the polymer, 0 to 1; a dilute solution if not given.
        """
        fraction = DILUTE if volume_fraction is None else volume_fraction
        t = np.array([temperature_K], dtype=np.float64)
        values = self._values(self._pair(polymer, solvent, 1), t, np.array([fraction]))
        codes = self._codes([polymer], [solvent])
        chi, low, high, cosmo, soluble = (
            float(found[0])
            for found in self._read_members(values, codes, self._beside(polymer, solvent))
        )
        in_range = bool(self._in_range(t)[0])
        graded = self._graded(polymer, solvent, _spread(values["chi"])[0], in_range=in_range)
        return Miscibility(
            chi,
            low,
            high,
            cosmo,
            soluble,
            PAIR_SUPPORTS[int(codes.chi[0])],
            in_range,
            self._notes(polymer, temperature_K, volume_fraction, in_range=in_range),
            *graded,
        )

    def curve(
        self,
        polymer: Polymer,
        solvent: Solvent,
        temperatures_K: ArrayLike | None = None,
        volume_fraction: float | None = None,
    ) -> ChiCurve:
        """One pair along temperatures, those of the training data if none are given."""
        t = self._grid(temperatures_K)
        fraction = DILUTE if volume_fraction is None else volume_fraction
        values = self._values(self._pair(polymer, solvent, len(t)), t, np.full(len(t), fraction))
        support = self.support(polymer, solvent)
        codes = self._codes([polymer], [solvent])
        beside = self._beside(polymer, solvent)
        chi, low, high, cosmo, soluble = self._read_members(values, codes, beside)
        return ChiCurve(
            t, chi, low, high, cosmo, soluble, self._in_range(t), self.trained_range, support
        )

    def composition(
        self, polymer: Polymer, solvent: Solvent, temperatures_K: ArrayLike | None = None
    ) -> ChiSurface:
        """Return chi of one pair against temperature and composition."""
        t = self._grid(temperatures_K)
        q = self._pair(polymer, solvent, len(t))
        codes = self._codes([polymer], [solvent])
        dilute = self._values(q, t, np.zeros(len(t)))
        chi, low, high, _, _ = self._read_members(dilute, codes, np.zeros(1, dtype=np.float32))
        full = self._values(q, t, np.ones(len(t)))["chi"].mean(axis=0)
        return ChiSurface(t, chi, full - chi, low, high)

    def hansen(self, molecule: Polymer | Solvent) -> tuple[float, float, float]:
        """Hansen parameters dD, dP, dH in MPa^0.5, as the network estimates them."""
        kind = _kind(molecule)
        with torch.inference_mode():
            found = self._network.hansen(self._embedded(molecule.smiles, kind), kind)
        d, p, h = found.mean(dim=0)[0].tolist()
        return d, p, h

    # ---------------------------------------------------------------------------------- many pairs

    def predict_many(
        self,
        polymers: Sequence[Polymer],
        solvents: Sequence[Solvent],
        temperature_K: ArrayLike,
        volume_fraction: ArrayLike,
    ) -> MiscibilityTable:
        """Predict n pairs, given side by side; equal molecules are evaluated once.

        Args:
            polymers: n polymers.
            solvents: n solvents.
            temperature_K: shape (n,).
            volume_fraction: of the polymer, shape (n,); NaN for a dilute solution.
        """
        t = np.asarray(temperature_K, dtype=np.float64)
        fraction = np.asarray(volume_fraction, dtype=np.float64)
        fraction = np.where(np.isnan(fraction), DILUTE, fraction)
        latents, factors = [], []
        both: tuple[tuple[Sequence[Polymer | Solvent], Kind], ...] = (
            (polymers, "polymer"),
            (solvents, "solvent"),
        )
        for molecules, kind in both:
            place: dict[str, int] = {}
            row = torch.tensor([place.setdefault(x.smiles, len(place)) for x in molecules])
            latents.append(self._latents(list(place), kind).take(row))
            factors.append(self._label_factors(list(place), kind)[row])
        with torch.inference_mode():
            q = self._network.coefficients(*latents)
            beside = (factors[0] * factors[1]).sum(dim=1).numpy()
        values = self._values(q, t, fraction)
        codes = self._codes(polymers, solvents)
        support = _NAMES[codes.chi].tolist()
        read = self._read_members(values, codes, beside)
        in_range = self._in_range(t)
        if self._domain is None:
            return MiscibilityTable(*read, support, in_range)
        grade, reason = [], []
        for polymer, solvent, spread, inside in zip(
            polymers, solvents, _spread(values["chi"]), in_range.tolist(), strict=True
        ):
            own, why = self._graded(polymer, solvent, spread, in_range=inside)
            grade.append(GRADES.index(own or "inside"))
            reason.append(" ".join(why))
        return MiscibilityTable(*read, support, in_range, np.array(grade, dtype=np.uint8), reason)

    def prepare(self, solvents: Sequence[Solvent]) -> PreparedSolvents:
        """Make solvents ready for :meth:`against`: what does not depend on the polymer."""
        names = [solvent.smiles for solvent in solvents]
        shares = tuple(
            self._share(names[start : start + _SHARE], start)
            for start in range(0, len(names), _SHARE)
        )
        known = np.array([name in self._known_sets["solvent"] for name in names], dtype=bool)
        positions: dict[str, list[int]] = defaultdict(list)
        for i in np.flatnonzero(known).tolist():
            positions[names[i]].append(i)
        return PreparedSolvents(
            known,
            {name: np.array(where) for name, where in positions.items()},
            shares,
        )

    def _share(self, names: Sequence[str], first: int) -> _Share:
        with torch.inference_mode():
            factors = self._network.prepare(self._latents(names, "solvent"))
        label_factors = self._label_factors(names, "solvent").T.contiguous()
        return _Share(slice(first, first + len(names)), factors, label_factors)

    def against(
        self,
        polymer: Polymer,
        prepared: PreparedSolvents,
        temperature_K: float = REFERENCE_TEMPERATURE_K,
        volume_fraction: float | None = None,
    ) -> MiscibilityTable:
        """One polymer with each of n prepared solvents, at one state.

        The numbers are those of :meth:`predict_many` but for rounding, which is below 1e-4.
        """
        fraction = DILUTE if volume_fraction is None else volume_fraction
        state = _state(np.array([temperature_K]), np.array([fraction]))
        codes = self._codes_against(polymer, prepared)
        latent = self._embedded(polymer.smiles, "polymer")
        label_factor = self._factored(polymer.smiles, "polymer")[0]
        with torch.inference_mode():
            chi, cosmo, soluble = (self._network.facing(latent, task, state) for task in _TASKS)
        found = np.empty((5, len(prepared.known)))

        def answer(share: _Share) -> None:
            with torch.inference_mode():
                logit = soluble.mean(share.factors)
                logit = logit.addmv_(share.label_factors.T, label_factor)
                members = chi.members(share.factors)
                computed = cosmo.mean(share.factors)
            own = _Codes(codes.chi[share.place], codes.soluble[share.place])
            found[:, share.place] = self._read(
                members.numpy(), computed.numpy(), logit.numpy(), own
            )

        # The factors are read from memory once or twice and little is done with them, outside
        # Python's lock: two threads take little more than half the time of one.
        list(self._pool.map(answer, prepared.shares))
        in_range = np.full(found.shape[1], bool(self._in_range(np.array([temperature_K]))[0]))
        values = found[0], found[1], found[2], found[3], found[4]
        return MiscibilityTable(*values, _NAMES[codes.chi].tolist(), in_range)

    # --------------------------------------------------------------------------- very many solvents

    def pack(self, smiles: Sequence[str]) -> HalfArray:
        """Put all that meets a polymer at dilution into one column of numbers for each solvent.

        Args:
            smiles: canonical SMILES of n solvents.

        Returns:
            Shape (d, n); d is the predictor's own.
        """
        with torch.inference_mode():
            prepared = self._network.prepare(self._latents(smiles, "solvent"))
        label_factors = self._label_factors(smiles, "solvent").T
        rows = torch.cat([prepared.places.flatten(0, 1), prepared.own_mean, label_factors])
        return rows.to(torch.float16).numpy()

    def packed(self, blocks: Sequence[HalfArray], smiles: Sequence[str]) -> PackedSolvents:
        """Solvents in blocks of :meth:`pack`, in the order of their canonical SMILES."""
        known = self._known_sets["solvent"]
        return PackedSolvents(
            tuple(blocks), tuple((name, i) for i, name in enumerate(smiles) if name in known)
        )

    def skim(
        self,
        polymer: Polymer,
        packed: PackedSolvents,
        temperature_K: float = REFERENCE_TEMPERATURE_K,
    ) -> tuple[SingleArray, SingleArray]:
        """Chi, and the log-odds of dissolving, of one polymer at dilution in n packed solvents.

        Half precision leaves errors of some 0.0005 in chi and 0.005 in the log-odds, so this tells
        which solvents are worth asking :meth:`predict_many` about.

        Returns:
            Two arrays of shape (n,).
        """
        weights, constants = self._skim_weights(polymer, temperature_K)
        starts = np.cumsum([0, *(block.shape[1] for block in packed.blocks)]).tolist()
        found = torch.empty(2, starts[-1])

        def answer(mine: slice) -> None:
            wide = torch.empty(weights.shape[1], _WIDENED)
            with torch.inference_mode():
                for start, block in list(zip(starts, packed.blocks, strict=False))[mine]:
                    narrow = torch.from_numpy(block)
                    for first in range(0, block.shape[1], _WIDENED):
                        part = narrow[:, first : first + _WIDENED]
                        n = part.shape[1]
                        wide[:, :n].copy_(part)
                        at = start + first
                        torch.addmm(constants, weights, wide[:, :n], out=found[:, at : at + n])

        list(self._pool.map(answer, (slice(i, None, _THREADS) for i in range(_THREADS))))
        chi, logit = found.numpy()
        places = np.array([place for _, place in packed.known], dtype=np.int64)
        known = polymer.smiles in self._known_sets["polymer"]
        labelled = frozenset(self._met[1].get(polymer.smiles, ()))
        tiers = [
            "pair_measured" if name in labelled else ("both_known" if known else "new_polymer")
            for name, _ in packed.known
        ]
        code = [_CODES[tier] for tier in tiers]  # type: ignore[index]
        other = _CODES["new_solvent" if known else "both_new"]
        slope, offset = self._tiers.slope, self._tiers.offset
        own = slope[code] * logit[places] + offset[code]
        logit *= slope[other]
        logit += offset[other]
        logit[places] = own
        return chi, logit

    def _skim_weights(self, polymer: Polymer, temperature_K: float) -> tuple[Tensor, Tensor]:
        """What columns of packed solvents are multiplied with, for chi and the logit, and added."""
        state = _state(np.array([temperature_K]), np.array([DILUTE]))
        latent = self._embedded(polymer.smiles, "polymer")
        label_factor = self._factored(polymer.smiles, "polymer")[0]
        rows, constants = [], []
        with torch.inference_mode():
            for task in ("chi", "soluble"):
                facing = self._network.facing(latent, task, state)
                own = torch.zeros(self._network.columns)
                own[facing.columns] = facing.mix[0]
                beside = label_factor if task == "soluble" else torch.zeros_like(label_factor)
                rows.append(torch.cat([facing.place.flatten() / len(facing.place), own, beside]))
                constants.append(facing.constant.mean())
        return torch.stack(rows), torch.stack(constants)[:, None]

    def hansen_many(self, smiles: Sequence[str], kind: Kind) -> FloatArray:
        """Hansen parameters, as of :meth:`hansen`, of n canonical SMILES; shape (n, 3)."""
        with torch.inference_mode():
            found = self._network.hansen(self._latents(smiles, kind), kind).mean(dim=0)
        return found.numpy().astype(np.float64)

    def measured_with(self, molecule: Polymer | Solvent) -> tuple[frozenset[str], frozenset[str]]:
        """The partners of a molecule in the training data: by measured chi, and by labels.

        Returns:
            SMILES of solvents for a polymer, of polymers for a solvent.
        """
        own = 0 if isinstance(molecule, Polymer) else 1
        chi, labels = (
            frozenset(pair[1 - own] for pair in pairs if pair[own] == molecule.smiles)
            for pairs in (self._measured, self._labelled)
        )
        return chi, labels

    # -------------------------------------------------------------------------------- latent space

    def known(self, kind: Kind) -> tuple[str, ...]:
        """SMILES of the polymers or solvents of the measured training data."""
        return self._known[kind]

    def measured_pairs(self, kind: Kind) -> Counter[str]:
        """In how many pairs of the training data, of chi or labelled, each molecule occurs."""
        side = 0 if kind == "polymer" else 1
        return Counter(pair[side] for pair in self._measured | self._labelled)

    def latents(self, smiles: Sequence[str], kind: Kind) -> FloatArray:
        """Places and radii of n molecules, given by canonical SMILES.

        Returns:
            Shape (n, members, 2 m): m places, then m radii.
        """
        found = torch.cat(self._latents(smiles, kind), dim=-1)
        return found.transpose(0, 1).numpy().astype(np.float64)

    def soluble_at(
        self, polymer: Polymer, latents: FloatArray, temperature_K: float = REFERENCE_TEMPERATURE_K
    ) -> FloatArray:
        """Probability that a polymer dissolves in solvents that would have such latents.

        That is the generalised sphere of the polymer: any point may be asked about. The process on
        labels, which compares structures, has no say.

        Args:
            polymer: the polymer.
            latents: shape (n, members, 2 m), as :meth:`latents` gives them.
            temperature_K: one temperature.

        Returns:
            Shape (n,).
        """
        n = len(latents)
        solvent = Latent(
            *torch.as_tensor(latents, dtype=torch.float32).transpose(0, 1).chunk(2, dim=-1)
        )
        known = polymer.smiles in self._known_sets["polymer"]
        code = _CODES["both_known" if known else "new_polymer"]
        with torch.inference_mode():
            latent = self._embedded(polymer.smiles, "polymer").take(
                torch.zeros(n, dtype=torch.long)
            )
            q = self._network.coefficients(latent, solvent)
        values = self._values(q, np.full(n, temperature_K), np.full(n, DILUTE))
        logit = values["soluble"].mean(axis=0, dtype=np.float64)
        tiers = self._tiers
        probability: FloatArray = expit(tiers.slope[code] * logit + tiers.offset[code])
        return probability

    def space(self) -> SolubilitySpace:
        """Where the known polymers and solvents lie."""
        return SolubilitySpace(
            self._known["polymer"],
            self._places["polymer"],
            self._known["solvent"],
            self._places["solvent"],
        )

    def place(self, molecule: Polymer | Solvent) -> FloatArray:
        """Where a molecule lies in :meth:`space`, shape (3,)."""
        latent = self._embedded(molecule.smiles, _kind(molecule))
        found = (latent.u[0, 0] - self._origin) @ self._axes
        return found.numpy().astype(np.float64)

    # ------------------------------------------------------------------------------------- inside

    def _support(self, polymer: str, solvent: str, measured: set[tuple[str, str]]) -> PairSupport:
        if (polymer, solvent) in measured:
            return "pair_measured"
        known = polymer in self._known_sets["polymer"], solvent in self._known_sets["solvent"]
        names: dict[tuple[bool, bool], PairSupport] = {
            (True, True): "both_known",
            (True, False): "new_solvent",
            (False, True): "new_polymer",
            (False, False): "both_new",
        }
        return names[known]

    def _graded(
        self, polymer: Polymer, solvent: Solvent, spread: float, *, in_range: bool
    ) -> tuple[Grade | None, tuple[str, ...]]:
        """Grade of a pair, and why."""
        if self._domain is None:
            return None, ()
        found = [(OUTSIDE, why) for why in self._range_notes(in_range=in_range)]
        molecules: tuple[Polymer | Solvent, ...] = polymer, solvent
        for side, molecule in zip(self._standings, molecules, strict=True):
            if (why := side.reason(molecule)) is not None:
                found.append((int(grades_of(side.of([molecule]))[0]), why))
        measured = (polymer.smiles, solvent.smiles) in self._measured
        code = int(codes(spread, self._domain.disagreement["chi"]))
        if code and not measured:
            found.append((code, disagreement(code, self.card.role)))
        found.sort(key=lambda pair: -pair[0])
        return GRADES[found[0][0] if found else INSIDE], tuple(why for _, why in found)

    def _standings_of(self, domain: Domain, kind: Kind) -> MoleculeStandings:
        """What the grades need of the molecules of one kind."""
        known, scale = self._known[kind], domain.scales[ANY][kind]

        def described(smiles: Sequence[str]) -> NDArray[np.float32]:
            raw = features.features(smiles, kind, ()).astype(np.float64)
            return scaled(raw, scale).astype(np.float32)

        def embedded(smiles: Sequence[str]) -> NDArray[np.float32]:
            return self.latents(smiles, kind).reshape(len(smiles), -1).astype(np.float32)

        return MoleculeStandings(
            domain,
            kind,
            known,
            Space(lambda: described(known), lambda one: described([one])[0]),
            Space(lambda: embedded(known), lambda one: embedded([one])[0]),
        )

    def _codes(self, polymers: Sequence[Polymer], solvents: Sequence[Solvent]) -> _Codes:
        """Support tiers of n pairs, one for chi and one for the labels."""
        return _Codes(
            *(
                np.array(
                    [
                        _CODES[self._support(p.smiles, s.smiles, measured)]
                        for p, s in zip(polymers, solvents, strict=True)
                    ],
                    dtype=np.int64,
                )
                for measured in (self._measured, self._labelled)
            )
        )

    def _codes_against(self, polymer: Polymer, prepared: PreparedSolvents) -> _Codes:
        """Support tiers of one polymer with each of the prepared solvents."""
        known = polymer.smiles in self._known_sets["polymer"]
        pair: tuple[PairSupport, PairSupport] = (
            ("new_solvent", "both_known") if known else ("both_new", "new_polymer")
        )
        tier = np.where(prepared.known, _CODES[pair[1]], _CODES[pair[0]])
        codes = _Codes(tier, tier.copy())
        for met, code in zip(self._met, codes, strict=True):
            for solvent in met.get(polymer.smiles, ()):
                code[prepared.positions.get(solvent, [])] = _CODES["pair_measured"]
        return codes

    def _embed(self, smiles: Sequence[str], kind: Kind) -> Latent:
        found = features.features(smiles, kind, self._environments[kind])
        tower = self._network.polymer if kind == "polymer" else self._network.solvent
        with torch.inference_mode():
            latent: Latent = tower(torch.as_tensor(found))
        return latent

    def _latents(self, smiles: Sequence[str], kind: Kind) -> Latent:
        """Latents (k, n, m) of many molecules."""
        parts = _in_parts(self._embedded, self._embed, smiles, kind)
        return Latent(*(torch.cat(part, dim=1) for part in zip(*parts, strict=True)))

    def _factors(self, smiles: Sequence[str], kind: Kind) -> Tensor:
        """Factors of molecules in the process on labels, shape (n, factors); none without one."""
        if self._process is None:
            return torch.zeros(len(smiles), 0)
        process, environments = self._process
        found = torch.as_tensor(features.features(smiles, kind, environments[kind]))
        with torch.inference_mode():
            if kind == "polymer":
                return process.polymer_factors(found)
            return process.solvent_factors(found)

    def _label_factors(self, smiles: Sequence[str], kind: Kind) -> Tensor:
        """Factors in the process on labels of many molecules, shape (n, factors)."""
        return torch.cat(_in_parts(self._factored, self._factors, smiles, kind))

    def _beside(self, polymer: Polymer, solvent: Solvent) -> NDArray[np.float32]:
        """What the process on labels adds to the logit of one pair, shape (1,)."""
        factors = (
            self._factored(polymer.smiles, "polymer"),
            self._factored(solvent.smiles, "solvent"),
        )
        return (factors[0] * factors[1]).sum(dim=1).numpy()

    def _pair(self, polymer: Polymer, solvent: Solvent, n: int) -> Tensor:
        """Coefficients of one pair, n times: shape (k, n, columns)."""
        with torch.inference_mode():
            q = self._network.coefficients(
                self._embedded(polymer.smiles, "polymer"),
                self._embedded(solvent.smiles, "solvent"),
            )
        return q.expand(-1, n, -1)

    def _values(
        self, q: Tensor, t: FloatArray, fraction: FloatArray
    ) -> dict[str, NDArray[np.float32]]:
        """Task -> values of every member, shape (k, n); labels as logits."""
        state = _state(t, fraction)
        with torch.inference_mode():
            return {task: self._network.values(task, q, state).numpy() for task in _TASKS}

    def _read_members(
        self,
        values: Mapping[str, NDArray[np.float32]],
        codes: _Codes,
        beside: NDArray[np.float32],
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
        """Do :meth:`_read` from the values of every member; ``beside`` is added to the logit."""
        cosmo, logit = (values[task].mean(axis=0) for task in ("chi_cosmo_rs", "soluble"))
        return self._read(values["chi"], cosmo, logit + beside, codes)

    def _read(
        self,
        members: NDArray[np.float32],
        cosmo: NDArray[np.float32],
        logit: NDArray[np.float32],
        codes: _Codes,
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
        """Read chi with its interval, COSMO-RS chi and probability.

        Args:
            members: every member's chi, shape (k, n).
            cosmo: chi as COSMO-RS gives it, mean of the members, shape (n,).
            logit: of being soluble, mean of the members and process, shape (n,).
            codes: support tiers, shape (n,) or (1,).
        """
        tiers = self._tiers
        mean = members.mean(axis=0)
        apart = members - mean
        # The standard deviation over members; for many solvents several times quicker than std().
        spread = np.sqrt(np.einsum("kn,kn->n", apart, apart) / (len(members) - 1))
        half = half_width(
            spread.astype(np.float64), tiers.floor[codes.chi], tiers.factor[codes.chi]
        )
        raw = tiers.slope[codes.soluble] * logit + tiers.offset[codes.soluble]
        chi = mean.astype(np.float64)
        return chi, chi - half, chi + half, cosmo.astype(np.float64), expit(raw)

    def _grid(self, temperatures_K: ArrayLike | None) -> FloatArray:
        if temperatures_K is None:
            return np.linspace(*self.trained_range, _CURVE_POINTS)
        return np.asarray(temperatures_K, dtype=np.float64)

    def _in_range(self, t: FloatArray) -> BoolArray:
        first, last = self.trained_range
        return np.asarray((t >= first) & (t <= last))

    def _range_notes(self, *, in_range: bool) -> list[str]:
        if in_range:
            return []
        first, last = self.trained_range
        where = f"({first:.0f} to {last:.0f} K)"
        return [f"The temperature is outside the range of the training data {where}."]

    def _notes(
        self,
        polymer: Polymer,
        temperature_K: float,
        volume_fraction: float | None,
        *,
        in_range: bool,
    ) -> tuple[str, ...]:
        notes = self._range_notes(in_range=in_range)
        notes += filter(None, [crystals_note(polymer.smiles, temperature_K)])
        if volume_fraction is not None and 0.0 < volume_fraction < 1.0:
            notes.append(
                "Most values were measured in dilute solutions or with a trace of solvent in the "
                "polymer; between the two, chi is taken as linear in the volume fraction."
            )
        return tuple(notes)


def _by_polymer(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Polymer -> the solvents it stands beside in pairs."""
    found: dict[str, list[str]] = defaultdict(list)
    for polymer, solvent in pairs:
        found[polymer].append(solvent)
    return dict(found)


def _spread(members: NDArray[np.float32]) -> list[float]:
    """Standard deviation over members, (k, n) to n numbers."""
    found: list[float] = members.std(axis=0, ddof=1).astype(np.float64).tolist()
    return found


def _kind(molecule: Polymer | Solvent) -> Kind:
    return "polymer" if isinstance(molecule, Polymer) else "solvent"


def _state(t: FloatArray, fraction: FloatArray) -> State:
    return State(
        torch.as_tensor(t, dtype=torch.float32),
        torch.as_tensor(fraction, dtype=torch.float32),
        torch.zeros(len(t), dtype=torch.long),
    )
