"""The loop between reading and writing: items in, predictions out, counts kept. It knows neither files nor formats."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from moscow_labels.records import Document
from moscow_stance.labelling import label_document
from moscow_stance.model import Scorer
from moscow_stance.reading.records import Failure, Item, text_id
from moscow_stance.talk import talk
from moscow_stance.writing import Writer


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


def score_items(items: Iterable[Item], scorer: Scorer, writer: Writer, counts: Counts, *, speaker: str = "") -> None:
    """Score documents one after the other and write each as soon as it is done; failures are reported and counted.

    A document whose words (white space apart) came before is scored too, and says whose copy it is in `duplicate_of`.
    """
    for item in items:
        if isinstance(item, Failure):
            talk.error(item.message)
            counts.failed += 1
            continue
        document = replace(item, speaker=speaker) if speaker and not item.speaker else item
        original = _copy_of(document, counts)
        predictions = label_document(document, scorer, where=document.id, warn=talk.note, duplicate_of=original)
        writer.write(predictions)
        counts.documents += 1
        counts.units += len(predictions)
        counts.silent += not predictions
        counts.duplicates += original is not None


def _copy_of(document: Document, counts: Counts) -> str | None:
    key = text_id(" ".join(document.text.split()))
    first = counts.seen.setdefault(key, document.id)
    return None if first == document.id else first
