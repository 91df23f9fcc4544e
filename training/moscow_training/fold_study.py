"""Harder questions than the plain split, put to a recipe: actors, sources and years that it has not seen (`moscow_labels.folds`).

A frozen encoder reads everything once; one that is tuned is tuned anew for each fold, on what that fold may learn from. Judged are the
validation and calibration rows of a fold, never the test split. The parent run holds the pooled figures, a nested run each fold.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from moscow_labels.errors import UsageError
from moscow_labels.folds import FOLD_FILE, Fold, read_folds
from moscow_stance.metrics import Figure, Floats, clusters
from moscow_stance.talk import talk
from moscow_training.choosing import Setting, chosen
from moscow_training.clock import Clock
from moscow_training.data import AXES, LabelSet
from moscow_training.encoder import Encoder, Features
from moscow_training.gate import macro_f1_check
from moscow_training.judged import judge
from moscow_training.preparing import UNUSED
from moscow_training.provenance import git_state
from moscow_training.recipe import Recipe
from moscow_training.run_results import flat
from moscow_training.store import use_experiment
from moscow_training.tracking import Workshop, embed, open_workshop
from moscow_training.training import fit, search, training_rows
from moscow_training.tuning import tune

ALL = "all"


@dataclass(slots=True)
class _Pool:
    """What the folds of one kind say of an axis: row numbers, and probabilities by a model that has not seen their like."""

    rows: list[int] = field(default_factory=list)
    unseen: list[Floats] = field(default_factory=list)


def folds_study(root: Path, recipe: Recipe, kind: str, *, texts: Path | None, tracking_uri: str | None) -> dict[str, Figure]:
    """Train a recipe for every fold of a kind ("all" takes every kind) and compare with the plain split on the same rows.

    Returns "<kind>_<axis>_macro_f1" -> the difference to a model that has seen their like. Our own sentences are left out. Raises
    UsageError without other people's texts and for an unknown kind.
    """
    kinds = _by_kind(read_folds(root / FOLD_FILE))
    if kind not in (ALL, *kinds):
        raise UsageError(f"--folds {kind}: is none of {', '.join((ALL, *kinds))}")
    recipe = replace(recipe, own=False)
    workshop = open_workshop(root, recipe, texts=texts, tracking_uri=tracking_uri)
    labels, mlflow = workshop.labels, workshop.mlflow
    if not labels.texts:
        raise UsageError("--folds needs other people's texts: name their folder with --texts")
    use_experiment(mlflow, "folds")
    found: dict[str, Figure] = {}
    with mlflow.start_run(run_name=f"{recipe.name}, folds", tags={"stance.kind": "parent", **git_state(root)}):
        mlflow.log_params(recipe.as_params() | {"labels_digest": labels.digest, "folds": kind})
        seen = _read(workshop, recipe, labels)
        settings = {axis: _setting(labels, seen, axis, recipe) for axis in AXES}
        lines = []
        for name, folds in kinds.items():
            if kind in (ALL, name):
                pools = _run(workshop, recipe, folds, settings, seen)
                lines += [_compared(workshop, seen, axis, settings[axis], name, pools[axis], recipe.seed, found) for axis in AXES]
        mlflow.set_tag("mlflow.note.content", f"{recipe.name}, judged on what each fold holds out. {' '.join(lines)}")
    print("\n".join(lines))  # noqa: T201
    return found


def _by_kind(folds: Sequence[Fold]) -> Mapping[str, list[Fold]]:
    kinds: dict[str, list[Fold]] = {}
    for fold in folds:
        kinds.setdefault(fold.kind, []).append(fold)
    return kinds


def _read(workshop: Workshop, recipe: Recipe, labels: LabelSet) -> Features:
    """Tune the recipe's encoder on the training rows of `labels` and return the features of all rows."""
    model = Encoder(recipe.encoder, pooling=recipe.pooling, layers=recipe.layers)
    tune(workshop.mlflow, model, recipe, labels, workshop.texts, Clock(), workshop.root / "mlruns" / "cache")
    return embed(model, labels, workshop.root)


