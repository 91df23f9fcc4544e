"""What happens between reading a document and writing its predictions: the language guard, the scorer, what is said of it."""

from collections.abc import Callable
from pathlib import Path

from moscow_labels.records import Document, Unit
from moscow_labels.units import document_units
from moscow_stance.contract import Scorer
from moscow_stance.language import other_language
from moscow_stance.predicting import predictions_of
from moscow_stance.predictions import Prediction

Warn = Callable[[str], None]


def label_document(document: Document, scorer: Scorer, *, where: str, warn: Warn, duplicate_of: str | None = None) -> list[Prediction]:
    """Return a document's predictions, or none with a word of why: another language, or no actor in it."""
    units = units_to_label(document, where=where, warn=warn)
    if not units:
        return []
    stance, sentiment = scorer.probabilities(units)
    return predictions_of(document, units, stance, sentiment, scorer.info, duplicate_of=duplicate_of)


def units_to_label(document: Document, *, where: str, warn: Warn) -> list[Unit]:
    """Return a document's units, or none with a word of why: another language, or no actor in it."""
    name = where if where.startswith("http") or where == "-" else Path(where).name
    if language := other_language(document.text):
        warn(f"{name}: looks like another language ({language}); the model reads English only, so it gives no labels")
        return []
    units = document_units(document)
    if not units:
        warn(f"{name}: names no actor of the lexicon; nothing to label")
    return units
