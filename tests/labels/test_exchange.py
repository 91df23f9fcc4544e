"""Round trips through other tools' forms lose nothing, and what a person changes comes back."""

import csv
import io
import json
from pathlib import Path

import pytest

from moscow_labels.errors import LabelError
from moscow_labels.exchange import FORMS, export_rows, import_rows
from moscow_labels.rows import LabelRow, read_rows
from moscow_labels.texts import Hydrated


@pytest.fixture(scope="module")
def own(root: Path) -> list[LabelRow]:
    return read_rows(root / "labels" / "own.jsonl")


@pytest.fixture(scope="module")
def stand_off(root: Path) -> list[LabelRow]:
    """Rows of the corpus with a stand-in sentence: the form is what is tested here, not the text."""
    return read_rows(root / "labels" / "corpus.jsonl")[:300]


@pytest.mark.parametrize("form", FORMS)
def test_round_trip_without_loss(own: list[LabelRow], stand_off: list[LabelRow], form: str) -> None:
    full = [Hydrated(r, r.sentence or "") for r in own]
    full += [Hydrated(r, 'An odd, "quoted"\nline é ' + "x" * r.end, prev="before,\nthat") for r in stand_off]
    assert import_rows(export_rows(full, form), form, "memory") == [h.row for h in full]


@pytest.mark.parametrize("form", FORMS)
def test_other_peoples_sentences_stay_out(stand_off: list[LabelRow], form: str) -> None:
    rows = import_rows(export_rows([Hydrated(r, "y" * r.end) for r in stand_off], form), form, "memory")
    assert all(r.sentence is None for r in rows)


@pytest.mark.parametrize("form", FORMS)
def test_a_blank_sheet_tells_no_label(own: list[LabelRow], form: str) -> None:
    row = next(r for r in own if r.stance == "hedging" and r.note)
    sheet = export_rows([Hydrated(row, row.sentence or "")], form, blank=True).replace(row.sentence or "", "")
    assert "hedging" not in sheet
    assert row.note not in sheet
    assert row.coder not in sheet


def test_a_person_fills_a_sheet(own: list[LabelRow]) -> None:
    row = next(r for r in own if r.stance == "hedging")
    sheet = list(csv.DictReader(io.StringIO(export_rows([Hydrated(row, row.sentence or "")], "csv", blank=True))))
    sheet[0] |= {"stance": "supportive", "sentiment": "positive", "note": "thanks"}
    out = io.StringIO()
    table = csv.DictWriter(out, sheet[0])
    table.writeheader()
    table.writerows(sheet)
    (back,) = import_rows(out.getvalue(), "csv", "sheet.csv", coder="a person", batch="human-1")
    assert (back.stance, back.sentiment, back.kind, back.coder, back.note) == ("supportive", "positive", "", "a person", "thanks")
    assert back.id == row.id


def test_an_unfilled_row_says_which(own: list[LabelRow]) -> None:
    sheet = export_rows([Hydrated(own[0], own[0].sentence or "")], "csv", blank=True)
    with pytest.raises(LabelError, match=r"sheet.csv: record 1: stance"):
        import_rows(sheet, "csv", "sheet.csv", coder="a person")


def test_a_foreign_file_says_what_to_do() -> None:
    with pytest.raises(LabelError, match="export"):
        import_rows(json.dumps([{"data": {"text": "x"}}]), "label-studio", "x.json")
