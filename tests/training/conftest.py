"""One tracked run on our own sentences, shared by every test that looks at runs."""

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from moscow_labels.splitting import SPLIT_FILE, read_splits
from moscow_training.data import LabelSet, load_labels
from tests.conftest import ROOT, run_stance
from tests.stores import fresh_store


@dataclass(frozen=True)
class Tracked:
    """A checkout of its own without other people's texts, its store, a run in it and what `stance train` printed."""

    root: Path
    uri: str
    run: str
    printed: str


def make_checkout(folder: Path) -> Path:
    """A checkout that tests may write to: labels copied (of what is learned from every ninth document), a store of its own, nobody else's texts."""
    shutil.copytree(ROOT / "labels", folder / "labels", ignore=shutil.ignore_patterns("__pycache__"))
    own = folder / "labels" / "own.jsonl"
    rows = own.read_text(encoding="utf-8").splitlines(keepends=True)
    splits = read_splits(ROOT / SPLIT_FILE)
    learned = sorted({doc for row in rows if splits[doc := json.loads(row)["doc"]] == "train"})
    left_out = set(learned) - set(learned[::9])
    own.write_text("".join(row for row in rows if json.loads(row)["doc"] not in left_out), encoding="utf-8")
    for name in ("seeds", "pyproject.toml"):
        (folder / name).symlink_to(ROOT / name)
    (folder / "mlruns").mkdir()
    fresh_store(folder / "mlruns")
    return folder


@pytest.fixture(scope="session")
def tracked(tmp_path_factory: pytest.TempPathFactory) -> Tracked:
    """`stance train --quick` in a checkout, run from somewhere else."""
    root = make_checkout(tmp_path_factory.mktemp("checkout"))
    done = run_stance(
        "train", "--quick", "--root", root, cwd=tmp_path_factory.mktemp("elsewhere"), env={"STANCE_TEXTS": "", "PYTHONWARNINGS": ""}
    )
    assert done.returncode == 0, done.stderr
    assert "our own sentences only" in done.stderr
    assert "Warning" not in done.stderr
    found = re.search(r"^run (\w{32})$", done.stdout, re.M)
    assert found
    return Tracked(root, f"sqlite:///{root / 'mlruns' / 'mlflow.db'}", found.group(1), done.stdout)


@pytest.fixture(scope="session")
def own_labels() -> LabelSet:
    return load_labels(ROOT, None)
