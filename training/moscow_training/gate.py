"""The gate: is a challenger significantly worse than the champion, in what it says, in how sure it is, in behaviour or in speed?

Both are judged in the form that ships, on the same rows in one process. Differences are challenger minus champion with 95 % percentile
intervals of a paired bootstrap: both models see the same resampled documents (Efron and Tibshirani 1993, ch. 13; Koehn 2004 for the
paired form). A difference counts as worse only where its whole interval lies beyond the allowance of its check, so that a model is not
refused for noise; what the interval leaves open is reported beside it.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from moscow_labels.records import Unit
from moscow_stance.evaluation import Example
from moscow_stance.metrics import RESAMPLES, Floats, Ints, clusters, interval, macro_f1, resampled_weights
from moscow_stance.model import Scorer
from moscow_training.behaviour import passed
from moscow_training.data import AXES

BINS = 10
SLOWER = 0.1
"""How much slower, as a share, a challenger may be."""
ROUNDS, TIMED_UNITS = 15, 32
Statistic = Callable[[Floats], Floats]


@dataclass(frozen=True, slots=True)
class Check:
    """One comparison: both values, challenger minus champion with its interval (None under ten documents), and what is allowed.

    `good` is 1 where more is better, -1 where less is. `worse` is True where the whole interval lies on the bad side of `allowance`.
    """

    name: str
    challenger: float
    champion: float
    difference: float
    lo: float | None
    hi: float | None
    good: int
    allowance: float = 0.0

    @property
    def worse(self) -> bool:
        """Whether the challenger is significantly worse here."""
        if self.lo is None or self.hi is None:
            return False
        return self.hi < -self.allowance if self.good > 0 else self.lo > self.allowance

    @property
    def better(self) -> bool:
        """Whether the challenger is significantly better here."""
        if self.lo is None or self.hi is None:
            return False
        return self.lo > 0 if self.good > 0 else self.hi < 0

    def __str__(self) -> str:
        interval_text = "" if self.lo is None else f" [{self.lo:+.3f}, {self.hi:+.3f}]"
        said = "WORSE" if self.worse else "better" if self.better else "no clear difference"
        return f"{self.name:<28} {self.challenger:7.3f} against {self.champion:7.3f}  {self.difference:+.3f}{interval_text}  {said}"


@dataclass(frozen=True, slots=True)
class Decision:
    """What the gate found. It lets a challenger through where no check is worse."""

    checks: Sequence[Check]
    n: int
    documents: int
    notes: Sequence[str] = ()

    @property
    def accepted(self) -> bool:
        """Whether the challenger may become champion."""
        return not any(check.worse for check in self.checks)

    @property
    def reasons(self) -> list[str]:
        """Why not, one line per check that is worse."""
        return [str(check) for check in self.checks if check.worse]

    def as_json(self) -> str:
        """Return the decision for the record."""
        checks = [asdict(c) | {"worse": c.worse, "better": c.better} for c in self.checks]
        record = {"accepted": self.accepted, "units": self.n, "documents": self.documents, "checks": checks, "notes": list(self.notes)}
        return json.dumps(record, indent=1) + "\n"


@dataclass(frozen=True, slots=True)
class Evidence:
    """The rows both are judged on: n units, class numbers (n,) by axis, documents."""

    units: Sequence[Unit]
    truth: Mapping[str, Ints]
    documents: Sequence[str]


def compare(challenger: Scorer, champion: Scorer, evidence: Evidence, cases: Sequence[Example] = ()) -> Decision:
    """Compare on validation rows, on the behaviour suite where there is one, and in speed."""
    groups = clusters(evidence.documents)
    new, old = challenger.probabilities(evidence.units), champion.probabilities(evidence.units)
    checks, notes = [], []
    for axis, p, q in zip(AXES, new, old, strict=True):
        truth = evidence.truth[axis]
        checks.append(macro_f1_check(f"{axis} macro-F1", truth, p.argmax(axis=1), q.argmax(axis=1), groups))
        checks.append(calibration_check(f"{axis} calibration error", truth, p, q, groups))
    if cases:
        checks.append(behaviour_check(challenger, champion, cases))
    else:
        notes.append("there is no behaviour suite yet: behaviour is not compared")
    checks.append(speed_check(challenger, champion, evidence.units))
    return Decision(checks, len(groups), len(set(evidence.documents)), notes)


def paired(statistic: Statistic, new: Floats, old: Floats, groups: Ints, seed: int = 0) -> tuple[float | None, float | None]:
    """Return the interval of statistic(new) - statistic(old) over resampled documents.

    `new` and `old` are sums per document (documents, ...); `statistic` takes their sums (..., resamples first). None under ten documents.
    """
    drawn = resampled_weights(groups, seed)
    if drawn is None:
        return None, None
    return interval(statistic(np.tensordot(drawn, new, axes=1)) - statistic(np.tensordot(drawn, old, axes=1)))


def macro_f1_check(name: str, truth: Ints, new: Ints, old: Ints, groups: Ints) -> Check:
    """Compare macro-F1 of two sets of predicted classes (n,)."""
    counts = []
    for predicted in (new, old):
        per_document = np.zeros((int(groups.max()) + 1, 3, 3))
        np.add.at(per_document, (groups, truth, predicted), 1)
        counts.append(per_document)
    values = [float(macro_f1(c.sum(axis=0))) for c in counts]
    return Check(name, values[0], values[1], values[0] - values[1], *paired(macro_f1, counts[0], counts[1], groups), good=1)


def calibration_check(name: str, truth: Ints, new: Floats, old: Floats, groups: Ints) -> Check:
    """Compare the calibration error of two sets of probabilities (n, 3); each model's bins are those of all rows, equal in mass."""
    sums = [_bin_sums(truth, p, groups) for p in (new, old)]
    values = [float(_binned_error(s.sum(axis=0))) for s in sums]
    return Check(name, values[0], values[1], values[0] - values[1], *paired(_binned_error, sums[0], sums[1], groups), good=-1)


