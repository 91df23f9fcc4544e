"""The classifier of one axis: standardised features, logistic regression, one temperature (Guo et al. 2017)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler


@dataclass(frozen=True, slots=True)
class Linear:
    """A fitted head as plain arrays: probabilities are softmax(beta * (features @ weight + bias))."""

    weight: NDArray[np.float64]
    bias: NDArray[np.float64]
    beta: float


def make_head(labels: NDArray[np.int64], *, strength: float, power: float, seed: int) -> Pipeline:
    """Return an unfitted pipeline.

    `strength` is scikit-learn's inverse regularisation C. A class weighs its frequency in `labels` to the minus `power`: 0 leaves
    the classes as they are, 1 balances them; between lie models that see the rare classes without shouting them.
    """
    counts = np.bincount(labels, minlength=3)
    weights = {c: float((len(labels) / n) ** power) for c, n in enumerate(counts) if n}
    mean = sum(weights[c] * counts[c] for c in weights) / len(labels)
    classifier = LogisticRegression(C=strength, max_iter=2000, class_weight={c: w / mean for c, w in weights.items()}, random_state=seed)
    return make_pipeline(StandardScaler(), classifier)


def calibrate(head: Pipeline, features: NDArray[np.float32], labels: NDArray[np.int64]) -> CalibratedClassifierCV:
    """Return the fitted head with one temperature, learned on rows that neither the head nor a tuned encoder has seen."""
    model = CalibratedClassifierCV(FrozenEstimator(head), method="temperature")
    model.fit(features, labels)
    return model


def as_linear(model: CalibratedClassifierCV) -> Linear:
    """Return the fitted head as one linear map and its inverse temperature."""
    fitted: Any = model
    calibrated = fitted.calibrated_classifiers_[0]
    scaler, classifier = calibrated.estimator.estimator[0], calibrated.estimator.estimator[1]
    weight = (classifier.coef_ / scaler.scale_).T
    bias = classifier.intercept_ - scaler.mean_ @ weight
    return Linear(weight.astype(np.float64), bias.astype(np.float64), float(calibrated.calibrators[0].beta_))


def linear_probabilities(head: Linear, features: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return softmax(beta * (features @ weight + bias)), shape (n, 3)."""
    scores = head.beta * (features.astype(np.float64) @ head.weight + head.bias)
    scores -= scores.max(axis=1, keepdims=True)
    p = np.exp(scores)
    return np.asarray(p / p.sum(axis=1, keepdims=True))
