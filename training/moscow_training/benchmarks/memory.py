"""Memory of `stance score`: peak resident size on few and on many articles, each cut to ten sentences."""

import itertools
import json
import subprocess
import sys
from pathlib import Path

from moscow_labels.sentences import split_sentences
from moscow_training.benchmarks.table import Line

SENTENCES, FEW, MANY = 10, 1000, 20_000
_CHILD = "import resource, sys; from moscow_stance.cli import run; code = run(sys.argv[1:]); "
_CHILD += "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss); sys.exit(code)"


def memory_lines(articles: Path, scratch: Path, *, few: int = FEW, many: int = MANY) -> list[Line]:
    """Score `few` and `many` articles in processes of their own and compare their peaks."""
    texts = [json.loads(line)["text"] for line in articles.read_text(encoding="utf-8").splitlines()]
    cut = [_first(text) for text in texts]
    small, large = (peak(_write(cut, count, scratch / f"{count}.jsonl"), scratch / f"{count}.parquet") for count in (few, many))
    return [
        Line(f"peak memory, {many:,} articles against {few:,}", small, large, "MB", "ratio at most 1.2", large <= 1.2 * small),
        Line(f"peak memory, {many:,} articles", large, None, "MB", "under 600 MB", large < 600),
    ]


def peak(source: Path, out: Path) -> float:
    """Return the peak resident megabytes of a process that scores `source`."""
    command = [sys.executable, "-c", _CHILD, "score", str(source), "--out", str(out), "--threads", "2"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - our own command
    return int(done.stdout.split()[-1]) * 1024 / 1e6


def _first(text: str) -> str:
    sentences = split_sentences(text)[:SENTENCES]
    return text[: sentences[-1].span.end]


def _write(texts: list[str], count: int, path: Path) -> Path:
    with path.open("w", encoding="utf-8") as file:
        for number, text in enumerate(itertools.islice(itertools.cycle(texts), count)):
            file.write(json.dumps({"id": f"article-{number}", "text": f"{text}\n\nNumber {number}."}) + "\n")
    return path
