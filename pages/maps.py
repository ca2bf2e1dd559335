"""Maps: where ions, polymers and solvents lie for the models, and what lies near them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import streamlit as st

from core import export, figures, measured
from core.chemistry import ChemistryError, Ion, parse_ion
from pages import _atlas as atlas
from pages import _common as common
from pages import _hover as hover
from pages import _mixtures as mixtures
from pages import _structures as structures
from pages._export import Shown, export_bar

if TYPE_CHECKING:
    from collections.abc import Mapping

    import plotly.graph_objects as go

    from core.checkpoints import Card
    from core.maps import Entry, Map, Quantity, Spot
    from core.names import Match
    from core.predict import IonicLiquidPredictor, MiscibilityPredictor

PAGE = "maps"
NEIGHBOURS = 5
CARD_WIDTH = 168  # five beside each other on a laptop, two on a phone
BUTTON = 22  # characters of a name on a button
GRID = 90  # points of the cut along each axis

common.ensure_router()
state = common.state_from_url(PAGE, atlas.from_query)
session = st.session_state


# ------------------------------------------------------------------------------------ what one does


@common.changes
def choose_kind() -> None:
    """Open another map."""
    kind = session["m_kind"]
    if kind is not None and kind != state.kind:
        vars(state).update(vars(atlas.opened(kind)))


@common.changes
def choose_colour() -> None:
    """Colour the map by something else."""
    state.colour = session["m_colour"]


@common.changes
def choose_partner() -> None:
    """Take the partner picked from the list, or typed into its search."""
    try:
        state.partner = atlas.find(session["m_partner"], atlas.PARTNERS[state.kind])
    except ChemistryError as error:
        state.problem = common.sentence(error)
    else:
        state.problem = ""


def show_own(match: Match) -> None:
    """Show the user's own molecule; an ion of the other charge opens the map of its like."""
    found = match.structure
    if isinstance(found, Ion) and found.role != state.kind:
        vars(state).update(vars(atlas.opened(found.role)))
    state.own = state.at = match.smiles
    state.problem = ""


@common.changes
def drop_own() -> None:
    """Take the star away."""
    if state.at == state.own:
        state.at = atlas.EXAMPLES[state.kind]
    state.own = ""


@common.changes
def set_sphere() -> None:
    """Draw the sphere of the polymer, or leave it."""
    state.sphere = session["m_sphere"]


@common.changes
def click() -> None:
    """Choose the molecule that was clicked; a click beside the points changes nothing."""
    points = session[f"m_chart_{state.kind}"]["selection"]["points"]
    if points:
        state.at = one(points[0]["customdata"])


@common.changes
def choose(smiles: str) -> None:
    """Choose a neighbour."""
    state.at = smiles


def one(data: str | list[str]) -> str:
    """What a point carries, whichever way the browser sends it."""
    return data if isinstance(data, str) else data[0]


# ---------------------------------------------------------------------------------- what is known


@st.cache_resource(show_spinner="Drawing the map …", max_entries=8)
def map_of(
    _model: IonicLiquidPredictor | MiscibilityPredictor,
    model: str,  # noqa: ARG001 - its name is what the cache goes by
    kind: atlas.Kind,
) -> Map:
    """The map of one kind of molecules."""
    from core.maps import IonMap, MoleculeMap  # noqa: PLC0415 - torch only when needed

    return IonMap(_model, kind) if kind in atlas.ROLES else MoleculeMap(_model, kind)


@st.cache_resource(show_spinner=False, max_entries=40)
def quantities(
    _shown: Map,
    model: str,  # noqa: ARG001 - see above
    kind: atlas.Kind,  # noqa: ARG001 - see above
    partner: str,
) -> Mapping[str, Quantity]:
    """What the model says of all molecules of a map with one partner."""
    return _shown.quantities(partner)


@st.cache_resource(show_spinner=False, max_entries=500)
def located(
    _shown: Map,
    model: str,  # noqa: ARG001 - see above
    kind: atlas.Kind,  # noqa: ARG001 - see above
    smiles: str,
) -> Spot:
    """Where a molecule lies, whether or not the map has it."""
    return _shown.locate(smiles)


@st.cache_resource(show_spinner=False, max_entries=100)
def cut_of(
    _shown: Map,
    model: str,  # noqa: ARG001 - see above
    polymer: str,
) -> figures.Cut:
    """The sphere of a polymer where the map of solvents cuts it."""
    low, high = _shown.places.min(axis=0), _shown.places.max(axis=0)
    edge = 0.6 * (high - low).max()  # beyond what the axes show
    x, y = np.linspace(low - edge, high + edge, GRID).T
    places = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    return figures.Cut(x, y, _shown.sphere(polymer, places).reshape(GRID, GRID))


