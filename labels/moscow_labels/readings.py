"""How good the matcher is: sentences that were read for every actor, against what the matcher finds.

`labels/readings/matcher.jsonl` holds 300 sentences with every actor that a reader saw named in them, `references.jsonl` the
places where an earlier version of the reference rules fired and whether they were right. Both are stand-off.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from moscow_labels.dates import latest_day
from moscow_labels.errors import InputError
from moscow_labels.matching import Matcher, Memory, default_matcher
from moscow_labels.records import MOSCOW, Document
from moscow_labels.references import spoken
from moscow_labels.rows import numbered_lines, sha256
from moscow_labels.texts import Texts
from moscow_labels.units import document_units

RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class MatcherQuality:
    """Counts over the read sentences, and precision and recall with 95 % intervals over resampled sentences."""

    sentences: int
    found: int
    read: int
    both: int
    precision: tuple[float, float, float]
    recall: tuple[float, float, float]


def read_readings(path: Path) -> list[dict[str, Any]]:
    """Read a file of readings. Raises InputError."""
    return [json.loads(line) for _, line in numbered_lines(path)]


def matcher_quality(readings: Sequence[dict[str, Any]], texts: Texts, matcher: Matcher | None = None) -> MatcherQuality:
    """Compare the matcher with the readings. Raises InputError where a text is missing or reads differently."""
    matcher = matcher or default_matcher()
    counts = []
    for reading in readings:
        document = texts.document(reading["text"])
        sentence = _sentence(document, reading)
        found = _named(sentence, document, matcher)
        read = set(reading["actors"])
        counts.append((len(found & read), len(found), len(read)))
    table = np.array(counts, dtype=np.float64)
    draws = np.random.default_rng(0).integers(0, len(table), (RESAMPLES, len(table)))
    sums = table[draws].sum(axis=1)
    both, found_n, read_n = table.sum(axis=0)
    return MatcherQuality(
        sentences=len(table),
        found=int(found_n),
        read=int(read_n),
        both=int(both),
        precision=_with_interval(both / found_n, sums[:, 0] / sums[:, 1]),
        recall=_with_interval(both / read_n, sums[:, 0] / sums[:, 2]),
    )


def reference_precision(readings: Sequence[dict[str, Any]], texts: Texts) -> tuple[int, int]:
    """Return how often the reference rules fire at the read places today, and how often they are right there."""
    fired = right = 0
    cache: dict[str, set[tuple[int, str]]] = {}
    for reading in readings:
        if reading["text"] not in cache:
            units = document_units(texts.document(reading["text"]))
            cache[reading["text"]] = {(u.sentence.span.start, u.actor) for u in units}
        if (reading["start"], reading["actor"]) in cache[reading["text"]]:
            fired += 1
            right += reading["right"]
    return fired, right


def _sentence(document: Document, reading: dict[str, Any]) -> str:
    sentence = document.text[reading["start"] : reading["end"]]
    if sha256(sentence) != reading["sha256"]:
        raise InputError(f"{reading['text']} does not read as it did when it was read (sha256 differs)")
    return sentence


def _named(sentence: str, document: Document, matcher: Matcher) -> set[str]:
    memory = Memory()
    on = latest_day(document.published)
    matcher.find(document.title, on=on, memory=memory)
    found = {m.actor for m in matcher.find(sentence, on=on, memory=memory)}
    speaker = matcher.lexicon.code_of(document.speaker) if document.speaker else None
    if speaker:
        found |= {m.actor for m in spoken(sentence, speaker)}
    return found - {MOSCOW}


def _with_interval(value: float, resampled: np.ndarray[Any, np.dtype[np.float64]]) -> tuple[float, float, float]:
    lo, hi = np.percentile(resampled, [2.5, 97.5])
    return float(value), float(lo), float(hi)
