"""``python -m core screen solvents``: what its options ask for."""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, BinaryIO, Final, Literal, NamedTuple

import numpy as np
import pandas as pd

from core.chemistry import Polymer, Solvent, solvent_family
from core.names import crystals_note, find_solvent, solvents
from core.screen.blends import blends
from core.screen.candidates import nothing_usable, prepare_candidates
from core.screen.conditions import QueryError
from core.screen.solvents import (
    ELEMENTS,
    SOLVENT_NUMBERS,
    SolventLibrary,
    Target,
    Wanted,
    polymers_for,
    shipped_solvents,
    shortlist,
)
from core.single import understood

if TYPE_CHECKING:  # a wrong command line is told before anyone waits for torch to load
    from core.checkpoints import Card
    from core.predict import MiscibilityPredictor

__all__ = ["Found", "find", "read_ranges", "read_words"]

# All pairs of more would take long, and the best blends are of good solvents.
_MOST_TO_BLEND: Final = 300
# What filters or pairs up solvents, and so has no meaning where polymers are ranked.
_OF_SOLVENTS: Final = (
    "where", "family", "without", "greenness", "keep_unknown", "liquid", "known_first", "spare",
    "blends", "candidates",
)  # fmt: skip
_NAMES: Final = (*SOLVENT_NUMBERS, "red")
_NUMBER: Final = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_RANGE: Final = re.compile(
    rf"\s*(?:(?P<least>{_NUMBER})\s*(?P<above><=?)\s*)?(?P<name>[A-Za-z_]\w*)"
    rf"\s*(?:(?P<sign><=?|>=?)\s*(?P<most>{_NUMBER}))?\s*"
)


class Found(NamedTuple):
    """What a command found.

    Attributes:
        table: the result.
        said: what it is, in words.
        card: of the model behind it.
        refused: how many rows of a list gave no solvent.
        bad_rows: number, text and reason of each of these.
    """

    table: pd.DataFrame
    said: str
    card: Card
    refused: int = 0
    bad_rows: pd.DataFrame = pd.DataFrame()


