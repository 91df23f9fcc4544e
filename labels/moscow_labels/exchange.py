"""Labelled units in other tools' forms and back without loss: Label Studio JSON, doccano JSONL, CSV.

Every form carries the whole row in a field of its own, so that what a tool does not understand comes back as it went. What a person
changes there (stance, sentiment, kind, note) is read from the tool's own fields and wins. Other people's sentences travel with the
export, for a coder must read them; `import_rows` leaves them out again.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from moscow_labels.errors import LabelError
from moscow_labels.rows import LabelRow, parse_row
from moscow_labels.texts import Hydrated

CHANGEABLE = ("stance", "sentiment", "kind", "rule", "doubt", "note", "coder")
"""Fields that a coder may set; every other field of a row is the unit itself."""

CSV_FIELDS = ("id", "prev", "sentence", "actor", "mention", *CHANGEABLE, "row")
FORMS = ("label-studio", "doccano", "csv")


def export_rows(rows: Iterable[Hydrated], form: str, *, blank: bool = False) -> str:
    """Return rows in `form` ("label-studio", "doccano" or "csv"). `blank` leaves the labels out, for coders who must not see them."""
    return _EXPORT[form](list(rows), blank)


def import_rows(data: str, form: str, where: str, *, coder: str = "", batch: str = "") -> list[LabelRow]:
    """Read rows back; `coder` and `batch`, where given, replace those of the rows. Raises LabelError that says which record."""
    rows = []
    for number, (row, changes) in enumerate(_IMPORT[form](data, where), 1):
        place = f"{where}: record {number}"
        if not isinstance(row, dict):
            raise LabelError(f"{place}: has no `row`; import a file that `stance labels export` or `sample` wrote")
        changed = {name: changes[name] for name in CHANGEABLE if changes.get(name) is not None}
        if changed.get("stance", row.get("stance")) != "hedging":
            changed["kind"] = ""
        extra = {name: value for name, value in {"coder": coder, "batch": batch}.items() if value}
        rows.append(parse_row(json.dumps({**row, **changed, **extra}), place))
    return rows


def _record(h: Hydrated, blank: bool) -> dict[str, Any]:
    row = h.row.model_dump(mode="json")
    if blank:
        row |= {"stance": None, "sentiment": None, "kind": "", "rule": 0, "doubt": False, "note": "", "coder": ""}
    return row


def _mention(h: Hydrated) -> str:
    start, end = h.row.mentions[0]
    return h.sentence[start:end]


def _to_label_studio(rows: list[Hydrated], blank: bool) -> str:
    return json.dumps([_task(h, blank) for h in rows], ensure_ascii=False, indent=1) + "\n"


def _task(h: Hydrated, blank: bool) -> dict[str, Any]:
    row = _record(h, blank)
    data = {"text": h.sentence, "prev": h.prev, "actor": h.row.actor, "mention": _mention(h), "row": row}
    if blank:
        return {"data": data}
    choices = [
        {"from_name": name, "to_name": "text", "type": "choices", "value": {"choices": [row[name]]}}
        for name in ("stance", "sentiment", "kind")
        if row[name]
    ]
    return {"data": data, "annotations": [{"result": choices, "completed_by": row["coder"]}]}


def _from_label_studio(data: str, where: str) -> Iterable[tuple[Any, Mapping[str, Any]]]:
    for task in _json(data, where):
        changes: dict[str, Any] = {}
        for annotation in (task.get("annotations") or [])[-1:]:
            for result in annotation.get("result", []):
                values = result.get("value", {})
                found = values.get("choices") or values.get("text")
                if found and result.get("from_name") in CHANGEABLE:
                    changes[result["from_name"]] = found[0] if isinstance(found, list) else found
        yield task.get("data", {}).get("row"), changes


def _to_doccano(rows: list[Hydrated], blank: bool) -> str:
    lines = []
    for h in rows:
        row = _record(h, blank)
        labels = [] if blank else [f"{name}:{row[name]}" for name in ("stance", "sentiment", "kind") if row[name]]
        lines.append({"text": f"[{h.row.actor}: {_mention(h)}] {h.sentence}", "label": labels, "prev": h.prev, "row": row})
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def _from_doccano(data: str, where: str) -> Iterable[tuple[Any, Mapping[str, Any]]]:
    for number, line in enumerate(filter(str.strip, data.splitlines()), 1):
        record = _json(line, f"{where}:{number}")
        labels = dict(label.partition(":")[::2] for label in record.get("label", []))
        yield record.get("row", record.get("meta", {}).get("row")), labels


def _to_csv(rows: list[Hydrated], blank: bool) -> str:
    out = io.StringIO()
    table: csv.DictWriter[str] = csv.DictWriter(out, CSV_FIELDS, lineterminator="\n")
    table.writeheader()
    for h in rows:
        row = _record(h, blank)
        table.writerow(
            {"id": h.row.id, "prev": h.prev, "sentence": h.sentence, "actor": h.row.actor, "mention": _mention(h)}
            | {name: "" if blank else row[name] for name in CHANGEABLE}
            | {"row": json.dumps(row, ensure_ascii=False)}
        )
    return out.getvalue()


def _from_csv(data: str, where: str) -> Iterable[tuple[Any, Mapping[str, Any]]]:
    for number, record in enumerate(csv.DictReader(io.StringIO(data)), 2):
        changes: dict[str, Any] = {n: record[n] for n in CHANGEABLE if record.get(n) not in (None, "")}
        changes["note"] = record.get("note") or ""
        if "doubt" in changes:
            changes["doubt"] = str(changes["doubt"]).strip().lower() in ("true", "1", "yes", "x")
        if "rule" in changes:
            changes["rule"] = _whole(changes["rule"], f"{where}:{number}")
        yield _json(record.get("row") or "null", f"{where}:{number}"), changes


def _whole(value: Any, where: str) -> int:
    try:
        return int(float(value))
    except ValueError as error:
        raise LabelError(f"{where}: rule {value!r} is not a number") from error


def _json(data: str, where: str) -> Any:
    try:
        return json.loads(data)
    except ValueError as error:
        raise LabelError(f"{where}: not JSON: {error}") from error


_EXPORT: Mapping[str, Callable[[list[Hydrated], bool], str]] = {
    "label-studio": _to_label_studio,
    "doccano": _to_doccano,
    "csv": _to_csv,
}
_IMPORT: Mapping[str, Callable[[str, str], Iterable[tuple[Any, Mapping[str, Any]]]]] = {
    "label-studio": _from_label_studio,
    "doccano": _from_doccano,
    "csv": _from_csv,
}
