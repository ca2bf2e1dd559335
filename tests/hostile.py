"""Hostile texts: a corpus, generators of large ones, and seeded mutations of both."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from rdkit import Chem

from core import names

CORPUS: Final[dict[str, list[str]]] = json.loads(
    (Path(__file__).parent / "cases" / "hostile.json").read_text(encoding="utf-8")
)
_CRASHERS: Final = Path(__file__).parent / "cases" / "hostile_found.json"
# Names that browsers, spreadsheets and terminals might act on; shown wherever a name is shown.
NAUGHTY: Final = [
    *CORPUS["markup"],
    *CORPUS["formulas"],
    *CORPUS["paths"],
]


def corpus() -> list[str]:
    """Every text of the corpus, those that fuzzing found, and the large ones, each once."""
    found = json.loads(_CRASHERS.read_text(encoding="utf-8"))
    return list(dict.fromkeys([*itertools.chain(*CORPUS.values()), *found, *large()]))


# --------------------------------------------------------------------------------------- large ones


def _ring(number: int) -> str:
    return str(number) if number < 10 else f"%{number}" if number < 100 else f"%({number})"


def complete(element: str, size: int) -> str:
    """Every atom bound to every other."""
    numbers = {
        pair: _ring(k)
        for k, pair in enumerate(
            (pair for pair in itertools.combinations(range(size), 2) if pair[1] - pair[0] > 1), 1
        )
    }
    return "".join(
        f"[{element}]" + "".join(digits for pair, digits in numbers.items() if i in pair)
        for i in range(size)
    )


def lattice(*sides: int, element: str = "C", closed: bool = True, aromatic: bool = False) -> str:
    """Points of a grid, bound to their neighbours; ``closed`` joins opposite sides."""
    points = {point: i for i, point in enumerate(itertools.product(*map(range, sides)))}
    mol = Chem.RWMol()
    for _ in points:
        atom = Chem.Atom(element)
        atom.SetIsAromatic(aromatic)
        mol.AddAtom(atom)
    bond = Chem.BondType.AROMATIC if aromatic else Chem.BondType.SINGLE
    for point, i in points.items():
        for axis, side in enumerate(sides):
            step = [*point]
            step[axis] += 1
            if step[axis] == side and not closed:
                continue
            step[axis] %= side
            j = points[tuple(step)]
            # Every second rung of an aromatic sheet is left out: six-rings instead of four-rings.
            rung = aromatic and axis == 0 and sum(point) % 2
            if i != j and not rung and mol.GetBondBetweenAtoms(i, j) is None:
                mol.AddBond(i, j, bond)
    return str(Chem.MolToSmiles(mol))


def dendrimer(depth: int) -> str:
    """Branches upon branches."""
    return "C" if depth == 0 else f"C({dendrimer(depth - 1)})({dendrimer(depth - 1)})C"


def large() -> Iterator[str]:
    """Texts that are long, deep, or short with a long computation behind them."""
    for size in (300, 3_000, 100_000, 10_000_000):
        yield "C" * size
    for text in ("[", "(", "C(", "[C", "C1", "c1", ".", "=", "*", " ", "\u200b", "é", "%10", "-"):
        yield text * (400 // len(text))
    for text in ("a", "[bmim]", "poly(", "1,2-", "🧪", "<b>"):
        yield text * 20_000
    yield "C(" * 160 + "C" + ")" * 160
    yield "C" + "(C)" * 160
    yield "[" * 240 + "C" + "]" * 240
    yield "C" + "".join(f"%{n}" for n in range(10, 99)) + "CC" * 30
    floods = ("C", "[U]", "S", "P")
    for element in floods:
        closing = "".join(f"{element}{_ring(n)}" for n in range(1, 60))
        yield element + "".join(map(_ring, range(1, 60))) + closing
    for size in (5, 6, 8, 12):
        yield complete("S", size)
        yield complete("U", size)
        yield complete("*", size)
    for sides in ((4, 4), (6, 6), (10, 10), (3, 3, 3), (2, 2, 2, 2)):
        for element in ("C", "Si", "S", "P"):
            yield lattice(*sides, element=element)
    for sides in ((4, 6), (8, 8), (10, 10), (6, 20)):
        for closed in (True, False):
            yield lattice(*sides, closed=closed, aromatic=True)
    for count in (4, 9, 12, 20, 40):  # a belt of phenylenes passes each of them on two sides
        yield "c1cc2ccc1" + "c1ccc(cc1)" * (count - 1) + "2"
        yield "C1" + "c2ccc(cc2)C" * count + "1"
    for depth in (3, 5, 6):
        yield dendrimer(depth)
    yield "C=C" * 100
    yield "C#C" * 100
    yield "N=" * 100 + "N"
    yield "C[N+](C)=C" + "C=C" * 60 + "N(C)C"
    yield "[O-]" + "C=C" * 70 + "C=O"
    yield "[O-]C" + "([N+](=O)[O-])C" * 30
    yield "[O-]C" + "(N=[N+]=[N-])C" * 30
    yield "[O-]S(=O)(=O)" * 30 + "C"
    yield "[n+]1cccc2" + "cc" * 40 + "c12"
    yield "C[n+]1ccc2cc3cc4cc5cc6cc7cc8cc9ccccc9cc8cc7cc6cc5cc4cc3cc2c1"
    yield "[13CH2]" * 60
    yield "[CH2:1]" * 60
    yield "[C@@H](F)" * 50
    yield "/C=C" * 100
    yield ".".join(["C"] * 200)
    yield ".".join(["[NH4+]", *["[Cl-]"] * 80])
    yield "*" + "CC" * 60 + "*"
    yield "*" + "c1ccc(cc1)" * 15 + "*"
    yield "*" + "C(C)O" * 40 + "*"
    yield "*" + "C1CC(CC1)" * 15 + "*"
    yield "*C=C" + "C=C" * 40 + "*"
    yield "*c1cc2cc3cc4cc5cc6cc7cc8cc(*)ccc8cc7cc6cc5cc4cc3cc2cc1"
    yield "*" + "[Si](C)(C)O" * 30 + "*"


# ---------------------------------------------------------------------------------------- mutations

_PIECES: Final = [
    *"()[]=#-+.:/\\@%*0123456789cCnNoOsSpPFBI",
    *["[nH]", "[n+]", "[O-]", "[N+]", "%10", "Cl", "Br", "[13C]", "[C:7]", "[*:1]", "|$_R1$|"],
    *["\u200b", "\u202e", "−", "é", "\x00", "\t", "\n", "🧪", "\ud800", "<", ">", "&", '"', "'"],
]


def mutated(text: str, other: str, draw: random.Random) -> str:
    """``text`` with one to four slips, at most 2,000 characters of it."""
    text, other = text[:2_000], other[:2_000]
    for _ in range(draw.randint(1, 4)):
        i = draw.randint(0, len(text))
        j = min(len(text), i + draw.randint(1, 6))
        piece = draw.choice(_PIECES)
        text = draw.choice(
            [
                text[:i] + text[j:],
                text[:i] + piece + text[i:],
                text[:i] + piece + text[j:],
                text[:i] + text[i:j] * draw.randint(2, 12) + text[j:],
                text[:i] + text[i:j][::-1] + text[j:],
                text[:i] + text[i:j].swapcase() + text[j:],
                text[:i] + other[draw.randint(0, len(other)) :],
                f"{text}.{other}",
                f"{text}{other}",
                text[:i],
                text[i:],
            ]
        )
    return text


def texts(count: int, seed: int = 0) -> list[str]:
    """``count`` hostile texts: the corpus, and mutations of it and of well-formed texts."""
    draw = random.Random(seed)
    sound = [ion.smiles for ion in (*names.cations(), *names.anions())]
    sound += [ion.abbreviation for ion in names.cations() if ion.abbreviation]
    sound += [
        f"{c.smiles}.{a.smiles}" for c, a in zip(names.cations(), names.anions(), strict=False)
    ]
    sound += [text for polymer in names.polymers() for text in (polymer.smiles, polymer.name)]
    sound += [t for solvent in names.solvents() for t in (solvent.smiles, solvent.name)]
    known = corpus()
    # The largest would only be told that they are too long, ten thousand times over.
    stock = [text for text in known if len(text) <= 2_000]
    found = dict.fromkeys(known)
    while len(found) < count:
        start = draw.choice(sound if draw.random() < 0.7 else stock)
        found[mutated(start, draw.choice(sound + stock), draw)] = None
    return list(found)[:count]
