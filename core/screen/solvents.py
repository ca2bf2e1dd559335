"""Solvents for a polymer, out of many: filters, rankings, and the other way round.

A solvent is judged at dilution, which decides whether a polymer dissolves, by one of

- ``probability``: that a handbook would call it a solvent of the polymer;
- ``chi``: the Flory-Huggins parameter, the lower the better;
- ``chi_high``: the upper end of its 90 % interval, the cautious reading; looked for among several
  times as many solvents of low chi as are asked for;
- ``margin``: how far chi lies below its critical value for chains of the given molar mass;
- ``red``: Hansen's distance from the polymer, in units of the polymer's radius where it is known.

However many solvents there are, all are first skimmed in half precision, and what comes out on top
is predicted anew, so that every number in a result is that of the plain predictor.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core import names
from core.chemistry import Polymer, Solvent, parse_polymer, parse_solvent, solvent_family
from core.features.polymer_solvent import molar_volume
from core.names import RANKINGS, Ranking
from core.properties import REFERENCE_TEMPERATURE_K
from core.screen.hansen import HansenPlace, hansen_of
from core.thermodynamics import chain_length, critical_chi, hansen_distance

if TYPE_CHECKING:  # a page shows its frame before torch is loaded
    from core.predict import MiscibilityPredictor, MiscibilityTable, PackedSolvents

__all__ = [
    "CRITERIA",
    "ELEMENTS",
    "MOLAR_MASS_G_MOL",
    "SOLVENT_NUMBERS",
    "Criterion",
    "SolventLibrary",
    "Target",
    "Wanted",
    "element_bits",
    "polymers_for",
    "shipped_solvents",
    "shortlist",
]

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]
Criterion = Literal["probability", "chi", "chi_high", "margin", "red"]

# Intervals differ in width: so many times as many solvents are looked at for the cautious ranking.
_CAUTION: Final = 5
CRITERIA: Final[tuple[Criterion, ...]] = get_args(Criterion)
MOLAR_MASS_G_MOL: Final = 1e5
"""Of the polymer, where nobody says otherwise."""

SOLVENT_NUMBERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "boiling_point_K": "boiling point",
        "melting_point_K": "melting point",
        "flash_point_K": "flash point",
        "density_kg_m3": "density at 298.15 K",
        "molar_mass_g_mol": "molar mass",
    }
)
"""What is known of solvents as numbers, for people; NaN where it is not known."""

ELEMENTS: Final = ("H", "B", "C", "N", "O", "F", "Si", "P", "S", "Cl", "Br", "I")
"""Those that solvents are made of."""

_SYMBOL: Final = re.compile(r"[A-Z][a-z]?")
# Beyond those asked for, predicted anew because half precision may have put them wrongly.
_SPARE: Final = 20


def element_bits(formula: str) -> int:
    """Which elements a Hill formula has, one bit for each of :data:`ELEMENTS`."""
    return sum(1 << ELEMENTS.index(symbol) for symbol in set(_SYMBOL.findall(formula)))


# ----------------------------------------------------------------------------------------- solvents


@dataclass(frozen=True, slots=True)
class SolventLibrary:
    """Solvents to choose from; arrays and texts of n solvents.

    Attributes:
        smiles: canonical.
        labels: names, empty where there is none.
        numbers: those of :data:`SOLVENT_NUMBERS`.
        volumes: molar volume of the liquid in cm3/mol, estimated where it is not known.
        hansen: parameters in MPa^0.5, shape (n, 3).
        published_hansen: whether those are of a handbook; else the network estimates them.
        families: as :func:`core.chemistry.solvent_family` names them.
        elements: see :func:`element_bits`.
        packed: for the predictor.
    """

    smiles: Sequence[str]
    labels: Sequence[str]
    numbers: Mapping[str, NDArray[np.float32]]
    volumes: NDArray[np.float32]
    hansen: NDArray[np.float32]
    published_hansen: BoolArray
    families: NDArray[np.str_]
    elements: NDArray[np.uint16]
    packed: PackedSolvents

    def __len__(self) -> int:
        return len(self.smiles)


def shipped_solvents(predictor: MiscibilityPredictor) -> SolventLibrary:
    """Return the shipped solvents, ready to be ranked."""
    known = names.solvents()
    smiles = [solvent.smiles for solvent in known]
    structures = [parse_solvent(text) for text in smiles]
    published = np.array([not math.isnan(solvent.hansen[0]) for solvent in known])
    estimated = predictor.hansen_many(smiles, "solvent")
    hansen = np.where(published[:, None], [solvent.hansen for solvent in known], estimated)
    volumes = [
        molar_volume(solvent.smiles, "solvent")
        if math.isnan(solvent.molar_volume_cm3_mol)
        else solvent.molar_volume_cm3_mol
        for solvent in known
    ]
    numbers = {
        "boiling_point_K": [solvent.boiling_point_K for solvent in known],
        "melting_point_K": [solvent.melting_point_K for solvent in known],
        "flash_point_K": [solvent.flash_point_K for solvent in known],
        "density_kg_m3": [solvent.density_kg_m3 for solvent in known],
        "molar_mass_g_mol": [structure.molar_mass for structure in structures],
    }
    return SolventLibrary(
        smiles,
        [solvent.name for solvent in known],
        {name: np.array(values, dtype=np.float32) for name, values in numbers.items()},
        np.array(volumes, dtype=np.float32),
        hansen.astype(np.float32),
        published,
        np.array([solvent_family(structure) for structure in structures]),
        np.array([element_bits(structure.formula) for structure in structures], dtype=np.uint16),
        predictor.packed([predictor.pack(smiles)], smiles),
    )


# ------------------------------------------------------------------------------------ what is asked


@dataclass(frozen=True)
class Target:
    """A polymer at a state.

    Attributes:
        polymer: the polymer.
        place: its Hansen parameters; give it a radius where you know one.
        temperature_K: in kelvin.
        molar_mass_g_mol: of its chains.
    """

    polymer: Polymer
    place: HansenPlace
    temperature_K: float = REFERENCE_TEMPERATURE_K
    molar_mass_g_mol: float = MOLAR_MASS_G_MOL

    @classmethod
    def of(
        cls,
        predictor: MiscibilityPredictor,
        polymer: Polymer,
        temperature_K: float = REFERENCE_TEMPERATURE_K,
        molar_mass_g_mol: float = MOLAR_MASS_G_MOL,
        *,
        radius: float = math.nan,
    ) -> Target:
        """Look up the polymer's place; a ``radius`` in MPa^0.5 stands in for that of the tables."""
        place = hansen_of(predictor, polymer)
        if not math.isnan(radius):
            place = place._replace(radius=radius)
        return cls(polymer, place, temperature_K, molar_mass_g_mol)

    def sites(self, volumes: NDArray[np.floating]) -> FloatArray:
        """How many molecules of a solvent a chain is as large as, at least 1; same shape.

        Args:
            volumes: molar volumes of solvents in cm3/mol.
        """
        length = chain_length(
            self.molar_mass_g_mol,
            unit_molar_mass_g_mol=self.polymer.molar_mass,
            unit_volume_cm3_mol=self._unit_volume,
            solvent_volume_cm3_mol=volumes,
        )
        return np.maximum(length, 1.0)

    @cached_property
    def _unit_volume(self) -> float:
        return molar_volume(self.polymer.smiles, "polymer")

    def red(self, hansen: NDArray[np.floating]) -> FloatArray:
        """Distances of solvents (n, 3) in units of the radius, NaN without one; shape (n,)."""
        return hansen_distance(hansen, self.place.parameters) / self.place.radius


