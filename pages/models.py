"""Models: what was trained on which data, how good it is, and how far to trust its numbers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
import streamlit as st

from core import export, figures
from core.metrics import COUNTS, MEASURES, STARTS, TIERS, TITLES, tier_name, with_error
from core.properties import PROPERTIES
from pages import _cards as cards
from pages import _common as common
from pages import _mixtures as mixtures
from pages import _trust as trust
from pages._export import Shown, export_bar

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from core.checkpoints import Card
    from core.predict import IonicLiquidPredictor, MiscibilityPredictor

PAGE = "models"
SECTIONS: Final[Mapping[str, str]] = {
    "model": "The model",
    "accuracy": "Accuracy",
    "intervals": "Intervals",
    "simulation": "Simulation",
    "trust": "How far to trust a number",
    "sources": "Data and licences",
}
OWN: Final[Mapping[str, str]] = {"ionic-liquids": "recommender", "polymer-solvent": "network"}


# ------------------------------------------------------------------------------------------ state


@dataclass
class State:
    """What the page shows; all of it stands in the URL."""

    model: str = "ionic-liquids"
    show: str = "model"
    of: str = "density_kg_m3"
    tier: str = "pair"


def subjects(role: str) -> Mapping[str, str]:
    """What a model predicts, as far as its card has figures on it, and what that is called."""
    if role == "ionic-liquids":
        return {name: prop.label for name, prop in PROPERTIES.items()}
    return cards.TASKS


def to_query(state: State) -> dict[str, list[str]]:
    """Write a state as query parameters."""
    query = {"model": [state.model], "show": [state.show]}
    if state.show in {"accuracy", "intervals", "simulation"}:
        query["of"] = [state.of]
    if state.show == "accuracy":
        query["tier"] = [state.tier]
    return query


def from_query(query: Mapping[str, list[str]]) -> State:
    """Read a state from query parameters; what cannot be read keeps its default."""
    first = {name: values[0] for name, values in query.items() if values}
    state = State()
    if first.get("model") in cards.ROLES:
        state.model = first["model"]
    if first.get("show") in SECTIONS:
        state.show = first["show"]
    known = subjects(state.model)
    state.of = first["of"] if first.get("of") in known else next(iter(known))
    if first.get("tier") in TIERS[state.model]:
        state.tier = first["tier"]
    return state


common.ensure_router()
state = common.state_from_url(PAGE, from_query)
session = st.session_state
charts: dict[str, Callable[..., go.Figure]] = {}  # what is drawn in this run, by its title


@common.changes
def set_model() -> None:
    """Show another model; what is shown of it begins anew where it cannot stay."""
    if (role := session["c_model"]) is None:
        return
    state.model = role
    if state.of not in subjects(role):
        state.of = next(iter(subjects(role)))
    if state.tier not in TIERS[role]:
        state.tier = next(iter(TIERS[role]))


@common.changes
def set_choice(name: str) -> None:
    """Take a choice that is stored as it is shown."""
    if session[f"c_{name}"] is not None:
        setattr(state, name, session[f"c_{name}"])


def pick(name: str, label: str, options: Mapping[str, str], *, hidden: bool = False) -> None:
    """Choose one of a few."""
    st.segmented_control(
        label,
        list(options),
        format_func=lambda key: options.get(key, key),
        key=common.seeded(f"c_{name}", getattr(state, name)),
        required=True,
        on_change=set_choice,
        args=(name,),
        label_visibility="collapsed" if hidden else "visible",
        wrap=True,
    )


def pick_subject(found: Mapping[str, Any]) -> str | None:
    """Choose what a model predicts, of that which there are figures on."""
    options = {key: title for key, title in subjects(state.model).items() if key in found}
    if not options:
        return None
    if state.of not in options:
        state.of = next(iter(options))
    pick("of", "Property" if state.model == "ionic-liquids" else "Task and rows", options)
    return state.of


# -------------------------------------------------------------------------------------- the model


def celsius(span: Sequence[float]) -> str:
    """A span of temperatures in whole degrees."""
    return "{} to {}".format(*(f"{round(end - 273.15)}".replace("-", "−") for end in span))


def ranges_of_liquids(card: Card) -> pd.DataFrame:
    """Temperatures and pressures that the model has seen, by property."""
    rows = []
    for key, prop in PROPERTIES.items():
        spans = card.ranges[key]
        row = {"": prop.label, "Temperature / °C": "–", "Pressure / MPa": "near 0.1"}
        if (span := spans.get("temperature_K")) is not None:
            row["Temperature / °C"] = celsius(span)
        if (span := spans.get("pressure_kPa")) is not None:
            row["Pressure / MPa"] = "{:.2g} to {:.0f}".format(*(end / 1000.0 for end in span))
        rows.append(row)
    return pd.DataFrame(rows).set_index("")


def ranges_of_mixtures(card: Card) -> pd.DataFrame:
    """Temperatures and compositions that the model has seen."""
    spans = card.ranges["chi"]
    row = {
        "": "χ",
        "Temperature / °C": celsius(spans["temperature_K"]),
        "Volume fraction of the polymer": "{:.2g} to {:.2g}".format(*spans["volume_fraction"]),
    }
    return pd.DataFrame([row]).set_index("")


def show_model(card: Card) -> None:
    """What it is, what it was trained on, how it was tested, where it fails."""
    liquids = card.role == "ionic-liquids"
    if liquids:
        common.model_summary(card)
    else:
        mixtures.model_summary(card)
    st.header("What it is")
    st.markdown(cards.ABOUT[card.role](card))
    st.header("Range of the training data")
    st.table(ranges_of_liquids(card) if liquids else ranges_of_mixtures(card))
    st.header("How it was tested")
    st.markdown(
        f"By cross-validation: the data are cut into {card.split['folds']} parts, and each part is "
        "predicted by models that never saw it. All rows of one "
        f"{'ionic liquid' if liquids else 'pair'} lie in one part; cutting row by row would let a "
        "model look up its answers. How hard the test is depends on what is left out:"
    )
    tested = cards.TESTED[card.role]
    st.table(
        pd.DataFrame(
            [
                {"": TIERS[card.role][tier].capitalize(), "Left out": words}
                for tier, words in tested.items()
            ]
        ).set_index("")
    )
    st.header("Known failures and limits")
    st.markdown("\n".join(f"- {limit}" for limit in cards.LIMITS[card.role](card)))


# --------------------------------------------------------------------------------------- accuracy


def not_evaluated(card: Card) -> None:
    """Say how to get the figures."""
    st.info(f"Not evaluated yet: run `python -m core evaluate {card.role}`.")


def unit_of(role: str, key: str) -> str:
    """The unit of the errors of a property."""
    if role != "ionic-liquids":
        return ""
    prop = PROPERTIES[key]
    return "log₁₀ units" if prop.transform == "log10" else prop.internal_unit.label


def show_accuracy(card: Card) -> None:
    """Errors beside those of simpler models, and predicted against measured values."""
    key = pick_subject(card.metrics)
    if key is None:
        not_evaluated(card)
        return
    by_chi = not key.startswith("soluble")
    st.header("Beside simpler models")
    if key in TITLES.get(card.role, {}):
        st.caption(f"{TITLES[card.role][key][0].upper()}{TITLES[card.role][key][1:]}.")
    bars(card, key, "MAE" if by_chi else "AUC", unit_of(card.role, key))
    tiers = TIERS[card.role]
    pick("tier", "What was new to the model", {tier: tiers[tier] for tier in card.metrics[key]})
    measures(card, key, state.tier)
    if card.role == "ionic-liquids":
        st.caption(
            "Mean absolute error (MAE), root mean square error (RMSE), coefficient of "
            "determination (R²) and average absolute relative deviation (AARD), over rows and "
            f"averaged by ionic liquid. MAE and RMSE in {unit_of(card.role, key)}. Recommender: "
            "this model. Surface emulated: the same for an ion that was not simulated. Trees: "
            "gradient-boosted trees on the same descriptors. Additive: a number for each ion. "
            "Mean: always the mean."
        )
    else:
        st.caption(
            "χ: mean absolute error (MAE), root mean square error (RMSE), coefficient of "
            "determination (R²), over rows and averaged by pair; r is the correlation. Soluble or "
            "not: area under the receiver operating characteristic (AUC), balanced accuracy, Brier "
            "score and calibration error. Network: this model; below it, what it is without a part "
            "of it or of its data, and simpler models. Some methods know only part of the rows; "
            "the network is shown on the same rows beside them."
        )
    parity(card, key)


def bars(card: Card, key: str, measure: str, unit: str) -> None:
    """One measure as bars, of the models that have it in every tier."""
    tiers = {TIERS[card.role][tier]: models for tier, models in card.metrics[key].items()}
    common_to_all = [
        model
        for model in next(iter(tiers.values()))
        if all(measure in models.get(model, {}) for models in tiers.values())
    ]
    values = {
        tier: {model: models[model][measure] for model in common_to_all}
        for tier, models in tiers.items()
    }
    words = "mean absolute error" if measure == "MAE" else "area under the curve (AUC)"
    draw(
        partial(figures.metric_figure, values, unit=unit, measure=words),
        "metric",
        "Beside simpler models",
        f"{words.capitalize()} of several models",
    )


def measures(card: Card, key: str, tier: str) -> None:
    """All measures in one tier as a table: names of models may be long, so that they wrap."""
    titles = {**MEASURES, **COUNTS}
    models = card.metrics[key][tier]
    rows = {}
    for model, found in models.items():
        rows[model] = {
            title: measure_text(name, found[name])
            for name, title in titles.items()
            if name in found
        }
    table = pd.DataFrame.from_dict(rows, orient="index").fillna("–")
    ordered = [title for title in titles.values() if title in table]
    st.table(table[ordered].rename_axis("model"))


def parity(card: Card, key: str) -> None:
    """Predicted against measured values of what was left out, a chart for each tier."""
    found: Mapping[str, Any] = card.studies.get("parity", {}).get(key, {})
    if not found:
        return
    st.header("Predicted against measured")
    unit = PROPERTIES[key].internal_unit.label if key in PROPERTIES else ""
    for column, (tier, histogram) in zip(st.columns(len(found)), found.items(), strict=True):
        with column:
            draw(
                partial(
                    figures.parity_figure,
                    histogram["edges"],
                    histogram["counts"],
                    scale=histogram["scale"],
                    unit=unit,
                    title=f"{tier_name(card.role, tier)} ({histogram['n']:,} values)",
                ),
                f"parity_{tier}",
                f"Predicted and measured, {tier_name(card.role, tier)}",
                f"Predicted against measured values, {tier_name(card.role, tier)}",
            )
    st.caption(
        "Every left-out value, predicted by a model that never saw its system. The stronger the "
        "colour, the more values (on a logarithmic scale, so that single outliers show). On the "
        "dashed line prediction and measurement agree."
    )


# -------------------------------------------------------------------------------------- intervals


def show_intervals(card: Card) -> None:
    """Whether what is promised comes true."""
    calibration: Mapping[str, Any] = card.studies.get("calibration", {})
    reliability: Mapping[str, Any] = card.studies.get("reliability", {})
    if not calibration and not reliability:
        st.info("How well the intervals hold was not measured for this model.")
        return
    st.markdown(
        "A 90 % interval is a promise: of a hundred measured values, about ninety should lie "
        "inside. It was checked on systems that took part neither in training nor in setting the "
        "width of the intervals."
    )
    if calibration:
        key = pick_subject(calibration)
        if key is not None:
            coverage(card, key, calibration[key])
    if reliability:
        reliable(card, reliability)


def coverage(card: Card, key: str, tiers: Mapping[str, Any]) -> None:
    """How often measured values lie inside, at every level, and how wide the intervals are."""
    st.header("How often a measured value lies inside")
    draw(
        partial(
            figures.calibration_figure,
            {
                tier_name(card.role, tier): (found["nominal"], found["observed"])
                for tier, found in tiers.items()
            },
            x_title="promised share inside",
            y_title="share inside",
        ),
        "calibration",
        "Calibration of intervals",
        "Share of measured values inside intervals of every level",
    )
    rows = {
        tier_name(card.role, tier): {
            "Inside the 90 % interval": f"{100.0 * found['coverage_90']:.1f} "
            f"± {100.0 * found['coverage_90_se']:.1f} %",
            "Width, on average": width(key, found["mean_width"]),
            "Width, if it were the same for all": width(key, found["constant_width"]),
            "Systems": f"{found['n_systems']:,}",
        }
        for tier, found in tiers.items()
    }
    st.table(pd.DataFrame.from_dict(rows, orient="index").rename_axis("what was new"))
    st.caption(
        "On the dashed line promise and truth agree; above it the intervals are wider than they "
        "need be, below it too narrow. ± is the standard error. The width is that of the whole "
        "90 % interval, from its lower to its upper end. Intervals that adapt to each system are "
        "worth it where they are narrower on average than one width for all that holds as often."
    )


def measure_text(name: str, value: float) -> str:
    """One measure as text: a count, an error, or a number that is at most one."""
    if name in COUNTS:
        return f"{value:,.0f}"
    if name.startswith(("MAE", "RMSE", "AARD")):
        return figures.written(value, zeros=True)
    return f"{value:.3f}".replace("-", "−")


def width(key: str, value: float) -> str:
    """The width of an interval on the learned scale, in the words of a chemist."""
    transform = PROPERTIES[key].transform if key in PROPERTIES else "identity"
    if transform == "log10":
        return f"a factor of {figures.written(10.0**value, 3, zeros=True)}"
    if transform == "ln":
        return f"{figures.written(100.0 * value, 3, zeros=True)} %"
    unit = f" {PROPERTIES[key].internal_unit.label}" if key in PROPERTIES else ""
    return f"{figures.written(value, 3, zeros=True)}{unit}"


def reliable(card: Card, tiers: Mapping[str, Any]) -> None:
    """Whether what dissolves with a probability does so that often."""
    st.header("Probability of dissolving")
    draw(
        partial(
            figures.calibration_figure,
            {
                tier_name(card.role, tier): (found["predicted"], found["observed"])
                for tier, found in tiers.items()
            },
            counts={tier_name(card.role, tier): found["n"] for tier, found in tiers.items()},
            x_title="predicted probability of dissolving",
            y_title="share that dissolved",
        ),
        "reliability",
        "Probability of dissolving",
        "Share of pairs that dissolved against the predicted probability",
    )
    st.caption(
        "Left-out observations, put together by predicted probability. On the dashed line, of the "
        "pairs given 70 % seven in ten dissolve."
    )


# ------------------------------------------------------------------------------------- simulation


def show_simulation(card: Card) -> None:
    """What the simulated data are worth."""
    if card.role == "ionic-liquids":
        study = card.studies.get("transfer", {}).get("starts", {}) | card.studies.get(
            "simulation", {}
        )
        key = pick_subject(study)
        if key is None:
            not_evaluated(card)
            return
        unit = unit_of(card.role, key)
        if "transfer" in card.studies:
            transfer(card, key, unit)
        if "simulation" in card.studies:
            simulation(card, key, unit)
        return
    found = {key: tiers for key, tiers in card.metrics.items() if worth_of(tiers)}
    key = pick_subject(found)
    if key is None:
        not_evaluated(card)
        return
    simulated_chi(card, key)


def transfer(card: Card, key: str, unit: str) -> None:
    """What pre-training on the simulation is worth for one property."""
    study = card.studies["transfer"]
    st.header("What pre-training is worth")
    table = {
        TIERS[card.role][tier]: {
            STARTS[start]: compared(found) for start, found in by_start.items()
        }
        for tier, by_start in study["starts"][key].items()
    }
    st.table(pd.DataFrame(table).rename_axis("pre-trained on"))
    curves = {STARTS[start]: values for start, values in study["curve"][key].items()}
    draw(
        partial(figures.learning_curves, curves, study["fractions"], unit=unit),
        "learning",
        "What pre-training is worth",
        "Error against the part of the training data, with and without pre-training",
    )
    st.caption(
        f"Mean absolute error by ionic liquid in {unit}; in brackets the difference to no "
        "pre-training, paired over ionic liquids, with its standard error: negative where "
        "pre-training helps. Networks of one property that see the simulation only through their "
        "pre-training, on the same folds. The curves are for ionic liquids with a new cation, as "
        "the training data become more."
    )


def compared(found: Mapping[str, float]) -> str:
    """An error, and how far it is from that without pre-training."""
    text = figures.written(found["MAE_by_liquid"], zeros=True)
    if "minus_none" in found:
        apart = with_error(found["minus_none"], found["minus_none_se"])
        text += f" ({apart})".replace("-", "−")
    return text


def simulation(card: Card, key: str, unit: str) -> None:
    """How good the simulation itself is for one property."""
    st.header("The simulation itself")
    study = card.studies["simulation"]
    st.caption(
        "COSMO-RS-type simulation: openCOSMO-RS 24a parameters on PM7/COSMO surfaces, GFN2-xTB "
        "geometries; at 25 °C and 1 atm, its few coefficients fitted without the ionic liquids it "
        "is tested on."
    )
    if key not in study:
        st.info(f"{PROPERTIES[key].label} is not simulated: it only learns from the others.")
        return
    rows = {
        TIERS[card.role][tier]: {
            "r": f"{models['simulation']['r']:.2f}".replace("-", "−"),
            f"MAE / {unit}": figures.written(models["simulation"]["MAE"], zeros=True),
            "liquids": f"{models['simulation']['n_liquids']:,.0f}",
            "liquids with an ion not simulated": f"{models['simulation']['n_not_simulated']:,.0f}",
        }
        for tier, models in study[key].items()
    }
    st.table(pd.DataFrame.from_dict(rows, orient="index").rename_axis("what was new"))


def worth_of(tiers: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Each tier with and without simulated chi; empty where that was not compared."""
    rows = {}
    for tier, models in tiers.items():
        if not {"network", "without simulated chi"} <= models.keys():
            return {}
        measure = "MAE" if "MAE" in models["network"] else "AUC"
        row = {
            f"{measure}, {name}": f"{models[model][measure]:.3f}"
            for name, model in (("with", "network"), ("without", "without simulated chi"))
        }
        if "minus_other" in models["network"]:
            apart = models["network"]["minus_other"], models["network"]["minus_other_se"]
            row["difference"] = with_error(*apart).replace("-", "−")
        rows[TIERS["polymer-solvent"][tier]] = row
    return rows


