"""Simulations: from a SMILES to a surface, kept on disk. Only a slow test needs xtb and MOPAC."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from rdkit import Chem

from core.__main__ import main
from core.chemistry import parse_polymer
from core.simulate import store as store_module
from core.simulate.molecule import Settings, Simulated, simulate
from core.simulate.programs import (
    Deadline,
    Electrons,
    ProgramError,
    ProgramMissingError,
    Programs,
    find_programs,
    read_cos,
)
from core.simulate.store import Store, run
from core.simulate.subjects import INNER, ions, oligomer
from core.simulate.surface import Surface

FloatArray = NDArray[np.float64]

PROGRAMS = Programs("xtb", "mopac", {"xtb": "0", "mopac": "0"})

COS = """
          FINAL HEAT OF FORMATION =       -141.49008 KCAL/MOL =   -591.99449 KJ/MOL
          DIELECTRIC ENERGY       =         -3.53962 EV
          COSMO AREA              =         52.81 SQUARE ANGSTROMS
          COSMO VOLUME            =         36.09 CUBIC ANGSTROMS
          ATOMIC DATA
   NR. ELEM.                 COORDINATES               RADIUS    COSMO-CHARGE   AREA        SIGMA
    1   17        0.000000    0.500000    0.000000    2.050000    1.007832   52.810173    0.019084

           SEGMENT DATA: NPS=       2
 NR. ATOM ELEM.          COORDINATES (X, Y, Z)     COSMO-CHARGE       AREA        SIGMA   POTENTIAL
    1    1   17   -1.107620    0.000000    1.725016    0.011025    0.655067    0.016831   -0.487826
    2    1   17    1.107620   -0.250000   -1.725016    0.012025    0.755067    0.015926   -0.487827

          WALL-CLOCK TIME         =      0.020 SECONDS
