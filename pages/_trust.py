"""How far a number can be trusted, in plain words, with examples from the live model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, Literal, cast

import pandas as pd
import streamlit as st

from core import figures, names
from core.chemistry import combine
from core.properties import PROPERTIES
from core.thermodynamics import critical_chi
from pages import _cards as cards
from pages import _common as common
from pages import _mixtures as mixtures

if TYPE_CHECKING:
    from core.checkpoints import Card
    from core.predict import IonicLiquidPredictor, MiscibilityPredictor

__all__ = ["hint", "link", "show"]

Role = Literal["ionic-liquids", "polymer-solvent"]

# Support -> the tier of the cross-validation that tests it, and the model of that tier.
TESTED_BY: Final[Mapping[str, tuple[str, str]]] = {
    "both_ions_known": ("pair", "recommender"),
    "new_cation": ("cation", "recommender"),
    "new_anion": ("anion", "recommender"),
    "unsimulated_cation": ("cation", "surface emulated"),
    "unsimulated_anion": ("anion", "surface emulated"),
    "both_known": ("pair", "network"),
    "new_solvent": ("solvent", "network"),
    "new_polymer": ("polymer", "network"),
}
# One ionic liquid for each kind of support, from well known to never met.
LIQUIDS: Final = (
    ("C4mim", "Tf2N"),
    ("C3mim", "BF4"),
    ("C=CC[N+](C)(CCOCCOC)CCOCC", "Tf2N"),
    ("C=CC[N+](C)(CCOCCOC)CCOCC", "O=C([O-])C1(F)CC1"),
)
PAIRS: Final = (
    ("PS", "anisole"),
    ("PS", "cyclohexane"),
    ("PMMA", "CC(C)OC(=O)C1CC1"),
    ("*CC(*)(C)C(=O)OCC1CC1", "acetone"),
)


def link(role: Role) -> None:
    """A small link from the numbers of a page to what is said here."""
    st.page_link(
        "pages/models.py",
        label="How far can I trust these numbers?",
        icon=":material/verified:",
        query_params={"model": role, "show": "trust"},
    )


def hint(role: Role, text: str) -> str:
    """A hint on one number, with the way to what is said here."""
    return f"{text} [How far can I trust it?](models?model={role}&show=trust)"


def show(model: IonicLiquidPredictor | MiscibilityPredictor) -> None:
    """The whole section."""
    role = cast("Role", model.card.role)
    liquids = role == "ionic-liquids"
    st.header("How far can I trust this number?")
    st.markdown(
        "Four things stand beside a prediction. Read them in this order: **what the model had "
        "seen**, **its grade**, **the interval**, **the notes**."
    )
    st.markdown("### 1. What the model had seen")
    st.markdown(
        "The coloured word says what of this "
        + ("ionic liquid" if liquids else "pair")
        + " was in the training data. It is the best single guide, because errors grow with every "
        "part that is new."
    )
    st.table(supports(model.card))
    st.caption(
        "Typical errors are means of the cross-validation, each "
        + ("ionic liquid" if liquids else "pair")
        + " predicted by models that had not seen it. Where the very "
        + ("ionic liquid" if liquids else "pair")
        + " was measured, the model mostly gives back the measurements: trust it as far as those."
    )
    st.markdown("### 2. Inside, at the edge, outside")
    st.markdown(
        "The second badge grades how much what you asked about is like what was measured, "
        "whether or not it was measured itself. A prediction has the worst of its grades, and "
        "the hint on the badge gives the reasons: the molecule, the disagreement of the "
        "networks, an element or a charge that no measured molecule has, or the state."
    )
    st.table(grades())
    st.markdown("### 3. The interval")
    st.markdown(
        "Under the number stand two others, for example *90 %: 42 to 57*. Of a hundred such "
        "intervals about ninety hold the measured value; ten do not. Three consequences:\n\n"
        "- **Two numbers whose intervals overlap widely are not different**, whatever the order of "
        "the numbers themselves.\n"
        "- **Design with the bad end.** If a pump stands 60 mPa·s, look for an upper end below 60, "
        "not for a number below 60. The screening pages can filter by the ends.\n"
        "- **Digits mean something.** Numbers are rounded to what the interval supports.\n\n"
        "The width is not a guess: it was set on systems left out of training, separately for each "
        "of the cases above, and grows where the networks disagree. How often intervals really "
        "hold is shown under *Intervals*."
        if liquids
        else "Under χ stand two other numbers. Of a hundred such intervals about ninety hold the "
        "measured χ; ten do not. Three consequences:\n\n"
        "- **Compare the interval with the critical χ**, not the number: only if the whole "
        "interval lies below it does the polymer mix in every proportion.\n"
        "- **Two solvents whose intervals overlap widely are not ranked** by their χ.\n"
        "- **The probability of dissolving is a frequency**: of a hundred pairs given 80 %, about "
        "eighty dissolve. It was calibrated on left-out pairs, separately for each case above, so "
        "it is pulled towards 50 % where the model knows little.\n\n"
        "How well both promises hold is shown under *Intervals*."
    )
    examples(model)
    st.markdown("### 4. The notes")
    st.markdown(
        "An orange sentence under a number says that the temperature, the pressure or the charge "
        "lies outside the data. Charts dash the curve there. The interval does not know about "
        "this, so outside the data it is too narrow: treat such a number as an extrapolation."
    )
    st.markdown("### What no interval covers")
    st.markdown(
        "Impurities in your sample, decomposition, and everything the training data do not tell "
        "apart. The limits of this model are listed under *The model*. When a decision hangs on "
        "one number: **measure it**; the model is there to say which ones are worth measuring."
    )


def supports(card: Card) -> pd.DataFrame:
    """Each kind of support, what it means, and how good the model is there."""
    table = common.SUPPORT if card.role == "ionic-liquids" else mixtures.SUPPORT
    rows = []
    for key, (words, colour, meaning) in table.items():
        if key == "pair_measured":
            error = "as good as the measurements"
        elif key in TESTED_BY:
            error = cards.typical_error(card, *TESTED_BY[key])
        else:
            error = "larger still; see the interval"
        rows.append(
            {
                "What it says": f":{colour}-badge[{words}]",
                "What it means": meaning,
                "Typical error": error,
            }
        )
    return pd.DataFrame(rows).set_index("What it says")


GRADED: Final[Mapping[str, str]] = {
    "inside": "Every molecule has a measured one nearly as close as measured ones have theirs, the "
    "networks agree, and the state lies within the data. The interval can be taken at its word.",
    "edge": "No very similar molecule was measured, the networks agree less than usual, or the "
    "state lies close to the end of the data. Read the interval with reserve.",
    "outside": "A molecule is farther from all measured ones than 95 % of those are from their "
    "nearest, or has an element or charge that none of them has, or the state lies beyond the "
    "data. Errors are typically several times as large: look for a measurement.",
}


def grades() -> pd.DataFrame:
    """Each grade and what it means."""
    rows = [
        {
            "What it says": f":{colour}-badge[{words}]",
            "What it means": GRADED[grade],
        }
        for grade, (words, colour, _) in common.GRADE.items()
    ]
    return pd.DataFrame(rows).set_index("What it says")


def said(support: tuple[str, str, str], grade: str | None) -> str:
    """The badges of a prediction, as text of a table."""
    words, colour, _ = support
    text = f":{colour}-badge[{words}]"
    if grade is not None:
        words, colour, _ = common.GRADE[grade]
        text += f" :{colour}-badge[{words}]"
    return text


def examples(model: IonicLiquidPredictor | MiscibilityPredictor) -> None:
    """Live predictions, from well known to never met."""
    if model.card.role == "ionic-liquids":
        st.table(liquid_examples(cast("IonicLiquidPredictor", model)))
        st.caption(
            "Viscosity at 25 °C with its 90 % interval, now, from this model. The less of an "
            "ionic liquid was known, the wider the interval."
        )
    else:
        st.table(pair_examples(cast("MiscibilityPredictor", model)))
        st.caption(
            "χ at 25 °C in dilute solution with its 90 % interval, now, from this model. The "
            f"critical χ of a long chain is {float(critical_chi(10_000.0)):.2f} or little more."
        )


def liquid_examples(model: IonicLiquidPredictor) -> pd.DataFrame:
    """The viscosity of four ionic liquids with its interval and support."""
    prop, rows = PROPERTIES["viscosity_mPa_s"], []
    for cation, anion in LIQUIDS:
        liquid = combine(names.find_ion(cation, "cation"), names.find_ion(anion, "anion"))
        at = model.predict(liquid)[prop.key]
        value, low, high = figures.rounded(at.value, at.low, at.high)
        rows.append(
            {
                "Ionic liquid": common.plain(common.liquid_name(liquid)),
                "What it says": said(common.SUPPORT[at.support], at.grade),
                f"Viscosity / {prop.internal_unit.label}": f"{value} ({low} to {high})",
            }
        )
    return pd.DataFrame(rows).set_index("Ionic liquid")


def pair_examples(model: MiscibilityPredictor) -> pd.DataFrame:
    """χ of four pairs with its interval and support."""
    rows = []
    for polymer_name, solvent_name in PAIRS:
        polymer, solvent = names.find_polymer(polymer_name), names.find_solvent(solvent_name)
        at = model.predict(polymer, solvent)
        low, high = figures.chi_text(at.chi_low), figures.chi_text(at.chi_high)
        rows.append(
            {
                "Pair": common.plain(
                    f"{mixtures.polymer_token(polymer.smiles)} in "
                    f"{names.solvent_name(solvent.smiles)}"
                ),
                "What it says": said(mixtures.SUPPORT[at.support], at.grade),
                "χ": f"{figures.chi_text(at.chi)} ({low} to {high})",
                "Dissolves": figures.percent(at.soluble_probability),
            }
        )
    return pd.DataFrame(rows).set_index("Pair")
