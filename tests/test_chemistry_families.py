"""Families of polymers and solvents, and which families ions have at all."""

import pytest

from core.chemistry import (
    ION_FAMILIES,
    canonical_ion,
    family,
    parse_polymer,
    parse_solvent,
    polymer_family,
    solvent_family,
)
from core.names import anions, cations, find_polymer, find_solvent, polymers, solvents
from core.simulated import simulated

POLYMERS = {
    "PS": "polystyrene",
    "PMMA": "polymethacrylate",
    "PMA": "polyacrylate",
    "PAN": "polyacrylonitrile",
    "PVAc": "poly(vinyl ester)",
    "PVA": "poly(vinyl alcohol)",
    "PVP": "poly(N-vinyl)",
    "PVC": "halogenated chain",
    "PE": "polyolefin",
    "PB": "polydiene",
    "PNIPAM": "polyacrylamide",
    "PEO": "polyether",
    "PET": "polyester",
    "nylon 6": "polyamide",
    "PC": "polycarbonate",
    "PHIC": "polyisocyanate",
    "Ultem": "polyimide",
    "Kapton polyimide": "polyimide",
    "PES": "polysulfone",
    "PDMS": "silicone or polysilane",
    "cellulose": "polysaccharide",
    "*OCCOC(=O)NCCNC(*)=O": "polyurethane or polyurea",
}
SOLVENTS = {
    "water": "water",
    "toluene": "aromatic hydrocarbon",
    "hexane": "alkane",
    "THF": "ether",
    "acetone": "ketone",
    "ethyl acetate": "ester",
    "methyl salicylate": "ester",
    "NMP": "amide",
    "DMSO": "sulfoxide or sulfone",
    "chloroform": "halogenated",
    "acetonitrile": "nitrile",
    "ethylene glycol": "alcohol",
    "acetic acid": "acid",
    "pyridine": "aromatic heterocycle",
    "carbon dioxide": "other",
    "sulfur dioxide": "other",
    "nitric acid": "acid",
    "nitromethane": "nitro",
    "diethyl sulfide": "sulfide or thiol",
    "CC(C)(C)OO": "other",  # a hydroperoxide, and no alkane
    "CCN=C=O": "other",
}


@pytest.mark.parametrize("name,family", POLYMERS.items())
def test_family_of_a_polymer(name: str, family: str) -> None:
    assert polymer_family(find_polymer(name)) == family


@pytest.mark.parametrize("name,family", SOLVENTS.items())
def test_family_of_a_solvent(name: str, family: str) -> None:
    assert solvent_family(find_solvent(name)) == family


def test_a_group_on_the_chain_is_told_from_one_in_it() -> None:
    assert polymer_family(parse_polymer("*CC(*)C(=O)OC")) == "polyacrylate"
    assert polymer_family(parse_polymer("*CCC(=O)O*")) == "polyester"


def test_few_known_molecules_have_no_family() -> None:
    found = [polymer_family(parse_polymer(entry.smiles)) for entry in polymers()]
    found += [solvent_family(parse_solvent(entry.smiles)) for entry in solvents()]
    assert found.count("other") < 0.01 * len(found)


def test_no_ion_is_of_a_family_that_is_not_listed() -> None:
    named = {ion.family for ion in (*cations(), *anions())}
    found = {family(canonical_ion(smiles)) for smiles in simulated("ions").smiles}
    assert named | found <= set(ION_FAMILIES)
    assert len(found) > 50
