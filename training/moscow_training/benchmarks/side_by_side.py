"""What else one could use, side by side: on the same rows, in one run, with paired intervals by document.

`python -m moscow_training.benchmarks.side_by_side` judges on validation; `--test` opens the test split, once for all sides together, and
writes that into the ledger. Every side learns from the same training rows. SetFit's steps are capped, and the cap is stated.
"""

import argparse
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from moscow_labels.errors import UsageError
from moscow_labels.scheme import STANCES
from moscow_labels.texts import find_texts
from moscow_stance.metrics import Figure, Floats, clusters, confusion, f1_by_class, macro_f1, with_interval
from moscow_stance.model import load_model
from moscow_stance.settings import find_root
from moscow_training.baselines import majority, tfidf
from moscow_training.data import LabelSet, load_labels
from moscow_training.encoder import Encoder
from moscow_training.gate import Check, macro_f1_check
from moscow_training.head import fit_plain
from moscow_training.openings import open_test_split
from moscow_training.training import training_rows, validation_rows
from moscow_training.weights import DEFAULT_ENCODER, encoder_path

STEPS, BATCH, SEED = 300, 16, 1
RECORD = Path("training/side-by-side.jsonl")
DESCRIPTIONS = {
    "supportive": "{actor} backs Moscow, cooperates with Russia and deepens its ties.",
    "neutral": "{actor} is mentioned without any stance toward Russia.",
    "hedging": "{actor} distances itself from Moscow, criticises, refuses or acts against Russia.",
}
"""What the zero-shot side compares a sentence with."""

Side = Callable[[LabelSet, Sequence[int], Sequence[int]], Floats]
"""Labels, training rows, judged rows -> stance probabilities or scores (n, 3)."""


@dataclass(frozen=True, slots=True)
class Line:
    """One side's figures: stance macro-F1, F1 per class, seconds, and how our macro-F1 differs from it."""

    side: str
    split: str
    units: int
    macro_f1: Sequence[float]
    f1: Mapping[str, float]
    seconds: float
    ours_minus: Sequence[float]


def sides(steps: int) -> dict[str, Side]:
    """Return every side by name; ours is not among them."""
    return {
        "majority": lambda labels, train, judge: majority(labels.truth("stance", train), len(judge)),
        "TF-IDF + logistic regression": lambda labels, train, judge: tfidf(labels, train, judge, "stance", seed=SEED),
        "zero-shot, similarity to descriptions": _zero_shot,
        "frozen MiniLM, sentence only": _frozen,
        f"SetFit, sentence only, {steps} steps": lambda labels, train, judge: _setfit(labels, train, judge, steps, aspect=False),
        f'SetFit, "actor: sentence", {steps} steps': lambda labels, train, judge: _setfit(labels, train, judge, steps, aspect=True),
    }


def _frozen(labels: LabelSet, train: Sequence[int], judge: Sequence[int]) -> Floats:
    encoder = Encoder(DEFAULT_ENCODER, pooling="mean")
    learned, judged = (encoder.features([labels.examples[i].unit for i in rows]) for rows in (train, judge))
    head = fit_plain(learned, labels.truth("stance", train), strength=0.001, power=0.5, seed=SEED)
    return np.asarray(head.predict_proba(judged))


def _zero_shot(labels: LabelSet, train: Sequence[int], judge: Sequence[int]) -> Floats:
    model = _body()
    texts, named = _texts(labels, judge, aspect=False), [_name(labels, i) for i in judge]
    sentences = model.encode(texts, normalize_embeddings=True, show_progress_bar=False)
    scores = []
    for label in STANCES:
        descriptions = [DESCRIPTIONS[label].format(actor=name) for name in named]
        distinct = sorted(set(descriptions))
        vectors = dict(zip(distinct, model.encode(distinct, normalize_embeddings=True, show_progress_bar=False), strict=True))
        scores.append(np.einsum("ij,ij->i", sentences, np.stack([vectors[d] for d in descriptions])))
    return np.stack(scores, axis=1)


