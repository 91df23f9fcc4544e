"""From character spans to token weights: which word pieces are the actor's and which are Moscow's.

Training and scoring share this file, so that both forms of a model read the same tokens.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from moscow_labels.records import Span, Unit

Offsets = Sequence[tuple[int, int]]
"""One (start, end) per token, in characters of the sentence; special tokens are (0, 0)."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Averaging weights over a sentence's tokens, one row per unit; a row sums to one, or to zero where there is no token."""

    actor: NDArray[np.float32]
    moscow: NDArray[np.float32]


def token_weights(units: Sequence[Unit], offsets: Offsets) -> Weights:
    """Return weights of shape (units, tokens) for the units of one sentence.

    An actor that has no token left (the sentence was cut at the encoder's limit, or the actor was not located) is read off the
    whole sentence: its row averages over every token.
    """
    actor = np.stack([_mean_over(u.mentions, offsets) for u in units])
    missing = actor.sum(axis=1) == 0
    actor[missing] = 1.0 / len(offsets)
    moscow = np.stack([_mean_over(u.moscow, offsets) for u in units])
    return Weights(actor, moscow)


def _mean_over(spans: Sequence[Span], offsets: Offsets) -> NDArray[np.float32]:
    inside = np.array([float(any(s < span.end and span.start < e for span in spans)) for s, e in offsets], dtype=np.float32)
    total = inside.sum()
    return inside / total if total else inside
