"""One tracked run: everything that goes in and everything that comes out is in MLflow."""

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from moscow_labels.errors import UsageError
from moscow_labels.texts import Texts, find_texts
from moscow_stance.metrics import Ints, confusion, f1_by_class, macro_f1
from moscow_stance.talk import talk
from moscow_stance.terminal import stderr
from moscow_training.behaviour import by_capability, passed, read_suite
from moscow_training.clock import Clock
from moscow_training.data import AXES, LabelSet, load_labels
from moscow_training.encoder import Encoder, Features, cached_features
from moscow_training.finetune import Judge, Progress, Schedule, finetune
from moscow_training.judged import Judged, judge
from moscow_training.logged import log_model
from moscow_training.recipe import Recipe
from moscow_training.reference import TUNED, Reference
from moscow_training.run_inputs import log_inputs, log_settings
from moscow_training.run_results import card_facts, log_results, one_sentence
from moscow_training.school import Lesson, read_lessons
from moscow_training.store import open_store, use_experiment
from moscow_training.training import Trained, train_heads, training_rows, validation_rows
from moscow_training.weights import encoder_revision

NO_TEXTS = "other people's texts are not here (--texts, STANCE_TEXTS, ../shared): training on our own sentences only"
SAMPLING = 5
"""Seconds between two samples of the system's metrics."""


@dataclass(frozen=True, slots=True)
class Workshop:
    """What runs share: MLflow, the project's root, the labels, and the lessons where a recipe goes to school."""

    mlflow: Any
    root: Path
    labels: LabelSet
    lessons: list[Lesson]


@dataclass(frozen=True, slots=True)
class Finished:
    """A finished run: its id, what was trained, and what that says about the validation rows on each axis."""

    run: str
    trained: Trained
    judged: Mapping[str, Judged]


def open_workshop(root: Path, *, school: bool, texts: Path | None, tracking_uri: str | None) -> Workshop:
    """Read the labels (and lessons) and open the store. Raises UsageError where a school is wished and its data are not here."""
    mlflow, found = open_store(root, tracking_uri), find_texts(texts, root)
    labels = load_labels(root, found)
    if not labels.texts:
        talk.warn(NO_TEXTS)
    return Workshop(mlflow, root, labels, _lessons(found) if school else [])


def train_run(root: Path, recipe: Recipe, *, texts: Path | None, tracking_uri: str | None, experiment: str) -> Finished:
    """Train, track and print one run."""
    workshop = open_workshop(root, school=recipe.school, texts=texts, tracking_uri=tracking_uri)
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
        model = Encoder(recipe.encoder)
        with clock.telling():
            log_inputs(mlflow, workshop.root, labels, model, recipe)
        _tune(workshop, model, recipe, clock)
        features = embed(model, labels, workshop.root, cache=cache)
        trained = train_heads(labels, features, seed=recipe.seed, say=talk.note, quick=recipe.quick)
        judged = judged_on_validation(labels, features, trained)
        with clock.telling():
            log_settings(mlflow, dict(trained.settings))
            log_model(model, trained.heads, _reference(model, trained, labels))
            facts = card_facts(labels, recipe, trained, model, workshop.root, run.info.run_id)
            note = one_sentence(recipe, trained, texts=labels.texts)
            log_results(mlflow, trained, judged, facts, note, capabilities(workshop.root, model, trained))
        mlflow.log_metrics({"duration_s": clock.seconds, "tracking_s": clock.told, "tracking_share": clock.told / clock.seconds})
    return Finished(run.info.run_id, trained, judged)


def judged_on_validation(labels: LabelSet, features: Features, trained: Trained) -> dict[str, Judged]:
    """Return what a model says of the validation rows, by axis."""
    rows = validation_rows(labels)
    return {axis: judge(labels, rows, axis, trained.heads[axis].predict_proba(features[rows]), trained.thresholds[axis]) for axis in AXES}


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


def _lessons(texts: Texts | None) -> list[Lesson]:
    if texts is None:
        raise UsageError("--school reads public data beside the corpora: name their folder with --texts")
    return read_lessons(texts.folder / "benchmarks")


def _tune(workshop: Workshop, model: Encoder, recipe: Recipe, clock: Clock) -> None:
    """Fine-tune `model` in place: one pass over the lessons, then the epochs on our labels; losses and figures are logged as they come."""
    labels, lessons = workshop.labels, workshop.lessons
    if lessons:
        truth = {"stance": np.array([x.stance for x in lessons]), "sentiment": np.array([x.sentiment for x in lessons])}
        watch = _watch(workshop.mlflow, "school", clock)
        finetune(model, [x.unit for x in lessons], truth, Schedule(epochs=1), seed=recipe.seed, progress=watch)
    if recipe.epochs:
        rows, judges = training_rows(labels, own=True), validation_rows(labels)
        finetune(
            model,
            [labels.examples[i].unit for i in rows],
            {axis: labels.truth(axis, rows) for axis in AXES},
            Schedule(epochs=recipe.epochs, rate=6e-5),
            seed=recipe.seed,
            progress=_watch(workshop.mlflow, "tuning", clock),
            watched=[labels.examples[i].unit for i in judges],
            judge=_epochs(workshop.mlflow, {axis: labels.truth(axis, judges) for axis in AXES}, clock),
        )
    if lessons or recipe.epochs:
        with tempfile.TemporaryDirectory() as scratch:
            model.model.save_pretrained(scratch)
            model.name, model.revision = TUNED, encoder_revision(scratch)


def _watch(mlflow: Any, name: str, clock: Clock) -> Progress:
    def progress(step: int, steps: int, loss: float) -> None:
        with clock.telling():
            mlflow.log_metric(f"{name}_loss", loss, step=step)
        if step % 100 == 0 or step == steps:
            talk.note(f"{name}: step {step} of {steps}, loss {loss:.3f}")

    return progress


def _epochs(mlflow: Any, truth: Mapping[str, Ints], clock: Clock) -> Judge:
    def judge_epoch(epoch: int, predicted: Mapping[str, Ints]) -> None:
        figures = {}
        for axis, names in AXES.items():
            counts = confusion(truth[axis], predicted[axis])
            figures[f"epoch_{axis}_macro_f1"] = float(macro_f1(counts))
            figures |= {f"epoch_{axis}_f1_{name}": float(f1) for name, f1 in zip(names, f1_by_class(counts), strict=True)}
        with clock.telling():
            mlflow.log_metrics(figures, step=epoch)
        scores = ", ".join(f"{axis} {figures[f'epoch_{axis}_macro_f1']:.3f}" for axis in AXES)
        talk.note(f"epoch {epoch}: macro-F1 of the tuning heads on validation: {scores}")

    return judge_epoch


def embed(encoder: Encoder, labels: LabelSet, root: Path, *, cache: bool = True) -> Features:
    """Return features of every example, from the cache where they were computed before, with a progress bar on a terminal."""
    console = stderr()
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=20), MofNCompleteColumn(), TimeElapsedColumn())
    with Bar(*columns, console=console, transient=True, disable=not console.is_terminal or talk.level < 0) as bar:
        task = bar.add_task("reading sentences", total=None)
        return cached_features(
            encoder,
            [e.unit for e in labels.examples],
            root / "mlruns" / "cache" if cache else None,
            lambda done, total: bar.update(task, completed=done, total=total),
        )


def _reference(encoder: Encoder, trained: Trained, labels: LabelSet) -> Reference:
    thresholds = trained.thresholds
    return Reference(
        encoder.name, encoder.revision, encoder.max_tokens, thresholds["stance"], thresholds["sentiment"], labels_digest=labels.digest
    )
