"""One tracked run: everything that goes in and everything that comes out is in MLflow."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from moscow_labels.texts import Texts, find_texts
from moscow_stance.talk import talk
from moscow_stance.terminal import stderr
from moscow_training.behaviour import by_capability, passed, read_suite
from moscow_training.clock import Clock
from moscow_training.conformal import Sets, coverage, prediction_sets
from moscow_training.data import AXES, HELD, PUBLIC, LabelSet, load_labels
from moscow_training.encoder import Encoder, Features, cached_features
from moscow_training.judged import Judged, judge
from moscow_training.logged import log_model
from moscow_training.preparing import prepared
from moscow_training.recipe import Recipe
from moscow_training.reference import Reference
from moscow_training.run_inputs import log_inputs, log_settings
from moscow_training.run_results import card_facts, log_results, one_sentence
from moscow_training.store import open_store, use_experiment
from moscow_training.training import Trained, train_heads, validation_rows
from moscow_training.tuning import tune

NO_TEXTS = "other people's texts are not here (--texts, STANCE_TEXTS, ../shared): training on our own sentences only"
SAMPLING = 5
"""Seconds between two samples of the system's metrics."""


@dataclass(frozen=True, slots=True)
class Workshop:
    """What runs share: MLflow, the project's root, the labels as their recipe reads them, and other people's texts, where they are."""

    mlflow: Any
    root: Path
    labels: LabelSet
    texts: Texts | None


@dataclass(frozen=True, slots=True)
class Finished:
    """A finished run: its id, what was trained, and what that says about the validation rows on each axis."""

    run: str
    trained: Trained
    judged: Mapping[str, Judged]


def open_workshop(root: Path, recipe: Recipe, *, texts: Path | None, tracking_uri: str | None) -> Workshop:
    """Read the labels for a recipe (its seed apart) and open the store. Raises InputError where it needs data that are not here."""
    mlflow, found = open_store(root, tracking_uri), find_texts(texts, root)
    labels = prepared(load_labels(root, found), recipe, found)
    if not labels.texts:
        talk.warn(NO_TEXTS)
    return Workshop(mlflow, root, labels, found)


def train_run(root: Path, recipe: Recipe, *, texts: Path | None, tracking_uri: str | None, experiment: str) -> Finished:
    """Train, track and print one run."""
    workshop = open_workshop(root, recipe, texts=texts, tracking_uri=tracking_uri)
    use_experiment(workshop.mlflow, experiment)
    finished = tracked(workshop, recipe, tags={"stance.kind": "single"})
    print("\n".join(finished_lines(finished)))  # noqa: T201
    return finished


def tracked(workshop: Workshop, recipe: Recipe, *, tags: dict[str, str], cache: bool = True) -> Finished:
    """Make one run of a recipe in the active experiment, nested where a run is active. Without `cache` nothing is read from it."""
    import torch

    mlflow, labels, clock = workshop.mlflow, workshop.labels, Clock()
    if recipe.threads:
        torch.set_num_threads(recipe.threads)
    recipe = replace(recipe, threads=torch.get_num_threads())
    nested = mlflow.active_run() is not None
    mlflow.set_system_metrics_sampling_interval(SAMPLING)
    with mlflow.start_run(nested=nested, run_name=recipe.name, tags=tags, log_system_metrics=not nested) as run:
        model = Encoder(recipe.encoder, pooling=recipe.pooling, layers=recipe.layers)
        with clock.telling():
            log_inputs(mlflow, workshop.root, labels, model, recipe)
        tune(mlflow, model, recipe, labels, workshop.texts, clock, workshop.root / "mlruns" / "cache" if cache else None)
        features = embed(model, labels, workshop.root, cache=cache)
        trained = train_heads(labels, features, seed=recipe.seed, say=talk.note, quick=recipe.quick)
        judged = judged_on_validation(labels, features, trained)
        covered = {axis: coverage(judged[axis], sets_on_validation(labels, features, trained, axis)) for axis in AXES}
        with clock.telling():
            log_settings(mlflow, dict(trained.settings))
            if recipe.shippable:
                log_model(model, trained.heads, _reference(model, trained, labels))
            facts = card_facts(labels, recipe, trained, model, workshop.root, run.info.run_id)
            note = one_sentence(recipe, trained, texts=labels.texts)
            log_results(mlflow, trained, judged, covered, facts, note, capabilities(workshop.root, model, trained))
        mlflow.log_metrics({"duration_s": clock.seconds, "tracking_s": clock.told, "tracking_share": clock.told / clock.seconds})
    return Finished(run.info.run_id, trained, judged)


def judged_on_validation(labels: LabelSet, features: Features, trained: Trained) -> dict[str, Judged]:
    """Return what a model says of the validation rows, by axis."""
    rows = validation_rows(labels)
    return {axis: judge(labels, rows, axis, trained.heads[axis].predict_proba(features[rows]), trained.thresholds[axis]) for axis in AXES}


def sets_on_validation(labels: LabelSet, features: Features, trained: Trained, axis: str) -> Sets:
    """Return the conformal sets of the validation rows, fitted on the calibration split."""
    sure_on = labels.part("calibration", real=True if labels.texts else None)
    judges = features[validation_rows(labels)]
    return prediction_sets(trained.heads[axis], features[sure_on], labels.truth(axis, sure_on), judges)


def capabilities(root: Path, encoder: Encoder, trained: Trained) -> Mapping[str, tuple[int, int]]:
    """Return how many cases of each capability a model passes, nothing where there is no behaviour suite."""
    cases = read_suite(root)
    return (
        by_capability(cases, passed(cases, lambda units: trained.heads["stance"].predict_proba(encoder.features(units)))) if cases else {}
    )


def finished_lines(finished: Finished) -> list[str]:
    """Return what is printed of a run: its id, figures, and a line of JSON for programs."""
    lines = [f"run {finished.run}"]
    for axis, report in finished.trained.validation.items():
        f1 = ", ".join(f"{label} {value:.3f}" for label, value in report.f1.items())
        lines.append(f"{axis:<10} macro-F1 {report.macro_f1} on validation ({report.n} units): {f1}")
    return [*lines, json.dumps({"run_id": finished.run, "thresholds": dict(finished.trained.thresholds)})]


def embed(encoder: Encoder, labels: LabelSet, root: Path, *, cache: bool = True) -> Features:
    """Return features of every example that is learned from or judged, zeros for the others (the test split's, for one).

    They come from the cache where they were computed before; a terminal sees a progress bar.
    """
    rows = labels.part("train", "validation", "calibration", PUBLIC, HELD)
    console = stderr()
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=20), MofNCompleteColumn(), TimeElapsedColumn())
    with Bar(*columns, console=console, transient=True, disable=not console.is_terminal or talk.level < 0) as bar:
        task = bar.add_task("reading sentences", total=None)
        found = cached_features(
            encoder,
            [labels.examples[i].unit for i in rows],
            root / "mlruns" / "cache" if cache else None,
            lambda done, total: bar.update(task, completed=done, total=total),
        )
    features = np.zeros((len(labels.examples), found.shape[1]), dtype=np.float32)
    features[rows] = found
    return features


def _reference(encoder: Encoder, trained: Trained, labels: LabelSet) -> Reference:
    thresholds = trained.thresholds
    return Reference(
        encoder.name,
        encoder.revision,
        encoder.max_tokens,
        thresholds["stance"],
        thresholds["sentiment"],
        labels_digest=labels.digest,
        settings={axis: asdict(setting) for axis, setting in trained.settings.items()},
        shift=trained.shifts["sentiment"].tolist(),
    )