@dataclass(frozen=True)
class Wanted:
    """Which solvents come into question.

    Attributes:
        ranges: least and greatest value of some of :data:`SOLVENT_NUMBERS`, or of ``red``.
        families: one of these; any where there is none.
        without: elements that must not occur.
        greenness: the worst ranking of the CHEM21 guide that is let through. A solvent of which the
            guide's rules only say how good it can be at best has that ranking.
        unknown: whether a solvent passes of which a number or the ranking is not known.
        liquid: only what is liquid at the temperature of the target and 1 atm; what is not known
            to be solid or a gas there passes.
    """

    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    families: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()
    greenness: Ranking | None = None
    unknown: bool = False
    liquid: bool = False

    def mask(self, library: SolventLibrary, target: Target | None = None) -> BoolArray:
        """Which of n solvents pass, shape (n,).

        Args:
            library: the solvents.
            target: whose distance ``red`` is, and at whose temperature they shall be liquid; at
                298.15 K without one.
        """
        found = np.ones(len(library), dtype=bool)
        for name, (low, high) in self.ranges.items():
            if name == "red":
                values: NDArray[np.floating] = (
                    np.full(len(library), np.nan) if target is None else target.red(library.hansen)
                )
            else:
                values = library.numbers[name]
            passes = (values >= low) & (values <= high)
            found &= passes | np.isnan(values) if self.unknown else passes
        if self.liquid:
            T = REFERENCE_TEMPERATURE_K if target is None else target.temperature_K
            found &= ~(library.numbers["melting_point_K"] > T)
            found &= ~(library.numbers["boiling_point_K"] < T)
        if self.families:
            found &= np.isin(library.families, sorted(self.families))
        forbidden = sum(1 << ELEMENTS.index(symbol) for symbol in self.without)
        if forbidden:
            found &= (library.elements & np.uint16(forbidden)) == 0
        if self.greenness is not None:
            found &= self._green(library)
        return found

    def _green(self, library: SolventLibrary) -> BoolArray:
        worst = RANKINGS.index(self.greenness) if self.greenness is not None else len(RANKINGS)
        fine = {
            solvent.smiles: (
                self.unknown
                if (ranking := solvent.greenness.ranking) is None
                else RANKINGS.index(ranking) <= worst
            )
            for solvent in names.solvents()
        }
        return np.fromiter((fine.get(s, self.unknown) for s in library.smiles), bool, len(library))