def simulated_chi(card: Card, key: str) -> None:
    """What learning simulated chi on the side is worth, and how good it is by itself."""
    st.header("What the simulated χ is worth")
    simulated = card.data.get("simulated", {})
    if simulated:
        st.markdown(
            f"Beside the measurements the network learns {simulated['values']:,} simulated χ of "
            f"{simulated['pairs']:,} pairs, and is tested on measurements only."
        )
    rows = worth_of(card.metrics[key])
    st.table(pd.DataFrame.from_dict(rows, orient="index").rename_axis("what was new"))
    st.caption(
        "Difference: with less without, paired, with its standard error, averaged over pairs. For "
        "χ (MAE) negative means that simulation helps, for dissolving (AUC) positive does."
    )
    own = {
        TIERS[card.role][tier]: {
            name: f"{models[name]['MAE']:.2f} ({models[name]['n_rows']:,.0f} rows)"
            for name in ("simulation", "network, same rows as simulation", "COSMO-RS")
            if "MAE" in models.get(name, {})
        }
        for tier, models in card.metrics[key].items()
    }
    if any(own.values()):
        st.header("The simulation itself")
        st.caption(
            "COSMO-RS-type simulation of the project's own: openCOSMO-RS 24a parameters on "
            "PM7/COSMO surfaces, fitted to no χ. COSMO-RS: published calculations. Mean absolute "
            "error of χ against measurements."
        )
        st.table(pd.DataFrame.from_dict(own, orient="index").rename_axis("what was new"))


