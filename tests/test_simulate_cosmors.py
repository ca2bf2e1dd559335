"""COSMO-RS on a grid of segment types, and the tables it starts from."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from core.__main__ import main
from core.simulate import command, cosmors
from core.simulate import store as store_module
from core.simulate.command import export
from core.simulate.cosmors import CONTACT_AREA, GAS_CONSTANT, GRID, SegmentGrid, Solver
from core.simulate.molecule import Simulated
from core.simulate.pairs import PAIR_NAMES, chi_infinite_dilution, ion_pairs, pair_matrix
from core.simulate.programs import Programs
from core.simulate.store import Store
from core.simulate.surface import Surface
from core.simulate.table import table
from core.simulated import SimulatedTable, load, load_pairs, simulated

FloatArray = NDArray[np.float64]
FINE = SegmentGrid(np.linspace(-0.03, 0.03, 61), np.linspace(-0.015, 0.015, 31))


def surface(charge: int, seed: int, segments: int = 150, radius: float = 2.5) -> Surface:
    """A sphere of one atom whose screening charge varies smoothly, with a given sum."""
    generator = np.random.default_rng(seed)
    k = np.arange(segments) + 0.5
    polar, azimuth = np.arccos(1 - 2 * k / segments), np.pi * (1 + 5**0.5) * k
    unit = np.array(
        [np.cos(azimuth) * np.sin(polar), np.sin(azimuth) * np.sin(polar), np.cos(polar)]
    ).T
    wave = unit @ generator.normal(0, 0.006, 3) + 0.004 * np.cos(
        4 * unit @ generator.normal(0, 1, 3)
    )
    area = 4 * np.pi * radius**2
    charges = (wave - wave.mean()) * area / segments - charge / segments
    return Surface(
        elements=np.array([8], np.int16),
        atom_positions=np.zeros((1, 3)),
        radii=np.array([radius]),
        atom=np.zeros(segments, np.int32),
        positions=radius * unit,
        charge=charges,
        segment_area=np.full(segments, area / segments),
        potential=np.zeros(segments),
        area=area,
        volume=4 / 3 * np.pi * radius**3,
    )


def types(grid: SegmentGrid) -> tuple[FloatArray, FloatArray]:
    return np.repeat(grid.sigma, len(grid.orth)), np.tile(grid.orth, len(grid.sigma))


def interaction(sigma: FloatArray, orth: FloatArray, temperature_K: float) -> FloatArray:
    """The energy of every two segments in J/mol, written out segment by segment."""
    result = np.zeros((len(sigma), len(sigma)))
    growth = 1 - 1.5 + 1.5 * 298.15 / temperature_K
    for i, (s, o) in enumerate(zip(sigma, orth, strict=True)):
        for j, (t, p) in enumerate(zip(sigma, orth, strict=True)):
            misfit = 0.5 * 7.2847361e6 * 5.9248470 * (s + t) * (s + t + 2.4 * (o + p))
            low, high = min(s, t), max(s, t)
            bond = max(0.0, high - 9.6112460e-3) * min(0.0, low + 9.6112460e-3)
            result[i, j] = misfit + 4.3311555e7 * 5.9248470 * growth * bond
    return result


@pytest.mark.parametrize("charge", [-1, 0, 1])
def test_a_profile_keeps_area_and_means(charge: int) -> None:
    one = surface(charge, seed=1)
    sigma, orth = one.densities(charge)
    profile = GRID.profile(one, charge)
    by_sigma, by_orth = types(GRID)
    assert profile.shape == (GRID.size,)
    assert profile.min() >= 0
    assert profile.sum() == pytest.approx(one.area)
    assert profile @ by_sigma == pytest.approx(one.segment_area @ sigma, abs=1e-9)
    assert profile @ by_orth == pytest.approx(one.segment_area @ orth, abs=1e-9)
    half = np.arange(150) < 75
    both = GRID.profile(one, charge, half) + GRID.profile(one, charge, ~half)
    assert np.allclose(both, profile)


def test_segments_beyond_the_grid_count_at_its_edge() -> None:
    narrow = SegmentGrid(np.array([-0.001, 0.0, 0.001]), np.array([-0.001, 0.001]))
    profile = narrow.profile(surface(1, seed=2), 1)
    assert profile.sum() == pytest.approx(surface(1, seed=2).area)
    assert profile[:2].sum() > 0.5 * profile.sum()  # a cation has mostly negative sigma


@pytest.mark.parametrize("temperature_K", [298.15, 400.0])
def test_the_solver_finds_the_equilibrium(temperature_K: float) -> None:
    generator = np.random.default_rng(3)
    sigma, orth = generator.uniform(-0.025, 0.025, 40), generator.uniform(-0.004, 0.004, 40)
    areas = generator.uniform(0, 5, (7, 40)) * (generator.random((7, 40)) < 0.6)
    logs = Solver(sigma, orth, temperature_K).segment_logs(areas).astype(np.float64)
    weight = np.exp(-interaction(sigma, orth, temperature_K) / GAS_CONSTANT / temperature_K)
    fractions = areas / areas.sum(1, keepdims=True)
    gamma = np.exp(logs)
    # Every segment has a partner, also one that the medium has none of.
    assert np.allclose(gamma * ((fractions * gamma) @ weight), 1, atol=2e-4)


def test_ions_of_two_kinds_converge() -> None:
    """Donors and acceptors that touch only each other are the slow case of plain substitution."""
    grid = FINE
    cations = np.array([grid.profile(surface(1, seed), 1) for seed in range(60)])
    anions = np.array([grid.profile(surface(-1, 500 + seed), -1) for seed in range(60)])
    used = (cations + anions).max(0) > 0
    sigma, orth = (values[used] for values in types(grid))
    solver = Solver(sigma, orth)
    found = solver.equimolar(cations[:, used], anions[:, used])
    turned = solver.equimolar(anions[:, used], cations[:, used])
    assert found.potential.shape == (2, 60)
    assert np.isfinite(found.potential).all()
    assert np.allclose(found.potential, turned.potential[::-1], atol=20)  # J/mol
    assert np.allclose(found.misfit, turned.misfit[::-1], atol=20)
    assert (found.hydrogen_bond <= 0).all()
    assert ((found.own_contacts >= 0) & (found.own_contacts <= 1)).all()
    # The contacts between the two kinds are the same seen from either side.
    area = np.array([cations.sum(1), anions.sum(1)])
    across = area * (1 - found.own_contacts)
    assert np.allclose(across[0], across[1], rtol=1e-4)


def test_a_mixture_of_a_molecule_with_itself_is_the_pure_one() -> None:
    grid = FINE
    areas = np.array([grid.profile(surface(0, 4), 0)])
    solver = Solver(*types(grid))
    found = solver.equimolar(areas, areas)
    logs = solver.segment_logs(areas)
    expected = GAS_CONSTANT * 298.15 * (areas * logs).sum() / CONTACT_AREA
    assert found.potential.ravel() == pytest.approx([expected, expected], abs=1.0)
    assert found.own_contacts.ravel() == pytest.approx([0.5, 0.5], abs=1e-5)


def test_a_medium_without_surface_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cosmors, "_MOST_STEPS", 3)
    monkeypatch.setattr(cosmors, "_MOST_SUBSTITUTIONS", 3)
    with pytest.raises(RuntimeError, match="no equilibrium"):
        Solver(*types(FINE)).segment_logs(np.array([FINE.profile(surface(1, 5), 1)]))


def test_slow_and_sure_substitution_agrees_with_the_accelerated_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    areas = np.array([FINE.profile(surface(charge, 7), charge) for charge in (1, 0, -1)])
    solver = Solver(*types(FINE))
    expected = solver.segment_logs(areas)
    monkeypatch.setattr(cosmors, "_MOST_STEPS", 2)
    assert solver.segment_logs(areas) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("anion", ["[F-]", "[Cl-]", "[Br-]", "[I-]"])
def test_ammonium_halides_have_an_equilibrium(anion: str) -> None:
    # Hydrogen bonds are so strong there that the acceleration overshoots.
    ions = simulated("ions")
    found = ion_pairs(ions, np.array([ions.index["[NH4+]"]]), np.array([ions.index[anion]]))
    assert np.isfinite(found).all()


def made_table(charges: list[int], first_seed: int = 0) -> SimulatedTable:
    sigma, orth = types(FINE)
    surfaces = [surface(q, first_seed + seed) for seed, q in enumerate(charges)]
    areas = np.array([FINE.profile(s, q) for s, q in zip(surfaces, charges, strict=True)])
    # Some types that no molecule has stay in, as in the table of a grid.
    used = areas.any(0) | (np.arange(len(sigma)) % 50 == 0)
    return SimulatedTable(
        smiles=tuple(f"M{first_seed + k}" for k in range(len(charges))),
        charge=np.array(charges, np.int8),
        names=("area_A2", "lumo_eV"),
        values=np.array([[s.area, np.nan] for s in surfaces]),
        sigma=sigma[used],
        orth=orth[used],
        areas=areas[:, used].astype(np.float32),
        failures={"X": "time limit of 9 s"},
        about={"source": "sim:test"},
    )


def test_bonds_that_no_segment_could_make_do_not_count() -> None:
    # Beside hydroxide a type of segment that neither ion has would bond beyond all numbers.
    ions = simulated("ions")
    cation, anion = ions.index["CCN(C)C(N(C)C)=[N+](C)C"], ions.index["[OH-]"]
    found = ion_pairs(ions, np.array([cation]), np.array([anion]))
    assert np.isfinite(found).all()
    assert found[0, PAIR_NAMES.index("hydrogen_bond_kJ_mol")] <= 0.0


def test_a_table_survives_saving(tmp_path: Path) -> None:
    made = made_table([1, -1, 1])
    made.save(tmp_path / "t.npz")
    again = load(tmp_path / "t.npz")
    assert (again.smiles, again.names) == (made.smiles, made.names)
    assert again.charge.tolist() == [1, -1, 1]
    assert (dict(again.failures), again.about) == (dict(made.failures), dict(made.about))
    assert again.index["M2"] == 2
    assert np.allclose(again.column("area_A2"), made.column("area_A2"))
    assert np.isnan(again.column("lumo_eV")).all()
    # Areas are kept to 0.01 Å², and only the types that occur.
    assert len(again.sigma) < len(made.sigma)
    assert np.abs(again.areas.sum(1) - made.column("area_A2")).max() < 1.0
    assert np.allclose(again.areas @ again.sigma, made.areas @ made.sigma, atol=5e-3)
    assert list(tmp_path.iterdir()) == [tmp_path / "t.npz"]


def test_pairs_of_ions_follow_from_the_table(tmp_path: Path) -> None:
    made = made_table([1, -1, 1, -1, 1])
    cations, anions, matrix = pair_matrix(made, tmp_path)
    assert (cations.tolist(), anions.tolist()) == ([0, 2, 4], [1, 3])
    assert matrix.shape == (3, 2, len(PAIR_NAMES))
    one = ion_pairs(made, np.array([2]), np.array([3]))
    assert np.allclose(matrix[1, 1], one[0], rtol=2e-3, atol=0.02)  # half precision
    hot = ion_pairs(made, np.array([2]), np.array([3]), 400.0)
    assert not np.allclose(hot, one, rtol=0.01)
    # What was computed is read again.
    (kept,) = tmp_path.glob("pairs-*/0.npy")
    np.save(kept, np.load(kept) + np.float16(1))
    assert np.allclose(pair_matrix(made, tmp_path)[2], matrix + 1, rtol=2e-3)


def test_the_command_writes_all_pairs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = made_table([1, -1, 1])
    monkeypatch.setattr(command, "simulated", lambda kind: {"ions": made}[kind])
    monkeypatch.setattr(command, "TABLES", tmp_path)
    assert main(["simulate", "pairs", "--runs", str(tmp_path)]) == 0
    path = tmp_path / "simulated_pairs.npz"
    assert capsys.readouterr().out == f"{path}\n"
    found = load_pairs(path)
    assert (found.cations, found.anions, found.names) == (("M0", "M2"), ("M1",), PAIR_NAMES)
    expected = ion_pairs(made, np.array([2]), np.array([1]))
    assert np.allclose(found.values(np.array([1]), np.array([0])), expected, rtol=5e-3, atol=0.05)


def test_chi_of_a_solvent_in_itself_is_the_entropic_part() -> None:
    solvents = made_table([0, 0, 0], first_seed=20)
    chi = chi_infinite_dilution(solvents, solvents, 298.15)
    assert chi.shape == (3, 3)
    assert np.allclose(np.diag(chi), 0.34, atol=1e-3)


def test_results_become_a_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "data" / "ionic_liquids"
    folder.mkdir(parents=True)
    lines = ["ion_smiles,charge,n_ionic_liquids", "C[NH3+],1,1", "[Cl-],-1,1", "[Br-],-1,1"]
    (folder / "ions.csv").write_text("\n".join(lines))
    monkeypatch.setenv("SOLVARIUM_DATA", str(tmp_path / "data"))
    names = [
        "xtb_energy_eV", "xtb_gas_energy_eV", "xtb_solvation_eV", "homo_eV", "lumo_eV",
        "gas_homo_eV", "gas_lumo_eV", "polarisability_A3", "dispersion_c6_au", "dipole_D",
        "gas_dipole_D", "pm7_heat_of_formation_eV", "pm7_gas_heat_of_formation_eV",
        "pm7_dielectric_energy_eV",
    ]  # fmt: skip
    numbers: dict[str, float | None] = {name: float(k) for k, name in enumerate(names)}
    numbers["lumo_eV"] = None

    def fake(smiles: str, *_: object) -> Simulated:
        if smiles == "[Br-]":
            raise RuntimeError("no")
        charge = 1 if "+" in smiles else -1
        return Simulated(charge, 1, 1, numbers, surface(charge, 1), np.zeros(1))

    monkeypatch.setattr(store_module, "simulate", fake)
    store = Store(tmp_path / "runs")
    programs = Programs("", "", {"xtb": "1", "mopac": "2"})
    with pytest.raises(ValueError, match="simulate them first"):
        table("ions", store)
    for smiles in ("C[NH3+]", "[Cl-]", "[Br-]"):
        store.compute(smiles, programs, 9)
    assert export("ions", runs=store.folder, folder=tmp_path) == [tmp_path / "simulated_ions.npz"]
    made = load(tmp_path / "simulated_ions.npz")
    assert made.smiles == ("[Cl-]", "C[NH3+]")
    assert made.charge.tolist() == [-1, 1]
    assert dict(made.failures) == {"[Br-]": "RuntimeError: no"}
    assert made.about["programs"]["mopac"] == "2"
    assert np.allclose(made.areas.sum(1), surface(1, 1).area, rtol=0.01)
    assert made.column("xtb_transfer_eV").tolist() == [-1.0, -1.0]
    assert np.isnan(made.column("lumo_eV")).all()


def opencosmors(
    surfaces: list[tuple[Surface, int]],
    folder: Path,
    x: list[float],
    temperature_K: float,
    ref: str,
) -> dict[str, FloatArray]:
    """What openCOSMO-RS 24a makes of a mixture: activity coefficients and mean energies."""
    opencosmorspy = pytest.importorskip("opencosmorspy")
    from opencosmorspy.parameterization import openCOSMORS24a

    parameters = openCOSMORS24a()
    parameters.calculate_contact_statistics_molecule_properties = True
    parameters.cosmospace_conv_thresh = 1e-8
    model = opencosmorspy.COSMORS(parameters)
    for number, (one, charge) in enumerate(surfaces):
        path = folder / f"{number}.cosmo"
        path.write_text(turbomole(one, charge))
        model.add_molecule([str(path)])
    model.add_job(np.array(x), temperature_K, refst=ref)
    found = model.calculate()["enth"]
    return {name: np.array(found[name][0], float) for name in ("lng", "aim_A_mf", "aim_A_hb")}


@pytest.mark.filterwarnings("ignore")
def test_pairs_are_those_of_opencosmors(tmp_path: Path) -> None:
    surfaces = [(surface(1, 31), 1), (surface(-1, 32, radius=2.2), -1)]
    expected = opencosmors(surfaces, tmp_path, [0.5, 0.5], 298.15, "cosmo")
    # On the same grid the two programs solve the same equations.
    found = Solver(*types(FINE)).equimolar(*(FINE.profile(s, q)[None] for s, q in surfaces))
    logs = found.potential[:, 0] / GAS_CONSTANT / 298.15
    assert logs == pytest.approx(expected["lng"], abs=5e-3)
    assert found.misfit[:, 0] == pytest.approx(expected["aim_A_mf"], rel=1e-3)
    assert found.hydrogen_bond[:, 0] == pytest.approx(expected["aim_A_hb"], rel=1e-3, abs=1)
    assert abs(found.hydrogen_bond).min() > 100


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("temperature_K", [298.15, 380.0])
def test_chi_is_that_of_opencosmors(temperature_K: float, tmp_path: Path) -> None:
    solvents, polymers = made_table([0, 0], first_seed=40), made_table([0], first_seed=43)
    chi = chi_infinite_dilution(polymers, solvents, temperature_K)
    assert chi.shape == (1, 2)
    pair = [(surface(0, 41), 0), (surface(0, 43), 0)]
    expected = opencosmors(pair, tmp_path, [0.0, 1.0], temperature_K, "pure_component")
    assert chi[0, 1] - 0.34 == pytest.approx(expected["lng"][0], abs=2e-3)
    assert abs(expected["lng"][0]) > 0.02


def turbomole(one: Surface, charge: int) -> str:
    """A surface in the form that openCOSMO-RS reads, lengths in bohr."""
    bohr = 0.52917721092
    raw = one.charge - (charge + one.charge.sum()) * one.segment_area / one.segment_area.sum()
    lines = ["$info", "prog.: test;test;test", "$cosmo_data", f"  area={one.area / bohr**2:.8f}"]
    lines += [f"  volume={one.volume / bohr**3:.8f}", "$coord_rad", "#atom"]
    lines += ["1 0.0 0.0 0.0 o 2.0", "$cosmo_energy", "$segment_information", "#"]
    for k, (position, q, area) in enumerate(zip(one.positions, raw, one.segment_area, strict=True)):
        x, y, z = position / bohr
        lines.append(f"{k + 1} 1 {x:.8f} {y:.8f} {z:.8f} {q:.10f} {area:.10f} {q / area:.12f} 0.0")
    return "\n".join([*lines, ""])
