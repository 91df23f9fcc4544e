"""Shared fixtures: the shipped model, the command line, other people's texts."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from moscow_labels.texts import Texts, find_texts
from moscow_stance.model import Scorer, load_model
from tests.stores import fresh_store

ROOT = Path(__file__).parent.parent
DIGEST = ROOT / "seeds" / "digests" / "rusi-2022.txt"
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def digest() -> Path:
    return DIGEST


@pytest.fixture(scope="session")
def scorer() -> Scorer:
    return load_model()


@pytest.fixture(scope="session")
def texts() -> Texts:
    found = find_texts(None, ROOT)
    assert found is not None, "this test needs other people's texts: ../shared or STANCE_TEXTS=DIR"
    return found


@pytest.fixture
def stance() -> Run:
    return run_stance


def run_stance(  # type: ignore[no-untyped-def]
    *arguments: str | Path, input: bytes | None = None, cwd: Path = ROOT, env: dict[str, str] | None = None
):
    """The command as a user runs it: a process of its own, 80 columns wide, no colours."""
    inherited = {k: v for k, v in os.environ.items() if k != "MLFLOW_TRACKING_URI"}  # which mlflow.set_tracking_uri leaves behind
    environment = {**inherited, "COLUMNS": "80", "NO_COLOR": "1", "PYTHONWARNINGS": "error", **(env or {})}
    command = [sys.executable, "-m", "moscow_stance", *map(str, arguments)]
    done = subprocess.run(command, check=False, capture_output=True, input=input, cwd=cwd, env=environment, timeout=900)
    return subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
    )


@pytest.fixture
def migrated(tmp_path: Path) -> str:
    """The address of an empty MLflow store of the test's own, whose tables are there already."""
    return fresh_store(tmp_path)
