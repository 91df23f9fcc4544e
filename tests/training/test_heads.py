"""The heads: a public kind of text beside ours shares what words mean and keeps its own priors."""

import numpy as np
import pytest

from moscow_training.head import Weighting, as_linear, calibrate, fit_head, fit_plain


def drawn(n: int, priors: list[float], seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Three classes, each around its own corner."""
    rng = np.random.default_rng(seed)
    truth = rng.choice(3, n, p=priors)
    return (np.eye(3)[truth] * 1.5 + rng.normal(size=(n, 3))).astype(np.float32), truth


def test_public_rows_teach_the_words_and_not_the_priors() -> None:
    ours, truth = drawn(60, [0.1, 0.8, 0.1], 1)
    public, judged = drawn(3000, [0.4, 0.2, 0.4], 2)
    features, labels = np.concatenate([ours, public]), np.concatenate([truth, judged])
    kind = np.array([0] * len(ours) + [1] * len(public))
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
    kind = (np.arange(300) % 2).astype(np.int64)
    fitted = fit_head(features, labels, kind, Weighting(1.0, 0.5, public=0.5), seed=1)
    model = calibrate(fitted.head, features[:100], labels[:100])
    linear = as_linear(model)
    assert linear.weight.shape == (3, 3)
    scores = features[:5].astype(np.float64) @ linear.weight + linear.bias
    assert scores == pytest.approx(fitted.head.decision_function(features[:5]), abs=1e-5)


def test_weights_by_hand() -> None:
    """Two rows of ours, eight public ones at half the weight: the public ones together weigh one row."""
    features, labels = drawn(10, [0.3, 0.4, 0.3], 6)
    labels[:6] = [0, 1, 2, 0, 1, 2]
    kind = np.array([0, 0, 0, 1, 1, 1, 1, 1, 1, 1])
    heavy = fit_head(features, labels, kind, Weighting(1.0, 1.0, public=1e6), seed=1).head
    alone = fit_plain(features[3:], labels[3:], strength=1.0, power=1.0, seed=1)
    assert heavy[1].coef_.shape == alone[1].coef_.shape
