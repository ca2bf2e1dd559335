"""Which column holds what, in which unit: guessed, told, or asked."""

import io

import pytest

from core.batch import KINDS, InputFileError, InputTable, TextTable, Told, arranged
from core.batch.columns import READ_PRESSURE_UNITS, READ_TEMPERATURE_UNITS, unit_named
from core.chemistry import IonicLiquid, parse_ionic_liquid

LIQUIDS, MIXTURES = KINDS["ionic-liquids"], KINDS["polymer-solvent"]
BMIM = "CCCCn1cc[n+](C)c1"


def table(data: str | bytes, kind: str = "ionic-liquids", told: Told | None = None) -> InputTable:
    source = io.BytesIO(data.encode() if isinstance(data, str) else data)
    return InputTable(source, KINDS[kind], told or Told())


def readings(found: InputTable) -> list:
    return [problem or found.kind.read(found.row(cells)) for cells, problem in found.rows()]


@pytest.mark.parametrize(
    "header,names",
    [
        ("cation_smiles,anion_smiles,temperature_K,pressure_kPa", "cation anion K kPa"),
        ("Cation,Anion,T (K),p / bar", "cation anion K bar"),
        ("CationSMILES,anion name,T/°C,P [MPa]", "cation anion °C MPa"),
        ("cation-smiles,anion-smiles,Temperature in degrees Celsius,Pressure (atm)", "cation anion °C atm"),  # noqa: E501
        ("Cation (SMILES),Anion (SMILES),tempC,pressure_bar", "cation anion °C bar"),
        ("Kation,Anion,Temperatur / °C,Druck / hPa", "cation anion °C mbar"),
        ("the cation,the anion,T [degC],P (mmHg)", "cation anion °C Torr"),
        ("CATION,ANION,TEMP (F),PRESSURE (PSI)", "cation anion °F psi"),
        ("cation,anion,temperature_C,pressure_MPa", "cation anion °C MPa"),
    ],
)  # fmt: skip
def test_headers_of_ionic_liquids(header: str, names: str) -> None:
    found = table(f"{header}\n").layout
    words = {column.name: column.word for column in LIQUIDS.columns}
    assert [words[name] for name in found.places] == ["cation", "anion", "temperature", "pressure"]
    assert list(found.places.values()) == [0, 1, 2, 3]
    assert [unit.label for unit in found.units.values()] == names.split()[2:]


@pytest.mark.parametrize(
    "header",
    [
        "polymer,solvent,T (°C),volume fraction (%)",
        "polymer_smiles,solvent_smiles,temperature_C,phi / %",
        "Repeat unit,Solvent name,Temp. [°C],Polymer volume fraction (%)",
        "Polymer SMILES,Lösungsmittel,Temperatur / °C,φ (%)",
    ],
)
def test_headers_of_mixtures(header: str) -> None:
    found = table(f"{header}\nPS,THF,25,40\n", "polymer-solvent")
    assert list(found.layout.places.values()) == [0, 1, 2, 3]
    ((polymer, solvent, temperature, fraction),) = readings(found)
    assert (polymer.smiles, solvent.smiles) == ("*CC(*)c1ccccc1", "C1CCOC1")
    assert (temperature, fraction) == (pytest.approx(298.15), pytest.approx(0.4))


@pytest.mark.parametrize(
    "header",
    ["cation family", "Formula of the cation", "anions measured", "T onset", "p value", "melting T",
     "temperature range", "cation_id", "solvents of it"],
)  # fmt: skip
def test_what_only_sounds_alike_is_left_alone(header: str) -> None:
    assert not any(
        column.rank(header) for kind in (LIQUIDS, MIXTURES) for column in kind.columns
    ), header


def test_an_ionic_liquid_in_one_column() -> None:
    whole = f"{BMIM}.[Cl-]"
    for header, cell in (
        ("ionic liquid", "[bmim]Cl"),
        ("IL", "C4mim chloride"),
        ("SMILES", whole),
        ("ionic_liquid_smiles", whole),
        ("Salt", "1-butyl-3-methylimidazolium chloride"),
    ):
        ((liquid, temperature, _),) = readings(table(f"{header};T (°C)\n{cell};25\n"))
        assert isinstance(liquid, IonicLiquid)
        assert liquid.key == parse_ionic_liquid(whole).key
        assert temperature == pytest.approx(298.15)


