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

COPIES = 100
"""How often the feature that tells public rows from ours is repeated: the penalty on it falls by that much, as an intercept has none."""


@dataclass(frozen=True, slots=True)
class Linear:
    """A fitted head as plain arrays: probabilities are softmax(beta * (features @ weight + bias))."""

    weight: NDArray[np.float64]
    bias: NDArray[np.float64]
    beta: float


@dataclass(frozen=True, slots=True)
class Weighting:
    """`strength` is scikit-learn's inverse regularisation C. A class weighs its frequency to the minus `power`: 0 leaves the classes as
    they are, 1 balances them; between lie models that see the rare classes without shouting them. Public rows together weigh `public`
    times what ours do.
    """

    strength: float
    power: float
    public: float = 0.0


@dataclass(frozen=True, slots=True)
class Fitted:
    """A fitted head for our own kind of text, and what to add to its scores, (3,), on public text, where the classes are as common as
    they are there; zeros where no public rows were learned from.
    """

    head: Pipeline
    shift: NDArray[np.float64]


def fit_head(
    features: NDArray[np.float32], labels: NDArray[np.int64], public: NDArray[np.int64], weighting: Weighting, *, seed: int
) -> Fitted:
    """Fit a head.

    Where there are public rows, one more feature (repeated) says which they are. Both kinds of text share what words mean, and each
    keeps its own class priors; the finished head is ours: that feature at zero, folded into the intercepts.

    Args:
        features: (n, width).
        labels: class numbers, (n,).
        public: 1 for public rows and 0 for ours, (n,).
        weighting: how rows are weighed.
        seed: of the solver.
    """
    weights = np.zeros(len(labels))
    for kind, total in ((0, 1.0), (1, weighting.public)):
        of_kind = public == kind
        if of_kind.any():
            weights[of_kind] = _class_weights(labels[of_kind], weighting.power) * total * (public == 0).sum() / of_kind.sum()
    mixed = bool(public.any())
    seen = np.column_stack([features, *[public] * COPIES]) if mixed else features
    scaler, classifier = StandardScaler(), LogisticRegression(C=weighting.strength, max_iter=2000, random_state=seed)
    head = make_pipeline(scaler, classifier).fit(seen, labels, logisticregression__sample_weight=weights)
    return _folded(head, features.shape[1]) if mixed else Fitted(head, np.zeros(3))


def fit_plain(features: NDArray[np.float32], labels: NDArray[np.int64], *, strength: float, power: float, seed: int) -> Pipeline:
    """Fit a head on rows of ours alone: features (n, width), class numbers (n,)."""
    return fit_head(features, labels, np.zeros(len(labels), dtype=np.int64), Weighting(strength, power), seed=seed).head


def _class_weights(labels: NDArray[np.int64], power: float) -> NDArray[np.float64]:
    """Return a weight for each row, one on average."""
    counts = np.bincount(labels, minlength=3)
    weights = np.array([(len(labels) / n) ** power if n else 0.0 for n in counts])[labels]
    return np.asarray(weights / weights.mean())


def _folded(head: Pipeline, width: int) -> Fitted:
    """Return the head with the features behind `width` at zero for good, and what they add to the scores at one."""
    parts: Any = head
    scaler, classifier = parts[0], parts[1]
    effects = classifier.coef_[:, width:] / scaler.scale_[width:]
    classifier.intercept_ = classifier.intercept_ - effects @ scaler.mean_[width:]
    classifier.coef_ = np.ascontiguousarray(classifier.coef_[:, :width])
    scaler.mean_, scaler.var_, scaler.scale_ = scaler.mean_[:width], scaler.var_[:width], scaler.scale_[:width]
    scaler.n_features_in_ = classifier.n_features_in_ = width
    return Fitted(head, np.asarray(effects.sum(axis=1)))


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
