"""Promotion: the gate compares a run's model with the champion; what passes is scored once on the test split, registered and shipped."""

import datetime as dt
import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moscow_labels.errors import ModelError, UsageError
from moscow_labels.texts import Texts, find_texts
from moscow_stance.settings import is_root
from moscow_stance.talk import talk
from moscow_training.behaviour import read_suite
from moscow_training.candidates import PACKAGED, Candidate, Place, card_of, challenger, champion, install, reference_of
from moscow_training.data import AXES, LabelSet, load_labels
from moscow_training.gate import Decision, Evidence, compare
from moscow_training.openings import open_test_split, openings, openings_line
from moscow_training.registry import CHALLENGER, CHAMPION, by_alias, by_number, move_alias, register, tag_version
from moscow_training.run_results import flat
from moscow_training.school import read_test_mt
from moscow_training.shipping import add_to_card
from moscow_training.store import open_store
from moscow_training.training import validation_rows
from moscow_training.verdict import Verdict, judge_newsmtsc, judge_test, silent_share_of

TEXTS_NEEDED = "promoting needs the texts behind the validation and test splits: name their folder with --texts"
RECORD = "shipped/model.json"
"""Where a run keeps the card of the model that it shipped, below its artifacts."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a promotion ended.

    `decision` is what the gate said, None where it was not asked; `decided` one of accepted, forced, refused, first, rollback, kept.
    """

    version: str
    decided: str
    decision: Decision | None
    folder: Path


def promote_run(
    root: Path, run: str, *, texts: Path | None, tracking_uri: str | None, out: Path | None, force: bool = False, to_version: str = ""
) -> Outcome:
    """Promote a run, or roll back to a version.

    Raises UsageError without texts or without a place for the shipped form, ModelError for an unreadable run and where the gate refuses.
    """
    found = find_texts(texts, root)
    if found is None:
        raise UsageError(TEXTS_NEEDED)
    if out is None and not is_root(root):
        raise UsageError(f"{root}: not a checkout of this project; say with --out where the shipped form goes")
    with opened_place(root, found, load_labels(root, found), tracking_uri) as place:
        return promote(place, run, out=out or root / PACKAGED, force=force, to_version=to_version)


@contextmanager
def opened_place(root: Path, texts: Texts | None, labels: LabelSet, tracking_uri: str | None) -> Iterator[Place]:
    """Open the store and a scratch folder that goes with the block."""
    with tempfile.TemporaryDirectory() as scratch:
        yield Place(open_store(root, tracking_uri), root, labels, texts, Path(scratch))


def promote(place: Place, run: str, *, out: Path, force: bool = False, to_version: str = "") -> Outcome:
    """Do it. Raises ModelError where the gate refuses and `force` is not set; the refusal is recorded first."""
    mlflow = place.mlflow
    if to_version:
        run = by_number(mlflow, to_version).run
    version = register(mlflow, run)
    asked = by_alias(mlflow, CHAMPION)
    holder = None if to_version else champion(place)  # which a way back is not compared with
    if asked is None or asked.number != version:
        move_alias(mlflow, CHALLENGER, version)
    candidate = challenger(place, run, version)
    decided, decision = _decide(place, candidate, holder, rollback=bool(to_version), force=force)
    against = holder.name if holder else f"version {asked.number}" if asked else "nobody"
    _record_decision(place, candidate, version, decided, decision, against)
    if decided == "refused":
        reasons = "\n  ".join(decision.reasons if decision else [])
        raise ModelError(f"version {version} is refused: significantly worse than {against}\n  {reasons}\n{_HOW_TO_FORCE}")
    _judged_once(place, candidate, version)
    install(candidate.folder, out)
    move_alias(mlflow, CHAMPION, version)
    waiting = by_alias(mlflow, CHALLENGER)
    if waiting is not None and waiting.number == version:
        move_alias(mlflow, CHALLENGER, None)
    lines = [f"version {version} is the champion ({decided}); shipped form in {out}", openings_line(len(openings(place.root)))]
    print("\n".join(lines))  # noqa: T201
    return Outcome(version, decided, decision, out)


_HOW_TO_FORCE = "it stays `challenger`; --force promotes it all the same and is recorded"


