"""The learning curve: macro-F1 on validation of the frozen encoder's head with 500, 1,000, 2,000, 4,000 and all real training units.

`python -m moscow_training.curve` tracks one parent run with a nested run per size and seed in the experiment "learning-curve".
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from moscow_labels.errors import UsageError
from moscow_labels.texts import find_texts
from moscow_stance.metrics import confusion, macro_f1
from moscow_stance.settings import find_root
from moscow_training.data import LabelSet, load_labels
from moscow_training.encoder import Encoder, Features
from moscow_training.head import fit_plain
from moscow_training.preparing import draw
from moscow_training.provenance import git_state
from moscow_training.review.comparisons import CurvePoint, learning_curve
from moscow_training.review.drawing import png
from moscow_training.store import open_store, use_experiment
from moscow_training.tracking import embed
from moscow_training.training import validation_rows
from moscow_training.weights import DEFAULT_ENCODER

SIZES = (500, 1000, 2000, 4000, None)
SEEDS = (1, 2, 3)
STRENGTH, POWER = 0.001, 0.5


def point(labels: LabelSet, features: Features, rows: Sequence[int], seed: int) -> float:
    """Return stance macro-F1 on validation of a head fitted on `rows`."""
    truth = labels.truth("stance", rows)
    head = fit_plain(features[list(rows)], truth, strength=STRENGTH, power=POWER, seed=seed)
    judge = validation_rows(labels)
    return float(macro_f1(confusion(labels.truth("stance", judge), head.predict(features[judge]))))


def main() -> None:
    """Run and print the curve."""
    root = find_root()
    texts = find_texts(None, root)
    if texts is None:
        raise UsageError("the learning curve needs other people's texts: STANCE_TEXTS=DIR")
    labels = load_labels(root, texts)
    features = embed(Encoder(DEFAULT_ENCODER), labels, root)
    mlflow = open_store(root)
    use_experiment(mlflow, "learning-curve")
    with mlflow.start_run(run_name="learning curve", tags={"stance.kind": "parent", **git_state(root)}):
        points = []
        for size in SIZES:
            scores, units = [], 0
            for seed in SEEDS:
                rows = draw(labels, size, seed)
                units = len(rows)
                with mlflow.start_run(nested=True, run_name=f"{size or 'all'} units, seed {seed}", tags={"stance.kind": "point"}):
                    scores.append(point(labels, features, rows, seed))
                    mlflow.log_params({"units": units, "seed": seed})
                    mlflow.log_metric("validation_stance_macro_f1", scores[-1])
            points.append(CurvePoint(units, float(np.mean(scores)), min(scores), max(scores)))
            mlflow.log_metric("validation_stance_macro_f1", points[-1].score, step=units)
            print(f"{units:>6,} units  macro-F1 {np.mean(scores):.3f}  (seeds {min(scores):.3f} to {max(scores):.3f})")  # noqa: T201
        with tempfile.TemporaryDirectory() as scratch:
            picture = Path(scratch) / "learning_curve.png"
            picture.write_bytes(png(learning_curve(points, spread=f"lowest to highest of {len(SEEDS)} seeds")))
            mlflow.log_artifact(str(picture), "pictures")
        came = f"{points[0].score:.3f} from {points[0].units:,} real labelled units, {points[-1].score:.3f} from {points[-1].units:,}"
        mlflow.set_tag("mlflow.note.content", f"Frozen encoder, stance macro-F1 on validation: {came}.")


if __name__ == "__main__":
    main()
