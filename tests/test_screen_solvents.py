"""Shortlists of solvents beside brute force through the plain predictor."""

import dataclasses
import io
import itertools
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.batch import InputFileError
from core.chemistry import parse_polymer, parse_solvent
from core.names import RANKINGS, find_polymer, find_solvent, polymers, solvents
from core.predict import MiscibilityPredictor
from core.screen import QueryError, candidates
from core.screen.blends import (
    blends,
    mixed_chi,
    mixed_hansen,
    mixed_volume,
    shrinking_of,
)
from core.screen.candidates import few_candidates, prepare_candidates
from core.screen.hansen import HansenPlace
from core.screen.solvent_command import read_ranges, read_words
from core.screen.solvents import (
    CRITERIA,
    SolventLibrary,
    Target,
    Wanted,
    element_bits,
    polymers_for,
    shipped_solvents,
    shortlist,
)
from core.thermodynamics import chain_length, critical_chi, hansen_distance

PS, PMMA, PE = (find_polymer(name) for name in ("PS", "PMMA", "PE"))
STRANGE = parse_polymer("*CC(*)c1ccc([Si](C)(C)CCCCBr)cc1")


@pytest.fixture(scope="module")
def predictor() -> MiscibilityPredictor:
    return MiscibilityPredictor.load()


@pytest.fixture(scope="module")
def library(predictor: MiscibilityPredictor) -> SolventLibrary:
    return shipped_solvents(predictor)


def target(radius: float = 6.0) -> Target:
    # The place of polystyrene is given here: the data folder, which has it, need not be there.
    place = HansenPlace((18.5, 4.5, 2.9), radius, "a handbook", published=True)
    return Target(PS, place, 310.0, 2e5)


def names_of(table: pd.DataFrame) -> list[str]:
    return table["name"].tolist()


# -------------------------------------------------------------------------------- one after another


@pytest.mark.parametrize("by", CRITERIA)
@pytest.mark.parametrize("polymer", [PS, STRANGE])
def test_the_best_are_those_of_brute_force(
    predictor: MiscibilityPredictor, library: SolventLibrary, by: str, polymer: object
) -> None:
    at = Target.of(predictor, polymer, 310.0, 2e5, radius=6.0)
    keep = np.arange(len(library)) % 3 == 1
    table = shortlist(predictor, library, at, by=by, keep=keep, top=12)
    expected = []
    for solvent in itertools.compress(solvents(), keep):
        one = predictor.predict(polymer, parse_solvent(solvent.smiles), 310.0)
        expected.append((solvent, one))
    hansen = dict(zip(library.smiles, library.hansen, strict=True))
    volume = dict(zip(library.smiles, library.volumes, strict=True))

    def n(smiles: str) -> float:
        from core.features.polymer_solvent import molar_volume

        return float(
            chain_length(
                2e5,
                unit_molar_mass_g_mol=polymer.molar_mass,
                unit_volume_cm3_mol=molar_volume(polymer.smiles, "polymer"),
                solvent_volume_cm3_mol=volume[smiles],
            )
        )

    score = {
        "probability": lambda _, one: -one.soluble_probability,
        "chi": lambda _, one: one.chi,
        "chi_high": lambda _, one: one.chi_high,
        "margin": lambda s, one: one.chi - float(critical_chi(n(s.smiles))),
        "red": lambda s, _: float(hansen_distance(hansen[s.smiles], at.place.parameters)),
    }[by]
    expected.sort(key=lambda pair: score(*pair))
    best = expected[:12]
    # Neighbours that half precision cannot tell apart do not occur among these.
    assert set(names_of(table)) == {solvent.name for solvent, _ in best}
    for _, row in table.iterrows():
        (one,) = (one for solvent, one in best if solvent.name == row["name"])
        assert row["soluble_probability"] == pytest.approx(one.soluble_probability, rel=1e-4)
        for column in ("chi", "chi_low", "chi_high"):
            assert row[column] == pytest.approx(getattr(one, column), rel=1e-4, abs=1e-5)
        assert row["support"] == one.support
        assert row["margin"] == pytest.approx(
            float(critical_chi(n(row["solvent_smiles"]))) - one.chi, abs=1e-5
        )