# ----------------------------------------------------------------------------------------- rankings


def shortlist(
    predictor: MiscibilityPredictor,
    library: SolventLibrary,
    target: Target,
    *,
    by: Criterion = "probability",
    keep: BoolArray | None = None,
    top: int | None = None,
    spare: Sequence[Polymer] = (),
    known_first: bool = False,
) -> pd.DataFrame:
    """Rank solvents for a polymer, the best first.

    Args:
        predictor: the model.
        library: the solvents.
        target: the polymer and its state.
        by: see the module; with ``spare`` the ranking is by selectivity instead.
        keep: which solvents come into question, shape (n,), as of :meth:`Wanted.mask`.
        top: how many; all of them if not given.
        spare: polymers that must not dissolve. Selectivity is the probability of dissolving the
            target times those of not dissolving each of these, taken as independent.
        known_first: whether solvents that were measured with the polymer, and are more likely to
            dissolve it than not, come before all others.

    Returns:
        One row per solvent: ``name, cas, solvent_smiles, family, known`` (``chi``, ``solubility``,
        ``chi, solubility`` or nothing: what was measured of the pair), ``soluble_probability, chi,
        chi_low, chi_high`` (90 % interval), ``critical_chi, margin`` (critical chi less chi),
        ``support, in_range, hansen_distance_MPa05, red, dispersion_MPa05, polar_MPa05,
        hydrogen_MPa05, published_hansen``, those of :data:`SOLVENT_NUMBERS`, ``greenness,
        greenness_by`` (``published``, or ``rule``: at best), ``safety, health, environment``; with
        ``spare`` also ``selectivity`` and ``spared_probability_1`` and so on.
    """
    places = np.arange(len(library)) if keep is None else np.flatnonzero(keep)
    if top is not None and len(places) > top:
        score = _skim_scores(predictor, library, target, by, spare)
        found = _closest(library, score, places, top * (_CAUTION if by == "chi_high" else 1))
        if known_first:
            chi, labelled = predictor.measured_with(target.polymer)
            met = [place for name, place in library.packed.known if name in chi | labelled]
            found = np.union1d(found, np.intersect1d(met, places))
        places = np.sort(found).astype(np.int64)
    table = _table(predictor, library, target, places, spare)
    exact = table["selectivity"].to_numpy() if spare else _score(table, by)
    order = np.argsort(-exact, kind="stable")
    if known_first:
        measured = (table["known"] != "") & (table["soluble_probability"] >= 0.5)
        order = order[np.argsort(~measured.to_numpy()[order], kind="stable")]
    # A list of candidates may have a solvent twice.
    ranked = table.iloc[order].drop_duplicates("solvent_smiles")
    return ranked.head(len(ranked) if top is None else top).reset_index(drop=True)


