"""Systematic names by OPSIN, where the package py2opsin and Java are installed; never needed.

Lowe et al., J. Chem. Inf. Model. 2011, 51, 739-753, doi 10.1021/ci100384d.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

__all__ = ["opsin_command", "opsin_smiles"]

_SECONDS: Final = 5.0
# What no systematic name lacks: asking takes most of a second.
_SYSTEMATIC: Final = re.compile(r"[a-z]{3}(ane|ene|yne|ol|al|one|ide|ate|ium|ine|ole|yl|ic|ether)")


@lru_cache(maxsize=1)
def opsin_command() -> tuple[str, ...] | None:
    """How OPSIN is called, or nothing where it or Java is missing."""
    spec, java = find_spec("py2opsin"), shutil.which("java")
    if spec is None or spec.origin is None or java is None:
        return None
    jars = sorted(Path(spec.origin).parent.glob("opsin-cli-*.jar"))
    return (java, "-XX:TieredStopAtLevel=1", "-jar", str(jars[0]), "-osmi") if jars else None


def opsin_smiles(name: str) -> str | None:
    """SMILES of a systematic name, or nothing: not understood, not installed, or too slow."""
    command = opsin_command()
    if command is None or not _SYSTEMATIC.search(name.lower()) or not name.isprintable():
        return None
    try:
        done = subprocess.run(  # noqa: S603 - the name is read from standard input
            command,
            input=f"{name}\n",
            capture_output=True,
            encoding="utf-8",
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() or None
