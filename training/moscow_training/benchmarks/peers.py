"""What others would use, from units to rows: the straightforward pipeline, SetFit, and a zero-shot model of DeBERTa's size.

Only their speed is measured, and speed does not depend on what the weights or heads have learned: heads are fitted on random labels,
the zero-shot model has random weights. All get the same sentences from the same splitter and matcher, and two threads.
"""

import time
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from moscow_labels.lexicon import default_lexicon
from moscow_labels.records import Unit
from moscow_labels.scheme import STANCES
from moscow_training.weights import DEFAULT_ENCODER, encoder_path

Peer = Callable[[Sequence[Unit]], tuple[NDArray[np.float64], NDArray[np.float64]]]
"""Units -> stance (n, 3) and sentiment (n, 3)."""

BATCH = 32


def straightforward() -> Peer:
    """Return `SentenceTransformer.encode` in fp32 with a scikit-learn head per axis; each sentence is encoded once per call."""
    model, heads = _body(), _heads()

    def score(units: Sequence[Unit]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        texts = list(dict.fromkeys(u.sentence.text for u in units))
        vectors = model.encode(texts, batch_size=BATCH, show_progress_bar=False)
        rows = vectors[_rows(texts, units)]
        return heads[0].predict_proba(rows), heads[1].predict_proba(rows)

    return score


def setfit(*, axes: int = 2) -> Peer:
    """Return SetFit's `predict_proba` around the same encoder. Raises ImportError where it is not installed.

    SetFit tunes a model per task, so that rows with both axes take two models. With one of the `axes` only one is run, and its answer
    stands for both: less than the rows need, shown beside.
    """
    library: Any = import_module("setfit")
    models = [library.SetFitModel(model_body=_body(), model_head=head) for head in _heads()[:axes]]

    def score(units: Sequence[Unit]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        texts = list(dict.fromkeys(u.sentence.text for u in units))
        every = [np.asarray(m.predict_proba(texts, batch_size=BATCH, as_numpy=True, show_progress_bar=False)) for m in models]
        found = [p[_rows(texts, units)] for p in every]
        return found[0], found[-1]

    return score


def zero_shot(units: Sequence[Unit]) -> Callable[[], float]:
    """Return a function that times a DeBERTa-base (v3) with random weights on `units`: seconds a unit.

    The hypotheses name the actor, as they must where a sentence has several: three passes a unit, in one batch.
    """
    import torch
    import transformers

    library: Any = transformers
    config = library.DebertaV2Config(
        vocab_size=128100, hidden_size=768, num_hidden_layers=12, num_attention_heads=12, intermediate_size=3072, relative_attention=True,
        position_buckets=256, norm_rel_ebd="layer_norm", share_att_key=True, pos_att_type=["p2c", "c2p"], max_position_embeddings=512,
        type_vocab_size=0, num_labels=3,
    )  # fmt: skip
    model = library.DebertaV2ForSequenceClassification(config).eval()
    tokenizer = _body().tokenizer
    lexicon = default_lexicon()
    batches: list[Any] = [
        tokenizer(
            [f"{u.sentence.text} {lexicon.actors[u.actor].name}'s stance toward Moscow is {s}." for s in STANCES],
            return_tensors="pt",
            padding=True,
        )
        for u in units
    ]

    def seconds() -> float:
        started = time.perf_counter()
        with torch.inference_mode():
            for batch in batches:
                model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"])
        return (time.perf_counter() - started) / len(units)

    seconds()  # the first pass is slower
    return seconds


def _rows(texts: Sequence[str], units: Sequence[Unit]) -> list[int]:
    place = {text: i for i, text in enumerate(texts)}
    return [place[u.sentence.text] for u in units]


def _body() -> Any:
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(encoder_path(DEFAULT_ENCODER), device="cpu")


def _heads() -> list[Any]:
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(1)
    return [LogisticRegression().fit(rng.normal(size=(60, 384)), np.arange(60) % 3) for _ in range(2)]
