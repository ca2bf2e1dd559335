"""What the page of comparisons shows: its state and its link."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, get_args

from core.chemistry import ChemistryError, IonicLiquid, Polymer, Solvent, combine
from core.names import find_ion
from core.properties import (
    PROPERTIES,
    REFERENCE_PRESSURE_KPA,
    REFERENCE_TEMPERATURE_K,
    TEMPERATURE_UNITS,
    Unit,
)
from pages import _basket as basket
from pages import _common as common
from pages import _mixtures as mixtures

KINDS: Final[Mapping[basket.Kind, str]] = {"liquids": "Ionic liquids", "solvents": "Solvents"}
CURVES: Final = {k: prop.label for k, prop in PROPERTIES.items() if prop.depends_on_temperature}
WINDOW_K: Final = (273.15, 393.15)


@dataclass
class State:
    """What the page shows besides the comparison itself; all of it stands in the URL.

    Attributes:
        kind: what is compared.
        temperature_K: one for all.
        pressure_kPa: one for all.
        T_unit: label of the unit temperatures are shown in.
        key: the property whose curves are drawn.
        molar_mass: of the polymer in g/mol.
        problem: what of the link was not understood.
    """

    kind: basket.Kind = "liquids"
    temperature_K: float = REFERENCE_TEMPERATURE_K
    pressure_kPa: float = REFERENCE_PRESSURE_KPA
    T_unit: str = TEMPERATURE_UNITS[0].label
    key: str = "viscosity_mPa_s"
    molar_mass: float = 1e5
    problem: str = ""

    @property
    def temperature_unit(self) -> Unit:
        """The unit temperatures are shown in."""
        return common.unit_of(TEMPERATURE_UNITS, self.T_unit)

    @property
    def window_K(self) -> tuple[float, float]:
        """The temperatures of the curves, which hold the chosen one."""
        return min(WINDOW_K[0], self.temperature_K), max(WINDOW_K[1], self.temperature_K)


def to_query(state: State, kept: basket.Basket) -> dict[str, list[str]]:
    """Write the page as query parameters; what is at its default is left out."""
    fresh = State()
    query = {
        "show": [state.kind],
        "liquid": [
            "~".join(common.ion_token(ion.smiles, ion.role) for ion in (x.cation, x.anion))
            for x in kept.liquids
        ],
        "solvent": [mixtures.solvent_token(solvent.smiles) for solvent in kept.solvents],
        "polymer": [mixtures.polymer_token(kept.polymer.smiles)] if kept.polymer else [],
        "T": [f"{state.temperature_K:.10g}"],
        "P": [f"{state.pressure_kPa:.10g}"],
    }
    if state.molar_mass != fresh.molar_mass:
        query["M"] = [f"{state.molar_mass:.10g}"]
    if state.T_unit != fresh.T_unit:
        query["T_unit"] = [state.T_unit]
    if state.key != fresh.key:
        query["curve"] = [state.key]
    return {name: values for name, values in query.items() if values}


def from_query(query: Mapping[str, list[str]], kept: basket.Basket) -> State:
    """Read the page from query parameters; what cannot be read is left out and told."""
    state, problems = State(), []
    first = {name: values[0].strip() for name, values in query.items() if values}
    if basket.is_told(query, ("liquid", "solvent", "polymer")):
        liquids: list[IonicLiquid] = []
        for text in query.get("liquid", [])[: basket.MOST]:
            cation, _, anion = text[: 2 * common.LONGEST_TEXT].partition("~")
            try:
                liquids.append(combine(find_ion(cation, "cation"), find_ion(anion, "anion")))
            except ChemistryError as error:
                problems.append(f"An ionic liquid of this link: {common.sentence(error)}")
        solvents: list[Solvent] = []
        for text in query.get("solvent", [])[: basket.MOST]:
            try:
                solvents.append(mixtures.solvent_of(text[: common.LONGEST_TEXT]))
            except ChemistryError as error:
                problems.append(f"A solvent of this link: {common.sentence(error)}")
        polymer: Polymer | None = None
        if "polymer" in first:
            try:
                polymer = mixtures.polymer_of(first["polymer"][: common.LONGEST_TEXT])
            except ChemistryError as error:
                problems.append(f"The polymer of this link: {common.sentence(error)}")
        kept.set("liquids", liquids)
        kept.set("solvents", solvents)
        kept.polymer = polymer
    only_solvents = bool(kept.solvents) and not kept.liquids
    state.kind = next(
        (kind for kind in get_args(basket.Kind) if kind == first.get("show")),
        "solvents" if only_solvents else "liquids",
    )
    limits = common.TEMPERATURE_LIMITS_K
    state.temperature_K = common.number(first.get("T"), state.temperature_K, limits)
    limits = common.PRESSURE_LIMITS_KPA
    state.pressure_kPa = common.number(first.get("P"), state.pressure_kPa, limits)
    state.molar_mass = common.number(first.get("M"), state.molar_mass, mixtures.MOLAR_MASS_LIMITS)
    if first.get("T_unit") in {unit.label for unit in TEMPERATURE_UNITS}:
        state.T_unit = first["T_unit"]
    if first.get("curve") in CURVES:
        state.key = first["curve"]
    state.problem = " ".join(problems)
    return state
