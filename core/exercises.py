"""Guess before you see: questions made from predictions whose intervals lie apart.

A question is drawn from a seed, so that a whole class sees the same one. It is asked only where the
answer can be told: the 90 % intervals do not overlap, or a probability of dissolving lies near 0 or
1. The reasons given are rules of thumb, chosen by what differs between the molecules of a question.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, permutations
from typing import Final, Literal

from core import names
from core.chemistry import IonicLiquid, combine
from core.predict import IonicLiquidPredictor, MiscibilityPredictor
from core.properties import PROPERTIES
from core.screen.hansen import hansen_of

__all__ = ["DISSOLVES", "QUESTIONS", "Exercise", "Kind", "Shown", "draw"]

Kind = Literal["compare", "order", "dissolve"]

QUESTIONS: Final = 6  # of a set
DISSOLVES: Final = ("It dissolves", "It does not dissolve")
_SURE: Final = 0.85
_NEAR: Final = 8.0  # MPa^0.5, the radius of an ordinary polymer's sphere
_TRIES: Final = 400

_CATIONS: Final = ("C2mim", "C4mim", "C6mim", "C8mim")
_ANIONS: Final = ("Tf2N", "BF4", "PF6", "DCA", "Cl", "Br", "OAc", "OTf")
_POLYMERS: Final = ("PS", "PMMA", "PEO", "PVC", "PDMS", "PVAc", "PVA", "PIB")
_SOLVENTS: Final = (
    "toluene", "cyclohexane", "hexane", "acetone", "ethyl acetate", "tetrahydrofuran", "chloroform",
    "dichloromethane", "methanol", "ethanol", "water", "acetonitrile", "N,N-dimethylformamide",
    "dimethyl sulfoxide", "diethyl ether", "heptane", "benzene", "2-butanone",
)  # fmt: skip

# A liquid that melts above this is a solid on the bench, even if it may be undercooled.
_MELTS_BELOW_K: Final = 312.0

# Property -> anion -> what makes it so.
_OF_ANION: Final = {
    "viscosity_mPa_s": {
        "Tf2N": "bis(triflyl)imide spreads its charge over a large ion that can change its shape",
        "BF4": "tetrafluoroborate is small, with its charge close to the surface",
        "PF6": "hexafluorophosphate is stiff and round, and does not bend out of the way",
        "DCA": "dicyanamide is flat, and spreads its charge over three nitrogen atoms",
        "Cl": "chloride concentrates its charge and accepts strong hydrogen bonds",
        "Br": "bromide has its whole charge on one atom",
        "OAc": "acetate accepts strong hydrogen bonds",
        "OTf": "triflate spreads its charge over three oxygen atoms, but is stiff",
    },
    "density_kg_m3": {
        "Tf2N": "bis(triflyl)imide has six fluorine and two sulfur atoms",
        "BF4": "tetrafluoroborate is four fluorine atoms packed round boron",
        "PF6": "hexafluorophosphate is six fluorine atoms packed round phosphorus",
        "DCA": "dicyanamide is carbon and nitrogen only",
        "Cl": "chloride is so small that the cation sets the density",
        "Br": "bromide is one heavy atom",
        "OAc": "acetate is carbon, hydrogen and oxygen only",
        "OTf": "triflate has three fluorine atoms and a sulfur atom",
    },
    "surface_tension_mN_m": {
        "Tf2N": "bis(triflyl)imide brings two CF₃ groups",
        "BF4": "tetrafluoroborate is a compact charge",
        "PF6": "hexafluorophosphate spreads its charge over six fluorine atoms",
        "DCA": "dicyanamide is small and polar",
        "Cl": "chloride is a very compact charge",
        "Br": "bromide is a compact charge",
        "OAc": "acetate brings a methyl group",
        "OTf": "triflate brings a CF₃ group",
    },
}
_RULE_OF_ANION: Final = {
    "viscosity_mPa_s": "Ions flow past each other the more easily, the weaker they hold on to each "
    "other: spread charge and flexible shape make a liquid thin, small ions with dense charge and "
    "hydrogen bonds make it thick.",
    "density_kg_m3": "Density is mass by volume: anions rich in fluorine, sulfur or bromine weigh "
    "much for the room they take.",
    "surface_tension_mN_m": "The surface tension is high where strong forces between ions reach "
    "the surface; large anions with fluorinated groups weaken them.",
}
_RULE_OF_CHAIN: Final = {
    "viscosity_mPa_s": "A longer chain adds attraction between chains and makes the ion slower to "
    "move.",
    "density_kg_m3": "Each CH₂ adds little mass and much room (14 g/mol on about 17 cm³/mol), so "
    "the density falls with the chain.",
    "surface_tension_mN_m": "Chains turn towards the air; the longer they are, the more the "
    "surface is like that of an alkane, which has 20 to 25 mN/m.",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown of one molecule once a question is answered.

    Attributes:
        name: as in the question.
        value: predicted.
        low: lower end of the 90 % interval.
        high: upper end.
    """

    name: str
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Exercise:
    """A question, its answer, and what is shown afterwards.

    Attributes:
        kind: of the question.
        quantity: key of the property asked about, ``"chi"`` for dissolving.
        question: one sentence.
        options: to choose from.
        right: which of them is right.
        shown: the numbers behind it, in the unit of the key.
        probability: of dissolving; ``None`` where that is not the question.
        why: one or two sentences.
    """

    kind: Kind
    quantity: str
    question: str
    options: tuple[str, ...]
    right: str
    shown: tuple[Shown, ...]
    probability: float | None
    why: str


