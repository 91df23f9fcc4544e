"""The tuning of one run: a first school on public data, kept apart because many runs begin with it, then the epochs on our labels."""

import hashlib
import json
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from moscow_labels.errors import UsageError
from moscow_labels.texts import Texts
from moscow_stance.metrics import Ints, confusion, f1_by_class, macro_f1
from moscow_stance.talk import talk
from moscow_stance.terminal import stderr
from moscow_training.checkpoint import Checkpoint
from moscow_training.clock import Clock
from moscow_training.data import AXES, LabelSet
from moscow_training.encoder import Encoder
from moscow_training.finetune import Judge, Lot, Progress, Schedule, finetune
from moscow_training.head import PUBLIC
from moscow_training.recipe import Recipe
from moscow_training.reference import TUNED
from moscow_training.rereading import reread, swapper
from moscow_training.school import NEWS, read_lessons, truths
from moscow_training.training import kinds, training_rows, validation_rows
from moscow_training.weights import encoder_revision

SCHOOL = Schedule(epochs=1)
"""One pass over each data set of the school."""
SCHOOL_SEED = 1
"""Every recipe comes from the same school, whatever its seed: what seeds show is the spread of what follows."""


def tune(mlflow: Any, model: Encoder, recipe: Recipe, labels: LabelSet, texts: Texts | None, clock: Clock, cache: Path | None) -> None:
    """Tune `model` in place as the recipe wants; losses and figures are logged as they come.

    Under `cache` a finished school is kept for the next run, and the state of a tuning for the case that it is killed; None keeps nothing.
    """
    if recipe.school:
        _school(mlflow, model, recipe, texts, clock, cache)
    if recipe.epochs:
        lot, judges = _lot(recipe, labels, texts), validation_rows(labels)
        checkpoint = Checkpoint(_place(cache, "tunings", model, lot, recipe.schedule, recipe.as_params()))
        with _Watch(mlflow, "tuning", clock) as progress:
            finetune(
                model,
                lot,
                recipe.schedule,
                seed=recipe.seed,
                progress=progress,
                watched=[labels.examples[i].unit for i in judges],
                judge=_epochs(mlflow, {axis: labels.truth(axis, judges) for axis in lot.truth}, clock),
                checkpoint=checkpoint,
            )
    if recipe.school or recipe.epochs:
        with tempfile.TemporaryDirectory() as scratch:
            model.model.save_pretrained(scratch)
            model.name, model.revision = TUNED, encoder_revision(scratch)


def _school(mlflow: Any, model: Encoder, recipe: Recipe, texts: Texts | None, clock: Clock, cache: Path | None) -> None:
    """Send the encoder to school, or load what came out of the same school before."""
    from safetensors.torch import load_file, save_file

    lessons = read_lessons(_benchmarks(texts), recipe.school)
    units = reread([x.unit for x in lessons], recipe.names)
    lot = Lot(units, {axis: np.array(values) for axis, values in truths(lessons).items()})
    state = _place(cache, "schools", model, lot, SCHOOL, {"seed": str(SCHOOL_SEED), "threads": str(recipe.threads)})
    if state is not None and state.is_file():
        model.model.load_state_dict(load_file(state))
        talk.note(f"school: taken from {state}")
        return
    with _Watch(mlflow, "school", clock) as progress:
        checkpoint = Checkpoint(state.with_suffix(".unfinished") if state else None)
        finetune(model, lot, SCHOOL, seed=SCHOOL_SEED, progress=progress, checkpoint=checkpoint)
    if state is not None:
        state.parent.mkdir(parents=True, exist_ok=True)
        save_file({name: value.contiguous() for name, value in model.model.state_dict().items()}, state)


