"""The page of tables: bring, check, start, take home; nothing brought is lost on the way."""

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core import __version__, export
from core.predict import IonicLiquidPredictor, MiscibilityPredictor
from pages import _tables as own
from tests.test_batch_hostile import BAD_FILES, HARMLESS, HEADER, ODD_ROWS, ROW

ROOT = Path(__file__).resolve().parents[2]
NASTY = (
    'Kation;Anion;Temperatur / °C;p [bar];Notiz\nbmim;Tf2N;25,5;1,01;"=HYPERLINK(""http://x"")"\n'
    "emim;dca;60;;gut\nbmimm;Tf2N;40;1;vertippt\nCCCCn1cc[n+](C)c1;CC(=O)[O-];-400;1;kalt\n"
).encode("latin-1")

ORIGIN = export.Origin("m", "2026-01-02T03:04:05+00:00", "2026-02-03T04:05:06+00:00")


def open_page(**query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    app.run()
    for name, value in query.items():
        app.query_params[name] = value
    return healthy(app.switch_page("pages/batch.py").run())


def healthy(app: AppTest) -> AppTest:
    assert not app.exception, app.exception
    return app


def upload(app: AppTest, data: bytes, name: str = "mine.csv") -> AppTest:
    return healthy(app.file_uploader[0].set_value((name, data, "text/csv")).run())


def press(app: AppTest, label: str) -> AppTest:
    return healthy(next(b for b in app.button if b.label == label).click().run())


def state(app: AppTest) -> own.State:
    found: own.State = app.session_state["state_batch"]
    return found


def rows(app: AppTest) -> list[dict[str, str]]:
    result = state(app).result
    assert result is not None
    return list(csv.DictReader(io.StringIO(result.text, newline=""), delimiter=result.separator))


def boxes(app: AppTest) -> dict[str, object]:
    return {box.label: box.value for box in app.selectbox}


def test_the_page_opens_with_an_example_to_try() -> None:
    app = press(open_page(), "Try the example")
    assert boxes(app)["Temperature"] == 2
    assert boxes(app)["Unit of temperature"] == "°C"
    assert app.dataframe[0].value["understood"].tolist()[0].startswith("[C4mim][Tf2N], 25 °C")
    app = press(app, "Start")
    assert [metric.value for metric in app.metric] == ["3", "3", "0"]
    assert not app.warning
    model = IonicLiquidPredictor.load()
    assert any(model.card.name in caption.value.replace("\\", "") for caption in app.caption)


def test_a_nasty_table_from_upload_to_files() -> None:
    app = upload(open_page(), NASTY)
    found = boxes(app)
    assert [found[x] for x in ("Cation", "Anion", "Temperature", "Pressure")] == [0, 1, 2, 3]
    assert (found["Unit of temperature"], found["Unit of pressure"]) == ("°C", "bar")
    said = app.dataframe[0].value["understood"].tolist()
    assert said[0] == "[C4mim][Tf2N], 25.5 °C, 101 kPa"
    assert said[2] == "⚠ see below"
    assert any("bmimm" in caption.value for caption in app.caption)
    app = press(app, "Start")
    assert [metric.value for metric in app.metric] == ["4", "2", "2"]
    found_rows = rows(app)
    assert [row["Notiz"] for row in found_rows][1:] == ["gut", "vertippt", "kalt"]
    assert [bool(row["error"]) for row in found_rows] == [False, False, True, True]
    assert "not above -273.15" in found_rows[3]["error"]
    shown = app.dataframe[1].value
    assert shown["0"].tolist() == ["3", "4"], "rows with a message come first"
    result = state(app).result
    assert result is not None
    excel = result.spreadsheet().decode("utf-8-sig")
    again = list(csv.reader(io.StringIO(excel, newline=""), delimiter=";"))
    assert again[1][4] == '\'=HYPERLINK("http://x")'
    assert float(again[1][5].replace(",", ".")) == float(found_rows[0]["density_kg_m3"])
    assert "," in again[1][5]
    again = own.State()
    again.bring(excel.encode("utf-8-sig"), "again.csv")
    before, after = state(app).look()[1], again.look()[1]
    assert after == before, "a result that is brought again is understood as the table was"
    twice = again.open().output(export.PROVENANCE[1:])
    assert all(name.startswith("predicted_") for name in twice)


def test_every_prediction_tells_its_model_and_its_date() -> None:
    app = press(upload(open_page(), b"cation,anion,T/K\nbmim,Tf2N,300\nx,Tf2N,300\n"), "Start")
    good, bad = rows(app)
    card = IonicLiquidPredictor.load().card
    assert (good["model"], good["model_created"]) == (card.name, card.created)
    assert datetime.fromisoformat(good["predicted_on"]).date() == datetime.now(UTC).date()
    assert good["solvarium_version"] == __version__
    assert not any(bad[name] for name in export.PROVENANCE[1:])
    assert list(good)[-1] == "error"


def test_polymers_by_link_and_pasted_rows() -> None:
    app = open_page(kind="polymer-solvent")
    app.text_area[0].set_value("PS\tTHF\t25\t40 %\nPMMA\t67-64-1\t30\t0.1\nPS\tnope\t30\t\n")
    app = press(app, "Read these rows")
    assert any("first row holds data" in caption.value for caption in app.caption)
    assert list(boxes(app).values())[:2] == [0, 1]
    for label, value in (("Temperature", 2), ("Volume fraction", 3)):
        healthy(next(b for b in app.selectbox if b.label == label).set_value(value).run())
    app = press(app, "Start")
    assert [metric.value for metric in app.metric] == ["3", "2", "1"]
    first = rows(app)[0]
    model = MiscibilityPredictor.load()
    solvent_row = own.State(kind="polymer-solvent")
    solvent_row.bring(b"polymer,solvent,T (K),phi\nPS,THF,298.15,0.4\n", "x.csv")
    job = own.Job(solvent_row.open(), model, ORIGIN)
    while job.step():
        pass
    other = next(csv.DictReader(io.StringIO(job.result().text)))
    assert first["chi"] == other["chi"]


def test_what_is_in_doubt_has_to_be_chosen() -> None:
    app = upload(open_page(), b"cation,cation,anion,P\nx,bmim,Tf2N,1\n")
    start = next(b for b in app.button if b.label == "Start")
    assert start.disabled
    assert len(app.warning) == 2
    healthy(app.selectbox(key="b_1_cation_smiles").set_value(1).run())
    healthy(app.selectbox(key="b_1_pressure_kPa_unit").set_value("MPa").run())
    assert not app.warning
    assert "1,000 kPa" in app.dataframe[0].value["understood"].tolist()[0]
    app = press(app, "Start")
    assert [metric.value for metric in app.metric] == ["1", "1", "0"]
    assert "--column cation=cation --pressure-unit MPa" in app.code[0].value
    healthy(app.selectbox(key="b_1_pressure_kPa_unit").set_value("bar").run())
    assert not app.metric, "a result of other choices is not shown"


def test_where_a_cell_is_empty() -> None:
    app = upload(open_page(), b"cation,anion\nbmim,Tf2N\n")
    assert any("only the melting point" in caption.value for caption in app.caption)
    healthy(app.number_input[0].set_value(40.0).run())
    app = press(app, "Start")
    assert rows(app)[0]["density_kg_m3"]
    assert "-T 313.15" in app.code[0].value


def test_another_kind_and_another_page_keep_the_table() -> None:
    app = upload(open_page(), b"polymer,solvent\nPS,THF\n")
    assert next(b for b in app.button if b.label == "Start").disabled
    healthy(app.segmented_control(key="b_kind").set_value("polymer-solvent").run())
    healthy(app.switch_page("pages/home.py").run())
    app = healthy(app.switch_page("pages/batch.py").run())
    app = press(app, "Start")
    assert [metric.value for metric in app.metric] == ["1", "1", "0"]
    app = press(app, "Take another table")
    assert app.file_uploader


@pytest.mark.parametrize("name", [x for x in BAD_FILES if x not in {"empty", "the cation twice"}])
def test_a_bad_file_gives_a_sentence(name: str) -> None:
    app = upload(open_page(), BAD_FILES[name](), f"<script>alert(1)</script>{name}.csv")
    waiting = next((b for b in app.button if b.label == "Start"), None)
    assert waiting is None or waiting.disabled
    assert len(app.error) + len(app.info) == 1
    assert press(app, "Take another table").file_uploader


def test_odd_rows_come_back_with_a_message() -> None:
    data = HEADER + ROW + b"\n".join(ODD_ROWS.values()) + b"\n" + ROW
    app = press(upload(open_page(), data), "Start")
    found = rows(app)
    assert len(found) == len(ODD_ROWS) + 2
    assert [bool(row["error"]) for row in found].count(False) == 2 + len(HARMLESS)
    assert not app.error


def test_a_row_that_does_not_end_leaves_the_table() -> None:
    data = HEADER + ROW * 300 + b'"bmim,Tf2N,300,x\n' + ROW * 20
    app = press(upload(open_page(), data), "Start")
    assert "Line 302: a cell does not end" in app.warning[0].value.replace("\\", "")
    assert "still here" in app.warning[0].value
    assert state(app).data == data


def test_what_would_keep_others_waiting_is_refused() -> None:
    app = upload(open_page(), b"cation,anion\n" + b"bmim,Tf2N\n" * (own.MOST_ROWS + 1))
    assert "python" in app.error[0].value
    app = upload(open_page(), b"cation,anion" + b",x" * own.MOST_COLUMNS + b"\n")
    assert "columns" in app.error[0].value


def test_work_can_be_stopped_and_goes_on_after_a_click() -> None:
    one = own.State()
    count = 5_000
    one.bring(b"cation,anion\n" + b"bmim,Tf2N\n" * count, "x.csv")
    job = own.Job(one.open(), IonicLiquidPredictor.load(), ORIGIN)
    assert job.step()
    first = job.done.rows
    assert 0 < first < 1_000
    assert job.said().startswith(f"{first:,} of {count:,} rows, ")
    app = upload(open_page(), one.data)
    app.session_state["state_batch"].job = job
    app = healthy(app.run())  # a page that is drawn anew goes on where it was
    assert state(app).job is None
    assert len(rows(app)) == count


def test_a_link_with_nonsense_opens_the_page() -> None:
    for kind in ("../../etc", "<script>", "x" * 5000):
        assert state(open_page(kind=kind)).kind == "ionic-liquids"
