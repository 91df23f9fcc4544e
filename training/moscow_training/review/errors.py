"""The table of errors: every judged unit on one page, to sort, filter and read, the most confident mistakes first."""

from collections.abc import Mapping
from typing import Any

from moscow_labels.units import labelled_unit
from moscow_training.judged import Judged
from moscow_training.review.page import render, visible

COLUMNS = (
    ("axis", "axis"),
    ("sentence", "sentence"),
    ("actor", "actor"),
    ("truth", "coder says"),
    ("predicted", "model says"),
    ("confidence", "probabilities"),
    ("abstained", "abstained"),
    ("source", "source"),
    ("date", "date"),
    ("document", "document"),
    ("id", "id"),
)
"""A column's key in the page's data, and its heading."""


def error_table(judged_by_axis: Mapping[str, Judged], *, title: str, about: str) -> str:
    """Return a standalone HTML page of the judged units of each axis; it opens on those that are wrong.

    The units travel as JSON and are written as text, never as markup, so that no sentence can do more than be read.
    """
    values = {"title": title, "about": about, "columns": COLUMNS, "data": table_data(judged_by_axis)}
    return render("errors.html", style="page.css", script="errors.js", **values)


def table_data(judged_by_axis: Mapping[str, Judged]) -> dict[str, Any]:
    """Return what the page embeds: `labels` by axis, `units`, each once, and `rows`, one per unit and axis, surest first.

    A unit's `sentence` is a list of stretches of which every second names the actor. A row is
    [axis, unit's number, coder's class, model's class, per-mille probabilities, abstained (0 or 1)].
    """
    units: dict[tuple[str, ...], int] = {}
    rows: list[tuple[float, list[Any]]] = []
    for axis, judged in judged_by_axis.items():
        described = zip(judged.ids, judged.documents, judged.sources, judged.dates, judged.actors, judged.sentences, strict=True)
        for i, fields in enumerate(described):
            number = units.setdefault(fields, len(units))
            p, sure = judged.p[i], float(judged.p[i].max())
            abstained = int(sure < judged.threshold)
            per_mille = [round(1000 * float(x)) for x in p]
            rows.append((sure, [axis, number, int(judged.truth[i]), int(p.argmax()), per_mille, abstained]))
    rows.sort(key=lambda row: -row[0])
    labels = {axis: [str(label) for label in judged.labels] for axis, judged in judged_by_axis.items()}
    return {"labels": labels, "units": [_unit(*fields) for fields in units], "rows": [row for _, row in rows]}


def _unit(id: str, document: str, source: str, date: str, actor: str, sentence: str) -> dict[str, Any]:
    fields = {"id": id, "document": document, "source": source, "date": date, "actor": actor}
    shown: dict[str, Any] = {name: visible(value) for name, value in fields.items()}
    return shown | {"sentence": list(stretches(sentence, actor, date))}


def stretches(sentence: str, actor: str, date: str) -> tuple[str, ...]:
    """Return a sentence cut where the lexicon finds the actor in it: plain, actor, plain, actor... plain."""
    readable = sentence.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # unpaired surrogates stop the matcher
    found, _ = labelled_unit(readable, actor, [], published=date)
    cut, at = [], 0
    for span in found.mentions:
        cut += [visible(sentence[at : span.start]), visible(span.of(sentence))]
        at = span.end
    return (*cut, visible(sentence[at:]))