def _lot(recipe: Recipe, labels: LabelSet, texts: Texts | None) -> Lot:
    """Return what the epochs learn from: our training rows, and NewsMTSC's behind them where they are rehearsed."""
    rows = training_rows(labels, own=True)
    axes = [axis for axis in AXES if recipe.axes in ("both", axis)]
    units = [labels.examples[i].unit for i in rows]
    truth = {axis: labels.truth(axis, rows) for axis in axes}
    lessons = read_lessons(_benchmarks(texts), NEWS) if recipe.rehearsal else []
    public = reread([x.unit for x in lessons], recipe.names)
    values = truths(lessons)
    varied = swapper(units, recipe.swaps, recipe.seed) if recipe.swaps else None
    return Lot(
        [*units, *public],
        {axis: np.concatenate([truth[axis], np.array(values[axis], dtype=np.int64)]) for axis in axes},
        kinds=np.concatenate([kinds(labels, rows), np.full(len(public), PUBLIC)]),
        varied=None if varied is None else lambda number: [*varied(number), *public],
        repeated=len(units) if lessons else None,
        share=recipe.rehearsal,
    )


def _benchmarks(texts: Texts | None) -> Path:
    if texts is None:
        raise UsageError("a school and a rehearsal read public data beside the corpora: name their folder with --texts")
    return texts.benchmarks


def _place(cache: Path | None, kind: str, model: Encoder, lot: Lot, schedule: Schedule, more: Mapping[str, str]) -> Path | None:
    """Return the file of a tuning: its name is a digest of everything that decides what comes out."""
    if cache is None:
        return None
    read = [(u.sentence.text, [(s.start, s.end) for s in u.mentions], [(s.start, s.end) for s in u.moscow]) for u in lot.units]
    taught = {axis: values.tolist() for axis, values in lot.truth.items()}
    what = [model.name, model.revision, model.max_tokens, model.columns.tolist(), read, taught, asdict(schedule), dict(more)]
    what += [] if lot.kinds is None else [lot.kinds.tolist()]
    return cache / kind / f"{hashlib.sha256(json.dumps(what).encode()).hexdigest()[:24]}.safetensors"


class _Watch:
    """A progress bar on a terminal, a line now and then elsewhere, and the loss as a metric."""

    def __init__(self, mlflow: Any, name: str, clock: Clock) -> None:
        self._mlflow, self._name, self._clock = mlflow, name, clock
        console = stderr()
        columns = (
            TextColumn("{task.description}"),
            BarColumn(bar_width=20),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
        )
        self._shown = console.is_terminal and talk.level >= 0
        self._bar = Bar(*columns, console=console, transient=True, disable=not self._shown)
        self._task = self._bar.add_task(name, total=None)

    def __enter__(self) -> Progress:
        self._bar.start()
        return self._progress

    def __exit__(self, *error: object) -> None:
        self._bar.stop()

    def _progress(self, step: int, steps: int, loss: float) -> None:
        with self._clock.telling():
            self._mlflow.log_metric(f"{self._name}_loss", loss, step=step)
        self._bar.update(self._task, completed=step, total=steps, description=f"{self._name}, loss {loss:.3f}")
        if not self._shown and (step % 100 == 0 or step == steps):
            talk.note(f"{self._name}: step {step} of {steps}, loss {loss:.3f}")


def _epochs(mlflow: Any, truth: Mapping[str, Ints], clock: Clock) -> Judge:
    def judge_epoch(epoch: int, predicted: Mapping[str, Ints]) -> None:
        figures = {}
        for axis in truth:
            counts = confusion(truth[axis], predicted[axis])
            figures[f"epoch_{axis}_macro_f1"] = float(macro_f1(counts))
            figures |= {f"epoch_{axis}_f1_{name}": float(f1) for name, f1 in zip(AXES[axis], f1_by_class(counts), strict=True)}
        with clock.telling():
            mlflow.log_metrics(figures, step=epoch)
        scores = ", ".join(f"{axis} {figures[f'epoch_{axis}_macro_f1']:.3f}" for axis in truth)
        talk.note(f"epoch {epoch}: macro-F1 of the tuning heads on validation: {scores}")

    return judge_epoch
