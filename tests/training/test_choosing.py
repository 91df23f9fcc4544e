"""The setting of a head: the most cautious one that validation cannot tell from the luckiest."""

import numpy as np
import pytest

from moscow_training.choosing import Attempt, Setting, attempt, chosen, mean_attempt


def setting(strength: float, power: float = 0.5) -> Setting:
    return Setting(strength, power, own=True)


def test_a_lead_within_one_standard_error_does_not_count() -> None:
    noise = np.random.default_rng(0).normal(size=500) * 0.02
    shared = np.random.default_rng(1).normal(size=500) * 0.1
    tried = {
        setting(0.0001): Attempt(0.55, 0.55 + shared + noise),
        setting(0.001): Attempt(0.64, 0.64 + shared + noise),
        setting(0.001, 1.0): Attempt(0.645, 0.645 + shared + noise),
        setting(0.01): Attempt(0.65, 0.65 + shared),
    }
    assert chosen(tried) == setting(0.001, 1.0), "0.0001 is five standard errors away, 0.01 no more than luck"


def test_a_clear_lead_wins_even_with_weak_regularisation() -> None:
    shared = np.random.default_rng(1).normal(size=500) * 0.1
    small = np.random.default_rng(2).normal(size=500) * 0.001
    tried = {setting(0.001): Attempt(0.60, 0.60 + shared), setting(0.01): Attempt(0.65, 0.65 + shared + small)}
    assert chosen(tried) == setting(0.01), "the resamples move together: their difference is no noise"


def test_without_resamples_the_best_wins_and_among_equals_the_strongest() -> None:
    tried = {setting(0.01): Attempt(0.6, None), setting(0.001): Attempt(0.6, None), setting(0.0001): Attempt(0.59, None)}
    assert chosen(tried) == setting(0.001)


def test_an_attempt_is_macro_f1_and_its_resamples_centre_on_it() -> None:
    rng = np.random.default_rng(3)
    truth = rng.integers(0, 3, 600)
    predicted = np.where(rng.random(600) < 0.7, truth, rng.integers(0, 3, 600))
    found = attempt(truth, predicted, np.arange(600) // 6)
    assert found.resampled is not None
    assert found.score == pytest.approx(0.8, abs=0.05)
    assert found.resampled.mean() == pytest.approx(found.score, abs=0.005)
    assert attempt(truth[:30], predicted[:30], np.zeros(30, dtype=np.int64)).resampled is None
    both = mean_attempt(found, attempt(truth, truth, np.arange(600) // 6))
    assert both.resampled is not None
    assert both.score == pytest.approx((found.score + 1) / 2)
    assert both.resampled.mean() == pytest.approx(both.score, abs=0.005)
