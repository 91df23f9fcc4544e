"""Promotion's arithmetic: reweighting to whole articles, baselines."""

import numpy as np
import pytest

from moscow_stance.metrics import accuracy, with_interval
from moscow_training.baselines import majority, marked, tfidf
from moscow_training.data import LabelSet, load_labels
from moscow_training.promotion import mix_weights


@pytest.fixture(scope="module")
def labels(root) -> LabelSet:
    return load_labels(root, None)


def test_weights_make_the_mix() -> None:
    strata = ["", "", "", "", "", "", "no-moscow-word", "no-moscow-word"]
    weights = mix_weights(strata, 0.5)
    silent = np.array([bool(s) for s in strata])
    assert weights.sum() == pytest.approx(len(strata))
    assert weights[silent].sum() / weights.sum() == pytest.approx(0.5)


def test_weighted_accuracy_by_hand() -> None:
    truth, predicted = np.array([0] * 10 + [1] * 10), np.zeros(20, dtype=np.int64)
    weights = np.array([0.5] * 10 + [1.5] * 10)
    assert with_interval(accuracy, truth, predicted, np.arange(20), weights=weights).value == pytest.approx(5 / 20)


def test_majority_says_one_thing() -> None:
    p = majority(np.array([2, 2, 1]), 4)
    assert p.argmax(axis=1).tolist() == [2] * 4


def test_tfidf_knows_who_is_meant(labels: LabelSet) -> None:
    index = next(i for i, e in enumerate(labels.examples) if e.unit.mentions)
    text, span = labels.examples[index].unit.sentence.text, labels.examples[index].unit.mentions[0]
    assert "actorx" in marked(labels, index)
    assert span.of(text) not in marked(labels, index).split()
    p = tfidf(labels, labels.part("train"), labels.part("validation"), "stance", seed=1)
    assert p.shape == (len(labels.part("validation")), 3)
    assert p.sum(axis=1) == pytest.approx(1)