# ---------------------------------------------------------------------------------------- sources


def show_sources(card: Card) -> None:
    """Data, methods and their licences; the card as a file."""
    st.header("Data")
    st.table(sources(cards.DATA[card.role]))
    rows = card.data["rows"]
    counted = card.data["liquids" if card.role == "ionic-liquids" else "pairs"]
    unit = "Ionic liquids" if card.role == "ionic-liquids" else "Pairs"
    names = cards.LEARNED[card.role]
    st.table(
        pd.DataFrame(
            [
                {
                    "": names.get(key, key),
                    "Values": f"{number:,}",
                    unit: f"{counted[key]:,}" if key in counted else "–",
                }
                for key, number in rows.items()
            ]
        ).set_index("")
    )
    st.caption(
        "The measured tables are not part of the project. Those of the ionic liquids are cleaned: "
        "one spelling per ion, repeats dropped, outliers flagged and left out."
        if card.role == "ionic-liquids"
        else "The measured tables are not part of the project."
    )
    st.header("Methods")
    st.table(sources(cards.METHODS[card.role]))
    st.header("Licence of the model")
    st.markdown(
        "The program is under the MIT licence."
        if card.role == "ionic-liquids"
        else "The program is under the MIT licence. As far as the weights derive from values of "
        "polyVERSE they are passed on under the GTRC General Public Use License, which forbids "
        "sale; its text stands in THIRD_PARTY.md."
    )
    st.header("The card")
    st.markdown(
        f"All of this comes from the card of **{common.plain(card.name)}**, a JSON file with every "
        "setting, the split, all figures and the hashes of data and weights "
        f"(weights: `{card.weights_sha256[:16]}`)."
    )
    with st.container(horizontal=True):
        st.download_button(
            "Card (JSON)",
            lambda: json.dumps(asdict(card), indent=1, ensure_ascii=False).encode(),
            file_name=f"{card.name.replace('/', '-')}-card.json",
            mime="application/json",
            icon=":material/download:",
            on_click="ignore",
        )
        st.download_button(
            "What to cite (BibTeX)",
            lambda: export.bibtex(cards.WORKS[card.role], export.Origin.now(card)).encode(),
            file_name=f"{card.name.replace('/', '-')}.bib",
            mime="application/x-bibtex",
            icon=":material/format_quote:",
            on_click="ignore",
        )


