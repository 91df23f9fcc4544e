"""Several runs that answer one question: a recipe over seeds, and over folds with actors, sources and years that it has not seen.

The parent run holds the summary, a nested run each part.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from moscow_labels.errors import UsageError
from moscow_labels.folds import FOLD_FILE, Fold, read_folds
from moscow_stance.metrics import Figure, Floats, clusters
from moscow_training.choosing import Setting, chosen
from moscow_training.data import AXES, LabelSet
from moscow_training.encoder import Encoder, Features
from moscow_training.gate import macro_f1_check
from moscow_training.judged import Judged, judge
from moscow_training.provenance import git_state
from moscow_training.recipe import Recipe
from moscow_training.run_results import flat
from moscow_training.store import use_experiment
from moscow_training.tracking import Finished, Workshop, embed, open_workshop, tracked
from moscow_training.training import fit, search, training_rows


def seeds_study(root: Path, recipe: Recipe, seeds: int, *, texts: Path | None, tracking_uri: str | None) -> list[Finished]:
    """Train a recipe with `seeds` seeds from its own upwards; the parent holds mean, minimum, maximum and standard deviation."""
    workshop = open_workshop(root, recipe, texts=texts, tracking_uri=tracking_uri)
    mlflow = workshop.mlflow
    use_experiment(mlflow, "seeds")
    name = recipe.name.partition(", seed")[0]
    with mlflow.start_run(run_name=f"{name}, {seeds} seeds", tags={"stance.kind": "parent", **git_state(root)}) as parent:
        shared = {k: v for k, v in recipe.as_params().items() if k != "seed"}
        mlflow.log_params(shared | {"seeds": seeds, "labels_digest": workshop.labels.digest})
        runs = [tracked(workshop, replace(recipe, seed=recipe.seed + i), tags={"stance.kind": "seed"}) for i in range(seeds)]
        lines = []
        for axis in AXES:
            values = np.array([r.trained.validation[axis].macro_f1.value for r in runs])
            mlflow.log_metrics(spread(f"validation_{axis}_macro_f1", values))
            lines.append(f"{axis} macro-F1 {values.mean():.3f} (seeds {values.min():.3f} to {values.max():.3f})")
        mlflow.set_tag("mlflow.note.content", f"{name}, {seeds} seeds, on validation: {'; '.join(lines)}.")
    print("\n".join([f"run {parent.info.run_id} with {seeds} nested runs", *lines]))  # noqa: T201
    return runs


def spread(name: str, values: Floats) -> dict[str, float]:
    """Return a summary of values as metrics: mean under the plain name, `_min`, `_max`, `_sd` (n - 1)."""
    sd = float(values.std(ddof=1)) if len(values) > 1 else 0.0
    return {name: float(values.mean()), f"{name}_min": float(values.min()), f"{name}_max": float(values.max()), f"{name}_sd": sd}


def folds_study(root: Path, recipe: Recipe, *, texts: Path | None, tracking_uri: str | None) -> dict[str, Figure]:
    """Fit the heads of a frozen encoder for every fold and compare with the plain split on the same rows.

    Judged are the validation and calibration rows of a fold, never the test split. Raises UsageError without other people's texts and
    for a recipe that tunes the encoder, which would have to be tuned anew for each of the fourteen folds.
    """
    if recipe.form != "frozen":
        raise UsageError("--folds fits heads on the frozen encoder: leave out --epochs and --school")
    workshop = open_workshop(root, recipe, texts=texts, tracking_uri=tracking_uri)
    labels, mlflow = workshop.labels, workshop.mlflow
    if not labels.texts:
        raise UsageError("--folds needs other people's texts: name their folder with --texts")
    use_experiment(mlflow, "folds")
    found: dict[str, Figure] = {}
    with mlflow.start_run(run_name=f"{recipe.name}, folds", tags={"stance.kind": "parent", **git_state(root)}):
        mlflow.log_params(recipe.as_params() | {"labels_digest": labels.digest})
        features = embed(Encoder(recipe.encoder), labels, root)
        lines = []
        for axis in AXES:
            tried = search(labels, features, axis, seed=recipe.seed, say=lambda _: None, quick=recipe.quick)
            setting = chosen({s: found for s, found in tried.items() if not s.own})
            for kind, folds in _by_kind(read_folds(root / FOLD_FILE)).items():
                lines.append(_kind(workshop, features, axis, setting, kind, folds, recipe.seed, found))
        mlflow.set_tag("mlflow.note.content", f"Heads on the frozen encoder, judged on what each fold holds out. {' '.join(lines)}")
    print("\n".join(lines))  # noqa: T201
    return found


def _by_kind(folds: Sequence[Fold]) -> Mapping[str, list[Fold]]:
    kinds: dict[str, list[Fold]] = {}
    for fold in folds:
        kinds.setdefault(fold.kind, []).append(fold)
    return kinds


def _kind(
    workshop: Workshop,
    features: Features,
    axis: str,
    setting: Setting,
    kind: str,
    folds: Sequence[Fold],
    seed: int,
    found: dict[str, Figure],
) -> str:
    """Run the folds of one kind as nested runs, log their pooled figures to the parent and return a line about them."""
    labels, mlflow = workshop.labels, workshop.mlflow
    rows: list[int] = []
    unseen: list[Floats] = []
    for fold in folds:
        learns = [i for i in training_rows(labels, own=False) if fold.learns(labels.examples[i].row)]
        judges = [i for i in labels.part("validation", "calibration", real=True) if fold.judges(labels.examples[i].row)]
        if not judges or len(set(labels.truth(axis, learns).tolist())) < len(AXES[axis]):
            continue
        p = _fitted(labels, features, axis, setting, learns, seed).predict_proba(features[judges])
        rows, unseen = rows + judges, [*unseen, p]
        _nested(mlflow, fold, judge(labels, judges, axis, p, 0.0), len(learns))
    pooled = np.concatenate(unseen)
    seen = _fitted(labels, features, axis, setting, training_rows(labels, own=False), seed).predict_proba(features[rows])
    truth = labels.truth(axis, rows)
    check = macro_f1_check(axis, truth, pooled.argmax(axis=1), seen.argmax(axis=1), clusters(labels.documents(rows)))
    key = f"{kind.replace('-', '_')}_{axis}_macro_f1"
    found[key] = Figure(check.difference, check.lo, check.hi)
    figures = {key: check.challenger, f"{key}_seen": check.champion, f"{key}_difference": check.difference}
    if check.lo is not None and check.hi is not None:
        figures |= {f"{key}_difference_lo": check.lo, f"{key}_difference_hi": check.hi}
    mlflow.log_metrics(figures)
    between = "" if check.lo is None else f" [{check.lo:+.3f}, {check.hi:+.3f}]"
    return f"{kind}, {axis}: macro-F1 {check.challenger:.3f} unseen, {check.champion:.3f} seen, {check.difference:+.3f}{between}."


def _fitted(labels: LabelSet, features: Features, axis: str, setting: Setting, rows: Sequence[int], seed: int) -> Any:
    return fit(labels, features, axis, setting, seed=seed, rows=rows).head


def _nested(mlflow: Any, fold: Fold, judged: Judged, learned: int) -> None:
    report = judged.report()
    with mlflow.start_run(nested=True, run_name=f"{fold.kind}: {fold.name}, {judged.axis}", tags={"stance.kind": "fold"}):
        mlflow.log_params({"fold": fold.name, "kind": fold.kind, "axis": judged.axis, "units_train": learned, "units_judged": report.n})
        mlflow.log_metrics(flat(f"fold_{judged.axis}", report))
        note = f"{fold.kind}, {fold.name} held out: {judged.axis} macro-F1 {report.macro_f1} on {report.n} units."
        mlflow.set_tag("mlflow.note.content", note)