_SET: Final[tuple[tuple[Kind, str], ...]] = (
    ("compare", "viscosity_mPa_s"),
    ("dissolve", "chi"),
    ("order", "density_kg_m3"),
    ("compare", "surface_tension_mN_m"),
    ("dissolve", "chi"),
    ("order", "viscosity_mPa_s"),
)


def draw(
    liquids: IonicLiquidPredictor, mixtures: MiscibilityPredictor, seed: int, number: int
) -> Exercise:
    """Draw a question.

    Args:
        liquids: predicts the numbers of questions about ionic liquids.
        mixtures: those of questions about dissolving.
        seed: of the set; the same models give the same questions.
        number: which of the set, 0 to :data:`QUESTIONS` - 1.

    Raises:
        LookupError: if no question could be found whose answer can be told.
    """
    dice = random.Random(1_000 * seed + number)  # noqa: S311 - no secret
    kind, quantity = _SET[number]
    for _ in range(_TRIES):
        found = (
            _dissolving(mixtures, dice)
            if kind == "dissolve"
            else _compared(liquids, dice, kind, quantity)
        )
        if found is not None:
            return found
    raise LookupError("no question was found whose answer can be told")


# ------------------------------------------------------------------------------------ ionic liquids


def _liquid(cation: str, anion: str) -> IonicLiquid:
    return combine(names.find_ion(cation, "cation"), names.find_ion(anion, "anion"))


def _compared(
    model: IonicLiquidPredictor, dice: random.Random, kind: Kind, key: str
) -> Exercise | None:
    """Two ionic liquids to compare or three to order: of one cation, or of one anion."""
    count = 2 if kind == "compare" else 3
    of_anions = dice.random() < 0.6
    if of_anions:
        cation, anions = dice.choice(_CATIONS), dice.sample(_ANIONS, count)
        pairs = [(cation, anion) for anion in anions]
        ends = anions
    else:
        anion, cations = dice.choice(_ANIONS), dice.sample(_CATIONS, count)
        pairs = [(cation, anion) for cation in cations]
        ends = cations
    found = []
    for pair, end in zip(pairs, ends, strict=True):
        properties = model.predict(_liquid(*pair))
        if properties["melting_point_K"].value > _MELTS_BELOW_K:
            return None
        at = properties[key]
        shown = Shown(f"[{pair[0]}][{pair[1]}]", at.value, at.low, at.high)
        found.append((shown, end))
    ranked = sorted(found, key=lambda entry: entry[0].value)
    if any(lower.high >= upper.low for (lower, _), (upper, _) in pairwise(ranked)):
        return None
    prop = PROPERTIES[key]
    asked = [shown.name for shown, _ in found]
    if kind == "compare":
        question = f"Which has the higher {prop.label.lower()} at 25 °C?"
        options, right = tuple(asked), ranked[-1][0].name
    else:
        question = f"Which is the order of rising {prop.label.lower()} at 25 °C?"
        orders = [" < ".join(order) for order in permutations(asked)]
        options, right = tuple(sorted(orders)), " < ".join(shown.name for shown, _ in ranked)
    why = (
        _why_anion(key, [end for _, end in ranked])
        if of_anions
        else _why_chain(key, [shown.name for shown, _ in ranked])
    )
    return Exercise(
        kind, key, question, options, right, tuple(shown for shown, _ in ranked), None, why
    )


