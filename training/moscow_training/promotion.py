"""Make a run's model the champion: score the test split once for the record, export the shipped form, register, set the alias."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from moscow_labels.errors import UsageError
from moscow_labels.texts import Texts, find_texts
from moscow_labels.units import document_units
from moscow_stance.evaluation import AxisReport, axis_report
from moscow_stance.metrics import Figure, Floats, clusters, macro_f1, with_interval
from moscow_stance.model import load_folder
from moscow_stance.settings import is_root
from moscow_stance.talk import talk
from moscow_training.baselines import majority, tfidf
from moscow_training.data import LabelSet, load_labels
from moscow_training.export import export_model
from moscow_training.head import as_linear
from moscow_training.reference import Reference, load_encoder, read_reference
from moscow_training.store import CHAMPION, FOLDER, REGISTERED, fetch_reference, open_store
from moscow_training.tracking import embed, flat
from moscow_training.training import AXES

PACKAGED = Path("inference/moscow_stance/data/model")
TEXTS_NEEDED = "promoting needs the texts behind the test split: name their folder with --texts"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the test split said: reports by model ("shipped", "reference", "tfidf", "majority") and axis, and label parity.

    `as_in_articles` is the shipped form's macro-F1 reweighted to the mix of whole articles, where `silent_share` of the units stand in
    sentences without a word for Moscow.
    """

    reports: dict[str, dict[str, AxisReport]]
    same_labels: float
    silent_share: float
    as_in_articles: dict[str, Figure]


def promote_run(root: Path, run: str, *, texts: Path | None, tracking_uri: str | None, out: Path | None) -> Verdict:
    """Promote a run. Raises UsageError without texts or without a place for the shipped form, ModelError for an unreadable run."""
    found = find_texts(texts, root)
    if found is None:
        raise UsageError(TEXTS_NEEDED)
    labels = load_labels(root, found)
    if out is None and not is_root(root):
        raise UsageError(f"{root}: not a checkout of this project; say with --out where the shipped form goes")
    folder = out or root / PACKAGED
    mlflow = open_store(root, tracking_uri)
    source, _, _ = fetch_reference(root, f"runs:/{run}/{FOLDER}")
    reference, heads = read_reference(source)
    if reference.labels_digest != labels.digest:
        talk.warn("the labels have changed since this run; its figures are of the labels as they are now")
    encoder = load_encoder(source, reference)
    version = _register(mlflow, run)
    card = _card(version, run, reference)
    linear = {axis: as_linear(head) for axis, head in heads.items()}
    export_model(folder, encoder, linear, card)
    verdict = judge(labels, embed(encoder, labels, root), heads, reference, folder, silent_share_of(found))
    card["figures"] = {name: {axis: r.as_dict() for axis, r in by_axis.items()} for name, by_axis in verdict.reports.items()}
    card["as_in_articles"] = {"silent_share": round(verdict.silent_share, 4)} | {
        axis: str(figure) for axis, figure in verdict.as_in_articles.items()
    }
    card["parity"] = {"same_stance_label_as_reference": round(verdict.same_labels, 6)}
    export_model(folder, encoder, linear, card)
    _record(mlflow, run, version, verdict)
    _print(version, folder, verdict)
    return verdict


def judge(labels: LabelSet, features: Any, heads: dict[str, Any], reference: Reference, folder: Path, silent_share: float) -> Verdict:
    """Score the test split (real sentences only) with both forms and the baselines."""
    rows = labels.part("test", real=True)
    train = labels.part("train")
    shipped = load_folder(folder).probabilities([labels.examples[i].unit for i in rows])
    thresholds = {"stance": reference.stance_threshold, "sentiment": reference.sentiment_threshold}
    groups = clusters(labels.documents(rows))
    reports: dict[str, dict[str, AxisReport]] = {}
    full = {axis: heads[axis].predict_proba(features[rows]) for axis in AXES}
    for (axis, names), ours in zip(AXES.items(), shipped, strict=True):
        truth = labels.truth(axis, rows)
        candidates = {
            "shipped": ours,
            "reference": full[axis],
            "tfidf": tfidf(labels, train, rows, axis, seed=1),
            "majority": majority(labels.truth(axis, train), len(rows)),
        }
        for name, p in candidates.items():
            reports.setdefault(name, {})[axis] = axis_report(truth, p, groups, names, thresholds[axis])
    same = float(np.mean(shipped[0].argmax(axis=1) == full["stance"].argmax(axis=1)))
    weights = mix_weights([labels.examples[i].row.stratum for i in rows], silent_share)
    as_in_articles = {
        axis: with_interval(macro_f1, labels.truth(axis, rows), p.argmax(axis=1), groups, weights=weights)
        for axis, p in zip(AXES, shipped, strict=True)
    }
    return Verdict(reports, same, silent_share, as_in_articles)


