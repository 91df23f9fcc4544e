"""Other people's texts, where a user has them: seeds, corpus sentences, articles. The project ships none of them."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from moscow_labels.errors import InputError
from moscow_labels.records import Document
from moscow_labels.rows import LabelRow, sha256
from moscow_labels.sentences import split_sentences

TEXTS_VARIABLE = "STANCE_TEXTS"

_FIELDS = {
    "sentences": ("sentence", "prev"),
    "before": ("prev", ""),
    "after": ("next", "sentence"),
    "articles": ("text", ""),
    "headlines": ("title", ""),
}
"""Kind of text -> the fields of a corpus record that hold it and what stood before it."""


@dataclass(frozen=True, slots=True)
class Hydrated:
    """A labelled row with its sentence, and what the reader of the text had before it."""

    row: LabelRow
    sentence: str
    prev: str = ""
    title: str = ""
    speaker: str = ""


class Texts:
    """A folder with `seeds/*.txt` and `corpus/{sentences,articles,headlines}.jsonl`; each part is read when it is first needed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def benchmarks(self) -> Path:
        """Where public benchmark data would be."""
        return self.folder / "benchmarks"

    @cached_property
    def seeds(self) -> Mapping[str, str]:
        """Seed texts by file stem."""
        return {p.stem: p.read_bytes().decode("utf-8") for p in sorted((self.folder / "seeds").glob("*.txt"))}

    @cached_property
    def sentences(self) -> Mapping[str, dict[str, Any]]:
        """Corpus sentences by id."""
        return _by_id(self.folder / "corpus" / "sentences.jsonl")

    @cached_property
    def articles(self) -> Mapping[str, dict[str, Any]]:
        """Whole articles by id."""
        return _by_id(self.folder / "corpus" / "articles.jsonl")

    @cached_property
    def headlines(self) -> Mapping[str, dict[str, Any]]:
        """Headlines by id."""
        return _by_id(self.folder / "corpus" / "headlines.jsonl")

    def document(self, text: str) -> Document:
        """Return the text that a row's `text` field names. Raises InputError where it is not here."""
        kind, _, name = text.partition(":")
        try:
            if kind == "seeds":
                return Document(name, self.seeds[name], source="seeds")
            record = {"articles": lambda: self.articles, "headlines": lambda: self.headlines}.get(kind, lambda: self.sentences)()[name]
        except KeyError:
            raise InputError(f"{self.folder}: has no text {text}; the labels need it") from None
        field, before = _FIELDS[kind]
        return Document(
            id=name,
            text=record[field],
            title=record.get("title", "") if kind != "headlines" else "",
            source=record.get("source", kind),
            published=record.get("date", ""),
            speaker=record.get("speaker", ""),
            extra={"prev": record.get(before, ""), "repo": record.get("repo", ""), "path": record.get("path", "")},
        )

    def hydrate(self, row: LabelRow) -> Hydrated:
        """Join a row to its sentence. Raises InputError where the text is missing or reads differently."""
        if row.sentence is not None:
            return Hydrated(row, row.sentence)
        document = self.document(row.text)
        sentence = document.text[row.start : row.end]
        if sha256(sentence) != row.sha256:
            raise InputError(f"{row.text} [{row.start}:{row.end}] does not read as it did when {row.id} was labelled (sha256 differs)")
        prev = _sentence_before(document.text, row.start) or str(document.extra.get("prev", ""))
        return Hydrated(row, sentence, prev, document.title, document.speaker)


def find_texts(given: Path | None, root: Path | None = None) -> Texts | None:
    """Look for other people's texts in `given`, then STANCE_TEXTS, then `../shared` beside `root`; None where there are none.

    Raises InputError where a folder was named and holds no texts.
    """
    named = given or (Path(os.environ[TEXTS_VARIABLE]) if os.environ.get(TEXTS_VARIABLE) else None)
    if named is not None:
        if not (named / "seeds").is_dir() and not (named / "corpus").is_dir():
            raise InputError(f"{named}: holds neither seeds/ nor corpus/; name the folder that does")
        return Texts(named)
    beside = (root or Path.cwd()).parent / "shared"
    return Texts(beside) if (beside / "corpus").is_dir() else None


def _by_id(path: Path) -> Mapping[str, dict[str, Any]]:
    try:
        with path.open(encoding="utf-8") as lines:
            return {r["id"]: r for r in map(json.loads, lines)}
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}; name the folder of texts with --texts") from error


def _sentence_before(text: str, start: int) -> str:
    window = text[max(0, start - 2000) : start]
    found = split_sentences(window)
    return found[-1].text if found else ""
