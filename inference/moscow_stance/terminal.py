"""What may reach a terminal. Texts are hostile: escape sequences, control and bidirectional characters are shown, never sent."""

import sys

from rich.console import Console
from rich.text import Text

_BIDI = set(range(0x202A, 0x202F)) | set(range(0x2066, 0x206A)) | {0x200E, 0x200F, 0x061C}


def printable(text: str) -> str:
    """Return `text` on one line with every control, format or surrogate character made harmless.

    White space becomes one space; anything else that a terminal could obey becomes U+FFFD.
    """
    return "".join(" " if c.isspace() else "\ufffd" if not c.isprintable() or ord(c) in _BIDI else c for c in " ".join(text.split()))


def shorten(text: str, width: int) -> str:
    """Cut `text` to `width` terminal cells at a word's end where that costs little, with an ellipsis."""
    safe = Text(printable(text))
    if safe.cell_len <= width:
        return safe.plain
    safe.truncate(max(1, width - 1))
    cut = safe.plain.rstrip()
    head, _, tail = cut.rpartition(" ")
    return (head if head and len(tail) < 12 else cut) + "\u2026"


def stdout() -> Console:
    """Return the console for data. It obeys NO_COLOR and knows its width."""
    return Console(file=sys.stdout, highlight=False, markup=False, emoji=False, soft_wrap=False)


def stderr() -> Console:
    """Return the console for talk: warnings, progress, errors."""
    return Console(file=sys.stderr, highlight=False, markup=False, emoji=False, soft_wrap=True)
