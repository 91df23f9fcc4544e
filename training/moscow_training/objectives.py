"""What tuning minimises: cross-entropy of a linear head, or supervised contrast of the pooled vectors (Khosla et al. 2020)."""

from typing import Any

from moscow_stance.metrics import Ints

UNKNOWN = -1
"""Class number of an axis that a unit teaches nothing about; no loss is counted for it."""

OBJECTIVES = ("cross-entropy", "contrastive")
TEMPERATURE = 0.1


def class_weights(truth: Ints, power: float) -> Any:
    """Return a weight for each of the three classes: its frequency to the minus `power`, one on average over the rows."""
    import numpy as np
    import torch

    known = truth[truth != UNKNOWN]
    share = np.maximum(np.bincount(known, minlength=3), 1) / max(1, len(known))
    weights = share**-power
    return torch.tensor(weights / (weights * share).sum(), dtype=torch.float32)


def cross_entropy(scores: Any, truth: Any, weights: Any) -> Any:
    """Return the loss of a batch: scores (n, 3), class numbers (n,); rows of `UNKNOWN` count as no loss."""
    import torch

    losses = torch.nn.functional.cross_entropy(scores, truth, weight=weights, reduction="none", ignore_index=UNKNOWN)
    return losses.mean()


def contrast(features: Any, truth: Any, weights: Any) -> Any:
    """Return the supervised contrastive loss of a batch; rows without a partner of their class, or of `UNKNOWN`, count as no loss."""
    import torch

    kept = truth != UNKNOWN
    vectors, classes = torch.nn.functional.normalize(features[kept], dim=1), truth[kept]
    if len(classes) < 2:
        return features.sum() * 0
    others = ~torch.eye(len(classes), dtype=torch.bool)
    scores = (vectors @ vectors.T / TEMPERATURE).masked_fill(~others, -1e9)
    log_p = scores - torch.logsumexp(scores, dim=1, keepdim=True)
    same = (classes[:, None] == classes[None, :]) & others
    partners = same.sum(dim=1)
    losses = -(log_p * same).sum(dim=1) / partners.clamp(min=1)
    return (losses * weights[classes] * (partners > 0)).mean()
