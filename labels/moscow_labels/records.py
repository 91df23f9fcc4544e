"""The records that travel between modules: document > sentence > unit. All offsets count characters of the document's text."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MOSCOW = "MOSCOW"
"""The lexicon's code for the target itself; it never makes a unit."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Half-open character range [start, end)."""

    start: int
    end: int

    def shift(self, by: int) -> "Span":
        """Return this span moved by `by` characters."""
        return Span(self.start + by, self.end + by)

    def of(self, text: str) -> str:
        """Return the characters of `text` that this span covers."""
        return text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Document:
    """One text with what is known about it. `published` is an ISO date, possibly partial ("2014", "2022-03") or empty."""

    id: str
    text: str
    title: str = ""
    source: str = ""
    url: str = ""
    published: str = ""
    speaker: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mention:
    """One place where the text names an actor. `how` is "name", "leader", "reference" or "speaker"."""

    actor: str
    span: Span
    how: str = "name"
    office: str = ""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence: its number in the document, its span and its text."""

    number: int
    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Unit:
    """One (sentence, actor) pair, the thing that is labelled and scored.

    `mentions` are the actor's spans and `moscow` Moscow's, both relative to the *sentence*, in order of position.
    """

    sentence: Sentence
    actor: str
    mentions: tuple[Span, ...]
    moscow: tuple[Span, ...]

    @property
    def mention(self) -> Span:
        """The actor's first mention, relative to the document."""
        return self.mentions[0].shift(self.sentence.span.start)
