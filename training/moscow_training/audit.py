"""Find labels that look wrong, for people to read again: confident learning on out-of-fold probabilities (Northcutt et al. 2021).

Only the training and validation splits are audited: the test split is never cleaned by a model. `python -m moscow_training.audit`
writes the units to read, suspects and random controls mixed, without label or prediction.
"""

import argparse
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.model_selection import GroupKFold

from moscow_labels.errors import UsageError
from moscow_labels.texts import find_texts
from moscow_stance.metrics import Floats
from moscow_stance.settings import find_root
from moscow_training.data import LabelSet, load_labels
from moscow_training.encoder import Encoder, Features
from moscow_training.head import fit_plain
from moscow_training.tracking import embed
from moscow_training.weights import DEFAULT_ENCODER

SUSPECTS, CONTROLS, SEED = 300, 100, 20261122


def out_of_fold(labels: LabelSet, features: Features, rows: list[int], axis: str) -> Floats:
    """Return probabilities (rows, 3) of models that never saw the row's document."""
    truth = labels.truth(axis, rows)
    p = np.zeros((len(rows), 3))
    for fit, judge in GroupKFold(5, shuffle=True, random_state=SEED).split(rows, truth, labels.documents(rows)):
        head = fit_plain(features[rows][fit], truth[fit], strength=0.001, power=0.5, seed=SEED)
        p[judge] = head.predict_proba(features[rows][judge])
    return p


def choose(labels: LabelSet, features: Features) -> dict[str, list[int]]:
    """Return the example numbers of the most suspicious units and of random controls among the rest."""
    from cleanlab.rank import get_label_quality_scores

    rows = labels.part("train", "validation", real=True)
    quality = get_label_quality_scores(labels.truth("stance", rows), out_of_fold(labels, features, rows, "stance"))
    order = np.argsort(quality, kind="stable")
    suspects = [rows[i] for i in order[:SUSPECTS]]
    controls = random.Random(SEED).sample([rows[i] for i in order[SUSPECTS:]], CONTROLS)  # noqa: S311 - a sample, no secret
    return {"suspect": suspects, "control": controls}


def sheet(labels: LabelSet, chosen: dict[str, list[int]]) -> list[dict[str, Any]]:
    """Return the chosen units, mixed, as a coder sees them."""
    mixed = [i for group in chosen.values() for i in group]
    random.Random(SEED).shuffle(mixed)  # noqa: S311 - an order, no secret
    return [
        {
            "id": labels.examples[i].row.id,
            "text": labels.examples[i].row.text,
            "actor": labels.examples[i].row.actor,
            "sentence": labels.examples[i].unit.sentence.text,
        }
        for i in mixed
    ]


def main() -> None:
    """Write `audit.jsonl` (what to read) and `audit.key.json` (who is suspect, who control) into a folder."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    folder: Path = parser.parse_args().out
    root = find_root()
    texts = find_texts(None, root)
    if texts is None:
        raise UsageError("the audit reads other people's texts: STANCE_TEXTS=DIR")
    labels = load_labels(root, texts)
    chosen = choose(labels, embed(Encoder(DEFAULT_ENCODER), labels, root))
    folder.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(row, ensure_ascii=False) for row in sheet(labels, chosen)]
    (folder / "audit.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    key = {labels.examples[i].row.id: group for group, members in chosen.items() for i in members}
    (folder / "audit.key.json").write_text(json.dumps(key, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