def _why_anion(key: str, rising: Sequence[str]) -> str:
    low, high = _OF_ANION[key][rising[0]], _OF_ANION[key][rising[-1]]
    return f"{_RULE_OF_ANION[key]} Here {low}, while {high}."


def _why_chain(key: str, rising: Sequence[str]) -> str:
    """Follow the rule, or say that this pair does not."""
    lengths = [int(name[2 : name.index("m")]) for name in rising]
    falls = key != "viscosity_mPa_s"
    if lengths == sorted(lengths, reverse=falls):
        return _RULE_OF_CHAIN[key]
    return (
        f"{_RULE_OF_CHAIN[key]} The model sees this series depart from the rule: a good reason to "
        "look at the measurements."
    )


# ---------------------------------------------------------------------------------------- polymers


def _dissolving(model: MiscibilityPredictor, dice: random.Random) -> Exercise | None:
    """A polymer and a solvent of which the model is sure."""
    short, liquid = dice.choice(_POLYMERS), dice.choice(_SOLVENTS)
    polymer, solvent = names.find_polymer(short), names.find_solvent(liquid)
    at = model.predict(polymer, solvent)
    if 1.0 - _SURE < at.soluble_probability < _SURE:
        return None
    dissolves = at.soluble_probability >= _SURE
    label = names.polymer_label(polymer.smiles)
    of_polymer, of_solvent = hansen_of(model, polymer), hansen_of(model, solvent)
    why = _why_dissolves(of_polymer.parameters, of_solvent.parameters, liquid, dissolves=dissolves)
    return Exercise(
        "dissolve",
        "chi",
        f"Does {label} dissolve in {liquid} at 25 °C?",
        DISSOLVES,
        DISSOLVES[0 if dissolves else 1],
        (Shown(f"{short} in {liquid}", at.chi, at.chi_low, at.chi_high),),
        at.soluble_probability,
        why,
    )


def _why_dissolves(
    polymer: tuple[float, float, float],
    solvent: tuple[float, float, float],
    name: str,
    *,
    dissolves: bool,
) -> str:
    """Which of Hansen's three forces is most alike or unlike."""
    forces = ("dispersion forces", "polarity", "hydrogen bonding")
    apart = [
        factor * (s - p) for factor, p, s in zip((2.0, 1.0, 1.0), polymer, solvent, strict=True)
    ]
    distance = sum(part**2 for part in apart) ** 0.5
    worst = max(range(3), key=lambda i: abs(apart[i]))
    near = distance < _NEAR
    numbers = f"Hansen's distance is {distance:.1f} MPa⁰·⁵"
    if not near:
        numbers += (
            f", most of it by {forces[worst]} ({polymer[worst]:.0f} of the polymer against "
            f"{solvent[worst]:.0f})"
        )
    if near == dissolves:
        rule = (
            f"Like dissolves like, and {name} is like the polymer."
            if dissolves
            else f"Like dissolves like, and {name} is unlike the polymer."
        )
    else:
        rule = (
            f"Here {name} dissolves the polymer although Hansen's numbers are far apart: they tell "
            "how strong the forces are, not whether donor meets acceptor."
            if dissolves
            else f"Here {name} does not dissolve the polymer although Hansen's numbers are close: "
            "they leave out the size of the molecules and crystals."
        )
    return f"{rule} {numbers}."
