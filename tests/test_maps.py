"""Maps of molecules: main axes, projection, neighbours, and the values they are coloured by."""

import numpy as np
import pytest

from core.chemistry import combine, parse_ion, parse_polymer, parse_solvent
from core.maps import IonMap, Map, MoleculeMap, Plane
from core.predict import IonicLiquidPredictor, MiscibilityPredictor
from core.properties import PROPERTIES

BMIM = "CCCCn1cc[n+](C)c1"
TF2N = "O=S(=O)([N-]S(=O)(=O)C(F)(F)F)C(F)(F)F"
PS, TOLUENE = "*CC(*)c1ccccc1", "Cc1ccccc1"
NEW = {
    "cation": "CCCCCCCOCCn1cc[n+](CCCC(C)C)c1",
    "anion": "O=C([O-])CC(CC)c1ccc(OCCC)cc1",
    "polymer": "*CC(*)C(=O)OCCCOCC",
    "solvent": "CCOCCCOC(=O)CC",
}
PARTNER = {"cation": TF2N, "anion": BMIM, "polymer": TOLUENE, "solvent": PS}
KNOWN = {"cation": BMIM, "anion": TF2N, "polymer": PS, "solvent": TOLUENE}


@pytest.fixture(scope="module")
def liquids() -> IonicLiquidPredictor:
    return IonicLiquidPredictor.load()


@pytest.fixture(scope="module")
def mixtures() -> MiscibilityPredictor:
    return MiscibilityPredictor.load()


@pytest.fixture(scope="module")
def maps(liquids: IonicLiquidPredictor, mixtures: MiscibilityPredictor) -> dict[str, Map]:
    return {
        "cation": IonMap(liquids, "cation"),
        "anion": IonMap(liquids, "anion"),
        "polymer": MoleculeMap(mixtures, "polymer"),
        "solvent": MoleculeMap(mixtures, "solvent"),
    }


# ------------------------------------------------------------------------------------- main axes


def random_vectors() -> np.ndarray:
    """Three networks of very different size, whose vectors vary along few directions."""
    generator = np.random.default_rng(3)
    hidden = generator.gamma(2.0, size=(200, 4)) * [3.0, 2.0, 1.0, 0.5]
    mixed = np.einsum("nh,khd->nkd", hidden, generator.normal(size=(3, 4, 6)))
    noise = 0.1 * generator.normal(size=mixed.shape)
    return (mixed + noise) * [[1.0], [20.0], [0.01]] + generator.normal(size=(3, 6))


def test_the_axes_are_those_of_a_singular_value_decomposition() -> None:
    vectors = random_vectors()
    plane = Plane.of(vectors)
    common = plane.common(vectors)
    left, singular, right = np.linalg.svd(common - common.mean(axis=0), full_matrices=False)
    shares = singular**2 / np.sum(singular**2)
    assert plane.explained == pytest.approx(shares[:2])
    assert np.abs(plane.axes @ right[:2].T) == pytest.approx(np.eye(2), abs=1e-6)
    places = plane.project(common)
    assert np.abs(places) == pytest.approx(np.abs(left[:, :2] * singular[:2]), abs=1e-8)
    assert (np.sum(places**3, axis=0) > 0.0).all()


def test_every_network_has_the_same_say_and_two_molecules_are_one_apart() -> None:
    vectors = random_vectors()
    common = Plane.of(vectors).common(vectors)
    apart = common[:, None] - common
    assert np.mean(np.sum(apart**2, axis=2)) == pytest.approx(1.0)
    by_network = np.square(common.reshape(200, 3, 6)).sum(axis=(0, 2))
    assert by_network == pytest.approx(by_network.mean())


def test_what_is_lifted_from_the_map_falls_back_on_its_place() -> None:
    plane = Plane.of(random_vectors())
    places = np.array([[0.3, -0.2], [0.0, 0.0], [-1.0, 0.5]])
    assert plane.project(plane.common(plane.lift(places))) == pytest.approx(places)
    assert plane.lift(places)[1] == pytest.approx(plane.center)


# ------------------------------------------------------------------------------------------ maps


@pytest.mark.parametrize("kind", PARTNER)
def test_a_known_molecule_read_anew_lies_on_its_point(maps: dict[str, Map], kind: str) -> None:
    own = maps[kind]
    i = own.index[KNOWN[kind]]
    anew = own.plane.common(own._learned(KNOWN[kind]))  # noqa: SLF001
    assert own.plane.project(anew)[0] == pytest.approx(own.places[i], abs=1e-5)
    spot = own.locate(KNOWN[kind])
    assert spot.entry is own.entries[i]
    assert spot.place == pytest.approx(own.places[i])


@pytest.mark.parametrize("kind", PARTNER)
def test_neighbours_are_those_of_brute_force(maps: dict[str, Map], kind: str) -> None:
    own = maps[kind]
    for smiles in (KNOWN[kind], NEW[kind]):
        spot = own.locate(smiles)
        distances = sorted(
            (float(np.sqrt(np.sum((vector - spot.vector) ** 2))), entry.smiles)
            for entry, vector in zip(own.entries, own.vectors, strict=True)
            if entry.smiles != smiles
        )
        found = own.nearest(spot, 7)
        assert [own.entries[i].smiles for i, _ in found] == [name for _, name in distances[:7]]
        assert [distance for _, distance in found] == pytest.approx([d for d, _ in distances[:7]])


