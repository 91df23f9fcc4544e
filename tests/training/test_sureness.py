"""How far probabilities can be trusted."""

import numpy as np
import pytest

from moscow_training.sureness import expected_by_chance, sureness


def test_a_calibrated_model_shows_about_the_error_of_chance() -> None:
    rng = np.random.default_rng(1)
    p = rng.dirichlet([2, 1, 1], 3000)
    truth = np.array([rng.choice(3, p=row) for row in p])
    found = sureness(truth, p, np.arange(3000) // 3)
    assert found.error.value < found.by_chance + 0.015
    assert found.error.lo is not None
    assert found.error.hi is not None
    assert found.error.lo <= found.error.hi
    assert found.accuracy_surest.value > (p.argmax(axis=1) == truth).mean()


def test_an_overconfident_model_shows_more() -> None:
    rng = np.random.default_rng(2)
    p = np.tile([0.9, 0.05, 0.05], (2000, 1)) + rng.uniform(-0.01, 0.01, (2000, 3))
    p /= p.sum(axis=1, keepdims=True)
    truth = rng.choice(3, 2000, p=[0.6, 0.2, 0.2])
    found = sureness(truth, p, np.arange(2000))
    assert found.error.value == pytest.approx(0.3, abs=0.04)
    assert found.by_chance < 0.04


def test_chance_falls_with_the_number_of_units() -> None:
    assert expected_by_chance(np.full(5000, 0.8)) < expected_by_chance(np.full(200, 0.8)) / 3