@st.cache_resource(show_spinner=False, max_entries=100)
def agreement(
    _shown: Map,
    model: str,  # noqa: ARG001 - see above
    polymer: str,
) -> float:
    """For which share of the solvents the cut says the same as the model itself."""
    said = _shown.quantities(polymer)["soluble"].value > 0.5
    return float(np.mean((_shown.sphere(polymer, _shown.places) > 0.5) == said))


def words() -> Mapping[str, tuple[str, str, str]]:
    """Words, colours and hints of the tiers of support."""
    return common.SUPPORT if state.kind in atlas.ROLES else mixtures.SUPPORT


# ------------------------------------------------------------------------------------ what one sees


def pick_kind() -> None:
    """Which map."""
    st.segmented_control(
        "Map of",
        list(atlas.KINDS),
        format_func=lambda kind: atlas.KINDS[kind],
        key=common.seeded("m_kind", state.kind),
        required=True,
        on_change=choose_kind,
        label_visibility="collapsed",
        wrap=True,
    )


def controls() -> None:
    """Colours, the partner, the user's own molecule."""
    colourings = atlas.colourings(state.kind)
    st.selectbox(
        "Colour",
        list(colourings),
        format_func=lambda key: colourings[key],
        key=common.seeded("m_colour", state.colour),
        on_change=choose_colour,
        filter_mode=None,
    )
    kind = atlas.PARTNERS[state.kind]
    labels = atlas.labels(kind)
    st.selectbox(
        f"Values with this {kind}",
        [*([] if state.partner in labels else [state.partner]), *labels],
        format_func=lambda smiles: labels.get(smiles, smiles),
        key=common.seeded("m_partner", state.partner),
        on_change=choose_partner,
        accept_new_options=True,
        filter_mode="contains",
        help="The same partner for all molecules of the map, so that their values compare",
    )
    if state.kind == "solvent":
        st.toggle(
            "Sphere of this polymer",
            key=common.seeded("m_sphere", state.sphere),
            on_change=set_sphere,
            help=(
                "The generalised sphere of the polymer where the map cuts it: tinted where the "
                "network gives a solvent that is average in all other ways more than 50 %"
            ),
        )
    structures.structure_box(
        "m_own",
        f"Your own {state.kind}, shown as a star",
        ("ion",) if state.kind in atlas.ROLES else (state.kind,),
        show_own,
        current=f"{state.kind} {state.own}",
        start=state.own,
    )
    if state.own:
        st.button("Take the star away", icon=":material/close:", on_click=drop_own, type="tertiary")
    if state.problem:
        st.error(common.plain(state.problem), icon=":material/error:")


def show() -> None:
    """The page."""
    st.title("Maps")
    pick_kind()
    rail, main = st.columns([1, 3], gap="medium")
    with rail:
        controls()
    with main:
        model = common.predictor() if state.kind in atlas.ROLES else common.miscibility()
        if model is not None:
            results(model)


def results(model: IonicLiquidPredictor | MiscibilityPredictor) -> None:
    """The map, the chosen molecule, its neighbours."""
    name = model.card.name
    shown = map_of(model, name, state.kind)
    found = quantities(shown, name, state.kind, state.partner)
    spot = located(shown, name, state.kind, state.at)
    near = shown.nearest(spot, NEIGHBOURS)
    left, right = st.columns([2.1, 1], gap="medium")
    with left:
        export_bar(draw(shown, model.card, spot, near, found))
    with right:
        card(shown, spot, found)
    neighbours(shown, spot, near, found[state.quantity])
    hover.molecules(f"m_chart_{state.kind}", lambda smiles: label_of(shown, smiles))


def label_of(shown: Map, smiles: str) -> str | None:
    """The label of a molecule that is drawn on the map."""
    if smiles in shown.index:
        return figures.entry_label(shown.entries[shown.index[smiles]])
    return f"your {state.kind}" if smiles and smiles == state.own else None