def test_all_of_them_are_all_of_them(
    predictor: MiscibilityPredictor, library: SolventLibrary
) -> None:
    table = shortlist(predictor, library, target())
    assert len(table) == len(solvents())
    assert table["soluble_probability"].is_monotonic_decreasing
    some = shortlist(predictor, library, target(), top=30)
    pd.testing.assert_frame_equal(some, table.head(30), check_exact=False, atol=1e-6)


def test_what_is_known_of_a_solvent_stands_beside_it(
    predictor: MiscibilityPredictor, library: SolventLibrary
) -> None:
    table = shortlist(predictor, library, target()).set_index("name")
    toluene = table.loc["toluene"]
    assert toluene["cas"] == "108-88-3"
    assert "chi" in toluene["known"]
    assert toluene["boiling_point_K"] == pytest.approx(383.8, abs=0.5)
    assert (toluene["greenness"], toluene["greenness_by"]) == ("problematic", "published")
    assert toluene["family"] == "aromatic hydrocarbon"
    assert bool(toluene["published_hansen"])
    apart = hansen_distance((18.0, 1.4, 2.0), target().place.parameters)
    assert toluene["hansen_distance_MPa05"] == pytest.approx(float(apart), abs=1e-4)
    assert toluene["red"] == pytest.approx(float(apart) / 6.0, abs=1e-4)
    assert table.loc["dodecane"]["greenness_by"] == "rule"
    assert math.isnan(table.loc["dodecane"]["health"])
    assert not bool(table.loc["squalane"]["published_hansen"])


def test_without_a_radius_there_is_no_red(
    predictor: MiscibilityPredictor, library: SolventLibrary
) -> None:
    at = dataclasses.replace(target(), place=target().place._replace(radius=math.nan))
    assert shortlist(predictor, library, at, top=5)["red"].isna().all()
    assert not Wanted({"red": (0.0, 1.0)}).mask(library, at).any()


def test_known_solvents_come_first_where_they_are_wanted(
    predictor: MiscibilityPredictor, library: SolventLibrary
) -> None:
    plain = shortlist(predictor, library, target(), by="chi", top=20)
    first = shortlist(predictor, library, target(), by="chi", top=20, known_first=True)
    assert (plain["known"] == "").any()
    assert (first["known"] != "").all()
    assert (first["soluble_probability"] >= 0.5).all()
    assert first["chi"].is_monotonic_increasing


# ------------------------------------------------------------------------------------------ filters


def test_filters_let_through_what_they_say(
    predictor: MiscibilityPredictor, library: SolventLibrary
) -> None:
    at = target()
    wanted = Wanted(
        {"boiling_point_K": (330.0, 393.15), "flash_point_K": (260.0, math.inf), "red": (0.0, 1.5)},
        without=frozenset({"Cl", "S"}),
        greenness="problematic",
    )
    mask = wanted.mask(library, at)
    table = shortlist(predictor, library, at, keep=mask)
    assert 3 < len(table) == mask.sum() < 60
    assert table["boiling_point_K"].between(330.0, 393.15).all()
    assert (table["flash_point_K"] >= 260.0).all()
    assert (table["red"] <= 1.5).all()
    assert table["greenness"].isin(["recommended", "problematic"]).all()
    assert not table["solvent_smiles"].str.contains("Cl|S", regex=True).any()
    looser = dataclasses.replace(wanted, unknown=True).mask(library, at)
    assert (looser >= mask).all()
    assert looser.sum() > mask.sum()


@pytest.mark.parametrize(
    "temperature_K,solids,gases",
    [(298.15, {"naphthalene", "biphenyl"}, {"acetaldehyde"}), (400.0, set(), {"toluene", "water"})],
)
def test_what_is_solid_or_boils_at_the_temperature_is_left_out(
    library: SolventLibrary, temperature_K: float, solids: set[str], gases: set[str]
) -> None:
    at = dataclasses.replace(target(), temperature_K=temperature_K)
    mask = Wanted(liquid=True).mask(library, at)
    kept = set(itertools.compress(library.labels, mask))
    assert (solids | gases) <= set(library.labels) - kept
    melts, boils = library.numbers["melting_point_K"], library.numbers["boiling_point_K"]
    assert not (mask & ((melts > temperature_K) | (boils < temperature_K))).any()
    assert mask[np.isnan(melts) & np.isnan(boils)].all()
    assert mask.sum() > 200


