"""Copies of the one migrated MLflow database."""

from pathlib import Path

from tests.stores import fresh_store


def test_a_copied_store_works_and_keeps_to_itself(migrated: str, tmp_path: Path) -> None:
    import mlflow

    other = tmp_path / "other"
    other.mkdir()
    first, second = (mlflow.MlflowClient(uri, uri) for uri in (migrated, fresh_store(other)))
    first.create_registered_model("stance")
    run = first.create_run("0")
    assert str(run.info.artifact_uri).startswith((tmp_path / "artifacts").as_uri())
    assert [run.info.run_id] == [found.info.run_id for found in first.search_runs(["0"])]
    assert second.search_runs(["0"]) == []
    assert second.search_registered_models() == []
    assert second.get_experiment("0").artifact_location == (other / "artifacts" / "0").as_uri()
