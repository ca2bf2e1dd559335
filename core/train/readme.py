"""README's tables of metrics: written from the cards, between the markers of a role."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from core.domain import GRADES
from core.metrics import tier_name
from core.properties import PROPERTIES

__all__ = ["domain_lines", "folded", "interval_lines", "put_tables"]


def interval_lines(
    role: str, study: Mapping[str, Mapping[str, Mapping[str, Any]]], title: Callable[[str], str]
) -> list[str]:
    """How far 90 % intervals keep what they promise, as a Markdown table.

    Args:
        role: of the model.
        study: property -> tier -> what :func:`core.uncertainty.reliability` returns.
        title: of a property, with the unit of its learned scale.
    """
    lines = [
        "**Intervals**: share of measured values inside the 90 % interval, on folds that took no",
        "part in making it, each system counted once, with its standard error; mean width of the",
        "intervals, and the width they would have if all were equally wide.",
        "",
        "| property | tier | inside / % | mean width | equally wide | systems |",
        "|---|---|---:|---:|---:|---:|",
    ]
    for key, tiers in study.items():
        for tier, m in tiers.items():
            share, error = 100.0 * m["coverage_90"], 100.0 * m["coverage_90_se"]
            lines.append(
                f"| {title(key)} | {tier_name(role, tier)} | {share:.1f} ± {error:.1f} "
                f"| {m['mean_width']:.3g} | {m['constant_width']:.3g} | {m['n_systems']} |"
            )
    return lines


def domain_lines(studies: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Errors of held-out systems by grade, as a Markdown table.

    Args:
        studies: property -> the study that :mod:`core.train.evaluate_domain` makes.
    """
    lines = [
        "**Grades**: median error of held-out systems (on the learned scale) by grade, in brackets",
        "their number; how many times larger it is outside than inside: on all folds, on those the",
        "limits were chosen on, and on the others.",
        "",
        "| | inside | edge | outside | outside / inside | chosen on | checked |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for key, study in studies.items():
        label = PROPERTIES[key].label if key in PROPERTIES else key
        cells = []
        for grade in GRADES:
            own = study["all"].get(grade)
            if own is None:
                cells.append("")
            elif "median" in own:
                cells.append(f"{own['median']:.3g} ({own['systems']})")
            else:
                cells.append(f"AUC {own['AUC']:.3f}, Brier {own['Brier']:.3f} ({own['systems']})")
        for part in ("all", "chosen on", "checked"):
            ratio = study.get(part, {}).get("ratio")
            cells.append("" if ratio is None else f"{ratio:.2f}")
        lines.append(f"| {label} | {' | '.join(cells)} |")
    return lines


def folded(title: str, lines: Sequence[str]) -> list[str]:
    """Lines of Markdown that a reader opens by a click."""
    return ["<details>", f"<summary>{title}</summary>", "", *lines, "", "</details>"]


def put_tables(readme: Path, role: str, tables: str) -> None:
    """Replace what stands between ``role``'s markers in ``readme`` by ``tables``.

    Raises:
        ValueError: if the markers are missing.
    """
    begin, end = (f"<!-- metrics:{role}:{edge} -->" for edge in ("begin", "end"))
    text = readme.read_text(encoding="utf-8")
    before, found_begin, rest = text.partition(begin)
    _, found_end, after = rest.partition(end)
    if not (found_begin and found_end):
        raise ValueError(f"{readme.name} has no place for the tables: {begin} ... {end}")
    readme.write_text(f"{before}{begin}\n{tables}\n{end}{after}", encoding="utf-8")
