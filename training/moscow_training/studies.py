"""A recipe over several seeds: the parent run holds the summary, a nested run each seed."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from moscow_stance.metrics import Floats
from moscow_training.data import AXES
from moscow_training.provenance import git_state
from moscow_training.recipe import Recipe
from moscow_training.store import use_experiment
from moscow_training.tracking import Finished, open_workshop, tracked


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
