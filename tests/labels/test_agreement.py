"""Agreement figures against the reference implementation and by hand."""

from pathlib import Path

import krippendorff
import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from moscow_labels.agreement import AXES, agreement, cohen_kappa, nominal_alpha, paired, specific
from moscow_labels.errors import InputError
from moscow_labels.rows import read_rows


@pytest.mark.parametrize("seed", range(5))
def test_alpha_and_kappa_equal_the_libraries(seed: int) -> None:
    rng = np.random.default_rng(seed)
    a = rng.integers(0, 3, 200)
    b = np.where(rng.random(200) < 0.7, a, rng.integers(0, 3, 200))
    table = np.zeros((3, 3))
    np.add.at(table, (a, b), 1)
    assert nominal_alpha(table) == pytest.approx(krippendorff.alpha(np.stack([a, b]), level_of_measurement="nominal"))
    assert cohen_kappa(table) == pytest.approx(cohen_kappa_score(a, b))


def test_specific_agreement_by_hand() -> None:
    table = np.array([[3.0, 1, 0], [2, 4, 0], [0, 0, 5]])
    assert specific(table, 0) == pytest.approx(2 * 3 / (4 + 5))


def test_the_projects_own_codings(root: Path) -> None:
    folder = root / "labels" / "agreement"
    pairs = paired(read_rows(folder / "first.jsonl"), read_rows(folder / "second.jsonl"))
    assert len(pairs) >= 800
    assert all(a.coder != b.coder for a, b in pairs), "two coders"
    assert len(read_rows(folder / "masked.jsonl")) >= 299
    for axis in AXES:
        found = agreement(pairs, axis)
        assert found.alpha.lo <= found.alpha.value <= found.alpha.hi
        assert sum(map(sum, found.table)) == found.units


def test_disagreements_were_adjudicated(root: Path) -> None:
    folder = root / "labels" / "agreement"
    final = {r.id: r for r in read_rows(root / "labels" / "corpus.jsonl")}
    pairs = paired(read_rows(folder / "first.jsonl"), read_rows(folder / "second.jsonl"))
    for a, b in pairs:
        if (a.stance, a.sentiment) != (b.stance, b.sentiment):
            assert "adjudicated" in final[a.id].note
        else:
            assert (final[a.id].stance, final[a.id].sentiment) == (a.stance, a.sentiment) or "read again" in final[a.id].note


def test_codings_without_a_common_unit_are_refused(root: Path) -> None:
    rows = read_rows(root / "labels" / "own.jsonl")
    with pytest.raises(InputError, match="share no unit"):
        paired(rows[:5], rows[5:10])
