"""Prediction sets: they hold the label about as often as they say, and what they do not promise is measured."""

from dataclasses import replace

import numpy as np
import pytest

from moscow_training.conformal import LEVEL, coverage, coverage_metrics, prediction_sets
from moscow_training.head import calibrate, fit_plain
from moscow_training.judged import Judged


@pytest.fixture(scope="module")
def drawn():
    rng = np.random.default_rng(0)
    truth = rng.choice(3, 3000, p=[0.2, 0.6, 0.2])
    return (np.eye(3)[truth] + rng.normal(size=(3000, 3))).astype(np.float32), truth


@pytest.fixture(scope="module")
def head(drawn):
    features, truth = drawn
    return calibrate(fit_plain(features[:500], truth[:500], strength=1.0, power=0.5, seed=1), features[500:1000], truth[500:1000])


def judged(drawn, head) -> Judged:
    features, truth = drawn
    p, n = head.predict_proba(features[2000:]), 1000
    return Judged(
        "stance", ["supportive", "neutral", "hedging"], truth[2000:], p, 0.5, [str(i) for i in range(n)], [f"d{i // 2}" for i in range(n)],
        ["news"] * 990 + ["un"] * 10, ["ARM"] * n, ["2014-05"] * 500 + [""] * 500, ["s"] * n,
    )  # fmt: skip


def test_sets_hold_the_label_as_often_as_they_say(drawn, head) -> None:
    features, truth = drawn
    sets = prediction_sets(head, features[1000:2000], truth[1000:2000], features[2000:])
    found = coverage(judged(drawn, head), sets)
    over = found[0]
    assert (over.group, over.n) == ("all", 1000)
    assert over.coverage.value == pytest.approx(LEVEL, abs=0.03)
    assert 1 < over.size < 3
    assert {c.value for c in found if c.group == "class"} == {"supportive", "neutral", "hedging"}
    assert [c.value for c in found if c.group == "source"] == ["news"], "ten units are too few to be shown"
    assert [c.value for c in found if c.group == "year"] == ["2010s", "no date"]
    figures = coverage_metrics("stance", found)
    assert figures["conformal_stance_coverage_lo"] <= figures["conformal_stance_coverage"] <= figures["conformal_stance_coverage_hi"]


def test_a_higher_level_makes_larger_sets(drawn, head) -> None:
    features, truth = drawn
    small, large = (prediction_sets(head, features[1000:2000], truth[1000:2000], features[2000:], level=level) for level in (0.8, 0.97))
    assert (small.inside <= large.inside).all()
    assert small.inside.sum() < large.inside.sum()
    assert small.quantile < large.quantile


def test_every_unit_counts_once(drawn, head) -> None:
    features, truth = drawn
    sets = prediction_sets(head, features[1000:2000], truth[1000:2000], features[2000:])
    units = replace(judged(drawn, head))
    for group in ("class", "year"):
        assert sum(c.n for c in coverage(units, sets) if c.group == group) == 1000
