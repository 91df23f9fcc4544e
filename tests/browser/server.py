"""MLflow's UI on a store, as a child process that is stopped whatever happens."""

import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from moscow_training.ui import HOST, free_port, stop_server

_ENVIRONMENT = {
    "MLFLOW_DISABLE_TELEMETRY": "true",  # the server would ask outside whether to send usage data
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",  # seven processes for jobs that we never give it
}
_PATIENCE = 600
"""Quarters of a second that the server may take to answer."""


@contextmanager
def serving(uri: str, folder: Path) -> Iterator[str]:
    """Run MLflow's UI on the store `uri`; give its address once it answers. Its log is `folder/server.log`.

    Raises AssertionError with the log's end where the server stops by itself or never answers.
    """
    port = free_port()
    command = [sys.executable, "-m", "mlflow", "ui", "--backend-store-uri", uri, "--host", HOST, "--port", str(port), "--workers", "1"]
    log = folder / "server.log"
    with log.open("wb") as out:
        server = subprocess.Popen(
            command, start_new_session=True, cwd=folder, env={**os.environ, **_ENVIRONMENT}, stdout=out, stderr=subprocess.STDOUT
        )
    try:
        base = f"http://{HOST}:{port}"
        assert _answers(f"{base}/health", server), f"MLflow's UI does not answer:\n{log.read_text(errors='replace')[-3000:]}"
        yield base
    finally:
        stop_server(server)


def _answers(url: str, server: subprocess.Popen[bytes]) -> bool:
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
