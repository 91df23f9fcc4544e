"""Rows of one split that a model has judged on one axis: what figures, pictures and error tables are made of."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from moscow_stance.evaluation import AxisReport, axis_report
from moscow_stance.metrics import Floats, Ints, clusters
from moscow_training.data import AXES, LabelSet


@dataclass(frozen=True, slots=True)
class Judged:
    """n judged units.

    `truth` (n,) are class numbers, `p` (n, 3) calibrated probabilities in the order of `labels`; the likeliest label is abstained from
    where its probability is below `threshold`. The other fields describe each unit: its id, document, source, actor, date (ISO, may be
    empty) and sentence.
    """

    axis: str
    labels: Sequence[str]
    truth: Ints
    p: Floats
    threshold: float
    ids: Sequence[str]
    documents: Sequence[str]
    sources: Sequence[str]
    actors: Sequence[str]
    dates: Sequence[str]
    sentences: Sequence[str]

    @property
    def predicted(self) -> Ints:
        """The likeliest class of each unit, (n,)."""
        return np.asarray(self.p.argmax(axis=1), dtype=np.int64)

    def only(self, rows: Sequence[int]) -> "Judged":
        """Return the units with these numbers."""
        index = np.asarray(rows, dtype=np.int64)
        described = {
            name: [getattr(self, name)[i] for i in rows] for name in ("ids", "documents", "sources", "actors", "dates", "sentences")
        }
        return Judged(self.axis, self.labels, self.truth[index], self.p[index], self.threshold, **described)

    def by(self, field: str) -> dict[str, "Judged"]:
        """Return the units of each value of a field ("sources", "actors"), the largest group first."""
        values = getattr(self, field)
        groups: dict[str, list[int]] = {}
        for i, value in enumerate(values):
            groups.setdefault(value, []).append(i)
        return {value: self.only(rows) for value, rows in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))}

    def report(self, *, seed: int = 0) -> AxisReport:
        """Return the figures with intervals over documents."""
        return axis_report(self.truth, self.p, clusters(self.documents), self.labels, self.threshold, seed=seed)


def judge(labels: LabelSet, rows: Sequence[int], axis: str, p: Floats, threshold: float) -> Judged:
    """Return the labelled `rows` with what a model says of them: p (n, 3) in the order of `AXES[axis]`."""
    found = [labels.examples[i].row for i in rows]
    return Judged(
        axis,
        [str(name) for name in AXES[axis]],
        labels.truth(axis, rows),
        np.asarray(p, dtype=np.float64),
        threshold,
        ids=[r.id for r in found],
        documents=[r.doc for r in found],
        sources=[r.source for r in found],
        actors=[r.actor for r in found],
        dates=[r.date for r in found],
        sentences=[labels.examples[i].unit.sentence.text for i in rows],
    )
