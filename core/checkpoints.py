"""Checkpoints: a model is its weights (safetensors) and its card (JSON); nothing is unpickled.

``checkpoints/default.json`` names the checkpoint that serves each role. A card whose weights,
feature version or table of what it predicts do not match is refused with one clear sentence.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors
from torch import Tensor

from core import features
from core.features import polymer_solvent
from core.miscibility import TASKS
from core.properties import PROPERTIES
from core.simulated import SURFACE_FORMS, SURFACE_VERSION

__all__ = [
    "FOLDER",
    "ROLES",
    "Card",
    "CheckpointError",
    "Role",
    "default_path",
    "load",
    "named_path",
    "read_card",
    "save",
    "write_card",
]

FOLDER: Final = Path(__file__).resolve().parents[1] / "checkpoints"
_SCHEMA: Final = 1

Metrics = dict[str, dict[str, dict[str, dict[str, float]]]]


class CheckpointError(Exception):
    """A checkpoint is missing, damaged or does not fit; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class Role:
    """What this version of the project asks of every model that serves a role.

    Attributes:
        predicts: key of each property or task -> the transform or unit it is learned in.
        feature_version: of the features that the networks are fed with.
        optional: keys of ``predicts`` that a model may lack.
    """

    predicts: Mapping[str, str]
    feature_version: str
    optional: frozenset[str] = frozenset()

    def fits(self, predicted: Mapping[str, str]) -> bool:
        """Whether a model that predicts this may serve."""
        known = all(self.predicts.get(key) == unit for key, unit in predicted.items())
        return known and self.predicts.keys() - predicted.keys() <= self.optional


ROLES: Final[Mapping[str, Role]] = MappingProxyType(
    {
        "ionic-liquids": Role(
            {key: spec.transform for key, spec in PROPERTIES.items()},
            f"{features.VERSION} with {SURFACE_VERSION}",
        ),
        "polymer-solvent": Role(
            {name: task.unit for name, task in TASKS.items()},
            polymer_solvent.VERSION,
            frozenset(name for name, task in TASKS.items() if task.optional),
        ),
        "ion-surfaces": Role(dict(SURFACE_FORMS), f"{features.VERSION} to {SURFACE_VERSION}"),
    }
)


@dataclass(frozen=True)
class Card:
    """What there is to know about a trained model.

    Attributes:
        name: for example ``"ionic-liquids/recommender-v2"``.
        role: what it serves, a key of :data:`ROLES`.
        created: date and time of training, ISO 8601, UTC.
        properties: keys of the predicted properties or tasks, with the transform or unit each was
            learned in, as :attr:`Role.predicts` had them at training.
        feature_version: :attr:`Role.feature_version` at training.
        networks: for each network its configuration and the properties or tasks it serves.
        vocabulary: known cations and anions, or polymers and solvents, in order, and the Morgan
            environments used.
        data: files with SHA-256, kind, and counts of rows and of compounds or pairs per property.
        ranges: per property the trained range of the variables it depends on, for example of
            ``temperature_K``, ``pressure_kPa`` or ``volume_fraction``.
        calibration: per property and support tier the fields of
            :class:`core.uncertainty.Calibration`.
        split: kinds, number of folds, seed and the hash of every fold.
        training: hyper-parameters of the fit, seed and duration.
        metrics: property -> tier -> model -> measure, named in :mod:`core.metrics`; filled by
            ``python -m core evaluate``.
        studies: what else was measured, by name, as plain data; filled by the same command.
        domain: what :class:`core.domain.Domain` reads; empty for a model that gives no grades.
        parents: names of the checkpoints this one started from.
        weights_sha256: of ``weights.safetensors``.
        schema: version of this card's layout.
    """

    name: str
    role: str
    created: str
    properties: dict[str, str]
    feature_version: str
    networks: dict[str, dict[str, Any]]
    vocabulary: dict[str, list[Any]]
    data: dict[str, Any]
    ranges: dict[str, dict[str, list[float]]]
    calibration: dict[str, dict[str, dict[str, float]]]
    split: dict[str, Any]
    training: dict[str, Any]
    metrics: Metrics = field(default_factory=dict)
    studies: dict[str, Any] = field(default_factory=dict)
    domain: dict[str, Any] = field(default_factory=dict)
    parents: list[str] = field(default_factory=list)
    weights_sha256: str = ""
    schema: int = _SCHEMA


def default_path(role: str) -> Path:
    """Folder of the checkpoint that serves ``role``.

    Raises:
        CheckpointError: if ``checkpoints/default.json`` is missing, damaged or has no such role.
    """
    table = FOLDER / "default.json"
    try:
        name = json.loads(table.read_text(encoding="utf-8"))[role]
    except FileNotFoundError:
        raise CheckpointError(
            f"no trained model for {role}: checkpoints/default.json is missing"
        ) from None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        name = None
    if not isinstance(name, str):
        raise CheckpointError(
            f"no trained model for {role}: checkpoints/default.json does not name one"
        )
    if (path := _inside(name)) is None:
        raise CheckpointError(
            f"no trained model for {role}: default.json points outside the folder checkpoints"
        )
    return path


