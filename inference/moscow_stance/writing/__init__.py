"""Where predictions go: one writer per format, chosen by suffix."""

from moscow_stance.writing.files import Writer, open_writer

__all__ = ["Writer", "open_writer"]
