"""`stance labels`: errors are file:line, and sheets go out and come back."""

import csv
import json
from pathlib import Path

import pytest

from tests.conftest import Run


def test_check_passes_on_the_project(stance: Run) -> None:
    done = stance("labels", "check")
    assert done.returncode == 0, done.stderr
    assert "0 errors" in done.stdout


def test_check_says_file_and_line(stance: Run, root: Path, tmp_path: Path) -> None:
    good = (root / "labels" / "own.jsonl").read_text(encoding="utf-8").splitlines()[:3]
    strange = json.loads(good[2]) | {"stance": "warm"}
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join([good[0], good[1], good[0], json.dumps(strange), "{"]) + "\n")
    done = stance("labels", "check", path)
    assert done.returncode == 3
    assert "rows.jsonl:3: duplicate of" in done.stdout
    assert "rows.jsonl:4: stance" in done.stdout
    assert "rows.jsonl:5" in done.stdout


def test_agreement_reads_its_own_and_given_files(stance: Run, root: Path) -> None:
    done = stance("labels", "agreement")
    assert done.returncode == 0
    assert "alpha" in done.stdout
    assert "human coders: not measured" in done.stdout
    assert stance("labels", "agreement", root / "labels/own.jsonl").returncode == 2


def test_export_and_import(stance: Run, root: Path, tmp_path: Path) -> None:
    for form in ("csv", "doccano", "label-studio"):
        sheet, back = tmp_path / f"sheet.{form}", tmp_path / f"{form}.jsonl"
        assert stance("labels", "export", root / "labels/own.jsonl", "--out", sheet, "--form", form).returncode == 0
        assert stance("labels", "import", sheet, "--out", back, "--form", form).returncode == 0
        assert back.read_bytes() == (root / "labels/own.jsonl").read_bytes()


@pytest.mark.texts
def test_hydrate_feeds_evaluate(stance: Run, texts, root: Path, tmp_path: Path) -> None:
    done = stance("labels", "hydrate", texts.folder, "--file", root / "seeds/labels.jsonl")
    assert done.returncode == 0, done.stderr
    path = tmp_path / "seeds.jsonl"
    path.write_text(done.stdout, encoding="utf-8")
    report = json.loads(stance("evaluate", "--data", path, "--json").stdout)
    assert report["rows"] == report["located"] > 150


@pytest.mark.texts
def test_a_sample_is_blank_and_comes_back(stance: Run, texts, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    assert stance("labels", "sample", "--out", sheet, "--texts", texts.folder).returncode == 0
    with sheet.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 300
    assert not any(r["stance"] or r["sentiment"] or r["coder"] for r in rows)
    with sheet.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, rows[0])
        table.writeheader()
        table.writerows({**r, "stance": "neutral", "sentiment": "neutral"} for r in rows)
    out = tmp_path / "human.jsonl"
    done = stance("labels", "import", sheet, "--coder", "a person", "--batch", "human-1", "--out", out)
    assert done.returncode == 0, done.stderr
    assert "300 rows" in done.stdout
    root_rows = Path(__file__).parents[2] / "labels" / "corpus.jsonl"
    assert "alpha" in stance("labels", "agreement", root_rows, out).stdout
