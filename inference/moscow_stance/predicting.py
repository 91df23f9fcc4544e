"""Documents -> predictions."""

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from moscow_labels.matching import Matcher
from moscow_labels.records import Document, Unit
from moscow_labels.scheme import SENTIMENTS, STANCES
from moscow_labels.units import document_units
from moscow_stance.contract import ModelInfo, Scorer
from moscow_stance.model import load_model
from moscow_stance.predictions import Prediction
from moscow_stance.reading.records import text_id


def score_text(text: str, *, published: str = "", speaker: str = "", scorer: Scorer | None = None) -> list[Prediction]:
    """Score one text with the shipped model (loaded once per process) or with `scorer`; a prediction per sentence and actor, in order.

    Args:
        text: English news or policy text; offsets in the predictions count its characters.
        published: when it appeared ("2022", "2022-11-23"): tells leaders of one name apart.
        speaker: whose "we" it is, an actor's code or name ("ARM", "Armenia").
        scorer: another model, from `load_model`.

    >>> for p in score_text("Minsk thanked Moscow for the loan."):
    ...     print(p.actor, p.stance)
    BLR supportive
    """
    return predict(Document(text_id(text), text, published=published, speaker=speaker), scorer or _shipped_model())


@cache
def _shipped_model() -> Scorer:
    return load_model()


def predict(document: Document, scorer: Scorer, matcher: Matcher | None = None, *, duplicate_of: str | None = None) -> list[Prediction]:
    """Score every unit of a document, in order. A document that names no actor gives an empty list."""
    units = document_units(document, matcher)
    if not units:
        return []
    stance, sentiment = scorer.probabilities(units)
    return predictions_of(document, units, stance, sentiment, scorer.info, duplicate_of=duplicate_of)


def predictions_of(
    document: Document,
    units: Sequence[Unit],
    stance: NDArray[np.float64],
    sentiment: NDArray[np.float64],
    info: ModelInfo,
    *,
    duplicate_of: str | None = None,
) -> list[Prediction]:
    """Make the records of a document's n units from their probabilities (n, 3) and (n, 3)."""
    return [_prediction(document, unit, stance[i], sentiment[i], info, duplicate_of) for i, unit in enumerate(units)]


def _prediction(
    document: Document, unit: Unit, stance: NDArray[np.float64], sentiment: NDArray[np.float64], info: ModelInfo, duplicate_of: str | None
) -> Prediction:
    mention = unit.mention
    return Prediction(
        doc_id=document.id,
        source=document.source,
        title=document.title,
        published=document.published,
        url=document.url,
        sentence_no=unit.sentence.number,
        start=unit.sentence.span.start,
        end=unit.sentence.span.end,
        sentence=unit.sentence.text,
        actor=unit.actor,
        mention=mention.of(document.text),
        mention_start=mention.start,
        mention_end=mention.end,
        stance=STANCES[int(stance.argmax())],
        stance_p=as_mapping(STANCES, stance),
        abstained=bool(stance.max() < info.stance_threshold),
        sentiment=SENTIMENTS[int(sentiment.argmax())],
        sentiment_p=as_mapping(SENTIMENTS, sentiment),
        sentiment_abstained=bool(sentiment.max() < info.sentiment_threshold),
        duplicate_of=duplicate_of,
        model=info.reference,
        extra=document.extra,
    )


def as_mapping(labels: Sequence[str], p: NDArray[np.float64]) -> dict[str, float]:
    """Return label -> probability, rounded to six digits."""
    return {str(label): round(float(value), 6) for label, value in zip(labels, p, strict=True)}
