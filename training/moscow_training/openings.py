"""How often the test split has been looked at: a ledger in git, for a split that has been looked at twenty times is no test.

`labels/splits/test-openings.jsonl` has a line per opening, written before anything is scored; nothing else in the project scores the
test split. Whoever looks at it by other means adds a line by hand.
"""

import datetime as dt
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from moscow_labels.errors import InputError

LEDGER = Path("labels/splits/test-openings.jsonl")
TOO_OFTEN = 20


@dataclass(frozen=True, slots=True)
class Opening:
    """One look at the test split: when, by which run's model, on which labels, and why."""

    date: str
    run: str
    labels_digest: str
    why: str


def openings(root: Path) -> list[Opening]:
    """Return every opening so far. Raises InputError for a line that cannot be read."""
    path = root / LEDGER
    if not path.is_file():
        return []
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            found.append(Opening(**json.loads(line)))
        except (ValueError, TypeError) as error:
            raise InputError(f"{path}:{number}: not an opening ({error}); take the line as git has it") from error
    return found


def open_test_split(root: Path, run: str, labels_digest: str, why: str) -> int:
    """Write down that the test split is being opened, and return which opening this is."""
    opening = Opening(dt.datetime.now(dt.UTC).date().isoformat(), run, labels_digest, why)
    with (root / LEDGER).open("a", encoding="utf-8") as ledger:
        ledger.write(json.dumps(asdict(opening)) + "\n")
    return len(openings(root))


def openings_line(count: int) -> str:
    """Return what is shown of the count."""
    often = "; it is worn out: draw a new one" if count >= TOO_OFTEN else ""
    return f"the test split has been opened {count} {'time' if count == 1 else 'times'} so far{often}"
