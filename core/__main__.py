"""The command line: ``python -m core predict polymer-solvent IN.csv -o OUT.csv`` and more."""

from __future__ import annotations

import argparse
import glob
import math
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO

from tqdm import tqdm

from core.batch import KINDS, InputFileError, InputTable, Told, predict_table
from core.names import command as names_command
from core.properties import REFERENCE_PRESSURE_KPA, REFERENCE_TEMPERATURE_K
from core.single import (
    NotUnderstoodError,
    add_commands,
    answer,
    kelvin,
    kilopascal,
    number_within,
)

if TYPE_CHECKING:  # a wrong command line should be refused at once
    from core.chemistry import Role
    from core.screen.library import IonList
    from core.screen.library import Source as IonSource

_PREDICT_HELP = """\
Predict some molecules at one state (ionic-liquid, mixture), or every row of a CSV table.

ionic-liquids and polymer-solvent read a table and write it with all its columns and the predictions
behind them; a row that cannot be predicted says why in the column error.

ionic-liquids reads cation_smiles and anion_smiles, and, if there, temperature_K (without it only
the melting point is predicted) and pressure_kPa (101.325 where empty). It writes each property with
the ends of its 90 % interval, support, in_range, and a grade (inside, edge or outside of what was
measured) with its reason, and in every predicted row the model, its date, the date of the
prediction and the version.

polymer-solvent reads polymer_smiles (the repeat unit with two *) and solvent_smiles, and, if there,
temperature_K (298.15 where empty) and volume_fraction (of the polymer, between 0 and 1). It writes
chi with the ends of its 90 % interval, chi as COSMO-RS would give it, the probability that the
polymer dissolves, support, in_range, grade and reason, and the model and dates likewise.

Structures may be SMILES, names, abbreviations or CAS numbers, in columns with other headers too
(cation, anion or ionic liquid; polymer, solvent; T / °C, p [bar] ...); what is taken for what is
told on standard error, and --column, --temperature-unit and --pressure-unit say otherwise."""
_TRAIN_HELP = """\
Cross-validate, train on all measured data, calibrate the intervals and write a checkpoint with its
card. An interrupted training goes on where it was. SOLVARIUM_DATA names the folder of the data.

ion-surfaces learns the table of simulated ions in core/tables, and needs no data folder."""
_EVALUATE_HELP = """\
Cross-validate the model beside simple ones on the same folds, print the errors, and store them in
the card of the model. Folds that training left behind are read, not computed again. ion-surfaces is
measured when it is trained; this prints the result."""
_DOMAIN_HELP = """\
Find the limits beyond which a prediction is graded edge or outside, try them on the folds that
training left behind, print the errors by grade, and store both in the card of the model. The
weights stay as they are. train does this at its end."""
_SIMULATE_HELP = """\
Simulate molecules with xtb and MOPAC, and keep each result; what is there already is not computed
again, so an interrupted run goes on where it was. SOLVARIUM_DATA names the folder of the data.

ions are all monovalent ions known; polymers are solvents, and trimers of the polymers. pairs needs
neither program: it computes COSMO-RS quantities of all pairs of the ions in core/tables."""
_SCREEN_IONIC_LIQUIDS_HELP = """\
Predict all pairs of a library of ions at one temperature and pressure, and write the best of those
that fulfil all conditions, or with --all everything.

The library is made of all simulated monovalent ions, unless --ions or lists of your own say
otherwise: CSV files with a column smiles (SMILES, names or abbreviations) and, if there, name.

A condition compares a property with a number, in the unit of its key; .low and .high behind the key
stand for the ends of the 90 % interval. Conditions of one or more --where hold together:

  --where "viscosity_mPa_s.high < 50 and 250 < melting_point_K < 298"
  --where "cation.family = imidazolium | pyridinium" --where "halogen-free"
  --where "viscosity_mPa_s.grade != outside"
  --where "contains N and without Cl, Br" --where "support = pair_measured | both_ions_known"

An objective is KEY or KEY:WEIGHT; each counts in spreads of the library on the scale it is learned
on. Without any, the viscosity is minimised."""
_SCREEN_SOLVENTS_HELP = """\
Rank solvents for a polymer, at dilution, the best first.

They are the shipped solvents, or a list of your own: a CSV file with a column smiles and, if there,
name, boiling_point_K, melting_point_K, flash_point_K and density_kg_m3. It may be long: the work is
kept in parts, so that an interrupted run goes on where it was, and another polymer is quick.

  --where "boiling_point_K < 393" --where "0.5 <= red < 1"

compares boiling_point_K, melting_point_K, flash_point_K, density_kg_m3, molar_mass_g_mol or red
with numbers; a solvent of which the number is not known is left out, unless --keep-unknown. Other
questions:

  --spare POLYMER     solvents that dissolve --polymer, but not this one
  --blends            blends of two of the solvents, by rules for mixtures, not by the model;
                      ranked by margin, or by red
  --solvent SOLVENT   in place of --polymer: polymers that it would dissolve; no filters

Polymers and solvents are given by name, abbreviation, CAS number or SMILES."""
# Role -> the checkpoint that training writes if no other folder is named.
_TRAINED = {
    "ionic-liquids": "recommender-v2",
    "polymer-solvent": "sphere-v1",
    "ion-surfaces": "emulator-v1",
}
_PUBLISHED = "published-tasks-v1"
_GRADED = ("ionic-liquids", "polymer-solvent")  # whose predictions are graded
_BAD_ROWS_SHOWN = 20


