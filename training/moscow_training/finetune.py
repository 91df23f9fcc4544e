"""Fine-tune the encoder: span pooling, a linear head per axis that is thrown away afterwards, several passes over the units.

What is learned is the encoder: how to read who does what to whom. The classifier that stays is scikit-learn's, fitted afterwards
on the tuned features (`training.py`). Rows of one sentence share one pass.
"""

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from moscow_labels.records import Unit
from moscow_stance.metrics import Ints
from moscow_stance.pooling import token_weights
from moscow_training.checkpoint import Checkpoint
from moscow_training.encoder import Encoder
from moscow_training.head import KINDS, OURS
from moscow_training.objectives import OBJECTIVES, class_weights, contrast, cross_entropy

__all__ = ["OBJECTIVES", "Lot", "Progress", "Schedule", "finetune"]

Progress = Callable[[int, int, float], None]
"""Called with steps done, steps in all, and the mean loss of the last steps."""

Judge = Callable[[int, Mapping[str, Ints]], None]
"""Called after each epoch with its number and the classes predicted for the watched units, by axis."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long and how fast to tune.

    `power` weighs a class by its frequency to the minus power; `head_rate` is the heads' rate; `decay` is the factor of the rate from a
    layer to the one below; with `average` the encoder ends as the mean of its weights after each step of the second half.
    """

    epochs: int = 3
    batch: int = 16
    rate: float = 5e-5
    head_rate: float = 1e-3
    warmup: float = 0.1
    power: float = 0.5
    weight_decay: float = 0.01
    decay: float = 1.0
    objective: str = "cross-entropy"
    average: bool = False


@dataclass(frozen=True, slots=True)
class Lot:
    """Units to learn from, n of them.

    `truth` is axis -> class numbers (n,), `UNKNOWN` where a unit teaches nothing about an axis. `kinds` says what kind of text each unit
    is (`head.OURS` and the others, (n,)), as every kind keeps class priors of its own; None where all are one kind. `varied`, given an
    epoch's number, returns the n units as that epoch reads them. Of the units from number `repeated` on (public ones, behind our own)
    each epoch draws `share`.
    """

    units: Sequence[Unit]
    truth: Mapping[str, Ints]
    kinds: Ints | None = None
    varied: Callable[[int], Sequence[Unit]] | None = None
    repeated: int | None = None
    share: float = 1.0

    def epoch(self, number: int, seed: int) -> tuple[Sequence[Unit], dict[str, list[int]]]:
        """Return the units of an epoch, and sentence -> the numbers of its units."""
        units = self.varied(number) if self.varied else self.units
        by_sentence: dict[str, list[int]] = {}
        for i, unit in enumerate(units):
            by_sentence.setdefault(unit.sentence.text, []).append(i)
        if self.repeated is not None:
            public = sorted(text for text, rows in by_sentence.items() if min(rows) >= self.repeated)
            lottery = random.Random(f"{seed}|{number}|public")  # noqa: S311 - not for secrets
            for text in lottery.sample(public, len(public) - round(self.share * len(public))):
                del by_sentence[text]
        return units, by_sentence


@dataclass(slots=True)
class _Plan:
    """The batches of all epochs: for each the epoch's units, the sentences, and which rows are whose."""

    batches: list[tuple[Sequence[Unit], dict[str, list[int]], list[str]]] = field(default_factory=list)
    ends: dict[int, int] = field(default_factory=dict)