def named_path(name: str) -> Path:
    """Folder of a checkpoint by its name, for example ``polymer-solvent/sphere-v1``.

    Raises:
        CheckpointError: if there is none of this name; the message lists those there are.
    """
    path = _inside(name)
    if path is None or not (path / "card.json").is_file():
        there = sorted(
            card.parent.relative_to(FOLDER).as_posix() for card in FOLDER.glob("*/*/card.json")
        )
        raise CheckpointError(f"there is no model {name!r}; there are: {', '.join(there)}")
    return path


def _inside(name: str) -> Path | None:
    """The folder ``name`` of the checkpoints, or none if that would lead out of them."""
    try:
        path = (FOLDER / name).resolve()
        path.stat()
    except FileNotFoundError:
        pass
    except (OSError, ValueError):  # no name of a folder at all
        return None
    return path if path.is_relative_to(FOLDER) else None


def _where(path: Path) -> str:
    return path.name if path.parent == path else f"{path.parent.name}/{path.name}"


def read_card(path: Path, role: str) -> Card:
    """Read and check the card in the checkpoint folder ``path``, which has to serve ``role``.

    Raises:
        CheckpointError: if it is missing, damaged, serves another role, or was made for another
            version of the project.
    """
    where = _where(path)
    try:
        raw = json.loads((path / "card.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CheckpointError(f"the model {where} has no card.json") from None
    except (OSError, ValueError, RecursionError):
        raise CheckpointError(f"the card of the model {where} cannot be read") from None
    if not isinstance(raw, dict) or raw.get("schema") != _SCHEMA:
        raise CheckpointError(
            f"the card of the model {where} has another layout than this version reads "
            f"({_SCHEMA}); update the project or train again"
        )
    raw.setdefault("studies", {})  # not every model was studied further
    raw.setdefault("domain", {})  # nor has every model a domain
    try:
        card = Card(**{f.name: raw[f.name] for f in fields(Card)})
    except KeyError as missing:
        raise CheckpointError(f"the card of the model {where} lacks {missing}") from None
    if card.role != role:
        raise CheckpointError(f"the model {where} serves {card.role}; one for {role} is needed")
    expected = ROLES[role]
    if not expected.fits(card.properties):
        raise CheckpointError(f"the model {where} was trained for another property table")
    if card.feature_version != expected.feature_version:
        raise CheckpointError(
            f"the model {where} needs features {card.feature_version}, this version makes "
            f"{expected.feature_version}; train again"
        )
    return card


def load(path: Path, role: str) -> tuple[Card, dict[str, Tensor]]:
    """Card and weights of the checkpoint folder ``path``, verified against each other.

    Args:
        path: the folder.
        role: what the model has to serve, a key of :data:`ROLES`.

    Raises:
        CheckpointError: if anything is missing, damaged or does not match.
    """
    card = read_card(path, role)
    where = _where(path)
    try:
        raw = (path / "weights.safetensors").read_bytes()
    except OSError:
        raise CheckpointError(f"the weights of the model {where} are missing") from None
    if hashlib.sha256(raw).hexdigest() != card.weights_sha256:
        raise CheckpointError(
            f"the weights of the model {where} are not those its card describes: "
            "the file is damaged or was exchanged"
        )
    try:
        return card, load_tensors(raw)
    except SafetensorError:
        raise CheckpointError(f"the weights of the model {where} cannot be read") from None


def _write(path: Path, raw: bytes) -> None:
    """Replace a file as a whole: a reader sees the old one or the new one."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(raw)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


_NUMBERS: Final = re.compile(r"\[\n[-+.,eE\d\s]+\]")


def write_card(path: Path, card: Card) -> None:
    """Write ``card`` into the checkpoint folder ``path``; lists of numbers take a line each."""
    text = json.dumps(asdict(card), indent=1, ensure_ascii=False)
    text = _NUMBERS.sub(lambda found: " ".join(found.group().split()), text)
    _write(path / "card.json", (text + "\n").encode())


def save(path: Path, card: Card, weights: dict[str, Tensor]) -> Card:
    """Write a checkpoint; return the card with the hash of the weights filled in."""
    path.mkdir(parents=True, exist_ok=True)
    raw = save_tensors({name: tensor.contiguous() for name, tensor in sorted(weights.items())})
    signed = Card(**(vars(card) | {"weights_sha256": hashlib.sha256(raw).hexdigest()}))
    _write(path / "weights.safetensors", raw)
    write_card(path, signed)
    return signed