class _CommandError(Exception):
    """What stops a command; the message is the line shown."""


@contextmanager
def _replaced(path: Path, encoding: str) -> Iterator[TextIO]:
    """A text file that takes the place of ``path`` once it is complete, and not before."""
    path = path.resolve()
    if path.exists() and not path.is_file():
        raise _CommandError(f"{path}: this is not a file that can be replaced")
    part = _part(path)
    try:
        with part.open("x", encoding=encoding, newline="") as file:
            yield file
        part.replace(path)
    except OSError as error:
        raise _CommandError(f"{path}: cannot be written: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)


def _part(path: Path) -> Path:
    """Where ``path`` grows; what killed runs have left there is cleared away."""
    for left in path.parent.glob(f".{glob.escape(path.name)}.*.part"):
        if not _runs_still(left.suffixes[-2].removeprefix(".")):
            shutil.rmtree(left) if left.is_dir() else left.unlink()
    return path.with_name(f".{path.name}.{os.getpid()}.part")


def _runs_still(process: str) -> bool:
    try:
        if os.name == "posix":  # elsewhere the signal 0 is no question
            os.kill(int(process), 0)
    except (ProcessLookupError, ValueError):
        return False
    except PermissionError:  # somebody else's
        return True
    return True


@contextmanager
def _file(path: Path) -> Iterator[BinaryIO]:
    """The file at ``path``; what is wrong with it names it."""
    if not path.is_file():
        reason = "this is not a file" if path.exists() else "there is no such file"
        raise _CommandError(f"{path}: {reason}")
    try:
        with path.open("rb") as file:
            yield file
    except InputFileError as error:
        raise _CommandError(f"{path}: {error}") from error
    except OSError as error:
        raise _CommandError(f"{path}: cannot be read: {error.strerror}") from error


def _rows(number: int) -> str:
    return f"{number:,} row{'' if number == 1 else 's'}"


def _predict(arguments: argparse.Namespace) -> None:
    source: Path = arguments.input
    target: Path = arguments.output
    if source.resolve() == target.resolve():
        raise _CommandError(f"{target}: the result would replace the input")
    with _file(source) as source_file:
        table = InputTable(source_file, KINDS[arguments.what], _told(arguments))
        _report_columns(source, table)
        from core.checkpoints import CheckpointError, named_path
        from core.export import Origin
        from core.predict import IonicLiquidPredictor, MiscibilityPredictor

        load = (
            IonicLiquidPredictor.load
            if arguments.what == "ionic-liquids"
            else MiscibilityPredictor.load
        )
        try:
            predictor = load(named_path(arguments.model) if arguments.model else None)
        except CheckpointError as error:
            raise _CommandError(str(error)) from error
        marked = arguments.excel or table.encoding == "utf-8-sig"
        with (
            _replaced(target, "utf-8-sig" if marked else "utf-8") as file,
            tqdm(total=table.expected_rows, unit=" rows") as bar,
        ):
            summary = predict_table(
                table,
                file,
                predictor,
                progress=lambda rows: bar.update(rows - bar.n),
                spreadsheet=arguments.excel,
                provenance=Origin.now(predictor.card).cells,
            )
            bar.total = summary.rows
            bar.refresh()
    failed = f", {summary.failed:,} without a prediction (see the column error)"
    print(f"{target}: {_rows(summary.rows)}{failed if summary.failed else ''}", file=sys.stderr)


def _told(arguments: argparse.Namespace) -> Told:
    """What the options say of the table."""
    names = {column.word: column.name for column in KINDS[arguments.what].columns}
    columns: dict[str, str | int] = {}
    units: dict[str, str] = {}
    defaults: dict[str, float] = {}
    for text in arguments.column:
        word, _, header = text.partition("=")
        name = names.get(word.strip().replace("-", " "))
        if name is None or "=" not in text:
            known = ", ".join(word.replace(" ", "-") for word in names)
            raise _CommandError(
                f"--column {text}: write one of {known}, then = and the header of the column"
            )
        columns[name] = header if header.strip() else -1
    for word in ("temperature", "pressure"):
        name = names.get(word)
        if name is None:  # a polymer has no pressure
            continue
        if (unit := getattr(arguments, f"{word}_unit", None)) is not None:
            units[name] = unit
        if (default := getattr(arguments, word, None)) is not None:
            defaults[name] = default
    return Told(columns, units, defaults)


def _report_columns(source: Path, table: InputTable[Any, Any]) -> None:
    """Say which column was taken for what, unless the headers leave no choice."""
    places = table.layout.places
    if not table.headless and all(
        table.header[place].strip() == name for name, place in places.items()
    ):
        return
    words = {column.name: column.word for column in table.kind.columns}
    parts = []
    for name, place in places.items():
        unit = f" in {table.layout.units[name].label}" if name in table.layout.units else ""
        parts.append(f"{words[name]} in {table.header[place].strip()!r}{unit}")
    print(f"{source}: {', '.join(parts)}", file=sys.stderr)


def _predict_some(arguments: argparse.Namespace) -> None:
    from core.checkpoints import CheckpointError

    try:
        print(answer(arguments))
    except (NotUnderstoodError, CheckpointError) as error:
        raise _CommandError(str(error)) from error


def _train(arguments: argparse.Namespace) -> None:
    from core.checkpoints import FOLDER
    from core.measured import DataMissingError
    from core.train import emulator, evaluate_domain, ionic_liquids, polymer_solvent

    what: str = arguments.what
    out: Path = arguments.output or FOLDER / what / _TRAINED[what]
    seed, runs = arguments.seed, _runs(arguments)
    try:
        if what == "ionic-liquids":
            card = ionic_liquids.train(out, seed=seed, runs=runs)
        elif what == "ion-surfaces":
            card = emulator.train(out, seed=seed, runs=runs)
        elif arguments.published:
            out = arguments.output or FOLDER / what / _PUBLISHED
            card = polymer_solvent.train(out, seed=seed, runs=runs, name="published tasks")
        else:
            card = polymer_solvent.train(out, seed=seed, runs=runs)
        if what in _GRADED and not arguments.published:
            evaluate_domain.add_domain(what, out, runs=runs)
    except DataMissingError as error:
        raise _CommandError(str(error)) from error
    print(f"{out}: {card.name}; `python -m core evaluate {what}` measures how good it is")


def _domain(arguments: argparse.Namespace) -> None:
    from core.checkpoints import CheckpointError
    from core.measured import DataMissingError
    from core.train import evaluate_domain

    try:
        card = evaluate_domain.add_domain(arguments.what, runs=_runs(arguments))
    except (CheckpointError, DataMissingError) as error:
        raise _CommandError(str(error)) from error
    print(evaluate_domain.markdown(card))


def _evaluate(arguments: argparse.Namespace) -> None:
    from core.checkpoints import CheckpointError, default_path, read_card
    from core.measured import DataMissingError
    from core.train import emulator, evaluate, evaluate_polymer_solvent

    module = {
        "ionic-liquids": evaluate,
        "polymer-solvent": evaluate_polymer_solvent,
        "ion-surfaces": emulator,
    }[arguments.what]
    try:
        if arguments.what == "ion-surfaces":
            card = read_card(default_path("ion-surfaces"), "ion-surfaces")
        else:
            card = module.evaluate(runs=_runs(arguments))
    except (CheckpointError, DataMissingError) as error:
        raise _CommandError(str(error)) from error
    print(module.markdown(card))
    if arguments.write_docs:
        try:
            module.write_docs(card, Path(__file__).resolve().parents[1] / "README.md")
        except ValueError as error:
            raise _CommandError(str(error)) from error


def _simulate(arguments: argparse.Namespace) -> None:
    from core.measured import DataMissingError
    from core.simulate import command
    from core.simulate.programs import ProgramMissingError

    what: str = arguments.what
    runs: Path = arguments.runs or command.RUNS
    try:
        if what == "pairs":
            print(command.pairs(runs))
        elif arguments.export:
            for path in command.export(what, runs=runs):
                print(path)
        else:
            tally = command.simulate(
                what,
                runs=runs,
                jobs=arguments.jobs,
                seconds=arguments.seconds,
                again=arguments.again,
            )
            print(f"{runs}: {tally.done:,} molecules, {tally.failures.total():,} failed")
            for reason, count in tally.failures.most_common():
                print(f"{count:6,}  {reason}")
    except (ProgramMissingError, DataMissingError, ValueError) as error:
        raise _CommandError(str(error)) from error


def _resolve(arguments: argparse.Namespace) -> None:
    said, understood = names_command.resolve_text(arguments)
    if not understood and not arguments.json:
        raise _CommandError(said)
    print(said)
    if not understood:
        raise SystemExit(2)


def _runs(arguments: argparse.Namespace) -> Path:
    """Where finished folds are kept; each role has its own folder if none is named."""
    runs: Path | None = arguments.runs
    return runs or Path("runs", arguments.what.replace("-", "_"))


def _screen_ionic_liquids(arguments: argparse.Namespace) -> None:
    from core import screen
    from core.checkpoints import CheckpointError
    from core.export import Origin, with_provenance
    from core.figures import safe_csv
    from core.predict import IonicLiquidPredictor

    target: Path = arguments.output
    try:
        for text in arguments.where:  # a slip is told before thousands of ions are read
            screen.read_conditions(text)
        library = screen.Library(
            _ion_list(arguments.cations, "cation", arguments.ions),
            _ion_list(arguments.anions, "anion", arguments.ions),
        )
        conditions = [
            condition
            for text in arguments.where
            for condition in screen.read_conditions(text, library.families)
        ]
        objectives = [
            screen.read_objective(text, maximise=maximise)
            for texts, maximise in ((arguments.minimize, False), (arguments.maximize, True))
            for text in texts
        ] or [screen.Objective("viscosity_mPa_s")]
        predictor = IonicLiquidPredictor.load()
        with tqdm(desc="new ions", unit=" ions", disable=None) as bar:
            screener = screen.Screener(predictor, library, progress=lambda n: bar.update(n - bar.n))
        state = arguments.temperature, arguments.pressure
        request = screener.request(*state, conditions=conditions, objectives=objectives)
        outside = [key for key, inside in predictor.in_range(*state).items() if not inside]
        if outside:
            print(f"outside the range of the training data: {', '.join(outside)}", file=sys.stderr)
        with tqdm(total=len(library), unit=" pairs", unit_scale=True) as bar:
            if arguments.all:
                parts = screener.parts(request, cluster=arguments.dask)
                with _new_folder(target) as folder:
                    for pairs in screen.write_partitions(
                        folder, parts, library, request, predictor.card.name
                    ):
                        bar.update(pairs)
                said = "all hits"
            else:
                ranking = screener.best(
                    request,
                    top=arguments.top,
                    similar=arguments.similar,
                    cluster=arguments.dask,
                    progress=lambda done: bar.update(done - bar.n),
                )
                with _replaced(target, "utf-8") as file:
                    table = screen.ranking_table(ranking, library).assign(
                        temperature_K=arguments.temperature, pressure_kPa=arguments.pressure
                    )
                    table = with_provenance(table, Origin.now(predictor.card))
                    file.write(safe_csv(table).decode())
                said = f"the best {len(table):,} of {ranking.hits:,} hits"
    except (CheckpointError, screen.QueryError, screen.ClusterError) as error:
        raise _CommandError(str(error)) from error
    print(f"{target}: {said} among {len(library):,} ionic liquids", file=sys.stderr)


def _ion_list(path: Path | None, role: Role, source: IonSource) -> IonList:
    """A user's own list, or the project's ions; rows that are left out are told."""
    from core.screen import known_ions, read_ions

    if path is None:
        return known_ions(role, source)
    with _file(path) as file, tqdm(desc=f"{role}s", unit=" rows", disable=None) as bar:
        ions, bad = read_ions(file, role, progress=lambda rows: bar.update(rows - bar.n))
    for row in bad[:_BAD_ROWS_SHOWN]:
        print(f"{path}: row {row.row} is left out: {row.reason}", file=sys.stderr)
    if len(bad) > _BAD_ROWS_SHOWN:
        more = _rows(len(bad) - _BAD_ROWS_SHOWN)
        print(f"{path}: left out as well: {more}", file=sys.stderr)
    return ions


@contextmanager
def _new_folder(path: Path) -> Iterator[Path]:
    """A folder that appears at ``path`` once it is complete, and not before."""
    path = path.resolve()
    if path.exists():
        raise _CommandError(f"{path}: there is something already; name a new folder")
    part = _part(path)
    try:
        part.mkdir(parents=True)
        yield part
        part.replace(path)
    except OSError as error:
        raise _CommandError(f"{path}: cannot be written: {error.strerror}") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _add_screen(screen: argparse.ArgumentParser) -> None:
    """The commands that screen."""
    what = screen.add_subparsers(dest="what", required=True)
    liquids = what.add_parser(
        "ionic-liquids",
        help="all pairs of many cations and anions",
        description=_SCREEN_IONIC_LIQUIDS_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    for name, words in (
        ("--where", "a condition, or several joined by and; may be given again"),
        ("--minimize", "what should be small; may be given again"),
        ("--maximize", "what should be large; may be given again"),
    ):
        metavar = "CONDITION" if name == "--where" else "KEY[:WEIGHT]"
        liquids.add_argument(name, action="append", default=[], metavar=metavar, help=words)
    liquids.add_argument(
        "-T", "--temperature", type=kelvin, default=REFERENCE_TEMPERATURE_K, metavar="K",
        help="temperature in K (298.15)",
    )  # fmt: skip
    liquids.add_argument(
        "-P", "--pressure", type=kilopascal, default=REFERENCE_PRESSURE_KPA, metavar="kPa",
        help="pressure in kPa (101.325)",
    )  # fmt: skip
    liquids.add_argument(
        "--ions", choices=["simulated", "catalogue"], default="simulated",
        help="which ions of the project's tables are paired (simulated)",
    )  # fmt: skip
    for role in ("cations", "anions"):
        liquids.add_argument(f"--{role}", type=Path, metavar="FILE.csv", help=f"{role} of your own")
    liquids.add_argument("--top", type=_count, default=100, help="how many are written (100)")
    liquids.add_argument(
        "--similar", type=_share, metavar="S",
        help="leave out those whose ions are, on the average, that similar to those of a better "
        "one, from 0 to 1; 0.65 leaves out homologues",
    )  # fmt: skip
    liquids.add_argument(
        "--all", action="store_true",
        help="write all hits, unranked, as Parquet files into the folder OUT",
    )  # fmt: skip
    liquids.add_argument(
        "--dask", metavar="ADDRESS", help="compute on the Dask cluster of this scheduler; trust it"
    )
    liquids.add_argument("-o", "--output", type=Path, required=True, metavar="OUT")
    liquids.set_defaults(run=_screen_ionic_liquids)
    _add_screen_solvents(
        what.add_parser(
            "solvents",
            help="solvents for a polymer, and the other way round",
            description=_SCREEN_SOLVENTS_HELP,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
    )


def _add_screen_solvents(solvents: argparse.ArgumentParser) -> None:
    """The options of ``screen solvents``."""
    asked = solvents.add_mutually_exclusive_group(required=True)
    asked.add_argument("--polymer", metavar="POLYMER", help="the polymer to dissolve")
    asked.add_argument("--solvent", metavar="SOLVENT", help="rank polymers for this solvent")
    solvents.add_argument(
        "--molar-mass", type=_positive, default=1e5, metavar="M",
        help="of the polymer in g/mol, for the critical chi (100,000)",
    )  # fmt: skip
    solvents.add_argument(
        "--by",
        choices=["probability", "chi", "chi_high", "margin", "red"],
        default="probability",
        help="what is ranked by (probability)",
    )
    solvents.add_argument("--where", action="append", default=[], metavar="RANGE", help="a filter")
    solvents.add_argument(
        "--family", action="append", default=[], metavar="NAME",
        help="a family such as ester; may be given again for further ones",
    )  # fmt: skip
    solvents.add_argument(
        "--without", default="", metavar="Cl,Br", help="elements that must not be"
    )
    solvents.add_argument(
        "--greenness",
        choices=["recommended", "problematic", "hazardous"],
        help="the worst ranking of the CHEM21 guide let through",
    )
    solvents.add_argument(
        "--keep-unknown", action="store_true", help="let pass what is not known of a solvent"
    )
    solvents.add_argument(
        "--liquid", action="store_true", help="only what is liquid at the temperature and 1 atm"
    )
    solvents.add_argument(
        "--known-first", action="store_true", help="solvents measured with the polymer first"
    )
    solvents.add_argument(
        "--radius", type=_positive, default=math.nan, metavar="R0",
        help="Hansen's radius of the polymer in MPa^0.5, for red",
    )  # fmt: skip
    solvents.add_argument(
        "--spare", action="append", default=[], metavar="POLYMER", help="must not dissolve"
    )
    solvents.add_argument("--blends", action="store_true", help="pair up the solvents that pass")
    solvents.add_argument(
        "--candidates", type=Path, metavar="FILE.csv", help="your own list of solvents"
    )
    solvents.add_argument("--jobs", type=_count, metavar="N", help="processes that describe it")
    solvents.add_argument(
        "--runs", type=Path, default=Path("runs", "solvents"), metavar="FOLDER",
        help="where the described list is kept (runs/solvents)",
    )  # fmt: skip
    solvents.add_argument(
        "-T", "--temperature", type=kelvin, default=REFERENCE_TEMPERATURE_K, metavar="K",
        help="temperature in K (298.15)",
    )  # fmt: skip
    solvents.add_argument("--top", type=_count, default=50, help="how many are written (50)")
    solvents.add_argument("-o", "--output", type=Path, required=True, metavar="OUT.csv")
    solvents.set_defaults(run=_screen_solvents)


def _screen_solvents(arguments: argparse.Namespace) -> None:
    from core.checkpoints import CheckpointError
    from core.chemistry import ChemistryError
    from core.export import Origin, with_provenance
    from core.figures import safe_csv
    from core.screen import QueryError
    from core.screen.solvent_command import find

    target: Path = arguments.output
    if arguments.candidates and arguments.candidates.resolve() == target.resolve():
        raise _CommandError(f"{target}: the result would replace the list")
    bar = tqdm(unit=" solvents", disable=arguments.candidates is None)

    def progress(done: int, expected: int) -> None:
        bar.total = expected
        bar.update(done - bar.n)

    try:
        with bar, _file(arguments.candidates) if arguments.candidates else nullcontext() as source:
            found = find(arguments, source, progress)
    except (ChemistryError, CheckpointError, NotUnderstoodError, QueryError) as error:
        raise _CommandError(str(error)) from error
    tables = {target: with_provenance(found.table, Origin.now(found.card))}
    refused = target.with_name(f"{target.stem}.refused.csv")
    if found.refused:
        tables[refused] = found.bad_rows
    for path, table in tables.items():
        with _replaced(path, "utf-8") as file:
            file.write(safe_csv(table, digits=6).decode())
    print(f"{target}: {found.said}", file=sys.stderr)
    if found.refused:
        print(f"{refused}: {_rows(found.refused)} gave no solvent, and why", file=sys.stderr)


_positive = number_within(1e-9, 1e12, "a positive number")
_share = number_within(0.0, 1.0, "a number from 0 to 1")


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 1_000_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 to 1,000,000")
    return int(text)


def _add_predict(predict: argparse.ArgumentParser) -> None:
    """The commands that predict."""
    what = predict.add_subparsers(dest="what", required=True)
    for kind in KINDS:
        table = what.add_parser(
            kind,
            help="every row of a table",
            description=_PREDICT_HELP,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        table.add_argument("input", type=Path, metavar="IN.csv")
        table.add_argument("-o", "--output", type=Path, required=True, metavar="OUT.csv")
        table.add_argument(
            "--model",
            metavar="NAME",
            help="another model than the best, by its folder in checkpoints",
        )
        table.add_argument(
            "--column",
            action="append",
            default=[],
            metavar="WORD=HEADER",
            help="which column holds what, such as cation=MyHeader, or temperature= for none; may "
            "be given again",
        )
        table.add_argument("--temperature-unit", metavar="C", help="C, K or F")
        table.add_argument(
            "-T", "--temperature", type=kelvin, metavar="K",
            help="temperature in K where the table gives none",
        )  # fmt: skip
        if kind == "ionic-liquids":
            table.add_argument("--pressure-unit", metavar="kPa", help="kPa, bar, MPa, atm ...")
            table.add_argument(
                "-P", "--pressure", type=kilopascal, metavar="kPa",
                help="pressure in kPa where the table gives none",
            )  # fmt: skip
        table.add_argument(
            "--excel",
            action="store_true",
            help="guard cells that a spreadsheet would run, and write numbers with the decimal "
            "mark of the input",
        )
        table.set_defaults(run=_predict)
    add_commands(what)
    for name in ("ionic-liquid", "mixture"):
        what.choices[name].set_defaults(run=_predict_some)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m core", description="Solvarium's command line.")
    commands = parser.add_subparsers(dest="command", required=True)
    _add_predict(
        commands.add_parser(
            "predict",
            help="predict every row of a table, or some molecules at one state",
            description=_PREDICT_HELP,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
    )
    names_command.add_command(commands).set_defaults(run=_resolve)
    _add_screen(commands.add_parser("screen", help="rank a whole library"))
    train = commands.add_parser("train", help="train a model from nothing", description=_TRAIN_HELP)
    train.add_argument("what", choices=_TRAINED)
    train.add_argument("-o", "--output", type=Path, metavar="FOLDER", help="of the checkpoint")
    train.add_argument(
        "--published",
        action="store_true",
        help="polymer-solvent: learn the three published tasks only",
    )
    train.add_argument("--seed", type=int, default=0, help="of every random choice (0)")
    evaluate = commands.add_parser(
        "evaluate", help="measure a model beside simple ones", description=_EVALUATE_HELP
    )
    evaluate.add_argument("what", choices=_TRAINED)
    evaluate.add_argument("--write-docs", action="store_true", help="put the tables into README.md")
    domain = commands.add_parser(
        "domain", help="find the limits of a model's grades", description=_DOMAIN_HELP
    )
    domain.add_argument("what", choices=_GRADED)
    for command, run in ((train, _train), (evaluate, _evaluate), (domain, _domain)):
        command.add_argument(
            "--runs",
            type=Path,
            metavar="FOLDER",
            help="where finished folds are kept, to go on after an interruption",
        )
        command.set_defaults(run=run)
    simulate = commands.add_parser(
        "simulate",
        help="simulate molecules with xtb and MOPAC",
        description=_SIMULATE_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    simulate.add_argument("what", choices=["ions", "polymers", "pairs"])
    simulate.add_argument(
        "--runs", type=Path, metavar="FOLDER", help="where results are kept (runs/simulate)"
    )
    simulate.add_argument("--jobs", type=int, default=2, help="molecules at a time (2)")
    simulate.add_argument(
        "--seconds", type=float, default=1800, help="the longest time for one molecule (1800)"
    )
    simulate.add_argument("--again", action="store_true", help="try once more what failed")
    simulate.add_argument(
        "--export", action="store_true", help="write core/tables from the results there are"
    )
    simulate.set_defaults(run=_simulate)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 0 when it did what it was asked, 2 when it could not."""
    arguments = _parser().parse_args(argv)
    try:
        arguments.run(arguments)
    except _CommandError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except OSError as error:  # a disk that is full, a folder that is not ours
        where = f"{error.filename}: " if error.filename else ""
        print(f"error: {where}{error.strerror or error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped; nothing was written", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