def test_two_columns_come_before_one() -> None:
    found = table("SMILES,cation,anion\nx,bmim,Tf2N\n")
    assert dict(found.layout.places) == {"cation_smiles": 1, "anion_smiles": 2}
    chosen = table(
        f"SMILES,cation,anion\n{BMIM}.[Cl-],bmim,Tf2N\n", told=Told({"ionic_liquid": "SMILES"})
    )
    assert dict(chosen.layout.places) == {"ionic_liquid": 0}


def test_the_cells_tell_where_the_headers_do_not() -> None:
    found = table("no;K1;A1;grade\n1;bmim;Tf2N;good\n2;emim;acetate;bad\n")
    assert dict(found.layout.places) == {"cation_smiles": 1, "anion_smiles": 2}
    mixed = table("a,b,c\n1,PS,toluene\n2,PMMA,acetone\n", "polymer-solvent")
    assert dict(mixed.layout.places) == {"polymer_smiles": 1, "solvent_smiles": 2}


def test_a_table_without_a_header() -> None:
    found = table(f"{BMIM};[Cl-];25,5\nemim;BF4;30\n")
    assert (found.headless, found.header) == (True, ["column 1", "column 2", "column 3"])
    assert len(readings(found)) == 2
    told = Told({"temperature_K": 2}, {"temperature_K": "C"})
    temperatures = [reading[1] for reading in readings(table(f"{BMIM};[Cl-];25,5\n", told=told))]
    assert temperatures == [pytest.approx(298.65)]


def test_the_unit_of_temperatures_that_state_none() -> None:
    def unit(*cells: str) -> str:
        rows = "".join(f"bmim,Tf2N,{cell}\n" for cell in cells)
        return table(f"cation,anion,T\n{rows}").layout.units["temperature_K"].label

    assert unit("25", "80", "") == "°C"
    assert unit("-20", "199") == "°C"
    assert unit("298.15", "200") == "K"
    for cells in (("25", "298"), ("",)):
        with pytest.raises(InputFileError, match="'T' does not say its unit; it may be K, °C, °F"):
            unit(*cells)


@pytest.mark.parametrize(
    "header,words",
    [
        ("cation,anion,P", "the column 'P' does not say its unit; it may be kPa, bar, MPa, atm"),
        ("cation,anion,T (°R)", "the unit of 'T (°R)' is not known; it should be one of K, °C"),
        ("cation,Cation,anion", "more than one column may hold the cation: 'cation' (column 1) an"),
        ("cation,T (K)", "no column anion_smiles in the first line; it holds: 'cation', 'T (K)'"),
    ],
)
def test_what_cannot_be_decided_is_asked(header: str, words: str) -> None:
    with pytest.raises(InputFileError) as refusal:
        table(f"{header}\n")
    assert words in str(refusal.value)


def test_what_is_told_is_not_guessed() -> None:
    data = "cation,other,anion,T,P\nbmim,choline,Tf2N,25,1\n"
    told = Told(
        {"cation_smiles": "other", "pressure_kPa": 4},
        {"temperature_K": "kelvin", "pressure_kPa": "MPa"},
        {"temperature_K": 300.0},
    )
    ((liquid, temperature, pressure),) = readings(table(data, told=told))
    assert liquid.cation.smiles == "C[N+](C)(C)CCO"
    assert (temperature, pressure) == (25.0, pytest.approx(1000.0))
    none = Told({"temperature_K": -1, "pressure_kPa": -1}, {}, {"temperature_K": 300.0})
    ((_, temperature, pressure),) = readings(table(data, told=none))
    assert (temperature, pressure) == (300.0, 101.325)
    for wrong, words in (
        (Told({"cation_smiles": "absent"}), "no column 'absent' in the first line"),
        (Told(units={"temperature_K": "R"}), "'R' is no unit of K, °C, °F"),
    ):
        with pytest.raises(InputFileError, match=words):
            table(data, told=wrong)
    with pytest.raises(InputFileError, match="two columns have the name 'x'; rename one"):
        table("x,x,anion\n", told=Told({"cation_smiles": "x"}))


def test_doubts_are_told_by_column() -> None:
    text = TextTable(io.BytesIO(b"cation,cation,anion,P\n"), LIQUIDS.columns)
    layout = arranged(LIQUIDS.columns, LIQUIDS.groups, text.header, text.sample, Told())
    assert list(layout.doubts) == ["cation_smiles", "pressure_kPa unit"]


