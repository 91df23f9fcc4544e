"""One tracked run: everything that goes in and everything that comes out is in MLflow."""

import json
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from moscow_labels.errors import UsageError
from moscow_labels.texts import Texts, find_texts
from moscow_stance.evaluation import AxisReport, axis_report
from moscow_stance.metrics import clusters
from moscow_stance.talk import talk
from moscow_stance.terminal import stderr
from moscow_training.data import LabelSet, load_labels
from moscow_training.encoder import Encoder, Features, cached_features
from moscow_training.finetune import Progress, Schedule, finetune
from moscow_training.provenance import environment, git_state
from moscow_training.reference import TUNED, Reference, save_reference
from moscow_training.school import Lesson, read_lessons
from moscow_training.store import FOLDER, open_store, use_experiment
from moscow_training.training import AXES, Trained, train_heads, validation_rows
from moscow_training.weights import encoder_revision

NO_TEXTS = "other people's texts are not here (--texts, STANCE_TEXTS, ../shared): training on our own sentences only"


@dataclass(frozen=True, slots=True)
class Recipe:
    """What `stance train` was asked for. `epochs` of fine-tuning, after a first `school` on public data where that is wished."""

    encoder: str
    seed: int
    epochs: int = 0
    school: bool = False


def train_run(root: Path, recipe: Recipe, *, texts: Path | None, tracking_uri: str | None, experiment: str) -> str:
    """Train, track and print; return the run's id."""
    started = time.monotonic()
    found = find_texts(texts, root)
    labels = load_labels(root, found)
    if not labels.texts:
        talk.warn(NO_TEXTS)
    lessons = _lessons(recipe, found)
    mlflow = open_store(root, tracking_uri)
    use_experiment(mlflow, root, experiment)
    with mlflow.start_run() as run:
        model = Encoder(recipe.encoder)
        _tune(mlflow, model, labels, lessons, recipe)
        features = embed(model, labels, root)
        trained = train_heads(labels, features, seed=recipe.seed, say=talk.note)
        _log_inputs(mlflow, root, labels, model, trained, recipe)
        _log_figures(mlflow, labels, features, trained, recipe, time.monotonic() - started)
        _log_reference(mlflow, labels, model, trained)
        run_id: str = run.info.run_id
    _print(run_id, trained)
    return run_id


def _lessons(recipe: Recipe, texts: Texts | None) -> list[Lesson]:
    if not recipe.school:
        return []
    if texts is None:
        raise UsageError("--school reads public data beside the corpora: name their folder with --texts")
    return read_lessons(texts.folder / "benchmarks")


def _tune(mlflow: Any, model: Encoder, labels: LabelSet, lessons: list[Lesson], recipe: Recipe) -> None:
    """Fine-tune `model` in place: one pass over the lessons, then the epochs on our labels."""
    if lessons:
        truth = {"stance": np.array([x.stance for x in lessons]), "sentiment": np.array([x.sentiment for x in lessons])}
        units = [x.unit for x in lessons]
        finetune(model, units, truth, Schedule(epochs=1), seed=recipe.seed, progress=_watch(mlflow, "school"))
    if recipe.epochs:
        rows = labels.part("train")
        truth = {axis: labels.truth(axis, rows) for axis in AXES}
        units = [labels.examples[i].unit for i in rows]
        schedule = Schedule(epochs=recipe.epochs, rate=6e-5)
        finetune(model, units, truth, schedule, seed=recipe.seed, progress=_watch(mlflow, "tuning"))
    if lessons or recipe.epochs:
        with tempfile.TemporaryDirectory() as scratch:
            model.model.save_pretrained(scratch)
            model.name, model.revision = TUNED, encoder_revision(scratch)


def _watch(mlflow: Any, name: str) -> Progress:
    def progress(step: int, steps: int, loss: float) -> None:
        mlflow.log_metric(f"{name}_loss", loss, step=step)
        if step % 100 == 0 or step == steps:
            talk.note(f"{name}: step {step} of {steps}, loss {loss:.3f}")

    return progress


def embed(encoder: Encoder, labels: LabelSet, root: Path) -> Features:
    """Return features of every example, from the cache where they were computed before, with a progress bar on a terminal."""
    console = stderr()
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=20), MofNCompleteColumn(), TimeElapsedColumn())
    with Bar(*columns, console=console, transient=True, disable=not console.is_terminal or talk.level < 0) as bar:
        task = bar.add_task("reading sentences", total=None)
        return cached_features(
            encoder,
            [e.unit for e in labels.examples],
            root / "mlruns" / "cache",
            lambda done, total: bar.update(task, completed=done, total=total),
        )


