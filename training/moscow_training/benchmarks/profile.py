"""Where the time goes: processor seconds of each stage of `stance score`, one after the other on one thread."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from tokenizers import Tokenizer

from moscow_labels.records import Document, Unit
from moscow_labels.sentences import split_sentences
from moscow_labels.units import document_units
from moscow_stance.folder import GRAPH, TOKENIZER
from moscow_stance.language import other_language
from moscow_stance.model import load_model, packaged_folder
from moscow_stance.onnx_scorer import OUTPUTS, Inputs, open_session, run_sentence, sentence_inputs
from moscow_stance.pooling import token_weights
from moscow_stance.predicting import predictions_of
from moscow_stance.reading import read_source
from moscow_stance.writing import open_writer

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Profile:
    """Processor seconds by stage; `encoder` is word pieces, their weights and the graph, the rest is around it."""

    seconds: dict[str, float]

    @property
    def outside(self) -> float:
        """Share of the time that is spent outside the encoder."""
        inside = self.seconds["word pieces and weights"] + self.seconds["graph"]
        return 1 - inside / sum(self.seconds.values())

    def __str__(self) -> str:
        total = sum(self.seconds.values())
        rows = [f"| {name} | {s:.2f} s | {s / total:.1%} |" for name, s in self.seconds.items()]
        return "\n".join(["| stage | processor time | share |", "| --- | ---: | ---: |", *rows])


def profile(articles: Path, out: Path) -> Profile:
    """Run the stages over the articles one after the other."""
    seconds: dict[str, float] = {}

    def timed(name: str, work: Callable[[], T]) -> T:
        started = time.process_time()
        result = work()
        seconds[name] = time.process_time() - started
        return result

    scorer, folder = load_model(threads=1), packaged_folder()
    document_units(Document("", "Minsk thanked Moscow."))
    documents = timed("reading", lambda: [d for d in read_source(str(articles)) if isinstance(d, Document)])
    timed("language guard", lambda: [other_language(d.text) for d in documents])
    split = timed("splitting", lambda: [split_sentences(d.text) for d in documents])
    units = timed("splitting and matching", lambda: [document_units(d) for d in documents])
    seconds["matching"] = max(0.0, seconds.pop("splitting and matching") - seconds["splitting"])
    tokenizer: Any = Tokenizer.from_file(str(folder / TOKENIZER))
    jobs = list(_by_sentence(units).values())
    inputs = timed("word pieces and weights", lambda: [_inputs(tokenizer, job) for job in jobs])
    session = open_session(folder / GRAPH)
    timed("graph", lambda: [run_sentence(session, OUTPUTS, i) for i in inputs])
    uniform = np.full((max(map(len, units)), 3), 1 / 3)

    def write() -> None:
        with open_writer(out) as writer:
            for document, mine in zip(documents, units, strict=True):
                writer.write(predictions_of(document, mine, uniform, uniform, scorer.info))

    timed("writing", write)
    if len(split) != len(units):
        raise RuntimeError("a document was lost")
    return Profile(seconds)


def _by_sentence(units: list[list[Unit]]) -> dict[str, list[Unit]]:
    found: dict[str, list[Unit]] = {}
    for mine in units:
        for unit in mine:
            found.setdefault(unit.sentence.text, []).append(unit)
    return found


def _inputs(tokenizer: Any, units: list[Unit]) -> Inputs:
    encoding = tokenizer.encode(units[0].sentence.text)
    return sentence_inputs(encoding.ids[:256], token_weights(units, encoding.offsets[:256]))
