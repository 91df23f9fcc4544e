"""Runs that answer one question together."""

from pathlib import Path

import numpy as np
import pytest

from moscow_labels.errors import ModelError, UsageError
from moscow_training import fold_study, studies
from moscow_training.recipe import Recipe, recipe_of
from moscow_training.weights import DEFAULT_ENCODER

FROZEN = Recipe(DEFAULT_ENCODER, 1, quick=True)


def test_a_recipe_is_read_back_from_its_parameters() -> None:
    recipe = Recipe("some/encoder", 7, epochs=4, school="dse", threads=2, quick=True, rate=1e-4, average=True)
    assert recipe_of(recipe.as_params(), "r") == recipe
    assert recipe.command == (
        "stance train --encoder some/encoder --seed 7 --epochs 4 --school dse --threads 2 --set rate=0.0001 --set average=True --quick"
    )
    assert (recipe.form, FROZEN.form) == ("tuned", "frozen")


def test_a_run_older_than_a_setting_had_its_default() -> None:
    params = Recipe("some/encoder", 7, epochs=4).as_params()
    del params["layers"]
    assert recipe_of(params, "r") == Recipe("some/encoder", 7, epochs=4)
    del params["encoder"]
    with pytest.raises(ModelError, match="no parameter encoder"):
        recipe_of(params, "r")


def test_a_summary_of_seeds_by_hand() -> None:
    found = studies.spread("f", np.array([0.5, 0.6, 0.7]))
    assert found == pytest.approx({"f": 0.6, "f_min": 0.5, "f_max": 0.7, "f_sd": 0.1})
    assert studies.spread("f", np.array([0.5]))["f_sd"] == 0


def test_an_unknown_kind_of_fold_is_refused(root: Path) -> None:
    with pytest.raises(UsageError, match="none of all, leave-actors-out, leave-source-out, forward-in-time"):
        fold_study.folds_study(root, FROZEN, "actors", texts=None, tracking_uri=None)


@pytest.mark.texts
def test_folds_are_nested_and_compared_with_what_was_seen(
    root: Path, texts, migrated: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The arithmetic on features of pure noise: nothing can be learned, so that unseen and seen hardly differ."""

    def noise(encoder, labels, *_):
        return np.random.default_rng(0).normal(size=(len(labels.examples), 3)).astype(np.float32)

    monkeypatch.setattr(fold_study, "embed", noise)
    monkeypatch.setattr(fold_study, "Encoder", lambda name, **_: None)
    found = fold_study.folds_study(root, FROZEN, "all", texts=texts.folder, tracking_uri=migrated)
    kinds = {"leave_actors_out", "leave_source_out", "forward_in_time"}
    assert set(found) == {f"{kind}_{axis}_macro_f1" for kind in kinds for axis in ("stance", "sentiment")}
    assert all(abs(figure.value) < 0.06 for figure in found.values())
    import mlflow

    runs = mlflow.search_runs(experiment_names=["folds"], output_format="list")
    (parent,) = [r for r in runs if r.data.tags["stance.kind"] == "parent"]
    folds = [r for r in runs if r.data.tags.get("mlflow.parentRunId") == parent.info.run_id]
    assert len(folds) > 10
    assert all(int(r.data.params["units_train"]) > int(r.data.params["units_judged"]) for r in folds)
    assert "leave_actors_out_stance_macro_f1_difference_lo" in parent.data.metrics
    assert "leave-actors-out" in capsys.readouterr().out


@pytest.mark.texts
def test_a_tuned_encoder_is_tuned_anew_without_what_a_fold_holds_out(
    root: Path, texts, migrated: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What each tuning may learn from is noted; a fold's tuning sees none of the actors that the fold is judged on."""
    learned: list[set[str]] = []

    def noted(mlflow, model, recipe, labels, *_):
        assert recipe.epochs == 1
        learned.append({labels.examples[i].row.actor for i in labels.part("train")})

    def noise(encoder, labels, *_):
        return np.random.default_rng(0).normal(size=(len(labels.examples), 3)).astype(np.float32)

    monkeypatch.setattr(fold_study, "tune", noted)
    monkeypatch.setattr(fold_study, "embed", noise)
    monkeypatch.setattr(fold_study, "Encoder", lambda name, **_: None)
    tuned = Recipe(DEFAULT_ENCODER, 1, epochs=1, quick=True)
    found = fold_study.folds_study(root, tuned, "leave-actors-out", texts=texts.folder, tracking_uri=migrated)
    assert set(found) == {"leave_actors_out_stance_macro_f1", "leave_actors_out_sentiment_macro_f1"}
    everyone, *without = learned
    assert len(without) == 8
    assert all(part < everyone for part in without)
    assert len(set.union(*(everyone - part for part in without))) > 50
