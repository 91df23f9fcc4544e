"""Splits and folds: frozen, complete, and nothing crosses."""

import json
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from moscow_labels.checking import label_files
from moscow_labels.folds import FOLD_FILE, read_folds
from moscow_labels.rows import LabelRow, read_rows
from moscow_labels.splitting import NEAR, SPLIT_FILE, jaccard, make_splits, near_duplicates, read_splits, word_grams
from moscow_labels.texts import Hydrated, Texts

CLEAR = NEAR + 0.15
"""The sketches that group documents are approximate around `NEAR`; what is clearly a near-duplicate they must not miss."""


@pytest.fixture(scope="module")
def rows(root: Path) -> list[LabelRow]:
    return [r for path in label_files(root) for r in read_rows(path) if r.source != "seeds"]


def test_every_document_has_one_split(root: Path, rows: list[LabelRow]) -> None:
    splits = read_splits(root / SPLIT_FILE)
    assert {r.doc for r in rows} == set(splits)


def test_seeds_are_in_none(root: Path) -> None:
    assert not {r.doc for r in read_rows(root / "seeds" / "labels.jsonl")} & set(read_splits(root / SPLIT_FILE))


def test_the_test_split_is_large_and_sees_every_source_and_stratum(root: Path, rows: list[LabelRow]) -> None:
    splits = read_splits(root / SPLIT_FILE)
    real = [r for r in rows if r.source != "own" and r.stratum != "chosen"]
    test = [r for r in real if splits[r.doc] == "test"]
    assert len(test) >= 1500
    for split in ("train", "validation", "calibration", "test"):
        part = [r for r in real if splits[r.doc] == split]
        assert {r.source for r in part} == {r.source for r in real}
        assert {r.stratum for r in part} == {"", "no-moscow-word"}


def test_what_a_model_chose_is_only_learned_from(root: Path, rows: list[LabelRow]) -> None:
    splits = read_splits(root / SPLIT_FILE)
    chosen = [r for r in rows if r.stratum == "chosen"]
    assert len(chosen) > 4000
    assert {splits[r.doc] for r in chosen} == {"train"}


def test_a_document_keeps_its_split_when_rows_are_added(rows: list[LabelRow]) -> None:
    own = [Hydrated(r, r.sentence or "") for r in rows if r.source == "own"]
    before = make_splits(own[:900])
    after = make_splits(own, known=before)
    assert {doc: after[doc] for doc in before} == before


def test_near_duplicates_share_a_split() -> None:
    text = "The two presidents discussed the schedule of forthcoming contacts at various levels on Monday."
    row = {"text": "own:g", "start": 0, "end": 10, "sha256": "0" * 64, "actor": "ARM", "mentions": ((0, 1),)}
    row |= {"stance": "neutral", "sentiment": "neutral"}
    made = [
        Hydrated(LabelRow.model_construct(**row, doc=doc, source="news"), sentence)
        for doc, sentence in (
            ("a", text),
            ("b", text.replace("Monday", "Friday")),
            ("c", "Nothing of the kind was ever said by anyone there."),
        )
    ]
    for n, h in enumerate(made):
        object.__setattr__(h.row, "sha256", str(n))
    assert near_duplicates(made) == [("a", "b")]
    splits = make_splits(made)
    assert splits["a"] == splits["b"]


@pytest.mark.texts
def test_no_near_duplicate_crosses(rows: list[LabelRow], texts: Texts, root: Path) -> None:
    """By brute force over shared word 3-grams, not by the sketches that made the splits."""
    splits = read_splits(root / SPLIT_FILE)
    by_gram: dict[str, list[int]] = defaultdict(list)
    grams: list[set[str]] = []
    docs: list[str] = []
    crossed = compared = 0
    for h in {r.sha256: texts.hydrate(r) for r in rows}.values():
        mine = word_grams(h.sentence)
        if len(mine) < 4:
            continue
        near = Counter(i for g in mine for i in by_gram[g])
        for i, shared in near.items():
            compared += 1
            if shared >= 4 and jaccard(mine, grams[i]) >= CLEAR:
                crossed += splits[docs[i]] != splits[h.row.doc]
        for g in mine:
            by_gram[g].append(len(grams))
        grams.append(mine)
        docs.append(h.row.doc)
    assert compared > 10_000
    assert crossed == 0


def test_folds_never_share_a_document(root: Path, rows: list[LabelRow]) -> None:
    splits = read_splits(root / SPLIT_FILE)
    folds = read_folds(root / FOLD_FILE)
    assert Counter(f.kind for f in folds) == {"leave-actors-out": 8, "leave-source-out": 5, "forward-in-time": 1}
    for fold in folds:
        learned = [r for r in rows if splits[r.doc] == "train" and fold.learns(r)]
        judged = [r for r in rows if splits[r.doc] != "train" and fold.judges(r) and r.source != "own"]
        assert len(learned) > 1000
        assert len(judged) > 50
        assert not {r.doc for r in learned} & {r.doc for r in judged}
        if fold.kind == "leave-actors-out":
            assert not {r.actor for r in learned} & {r.actor for r in judged}
        if fold.kind == "leave-source-out":
            assert not {r.source for r in learned} & {r.source for r in judged}


def test_later_is_later(root: Path, rows: list[LabelRow]) -> None:
    cuts = json.loads((root / FOLD_FILE).read_text())["cuts"]
    forward = next(f for f in read_folds(root / FOLD_FILE) if f.kind == "forward-in-time")
    for row in rows:
        if forward.judges(row):
            assert row.date[:4] >= cuts[row.source][:4]
