"""The shipped form at work: tokenizers + onnxruntime, one sentence per call, several sentences at a time.

A dynamically quantised graph scales activations by what is in the call, so a sentence must be alone in it; then neither its
neighbours nor their order nor the number of threads can change its scores. Sentences run side by side in threads instead, each call
on one: onnxruntime and tokenizers let go of Python's lock while they work.
"""

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from tokenizers import Tokenizer

from moscow_labels.errors import ModelError
from moscow_labels.records import Span, Unit
from moscow_stance.contract import ModelInfo, Probabilities
from moscow_stance.folder import GRAPH, TOKENIZER
from moscow_stance.pooling import Weights, token_weights

OUTPUTS = ["stance", "sentiment"]
Inputs = dict[str, NDArray[Any]]
Reading = tuple[tuple[Span, ...], tuple[Span, ...]]
"""What tells two units of one sentence apart for the model: the actor's spans and Moscow's."""


class OnnxScorer:
    """Scores units with the ONNX graph of a verified model folder."""

    def __init__(self, folder: Path, info: ModelInfo, *, threads: int = 0) -> None:
        self.info = info
        self.threads = threads if threads > 0 else len(os.sched_getaffinity(0))
        try:
            self._session = open_session(folder / GRAPH)
            self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        except Exception as error:  # both libraries raise bare exceptions of their own
            raise ModelError(f"{folder}: the model cannot be loaded: {error}; export it again") from error
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_length=info.max_tokens)
        self._pool = ThreadPoolExecutor(self.threads, thread_name_prefix="stance") if self.threads > 1 else None

    def probabilities(self, units: Sequence[Unit]) -> Probabilities:
        """Return stance (n, 3) and sentiment (n, 3). Each distinct sentence among the units is encoded once."""
        both = np.empty((len(units), 2, 3))
        by_sentence: dict[str, dict[Reading, list[int]]] = {}
        for i, unit in enumerate(units):
            by_sentence.setdefault(unit.sentence.text, {}).setdefault((unit.mentions, unit.moscow), []).append(i)
        jobs = [[units[rows[0]] for rows in readings.values()] for readings in by_sentence.values()]
        for readings, scores in zip(by_sentence.values(), self._scores(jobs), strict=True):
            for rows, score in zip(readings.values(), scores, strict=True):
                both[rows] = score
        return both[:, 0], both[:, 1]

    def _scores(self, jobs: list[list[Unit]]) -> Iterable[NDArray[np.float32]]:
        if self._pool is None or len(jobs) == 1:
            return map(self._score, jobs)
        return self._pool.map(self._score, jobs)

    def _score(self, units: Sequence[Unit]) -> NDArray[np.float32]:
        """Return the scores (n, 2, 3) of n units of one sentence, in one pass."""
        encoding = self._tokenizer.encode(units[0].sentence.text)
        weights = token_weights(units, encoding.offsets)
        outputs = run_sentence(self._session, OUTPUTS, sentence_inputs(encoding.ids, weights))
        return np.stack(outputs, axis=1)[: len(units)]


def open_session(path: Path) -> ort.InferenceSession:
    """Open a graph that was optimised when it was written; a call uses the thread that makes it and no other."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def sentence_inputs(ids: Sequence[int], weights: Weights) -> Inputs:
    """Return the graph's inputs for n units of one sentence.

    A lone unit goes in twice: a matrix product of one row takes another path than one of several, and its last bit may differ.
    """
    twice = 2 if len(weights.actor) == 1 else 1
    return {
        "input_ids": np.array([ids], dtype=np.int64),
        "actor": np.repeat(weights.actor, twice, axis=0),
        "moscow": np.repeat(weights.moscow, twice, axis=0),
    }


def run_sentence(session: ort.InferenceSession, outputs: list[str], inputs: Inputs) -> list[NDArray[np.float32]]:
    """Run the graph on the inputs of one sentence and return what it gives, a row per unit (two for a lone one)."""
    found: Any = session.run(outputs, inputs)
    return list(found)
