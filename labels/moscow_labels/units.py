"""Text -> sentences -> units, with exact character offsets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from moscow_labels.dates import latest_day
from moscow_labels.matching import Matcher, Memory, default_matcher
from moscow_labels.records import MOSCOW, Document, Mention, Sentence, Span, Unit
from moscow_labels.references import resolve, spoken
from moscow_labels.sentences import split_sentences


@dataclass(slots=True)
class _Context:
    on: date | None
    speaker: str | None
    memory: Memory
    before: str = ""
    before_mentions: Sequence[Mention] = ()


def document_units(document: Document, matcher: Matcher | None = None) -> list[Unit]:
    """Return every unit of a document, in order of sentence and then of first mention.

    Slicing the document's text by a unit's offsets gives its sentence and its mention back, whatever the text.
    """
    matcher = matcher or default_matcher()
    context = _context(document.published, document.speaker, matcher)
    if document.title:
        matcher.find(document.title, on=context.on, memory=context.memory)
    units: list[Unit] = []
    for sentence in split_sentences(document.text):
        units.extend(_units(sentence, context, matcher))
    return units


def sentence_units(
    text: str, *, prev: str = "", published: str = "", speaker: str = "", title: str = "", matcher: Matcher | None = None
) -> list[Unit]:
    """Return the units of one sentence as it stands, never split further; `prev` is the text before it, for references."""
    matcher = matcher or default_matcher()
    context = _context(published, speaker, matcher)
    if title:
        matcher.find(title, on=context.on, memory=context.memory)
    for sentence in split_sentences(prev):
        _units(sentence, context, matcher)
    return _units(Sentence(0, Span(0, len(text)), text), context, matcher)


def moscow_spans(text: str, matcher: Matcher | None = None) -> tuple[Span, ...]:
    """Return where a sentence names Moscow."""
    return tuple(m.span for m in (matcher or default_matcher()).find(text) if m.actor == MOSCOW)


def labelled_unit(
    text: str,
    actor: str,
    mentions: Sequence[Span],
    *,
    prev: str = "",
    published: str = "",
    speaker: str = "",
    title: str = "",
    matcher: Matcher | None = None,
) -> tuple[Unit, bool]:
    """Return the unit of a labelled row, and whether its actor is located in the sentence.

    Given `mentions` come first; further mentions that the matcher finds join them, as they do when a document is scored.
    Without any, the unit's `mentions` are empty and a model reads the whole sentence.
    """
    units = sentence_units(text, prev=prev, published=published, speaker=speaker, title=title, matcher=matcher)
    found = next((u.mentions for u in units if u.actor == actor), ())
    more = [s for s in found if not any(s.start < m.end and m.start < s.end for m in mentions)]
    spans = tuple(sorted([*mentions, *more]))
    moscow = units[0].moscow if units else moscow_spans(text, matcher)
    return Unit(Sentence(0, Span(0, len(text)), text), actor, spans, moscow), bool(spans)


def _context(published: str, speaker: str, matcher: Matcher) -> _Context:
    return _Context(latest_day(published), matcher.lexicon.code_of(speaker) if speaker else None, Memory())


def _units(sentence: Sentence, context: _Context, matcher: Matcher) -> list[Unit]:
    mentions = matcher.find(sentence.text, on=context.on, memory=context.memory)
    if context.speaker:
        named = [m.span for m in mentions]
        mine = spoken(sentence.text, context.speaker)
        mentions = sorted(
            [*mentions, *(m for m in mine if not any(s.start < m.span.end and m.span.start < s.end for s in named))],
            key=lambda m: m.span,
        )
    found = resolve(sentence.text, mentions, context.before, context.before_mentions, matcher.lexicon)
    if found is not None:
        mentions = [found, *(m for m in mentions if m.span.start >= found.span.end)]
    context.before, context.before_mentions = sentence.text, mentions
    return group_mentions(sentence, mentions)


def group_mentions(sentence: Sentence, mentions: Sequence[Mention]) -> list[Unit]:
    """Make one unit per actor out of a sentence's mentions; Moscow's spans go along with each."""
    moscow = tuple(m.span for m in mentions if m.actor == MOSCOW)
    spans: dict[str, list[Span]] = {}
    for mention in mentions:
        if mention.actor != MOSCOW:
            spans.setdefault(mention.actor, []).append(mention.span)
    return [Unit(sentence, actor, tuple(found), moscow) for actor, found in spans.items()]
