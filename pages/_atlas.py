"""What the page of maps shows: its state, its link, what was measured of neighbours."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from core import figures, measured, names
from core.chemistry import ChemistryError, parse_polymer, parse_solvent
from core.properties import PROPERTIES
from pages import _common as common
from pages import _mixtures as mixtures

if TYPE_CHECKING:
    from core.maps import Quantity

Kind = Literal["cation", "anion", "polymer", "solvent"]

KINDS: Final[Mapping[Kind, str]] = {
    "cation": "Cations",
    "anion": "Anions",
    "polymer": "Polymers",
    "solvent": "Solvents",
}
PARTNERS: Final[Mapping[Kind, Kind]] = {
    "cation": "anion",
    "anion": "cation",
    "polymer": "solvent",
    "solvent": "polymer",
}
ROLES: Final = ("cation", "anion")
# What a map opens with: the chosen molecule and the partner of its values.
EXAMPLES: Final[Mapping[Kind, str]] = {
    "cation": "CCCCn1cc[n+](C)c1",
    "anion": "O=S(=O)([N-]S(=O)(=O)C(F)(F)F)C(F)(F)F",
    "polymer": "*CC(*)c1ccccc1",
    "solvent": "Cc1ccccc1",
}
_FIRST_COLOURS: Final[Mapping[Kind, str]] = {
    "cation": "viscosity_mPa_s",
    "anion": "viscosity_mPa_s",
    "polymer": "family",
    "solvent": "soluble",
}
_PROPERTIES: Final = {key: prop.label for key, prop in PROPERTIES.items()}
_MIXING: Final = {
    "chi": "χ",
    "soluble": "Probability of dissolving",
    "hansen_D": "Hansen δD",
    "hansen_P": "Hansen δP",
    "hansen_H": "Hansen δH",
}
_ALWAYS: Final = {"family": "Family", "measured": "How much was measured"}


def colourings(kind: Kind) -> Mapping[str, str]:
    """What a map may be coloured by, with labels."""
    return _ALWAYS | (_PROPERTIES if kind in ROLES else _MIXING)


def first_quantity(kind: Kind) -> str:
    """The quantity that stands in the table where the colours show none."""
    return "viscosity_mPa_s" if kind in ROLES else "chi"


# -------------------------------------------------------------------------------------------- state


@dataclass
class State:
    """What the page shows; all of it stands in the URL. Molecules are canonical SMILES.

    ``at`` is the chosen molecule, ``own`` the user's own one, shown as a star, or empty; ``sphere``
    tells whether the sphere of the partner is drawn on the map of solvents.
    """

    kind: Kind = "cation"
    colour: str = "viscosity_mPa_s"
    at: str = EXAMPLES["cation"]
    partner: str = EXAMPLES["anion"]
    own: str = ""
    sphere: bool = False
    problem: str = ""

    @property
    def quantity(self) -> str:
        """Key of the quantity that is told of the chosen molecule and its neighbours."""
        return first_quantity(self.kind) if self.colour in _ALWAYS else self.colour


def opened(kind: Kind) -> State:
    """A map as it opens."""
    return State(
        kind=kind,
        colour=_FIRST_COLOURS[kind],
        at=EXAMPLES[kind],
        partner=EXAMPLES[PARTNERS[kind]],
        sphere=kind == "solvent",
    )


def to_query(state: State) -> dict[str, list[str]]:
    """Write a state as query parameters; what is at its default is left out."""
    query = {
        "map": [state.kind],
        "at": [token(state.at, state.kind)],
        "with": [token(state.partner, PARTNERS[state.kind])],
    }
    fresh = opened(state.kind)
    if state.colour != fresh.colour:
        query["colour"] = [state.colour]
    if state.own:
        query["own"] = [token(state.own, state.kind)]
    if state.sphere != fresh.sphere:
        query["sphere"] = [str(int(state.sphere))]
    return query


def from_query(query: Mapping[str, list[str]]) -> State:
    """Read a state from query parameters; what cannot be read keeps its default and is told."""
    first = {
        name: values[0].strip()[: common.LONGEST_TEXT] for name, values in query.items() if values
    }
    state = opened(next((kind for kind in KINDS if kind == first.get("map")), "cation"))
    if first.get("colour") in colourings(state.kind):
        state.colour = first["colour"]
    if state.kind == "solvent" and first.get("sphere") == "0":
        state.sphere = False
    problems = []
    for name, kind, field in (
        ("with", PARTNERS[state.kind], "partner"),
        ("own", state.kind, "own"),
        ("at", state.kind, "at"),
    ):
        if name in first:
            try:
                setattr(state, field, find(first[name], kind))
            except ChemistryError as error:
                problems.append(f"The {kind} of this link: {common.sentence(error)}")
    state.problem = " ".join(problems)
    return state


# ---------------------------------------------------------------------------------------- molecules


def find(text: str, kind: Kind) -> str:
    """The molecule picked from a list or typed: a name, an abbreviation or a SMILES.

    Raises:
        ChemistryError: if it is none of these.
    """
    if kind == "polymer":
        return mixtures.polymer_of(text).smiles
    if kind == "solvent":
        return mixtures.solvent_of(text).smiles
    return common.ion_of(text, kind).smiles


def token(smiles: str, kind: Kind) -> str:
    """The shortest text of a link that leads back to the molecule."""
    if kind == "polymer":
        return mixtures.polymer_token(smiles)
    if kind == "solvent":
        return mixtures.solvent_token(smiles)
    return common.ion_token(smiles, kind)


def labels(kind: Kind) -> Mapping[str, str]:
    """What a list of the named molecules of a kind shows, by SMILES."""
    if kind == "polymer":
        return mixtures.polymer_labels()
    if kind == "solvent":
        return mixtures.solvent_labels()
    shown = common.option_labels()
    return {smiles: shown[smiles] for smiles in common.catalogue(kind)}


def short(smiles: str, kind: Kind) -> str:
    """A short name: an abbreviation in brackets, a name, or the SMILES."""
    if kind == "polymer":
        return names.polymer_short(smiles)
    if kind == "solvent":
        return names.solvent_name(smiles)
    known_ion = common.catalogue(kind).get(smiles)
    if known_ion is None:
        return smiles
    return f"[{known_ion.abbreviation}]" if known_ion.abbreviation else known_ion.name


def link(kind: Kind, smiles: str, partner: str) -> tuple[str, dict[str, str]]:
    """The page that tells more of a molecule with its partner, and the query that opens it."""
    query = {kind: token(smiles, kind), PARTNERS[kind]: token(partner, PARTNERS[kind])}
    if kind in ROLES:
        return "pages/ionic_liquids.py", query
    return "pages/polymer_solvent.py", query


# ------------------------------------------------------------------------------------ measured


def measured_texts(kind: Kind, smiles: str, partner: str, quantity: Quantity) -> tuple[str, str]:
    """What was measured of a molecule: with the partner, and with all others.

    Of an ion near 25 °C and 1 atm; of a polymer and a solvent at all temperatures, where the
    measured tables are there. Hansen parameters are of the molecule alone.
    """
    if kind in ROLES:
        found = measured.by_partner(smiles, quantity.key)
        own = [found[partner]] if partner in found else []
        others = [value for other, value in found.items() if other != partner]
        spread = f"{_span(others, quantity)} ({len(others)})" if others else "–"
        return _span(own, quantity), spread
    polymer = parse_polymer(smiles if kind == "polymer" else partner)
    solvent = parse_solvent(partner if kind == "polymer" else smiles)
    if quantity.key == "chi":
        points = measured.chi_points(polymer, solvent)
        many = f" ({len(points)})" if len(points) > 1 else ""
        return f"{_span(points.chi, quantity)}{many}", "–"
    if quantity.key == "soluble":
        seen = [label.soluble for label in measured.labels(polymer, solvent)]
        words = (("soluble", sum(seen)), ("insoluble", len(seen) - sum(seen)))
        return ", ".join(f"{word} ({times})" for word, times in words if times) or "–", "–"
    parts = measured.hansen(polymer if kind == "polymer" else solvent)
    field = {"hansen_D": "dispersion", "hansen_P": "polar", "hansen_H": "hydrogen"}[quantity.key]
    return _span([getattr(part, field) for part in parts], quantity), "–"


def _span(values: Iterable[float], quantity: Quantity) -> str:
    """From the smallest to the largest value, in the unit shown, without the unit."""
    known = [value for value in quantity.unit.to_display([*values]) if math.isfinite(value)]
    if not known:
        return "–"
    low, high = figures.written(min(known)), figures.written(max(known))
    return low if low == high else f"{low} to {high}"