def _bin_sums(truth: Ints, p: Floats, groups: Ints) -> Floats:
    """Return (documents, bins, 2): rows, and summed confidence minus hits."""
    confidence, hit = p.max(axis=1), (p.argmax(axis=1) == truth).astype(np.float64)
    sums = np.zeros((int(groups.max()) + 1, BINS, 2))
    for number, rows in enumerate(np.array_split(np.argsort(confidence, kind="stable"), BINS)):
        np.add.at(sums[:, number], groups[rows], np.stack([np.ones(len(rows)), confidence[rows] - hit[rows]], axis=1))
    return sums


def _binned_error(sums: Floats) -> Floats:
    """Return the expected calibration error of (..., bins, 2) sums."""
    return np.asarray(np.abs(sums[..., 1]).sum(axis=-1) / np.maximum(sums[..., 0].sum(axis=-1), 1))


def behaviour_check(challenger: Scorer, champion: Scorer, cases: Sequence[Example]) -> Check:
    """Compare the share of behaviour cases passed; cases of one `doc` (a template) are resampled together."""
    groups = clusters([c.document for c in cases])
    sums = []
    for scorer in (challenger, champion):
        hits = passed(cases, lambda units, s=scorer: s.probabilities(units)[0])  # type: ignore[misc]
        per_template = np.zeros((int(groups.max()) + 1, 2))
        np.add.at(per_template, groups, np.stack([hits, np.ones(len(hits))], axis=1))
        sums.append(per_template)
    values = [float(_share(s.sum(axis=0))) for s in sums]
    return Check("behaviour cases passed", values[0], values[1], values[0] - values[1], *paired(_share, sums[0], sums[1], groups), good=1)


def _share(sums: Floats) -> Floats:
    return np.asarray(sums[..., 0] / np.maximum(sums[..., 1], 1))


def speed_check(challenger: Scorer, champion: Scorer, units: Sequence[Unit], *, seed: int = 0) -> Check:
    """Compare seconds per sentence: both score the same units in turns, who begins changes; the interval is over rounds.

    The difference is the median ratio of a round minus one: +0.2 means a fifth slower.
    """
    chosen, rounds = units[:TIMED_UNITS], ROUNDS
    took: dict[int, list[float]] = {0: [], 1: []}
    for number in range(-1, rounds):
        for which in (0, 1) if number % 2 else (1, 0):
            began = time.perf_counter()
            (challenger, champion)[which].probabilities(chosen)
            if number >= 0:
                took[which].append(time.perf_counter() - began)
    new, old = np.array(took[0]), np.array(took[1])
    ratios = new / old
    drawn = np.random.default_rng(seed).integers(0, rounds, size=(RESAMPLES, rounds))
    lo, hi = interval(np.median(ratios[drawn], axis=1) - 1)
    per_sentence = 1000 / len(chosen)
    return Check(
        "milliseconds per unit",
        float(np.median(new)) * per_sentence,
        float(np.median(old)) * per_sentence,
        float(np.median(ratios)) - 1,
        lo,
        hi,
        good=-1,
        allowance=SLOWER,
    )
