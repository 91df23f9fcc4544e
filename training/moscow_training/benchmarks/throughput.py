"""Throughput from article text to rows: JSONL in, Parquet out, our pipeline and the peers taking turns chunk by chunk."""

import json
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from moscow_labels.records import Document, Unit
from moscow_labels.units import document_units
from moscow_stance.contract import ModelInfo, Scorer
from moscow_stance.model import load_model
from moscow_stance.predicting import predictions_of
from moscow_stance.reading import read_source
from moscow_stance.scoring import Counts, score_items
from moscow_stance.writing import open_writer
from moscow_training.benchmarks.peers import Peer, setfit, straightforward, zero_shot
from moscow_training.benchmarks.table import Line

THREADS, CHUNKS, ZERO_SHOT = 2, 5, 24
Side = Callable[[Path, Path], int]
"""Source and output -> units."""


def throughput_lines(articles: Path, scratch: Path, *, limit: int | None = None, chunks: int = CHUNKS) -> tuple[list[Line], list[str]]:
    """Time our pipeline and the peers on the articles; return the lines, and notes on what could not be measured."""
    import torch

    torch.set_num_threads(THREADS)
    scorer, notes = load_model(threads=THREADS), []
    sides: dict[str, Side] = {"ours": _ours(scorer), "encode": _theirs(straightforward(), scorer.info)}
    try:
        sides["setfit"] = _theirs(setfit(), scorer.info)
        sides["setfit alone"] = _theirs(setfit(axes=1), scorer.info)
    except ImportError as error:
        notes.append(f"SetFit is not measured here: {error}")
    lines = articles.read_text(encoding="utf-8").splitlines()[:limit]
    sample, units = _sample(lines)
    seconds, each = _race(sides, zero_shot(sample), lines, scratch, chunks)
    ours, deberta = seconds["ours"], each * units
    notes.append(f"DeBERTa: {len(sample)} units of every length, extrapolated to all {units:,}; random weights of that size")
    rows = {
        "encode": ("SentenceTransformer.encode fp32 + scikit-learn, both axes", 2.0, "at least 2, aim 3"),
        "setfit": ("SetFit predict_proba, same encoder, a model per axis", 2.0, "at least 2, aim 3"),
        "setfit alone": ("SetFit predict_proba, stance alone", None, "none: half of what the rows hold"),
    }
    found = [
        Line(f"{len(lines)} articles end to end, against {what}", ours, seconds[name], "s", target, _met(seconds[name] / ours, least))
        for name, (what, least, target) in rows.items()
        if name in seconds
    ]
    found.append(Line(f"{len(lines)} articles, against DeBERTa-base zero-shot", ours, deberta, "s", "at least 80", deberta / ours >= 80))
    return found, notes


def _met(ratio: float, least: float | None) -> bool | None:
    return None if least is None else ratio >= least


def _race(
    sides: dict[str, Side], sample: Callable[[], float], lines: Sequence[str], scratch: Path, chunks: int
) -> tuple[dict[str, float], float]:
    """Return each side's seconds over all chunks, and the mean of `sample`, which has a turn after each.

    A first small chunk warms every side up and does not count.
    """
    seconds, samples = dict.fromkeys(sides, 0.0), []
    size = -(-len(lines) // chunks)
    parts = [lines[:3], *(lines[at : at + size] for at in range(0, len(lines), size))]
    for number, part in enumerate(parts):
        source = scratch / f"part{number}.jsonl"
        source.write_text("\n".join(part) + "\n", encoding="utf-8")
        units = set()
        for name, side in sides.items():
            with tempfile.TemporaryDirectory(dir=scratch) as out:
                started = time.perf_counter()
                units.add(side(source, Path(out) / "rows.parquet"))
                seconds[name] += (time.perf_counter() - started) if number else 0.0
        samples.append(sample())
        if len(units) != 1:
            raise RuntimeError(f"the sides made different numbers of rows: {sorted(units)}")
    return seconds, statistics.mean(samples[1:])


def _ours(scorer: Scorer) -> Side:
    def run(source: Path, out: Path) -> int:
        counts = Counts()
        with open_writer(out) as writer:
            score_items(read_source(str(source)), scorer, writer, counts)
        return counts.units

    return run


def _theirs(peer: Peer, info: ModelInfo) -> Side:
    """The straightforward way: read all, split and match all, score all in the model's own batches, write all."""

    def run(source: Path, out: Path) -> int:
        documents = [d for d in read_source(str(source)) if isinstance(d, Document)]
        units: list[list[Unit]] = [document_units(d) for d in documents]
        flat = [u for found in units for u in found]
        stance, sentiment = peer(flat)
        at = 0
        with open_writer(out) as writer:
            for document, mine in zip(documents, units, strict=True):
                end = at + len(mine)
                writer.write(predictions_of(document, mine, stance[at:end], sentiment[at:end], info))
                at = end
        return len(flat)

    return run


def _sample(lines: Sequence[str]) -> tuple[list[Unit], int]:
    """Return a few units with sentences of every length, and how many units there are."""
    units = sorted(
        (u for line in lines for u in document_units(Document("", json.loads(line)["text"]))), key=lambda u: len(u.sentence.text)
    )
    step = max(1, len(units) // ZERO_SHOT)
    return units[step // 2 :: step][:ZERO_SHOT], len(units)
