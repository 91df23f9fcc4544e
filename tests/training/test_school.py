"""Public data beside our labels: what is read, what is held back, and what may not be learned from."""

import json
from pathlib import Path

import numpy as np
import pytest

from moscow_labels.errors import InputError, UsageError
from moscow_labels.texts import Texts
from moscow_training.data import BENCHMARK, HELD, PUBLIC, load_labels, with_public
from moscow_training.school import read_held, read_lessons, read_test_mt, truths

SENTENCE = "Senator {} praised the long speech that the president gave in the north on day {}."


def news(number: int, *, article: str = "", text: str = "") -> str:
    sentence = text or SENTENCE.format(f"Name{number}", number)
    target = {"from": 0, "to": 7, "mention": "Senator", "polarity": 6.0}
    return json.dumps({"primary_gid": f"{article or f'a_b_{number}'}_9_x", "sentence_normalized": sentence, "targets": [target]})


@pytest.fixture
def benchmarks(tmp_path: Path) -> Path:
    folder = tmp_path / "benchmarks"
    for name in ("dse", "newsmtsc"):
        (folder / name).mkdir(parents=True)
    (folder / "dse" / "train.txt").write_text("[Ann] blamed [Bob] for it all.\tAnn\tBob\t3\nbroken line\n", encoding="utf-8")
    different = [news(n, text=" ".join(f"w{n}x{k}" for k in range(12))) for n in range(200)]
    tested = "Quite another sentence about a vote that the whole committee lost on Friday evening."
    (folder / "newsmtsc" / "train.jsonl").write_text("\n".join([*different, news(7, text=tested)]) + "\n", encoding="utf-8")
    (folder / "newsmtsc" / "devtest_mt.jsonl").write_text(news(900, text=tested) + "\n", encoding="utf-8")
    return folder


def test_a_judgement_has_a_direction(benchmarks: Path) -> None:
    ann, bob = read_lessons(benchmarks, "dse")
    assert [s.of(ann.unit.sentence.text) for s in (*ann.unit.mentions, *ann.unit.moscow)] == ["Ann", "Bob"]
    assert truths([ann, bob]) == {"stance": [2, 1], "sentiment": [-1, -1]}


def test_whole_articles_are_held_back_and_nothing_tested_is_learned(benchmarks: Path) -> None:
    learned, held, tested = read_lessons(benchmarks, "news"), read_held(benchmarks), read_test_mt(benchmarks)
    assert not {x.article for x in learned} & {x.article for x in held}
    assert 0.08 < len(held) / (len(held) + len(learned)) < 0.22
    assert not {x.unit.sentence.text for x in learned} & {x.unit.sentence.text for x in tested}
    assert len(read_lessons(benchmarks, "dse+news")) == len(learned) + 2


def test_a_missing_data_set_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"devtest_mt\.jsonl: no such file"):
        read_lessons(tmp_path, "dse")


def test_public_rows_have_a_sentiment_and_no_stance(root: Path, benchmarks: Path) -> None:
    labels = load_labels(root, None)
    more = with_public(labels, Texts(benchmarks.parent))
    rows = more.part(PUBLIC)
    assert len(rows) > 100
    assert more.part("train") == labels.part("train")
    assert np.unique(more.truth("sentiment", rows)).tolist() == [2]
    with pytest.raises(ValueError, match="no stance"):
        more.truth("stance", more.part(HELD))
    with pytest.raises(InputError, match="--texts"):
        with_public(labels, None)


def test_a_school_without_the_data_says_so(root: Path, tmp_path: Path) -> None:
    from moscow_training.recipe import Recipe
    from moscow_training.tuning import _benchmarks

    assert Recipe("e", 1, school="dse").school
    with pytest.raises(UsageError, match="--texts"):
        _benchmarks(None)


@pytest.mark.texts
def test_our_training_rows_share_nothing_with_the_benchmark(root: Path, texts: Texts) -> None:
    from moscow_labels.splitting import Near

    labels = load_labels(root, texts)
    assert labels.part(BENCHMARK), "two sentences of the corpus came by way of NewsMTSC's repository"
    tested = Near(x.unit.sentence.text for x in read_test_mt(texts.benchmarks))
    learned = {labels.examples[i].unit.sentence.text for i in labels.part("train")}
    assert not [text for text in learned if tested.has(text)]
