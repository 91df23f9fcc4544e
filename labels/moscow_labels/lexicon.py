"""The actors and their names, read from `data/actors.toml` (the file says how to edit it)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from moscow_labels.errors import InputError
from moscow_labels.folding import fold_name
from moscow_labels.records import MOSCOW

KINDS = ("state", "group", "organisation", "de_facto", "moscow")
_FIELDS = {"name", "kind", "names", "people", "capitals", "bodies", "leaders"}
_LEADER_FIELDS = {"name", "also", "short", "later", "office", "from", "to"}


@dataclass(frozen=True, slots=True)
class Term:
    """What one stretch of text can stand for.

    `actor` is empty for a phrase that contains a name and is no actor ("Astana process"). `since` and `until` are the dates of
    office of a leader. `full` is the leader's full name as folded; `after_full` says that the term counts only after it.
    """

    actor: str
    leader: bool = False
    office: str = ""
    since: date | None = None
    until: date | None = None
    full: str = ""
    after_full: bool = False


@dataclass(frozen=True, slots=True)
class Guard:
    """A name that means something else where a word of `unless` stands in the sentence and none of `but` does."""

    unless: frozenset[str]
    but: frozenset[str]


@dataclass(frozen=True, slots=True)
class Actor:
    """One actor: its code, its English name and its kind (one of `KINDS`)."""

    code: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All actors, what every folded name can stand for, and the guards by folded name."""

    actors: Mapping[str, Actor]
    terms: Mapping[str, tuple[Term, ...]]
    guards: Mapping[str, Guard]
    codes: Mapping[str, str]

    def code_of(self, name: str) -> str | None:
        """Return the code for an actor's code or name in any case ("ARM", "armenia", "United_States"); None where there is none."""
        wanted = fold_name(name.replace("_", " ")).casefold()
        return self.codes.get(name.casefold()) or self.codes.get(wanted)


def read_lexicon(path: Path) -> Lexicon:
    """Read a lexicon file. Raises InputError that names the table and field at fault."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot read the lexicon: {error}; correct the file") from error
    return parse_lexicon(text, str(path))


def parse_lexicon(text: str, where: str) -> Lexicon:
    """Build a lexicon from TOML; `where` names it in errors. Raises InputError that names the table and field at fault."""
    import tomllib  # which the compiled form does without

    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{where}: cannot read the lexicon: {error}; correct the file") from error
    return _build(data, where)


@cache
def default_lexicon() -> Lexicon:
    """Return the lexicon that ships with the package (read once)."""
    from moscow_labels.compiled import packaged_lexicon

    return packaged_lexicon()


def _build(data: dict[str, Any], where: str) -> Lexicon:
    homonyms = data.pop("homonyms", {})
    actors: dict[str, Actor] = {}
    terms: dict[str, dict[Term, None]] = {}

    def add(name: str, term: Term) -> None:
        terms.setdefault(fold_name(name), {})[term] = None

    for code, entry in data.items():
        _check(entry, _FIELDS, f"{where}: [{code}]")
        if entry.get("kind") not in KINDS or not entry.get("name"):
            raise InputError(f"{where}: [{code}] needs a name and a kind, one of {', '.join(KINDS)}")
        actors[code] = Actor(code, entry["name"], entry["kind"])
        plain = Term(code)
        for name in (entry["name"], *(n for f in ("names", "people", "capitals", "bodies") for n in entry.get(f, ()))):
            add(name, plain)
        for leader in entry.get("leaders", ()):
            _check(leader, _LEADER_FIELDS, f"{where}: [{code}] leader {leader.get('name')}")
            _add_leader(code, leader, add)
    for phrase in homonyms.get("never", ()):
        terms.setdefault(fold_name(phrase), {Term(""): None})
    guards = {
        fold_name(g["name"]): Guard(frozenset(map(fold_name, g["unless"])), frozenset(map(fold_name, g.get("but", ()))))
        for g in homonyms.get("guard", ())
    }
    if MOSCOW not in actors:
        raise InputError(f"{where}: the table [{MOSCOW}] is missing; it names the target")
    codes = {name.casefold(): t.actor for name, found in terms.items() for t in found if t.actor and not t.leader}
    return Lexicon(actors, {n: tuple(t) for n, t in terms.items()}, guards, codes | {code.casefold(): code for code in actors})


def _add_leader(code: str, leader: dict[str, Any], add: Any) -> None:
    fulls = [leader["name"], *leader.get("also", ())]
    full = fold_name(leader["name"])
    term = Term(code, True, leader.get("office", ""), leader.get("from"), leader.get("to"), full)
    for name in fulls:
        add(name, term)
    for name in leader.get("short", [f.split()[-1] for f in fulls]):
        add(name, term)
    for name in leader.get("later", ()):
        add(name, replace(term, after_full=True))


def _check(entry: Any, known: set[str], where: str) -> None:
    if not isinstance(entry, dict):
        raise InputError(f"{where} is not a table; see the head of the file")
    if unknown := set(entry) - known:
        raise InputError(f"{where}: unknown field {', '.join(sorted(unknown))}; known are {', '.join(sorted(known))}")