@pytest.mark.parametrize("family", ["ester", "alkane"])
def test_families(library: SolventLibrary, family: str) -> None:
    mask = Wanted(families=frozenset({family})).mask(library)
    found = [solvent.name for solvent in itertools.compress(solvents(), mask)]
    assert ("ethyl acetate" in found) == (family == "ester")
    assert ("hexane" in found) == (family == "alkane")


def test_each_step_of_greenness_lets_more_through(library: SolventLibrary) -> None:
    counts = [int(Wanted(greenness=ranking).mask(library).sum()) for ranking in RANKINGS]
    assert counts == sorted(counts)
    assert len(set(counts)) == len(counts)
    recommended = list(
        itertools.compress(solvents(), Wanted(greenness="recommended").mask(library))
    )
    assert all(s.greenness.origin == "published" for s in recommended)


def test_elements_of_a_formula() -> None:
    assert element_bits("C2H5Cl") == element_bits("C9H9Cl3")
    assert element_bits("C2H5Cl") & element_bits("Cl2")
    assert not element_bits("CH4") & element_bits("Cl2")


@pytest.mark.parametrize(
    "text,name,low,high",
    [
        ("boiling_point_K < 393", "boiling_point_K", -math.inf, math.nextafter(393.0, 0.0)),
        ("boiling_point_K <= 393", "boiling_point_K", -math.inf, 393.0),
        ("flash_point_K >= 296.5", "flash_point_K", 296.5, math.inf),
        ("0.5 <= red<1", "red", 0.5, math.nextafter(1.0, 0.0)),
        ("300 < melting_point_K", "melting_point_K", math.nextafter(300.0, 400.0), math.inf),
    ],
)
def test_ranges_are_read(text: str, name: str, low: float, high: float) -> None:
    assert read_ranges([text]) == {name: (low, high)}


def test_ranges_hold_together() -> None:
    both = read_ranges(["boiling_point_K <= 400", "boiling_point_K >= 300"])
    assert both == {"boiling_point_K": (300.0, 400.0)}


@pytest.mark.parametrize(
    "texts,said",
    [
        (["boiling < 3"], "known are boiling_point_K"),
        (["boiling_point_K"], "write, for example"),
        (["boiling_point_K < x"], "write, for example"),
        (["red < 1", "red > 2"], "no number fulfils"),
        (["__import__('os')"], "write, for example"),
    ],
)
def test_ranges_that_are_none_are_told(texts: list[str], said: str) -> None:
    with pytest.raises(QueryError, match=said):
        read_ranges(texts)


def test_unknown_words_are_told() -> None:
    assert read_words(["ester"], "Cl, Br") == (frozenset({"ester"}), frozenset({"Cl", "Br"}))
    with pytest.raises(QueryError, match="no family of solvents; known are acid"):
        read_words(["esters"], "")
    with pytest.raises(QueryError, match="no element of a solvent"):
        read_words([], "chlorine")


# ------------------------------------------------------------------------------- selective, reverse


def test_selective_solvents_dissolve_one_and_spare_the_others(
    predictor: MiscibilityPredictor, library: SolventLibrary
) -> None:
    at = target()
    every = shortlist(predictor, library, at, spare=[PMMA, PE])
    some = shortlist(predictor, library, at, spare=[PMMA, PE], top=10)
    assert names_of(some) == names_of(every)[:10]
    assert every["selectivity"].is_monotonic_decreasing
    for _, row in some.iterrows():
        solvent = find_solvent(row["solvent_smiles"])
        first, second, third = (
            predictor.predict(polymer, solvent, 310.0).soluble_probability
            for polymer in (PS, PMMA, PE)
        )
        assert row["spared_probability_1"] == pytest.approx(second, rel=1e-4, abs=1e-6)
        assert row["spared_probability_2"] == pytest.approx(third, rel=1e-4, abs=1e-6)
        product = first * (1.0 - second) * (1.0 - third)
        assert row["selectivity"] == pytest.approx(product, rel=1e-3)