def silent_share_of(texts: Texts) -> float:
    """Return the share of units in whole articles whose sentence has no word for Moscow."""
    silent = total = 0
    for name in texts.articles:
        units = document_units(texts.document(f"articles:{name}"))
        total += len(units)
        silent += sum(not u.moscow for u in units)
    return silent / total


def mix_weights(strata: Sequence[str], silent_share: float) -> Floats:
    """Return a weight per row such that rows of the stratum "no-moscow-word" make up `silent_share` of the whole."""
    silent = np.array([bool(s) for s in strata])
    share = silent.mean()
    return np.asarray(np.where(silent, silent_share / share, (1 - silent_share) / (1 - share)))


def _card(version: str, run: str, reference: Reference) -> dict[str, Any]:
    return {
        "name": REGISTERED,
        "version": version,
        "run": run,
        "made": dt.datetime.now(dt.UTC).date().isoformat(),
        "encoder": reference.encoder,
        "encoder_revision": reference.revision,
        "labels_digest": reference.labels_digest,
        "thresholds": {"stance": reference.stance_threshold, "sentiment": reference.sentiment_threshold},
    }


def _register(mlflow: Any, run: str) -> str:
    """Register the run's reference form and return its version; a run that is registered already keeps its version."""
    client = mlflow.MlflowClient()
    if not client.search_registered_models(f"name='{REGISTERED}'"):
        client.create_registered_model(REGISTERED, description="Stance toward Moscow and sentiment, per sentence and actor.")
    known: Sequence[Any] = client.search_model_versions(f"run_id='{run}'")
    if known:
        return str(known[0].version)
    uri = f"{client.get_run(run).info.artifact_uri}/{FOLDER}"
    return str(client.create_model_version(REGISTERED, source=uri, run_id=run).version)


def _record(mlflow: Any, run: str, version: str, verdict: Verdict) -> None:
    client = mlflow.MlflowClient()
    opened = int(client.get_run(run).data.tags.get("test_openings", "0")) + 1
    client.set_tag(run, "test_openings", str(opened))
    for name, by_axis in verdict.reports.items():
        for axis, report in by_axis.items():
            for key, value in flat(f"test_{axis}_{name}", report).items():
                client.log_metric(run, key, value)
    client.set_registered_model_alias(REGISTERED, CHAMPION, version)
    client.set_model_version_tag(REGISTERED, version, "test_stance_macro_f1", str(verdict.reports["shipped"]["stance"].macro_f1))


def _print(version: str, folder: Path, verdict: Verdict) -> None:
    n = verdict.reports["shipped"]["stance"].n
    lines = [f"version {version} is the champion; shipped form in {folder}", f"test split: {n} real units, held out by document"]
    for axis in AXES:
        lines.extend(f"  {axis:<10} {name:<10} macro-F1 {by_axis[axis].macro_f1}" for name, by_axis in verdict.reports.items())
    mix = ", ".join(f"{axis} {figure}" for axis, figure in verdict.as_in_articles.items())
    lines.append(f"  shipped, as in whole articles ({verdict.silent_share:.0%} of units without a word for Moscow): {mix}")
    lines.append(f"  both forms give the same stance label to {verdict.same_labels:.1%} of them")
    print("\n".join(lines))  # noqa: T201
