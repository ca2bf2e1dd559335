"""What reproduces a page: a Python script and a command line, both run in the project's folder.

A command names molecules by what they are called on the page where that leads back to them, else by
SMILES; a script always has their SMILES.
"""

from __future__ import annotations

import json
import math
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from core.chemistry import IonicLiquid, Polymer, Solvent
from core.names import Kind, resolve
from core.screen import Condition, Objective, write_conditions
from core.screen.solvents import Wanted

__all__ = [
    "Grid",
    "Ranked",
    "Recipe",
    "blend_recipe",
    "ionic_liquid_recipe",
    "map_recipe",
    "mixture_recipe",
    "polymer_recipe",
    "screening_recipe",
    "solution_recipe",
    "solvent_facts_recipe",
    "solvent_recipe",
]

_COMMAND: Final = "python -m core"
# What a shell, of whatever kind, would do something with inside double quotes.
_UNSAFE: Final = frozenset('"\\$`!%\n\r')


@dataclass(frozen=True, slots=True)
class Recipe:
    """What reproduces a page.

    Attributes:
        python: a script that prints what is shown, as CSV.
        command: one line for a shell; empty where there is no such command.
    """

    python: str
    command: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """Where curves are drawn.

    Attributes:
        variable: what changes along them.
        low: where they begin, in kelvin or kilopascal.
        high: where they end.
        points: how many points they have.
    """

    variable: Literal["temperature_K", "pressure_kPa"]
    low: float
    high: float
    points: int

    @property
    def code(self) -> str:
        """The grid in Python."""
        return f"np.linspace({self.low!r}, {self.high!r}, {self.points})"


def quoted(text: str) -> str:
    """A word of a command line, in double quotes where every shell takes them alike."""
    if shlex.quote(text) == text:
        return text
    return f'"{text}"' if not _UNSAFE & set(text) else shlex.quote(text)


def _called(name: str, smiles: str, kind: Kind) -> str:
    """The name where it leads back to the structure and nowhere else, else the SMILES.

    A SMILES may be an abbreviation too, as ``CO`` is; then a name from the tables stands for it.
    """
    known = [match.name for match in resolve(smiles, [kind]).matches if match.smiles == smiles]
    for text in (name, smiles, *known):
        found = () if text.startswith("-") else resolve(text, [kind]).matches
        if [match.smiles for match in found] == [smiles]:
            return quoted(text)
    return quoted(smiles)


def _text(text: str) -> str:
    """A text in Python, in double quotes."""
    return json.dumps(text, ensure_ascii=False)


def _texts(texts: Iterable[str]) -> str:
    """Texts in Python, as a sorted list."""
    return f"[{', '.join(map(_text, sorted(texts)))}]"


def _script(*blocks: str) -> str:
    return "\n\n".join(block.strip() for block in blocks if block) + "\n"


def _named(variable: str, smiles: Mapping[str, str]) -> str:
    rows = "".join(f"    {_text(name)}: {_text(text)},\n" for name, text in smiles.items())
    return f"{variable} = {{\n{rows}}}"


# ------------------------------------------------------------------------------------ ionic liquids


