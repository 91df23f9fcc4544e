"""The shipped form at work: tokenizers + onnxruntime, one sentence per call, all its actors in one pass."""

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import numpy as np
import onnxruntime as ort
from tokenizers import Tokenizer

from moscow_labels.errors import ModelError
from moscow_labels.records import Unit
from moscow_stance.model import GRAPH, TOKENIZER, ModelInfo, Probabilities
from moscow_stance.pooling import token_weights


class OnnxScorer:
    """Scores units with the ONNX graph of a verified model folder."""

    def __init__(self, folder: Path, info: ModelInfo, *, threads: int = 0) -> None:
        self.info = info
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        try:
            self._session = ort.InferenceSession(str(folder / GRAPH), options, providers=["CPUExecutionProvider"])
            self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        except Exception as error:  # both libraries raise bare exceptions of their own
            raise ModelError(f"{folder}: the model cannot be loaded: {error}; export it again") from error
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_length=info.max_tokens)

    def probabilities(self, units: Sequence[Unit]) -> Probabilities:
        """Return stance (n, 3) and sentiment (n, 3); consecutive units of one sentence share one pass."""
        stance, sentiment = [np.empty((0, 3))], [np.empty((0, 3))]
        for sentence, group in groupby(units, key=lambda u: u.sentence):
            encoding = self._tokenizer.encode(sentence.text)
            weights = token_weights(list(group), encoding.offsets)
            outputs = self._session.run(
                ["stance", "sentiment"],
                {
                    "input_ids": np.array([encoding.ids], dtype=np.int64),
                    "attention_mask": np.array([encoding.attention_mask], dtype=np.int64),
                    "actor": weights.actor,
                    "moscow": weights.moscow,
                },
            )
            stance.append(np.asarray(outputs[0], dtype=np.float64))
            sentiment.append(np.asarray(outputs[1], dtype=np.float64))
        return np.concatenate(stance), np.concatenate(sentiment)
