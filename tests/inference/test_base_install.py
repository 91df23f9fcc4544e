"""The base install: scoring needs nothing of the [train] extra, and what does says how to get it."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

EXTRA = ("torch", "sklearn", "sentence_transformers", "transformers", "mlflow", "pandas", "skops", "datasketch", "cleanlab")
HIDE = "import sys; sys.modules.update(dict.fromkeys({hidden!r})); from moscow_stance.cli import run; sys.exit(run({arguments!r}))"


def without(hidden: tuple[str, ...], *arguments: str, text: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    code = HIDE.format(hidden=hidden, arguments=list(arguments))
    return subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, input=text, timeout=120)


def test_labelling_scoring_and_evaluating_work_without_the_extra(root: Path, tmp_path: Path) -> None:
    text = b"Minsk thanked Moscow for the loan that it had been given."
    assert b'"actor": "BLR"' in without(EXTRA, "label", "-", "--format", "jsonl", text=text).stdout
    for suffix in (".jsonl", ".csv", ".parquet"):
        assert without(EXTRA, "score", str(root / "seeds/digests"), "--out", str(tmp_path / f"o{suffix}")).returncode == 0
    data = tmp_path / "d.jsonl"
    data.write_text('{"sentence": "Minsk thanked Moscow.", "actor": "BLR", "stance": "supportive"}\n')
    assert without(EXTRA, "evaluate", "--data", str(data)).returncode == 0
    assert without(EXTRA, "doctor").returncode == 0
    assert without(EXTRA, "labels", "check").returncode == 0


@pytest.mark.parametrize("command", [("train",), ("promote", "x"), ("ui",), ("label", "-", "--model", "models:/stance@champion")])
def test_the_others_say_how_to_get_the_extra(command: tuple[str, ...]) -> None:
    done = without(EXTRA, *command, text=b"Minsk thanked Moscow.")
    assert done.returncode == 2
    assert b'pip install "moscow-stance[train]"' in done.stderr


def test_a_cold_start_imports_nothing_heavy() -> None:
    code = "import sys; from moscow_stance.cli import run; run(['--version']); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert not set(loaded) & {*EXTRA, "numpy", "onnxruntime", "duckdb", "trafilatura", "py3langid"}


def test_the_wheel_holds_nothing_generic(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert [Path(p).name for p in packages] == ["moscow_labels", "moscow_training", "moscow_stance"]
    assert set(project["project"]["scripts"]) == {"stance"}


def test_every_dependency_has_its_reason_and_its_pin(root: Path) -> None:
    lines = (root / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    pins = {line.split("==")[0].lower().replace("_", "-") for line in (root / "constraints.txt").read_text().splitlines()}
    needs = [line for line in lines if line.startswith('    "') and (">=" in line or "==" in line)]
    assert len(needs) > 20
    for line in needs:
        assert "# " in line, line
        name = line.strip().strip('"').split(">")[0].split("=")[0].lower().replace("_", "-")
        assert name in pins, name
