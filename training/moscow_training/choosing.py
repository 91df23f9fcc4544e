"""Which setting of a head is taken: not the luckiest on validation, but the most cautious that cannot be told from it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from moscow_stance.metrics import Floats, Ints, macro_f1, resampled_weights


@dataclass(frozen=True, slots=True, order=True)
class Setting:
    """How a head is fitted: regularisation (scikit-learn's C), class weighting, whether our own sentences are learned from, and how much
    NewsMTSC's rows weigh beside ours (1: all of them as much as all of ours).
    """

    strength: float
    power: float
    own: bool
    public: float = 0.0

    def __str__(self) -> str:
        public = f", NewsMTSC x {self.public:g}" if self.public else ""
        return f"C={self.strength:g}, power {self.power:g}, {'with' if self.own else 'without'} our own{public}"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What a setting scored, and what it would have scored on resampled documents, (resamples,), None under ten documents.

    All attempts are resampled alike, so that their differences are paired.
    """

    score: float
    resampled: Floats | None


def attempt(truth: Ints, predicted: Ints, groups: Ints) -> Attempt:
    """Return macro-F1 of predicted classes (n,); `groups` numbers each row's document, (n,)."""
    counts = np.zeros((int(groups.max()) + 1, 3, 3))
    np.add.at(counts, (groups, truth, predicted), 1)
    drawn = resampled_weights(groups)
    return Attempt(float(macro_f1(counts.sum(axis=0))), None if drawn is None else macro_f1(np.tensordot(drawn, counts, axes=1)))


def mean_attempt(first: Attempt, second: Attempt) -> Attempt:
    """Return the mean of two scores on separate documents."""
    both = first.resampled is not None and second.resampled is not None
    return Attempt((first.score + second.score) / 2, (first.resampled + second.resampled) / 2 if both else None)  # type: ignore[operator]


def chosen(tried: Mapping[Setting, Attempt]) -> Setting:
    """Return the strongest regularisation whose score lies within one standard error of the best; among equals the best score.

    The standard error is that of the paired difference to the best over resampled documents (the rule of Breiman et al. 1984, 3.4.3,
    for paired scores). Without resamples the best score wins.
    """
    best = max(tried, key=lambda s: tried[s].score)

    def within(setting: Setting) -> bool:
        here, there = tried[setting], tried[best]
        if here.resampled is None or there.resampled is None:
            return here.score == there.score
        return there.score - here.score <= float((there.resampled - here.resampled).std())

    return min((s for s in tried if within(s)), key=lambda s: (s.strength, -tried[s].score))
