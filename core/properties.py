"""The property table: everything the project knows about a property, declared once.

Training, prediction, unit conversion, plots, tables and tests iterate over :data:`PROPERTIES`.
A new property is a new row here, a data file, and one training call.

Internal units are fixed: kelvin, kilopascal and the unit in the property's key. Display units are
affine in the internal one (``display = factor * internal + offset``); a unit per gram divides by
the molar mass of the formula unit first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "PRESSURE_UNITS",
    "PROPERTIES",
    "REFERENCE_PRESSURE_KPA",
    "REFERENCE_TEMPERATURE_K",
    "TEMPERATURE_UNITS",
    "Property",
    "Unit",
]

FloatArray = NDArray[np.float64]

REFERENCE_TEMPERATURE_K: Final = 298.15
REFERENCE_PRESSURE_KPA: Final = 101.325


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit a value can be shown in.

    Attributes:
        label: what is printed, for example ``"g/cm³"``.
        factor: display units per internal unit.
        offset: added after scaling (degrees Celsius).
        per_gram: the internal value is per mole and is divided by the molar mass (g/mol) first.
    """

    label: str
    factor: float = 1.0
    offset: float = 0.0
    per_gram: bool = False

    def to_display(self, value: ArrayLike, molar_mass: float | None = None) -> FloatArray:
        """Convert ``value`` from the internal unit to this one.

        Raises:
            ValueError: if the unit is per gram and ``molar_mass`` (g/mol) is missing.
        """
        array = np.asarray(value, dtype=np.float64)
        return array * (self.factor / self._mass(molar_mass)) + self.offset

    def to_internal(self, value: ArrayLike, molar_mass: float | None = None) -> FloatArray:
        """Convert ``value`` from this unit to the internal one.

        Raises:
            ValueError: if the unit is per gram and ``molar_mass`` (g/mol) is missing.
        """
        array = np.asarray(value, dtype=np.float64)
        return (array - self.offset) * (self._mass(molar_mass) / self.factor)

    def _mass(self, molar_mass: float | None) -> float:
        if not self.per_gram:
            return 1.0
        if molar_mass is None:
            raise ValueError(f"the unit {self.label} needs the molar mass of the ionic liquid")
        return molar_mass


Transform = Literal["identity", "ln", "log10"]
Trend = Literal["falls", "rises"]


@dataclass(frozen=True, slots=True)
class Property:
    """One predicted property of a pure ionic liquid.

    Attributes:
        key: column name in files and in the API; ends in the internal unit.
        label: the plain name on pages.
        symbol: the usual symbol (IUPAC Green Book).
        units: display units, the first is the default on pages.
        transform: the scale on which the property is learned, averaged and given symmetric errors.
        lower: smallest physically sensible value, in the internal unit.
        upper: largest physically sensible value, in the internal unit.
        depends_on_temperature: whether a temperature has to be given.
        depends_on_pressure: whether the prediction changes with pressure.
        trend: the sign of the change with temperature that a liquid must show, if there is one.
        hint: one sentence for people who do not work with the property every day.
    """

    key: str
    label: str
    symbol: str
    units: tuple[Unit, ...]
    transform: Transform
    lower: float
    upper: float
    depends_on_temperature: bool
    depends_on_pressure: bool
    trend: Trend | None
    hint: str

    def forward(self, value: ArrayLike) -> FloatArray:
        """Map values (internal unit) to the learned scale."""
        array = np.asarray(value, dtype=np.float64)
        if self.transform == "log10":
            return np.log10(array)
        return np.log(array) if self.transform == "ln" else array

    def inverse(self, value: ArrayLike) -> FloatArray:
        """Map values of the learned scale back to the internal unit."""
        array = np.asarray(value, dtype=np.float64)
        if self.transform == "log10":
            return np.asarray(10.0**array)
        return np.exp(array) if self.transform == "ln" else array

    def clip(self, value: ArrayLike) -> FloatArray:
        """Limit values (internal unit) to the physical bounds."""
        return np.clip(np.asarray(value, dtype=np.float64), self.lower, self.upper)

    def for_errors(self, value: ArrayLike) -> FloatArray:
        """Map values (internal unit) to the scale errors are told on: log10 if learned on that."""
        array = np.asarray(value, dtype=np.float64)
        return np.log10(array) if self.transform == "log10" else array

    @property
    def internal_unit(self) -> Unit:
        """The display unit that is the unit of the key."""
        return next(u for u in self.units if u.factor == 1.0 and not (u.offset or u.per_gram))

    def unit(self, label: str) -> Unit:
        """Return the display unit with that label.

        Raises:
            KeyError: if the property has no such unit; the message lists those it has.
        """
        for unit in self.units:
            if unit.label == label:
                return unit
        known = ", ".join(unit.label for unit in self.units)
        raise KeyError(f"{self.label} is shown in {known}; not in {label!r}")


TEMPERATURE_UNITS: Final = (Unit("°C", 1.0, -273.15), Unit("K"))
PRESSURE_UNITS: Final = (
    Unit("kPa"),
    Unit("bar", 0.01),
    Unit("MPa", 0.001),
    Unit("atm", 1.0 / 101.325),
)

_ROWS: Final = (
    Property(
        key="density_kg_m3",
        label="Density",
        symbol="ρ",
        units=(Unit("g/cm³", 1e-3), Unit("kg/m³")),
        transform="ln",
        lower=600.0,
        upper=5000.0,  # polyiodides are heavier than 3,000; solid iodine has 4,930
        depends_on_temperature=True,
        depends_on_pressure=True,
        trend="falls",
        hint="Mass per volume of the liquid; it falls by about 0.6 g/L for each kelvin.",
    ),
    Property(
        key="viscosity_mPa_s",
        label="Viscosity",
        symbol="η",
        units=(Unit("mPa·s"), Unit("cP"), Unit("Pa·s", 1e-3)),
        transform="log10",
        lower=0.1,
        upper=1e8,
        depends_on_temperature=True,
        depends_on_pressure=True,
        trend="falls",
        hint="Resistance to flow; water has 0.9 mPa·s at 25 °C, glycerol about 900.",
    ),
    Property(
        key="surface_tension_mN_m",
        label="Surface tension",
        symbol="γ",
        units=(Unit("mN/m"), Unit("dyn/cm")),
        transform="ln",
        lower=5.0,
        upper=120.0,
        depends_on_temperature=True,
        depends_on_pressure=False,
        trend="falls",
        hint="Free energy of the surface against air; water has 72 mN/m at 25 °C.",
    ),
    Property(
        key="heat_capacity_J_mol_K",
        label="Heat capacity",
        symbol="Cₚ",
        units=(Unit("J/(mol·K)"), Unit("J/(g·K)", per_gram=True), Unit("cal/(mol·K)", 1.0 / 4.184)),
        transform="ln",
        lower=80.0,
        upper=5000.0,
        depends_on_temperature=True,
        depends_on_pressure=False,
        trend="rises",
        hint="Isobaric heat capacity of the liquid, per mole of formula units.",
    ),
    Property(
        key="melting_point_K",
        label="Melting point",
        symbol="Tₘ",
        units=(Unit("°C", 1.0, -273.15), Unit("K")),
        transform="identity",
        lower=120.0,
        upper=700.0,
        depends_on_temperature=False,
        depends_on_pressure=False,
        trend=None,
        hint="Where the crystal melts near 1 atm; many ionic liquids supercool or form glasses.",
    ),
)

PROPERTIES: Final[Mapping[str, Property]] = MappingProxyType({row.key: row for row in _ROWS})
