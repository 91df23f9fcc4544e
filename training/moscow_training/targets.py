"""What the shipped model was meant to reach and what it reaches: `python -m moscow_training.targets` writes `training/TARGETS.md`.

Figures of the test split and of NewsMTSC's test part come from the card that promotion wrote; that split is not opened here. Names,
behaviour and the seeds are measured anew; the folds are read from the newest such run in MLflow's store.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moscow_labels.errors import UsageError
from moscow_labels.texts import find_texts
from moscow_stance.metrics import clusters, macro_f1, with_interval
from moscow_stance.model import Scorer, load_model
from moscow_stance.settings import find_root
from moscow_training.behaviour import by_capability, passed, read_suite
from moscow_training.benchmarks.names import SWAPS, alone, changed, surviving
from moscow_training.candidates import PACKAGED, card_of
from moscow_training.data import AXES, SEEDS, LabelSet, load_labels
from moscow_training.recipe import recipe_of
from moscow_training.store import open_store

PAGE = Path("training/TARGETS.md")
OVER_CHANCE = 0.01
"""So much above the calibration error that chance alone shows is allowed."""


@dataclass(frozen=True, slots=True)
class Target:
    """One target: what it is about, what is wanted, what was found, and whether it is met (None: not measured)."""

    about: str
    wanted: str
    found: str
    met: bool | None

    def row(self) -> str:
        """Return the row of the page's table."""
        verdict = "not measured" if self.met is None else "met" if self.met else "missed"
        return f"| {self.about} | {self.wanted} | {self.found} | {verdict} |"


def on_test(card: Mapping[str, Any]) -> Iterator[Target]:
    """Yield the targets of the test split and of test-mt, as the card of the shipped model tells them."""
    stance, lexical = (card["figures"][name]["stance"] for name in ("shipped", "tfidf"))
    value, lo, hi = (stance[f"macro_f1{end}"] for end in ("", "_lo", "_hi"))
    yield Target("stance macro-F1", "0.80, lower end 0.76", f"{value:.3f} [{lo:.3f}, {hi:.3f}]", value >= 0.80 and lo >= 0.76)
    lead = value - lexical["macro_f1"]
    yield Target("lead over TF-IDF", "0.05", f"{lead:+.3f}", lead >= 0.05)
    hedging = stance["f1"]["hedging"]
    yield Target("hedging F1", "0.75", f"{hedging:.3f}", hedging >= 0.75)
    news = card.get("newsmtsc_test_mt", {})
    right, news_f1 = news.get("accuracy", ""), news.get("macro_f1", "")
    yield Target("NewsMTSC test-mt, accuracy", "above 0.799", right or "-", _value(right) > 0.799 if right else None)
    yield Target("NewsMTSC test-mt, macro-F1", "0.80", news_f1 or "-", _value(news_f1) >= 0.80 if news_f1 else None)
    for axis in AXES:
        sure = card.get("sureness", {}).get(axis, {})
        error, chance = sure.get("calibration_error_15", ""), sure.get("by_chance", 0.0)
        wanted = f"at most {chance + OVER_CHANCE:.3f} (chance {chance:.3f} + {OVER_CHANCE})"
        yield Target(f"{axis}, calibration error", wanted, error or "-", _value(error) <= chance + OVER_CHANCE if error else None)
        surest = sure.get("accuracy_on_surest_70", "")
        yield Target(f"{axis}, accuracy on the surest 70 %", "0.93", surest or "-", _value(surest) >= 0.93 if surest else None)


def of_names(root: Path, labels: LabelSet, scorer: Scorer) -> Iterator[Target]:
    """Yield what names alone do to the labels."""
    rows = surviving(root, labels)
    share = changed([labels.examples[i].unit for i in rows], labels.documents(rows), scorer)
    yield Target(f"labels changed by a swap of states ({len(rows)} units, {SWAPS} draws)", "at most 2 %", str(share), share.value <= 0.02)
    bare = alone(scorer)
    yield Target("states whose bare name is not neutral", "none", f"{bare:.3f}", bare == 0)


