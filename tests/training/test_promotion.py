"""Promotion on our own sentences: first, refused, forced, rolled back; the test split is opened once per model; its arithmetic."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from moscow_labels.errors import ModelError
from moscow_stance.metrics import accuracy, with_interval
from moscow_stance.model import load_folder
from moscow_training import gate
from moscow_training.baselines import majority, marked, tfidf
from moscow_training.candidates import Place
from moscow_training.data import LabelSet, load_labels
from moscow_training.encoder import Encoder
from moscow_training.head import calibrate, fit_plain
from moscow_training.logged import log_model
from moscow_training.openings import openings
from moscow_training.promotion import opened_place, promote
from moscow_training.reference import Reference
from moscow_training.registry import CHALLENGER, CHAMPION, by_alias, by_number
from moscow_training.store import use_experiment
from moscow_training.tracking import embed
from moscow_training.weights import DEFAULT_ENCODER
from tests.training.conftest import Tracked, make_checkout


@pytest.fixture(scope="module")
def place(tracked: Tracked, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A checkout of its own that shares the tracked one's cache of features."""
    root = make_checkout(tmp_path_factory.mktemp("promotion"))
    (root / "mlruns" / "cache").symlink_to(tracked.root / "mlruns" / "cache")
    with opened_place(root, None, load_labels(root, None), f"sqlite:///{root / 'mlruns' / 'mlflow.db'}") as opened:
        yield opened


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "TIMED_UNITS", 4)
    monkeypatch.setattr(gate, "ROUNDS", 5)


def log(place: Place, name: str, strength: float = 0.001) -> str:
    """Log a model whose heads are allowed so much; next to nothing makes them say the commonest label always. Return its run."""
    place.mlflow.set_tracking_uri(f"sqlite:///{place.root / 'mlruns' / 'mlflow.db'}")
    use_experiment(place.mlflow, "stance")
    encoder, rows = Encoder(DEFAULT_ENCODER), place.labels.part("train")
    features = embed(encoder, place.labels, place.root)
    heads, sure = {}, place.labels.part("calibration")
    for axis in ("stance", "sentiment"):
        truth = place.labels.truth(axis, rows)
        head = fit_plain(features[rows], truth, strength=strength, power=0.5, seed=1)
        heads[axis] = calibrate(head, features[sure], place.labels.truth(axis, sure))
    with place.mlflow.start_run(run_name=name, tags={"mlflow.note.content": name}) as run:
        settings = {axis: {"strength": strength, "power": 0.5, "own": True} for axis in heads}
        reference = Reference(encoder.name, encoder.revision, encoder.max_tokens, 0.5, 0.5, place.labels.digest, settings)
        log_model(encoder, heads, reference)
        return str(run.info.run_id)


@pytest.fixture(scope="module")
def good(place: Place) -> str:
    return log(place, "good")


@pytest.fixture(scope="module")
def bad(place: Place) -> str:
    return log(place, "bad", strength=1e-9)