def _decide(place: Place, candidate: Candidate, holder: Candidate | None, *, rollback: bool, force: bool) -> tuple[str, Decision | None]:
    """Return what becomes of the candidate, and what the gate said where it was asked."""
    if rollback:
        return "rollback", None
    if holder is None:
        return "first", None
    if holder.run == candidate.run:
        return "kept", None
    labels = place.labels
    rows = validation_rows(labels)
    truth = {axis: labels.truth(axis, rows) for axis in AXES}
    evidence = Evidence([labels.examples[i].unit for i in rows], truth, labels.documents(rows))
    decision = compare(candidate.scorer, holder.scorer, evidence, read_suite(place.root))
    head = f"{candidate.name} against {holder.name} on validation: {decision.n:,} units of {decision.documents} documents"
    print("\n".join([head, *(f"  {check}" for check in decision.checks), *(f"  {note}" for note in decision.notes)]))  # noqa: T201
    if decision.accepted:
        return "accepted", decision
    return ("forced" if force else "refused"), decision


def _record_decision(place: Place, candidate: Candidate, version: str, decided: str, decision: Decision | None, against: str) -> None:
    why = "; ".join(" ".join(reason.split()) for reason in decision.reasons) if decision else ""
    tags = {"gate": decided, "gate.date": dt.datetime.now(dt.UTC).date().isoformat(), "gate.against": against, "gate.worse": why}
    tag_version(place.mlflow, version, tags)
    client = place.mlflow.MlflowClient()
    for key, value in tags.items():
        client.set_tag(candidate.run, f"stance.{key}", value)
    if decision is not None:
        client.log_text(candidate.run, decision.as_json(), "gate.json")
        for check in decision.checks:
            key = f"gate_{check.name.replace(' ', '_').replace('-', '_')}_difference"
            client.log_metric(candidate.run, key, check.difference)


def _judged_once(place: Place, candidate: Candidate, version: str) -> None:
    """Score the test split for the record, unless this run has been scored before: then its recorded figures are taken over."""
    known = _recorded(place, candidate)
    if known:
        keep = ("figures", "as_in_articles", "parity_on_test", "test_openings", "newsmtsc_test_mt", "sureness", "made")
        add_to_card(candidate.folder, {name: known[name] for name in keep if name in known})
        talk.warn("the test split is not opened again: this model's figures are on record")
        return
    opening = open_test_split(place.root, candidate.run, place.labels.digest, f"promotion of version {version}")
    verdict = judge_test(place.labels, candidate.scorer, reference_of(place, candidate.run), silent_share_of(place.texts))
    card = {**verdict.as_card(), "test_openings": opening}
    if place.texts is not None and place.texts.benchmarks.is_dir():
        news = judge_newsmtsc(read_test_mt(place.texts.benchmarks), candidate.scorer, card_of(candidate.folder)["newsmtsc_shift"])
        card |= news.as_card()
        print(news.line())  # noqa: T201
    add_to_card(candidate.folder, card)
    _record_verdict(place, candidate, version, verdict, opening)
    print("\n".join(verdict.lines()))  # noqa: T201


def _recorded(place: Place, candidate: Candidate) -> Mapping[str, Any]:
    """Return the card of an earlier shipping of the same model in the same form, from its run or from this checkout, else nothing."""
    cards = [card_of(place.root / PACKAGED)]
    try:
        cards.append(json.loads(place.mlflow.artifacts.load_text(f"runs:/{candidate.run}/{RECORD}")))
    except (place.mlflow.exceptions.MlflowException, OSError):
        talk.note(f"run {candidate.run} has not shipped before")
    form = card_of(candidate.folder)["form"]
    return next((c for c in cards if "figures" in c and (c.get("run"), c.get("form")) == (candidate.run, form)), {})


def _record_verdict(place: Place, candidate: Candidate, version: str, verdict: Verdict, opening: int) -> None:
    client = place.mlflow.MlflowClient()
    client.log_text(candidate.run, (candidate.folder / "model.json").read_text(encoding="utf-8"), RECORD)
    client.set_tag(candidate.run, "stance.test_opening", str(opening))
    for name, by_axis in verdict.reports.items():
        for axis, report in by_axis.items():
            for key, value in flat(f"test_{axis}_{name}", report).items():
                client.log_metric(candidate.run, key, value)
    tags = {f"test_{axis}_macro_f1": str(verdict.reports["shipped"][axis].macro_f1) for axis in AXES}
    tag_version(place.mlflow, version, tags | {"test_opening": str(opening)})