def ionic_liquid_recipe(
    liquids: Mapping[str, IonicLiquid],
    temperature_K: float,
    pressure_kPa: float,
    *,
    keys: Sequence[str] = (),
    grid: Grid | None = None,
) -> Recipe:
    """Ionic liquids at one state, and their curves.

    Args:
        liquids: by what they are called.
        temperature_K: of the state.
        pressure_kPa: of the state.
        keys: properties that have curves.
        grid: of the curves; without it there are none.
    """
    state = f"temperature_K={temperature_K!r}, pressure_kPa={pressure_kPa!r}"
    curves = ""
    if grid is not None and keys:
        along = "temperatures_K" if grid.variable == "temperature_K" else "pressures_kPa"
        other = (
            f"pressure_kPa={pressure_kPa!r}"
            if grid.variable == "temperature_K"
            else f"temperature_K={temperature_K!r}"
        )
        curves = f"""
# The curves, in the units of the keys.
grid = {grid.code}
for name, smiles in liquids.items():
    liquid = parse_ionic_liquid(smiles)
    for key in {_texts(keys)}:
        curve = predictor.curve(liquid, key, {along}=grid, {other})
        columns = {{"ionic_liquid": name, curve.variable: curve.x, key: curve.value}}
        columns |= {{"low": curve.low, "high": curve.high}}
        print(pd.DataFrame(columns).to_csv(index=False))"""
    python = _script(
        "import numpy as np\nimport pandas as pd" if curves else "import pandas as pd",
        "from core.chemistry import parse_ionic_liquid\n"
        "from core.predict import IonicLiquidPredictor",
        "predictor = IonicLiquidPredictor.load()\n"
        + _named("liquids", {name: liquid.smiles for name, liquid in liquids.items()}),
        f"""rows = []
for name, smiles in liquids.items():
    found = predictor.predict(parse_ionic_liquid(smiles), {state})
    rows += [(name, p.key, p.value, p.low, p.high, p.support) for p in found.values()]
columns = ["ionic_liquid", "property", "value", "low", "high", "support"]
print(pd.DataFrame(rows, columns=columns).to_csv(index=False))""",
        curves,
    )
    words = " ".join(_called(name, x.smiles, "ionic-liquid") for name, x in liquids.items())
    command = f"{_COMMAND} predict ionic-liquid {words} -T {temperature_K!r} -P {pressure_kPa!r}"
    return Recipe(python, command)


def screening_recipe(
    ions: Literal["simulated", "catalogue"],
    state: tuple[float, float],
    conditions: Sequence[Condition],
    objectives: Sequence[Objective],
    *,
    top: int,
    similar: float | None,
) -> Recipe:
    """All pairs of the project's ions.

    Args:
        ions: which ones.
        state: temperature in kelvin and pressure in kilopascal.
        conditions: that hold together.
        objectives: what is best; without any there is no command, for that would choose one.
        top: how many are shown.
        similar: see :meth:`core.screen.Best.ranking`.
    """
    where = write_conditions(conditions)
    temperature_K, pressure_kPa = state
    aims = "".join(
        f"\n    screen.read_objective({_text(str(aim))}, maximise={aim.maximise}),"
        for aim in objectives
    )
    python = _script(
        "from core import screen\nfrom core.predict import IonicLiquidPredictor",
        f"""predictor = IonicLiquidPredictor.load()
cations, anions = (screen.known_ions(role, {_text(ions)}) for role in ("cation", "anion"))
library = screen.Library(cations, anions)
everything = screen.Screener(predictor, library).everything({temperature_K!r}, {pressure_kPa!r})""",
        f"""conditions = screen.read_conditions({_text(where)}, library.families)
aims = [{aims}
]
ranking = everything.best(everything.mask(conditions), aims, top={top}, similar={similar!r})
print(screen.ranking_table(ranking, library).to_csv(index=False))""",
    )
    words = [
        f"{_COMMAND} screen ionic-liquids --ions {ions} -T {temperature_K!r} -P {pressure_kPa!r}",
        *([f"--where {quoted(where)}"] if where else []),
        *(f"{'--maximize' if x.maximise else '--minimize'} {quoted(str(x))}" for x in objectives),
        *([f"--similar {similar!r}"] if similar is not None else []),
        f"--top {top} -o best.csv",
    ]
    return Recipe(python, " ".join(words) if objectives else "")


# ------------------------------------------------------------------------------ polymers, solvents


