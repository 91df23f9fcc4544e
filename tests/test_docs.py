"""The documents cannot go stale: sessions are run again, commands are run, figures are counted again."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from moscow_labels.figures import MARKS, figures
from tests.docs import README, REVIEWING, regenerated

NOT_HERE = {
    "make demo": "sets up an environment; continuous integration runs it",
    "make test": "is what runs this test",
    "stance train": "has its own test",
    "stance train --epochs 4 --school dse+news": "takes half an hour and other people's texts",
    "stance train --seeds 3": "has its own test with two seeds",
    "stance train --folds all": "needs other people's texts; has its own test",
    "python -m moscow_training.experiments screen": "takes an hour and other people's texts; its arms have tests",
    "python -m moscow_training.experiments confirm school=dse+news average=true --arm averaged": "takes hours and other people's texts",
    "python -m moscow_training.curve": "needs other people's texts and ten minutes",
    "stance reproduce RUN": "needs a run; has its own test",
    "stance promote RUN": "needs a run; has its own test",
    "stance promote RUN --force": "needs a run; has its own test",
    "stance promote --to-version 1": "needs a run; has its own test",
    "MLFLOW_TRACKING_URI=sqlite:///mlruns/mlflow.db mlflow models serve -m models:/stance@champion --env-manager local --port 5001": (
        "serves until Ctrl-C; has its own test"
    ),
    "stance ui": "runs until Ctrl-C; has its own test",
}
"""Commands of the documents that are not run by this test, each with the reason."""


def commands() -> list[str]:
    blocks = [b for path in (README, REVIEWING) for b in re.findall(r"```sh\n(.*?)```", path.read_text(encoding="utf-8"), re.S)]
    return list(dict.fromkeys(line for block in blocks for line in block.splitlines() if line.strip()))


def test_sessions_are_what_the_commands_print() -> None:
    text = README.read_text(encoding="utf-8")
    assert text.count("<!-- run:") == text.count("<!-- end -->") >= 2
    assert regenerated(text) == text, "run `make docs`"


@pytest.mark.parametrize("command", [c for c in commands() if c not in NOT_HERE])
def test_readme_commands_run(command: str, root: Path, tmp_path: Path) -> None:
    for entry in root.iterdir():
        if entry.name not in (".git", ".venv", "mlruns"):
            (tmp_path / entry.name).symlink_to(entry)
    shell = command.replace("stance ", f"{shlex.quote(sys.executable)} -m moscow_stance ", 1) if command.startswith("stance") else command
    shell = shell.replace("| stance ", f"| {shlex.quote(sys.executable)} -m moscow_stance ")
    environment = {**os.environ, "STANCE_TEXTS": ""}
    done = subprocess.run(shell, check=False, shell=True, capture_output=True, text=True, cwd=tmp_path, env=environment, timeout=120)  # noqa: S602
    assert done.returncode == 0, done.stderr


def test_no_command_is_left_out_silently() -> None:
    assert set(NOT_HERE) <= set(commands()), "a reason for a command that the documents no longer have"


def test_python_of_the_readme_runs() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.S)
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.startswith("BLR ")


def test_figures_of_the_data_sheet_are_counted_from_the_files(root: Path) -> None:
    text = (root / "labels" / "DATASHEET.md").read_text(encoding="utf-8")
    shown = text[text.index(MARKS[0]) + len(MARKS[0]) : text.index(MARKS[1])]
    assert shown.strip() == figures(root).strip()


def test_every_command_of_the_line_is_documented() -> None:
    text = README.read_text(encoding="utf-8")
    for name in ("label", "score", "evaluate", "train", "reproduce", "promote", "ui", "labels check", "labels agreement"):
        assert f"stance {name}" in text


def test_no_document_names_a_path_of_a_machine_or_is_too_wide(root: Path) -> None:
    listed = subprocess.run(["git", "ls-files"], check=True, capture_output=True, text=True, cwd=root).stdout.split("\n")
    for name in listed:
        if name.endswith((".md", ".toml", ".py", "Makefile", "NOTICE")):
            text = (root / name).read_text(encoding="utf-8")
            assert not re.search(r"(?<![\w.])/(?:home|root|work|tmp/venv)/", text.replace("/home/user", "")), name


def test_figures_of_the_readme_are_those_of_the_shipped_model(root: Path) -> None:
    card = json.loads((root / "inference/moscow_stance/data/model/model.json").read_text(encoding="utf-8"))
    text = README.read_text(encoding="utf-8")
    for name in ("shipped", "tfidf", "majority"):
        for axis in ("stance", "sentiment"):
            found = card["figures"][name][axis]
            assert f"{found['macro_f1']:.3f} [{found['macro_f1_lo']:.3f}, {found['macro_f1_hi']:.3f}]" in text, (name, axis)
    assert all(f"{label} {value:.3f}" in text for label, value in card["figures"]["shipped"]["stance"]["f1"].items())
    assert card["as_in_articles"]["stance"] in text
    assert f"version {card['version']}, made {card['made']}" in text
