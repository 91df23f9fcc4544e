"""The numbers behind the pictures: calibration by bin, accuracy against coverage, Wilson's interval. No drawing here."""

from dataclasses import dataclass

import numpy as np

from moscow_stance.metrics import MIN_DOCUMENTS, Figure, Floats, Ints, clusters, interval, resampled_weights
from moscow_training.judged import Judged

BINS = 15
LEAST_PER_BIN = 20
GRID = 1000
"""Coverages at which accuracy is read off at most; with no more units than this, one per unit."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Units of like confidence: how many, of how many documents, their mean confidence and how often they are right."""

    n: int
    documents: int
    confidence: float
    accuracy: Figure


@dataclass(frozen=True, slots=True)
class RiskCoverage:
    """Accuracy of the kept units at each coverage, both (g,), and `lo` and `hi` of its 95 % band, None under ten documents.

    `aurc` is the area under the risk-coverage curve: the mean error over all coverages, 0 for a model that is never wrong (Geifman,
    Uziel and El-Yaniv 2019, ICLR).
    """

    coverage: Floats
    accuracy: Floats
    lo: Floats | None
    hi: Floats | None
    aurc: Figure


def confidence(judged: Judged) -> Floats:
    """Return the likeliest label's probability of each unit, (n,)."""
    return np.asarray(judged.p.max(axis=1), dtype=np.float64)


def hits(judged: Judged) -> Floats:
    """Return 1 for each unit that is right and 0 for the others, (n,)."""
    return np.asarray(judged.predicted == judged.truth, dtype=np.float64)


def reliability_bins(judged: Judged, *, bins: int = BINS, least: int = LEAST_PER_BIN, seed: int = 0) -> list[Bin]:
    """Return equal-mass bins of the confidence, the least sure first: `bins` of them, fewer where one would have under `least` units.

    Intervals are over resampled documents; a bin with units of fewer than ten documents has none.
    """
    n = len(judged.truth)
    if not n:
        return []
    sure, hit, groups = confidence(judged), hits(judged), clusters(judged.documents)
    parts = np.array_split(np.argsort(sure, kind="stable"), max(1, min(bins, n // max(least, 1))))
    drawn = resampled_weights(groups, seed)
    return [_bin(sure[i], hit[i], groups[i], drawn) for i in parts]


def _bin(sure: Floats, hit: Floats, groups: Ints, drawn: Ints | None) -> Bin:
    documents = len(np.unique(groups))
    value = float(hit.mean())
    figure = Figure(value)
    if drawn is not None and documents >= MIN_DOCUMENTS:
        total = drawn.shape[1]
        sizes = drawn @ np.bincount(groups, minlength=total)
        right = drawn @ np.bincount(groups, weights=hit, minlength=total)
        some = sizes > 0
        figure = Figure(value, *interval(right[some] / sizes[some]))
    return Bin(len(sure), documents, float(sure.mean()), figure)


def risk_coverage(judged: Judged, *, seed: int = 0) -> RiskCoverage | None:
    """Return accuracy against coverage, the surest units kept first; None without units.

    Units of equal confidence enter together, in proportion, so that their order in the file does not matter.
    """
    n = len(judged.truth)
    if not n:
        return None
    order = np.argsort(-confidence(judged), kind="stable")
    sure, hit, groups = confidence(judged)[order], hits(judged)[order], clusters(judged.documents)[order]
    ends = np.append(np.flatnonzero(np.diff(sure)), n - 1)
    coverage = np.arange(1, min(n, GRID) + 1) / min(n, GRID)
    accuracy = _accuracy_at(coverage, np.ones(n), hit, ends)
    area = float(1 - accuracy.mean())
    drawn = resampled_weights(groups, seed)
    if drawn is None:
        return RiskCoverage(coverage, accuracy, None, None, Figure(area))
    resampled = np.stack([_accuracy_at(coverage, weights[groups].astype(np.float64), hit, ends) for weights in drawn])
    lo, hi = np.percentile(resampled, [2.5, 97.5], axis=0)
    return RiskCoverage(coverage, accuracy, lo, hi, Figure(area, *interval(1 - resampled.mean(axis=1))))


def _accuracy_at(coverage: Floats, weights: Floats, hit: Floats, ends: Ints) -> Floats:
    """Return the accuracy of the surest units that make up each coverage; `ends` are the last of each group of equal confidence."""
    kept = np.append(0.0, np.cumsum(weights)[ends])
    right = np.append(0.0, np.cumsum(weights * hit)[ends])
    wanted = coverage * kept[-1]
    return np.asarray(np.interp(wanted, kept, right) / wanted)


def wilson(passed: int, total: int, z: float = 1.959964) -> Figure:
    """Return a share with Wilson's 95 % interval (Wilson 1927). Raises ValueError where it is no share."""
    if not 0 <= passed <= total or total == 0:
        raise ValueError(f"{passed} of {total} is no share")
    share, weight = passed / total, z * z / total
    middle = (share + weight / 2) / (1 + weight)
    half = z * ((share * (1 - share) + weight / 4) / total) ** 0.5 / (1 + weight)
    return Figure(share, max(0.0, middle - half), min(1.0, middle + half))
