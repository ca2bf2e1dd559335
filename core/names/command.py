"""``python -m core resolve``: what a text is understood as."""

from __future__ import annotations

import argparse
import json
from typing import Any, Final

from core.names.resolving import KINDS, Match, Resolution, resolve

__all__ = ["add_command", "resolve_text"]

_HELP: Final = """\
Say what a text is understood as: a name, an abbreviation, a CAS number, an InChI or a SMILES of an
ion, an ionic liquid, a polymer or a solvent. Nothing leaves this machine.

  python -m core resolve "BMIM-NTf2"
  python -m core resolve "2-MeTHF" --kind solvent --json

The exit code is 0 where it is understood, also where it can mean several things (all are listed),
and 2 where it is not.

--json prints one object: text, understood (true if there is exactly one match), matches (each with
kind, name, smiles, formula, molar_mass_g_mol and how; an ion also has charge, an ionic liquid
cation and anion in place of formula), suggestions, message."""


def add_command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
) -> argparse.ArgumentParser:
    """Add ``resolve`` to the commands."""
    command = commands.add_parser(
        "resolve",
        help="say what a name is understood as",
        description=_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("text", metavar="TEXT")
    command.add_argument(
        "--kind",
        action="append",
        choices=KINDS,
        help="what it may be (anything); may be given again",
    )
    command.add_argument("--json", action="store_true", help="for programs")
    return command


def resolve_text(arguments: argparse.Namespace) -> tuple[str, bool]:
    """Do what is asked.

    Returns:
        What is printed, and whether the text is understood.
    """
    found = resolve(arguments.text, arguments.kind or KINDS)
    if arguments.json:
        return json.dumps(_as_json(found), indent=2, ensure_ascii=False), bool(found.matches)
    if not found.matches:
        hint = f"; did you mean {' or '.join(found.suggestions)}?" if found.suggestions else ""
        return found.message + hint, False
    lines = []
    if len(found.matches) > 1:
        lines.append(f"{found.text} can mean {len(found.matches)} things:")
    for match in found.matches:
        lines += [f"{match.kind}: {match.name}", f"  {match.smiles}", f"  read as {match.how}"]
    return "\n".join(lines), True


def _as_json(found: Resolution) -> dict[str, Any]:
    return {
        "text": found.text,
        "understood": len(found.matches) == 1,
        "matches": [_match_as_json(match) for match in found.matches],
        "suggestions": list(found.suggestions),
        "message": found.message,
    }


def _match_as_json(match: Match) -> dict[str, Any]:
    structure = match.structure
    row: dict[str, Any] = {"kind": match.kind, "name": match.name, "smiles": match.smiles}
    for field in ("formula", "charge"):
        if hasattr(structure, field):
            row[field] = getattr(structure, field)
    for role in ("cation", "anion"):
        if hasattr(structure, role):
            row[role] = getattr(structure, role).smiles
    return row | {"molar_mass_g_mol": round(structure.molar_mass, 3), "how": match.how}
