"""The heads: a public kind of text beside ours shares what words mean and keeps its own priors."""

import numpy as np
import pytest

from moscow_training.head import OURS, PUBLIC, WRITTEN, Weighting, as_linear, calibrate, fit_head, fit_plain


def drawn(n: int, priors: list[float], seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Three classes, each around its own corner."""
    rng = np.random.default_rng(seed)
    truth = rng.choice(3, n, p=priors)
    return (np.eye(3)[truth] * 1.5 + rng.normal(size=(n, 3))).astype(np.float32), truth


def test_public_rows_teach_the_words_and_not_the_priors() -> None:
    ours, truth = drawn(60, [0.1, 0.8, 0.1], 1)
    public, judged = drawn(3000, [0.4, 0.2, 0.4], 2)
    features, labels = np.concatenate([ours, public]), np.concatenate([truth, judged])
    kind = np.array([OURS] * len(ours) + [PUBLIC] * len(public))
    fitted = fit_head(features, labels, kind, Weighting(1.0, 0.0, public=1.0), seed=1)
    pooled = fit_plain(features, labels, strength=1.0, power=0.0, seed=1)
    fresh, fresh_truth = drawn(4000, [0.1, 0.8, 0.1], 3)
    there, there_truth = drawn(4000, [0.4, 0.2, 0.4], 4)
    right = (fitted.head.predict(fresh) == fresh_truth).mean()
    assert right > (pooled.predict(fresh) == fresh_truth).mean() + 0.02
    shifted = (fitted.head.decision_function(there) + fitted.shift).argmax(axis=1)
    assert (shifted == there_truth).mean() > (fitted.head.predict(there) == there_truth).mean() + 0.02


def test_a_head_with_public_rows_is_saved_like_any_other() -> None:
    features, labels = drawn(300, [0.3, 0.4, 0.3], 5)
    kind = np.array([OURS, WRITTEN, PUBLIC] * 100)
    fitted = fit_head(features, labels, kind, Weighting(1.0, 0.5, public=0.5), seed=1)
    model = calibrate(fitted.head, features[:100], labels[:100])
    linear = as_linear(model)
    assert linear.weight.shape == (3, 3)
    scores = features[:5].astype(np.float64) @ linear.weight + linear.bias
    assert scores == pytest.approx(fitted.head.decision_function(features[:5]), abs=1e-5)


def test_written_rows_keep_priors_of_their_own_and_count_one_by_one() -> None:
    """Sentences of our own take sides far more often than news; learned beside it they must not make the head see sides everywhere."""
    ours, truth = drawn(300, [0.1, 0.8, 0.1], 7)
    written, judged = drawn(900, [0.4, 0.2, 0.4], 8)
    features, labels = np.concatenate([ours, written]), np.concatenate([truth, judged])
    fitted = fit_head(features, labels, np.array([OURS] * 300 + [WRITTEN] * 900), Weighting(1.0, 0.0), seed=1)
    pooled = fit_plain(features, labels, strength=1.0, power=0.0, seed=1)
    fresh, fresh_truth = drawn(4000, [0.1, 0.8, 0.1], 9)
    assert fitted.shift.tolist() == [0, 0, 0], "nothing public was learned from"
    assert (fitted.head.predict(fresh) == fresh_truth).mean() > (pooled.predict(fresh) == fresh_truth).mean() + 0.02


def test_public_rows_together_weigh_what_is_asked() -> None:
    """With next to no weight they change nothing; with all the weight they alone decide."""
    ours, truth = drawn(200, [0.3, 0.4, 0.3], 6)
    public, _ = drawn(400, [0.3, 0.4, 0.3], 10)
    wrong = np.full(400, 2)
    features, labels, kind = np.concatenate([ours, public]), np.concatenate([truth, wrong]), np.array([OURS] * 200 + [PUBLIC] * 400)
    light = fit_head(features, labels, kind, Weighting(1.0, 0.0, public=1e-9), seed=1)
    alone = fit_plain(ours, truth, strength=1.0, power=0.0, seed=1)
    heavy = fit_head(features, labels, kind, Weighting(1.0, 0.0, public=1e3), seed=1)
    assert (light.head.predict(ours) == alone.predict(ours)).mean() > 0.95
    assert ((heavy.head.decision_function(public) + heavy.shift).argmax(axis=1) == 2).all()
