"""Labelled rows + a model -> figures, and every row with what was predicted."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from moscow_labels.errors import LabelError
from moscow_labels.lexicon import default_lexicon
from moscow_labels.records import Span, Unit
from moscow_labels.rows import numbered_lines
from moscow_labels.scheme import SENTIMENTS, STANCES
from moscow_labels.units import labelled_unit
from moscow_stance.contract import Probabilities, Scorer
from moscow_stance.metrics import (
    MIN_PER_CLASS,
    Figure,
    Floats,
    Ints,
    accuracy,
    brier,
    calibration_error,
    clusters,
    confusion,
    f1_by_class,
    macro_f1,
    mean_with_interval,
    with_interval,
)  # fmt: skip
from moscow_stance.predicting import as_mapping


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled row as a unit. `located` is False where the lexicon does not find the actor in the sentence."""

    record: Mapping[str, Any]
    unit: Unit
    located: bool
    document: str


@dataclass(frozen=True, slots=True)
class AxisReport:
    """How one axis came out. `kept` are rows that the model is sure of; `coverage` is their share."""

    n: int
    accuracy: Figure
    macro_f1: Figure
    f1: Mapping[str, float]
    support: Mapping[str, int]
    confusion: Sequence[Sequence[int]]
    calibration_error: float
    brier: float
    coverage: Figure
    accuracy_kept: Figure | None

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON types; an interval stands beside its value as `_lo` and `_hi`."""
        record: dict[str, Any] = {"n": self.n}
        for name in ("accuracy", "macro_f1", "coverage", "accuracy_kept"):
            figure: Figure | None = getattr(self, name)
            if figure is not None:
                record[name] = round(figure.value, 6)
                if figure.lo is not None and figure.hi is not None:
                    record[f"{name}_lo"], record[f"{name}_hi"] = round(figure.lo, 6), round(figure.hi, 6)
        record |= {"f1": dict(self.f1), "support": dict(self.support), "confusion": [list(r) for r in self.confusion]}
        return record | {"calibration_error": round(self.calibration_error, 6), "brier": round(self.brier, 6)}


def read_examples(path: Path) -> list[Example]:
    """Read labelled JSONL: `sentence`, `actor`, `stance`; optional `id`, `sentiment`, `prev`, `doc`, `mention_start`, `mention_end`.

    Raises LabelError with file:line for a row that cannot be used.
    """
    examples = []
    for number, line in numbered_lines(path):
        where = f"{path}:{number}"
        try:
            record = json.loads(line)
        except ValueError as error:
            raise LabelError(f"{where}: not JSON: {error}") from error
        examples.append(_example(record, where))
    if not examples:
        raise LabelError(f"{path}: no rows; each line is a JSON object with sentence, actor and stance")
    return examples


def _example(record: Any, where: str) -> Example:
    if not isinstance(record, dict):
        raise LabelError(f"{where}: not a JSON object")
    for name in ("sentence", "actor", "stance"):
        if not isinstance(record.get(name), str) or not record[name]:
            raise LabelError(f"{where}: {name} is missing or not a text")
    _known(record["stance"], STANCES, f"{where}: stance")
    if record.get("sentiment") is not None:
        _known(record["sentiment"], SENTIMENTS, f"{where}: sentiment")
    unit, located = located_unit(record, where)
    return Example(record, unit, located, str(record.get("doc") or record.get("id") or where))


def _known(value: Any, labels: Sequence[str], where: str) -> None:
    if value not in list(labels):
        raise LabelError(f"{where} {value!r} is none of {', '.join(labels)}")


def located_unit(record: Mapping[str, Any], where: str) -> tuple[Unit, bool]:
    """Return a row's unit and whether its actor is in the sentence, by the given offsets or by the lexicon.

    `record` has `sentence` and `actor`, and if known `mention_start`, `mention_end`, `prev`, `published` or `date`, `speaker`. Raises
    LabelError, beginning with `where`, for offsets outside the sentence.
    """
    text = record["sentence"]
    code = default_lexicon().code_of(record["actor"]) or record["actor"]
    start, end = record.get("mention_start"), record.get("mention_end")
    given: list[Span] = []
    if start is not None and end is not None:
        if not (isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= len(text)):
            raise LabelError(f"{where}: mention_start {start}, mention_end {end} do not lie in the sentence of {len(text)} characters")
        given = [Span(start, end)]
    return labelled_unit(
        text,
        code,
        given,
        prev=str(record.get("prev") or ""),
        published=str(record.get("published") or record.get("date") or ""),
        speaker=str(record.get("speaker") or ""),
    )


def evaluate_examples(examples: Sequence[Example], scorer: Scorer) -> tuple[dict[str, AxisReport], Probabilities]:
    """Score the examples and report on each axis that has labels."""
    probabilities = scorer.probabilities([e.unit for e in examples])
    documents = clusters([e.document for e in examples])
    thresholds = (scorer.info.stance_threshold, scorer.info.sentiment_threshold)
    reports = {}
    for axis, labels, p, threshold in zip(("stance", "sentiment"), (STANCES, SENTIMENTS), probabilities, thresholds, strict=True):
        rows = np.array([i for i, e in enumerate(examples) if e.record.get(axis) is not None], dtype=np.int64)
        if len(rows):
            truth = np.array([list(labels).index(examples[i].record[axis]) for i in rows], dtype=np.int64)
            reports[axis] = axis_report(truth, p[rows], documents[rows], labels, threshold)
    return reports, probabilities


def axis_report(truth: Ints, p: Floats, documents: Ints, labels: Sequence[str], threshold: float, *, seed: int = 0) -> AxisReport:
    """Return the figures of one axis: truth (n,), probabilities (n, 3), document numbers (n,)."""
    _, documents = np.unique(documents, return_inverse=True)
    predicted = p.argmax(axis=1)
    counts = confusion(truth, predicted)
    kept = p.max(axis=1) >= threshold
    names = [str(label) for label in labels]
    kept_groups = np.unique(documents[kept], return_inverse=True)[1]
    return AxisReport(
        n=len(truth),
        accuracy=with_interval(accuracy, truth, predicted, documents, seed=seed),
        macro_f1=_macro(truth, predicted, documents, counts, seed),
        f1=dict(zip(names, (round(float(f), 6) for f in f1_by_class(counts)), strict=True)),
        support=dict(zip(names, (int(n) for n in counts.sum(axis=1)), strict=True)),
        confusion=counts.tolist(),
        calibration_error=calibration_error(truth, p),
        brier=brier(truth, p),
        coverage=mean_with_interval(kept.astype(np.float64), documents, seed=seed),
        accuracy_kept=with_interval(accuracy, truth[kept], predicted[kept], kept_groups, seed=seed) if kept.any() else None,
    )


def _macro(truth: Ints, predicted: Ints, documents: Ints, counts: Ints, seed: int) -> Figure:
    """Macro-F1; without an interval where a class has fewer than ten rows, for then it says little."""
    if counts.sum(axis=1).min() < MIN_PER_CLASS:
        return Figure(float(macro_f1(counts)))
    return with_interval(macro_f1, truth, predicted, documents, seed=seed)


def prediction_rows(examples: Sequence[Example], probabilities: Probabilities) -> Iterable[dict[str, Any]]:
    """Yield every row as it came, with `stance_p`, `sentiment_p`, `stance_pred`, `sentiment_pred` and `located`."""
    for example, stance, sentiment in zip(examples, *probabilities, strict=True):
        yield {
            **example.record,
            "stance_p": as_mapping(STANCES, stance),
            "sentiment_p": as_mapping(SENTIMENTS, sentiment),
            "stance_pred": str(STANCES[int(stance.argmax())]),
            "sentiment_pred": str(SENTIMENTS[int(sentiment.argmax())]),
            "located": example.located,
        }
