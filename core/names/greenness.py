"""How green a solvent is, after the CHEM21 guide.

Prat et al., Green Chem. 2016, 18, 288, doi 10.1039/C5GC01008J: a solvent has scores for safety,
health and environment from 1 (good) to 10 (bad), and a ranking that follows from the three.

``core/tables/chem21.csv`` holds what the guide says of its own solvents. For others the guide's
rules are used as far as the data go, which is not all the way:

- the health score follows from hazard statements (H3xx), which no shipped table has, so there is no
  health score by rule;
- the safety score is that of flash point and autoignition; the guide adds 1 for a liquid that
  charges itself when it flows and 1 for one that forms peroxides, which is not known here;
- the environment score is that of the boiling point, and 10 for what depletes ozone; statements on
  life in water (H4xx) could raise it.

A score by rule is therefore the lowest possible, and since no higher score betters a ranking, a
ranking by rule is the best possible: a solvent that is problematic by rule is at best problematic.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, get_args

from core.names._tables import table_rows

__all__ = ["RANKINGS", "Greenness", "Ranking", "combined", "greenness"]

Ranking = Literal["recommended", "problematic", "hazardous", "highly hazardous"]

RANKINGS: Final[tuple[Ranking, ...]] = get_args(Ranking)
"""From good to bad; the last is given by people only, never by rule."""

_ZERO_CELSIUS_K: Final = 273.15
_AUTOIGNITION_C: Final = 200.0


@dataclass(frozen=True, slots=True)
class Greenness:
    """What the guide says of a solvent, or what its rules say.

    Attributes:
        ranking: nothing where the rules leave all open.
        origin: ``published`` in the guide, or ``rule``: then the ranking is the best possible and
            the scores are the lowest possible.
        safety: 1 to 10; nothing where not known. Likewise the next two.
        health: only where published.
        environment: see the module's text.
    """

    ranking: Ranking | None
    origin: Literal["published", "rule"]
    safety: int | None
    health: int | None
    environment: int | None


def combined(scores: Sequence[int]) -> Ranking:
    """The guide's ranking by default, from scores for safety, health and environment."""
    worst, red = max(scores), sum(score >= 7 for score in scores)
    if worst >= 8 or red >= 2:
        return "hazardous"
    if red == 1 or sum(4 <= score <= 6 for score in scores) >= 2:
        return "problematic"
    return "recommended"


def greenness(
    cas: str,
    *,
    flash_point_K: float = math.nan,
    autoignition_K: float = math.nan,
    boiling_point_K: float = math.nan,
    ozone_depletion: float = math.nan,
) -> Greenness:
    """What the guide says of a solvent, or what its rules say; NaN where a number is not known.

    Args:
        cas: CAS registry number.
        flash_point_K: flash point.
        autoignition_K: temperature of autoignition.
        boiling_point_K: normal boiling point.
        ozone_depletion: potential of depleting ozone, beside that of trichlorofluoromethane.
    """
    published = _published().get(cas)
    if published is not None:
        return published
    safety = _safety(flash_point_K - _ZERO_CELSIUS_K, autoignition_K - _ZERO_CELSIUS_K)
    environment = 10 if ozone_depletion > 0.0 else _environment(boiling_point_K - _ZERO_CELSIUS_K)
    known = [score for score in (safety, environment) if score is not None]
    best = combined(known) if known else "recommended"
    # "At best recommended" says nothing.
    return Greenness(best if best != "recommended" else None, "rule", safety, None, environment)


def _safety(flash_C: float, autoignition_C: float) -> int | None:
    if math.isnan(flash_C):
        return None  # also of what does not burn
    steps = ((61, 1), (24, 3), (0, 4), (-20, 5))
    score = next((score for least, score in steps if round(flash_C) >= least), 7)
    return score + int(autoignition_C < _AUTOIGNITION_C)


def _environment(boiling_C: float) -> int | None:
    if math.isnan(boiling_C):
        return None
    rounded = round(boiling_C)
    if 70 <= rounded <= 139:
        return 3
    return 5 if 50 <= rounded <= 200 else 7


@lru_cache(maxsize=1)
def _published() -> Mapping[str, Greenness]:
    named = {ranking: ranking for ranking in RANKINGS}
    return {
        row["cas"]: Greenness(
            named[row["ranking"]],  # type: ignore[index]
            "published",
            *(int(row[name]) for name in ("safety", "health", "environment")),
        )
        for row in table_rows("chem21.csv")
    }
