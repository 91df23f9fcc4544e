"""MLflow's servers as child processes on the loopback address, stopped whatever happens."""

import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from moscow_training.ui import HOST, QUIET, free_port, stop_server

_PATIENCE = 600
"""Quarters of a second that a server may take to answer."""


@contextmanager
def serving(uri: str, folder: Path) -> Iterator[str]:
    """Run MLflow's UI on the store `uri`; give its address once it answers."""
    with running(["ui", "--backend-store-uri", uri], folder) as address:
        yield address


@contextmanager
def running(command: list[str], folder: Path, *, health: str = "/health", env: dict[str, str] | None = None) -> Iterator[str]:
    """Run `mlflow COMMAND` on a free port with one worker; give its address once `health` answers. Its log is `folder/server.log`.

    Raises AssertionError with the log's end where the server stops by itself or never answers.
    """
    port = free_port()
    whole = [sys.executable, "-m", "mlflow", *command, "--host", HOST, "--port", str(port), "--workers", "1"]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    log = folder / "server.log"
    with log.open("wb") as out:
        server = subprocess.Popen(
            whole, start_new_session=True, cwd=folder, env={**os.environ, **QUIET, "PATH": path, **(env or {})}, stdout=out, stderr=out
        )
    try:
        base = f"http://{HOST}:{port}"
        assert answers(f"{base}{health}", server), f"mlflow {command[0]} does not answer:\n{log.read_text(errors='replace')[-3000:]}"
        yield base
    finally:
        stop_server(server)


def answers(url: str, server: subprocess.Popen[bytes]) -> bool:
    """Whether the server answers before it stops or patience ends; between two tries the processor is left to it."""
    for _ in range(_PATIENCE):
        try:
            with urllib.request.urlopen(url, timeout=5) as reply:
                return bool(reply.status == 200)
        except OSError:
            pass
        try:
            server.wait(timeout=0.25)
        except subprocess.TimeoutExpired:
            continue
        return False
    return False
