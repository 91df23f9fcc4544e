"""The registered model `stance`: versions of the reference form, who is `champion` and who is `challenger`.

What MLflow stores is fetched as plain files and read by `reference.py`; nothing that came with an artifact is imported or run. The
serving flavour beside it (`serving.py`) is for `mlflow models serve` and whoever trusts the store.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moscow_labels.errors import ModelError
from moscow_training.store import open_store

REGISTERED = "stance"
CHAMPION, CHALLENGER = "champion", "challenger"
MODEL = "stance"
"""Name of the logged model of a run."""
REFERENCE = "artifacts/reference"
"""Where a logged model keeps its reference form, below its own folder."""


@dataclass(frozen=True, slots=True)
class Version:
    """A version of the registered model, the run that made it, and what was decided about it (its tags)."""

    number: str
    run: str
    tags: dict[str, str]


def fetch_reference(root: Path, reference: str, tracking_uri: str | None = None) -> tuple[Path, str, str]:
    """Return the reference folder behind a `models:/` or `runs:/` address, with the model's name and version.

    `models:/stance@champion`, `models:/stance/3`, `runs:/RUN` or `runs:/RUN/stance`. Raises ModelError.
    """
    mlflow = open_store(root, tracking_uri)
    try:
        if reference.startswith("runs:/"):
            run = reference.removeprefix("runs:/").split("/")[0]
            return _download(mlflow, run), f"run-{run[:8]}", "0"
        name, _, alias = reference.removeprefix("models:/").partition("@")
        name, _, number = name.partition("/")
        client = mlflow.MlflowClient()
        found = client.get_model_version_by_alias(name, alias) if alias else client.get_model_version(name, number)
        return _download(mlflow, found.run_id), REGISTERED, str(found.version)
    except mlflow.exceptions.MlflowException as error:
        raise ModelError(f"{reference}: {str(error).splitlines()[0]}; see `stance ui` for what is registered") from error


def _download(mlflow: Any, run: str) -> Path:
    folder = Path(mlflow.artifacts.download_artifacts(model_uri(mlflow, run))) / REFERENCE
    if not folder.is_dir():
        raise ModelError(f"run {run}: its model has no reference form; name a run that `stance train` made")
    return folder


def model_uri(mlflow: Any, run: str) -> str:
    """Return the address of the model that a run logged. Raises ModelError for a run without one."""
    outputs = mlflow.MlflowClient().get_run(run).outputs
    models = [m.model_id for m in outputs.model_outputs] if outputs else []
    if not models:
        raise ModelError(f"run {run}: has logged no model; name a run that `stance train` made and that came to its end")
    return f"models:/{models[-1]}"


def register(mlflow: Any, run: str) -> str:
    """Register the run's model and return its version; a run that is registered already keeps its version."""
    client = mlflow.MlflowClient()
    if not client.search_registered_models(f"name='{REGISTERED}'"):
        about = (
            "Stance toward Moscow (supportive, neutral, hedging) and sentiment of every (sentence, actor) pair, with probabilities and "
            "abstention. `champion` is what ships; `challenger` is the latest one that the gate looked at and did not let through."
        )
        client.create_registered_model(REGISTERED, description=about)
    known = client.search_model_versions(f"run_id='{run}'")
    if known:
        return str(known[0].version)
    about = client.get_run(run).data.tags.get("mlflow.note.content", "")
    made = client.create_model_version(REGISTERED, source=model_uri(mlflow, run), run_id=run, description=about)
    return str(made.version)


def by_alias(mlflow: Any, alias: str) -> Version | None:
    """Return the version behind an alias, or None where nobody has it."""
    client = mlflow.MlflowClient()
    try:
        return _version(client.get_model_version_by_alias(REGISTERED, alias))
    except mlflow.exceptions.MlflowException:
        return None


def by_number(mlflow: Any, number: str) -> Version:
    """Return a version by its number. Raises ModelError that lists what there is."""
    client = mlflow.MlflowClient()
    try:
        return _version(client.get_model_version(REGISTERED, number))
    except mlflow.exceptions.MlflowException as error:
        known = sorted(int(v.version) for v in client.search_model_versions(f"name='{REGISTERED}'"))
        there = f"there are {', '.join(map(str, known))}" if known else "nothing is registered yet"
        raise ModelError(f"version {number} of {REGISTERED}: no such version; {there}") from error


def _version(found: Any) -> Version:
    return Version(str(found.version), str(found.run_id), dict(found.tags))


def move_alias(mlflow: Any, alias: str, version: str | None) -> None:
    """Give `alias` to a version, or to nobody."""
    client = mlflow.MlflowClient()
    if version is None:
        client.delete_registered_model_alias(REGISTERED, alias)
    else:
        client.set_registered_model_alias(REGISTERED, alias, version)


def tag_version(mlflow: Any, version: str, tags: dict[str, str]) -> None:
    """Write tags on a version."""
    client = mlflow.MlflowClient()
    for key, value in tags.items():
        client.set_model_version_tag(REGISTERED, version, key, value)
