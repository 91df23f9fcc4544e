"""Ship a reference form anew where the shipped form itself has changed: `python -m moscow_training.reship REFERENCE --run ID --version N`.

The model stays the one that was promoted; its export is new. The form was chosen on validation; the test split is scored once, for the
record, and the card says how often it has been opened.
"""

import argparse
from pathlib import Path
from typing import Any

from moscow_labels.errors import UsageError
from moscow_labels.texts import find_texts
from moscow_stance.evaluation import axis_report
from moscow_stance.metrics import clusters, macro_f1, with_interval
from moscow_stance.model import load_folder
from moscow_stance.settings import find_root
from moscow_training.baselines import majority, tfidf
from moscow_training.data import LabelSet
from moscow_training.encoder import Features
from moscow_training.export import MIXED
from moscow_training.promotion import PACKAGED, mix_weights, silent_share_of
from moscow_training.quantising import FORMS
from moscow_training.reference import load_encoder, read_reference
from moscow_training.shipping import Shipped, add_to_card, ship_model
from moscow_training.tracking import embed
from moscow_training.training import AXES


def figures_of_test(
    shipped: Shipped, labels: LabelSet, features: Features, heads: dict[str, Any], thresholds: dict[str, float], silent: float
) -> dict[str, Any]:
    """Score the test split (real sentences) with the shipped form, the reference form and the baselines; return what the card keeps."""
    rows, train = labels.part("test", real=True), labels.part("train")
    groups = clusters(labels.documents(rows))
    weights = mix_weights([labels.examples[i].row.stratum for i in rows], silent)
    found = load_folder(shipped.folder).probabilities([labels.examples[i].unit for i in rows])
    figures: dict[str, dict[str, Any]] = {}
    mix: dict[str, Any] = {"silent_share": round(silent, 4)}
    for (axis, names), ours in zip(AXES.items(), found, strict=True):
        truth = labels.truth(axis, rows)
        candidates = {
            "shipped": (ours, shipped.thresholds[axis]),
            "reference": (heads[axis].predict_proba(features[rows]), thresholds[axis]),
            "tfidf": (tfidf(labels, train, rows, axis, seed=1), thresholds[axis]),
            "majority": (majority(labels.truth(axis, train), len(rows)), thresholds[axis]),
        }
        for name, (p, threshold) in candidates.items():
            figures.setdefault(name, {})[axis] = axis_report(truth, p, groups, list(names), threshold).as_dict()
        mix[axis] = str(with_interval(macro_f1, truth, ours.argmax(axis=1), groups, weights=weights))
    return {"figures": figures, "as_in_articles": mix}


def main() -> None:
    """Write the shipped form into this checkout's package, with the figures of the test split."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("reference", type=Path, help="a reference form: the folder `reference` of a run's artifacts")
    parser.add_argument("--run", required=True, help="the training run it comes from")
    parser.add_argument("--version", required=True, help="what this shipped form is called")
    parser.add_argument("--openings", type=int, required=True, help="how often the test split has been opened, this time included")
    parser.add_argument("--form", choices=FORMS, default=MIXED)
    parser.add_argument("--out", type=Path, help="another folder than the package's")
    options = parser.parse_args()
    root = find_root()
    texts = find_texts(None, root)
    if texts is None:
        raise UsageError("the test split needs other people's texts: STANCE_TEXTS=DIR")
    from moscow_training.data import load_labels

    labels = load_labels(root, texts)
    reference, heads = read_reference(options.reference)
    encoder = load_encoder(options.reference, reference)
    features = embed(encoder, labels, root)
    card = {
        "name": "stance", "version": options.version, "run": options.run, "encoder": reference.encoder,
        "encoder_revision": reference.revision, "labels_digest": reference.labels_digest, "test_openings": options.openings,
    }  # fmt: skip
    shipped = ship_model(options.out or root / PACKAGED, encoder, heads, labels, card, features=features, form=options.form)
    thresholds = {"stance": reference.stance_threshold, "sentiment": reference.sentiment_threshold}
    shipped = add_to_card(shipped, figures_of_test(shipped, labels, features, heads, thresholds, silent_share_of(texts)))
    for axis in AXES:
        found = shipped.card["figures"]["shipped"][axis]
        print(f"{axis}: macro-F1 {found['macro_f1']:.3f} [{found['macro_f1_lo']:.3f}, {found['macro_f1_hi']:.3f}]")  # noqa: T201


if __name__ == "__main__":
    main()
