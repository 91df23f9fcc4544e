"""The loop between reading and writing: items in, predictions out, counts kept. It knows neither files nor formats.

Documents go through in windows of some hundred units. While the scorer reads one window, side by side in its threads, the next is
read, split and matched; results come back in order. A sentence that stands in a window several times is encoded once.
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import chain

from moscow_labels.records import Document, Unit
from moscow_stance.contract import Probabilities, Scorer
from moscow_stance.labelling import units_to_label
from moscow_stance.predicting import predictions_of
from moscow_stance.reading.records import Failure, Item, text_id
from moscow_stance.talk import talk
from moscow_stance.writing import Writer

WINDOW_UNITS, WINDOW_DOCUMENTS = 512, 256
"""A window is full with so many units or so many documents: what is kept in memory, and what a crash can lose."""


@dataclass(slots=True)
class Counts:
    """What a run has done so far."""

    documents: int = 0
    units: int = 0
    silent: int = 0
    duplicates: int = 0
    failed: int = 0
    code: int = 0
    seen: dict[str, str] = field(default_factory=dict, repr=False)

    def __str__(self) -> str:
        parts = [f"{self.documents:,} documents", f"{self.units:,} units"]
        if self.silent:
            parts.append(f"{self.silent:,} without labels")
        if self.duplicates:
            parts.append(f"{self.duplicates:,} duplicates")
        if self.failed:
            parts.append(f"{self.failed:,} failed")
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class _Work:
    """One document with its units and the document that it is a copy of."""

    document: Document
    units: list[Unit]
    original: str | None


def score_items(items: Iterable[Item], scorer: Scorer, writer: Writer, counts: Counts, *, speaker: str = "") -> None:
    """Score documents in order and write each window as soon as it is done; failures are reported and counted.

    A document whose words (white space apart) came before is scored too, and says whose copy it is in `duplicate_of`.
    """
    for window, (stance, sentiment) in _scored(_windows(_prepared(items, counts, speaker)), scorer):
        at = 0
        for work in window:
            end = at + len(work.units)
            rows = predictions_of(work.document, work.units, stance[at:end], sentiment[at:end], scorer.info, duplicate_of=work.original)
            writer.write(rows)
            at = end
            counts.documents += 1
            counts.units += len(rows)
            counts.silent += not rows
            counts.duplicates += work.original is not None


def _prepared(items: Iterable[Item], counts: Counts, speaker: str) -> Iterator[_Work]:
    for item in items:
        if isinstance(item, Failure):
            talk.error(item.message)
            counts.failed += 1
            continue
        document = replace(item, speaker=speaker) if speaker and not item.speaker else item
        original = _copy_of(document, counts)
        yield _Work(document, units_to_label(document, where=document.id, warn=talk.note), original)


def _windows(works: Iterable[_Work]) -> Iterator[list[_Work]]:
    window: list[_Work] = []
    units = 0
    for work in works:
        window.append(work)
        units += len(work.units)
        if units >= WINDOW_UNITS or len(window) >= WINDOW_DOCUMENTS:
            yield window
            window, units = [], 0
    if window:
        yield window


def _scored(windows: Iterable[list[_Work]], scorer: Scorer) -> Iterator[tuple[list[_Work], Probabilities]]:
    """Yield each window with its probabilities; while one is scored the next is prepared.

    Where preparing the next one fails (the source breaks off), what was read before is still yielded first.
    """
    source = iter(windows)
    with ThreadPoolExecutor(1, thread_name_prefix="window") as background:
        window = next(source, None)
        while window is not None:
            future = background.submit(scorer.probabilities, list(chain.from_iterable(work.units for work in window)))
            broken: Exception | None = None
            following: list[_Work] | None = None
            try:
                following = next(source, None)
            except Exception as error:  # whatever it is, it is raised again after the window
                broken = error
            yield window, future.result()
            if broken is not None:
                raise broken
            window = following


def _copy_of(document: Document, counts: Counts) -> str | None:
    key = text_id(" ".join(document.text.split()))
    first = counts.seen.setdefault(key, document.id)
    return None if first == document.id else first
