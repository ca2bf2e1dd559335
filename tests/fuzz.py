"""Fuzz the gate, the look-ups and the filters: ``make fuzz SECONDS=300``.

libFuzzer, through atheris, grows texts that reach new lines of the project's Python. It starts from
the corpus and from sound SMILES, keeps what it has grown in runs/fuzz, and stops at the first text
that does anything but be read or refused in one sentence, or takes half a minute. Put that
text into tests/cases/hostile_found.json, where the tests hold it.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["core"], enable_loader_override=False):
    from core import chemistry, names, screen

from tests import hostile

GROWN = Path("runs", "fuzz")
_SOUND = 2_000


def one_text(raw: bytes) -> None:
    """Let every reader have a go at a text; a fault is an exception."""
    text = raw.decode("utf-8", "surrogateescape")
    for read in (
        chemistry.parse_ion,
        chemistry.parse_ionic_liquid,
        chemistry.parse_polymer,
        chemistry.parse_solvent,
    ):
        try:
            found = read(text)
        except chemistry.ChemistryError as error:
            said = str(error)
            if not 10 < len(said) < 1_000 or "\n" in said:
                raise AssertionError(f"{read.__name__} says {said!r}") from error
        else:
            if read(found.smiles) != found:
                raise AssertionError(f"{read.__name__} reads {found.smiles} as another structure")
    names.resolve(text)
    with suppress(screen.QueryError):
        screen.read_conditions(text)


def main() -> None:
    """Start libFuzzer; arguments go to it, for example ``-max_total_time=60``."""
    names.resolve("no such name")  # the tables are read once, and take their time
    GROWN.mkdir(parents=True, exist_ok=True)
    sound = [ion.smiles for ion in (*names.cations(), *names.anions())]
    sound += [molecule.smiles for molecule in (*names.polymers(), *names.solvents())]
    for i, text in enumerate([*sound[:_SOUND], *hostile.corpus()]):
        if len(text) <= 1_000:
            (GROWN / f"seed{i:05}").write_bytes(text.encode("utf-8", "surrogatepass"))
    options = ["-timeout=30", "-rss_limit_mb=4096", "-max_len=1000", "-artifact_prefix=runs/fuzz-"]
    atheris.Setup([sys.argv[0], *options, *sys.argv[1:], str(GROWN)], one_text)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
