"""A tracked run, end to end, on our own sentences; a run made again; a store that moves; a real server; the commands around it."""

import json
import shutil
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from moscow_training.ui import free_port
from tests.conftest import Run
from tests.servers import answers, running
from tests.training.conftest import Tracked

LOUD = {"PYTHONWARNINGS": "", "STANCE_TEXTS": ""}


@pytest.fixture
def found(tracked: Tracked):
    import mlflow

    mlflow.set_tracking_uri(tracked.uri)
    return mlflow.get_run(tracked.run)


def test_the_run_tells_what_went_in(tracked: Tracked, found) -> None:
    assert found.info.status == "FINISHED"
    asked = {"encoder", "seed", "epochs", "school", "threads"}
    made = {"encoder_revision", "labels_version", "labels_digest", "stance_strength", "units_train", "representation", "head"}
    assert asked | made <= set(found.data.params)
    inputs = {(i.dataset.name, i.tags[0].value): i.dataset.digest for i in found.inputs.dataset_inputs}
    assert set(inputs) == {(f"labels-{part}", part) for part in ("train", "validation", "calibration", "test")}
    assert len(set(inputs.values())) == 4
    tags = found.data.tags
    assert {"version.torch", "version.scikit-learn", "machine.cpu", "machine.cores", "stance.form", "stance.kind"} <= set(tags)
    listed = (artifacts(tracked, found) / "environment.txt").read_text().splitlines()
    assert any(line.startswith("torch==") for line in listed)


def test_the_run_tells_what_came_out(tracked: Tracked, found) -> None:
    figures = found.data.metrics
    name = "validation_stance_macro_f1"
    assert 0 < figures[f"{name}_lo"] < figures[name] < figures[f"{name}_hi"] < 1
    assert {"validation_stance_f1_hedging", "validation_sentiment_macro_f1", "source_stance_n.own", "duration_s", "tracking_s"} <= set(
        figures
    )
    assert figures["peak_memory_mb"] > 100
    assert any(key.startswith("system/") for key in figures), "MLflow samples the machine while the run goes on"
    note = found.data.tags["mlflow.note.content"]
    assert f"{figures[name]:.3f}" in note
    assert "macro-F1" in tracked.printed


def test_pictures_and_tables_are_there(tracked: Tracked, found) -> None:
    folder = artifacts(tracked, found)
    for axis in ("stance", "sentiment"):
        for picture in ("confusion", "reliability", "risk_coverage", "by_actor", "by_source", "search"):
            assert (folder / "pictures" / f"{axis}_{picture}.png").read_bytes().startswith(b"\x89PNG")
    assert found.data.params["stance_strength"]
    search = json.loads((folder / "search.json").read_text())
    assert len(search["stance"]) == len(search["sentiment"]) == 1
    assert "<table" in (folder / "errors.html").read_text()
    assert tracked.run in (folder / "model_card.html").read_text()


def artifacts(tracked: Tracked, found) -> Path:
    return Path(found.info.artifact_uri.removeprefix("file://"))


def test_a_copied_checkout_keeps_its_artifacts_to_itself(tracked: Tracked, tmp_path: Path, stance: Run) -> None:
    """The copy shows and loads its own files, with the original gone from its sight, and the original is not touched."""
    copy = tmp_path / "copy"
    shutil.copytree(tracked.root, copy, symlinks=True)
    done = stance("label", "-", "--model", f"runs:/{tracked.run}", "--format", "jsonl", input=b"Minsk thanked Moscow.", cwd=copy, env=LOUD)
    assert done.returncode == 0, done.stderr
    import mlflow

    mlflow.set_tracking_uri(f"sqlite:///{copy / 'mlruns' / 'mlflow.db'}")
    here = Path(mlflow.get_run(tracked.run).info.artifact_uri.removeprefix("file://"))
    assert here.is_relative_to(copy)
    assert (here / "errors.html").is_file()
    (here / "search.json").write_text('{"whose": "the copy"}')
    assert mlflow.artifacts.load_dict(f"runs:/{tracked.run}/search.json") == {"whose": "the copy"}
    mlflow.set_tracking_uri(tracked.uri)
    assert str(tracked.root) in mlflow.get_run(tracked.run).info.artifact_uri


def test_a_run_made_again_is_identical(tracked: Tracked, stance: Run) -> None:
    done = stance("reproduce", tracked.run, "--root", tracked.root, env=LOUD)
    assert done.returncode == 0, done.stderr
    assert "metrics are identical" in done.stdout, done.stdout
    assert tracked.run in done.stdout
    nobody = stance("reproduce", "f" * 32, "--root", tracked.root, env=LOUD)
    assert nobody.returncode == 4
    assert "stance ui" in nobody.stderr