@pytest.mark.parametrize(
    "cell,kelvin",
    [("25", 298.15), ("25,5", 298.65), ("25.5 °C", 298.65), ("300 K", 300.0), ("77 F", 298.15),
     ("\u221220", 253.15), ("1e2", 373.15), ("2,5e1", 298.15), ("298.15K", 298.15)],
)  # fmt: skip
def test_numbers_and_units_in_cells(cell: str, kelvin: float) -> None:
    ((_, temperature, _),) = readings(table(f"cation;anion;T (°C)\nbmim;Tf2N;{cell}\n"))
    assert temperature == pytest.approx(kelvin)


def test_a_decimal_comma_in_a_table_with_commas() -> None:
    rows = readings(
        table('cation,anion,T (°C)\nbmim,Tf2N,"25,5"\nbmim,Tf2N,"1,298"\nbmim,Tf2N,25,5\n')
    )
    assert rows[0][1] == pytest.approx(298.65)
    assert "not a number: '1,298'" in rows[1]  # it may be a thousand and more
    assert "4 cells where the header has 3" in rows[2]
    assert "quotation marks" in rows[2]


@pytest.mark.parametrize(
    "data,mark",
    [
        ("cation;anion;T (°C)\nbmim;Tf2N;25,5\n", True),
        ("cation;anion;T (°C)\nbmim;Tf2N;25.5\n", False),
        ("cation;anion;T (°C)\nbmim;Tf2N;25\n", True),
        ("cation\tanion\tT (°C)\nbmim\tTf2N\t25,5\n", True),
        ("cation\tanion\tT (°C)\nbmim\tTf2N\t25\n", False),
        ('cation,anion,T (°C)\nbmim,Tf2N,"25,5"\n', False),
    ],
)
def test_the_decimal_mark_of_a_table(data: str, mark: bool) -> None:  # noqa: FBT001 - a parameter
    assert table(data).decimal_comma is mark


def test_in_a_column_of_smiles_no_name_is_meant() -> None:
    ((_, solvent, _, _),) = readings(table("polymer,solvent_smiles\nPS,CO\n", "polymer-solvent"))
    assert solvent.smiles == "CO"
    ((_, solvent, _, _),) = readings(table("polymer,solvent_smiles\nPS,THF\n", "polymer-solvent"))
    assert solvent.smiles == "C1CCOC1"


@pytest.mark.parametrize(
    "row,words",
    [
        ("bmimm,Tf2N", ["cation: 'bmimm'", "bmim"]),
        ("bmim,Tf2", ["anion: 'Tf2'", "Tf2N"]),
        ("Tf2N,bmim", ["cation: ", "anion: "]),
        ("=1+1,BF4", ["cation: "]),
        ("<script>alert(1)</script>,BF4", ["cation: "]),
        (",", ["cation_smiles is empty", "anion_smiles is empty"]),
    ],
)
def test_names_that_are_not_understood(row: str, words: list[str]) -> None:
    (message,) = readings(table(f"cation,anion\n{row}\n"))
    assert all(word in message for word in words), message
    assert len(message.splitlines()) == 1


def test_a_line_that_names_the_separator_and_other_encodings() -> None:
    text = "cation;anion;T (°C);note\nbmim;Tf2N;25;naïve\n"
    for data in (
        f"sep=;\r\n{text}".encode(),
        text.encode("utf-16"),
        b"\xfe\xff" + text.encode("utf-16-be"),
        text.encode("latin-1"),
        text.encode("utf-8-sig"),
    ):
        found = table(data)
        assert found.header[0] == "cation"
        assert found.sample[0][-1] == "naïve"
        assert len(readings(found)) == 1


def test_names_of_units() -> None:
    assert unit_named(" Deg C ", READ_TEMPERATURE_UNITS).label == "°C"
    assert unit_named("[kelvin]", READ_TEMPERATURE_UNITS).label == "K"
    assert unit_named("°R", READ_TEMPERATURE_UNITS) is None
    by_label = {unit.label: unit for unit in READ_PRESSURE_UNITS}
    assert by_label["psi"].to_internal(14.6959) == pytest.approx(101.325, rel=1e-5)
    assert by_label["Torr"].to_internal(760.0) == pytest.approx(101.325)
    assert by_label["mbar"].to_internal(1013.25) == pytest.approx(101.325)
    assert by_label["Pa"].to_internal(101_325.0) == pytest.approx(101.325)