def sources(found: Sequence[cards.Source]) -> pd.DataFrame:
    """References as a table, their DOI as links."""
    return pd.DataFrame(
        [
            {
                "What": f"{source.gave[0].upper()}{source.gave[1:]}",
                "Source": common.plain(source.reference)
                + (f", doi [{source.doi}](https://doi.org/{source.doi})" if source.doi else ""),
                "Licence": common.plain(source.licence) or "–",
            }
            for source in found
        ]
    ).set_index("What")


# ------------------------------------------------------------------------------------- everything


def draw(chart: Callable[..., go.Figure], key: str, title: str, words: str) -> None:
    """Put a chart on the page, and among what can be saved of it under its title."""
    charts[title] = chart
    st.plotly_chart(
        chart(dark=common.is_dark()),
        key=f"chart_{key}_{state.model}",
        config={"displaylogo": False, "toImageButtonOptions": {"filename": key}},
        alt=words,
    )


def show(model: IonicLiquidPredictor | MiscibilityPredictor) -> None:
    """The section chosen, of one model; what can be saved of it stands above."""
    card = model.card
    bar = st.container()
    if state.show == "model":
        show_model(card)
    elif state.show == "accuracy":
        show_accuracy(card)
    elif state.show == "intervals":
        show_intervals(card)
    elif state.show == "simulation":
        show_simulation(card)
    elif state.show == "trust":
        trust.show(model)
    else:
        show_sources(card)
    with bar:
        export_bar(
            Shown(
                f"{PAGE}_{card.role}_{state.show}",
                title=f"{cards.ROLES[card.role]}: {SECTIONS[state.show].lower()}",
                card=card,
                query=to_query(state),
                table=partial(cards.table_of, card, state.show, state.of)
                if state.show != "trust"
                else None,
                recipe=None,
                works=cards.WORKS[card.role],
                charts=charts,
                words="All figures come from the card of the model.",
                ways=("Link", "BibTeX"),
            )
        )


st.title("Models")
with st.container(gap="small"):
    st.segmented_control(
        "Model",
        list(cards.ROLES),
        format_func=lambda role: cards.ROLES[role],
        key=common.seeded("c_model", state.model),
        required=True,
        on_change=set_model,
        label_visibility="collapsed",
    )
    pick("show", "Section", SECTIONS, hidden=True)
if (
    found := common.predictor() if state.model == "ionic-liquids" else common.miscibility()
) is not None:
    show(found)
common.publish(PAGE, to_query(state))