def read_ranges(texts: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Read texts such as ``boiling_point_K < 393`` or ``300 <= flash_point_K``; all hold together.

    Raises:
        QueryError: if one is no such text, names no known number, or leaves nothing.
    """
    found: dict[str, tuple[float, float]] = {}
    for text in texts:
        match = _RANGE.fullmatch(text)
        if match is None or not (match["least"] or match["most"]):
            raise QueryError(
                f"{text!r} is no range; write, for example, boiling_point_K < 393 or "
                "300 <= flash_point_K < 350"
            )
        name = match["name"]
        if name not in _NAMES:
            raise QueryError(f"{name!r} is not known of solvents; known are {', '.join(_NAMES)}")
        low, high = found.get(name, (-math.inf, math.inf))
        for number, sign in (
            (match["least"], {"<": ">", "<=": ">="}.get(match["above"] or "")),
            (match["most"], match["sign"]),
        ):
            if number is None or sign is None:
                continue
            end = float(number)
            if sign.startswith(">"):
                low = max(low, end if sign == ">=" else math.nextafter(end, math.inf))
            else:
                high = min(high, end if sign == "<=" else math.nextafter(end, -math.inf))
        if low > high:
            raise QueryError(f"no number fulfils all that is asked of {name}")
        found[name] = low, high
    return found


def read_words(families: Sequence[str], without: str) -> tuple[frozenset[str], frozenset[str]]:
    """Check names of families, and symbols of elements separated by commas.

    Raises:
        QueryError: if one of them is not known.
    """
    known = sorted({solvent_family(find_solvent(s.smiles)) for s in solvents()}) if families else []
    for name in families:
        if name not in known:
            raise QueryError(f"{name!r} is no family of solvents; known are {', '.join(known)}")
    symbols = [symbol.strip() for symbol in without.split(",") if symbol.strip()]
    for symbol in symbols:
        if symbol not in ELEMENTS:
            raise QueryError(
                f"{symbol!r} is no element of a solvent; write symbols such as Cl,Br, of "
                f"{', '.join(ELEMENTS)}"
            )
    return frozenset(families), frozenset(symbols)


def _refuse_what_does_not_go_together(arguments: argparse.Namespace) -> None:
    """An option that would be passed over is told instead.

    Raises:
        QueryError: if there is one.
    """
    given = [f"--{name.replace('_', '-')}" for name in _OF_SOLVENTS if getattr(arguments, name)]
    if arguments.solvent is not None and given:
        raise QueryError(f"--solvent ranks polymers; {', '.join(given)} can only go with --polymer")
    if arguments.blends and (arguments.spare or arguments.known_first):
        other = "--spare" if arguments.spare else "--known-first"
        raise QueryError(f"--blends and {other} cannot go together; leave one of them out")


def _library(
    arguments: argparse.Namespace,
    candidates: BinaryIO | None,
    predictor: MiscibilityPredictor,
    progress: Callable[[int, int], object],
) -> tuple[SolventLibrary, int, pd.DataFrame]:
    """The solvents to choose from, how many rows of a list gave none, and these."""
    if candidates is None:
        return shipped_solvents(predictor), 0, pd.DataFrame()
    found = prepare_candidates(
        candidates, arguments.runs, predictor, jobs=arguments.jobs, progress=progress
    )
    bad = pd.DataFrame(
        [(bad.row, bad.text, bad.reason) for bad in found.bad_rows()],
        columns=["row", "smiles", "error"],
    )
    if not found.solvents:
        raise nothing_usable(list(found.bad_rows()))
    return found.library(predictor), found.refused, bad


def find(
    arguments: argparse.Namespace,
    candidates: BinaryIO | None,
    progress: Callable[[int, int], object],
) -> Found:
    """Do what is asked.

    Args:
        arguments: the options of the command line.
        candidates: the user's own list, opened.
        progress: called with rows done and expected while the list is described.

    Raises:
        NotUnderstoodError: if a polymer or solvent is not understood, or may be several.
        QueryError: if a filter is not understood, or options do not go together.
        InputFileError: if the list is no list of solvents.
        CheckpointError: if there is no model.
        OSError: if the described list cannot be kept.
    """
    _refuse_what_does_not_go_together(arguments)
    ranges = read_ranges(arguments.where)
    families, without = read_words(arguments.family, arguments.without)
    wanted = Wanted(
        ranges, families, without, arguments.greenness, arguments.keep_unknown, arguments.liquid
    )
    state = arguments.temperature, arguments.molar_mass
    solvent = polymer = None
    if arguments.solvent is not None:
        solvent = understood(arguments.solvent, "solvent", Solvent)
    if arguments.polymer is not None:
        polymer = understood(arguments.polymer, "polymer", Polymer)
    spare = [understood(text, "polymer", Polymer) for text in arguments.spare]
    from core.predict import MiscibilityPredictor  # noqa: PLC0415 - slips are told before

    predictor = MiscibilityPredictor.load()
    if solvent is not None or polymer is None:
        if solvent is None:
            raise QueryError("give a polymer or a solvent")
        table = polymers_for(predictor, solvent, *state, by=arguments.by).head(arguments.top)
        table = _stated(table, arguments, solvent_smiles=solvent.smiles)
        return Found(table, f"the best {len(table):,} polymers", predictor.card)
    target = Target.of(predictor, polymer, *state, radius=arguments.radius)
    if "red" in ranges and math.isnan(target.place.radius):
        raise QueryError("the radius R0 of this polymer is not known here; give one with --radius")
    library, refused, bad_rows = _library(arguments, candidates, predictor, progress)
    mask = wanted.mask(library, target)
    among = f"{int(mask.sum()):,} of {len(library):,} solvents"
    about = {"polymer_smiles": polymer.smiles}
    about |= {f"spared_smiles_{n}": other.smiles for n, other in enumerate(spare, 1)}
    note = crystals_note(polymer.smiles, target.temperature_K)
    crystals = f"\n{note}" if note else ""
    if arguments.blends:
        if int(mask.sum()) > _MOST_TO_BLEND:
            best = shortlist(predictor, library, target, by="margin", keep=mask, top=_MOST_TO_BLEND)
            mask = np.isin(np.array(library.smiles), best["solvent_smiles"].to_numpy())
        by: Literal["red", "margin"] = "red" if arguments.by == "red" else "margin"
        table = blends(predictor, library, target, by=by, keep=mask, top=arguments.top)
        said = f"the best {len(table):,} blends of {among}{crystals}"
        return Found(_stated(table, arguments, **about), said, predictor.card, refused, bad_rows)
    table = shortlist(
        predictor,
        library,
        target,
        by=arguments.by,
        keep=mask,
        top=arguments.top,
        spare=spare,
        known_first=arguments.known_first,
    )
    said = f"the best {len(table):,} of {among}{crystals}"
    return Found(_stated(table, arguments, **about), said, predictor.card, refused, bad_rows)


def _stated(table: pd.DataFrame, arguments: argparse.Namespace, **about: str) -> pd.DataFrame:
    """The table with what was asked, the same in every row."""
    return table.assign(
        **about,
        temperature_K=arguments.temperature,
        polymer_molar_mass_g_mol=arguments.molar_mass,
    )
