"""Predictions as JSON lines and as flat CSV rows."""

import json
from dataclasses import fields
from typing import Any

from moscow_labels.scheme import SENTIMENTS, STANCES
from moscow_stance.predictions import Prediction


def to_json(prediction: Prediction, *, indent: int | None = None) -> str:
    """Return the record as JSON. Control characters and lone surrogates are escaped, so a line stays one line anywhere."""
    text = json.dumps(prediction.as_dict(), ensure_ascii=False, indent=indent, default=str)
    return "".join(c if c.isprintable() or (indent and c == "\n") else _escape(c) for c in text)


def _escape(char: str) -> str:
    return json.dumps(char)[1:-1]


CSV_COLUMNS: tuple[str, ...] = tuple(
    column
    for f in fields(Prediction)
    for column in (
        [f"stance_p_{s}" for s in STANCES]
        if f.name == "stance_p"
        else [f"sentiment_p_{s}" for s in SENTIMENTS]
        if f.name == "sentiment_p"
        else [f.name]
    )
)
"""Columns of the CSV form: the contract's fields in order, probabilities spread over one column per label."""


def to_row(prediction: Prediction) -> dict[str, Any]:
    """Return the record as one flat CSV row; `extra` is JSON. Cells that a spreadsheet would run as a formula are quoted."""
    record = prediction.as_dict()
    flat: dict[str, Any] = {}
    for name, value in record.items():
        if name in ("stance_p", "sentiment_p"):
            flat.update({f"{name}_{label}": p for label, p in value.items()})
        elif name == "extra":
            flat[name] = json.dumps(value, ensure_ascii=False, default=str)
        else:
            flat[name] = _cell(value)
    return flat


def _cell(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    safe = "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in value)
    return "'" + safe if safe.startswith(("=", "+", "-", "@", "\t")) else safe