def mixture_recipe(
    polymer: tuple[str, Polymer],
    solvents: Mapping[str, Solvent],
    temperature_K: float,
    *,
    volume_fraction: float = 0.0,
    grid: Grid | None = None,
) -> Recipe:
    """A polymer in solvents, and curves of chi.

    Args:
        polymer: what it is called, and itself.
        solvents: by what they are called.
        temperature_K: of the state.
        volume_fraction: of the polymer.
        grid: of the curves, along temperatures; without it there are none.
    """
    curves = ""
    if grid is not None:
        curves = f"""
# Chi against temperature.
grid = {grid.code}
for name, smiles in solvents.items():
    curve = predictor.curve(polymer, parse_solvent(smiles), grid, {volume_fraction!r})
    columns = {{"temperature_K": curve.temperature_K, "chi": curve.chi}}
    columns |= {{"low": curve.low, "high": curve.high, "chi_cosmo_rs": curve.chi_cosmo_rs}}
    print(pd.DataFrame({{"solvent": name}} | columns).to_csv(index=False))"""
    python = _script(
        "import numpy as np\nimport pandas as pd" if curves else "import pandas as pd",
        "from core.chemistry import parse_polymer, parse_solvent\n"
        "from core.predict import MiscibilityPredictor",
        "predictor = MiscibilityPredictor.load()\n"
        f"polymer = parse_polymer({_text(polymer[1].smiles)})\n"
        + _named("solvents", {name: solvent.smiles for name, solvent in solvents.items()}),
        f"""rows = []
columns = ["chi", "chi_low", "chi_high", "chi_cosmo_rs", "soluble_probability", "support"]
for name, smiles in solvents.items():
    solvent = parse_solvent(smiles)
    found = predictor.predict(polymer, solvent, {temperature_K!r}, {volume_fraction!r})
    rows.append({{"solvent": name}} | {{column: getattr(found, column) for column in columns}})
print(pd.DataFrame(rows).to_csv(index=False))""",
        curves,
    )
    words = " ".join(_called(name, x.smiles, "solvent") for name, x in solvents.items())
    dilute = "" if volume_fraction == 0.0 else f" --volume-fraction {volume_fraction!r}"
    asked = f"{_called(polymer[0], polymer[1].smiles, 'polymer')} {words}"
    return Recipe(python, f"{_COMMAND} predict mixture {asked} -T {temperature_K!r}{dilute}")


def solvent_facts_recipe(smiles: Sequence[str]) -> Recipe:
    """What is known of solvents without a polymer; a script alone."""
    python = _script(
        "import pandas as pd\n\nfrom core.names import solvents",
        f"""wanted = [{", ".join(map(_text, smiles))}]
known = {{solvent.smiles: solvent for solvent in solvents()}}
columns = ["name", "cas", "smiles", "boiling_point_K", "melting_point_K", "flash_point_K"]
rows = [[getattr(known[text], column) for column in columns] for text in wanted if text in known]
print(pd.DataFrame(rows, columns=columns).to_csv(index=False))""",
    )
    return Recipe(python)


@dataclass(frozen=True, slots=True)
class Ranked:
    """A polymer whose solvents are ranked.

    Attributes:
        polymer: what it is called, and itself.
        temperature_K: in kelvin.
        molar_mass_g_mol: of its chains.
        radius: of its Hansen sphere in MPa^0.5; NaN where that of the tables serves.
        wanted: which solvents come into question.
        by: what they are ranked by.
    """

    polymer: tuple[str, Polymer]
    temperature_K: float
    molar_mass_g_mol: float
    radius: float
    wanted: Wanted
    by: str

    @property
    def target(self) -> str:
        """The beginning of a script: predictor, library, target, wanted."""
        radius = "" if math.isnan(self.radius) else f", radius={self.radius!r}"
        ranges = ", ".join(
            f"{_text(name)}: ({_infinite(low)}, {_infinite(high)})"
            for name, (low, high) in self.wanted.ranges.items()
        )
        words = [
            *([f"ranges={{{ranges}}}"] if ranges else []),
            *([f"families=frozenset({_texts(self.wanted.families)})"] * bool(self.wanted.families)),
            *([f"without=frozenset({_texts(self.wanted.without)})"] * bool(self.wanted.without)),
            *([f"greenness={self.wanted.greenness!r}"] * bool(self.wanted.greenness)),
            *(["unknown=True"] * self.wanted.unknown),
            *(["liquid=True"] * self.wanted.liquid),
        ]
        state = f"{self.temperature_K!r}, {self.molar_mass_g_mol!r}"
        return f"""predictor = MiscibilityPredictor.load()
library = shipped_solvents(predictor)
polymer = parse_polymer({_text(self.polymer[1].smiles)})
target = Target.of(predictor, polymer, {state}{radius})
keep = Wanted({", ".join(words)}).mask(library, target)"""

    @property
    def words(self) -> list[str]:
        """The beginning of a command."""
        name, polymer = self.polymer
        ranges = [
            " ".join(
                [
                    *([f"{low!r} <="] if low > -math.inf else []),
                    key,
                    *([f"<= {high!r}"] if high < math.inf else []),
                ]
            )
            for key, (low, high) in self.wanted.ranges.items()
        ]
        return [
            f"{_COMMAND} screen solvents --polymer {_called(name, polymer.smiles, 'polymer')}",
            f"-T {self.temperature_K!r} --molar-mass {self.molar_mass_g_mol!r} --by {self.by}",
            *([] if math.isnan(self.radius) else [f"--radius {self.radius!r}"]),
            *(f"--where {quoted(text)}" for text in ranges),
            *(f"--family {quoted(family)}" for family in sorted(self.wanted.families)),
            *([f"--without {','.join(sorted(self.wanted.without))}"] * bool(self.wanted.without)),
            *([f"--greenness {self.wanted.greenness}"] * bool(self.wanted.greenness)),
            *(["--keep-unknown"] * self.wanted.unknown),
            *(["--liquid"] * self.wanted.liquid),
        ]