def draw(
    shown: Map,
    card: Card,
    spot: Spot,
    near: list[tuple[int, float]],
    found: Mapping[str, Quantity],
) -> Shown:
    """The map, and what it means; what there is of it to take along."""
    model = card.name
    marks = [figures.Mark("", shown.places[i], "near", shown.entries[i].smiles) for i, _ in near]
    if state.own:
        own = located(shown, model, state.kind, state.own)
        label = figures.entry_label(own.entry)
        label = label if label != own.entry.smiles else f"your {state.kind}"
        marks.append(
            figures.Mark(label, own.place, "own", own.entry.smiles, f"<b>your {state.kind}</b>")
        )
    if state.at != state.own:
        marks.append(figures.Mark(figures.entry_label(spot.entry), spot.place, "chosen", state.at))
    kind, words_of = atlas.KINDS[state.kind], meaning(shown, model)
    support = {tier: entry[0] for tier, entry in words().items()}
    cut = cut_of(shown, model, state.partner) if state.sphere else None
    colour = found.get(state.colour, state.colour)

    def chart(*, dark: bool = False) -> go.Figure:
        return figures.molecule_map(shown, colour, marks, support=support, cut=cut, dark=dark)

    st.plotly_chart(
        chart(dark=common.is_dark()),
        key=f"m_chart_{state.kind}",
        on_select=click,
        selection_mode="points",
        config={"displaylogo": False, "toImageButtonOptions": {"filename": "map"}},
        alt=f"Map of {kind.lower()}",
    )
    st.caption(words_of)
    return Shown(
        PAGE,
        title=f"Map of {kind.lower()}",
        card=card,
        query=atlas.to_query(state),
        table=partial(table_of, shown, found, state.partner),
        recipe=partial(
            export.map_recipe, state.kind, spot.entry.smiles, state.partner, near=NEIGHBOURS
        ),
        works=[
            *(["ionic liquids"] if state.kind in atlas.ROLES else ["miscibility"]),
            "simulation",
            *(["Hansen parameters"] if state.colour.startswith("hansen") else []),
        ],
        charts={kind: chart},
        words=words_of.replace("\\", ""),
    )


def table_of(shown: Map, found: Mapping[str, Quantity], partner: str) -> pd.DataFrame:
    """All molecules of the map, where they lie, and what the model says of them with a partner."""
    entries = shown.entries
    columns: dict[str, object] = {
        "smiles": [entry.smiles for entry in entries],
        "name": [entry.name for entry in entries],
        "abbreviation": [entry.abbreviation for entry in entries],
        "family": [entry.family for entry in entries],
        "measured_systems": [entry.measured for entry in entries],
        "x": shown.places[:, 0],
        "y": shown.places[:, 1],
        "partner_smiles": partner,
    }
    for key, quantity in found.items():
        columns[key] = quantity.value
        columns[f"{key}_low"], columns[f"{key}_high"] = quantity.low, quantity.high
        if quantity.support:
            columns[f"{key}_support"] = quantity.support
    return pd.DataFrame(columns)


def meaning(shown: Map, model: str) -> str:
    """What the axes and the distances mean, in plain words."""
    kinds = atlas.KINDS[state.kind].lower()
    learned = (
        "numbers that the networks have learned for each ion from measured and simulated data"
        if state.kind in atlas.ROLES
        else "place and radius that the networks give each molecule in their solubility space"
    )
    share = 100.0 * float(shown.plane.explained.sum())
    text = (
        f"{len(shown.entries):,} {kinds} by the {learned}; the axes are the two directions in "
        f"which these differ most ({share:.0f} % of their variance), and have no unit. Near means "
        "alike to the model; two molecules drawn at random are about 1 apart. Points that lie "
        "together here may differ along the other directions: distances and neighbours are those "
        "of the full space. Click a point to see them."
    )
    if state.sphere:
        polymer = common.plain(atlas.short(state.partner, "polymer"))
        right = 100.0 * agreement(shown, model, state.partner)
        text += (
            f" Tinted: the generalised sphere of {polymer} at 25 °C where the map cuts it, that is "
            "where a solvent that is average in all other ways dissolves it with more than 50 %; "
            f"for {right:.0f} % of these solvents that is what the full model says as well."
        )
    return text


def card(shown: Map, spot: Spot, found: Mapping[str, Quantity]) -> None:
    """The chosen molecule: drawing, names, what is known, where to read on."""
    entry, partner = spot.entry, atlas.PARTNERS[state.kind]
    label = called(entry)
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"## {common.plain(label)}")
        if (more := entry.name or entry.smiles) != label:
            st.caption(common.plain(common.shortened(more, 120)))
        picture = common.drawing(entry.smiles, dark=common.is_dark())
        with st.container(horizontal_alignment="center"):
            st.image(picture, alt=f"Structure of {label}")
        st.markdown(f"Family: **{common.plain(entry.family)}**")
        st.markdown(known_words(entry.measured))
        values = found if entry.smiles in shown.index else own_values(shown, entry.smiles)
        i = shown.index.get(entry.smiles, 0)
        with_partner = common.plain(atlas.short(state.partner, partner))
        at = " at 25 °C" if state.quantity != "melting_point_K" else ""
        quantity = values[state.quantity]
        alone = "" if quantity.support == () else f" with {with_partner}{at}"
        st.markdown(
            f"{quantity.label}{alone}: **{common.plain(figures.quantity_text(quantity, i))}**"
        )
        if quantity.support:
            badge, colour, hint = words()[quantity.support[i]]
            st.badge(badge, color=colour, help=hint)
        shown_name = label if len(label) <= BUTTON else f"this {state.kind}"
        page, query = atlas.link(state.kind, state.at, state.partner)
        st.page_link(
            page,
            label=f"Open {common.plain(shown_name)} with {with_partner}",
            icon=":material/open_in_new:",
            query_params=query,
        )
        if state.kind not in atlas.ROLES:
            st.page_link(
                page,
                label="See both in the solubility space",
                icon=":material/view_in_ar:",
                query_params=query | {"view": "space"},
            )


