"""The figures of the data sheet, from the files themselves: `stance labels figures` prints them as Markdown."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from moscow_labels.agreement import AXES, agreement, paired
from moscow_labels.lexicon import default_lexicon
from moscow_labels.rows import LabelRow, read_rows
from moscow_labels.scheme import RULES, SENTIMENTS, STANCES
from moscow_labels.splitting import SPLIT_FILE, read_splits

LICENCES = {
    "kremlin.ru": "CC BY 4.0 (kremlin.ru)",
    "think-tank": "the publishers' (RUSI, CSIS and others); none stated",
    "news": "the publishers'; some from research collections (WMT, PTC, SemEval-2025 task 10)",
    "un-general-debate": "CC0 (UN General Debate Corpus)",
    "us-press": "the publishers'; none stated",
    "headlines": "the publishers' (RT, TASS and others); none stated",
    "own": "Apache-2.0, this project",
    "seeds": "the authors' and publishers'",
}
MARKS = ("<!-- figures: begin (stance labels figures) -->", "<!-- figures: end -->")


def figures(root: Path) -> str:
    """Return every figure of the data sheet as Markdown. Raises InputError where a file is missing."""
    own = read_rows(root / "labels" / "own.jsonl")
    corpus = read_rows(root / "labels" / "corpus.jsonl")
    seeds = read_rows(root / "seeds" / "labels.jsonl")
    rows = [*corpus, *own, *seeds]
    lexicon = default_lexicon()
    sentences, documents = len({(r.text, r.start) for r in rows}), len({r.doc for r in rows})
    strata = Counter(r.stratum for r in corpus)
    parts = [
        f"Lexicon: {len(lexicon.actors) - 1} actors, {len(lexicon.terms):,} names.",
        f"Labelled: {len(rows):,} units in {sentences:,} sentences of {documents:,} documents; "
        f"{len(corpus):,} units are of the corpora, {strata['no-moscow-word']:,} of them drawn from sentences with no word for Moscow, "
        f"{strata['chosen']:,} chosen by a model; "
        f"{sum(r.doubt for r in rows):,} are marked doubtful.",
        "### By source, split and label\n\n" + _by_source(rows, read_splits(root / SPLIT_FILE)),
        "### By kind of hedging and by rule\n\n" + _kinds(rows),
        "### By actor (real text; the 30 most frequent)\n\n" + _by_actor(corpus),
        "### By year (real text)\n\n" + _by_year(corpus),
        "### Agreement\n\n" + _agreement(root / "labels" / "agreement"),
        "### Audit of suspicious labels\n\n" + _audit(root / "labels" / "audit"),
    ]
    return "\n\n".join(parts) + "\n"


def _table(head: Sequence[str], lines: Iterable[Sequence[object]]) -> str:
    rows = [head, ["---", *("---:" for _ in head[1:])], *lines]
    return "\n".join("| " + " | ".join(str(cell) for cell in row) + " |" for row in rows)


def _labels(rows: Sequence[LabelRow]) -> list[int]:
    stance, sentiment = Counter(r.stance for r in rows), Counter(r.sentiment for r in rows)
    return [*(stance[s] for s in STANCES), *(sentiment[s] for s in SENTIMENTS)]


def _by_source(rows: Sequence[LabelRow], splits: dict[str, str]) -> str:
    names = ("train", "validation", "calibration", "test")
    lines = []
    for source, rights in LICENCES.items():
        mine = [r for r in rows if r.source == source]
        where = Counter(splits.get(r.doc, "seeds") for r in mine)
        lines.append([source, rights, len(mine), *(where[n] for n in names), *_labels(mine)])
    head = ("source", "rights in the text", "units", *names, *STANCES, *(f"sentiment {s}" for s in SENTIMENTS))
    return _table(head, lines)


def _kinds(rows: Sequence[LabelRow]) -> str:
    kinds = Counter(str(r.kind) for r in rows if r.kind)
    rules = Counter(r.rule for r in rows if r.rule)
    kind_line = "Kinds: " + ", ".join(f"{kind} {n:,}" for kind, n in kinds.most_common()) + "."
    return kind_line + "\n\n" + _table(("rule", "units"), ([f"{n} {RULES[n]}", rules[n]] for n in sorted(rules)))


def _by_actor(rows: Sequence[LabelRow]) -> str:
    counts = Counter(r.actor for r in rows)
    names = ("actor", "units", *STANCES, *(f"sentiment {s}" for s in SENTIMENTS))
    table = _table(names, ([a, n, *_labels([r for r in rows if r.actor == a])] for a, n in counts.most_common(30)))
    return table + f"\n\n{len(counts)} actors occur in real text; {sum(n < 10 for n in counts.values())} of them fewer than ten times."


def _by_year(rows: Sequence[LabelRow]) -> str:
    def era(row: LabelRow) -> str:
        year = row.date[:4]
        return f"{year[:3]}0 to {year[:3]}4" if year[3:] < "5" else f"{year[:3]}5 to {year[:3]}9"

    counts = Counter(era(r) if r.date[:4].isdigit() else "no date" for r in rows)
    return _table(("years", "units"), sorted(counts.items()))


def _agreement(folder: Path) -> str:
    first = read_rows(folder / "first.jsonl")
    lines = []
    for name in ("second", "masked"):
        pairs = paired(first, read_rows(folder / f"{name}.jsonl"))
        for axis in AXES:
            found = agreement(pairs, axis)
            per_class = "; ".join(f"{label} {value}" for label, value in found.per_class.items())
            lines.append([f"first against {name}", axis, found.units, found.alpha, found.kappa, per_class])
    people = "" if list(folder.glob("human*.jsonl")) else "\n\nAgreement with human coders: **not measured**."
    return _table(("codings", "axis", "units", "Krippendorff's alpha", "Cohen's kappa", "agreement per class"), lines) + people


def _audit(folder: Path) -> str:
    readings = [json.loads(line) for path in sorted(folder.glob("*.jsonl")) for line in path.read_text(encoding="utf-8").splitlines()]
    lines = []
    for group in ("suspect", "control"):
        mine = [r for r in readings if r["group"] == group]
        wrong = [sum(r["first"][axis] != r["final"][axis] for r in mine) for axis in (0, 1)]
        kinds = Counter(f"{r['first'][0]} to {r['final'][0]}" for r in mine if r["first"][0] != r["final"][0])
        differed = sum(r["first"][0] != r["again"][0] for r in mine)
        lines.append([group, len(mine), differed, *wrong, ", ".join(f"{k} {n}" for k, n in kinds.most_common()) or "none"])
    head = ("group", "units", "second reading differed (stance)", "found wrong (stance)", "found wrong (sentiment)", "which stance")
    return _table(head, lines)