"""


def sphere(charge: int, segments: int = 200, radius: float = 2.0) -> Surface:
    """An atom of chlorine whose screening charge is spread evenly but for a known lack."""
    k = np.arange(segments) + 0.5
    polar, azimuth = np.arccos(1 - 2 * k / segments), np.pi * (1 + 5**0.5) * k
    unit = [np.cos(azimuth) * np.sin(polar), np.sin(azimuth) * np.sin(polar), np.cos(polar)]
    area = 4 * np.pi * radius**2
    return Surface(
        elements=np.array([17], np.int16),
        atom_positions=np.zeros((1, 3)),
        radii=np.array([radius]),
        atom=np.zeros(segments, np.int32),
        positions=radius * np.array(unit).T,
        charge=np.full(segments, (-charge + 0.01) / segments),
        segment_area=np.full(segments, area / segments),
        potential=np.zeros(segments),
        area=area,
        volume=4 / 3 * np.pi * radius**3,
    )


class FakePrograms(Programs):
    """Answers at once; geometries come back scaled by a factor. ``seen`` tells what was asked."""

    def __init__(self, scale: float = 1.0) -> None:
        super().__init__("xtb", "mopac", {"xtb": "0", "mopac": "0"})
        self.__dict__["scale"] = scale
        self.__dict__["seen"] = []

    def optimise(
        self, symbols: list[str], positions: FloatArray, charge: int, solvent: str, limit: Deadline
    ) -> tuple[FloatArray, Electrons]:
        electrons = self.electrons(symbols, positions, charge, solvent, limit)
        scale: float = self.__dict__["scale"]
        return positions * scale, electrons

    def electrons(
        self,
        symbols: list[str],
        positions: FloatArray,
        charge: int,
        solvent: str | None,
        limit: Deadline,
    ) -> Electrons:
        limit.left()
        self.__dict__["seen"].append((solvent, charge, positions))
        charges = np.full(len(symbols), charge / len(symbols))
        return Electrons(-1.0, -0.1, -9.0, None, 20.0, 30.0, charges, np.zeros((len(symbols), 3)))

    def conductor(
        self, symbols: list[str], positions: FloatArray, charge: int, limit: Deadline
    ) -> tuple[Surface, dict[str, float | None]]:
        limit.left()
        assert positions.shape == (len(symbols), 3)
        return sphere(charge), {
            "pm7_heat_of_formation_eV": -3.0,
            "pm7_gas_heat_of_formation_eV": -1.0,
            "pm7_dielectric_energy_eV": -2.0,
        }


def test_a_surface_is_read_as_mopac_writes_it() -> None:
    surface = read_cos(COS)
    assert (surface.area, surface.volume) == (52.81, 36.09)
    assert surface.elements.tolist() == [17]
    assert surface.atom_positions.tolist() == [[0.0, 0.5, 0.0]]
    assert surface.atom.tolist() == [0, 0]
    assert surface.positions[1].tolist() == [1.10762, -0.25, -1.725016]
    assert surface.charge.tolist() == [0.011025, 0.012025]
    assert surface.segment_area.tolist() == [0.655067, 0.755067]
    assert surface.potential.tolist() == [-0.487826, -0.487827]


@pytest.mark.parametrize(
    "text", ["", COS.partition("SEGMENT DATA")[0], COS.replace("COSMO AREA", "")]
)
def test_a_damaged_surface_is_refused(text: str) -> None:
    with pytest.raises(ProgramError):
        read_cos(text)


def test_a_surface_survives_saving(tmp_path: Path) -> None:
    surface = read_cos(COS)
    surface.save(tmp_path / "surface.npz")
    again = Surface.load(tmp_path / "surface.npz")
    assert (again.area, again.volume) == (surface.area, surface.volume)
    for name in ("elements", "atom_positions", "atom", "positions", "charge", "potential"):
        assert np.allclose(getattr(again, name), getattr(surface, name), rtol=1e-6), name


@pytest.mark.parametrize("charge", [-1, 0, 1])
def test_an_even_sphere_has_one_charge_density(charge: int) -> None:
    surface = sphere(charge)
    sigma, orth = surface.densities(charge)
    assert np.allclose(sigma, -charge / surface.area, atol=1e-12)
    assert np.allclose(orth, 0.184 * sigma, atol=1e-12)
    found = surface.descriptors(charge)
    density = 100 * charge / surface.area
    assert found["sigma_moment_2"] == pytest.approx(surface.area * density**2)
    assert found["sigma_moment_3"] == pytest.approx(-surface.area * density**3)
    assert found["sphericity"] == pytest.approx(1.0)
    assert found["gyration_radius_A"] == 0.0
    donor, acceptor = found["donor_moment_2"], found["acceptor_moment_2"]
    excess = surface.area * (abs(density) - 1.0)
    assert (donor, acceptor) == pytest.approx(
        (excess if charge > 0 else 0, excess if charge < 0 else 0)
    )


def test_a_molecule_goes_through_all_steps() -> None:
    programs = FakePrograms()
    result = simulate("CC(=O)[O-]", programs, Settings(), Deadline(60))
    assert (result.charge, result.atoms) == (-1, 7)
    assert result.numbers["xtb_energy_eV"] == pytest.approx(-27.2114, abs=1e-4)
    assert result.numbers["lumo_eV"] is None
    assert result.numbers["polarisability_A3"] == pytest.approx(20 * 0.148185, rel=1e-5)
    assert result.partial_charges.sum() == pytest.approx(-1)
    asked = [(solvent, charge) for solvent, charge, _ in programs.__dict__["seen"]]
    assert asked[-1] == (None, -1)  # the last one is the gas phase
    assert set(asked[:-1]) == {("acetonitrile", -1)}


def test_a_geometry_with_other_bonds_is_refused() -> None:
    with pytest.raises(ProgramError, match="other bonds"):
        simulate("CC(=O)[O-]", FakePrograms(1.6), Settings(), Deadline(60))


def test_ligands_of_hypervalent_atoms_keep_apart() -> None:
    programs = FakePrograms()
    simulate("F[P-](F)(F)(F)(F)F", programs, Settings(), Deadline(60))
    _, _, positions = programs.__dict__["seen"][0]
    fluorine = positions[[0, 2, 3, 4, 5, 6]]
    distance = np.linalg.norm(fluorine[:, None] - fluorine[None], axis=-1)
    assert distance[~np.eye(6, dtype=bool)].min() > 1.9  # 1.41 bonds of 1.6 Å make 2.26


@pytest.mark.parametrize(
    "smiles,reason",
    [("Cl[Fe-](Cl)(Cl)Cl", "odd number of electrons"), ("C[CH2]", "odd number of electrons")],
)
def test_what_cannot_be_simulated_says_why(smiles: str, reason: str) -> None:
    with pytest.raises(ProgramError, match=reason):
        simulate(smiles, FakePrograms(), Settings(), Deadline(60))


def test_time_runs_out() -> None:
    with pytest.raises(ProgramError, match="time limit of 0 s"):
        simulate("CO", FakePrograms(), Settings(), Deadline(0))


def result_of(smiles: str) -> Simulated:
    numbers: dict[str, float | None] = {"lumo_eV": None}
    return Simulated(-1, len(smiles), 1, numbers, sphere(-1), np.array([-1.0]))


def test_a_run_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []
    failing = {"B"}

    def fake(smiles: str, *_: object) -> Simulated:
        tried.append(smiles)
        if smiles in failing:
            raise ProgramError("no luck")
        return result_of(smiles)

    monkeypatch.setattr(store_module, "simulate", fake)
    store = Store(tmp_path)
    first = run(store, ["A", "B"], PROGRAMS, jobs=1, seconds=9)
    assert (first.done, dict(first.failures)) == (1, {"no luck": 1})
    second = run(store, ["A", "B", "C"], PROGRAMS, jobs=2, seconds=9)
    assert (second.done, dict(second.failures)) == (2, {"no luck": 1})
    assert tried == ["A", "B", "C"]
    failing.clear()
    third = run(store, ["A", "B", "C"], PROGRAMS, jobs=1, seconds=9, again=True)
    assert (third.done, tried) == (3, ["A", "B", "C", "B"])
    assert [smiles for smiles, _ in store.done(["C", "X", "A"])] == ["C", "A"]
    # Nothing half finished stays behind, and the names do not depend on the process.
    assert not list(tmp_path.rglob("*.part"))
    assert store.path("A").name == (
        "559aead08264d5795d3909718cdd05abd49572e84fe55590eef31a88a08fdffd"
    )


def test_a_result_tells_how_it_was_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "simulate", lambda smiles, *_: result_of(smiles))
    store = Store(tmp_path)
    store.compute("A", PROGRAMS, 9)
    record = store.record("A")
    assert record is not None
    assert record["failure"] is None
    assert record["settings"]["solvent"] == "acetonitrile"
    assert record["programs"].keys() == {"xtb", "mopac", "rdkit"}
    assert store.surface("A").area == pytest.approx(sphere(-1).area)
    assert store.partial_charges("A").tolist() == [-1.0]
    # Other settings, or a damaged file, are as good as no result.
    assert Store(tmp_path, Settings(seed=8)).record("A") is None
    (store.path("A") / "result.json").write_text("{")
    assert store.record("A") is None


def test_what_rdkit_raises_is_a_failure_with_a_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> Simulated:
        raise RuntimeError("Pre-condition Violation")

    monkeypatch.setattr(store_module, "simulate", fails)
    record = Store(tmp_path).compute("A", PROGRAMS, 9)
    assert record["failure"] == "RuntimeError: Pre-condition Violation"


def test_missing_programs_are_named_with_the_way_to_get_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ProgramMissingError, match="apt install xtb mopac"):
        find_programs()
    assert main(["simulate", "ions", "--runs", str(tmp_path)]) == 2
    assert capsys.readouterr().err == (
        "error: xtb and mopac cannot be found; simulations need both xtb and MOPAC, on Debian and "
        "Ubuntu: apt install xtb mopac\n"
    )


def test_ions_come_in_the_order_of_their_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "ionic_liquids"
    folder.mkdir()
    rows = ["CC[NH3+],1,0", "[Cl-],-1,0", "CCCC[NH3+],1,2", "O=S(=O)([O-])[O-],-2,9", "C[NH3+],1,1"]
    text = "\n".join(
        ["ion_smiles,charge,n_ionic_liquids", *rows, "[H]C([H])([H])[N+]([H])([H])[H],1,0"]
    )
    (folder / "ions.csv").write_text(text)
    monkeypatch.setenv("SOLVARIUM_DATA", str(tmp_path))
    assert ions() == ["C[NH3+]", "CCCC[NH3+]", "[Cl-]", "CC[NH3+]"]


@pytest.mark.parametrize(
    "unit",
    [
        "*CC*",
        "*CC(*)c1ccccc1",
        "*CCO*",
        "*c1ccc(*)cc1",
        "*C=C*",
        "*OC(=O)Oc1ccc(cc1)C(C)(C)c1ccc(*)cc1",
    ],
)
def test_an_oligomer_has_three_units_and_marks_the_inner_one(unit: str) -> None:
    polymer = parse_polymer(unit)
    whole = Chem.MolFromSmiles(oligomer(polymer.smiles))
    size = Chem.MolFromSmiles(polymer.smiles).GetNumAtoms() - 2
    assert whole.GetNumAtoms() == 3 * size + 2
    assert not any(atom.GetAtomicNum() == 0 for atom in whole.GetAtoms())
    inner = [atom.GetIdx() for atom in whole.GetAtoms() if atom.GetAtomMapNum() == INNER]
    assert len(inner) == size
    # The inner unit hangs on the others by two bonds, and cut out it is the unit again.
    bonds = [
        bond.GetIdx()
        for bond in whole.GetBonds()
        if (bond.GetBeginAtomIdx() in inner) != (bond.GetEndAtomIdx() in inner)
    ]
    assert len(bonds) == 2
    pieces = Chem.FragmentOnBonds(whole, bonds, dummyLabels=[(0, 0), (0, 0)])
    middle = next(
        piece
        for piece in Chem.GetMolFrags(pieces, asMols=True)
        if any(atom.GetAtomMapNum() == INNER for atom in piece.GetAtoms())
    )
    for atom in middle.GetAtoms():
        atom.SetAtomMapNum(0)
    assert parse_polymer(Chem.MolToSmiles(middle)).smiles == polymer.smiles


@pytest.mark.slow
@pytest.mark.skipif(
    not (shutil.which("xtb") and shutil.which("mopac")), reason="needs the programs xtb and MOPAC"
)
@pytest.mark.parametrize("smiles", ["CC(=O)[O-]", "F[P-](F)(F)(F)(F)F", "CCn1cc[n+](C)c1"])
def test_ions_come_out_as_in_the_table(smiles: str, tmp_path: Path) -> None:
    from core.simulated import simulated

    store = Store(tmp_path)
    record = store.compute(smiles, find_programs(), 300)
    assert record["failure"] is None
    known = simulated("ions")
    row = known.index[smiles]
    assert record["area_A2"] == pytest.approx(known.column("area_A2")[row], rel=0.01)
    assert record["volume_A3"] == pytest.approx(known.column("volume_A3")[row], rel=0.01)
    found = store.surface(smiles).descriptors(record["charge"])
    for name, tolerance in (("sigma_moment_2", 0.02), ("sigma_moment_3", 0.03)):
        assert found[name] == pytest.approx(known.column(name)[row], rel=tolerance)
    assert record["numbers"]["homo_eV"] == pytest.approx(known.column("homo_eV")[row], abs=0.05)