def _log_inputs(mlflow: Any, root: Path, labels: LabelSet, encoder: Encoder, trained: Trained, recipe: Recipe) -> None:
    sizes = {f"units_{split}": len(labels.part(split)) for split in ("train", "validation", "calibration", "test", "seeds")}
    mlflow.log_params(
        {
            "encoder": recipe.encoder,
            "epochs": recipe.epochs,
            "school": recipe.school,
            "encoder_revision": encoder.revision,
            "max_tokens": encoder.max_tokens,
            "representation": "sentence+actor+moscow",
            "head": "standardised logistic regression, temperature",
            **{f"{axis}_{name}": value for axis, chosen in trained.settings.items() for name, value in asdict(chosen).items()},
            "seed": recipe.seed,
            "labels_digest": labels.digest,
            "texts": labels.texts,
            **sizes,
        }
    )
    mlflow.set_tags({**git_state(root), **{f"version.{k}": v for k, v in environment().items()}, "command": " ".join(sys.argv[1:])})
    for context in ("train", "validation", "test"):
        rows = [labels.examples[i].row for i in labels.part(context)]
        frame = _frame([{"id": r.id, "doc": r.doc, "actor": r.actor, "stance": str(r.stance), "sentiment": str(r.sentiment)} for r in rows])
        if len(frame):
            dataset = mlflow.data.from_pandas(frame, name=f"labels-{context}", targets="stance", digest=labels.digest[:8])
            mlflow.log_input(dataset, context=context)


def _frame(records: list[dict[str, str]]) -> Any:
    import pandas as pd

    return pd.DataFrame.from_records(records)


def _log_figures(mlflow: Any, labels: LabelSet, features: Features, trained: Trained, recipe: Recipe, seconds: float) -> None:
    mlflow.log_metrics({"duration_s": seconds})
    for axis, report in trained.validation.items():
        mlflow.log_metrics(flat(f"validation_{axis}", report))
        mlflow.log_metrics({f"threshold_{axis}": trained.thresholds[axis]})
        for step, (_, score) in enumerate(sorted(trained.search[axis].items())):
            mlflow.log_metric(f"search_{axis}_macro_f1", score, step=step)
        tried = [asdict(setting) | {"macro_f1": score} for setting, score in sorted(trained.search[axis].items())]
        mlflow.log_dict({"tried": tried}, f"search_{axis}.json")
    for source, reports in by_source(labels, features, trained).items():
        for axis, report in reports.items():
            mlflow.log_metrics({f"validation_{axis}_macro_f1.{source}": report.macro_f1.value})
    mlflow.log_dict({axis: r.as_dict() for axis, r in trained.validation.items()}, "validation.json")
    stance = trained.validation["stance"]
    what = f"tuned for {recipe.epochs} epochs{' after school' if recipe.school else ''}" if recipe.epochs else "frozen"
    where = "" if labels.texts else ", our own sentences only"
    note = f"Encoder {what}, linear heads{where}: stance macro-F1 {stance.macro_f1} on validation ({stance.n} units)."
    mlflow.set_tag("mlflow.note.content", note)


def by_source(labels: LabelSet, features: Features, trained: Trained) -> Mapping[str, Mapping[str, AxisReport]]:
    """Return the validation reports of each source."""
    rows = validation_rows(labels)
    found: dict[str, dict[str, AxisReport]] = {}
    for source in sorted({labels.examples[i].row.source for i in rows}):
        mine = [i for i in rows if labels.examples[i].row.source == source]
        groups = clusters(labels.documents(mine))
        found[source] = {
            axis: axis_report(
                labels.truth(axis, mine), trained.heads[axis].predict_proba(features[mine]), groups, names, trained.thresholds[axis]
            )
            for axis, names in AXES.items()
        }
    return found


def _log_reference(mlflow: Any, labels: LabelSet, encoder: Encoder, trained: Trained) -> None:
    reference = Reference(
        encoder.name, encoder.revision, encoder.max_tokens, trained.thresholds["stance"], trained.thresholds["sentiment"], labels.digest
    )
    with tempfile.TemporaryDirectory() as scratch:
        save_reference(Path(scratch), dict(trained.heads), reference, encoder)
        mlflow.log_artifacts(scratch, FOLDER)


def flat(prefix: str, report: AxisReport) -> dict[str, float]:
    """Return a report as MLflow metrics: values, `_lo` and `_hi`, F1 per class."""
    record = report.as_dict()
    figures = {f"{prefix}_{name}": float(v) for name, v in record.items() if isinstance(v, int | float)}
    return figures | {f"{prefix}_f1_{label}": float(v) for label, v in record["f1"].items()}


def _print(run_id: str, trained: Trained, out: Callable[[str], None] = print) -> None:
    out(f"run {run_id}")
    for axis, report in trained.validation.items():
        f1 = ", ".join(f"{label} {value:.3f}" for label, value in report.f1.items())
        out(f"{axis:<10} macro-F1 {report.macro_f1} on validation ({report.n} units): {f1}")
    out(json.dumps({"run_id": run_id, "thresholds": dict(trained.thresholds)}))
