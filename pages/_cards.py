"""What the page of models says in words: what each model is, where it fails, what it came from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from core.properties import PROPERTIES

if TYPE_CHECKING:
    from core.checkpoints import Card
    from core.export import Work

ROLES: Final[Mapping[str, str]] = {
    "ionic-liquids": "Ionic liquids",
    "polymer-solvent": "Polymers in solvents",
}


@dataclass(frozen=True, slots=True)
class Source:
    """Where something in a model came from.

    Attributes:
        gave: what was taken from it.
        reference: as one would cite it.
        doi: or empty.
        licence: its terms, as far as they are stated.
    """

    gave: str
    reference: str
    doi: str
    licence: str


# ---------------------------------------------------------------------------------- what they are


def _about_liquids(card: Card) -> str:
    network = card.networks["liquid"]["config"]
    ions = len(card.vocabulary["cations"]), len(card.vocabulary["anions"])
    return (
        "A neural recommender system. Every cation and every anion has a learned vector of "
        f"{network['embedding']} numbers, made from its structure and its simulated surface and "
        "corrected for each ion that was measured. A small network joins the two vectors into "
        "coefficients of physical laws (Murnaghan's for volume against pressure, that of Vogel, "
        "Fulcher and Tammann for viscosity, smooth ones for the others), so curves cannot wiggle "
        f"or turn the wrong way. {network['members']} such networks, started from different random "
        "numbers, are averaged, and a Gaussian process beside them corrects the level of each "
        "ionic liquid by what was measured of its neighbours. The networks are first trained on "
        "simulated pairs of ions (COSMO-RS type), then on measurements.\n\n"
        f"It has met {ions[0]:,} cations and {ions[1]:,} anions in measurements; others come from "
        "their structure. It needs no simulation when it predicts."
    )


def _about_mixtures(card: Card) -> str:
    network = card.networks["network"]["config"]
    known = len(card.vocabulary["polymers"]), len(card.vocabulary["solvents"])
    return (
        "A multitask network whose inner space is a generalised Hansen sphere. Polymer and solvent "
        f"are each placed in a space of {network['latent']} dimensions and given a radius in each; "
        "what decides is the squared distance less the squared radii. From that follow, by one "
        "linear layer per task, χ as experiments give it (A + B/T, and linear in composition), χ "
        "as COSMO-RS would give it, the odds of dissolving, and further tasks that only help in "
        f"training. {network['members']} networks are averaged, and a Gaussian process on the "
        "observations of dissolving stands beside them.\n\n"
        f"It has met {known[0]:,} polymers and {known[1]:,} solvents in measurements. A polymer is "
        "its repeat unit: molar mass enters only through the critical χ and the phase diagram."
    )


ABOUT: Final[Mapping[str, Callable[[Card], str]]] = {
    "ionic-liquids": _about_liquids,
    "polymer-solvent": _about_mixtures,
}

# Role -> what was learned -> its name.
LEARNED: Final[Mapping[str, Mapping[str, str]]] = {
    "ionic-liquids": {key: prop.label for key, prop in PROPERTIES.items()},
    "polymer-solvent": {
        "chi": "measured χ",
        "chi_cosmo_rs": "χ computed by COSMO-RS",
        "soluble": "soluble or not",
        "solubility_cosmo_rs": "solubility computed by COSMO-RS",
        "activity": "solvent activity at infinite dilution",
    },
}

# What is shown of the model of polymers, in few words: core.metrics has the long ones.
TASKS: Final[Mapping[str, str]] = {
    "chi": "χ, all rows",
    "chi_published": "χ, published rows",
    "soluble": "soluble, all",
    "soluble_handbook": "handbook",
    "soluble_visual score": "by eye",
    "soluble_turbidity": "turbidity",
}

# Role -> tier -> what was left out, in plain words.
TESTED: Final[Mapping[str, Mapping[str, str]]] = {
    "ionic-liquids": {
        "pair": "Whole ionic liquids were left out; both their ions occur in other ones.",
        "cation": "All ionic liquids of some cations were left out, as if nobody had measured "
        "those cations.",
        "anion": "The same for anions. There are far fewer of them, so each new one is a bigger "
        "step.",
    },
    "polymer-solvent": {
        "pair": "Whole pairs were left out; polymer and solvent occur in other pairs.",
        "solvent": "All pairs of some solvents were left out.",
        "polymer": "All pairs of some polymers were left out: the hardest test, and what you ask "
        "when you draw a polymer of your own.",
    },
}


# ---------------------------------------------------------------------------------------- limits


def _limits_liquids(card: Card) -> list[str]:
    liquids, metrics = card.data["liquids"], card.metrics
    found = [
        (
            "**Purity.** Traces of water and halide change the viscosity most. Where two sources "
            "measured one ionic liquid at one state they differ by 9 % in viscosity in the "
            "middle, 3 % in surface tension, 1 % in heat capacity and 0.13 % in density. No "
            "model can be better."
        ),
        (
            "**Melting points** depend on how ions pack in a crystal, which the model does not "
            "see. Some of the values it learned from below about 230 K are glass transitions, "
            "and an ionic liquid with several crystal forms has several melting points."
        ),
        (
            f"**Heat capacity** was learned from {liquids['heat_capacity_J_mol_K']:,} ionic "
            f"liquids only, **surface tension** from {liquids['surface_tension_mN_m']:,}, and "
            "both at about 0.1 MPa: pressure is no input there."
        ),
        (
            "**Near the glass transition** and far outside the temperatures of the data the laws "
            "are extrapolated. The charts dash the line there, and the number carries a note."
        ),
        (
            "**Ions with two charges** were rarely measured; metal-containing, polymeric and "
            "radical ions not at all. Isomers that differ only in stereochemistry are one ion "
            "here."
        ),
        (
            "**Whether it exists.** The model does not know whether a salt can be made, is "
            "stable, or decomposes before it melts or boils."
        ),
    ]
    if metrics:
        worst = metrics["viscosity_mPa_s"]["anion"]["recommender"]["MAE_by_liquid"]
        found.insert(
            1,
            f"**A new anion** is the hardest case: its viscosity is off by a factor of "
            f"{10.0**worst:.1f} on average (mean over ionic liquids, cross-validated).",
        )
    return found


def _limits_mixtures(card: Card) -> list[str]:
    found = [
        (
            "**Few polymers.** χ was measured for some fifty polymers, most of them vinyl "
            "polymers, polyethers, polydienes and celluloses. A polymer unlike these is a guess."
        ),
        (
            "**Tacticity and cis or trans** are not seen: isotactic and atactic polystyrene are "
            "one repeat unit here. Copolymers, networks, blends and polyelectrolytes are outside "
            "of it."
        ),
        (
            "**Crystals and glasses.** Semicrystalline polymers such as polyethylene dissolve only "
            "near their melting point, whatever χ says. The phase diagram knows liquid phases only."
        ),
        (
            "**Dissolving or not** is what a handbook would write. Sources that tested the same "
            "pair agree in 78 to 86 of 100 cases, so no honest model is right more often than "
            "about 87 %."
        ),
        (
            "**Molar mass** of the samples behind the measurements varies and is mostly unknown; "
            "it enters the answer only through the critical χ."
        ),
        "**Time.** A polymer may dissolve in the end and still take days.",
    ]
    if card.metrics:
        known, new = (card.metrics["chi"][tier]["network"] for tier in ("pair", "polymer"))
        found.insert(
            1,
            f"**A new polymer** is the hardest case: the mean error of χ is {new['MAE']:.2f} and "
            f"R² {new['R2']:.2f}, against {known['MAE']:.2f} for a "
            "new pair of known molecules (cross-validated).",
        )
    return found


LIMITS: Final[Mapping[str, Callable[[Card], list[str]]]] = {
    "ionic-liquids": _limits_liquids,
    "polymer-solvent": _limits_mixtures,
}


# --------------------------------------------------------------------------------------- sources

METHODS: Final[Mapping[str, tuple[Source, ...]]] = {
    "ionic-liquids": (
        Source(
            "the idea: a neural recommender, pre-trained on simulated and refined on measured data",
            "R. Sethi, K. Sundmacher, C. Ganzer, A neural recommender system leveraging transfer "
            "learning for property prediction of ionic liquids, 2025",
            "10.48550/arXiv.2509.10273",
            "",
        ),
        Source(
            "the form of the intervals: normalised conformal prediction",
            "J. Lei et al., J. Am. Stat. Assoc. 2018, 113, 1094",
            "10.1080/01621459.2017.1307116",
            "",
        ),
    ),
    "polymer-solvent": (
        Source(
            "the idea: a multitask network with a generalised Hansen sphere",
            "Y. Aoki et al., Macromolecules 2023, 56",
            "10.1021/acs.macromol.2c02600",
            "code MIT",
        ),
        Source(
            "phase diagrams: the Flory-Huggins theory",
            "P. J. Flory, J. Chem. Phys. 1942, 10, 51",
            "10.1063/1.1723621",
            "",
        ),
        Source(
            "χ that depends on composition",
            "R. Koningsveld, A. J. Staverman, J. Polym. Sci. A-2 1968, 6, 305",
            "10.1002/pol.1968.160060202",
            "",
        ),
    ),
}

DATA: Final[Mapping[str, tuple[Source, ...]]] = {
    "ionic-liquids": (
        Source(
            "density, viscosity, melting point; most values, and all that are drawn on charts",
            "A. Kazakov et al., NIST Standard Reference Database 147, Ionic Liquids Database "
            "(ILThermo) 2.0; Q. Dong et al., J. Chem. Eng. Data 2007, 52, 1151",
            "10.1021/je700171f",
            "NIST data; cite the database. Drawn values: package salty-ilthermo, MIT",
        ),
        Source(
            "surface tension, heat capacity, melting point, further densities and viscosities",
            "ILBERT, Digital Discovery 2025, a collection of earlier compilations",
            "10.1039/D5DD00035A",
            "article CC BY-NC 3.0; data without a licence of their own",
        ),
        Source(
            "further viscosities, surface tensions and melting points",
            "M. Mohan et al., Green Chemistry 2025",
            "10.1039/D5GC02803E",
            "article CC BY-NC 3.0; data without a licence of their own",
        ),
        Source(
            "simulated surfaces and properties of the ions",
            "this project, with GFN2-xTB, PM7/COSMO and the openCOSMO-RS 24a parameters; for the "
            "method T. Gerlach et al., Fluid Phase Equilib. 2022, 560, 113472",
            "10.1016/j.fluid.2022.113472",
            "MIT",
        ),
    ),
    "polymer-solvent": (
        Source(
            "measured χ (Orwoll and Arnold's table) and computed χ",
            "Y. Aoki et al., Macromolecules 2023, repository MTL_ChiParameter",
            "10.1021/acs.macromol.2c02600",
            "MIT",
        ),
        Source(
            "measured χ",
            "polyVERSE, Ramprasad group; S. Nistane et al., MRS Communications 2022. Copyright "
            "2022 Georgia Tech Research Corporation, Atlanta, Georgia 30332-4024, all rights "
            "reserved; changed by this project",
            "10.1557/s43579-022-00237-x",
            "GTRC General Public Use License: free use and redistribution, no sale; see "
            "THIRD_PARTY.md",
        ),
        Source(
            "soluble or not, handbook",
            "PolySol, C. Stubbs et al., Digital Discovery 2025",
            "",
            "MIT",
        ),
        Source(
            "soluble or not, seen by eye; measured by turbidity",
            "repositories dissolve_me and Polymer-Solubility-Data_Crystal16",
            "",
            "none stated",
        ),
        Source(
            "solvent activity at infinite dilution",
            "E. I. Sanchez Medina et al., J. Phys. Chem. A 2023, repository Poly_GHGNN",
            "",
            "GPL-3.0",
        ),
        Source(
            "computed solubility; Hansen parameters of polymers",
            "repository RAG-polymer-solubility; Hansen's handbook",
            "10.1201/9781420006834",
            "MIT",
        ),
        Source(
            "Hansen parameters and properties of solvents",
            "packages chemicals 1.5.2 and hspipy, and the sources they name",
            "",
            "MIT",
        ),
        Source(
            "simulated χ",
            "this project, with GFN2-xTB, PM7/COSMO and the openCOSMO-RS 24a parameters; for the "
            "method T. Gerlach et al., Fluid Phase Equilib. 2022, 560, 113472",
            "10.1016/j.fluid.2022.113472",
            "MIT",
        ),
    ),
}

# Role -> what to cite for its numbers.
WORKS: Final[Mapping[str, tuple[Work, ...]]] = {
    "ionic-liquids": ("ionic liquids", "measured ionic liquids", "simulation"),
    "polymer-solvent": ("miscibility", "measured chi", "simulation", "Hansen parameters"),
}


# ------------------------------------------------------------------------------------------ trust


def typical_error(card: Card, tier: str, model: str) -> str:
    """How far off a model is on average in a tier, in the words of a chemist."""
    if card.role == "polymer-solvent":
        if tier not in card.metrics.get("chi", {}):
            return "–"
        of = card.metrics["chi"][tier][model], card.metrics["soluble"][tier][model]
        return f"χ ± {of[0]['MAE']:.2f}; {of[1]['balanced_accuracy']:.0%} of verdicts right"
    parts = []
    for key in ("density_kg_m3", "viscosity_mPa_s", "melting_point_K"):
        found = card.metrics.get(key, {}).get(tier, {}).get(model)
        if found is None:
            continue
        if PROPERTIES[key].transform == "log10":
            text = f"viscosity × or ÷ {10.0 ** found['MAE_by_liquid']:.1f}"
        elif PROPERTIES[key].depends_on_temperature:
            text = f"{PROPERTIES[key].label.lower()} ± {found['AARD_by_liquid']:.1f} %"
        else:
            text = f"{PROPERTIES[key].label.lower()} ± {found['MAE_by_liquid']:.0f} K"
        parts.append(text)
    return "; ".join(parts) or "–"


# ------------------------------------------------------------------------------------- to be saved


def flat(found: object, *path: str) -> Iterator[dict[str, object]]:
    """The numbers of a part of a card, one a row, with the words that lead to them."""
    if isinstance(found, Mapping):
        for name, inner in found.items():
            yield from flat(inner, *path, name)
    elif isinstance(found, list):
        for place, inner in enumerate(found, 1):
            yield from flat(inner, *path, str(place))
    else:
        yield {"study": path[0], "of": path[1], "what": " / ".join(path[2:]), "value": found}


def table_of(card: Card, show: str, of: str) -> pd.DataFrame:
    """The numbers behind a section of the page of models.

    Args:
        card: of the model.
        show: the section.
        of: what the model predicts, where the section is on one of that.
    """
    if show in {"model", "sources"}:
        counted = card.data["liquids" if card.role == "ionic-liquids" else "pairs"]
        return pd.DataFrame(
            [
                {"of": key, "values": number, "systems": counted.get(key)}
                | {f"{name}_{end}": at for name, span in card.ranges.get(key, {}).items()
                   for end, at in zip(("low", "high"), span, strict=True)}
                for key, number in card.data["rows"].items()
            ]
        )  # fmt: skip
    studies = card.studies
    found: dict[str, Mapping[str, Any]] = {"errors": card.metrics}
    if show == "intervals":
        found = {"calibration": studies.get("calibration", {})}
    elif show == "simulation" and card.role == "ionic-liquids":
        transfer = studies.get("transfer", {})
        found = {
            "pre-training": transfer.get("starts", {}),
            "learning curve": transfer.get("curve", {}),
            "simulation": studies.get("simulation", {}),
        }
    rows = [
        row
        for study, by_subject in found.items()
        for row in flat(by_subject.get(of, {}), study, of)
    ]
    if show == "intervals":
        rows += flat(studies.get("reliability", {}), "reliability", "soluble")
    return pd.DataFrame(rows)
