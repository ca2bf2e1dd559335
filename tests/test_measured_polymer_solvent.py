"""What was measured of polymers in solvents, read from a small folder made up for the test."""

import math
from pathlib import Path

import numpy as np
import pytest

from core.chemistry import Polymer, Solvent, parse_polymer, parse_solvent
from core.measured import (
    DataMissingError,
    chi_points,
    data_folder,
    hansen,
    labels,
    nearest_chi,
)

PS = parse_polymer("*CC(*)c1ccccc1")
PMMA = parse_polymer("*CC(*)(C)C(=O)OC")
TOLUENE = parse_solvent("Cc1ccccc1")
WATER = parse_solvent("O")

CHI = """polymer_smiles,solvent_smiles,temperature_K,volume_fraction,chi,reference
*CC(*)c1ccccc1,Cc1ccccc1,310.0,,0.42,third
*C(C*)c1ccccc1,Cc1ccccc1,298.15,0.2,0.40,"first, with a comma"
*CC(*)c1ccccc1,Cc1ccccc1,298.15,1.0,0.41,second
*CC(*)c1ccccc1,CCc1ccccc1,300.0,0.0,0.39,neighbour
*CC(*)c1ccccc1,CCCCCC,300.0,0.0,1.2,stranger
*CC(*)c1ccc(C)cc1,Cc1ccccc1,300.0,0.0,0.38,relative
*O[Si](*)(C)C,Cc1ccccc1,300.0,0.0,0.7,distant
*CC(*)(C)C(=O)OC,CC(C)=O,300.0,0.0,0.5,unrelated
*CC*,[Sc],300.0,0.0,0.5,refused by the gate
"""
LABELS = """polymer_smiles,solvent_smiles,soluble,temperature_K,label_basis,source
*CC(*)c1ccccc1,Cc1ccccc1,1,,handbook,a
*CC(*)c1ccccc1,Cc1ccccc1,0,298.15,turbidity,b
,Cc1ccccc1,1,,handbook,a copolymer
"""
HANSEN = """kind,name,smiles,dD,dP,dH,R0,source
polymer,PS,*CC(*)c1ccccc1,18.5,4.5,2.9,5.3,table
polymer,trade name,,16.0,1.0,1.0,4.0,table
solvent,toluene,Cc1ccccc1,18.0,1.4,2.0,,table
solvent,toluene,Cc1ccccc1,18.0,,2.0,,incomplete
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    base = tmp_path / "polymer_solvent"
    base.mkdir()
    tables = {"chi_experimental": CHI, "solubility_labels": LABELS, "hansen_parameters": HANSEN}
    for name, text in tables.items():
        (base / f"{name}.csv").write_text(text, encoding="utf-8")
    monkeypatch.setenv("SOLVARIUM_DATA", str(tmp_path))
    return base


@pytest.mark.usefixtures("folder")
def test_chi_of_a_pair_is_sorted_by_temperature() -> None:
    found = chi_points(PS, TOLUENE)
    assert len(found) == 3
    assert found.temperature_K.tolist() == [298.15, 298.15, 310.0]
    assert found.chi.tolist() == [0.40, 0.41, 0.42]
    assert found.volume_fraction[:2].tolist() == [0.2, 1.0]
    assert np.isnan(found.volume_fraction[2])
    assert found.reference == ("first, with a comma", "second", "third")
    nothing = chi_points(PS, WATER)
    assert len(nothing) == 0
    assert nothing.chi.shape == nothing.temperature_K.shape == nothing.volume_fraction.shape == (0,)


@pytest.mark.usefixtures("folder")
def test_nearest_pairs_share_the_polymer_or_the_solvent() -> None:
    near = nearest_chi(PS, TOLUENE, n=10)
    pairs = [(pair.polymer_smiles, pair.solvent_smiles) for pair in near]
    assert (PS.smiles, TOLUENE.smiles) not in pairs
    assert set(pairs[:2]) == {
        (PS.smiles, "CCc1ccccc1"),
        ("*CC(*)c1ccc(C)cc1", TOLUENE.smiles),
    }
    assert set(pairs[2:]) == {(PS.smiles, "CCCCCC"), ("*O[Si](*)(C)C", TOLUENE.smiles)}
    similarity = [pair.similarity for pair in near]
    assert similarity == sorted(similarity, reverse=True)
    assert all(0.0 <= value <= 1.0 for value in similarity)
    assert near[pairs.index((PS.smiles, "CCCCCC"))].points.chi.tolist() == [1.2]
    assert nearest_chi(PS, TOLUENE, n=2) == near[:2]
    assert nearest_chi(PMMA, WATER)[0].solvent_smiles == "CC(C)=O"


@pytest.mark.usefixtures("folder")
def test_labels_keep_their_basis_and_their_contradictions() -> None:
    handbook, turbidity = labels(PS, TOLUENE)
    assert (handbook.soluble, handbook.basis, handbook.source) == (True, "handbook", "a")
    assert math.isnan(handbook.temperature_K)
    assert (turbidity.soluble, turbidity.basis, turbidity.temperature_K) == (
        False,
        "turbidity",
        298.15,
    )
    assert labels(PMMA, TOLUENE) == ()


@pytest.mark.usefixtures("folder")
def test_hansen_parameters_of_polymers_have_a_radius() -> None:
    (polystyrene,) = hansen(PS)
    assert (polystyrene.dispersion, polystyrene.polar, polystyrene.hydrogen) == (18.5, 4.5, 2.9)
    assert polystyrene.radius == 5.3
    (toluene,) = hansen(TOLUENE)
    assert (toluene.name, toluene.dispersion) == ("toluene", 18.0)
    assert math.isnan(toluene.radius)
    assert hansen(WATER) == hansen(PMMA) == ()


def nothing_is_found(polymer: Polymer, solvent: Solvent) -> bool:
    found = (chi_points, nearest_chi, labels)
    return all(len(read(polymer, solvent)) == 0 for read in found) and hansen(polymer) == ()


def test_without_the_folder_nothing_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOLVARIUM_DATA", str(tmp_path / "nowhere"))
    assert nothing_is_found(PS, TOLUENE)
    with pytest.raises(DataMissingError, match=r"'polymer_solvent'.*SOLVARIUM_DATA"):
        data_folder("polymer_solvent")


def test_without_a_table_nothing_is_found(folder: Path) -> None:
    for table in folder.iterdir():
        table.unlink()
    assert data_folder("polymer_solvent") == folder.parent
    assert nothing_is_found(PS, TOLUENE)
