"""How far probabilities can be trusted: calibration error beside what chance alone would show, and accuracy where the model is surest."""

from dataclasses import dataclass

import numpy as np

from moscow_stance.metrics import Figure, Floats, Ints, calibration_error, interval, mean_with_interval, resampled_weights

BINS, SIMULATIONS, SEED = 15, 500, 0
SUREST = 0.7


@dataclass(frozen=True, slots=True)
class Sureness:
    """Of n units: calibration error of the likeliest label over `BINS` bins of equal mass, with its interval over documents; the error
    that a perfectly calibrated model of the same confidences shows on average; accuracy on the `SUREST` share with the highest ones.
    """

    n: int
    error: Figure
    by_chance: float
    accuracy_surest: Figure

    def as_dict(self) -> dict[str, object]:
        """Return plain JSON types."""
        chance = round(self.by_chance, 4)
        return {"calibration_error_15": str(self.error), "by_chance": chance, "accuracy_on_surest_70": str(self.accuracy_surest)}


def sureness(truth: Ints, p: Floats, groups: Ints) -> Sureness:
    """Return the sureness of n judged units: class numbers (n,), probabilities (n, 3), document numbers (n,)."""
    confidence, hit = p.max(axis=1), (p.argmax(axis=1) == truth).astype(np.float64)
    surest = np.argsort(-confidence, kind="stable")[: round(SUREST * len(truth))]
    renumbered = np.unique(groups[surest], return_inverse=True)[1]
    return Sureness(
        len(truth),
        Figure(calibration_error(truth, p, BINS), *_interval(confidence, hit, groups)),
        expected_by_chance(confidence),
        mean_with_interval(hit[surest], renumbered),
    )


def expected_by_chance(confidence: Floats, *, simulations: int = SIMULATIONS, seed: int = SEED) -> float:
    """Return the mean calibration error of a model whose labels are right exactly as often as it says, over simulated outcomes."""
    rng = np.random.default_rng(seed)
    hits = rng.random((simulations, len(confidence))) < confidence
    parts = np.array_split(np.argsort(confidence, kind="stable"), BINS)
    gaps = [np.abs(hits[:, i].mean(axis=1) - confidence[i].mean()) * len(i) for i in parts if len(i)]
    return float(np.sum(gaps, axis=0).mean() / len(confidence))


def _interval(confidence: Floats, hit: Floats, groups: Ints) -> tuple[float, float] | tuple[()]:
    """Return the interval over resampled documents; the bins are drawn anew in each resample."""
    drawn = resampled_weights(groups, SEED)
    if drawn is None:
        return ()
    order = np.argsort(confidence, kind="stable")
    sure, right, of = confidence[order], hit[order], groups[order]
    errors = np.empty(len(drawn))
    for number, weights in enumerate(drawn):
        w = weights[of].astype(np.float64)
        bins = np.minimum((np.cumsum(w) - w / 2) / w.sum() * BINS, BINS - 1).astype(np.int64)
        gap = np.bincount(bins, weights=w * (sure - right), minlength=BINS)
        errors[number] = np.abs(gap).sum() / w.sum()
    return interval(errors)
