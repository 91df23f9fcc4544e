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

KINDS = 3
OURS, WRITTEN, PUBLIC = range(KINDS)
"""Kinds of text: what the head is for, sentences of our own making, and a public data set."""

REACH = 10.0
"""Value of the feature that tells another kind of text from ours: the penalty on it falls by the square, as an intercept has none."""


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
    times what all others do.
    """

    strength: float
    power: float
    public: float = 0.0


@dataclass(frozen=True, slots=True)
class Fitted:
    """A fitted head, and what to add to its scores, (3,), on public text, where the classes are as common as they are there; zeros
    where no public rows were learned from.
    """

    head: Pipeline
    shift: NDArray[np.float64]


def fit_head(
    features: NDArray[np.float32], labels: NDArray[np.int64], kinds: NDArray[np.int64], weighting: Weighting, *, seed: int
) -> Fitted:
    """Fit a head.

    All kinds of text share what words mean, and each keeps its own class priors: a feature of its own says which kind a row is of. The
    finished head is for `OURS`, where these features are zero.

    Args:
        features: (n, width).
        labels: class numbers, (n,).
        kinds: `OURS`, `WRITTEN` or `PUBLIC` for each row, (n,).
        weighting: how rows are weighed.
        seed: of the solver.
    """
    public = kinds == PUBLIC
    weights = np.zeros(len(labels))
    for kind in np.unique(kinds):
        of_kind = kinds == kind
        total = weighting.public * (~public).sum() / public.sum() if kind == PUBLIC else 1.0
        weights[of_kind] = _class_weights(labels[of_kind], weighting.power) * total
    others = [kind for kind in (WRITTEN, PUBLIC) if (kinds == kind).any()]
    scaler = StandardScaler()
    classifier: Any = LogisticRegression(C=weighting.strength, max_iter=2000, random_state=seed)
    scaled = np.column_stack([scaler.fit_transform(features), *(REACH * (kinds == kind) for kind in others)])
    classifier.fit(scaled, labels, sample_weight=weights)
    width = features.shape[1]
    shifts = {kind: REACH * classifier.coef_[:, width + n] for n, kind in enumerate(others)}
    classifier.coef_ = np.ascontiguousarray(classifier.coef_[:, :width])
    classifier.n_features_in_ = width
    return Fitted(make_pipeline(scaler, classifier), np.asarray(shifts.get(PUBLIC, np.zeros(3))))


def fit_plain(features: NDArray[np.float32], labels: NDArray[np.int64], *, strength: float, power: float, seed: int) -> Pipeline:
    """Fit a head on rows of one kind: features (n, width), class numbers (n,)."""
    return fit_head(features, labels, np.full(len(labels), OURS), Weighting(strength, power), seed=seed).head


def _class_weights(labels: NDArray[np.int64], power: float) -> NDArray[np.float64]:
    """Return a weight for each row, one on average."""
    counts = np.bincount(labels, minlength=3)
    weights = np.array([(len(labels) / n) ** power if n else 0.0 for n in counts])[labels]
    return np.asarray(weights / weights.mean())


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
