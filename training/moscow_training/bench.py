"""How fast it is: time to the first label from a cold start, and sentences per second. `--smoke` runs once and asserts nothing slow.

`python -m moscow_training.bench` prints medians over several runs; machines differ, so compare ratios from one run.
"""

import argparse
import statistics
import subprocess
import sys
import time
from pathlib import Path

from moscow_labels.records import Document
from moscow_labels.units import document_units
from moscow_stance.model import load_model
from moscow_stance.predicting import predict
from moscow_stance.settings import find_root

SLOW_START = 10.0
"""Seconds; a cold start beyond this on any machine means that something heavy is imported."""


def cold_start(runs: int) -> float:
    """Return the median seconds of a fresh process that labels one sentence."""
    command = [sys.executable, "-m", "moscow_stance", "label", "-", "--format", "jsonl"]
    took = []
    for _ in range(runs):
        started = time.perf_counter()
        subprocess.run(command, input=b"Minsk thanked Moscow for the loan.", check=True, capture_output=True)  # noqa: S603 - our own command
        took.append(time.perf_counter() - started)
    return statistics.median(took)


def throughput(text: str, runs: int) -> tuple[float, float]:
    """Return sentences with an actor scored per second, and the share of time that finding the actors takes."""
    scorer = load_model()
    document = Document("bench", text)
    predict(document, scorer)
    scored, matched = [], []
    for _ in range(runs):
        started = time.perf_counter()
        document_units(document)
        matched.append(time.perf_counter() - started)
        predict(document, scorer)
        scored.append(time.perf_counter() - started - matched[-1])
    sentences = len({u.sentence.number for u in document_units(document)})
    return sentences / statistics.median(scored), statistics.median(matched) / statistics.median(scored)


def main() -> None:
    """Run and print the benchmark."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--smoke", action="store_true", help="once, and fail where a cold start takes many seconds")
    smoke: bool = parser.parse_args().smoke
    runs = 1 if smoke else 7
    digests = sorted((find_root() / "seeds" / "digests").glob("*.txt"))
    text = "\n\n".join(Path(p).read_text(encoding="utf-8") for p in digests)
    start = cold_start(runs)
    speed, share = throughput(text, runs)
    print(f"cold start to the first label  {start:.2f} s")  # noqa: T201
    print(f"sentences with an actor        {speed:.0f} a second; finding the actors takes {share:.0%} of that")  # noqa: T201
    if smoke and start > SLOW_START:
        sys.exit(f"a cold start of {start:.1f} s: something heavy is imported")


if __name__ == "__main__":
    main()