def _infinite(value: float) -> str:
    return repr(value) if math.isfinite(value) else f'float("{value}")'


def solvent_recipe(
    ranked: Ranked,
    *,
    top: int,
    spare: Mapping[str, Polymer] | None = None,
    known_first: bool = False,
) -> Recipe:
    """The best solvents for a polymer.

    Args:
        ranked: the polymer, and what is asked.
        top: how many.
        spare: polymers that must not dissolve, by what they are called.
        known_first: whether measured ones come first.
    """
    spare = spare or {}
    more = ""
    if spare:
        more += (
            f", spare=[{', '.join(f'parse_polymer({_text(x.smiles)})' for x in spare.values())}]"
        )
    if known_first:
        more += ", known_first=True"
    python = _script(
        "from core.chemistry import parse_polymer\n"
        "from core.predict import MiscibilityPredictor\n"
        "from core.screen.solvents import Target, Wanted, shipped_solvents, shortlist",
        ranked.target,
        f"""table = shortlist(
    predictor, library, target, by={_text(ranked.by)}, keep=keep, top={top}{more}
)
print(table.to_csv(index=False))""",
    )
    words = [
        *ranked.words,
        *(f"--spare {_called(name, x.smiles, 'polymer')}" for name, x in spare.items()),
        *(["--known-first"] * known_first),
        f"--top {top} -o solvents.csv",
    ]
    return Recipe(python, " ".join(words))


def blend_recipe(
    ranked: Ranked, *, top: int, paired: int, partner: str = "", cosolvents_only: bool
) -> Recipe:
    """The best blends of two solvents; a script alone.

    Args:
        ranked: the polymer, and what is asked.
        top: how many.
        paired: of how many of the best solvents alone.
        partner: SMILES of a solvent that is in every blend, or empty.
        cosolvents_only: whether a blend has to beat both its solvents.
    """
    best = ""
    more = f", cosolvents_only={cosolvents_only}"
    if partner:
        more += f",\n    with_solvent={_text(partner)}"
    else:
        best = f"""
best = shortlist(predictor, library, target, by={_text(ranked.by)}, keep=keep, top={paired})
keep = np.isin(np.array(library.smiles), best["solvent_smiles"].to_numpy())"""
    python = _script(
        "import numpy as np" if best else "",
        "from core.chemistry import parse_polymer\n"
        "from core.predict import MiscibilityPredictor\n"
        "from core.screen.blends import blends\n"
        "from core.screen.solvents import Target, Wanted, shipped_solvents"
        + (", shortlist" if best else ""),
        ranked.target + best,
        f"""table = blends(
    predictor, library, target, by={_text(ranked.by)}, keep=keep, top={top}{more}
)
print(table.to_csv(index=False))""",
    )
    return Recipe(python)


def polymer_recipe(
    solvent: tuple[str, Solvent],
    temperature_K: float,
    molar_mass_g_mol: float,
    *,
    by: str,
    top: int,
) -> Recipe:
    """Polymers that a solvent would dissolve.

    Args:
        solvent: what it is called, and itself.
        temperature_K: in kelvin.
        molar_mass_g_mol: of the polymers' chains.
        by: what they are ranked by.
        top: how many.
    """
    name, structure = solvent
    state = f"{temperature_K!r}, {molar_mass_g_mol!r}"
    python = _script(
        "from core.chemistry import parse_solvent\n"
        "from core.predict import MiscibilityPredictor\n"
        "from core.screen.solvents import polymers_for",
        f"""predictor = MiscibilityPredictor.load()
solvent = parse_solvent({_text(structure.smiles)})
table = polymers_for(predictor, solvent, {state}, by={_text(by)}).head({top})
print(table.to_csv(index=False))""",
    )
    called = _called(name, structure.smiles, "solvent")
    command = (
        f"{_COMMAND} screen solvents --solvent {called} -T {temperature_K!r} "
        f"--molar-mass {molar_mass_g_mol!r} --by {by} --top {top} -o polymers.csv"
    )
    return Recipe(python, command)


