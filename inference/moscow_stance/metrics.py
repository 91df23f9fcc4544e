"""Figures of a classifier, in numpy alone: macro-F1, calibration, coverage, with bootstrap intervals clustered by document.

Intervals: percentile, 2,000 resamples of documents (Efron and Tibshirani 1993, ch. 13), none under 10 documents.
Calibration: expected calibration error over 10 equal-mass bins of the likeliest label's probability (Nixon et al. 2019), and
the Brier score.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 2000
MIN_DOCUMENTS = 10
MIN_PER_CLASS = 10

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Figure:
    """A value with its 95 % interval; `lo` and `hi` are None where there are too few documents."""

    value: float
    lo: float | None = None
    hi: float | None = None

    def __str__(self) -> str:
        return f"{self.value:.3f}" if self.lo is None else f"{self.value:.3f} [{self.lo:.3f}, {self.hi:.3f}]"


def confusion(truth: Ints, predicted: Ints, classes: int = 3) -> Ints:
    """Return counts (classes, classes): rows are truth, columns predictions."""
    counts = np.zeros((classes, classes), dtype=np.int64)
    np.add.at(counts, (truth, predicted), 1)
    return counts


def f1_by_class(counts: NDArray[np.generic]) -> Floats:
    """Return F1 of each class, 0 where a class is neither true nor predicted. Works on (..., k, k)."""
    c = np.asarray(counts, dtype=np.float64)
    hit = np.diagonal(c, axis1=-2, axis2=-1)
    total = c.sum(axis=-1) + c.sum(axis=-2)
    return np.asarray(np.divide(2 * hit, total, out=np.zeros_like(hit), where=total > 0))


def macro_f1(counts: NDArray[np.generic]) -> Floats:
    """Return the mean F1 over the classes that occur in truth or prediction. Works on (..., k, k)."""
    c = np.asarray(counts, dtype=np.float64)
    present = (c.sum(axis=-1) + c.sum(axis=-2)) > 0
    return np.asarray((f1_by_class(c) * present).sum(axis=-1) / np.maximum(present.sum(axis=-1), 1))


def accuracy(counts: NDArray[np.generic]) -> Floats:
    """Return the share of hits. Works on (..., k, k)."""
    c = np.asarray(counts, dtype=np.float64)
    return np.asarray(np.diagonal(c, axis1=-2, axis2=-1).sum(-1) / np.maximum(c.sum((-2, -1)), 1))


def calibration_error(truth: Ints, p: Floats, bins: int = 10) -> float:
    """Return the expected calibration error of the likeliest label over equal-mass bins."""
    if not len(truth):
        return 0.0
    confidence, hit = p.max(axis=1), p.argmax(axis=1) == truth
    parts = np.array_split(np.argsort(confidence, kind="stable"), bins)
    return float(sum(abs(confidence[i].mean() - hit[i].mean()) * len(i) for i in parts if len(i)) / len(truth))


def brier(truth: Ints, p: Floats) -> float:
    """Return the multi-class Brier score: mean squared distance to the one-hot truth, 0 to 2."""
    return float(((p - np.eye(p.shape[1])[truth]) ** 2).sum(axis=1).mean())


def clusters(documents: Sequence[Hashable]) -> Ints:
    """Return for each row the number of its document, 0 upwards."""
    numbers: dict[Hashable, int] = {}
    return np.array([numbers.setdefault(d, len(numbers)) for d in documents], dtype=np.int64)


def resampled_weights(groups: Ints, seed: int = 0, resamples: int = RESAMPLES) -> NDArray[np.int64] | None:
    """Return how often each document is drawn, (resamples, documents), or None under `MIN_DOCUMENTS` documents."""
    n = int(groups.max()) + 1 if len(groups) else 0
    return None if n < MIN_DOCUMENTS else _drawn(n, seed, resamples)


@lru_cache(maxsize=8)
def _drawn(n: int, seed: int, resamples: int) -> NDArray[np.int64]:
    """Draw n documents out of n, again and again; the same for the same arguments, so that models are compared on the same draws."""
    rng = np.random.default_rng(seed)
    drawn = np.asarray(rng.multinomial(n, np.full(n, 1 / n), size=resamples), dtype=np.int64)
    drawn.flags.writeable = False
    return drawn


def interval(values: Floats) -> tuple[float, float]:
    """Return the 2.5 and 97.5 percentiles."""
    lo, hi = np.percentile(values, [2.5, 97.5])
    return float(lo), float(hi)


def with_interval(
    statistic: Callable[[NDArray[np.generic]], Floats],
    truth: Ints,
    predicted: Ints,
    groups: Ints,
    *,
    weights: Floats | None = None,
    seed: int = 0,
) -> Figure:
    """Return a statistic of the confusion matrix with its interval over resampled documents.

    `statistic` takes (..., k, k) counts; `weights` (n,) let rows count more or less than one. Resampling is exact and fast: a
    resample's confusion matrix is the weighted sum of the documents' matrices.
    """
    per_document = np.zeros((int(groups.max()) + 1 if len(groups) else 0, 3, 3))
    np.add.at(per_document, (groups, truth, predicted), np.ones(len(truth)) if weights is None else weights)
    value = float(statistic(per_document.sum(axis=0)))
    drawn = resampled_weights(groups, seed)
    if drawn is None:
        return Figure(value)
    return Figure(value, *interval(statistic(np.tensordot(drawn, per_document, axes=1))))


def mean_with_interval(values: Floats, groups: Ints, *, seed: int = 0) -> Figure:
    """Return a mean over rows with its interval over resampled documents."""
    value = float(values.mean())
    weights = resampled_weights(groups, seed)
    if weights is None:
        return Figure(value)
    n = weights.shape[1]
    sums = np.bincount(groups, weights=values, minlength=n)
    sizes = np.bincount(groups, minlength=n)
    return Figure(value, *interval((weights @ sums) / np.maximum(weights @ sizes, 1)))