def _score(table: pd.DataFrame, by: Criterion) -> FloatArray:
    """How good each solvent is; the higher the better."""
    if by == "probability":
        found = table["soluble_probability"]
    elif by == "margin":
        found = table["margin"]
    else:
        found = -table["hansen_distance_MPa05" if by == "red" else by]
    return np.asarray(found.to_numpy(dtype=np.float64))


def _skim_scores(
    predictor: MiscibilityPredictor,
    library: SolventLibrary,
    target: Target,
    by: Criterion,
    spare: Sequence[Polymer],
) -> NDArray[np.floating]:
    """About how good each solvent is, shape (n,); the higher the better."""
    if by == "red" and not spare:
        return -hansen_distance(library.hansen, target.place.parameters)
    chi, log_odds = predictor.skim(target.polymer, library.packed, target.temperature_K)
    if spare:
        # Logarithms of probabilities: odds of ten million to one are no end.
        found: NDArray[np.floating] = -np.logaddexp(0.0, -log_odds)
        for polymer in spare:
            other = predictor.skim(polymer, library.packed, target.temperature_K)[1]
            found -= np.logaddexp(0.0, other)
        return found
    if by == "probability":
        return log_odds
    return critical_chi(target.sites(library.volumes)) - chi if by == "margin" else -chi


def _closest(
    library: SolventLibrary, score: NDArray[np.floating], places: IntArray, top: int
) -> IntArray:
    """Some more places than ``top``, those with the highest scores."""
    kept = score if len(places) == len(library) else score[places]
    extra = top // 2 + _SPARE
    while (count := top + extra) < len(kept):
        found = places[np.argpartition(-kept, count)[:count]]
        if len({library.smiles[place] for place in found.tolist()}) >= top:
            return found
        extra *= 4  # the same few solvents over and over
    return places


def _table(
    predictor: MiscibilityPredictor,
    library: SolventLibrary,
    target: Target,
    places: IntArray,
    spare: Sequence[Polymer],
) -> pd.DataFrame:
    """All columns of some solvents, in the order of their places."""
    n = len(places)
    smiles = [library.smiles[i] for i in places.tolist()]
    solvents = [parse_solvent(text) for text in smiles]
    temperatures, dilute = np.full(n, target.temperature_K), np.full(n, np.nan)
    found = predictor.predict_many([target.polymer] * n, solvents, temperatures, dilute)
    critical = critical_chi(target.sites(library.volumes[places].astype(np.float64)))
    hansen = library.hansen[places].astype(np.float64)
    chi_known, labelled = predictor.measured_with(target.polymer)
    by_smiles = {solvent.smiles: solvent for solvent in names.solvents()}
    known = [by_smiles.get(text) for text in smiles]
    green = [None if solvent is None else solvent.greenness for solvent in known]
    table = pd.DataFrame(
        {
            "name": [library.labels[i] for i in places.tolist()],
            "cas": ["" if solvent is None else solvent.cas for solvent in known],
            "solvent_smiles": smiles,
            "family": library.families[places].astype(object),
            "known": [_known(text, chi_known, labelled) for text in smiles],
            **_predicted(found, critical),
            "hansen_distance_MPa05": hansen_distance(hansen, target.place.parameters),
            "red": target.red(hansen),
            "dispersion_MPa05": hansen[:, 0],
            "polar_MPa05": hansen[:, 1],
            "hydrogen_MPa05": hansen[:, 2],
            "published_hansen": library.published_hansen[places],
            **{
                name: values[places].astype(np.float64).round(2)
                for name, values in library.numbers.items()
            },
            "greenness": ["" if g is None else g.ranking or "" for g in green],
            "greenness_by": ["" if g is None or g.ranking is None else g.origin for g in green],
            **{
                name: np.array(
                    [math.nan if g is None else getattr(g, name) or math.nan for g in green],
                    dtype=np.float64,
                )
                for name in ("safety", "health", "environment")
            },
        }
    )
    if spare:
        selectivity = found.soluble_probability.copy()
        for number, polymer in enumerate(spare, start=1):
            other = predictor.predict_many([polymer] * n, solvents, temperatures, dilute)
            table[f"spared_probability_{number}"] = other.soluble_probability
            selectivity *= 1.0 - other.soluble_probability
        table["selectivity"] = selectivity
    return table


