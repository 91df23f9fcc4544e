"""Many documents: JSONL, CSV, a folder of .txt and .html, an RSS or Atom feed (file or address)."""

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from moscow_labels.errors import InputError, StanceError
from moscow_stance.reading.articles import document_from_bytes, read_file
from moscow_stance.reading.feeds import looks_like_feed, read_feed
from moscow_stance.reading.records import MAX_CHARS, Failure, Item, document_from, is_address

ARTICLE_SUFFIXES = (".txt", ".text", ".html", ".htm")
FEED_SUFFIXES = (".xml", ".rss", ".atom")
MAX_LINE = 4 * MAX_CHARS


def read_source(source: str) -> Iterator[Item]:
    """Yield the documents of a source, one at a time, in order.

    Raises:
        InputError: the source itself is missing or of no known kind. A bad document inside it is a `Failure` instead.
        NetworkError: the address could not be fetched.
    """
    if is_address(source):
        from moscow_stance.reading.web import fetch  # 150 ms that a file does not pay

        data = fetch(source)
        if looks_like_feed(data):
            yield from read_feed(data, source)
        else:
            yield _article(lambda: data, source, url=source)
        return
    path = Path(source)
    if path.is_dir():
        yield from _folder(path)
        return
    if not path.exists():
        raise InputError(f"{path}: no such file or directory; check the path")
    suffix = path.suffix.lower()
    if suffix in (".jsonl", ".ndjson"):
        yield from _jsonl(path)
    elif suffix == ".csv":
        yield from _csv(path)
    elif suffix in FEED_SUFFIXES:
        yield from read_feed(read_file(path), source)
    elif suffix in ARTICLE_SUFFIXES:
        yield _article(lambda: read_file(path), source)
    else:
        raise InputError(
            f"{path}: do not know what a {suffix or 'file without a suffix'} is; known: .jsonl .csv .xml .rss .atom .txt .html, folders"
        )


def _folder(folder: Path) -> Iterator[Item]:
    found = False
    for path in sorted(p for p in folder.rglob("*") if p.suffix.lower() in ARTICLE_SUFFIXES and p.is_file()):
        found = True
        yield _article(lambda path=path: read_file(path), str(path))  # type: ignore[misc]
    if not found:
        raise InputError(f"{folder}: no .txt or .html file in this folder; name another folder or a .jsonl file")


def _article(data: Callable[[], bytes], where: str, url: str = "") -> Item:
    try:
        return document_from_bytes(data(), where, url=url)
    except StanceError as error:
        return Failure(where, str(error))


def _jsonl(path: Path) -> Iterator[Item]:
    with _open(path) as lines:
        number = 0
        while raw := lines.readline(MAX_LINE + 1):
            number += 1
            where = f"{path}:{number}"
            if len(raw) > MAX_LINE:
                while raw and not raw.endswith(b"\n"):
                    raw = lines.readline(MAX_LINE)
                yield Failure(where, f"{where}: a line of more than {MAX_LINE:,} bytes; split it into articles")
            elif raw.strip():
                yield _json_line(raw, where, path.name)


def _json_line(raw: bytes, where: str, source: str) -> Item:
    try:
        record = json.loads(raw)
        if not isinstance(record, dict):
            raise InputError(f"{where}: not a JSON object")
        return document_from(record, where, source)
    except InputError as error:
        return Failure(where, str(error))
    except (ValueError, RecursionError) as error:
        return Failure(where, f"{where}: not JSON: {error}")


def _csv(path: Path) -> Iterator[Item]:
    csv.field_size_limit(MAX_LINE)
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        rows = csv.DictReader(file)
        if not set(rows.fieldnames or ()) & {"text", "body", "content"}:
            raise InputError(f"{path}: no column `text` (or body, content) in its first line; name the columns there")
        while True:
            where = f"{path}:{rows.line_num + 1}"
            try:
                row = next(rows)
                yield document_from({k: v for k, v in row.items() if k is not None and v}, where, path.name)
            except StopIteration:
                return
            except InputError as error:
                yield Failure(where, str(error))
            except csv.Error as error:
                yield Failure(where, f"{where}: {error}")


def _open(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise InputError(f"{path}: {(error.strerror or str(error)).lower()}; check the path") from error
