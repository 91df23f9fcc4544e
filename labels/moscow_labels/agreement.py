"""How far coders agree: Krippendorff's alpha (nominal), Cohen's kappa, agreement per class, with intervals over documents.

Alpha: Krippendorff 2018, Content Analysis, ch. 12. Kappa: Cohen 1960. Per class: positive specific agreement, 2a / (2a + b + c)
(Fleiss 1975). Intervals: percentile over 2,000 resamples of documents.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from moscow_labels.errors import InputError
from moscow_labels.rows import LabelRow
from moscow_labels.scheme import SENTIMENTS, STANCES

RESAMPLES = 2000
AXES: Mapping[str, Sequence[str]] = {"stance": [str(s) for s in STANCES], "sentiment": [str(s) for s in SENTIMENTS]}
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its 95 % interval."""

    value: float
    lo: float
    hi: float

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.lo:.3f}, {self.hi:.3f}]"


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement of two codings of the same units on one axis. `table` counts first against second coding."""

    axis: str
    units: int
    documents: int
    observed: Estimate
    alpha: Estimate
    kappa: Estimate
    per_class: Mapping[str, Estimate]
    table: Sequence[Sequence[int]]


def paired(first: Sequence[LabelRow], second: Sequence[LabelRow]) -> list[tuple[LabelRow, LabelRow]]:
    """Return the units that both codings hold, by id. Raises InputError where there are none."""
    known = {row.id: row for row in first}
    pairs = [(known[row.id], row) for row in second if row.id in known]
    if not pairs:
        raise InputError("the two codings share no unit; name files that code the same sentences")
    return pairs


def agreement(pairs: Sequence[tuple[LabelRow, LabelRow]], axis: str, *, seed: int = 0) -> Agreement:
    """Return the agreement of two codings on an axis."""
    labels = list(AXES[axis])
    numbers: dict[str, int] = {}
    groups = np.array([numbers.setdefault(a.doc, len(numbers)) for a, _ in pairs])
    tables = np.zeros((len(numbers), 3, 3))
    for (a, b), group in zip(pairs, groups, strict=True):
        tables[group, labels.index(str(getattr(a, axis))), labels.index(str(getattr(b, axis)))] += 1
    draws = np.random.default_rng(seed).multinomial(len(numbers), np.full(len(numbers), 1 / len(numbers)), size=RESAMPLES)
    whole, resampled = tables.sum(axis=0), np.tensordot(draws, tables, axes=1)

    def estimate(statistic: Any) -> Estimate:
        lo, hi = np.nanpercentile(statistic(resampled), [2.5, 97.5])
        return Estimate(float(statistic(whole)), float(lo), float(hi))

    return Agreement(
        axis=axis,
        units=len(pairs),
        documents=len(numbers),
        observed=estimate(observed),
        alpha=estimate(nominal_alpha),
        kappa=estimate(cohen_kappa),
        per_class={label: estimate(lambda t, k=k: specific(t, k)) for k, label in enumerate(labels)},
        table=whole.astype(int).tolist(),
    )


def observed(table: Floats) -> Floats:
    """Return the share of units with the same label. Works on (..., k, k)."""
    return np.asarray(np.trace(table, axis1=-2, axis2=-1) / table.sum((-2, -1)))


def nominal_alpha(table: Floats) -> Floats:
    """Return Krippendorff's alpha for two coders, nominal labels, no missing values. Works on (..., k, k).

    The coincidence matrix of two complete coders is the table plus its transpose; equal to the `krippendorff` package's result.
    """
    coincidence = table + np.swapaxes(table, -1, -2)
    margin = coincidence.sum(-1)
    n = margin.sum(-1)
    disagree = n - np.trace(coincidence, axis1=-2, axis2=-1)
    expected = (n**2 - (margin**2).sum(-1)) / (n - 1)
    return np.asarray(1 - np.divide(disagree, expected, out=np.full(np.shape(n), np.nan), where=expected > 0))


def cohen_kappa(table: Floats) -> Floats:
    """Return Cohen's kappa. Works on (..., k, k)."""
    n = table.sum((-2, -1))
    chance = (table.sum(-1) * table.sum(-2)).sum(-1) / n**2
    return np.asarray(np.divide(observed(table) - chance, 1 - chance, out=np.full(np.shape(n), np.nan), where=chance < 1))


def specific(table: Floats, k: int) -> Floats:
    """Return how often both coders give class k, given that one does. Works on (..., k, k)."""
    total = table[..., k, :].sum(-1) + table[..., :, k].sum(-1)
    return np.asarray(np.divide(2 * table[..., k, k], total, out=np.full(np.shape(total), np.nan), where=total > 0))
