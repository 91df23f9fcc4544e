"""MLflow's store of this project: `mlruns/mlflow.db` with artifacts beside it, from wherever the command is run."""

import os
from pathlib import Path
from typing import Any

from moscow_labels.errors import UsageError

REGISTERED = "stance"
CHAMPION = "champion"


def store_uri(root: Path) -> str:
    """Return the address of the project's own store."""
    return f"sqlite:///{root / 'mlruns' / 'mlflow.db'}"


def open_store(root: Path, given: str | None = None) -> Any:
    """Point MLflow at `given`, MLFLOW_TRACKING_URI or the project's store, and return the mlflow module."""
    import logging

    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    import mlflow

    for name in ("mlflow", "alembic", "alembic.runtime.migration"):
        logging.getLogger(name).setLevel(logging.ERROR)
    uri = given or os.environ.get("MLFLOW_TRACKING_URI") or store_uri(root)
    if uri.startswith("sqlite:///"):
        Path(uri.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    elif not uri.startswith(("http://", "https://", "postgresql", "mysql", "databricks")):
        raise UsageError(f"--tracking-uri {uri}: not a store that works; give sqlite:///PATH or a server's address")
    mlflow.set_tracking_uri(uri)
    mlflow.set_registry_uri(uri)
    return mlflow


def use_experiment(mlflow: Any, root: Path, name: str) -> None:
    """Make `name` the active experiment; in the project's own store its artifacts go under `mlruns/artifacts`."""
    if mlflow.get_experiment_by_name(name) is None:
        local = mlflow.get_tracking_uri() == store_uri(root)
        mlflow.create_experiment(name, artifact_location=(root / "mlruns" / "artifacts" / name).as_uri() if local else None)
    mlflow.set_experiment(name)


def fetch_reference(root: Path, reference: str) -> tuple[Path, str, str]:
    """Return the reference folder behind a `models:/` or `runs:/` address, with the model's name and version.

    Only files are fetched; nothing that MLflow stored beside them is imported or run. Raises ModelError.
    """
    from moscow_labels.errors import ModelError

    mlflow = open_store(root)
    client = mlflow.MlflowClient()
    try:
        if reference.startswith("runs:/"):
            run, version = reference.removeprefix("runs:/").split("/")[0], "0"
        else:
            name, _, alias = reference.removeprefix("models:/").partition("@")
            name, _, number = name.partition("/")
            found = client.get_model_version_by_alias(name, alias) if alias else client.get_model_version(name, number)
            run, version = found.run_id, str(found.version)
        folder = Path(mlflow.artifacts.download_artifacts(run_id=run, artifact_path=FOLDER))
    except mlflow.exceptions.MlflowException as error:
        raise ModelError(f"{reference}: {str(error).splitlines()[0]}; see `stance ui` for what is registered") from error
    return folder, REGISTERED if not reference.startswith("runs:/") else f"run-{run[:8]}", version


FOLDER = "reference"
"""Where a run keeps its reference form, below its artifacts."""
