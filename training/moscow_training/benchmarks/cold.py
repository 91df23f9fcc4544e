"""Cold starts: a fresh process each time, the sides taking turns, medians."""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from moscow_training.benchmarks.table import Line

STANCE = (sys.executable, "-m", "moscow_stance")
WORDS = 1000


def took(command: Sequence[str]) -> float:
    """Return the wall seconds of a command that must succeed."""
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own commands
    return time.perf_counter() - started


def medians(commands: Mapping[str, Sequence[str]], runs: int) -> dict[str, float]:
    """Return the median seconds of each command; they take turns, so that a busy minute slows all of them. One round warms the disk."""
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(runs + 1):
        for name, command in commands.items():
            found = took(command)
            if turn:
                seconds[name].append(found)
    return {name: statistics.median(s) for name, s in seconds.items()}


def cold_lines(article: str, runs: int) -> list[Line]:
    """Time `stance label` on an article, `--version` and `import moscow_stance` against `import sentence_transformers`."""
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "article.txt"
        path.write_text(article, encoding="utf-8")
        found = medians(
            {
                "label": (*STANCE, "label", str(path), "--threads", "2"),
                "version": (*STANCE, "--version"),
                "import": (sys.executable, "-c", "import moscow_stance"),
                "bare": (sys.executable, "-c", "pass"),
                "peer": (sys.executable, "-c", "import sentence_transformers"),
            },
            runs,
        )
    label, peer = found["label"], found["peer"]
    own = found["import"] - found["bare"]
    return [
        Line(f"cold `stance label`, {len(article.split())} words", label, peer, "s", "< 0.8 s and < 1/6", label < 0.8 and peer / label > 6),
        Line("`stance --version`", found["version"], peer, "s", "< 0.15 s", found["version"] < 0.15),
        Line("`import moscow_stance`, python's own start taken off", max(own, 0.001), peer, "s", "< 0.1 s", own < 0.1),
    ]
