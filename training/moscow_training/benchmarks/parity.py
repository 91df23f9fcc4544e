"""Do the forms of one model agree? `python -m moscow_training.benchmarks.parity REFERENCE` compares on validation and on whole articles.

REFERENCE is the folder of a reference form. Compared with it are its fp32 export, whose heads are the reference's own, and the
packaged model, whose heads were fitted on its own features. No row of the test split is read.
"""

import argparse
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from moscow_labels.errors import UsageError
from moscow_labels.records import Document, Unit
from moscow_labels.texts import find_texts
from moscow_labels.units import document_units
from moscow_stance.contract import Probabilities, Scorer
from moscow_stance.metrics import calibration_error, confusion, macro_f1
from moscow_stance.model import load_folder, load_model
from moscow_stance.settings import find_root
from moscow_training.data import AXES, LabelSet, load_labels
from moscow_training.export import export_model
from moscow_training.head import as_linear
from moscow_training.reference import ReferenceScorer, load_encoder, read_reference

HEADER = "| form | units of | axis | units | same label | largest difference | mean | macro-F1 | ECE |\n" + "| --- " * 9 + "|"


def fp32_form(reference: Path, scratch: Path) -> Scorer:
    """Export a reference form in fp32 with its own heads and load it."""
    described, heads = read_reference(reference)
    thresholds = {"stance": described.stance_threshold, "sentiment": described.sentiment_threshold}
    card = {"name": "stance", "version": "fp32", "thresholds": thresholds}
    export_model(scratch, load_encoder(reference, described), {axis: as_linear(head) for axis, head in heads.items()}, card)
    return load_folder(scratch)


def compare(name: str, where: str, p: Probabilities, q: Probabilities) -> list[str]:
    """Return a row per axis: how the probabilities `p` of a form differ from the reference's `q`."""
    rows = []
    for axis, ours, theirs in zip(AXES, p, q, strict=True):
        same = int((ours.argmax(axis=1) == theirs.argmax(axis=1)).sum())
        apart = np.abs(ours - theirs)
        share = f"{same / len(ours):.2%} ({len(ours) - same} differ)"
        rows.append(f"| {name} | {where} | {axis} | {len(ours):,} | {share} | {apart.max():.1e} | {apart.mean():.1e} | | |")
    return rows


def judged(name: str, p: Probabilities, labels: LabelSet, rows: Sequence[int]) -> list[str]:
    """Return a row per axis with macro-F1 and calibration error on labelled rows."""
    found = []
    for axis, ours in zip(AXES, p, strict=True):
        truth = labels.truth(axis, rows)
        f1, ece = float(macro_f1(confusion(truth, ours.argmax(axis=1)))), calibration_error(truth, ours)
        found.append(f"| {name} | validation, real | {axis} | {len(rows):,} | | | | {f1:.4f} | {ece:.4f} |")
    return found


def article_units(path: Path) -> list[Unit]:
    """Return every unit of the articles."""
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [u for r in records for u in document_units(Document(r["id"], r["text"], title=r.get("title", ""), published=r.get("date", "")))]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("reference", type=Path, help="the folder of a reference form")
    reference: Path = parser.parse_args().reference
    root = find_root()
    texts = find_texts(None, root)
    if texts is None:
        raise UsageError("parity is measured on other people's texts: STANCE_TEXTS=DIR")
    labels = load_labels(root, texts)
    rows, real = labels.part("validation"), labels.part("validation", real=True)
    units = {
        "validation": [labels.examples[i].unit for i in rows],
        "articles": article_units(texts.folder / "corpus" / "articles.jsonl"),
    }
    base = ReferenceScorer(reference)
    expected = {where: base.probabilities(found) for where, found in units.items()}
    keep = [rows.index(i) for i in real]
    lines = judged("reference", (expected["validation"][0][keep], expected["validation"][1][keep]), labels, real)
    with tempfile.TemporaryDirectory() as scratch:
        for name, scorer in {"fp32": fp32_form(reference, Path(scratch)), "packaged": load_model()}.items():
            for where, found in units.items():
                p = scorer.probabilities(found)
                lines += compare(name, where, p, expected[where])
                if where == "validation":
                    lines += judged(name, (p[0][keep], p[1][keep]), labels, real)
    print("\n".join([HEADER, *lines]))  # noqa: T201


if __name__ == "__main__":
    main()