def test_polymers_for_a_solvent_are_those_of_the_plain_predictor(
    predictor: MiscibilityPredictor,
) -> None:
    solvent = find_solvent("acetone")
    table = polymers_for(predictor, solvent, 310.0, by="chi")
    assert len(table) == len(polymers())
    assert table["chi"].is_monotonic_increasing
    for _, row in table.iloc[::40].iterrows():
        polymer = find_polymer(row["polymer_smiles"])
        one = predictor.predict(polymer, solvent, 310.0)
        assert row["chi"] == pytest.approx(one.chi, rel=1e-4, abs=1e-5)
        assert row["soluble_probability"] == pytest.approx(one.soluble_probability, rel=1e-3)
        assert row["support"] == one.support
    ps = table.set_index("abbreviation").loc["PS"]
    at = Target.of(predictor, PS, 310.0)
    listed = next(s for s in solvents() if s.smiles == solvent.smiles)
    sites = at.sites(np.array(listed.molar_volume_cm3_mol))
    assert ps["critical_chi"] == pytest.approx(float(critical_chi(sites)))
    assert "solubility" in ps["known"] or "chi" in ps["known"]


# ------------------------------------------------------------------------------------------- blends


def test_a_blend_of_nothing_but_one_solvent_is_that_solvent() -> None:
    chi, volumes = (0.7, 1.2), (90.0, 60.0)
    one, other, polymer = (18.0, 1.4, 2.0), (15.5, 10.4, 7.0), (18.5, 4.5, 2.9)
    for fraction, index in ((1.0, 0), (0.0, 1)):
        left = shrinking_of(fraction, one, other, polymer)
        assert float(left) == pytest.approx(1.0)
        assert float(mixed_chi(fraction, chi, volumes, left)) == pytest.approx(chi[index])
        assert float(mixed_volume(fraction, *volumes)) == pytest.approx(volumes[index])
        assert mixed_hansen(fraction, one, other) == pytest.approx((one, other)[index])


def test_two_of_the_same_make_no_blend() -> None:
    same = (18.0, 1.4, 2.0)
    left = shrinking_of(0.3, same, same, (18.5, 4.5, 2.9))
    assert float(left) == pytest.approx(1.0)
    assert float(mixed_chi(0.3, (0.7, 0.7), (90.0, 90.0), left)) == pytest.approx(0.7)
    assert float(shrinking_of(0.3, same, same, same)) == 1.0


def test_a_polymer_between_two_poor_solvents_dissolves_in_both_together(
    predictor: MiscibilityPredictor, library: SolventLibrary
) -> None:
    # Acetone and cyclohexane, the textbook's pair for polystyrene.
    pair = {find_solvent(name).smiles for name in ("acetone", "cyclohexane")}
    keep = np.array([smiles in pair for smiles in library.smiles])
    (row,) = blends(predictor, library, target(), keep=keep).to_dict("records")
    assert row["chi"] < row["critical_chi"] < min(row["chi_1"], row["chi_2"])
    assert row["liquids_mix"]


def test_the_best_blends_are_those_of_brute_force(
    predictor: MiscibilityPredictor, library: SolventLibrary
) -> None:
    at, keep = target(), np.arange(len(library)) % 31 == 5
    table = blends(
        predictor, library, at, keep=keep, top=5, mixing_only=False, cosolvents_only=False
    )
    rows = shortlist(predictor, library, at, keep=keep).to_dict("records")
    volume = dict(zip(library.smiles, library.volumes.tolist(), strict=True))
    found = []
    for one, other in itertools.combinations(rows, 2):
        places = [
            np.array([r["dispersion_MPa05"], r["polar_MPa05"], r["hydrogen_MPa05"]])
            for r in (one, other)
        ]
        sizes = [volume[r["solvent_smiles"]] for r in (one, other)]
        best = -math.inf
        for share in np.arange(1, 10) / 10.0:
            size = 1.0 / (share / sizes[0] + (1.0 - share) / sizes[1])
            mole = share * size / sizes[0]
            mean = mole * one["chi"] + (1.0 - mole) * other["chi"] - 0.34
            ends = [float(hansen_distance(p, at.place.parameters)) ** 2 for p in places]
            between = float(hansen_distance(*places)) ** 2
            whole = share * ends[0] + (1.0 - share) * ends[1]
            left = (whole - share * (1.0 - share) * between) / whole if mean > 0.0 else 1.0
            critical = float(critical_chi(at.sites(np.array(size))))
            best = max(best, critical - (0.34 + left * mean))
        found.append((best, {one["name"], other["name"]}))
    found.sort(key=lambda entry: -entry[0])
    for row, (margin, names) in zip(table.to_dict("records"), found, strict=False):
        assert row["margin"] == pytest.approx(margin, abs=1e-9)
        assert {row["name_1"], row["name_2"]} == names
        assert row["chi_low"] <= row["chi"] <= row["chi_high"]


