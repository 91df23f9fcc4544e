"""One training run: features, a head per axis chosen on validation, thresholds on the calibration split, figures with intervals."""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from moscow_labels.errors import InputError
from moscow_stance.evaluation import AxisReport, axis_report
from moscow_stance.metrics import Floats, Ints, clusters, confusion, macro_f1
from moscow_training.data import AXES, LabelSet
from moscow_training.encoder import Features
from moscow_training.head import calibrate, make_head

STRENGTHS = (0.0001, 0.0003, 0.001, 0.003)
POWERS = (0.5, 0.75, 1.0)
QUICK = (0.001,), (0.5,)
"""Strengths and powers of a quick search: what wins most often."""
SURE = 0.9
"""A model abstains where it would be right less often than this: thresholds are set on the calibration split."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, order=True)
class Setting:
    """What is chosen on validation: regularisation, class weighting, and whether our own sentences are learned from."""

    strength: float
    power: float
    own: bool

    def __str__(self) -> str:
        return f"C={self.strength:g}, power {self.power:g}, {'with' if self.own else 'without'} our own"


@dataclass(frozen=True, slots=True)
class Trained:
    """A trained model's parts by axis: heads, the chosen setting, the threshold, the validation report, and every setting's score."""

    heads: Mapping[str, Any]
    settings: Mapping[str, Setting]
    thresholds: Mapping[str, float]
    validation: Mapping[str, AxisReport]
    search: Mapping[str, Mapping[Setting, float]]


def train_heads(labels: LabelSet, features: Features, *, seed: int, say: Say, quick: bool = False) -> Trained:
    """Fit both axes: settings are chosen by macro-F1 on validation, then the winner gets its temperature on the calibration split."""
    judge_on = validation_rows(labels)
    sure_on = labels.part("calibration", real=True if labels.texts else None)
    if min(len(labels.part("train")), len(judge_on), len(sure_on)) == 0:
        raise InputError("the label set has an empty split; run `stance labels split`")
    parts: dict[str, dict[str, Any]] = {name: {} for name in ("heads", "settings", "thresholds", "validation", "search")}
    for axis, names in AXES.items():
        judged = labels.truth(axis, judge_on)
        tried = search(labels, features, axis, seed=seed, say=say, quick=quick)
        best = max(tried, key=lambda s: tried[s])
        rows = training_rows(labels, own=best.own)
        truth = labels.truth(axis, rows)
        head = make_head(truth, strength=best.strength, power=best.power, seed=seed).fit(features[rows], truth)
        head = calibrate(head, features[sure_on], labels.truth(axis, sure_on))
        threshold = threshold_for(labels.truth(axis, sure_on), head.predict_proba(features[sure_on]))
        groups = clusters(labels.documents(judge_on))
        report = axis_report(judged, head.predict_proba(features[judge_on]), groups, names, threshold, seed=seed)
        for name, value in {"heads": head, "settings": best, "thresholds": threshold, "validation": report, "search": tried}.items():
            parts[name][axis] = value
    return Trained(**parts)


def search(labels: LabelSet, features: Features, axis: str, *, seed: int, say: Say, quick: bool = False) -> dict[Setting, float]:
    """Return macro-F1 on validation of every setting, each fitted once without calibration."""
    judge_on = validation_rows(labels)
    judged = labels.truth(axis, judge_on)
    found = {}
    for own in (False, True) if labels.texts else (True,):
        rows = training_rows(labels, own=own)
        truth = labels.truth(axis, rows)
        for strength, power in itertools.product(*(QUICK if quick else (STRENGTHS, POWERS))):
            head = make_head(truth, strength=strength, power=power, seed=seed).fit(features[rows], truth)
            score = float(macro_f1(confusion(judged, head.predict(features[judge_on]))))
            setting = Setting(strength, power, own)
            found[setting] = score
            say(f"{axis}: {setting}: macro-F1 {score:.3f} on validation")
    return found


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
