"""Where a run comes from: git commit, versions, machine."""

import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = (
    "moscow-stance",
    "sentence-transformers",
    "transformers",
    "torch",
    "scikit-learn",
    "numpy",
    "mlflow",
    "syntok",
    "ahocorasick_rs",
)


def git_state(root: Path) -> dict[str, str]:
    """Return the commit and whether the tree differs from it; empty outside git."""
    try:
        commit = _git(root, "rev-parse", "HEAD")
        return {"git_commit": commit, "git_dirty": str(bool(_git(root, "status", "--porcelain"))).lower()}
    except (OSError, subprocess.CalledProcessError):
        return {}


def environment() -> dict[str, str]:
    """Return the versions that a result can depend on."""
    found = {"python": platform.python_version(), "machine": platform.machine()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()  # noqa: S603 - fixed program
