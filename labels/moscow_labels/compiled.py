"""The lexicon in a form that loads fast: parsing 450 kB of TOML takes longer than scoring a sentence.

`data/actors.json` holds what `lexicon.py` builds from `data/actors.toml`, with the digest of the file that it was built from. Where the
digest differs, somebody edited the lexicon: the TOML counts, at once, and this form is ignored until `python -m moscow_labels.compiled`
writes it anew (a test compares the two).
"""

import hashlib
import json
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

from moscow_labels.lexicon import Actor, Guard, Lexicon, Term, parse_lexicon

SOURCE, COMPILED = "data/actors.toml", "data/actors.json"


def packaged_lexicon() -> Lexicon:
    """Return the lexicon that ships with the package: compiled where that is up to date, else parsed."""
    here = files("moscow_labels")
    source = here.joinpath(SOURCE).read_bytes()
    compiled = here.joinpath(COMPILED)
    if compiled.is_file():
        record = json.loads(compiled.read_bytes())
        if record.get("source_sha256") == hashlib.sha256(source).hexdigest():
            return unpack(record)
    return parse_lexicon(source.decode("utf-8"), SOURCE)


def pack(lexicon: Lexicon, source: bytes) -> dict[str, Any]:
    """Return a lexicon as plain JSON values; equal terms and leaders' full names stand once, in a table."""
    table: dict[Term, int] = {}
    names = {name: [table.setdefault(t, len(table)) for t in terms] for name, terms in lexicon.terms.items()}
    return {
        "source_sha256": hashlib.sha256(source).hexdigest(),
        "actors": [[a.code, a.name, a.kind] for a in lexicon.actors.values()],
        "table": [[t.actor, t.leader, t.office, _ordinal(t.since), _ordinal(t.until), t.full, t.after_full] for t in table],
        "terms": names,
        "guards": {name: [sorted(g.unless), sorted(g.but)] for name, g in lexicon.guards.items()},
        "codes": dict(lexicon.codes),
    }


def unpack(record: dict[str, Any]) -> Lexicon:
    """Return the lexicon that `pack` wrote."""
    table = [
        Term(actor, leader, office, _date(since), _date(until), full, after_full)
        for actor, leader, office, since, until, full, after_full in record["table"]
    ]
    return Lexicon(
        {code: Actor(code, name, kind) for code, name, kind in record["actors"]},
        {name: tuple([table[i] for i in terms]) for name, terms in record["terms"].items()},
        {name: Guard(frozenset(unless), frozenset(but)) for name, (unless, but) in record["guards"].items()},
        record["codes"],
    )


def _ordinal(day: date | None) -> int:
    return day.toordinal() if day else 0


def _date(ordinal: int) -> date | None:
    return date.fromordinal(ordinal) if ordinal else None


def main() -> None:
    """Write the compiled form beside its source."""
    here = Path(__file__).parent
    source = (here / SOURCE).read_bytes()
    record = pack(parse_lexicon(source.decode("utf-8"), SOURCE), source)
    (here / COMPILED).write_text(json.dumps(record, ensure_ascii=False, indent=0, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
