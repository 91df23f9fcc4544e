"""Harder questions than the plain split: unseen actors, unseen sources, later years.

Folds sit on top of the frozen splits: a fold learns from a part of the training split and is judged on a part of the others, so
that no document and no near-duplicate can cross. `labels/splits/folds-v1.json` freezes which actors go together and where each
source's time is cut.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from moscow_labels.dates import latest_day
from moscow_labels.errors import InputError
from moscow_labels.rows import LabelRow

FOLD_FILE = Path("labels/splits/folds-v1.json")
ACTOR_FOLDS = 8
LATER = 0.7
"""Share of a source's dated units before the cut; what comes later is judged."""

OWN = "own"


@dataclass(frozen=True, slots=True)
class Fold:
    """One question: which rows may be learned from and which are judged. Both are asked of real rows only."""

    kind: str
    name: str
    learns: Callable[[LabelRow], bool]
    judges: Callable[[LabelRow], bool]


def make_fold_file(rows: Sequence[LabelRow]) -> dict[str, object]:
    """Return the frozen part: actors dealt to folds by number of units, and the cut date of each source."""
    real = [r for r in rows if r.source not in (OWN, "seeds")]
    sizes = [0] * ACTOR_FOLDS
    actors: dict[str, int] = {}
    for actor, n in sorted(Counter(r.actor for r in real).items(), key=lambda item: (-item[1], item[0])):
        fold = sizes.index(min(sizes))
        actors[actor], sizes[fold] = fold, sizes[fold] + n
    cuts: dict[str, str] = {}
    for source in sorted({r.source for r in real}):
        days = sorted(day for r in real if r.source == source and (day := latest_day(r.date)))
        cuts[source] = days[int(LATER * len(days))].isoformat()
    return {"version": 1, "actors": dict(sorted(actors.items())), "cuts": cuts}


def read_folds(path: Path) -> list[Fold]:
    """Return every fold of a fold file. Raises InputError."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        actors: Mapping[str, int] = record["actors"]
        cuts: Mapping[str, str] = record["cuts"]
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"{path}: not a fold file ({error}); make it with `stance labels split`") from error
    folds = [_actors(number, frozenset(a for a, n in actors.items() if n == number)) for number in range(ACTOR_FOLDS)]
    folds += [_source(source) for source in cuts]
    return [*folds, _forward(cuts)]


def _actors(number: int, held: frozenset[str]) -> Fold:
    return Fold("leave-actors-out", f"actors-{number}", lambda r: r.actor not in held and r.source != OWN, lambda r: r.actor in held)


def _source(source: str) -> Fold:
    return Fold("leave-source-out", source, lambda r: r.source not in (source, OWN), lambda r: r.source == source)


def _forward(cuts: Mapping[str, str]) -> Fold:
    def later(row: LabelRow) -> bool | None:
        day = latest_day(row.date)
        return None if day is None or row.source not in cuts else day.isoformat() > cuts[row.source]

    return Fold("forward-in-time", "later", lambda r: later(r) is False, lambda r: later(r) is True)