@pytest.mark.parametrize("kind", PARTNER)
def test_a_new_molecule_has_a_place_among_its_like(maps: dict[str, Map], kind: str) -> None:
    own = maps[kind]
    spot = own.locate(NEW[kind])
    assert NEW[kind] not in own.index
    assert spot.entry.measured == 0
    near = [own.entries[i].family for i, _ in own.nearest(spot, 8)]
    assert near.count(spot.entry.family) >= 4, (spot.entry, near)
    assert own.nearest(spot, 1)[0][1] < 0.8


@pytest.mark.parametrize("kind", PARTNER)
def test_the_axes_say_something_and_every_molecule_is_described(
    maps: dict[str, Map], kind: str
) -> None:
    own = maps[kind]
    assert 0.25 < own.plane.explained.sum() < 0.9
    assert own.plane.explained[0] > own.plane.explained[1]
    assert len(own.index) == len(own.entries) == len(own.places)
    assert all(entry.family for entry in own.entries)
    assert sum(entry.measured > 0 for entry in own.entries) > 150
    assert own.entries[own.index[KNOWN[kind]]].measured > 20
    assert own.entries[own.index[KNOWN[kind]]].name


def test_chemistry_is_seen(maps: dict[str, Map]) -> None:
    def near(kind: str, smiles: str) -> set[str]:
        own = maps[kind]
        return {own.entries[i].smiles for i, _ in own.nearest(own.locate(smiles), 6)}

    assert near("cation", BMIM) & {"CCCCCn1cc[n+](C)c1", "CCC[n+]1ccn(C)c1"}
    assert near("solvent", TOLUENE) & {"Cc1ccc(C)cc1", "CCc1ccccc1", "Cc1cccc(C)c1"}
    assert "O=S(=O)(F)[N-]S(=O)(=O)C(F)(F)F" in near("anion", TF2N)


# ---------------------------------------------------------------------------------------- values


@pytest.mark.parametrize("kind", ["cation", "anion"])
def test_values_of_ions_are_those_of_the_ionic_liquids(
    maps: dict[str, Map], liquids: IonicLiquidPredictor, kind: str
) -> None:
    own = maps[kind]
    found = own.quantities(PARTNER[kind])
    assert list(found) == list(PROPERTIES)
    i = own.index[KNOWN[kind]]
    expected = liquids.predict(combine(parse_ion(BMIM), parse_ion(TF2N)))
    for key, quantity in found.items():
        assert quantity.value.shape == (len(own.entries),)
        assert quantity.value[i] == pytest.approx(expected[key].value, rel=1e-4)
        assert quantity.low[i] == pytest.approx(expected[key].low, rel=1e-4)
        assert quantity.high[i] == pytest.approx(expected[key].high, rel=1e-4)
        assert quantity.support[i] == expected[key].support
    assert [key for key, quantity in found.items() if quantity.log] == ["viscosity_mPa_s"]


@pytest.mark.parametrize("kind", ["polymer", "solvent"])
def test_values_of_polymers_and_solvents_are_those_of_the_pairs(
    maps: dict[str, Map], mixtures: MiscibilityPredictor, kind: str
) -> None:
    own = maps[kind]
    found = own.quantities(PARTNER[kind])
    i = own.index[KNOWN[kind]]
    polymer, solvent = parse_polymer(PS), parse_solvent(TOLUENE)
    expected = mixtures.predict(polymer, solvent)
    assert found["chi"].value[i] == pytest.approx(expected.chi, abs=1e-4)
    assert found["chi"].low[i] == pytest.approx(expected.chi_low, abs=1e-4)
    assert found["soluble"].value[i] == pytest.approx(expected.soluble_probability, abs=1e-4)
    assert found["chi"].support[i] == expected.support
    parameters = mixtures.hansen(polymer if kind == "polymer" else solvent)
    assert [found[f"hansen_{x}"].value[i] for x in "DPH"] == pytest.approx(parameters, abs=1e-4)


@pytest.mark.parametrize("kind", PARTNER)
def test_one_molecule_has_the_values_it_has_among_all(maps: dict[str, Map], kind: str) -> None:
    own = maps[kind]
    everything = own.quantities(PARTNER[kind])
    alone = own.quantities(PARTNER[kind], KNOWN[kind])
    for key, quantity in alone.items():
        expected = everything[key].value[own.index[KNOWN[kind]]]
        assert quantity.value == pytest.approx([expected], rel=1e-4)
    assert all(
        np.isfinite(q.value).all() for q in own.quantities(PARTNER[kind], NEW[kind]).values()
    )


def test_the_sphere_of_a_polymer_tells_solvents_apart(maps: dict[str, Map]) -> None:
    own = maps["solvent"]
    assert isinstance(own, MoleculeMap)
    right = 0
    for polymer in (PS, "*CC(*)O", "*CC(*)(C)C(=O)OC"):
        said = own.quantities(polymer)["soluble"].value > 0.5
        cut = own.sphere(polymer, own.places)
        assert cut.shape == (len(own.entries),)
        assert ((cut >= 0.0) & (cut <= 1.0)).all()
        right += np.mean((cut > 0.5) == said)
    assert right / 3 > 0.65
