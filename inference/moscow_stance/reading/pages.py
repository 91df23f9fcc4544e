"""HTML -> article text with title and date, by trafilatura."""

import logging
import re
from dataclasses import dataclass
from typing import Any

from moscow_labels.errors import InputError

_HTML = re.compile(r"\s*(?:<!--.*?-->\s*|<\?xml[^>]*>\s*)*<(?:!doctype\s+html|html|head|body)\b", re.I | re.S)


@dataclass(frozen=True, slots=True)
class Page:
    """The article in a page."""

    text: str
    title: str
    published: str


def looks_like_html(text: str) -> bool:
    """Whether a text is an HTML page, whatever its name says."""
    return _HTML.match(text[:5000]) is not None


def extract(html: str, where: str) -> Page:
    """Return the article in an HTML page. Raises InputError where there is none."""
    import trafilatura  # 150 ms that a plain text does not pay

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    found: Any = trafilatura.bare_extraction(html, include_comments=False, with_metadata=True)
    if found is None or not found.text:
        raise InputError(f"{where}: no article text in this page; save the text itself to a .txt file")
    return Page(found.text, found.title or "", found.date or "")


def plain(fragment: str) -> str:
    """Return the words of an HTML fragment (a feed's summary)."""
    if "<" not in fragment and "&" not in fragment:
        return fragment
    import trafilatura

    return str(trafilatura.html2txt(f"<html><body>{fragment}</body></html>"))
