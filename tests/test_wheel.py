"""The wheel in an empty environment: what a user gets who only scores. Needs the package index (or pip's cache) to fill it."""

import json
import os
import subprocess
import sys
import time
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from moscow_stance.model import load_model

pytestmark = pytest.mark.wheel

ABSENT = ("torch", "sklearn", "mlflow", "pandas", "pyarrow", "sentence_transformers", "transformers", "onnx", "scipy")
MAX_MEGABYTES, MAX_SECONDS = 450, 60
NO_NETWORK = """
import socket
def refuse(*_):
    raise OSError("this test is offline")
socket.socket.connect = refuse
"""


@dataclass(frozen=True)
class Installed:
    """An environment with the wheel and nothing else: its python, and how it came about."""

    python: Path
    seconds: float
    megabytes: float

    def run(self, *command: str, input: str = "", cwd: Path) -> subprocess.CompletedProcess[str]:
        """Run the environment's own program, without this checkout, this environment or a network."""
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "STANCE", "VIRTUAL"))}
        program = [str(self.python.parent / command[0]), *command[1:]]
        return subprocess.run(program, check=False, capture_output=True, text=True, input=input, cwd=cwd, env=clean, timeout=120)


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(root)]
    subprocess.run(pip, check=True, timeout=300)
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, root: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("base") / "venv"
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    before = size(folder)
    started = time.perf_counter()
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-c", str(root / "constraints.txt"), str(wheel)]
    clean = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    subprocess.run(pip, check=True, env=clean, timeout=600)
    seconds = time.perf_counter() - started
    (site,) = (folder / "lib").glob("python*/site-packages")
    (site / "offline.pth").write_text("import offline_guard\n")
    (site / "offline_guard.py").write_text(NO_NETWORK)
    return Installed(python, seconds, size(folder) - before)


def size(folder: Path) -> float:
    return sum(f.stat().st_size for f in folder.rglob("*") if f.is_file() and not f.is_symlink()) / 1e6


def test_the_wheel_holds_the_model_and_nothing_generic(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {f"moscow_stance/data/model/{n}" for n in ("model.onnx", "tokenizer.json", "model.json")} <= set(names)
    assert {n.split("/")[0].split("-")[0] for n in names} == {"moscow_labels", "moscow_stance", "moscow_training"}
    assert not [n for n in names if n.endswith((".pkl", ".pickle", ".joblib", ".pt"))]


def test_size_and_time(installed: Installed) -> None:
    sys.stderr.write(f"base install: {installed.megabytes:.0f} MB in {installed.seconds:.0f} s\n")
    assert installed.megabytes < MAX_MEGABYTES
    assert installed.seconds < MAX_SECONDS


@pytest.mark.parametrize("name", ABSENT)
def test_what_is_not_there(installed: Installed, name: str, tmp_path: Path) -> None:
    done = installed.run("python", "-c", f"import {name}", cwd=tmp_path)
    assert done.returncode == 1
    assert f"No module named '{name}'" in done.stderr


def test_it_is_offline_here(installed: Installed, tmp_path: Path) -> None:
    done = installed.run("python", "-c", "import socket; socket.create_connection(('127.0.0.1', 9))", cwd=tmp_path)
    assert "this test is offline" in done.stderr


def test_label_says_what_the_checkout_says(installed: Installed, tmp_path: Path) -> None:
    text = "Minsk thanked Moscow for the loan, but Yerevan refused to sign the declaration."
    done = installed.run("stance", "label", "-", "--format", "jsonl", input=text, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [r["actor"] for r in rows] == ["BLR", "ARM"]
    assert {r["model"] for r in rows} == {load_model().info.reference}


def test_score_writes_parquet(installed: Installed, tmp_path: Path) -> None:
    text = "Armenia refused to sign the declaration that Moscow had drafted."
    (tmp_path / "in.jsonl").write_text(json.dumps({"id": "a", "text": text}) + "\n")
    done = installed.run("stance", "score", "in.jsonl", "--out", "out.parquet", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    query = "import duckdb; print(duckdb.sql(\"SELECT actor, stance_p.hedging > 0 FROM read_parquet('out.parquet/*.parquet')\").fetchall())"
    assert installed.run("python", "-c", query, cwd=tmp_path).stdout.strip() == "[('ARM', True)]"


def test_evaluate_doctor_and_labels_check(installed: Installed, root: Path, tmp_path: Path) -> None:
    row = {"sentence": "Armenia refused to sign what Moscow had drafted.", "actor": "Armenia", "stance": "hedging"}
    (tmp_path / "rows.jsonl").write_text(json.dumps(row) + "\n")
    done = installed.run("stance", "evaluate", "--data", "rows.jsonl", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["rows"] == 1
    done = installed.run("stance", "doctor", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "PROBLEM" not in done.stdout
    done = installed.run("stance", "labels", "check", str(root / "labels" / "own.jsonl"), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "0 errors" in done.stdout


def test_training_says_how_to_get_it(installed: Installed, tmp_path: Path) -> None:
    done = installed.run("stance", "train", cwd=tmp_path)
    assert done.returncode == 2
    assert "moscow-stance[train]" in done.stderr


def test_the_api_in_three_lines(installed: Installed, tmp_path: Path) -> None:
    code = (
        "from moscow_stance import score_text\n"
        "for p in score_text('Minsk thanked Moscow for the loan.'):\n"
        "    print(p.actor, p.stance, p.stance_p[p.stance] > 0.4)\n"
    )
    done = installed.run("python", "-c", code, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("BLR ")