def finetune(
    encoder: Encoder,
    lot: Lot,
    schedule: Schedule,
    *,
    seed: int,
    progress: Progress,
    watched: Sequence[Unit] = (),
    judge: Judge = lambda epoch, predicted: None,
    checkpoint: Checkpoint = Checkpoint(None),  # noqa: B008 - frozen
) -> None:
    """Tune `encoder.model` in place.

    Args:
        encoder: the sentence-transformers model to tune.
        lot: what to learn from.
        schedule: how long and how fast.
        seed: decides the order of batches and the heads' first weights.
        progress: called every ten steps.
        watched: units that are not learned from; after each epoch `judge` is told what the tuning heads make of them.
        judge: called after each epoch where there are watched units.
        checkpoint: where the state is kept now and then; a tuning that was killed goes on from there with the same result.
    """
    import torch

    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    width = 3 * int(encoder.model.get_embedding_dimension() or 0)
    heads = torch.nn.ModuleDict({axis: torch.nn.Linear(width, 3) for axis in lot.truth})
    priors = _priors(lot)
    weights = {axis: class_weights(truth, schedule.power) for axis, truth in lot.truth.items()}
    optimiser = torch.optim.AdamW(_groups(encoder, [heads, priors], schedule), weight_decay=schedule.weight_decay)
    plan = _plan(lot, schedule, seed)
    rates = [group["lr"] for group in optimiser.param_groups]
    modules, averages = {"encoder": encoder.model, "heads": heads, "priors": priors}, dict[str, Any]()
    encoder.model.train()
    done = checkpoint.restore(modules, optimiser, averages)
    recent: list[float] = []
    for step, (units, by_sentence, texts) in enumerate(plan.batches[done:], done + 1):
        for group, rate in zip(optimiser.param_groups, rates, strict=True):
            group["lr"] = rate * _ramp(step - 1, len(plan.batches), schedule.warmup)
        rows, features = _pooled(encoder, texts, by_sentence, units)
        loss = torch.zeros(())
        for axis, head in heads.items():
            truth = torch.tensor(lot.truth[axis][rows])
            if schedule.objective == "contrastive":
                loss = loss + contrast(features, truth, weights[axis])
            else:
                scores = head(features) if lot.kinds is None else head(features) + priors[axis](torch.tensor(lot.kinds[rows]))
                loss = loss + cross_entropy(scores, truth, weights[axis])
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(encoder.model.parameters(), 1.0)
        optimiser.step()
        if schedule.average and step > len(plan.batches) // 2:
            _add_to_average(averages, encoder.model, step - len(plan.batches) // 2)
        recent.append(float(loss.detach()))
        if step % 10 == 0 or step == len(plan.batches):
            progress(step, len(plan.batches), float(np.mean(recent[-50:])))
        if watched and step in plan.ends:
            judge(plan.ends[step], _predicted(encoder, heads, watched))
        if checkpoint.due(step):
            checkpoint.save(step, modules, optimiser, averages)
    if averages:
        encoder.model.load_state_dict({**encoder.model.state_dict(), **averages})
    encoder.model.eval()
    checkpoint.clear()


def _plan(lot: Lot, schedule: Schedule, seed: int) -> _Plan:
    plan = _Plan()
    for number in range(schedule.epochs):
        units, by_sentence = lot.epoch(number, seed)
        batches = _batches(list(by_sentence), schedule.batch, seed + number)
        plan.batches += [(units, by_sentence, texts) for texts in batches]
        plan.ends[len(plan.batches)] = number + 1
    return plan


def _priors(lot: Lot) -> Any:
    """Return for each axis what is added to the scores of a kind of text, nothing for `OURS`; empty where all are one kind."""
    import torch

    made: Any = torch.nn.Embedding.from_pretrained  # zeros, and no lot is drawn for them
    tables = {axis: made(torch.zeros(KINDS, 3), freeze=False, padding_idx=OURS) for axis in lot.truth if lot.kinds is not None}
    return torch.nn.ModuleDict(tables)


def _groups(encoder: Encoder, heads: Sequence[Any], schedule: Schedule) -> list[dict[str, Any]]:
    """Return the optimiser's groups: the encoder layer by layer, the topmost at the full rate, and the heads with their priors."""
    layers: dict[int, list[Any]] = {}  # the embeddings are below layer 0
    for name, parameter in encoder.model.named_parameters():
        at = name.partition(".layer.")[2].partition(".")[0]
        layers.setdefault(int(at) if at else -1, []).append(parameter)
    top = max(layers)
    groups = [{"params": found, "lr": schedule.rate * schedule.decay ** (top - layer)} for layer, found in sorted(layers.items())]
    return [*groups, {"params": [p for head in heads for p in head.parameters()], "lr": schedule.head_rate}]


def _add_to_average(averages: dict[str, Any], model: Any, count: int) -> None:
    for name, parameter in model.named_parameters():
        value = parameter.detach()
        averages[name] = averages[name] + (value - averages[name]) / count if name in averages else value.clone()


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
    return rows, torch.cat(features) * torch.from_numpy(encoder.columns)


def _batches(texts: list[str], size: int, seed: int) -> list[list[str]]:
    """Return shuffled batches of sentences of like length, so that little padding is computed."""
    lottery = random.Random(seed)  # noqa: S311 - not for secrets
    lottery.shuffle(texts)
    pools = [sorted(texts[at : at + 50 * size], key=len) for at in range(0, len(texts), 50 * size)]
    batches = [pool[at : at + size] for pool in pools for at in range(0, len(pool), size)]
    lottery.shuffle(batches)
    return batches


def _ramp(step: int, steps: int, warmup: float) -> float:
    """Return the factor of the learning rate at a step (from 0): up in a straight line, then down to nothing."""
    ramp = max(1, math.ceil(warmup * steps))
    return (step + 1) / ramp if step < ramp else max(0.0, (steps - step) / max(1, steps - ramp))
