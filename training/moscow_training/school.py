"""Public data beside our labels: directed sentiment, a first school that teaches who judges whom before our labels teach about what.

- DSE (Park, Pan and Joo 2021, Who Blames or Endorses Whom?): directed sentiment between two political entities. Each sentence
  makes two units, one per direction: the entity that may judge stands as actor, the other where Moscow stands; a positive judgement
  is `supportive`, a negative one `hedging`, none is `neutral`.
- NewsMTSC (Hamborg and Donnay 2021): target-dependent sentiment in news; each target is an actor with a sentiment. A part of its
  training articles is held back to choose sentiment models on; its test-mt part is a benchmark and never learned from.

Other people's text: read where a user has it (`benchmarks/` beside the corpora), cited in NOTICE, never shipped.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from moscow_labels.errors import InputError
from moscow_labels.records import Sentence, Span, Unit
from moscow_labels.scheme import SENTIMENTS, STANCES, Sentiment, Stance
from moscow_labels.splitting import Near
from moscow_training.objectives import UNKNOWN

DSE, NEWS = "dse", "news"
LESSONS = (DSE, NEWS)
HELD = 0.15
"""Share of NewsMTSC's training articles that is held back."""

_FILES = {DSE: Path("dse/train.txt"), NEWS: Path("newsmtsc/train.jsonl"), "test-mt": Path("newsmtsc/devtest_mt.jsonl")}
_BRACKET = re.compile(r"\[([^\[\]]+)\]")
_POLARITY = {2.0: Sentiment.NEGATIVE, 4.0: Sentiment.NEUTRAL, 6.0: Sentiment.POSITIVE}


@dataclass(frozen=True, slots=True)
class Lesson:
    """One public unit of an article with its class number on each axis, or `UNKNOWN`."""

    unit: Unit
    stance: int
    sentiment: int
    article: str = ""

    @property
    def held(self) -> bool:
        """Whether its article is among those that are held back, decided by the article's name alone."""
        return bool(self.article) and int(hashlib.sha256(self.article.encode()).hexdigest()[:8], 16) < HELD * 16**8


def read_lessons(folder: Path, school: str) -> list[Lesson]:
    """Read what a school ("dse", "news", "dse+news") teaches from below `folder`: nothing held back, nothing that stands in test-mt.

    Raises InputError where a data set is missing.
    """
    tested = Near(lesson.unit.sentence.text for lesson in read_test_mt(folder))
    found = [lesson for name in school.split("+") for lesson in _READ[name](_file(folder, name)) if not lesson.held]
    shared = {text for text in {lesson.unit.sentence.text for lesson in found} if tested.has(text)}
    return [lesson for lesson in found if lesson.unit.sentence.text not in shared]


def read_held(folder: Path) -> list[Lesson]:
    """Read the units of NewsMTSC's training articles that are held back. Raises InputError."""
    return [lesson for lesson in _news(_file(folder, NEWS)) if lesson.held]


def read_test_mt(folder: Path) -> list[Lesson]:
    """Read NewsMTSC's multi-target test part. Raises InputError."""
    return list(_news(_file(folder, "test-mt")))


def _file(folder: Path, name: str) -> Path:
    path = folder / _FILES[name]
    if not path.is_file():
        raise InputError(f"{path}: no such file; name the folder with benchmarks/ by --texts, or train without --school")
    return path


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
        article = "_".join(record["primary_gid"].split("_")[:3])
        for target in record["targets"]:
            sentiment = SENTIMENTS.index(_POLARITY[float(target["polarity"])])
            unit = Unit(Sentence(0, Span(0, len(text)), text), "TARGET", (Span(target["from"], target["to"]),), ())
            yield Lesson(unit, UNKNOWN, sentiment, article)


_READ = {DSE: _dse, NEWS: _news}


def truths(lessons: Sequence[Lesson]) -> dict[str, list[int]]:
    """Return the class numbers of lessons by axis."""
    return {"stance": [x.stance for x in lessons], "sentiment": [x.sentiment for x in lessons]}


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