def _predicted(found: MiscibilityTable, critical: FloatArray) -> dict[str, object]:
    """Columns of what was predicted of pairs, beside the critical chi of each."""
    return {
        "soluble_probability": found.soluble_probability,
        "chi": found.chi,
        "chi_low": found.chi_low,
        "chi_high": found.chi_high,
        "critical_chi": critical,
        "margin": critical - found.chi,
        "support": found.support,
        "in_range": found.in_range,
    }


def _known(partner: str, chi: frozenset[str], labelled: frozenset[str]) -> str:
    """What was measured with a partner, in words."""
    words = (("chi", partner in chi), ("solubility", partner in labelled))
    return ", ".join(word for word, there in words if there)


# ------------------------------------------------------------------------------------------ reverse


def polymers_for(
    predictor: MiscibilityPredictor,
    solvent: Solvent,
    temperature_K: float = REFERENCE_TEMPERATURE_K,
    molar_mass_g_mol: float = MOLAR_MASS_G_MOL,
    *,
    by: Criterion = "probability",
) -> pd.DataFrame:
    """Rank the polymers with a name by how well a solvent dissolves them, the best first.

    Returns:
        One row per polymer: ``name, abbreviation, polymer_smiles, known, soluble_probability, chi,
        chi_low, chi_high, critical_chi, margin, support, in_range, hansen_distance_MPa05, red``, as
        of :func:`shortlist`.
    """
    known = names.polymers()
    polymers = [parse_polymer(entry.smiles) for entry in known]
    n = len(polymers)
    found = predictor.predict_many(
        polymers, [solvent] * n, np.full(n, temperature_K), np.full(n, np.nan)
    )
    here = hansen_of(predictor, solvent).parameters
    listed = next((s for s in names.solvents() if s.smiles == solvent.smiles), None)
    volume = math.nan if listed is None else listed.molar_volume_cm3_mol
    volume = molar_volume(solvent.smiles, "solvent") if math.isnan(volume) else volume
    first = Target.of(predictor, polymers[0], temperature_K, molar_mass_g_mol)
    targets = [
        replace(first, polymer=polymer, place=hansen_of(predictor, polymer)) for polymer in polymers
    ]
    critical = np.array([float(critical_chi(t.sites(np.array(volume)))) for t in targets])
    chi_known, labelled = predictor.measured_with(solvent)
    table = pd.DataFrame(
        {
            "name": [entry.name for entry in known],
            "abbreviation": [entry.abbreviation for entry in known],
            "polymer_smiles": [entry.smiles for entry in known],
            "known": [_known(entry.smiles, chi_known, labelled) for entry in known],
            **_predicted(found, critical),
            "hansen_distance_MPa05": [
                float(hansen_distance(here, target.place.parameters)) for target in targets
            ],
            "red": [float(target.red(np.array([here]))[0]) for target in targets],
        }
    )
    order = np.argsort(-_score(table, by), kind="stable")
    return table.iloc[order].reset_index(drop=True)