def test_blends_of_a_given_solvent_and_of_liquids_that_do_not_mix(
    predictor: MiscibilityPredictor, library: SolventLibrary
) -> None:
    at = target()
    water, toluene = (find_solvent(name).smiles for name in ("water", "toluene"))
    keep = np.array([smiles == toluene for smiles in library.smiles])
    assert blends(predictor, library, at, keep=keep, with_solvent=water).empty
    forced = blends(predictor, library, at, keep=keep, with_solvent=water, mixing_only=False)
    assert len(forced) == 1
    assert not forced["liquids_mix"][0]
    assert {forced["name_1"][0], forced["name_2"][0]} == {"water", "toluene"}
    with pytest.raises(ValueError, match="not among the solvents"):
        blends(predictor, library, at, with_solvent="CCCCCCCCCCCCCCCCCCCCBr")


def test_cosolvents_beat_both_their_parts(
    predictor: MiscibilityPredictor, library: SolventLibrary
) -> None:
    at, keep = target(), np.arange(len(library)) % 9 == 0
    table = blends(predictor, library, at, by="red", keep=keep, cosolvents_only=True)
    alone = shortlist(predictor, library, at, keep=keep).set_index("solvent_smiles")
    assert len(table) > 5
    assert table["hansen_distance_MPa05"].is_monotonic_increasing
    for row in table.to_dict("records"):
        ends = [alone.loc[row[f"solvent_smiles_{i}"], "hansen_distance_MPa05"] for i in (1, 2)]
        assert row["hansen_distance_MPa05"] < min(ends)


# -------------------------------------------------------------------------------- users' own lists

LIST = """smiles;name;boiling_point_K;density_kg_m3
CCO;spirit;;
Cc1ccccc1;;400,5;
OC(=O)c1ccccc1Br;;;1600
C1CC;broken;;
;empty;;
[Na+].[Cl-];salt;;
CCO;;hot;
CCCCCCOCCCF;new;;
Cc1ccccc1;twice;;
"""


def listed(text: str = LIST) -> io.BytesIO:
    return io.BytesIO(text.encode())


def test_a_list_is_described_kept_and_taken_up_again(
    predictor: MiscibilityPredictor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candidates, "_PART", 4)
    told: list[tuple[int, int]] = []
    found = prepare_candidates(
        listed(), tmp_path, predictor, jobs=1, progress=lambda *rows: told.append(rows)
    )
    assert (found.solvents, found.refused, len(found.parts)) == (5, 4, 3)
    assert told[-1] == (9, 9)
    reasons = {bad.row: bad.reason for bad in found.bad_rows()}
    assert list(reasons) == [4, 5, 6, 7]
    assert "SMILES" in reasons[4]
    assert "empty" in reasons[5]
    assert "salt" in reasons[6]
    assert "boiling_point_K is not a number" in reasons[7]

    library = found.library(predictor)
    assert library.smiles == [
        "CCO", "Cc1ccccc1", "O=C(O)c1ccccc1Br", "CCCCCCOCCCF", "Cc1ccccc1"
    ]  # fmt: skip
    assert library.labels == ["spirit", "toluene", "", "new", "twice"]
    boiling = library.numbers["boiling_point_K"]
    assert boiling[0] == pytest.approx(351.5, abs=0.5)  # of the shipped table
    assert boiling[1] == pytest.approx(400.5)  # the user's own
    assert np.isnan(boiling[2])
    assert library.volumes[2] == pytest.approx(201.02 / 1.6, rel=1e-3)
    assert library.families.tolist()[2:4] == ["acid", "halogenated"]
    assert Wanted(without=frozenset({"Br"})).mask(library).tolist() == [1, 1, 0, 1, 1]
    assert Wanted(greenness="recommended").mask(library).tolist() == [1, 0, 0, 0, 0]

    table = shortlist(predictor, library, target())
    assert len(table) == 4  # toluene once
    for _, row in table.iterrows():
        one = predictor.predict(PS, find_solvent(row["solvent_smiles"]), 310.0)
        assert row["chi"] == pytest.approx(one.chi, rel=1e-4)
        assert row["soluble_probability"] == pytest.approx(one.soluble_probability, rel=1e-4)
    assert len(shortlist(predictor, library, target(), top=3)) == 3

    # An interrupted run: one part is missing, one is damaged; the third is not touched.
    before = found.parts[0].stat().st_mtime_ns
    found.parts[1].unlink()
    found.parts[2].write_bytes(b"half a fi")
    again = prepare_candidates(listed(), tmp_path, predictor, jobs=1)
    assert again == found
    assert again.parts[0].stat().st_mtime_ns == before
    other = prepare_candidates(listed(LIST + "CCCO;;;\n"), tmp_path, predictor, jobs=1)
    assert other.solvents == 6
    assert {part.parent for part in other.parts}.isdisjoint(part.parent for part in found.parts)


