"""Labelled rows, joined to their texts and split: what a model learns from and is judged on."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from moscow_labels.checking import label_files
from moscow_labels.errors import InputError
from moscow_labels.records import Span, Unit
from moscow_labels.rows import LabelRow, read_rows
from moscow_labels.scheme import SENTIMENTS, STANCES
from moscow_labels.splitting import SPLIT_FILE, Near, Split, read_splits
from moscow_labels.texts import Hydrated, Texts
from moscow_labels.units import labelled_unit
from moscow_stance.metrics import Ints
from moscow_training.school import NEWS, Lesson, read_held, read_lessons, read_test_mt

OWN, SEEDS = "own", "seeds"
PUBLIC, HELD, BENCHMARK = "public", "public-held", "benchmark"
"""Splits of what is not ours: NewsMTSC to learn from, what of it is held back, and our own rows that stand in its test part."""

AXES = {"stance": STANCES, "sentiment": SENTIMENTS}
"""Axis -> its labels, in the order of class numbers."""


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled unit, ready for the encoder, with the sentence before it. `split` is "seeds" for the seeds, which are in no split."""

    unit: Unit
    row: LabelRow
    split: str
    prev: str = ""

    @property
    def real(self) -> bool:
        """Whether the sentence is other people's, not written for the project."""
        return self.row.source != OWN


@dataclass(frozen=True, slots=True)
class LabelSet:
    """All examples, and the digest of the labelled rows that they came from. `texts` is False where only our own are here."""

    examples: Sequence[Example]
    digest: str
    texts: bool

    def part(self, *splits: Split | str, real: bool | None = None) -> list[int]:
        """Return the indices of the examples in `splits`, all of them or only real or only own ones."""
        return [i for i, e in enumerate(self.examples) if e.split in splits and (real is None or e.real == real)]

    def documents(self, indices: Sequence[int]) -> list[str]:
        """Return the examples' documents."""
        return [self.examples[i].row.doc for i in indices]

    def truth(self, axis: str, indices: Sequence[int]) -> Ints:
        """Return the labels of an axis as class numbers. Raises ValueError where public rows are asked for a stance, which none has."""
        if axis == "stance" and any(self.examples[i].split in (PUBLIC, HELD) for i in indices):
            raise ValueError("public rows have no stance")
        labels: list[str] = [str(name) for name in AXES[axis]]
        return np.array([labels.index(getattr(self.examples[i].row, axis)) for i in indices], dtype=np.int64)


def load_labels(root: Path, texts: Texts | None) -> LabelSet:
    """Read every labelled file of the project and join it to its texts; without texts, only our own sentences.

    A training sentence that stands in NewsMTSC's test part is set aside, so that nothing learns from it. Raises InputError where there
    are no rows or a row's text reads differently.
    """
    paths = label_files(root)
    digest = hashlib.sha256(b"".join(p.read_bytes() for p in [*paths, root / SPLIT_FILE])).hexdigest()
    splits = read_splits(root / SPLIT_FILE)
    examples = []
    for row in (row for path in paths for row in read_rows(path)):
        if texts is None and row.sentence is None:
            continue
        split = SEEDS if row.source == SEEDS else splits.get(row.doc)
        if split is None:
            raise InputError(f"document {row.doc} ({row.text}) is in no split; run `stance labels split`")
        hydrated = texts.hydrate(row) if texts is not None else Hydrated(row, row.sentence or "")
        examples.append(Example(_unit(hydrated), row, split, hydrated.prev))
    if not examples:
        raise InputError(f"{root}: no labelled rows; run inside the project or name it with --root")
    if texts is not None and texts.benchmarks.is_dir():
        examples = _set_aside(examples, texts.benchmarks)
    return LabelSet(examples, digest, texts is not None)


def with_public(labels: LabelSet, texts: Texts | None) -> LabelSet:
    """Return the labels with NewsMTSC's training part behind them, for sentiment. Raises InputError where it is not here."""
    if texts is None:
        raise InputError("NewsMTSC stands beside the corpora: name their folder with --texts")
    public = [_public(lesson, n, PUBLIC) for n, lesson in enumerate(read_lessons(texts.benchmarks, NEWS))]
    public += [_public(lesson, n, HELD) for n, lesson in enumerate(read_held(texts.benchmarks))]
    return replace(labels, examples=[*labels.examples, *public])


def _set_aside(examples: list[Example], benchmarks: Path) -> list[Example]:
    tested = Near(lesson.unit.sentence.text for lesson in read_test_mt(benchmarks))
    shared = {text for text in {e.unit.sentence.text for e in examples if e.split == "train"} if tested.has(text)}
    return [replace(e, split=BENCHMARK) if e.split == "train" and e.unit.sentence.text in shared else e for e in examples]


def _public(lesson: Lesson, number: int, split: str) -> Example:
    """Return a public unit as an example; its row says where it stands, and its stance is never asked for."""
    text = lesson.unit.sentence.text
    row = LabelRow.model_construct(
        id=f"{split}-{number}",
        text=f"newsmtsc:{split}-{number}",
        doc=lesson.article,
        source=NEWS,
        actor=lesson.unit.actor,
        start=0,
        end=len(text),
        mentions=tuple((s.start, s.end) for s in lesson.unit.mentions),
        stance=STANCES[1],
        sentiment=SENTIMENTS[lesson.sentiment],
    )
    return Example(lesson.unit, row, split)


def _unit(h: Hydrated) -> Unit:
    spans = [Span(s, e) for s, e in h.row.mentions]
    unit, _ = labelled_unit(h.sentence, h.row.actor, spans, prev=h.prev, published=h.row.date, speaker=h.speaker, title=h.title)
    return unit
