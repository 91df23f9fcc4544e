"""What a reader yields, and how free-form records become documents."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moscow_labels.errors import InputError
from moscow_labels.records import Document

MAX_CHARS = 5_000_000
"""Longest text of one document, in characters: a long book. More is a broken export, not an article."""

_SURROGATE = re.compile("[\ud800-\udfff]")
_ALIASES = {
    "id": ("id", "doc_id"),
    "text": ("text", "body", "content"),
    "title": ("title", "headline"),
    "url": ("url", "link"),
    "published": ("published", "date"),
    "speaker": ("speaker",),
    "source": ("source", "outlet"),
}


@dataclass(frozen=True, slots=True)
class Failure:
    """One document that could not be read: where it stood and why. The others go on."""

    where: str
    message: str


Item = Document | Failure


def document_from(record: Mapping[str, Any], where: str, source: str) -> Document:
    """Make a document of a free-form record. Unknown fields land in `extra`. Raises InputError where there is no text."""
    record = well_formed(record)
    fields: dict[str, str] = {}
    used: set[str] = set()
    for name, aliases in _ALIASES.items():
        for alias in aliases:
            if record.get(alias) is not None:
                fields[name] = str(record[alias])
                used.add(alias)
                break
    if "text" not in fields:
        raise InputError(f"{where}: no field `text` (or body, content); found {', '.join(map(str, list(record)[:8])) or 'nothing'}")
    text = checked_text(fields["text"], where)
    return Document(
        id=fields.get("id") or text_id(text),
        text=text,
        title=fields.get("title", ""),
        source=fields.get("source", source),
        url=fields.get("url", ""),
        published=fields.get("published", ""),
        speaker=fields.get("speaker", ""),
        extra={k: v for k, v in record.items() if k not in used},
    )


def checked_text(text: str, where: str) -> str:
    """Return `text` if a document can have it. Raises InputError where it is blank or too long."""
    if not text.strip():
        raise InputError(f"{where}: the text is empty")
    if len(text) > MAX_CHARS:
        raise InputError(f"{where}: {len(text):,} characters; one document may have {MAX_CHARS:,}: split it into articles")
    return text


def well_formed(value: Any) -> Any:
    """Return `value` with lone surrogates (broken escapes in somebody's JSON) replaced by U+FFFD, so that offsets stay."""
    if isinstance(value, str):
        return value if value.isascii() else _SURROGATE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {well_formed(k): well_formed(v) for k, v in value.items()}
    if isinstance(value, list):
        return [well_formed(v) for v in value]
    return value


def is_address(source: str) -> bool:
    """Whether `source` is a web address rather than a path."""
    return source.startswith(("http://", "https://"))


def text_id(text: str) -> str:
    """Return a stable id for a text that came without one."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]
