"""One box for a structure on every page: type its name, paste its SMILES, or draw it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import streamlit as st
import streamlit_ketcher
from streamlit.components.v1 import declare_component

from core import names
from core.chemistry import Ion, IonicLiquid
from core.names import Kind, Match, Resolution
from pages import _common as common

Pick = Callable[[Match], None]

# The editor of streamlit-ketcher, for its own function cannot tell "nothing was applied" from
# "applied as it was". It needs some 600 pixels of width, and 450 of height to show its buttons.
_ketcher = declare_component(
    "ketcher", path=str(Path(streamlit_ketcher.__file__).parent / "frontend")
)
EDITOR_HEIGHT: Final = 520
NARROW: Final = 640  # pixels; below, the box offers text only

NOUNS: Final[Mapping[Kind, str]] = {
    "ion": "an ion",
    "ionic-liquid": "a whole ionic liquid",
    "polymer": "a polymer",
    "solvent": "a solvent",
}
_WORDS: Final = {
    "ionic-liquid": "ionic liquid",
    "polymer": "polymer",
    "solvent": "solvent",
}
DRAWN: Final[Mapping[Kind, str]] = {
    "ion": (
        "**An ion** carries its charge: choose :material/add: or :material/remove: beside the "
        "**A** on the left, then click the atom, the nitrogen of a cation for example."
    ),
    "ionic-liquid": "**An ionic liquid** is its cation and its anion beside each other.",
    "polymer": (
        "**A polymer** is one repeat unit with an open end on either side: choose the **A** in a "
        "frame (any atom, on the right) and click once at each end; R-groups are not read."
    ),
    "solvent": "**A solvent** is one neutral molecule.",
}
_EXAMPLES: Final[Mapping[Kind, str]] = {
    "ion": "[C4mim], acetate",
    "ionic-liquid": "[bmim][BF4]",
    "polymer": "PMMA, nylon 6",
    "solvent": "THF, 109-99-9",
}


@dataclass(slots=True)
class Said:
    """What a box answers to what was typed or drawn.

    Attributes:
        found: what that can mean.
        notes: what was mended in a drawing.
        drawn: whether it was drawn.
        chosen: what was taken, if it was.
        current: what the page showed as that was taken; once it shows something else, the answer
            goes.
    """

    found: Resolution
    notes: tuple[str, ...] = ()
    drawn: bool = False
    chosen: Match | None = None
    current: str | None = None


def structure_box(
    key: str,
    label: str,
    kinds: Sequence[Kind],
    pick: Pick,
    *,
    current: str = "",
    start: str = "",
    placeholder: str = "",
) -> None:
    """Ask for a structure: a name, an abbreviation, a CAS number, SMILES, InChI, or a drawing.

    What is understood is handed to ``pick`` and echoed with its drawing; where a text can mean
    several things they are offered as buttons, as are near misses; what is not understood stays in
    the box, with a sentence that says why.

    Args:
        key: of the widgets, one for each box.
        label: above the box.
        kinds: what may be given.
        pick: takes it; called before the page is drawn anew.
        current: any text that changes when the page shows another structure.
        start: SMILES that the editor opens with.
        placeholder: shown in the empty box; examples of the kinds if empty.
    """
    said = _said(key, current)
    if st.session_state.pop(f"{key}_empty", False):
        st.session_state[f"{key}_text"] = ""
    with st.container(gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
            st.text_input(
                label,
                key=f"{key}_text",
                placeholder=placeholder or ", ".join(_EXAMPLES[kind] for kind in kinds),
                max_chars=2 * common.LONGEST_TEXT,  # an ionic liquid is two SMILES
                on_change=_read,
                args=(key, kinds, pick),
                help="A name, an abbreviation, a CAS number, a SMILES or an InChI; or draw it",
            )
            with st.container(key=f"drawn_{key}", width="content"):
                if st.button("Draw", icon=":material/draw:", key=f"{key}_draw"):
                    _draw(key, kinds, pick, start)
        with st.container(key=f"typed_{key}"):
            st.caption("Drawing needs a wider screen; here, type or paste.")
        st.html(_STYLE)
        if said is not None:
            _answer(key, said, kinds, pick)


_STYLE: Final = f"""<style>
[class*="st-key-typed_"] {{display: none;}}
@media (max-width: {NARROW}px) {{
    [class*="st-key-drawn_"] {{display: none;}}
    [class*="st-key-typed_"] {{display: flex;}}
}}
</style>"""


def forget(key: str) -> None:
    """Take back what a box answered."""
    st.session_state.pop(f"{key}_said", None)


def answered(key: str) -> bool:
    """Whether a box shows what it understood."""
    said: Said | None = st.session_state.get(f"{key}_said")
    return said is not None and said.chosen is not None


def title(match: Match) -> str:
    """A name of what was understood, or its formula where it has none; not too long."""
    structure, name = match.structure, match.name
    if isinstance(structure, IonicLiquid):
        short = common.liquid_name(structure)
    elif name != match.smiles:
        short = name
    else:
        short = common.formula(structure) if isinstance(structure, Ion) else structure.formula
    return common.shortened(short, _LONGEST)


_LONGEST: Final = 60


# ------------------------------------------------------------------------------------ what one does


@common.changes
def _read(key: str, kinds: Sequence[Kind], pick: Pick) -> None:
    """Take what was typed."""
    text = st.session_state[f"{key}_text"].strip()
    if text:
        _settle(key, Said(names.resolve(text, kinds)), pick)
    else:
        forget(key)


@common.changes
def _suggested(key: str, kinds: Sequence[Kind], pick: Pick, text: str) -> None:
    """Take a near miss."""
    _settle(key, Said(names.resolve(text, kinds)), pick)


@common.changes
def _choose(key: str, said: Said, match: Match, pick: Pick) -> None:
    """Take one of several meanings."""
    said.chosen = match
    st.session_state[f"{key}_said"] = said
    st.session_state[f"{key}_empty"] = True  # in the next run: in this one the box may be drawn
    pick(match)


def _settle(key: str, said: Said, pick: Pick) -> None:
    """Take the one meaning, or keep the text and say what is the matter."""
    st.session_state[f"{key}_said"] = said
    if len(said.found.matches) == 1:
        _choose(key, said, said.found.matches[0], pick)


def _said(key: str, current: str) -> Said | None:
    """What the box answers, unless the page has moved on since."""
    said: Said | None = st.session_state.get(f"{key}_said")
    if said is not None and said.chosen is not None:
        if said.current is None:
            said.current = current
        elif said.current != current:
            forget(key)
            return None
    return said


def _draw(key: str, kinds: Sequence[Kind], pick: Pick, start: str) -> None:
    """Open the editor over the page."""

    @st.dialog(f"Draw {_either(kinds)}", width="large")
    def editor() -> None:
        for kind in kinds:
            st.markdown(f":small[{DRAWN[kind]}]")
        drawn = _ketcher(
            molecule=start,
            height=EDITOR_HEIGHT,
            molecule_format="SMILES",
            key=f"{key}_ketcher_{start}",  # it follows another molecule only under another key
            default=None,
        )
        if drawn is None:
            st.caption("**Apply** takes what is drawn.")
            return
        said = Said(*names.resolve_drawing(drawn, kinds), drawn=True)
        if len(said.found.matches) == 1:
            st.session_state["touched"] = True
            _choose(key, said, said.found.matches[0], pick)
            st.rerun()
        _answer(f"{key}_drawn", said, kinds, pick, home=key)

    editor()


# ------------------------------------------------------------------------------------ what one sees


def _either(kinds: Sequence[Kind]) -> str:
    return " or ".join(NOUNS[kind] for kind in kinds)


def _noun(match: Match) -> str:
    """What kind of structure it is, without an article."""
    return match.structure.role if isinstance(match.structure, Ion) else _WORDS[match.kind]


def _answer(
    key: str, said: Said, kinds: Sequence[Kind], pick: Pick, *, home: str | None = None
) -> None:
    """What was understood, or what is the matter."""
    home = home or key
    if said.chosen is not None:
        _echo(said, said.chosen)
    elif said.found.matches:
        _alternatives(key, said, pick, home)
    else:
        _trouble(key, said, kinds, pick, home)


def _echo(said: Said, match: Match) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False):
        picture = common.drawing(match.smiles, dark=common.is_dark(), height=80, width=120)
        st.image(picture, alt=f"Structure of {title(match)}")
        with st.container(gap="xxsmall"):
            st.markdown(f":small[Understood as **{common.plain(title(match))}**]")
            source = f"{match.how} {common.shortened(said.found.text, _LONGEST)}"
            st.caption(
                common.plain(f"{_noun(match)}, from the {'drawing' if said.drawn else source}")
            )
            for note in said.notes:
                st.caption(f":material/info: {common.plain(note[:1].upper() + note[1:])}.")


def _alternatives(key: str, said: Said, pick: Pick, home: str) -> None:
    what = (
        "This drawing"
        if said.drawn
        else f"**{common.plain(common.shortened(said.found.text, _LONGEST))}**"
    )
    st.markdown(f"{what} can mean several things; which one?")
    with st.container(horizontal=True, gap="small"):
        for i, match in enumerate(said.found.matches):
            with st.container(border=True, width=190, gap="xxsmall"):
                picture = common.drawing(match.smiles, dark=common.is_dark(), height=80, width=150)
                st.image(picture, alt=f"Structure of {title(match)}")
                st.caption(f"{_noun(match)}, by its {match.how}")
                chosen = st.button(
                    common.plain(title(match)),
                    key=f"{key}_meaning_{i}",
                    on_click=_choose,
                    args=(home, said, match, pick),
                    width="stretch",
                )
                if chosen and home != key:  # inside the editor, which closes
                    st.rerun()


def _trouble(key: str, said: Said, kinds: Sequence[Kind], pick: Pick, home: str) -> None:
    st.error(common.plain(common.sentence(said.found.message)), icon=":material/error:")
    if not said.found.suggestions:
        return
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        st.caption("Did you mean", width="content")
        for i, near in enumerate(said.found.suggestions):
            chosen = st.button(
                common.plain(common.shortened(near, _LONGEST)),
                key=f"{key}_near_{i}",
                on_click=_suggested,
                args=(home, kinds, pick, near),
            )
            if chosen and home != key:
                st.rerun()
