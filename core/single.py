"""``python -m core predict ionic-liquid`` and ``predict mixture``: a few predictions at one state.

What is asked about is given in words, as on the pages: a name, an abbreviation, a CAS number or a
SMILES. For tables there is :mod:`core.batch`.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final, TypeVar

from core import __version__
from core.chemistry import Ion, IonicLiquid, Polymer, Solvent
from core.names import Kind, resolve
from core.properties import PROPERTIES, REFERENCE_PRESSURE_KPA, REFERENCE_TEMPERATURE_K

if TYPE_CHECKING:  # a slip is told before anyone waits for torch to load
    from core.predict import IonicLiquidPredictor, MiscibilityPredictor

__all__ = [
    "NotUnderstoodError",
    "add_commands",
    "answer",
    "ionic_liquids",
    "kelvin",
    "kilopascal",
    "mixtures",
    "number_within",
    "understood",
]

Structure = TypeVar("Structure", Ion, IonicLiquid, Polymer, Solvent)

_LIQUID_HELP: Final = """\
Predict the properties of ionic liquids at one temperature and pressure.

  python -m core predict ionic-liquid "[bmim][BF4]" -T 298.15
  python -m core predict ionic-liquid "[bmim][BF4]" "[emim][DCA]" --property viscosity_mPa_s --json

An ionic liquid is given by its two abbreviations or names, or as SMILES A.B."""
_MIXTURE_HELP: Final = """\
Predict the Flory-Huggins chi of a polymer in solvents, and how likely it is to dissolve.

  python -m core predict mixture PS cyclohexane toluene -T 307
  python -m core predict mixture PMMA 67-64-1 --volume-fraction 0.2 --json

