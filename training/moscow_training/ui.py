"""MLflow's UI on the project's store: a child process on the loopback address, stopped with us."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

from moscow_labels.errors import StanceError
from moscow_stance.talk import talk
from moscow_training.store import open_store

HOST = "127.0.0.1"
QUIET = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
"""Environment of MLflow's server: it asks nobody outside, and does not start seven processes for jobs that we never give it."""


def free_port() -> int:
    """Return a port of the loopback address that nobody uses now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def serve_ui(root: Path, *, port: int = 0, tracking_uri: str | None = None) -> None:
    """Run MLflow's UI until Ctrl-C or SIGTERM. Raises StanceError where it stops by itself."""
    uri = open_store(root, tracking_uri).get_tracking_uri()
    port = port or free_port()
    talk.warn(f"MLflow's UI on {uri}: http://{HOST}:{port} (Ctrl-C stops it)")
    command = [sys.executable, "-m", "mlflow", "ui", "--backend-store-uri", uri, "--host", HOST, "--port", str(port), "--workers", "1"]
    server = subprocess.Popen(command, start_new_session=True, cwd=root, env={**os.environ, **QUIET})  # noqa: S603 - our own
    previous = signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        code = server.wait()
    finally:
        signal.signal(signal.SIGTERM, previous)
        stop_server(server)
    raise StanceError(f"MLflow's UI stopped by itself with code {code}; try another --port")


def stop_server(server: subprocess.Popen[bytes]) -> None:
    """Stop a server that leads a session of its own, with everything that it started."""
    try:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=10)
    except ProcessLookupError:
        pass
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
