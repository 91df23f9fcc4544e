"""Conformal prediction sets: all labels that the model cannot rule out at a stated level, instead of the likeliest one.

Split conformal prediction with the least ambiguous set-valued classifier's score (Sadinle, Lei and Wasserman 2019), by MAPIE, fitted on the
calibration split alone. Its promise (the true label is in the set at least `LEVEL` of the time, on average) rests on exchangeability with
the calibration rows. It is claimed for no single class, source or year, and for no new source or later year: what coverage is there
is measured and shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from moscow_stance.metrics import Figure, Floats, Ints, clusters, mean_with_interval
from moscow_training.encoder import Features
from moscow_training.judged import Judged

LEVEL = 0.9
LEAST = 20
"""Units that a group must have to be shown."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How often the sets hold the true label in one group of units, and how many labels they hold on average."""

    group: str
    value: str
    n: int
    coverage: Figure
    size: float


@dataclass(frozen=True, slots=True)
class Sets:
    """Prediction sets of judged units: `inside` (n, 3) says which labels are in, `quantile` from which improbability on a label is out."""

    level: float
    quantile: float
    inside: NDArray[np.bool_]


def prediction_sets(head: Any, calibration: Features, truth: Ints, judged: Features, *, level: float = LEVEL) -> Sets:
    """Return the sets of `judged` (n, width), fitted on the calibration rows' features and class numbers. `head` is fitted already."""
    from mapie.classification import SplitConformalClassifier

    model = SplitConformalClassifier(estimator=head, confidence_level=level, conformity_score="lac", prefit=True)
    model.conformalize(calibration, truth)
    _, sets = model.predict_set(judged)
    inside = np.asarray(sets[:, :, 0], dtype=np.bool_)
    out = head.predict_proba(judged)
    return Sets(level, _quantile(out, inside), inside)


def coverage(judged: Judged, sets: Sets) -> list[Coverage]:
    """Return the coverage over all units, by true class, source and year, with intervals over documents."""
    held = sets.inside[np.arange(len(judged.truth)), judged.truth].astype(np.float64)
    size = sets.inside.sum(axis=1)
    groups: list[tuple[str, Sequence[str]]] = [
        ("all", ["all"] * len(held)),
        ("class", [str(judged.labels[int(c)]) for c in judged.truth]),
        ("source", judged.sources),
        ("year", [_era(day) for day in judged.dates]),
    ]
    return [found for name, values in groups for found in _by(name, values, held, size, judged.documents)]


def coverage_metrics(axis: str, found: Sequence[Coverage]) -> dict[str, float]:
    """Return the coverage as MLflow metrics: `conformal_<axis>_coverage` with its interval and the sets' mean size."""
    over = next(c for c in found if c.group == "all")
    named: Mapping[str, float | None] = {"coverage": over.coverage.value, "coverage_lo": over.coverage.lo, "coverage_hi": over.coverage.hi}
    figures = {f"conformal_{axis}_{name}": value for name, value in named.items() if value is not None}
    by_class = {f"conformal_{axis}_coverage.{c.value}": c.coverage.value for c in found if c.group == "class"}
    return figures | {f"conformal_{axis}_size": over.size} | by_class


def _by(name: str, values: Sequence[str], held: Floats, size: NDArray[Any], documents: Sequence[str]) -> list[Coverage]:
    found = []
    array, named = np.array(values), np.array(documents)
    for value in sorted(set(values)):
        rows = np.flatnonzero(array == value)
        if len(rows) >= LEAST:
            figure = mean_with_interval(held[rows], clusters(named[rows].tolist()))
            found.append(Coverage(name, value, len(rows), figure, float(size[rows].mean())))
    return found


def _era(day: str) -> str:
    return f"{day[:3]}0s" if day[:4].isdigit() else "no date"


def _quantile(p: Floats, inside: NDArray[np.bool_]) -> float:
    """Return the largest improbability that is still in a set."""
    return float((1 - p)[inside].max())
