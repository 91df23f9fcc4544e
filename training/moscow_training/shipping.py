"""Ship a trained model: export its encoder, fit the heads anew on what the exported encoder sees, and write the folder.

A quantised encoder gives slightly other features than torch. Heads, temperatures and thresholds are therefore fitted on the exported
encoder's own features, with the settings that were chosen for the reference form; only training and calibration rows are used, and
validation rows to say how far the two forms agree. The test split is not touched here.
"""

import datetime as dt
import hashlib
import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from moscow_stance.evaluation import AxisReport, axis_report
from moscow_stance.folder import CARD
from moscow_stance.metrics import Floats, clusters
from moscow_training.choosing import Setting
from moscow_training.data import AXES, PUBLIC, LabelSet
from moscow_training.encoder import Encoder, Features
from moscow_training.export import FP32, MIXED, encoder_features, export_encoder, write_card, write_model
from moscow_training.head import Linear, as_linear, calibrate, linear_probabilities
from moscow_training.provenance import environment
from moscow_training.training import SURE, fit, threshold_for, validation_rows

ABSTENTION = f"abstained where the likeliest label's probability is below the threshold; from there on it was right {SURE:.0%} of the time"
_PIN = '''"""SHA-256 of the packaged card, written by `stance promote`: digests beside the files prove damage, this one tampering."""

CARD_SHA256 = "{digest}"
'''

SAMPLE = 300
"""Training units that the range of the encoder's activations is learned from."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Fit:
    """One axis of a shipped model: its head, the threshold, the setting, and how it compares with the reference on validation.

    `shift`, (3,), is what is added to the logarithms of its probabilities to read NewsMTSC, where the classes are as common as there.
    """

    head: Linear
    threshold: float
    setting: Setting
    report: AxisReport
    reference: AxisReport
    agreement: float
    shift: Floats


@dataclass(frozen=True, slots=True)
class Shipped:
    """What was written: the folder, its card, and the fit of each axis. `add_to_card` adds to the card."""

    folder: Path
    card: Mapping[str, Any]
    fits: Mapping[str, Fit]

    @property
    def thresholds(self) -> dict[str, float]:
        """The shipped form's own thresholds; they are not the reference form's."""
        return {axis: fit.threshold for axis, fit in self.fits.items()}


def ship_model(
    folder: Path,
    encoder: Encoder,
    heads: Mapping[str, Any],
    labels: LabelSet,
    card: Mapping[str, Any],
    *,
    features: Features,
    settings: Mapping[str, Setting],
    form: str = MIXED,
    seed: int = 1,
    progress: Progress = lambda done, total: None,
) -> Shipped:
    """Write the shipped form of a reference model into `folder`, replacing what is there.

    Args:
        folder: where; where it is a checkout's packaged folder, the digest that is compiled into the package is renewed too.
        encoder: the reference form's encoder.
        heads: axis -> the reference form's fitted head.
        labels: all labelled rows with their texts.
        card: at least name, version, run; `figures` may come later by `add_to_card`.
        features: the reference form's features of every row of `labels`, (rows, 3 x width); test rows are not looked at.
        settings: axis -> how the reference form's head was fitted; a setting that learns from NewsMTSC needs `labels` that have it.
        form: one of `FORMS`; fp32 keeps the heads as they are.
        seed: of the heads' solver.
        progress: called with sentences done and in all while the exported encoder reads.
    """
    with tempfile.TemporaryDirectory() as scratch:
        train = labels.part("train")
        sample = [labels.examples[i].unit for i in train[:: max(1, len(train) // SAMPLE)]]
        graph = export_encoder(Path(scratch), encoder, form=form, sample=sample)
        rows = labels.part("train", "validation", "calibration", PUBLIC)
        own = np.zeros_like(features)
        own[rows] = encoder_features(graph, encoder, [labels.examples[i].unit for i in rows], progress)
        fits = {axis: _fit(axis, heads[axis], labels, own, features, settings[axis], keep=form == FP32, seed=seed) for axis in AXES}
        full = {**card, **_described(fits, form), "made": dt.datetime.now(dt.UTC).date().isoformat(), "versions": environment()}
        write_model(folder, graph, encoder, {axis: fit.head for axis, fit in fits.items()}, full)
    pin_card(folder)
    return Shipped(folder, json.loads((folder / CARD).read_text(encoding="utf-8")), fits)


def add_to_card(folder: Path, more: Mapping[str, Any]) -> None:
    """Write more into the card (figures of the test split), renew its digest in the package where it is the packaged one."""
    write_card(folder, {**json.loads((folder / CARD).read_text(encoding="utf-8")), **more})
    pin_card(folder)


def pin_card(folder: Path) -> bool:
    """Compile the card's digest into the package that `folder` is the packaged model of; a folder elsewhere changes nothing."""
    home = folder.absolute().parent.parent
    module = home / "shipped.py"
    if folder.absolute() != home / "data" / "model" or not module.is_file():
        return False
    digest = hashlib.sha256((folder / CARD).read_bytes()).hexdigest()
    module.write_text(_PIN.format(digest=digest), encoding="utf-8")
    return True


def _fit(axis: str, reference: Any, labels: LabelSet, own: Features, features: Features, setting: Setting, *, keep: bool, seed: int) -> Fit:
    """Fit one axis on the exported encoder's features, or keep the reference's head, and compare both on validation."""
    sure_on, judge_on = labels.part("calibration", real=True if labels.texts else None), validation_rows(labels)
    shift = np.zeros(3)
    if keep:
        head = as_linear(reference)
    else:
        fitted = fit(labels, own, axis, setting, seed=seed)
        head = as_linear(calibrate(fitted.head, own[sure_on], labels.truth(axis, sure_on)))
        shift = head.beta * fitted.shift
    threshold = threshold_for(labels.truth(axis, sure_on), linear_probabilities(head, own[sure_on]))
    ours, theirs = linear_probabilities(head, own[judge_on]), linear_probabilities(as_linear(reference), features[judge_on])
    before = threshold_for(labels.truth(axis, sure_on), linear_probabilities(as_linear(reference), features[sure_on]))
    same = float(np.mean(ours.argmax(axis=1) == theirs.argmax(axis=1)))
    return Fit(
        head,
        threshold,
        setting,
        _report(labels, judge_on, axis, ours, threshold),
        _report(labels, judge_on, axis, theirs, before),
        same,
        shift,
    )


def _report(labels: LabelSet, rows: list[int], axis: str, p: Floats, threshold: float) -> AxisReport:
    return axis_report(labels.truth(axis, rows), p, clusters(labels.documents(rows)), list(AXES[axis]), threshold)


def _described(fits: Mapping[str, Fit], form: str) -> dict[str, Any]:
    return {
        "form": form,
        "thresholds": {axis: fit.threshold for axis, fit in fits.items()},
        "abstention": ABSTENTION,
        "newsmtsc_shift": [round(float(value), 6) for value in fits["sentiment"].shift],
        "settings": {axis: asdict(fit.setting) for axis, fit in fits.items()},
        "parity": {
            "split": "validation",
            **{
                axis: {
                    "units": fit.report.n,
                    "same_label_as_reference": round(fit.agreement, 4),
                    "macro_f1": round(fit.report.macro_f1.value, 4),
                    "macro_f1_reference": round(fit.reference.macro_f1.value, 4),
                    "calibration_error": round(fit.report.calibration_error, 4),
                    "calibration_error_reference": round(fit.reference.calibration_error, 4),
                }
                for axis, fit in fits.items()
            },
        },
    }
