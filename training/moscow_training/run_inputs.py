"""What goes into a run, for MLflow: parameters, labelled rows as datasets, versions, commit, machine."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from moscow_labels.splitting import SPLIT_FILE
from moscow_training.choosing import Setting
from moscow_training.data import LabelSet
from moscow_training.encoder import Encoder
from moscow_training.provenance import environment, git_state, installed, machine
from moscow_training.recipe import Recipe

PARTS = ("train", "validation", "calibration", "test", "seeds")
REPRESENTATION = "sentence+actor+moscow"
HEAD = "standardised logistic regression, temperature"


def log_inputs(mlflow: Any, root: Path, labels: LabelSet, encoder: Encoder, recipe: Recipe) -> None:
    """Log what the active run is made of, before anything is learned."""
    sizes = {f"units_{part}": len(labels.part(part)) for part in PARTS}
    mlflow.log_params(
        {
            **recipe.as_params(),
            "encoder_revision": encoder.revision,
            "max_tokens": encoder.max_tokens,
            "representation": REPRESENTATION,
            "head": HEAD,
            "labels_version": SPLIT_FILE.stem,
            "labels_digest": labels.digest,
            "texts": labels.texts,
            **sizes,
        }
    )
    tags = {
        **git_state(root),
        **{f"version.{name}": value for name, value in environment().items()},
        **{f"machine.{name}": value for name, value in machine().items()},
        "stance.form": recipe.form,
        "stance.labels": labels.digest[:12],
        "stance.texts": "all" if labels.texts else "own",
        "command": " ".join(sys.argv[1:]),
    }
    mlflow.set_tags(tags)
    mlflow.log_text("".join(f"{line}\n" for line in installed()), "environment.txt")
    for part in PARTS[:4]:
        _log_dataset(mlflow, labels, part)


def log_settings(mlflow: Any, settings: dict[str, Setting]) -> None:
    """Log what the search chose for each axis as parameters."""
    mlflow.log_params({f"{axis}_{name}": value for axis, chosen in settings.items() for name, value in asdict(chosen).items()})


def _log_dataset(mlflow: Any, labels: LabelSet, part: str) -> None:
    """Log a split as a dataset input: its digest is MLflow's, of ids, documents, actors and labels; no sentence is stored."""
    import pandas as pd

    rows = [labels.examples[i].row for i in labels.part(part)]
    if rows:
        records = [{"id": r.id, "doc": r.doc, "actor": r.actor, "stance": str(r.stance), "sentiment": str(r.sentiment)} for r in rows]
        dataset = mlflow.data.from_pandas(pd.DataFrame.from_records(records), name=f"labels-{part}", targets="stance")
        mlflow.log_input(dataset, context=part)
