"""What all parts of the gate share: errors, cleaning a text, reading it, bare structures."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from rdkit import Chem, rdBase

MAX_CHARACTERS: Final = 500
MAX_CHARGE: Final = 4
MAX_LINKED_RINGS: Final = 10


class ChemistryError(ValueError):
    """A structure cannot be used; ``str(error)`` says what is wrong and what would be right."""


class EmptyStructureError(ChemistryError):
    """Nothing was given."""


class InvalidSmilesError(ChemistryError):
    """The text is no SMILES, or one that breaks the rules of valence."""


class TextAfterStructureError(InvalidSmilesError):
    """A blank, and perhaps more text, stands inside or after the SMILES."""


class TooLargeError(ChemistryError):
    """More characters or atoms than the models were made for."""


class NotAnIonError(ChemistryError):
    """A neutral molecule, a zwitterion, a placeholder or several particles instead of one ion."""


class NotAPolymerError(ChemistryError):
    """Not one repeat unit with two open ends."""


class NotASolventError(ChemistryError):
    """An ion, a salt, a mixture or a piece of a polymer instead of one neutral molecule."""


class WrongChargeError(ChemistryError):
    """An anion where a cation belongs, the other way round, or a charge out of reach."""


class RadicalError(ChemistryError):
    """An atom has an unpaired electron."""


class UnsupportedElementError(ChemistryError):
    """An element that nothing in the data has in this role."""


class InorganicCationError(UnsupportedElementError):
    """A metal ion, a proton or another cation that forms no ionic liquid."""


class UnbalancedError(ChemistryError):
    """The ions do not make up one neutral salt of one cation and one anion."""


class UnknownNameError(ChemistryError):
    """Neither a known name or abbreviation nor a SMILES."""


_DASHES: Final = dict.fromkeys(map(ord, "‐‑‒–—−﹣－"), "-")
# RDKit wraps charges around at 128 instead of refusing them.
_ABSURD_CHARGE: Final = re.compile(r"\[[^\]]*[+-](\d\d|[+-]{4})")
_INVISIBLE: Final = "\u200b\u200c\u200d\u2060\ufeff"


def clean(text: str, limit: int = MAX_CHARACTERS, *, example: str) -> str:
    """Trim what copying adds, undo typographic dashes, refuse what is no SMILES at first sight.

    Args:
        text: what was typed or pasted.
        limit: the most characters.
        example: a SMILES of the wanted kind, for the message where nothing was given.
    """
    cleaned = text.strip().strip(_INVISIBLE).strip().translate(_DASHES)
    if not cleaned:
        raise EmptyStructureError(f"no structure given; paste a SMILES such as {example}")
    if len(cleaned) > limit:
        raise TooLargeError(f"the SMILES has {len(cleaned)} characters; at most {limit} are read")
    for character in cleaned:
        if character.isspace():
            raise TextAfterStructureError(
                "there is a blank in the SMILES; give the structure alone, without a name behind it"
            )
        if not "!" <= character <= "~":
            name = unicodedata.name(character, f"U+{ord(character):04X}").lower()
            raise InvalidSmilesError(
                f"{name} is no character of a SMILES; only plain ASCII letters and signs are"
            )
    if _ABSURD_CHARGE.search(cleaned):
        raise WrongChargeError(f"charges beyond ±{MAX_CHARGE} are not read")
    return cleaned


@contextmanager
def quiet() -> Iterator[None]:
    """Keep RDKit from printing, and turn what it raises into an error of the gate."""
    with rdBase.BlockLogs():
        try:
            yield
        except ChemistryError:
            raise
        except (ValueError, RuntimeError) as error:  # what RDKit raises
            raise InvalidSmilesError(
                "this structure cannot be drawn with ordinary bonds and charges"
            ) from error


def check_rings(smiles: str) -> None:
    """Refuse ring systems on which reading could take minutes.

    A large ring passes each phenylene of it on either side, which makes 2^n smallest rings, and
    RDKit looks for all of them; no limit of time reaches it there.

    Raises:
        TooLargeError: if more rings than :data:`MAX_LINKED_RINGS` are fused or linked to a ring.
    """
    # Each ring is closed by two digits at least, so most texts need no closer look.
    if sum(map(str.isdigit, smiles)) <= 2 * MAX_LINKED_RINGS:
        return
    mol = Chem.MolFromSmiles(smiles, sanitize=False)
    if mol is None:
        return
    Chem.FastFindRings(mol)
    chains = [bond.GetIdx() for bond in bonds_of(mol) if not bond.IsInRing()]
    if chains:
        mol = Chem.FragmentOnBonds(mol, chains, addDummies=False)
    for part in Chem.GetMolFrags(mol, asMols=True, sanitizeFrags=False):
        rings = part.GetNumBonds() - part.GetNumAtoms() + 1
        if rings > MAX_LINKED_RINGS:
            raise TooLargeError(
                f"{rings} rings hang together in this structure; at most {MAX_LINKED_RINGS} that "
                "are fused, or that form a larger ring, are read"
            )


def read(smiles: str) -> Chem.Mol:
    """Parse with RDKit, or say why that fails."""
    check_rings(smiles)
    mol = Chem.MolFromSmiles(smiles)
    if mol is not None:
        return mol
    raw = Chem.MolFromSmiles(smiles, sanitize=False)
    if raw is None:
        raise InvalidSmilesError(
            "this is not a SMILES: check brackets, ring numbers and the spelling of elements"
        )
    for problem in Chem.DetectChemistryProblems(raw):
        if problem.GetType() == "AtomValenceException":
            atom = raw.GetAtomWithIdx(problem.GetAtomIdx())
            bonds = int(sum(bond.GetBondTypeAsDouble() for bond in atom.GetBonds()))
            bonds += atom.GetNumExplicitHs()
            raise InvalidSmilesError(
                f"atom {atom.GetIdx() + 1}, {atom.GetSymbol()}, has {bonds} bonds, too many for "
                f"its charge of {atom.GetFormalCharge():+d}; is a charge missing, as in [N+]?"
            )
    raise InvalidSmilesError(
        "an aromatic ring does not work out: is a hydrogen ([nH]) or a charge ([n+]) missing?"
    )


BOND_TYPES: Final = frozenset(
    [
        Chem.BondType.SINGLE,
        Chem.BondType.DOUBLE,
        Chem.BondType.TRIPLE,
        Chem.BondType.AROMATIC,
    ]
)


def atoms_of(mol: Chem.Mol) -> list[Chem.Atom]:
    """All atoms of a molecule."""
    # Several times faster than iterating over mol.GetAtoms(), which counts the atoms at each step.
    return [mol.GetAtomWithIdx(index) for index in range(mol.GetNumAtoms())]


def bonds_of(mol: Chem.Mol) -> list[Chem.Bond]:
    """All bonds of a molecule."""
    return [mol.GetBondWithIdx(index) for index in range(mol.GetNumBonds())]


# S(+)-O(-) is S=O and P(+)-O(-) is P=O; an N-oxide or an azide cannot be written so.
_DIPOLE: Final = Chem.MolFromSmarts("[P,S,Se;+,+2,+3]-[C,N,O,S,Se;-,-2]")
_IMIDAZOLINE: Final = Chem.MolFromSmarts("[N+;H1,H2;X4]1-[#6;X3]=[#6;X3]-[NX3]-[CX4;H2,H1]1")


def bare(mol: Chem.Mol) -> Chem.Mol:
    """Drop stereochemistry, isotopes, atom maps and explicit hydrogens, mend odd drawings."""
    atoms = atoms_of(mol)
    if any(atom.GetIsotope() or atom.GetAtomMapNum() for atom in atoms):
        for atom in atoms:
            atom.SetIsotope(0)
            atom.SetAtomMapNum(0)
        mol = Chem.RemoveHs(mol)
    Chem.RemoveStereochemistry(mol)
    return _mend(mol)


def _mend(mol: Chem.Mol) -> Chem.Mol:
    """Undo two drawing habits: bonds drawn as a pair of charges, and imidazolium as NH+ and CH2."""
    dipoles = mol.GetSubstructMatches(_DIPOLE)
    imidazolines = mol.GetSubstructMatches(_IMIDAZOLINE)
    if not dipoles and not imidazolines:
        return mol
    editable = Chem.RWMol(mol)
    for match in dipoles:
        plus, minus = (editable.GetAtomWithIdx(index) for index in match)
        if plus.GetFormalCharge() > 0 > minus.GetFormalCharge():
            editable.GetBondBetweenAtoms(*match).SetBondType(Chem.BondType.DOUBLE)
            plus.SetFormalCharge(plus.GetFormalCharge() - 1)
            minus.SetFormalCharge(minus.GetFormalCharge() + 1)
    for match in imidazolines:
        nitrogen, carbon = match[0], match[4]
        for index in (nitrogen, carbon):
            atom = editable.GetAtomWithIdx(index)
            hydrogens = atom.GetTotalNumHs() - 1
            atom.SetNoImplicit(what=True)
            atom.SetNumExplicitHs(hydrogens)
        editable.GetBondBetweenAtoms(nitrogen, carbon).SetBondType(Chem.BondType.DOUBLE)
    Chem.SanitizeMol(editable)
    return Chem.MolFromSmiles(Chem.MolToSmiles(editable))
