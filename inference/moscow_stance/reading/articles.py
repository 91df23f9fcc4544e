"""One article: a file, an address or standard input."""

import sys
from collections.abc import Callable
from pathlib import Path

from moscow_labels.errors import InputError
from moscow_labels.records import Document
from moscow_stance.reading.decoding import decode
from moscow_stance.reading.pages import extract, looks_like_html
from moscow_stance.reading.records import MAX_CHARS, checked_text, is_address, text_id

MAX_FILE_BYTES = 4 * MAX_CHARS

Warn = Callable[[str], None]


def read_article(source: str, warn: Warn = lambda message: None) -> Document:
    """Read one article.

    Args:
        source: a path (.txt, .html), an http(s) address, or "-" for standard input.
        warn: called with a sentence about anything that was mended on the way (a guessed encoding).

    Raises:
        InputError: missing, a directory, binary, empty or too long.
        NetworkError: the address could not be fetched.
    """
    where = "standard input" if source == "-" else source
    return document_from_bytes(_bytes(source, where), where, url=source if is_address(source) else "", warn=warn)


def document_from_bytes(data: bytes, where: str, *, url: str = "", warn: Warn = lambda message: None) -> Document:
    """Decode bytes and, where they are a page, take the article out of it. Raises InputError."""
    decoded = decode(data, where)
    if decoded.guessed:
        warn(f"{where}: not UTF-8; read as {decoded.guessed}")
    text, title, published = decoded.text, "", ""
    if looks_like_html(text):
        page = extract(text, where)
        text, title, published = page.text, page.title, page.published
    checked_text(text, where)
    return Document(text_id(text), text, title=title, source=where, url=url, published=published)


def _bytes(source: str, where: str) -> bytes:
    if is_address(source):
        from moscow_stance.reading.web import fetch  # 150 ms that a file does not pay

        return fetch(source)
    if source == "-":
        data = sys.stdin.buffer.read(MAX_FILE_BYTES + 1)
    else:
        data = read_file(Path(source))
    if len(data) > MAX_FILE_BYTES:
        raise InputError(f"{where}: more than {MAX_FILE_BYTES:,} bytes; one article may have {MAX_CHARS:,} characters: split it")
    return data


def read_file(path: Path) -> bytes:
    """Return a file's bytes, at most a little more than an article may have. Raises InputError."""
    try:
        if path.is_dir():
            raise InputError(f"{path}: is a directory; name a file, or score the folder with `stance score {path} --out scores.jsonl`")
        with path.open("rb") as file:
            return file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path}: {(error.strerror or str(error)).lower()}; check the path") from error
