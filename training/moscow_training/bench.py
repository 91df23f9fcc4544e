"""How fast, how small and how exact: `make bench`, or `python -m moscow_training.bench [--only cold,throughput,profile,memory]`.

Every figure is a ratio of two sides of one run, both on two threads and both from article text to rows; machines differ, ratios less.
`--smoke` only sees that a cold start is no slower than something heavy would make it. The articles are other people's texts
(`corpus/articles.jsonl`); without them our own digests stand in, and no ratio says much.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from moscow_labels.texts import find_texts
from moscow_stance.settings import find_root
from moscow_training.benchmarks.cold import WORDS, cold_lines, took
from moscow_training.benchmarks.table import HEADER, Line

PARTS = ("cold", "throughput", "profile", "memory")
SLOW_START = 10.0
"""Seconds; a cold start beyond this on any machine means that something heavy is imported."""


def articles(root: Path, scratch: Path) -> Path:
    """Return the JSONL of whole articles, or one made of our own digests."""
    found = find_texts(None, root)
    if found is not None:
        return found.folder / "corpus" / "articles.jsonl"
    path = scratch / "digests.jsonl"
    digests = sorted((root / "seeds" / "digests").glob("*.txt"))
    path.write_text("".join(json.dumps({"id": p.stem, "text": p.read_text(encoding="utf-8")}) + "\n" for p in digests), encoding="utf-8")
    return path


def nearest(path: Path, words: int) -> str:
    """Return the article whose length is nearest to `words`."""
    texts = [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines()]
    return str(min(texts, key=lambda text: abs(len(text.split()) - words)))


def smoke() -> None:
    """Label one digest in a fresh process. Raises SystemExit where that takes many seconds."""
    digest = next(iter(sorted((find_root() / "seeds" / "digests").glob("*.txt"))))
    start = took([sys.executable, "-m", "moscow_stance", "label", str(digest)])
    if start > SLOW_START:
        sys.exit(f"a cold start of {start:.1f} s: something heavy is imported")
    print(f"cold start to a labelled article  {start:.2f} s")  # noqa: T201


def main() -> None:
    """Run and print the benchmark."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--smoke", action="store_true", help="one cold start, and fail where it takes many seconds")
    parser.add_argument("--only", default=",".join(PARTS), help=f"comma-separated parts of {', '.join(PARTS)}")
    parser.add_argument("--runs", type=int, default=7, help="cold starts of each command")
    options = parser.parse_args()
    if options.smoke:
        smoke()
        return
    wanted = set(options.only.split(","))
    if unknown := wanted - set(PARTS):
        parser.error(f"--only: unknown {', '.join(sorted(unknown))}")
    with tempfile.TemporaryDirectory() as folder:
        _run(wanted, Path(folder), options.runs)


def _run(wanted: set[str], scratch: Path, runs: int) -> None:
    source = articles(find_root(), scratch)
    lines: list[Line] = []
    notes: list[str] = []
    if "cold" in wanted:
        lines += cold_lines(nearest(source, WORDS), runs)
    if "memory" in wanted:
        from moscow_training.benchmarks.memory import memory_lines

        lines += memory_lines(source, scratch)
    if "profile" in wanted:
        from moscow_training.benchmarks.profile import profile

        found = profile(source, scratch / "profile.parquet")
        lines.append(Line("processor time outside the encoder", 100 * found.outside, None, "%", "at most 20 %", found.outside <= 0.2))
        notes.append(f"{found}\n")
    if "throughput" in wanted:
        from moscow_training.benchmarks.throughput import throughput_lines

        more, said = throughput_lines(source, scratch)
        lines, notes = lines + more, notes + said
    print("\n".join([HEADER, *map(str, lines), "", *notes]))  # noqa: T201


if __name__ == "__main__":
    main()
