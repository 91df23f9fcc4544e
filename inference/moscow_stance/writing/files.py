"""Write predictions to a file or folder, in the form that its suffix names."""

import csv
import json
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import IO, Protocol, Self

from moscow_labels.errors import UsageError
from moscow_stance.predictions import Prediction
from moscow_stance.writing.records import CSV_COLUMNS, to_json, to_row

PART_ROWS = 10_000
"""Rows of one Parquet part. DuckDB holds a part in memory while it writes it."""

MIN_OBJECT = 1 << 20
"""Bytes that DuckDB sets aside for a JSON line at least; it takes several times as much for its buffers."""


class Writer(Protocol):
    """Takes the predictions of one document after the other. Leaving the `with` block completes the output."""

    def __enter__(self) -> Self: ...
    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...
    def write(self, predictions: Iterable[Prediction]) -> None:
        """Append predictions; they are on disk when the writer is left, also by an error."""
        ...


def open_writer(path: Path, *, overwrite: bool = False) -> Writer:
    """Return the writer for `path`'s suffix. Raises UsageError for another suffix, an existing output or a missing folder."""
    writers: dict[str, Callable[[Path], Writer]] = {".jsonl": JsonlWriter, ".csv": CsvWriter, ".parquet": ParquetWriter}
    writer = writers.get(path.suffix.lower())
    if writer is None:
        raise UsageError(f"{path}: cannot write {path.suffix or 'a file without a suffix'}; choose .jsonl, .csv or .parquet")
    if path.exists() and not overwrite:
        raise UsageError(f"{path}: exists already; choose another name or add --overwrite")
    if not path.absolute().parent.is_dir():
        raise UsageError(f"{path}: the folder {path.parent} does not exist; make it first")
    return writer(path)


class _LineWriter:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[str]

    def __enter__(self) -> Self:
        self._file = self._path.open("w", encoding="utf-8", newline="")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()


class JsonlWriter(_LineWriter):
    """One JSON object a line, flushed after each document."""

    def write(self, predictions: Iterable[Prediction]) -> None:
        """Append predictions."""
        self._file.writelines(to_json(p) + "\n" for p in predictions)
        self._file.flush()


class CsvWriter(_LineWriter):
    """One row a prediction, probabilities spread over columns."""

    def __enter__(self) -> Self:
        super().__enter__()
        self._rows = csv.DictWriter(self._file, CSV_COLUMNS, restval="")
        self._rows.writeheader()
        return self

    def write(self, predictions: Iterable[Prediction]) -> None:
        """Append predictions."""
        self._rows.writerows(to_row(p) for p in predictions)
        self._file.flush()


class ParquetWriter:
    """A folder of Parquet parts with typed columns, written by DuckDB from JSON lines."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = 0
        self._rows = 0
        self._longest = MIN_OBJECT
        self._buffer: IO[str] | None = None

    def __enter__(self) -> Self:
        if self._path.is_dir():
            shutil.rmtree(self._path)
        elif self._path.exists():
            self._path.unlink()
        self._path.mkdir()
        return self

    def write(self, predictions: Iterable[Prediction]) -> None:
        """Append predictions; a part is written when it is full."""
        for prediction in predictions:
            if self._buffer is None:
                self._buffer = self._pending.open("w", encoding="utf-8")
            record = prediction.as_dict()
            record.setdefault("extra", {})
            line = json.dumps(record, ensure_ascii=True, default=str) + "\n"
            self._longest = max(self._longest, len(line))
            self._buffer.write(line)
            self._rows += 1
        if self._rows >= PART_ROWS:
            self._flush()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._rows or self._part == 0:
            self._flush()

    @property
    def _pending(self) -> Path:
        return self._path / f".part-{self._part:05}.jsonl"

    def _flush(self) -> None:
        import duckdb  # 100 ms that other formats do not pay

        if self._buffer is None:
            self._pending.touch()
        else:
            self._buffer.close()
        target = self._path / f"part-{self._part:05}.parquet"
        columns = ", ".join(f"'{name}': '{kind}'" for name, kind in PARQUET_TYPES.items())
        with duckdb.connect(config={"threads": 1}) as connection:
            connection.execute(
                f"COPY (SELECT * FROM read_json(?, format = 'newline_delimited', columns = {{{columns}}}, "  # noqa: S608
                f"maximum_object_size = {self._longest + 1})) TO '{_quoted(target)}' (FORMAT parquet, COMPRESSION zstd)",
                [str(self._pending)],
            )
        self._pending.unlink()
        self._buffer, self._rows, self._part = None, 0, self._part + 1


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


_STANCE_P = "STRUCT(supportive DOUBLE, neutral DOUBLE, hedging DOUBLE)"
_SENTIMENT_P = "STRUCT(negative DOUBLE, neutral DOUBLE, positive DOUBLE)"
PARQUET_TYPES = {
    **dict.fromkeys(("doc_id", "source", "title", "published", "url"), "VARCHAR"),
    **dict.fromkeys(("sentence_no", "start", "end"), "BIGINT"),
    **dict.fromkeys(("sentence", "actor", "mention"), "VARCHAR"),
    **dict.fromkeys(("mention_start", "mention_end"), "BIGINT"),
    "stance": "VARCHAR", "stance_p": _STANCE_P, "abstained": "BOOLEAN",
    "sentiment": "VARCHAR", "sentiment_p": _SENTIMENT_P, "sentiment_abstained": "BOOLEAN",
    "duplicate_of": "VARCHAR", "model": "VARCHAR", "schema": "INTEGER", "extra": "JSON",
}  # fmt: skip
"""Column types of the Parquet form, in the contract's order."""
