"""Finished parts of a training: kept, read again, and made anew where they are damaged."""

from pathlib import Path

import numpy as np
import pytest

from core.train.runs import kept


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 cut off", b"no archive at all"])
def test_a_damaged_part_is_computed_again(tmp_path: Path, damage: bytes) -> None:
    path, calls = tmp_path / "runs" / "fold.npz", []

    def compute() -> dict[str, np.ndarray]:
        calls.append(len(calls))
        return {"value": np.arange(3.0)}

    for _ in range(2):
        assert kept(path, compute)["value"].tolist() == [0.0, 1.0, 2.0]
    assert len(calls) == 1
    path.write_bytes(damage)
    for _ in range(2):
        assert kept(path, compute)["value"].tolist() == [0.0, 1.0, 2.0]
    assert len(calls) == 2
    assert [entry.name for entry in path.parent.iterdir()] == ["fold.npz"]