@pytest.fixture(scope="module")
def first(place: Place, good: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first champion, shipped into the checkout's package."""
    out = place.root / "inference/moscow_stance/data/model"
    before = len(openings(place.root))
    outcome = promote(place, good, out=out)
    assert (outcome.version, outcome.decided, outcome.decision) == ("1", "first", None)
    assert len(openings(place.root)) == before + 1
    return out


def version_of(place: Place, alias: str) -> str | None:
    found = by_alias(place.mlflow, alias)
    return found.number if found else None


def test_the_first_model_ships_with_its_figures(place: Place, first: Path, good: str) -> None:
    assert (version_of(place, CHAMPION), version_of(place, CHALLENGER)) == ("1", None)
    card = json.loads((first / "model.json").read_text())
    assert card["run"] == good
    assert card["test_openings"] == len(openings(place.root))
    assert {"shipped", "reference", "tfidf", "majority"} == set(card["figures"])
    assert load_folder(first).info.version == "1"
    run = place.mlflow.get_run(good)
    assert run.data.metrics["test_stance_shipped_macro_f1"] == pytest.approx(card["figures"]["shipped"]["stance"]["macro_f1"])
    tags = by_number(place.mlflow, "1").tags
    assert (tags["gate"], tags["gate.against"]) == ("first", "nobody")
    assert "test_stance_macro_f1" in tags


def test_a_worse_model_is_refused_with_the_reason_and_can_be_forced_and_rolled_back(
    place: Place, first: Path, good: str, bad: str, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = len(openings(place.root))
    with pytest.raises(ModelError, match=r"version 2 is refused: .*version 1[^W]*\n  stance macro-F1 .*WORSE"):
        promote(place, bad, out=first)
    assert re.search(r"behaviour .* against ", capsys.readouterr().out)
    assert (version_of(place, CHAMPION), version_of(place, CHALLENGER)) == ("1", "2")
    tags = by_number(place.mlflow, "2").tags
    assert tags["gate"] == "refused"
    assert "stance macro-F1" in tags["gate.worse"]
    assert json.loads(place.mlflow.artifacts.load_text(f"runs:/{bad}/gate.json"))["accepted"] is False
    assert len(openings(place.root)) == opened, "what is refused never sees the test split"
    assert load_folder(first).info.version == "1", "and does not ship"

    forced = promote(place, bad, out=first, force=True)
    assert forced.decided == "forced"
    assert by_number(place.mlflow, "2").tags["gate"] == "forced"
    assert (version_of(place, CHAMPION), version_of(place, CHALLENGER)) == ("2", None)
    assert load_folder(first).info.version == "2"
    assert len(openings(place.root)) == opened + 1

    back = promote(place, "", out=first, to_version="1")
    assert (back.version, back.decided) == ("1", "rollback")
    assert version_of(place, CHAMPION) == "1"
    card = json.loads((first / "model.json").read_text())
    assert (card["version"], card["run"]) == ("1", good)
    assert "figures" in card
    assert len(openings(place.root)) == opened + 1, "a model that was scored once is not scored again"


def test_the_champion_again_is_kept_without_another_look(place: Place, first: Path, good: str) -> None:
    opened = len(openings(place.root))
    assert promote(place, good, out=first).decided == "kept"
    assert len(openings(place.root)) == opened


def test_a_version_that_is_not_there_is_said_with_those_that_are(place: Place, first: Path) -> None:
    with pytest.raises(ModelError, match=r"version 99 .* there are 1"):
        promote(place, "", out=first, to_version="99")


def test_weights_make_the_mix() -> None:
    from moscow_training.verdict import mix_weights

    strata = ["", "", "", "", "", "", "no-moscow-word", "no-moscow-word"]
    weights = mix_weights(strata, 0.5)
    silent = np.array([bool(s) for s in strata])
    assert weights.sum() == pytest.approx(len(strata))
    assert weights[silent].sum() / weights.sum() == pytest.approx(0.5)


def test_weighted_accuracy_by_hand() -> None:
    truth, predicted = np.array([0] * 10 + [1] * 10), np.zeros(20, dtype=np.int64)
    weights = np.array([0.5] * 10 + [1.5] * 10)
    assert with_interval(accuracy, truth, predicted, np.arange(20), weights=weights).value == pytest.approx(5 / 20)


def test_majority_says_one_thing() -> None:
    p = majority(np.array([2, 2, 1]), 4)
    assert p.argmax(axis=1).tolist() == [2] * 4


def test_tfidf_knows_who_is_meant(own_labels: LabelSet) -> None:
    labels = own_labels
    index = next(i for i, e in enumerate(labels.examples) if e.unit.mentions)
    text, span = labels.examples[index].unit.sentence.text, labels.examples[index].unit.mentions[0]
    assert "actorx" in marked(labels, index)
    assert span.of(text) not in marked(labels, index).split()
    p = tfidf(labels, labels.part("train"), labels.part("validation"), "stance", seed=1)
    assert p.shape == (len(labels.part("validation")), 3)
    assert p.sum(axis=1) == pytest.approx(1)