def test_a_file_that_is_no_list_is_refused_before_anything_is_kept(
    predictor: MiscibilityPredictor, tmp_path: Path
) -> None:
    with pytest.raises(InputFileError, match="smiles"):
        prepare_candidates(listed("number,bp\n4,3\n"), tmp_path, predictor)
    assert not list(tmp_path.iterdir())


def test_a_short_list_is_described_at_once(predictor: MiscibilityPredictor, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    found, refused = few_candidates(
        listed(), predictor, most=9, progress=lambda *rows: told.append(rows)
    )
    kept = prepare_candidates(listed(), tmp_path, predictor, jobs=1)
    assert refused == list(kept.bad_rows())
    assert told[-1] == (7, 7)
    same = kept.library(predictor)
    assert found.smiles == same.smiles
    assert found.labels == same.labels
    for name, values in found.numbers.items():
        np.testing.assert_array_equal(values, same.numbers[name])
    plain, other = (shortlist(predictor, one, target()) for one in (found, same))
    assert names_of(plain) == names_of(other)


@pytest.mark.parametrize(
    "text",
    [
        "solvent,bp (°C)\nTHF,66\n109-99-9,66\nC1CCOC1,66\n",
        "name;boiling_point_K\ntetrahydrofuran;339,15\nTHF;339,15\nTHF;339,15\n",
        "SMILES\tBP / K\nC1CCOC1\t339.15\nTHF\t339.15\nC1OCCC1\t339.15\n",
    ],
)
def test_names_serve_as_well_and_units_are_read(predictor: MiscibilityPredictor, text: str) -> None:
    found, refused = few_candidates(listed(text), predictor, most=3)
    assert not refused
    assert found.smiles == ["C1CCOC1"] * 3
    assert found.numbers["boiling_point_K"] == pytest.approx(339.15, abs=0.01)


@pytest.mark.parametrize(
    "text,said",
    [
        ("smiles\nCCO\nCCC\n", "more than 1 rows"),
        ("smiles\nnothing of the kind\n", "no row of this list"),
        ("smiles\n", "no row of this list"),
        ("", "empty"),
    ],
)
def test_a_short_list_that_is_none_is_refused(
    predictor: MiscibilityPredictor, text: str, said: str
) -> None:
    with pytest.raises(InputFileError, match=said):
        few_candidates(listed(text), predictor, most=1)


def test_a_long_list_is_skimmed_and_its_best_are_those_of_the_whole(
    predictor: MiscibilityPredictor, library: SolventLibrary
) -> None:
    # The catalogue many times over, as blocks: what comes out on top is each solvent once.
    times = 40
    many = SolventLibrary(
        list(library.smiles) * times,
        list(library.labels) * times,
        {name: np.tile(values, times) for name, values in library.numbers.items()},
        np.tile(library.volumes, times),
        np.tile(library.hansen, (times, 1)),
        np.tile(library.published_hansen, times),
        np.tile(library.families, times),
        np.tile(library.elements, times),
        predictor.packed(list(library.packed.blocks) * times, list(library.smiles) * times),
    )
    for by in CRITERIA:
        found = shortlist(predictor, many, target(), by=by, top=15)
        plain = shortlist(predictor, library, target(), by=by, top=15)
        assert names_of(found) == names_of(plain)
        np.testing.assert_allclose(found["chi"], plain["chi"], rtol=1e-4)
