"""Other ways to put a unit before the encoder: names masked or marked, states swapped for other states, the sentence before.

Each turns units into units of another text with the spans moved along, so that nothing behind it has to know.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache

from moscow_labels.lexicon import default_lexicon
from moscow_labels.matching import default_matcher
from moscow_labels.records import MOSCOW, Sentence, Span, Unit
from moscow_training.names import Forms, state_forms

NAMES = ("kept", "masked", "masked+moscow", "marked")
"""Names as they are; every actor replaced by a word for its kind; Moscow too; the unit's actor and Moscow in marks (a pass per actor)."""

MASKS = {"state": "country", "de_facto": "country", "group": "group", "organisation": "organisation", "moscow": "Moscow"}
MOSCOW_MASK = "power"
Piece = tuple[Span, str]
"""A stretch of the text and what is put in its place."""


def rewritten(text: str, pieces: Sequence[Piece], spans: Sequence[Span]) -> tuple[str, tuple[Span, ...]]:
    """Replace stretches of `text` (which must not overlap) and return the new text with `spans` moved along.

    A span that covers a stretch covers what replaces it; one that lies inside becomes the whole replacement.
    """
    parts: list[str] = []
    starts: list[tuple[int, int, int, int]] = []
    at = new = 0
    for span, put in sorted(pieces):
        parts += [text[at : span.start], put]
        new += span.start - at
        starts.append((span.start, span.end, new, new + len(put)))
        new += len(put)
        at = span.end
    parts.append(text[at:])

    def moved(position: int, *, end: bool) -> int:
        shift = 0
        for start, stop, new_start, new_stop in starts:
            if position >= stop and not (end and position == start):
                shift = new_stop - stop
            elif start < position < stop or (position == start and not end):
                return new_stop if end else new_start
        return position + shift

    return "".join(parts), tuple(Span(moved(s.start, end=False), moved(s.end, end=True)) for s in spans)


def reread(units: Sequence[Unit], names: str, before: Sequence[str] | None = None) -> list[Unit]:
    """Return the units as the encoder is to read them.

    Args:
        units: n units.
        names: one of `NAMES`.
        before: the sentence before each unit's, (n,), to be read too; None for none.
    """
    by_text: dict[str, list[Span]] = {}
    for unit in units:
        by_text.setdefault(unit.sentence.text, []).extend(unit.mentions)
    found = [_named(unit, names, tuple(by_text[unit.sentence.text])) for unit in units]
    return found if before is None else [_after(unit, text) for unit, text in zip(found, before, strict=True)]


def _named(unit: Unit, names: str, mentions: tuple[Span, ...]) -> Unit:
    if names == "kept":
        return unit
    if names == "marked":
        spans = sorted({*unit.mentions, *unit.moscow})
        text = unit.sentence.text
        return _rewrite(unit, [(s, f"@ {s.of(text)} @" if s in unit.mentions else f"# {s.of(text)} #") for s in spans])
    return _rewrite(unit, [p for p in _masks(unit.sentence.text, mentions) if p[1] != "Moscow" or names == "masked+moscow"], names)


@cache
def _masks(text: str, mentions: tuple[Span, ...]) -> list[Piece]:
    """Return a mask for every mention of the sentence, those included that only a label or the sentence before knows."""
    lexicon = default_lexicon()
    pieces: list[Piece] = [(m.span, MASKS[lexicon.actors[m.actor].kind]) for m in default_matcher().find(text)]
    for span in sorted(set(mentions), key=lambda s: s.start):
        if not any(span.start < taken.end and taken.start < span.end for taken, _ in pieces):
            pieces.append((span, MASKS["state"]))
    return pieces


def _rewrite(unit: Unit, pieces: Sequence[Piece], names: str = "") -> Unit:
    put = [(span, MOSCOW_MASK if names == "masked+moscow" and mask == MASKS["moscow"] else mask) for span, mask in pieces]
    text, spans = rewritten(unit.sentence.text, put, [*unit.mentions, *unit.moscow])
    n = len(unit.mentions)
    return replace(unit, sentence=Sentence(unit.sentence.number, Span(0, len(text)), text), mentions=spans[:n], moscow=spans[n:])


def _after(unit: Unit, before: str) -> Unit:
    if not before:
        return unit
    shift = len(before) + 1
    text = f"{before} {unit.sentence.text}"

    def moved(spans: Sequence[Span]) -> tuple[Span, ...]:
        return tuple(Span(s.start + shift, s.end + shift) for s in spans)

    sentence = Sentence(unit.sentence.number, Span(0, len(text)), text)
    return replace(unit, sentence=sentence, mentions=moved(unit.mentions), moscow=moved(unit.moscow))


def swapper(units: Sequence[Unit], share: float, seed: int) -> Callable[[int], list[Unit]]:
    """Return a function from an epoch's number to the units, a `share` of whose sentences name other states than they do.

    All states of a drawn sentence that stand there by country name, capital or adjective alone change places with states drawn by
    lot, each for one, in the same form; who is named by a leader or a body keeps all names.
    """
    forms = state_forms()
    texts = sorted({u.sentence.text for u in units})
    found = {text: swappable(text, forms) for text in texts}

    def epoch(number: int) -> list[Unit]:
        lottery = random.Random(f"{seed}|{number}")  # noqa: S311 - not for secrets
        pieces = {t: swapped(found[t], forms, lottery) if lottery.random() < share else [] for t in texts}
        return [_rewrite(u, pieces[u.sentence.text]) if pieces[u.sentence.text] else u for u in units]

    return epoch


def swappable(text: str, forms: Mapping[str, Forms]) -> dict[str, list[tuple[Span, str]]]:
    """Return state -> its mentions with their form ("name", "capital"...), only states whose every mention has a form."""
    seen: dict[str, list[tuple[Span, str]]] = {}
    fixed: set[str] = set()
    for mention in default_matcher().find(text):
        if mention.actor == MOSCOW:
            continue
        form = forms[mention.actor].form_of(mention.span.of(text)) if mention.actor in forms else None
        if form is None:
            fixed.add(mention.actor)
        else:
            seen.setdefault(mention.actor, []).append((mention.span, form))
    return {actor: spans for actor, spans in seen.items() if actor not in fixed}


def swapped(found: Mapping[str, Sequence[tuple[Span, str]]], forms: Mapping[str, Forms], lottery: random.Random) -> list[Piece]:
    """Return the pieces that give each state of `swappable` another state's names, drawn by `lottery`."""
    others = sorted(set(forms) - set(found))
    pieces: list[Piece] = []
    for actor, new in zip(sorted(found), lottery.sample(others, len(found)), strict=True):
        pieces += [(span, forms[new].named(form)) for span, form in found[actor]]
    return pieces
