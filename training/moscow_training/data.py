"""Labelled rows, joined to their texts and split: what a model learns from and is judged on."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from moscow_labels.checking import label_files
from moscow_labels.errors import InputError
from moscow_labels.records import Span, Unit
from moscow_labels.rows import LabelRow, read_rows
from moscow_labels.scheme import SENTIMENTS, STANCES
from moscow_labels.splitting import SPLIT_FILE, Split, read_splits
from moscow_labels.texts import Hydrated, Texts
from moscow_labels.units import labelled_unit
from moscow_stance.metrics import Ints

OWN, SEEDS = "own", "seeds"
AXES = {"stance": STANCES, "sentiment": SENTIMENTS}
"""Axis -> its labels, in the order of class numbers."""


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled unit, ready for the encoder. `split` is "seeds" for the seeds, which are in no split."""

    unit: Unit
    row: LabelRow
    split: str

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
        """Return the labels of an axis as class numbers."""
        labels: list[str] = [str(name) for name in AXES[axis]]
        return np.array([labels.index(getattr(self.examples[i].row, axis)) for i in indices], dtype=np.int64)


def load_labels(root: Path, texts: Texts | None) -> LabelSet:
    """Read every labelled file of the project and join it to its texts; without texts, only our own sentences.

    Raises InputError where there are no rows or a row's text reads differently.
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
        examples.append(Example(_unit(hydrated), row, split))
    if not examples:
        raise InputError(f"{root}: no labelled rows; run inside the project or name it with --root")
    return LabelSet(examples, digest, texts is not None)


def _unit(h: Hydrated) -> Unit:
    spans = [Span(s, e) for s, e in h.row.mentions]
    unit, _ = labelled_unit(h.sentence, h.row.actor, spans, prev=h.prev, published=h.row.date, speaker=h.speaker, title=h.title)
    return unit
