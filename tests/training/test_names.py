"""Are names priors? The measure itself, on scorers whose answer is known."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from moscow_labels.records import Unit
from moscow_labels.units import sentence_units
from moscow_training.benchmarks.names import READINGS, alone, changed, same_in_all_fills


class Fixed:
    """Says supportive where the actor's own words are among `names`, else neutral."""

    def __init__(self, names: set[str]) -> None:
        self.names = names

    def probabilities(self, units: Sequence[Unit]):
        found = [any(s.of(u.sentence.text) in self.names for s in u.mentions) for u in units]
        p = np.array([[0.9, 0.05, 0.05] if hit else [0.05, 0.9, 0.05] for hit in found])
        return p, p


@pytest.fixture(scope="module")
def units() -> list[Unit]:
    return [u for text in ("Belarus signed with Moscow.", "Estonia refused to sign.") for u in sentence_units(text)]


def test_a_model_that_reads_no_names_never_changes(units: list[Unit]) -> None:
    assert changed(units, ["a", "b"], Fixed(set())).value == 0
    assert alone(Fixed(set())) == 0


def test_a_model_that_reads_names_is_found_out(units: list[Unit]) -> None:
    assert changed(units, ["a", "b"], Fixed({"Belarus"})).value == pytest.approx(0.5, abs=0.06)
    assert alone(Fixed({"Belarus"})) > 0


def test_fills_of_one_template_are_compared(root: Path) -> None:
    assert same_in_all_fills(root, Fixed(set())).value == 0
    assert 0 < same_in_all_fills(root, Fixed({"Kazakhstan", "Serbia"})).value < 0.3


def test_the_readings_say_why_not(root: Path) -> None:
    rows = [json.loads(line) for line in (root / READINGS).read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 420
    assert sum(r["survives"] for r in rows) > 100
    assert all(r["survives"] or r["why"] for r in rows)
