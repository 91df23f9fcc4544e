"""Find every mention of every actor: longest match, word boundaries, homonym guards, leaders by date of office."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache

import ahocorasick_rs

from moscow_labels.folding import fold
from moscow_labels.lexicon import Lexicon, Term, default_lexicon
from moscow_labels.records import Mention

ELECT = timedelta(days=90)
"""A leader counts from this long before taking office (president-elect), and afterwards for good: texts look back."""

NEAR = 30
"""Characters between an actor's name and a leader's that still belong together ("Polish Prime Minister Donald Tusk")."""

_WORD = re.compile(r"\w")
_CAPITALS = re.compile(r"[A-Z]{2,}")
_FIRST_NAME = re.compile(r"(?:^|(?<= ))([A-Z][a-z]+\.?) $")
_TITLES = frozenset(
    "Mr Mrs Ms Dr President Minister Premier Chancellor Prime General Secretary Senator Chairman Comrade Pope King Queen Prince Sheikh "
    "Ambassador Commissioner Speaker Marshal Admiral Colonel Governor Emperor Excellency Director Representative Lord Sir Lady Ayatollah "
    "Leader Chief Vice Deputy Vice-President Kremlin".split()
)
_OPENERS = frozenset(
    "The But And While When As If For With After Before Since Under In On At By Yet So Both Only Even That This Did Does Do "
    "Is Was Are Were Will Can Could Would Should Has Have Had Why How What Where Who Whom Then Later Now Today Yesterday "
    "Meanwhile Instead Although Though Because Unlike Like Former Neither Nor Or To From Of Here There Thus Still Once Until "
    "Not Though Asked Having Also Perhaps Between Among Against About Without Despite During Through Than Monday Tuesday "
    "Wednesday Thursday Friday Saturday Sunday".split()
)
_NEIGHBOURS = re.compile(r"(\w+)\W+$")


@dataclass(slots=True)
class Memory:
    """What a document has said so far: full names that appeared, and how often each actor was named."""

    full_names: set[str] = field(default_factory=set)
    actors: dict[str, int] = field(default_factory=lambda: defaultdict(int))


@dataclass(frozen=True, slots=True)
class _Hit:
    start: int
    end: int
    name: str


class Matcher:
    """Finds mentions by one Aho-Corasick pass over the folded text; 3,000 names cost no more than thirty."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        names = dict.fromkeys(lexicon.terms)
        patterns: dict[str, str] = {name: name for name in names}
        for name in names:
            if len(name) > 4 and not name.isupper():
                patterns.setdefault(name.upper(), name)
        self._names = list(patterns.values())
        self._automaton = ahocorasick_rs.AhoCorasick(list(patterns))
        self._guard_words = {w for g in lexicon.guards.values() for w in g.unless | g.but}

    def find(self, text: str, *, on: date | None = None, memory: Memory | None = None) -> list[Mention]:
        """Return the mentions in `text`, Moscow's included, in order; they never overlap.

        `on` is the document's latest possible day: it decides between leaders of one surname and drops those not yet in
        office. `memory` carries full names from sentence to sentence of one document and is updated.
        """
        memory = memory if memory is not None else Memory()
        folded = fold(text)
        mentions = []
        last: tuple[int, str] = (-NEAR, "")
        for hit in _longest(self._hits(folded.text)):
            near = last[1] if hit.start - last[0] <= NEAR else ""
            term = self._choose(hit, folded.text, on, memory, near)
            if term is None:
                continue
            last = (hit.end, term.actor)
            if term.leader:
                memory.full_names.add(term.full)
            memory.actors[term.actor] += 1
            how = "leader" if term.leader else "name"
            mentions.append(Mention(term.actor, folded.original(hit.start, hit.end), how, term.office))
        return mentions

    def _hits(self, text: str) -> Iterable[_Hit]:
        for index, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            before = text[start - 1] if start else " "
            after = text[end] if end < len(text) else " "
            if (_WORD.match(before) and _WORD.match(text[start])) or (_WORD.match(after) and _WORD.match(text[end - 1])):
                continue
            if text[max(0, start - 4) : start].lower() == "non-" and text[start:end].startswith("Western"):
                continue
            if before in "@#/" or (before == "." and start > 1 and _WORD.match(text[start - 2]) and text[start - 2].islower()):
                continue  # handles, hash tags, addresses
            yield _Hit(start, end, self._names[index])

    def _choose(self, hit: _Hit, text: str, on: date | None, memory: Memory, near: str) -> Term | None:
        terms = self.lexicon.terms[hit.name]
        if terms[0].actor == "" or self._guarded(hit, text) or _shouted_us(hit, text):
            return None
        if " " not in hit.name and terms[0].leader and _namesake(hit, text):
            return None
        plain = [t for t in terms if not t.leader]
        if plain:
            return plain[0]
        usable = [t for t in terms if not t.after_full or t.full in memory.full_names]
        if on is not None:
            usable = [t for t in usable if t.since is None or t.since - ELECT <= on]
        if not usable:
            return None
        if len({t.actor for t in usable}) > 1:
            usable = _by_context(usable, on, memory, near)
        return max(usable, key=lambda t: _office_key(t, on)) if usable else None

    def _guarded(self, hit: _Hit, text: str) -> bool:
        guard = self.lexicon.guards.get(hit.name)
        if guard is None:
            return False
        words = {w for w in self._guard_words if w in text and re.search(rf"(?<!\w){re.escape(w)}(?!\w)", text)}
        return bool(words & guard.unless) and not words & guard.but