def _setting(labels: LabelSet, features: Features, axis: str, recipe: Recipe) -> Setting:
    return chosen(search(labels, features, axis, seed=recipe.seed, say=lambda _: None, quick=recipe.quick))


def _run(workshop: Workshop, recipe: Recipe, folds: Sequence[Fold], settings: Mapping[str, Setting], seen: Features) -> Mapping[str, _Pool]:
    """Run the folds of one kind as nested runs; an axis of a fold with nothing to judge, or a class that it cannot learn, is left out."""
    labels, mlflow = workshop.labels, workshop.mlflow
    pools = {axis: _Pool() for axis in AXES}
    for fold in folds:
        learns = [i for i in training_rows(labels, own=False) if fold.learns(labels.examples[i].row)]
        judges = [i for i in labels.part("validation", "calibration", real=True) if fold.judges(labels.examples[i].row)]
        axes = [axis for axis in AXES if judges and len(set(labels.truth(axis, learns).tolist())) == len(AXES[axis])]
        if not axes:
            continue
        with mlflow.start_run(nested=True, run_name=f"{fold.kind}: {fold.name}", tags={"stance.kind": "fold"}):
            mlflow.log_params({"fold": fold.name, "kind": fold.kind, "units_train": len(learns), "units_judged": len(judges)})
            features = seen if recipe.form == "frozen" else _read(workshop, recipe, _only(labels, learns))
            said = []
            for axis in axes:
                head = fit(labels, features, axis, settings[axis], seed=recipe.seed, rows=learns).head
                p = head.predict_proba(features[judges])
                report = judge(labels, judges, axis, p, 0.0).report()
                mlflow.log_metrics(flat(f"fold_{axis}", report))
                said.append(f"{axis} macro-F1 {report.macro_f1}")
                pools[axis].rows += judges
                pools[axis].unseen.append(p)
            mlflow.set_tag("mlflow.note.content", f"{fold.kind}, {fold.name} held out: {', '.join(said)} on {len(judges)} units.")
            talk.note(f"{fold.kind}, {fold.name}: {', '.join(said)}")
    return pools


def _only(labels: LabelSet, learns: Sequence[int]) -> LabelSet:
    """Return the labels with no other training rows than these."""
    kept = set(learns)
    examples = [e if e.split != "train" or i in kept else replace(e, split=UNUSED) for i, e in enumerate(labels.examples)]
    return replace(labels, examples=examples)


def _compared(
    workshop: Workshop, seen: Features, axis: str, setting: Setting, kind: str, pool: _Pool, seed: int, found: dict[str, Figure]
) -> str:
    """Log the pooled figures of a kind of folds to the parent run and return a line about them."""
    labels = workshop.labels
    head = fit(labels, seen, axis, setting, seed=seed, rows=training_rows(labels, own=False)).head
    classes = np.concatenate(pool.unseen).argmax(axis=1), head.predict(seen[pool.rows])
    check = macro_f1_check(axis, labels.truth(axis, pool.rows), *classes, clusters(labels.documents(pool.rows)))
    key = f"{kind.replace('-', '_')}_{axis}_macro_f1"
    found[key] = Figure(check.difference, check.lo, check.hi)
    figures: dict[str, Any] = {key: check.challenger, f"{key}_seen": check.champion, f"{key}_difference": check.difference}
    if check.lo is not None and check.hi is not None:
        figures |= {f"{key}_difference_lo": check.lo, f"{key}_difference_hi": check.hi}
    workshop.mlflow.log_metrics(figures)
    between = "" if check.lo is None else f" [{check.lo:+.3f}, {check.hi:+.3f}]"
    return f"{kind}, {axis}: macro-F1 {check.challenger:.3f} unseen, {check.champion:.3f} seen, {check.difference:+.3f}{between}."
