"""What the test split says of a model that is going to ship, beside the baselines: opened once per model, and counted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from moscow_labels.texts import Texts
from moscow_labels.units import document_units
from moscow_stance.evaluation import AxisReport, axis_report
from moscow_stance.metrics import Figure, Floats, accuracy, clusters, macro_f1, with_interval
from moscow_stance.model import Scorer
from moscow_training.baselines import majority, tfidf
from moscow_training.data import AXES, LabelSet
from moscow_training.school import Lesson
from moscow_training.sureness import Sureness, sureness


@dataclass(frozen=True, slots=True)
class Verdict:
    """Reports by model ("shipped", "reference", "tfidf", "majority") and axis, and how often both forms agree on the stance.

    `sure` says how far the shipped form's probabilities can be trusted. `as_in_articles` is the shipped form's macro-F1 reweighted to
    the mix of whole articles, where `silent_share` of the units stand in sentences without a word for Moscow.
    """

    reports: Mapping[str, Mapping[str, AxisReport]]
    same_labels: float
    silent_share: float
    as_in_articles: Mapping[str, Figure]
    sure: Mapping[str, Sureness]

    def as_card(self) -> dict[str, Any]:
        """Return what `model.json` says of it."""
        mix = {axis: str(figure) for axis, figure in self.as_in_articles.items()}
        return {
            "figures": {name: {axis: r.as_dict() for axis, r in by_axis.items()} for name, by_axis in self.reports.items()},
            "sureness": {axis: found.as_dict() for axis, found in self.sure.items()},
            "as_in_articles": {"silent_share": round(self.silent_share, 4), **mix},
            "parity_on_test": {"same_stance_label_as_reference": round(self.same_labels, 6)},
        }

    def lines(self) -> list[str]:
        """Return what is printed of it."""
        n = self.reports["shipped"]["stance"].n
        lines = [f"test split: {n} units, held out by document"]
        for axis in AXES:
            lines.extend(f"  {axis:<10} {name:<10} macro-F1 {by_axis[axis].macro_f1}" for name, by_axis in self.reports.items())
        for axis, s in self.sure.items():
            lines.append(
                f"  {axis:<10} calibration error {s.error} (by chance {s.by_chance:.3f}), right on the surest 70 %: {s.accuracy_surest}"
            )
        mix = ", ".join(f"{axis} {figure}" for axis, figure in self.as_in_articles.items())
        if mix:
            lines.append(f"  shipped, as in whole articles ({self.silent_share:.0%} of units without a word for Moscow): {mix}")
        return [*lines, f"  both forms give the same stance label to {self.same_labels:.1%} of them"]


def judge_test(labels: LabelSet, shipped: Scorer, reference: Scorer, silent_share: float | None) -> Verdict:
    """Score the test split with both forms and the baselines: real sentences, or our own where there are no others."""
    rows = labels.part("test", real=True if labels.texts else None)
    train = labels.part("train")
    units = [labels.examples[i].unit for i in rows]
    groups = clusters(labels.documents(rows))
    ours, theirs = shipped.probabilities(units), reference.probabilities(units)
    thresholds = (shipped.info.stance_threshold, shipped.info.sentiment_threshold)
    reports: dict[str, dict[str, AxisReport]] = {}
    for (axis, names), p, q, threshold in zip(AXES.items(), ours, theirs, thresholds, strict=True):
        truth = labels.truth(axis, rows)
        candidates = {
            "shipped": p,
            "reference": q,
            "tfidf": tfidf(labels, train, rows, axis, seed=1),
            "majority": majority(labels.truth(axis, train), len(rows)),
        }
        for name, found in candidates.items():
            reports.setdefault(name, {})[axis] = axis_report(truth, found, groups, names, threshold)
    sure = {axis: sureness(labels.truth(axis, rows), p, groups) for axis, p in zip(AXES, ours, strict=True)}
    same = float(np.mean(ours[0].argmax(axis=1) == theirs[0].argmax(axis=1)))
    if silent_share is None:
        return Verdict(reports, same, 0.0, {}, sure)
    weights = mix_weights([labels.examples[i].row.stratum for i in rows], silent_share)
    as_in_articles = {
        axis: with_interval(macro_f1, labels.truth(axis, rows), p.argmax(axis=1), groups, weights=weights)
        for axis, p in zip(AXES, ours, strict=True)
    }
    return Verdict(reports, same, silent_share, as_in_articles, sure)


@dataclass(frozen=True, slots=True)
class NewsVerdict:
    """How sentiment comes out on NewsMTSC's test-mt: as shipped, and with the class priors of NewsMTSC's training part.

    An oracle that gives one label per sentence reaches an accuracy of 0.799 there: only a model that reads the target gets beyond.
    """

    units: int
    accuracy: Figure
    macro_f1: Figure
    macro_f1_as_shipped: Figure

    def as_card(self) -> dict[str, Any]:
        """Return what `model.json` says of it."""
        named = {"accuracy": self.accuracy, "macro_f1": self.macro_f1, "macro_f1_as_shipped": self.macro_f1_as_shipped}
        return {"newsmtsc_test_mt": {"units": self.units, **{name: str(figure) for name, figure in named.items()}}}

    def line(self) -> str:
        """Return what is printed of it."""
        figures = (
            f"accuracy {self.accuracy}, macro-F1 {self.macro_f1}; as shipped, with the priors of whole articles, {self.macro_f1_as_shipped}"
        )
        return f"NewsMTSC test-mt: {self.units} targets, {figures}"


def judge_newsmtsc(lessons: Sequence[Lesson], scorer: Scorer, shift: Sequence[float]) -> NewsVerdict:
    """Score NewsMTSC's test part; `shift`, (3,), is what its class priors add to the logarithms of the probabilities."""
    _, p = scorer.probabilities([x.unit for x in lessons])
    truth, groups = np.array([x.sentiment for x in lessons]), clusters([x.article for x in lessons])
    there = (np.log(np.maximum(p, 1e-12)) + np.asarray(shift)).argmax(axis=1)
    return NewsVerdict(
        len(lessons),
        with_interval(accuracy, truth, there, groups),
        with_interval(macro_f1, truth, there, groups),
        with_interval(macro_f1, truth, p.argmax(axis=1), groups),
    )


def silent_share_of(texts: Texts | None) -> float | None:
    """Return the share of units in whole articles whose sentence has no word for Moscow; None where there are no articles."""
    if texts is None:
        return None
    silent = total = 0
    for name in texts.articles:
        units = document_units(texts.document(f"articles:{name}"))
        total += len(units)
        silent += sum(not u.moscow for u in units)
    return silent / total


def mix_weights(strata: Sequence[str], silent_share: float) -> Floats:
    """Return a weight per row such that rows of the stratum "no-moscow-word" make up `silent_share` of the whole."""
    silent = np.array([s == "no-moscow-word" for s in strata])
    share = silent.mean()
    return np.asarray(np.where(silent, silent_share / share, (1 - silent_share) / (1 - share)))