def of_folds(mlflow: Any) -> Iterator[Target]:
    """Yield what it costs not to have seen an actor, from the newest run of the folds."""
    found = mlflow.search_runs(
        experiment_names=["folds"], filter_string="tags.`stance.kind` = 'parent'", output_format="list", order_by=["start_time DESC"]
    )
    for axis in AXES:
        key = f"leave_actors_out_{axis}_macro_f1_difference"
        run = next((r for r in found if key in r.data.metrics), None)
        about = f"unseen actors, {axis} macro-F1"
        if run is None:
            yield Target(about, "at most 0.03 lost", "-", None)
            continue
        value, lo, hi = (run.data.metrics.get(f"{key}{end}", float("nan")) for end in ("", "_lo", "_hi"))
        recipe = recipe_of(run.data.params, run.info.run_id)
        what = f"{f'{recipe.epochs} epochs' if recipe.epochs else 'frozen encoder'}, {recipe.units or 'all'} units"
        yield Target(f"{about} ({what})", "at most 0.03 lost", f"{value:+.3f} [{lo:+.3f}, {hi:+.3f}]", value >= -0.03)


def of_behaviour(root: Path, scorer: Scorer) -> Iterator[Target]:
    """Yield the behaviour suite, whole and by capability."""
    cases = read_suite(root)
    hits = passed(cases, lambda units: scorer.probabilities(units)[0])
    yield Target(f"behaviour, {len(cases)} cases", "95 %", f"{hits.mean():.1%}", float(hits.mean()) >= 0.95)
    for name, (good, total) in by_capability(cases, hits).items():
        yield Target(f"behaviour: {name.replace('_', ' ')}", "88 %", f"{good / total:.0%} of {total}", good / total >= 0.88)


def of_seeds(labels: LabelSet, scorer: Scorer) -> Iterator[Target]:
    """Yield macro-F1 on the two seed essays, all units pooled; nothing learns from them."""
    rows = labels.part(SEEDS)
    found = scorer.probabilities([labels.examples[i].unit for i in rows])
    for axis, p in zip(AXES, found, strict=True):
        figure = with_interval(macro_f1, labels.truth(axis, rows), p.argmax(axis=1), clusters(labels.documents(rows)))
        yield Target(f"both seed essays, {axis} macro-F1 ({len(rows)} units)", "0.80", str(figure), figure.value >= 0.80)


def page(targets: list[Target], card: Mapping[str, Any]) -> str:
    """Return the page."""
    met = sum(t.met is True for t in targets)
    made, opening = f"version {card.get('version')}, made {card.get('made')}", card.get("test_openings")
    head = f"""# Targets

Written by `python -m moscow_training.targets`; do not edit. What the shipped model ({made}) was meant to reach and what
it reaches: {met} of {len(targets)} met. Test-split figures are those of its promotion (opening {opening} of the split); 95 % intervals
by document. [RESULTS.md](RESULTS.md) says what was tried.

| target | wanted | found | |
| --- | --- | --- | --- |
"""
    return head + "\n".join(t.row() for t in targets) + "\n"


def _value(figure: str) -> float:
    return float(figure.split(maxsplit=1)[0])


def main() -> None:
    """Measure and write the page."""
    root = find_root()
    texts = find_texts(None, root)
    if texts is None:
        raise UsageError("targets are judged on other people's texts: STANCE_TEXTS=DIR")
    card, labels, scorer = card_of(root / PACKAGED), load_labels(root, texts), load_model()
    targets = [
        *on_test(card),
        *of_names(root, labels, scorer),
        *of_folds(open_store(root)),
        *of_behaviour(root, scorer),
        *of_seeds(labels, scorer),
    ]
    written = page(targets, card)
    (root / PAGE).write_text(written, encoding="utf-8")
    print(json.dumps({"met": sum(t.met is True for t in targets), "of": len(targets)}))  # noqa: T201
    print(written)  # noqa: T201


if __name__ == "__main__":
    main()
