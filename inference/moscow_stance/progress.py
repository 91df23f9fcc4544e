"""Progress of a long run: a bar on a terminal, nothing elsewhere."""

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from moscow_stance.reading import Item, read_source
from moscow_stance.talk import talk
from moscow_stance.terminal import shorten, stderr


class Progress:
    """Shows how far a run is; on no terminal, and with -q, it shows nothing."""

    def __init__(self) -> None:
        console = stderr()
        columns = (TextColumn("{task.description}"), BarColumn(bar_width=20), MofNCompleteColumn(), TimeElapsedColumn())
        self._bar = Bar(*columns, console=console, transient=True, disable=not console.is_terminal or talk.level < 0)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._bar.stop()

    def watch(self, source: str) -> Iterator[Item]:
        """Yield the items of a source and move the bar."""
        task = self._bar.add_task(shorten(Path(source).name or source, 30), total=_lines(source))
        for item in read_source(source):
            yield item
            self._bar.advance(task)
        self._bar.remove_task(task)


def _lines(source: str) -> int | None:
    """Return how many documents a JSONL file holds, None where counting would cost too much."""
    path = Path(source)
    if path.suffix.lower() not in (".jsonl", ".ndjson") or not path.is_file() or path.stat().st_size > 200_000_000:
        return None
    with path.open("rb") as data:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: data.read(1 << 20), b""))
