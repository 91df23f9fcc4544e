"""The matcher against sentences that were read for every actor."""

from pathlib import Path

import pytest

from moscow_labels.errors import InputError
from moscow_labels.readings import matcher_quality, read_readings, reference_precision
from moscow_labels.texts import Texts


@pytest.mark.texts
def test_precision_and_recall(root: Path, texts: Texts) -> None:
    found = matcher_quality(read_readings(root / "labels" / "readings" / "matcher.jsonl"), texts)
    assert found.sentences == 300
    assert found.precision[0] >= 0.95
    assert found.recall[0] >= 0.95
    assert found.precision[1] <= found.precision[0] <= found.precision[2]


@pytest.mark.texts
def test_reference_rules_are_right_nine_times_in_ten(root: Path, texts: Texts) -> None:
    fired, right = reference_precision(read_readings(root / "labels" / "readings" / "references.jsonl"), texts)
    assert fired >= 15
    assert right >= 0.9 * fired


@pytest.mark.texts
def test_a_text_that_has_changed_is_noticed(root: Path, texts: Texts) -> None:
    reading = read_readings(root / "labels" / "readings" / "matcher.jsonl")[0]
    with pytest.raises(InputError, match="sha256"):
        matcher_quality([{**reading, "sha256": "0" * 64}], texts)
