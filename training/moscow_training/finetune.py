"""Fine-tune the encoder on both axes at once: span pooling, two linear heads, cross-entropy; the heads are thrown away.

What is learned is the encoder: how to read who does what to whom. The classifier that stays is scikit-learn's, fitted afterwards
on the tuned features (`training.py`). Rows of one sentence share one pass.
"""

import itertools
import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from moscow_labels.records import Unit
from moscow_stance.metrics import Ints
from moscow_stance.pooling import token_weights
from moscow_training.encoder import Encoder
from moscow_training.school import UNKNOWN

Progress = Callable[[int, int, float], None]
"""Called with steps done, steps in all, and the mean loss of the last steps."""

Judge = Callable[[int, Mapping[str, Ints]], None]
"""Called after each epoch with its number and the classes predicted for the watched units, by axis."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long and how fast to tune. `power` weighs a class by its frequency to the minus power; `head_rate` is the heads' rate."""

    epochs: int = 3
    batch: int = 16
    rate: float = 5e-5
    head_rate: float = 1e-3
    warmup: float = 0.1
    power: float = 0.5
    weight_decay: float = 0.01


def finetune(
    encoder: Encoder,
    units: Sequence[Unit],
    truth: Mapping[str, Ints],
    schedule: Schedule,
    *,
    seed: int,
    progress: Progress,
    watched: Sequence[Unit] = (),
    judge: Judge = lambda epoch, predicted: None,
) -> None:
    """Tune `encoder.model` in place.

    Args:
        encoder: the sentence-transformers model to tune.
        units: n units to learn from.
        truth: axis -> class numbers (n,); `UNKNOWN` where a unit teaches nothing about an axis.
        schedule: how long and how fast.
        seed: decides the order of batches and the heads' first weights.
        progress: called every ten steps.
        watched: units that are not learned from; after each epoch `judge` is told what the tuning heads make of them.
        judge: called after each epoch where there are watched units.
    """
    import torch

    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    by_sentence: dict[str, list[int]] = {}
    for i, unit in enumerate(units):
        by_sentence.setdefault(unit.sentence.text, []).append(i)
    width = 3 * int(encoder.model.get_embedding_dimension() or 0)
    heads = torch.nn.ModuleDict({axis: torch.nn.Linear(width, 3) for axis in truth})
    losses = {
        axis: torch.nn.CrossEntropyLoss(weight=_class_weights(t, schedule.power), reduction="none", ignore_index=UNKNOWN)
        for axis, t in truth.items()
    }
    optimiser = torch.optim.AdamW(
        [{"params": encoder.model.parameters(), "lr": schedule.rate}, {"params": heads.parameters(), "lr": schedule.head_rate}],
        weight_decay=schedule.weight_decay,
    )
    epochs = [_batches(list(by_sentence), schedule.batch, seed + epoch) for epoch in range(schedule.epochs)]
    batches = [batch for epoch in epochs for batch in epoch]
    ends = dict(zip(itertools.accumulate(map(len, epochs)), range(1, schedule.epochs + 1), strict=True))
    planner = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _rate(step, len(batches), schedule.warmup))
    encoder.model.train()
    recent: list[float] = []
    for step, texts in enumerate(batches, 1):
        rows, features = _pooled(encoder, texts, by_sentence, units)
        loss = torch.zeros(())
        for axis, head in heads.items():
            loss = loss + losses[axis](head(features), torch.tensor(truth[axis][rows])).mean()
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(encoder.model.parameters(), 1.0)
        optimiser.step()
        planner.step()
        recent.append(float(loss.detach()))
        if step % 10 == 0 or step == len(batches):
            progress(step, len(batches), float(np.mean(recent[-50:])))
        if watched and step in ends:
            judge(ends[step], _predicted(encoder, heads, watched))
    encoder.model.eval()


def _predicted(encoder: Encoder, heads: Any, units: Sequence[Unit]) -> dict[str, Ints]:
    """Return the tuning heads' classes for `units`, by axis; the encoder goes back to training afterwards."""
    import torch

    encoder.model.eval()
    features = torch.from_numpy(encoder.features(units))
    with torch.inference_mode():
        found = {axis: np.asarray(head(features).argmax(dim=1).numpy(), dtype=np.int64) for axis, head in heads.items()}
    encoder.model.train()
    return found


def _pooled(encoder: Encoder, texts: Sequence[str], by_sentence: Mapping[str, list[int]], units: Sequence[Unit]) -> tuple[list[int], Any]:
    """Return the row numbers of the batch's units and their features (rows, 3 x width), with gradients."""
    import torch

    encoded: Any = encoder.tokenizer(
        list(texts), padding=True, truncation=True, max_length=encoder.max_tokens, return_offsets_mapping=True, return_tensors="pt"
    )
    offsets = encoded.pop("offset_mapping")
    tokens = encoder.model.forward(dict(encoded))["token_embeddings"]
    rows: list[int] = []
    features = []
    for i, text in enumerate(texts):
        length = int(encoded["attention_mask"][i].sum())
        mine = by_sentence[text]
        weights = token_weights([units[r] for r in mine], [(int(s), int(e)) for s, e in offsets[i, :length].tolist()])
        vectors = tokens[i, :length]
        mean = vectors.mean(dim=0, keepdim=True).expand(len(mine), -1)
        features.append(torch.cat([mean, torch.from_numpy(weights.actor) @ vectors, torch.from_numpy(weights.moscow) @ vectors], dim=1))
        rows.extend(mine)
    return rows, torch.cat(features)


def _batches(texts: list[str], size: int, seed: int) -> list[list[str]]:
    """Return shuffled batches of sentences of like length, so that little padding is computed."""
    lottery = random.Random(seed)  # noqa: S311 - not for secrets
    lottery.shuffle(texts)
    pools = [sorted(texts[at : at + 50 * size], key=len) for at in range(0, len(texts), 50 * size)]
    batches = [pool[at : at + size] for pool in pools for at in range(0, len(pool), size)]
    lottery.shuffle(batches)
    return batches


def _class_weights(truth: Ints, power: float) -> Any:
    import torch

    known = truth[truth != UNKNOWN]
    share = np.maximum(np.bincount(known, minlength=3), 1) / max(1, len(known))
    weights = share**-power
    return torch.tensor(weights / (weights * share).sum(), dtype=torch.float32)


def _rate(step: int, steps: int, warmup: float) -> float:
    ramp = max(1, math.ceil(warmup * steps))
    return (step + 1) / ramp if step < ramp else max(0.0, (steps - step) / max(1, steps - ramp))
