"""What every model is to the rest of the project: what it says about itself, and units in, probabilities out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from moscow_labels.records import Unit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Probabilities: TypeAlias = "tuple[NDArray[np.float64], NDArray[np.float64]]"
"""Stance (n, 3) in the order of `STANCES` and sentiment (n, 3) in the order of `SENTIMENTS`."""


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What a model says about itself. Thresholds are the probability of the likeliest label below which it abstains."""

    name: str
    version: str
    digest: str
    stance_threshold: float
    sentiment_threshold: float
    max_tokens: int
    card: Mapping[str, Any] = field(default_factory=dict)

    @property
    def reference(self) -> str:
        """name@version+digest, as every prediction carries it."""
        return f"{self.name}@{self.version}+{self.digest[:8]}"


class Scorer(Protocol):
    """Anything that turns units into probabilities; both forms of a model do."""

    info: ModelInfo

    def probabilities(self, units: Sequence[Unit]) -> Probabilities:
        """Return stance (n, 3) and sentiment (n, 3) for n units. A unit's figures do not depend on the others."""
        ...
