"""The open questions of the design as sets of tracked runs: each arm changes one thing.

`python -m moscow_training.experiments screen` tries every arm with one seed on the same 2,000 units without a school;
`confirm NAME=VALUE...` trains a recipe in full, three seeds. Each run is tracked in MLflow and adds a line to `training/results.jsonl`.
"""

import argparse
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from moscow_labels.texts import find_texts
from moscow_stance.metrics import Ints, clusters
from moscow_stance.settings import find_root
from moscow_stance.talk import talk
from moscow_training.data import load_labels
from moscow_training.gate import macro_f1_check
from moscow_training.preparing import prepared
from moscow_training.recipe import Recipe, adjusted
from moscow_training.results import append, result_of, write_page
from moscow_training.store import open_store, use_experiment
from moscow_training.tracking import Finished, Workshop, tracked
from moscow_training.weights import DEFAULT_ENCODER

UNITS, EPOCHS = 2000, 4
SCREENED = Recipe(DEFAULT_ENCODER, 1, epochs=EPOCHS, threads=2, quick=True, own=False, units=UNITS)
"""The base of the screening: names as they are, all three vectors, cross-entropy, both axes."""

ARMS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "Does the encoder have to be tuned?": {"frozen": ["epochs=0"]},
    "How should names stand?": {
        "actors masked": ["names=masked"],
        "actors and Moscow masked": ["names=masked+moscow"],
        "actor and Moscow marked": ["names=marked"],
        "half of the states swapped": ["swaps=0.5"],
    },
    "Which tokens should be pooled?": {
        "mean of the sentence": ["pooling=mean"],
        "actor's tokens": ["pooling=actor"],
        "mean and actor": ["pooling=mean+actor"],
        "actor and Moscow": ["pooling=actor+moscow"],
    },
    "How deep does the encoder have to be?": {"2 layers": ["layers=2"], "4 layers": ["layers=4"]},
    "What should tuning minimise?": {"supervised contrast": ["objective=contrastive"]},
    "One encoder for both axes?": {"stance alone": ["axes=stance"], "sentiment alone": ["axes=sentiment"]},
    "Does the sentence before help?": {"with the sentence before": ["context=true"]},
    "How should classes weigh?": {"as they are": ["power=0"], "balanced": ["power=1"]},
    "How fast, how long?": {
        "rate 3e-5": ["rate=3e-5"],
        "rate 1.2e-4": ["rate=1.2e-4"],
        "2 epochs": ["epochs=2"],
        "8 epochs": ["epochs=8"],
        "rate falls by layer (0.8)": ["decay=0.8", "rate=1e-4"],
        "mean of the weights": ["average=true"],
    },
    "Do our own sentences help?": {"with our own": ["own=true"]},
    "Which school?": {"DSE": ["school=dse"], "NewsMTSC": ["school=news"], "DSE and NewsMTSC": ["school=dse+news"]},
    "Does NewsMTSC help beside our labels?": {"rehearsed": ["rehearsal=0.3", "public=true"]},
}
BASE = "base"


def arms() -> dict[tuple[str, str], Recipe]:
    """Return every arm of the screening: (question, name) -> recipe; the base comes first."""
    found = {("What everything is compared with", BASE): SCREENED}
    for question, choices in ARMS.items():
        for name, settings in choices.items():
            found[question, name] = varied(SCREENED, settings)
    return found


def varied(recipe: Recipe, settings: Sequence[str]) -> Recipe:
    """Return the recipe with settings applied, those that are options of the command too."""
    plain = [s for s in settings if s.partition("=")[0] not in ("epochs", "school")]
    for setting in settings:
        name, _, value = setting.partition("=")
        if name == "epochs":
            recipe = replace(recipe, epochs=int(value))
        elif name == "school":
            recipe = replace(recipe, school=value)
    return adjusted(recipe, plain)


def run_arm(root: Path, recipe: Recipe, stage: str, question: str, arm: str, *, texts: Path | None, against: str = "") -> Finished:
    """Train one arm, track it, and record its figures and how they differ from those of the arm `against` of the same labels."""
    mlflow, found = open_store(root), find_texts(texts, root)
    workshop = Workshop(mlflow, root, prepared(load_labels(root, found), recipe, found), found)
    use_experiment(mlflow, "arms")
    tags = {"stance.kind": "arm", "stance.stage": stage, "stance.question": question, "stance.arm": arm}
    finished = tracked(workshop, recipe, tags=tags)
    classes = {axis: judged.predicted for axis, judged in finished.judged.items()}
    judged_rows = hashlib.sha256(" ".join(finished.judged["stance"].ids).encode()).hexdigest()[:8]
    place = root / "mlruns" / "cache" / "predictions"
    _keep(place / f"{_slug(stage, arm, recipe.seed)}-{judged_rows}.npz", classes)
    differences = {}
    other = place / f"{_slug(stage, against, recipe.seed)}-{judged_rows}.npz"
    if against and other.is_file():
        differences = _differences(finished, classes, dict(np.load(other, allow_pickle=False)))
    result = result_of(mlflow.get_run(finished.run), stage=stage, question=question, arm=arm)
    append(root, replace(result, against=against if differences else "", differences=differences))
    write_page(root)
    return finished


def _differences(finished: Finished, classes: Mapping[str, Ints], other: Mapping[str, Ints]) -> dict[str, list[float]]:
    found = {}
    for axis, judged in finished.judged.items():
        check = macro_f1_check(axis, judged.truth, classes[axis], other[axis], clusters(judged.documents))
        found[axis] = [round(v, 4) for v in (check.difference, check.lo, check.hi) if v is not None]
    return found


def _keep(path: Path, classes: Mapping[str, Ints]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, Any] = dict(classes)
    np.savez(path, **arrays)


def _slug(stage: str, arm: str, seed: int) -> str:
    return "".join(c if c.isalnum() else "-" for c in f"{stage}-{arm}-{seed}".lower())


def main() -> None:
    """Run the experiments that the command line names."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("stage", choices=["screen", "confirm"])
    parser.add_argument("settings", nargs="*", help="confirm: NAME=VALUE of the recipe; screen: words that an arm's name must contain")
    parser.add_argument("--arm", default="", help="confirm: what the recipe is called in the record")
    parser.add_argument("--against", default="", help="confirm: the arm to compare with")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--texts", type=Path)
    options = parser.parse_args()
    root = find_root()
    if options.stage == "screen":
        for (question, name), recipe in arms().items():
            if not options.settings or any(word in name for word in options.settings):
                talk.warn(f"arm: {name}")
                run_arm(root, recipe, "Screening", question, name, texts=options.texts, against="" if name == BASE else BASE)
        return
    for seed in range(1, options.seeds + 1):
        recipe = varied(Recipe(DEFAULT_ENCODER, seed, epochs=EPOCHS, threads=2), options.settings)
        run_arm(
            root, recipe, "Confirmation", "Whole recipes", options.arm or " ".join(options.settings), texts=options.texts,
            against=options.against,
        )  # fmt: skip


if __name__ == "__main__":
    main()
