"""A tracked run, end to end, on our own sentences and in a store of its own; the commands around it."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.conftest import Run


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('store') / 'mlflow.db'}"


@pytest.fixture(scope="module")
def run(store: str, root: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Train once without other people's texts: run id and what was printed."""
    environment = {**os.environ, "STANCE_TEXTS": "", "STANCE_ROOT": str(root)}
    command = [sys.executable, "-m", "moscow_stance", "train", "--tracking-uri", store]
    alone = tmp_path_factory.mktemp("alone") / "checkout"
    alone.mkdir()
    for name in ("labels", "seeds", "pyproject.toml"):
        (alone / name).symlink_to(root / name)
    environment["STANCE_ROOT"] = str(alone)
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=alone, env=environment, timeout=300)
    assert done.returncode == 0, done.stderr
    assert "our own sentences only" in done.stderr
    found = re.search(r"^run (\w{32})$", done.stdout, re.M)
    assert found
    return found.group(1), done.stdout


def test_the_run_tells_what_went_in_and_came_out(run: tuple[str, str], store: str) -> None:
    import mlflow

    mlflow.set_tracking_uri(store)
    found = mlflow.get_run(run[0])
    assert found.info.status == "FINISHED"
    assert {"encoder", "encoder_revision", "labels_digest", "seed", "stance_strength", "units_train"} <= set(found.data.params)
    figures = found.data.metrics
    assert (
        0 < figures["validation_stance_macro_f1_lo"] < figures["validation_stance_macro_f1"] < figures["validation_stance_macro_f1_hi"] < 1
    )
    assert {"validation_stance_f1_hedging", "validation_sentiment_macro_f1", "duration_s"} <= set(figures)
    assert {"git_commit", "git_dirty"} <= set(found.data.tags) or "version.torch" in found.data.tags
    assert {i.dataset.name for i in found.inputs.dataset_inputs} == {"labels-train", "labels-validation", "labels-test"}
    assert "macro-F1" in run[1]


def test_the_reference_form_loads_from_the_store(run: tuple[str, str], store: str, stance: Run) -> None:
    text = b"Belarus thanked Moscow for the loan that it had been given."
    done = stance(
        "label",
        "-",
        "--model",
        f"runs:/{run[0]}/reference",
        "--format",
        "jsonl",
        input=text,
        env={"MLFLOW_TRACKING_URI": store, "PYTHONWARNINGS": "default"},
    )
    assert done.returncode == 0, done.stderr
    assert '"actor": "BLR"' in done.stdout
    missing = stance(
        "label", "-", "--model", "models:/stance@nobody", input=text, env={"MLFLOW_TRACKING_URI": store, "PYTHONWARNINGS": "default"}
    )
    assert missing.returncode == 4


def test_promoting_without_texts_says_what_is_missing(run: tuple[str, str], store: str, stance: Run, root: Path, tmp_path: Path) -> None:
    for name in ("labels", "seeds", "pyproject.toml"):
        (tmp_path / name).symlink_to(root / name)
    done = stance("promote", run[0], "--tracking-uri", store, "--root", tmp_path, env={"STANCE_TEXTS": "", "PYTHONWARNINGS": "default"})
    assert done.returncode == 2
    assert "--texts" in done.stderr


def test_a_store_that_cannot_work_is_refused(stance: Run) -> None:
    done = stance("train", "--tracking-uri", "./mlruns", env={"PYTHONWARNINGS": "default"})
    assert done.returncode == 2
    assert "sqlite:///" in done.stderr


def test_the_ui_answers_on_loopback_and_stops(store: str, run: tuple[str, str], root: Path) -> None:
    from moscow_training.ui import free_port

    port = free_port()
    command = [sys.executable, "-m", "moscow_stance", "ui", "--port", str(port), "--tracking-uri", store]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=root) as server:
        try:
            assert answers(f"http://127.0.0.1:{port}/health", server)
        finally:
            server.send_signal(signal.SIGINT)
            server.communicate(timeout=30)
    assert server.returncode == 130
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2)


def answers(url: str, server: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2) as reply:
                return reply.status == 200
        except OSError:
            server_waits(0.2)
    return False


def server_waits(seconds: float) -> None:
    """Give the server a moment; polling without a pause would take the processor from it."""
    import threading

    threading.Event().wait(seconds)
