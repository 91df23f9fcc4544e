"""A first school for the encoder: public directed sentiment, which teaches who judges whom before our labels teach about what.

- DSE (Park, Pan and Joo 2021, Who Blames or Endorses Whom?): directed sentiment between two political entities. Each sentence
  makes two units, one per direction: the entity that may judge stands as actor, the other where Moscow stands; a positive judgement
  is `supportive`, a negative one `hedging`, none is `neutral`.
- NewsMTSC (Hamborg and Donnay 2021): target-dependent sentiment in news; each target is an actor with a sentiment.

Other people's text: read where a user has it (`benchmarks/` beside the corpora), cited in NOTICE, never shipped.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from moscow_labels.errors import InputError
from moscow_labels.records import Sentence, Span, Unit
from moscow_labels.scheme import SENTIMENTS, STANCES, Sentiment, Stance

UNKNOWN = -1
"""Class number of an axis that a lesson says nothing about; no loss is counted for it."""

_BRACKET = re.compile(r"\[([^\[\]]+)\]")
_POLARITY = {2.0: Sentiment.NEGATIVE, 4.0: Sentiment.NEUTRAL, 6.0: Sentiment.POSITIVE}


@dataclass(frozen=True, slots=True)
class Lesson:
    """One public unit with its class number on each axis, or `UNKNOWN`."""

    unit: Unit
    stance: int
    sentiment: int


def read_lessons(folder: Path) -> list[Lesson]:
    """Read the training parts of both data sets below `folder`. Raises InputError where one is missing."""
    dse, news = folder / "dse" / "train.txt", folder / "newsmtsc" / "train.jsonl"
    for path in (dse, news):
        if not path.is_file():
            raise InputError(f"{path}: no such file; name the folder with benchmarks/ by --texts, or train without --school")
    return [*_dse(dse), *_news(news)]


def _dse(path: Path) -> Iterator[Lesson]:
    for line in path.read_text(encoding="utf-8").splitlines():
        fields = line.split("\t")
        if len(fields) != 4 or not fields[3].strip().isdigit():
            continue
        text, spans = unbracket(fields[0])
        judged = int(fields[3])
        if len(spans) != 2 or spans[0].of(text) != fields[1].strip("[] "):
            continue
        p, q = spans
        yield _lesson(text, p, q, {1: Stance.SUPPORTIVE, 3: Stance.HEDGING}.get(judged, Stance.NEUTRAL))
        yield _lesson(text, q, p, {2: Stance.SUPPORTIVE, 4: Stance.HEDGING}.get(judged, Stance.NEUTRAL))


def _news(path: Path) -> Iterator[Lesson]:
    for line in path.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        text = record["sentence_normalized"]
        for target in record["targets"]:
            sentiment = SENTIMENTS.index(_POLARITY[float(target["polarity"])])
            unit = Unit(Sentence(0, Span(0, len(text)), text), "TARGET", (Span(target["from"], target["to"]),), ())
            yield Lesson(unit, UNKNOWN, sentiment)


def unbracket(marked: str) -> tuple[str, list[Span]]:
    """Take the brackets out of "[p] met [q]" and return the text with the spans of what stood in them."""
    text, spans, at = "", [], 0
    for found in _BRACKET.finditer(marked):
        text += marked[at : found.start()]
        spans.append(Span(len(text), len(text) + len(found.group(1))))
        text += found.group(1)
        at = found.end()
    return text + marked[at:], spans


def _lesson(text: str, actor: Span, target: Span, stance: Stance) -> Lesson:
    return Lesson(Unit(Sentence(0, Span(0, len(text)), text), "ACTOR", (actor,), (target,)), STANCES.index(stance), UNKNOWN)
