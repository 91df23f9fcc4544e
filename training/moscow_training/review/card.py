"""The model card: what a run's model is for, what it learned from, how good it is and for whom, and what it must not be used for.

After Mitchell et al. 2019, Model Cards for Model Reporting, FAT*.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from moscow_stance import metrics
from moscow_stance.evaluation import AxisReport
from moscow_training.conformal import LEVEL, Coverage
from moscow_training.judged import Judged
from moscow_training.review import limits
from moscow_training.review.comparisons import LEAST_UNITS
from moscow_training.review.page import render
from moscow_training.review.slices import Slice, slice_figures

SPLITS = ("train", "validation", "calibration", "test")


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What a card tells besides figures.

    `split` is what the figures are of. `units` counts labelled units by source and, below that, by split. `settings` are the run's
    parameters, `versions` those of the packages that a result can depend on. `shipped_encoder` says that the encoder's weights are the
    ones that NOTICE speaks of, or tuned from them. Empty texts are left out of the card.
    """

    name: str
    run_id: str
    split: str
    encoder: str
    encoder_revision: str
    labels_digest: str
    units: Mapping[str, Mapping[str, int]]
    command: str = ""
    made: str = ""
    version: str = ""
    git_commit: str = ""
    git_dirty: bool = False
    texts: bool = True
    shipped_encoder: bool = True
    settings: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """How one class comes out: of what the model says so, how much is right, and of what the coder says so, how much is found."""

    label: str
    precision: float | None
    recall: float | None
    f1: float
    n: int


@dataclass(frozen=True, slots=True)
class AxisSection:
    """One axis of a card, ready for the template; `report` is None where there are no units."""

    axis: str
    labels: tuple[str, ...]
    threshold: float
    documents: int
    report: AxisReport | None
    classes: tuple[ClassFigures, ...]
    slices: Mapping[str, tuple[Slice, ...]]


def model_card(
    facts: CardFacts,
    judged_by_axis: Mapping[str, Judged],
    *,
    covered: Mapping[str, Sequence[Coverage]] | None = None,
    pictures: Mapping[str, bytes] | None = None,
) -> str:
    """Return the card as one standalone HTML page.

    `covered` is what conformal sets hold, by axis; `pictures` maps what a picture shows in words to its PNG, and goes into the page.
    """
    sections = [axis_section(judged) for judged in judged_by_axis.values()]
    shown = {about: f"data:image/png;base64,{base64.b64encode(image).decode()}" for about, image in (pictures or {}).items()}
    found = {split for by_split in facts.units.values() for split in by_split}
    splits = [s for s in SPLITS if s in found] + sorted(found.difference(SPLITS))
    return render(
        "card.html",
        style="page.css",
        title=f"Model card: {facts.name}{f' version {facts.version}' if facts.version else ''}",
        facts=facts,
        splits=splits,
        sections=sections,
        pictures=shown,
        covered=covered or {},
        level=LEVEL,
        limits=limits,
        least=LEAST_UNITS,
        least_documents=metrics.MIN_DOCUMENTS,
        least_per_class=metrics.MIN_PER_CLASS,
    )


def axis_section(judged: Judged) -> AxisSection:
    """Return the figures of one axis: as in the metrics, per class, and per source and actor of at least twenty units."""
    labels = tuple(str(label) for label in judged.labels)
    if not len(judged.truth):
        return AxisSection(judged.axis, labels, judged.threshold, 0, None, (), {})
    counts = metrics.confusion(judged.truth, judged.predicted)
    said, meant, right = counts.sum(axis=0), counts.sum(axis=1), np.diagonal(counts)
    classes = tuple(
        ClassFigures(label, _share(right[i], said[i]), _share(right[i], meant[i]), float(f1), int(meant[i]))
        for i, (label, f1) in enumerate(zip(labels, metrics.f1_by_class(counts), strict=True))
    )
    slices = {name: tuple(slice_figures(judged, name, least=LEAST_UNITS)) for name in ("sources", "actors")}
    return AxisSection(judged.axis, labels, judged.threshold, len(set(judged.documents)), judged.report(), classes, slices)


def _share(part: int, whole: int) -> float | None:
    return float(part / whole) if whole else None
