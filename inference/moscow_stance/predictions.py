"""The record that leaves the project: one prediction per unit, one JSON object per line."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

SCHEMA = 1
"""Version of the output record; it grows when a field changes its meaning."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """One scored unit. Offsets count characters of the document's text; probabilities sum to one.

    `stance` and `sentiment` are always the likeliest label; `abstained` says that the model is not sure enough of it.
    `model` is name@version+digest. `extra` holds input fields that the project does not know.
    """

    doc_id: str
    source: str
    title: str
    published: str
    url: str
    sentence_no: int
    start: int
    end: int
    sentence: str
    actor: str
    mention: str
    mention_start: int
    mention_end: int
    stance: str
    stance_p: Mapping[str, float]
    abstained: bool
    sentiment: str
    sentiment_p: Mapping[str, float]
    sentiment_abstained: bool
    duplicate_of: str | None
    model: str
    schema: int = SCHEMA
    extra: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return the record as plain JSON types, in the order of the contract; an empty `extra` is left out."""
        record: dict[str, Any] = {f.name: getattr(self, f.name) for f in fields(self)}
        record["stance_p"], record["sentiment_p"] = dict(self.stance_p), dict(self.sentiment_p)
        if self.extra:
            record["extra"] = dict(self.extra)
        else:
            del record["extra"]
        return record
