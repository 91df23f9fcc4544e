"""`stance evaluate` and the metrics behind it."""

import json
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, f1_score

from moscow_labels.rows import read_rows
from moscow_stance import metrics
from moscow_stance.evaluation import axis_report
from tests.conftest import Run


@pytest.fixture
def data(tmp_path: Path, root: Path) -> Path:
    path = tmp_path / "data.jsonl"
    rows = [
        {"sentence": r.sentence, "actor": r.actor, "stance": r.stance, "sentiment": r.sentiment, "doc": r.group, "mine": n}
        for n, r in enumerate(read_rows(root / "labels" / "own.jsonl")[:120])
    ]
    rows += [
        {"sentence": "Armenia refused to sign.", "actor": "Armenia", "stance": "hedging", "id": "by name"},
        {"sentence": "The islanders refused to sign.", "actor": "Atlantis", "stance": "hedging"},
        {"sentence": "The islanders refused to sign.", "actor": "Atlantis", "stance": "hedging", "mention_start": 4, "mention_end": 13},
    ]
    path.write_text("".join(json.dumps(r) + "\n" for r in rows))
    return path


def test_figures_and_rows(stance: Run, data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    done = stance("evaluate", "--data", data, "--json", "--out", out)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["rows"] == 123
    assert report["stance"]["n"] == 123
    assert report["sentiment"]["n"] == 120
    assert 0 <= report["stance"]["macro_f1_lo"] <= report["stance"]["macro_f1"] <= report["stance"]["macro_f1_hi"] <= 1
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert [r["mine"] for r in rows[:120]] == list(range(120)), "other fields pass through"
    assert [r["located"] for r in rows[-3:]] == [True, False, True]
    for row in rows:
        assert row["stance_pred"] == max(row["stance_p"], key=row["stance_p"].get)
    assert np.mean([r["stance_pred"] == r["stance"] for r in rows]) == pytest.approx(report["stance"]["accuracy"])


def test_the_table(stance: Run, data: Path) -> None:
    done = stance("evaluate", "--data", data)
    assert done.returncode == 0
    assert "macro-F1" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


@pytest.mark.parametrize(
    ("line", "word"),
    [("{", "not JSON"), ("[]", "not a JSON object"), ('{"actor": "ARM", "stance": "hedging"}', "sentence"), ('{"sentence": "x", "actor": "ARM", "stance": "warm"}', "'warm'"),
     ('{"sentence": "x", "actor": "ARM", "stance": "hedging", "mention_start": 0, "mention_end": 9}', "mention_end 9")],
)  # fmt: skip
def test_bad_rows_say_where(stance: Run, tmp_path: Path, line: str, word: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text('{"sentence": "Armenia left.", "actor": "ARM", "stance": "hedging"}\n' + line + "\n")
    done = stance("evaluate", "--data", path)
    assert done.returncode == 3
    assert "bad.jsonl:2" in done.stderr
    assert word in done.stderr


@pytest.mark.parametrize("seed", range(4))
def test_metrics_equal_scikit_learn(seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, 300)
    p = rng.dirichlet([1, 1, 1], 300)
    counts = metrics.confusion(truth, p.argmax(axis=1))
    assert metrics.macro_f1(counts) == pytest.approx(f1_score(truth, p.argmax(axis=1), average="macro"))
    assert metrics.f1_by_class(counts) == pytest.approx(f1_score(truth, p.argmax(axis=1), average=None))
    assert metrics.brier(truth, p) == pytest.approx(brier_score_loss(truth, p, scale_by_half=False))


def test_intervals_follow_documents() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, 400)
    predicted = np.where(rng.random(400) < 0.7, truth, (truth + 1) % 3)
    alone = metrics.with_interval(metrics.accuracy, truth, predicted, np.arange(400))
    together = metrics.with_interval(metrics.accuracy, np.repeat(truth, 5), np.repeat(predicted, 5), np.repeat(np.arange(400), 5))
    assert together.lo == pytest.approx(alone.lo, abs=0.01), "five copies of a document are no five documents"
    assert metrics.with_interval(metrics.accuracy, truth[:9], predicted[:9], np.arange(9)).lo is None, "under ten documents no interval"


def test_perfect_and_sure_is_calibrated() -> None:
    truth = np.arange(60) % 3
    report = axis_report(truth, np.eye(3)[truth], np.arange(60), ["a", "b", "c"], 0.5)
    assert (report.accuracy.value, report.macro_f1.value, report.calibration_error, report.brier) == (1.0, 1.0, 0.0, 0.0)
    assert report.coverage.value == 1.0
