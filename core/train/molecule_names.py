"""Rebuild the table of names of molecules: ``python -m core.train.molecule_names``.

Names, CAS numbers and structures come from the package ``chemicals`` (PubChem). A few in a hundred
names there belong to another molecule, or to a polymer or a mixture; since a wrong structure is
worse than none, a name is left out

- if two molecules have it, or would have it without the locants (chlorophenol: which?),
- if OPSIN, a program that reads systematic names, reads another structure from it,
- if it belongs to a polymer, a mixture or an ion,
- if it is the SMILES of another molecule, and
- if it is a code or an inverted index name, which nobody types.

It needs the packages of requirements-opsin.txt and Java, and takes about ten minutes.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

import chemicals
import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

from core.chemistry import ChemistryError, parse_ionic_liquid, parse_solvent
from core.names import polymers
from core.names._molecules import HASH_BYTES, name_hash
from core.names._opsin import opsin_command
from core.names._tables import reduced

TARGET: Final = Path(__file__).resolve().parents[1] / "tables" / "molecules.npz"
_LARGE: Final = "chemical identifiers pubchem large.tsv"
# Later files are better kept, and their structures win.
_SMALL: Final = (
    "Inorganic db.tsv",
    "chemical identifiers example user db.tsv",
    "chemical identifiers pubchem small.tsv",
)


class Molecule(NamedTuple):
    """A row of the source.

    Attributes:
        smiles: canonical where it is a solvent or an ionic liquid.
        formula: as the source has it.
        cas: CAS number.
        names: the preferred name first.
    """

    smiles: str
    formula: str
    cas: str
    names: tuple[str, ...]


def read_molecules() -> list[Molecule]:
    """Read solvents and ionic liquids; of the small tables all, since salts are asked for too."""
    folder = Path(chemicals.__file__).parent / "Identifiers"
    polymer_numbers = {number for polymer in polymers() for number in polymer.cas}
    found: dict[str, Molecule] = {}
    for file in (_LARGE, *_SMALL):
        for line in (folder / file).read_text(encoding="utf-8").splitlines():
            _, cas, formula, _, smiles, _, _, systematic, common, *others = line.split("\t")
            usable = _usable(smiles)
            # The source gives polymers the structure of some piece of them.
            if cas in polymer_numbers or _POLYMER_CAS.fullmatch(cas):
                continue
            if usable is not None or file in _SMALL:
                # The number itself stands among the names.
                names = [n for n in (common, systematic, *others) if not _CAS.fullmatch(n)]
                found[cas] = Molecule(usable or smiles, formula, cas, tuple(dict.fromkeys(names)))
    return list(found.values())


def _usable(smiles: str) -> str | None:
    for parse in (parse_solvent, parse_ionic_liquid):
        try:
            return parse(smiles).smiles
        except ChemistryError:
            continue
    return None


_CAS: Final = re.compile(r"\d{2,7}-\d\d-\d")
_POLYMER_CAS: Final = re.compile(r"90[01]\d-\d\d-\d")
_CODE: Final = re.compile(
    r"\d{4}|,\s|;|-$|\(\d?ci\)|\[|%"
    r"|^(?:nsc|ac1|agn|stk|zinc|einecs|unii|chebi|chembl|brn|hsdb|ccris|mfcd|akos|smr|mls|ncgc|cid|"
    r"sbb|nci|caswell|epa|rcra|un ?\d|fema|bidd|ksc|dsstox|tox21|ai3|ctk|anw|lp0|ls-|as-)"
)
_WORD: Final = re.compile(r"[a-z]{4}")
_NO_MOLECULE: Final = re.compile(
    r"poly(?!phosph|sulf)|polymer|resin|rubber|oligomer|nylon|teflon|lexan|plexi|perspex|lucite|"
    r"orlon|dacron|kevlar|nomex|mylar|saran|viton|kynar|delrin|bakelite|cellulose|starch|dextrin|"
    r"mixture|mixed|isomers|solution|reagent|standard|grade|technical|synthesis|naphtha|petroleum|"
    r"mineral oil|white oil|kerosene|gasoline|ligroin|spirit|paraffin|silicone|hexanes|heptanes|"
    r"pentanes|octanes|xylenes|butanols|pentanols|alcohols|glycol[s ]+ether$|cresols|gelatin|"
    r"pitch|tar\b|asphalt|wax\b|sodium salt|potassium salt|hydrate\b|hydrochloride|formalin"
)
# Words that the source gives some trade product; nobody means a molecule by them.
_EVERYDAY: Final = re.compile(
    r"acid|aerosol|alcohol|base|black|blood|blue|bone|brick|butter|cement|chalk|"
    r"charcoal|clay|clear|coal|cocaine|coke|cream|crystal|dust|ecstasy|element|"
    r"extract|fat|fiber|fibre|fire|flour|foam|fuel|glue|grass|grease|green|gum|"
    r"honey|ice|ink|iron|ivory|jelly|juice|lead|leather|lime|liquid|marble|metal|"
    r"milk|null|orange|paint|paper|pearl|pepper|perfume|plaster|plastic|poison|"
    r"potash|powder|product|rock|rose|rust|salt|sample|sand|silk|silver|smoke|"
    r"snow|soap|soda|soil|solid|solvent|speed|spice|spray|steel|stone|straw|sugar|"
    r"test|varnish|vinegar|violet|vitamin|water|white|wine|wood|wool|yeast|yellow|"
    r"fmoc"
)
# An acid under the name of its anion, and a salt under that of its cation.
_ACID: Final = Chem.MolFromSmarts("[$([CX3](=O)[OX2H1]),$([S,P](=O)[OX2H1])]")


def doubtful(name: str) -> bool:
    """Whether a name is a code, or one of what is no molecule."""
    return (
        _EVERYDAY.fullmatch(name.lower()) is not None
        or not _WORD.search(name)
        or _CODE.search(name) is not None
        or _NO_MOLECULE.search(name) is not None
    )


_LOCANT: Final = re.compile(
    r"\d+[a-z]?'*|(?<![a-z])(?:[ompn]|alpha|beta|gamma|delta|ortho|meta|para)'*(?=[-,. ])|\."
)


def without_locants(name: str) -> str:
    """A name without what says where its groups sit: chlorophenol of p-chlorophenol."""
    return _LOCANT.sub("", name.lower())


def is_also_smiles(name: str, smiles: str) -> bool:
    """Whether a name, as the formula NCCN of cyanogen, is the SMILES of another molecule."""
    return len(name) < 20 and _usable(name.upper()) not in {None, smiles}


def names_an_ion(name: str, smiles: str) -> bool:
    """Whether a name is that of an ion, and the molecule none."""
    if name.lower().endswith("ium"):
        return True
    return name.lower().endswith("ate") and Chem.MolFromSmiles(smiles).HasSubstructMatch(_ACID)


def read_by_opsin(names: list[str]) -> list[str | None]:
    """Canonical SMILES of the names that OPSIN can read."""
    opsin = opsin_command()
    if opsin is None:
        raise SystemExit("OPSIN is missing: pip install -r requirements-opsin.txt, and Java")
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "names.txt"), Path(folder, "smiles.txt")
        source.write_text("\n".join(names) + "\n", encoding="utf-8")
        command = (*opsin, str(source), str(target))
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)  # noqa: S603
        lines = target.read_text(encoding="utf-8").split("\n")[: len(names)]
    return [_usable(line) if line else None for line in lines]


def kept_names(molecules: list[Molecule]) -> Iterator[tuple[Molecule, list[str]]]:
    """Yield the molecules with the names that can be trusted."""
    taken = {reduced(name) for polymer in polymers() for name in polymer.names}
    owners: dict[str, set[str]] = {}
    isomers: dict[tuple[str, str], set[str]] = {}
    for molecule in molecules:
        for name in molecule.names:
            owners.setdefault(reduced(name), set()).add(molecule.smiles)
            key = reduced(without_locants(name)), molecule.formula
            isomers.setdefault(key, set()).add(molecule.smiles)
    asked = sorted({n for m in molecules for n in m.names if not doubtful(n)})
    opsin = dict(zip(asked, read_by_opsin(asked), strict=True))
    wrong = 0
    for molecule in molecules:
        names = []
        for name in molecule.names:
            form = reduced(name)
            if doubtful(name) or form in taken or len(owners[form]) > 1:
                continue
            if without_locants(name) == name.lower() and len(isomers[form, molecule.formula]) > 1:
                continue
            if opsin[name] not in {None, molecule.smiles}:
                wrong += 1
            elif not is_also_smiles(name, molecule.smiles) and (
                opsin[name] or not names_an_ion(name, molecule.smiles)
            ):
                names.append(name)
        yield molecule, names
    sys.stdout.write(f"{wrong:,} names left out that OPSIN reads otherwise\n")


def write(target: Path, kept: Iterable[tuple[Molecule, list[str]]]) -> int:
    """Write the table; return the number of names in it."""
    rows = list(kept)
    hashes = [sorted({name_hash(name) for name in names}) for _, names in rows]
    flat = np.array([number for row in hashes for number in row], "<u8")
    np.savez_compressed(
        target,
        allow_pickle=False,
        smiles=_packed(molecule.smiles for molecule, _ in rows),
        names=_packed((names or [""])[0] for _, names in rows),
        cas=np.array([int(molecule.cas.replace("-", "")) for molecule, _ in rows], np.int64),
        counts=np.array([len(row) for row in hashes], np.uint16),
        hashes=flat.view(np.uint8).reshape(-1, 8)[:, :HASH_BYTES],
    )
    return len(flat)


def _packed(lines: Iterable[str]) -> NDArray[np.uint8]:
    return np.frombuffer(zlib.compress("\n".join(lines).encode(), 9), np.uint8)


def main() -> int:
    """Rebuild the table."""
    molecules = read_molecules()
    names = write(TARGET, kept_names(molecules))
    size = TARGET.stat().st_size
    sys.stdout.write(f"{TARGET.name}: {len(molecules):,} molecules, {names:,} names, {size:,} B\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
