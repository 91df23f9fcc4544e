"""Labelled rows, stand-off: where a sentence stands, its hash and its labels, never another author's words."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from moscow_labels.errors import InputError, LabelError
from moscow_labels.records import MOSCOW
from moscow_labels.scheme import CODEBOOK_VERSION, RULES, Kind, Sentiment, Stance

Offset = Annotated[int, Field(ge=0)]


class LabelRow(BaseModel):
    """One labelled unit.

    `text` says which text the sentence stands in ("seeds:NAME", "sentences:ID", "before:ID" and "after:ID" for the neighbours of a
    corpus sentence, "articles:ID", "headlines:ID", "own:GROUP"), `start` and `end` where in it, `sha256` what it reads; `mentions` are
    the actor's spans relative to the sentence. `doc` groups rows that must never be split apart. Rows of our own carry their
    `sentence`; all others must not. A row of the stratum "chosen" was picked by a model as likely to show a direction.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=8)
    text: str = Field(pattern=r"^(seeds|sentences|before|after|articles|headlines|own):\S+$")
    doc: str = Field(min_length=1)
    source: str = Field(min_length=1)
    date: str = ""
    start: Offset
    end: Offset
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    actor: str = Field(min_length=2)
    mentions: tuple[tuple[Offset, Offset], ...] = Field(min_length=1)
    stance: Stance
    sentiment: Sentiment
    kind: Kind | Literal[""] = ""
    rule: int = 0
    doubt: bool = False
    note: str = ""
    coder: str = Field(min_length=1)
    batch: str = Field(min_length=1)
    codebook: int = CODEBOOK_VERSION
    stratum: Literal["", "no-moscow-word", "chosen"] = ""
    group: str = ""
    isolates: str = ""
    sentence: str | None = None

    @model_validator(mode="after")
    def _consistent(self) -> "LabelRow":
        if self.end <= self.start:
            raise ValueError(f"end {self.end} is not after start {self.start}")
        if (self.stance == Stance.HEDGING) != bool(self.kind):
            raise ValueError("a kind (mixed, distancing, break) goes with every hedging row and with no other")
        if self.rule not in RULES:
            raise ValueError(f"rule {self.rule} is not in the codebook (0 to {max(RULES)})")
        if self.actor == MOSCOW:
            raise ValueError("Moscow is the target, never an actor")
        if any(not 0 <= s < e <= self.end - self.start for s, e in self.mentions):
            raise ValueError("a mention lies outside the sentence")
        if (self.sentence is not None) != self.text.startswith("own:"):
            raise ValueError("rows of our own carry their sentence; rows of other people's texts must not")
        if self.sentence is not None and sha256(self.sentence) != self.sha256:
            raise ValueError("the sentence does not have the row's sha256")
        if self.id != row_id(self.text, self.start, self.end, self.actor):
            raise ValueError(f"id should be {row_id(self.text, self.start, self.end, self.actor)}")
        return self


def sha256(text: str) -> str:
    """Return the SHA-256 of the text's UTF-8 form, in hex."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def row_id(text: str, start: int, end: int, actor: str) -> str:
    """Return the stable id of a unit: the same place and actor give the same id in every batch and for every coder."""
    return hashlib.sha256(f"{text}|{start}|{end}|{actor}".encode()).hexdigest()[:12]


def read_rows(path: Path) -> list[LabelRow]:
    """Read a JSONL file of rows. Raises LabelError with file:line for the first row that breaks the scheme."""
    return [row for _, row in _numbered(path)]


def write_rows(path: Path, rows: Iterable[LabelRow]) -> None:
    """Write rows as JSONL, one a line, sorted by text and place, without empty fields, so that diffs stay small."""
    ordered = sorted(rows, key=lambda r: (r.text, r.start, r.mentions, r.actor, r.coder))
    lines = [json.dumps(r.model_dump(mode="json", exclude_defaults=True), ensure_ascii=False) for r in ordered]
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")


def _numbered(path: Path) -> Iterator[tuple[int, LabelRow]]:
    for number, line in numbered_lines(path):
        yield number, parse_row(line, f"{path}:{number}")


def numbered_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield (line number, line) for each line that is not blank. Raises InputError where the file cannot be read."""
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield number, line
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}; check the path") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 ({error.reason} at byte {error.start}); save it as UTF-8") from error


def parse_row(line: str, where: str) -> LabelRow:
    """Parse one JSON line. Raises LabelError that starts with `where`."""
    try:
        return LabelRow.model_validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(p) for p in first["loc"]) or "row"
        raise LabelError(f"{where}: {place}: {first['msg'].removeprefix('Value error, ')}") from error
