"""What comes out of a run, for MLflow: metrics with intervals, per class, source and actor; pictures; the error table; the card."""

import datetime as dt
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from moscow_stance.evaluation import AxisReport
from moscow_training.conformal import Coverage, coverage_metrics
from moscow_training.data import LabelSet
from moscow_training.encoder import Encoder
from moscow_training.judged import Judged
from moscow_training.provenance import environment, git_state, peak_memory_mb
from moscow_training.recipe import Recipe
from moscow_training.review import comparisons, pictures
from moscow_training.review.card import CardFacts, model_card
from moscow_training.review.drawing import png, said
from moscow_training.review.errors import error_table
from moscow_training.review.slices import metric_key, slice_figures, slice_metrics
from moscow_training.training import Trained
from moscow_training.weights import DEFAULT_ENCODER

Artifact = tuple[str, bytes]
LEAST_PER_ACTOR = 20
"""Units that an actor must have among the judged ones to get metrics of its own."""


def log_results(
    mlflow: Any,
    trained: Trained,
    judged: Mapping[str, Judged],
    covered: Mapping[str, Sequence[Coverage]],
    facts: CardFacts,
    note: str,
    cases: Mapping[str, tuple[int, int]],
) -> None:
    """Log everything that the validation rows (and a behaviour suite's `cases`, if any) say about a model to the active run.

    `covered` is what conformal sets hold, by axis.
    """
    mlflow.log_metrics(metrics(trained, judged) | {"peak_memory_mb": peak_memory_mb()})
    for axis, found in covered.items():
        mlflow.log_metrics(coverage_metrics(axis, found))
    for axis, tried in trained.search.items():
        for step, (_, score) in enumerate(sorted(tried.items())):
            mlflow.log_metric(f"search_{axis}_macro_f1", score, step=step)
    if cases:
        mlflow.log_metrics({f"behaviour.{metric_key(name)}": good / total for name, (good, total) in cases.items()})
        mlflow.log_metric("behaviour", sum(good for good, _ in cases.values()) / sum(total for _, total in cases.values()))
    mlflow.set_tag("mlflow.note.content", note)
    with tempfile.TemporaryDirectory() as scratch:
        for path, data in artifacts(trained, judged, covered, facts, cases):
            file = Path(scratch) / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        tried_settings = {axis: [asdict(s) | {"macro_f1": f1} for s, f1 in sorted(t.items())] for axis, t in trained.search.items()}
        reports = {axis: r.as_dict() for axis, r in trained.validation.items()}
        for name, record in {"search.json": tried_settings, "validation.json": reports}.items():
            (Path(scratch) / name).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
        mlflow.log_artifacts(scratch)


def metrics(trained: Trained, judged: Mapping[str, Judged]) -> dict[str, float]:
    """Return the metrics of the validation rows: `validation_<axis>_<figure>`, with `.<source>` or `.<actor>` behind those of a slice.

    What one looks for first comes first: MLflow's page of a run keeps the order.
    """
    found: dict[str, float] = {}
    for axis, report in trained.validation.items():
        main = flat(f"validation_{axis}", report)
        found |= {name: value for name, value in main.items() if "macro_f1" in name}
    if trained.held is not None:
        found["newsmtsc_held_macro_f1"] = trained.held.value
    for axis, report in trained.validation.items():
        found |= flat(f"validation_{axis}", report) | {f"threshold_{axis}": trained.thresholds[axis]}
        found |= slice_metrics(f"source_{axis}", slice_figures(judged[axis], "sources"))
        found |= slice_metrics(f"actor_{axis}", slice_figures(judged[axis], "actors", least=LEAST_PER_ACTOR))
    return found


def artifacts(
    trained: Trained,
    judged: Mapping[str, Judged],
    covered: Mapping[str, Sequence[Coverage]],
    facts: CardFacts,
    cases: Mapping[str, tuple[int, int]],
) -> Iterator[Artifact]:
    """Yield the pictures and pages of a run: path below the run's artifacts, content. `cases` are those of a behaviour suite, if any."""
    drawn = pictures.every_picture(judged)
    for axis, tried in trained.search.items():
        points = [comparisons.SearchPoint(str(setting), score) for setting, score in tried.items()]
        drawn[f"{axis}_search.png"] = comparisons.search(points, axis)
    if cases:
        drawn["by_capability.png"] = comparisons.by_capability(cases)
    images = {name: png(figure) for name, figure in drawn.items()}
    yield from ((f"pictures/{name}", image) for name, image in images.items())
    captions = {said(drawn[name]): image for name, image in images.items()}
    yield "errors.html", error_table(judged, title=f"Errors of {facts.name}", about=f"Run {facts.run_id}.").encode()
    yield "model_card.html", model_card(facts, judged, covered=covered, pictures=captions).encode()


def card_facts(labels: LabelSet, recipe: Recipe, trained: Trained, encoder: Encoder, root: Path, run: str) -> CardFacts:
    """Return what the model card tells besides figures."""
    state = git_state(root)
    units: dict[str, dict[str, int]] = {}
    for example in labels.examples:
        of_source = units.setdefault(example.row.source, {})
        of_source[example.split] = of_source.get(example.split, 0) + 1
    return CardFacts(
        name=recipe.name,
        run_id=run,
        split="validation",
        encoder=recipe.encoder,
        encoder_revision=encoder.revision,
        labels_digest=labels.digest,
        units=units,
        command=recipe.command,
        made=dt.datetime.now(dt.UTC).date().isoformat(),
        git_commit=state.get("git_commit", ""),
        git_dirty=state.get("git_dirty") == "true",
        texts=labels.texts,
        shipped_encoder=recipe.encoder == DEFAULT_ENCODER,
        settings=recipe.as_params() | {axis: str(setting) for axis, setting in trained.settings.items()},
        versions=environment(),
    )


def one_sentence(recipe: Recipe, trained: Trained, *, texts: bool) -> str:
    """Return what the run was and what came out of it, in one sentence."""
    what = f"tuned for {recipe.epochs} epochs{' after school' if recipe.school else ''}" if recipe.epochs else "frozen"
    where = "" if texts else ", our own sentences only"
    stance, sentiment = trained.validation["stance"], trained.validation["sentiment"]
    came = f"stance macro-F1 {stance.macro_f1}, sentiment {sentiment.macro_f1} on validation ({stance.n} units)"
    return f"Encoder {what}, linear heads{where}: {came}."


def flat(prefix: str, report: AxisReport) -> dict[str, float]:
    """Return a report as MLflow metrics: values, `_lo` and `_hi`, F1 per class."""
    record = report.as_dict()
    figures = {f"{prefix}_{name}": float(v) for name, v in record.items() if isinstance(v, int | float)}
    return figures | {f"{prefix}_f1_{label}": float(v) for label, v in record["f1"].items()}
