"""References that the sentences before resolve ("He refused", "The country"), and the speaker's own "we".

A rule is here only where it is right at least nine times in ten when read against texts (tests/labels/test_references.py and the
figures in labels/DATASHEET.md); everything else is left alone, because a wrong actor is worse than a missing one.
"""

import re
from collections.abc import Sequence

from moscow_labels.lexicon import Lexicon
from moscow_labels.records import MOSCOW, Mention, Span

_TITLES = frozenset(
    "The the Mr Mrs Ms Dr President Prime prime Minister minister president Foreign foreign premier Premier Chancellor s \u2019s".split()
) | {""}
_PERSON = re.compile(r"[\"'\u201c\u2018]?(He|She)\b(?!\s*/)")
_OFFICE = re.compile(r"[\"'\u201c\u2018]?(The (president|prime minister|foreign minister))\b(?! of)(?!'s? (?:office|party))", re.I)
_COUNTRY = re.compile(r"[\"'\u201c\u2018]?(The (?:country|republic))\b(?! of)", re.I)
_NAME_LIKE = re.compile(r"(?<![.!?\"\u201c] )(?<!^)\b[A-Z][\w'-]+(?: [A-Z][\w'-]+)+")
_SPEAKER = re.compile(r"\b[A-Z][\w'-]+(?= (?:said|told|added|says|noted|wrote)\b)|(?<=said )[A-Z][\w'-]+")
_WE = re.compile(r"\b(?:[Ww]e|[Oo]ur(?: own)? (?:country|nation|people|republic|state|government)|[Oo]ur|I)\b(?!\.)")
_QUOTED = re.compile('["\u201c][^"\u201c\u201d]*["\u201d]')


def resolve(
    sentence: str, mentions: Sequence[Mention], before: str, before_mentions: Sequence[Mention], lexicon: Lexicon
) -> Mention | None:
    """Return the mention that the sentence's opening reference stands for, or None.

    Only a sentence that names no actor itself is considered, only its subject, and only where the sentence just before leaves
    one candidate: one leader for "He" who opens it, one holder of that office for "The president", one state for "The country".
    """
    if any(m.actor != MOSCOW for m in mentions):
        return None
    leaders = [m for m in before_mentions if m.how in ("leader", "reference")]
    if any("advis" in m.office for m in leaders):
        return None  # advisers come and go, and texts go on about them as private persons
    subject = leaders[0] if len({m.actor for m in leaders}) == 1 and _is_subject(before, leaders[0], before_mentions) else None
    if (found := _PERSON.match(sentence)) and subject and not _strangers(before, before_mentions):
        return _reference(subject.actor, found, lexicon, "person")
    if (found := _OFFICE.match(sentence)) and subject and subject.office == found.group(2).lower():
        return _reference(subject.actor, found, lexicon, subject.office)
    if found := _COUNTRY.match(sentence):
        states = {m.actor for m in before_mentions}
        if len(states) == 1 and lexicon.actors[min(states)].kind == "state":
            return _reference(states.pop(), found, lexicon, "country")
    return None


def spoken(sentence: str, speaker: str) -> list[Mention]:
    """Return what "we", "our country" and "I" stand for when `speaker` (an actor's code, or MOSCOW) is talking.

    Words inside quotation marks are somebody else's and are left alone.
    """
    quoted = [Span(*m.span()) for m in _QUOTED.finditer(sentence)]
    return [
        Mention(speaker, Span(*m.span()), "speaker") for m in _WE.finditer(sentence) if not any(q.start < m.start() < q.end for q in quoted)
    ]


def _is_subject(text: str, leader: Mention, mentions: Sequence[Mention]) -> bool:
    """Whether a leader opens the sentence: before the name stand only a title, a demonym or nothing."""
    lead = text[: leader.span.start]
    for mention in reversed([m for m in mentions if m.actor == leader.actor and m.span.end <= leader.span.start]):
        lead = lead[: mention.span.start] + lead[mention.span.end :]
    return all(word.strip(".,'\"\u201c\u201d") in _TITLES for word in lead.split())


def _strangers(text: str, mentions: Sequence[Mention]) -> bool:
    """Whether the text names somebody the lexicon does not know: then "He" may be that person."""
    for found in (*_NAME_LIKE.finditer(text), *_SPEAKER.finditer(text)):
        if not any(m.span.start < found.end() and found.start() < m.span.end for m in mentions):
            return True
    return False


def _reference(actor: str, found: re.Match[str], lexicon: Lexicon, office: str) -> Mention | None:
    if actor == MOSCOW or actor not in lexicon.actors:
        return None
    return Mention(actor, Span(*found.span(1)), "reference", office)
