"""The registered model: loads with nothing but what it declares, answers requests, and never gets code of its own run by `stance`."""

import json
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
import skops.io as sio
from sklearn.feature_extraction.text import CountVectorizer

from moscow_training.registry import CHAMPION, REGISTERED, model_uri, move_alias, register
from moscow_training.store import open_store
from tests.conftest import Run
from tests.servers import running
from tests.training.conftest import Tracked

ALONE = Path(__file__).with_name("alone.py")
LOUD = {"PYTHONWARNINGS": "", "STANCE_TEXTS": ""}
ROWS = [
    {"sentence": "Minsk thanked Moscow for the loan.", "actor": "BLR"},
    {"sentence": "Yerevan refused to sign what Moscow had written.", "actor": "Armenia", "mention_start": 0, "mention_end": 7},
]


@pytest.fixture(scope="module")
def version(tracked: Tracked) -> str:
    mlflow = open_store(tracked.root, tracked.uri)
    number = register(mlflow, tracked.run)
    move_alias(mlflow, CHAMPION, number)
    return number


def test_the_version_has_signature_example_and_no_pickle(tracked: Tracked, version: str) -> None:
    mlflow = open_store(tracked.root, tracked.uri)
    assert register(mlflow, tracked.run) == version, "a run is registered once"
    info = mlflow.models.get_model_info(model_uri(mlflow, tracked.run))
    assert {i.name for i in info.signature.inputs} >= {"sentence", "actor"}
    assert "stance_p_hedging" in {o.name for o in info.signature.outputs}
    folder = Path(mlflow.artifacts.download_artifacts(info.model_uri))
    assert (folder / "input_example.json").is_file()
    suffixes = {f.suffix for f in folder.rglob("*") if f.is_file()}
    assert not suffixes & {".pkl", ".pickle", ".joblib", ".bin", ".pt"}
    assert "python_model" not in info.flavors["python_function"], "that would be a pickle"
    needs = (folder / "requirements.txt").read_text()
    assert "torch==2.13.0" in needs
    assert "+" not in needs


def test_it_loads_where_only_its_requirements_are_installed(tracked: Tracked, version: str) -> None:
    """`alone.py` hides every distribution that is not in the closure of the declared requirements, and this checkout too."""
    mlflow = open_store(tracked.root, tracked.uri)
    folder = mlflow.artifacts.download_artifacts(model_uri(mlflow, tracked.run))
    command = [sys.executable, "-I", str(ALONE), folder, json.dumps(ROWS)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd="/", timeout=300)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert [row["located"] for row in said["rows"]] == [True, True]
    assert all(abs(sum(row[f"stance_p_{c}"] for c in ("supportive", "neutral", "hedging")) - 1) < 1e-6 for row in said["rows"])
    assert said["code"].startswith(folder), "its code comes with it"
    assert {"pytest", "selenium", "cleanlab", "datasketch", "moscow-stance"} <= set(said["hidden"])


def test_it_is_served_and_says_what_is_wrong_with_a_request(tracked: Tracked, version: str, tmp_path: Path) -> None:
    command = ["models", "serve", "-m", f"models:/{REGISTERED}@{CHAMPION}", "--env-manager", "local"]
    with running(command, tmp_path, health="/ping", env={"MLFLOW_TRACKING_URI": tracked.uri}) as address:
        status, body = ask(address, ROWS)
        assert status == 200
        assert [row["stance"] for row in body["predictions"]] == ["supportive", "hedging"]
        for rows, wanted in (
            ([{"sentence": "Minsk thanked Moscow."}], "missing inputs ['actor']"),
            ([ROWS[0], {"sentence": "Minsk thanked Moscow.", "actor": " "}], "row 1: actor is missing"),
            ([{**ROWS[1], "mention_end": 700}], "do not lie in the sentence"),
            ([{**ROWS[1], "mention_start": 0.5}], "no whole number"),
        ):
            status, body = ask(address, rows)
            assert status == 400
            assert wanted in body["message"]
            assert "stack_trace" not in body


def ask(address: str, rows: list[dict[str, object]]) -> tuple[int, dict]:
    data = json.dumps({"dataframe_records": rows}).encode()
    request = urllib.request.Request(f"{address}/invocations", data, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=60) as reply:
            return reply.status, json.load(reply)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_no_command_runs_code_out_of_an_artifact(tracked: Tracked, version: str, stance: Run, tmp_path: Path) -> None:
    """Every Python file of the stored model leaves a mark when it is run; labelling, reproducing and promoting leave none."""
    mlflow = open_store(tracked.root, tracked.uri)
    folder = Path(
        mlflow.get_logged_model(model_uri(mlflow, tracked.run).removeprefix("models:/")).artifact_location.removeprefix("file://")
    )
    mark = tmp_path / "mark"
    files = {path: path.read_bytes() for path in folder.rglob("*.py")}
    assert any(path.name == "serving.py" for path in files)
    try:
        for path in files:
            path.write_text(f"open({str(mark)!r}, 'w').close()\n")
        given = {**LOUD, "MLFLOW_TRACKING_URI": tracked.uri}
        done = stance("label", "-", "--model", "models:/stance@champion", input=b"Minsk thanked Moscow.", env=given)
        assert done.returncode == 0, done.stderr
        stance("promote", tracked.run, "--root", tracked.root, "--out", tmp_path / "out", env=LOUD)
        assert not mark.exists()
    finally:
        for path, data in files.items():
            path.write_bytes(data)


def test_a_head_of_an_untrusted_type_is_refused_by_every_way_in(tracked: Tracked, version: str, stance: Run, tmp_path: Path) -> None:
    import shutil

    mlflow = open_store(tracked.root, tracked.uri)
    folder = tmp_path / "model"
    shutil.copytree(mlflow.artifacts.download_artifacts(model_uri(mlflow, tracked.run)), folder)
    reference = folder / "artifacts" / "reference"
    sio.dump(CountVectorizer(tokenizer=shutil.rmtree), reference / "stance.skops")
    card = json.loads((reference / "reference.json").read_text())
    from moscow_stance.model import file_sha256

    card["sha256"]["stance.skops"] = file_sha256(reference / "stance.skops")
    (reference / "reference.json").write_text(json.dumps(card))
    with pytest.raises(Exception, match=r"untrusted types \(.*rmtree"):
        mlflow.pyfunc.load_model(str(folder))
