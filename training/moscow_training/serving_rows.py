"""What the serving flavour takes and gives: its schema, its example, and the way from rows to answers."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from moscow_labels.errors import LabelError
from moscow_labels.records import Unit
from moscow_stance.evaluation import located_unit
from moscow_stance.model import Scorer
from moscow_training.data import AXES

if TYPE_CHECKING:
    import pandas as pd

EXAMPLE = {
    "sentence": "Minsk thanked Moscow for the loan, but Yerevan refused to sign.",
    "actor": "BLR",
    "mention_start": 0.0,
    "mention_end": 5.0,
    "prev": "",
    "published": "2024-05-02",
}
INPUTS = {"sentence": ("string", True), "actor": ("string", True), "mention_start": ("double", False), "mention_end": ("double", False)}
INPUTS |= {"prev": ("string", False), "published": ("string", False)}
"""Column -> its MLflow type and whether a request must have it. Offsets are doubles, for MLflow has no integers that may be missing."""


def signature() -> Any:
    """Return the MLflow signature of the serving flavour."""
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, Schema

    outputs: list[Any] = []
    for axis, labels in AXES.items():
        outputs += [ColSpec("string", axis), *(ColSpec("double", f"{axis}_p_{label}") for label in labels)]
        outputs.append(ColSpec("boolean", f"{axis}_abstained"))
    outputs.append(ColSpec("boolean", "located"))
    inputs: list[Any] = [ColSpec(kind, name, required=needed) for name, (kind, needed) in INPUTS.items()]
    return ModelSignature(inputs=Schema(inputs), outputs=Schema(outputs))


def located_units(frame: "pd.DataFrame") -> tuple[list[Unit], list[bool]]:
    """Return a request's units, and of each whether its actor was found in the sentence. Raises LabelError that names the row."""
    units, located = [], []
    for number, row in enumerate(frame.to_dict(orient="records")):
        unit, found = located_unit(_record(row, f"row {number}"), f"row {number}")
        units.append(unit)
        located.append(found)
    return units, located


def _record(row: Mapping[Any, Any], where: str) -> dict[str, Any]:
    """Return a row as a record, without what is missing in it."""
    record: dict[str, Any] = {name: value for name in INPUTS if _is_there(value := row.get(name))}
    for name in ("sentence", "actor"):
        if not isinstance(record.get(name), str) or not record[name].strip():
            raise LabelError(
                f"{where}: {name} is missing or no text; each row needs a sentence and an actor (a code such as ARM, or a name)"
            )
    for name in ("mention_start", "mention_end"):
        if name in record and not float(record[name]).is_integer():
            raise LabelError(f"{where}: {name} {record[name]} is no whole number")
    return {name: int(value) if name.startswith("mention_") else value for name, value in record.items()}


def _is_there(value: Any) -> bool:
    return value is not None and not (isinstance(value, float) and value != value)  # noqa: PLR0124 - NaN is what pandas has for missing


def answer(units: Sequence[Unit], located: Sequence[bool], scorer: Scorer) -> list[dict[str, Any]]:
    """Return the rows of an answer, one per unit."""
    if not units:
        return []
    thresholds: Mapping[str, float] = {"stance": scorer.info.stance_threshold, "sentiment": scorer.info.sentiment_threshold}
    rows: list[dict[str, Any]] = [{} for _ in units]
    for (axis, labels), p in zip(AXES.items(), scorer.probabilities(units), strict=True):
        for row, values in zip(rows, p, strict=True):
            row[axis] = str(labels[int(values.argmax())])
            row |= {f"{axis}_p_{label}": float(value) for label, value in zip(labels, values, strict=True)}
            row[f"{axis}_abstained"] = bool(values.max() < thresholds[axis])
    for row, found in zip(rows, located, strict=True):
        row["located"] = found
    return rows
