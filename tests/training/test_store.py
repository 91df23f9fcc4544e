"""The project's store: the same from anywhere, and addresses that follow it when it moves."""

import shutil
from pathlib import Path

import pytest

from moscow_labels.errors import InputError
from moscow_training.store import open_store, rehome, use_experiment
from tests.stores import fresh_store


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A store with a run, an artifact and a registered model that were logged where it lay first."""
    folder = tmp_path / "artifacts" / "first" / "mlruns"
    folder.mkdir(parents=True)
    mlflow = open_store(tmp_path, fresh_store(folder))
    use_experiment(mlflow, "a question/with a slash", "Does it move?")
    with mlflow.start_run() as run:
        mlflow.log_text("hello", "notes/hello.txt")
        model = mlflow.initialize_logged_model("m")
        mlflow.log_model_params({"a": "b"}, model_id=model.model_id)
    client = mlflow.MlflowClient()
    client.create_registered_model("stance")
    client.create_model_version("stance", source=f"{run.info.artifact_uri}/notes", run_id=run.info.run_id)
    return folder


def hello(folder: Path) -> str:
    mlflow = open_store(folder, f"sqlite:///{folder / 'mlflow.db'}")
    (run,) = mlflow.search_runs(experiment_names=["a question/with a slash"], output_format="list")
    assert run.info.artifact_uri.startswith(folder.as_uri())
    text: str = mlflow.artifacts.load_text(f"{run.info.artifact_uri}/notes/hello.txt")
    return text


def test_a_moved_store_finds_its_artifacts(old: Path, tmp_path: Path) -> None:
    new = tmp_path / "artifacts" / "second" / "runs with a space"
    new.parent.mkdir()
    shutil.move(old, new)
    assert rehome(new / "mlflow.db") == 4, "experiment, run, model, version"
    assert rehome(new / "mlflow.db") == 0
    assert hello(new) == "hello"
    mlflow = open_store(new, f"sqlite:///{new / 'mlflow.db'}")
    files = mlflow.artifacts.list_artifacts("models:/stance/1")
    assert [f.path for f in files] == ["hello.txt"]


def test_a_copied_store_leaves_the_original_alone(old: Path, tmp_path: Path) -> None:
    shutil.copytree(old, tmp_path / "copy")
    assert hello(tmp_path / "copy") == "hello"
    (tmp_path / "copy" / "artifacts").rename(tmp_path / "gone")
    assert hello(old) == "hello"


def test_an_experiment_that_others_made_is_not_touched(old: Path, tmp_path: Path) -> None:
    mlflow = open_store(old, f"sqlite:///{old / 'mlflow.db'}")
    elsewhere = (tmp_path / "elsewhere" / "artifacts" / "theirs").as_uri()
    mlflow.create_experiment("theirs", artifact_location=elsewhere)
    mlflow.set_experiment("theirs")
    with mlflow.start_run() as run:
        pass
    shutil.move(old, tmp_path / "moved")
    rehome(tmp_path / "moved" / "mlflow.db")
    mlflow = open_store(old, f"sqlite:///{tmp_path / 'moved' / 'mlflow.db'}")
    assert mlflow.get_experiment_by_name("theirs").artifact_location == elsewhere
    assert mlflow.get_run(run.info.run_id).info.artifact_uri.startswith(elsewhere)


def test_experiments_say_which_question_they_answer(migrated: str, tmp_path: Path) -> None:
    mlflow = open_store(tmp_path, migrated)
    use_experiment(mlflow, "folds")
    assert "has not seen" in mlflow.get_experiment_by_name("folds").tags["mlflow.note.content"]


def test_a_file_that_is_no_store_is_named(tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").write_text("a letter to grandmother")
    with pytest.raises(InputError, match=r"mlflow\.db: not a store"):
        rehome(tmp_path / "mlflow.db")
    assert rehome(tmp_path / "new" / "mlflow.db") == 0