def test_changed_inputs_are_named_and_differences_shown(tracked: Tracked, monkeypatch: pytest.MonkeyPatch) -> None:
    from moscow_training.reproduction import compared

    same = compared("a", "b", {"validation_x": 0.5, "duration_s": 1.0}, {"validation_x": 0.5, "duration_s": 9.0}, [])
    assert same.identical
    assert same.compared == 1
    other = compared("a", "b", {"validation_x": 0.5, "threshold_y": 0.1}, {"validation_x": 0.25, "threshold_y": 0.1}, ["torch was 1, is 2"])
    assert other.largest == 0.25
    assert "validation_x: 0.500000 then, 0.250000 now" in "\n".join(other.lines())
    assert "torch was 1, is 2" in "\n".join(other.lines())


def test_seeds_are_nested_and_summed_up(tracked: Tracked, stance: Run) -> None:
    done = stance("train", "--quick", "--seeds", "2", "--root", tracked.root, env=LOUD)
    assert done.returncode == 0, done.stderr
    import mlflow

    mlflow.set_tracking_uri(tracked.uri)
    runs = mlflow.search_runs(experiment_names=["seeds"], output_format="list")
    (parent,) = [r for r in runs if r.data.tags["stance.kind"] == "parent"]
    children = [r for r in runs if r.data.tags.get("mlflow.parentRunId") == parent.info.run_id]
    values = [r.data.metrics["validation_stance_macro_f1"] for r in children]
    assert len(values) == 2
    assert {r.data.params["seed"] for r in children} == {"1", "2"}
    assert parent.data.metrics["validation_stance_macro_f1"] == pytest.approx(sum(values) / 2)
    assert parent.data.metrics["validation_stance_macro_f1_min"] == pytest.approx(min(values))
    assert "2 seeds" in parent.data.tags["mlflow.note.content"]
    assert mlflow.get_experiment_by_name("seeds").tags["mlflow.note.content"].startswith("How much does")


def test_a_real_server_takes_a_run_and_gives_its_model(tracked: Tracked, tmp_path: Path, stance: Run) -> None:
    """Everything goes over HTTP: nothing of the run lies in the project's own store."""
    served = ["--artifacts-destination", str(tmp_path / "artifacts"), "--serve-artifacts"]
    with running(["server", "--backend-store-uri", f"sqlite:///{tmp_path / 'server.db'}", *served], tmp_path) as address:
        given = {**LOUD, "MLFLOW_TRACKING_URI": address}
        done = stance("train", "--quick", "--root", tracked.root, "--tracking-uri", address, env=LOUD)
        assert done.returncode == 0, done.stderr
        run = done.stdout.split()[1]
        label = stance("label", "-", "--model", f"runs:/{run}", "--format", "jsonl", input=b"Minsk thanked Moscow.", env=given)
        assert label.returncode == 0, label.stderr
        assert '"actor": "BLR"' in label.stdout
        nobody = stance("label", "-", "--model", "models:/stance@champion", input=b"Minsk thanked Moscow.", env=given)
        assert nobody.returncode == 4
    assert list((tmp_path / "artifacts").rglob("errors.html"))


def test_promoting_without_texts_says_what_is_missing(tracked: Tracked, stance: Run) -> None:
    done = stance("promote", tracked.run, "--root", tracked.root, env=LOUD)
    assert done.returncode == 2
    assert "--texts" in done.stderr
    assert stance("promote", env=LOUD).returncode == 2


def test_a_store_that_cannot_work_is_refused(stance: Run, tmp_path: Path) -> None:
    done = stance("train", "--tracking-uri", "./mlruns", env=LOUD)
    assert done.returncode == 2
    assert "sqlite:///" in done.stderr
    (tmp_path / "mlflow.db").write_text("a letter to grandmother")
    broken = stance("train", "--tracking-uri", f"sqlite:///{tmp_path / 'mlflow.db'}", env=LOUD)
    assert broken.returncode == 3
    assert "not a store" in broken.stderr


def test_the_ui_answers_on_loopback_and_stops(tracked: Tracked, root: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "moscow_stance", "ui", "--port", str(port), "--tracking-uri", tracked.uri]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=root) as server:
        try:
            assert answers(f"http://127.0.0.1:{port}/health", server)
        finally:
            server.send_signal(signal.SIGINT)
            server.communicate(timeout=30)
    assert server.returncode == 130
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2)