# ---------------------------------------------------------------------------------- thermodynamics


def solution_recipe(
    n: float, *, chi: float | None = None, heat: tuple[float, float, float] | None = None
) -> Recipe:
    """A polymer solution after Flory and Huggins; a script alone, with the equations by name.

    Args:
        n: segments of a chain.
        chi: where it is given.
        heat: A, B in kelvin and the temperature in kelvin, where chi = A + B/T.
    """
    given, more, diagram = f"n, chi = {n!r}, {chi!r}", "", ""
    if heat is not None:
        a, b, temperature_K = heat
        given = f"n, a, b, temperature_K = {n!r}, {a!r}, {b!r}, {temperature_K!r}\n"
        given += "chi = a + b / temperature_K"
        more = "    phase_diagram,\n"
        diagram = """
# Two phases against temperature.
found = phase_diagram(lambda at: a + b / at, n, np.linspace(253.15, 453.15, 201))
columns = ["temperature_K", "dilute", "concentrated", "spinodal_low", "spinodal_high"]
for gap in found.gaps:
    table = pd.DataFrame({column: getattr(gap, column) for column in columns})
    print(table.to_csv(index=False))"""
    python = _script(
        "import numpy as np\nimport pandas as pd",
        "from core.thermodynamics import (\n    binodal,\n    critical_point,\n"
        f"    free_energy_of_mixing,\n{more}    spinodal,\n)",
        given,
        """phi = np.linspace(0.0, 1.0, 401)
energy = free_energy_of_mixing(phi, chi, n)  # in RT for each mole of lattice sites
print(pd.DataFrame({"phi": phi, "free_energy_RT": energy}).to_csv(index=False))""",
        """phi_c, chi_c = critical_point(n)
rows = [("critical point", phi_c, chi_c)]
if chi > chi_c:
    rows += [("binodal", at, chi) for at in binodal(chi, n)]
    rows += [("spinodal", at, chi) for at in spinodal(chi, n)]
print(pd.DataFrame(rows, columns=["point", "phi", "chi"]).to_csv(index=False))""",
        diagram,
    )
    return Recipe(python)


# --------------------------------------------------------------------------------------------- maps


def map_recipe(
    kind: Literal["cation", "anion", "polymer", "solvent"], smiles: str, partner: str, *, near: int
) -> Recipe:
    """A molecule of a map with its nearest neighbours, and its values with a partner.

    Args:
        kind: of the molecules of the map.
        smiles: of the molecule.
        partner: SMILES of the partner.
        near: how many neighbours.
    """
    ion = kind in {"cation", "anion"}
    predictor, layout = (
        ("IonicLiquidPredictor", "IonMap") if ion else ("MiscibilityPredictor", "MoleculeMap")
    )
    python = _script(
        f"from core.maps import {layout}\nfrom core.predict import {predictor}",
        f"""shown = {layout}({predictor}.load(), {_text(kind)})
spot = shown.locate({_text(smiles)})
print("molecule,x,y")
print(spot.entry.smiles, *spot.place, sep=",")""",
        f"""print("neighbour,distance")
for place, distance in shown.nearest(spot, {near}):
    print(shown.entries[place].smiles, distance, sep=",")""",
        f"""print("quantity,value,low,high")
for quantity in shown.quantities({_text(partner)}, spot.entry.smiles).values():
    print(quantity.key, quantity.value[0], quantity.low[0], quantity.high[0], sep=",")""",
    )
    first, second = (smiles, partner) if kind in {"cation", "polymer"} else (partner, smiles)
    asked = (
        f"ionic-liquid {quoted(f'{first}.{second}')}"
        if ion
        else f"mixture {quoted(first)} {quoted(second)}"
    )
    return Recipe(python, f"{_COMMAND} predict {asked} -T 298.15")
