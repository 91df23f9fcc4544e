"""Units -> features: mean of the sentence, mean of the actor's tokens, mean of Moscow's, by sentence-transformers."""

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from moscow_labels.errors import ModelError
from moscow_labels.records import Unit
from moscow_stance.pooling import token_weights
from moscow_training.weights import encoder_path, encoder_revision

BATCH = 64
MAX_TOKENS = 256
VECTORS = ("mean", "actor", "moscow")
"""The three vectors of a unit, in order: the sentence's mean, the mean of the actor's tokens, that of Moscow's."""

Features = NDArray[np.float32]


class Encoder:
    """A sentence-transformers model that also gives its token vectors.

    `name` is a hub name or a folder (safetensors only). `revision` identifies the weights; tuning must renew it. `columns`, (3 x width,),
    is 1 for the features that `pooling` reads ("all", or vectors' names joined by +) and 0 for the others, which come out as zeros. Of its
    layers only the lowest `layers` are kept; 0 keeps all.
    """

    def __init__(self, name: str, *, max_tokens: int = MAX_TOKENS, pooling: str = "all", layers: int = 0) -> None:
        import transformers
        from sentence_transformers import SentenceTransformer

        transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        self.name, self.revision, self.max_tokens = name, encoder_revision(name), max_tokens
        try:
            self.model = SentenceTransformer(
                encoder_path(name), device="cpu", trust_remote_code=False, model_kwargs={"use_safetensors": True}
            )
        except (OSError, ValueError) as error:
            raise ModelError(f"--encoder {name}: cannot be loaded ({str(error).splitlines()[0]}); name a safetensors model") from error
        self.tokenizer = self.model.tokenizer
        if not getattr(self.tokenizer, "is_fast", False):
            raise ModelError(f"--encoder {name}: its tokenizer gives no character offsets; name a model with a fast tokenizer")
        if layers:
            self._cut(layers)
        wanted = VECTORS if pooling == "all" else pooling.split("+")
        width = int(self.model.get_embedding_dimension() or 0)
        self.columns = np.repeat(np.array([float(vector in wanted) for vector in VECTORS], dtype=np.float32), width)

    def _cut(self, layers: int) -> None:
        body: Any = self.model[0].auto_model
        stack = getattr(getattr(body, "encoder", None), "layer", ())
        if not 1 <= layers <= len(stack):
            raise ModelError(f"{self.name}: layers={layers} cannot be kept; known are {len(stack)}")
        body.encoder.layer = stack[:layers]
        body.config.num_hidden_layers = layers
        self.revision = f"{self.revision}-{layers}"

    def features(self, units: Sequence[Unit], progress: Callable[[int, int], None] = lambda done, total: None) -> Features:
        """Return (units, 3 x width) float32: sentence mean, actor mean, Moscow mean (zeros where Moscow is not named)."""
        by_sentence: dict[str, list[int]] = {}
        for i, unit in enumerate(units):
            by_sentence.setdefault(unit.sentence.text, []).append(i)
        texts = sorted(by_sentence, key=len, reverse=True)
        rows: list[Features | None] = [None] * len(units)
        for at in range(0, len(texts), BATCH):
            batch = texts[at : at + BATCH]
            for text, tokens, offsets in self._tokens(batch):
                indices = by_sentence[text]
                pooled = pool(tokens, [units[i] for i in indices], offsets)
                for i, row in zip(indices, pooled, strict=True):
                    rows[i] = row
            progress(min(at + BATCH, len(texts)), len(texts))
        return np.stack([r for r in rows if r is not None]) * self.columns

    def _tokens(self, texts: Sequence[str]) -> list[tuple[str, Features, list[tuple[int, int]]]]:
        import torch

        encoded: Any = self.tokenizer(
            list(texts), padding=True, truncation=True, max_length=self.max_tokens, return_offsets_mapping=True, return_tensors="pt"
        )
        offsets = encoded.pop("offset_mapping")
        with torch.inference_mode():
            vectors = self.model.forward(dict(encoded))["token_embeddings"]
        lengths = encoded["attention_mask"].sum(dim=1).tolist()
        return [
            (text, vectors[i, :n].float().numpy(), [(int(s), int(e)) for s, e in offsets[i, :n].tolist()])
            for i, (text, n) in enumerate(zip(texts, lengths, strict=True))
        ]


def pool(tokens: Features, units: Sequence[Unit], offsets: Sequence[tuple[int, int]]) -> Features:
    """Pool one sentence's token vectors (tokens, width) for its units into (units, 3 x width)."""
    weights = token_weights(units, offsets)
    sentence = np.broadcast_to(tokens.mean(axis=0), (len(units), tokens.shape[1]))
    return np.concatenate([sentence, weights.actor @ tokens, weights.moscow @ tokens], axis=1).astype(np.float32)


def cached_features(
    encoder: Encoder, units: Sequence[Unit], cache: Path | None, progress: Callable[[int, int], None] = lambda done, total: None
) -> Features:
    """Return `encoder.features(units)`, from `cache` where the same encoder, revision, length, texts and spans were read before."""
    if cache is None:
        return encoder.features(units, progress)
    described = [(u.sentence.text, [(s.start, s.end) for s in u.mentions], [(s.start, s.end) for s in u.moscow]) for u in units]
    what = [encoder.name, encoder.revision, encoder.max_tokens, encoder.columns.tolist(), described]
    key = hashlib.sha256(json.dumps(what).encode()).hexdigest()[:24]
    path = cache / f"{key}.npy"
    if path.is_file():
        progress(1, 1)
        found: Features = np.load(path, allow_pickle=False)
        return found
    features = encoder.features(units, progress)
    cache.mkdir(parents=True, exist_ok=True)
    np.save(path, features, allow_pickle=False)
    return features
