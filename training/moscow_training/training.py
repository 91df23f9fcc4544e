"""One training run: features, a head per axis chosen on validation, thresholds on the calibration split, figures with intervals."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from moscow_labels.errors import InputError
from moscow_stance.evaluation import AxisReport, axis_report
from moscow_stance.metrics import Figure, Floats, Ints, clusters, confusion, macro_f1, with_interval
from moscow_training.data import AXES, HELD, PUBLIC, LabelSet
from moscow_training.encoder import Features
from moscow_training.head import Fitted, Weighting, calibrate, fit_head

STRENGTHS = (0.0001, 0.0003, 0.001, 0.003)
POWERS = (0.5, 0.75, 1.0)
PUBLIC_WEIGHTS = (0.3, 1.0)
QUICK = (0.001,), (0.5,)
"""Strengths and powers of a quick search: what wins most often."""
SURE = 0.9
"""A model abstains where it would be right less often than this: thresholds are set on the calibration split."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, order=True)
class Setting:
    """What is chosen on validation: regularisation, class weighting, whether our own sentences are learned from, and how much NewsMTSC's
    rows weigh beside ours (1: all of them as much as all of ours).
    """

    strength: float
    power: float
    own: bool
    public: float = 0.0

    def __str__(self) -> str:
        public = f", NewsMTSC x {self.public:g}" if self.public else ""
        return f"C={self.strength:g}, power {self.power:g}, {'with' if self.own else 'without'} our own{public}"


@dataclass(frozen=True, slots=True)
class Trained:
    """A trained model's parts by axis: heads, the chosen setting, the threshold, the validation report, and every setting's score.

    `shifts` is what must be added to the sentiment head's scores, (3,), to read NewsMTSC instead of whole articles (`head.Fitted`);
    `held` is macro-F1, so read, on what is held back of NewsMTSC's training part, where that is here.
    """

    heads: Mapping[str, Any]
    settings: Mapping[str, Setting]
    thresholds: Mapping[str, float]
    validation: Mapping[str, AxisReport]
    search: Mapping[str, Mapping[Setting, float]]
    shifts: Mapping[str, Floats]
    held: Figure | None = None


def train_heads(labels: LabelSet, features: Features, *, seed: int, say: Say, quick: bool = False) -> Trained:
    """Fit both axes: settings are chosen by `search`, then the winner gets its temperature on the calibration split."""
    judge_on = validation_rows(labels)
    sure_on, held = labels.part("calibration", real=True if labels.texts else None), labels.part(HELD)
    if min(len(labels.part("train")), len(judge_on), len(sure_on)) == 0:
        raise InputError("the label set has an empty split; run `stance labels split`")
    parts: dict[str, Any] = {name: {} for name in ("heads", "settings", "thresholds", "validation", "search", "shifts")}
    for axis, names in AXES.items():
        judged = labels.truth(axis, judge_on)
        tried = search(labels, features, axis, seed=seed, say=say, quick=quick)
        best = max(tried, key=lambda s: tried[s])
        fitted = fit(labels, features, axis, best, seed=seed)
        head = calibrate(fitted.head, features[sure_on], labels.truth(axis, sure_on))
        threshold = threshold_for(labels.truth(axis, sure_on), head.predict_proba(features[sure_on]))
        groups = clusters(labels.documents(judge_on))
        report = axis_report(judged, head.predict_proba(features[judge_on]), groups, names, threshold, seed=seed)
        found = {"heads": head, "settings": best, "thresholds": threshold, "validation": report, "search": tried, "shifts": fitted.shift}
        for name, value in found.items():
            parts[name][axis] = value
        if held and axis == "sentiment":
            there = there_predicted(fitted, features[held])
            parts["held"] = with_interval(macro_f1, labels.truth(axis, held), there, clusters(labels.documents(held)))
    return Trained(**parts)


def there_predicted(fitted: Fitted, features: Features) -> Ints:
    """Return the classes (n,) that a head gives to NewsMTSC's units."""
    return np.asarray((fitted.head.decision_function(features) + fitted.shift).argmax(axis=1), dtype=np.int64)


def search(labels: LabelSet, features: Features, axis: str, *, seed: int, say: Say, quick: bool = False) -> dict[Setting, float]:
    """Return the score of every setting, each fitted once without calibration: macro-F1 on validation.

    Where NewsMTSC is learned from, the score is the mean of that and of macro-F1 on what is held back of NewsMTSC: a model of
    sentiment has to read both.
    """
    judge_held = axis == "sentiment" and bool(labels.part(HELD))
    found = {}
    for own, public in itertools.product((False, True) if labels.texts else (True,), PUBLIC_WEIGHTS if judge_held else (0.0,)):
        for setting in grid(Setting(0.0, 0.0, own, public), quick=quick):
            scores = scored(labels, features, axis, setting, seed=seed)
            found[setting] = sum(scores) / len(scores)
            say(f"{axis}: {setting}: macro-F1 {', '.join(f'{s:.3f}' for s in scores)} on validation{' and NewsMTSC' if judge_held else ''}")
    return found


def grid(setting: Setting, *, quick: bool = False) -> list[Setting]:
    """Return the settings of every strength and power that learn from the same rows as `setting`."""
    tried: tuple[tuple[float, ...], tuple[float, ...]] = QUICK if quick else (STRENGTHS, POWERS)
    return [replace(setting, strength=strength, power=power) for strength, power in itertools.product(*tried)]


def scored(labels: LabelSet, features: Features, axis: str, setting: Setting, *, seed: int) -> list[float]:
    """Fit a setting without calibration and return its macro-F1 on validation and, of sentiment, on what is held back of NewsMTSC."""
    judge_on, held = validation_rows(labels), labels.part(HELD) if axis == "sentiment" else []
    fitted = fit(labels, features, axis, setting, seed=seed)
    scores = [float(macro_f1(confusion(labels.truth(axis, judge_on), fitted.head.predict(features[judge_on]))))]
    if held:
        scores.append(float(macro_f1(confusion(labels.truth(axis, held), there_predicted(fitted, features[held])))))
    return scores


def fit(labels: LabelSet, features: Features, axis: str, setting: Setting, *, seed: int, rows: Sequence[int] | None = None) -> Fitted:
    """Fit one head with a setting, on the training rows or on `rows` of ours."""
    rows = training_rows(labels, own=setting.own) if rows is None else list(rows)
    public = labels.part(PUBLIC) if setting.public else []
    return fit_head(
        features[[*rows, *public]],
        labels.truth(axis, [*rows, *public]),
        np.array([0] * len(rows) + [1] * len(public)),
        Weighting(setting.strength, setting.power, setting.public),
        seed=seed,
    )


def training_rows(labels: LabelSet, *, own: bool) -> list[int]:
    """Return the training split, with our own sentences or without them."""
    return labels.part("train", real=None if own else True)


def validation_rows(labels: LabelSet) -> list[int]:
    """Return what models are chosen on: real sentences where there are texts, else our own."""
    return labels.part("validation", real=True if labels.texts else None)


def threshold_for(truth: Ints, p: Floats, wanted: float = SURE) -> float:
    """Return the lowest probability from which on the likeliest label is right `wanted` of the time (at most 0.9)."""
    confidence, hit = p.max(axis=1), (p.argmax(axis=1) == truth).astype(np.float64)
    order = np.argsort(-confidence, kind="stable")
    accuracy = np.cumsum(hit[order]) / np.arange(1, len(order) + 1)
    good = np.flatnonzero(accuracy >= wanted)
    return float(min(0.9, confidence[order][good[-1]])) if len(good) else 0.9
