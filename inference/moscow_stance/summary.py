"""Predictions -> one line per actor."""

from collections.abc import Iterable
from dataclasses import dataclass

from moscow_labels.scheme import Stance
from moscow_stance.predictions import Prediction


@dataclass(frozen=True, slots=True)
class ActorSummary:
    """How one actor comes out over the sentences that name it.

    `supportive`, `neutral`, `hedging` count sentences by likeliest label, those the model is unsure of left out; `unsure` counts
    these. `directed` is the expected share of sentences that are supportive or hedging. `lean` is the sum over all sentences of
    p(supportive) - p(hedging), divided by the sum of both: +1 wholly supportive, -1 wholly hedging.
    """

    actor: str
    sentences: int
    supportive: int
    neutral: int
    hedging: int
    unsure: int
    directed: float
    lean: float

    @property
    def side(self) -> str:
        """Return "supportive", "hedging" or "mixed" by the lean; "neutral" where few sentences have a direction at all."""
        if self.directed < FEW_DIRECTED:
            return Stance.NEUTRAL.value
        if abs(self.lean) < CLEAR_LEAN:
            return "mixed"
        return (Stance.SUPPORTIVE if self.lean > 0 else Stance.HEDGING).value


CLEAR_LEAN = 0.1
"""A lean closer to zero than this is called mixed. Set by eye on the seeds, not estimated: look at the lean itself."""

FEW_DIRECTED = 0.2
"""With a smaller expected share of supportive and hedging sentences than this, an actor is called neutral."""


def summarise(predictions: Iterable[Prediction]) -> list[ActorSummary]:
    """Sum up by actor, the most named first."""
    by_actor: dict[str, list[Prediction]] = {}
    for prediction in predictions:
        by_actor.setdefault(prediction.actor, []).append(prediction)
    found = [_summary(actor, rows) for actor, rows in by_actor.items()]
    return sorted(found, key=lambda s: (-s.sentences, s.actor))


def _summary(actor: str, rows: list[Prediction]) -> ActorSummary:
    sure = [r.stance for r in rows if not r.abstained]
    for_moscow = sum(r.stance_p[Stance.SUPPORTIVE] for r in rows)
    away = sum(r.stance_p[Stance.HEDGING] for r in rows)
    return ActorSummary(
        actor=actor,
        sentences=len(rows),
        supportive=sure.count(Stance.SUPPORTIVE),
        neutral=sure.count(Stance.NEUTRAL),
        hedging=sure.count(Stance.HEDGING),
        unsure=len(rows) - len(sure),
        directed=(for_moscow + away) / len(rows),
        lean=(for_moscow - away) / (for_moscow + away) if for_moscow + away else 0.0,
    )
