"""Regenerate the sessions shown in the README: `python -m tests.docs` (what `make docs` runs)."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
REVIEWING = ROOT / "training" / "REVIEWING.md"
BLOCK = re.compile(r"(<!-- run: (.+?) -->\n).*?(<!-- end -->)", re.S)


def session(command: str) -> str:
    """Return what a user sees who types `command` in the checkout, on 80 columns."""
    environment = {**os.environ, "COLUMNS": "80", "NO_COLOR": "1", "TERM": "dumb", "PYTHONPATH": ""}
    real = command.replace("stance ", f"{sys.executable} -m moscow_stance ", 1)
    done = subprocess.run(real, shell=True, check=True, capture_output=True, text=True, cwd=ROOT, env=environment)  # noqa: S602
    text = (done.stdout + done.stderr).replace("python -m moscow_stance", "stance")
    lines = [line.rstrip() for line in text.strip("\n").splitlines()]
    return f"```console\n$ {command}\n" + "\n".join(lines) + "\n```\n"


def regenerated(text: str) -> str:
    """Return the README with every session run anew."""
    return BLOCK.sub(lambda found: found.group(1) + session(found.group(2)) + found.group(3), text)


if __name__ == "__main__":
    README.write_text(regenerated(README.read_text(encoding="utf-8")), encoding="utf-8")
