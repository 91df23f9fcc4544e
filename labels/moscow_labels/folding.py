"""Fold text for matching (case kept, diacritics and typographic variants removed) without losing the original offsets."""

import unicodedata
from dataclasses import dataclass

from moscow_labels.records import Span

_VARIANTS = {
    **dict.fromkeys("\u2018\u2019\u02bc\u02b9\u2032\uff07`\u00b4", "'"),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212\uff0d", "-"),
    **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", ""),
    "\u0131": "i", "\u0142": "l", "\u0141": "L", "\u00f8": "o", "\u00d8": "O", "\u0111": "d", "\u0110": "D",
    "\u00df": "ss", "\u00e6": "ae", "\u00c6": "AE", "\u0259": "a", "\u018f": "A",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Folded:
    """Folded text; `starts[i]` is the original offset of folded character i, with one entry more for the end."""

    text: str
    starts: list[int] | None

    def original(self, start: int, end: int) -> Span:
        """Map a folded range back onto the original text."""
        if self.starts is None:
            return Span(start, end)
        return Span(self.starts[start], self.starts[end - 1] + 1 if end > start else self.starts[start])


def fold(text: str) -> Folded:
    """Fold `text`: NFKD without combining marks, plain quotes and hyphens, every run of white space one space."""
    if text.isascii() and "  " not in text and "`" not in text:
        spaced = text.translate(_ASCII_SPACES)
        if "  " not in spaced:
            return Folded(spaced, None)
    out: list[str] = []
    starts: list[int] = []
    for at, char in enumerate(text):
        if char.isspace():
            if out and out[-1] == " ":
                continue
            piece = " "
        elif char.isascii() and char != "`":
            piece = char
        else:
            piece = _fold_char(char)
        for part in piece:
            out.append(part)
            starts.append(at)
    starts.append(len(text))
    return Folded("".join(out), starts)


def fold_name(name: str) -> str:
    """Fold a lexicon name the way texts are folded."""
    return fold(name).text.strip()


def _fold_char(char: str) -> str:
    known = _VARIANTS.get(char)
    if known is not None:
        return known
    return "".join(c for c in unicodedata.normalize("NFKD", char) if not unicodedata.combining(c) and not c.isspace())


_ASCII_SPACES = {ord(c): " " for c in "\t\n\r\x0b\x0c\x1c\x1d\x1e\x1f"}
