"""The labelled data: scheme, spans, coverage, and that a name predicts nothing."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.preprocessing import OneHotEncoder

from moscow_labels.checking import check_files, label_files
from moscow_labels.errors import LabelError
from moscow_labels.lexicon import default_lexicon
from moscow_labels.records import MOSCOW
from moscow_labels.rows import LabelRow, parse_row, read_rows, row_id, sha256
from moscow_labels.scheme import RULES
from moscow_labels.texts import Texts
from moscow_labels.units import sentence_units


@pytest.fixture(scope="module")
def own(root: Path) -> list[LabelRow]:
    return read_rows(root / "labels" / "own.jsonl")


@pytest.fixture(scope="module")
def corpus(root: Path) -> list[LabelRow]:
    return read_rows(root / "labels" / "corpus.jsonl")


def test_all_files_pass_the_check(root: Path) -> None:
    report = check_files(label_files(root), None)
    assert report.errors == []
    assert report.rows > 12_000


def test_volume(own: list[LabelRow], corpus: list[LabelRow]) -> None:
    assert len(own) >= 1500
    assert sum(not r.stratum for r in corpus) >= 7000
    assert sum(r.stratum == "no-moscow-word" for r in corpus) >= 1000


def test_no_sentence_of_others_is_shipped(corpus: list[LabelRow], root: Path) -> None:
    assert all(r.sentence is None for r in [*corpus, *read_rows(root / "seeds" / "labels.jsonl")])


def test_explained(corpus: list[LabelRow]) -> None:
    hedging = [r for r in corpus if r.stance == "hedging"]
    assert all(r.kind for r in hedging)
    assert {r.rule for r in corpus} <= set(RULES)
    assert all(r.coder and r.batch and r.codebook for r in corpus)


def test_every_actor_stands_in_our_own_sentences(own: list[LabelRow]) -> None:
    counts = Counter(r.actor for r in own)
    few = {code: counts[code] for code in default_lexicon().actors if code != MOSCOW and counts[code] < 10}
    assert few == {}


def test_contrast_groups_hold_a_contrast(own: list[LabelRow]) -> None:
    groups: dict[str, list[LabelRow]] = {}
    for row in own:
        groups.setdefault(row.group, []).append(row)
    several = {g: rows for g, rows in groups.items() if len({r.sentence for r in rows}) > 1}
    flat = [g for g, rows in several.items() if len({(r.stance, r.sentiment) for r in rows}) < 2]
    assert len(several) > 0.7 * len(groups)
    assert len(flat) <= 0.03 * len(several), flat
    assert all(r.isolates for r in own)


def test_a_name_predicts_nothing(own: list[LabelRow]) -> None:
    names = OneHotEncoder().fit_transform([[r.actor] for r in own])
    truth = np.array([str(r.stance) for r in own])
    folds = GroupKFold(10).split(names, truth, [r.group for r in own])
    guessed = cross_val_predict(LogisticRegression(max_iter=1000), names, truth, cv=list(folds))
    majority = max(Counter(truth).values()) / len(truth)
    assert (guessed == truth).mean() <= majority + 0.02


def test_our_own_units_are_found_by_the_matcher(own: list[LabelRow]) -> None:
    labelled = {(r.sentence, r.actor) for r in own}
    found = {(s, u.actor) for s in {r.sentence or "" for r in own} for u in sentence_units(s)}
    assert len(labelled & found) >= 0.98 * len(labelled)
    assert len(found - labelled) <= 0.005 * len(found), sorted(found - labelled)[:5]


@pytest.mark.texts
def test_every_unit_of_a_labelled_sentence_is_labelled(corpus: list[LabelRow], texts: Texts) -> None:
    labelled = {(r.text, r.start, r.actor) for r in corpus}
    places = {(r.text, r.start): r for r in corpus}
    found = set()
    for (text, start), row in places.items():
        h = texts.hydrate(row)
        units = sentence_units(h.sentence, prev=h.prev, published=row.date, speaker=h.speaker, title=h.title)
        found |= {(text, start, u.actor) for u in units}
    assert len(found - labelled) <= 0.01 * len(found), "the matcher has grown; read the new units"
    assert len(labelled - found) <= 0.01 * len(labelled)


@pytest.mark.texts
def test_spans_and_hashes_are_proved_against_the_texts(root: Path, texts: Texts) -> None:
    report = check_files(label_files(root), texts)
    assert report.errors == []
    assert report.proved == report.rows


def test_seeds_are_labelled_completely(root: Path) -> None:
    rows = read_rows(root / "seeds" / "labels.jsonl")
    assert {r.doc for r in rows} == {"000_a547640218ef230d", "002_e3a22808403d926e"}


@pytest.mark.texts
def test_no_unit_of_the_seeds_is_missing(root: Path, texts: Texts) -> None:
    from moscow_labels.units import document_units

    labelled = {(r.doc, r.start, r.actor) for r in read_rows(root / "seeds" / "labels.jsonl")}
    for name in texts.seeds:
        document = texts.document(f"seeds:{name}")
        found = {(name, u.sentence.span.start, u.actor) for u in document_units(document)}
        assert not found - labelled


BROKEN = {
    "kind": {"stance": "neutral", "kind": "mixed"},
    "hedging without a kind": {"stance": "hedging", "kind": ""},
    "rule": {"rule": 99},
    "Moscow": {"actor": MOSCOW},
    "mention": {"mentions": [[0, 999]]},
    "sha256": {"sentence": "Another sentence."},
    "stance": {"stance": "friendly"},
    "unknown field": {"mood": "good"},
}


@pytest.mark.parametrize("what", BROKEN)
def test_broken_rows_are_refused_with_their_place(what: str) -> None:
    text = "Armenia refused to sign."
    good = {
        "id": row_id("own:g-1", 0, len(text), "ARM"), "text": "own:g-1", "doc": "g", "source": "own", "start": 0, "end": len(text),
        "sha256": sha256(text), "actor": "ARM", "mentions": [[0, 7]], "stance": "hedging", "kind": "distancing", "sentiment": "neutral",
        "coder": "c", "batch": "b", "sentence": text,
    }  # fmt: skip
    import json

    assert parse_row(json.dumps(good), "x.jsonl:1").actor == "ARM"
    with pytest.raises(LabelError, match=r"^x\.jsonl:7: "):
        parse_row(json.dumps({**good, **BROKEN[what]}), "x.jsonl:7")
