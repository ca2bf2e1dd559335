"""The direction of imports, and what no file may do. ARCHITECTURE.md says why."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# A module imports only from the rows above its own, and from its own package if it is in one.
LAYERS = (
    ("properties", "chemistry", "metrics"),
    ("names", "features", "measured", "simulated", "layers"),
    (
        *("recommender", "emulator", "miscibility", "process", "thermodynamics"),
        *("uncertainty", "domain"),
    ),
    ("checkpoints",),
    ("predict",),
    ("maps", "batch", "single"),
    ("screen",),
    ("figures", "export", "exercises"),
)
LAYER_OF = {f"core.{name}": rank for rank, row in enumerate(LAYERS) for name in row}
NETWORKS = ("core.layers", "core.recommender", "core.emulator", "core.miscibility", "core.process")
OFFLINE = ("core.train", "core.simulate")  # never part of the running app
HIGHEST_FOR_OFFLINE = LAYER_OF["core.predict"]

UNSAFE_MODULES = {
    "pickle",
    "cPickle",
    "_pickle",
    "dill",
    "cloudpickle",
    "joblib",
    "shelve",
    "marshal",
}
UNSAFE_NAMES = {"eval", "exec", "compile", "__import__"}
UNSAFE_ATTRIBUTES = {
    ("torch", "load"),
    ("torch", "save"),
    ("importlib", "import_module"),
    ("builtins", "eval"),
    ("builtins", "exec"),
}
UNSAFE_METHODS = {"read_pickle", "to_pickle"}


def module_name(path: str) -> str:
    parts = path.removesuffix(".py").split("/")
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def part(module: str) -> str:
    """The entry of the layers that a module belongs to: ``core.batch.table`` to ``core.batch``."""
    return ".".join(module.split(".")[:2])


def within(module: str, packages: tuple[str, ...]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def imports(path: str, tree: ast.Module, modules: frozenset[str]) -> Iterator[tuple[int, str]]:
    """Every module that a file imports, at any depth, with the line of the import."""
    package = module_name(path).split(".")
    if not path.endswith("__init__.py"):
        package = package[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            source = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                submodule = f"{source}.{alias.name}"
                yield node.lineno, submodule if submodule in modules else source


def unsafe(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) if name in UNSAFE_NAMES:
                yield node.lineno, name
            case ast.Attribute(value=ast.Name(id=owner), attr=name) if (
                owner,
                name,
            ) in UNSAFE_ATTRIBUTES:
                yield node.lineno, f"{owner}.{name}"
            case ast.Attribute(attr=name) if name in UNSAFE_METHODS:
                yield node.lineno, name
            case ast.ImportFrom(module=owner, names=names):
                for alias in names:
                    if (owner, alias.name) in UNSAFE_ATTRIBUTES:
                        yield node.lineno, f"{owner}.{alias.name}"
            case ast.keyword(arg="allow_pickle", value=value) if not (
                isinstance(value, ast.Constant) and value.value is False
            ):
                yield value.lineno, "allow_pickle"
            case _:
                pass


def reachable(start: str, graph: Mapping[str, set[str]]) -> set[str]:
    found, waiting = set(), [start]
    while waiting:
        for target in graph.get(waiting.pop(), set()) - found:
            found.add(target)
            waiting.append(target)
    return found


def objections(module: str, target: str) -> Iterator[str]:
    """Why ``module`` may not import ``target``."""
    core, target_in_core = (within(name, ("core",)) for name in (module, target))
    if core and within(target, ("streamlit", "app", "pages", "tests", "benchmarks")):
        yield "core knows nothing of what is built on it"
    if within(module, ("app", "pages")) and within(target, ("torch", "rdkit")):
        yield "a page asks core for that"
    if target == "core.__main__" and within(module, ("app", "pages", "core", "benchmarks")):
        yield "the command line is nobody's library"
    if not core or not target_in_core or module == "core.__main__":
        return
    rank, target_rank = LAYER_OF.get(part(module), -1), LAYER_OF.get(part(target), -1)
    if within(module, OFFLINE):
        if target_rank > HIGHEST_FOR_OFFLINE:
            yield "training stands below it"
    elif within(target, OFFLINE):
        yield "only the command line and training itself import training"
    elif target_rank >= rank and part(target) != part(module):
        yield "the layers run the other way"


def violations(sources: Mapping[str, str]) -> list[str]:
    """Everything in these files (path from the root -> text) that breaks a line of the design."""
    modules = frozenset(module_name(path) for path in sources)
    found = []
    graph: dict[str, set[str]] = {}
    for path, text in sources.items():
        module, tree = module_name(path), ast.parse(text, path)
        imported = list(imports(path, tree, modules))
        graph[module] = {target for _, target in imported}
        placed = part(module) in LAYER_OF or module in {"core", "core.__main__"}
        if within(module, ("core",)) and not placed and not within(module, OFFLINE):
            found.append(f"{path}: has no place in the layers")
        for line, target in imported:
            found += [
                f"{path}:{line}: imports {target}; {why}" for why in objections(module, target)
            ]
            if target.split(".")[0] in UNSAFE_MODULES:
                found.append(f"{path}:{line}: imports {target}; nothing is ever unpickled")
        found += [f"{path}:{line}: {name} runs what it is given" for line, name in unsafe(tree)]
    for module in graph:
        reached = reachable(module, graph)
        if within(module, ("app", "pages")):
            found += [f"{module} reaches {r}" for r in sorted(reached) if within(r, OFFLINE)]
        if within(module, NETWORKS):
            found += [f"{module} reaches {r}" for r in sorted(reached) if within(r, ("rdkit",))]
    return found


def project() -> dict[str, str]:
    folders = ("core", "pages", "tests", "benchmarks")
    paths = [*ROOT.glob("*.py"), *(p for folder in folders for p in (ROOT / folder).rglob("*.py"))]
    return {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in sorted(paths)}


def test_the_project_keeps_the_design() -> None:
    sources = project()
    assert {"app.py", "core/properties.py", "core/__main__.py"} <= sources.keys()
    assert {"core.chemistry", "core.predict"} <= {part(module_name(path)) for path in sources}
    assert violations(sources) == []


@pytest.mark.parametrize(
    "path,text",
    [
        ("core/figures.py", "import streamlit as st"),
        ("core/figures.py", "def f():\n    from streamlit import cache_data"),
        ("core/train/fit.py", "import streamlit.components.v1"),
        ("core/predict.py", "import pages"),
        ("core/chemistry.py", "from core.features import descriptors"),
        ("core/chemistry.py", "from core import features"),
        ("core/chemistry.py", "from .features import descriptors"),
        ("core/chemistry.py", "from . import features"),
        ("core/features.py", "import core.names"),
        ("core/predict.py", "if True:\n    from core.batch.table import predict_csv"),
        ("core/batch/table.py", "from core.figures import curve_figure"),
        ("core/recommender.py", "from core.batch import table"),
        ("core/__init__.py", "from core.properties import PROPERTIES"),
        ("core/predict.py", "from core.train import data"),
        ("core/train/fit.py", "from core.figures import curve_figure"),
        ("core/figures.py", "from core import __main__"),
        ("core/recommender.py", "from rdkit import Chem"),
        ("core/recommender.py", "from core.features import descriptors"),
        ("core/helpers.py", "import math"),
        ("app.py", "from core.train.data import load_ionic_liquids"),
        ("pages/draw.py", "import core.simulate"),
        ("app.py", "import torch"),
        ("pages/draw.py", "from rdkit.Chem import AllChem"),
        ("pages/draw.py", "import torch.nn as nn"),
        ("benchmarks/bench.py", "import pickle"),
        ("core/checkpoints.py", "from joblib import load"),
        ("core/checkpoints.py", "import torch\nstate = torch.load('weights.pt')"),
        ("core/checkpoints.py", "from torch import load"),
        ("core/checkpoints.py", "import numpy as np\nnp.load('x.npy', allow_pickle=True)"),
        ("core/names.py", "import pandas as pd\npd.read_pickle('ions.pkl')"),
        ("core/names.py", "value = eval('1 + 1')"),
        ("core/names.py", "run = exec"),
        ("pages/draw.py", "import importlib\nimportlib.import_module('core.train')"),
    ],
)
def test_a_broken_line_is_seen(path: str, text: str) -> None:
    innocent = {
        "app.py": "import streamlit",
        "core/__init__.py": "",
        "core/__main__.py": "def train():\n    import core.train.fit",
        "core/properties.py": "import numpy",
        "core/chemistry.py": "from rdkit import Chem",
        "core/features.py": "from core.chemistry import parse_ion\nfrom rdkit import Chem",
        "core/names.py": "from core import chemistry",
        "core/recommender.py": "import torch\nfrom core.properties import PROPERTIES",
        "core/predict.py": "from core.recommender import Recommender\nmodel.eval()",
        "core/batch/__init__.py": "from core.batch.table import predict_csv",
        "core/batch/table.py": "from core.predict import IonicLiquidPredictor",
        "core/figures.py": "from core.batch import predict_csv",
        "core/train/__init__.py": "",
        "core/train/data.py": "from core.predict import Prediction",
        "core/train/fit.py": "from core.train import data\nfrom core import features",
        "pages/draw.py": "import streamlit\nfrom core import figures",
    }
    assert violations(innocent) == []
    assert len(violations(innocent | {path: text})) > 0


def test_what_the_app_reaches_through_core_counts() -> None:
    sources = {
        "app.py": "from core import __main__",
        "core/__main__.py": "from core.train import fit",
        "core/train/fit.py": "",
    }
    assert "app reaches core.train.fit" in violations(sources)
