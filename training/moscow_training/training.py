"""One training run: features, a head per axis chosen on validation, thresholds on the calibration split, figures with intervals."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from moscow_labels.errors import InputError
from moscow_stance.evaluation import AxisReport, axis_report
from moscow_stance.metrics import Figure, Floats, Ints, clusters, macro_f1, with_interval
from moscow_training.choosing import Attempt, Setting, attempt, chosen, mean_attempt
from moscow_training.data import AXES, HELD, PUBLIC, LabelSet
from moscow_training.encoder import Features
from moscow_training.head import OURS, WRITTEN, Fitted, Weighting, calibrate, fit_head
from moscow_training.head import PUBLIC as PUBLIC_KIND

STRENGTHS = (0.0001, 0.0003, 0.001, 0.003)
POWERS = (0.5, 1.0)
QUICK = (0.001,), (0.5,)
"""Strengths and powers of a quick search: what wins most often."""
PUBLIC_WEIGHT = 1.0
"""How much NewsMTSC's rows weigh beside ours, where they are learned from."""
SURE = 0.9
"""A model abstains where it would be right less often than this: thresholds are set on the calibration split."""

Say = Callable[[str], None]


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
        best = chosen(tried)
        fitted = fit(labels, features, axis, best, seed=seed)
        head = calibrate(fitted.head, features[sure_on], labels.truth(axis, sure_on))
        threshold = threshold_for(labels.truth(axis, sure_on), head.predict_proba(features[sure_on]))
        groups = clusters(labels.documents(judge_on))
        report = axis_report(judged, head.predict_proba(features[judge_on]), groups, names, threshold, seed=seed)
        found = {
            "heads": head,
            "settings": best,
            "thresholds": threshold,
            "validation": report,
            "search": {s: found.score for s, found in tried.items()},
            "shifts": fitted.shift,
        }
        for name, value in found.items():
            parts[name][axis] = value
        if held and axis == "sentiment":
            there = there_predicted(fitted, features[held])
            parts["held"] = with_interval(macro_f1, labels.truth(axis, held), there, clusters(labels.documents(held)))
    return Trained(**parts)


def there_predicted(fitted: Fitted, features: Features) -> Ints:
    """Return the classes (n,) that a head gives to NewsMTSC's units."""
    return np.asarray((fitted.head.decision_function(features) + fitted.shift).argmax(axis=1), dtype=np.int64)


def search(labels: LabelSet, features: Features, axis: str, *, seed: int, say: Say, quick: bool = False) -> dict[Setting, Attempt]:
    """Return what every setting scores, each fitted once without calibration: macro-F1 on validation.

    Where NewsMTSC is learned from, the score is the mean of that and of macro-F1 on what is held back of NewsMTSC: a model of
    sentiment has to read both.
    """
    judge_on, held = validation_rows(labels), labels.part(HELD) if axis == "sentiment" else []
    strengths, powers = QUICK if quick else (STRENGTHS, POWERS)
    owns = [True] if not labels.texts else [False, True] if labels.part("train", real=False) else [False]
    found = {}
    for own, power, strength in itertools.product(owns, powers, strengths):
        setting = Setting(strength, power, own, PUBLIC_WEIGHT if held else 0.0)
        fitted = fit(labels, features, axis, setting, seed=seed)
        scored = [(judge_on, fitted.head.predict(features[judge_on]))] + ([(held, there_predicted(fitted, features[held]))] if held else [])
        attempts = [attempt(labels.truth(axis, rows), classes, clusters(labels.documents(rows))) for rows, classes in scored]
        found[setting] = mean_attempt(*attempts) if held else attempts[0]
        say(f"{axis}: {setting}: macro-F1 {', '.join(f'{a.score:.3f}' for a in attempts)} on validation{' and NewsMTSC' if held else ''}")
    return found


def fit(labels: LabelSet, features: Features, axis: str, setting: Setting, *, seed: int, rows: Sequence[int] | None = None) -> Fitted:
    """Fit one head with a setting, on the training rows or on `rows` of ours."""
    rows = training_rows(labels, own=setting.own) if rows is None else list(rows)
    rows = [*rows, *labels.part(PUBLIC)] if setting.public else rows
    return fit_head(
        features[rows],
        labels.truth(axis, rows),
        kinds(labels, rows),
        Weighting(setting.strength, setting.power, setting.public),
        seed=seed,
    )


def kinds(labels: LabelSet, rows: Sequence[int]) -> Ints:
    """Return the kind of text of each row, (n,); where only our own sentences are here, they are what models are for."""
    written = WRITTEN if labels.texts else OURS
    examples = [labels.examples[i] for i in rows]
    return np.array([PUBLIC_KIND if e.split in (PUBLIC, HELD) else OURS if e.real else written for e in examples], dtype=np.int64)


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
