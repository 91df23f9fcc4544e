"""Judged units to draw and print, made up from a seed: documents of several sentences, sources that differ, a model that is often right."""

import numpy as np

from moscow_labels.scheme import SENTIMENTS, STANCES
from moscow_training.judged import Judged

ACTORS = ("UKR", "BLR", "CHN", "TUR", "KAZ", "EU", "NATO", "GEO")
SOURCES = ("think-tank", "news", "kremlin.ru", "us-press")
SENTENCES = ("Belarus thanked Moscow for the loan.", "Ukraine refused to sign.", "China and Turkey kept every door ajar.")


def judged(n: int = 600, *, axis: str = "stance", documents: int = 120, seed: int = 0, threshold: float = 0.6) -> Judged:
    rng = np.random.default_rng(seed)
    truth = rng.choice(3, size=n, p=[0.15, 0.65, 0.2])
    logits = rng.normal(size=(n, 3)) + 1.8 * np.eye(3)[truth]
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    document = rng.integers(documents, size=n)
    return Judged(
        axis=axis,
        labels=[str(label) for label in (STANCES if axis == "stance" else SENTIMENTS)],
        truth=truth.astype(np.int64),
        p=p,
        threshold=threshold,
        ids=[f"unit-{i:05}" for i in range(n)],
        documents=[f"doc-{d}" for d in document],
        sources=[SOURCES[d % len(SOURCES)] for d in document],
        actors=[ACTORS[a] for a in rng.integers(len(ACTORS), size=n)],
        dates=[f"20{10 + d % 15}-03" for d in document],
        sentences=[SENTENCES[i % len(SENTENCES)] for i in range(n)],
    )


def by_hand(sure: list[float], right: list[bool], documents: list[str] | None = None, *, threshold: float = 0.5) -> Judged:
    """Units of a given confidence in class 0, which the coder shares or not; one document each unless told."""
    n = len(sure)
    first = np.array(sure, dtype=np.float64)
    return Judged(
        axis="stance",
        labels=[str(label) for label in STANCES],
        truth=np.array([0 if hit else 1 for hit in right], dtype=np.int64),
        p=np.stack([first, (1 - first) / 2, (1 - first) / 2], axis=1).reshape(n, 3),
        threshold=threshold,
        ids=[str(i) for i in range(n)],
        documents=documents or [str(i) for i in range(n)],
        sources=["news"] * n,
        actors=["UKR"] * n,
        dates=[""] * n,
        sentences=["Ukraine refused to sign."] * n,
    )
