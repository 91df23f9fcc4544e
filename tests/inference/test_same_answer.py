"""The same answer always: batch, order, thread count and neighbours change nothing, to the last bit."""

import random

import numpy as np
import pytest

from moscow_labels.records import Document, Unit
from moscow_labels.units import document_units, sentence_units
from moscow_stance.contract import Scorer
from moscow_stance.model import load_model
from moscow_stance.onnx_scorer import OnnxScorer


@pytest.fixture(scope="module")
def units(root) -> list[Unit]:
    found: list[Unit] = []
    for path in sorted((root / "seeds" / "digests").glob("*.txt")):
        found += document_units(Document(path.stem, path.read_text(encoding="utf-8")))
    assert len(found) > 50
    return found


@pytest.fixture(scope="module")
def together(scorer: Scorer, units) -> np.ndarray:
    return np.stack(scorer.probabilities(units), axis=1)


def test_alone_and_in_company(scorer: Scorer, units, together) -> None:
    alone = np.concatenate([np.stack(scorer.probabilities([u]), axis=1) for u in units])
    assert (alone == together).all()


def test_in_any_order(scorer: Scorer, units, together) -> None:
    order = list(range(len(units)))
    random.Random(3).shuffle(order)
    shuffled = np.stack(scorer.probabilities([units[i] for i in order]), axis=1)
    assert (shuffled == together[order]).all()


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_with_any_number_of_threads(units, together, threads: int) -> None:
    assert (np.stack(load_model(threads=threads).probabilities(units), axis=1) == together).all()


def test_some_of_a_sentence_s_actors(scorer: Scorer) -> None:
    """A pass with five actors gives each what a pass with any of them gives."""
    units = sentence_units("Armenia, Georgia, Moldova, Ukraine and Belarus told Moscow what they thought of the plan.")
    assert len(units) == 5
    full = scorer.probabilities(units)[0]
    for size in range(1, 5):
        assert (scorer.probabilities(units[:size])[0] == full[:size]).all()


def test_each_sentence_is_encoded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    scorer = load_model(threads=1)
    assert isinstance(scorer, OnnxScorer)
    calls: list[int] = []
    score = scorer._score
    monkeypatch.setattr(scorer, "_score", lambda job: calls.append(len(job)) or score(job))
    text = "Armenia and Georgia refused to sign. Belarus thanked Moscow."
    units = [*document_units(Document("a", text)), *document_units(Document("b", text))]
    stance, _ = scorer.probabilities(units)
    assert calls == [2, 1], "two sentences, one of two actors; the second document adds nothing"
    assert (stance[:3] == stance[3:]).all()


def test_nothing_to_score(scorer: Scorer) -> None:
    assert [p.shape for p in scorer.probabilities([])] == [(0, 3), (0, 3)]
