"""Are names priors? States swapped for other states where a reader found that the meaning survives it; names alone; unseen actors' names.

`python -m moscow_training.benchmarks.names` judges the shipped model (`--model REF` another). `labels/readings/swaps.jsonl` says of 420
validation and calibration units whether the sentence keeps its meaning, by reading; the suite's sentences were written to keep theirs.
"""

import argparse
import json
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from moscow_labels.errors import UsageError
from moscow_labels.records import Sentence, Span, Unit
from moscow_labels.texts import find_texts
from moscow_stance.contract import Scorer
from moscow_stance.metrics import Figure, clusters, mean_with_interval
from moscow_stance.model import load_model
from moscow_stance.settings import find_root
from moscow_training.behaviour import read_suite
from moscow_training.data import LabelSet, load_labels
from moscow_training.names import state_forms
from moscow_training.rereading import rewritten, swappable, swapped

READINGS = Path("labels/readings/swaps.jsonl")
SWAPS, SEED = 10, 1


def surviving(root: Path, labels: LabelSet) -> list[int]:
    """Return the numbers of the units whose sentence keeps its meaning when states change names."""
    lines = (root / READINGS).read_text(encoding="utf-8").splitlines()
    keep = {r["id"] for r in map(json.loads, lines) if r["survives"]}
    return [i for i, e in enumerate(labels.examples) if e.row.id in keep]


def changed(units: Sequence[Unit], documents: Sequence[str], scorer: Scorer, *, swaps: int = SWAPS, seed: int = SEED) -> Figure:
    """Return how often the stance label changes when states change names, over `swaps` draws a unit, with its interval by document."""
    before = scorer.probabilities(units)[0].argmax(axis=1)
    hits = np.zeros((swaps, len(units)))
    for number in range(swaps):
        lottery = random.Random(f"{seed}|{number}")  # noqa: S311 - not for secrets
        other = [_swapped(unit, lottery) for unit in units]
        hits[number] = scorer.probabilities(other)[0].argmax(axis=1) != before
    return mean_with_interval(hits.mean(axis=0), clusters(documents))


def _swapped(unit: Unit, lottery: random.Random) -> Unit:
    forms, text = state_forms(), unit.sentence.text
    pieces = swapped(swappable(text, forms), forms, lottery)
    new, spans = rewritten(text, pieces, [*unit.mentions, *unit.moscow])
    n = len(unit.mentions)
    return replace(unit, sentence=Sentence(0, Span(0, len(new)), new), mentions=spans[:n], moscow=spans[n:])


def same_in_all_fills(root: Path, scorer: Scorer) -> Figure:
    """Return the share of the suite's templates whose cases, one actor each, do not all get the same label."""
    cases = read_suite(root)
    said = scorer.probabilities([c.unit for c in cases])[0].argmax(axis=1)
    by_template: dict[str, set[int]] = {}
    for case, label in zip(cases, said, strict=True):
        by_template.setdefault(case.document, set()).add(int(label))
    return mean_with_interval(np.array([float(len(found) > 1) for found in by_template.values()]), np.arange(len(by_template)))


def alone(scorer: Scorer) -> float:
    """Return the share of states whose bare name ("Armenia.") is given a label other than neutral."""
    units = []
    for code, forms in state_forms().items():
        text = f"{forms.country}."
        units.append(Unit(Sentence(0, Span(0, len(text)), text), code, (Span(0, len(text) - 1),), ()))
    return float((scorer.probabilities(units)[0].argmax(axis=1) != 1).mean())


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--model", default=None)
    parser.add_argument("--texts", type=Path)
    options = parser.parse_args()
    root = find_root()
    texts = find_texts(options.texts, root)
    if texts is None:
        raise UsageError("real sentences are other people's: name their folder with --texts")
    labels, scorer = load_labels(root, texts), load_model(options.model)
    rows = surviving(root, labels)
    figure = changed([labels.examples[i].unit for i in rows], labels.documents(rows), scorer)
    print(f"label changed by a swap of names: {figure} of {len(rows)} units, {SWAPS} draws each")  # noqa: T201
    print(f"templates whose fills do not all get one label: {same_in_all_fills(root, scorer)}")  # noqa: T201
    print(f"states whose bare name is not neutral: {alone(scorer):.3f}")  # noqa: T201


if __name__ == "__main__":
    main()
