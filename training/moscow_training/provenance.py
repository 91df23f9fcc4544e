"""Where a run comes from: git commit, versions, machine."""

import os
import platform
import resource
import subprocess
from importlib.metadata import PackageNotFoundError, distributions, version
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


def installed() -> list[str]:
    """Return every installed distribution as name==version, sorted."""
    return sorted({f"{d.name}=={d.version}" for d in distributions() if d.name}, key=str.lower)


def machine() -> dict[str, str]:
    """Return what figures of time and memory depend on."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    pages = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {"cpu": names[0] if names else platform.processor(), "cores": str(os.cpu_count()), "memory_gb": f"{pages / 2**30:.1f}"}


def peak_memory_mb() -> float:
    """Return the largest resident size of this process so far, in MB (10^6 bytes)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()  # noqa: S603 - fixed program
