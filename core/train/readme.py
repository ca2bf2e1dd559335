"""README's tables of metrics: written from the cards, between the markers of a role."""

from __future__ import annotations

from pathlib import Path

__all__ = ["put_tables"]


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
