"""Figures of each source or actor, and metric keys made of their names."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass

import numpy as np

from moscow_stance.metrics import MIN_PER_CLASS, Figure, accuracy, clusters, macro_f1, with_interval
from moscow_training.judged import Judged

KEY_LENGTH = 100
NOT_IN_A_KEY = re.compile(r"[^A-Za-z0-9_.\- ]+")


@dataclass(frozen=True, slots=True)
class Slice:
    """Figures of the units that share a value: n units of so many documents, `commonest` the share of the coder's commonest label.

    `macro_f1` is None where a class has fewer than ten units, for then it says little. Intervals are 95 %, over resampled documents, and
    None under ten documents.
    """

    value: str
    n: int
    documents: int
    macro_f1: Figure | None
    accuracy: Figure
    commonest: float

    @property
    def measure(self) -> str:
        """What `score` is: "macro-F1", or "accuracy" where a class is too small for that."""
        return "accuracy" if self.macro_f1 is None else "macro-F1"

    @property
    def score(self) -> Figure:
        """Macro-F1 where it can be said, else accuracy."""
        return self.accuracy if self.macro_f1 is None else self.macro_f1

    @property
    def lo(self) -> float | None:
        """The lower end of the score's interval."""
        return self.score.lo

    @property
    def hi(self) -> float | None:
        """The upper end of the score's interval."""
        return self.score.hi


def slice_figures(judged: Judged, field: str, *, least: int = 1, seed: int = 0) -> list[Slice]:
    """Return the figures of each value of a field ("sources", "actors") with at least so many units, the largest slice first."""
    return [_slice(value, part, seed) for value, part in judged.by(field).items() if len(part.truth) >= least]


def _slice(value: str, part: Judged, seed: int) -> Slice:
    groups = clusters(part.documents)
    support = np.bincount(part.truth, minlength=len(part.labels))
    enough = bool(support.min() >= MIN_PER_CLASS)
    return Slice(
        value=value,
        n=len(part.truth),
        documents=int(groups.max()) + 1,
        macro_f1=with_interval(macro_f1, part.truth, part.predicted, groups, seed=seed) if enough else None,
        accuracy=with_interval(accuracy, part.truth, part.predicted, groups, seed=seed),
        commonest=float(support.max() / support.sum()),
    )


def slice_metrics(prefix: str, slices: list[Slice]) -> dict[str, float]:
    """Return slices as MLflow metrics: `<prefix>_macro_f1.<value>` where it can be said, `_accuracy`, `_n`, each `_lo` and `_hi`."""
    found: dict[str, float] = {}
    for one in slices:
        key = metric_key(one.value)
        found[f"{prefix}_n.{key}"] = float(one.n)
        for name, figure in (("accuracy", one.accuracy), ("macro_f1", one.macro_f1)):
            if figure is not None:
                found[f"{prefix}_{name}.{key}"] = figure.value
                if figure.lo is not None and figure.hi is not None:
                    found |= {f"{prefix}_{name}_lo.{key}": figure.lo, f"{prefix}_{name}_hi.{key}": figure.hi}
    return found


def metric_key(text: str) -> str:
    """Return a name as part of an MLflow metric's key: ASCII letters, digits, `_.- ` and at most 100 characters.

    A name that fits stays as it is. Of any other the nearest such name is taken, with six hex digits of its SHA-256, so that two names
    never share a key. No slash stays, for MLflow takes one as a folder.
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    key = NOT_IN_A_KEY.sub("_", plain).strip(" ._")
    if key == text and 0 < len(key) <= KEY_LENGTH:
        return key
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:6]
    return f"{key[: KEY_LENGTH - 7].rstrip() or 'unnamed'}-{digest}"
