# ruff: noqa: SLF001 - what is shipped is compared with what would be computed inside
"""The shipped numbers of known molecules are those that would be computed."""

import numpy as np
import pytest

from core.features import _kept, polymer_solvent

KINDS = pytest.mark.parametrize("kind", ["polymer", "solvent"])


@KINDS
def test_what_is_kept_is_what_is_computed(kind: polymer_solvent.Kind) -> None:
    kept = _kept.read(polymer_solvent.VERSION, kind)
    some = sorted(kept)[:: len(kept) // 40]
    assert len(some) >= 40
    for smiles in some:
        computed = polymer_solvent._computed(smiles, kind)
        assert np.array_equal(kept[smiles].row, computed.row)
        assert dict(kept[smiles].environments) == dict(computed.environments)


@KINDS
def test_a_table_of_another_version_counts_for_nothing(kind: polymer_solvent.Kind) -> None:
    assert _kept.read("polymer-solvent-0", kind) == {}


def test_a_map_of_known_molecules_describes_hardly_any(monkeypatch: pytest.MonkeyPatch) -> None:
    from core.maps import MoleculeMap
    from core.predict import MiscibilityPredictor

    computed = []
    plain = polymer_solvent._computed
    monkeypatch.setattr(
        polymer_solvent, "_computed", lambda s, kind: computed.append(s) or plain(s, kind)
    )
    polymer_solvent._described.cache_clear()
    model = MiscibilityPredictor.load()
    for kind in ("polymer", "solvent"):
        shown = MoleculeMap(model, kind)
        assert not set(computed) & set(model.known(kind))
        assert len(computed) < 0.1 * len(shown.entries)
        computed.clear()