def _setfit(labels: LabelSet, train: Sequence[int], judge: Sequence[int], steps: int, *, aspect: bool) -> Floats:
    library: Any = import_module("setfit")
    datasets: Any = import_module("datasets")
    model = library.SetFitModel.from_pretrained(encoder_path(DEFAULT_ENCODER), labels=[str(s) for s in STANCES])
    data = datasets.Dataset.from_dict({"text": _texts(labels, train, aspect=aspect), "label": labels.truth("stance", train).tolist()})
    arguments = library.TrainingArguments(batch_size=BATCH, max_steps=steps, seed=SEED, report_to="none", show_progress_bar=False)
    library.Trainer(model=model, args=arguments, train_dataset=data).train()
    return np.asarray(model.predict_proba(_texts(labels, judge, aspect=aspect), as_numpy=True, show_progress_bar=False))


def _texts(labels: LabelSet, rows: Sequence[int], *, aspect: bool) -> list[str]:
    """Return the sentences, with the actor's first mention in front in SetFit's aspect form."""
    texts = [labels.examples[i].unit.sentence.text for i in rows]
    return [f"{_name(labels, i)}: {text}" for i, text in zip(rows, texts, strict=True)] if aspect else texts


def _name(labels: LabelSet, index: int) -> str:
    unit = labels.examples[index].unit
    return unit.mentions[0].of(unit.sentence.text) if unit.mentions else unit.actor


def _body() -> Any:
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(encoder_path(DEFAULT_ENCODER), device="cpu")


def compare(labels: LabelSet, train: Sequence[int], judge: Sequence[int], split: str, steps: int) -> list[Line]:
    """Train and judge every side and ours."""
    truth, groups = labels.truth("stance", judge), clusters(labels.documents(judge))
    started = time.monotonic()
    ours, _ = load_model().probabilities([labels.examples[i].unit for i in judge])
    found = {"ours, as shipped": (ours.argmax(axis=1), time.monotonic() - started)}
    for name, side in sides(steps).items():
        started = time.monotonic()
        found[name] = (side(labels, train, judge).argmax(axis=1), time.monotonic() - started)
        print(f"{name}: {time.monotonic() - started:.0f} s", flush=True)  # noqa: T201
    lines = []
    for name, (predicted, seconds) in found.items():
        figure: Figure = with_interval(macro_f1, truth, predicted, groups)
        check: Check = macro_f1_check(name, truth, found["ours, as shipped"][0], predicted, groups)
        per_class = dict(zip(map(str, STANCES), (round(float(f), 4) for f in f1_by_class(confusion(truth, predicted))), strict=True))
        lines.append(
            Line(
                name,
                split,
                len(judge),
                [round(v, 4) for v in (figure.value, figure.lo, figure.hi) if v is not None],
                per_class,
                round(seconds, 1),
                [round(v, 4) for v in (check.difference, check.lo, check.hi) if v is not None],
            )
        )
    return lines


def table(lines: Sequence[Line]) -> str:
    """Return the lines as Markdown."""
    names = ["model", "stance macro-F1", *map(str, STANCES), "ours minus it", "s"]
    head = "| " + " | ".join(names) + " |\n| --- |" + " ---: |" * (len(names) - 1)
    rows = [
        f"| {x.side} | {x.macro_f1[0]:.3f} [{x.macro_f1[1]:.3f}, {x.macro_f1[2]:.3f}] | "
        + " | ".join(f"{x.f1[label]:.3f}" for label in map(str, STANCES))
        + f" | {x.ours_minus[0]:+.3f} [{x.ours_minus[1]:+.3f}, {x.ours_minus[2]:+.3f}] | {x.seconds:.0f} |"
        for x in lines
    ]
    return "\n".join([head, *rows])


def main() -> None:
    """Run the comparison and keep its lines."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--test", action="store_true", help="judge on the test split; that is written into the ledger")
    parser.add_argument("--steps", type=int, default=STEPS, help="cap on SetFit's steps")
    parser.add_argument("--texts", type=Path)
    options = parser.parse_args()
    root = find_root()
    texts = find_texts(options.texts, root)
    if texts is None:
        raise UsageError("the comparison needs other people's texts: name their folder with --texts")
    labels = load_labels(root, texts)
    judge = labels.part("test", real=True) if options.test else validation_rows(labels)
    if options.test:
        open_test_split(root, "side by side", labels.digest, "baselines and the shipped model in one run")
    lines = compare(labels, training_rows(labels, own=True), judge, "test" if options.test else "validation", options.steps)
    (root / RECORD).write_text("".join(json.dumps(asdict(line)) + "\n" for line in lines), encoding="utf-8")
    print(table(lines))  # noqa: T201


if __name__ == "__main__":
    main()
