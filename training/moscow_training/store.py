"""MLflow's store of this project: `mlruns/mlflow.db` with artifacts beside it, from wherever the command is run.

MLflow writes absolute addresses into its database. So that a checkout can be moved or copied, every opening of the project's own store
compares them with where the store lies now and corrects them (`rehome`).
"""

import os
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

from moscow_labels.errors import InputError, UsageError

SQLITE = "sqlite:///"
ARTIFACTS = "artifacts"
BESIDE = "stance.artifacts"
"""Tag of an experiment whose artifacts lie beside the database; only such experiments are ever rehomed."""

QUESTIONS = {
    "stance": "Which model reads stance and sentiment best? One run per recipe; the champion comes from here.",
    "arms": "Which choices of the recipe help? A run per arm; each changes one thing (see training/RESULTS.md).",
    "seeds": "How much does a recipe's result owe to chance? A parent per recipe, a nested run per seed.",
    "folds": "Does a recipe hold for actors, sources and years it has not seen? A parent per recipe, a nested run per fold.",
    "learning-curve": "Would more labels help? A parent per curve, a nested run per size and seed.",
    "reproduction": "Does an earlier run come out the same again? One run per attempt, with the differences.",
}
"""Experiment -> the question that it answers; shown as its description."""


def store_uri(root: Path) -> str:
    """Return the address of the project's own store."""
    return f"{SQLITE}{root / 'mlruns' / 'mlflow.db'}"


def open_store(root: Path, given: str | None = None) -> Any:
    """Point MLflow at `given`, MLFLOW_TRACKING_URI or the project's store, and return the mlflow module.

    Raises UsageError for an address that no store can have, InputError for a file that is no MLflow store.
    """
    import logging

    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")
    uri = given or os.environ.get("MLFLOW_TRACKING_URI") or store_uri(root)
    if uri.startswith(SQLITE):
        rehome(Path(uri.removeprefix(SQLITE)))
    elif not uri.startswith(("http://", "https://", "postgresql", "mysql", "databricks")):
        raise UsageError(f"--tracking-uri {uri}: not a store that works; give sqlite:///PATH or a server's address")
    import mlflow

    for name in ("mlflow", "alembic", "alembic.runtime.migration"):
        logging.getLogger(name).setLevel(logging.ERROR)
    mlflow.set_tracking_uri(uri)
    mlflow.set_registry_uri(uri)
    return mlflow


def rehome(database: Path) -> int:
    """Correct the addresses in a store that was moved or copied, and return how many were wrong.

    Only experiments that were made by `use_experiment` are touched: their artifacts lie in `artifacts/` beside the database. Raises
    InputError for a file that is no store.
    """
    database.parent.mkdir(parents=True, exist_ok=True)
    if not database.is_file() or not database.stat().st_size:
        return 0
    here = (database.absolute().parent / ARTIFACTS).as_uri()
    try:
        with closing(sqlite3.connect(database, timeout=30)) as connection, connection:
            return sum(_correct(connection, table, column, of, layout, here) for table, column, of, layout in _ADDRESSES)
    except sqlite3.Error as error:
        raise InputError(f"{database}: not a store of MLflow ({error}); move the file away to start a new one") from error


_MINE = f"SELECT experiment_id FROM experiment_tags WHERE key = '{BESIDE}'"  # noqa: S608 - our own names
_MY_RUNS = f"run_id IN (SELECT run_uuid FROM runs WHERE experiment_id IN ({_MINE}))"  # noqa: S608 - our own names
_RUN, _MODEL = r"[^/]+/[0-9a-f]{32}/artifacts(?:/.*)?", r"[^/]+/models/m-[0-9a-f]{32}/artifacts(?:/.*)?"
_ADDRESSES = (
    ("experiments", "artifact_location", f"experiment_id IN ({_MINE})", r"[^/]+"),
    ("runs", "artifact_uri", f"experiment_id IN ({_MINE})", _RUN),
    ("logged_models", "artifact_location", f"experiment_id IN ({_MINE})", _MODEL),
    ("model_versions", "storage_location", _MY_RUNS, f"{_RUN}|{_MODEL}"),
)
"""Where MLflow 3 keeps absolute addresses: table, column, which rows, and what follows `artifacts/` in them."""


def _correct(connection: sqlite3.Connection, table: str, column: str, of: str, layout: str, here: str) -> int:
    changed = 0
    for (address,) in connection.execute(f"SELECT DISTINCT {column} FROM {table} WHERE {of}").fetchall():  # noqa: S608 - our own names
        found = re.fullmatch(rf".*/{ARTIFACTS}/({layout})", address or "")
        if found and address != f"{here}/{found.group(1)}":
            update = f"UPDATE {table} SET {column} = ? WHERE {column} = ? AND {of}"  # noqa: S608 - our own names
            changed += connection.execute(update, (f"{here}/{found.group(1)}", address)).rowcount
    return changed


def use_experiment(mlflow: Any, name: str, question: str = "") -> None:
    """Make `name` the active experiment, with the question it answers as its description.

    In a SQLite store its artifacts lie beside the database; a server decides for itself.
    """
    if mlflow.get_experiment_by_name(name) is None:
        uri = mlflow.get_tracking_uri()
        tags = {"mlflow.note.content": question or QUESTIONS.get(name, "")}
        location = None
        if uri.startswith(SQLITE):
            location = (Path(uri.removeprefix(SQLITE)).absolute().parent / ARTIFACTS / quote(name, safe="")).as_uri()
            tags[BESIDE] = "beside the database"
        mlflow.create_experiment(name, artifact_location=location, tags={k: v for k, v in tags.items() if v})
    mlflow.set_experiment(name)