@cache
def default_matcher() -> Matcher:
    """Return the matcher over the shipped lexicon (built once)."""
    return Matcher(default_lexicon())


def _longest(hits: Iterable[_Hit]) -> list[_Hit]:
    chosen: list[_Hit] = []
    for hit in sorted(hits, key=lambda h: (h.start, -h.end)):
        if not chosen or hit.start >= chosen[-1].end:
            chosen.append(hit)
    return chosen


def _by_context(terms: Sequence[Term], on: date | None, memory: Memory, near: str) -> list[Term]:
    """Several actors' leaders share the name, or one person led several.

    Take the one of the actor named just before ("Polish Prime Minister Donald Tusk"), else named in full before, else in office,
    else of an actor named anywhere before; else none.
    """
    left = list(terms)
    tests: tuple[Callable[[Term], bool], ...] = (
        lambda t: t.actor == near,
        lambda t: t.full in memory.full_names,
        lambda t: on is not None and _in_office(t, on),
        lambda t: bool(memory.actors.get(t.actor)),
    )
    for test in tests:
        left = [t for t in left if test(t)] or left
        if len({t.actor for t in left}) == 1:
            return left
    return []


def _namesake(hit: _Hit, text: str) -> bool:
    """Whether another first name stands before a surname ("Chingiz Aitmatov"): a title may, a full name would have matched."""
    before = _FIRST_NAME.search(text[max(0, hit.start - 30) : hit.start])
    if before is None or before.group(1).rstrip(".") in _TITLES or before.group(1) == hit.name:
        return False
    if before.group(1) in _OPENERS:
        return False
    words = [w for w in re.findall(r"[A-Za-z]{4,}", text) if w]
    return len(words) < 5 or sum(w[0].isupper() for w in words) < 0.6 * len(words)  # a headline In Title Case says nothing


def _in_office(term: Term, on: date) -> bool:
    return (term.since is None or term.since - ELECT <= on) and (term.until is None or on <= term.until + ELECT)


def _office_key(term: Term, on: date | None) -> tuple[bool, date]:
    return (on is not None and _in_office(term, on), term.since or date.min)


def _shouted_us(hit: _Hit, text: str) -> bool:
    """Tell "JOIN US TODAY" from the United States: a bare US between words in capitals is the pronoun."""
    if hit.name != "US":
        return False
    before = _NEIGHBOURS.search(text[max(0, hit.start - 30) : hit.start])
    after = re.match(r"\W+(\w+)", text[hit.end : hit.end + 30])
    around = [m.group(1) for m in (before, after) if m]
    return bool(around) and all(_CAPITALS.fullmatch(word) for word in around)