A polymer is given by name, abbreviation or the SMILES of its repeat unit with two *, a solvent by
name, abbreviation, CAS number or SMILES."""


class NotUnderstoodError(ValueError):
    """A text stands for nothing, or for several things; the message is one sentence."""


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``ionic-liquid`` and ``mixture`` to the commands of ``predict``."""
    liquid = commands.add_parser(
        "ionic-liquid",
        help="some ionic liquids at one state",
        description=_LIQUID_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    liquid.add_argument("liquids", nargs="+", metavar="LIQUID", help="for example [bmim][BF4]")
    liquid.add_argument(
        "-P", "--pressure", metavar="kPa", default=REFERENCE_PRESSURE_KPA, help="in kPa (101.325)",
        type=kilopascal,
    )  # fmt: skip
    liquid.add_argument(
        "--property", action="append", choices=list(PROPERTIES), default=[], dest="keys",
        help="only this one; may be given again for further ones",
    )  # fmt: skip
    mixture = commands.add_parser(
        "mixture",
        help="a polymer in some solvents at one state",
        description=_MIXTURE_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    mixture.add_argument("polymer", metavar="POLYMER", help="for example PS")
    mixture.add_argument("solvents", nargs="+", metavar="SOLVENT", help="for example toluene")
    mixture.add_argument(
        "--volume-fraction", metavar="PHI", help="of the polymer; dilute where it is not given",
        type=number_within(0.0, 1.0, "a volume fraction of the polymer from 0 to 1"),
    )  # fmt: skip
    for command in (liquid, mixture):
        command.add_argument(
            "-T", "--temperature", metavar="K", default=REFERENCE_TEMPERATURE_K,
            help="in K (298.15)", type=kelvin,
        )  # fmt: skip
        command.add_argument("--json", action="store_true", help="for other programs")


def number_within(low: float, high: float, wanted: str) -> Callable[[str], float]:
    """A reader of numbers of a command line, which refuses what is not ``wanted``."""

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text!r} is not {wanted}")
        return value

    return read


# The limits of the pages, and a little more.
kelvin: Final = number_within(
    100.0, 1000.0, "a temperature in K from 100 to 1000; is it in degrees Celsius?"
)
kilopascal: Final = number_within(1e-3, 1e7, "a pressure in kPa above 0 and up to 10,000,000")


def answer(arguments: argparse.Namespace) -> str:
    """What a command of :func:`add_commands` prints.

    Raises:
        NotUnderstoodError: if a text stands for nothing, or for several things.
        CheckpointError: if there is no model.
    """
    if arguments.what == "ionic-liquid":
        liquids = [understood(text, "ionic-liquid", IonicLiquid) for text in arguments.liquids]
        from core.predict import IonicLiquidPredictor  # noqa: PLC0415 - slips are told before

        found = ionic_liquids(
            IonicLiquidPredictor.load(),
            dict(zip(arguments.liquids, liquids, strict=True)),
            arguments.temperature,
            arguments.pressure,
            arguments.keys,
        )
    else:
        polymer = understood(arguments.polymer, "polymer", Polymer)
        solvents = [understood(text, "solvent", Solvent) for text in arguments.solvents]
        from core.predict import MiscibilityPredictor  # noqa: PLC0415 - slips are told before

        found = mixtures(
            MiscibilityPredictor.load(),
            (arguments.polymer, polymer),
            dict(zip(arguments.solvents, solvents, strict=True)),
            arguments.temperature,
            arguments.volume_fraction,
        )
    if arguments.json:
        return json.dumps(found, indent=2, ensure_ascii=False)
    return _liquid_text(found) if arguments.what == "ionic-liquid" else _mixture_text(found)


def understood(text: str, kind: Kind, form: type[Structure]) -> Structure:
    """The one thing a text stands for.

    Raises:
        NotUnderstoodError: if it stands for nothing, or for several things.
    """
    found = resolve(text, [kind])
    if len(found.matches) == 1 and isinstance(found.matches[0].structure, form):
        return found.matches[0].structure
    if found.matches:
        meant = " or ".join(f"{match.name} ({match.smiles})" for match in found.matches)
        raise NotUnderstoodError(f"{text!r} may be {meant}; write the one you mean in full")
    near = [name for name in found.suggestions if name not in found.message]
    raise NotUnderstoodError(found.message + (f"; near by are {', '.join(near)}" if near else ""))


def ionic_liquids(
    predictor: IonicLiquidPredictor,
    liquids: Mapping[str, IonicLiquid],
    temperature_K: float,
    pressure_kPa: float,
    keys: Sequence[str] = (),
) -> list[dict[str, Any]]:
    """Ionic liquids, as they were called, with their properties; plain data for JSON.

    Returns:
        One entry for each, with ``predictions`` by key: the fields of
        :class:`core.predict.Prediction`, and ``unit``.
    """
    return [
        {
            "ionic_liquid": text,
            "cation_smiles": liquid.cation.smiles,
            "anion_smiles": liquid.anion.smiles,
            "temperature_K": temperature_K,
            "pressure_kPa": pressure_kPa,
            **_made_by(predictor),
            "predictions": {
                key: asdict(at) | {"unit": PROPERTIES[key].internal_unit.label}
                for key, at in predictor.predict(liquid, temperature_K, pressure_kPa).items()
                if not keys or key in keys
            },
        }
        for text, liquid in liquids.items()
    ]


def mixtures(
    predictor: MiscibilityPredictor,
    polymer: tuple[str, Polymer],
    solvents: Mapping[str, Solvent],
    temperature_K: float,
    volume_fraction: float | None = None,
) -> list[dict[str, Any]]:
    """A polymer, as it was called, in solvents; plain data for JSON.

    Returns:
        One entry for each solvent, with the fields of :class:`core.predict.Miscibility`.
    """
    return [
        {
            "polymer": polymer[0],
            "solvent": text,
            "polymer_smiles": polymer[1].smiles,
            "solvent_smiles": solvent.smiles,
            "temperature_K": temperature_K,
            "volume_fraction": volume_fraction,
            **_made_by(predictor),
            **asdict(predictor.predict(polymer[1], solvent, temperature_K, volume_fraction)),
        }
        for text, solvent in solvents.items()
    ]


def _made_by(predictor: IonicLiquidPredictor | MiscibilityPredictor) -> dict[str, str]:
    return {"model": predictor.card.name, "solvarium": __version__}


# --------------------------------------------------------------------------------------------- text


def _liquid_text(found: Sequence[Mapping[str, Any]]) -> str:
    blocks = []
    for entry in found:
        rows = [("", "value", "90 % interval", "unit", "support", "grade")]
        said = {}
        for key, at in entry["predictions"].items():
            interval = f"{at['low']:.5g} to {at['high']:.5g}"
            label, support = PROPERTIES[key].label, at["support"].replace("_", " ")
            grade = at["grade"] or ""
            rows.append((label, f"{at['value']:.5g}", interval, at["unit"], support, grade))
            said[label] = [*at["notes"], *at["reasons"]]
        state = f"{entry['temperature_K']:g} K, {entry['pressure_kPa']:g} kPa, {entry['model']}"
        smiles = f"{entry['cation_smiles']}.{entry['anion_smiles']}"
        blocks.append(_block(f"{entry['ionic_liquid']}  {smiles}", state, rows, said))
    return "\n\n".join(blocks)


def _mixture_text(found: Sequence[Mapping[str, Any]]) -> str:
    first = found[0]
    rows = [("", "chi", "90 % interval", "chi, COSMO-RS", "dissolves", "support", "grade")]
    rows += [
        (
            entry["solvent"],
            f"{entry['chi']:.3f}",
            f"{entry['chi_low']:.3f} to {entry['chi_high']:.3f}",
            f"{entry['chi_cosmo_rs']:.3f}",
            f"{100.0 * min(max(entry['soluble_probability'], 0.001), 0.999):.1f} %",
            entry["support"].replace("_", " "),
            entry["grade"] or "",
        )
        for entry in found
    ]
    said = {entry["solvent"]: [*entry["notes"], *entry["reasons"]] for entry in found}
    fraction = first["volume_fraction"]
    composition = "dilute" if fraction is None else f"volume fraction {fraction:g}"
    state = f"{first['temperature_K']:g} K, {composition}, {first['model']}"
    title = f"{first['polymer']}  {first['polymer_smiles']}"
    return _block(title, state, rows, said)


def _block(
    title: str, state: str, rows: Sequence[tuple[str, ...]], said: Mapping[str, Sequence[str]]
) -> str:
    """A title, the state, a table of columns, and what to be careful about of which rows."""
    about: dict[str, list[str]] = {}
    for name, notes in said.items():
        for note in dict.fromkeys(notes):
            about.setdefault(note, []).append(name)
    told = [
        note if len(names) == len(said) else f"{', '.join(names)}: {note}"
        for note, names in about.items()
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    table = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return "\n".join([title, state, *table, *told])