def own_values(shown: Map, smiles: str) -> Mapping[str, Quantity]:
    """What the model says of a molecule that is not on the map."""
    return shown.quantities(state.partner, smiles)


def called(entry: Entry) -> str:
    """The short name of a molecule; an ion without any is called by its formula."""
    if state.kind not in atlas.ROLES or entry.abbreviation or entry.name:
        return figures.entry_label(entry)
    return common.formula(parse_ion(entry.smiles))


def known_words(count: int) -> str:
    """How often a molecule occurs in the training data."""
    what = "ionic liquid" if state.kind in atlas.ROLES else "pair"
    if not count:
        return f"In no measured {what} of the training data"
    return f"In **{count:,}** measured {what}{'s' if count > 1 else ''} of the training data"


def neighbours(shown: Map, spot: Spot, near: list[tuple[int, float]], quantity: Quantity) -> None:
    """The nearest molecules in the full space: drawings, then numbers."""
    st.markdown(f"### Nearest to {common.plain(called(spot.entry))}")
    with st.container(horizontal=True, gap="small", vertical_alignment="distribute"):
        for i, distance in near:
            entry = shown.entries[i]
            label = called(entry)
            with st.container(border=True, width=CARD_WIDTH, gap="xxsmall"):
                picture = common.drawing(entry.smiles, dark=common.is_dark(), height=90, width=130)
                with st.container(horizontal_alignment="center"):
                    st.image(picture, alt=f"Structure of {label}")
                st.caption(f"distance {distance:.2f}", text_alignment="center")
                st.button(
                    common.plain(common.shortened(label, BUTTON)),
                    key=f"m_near_{i}",
                    on_click=choose,
                    args=(entry.smiles,),
                    width="stretch",
                    help=common.plain(entry.name or entry.smiles),
                )
    unit = f" / {quantity.unit.label}" if quantity.unit.label not in {"", "%"} else ""
    partner = atlas.short(state.partner, atlas.PARTNERS[state.kind])
    rows = []
    for i, distance in near:
        entry = shown.entries[i]
        own, others = atlas.measured_texts(state.kind, entry.smiles, state.partner, quantity)
        row = {
            "Molecule": called(entry),
            "Family": entry.family,
            "Distance": distance,
            f"{quantity.label}, model": figures.quantity_text(quantity, i),
            f"Measured{f' with {partner}' if quantity.support else ''}{unit}": own,
        }
        if state.kind in atlas.ROLES:
            row[f"Measured with others{unit}"] = others
        row["SMILES"] = entry.smiles
        rows.append(row)
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config={
            "Molecule": st.column_config.TextColumn(width=150, pinned=True),
            "Distance": st.column_config.NumberColumn(format="%.2f"),
        },
        alt="The nearest molecules in numbers",
    )
    st.caption(table_words(quantity, partner))


def table_words(quantity: Quantity, partner: str) -> str:
    """Where the numbers of the table come from."""
    if state.kind in atlas.ROLES:
        where = "" if quantity.key == "melting_point_K" else " within 1.5 K of 25 °C, up to 200 kPa"
        return (
            f"Model: with {common.plain(partner)}"
            f"{'' if quantity.key == 'melting_point_K' else ' at 25 °C and 1 atm'}, with its 90 % "
            f"interval. Measured: medians{where}, from NIST ILThermo; with others: the lowest and "
            "the highest of so many ionic liquids."
        )
    try:
        measured.data_folder("polymer_solvent")
    except measured.DataMissingError:
        return (
            "The measured tables of polymers and solvents are not on this computer, so there are "
            "no measured values here; predictions do not need them."
        )
    if not quantity.support:
        return "Model: estimated from the structure. Measured: the lowest and the highest value."
    return (
        f"Model: with {common.plain(partner)}, a dilute solution at 25 °C. Measured: the lowest "
        "and the highest value, or what was observed, at all temperatures and compositions."
    )


show()
common.publish(PAGE, atlas.to_query(state))
