"""Training: pinned weights, pooling, heads, the tracked run, the two forms of one model."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import skops.io as sio
from sklearn.feature_extraction.text import CountVectorizer

from moscow_labels.errors import ModelError
from moscow_labels.records import Span
from moscow_labels.rows import read_rows
from moscow_labels.units import sentence_units
from moscow_stance.metrics import confusion, macro_f1
from moscow_stance.model import Scorer, load_folder
from moscow_stance.pooling import token_weights
from moscow_training import weights
from moscow_training.choosing import chosen
from moscow_training.data import LabelSet, load_labels
from moscow_training.encoder import Encoder, cached_features
from moscow_training.export import export_model
from moscow_training.finetune import Lot, Schedule, finetune
from moscow_training.head import Linear, as_linear, calibrate, fit_plain, linear_probabilities
from moscow_training.objectives import UNKNOWN
from moscow_training.reference import Reference, ReferenceScorer, load_head, read_reference, save_reference
from moscow_training.school import unbracket
from moscow_training.training import POWERS, STRENGTHS, search, threshold_for, train_heads
from moscow_training.weights import DEFAULT_ENCODER, encoder_path, encoder_revision


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder(DEFAULT_ENCODER)


@pytest.fixture(scope="module")
def units(root: Path):
    sentences = dict.fromkeys(r.sentence or "" for r in read_rows(root / "labels" / "own.jsonl"))
    return [u for s in list(sentences)[:60] for u in sentence_units(s)]


@pytest.fixture(scope="module")
def features(encoder: Encoder, units) -> np.ndarray:
    return encoder.features(units)


def test_weights_are_the_official_ones() -> None:
    encoder_path(DEFAULT_ENCODER)
    assert encoder_revision(DEFAULT_ENCODER) == "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


def test_other_weights_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(weights.PINNED, "config.json", "0" * 64)
    with pytest.raises(ModelError, match="sha256 differs"):
        encoder_path(DEFAULT_ENCODER)


def test_an_encoder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="--encoder"):
        Encoder(str(tmp_path / "none"))


def test_pooling_reads_the_spans() -> None:
    unit = sentence_units("Armenia and Yerevan left Moscow.")[0]
    offsets = [(0, 0), (0, 7), (8, 11), (12, 19), (20, 24), (25, 31), (31, 32), (0, 0)]
    found = token_weights([unit], offsets)
    assert found.actor[0].tolist() == [0, 0.5, 0, 0.5, 0, 0, 0, 0]
    assert found.moscow[0].tolist() == [0, 0, 0, 0, 0, 1, 0, 0]


def test_an_actor_that_is_not_located_is_read_off_the_whole_sentence() -> None:
    unit = sentence_units("Armenia left.")[0]
    nowhere = type(unit)(unit.sentence, "ARM", (), ())
    assert token_weights([nowhere], [(0, 0), (0, 7), (8, 12), (0, 0)]).actor[0].tolist() == [0.25] * 4
    cut = type(unit)(unit.sentence, "ARM", (Span(8, 12),), ())
    assert token_weights([cut], [(0, 0), (0, 7)]).actor[0].tolist() == [0.5, 0.5], "cut off at the encoder's limit"


def test_features_do_not_depend_on_the_company(encoder: Encoder, units, features: np.ndarray) -> None:
    assert features.shape == (len(units), 3 * 384)
    alone = np.concatenate([encoder.features([u]) for u in units[:5]])
    assert np.abs(alone - features[:5]).max() < 1e-5


def test_features_are_cached_by_text_and_spans(encoder: Encoder, units, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = cached_features(encoder, units[:8], tmp_path)
    monkeypatch.setattr(encoder, "features", lambda *_: pytest.fail("should come from the cache"))
    assert (cached_features(encoder, units[:8], tmp_path) == first).all()
    with pytest.raises(pytest.fail.Exception):
        cached_features(encoder, units[:7], tmp_path)


def fitted(features: np.ndarray, seed: int = 1):
    labels = np.arange(len(features)) % 3
    return calibrate(fit_plain(features, labels, strength=0.01, power=0.5, seed=seed), features, labels)


def test_a_head_is_reproducible_and_linear(features: np.ndarray) -> None:
    one, two = fitted(features), fitted(features)
    assert (one.predict_proba(features) == two.predict_proba(features)).all()
    assert linear_probabilities(as_linear(one), features) == pytest.approx(one.predict_proba(features), abs=1e-6)


def test_the_threshold_keeps_what_is_right_often_enough() -> None:
    rng = np.random.default_rng(0)
    confidence = rng.uniform(0.34, 1, 4000)
    p = np.stack([confidence, (1 - confidence) / 2, (1 - confidence) / 2], axis=1)
    truth = np.where(rng.random(4000) < confidence, 0, 1)
    found = threshold_for(truth, p, wanted=0.8)
    kept = p.max(axis=1) >= found
    assert (truth[kept] == 0).mean() == pytest.approx(0.8, abs=0.02)


def test_reference_form_round_trip(encoder: Encoder, units, features: np.ndarray, tmp_path: Path) -> None:
    heads = {"stance": fitted(features), "sentiment": fitted(features)}
    save_reference(tmp_path, heads, Reference(DEFAULT_ENCODER, encoder.revision, 256, 0.5, 0.4, "d"), encoder)
    scorer = ReferenceScorer(tmp_path)
    stance, _ = scorer.probabilities(units)
    assert stance == pytest.approx(heads["stance"].predict_proba(features), abs=1e-6)
    assert (scorer.info.stance_threshold, scorer.info.sentiment_threshold) == (0.5, 0.4)
    (tmp_path / "stance.skops").write_bytes(b"x")
    with pytest.raises(ModelError, match="sha256 differs"):
        read_reference(tmp_path)


def test_an_untrusted_type_is_refused(tmp_path: Path) -> None:
    sio.dump(CountVectorizer(tokenizer=shutil.rmtree), tmp_path / "evil.skops")
    with pytest.raises(ModelError, match=r"untrusted types \(.*rmtree"):
        load_head(tmp_path / "evil.skops")
    (tmp_path / "broken.skops").write_bytes(b"PK\x03\x04broken")
    with pytest.raises(ModelError, match="cannot be read"):
        load_head(tmp_path / "broken.skops")


def test_the_shipped_form_equals_the_reference_form(encoder: Encoder, units, features: np.ndarray, tmp_path: Path) -> None:
    head = fitted(features)
    card = {"name": "stance", "version": "t", "thresholds": {"stance": 0.5, "sentiment": 0.5}}
    export_model(tmp_path, encoder, {axis: as_linear(head) for axis in ("stance", "sentiment")}, card)
    stance, sentiment = load_folder(tmp_path).probabilities(units)
    expected = head.predict_proba(features)
    assert np.abs(stance - expected).max() < 1e-4
    assert (stance.argmax(axis=1) == expected.argmax(axis=1)).all()
    assert (stance == sentiment).all()


def test_tuning_learns_and_is_reproducible(units) -> None:
    lot = Lot(units[:12], {"stance": np.arange(12) % 3, "sentiment": np.full(12, UNKNOWN)})
    losses: list[list[float]] = []
    changed = []
    for _ in range(2):
        encoder = Encoder(DEFAULT_ENCODER)
        seen: list[float] = []
        finetune(encoder, lot, Schedule(epochs=6, batch=4), seed=3, progress=lambda step, steps, loss, seen=seen: seen.append(loss))
        losses.append(seen)
        changed.append(encoder.features(lot.units))
    assert losses[0][-1] < losses[0][0]
    assert (changed[0] == changed[1]).all()


def test_an_encoder_can_be_cut_to_its_lowest_layers(encoder: Encoder, units) -> None:
    low = Encoder(DEFAULT_ENCODER, layers=2)
    assert len(low.model[0].auto_model.encoder.layer) == low.model[0].auto_model.config.num_hidden_layers == 2
    assert low.revision != encoder.revision
    assert np.abs(low.features(units[:3]) - encoder.features(units[:3])).max() > 0.01
    for layers in (-1, 7):
        with pytest.raises(ModelError, match="cannot be kept"):
            Encoder(DEFAULT_ENCODER, layers=layers)


def test_school_sentences_lose_their_brackets() -> None:
    text, spans = unbracket("President [Obama] blamed [Assad] again.")
    assert text == "President Obama blamed Assad again."
    assert [s.of(text) for s in spans] == ["Obama", "Assad"]


def test_linear_probabilities_are_a_softmax() -> None:
    head = Linear(np.eye(3), np.zeros(3), 2.0)
    p = linear_probabilities(head, np.array([[1.0, 0, 0]], dtype=np.float32))
    assert p[0] == pytest.approx(np.exp([2, 0, 0]) / np.exp([2, 0, 0]).sum())


def test_the_search_tries_every_setting_and_validation_chooses(own_labels: LabelSet) -> None:
    features = np.random.default_rng(0).normal(size=(len(own_labels.examples), 4)).astype(np.float32)
    said: list[str] = []
    tried = search(own_labels, features, "stance", seed=1, say=said.append)
    assert len(tried) == len(said) == len(STRENGTHS) * len(POWERS)
    trained = train_heads(own_labels, features, seed=1, say=said.append)
    assert trained.search["stance"] == {s: found.score for s, found in tried.items()}
    assert trained.settings["stance"] == chosen(tried)
    quick = train_heads(own_labels, features, seed=1, say=said.append, quick=True)
    assert [len(quick.search[axis]) for axis in ("stance", "sentiment")] == [1, 1]


def test_labels_load_without_other_peoples_texts(root: Path) -> None:
    labels = load_labels(root, None)
    assert not labels.texts
    assert {e.row.source for e in labels.examples} == {"own"}
    parts = [set(labels.part(split)) for split in ("train", "validation", "calibration", "test")]
    assert sum(map(len, parts)) == len(labels.examples) == len(set.union(*parts))


@pytest.mark.texts
def test_the_shipped_form_agrees_with_what_its_card_says(root: Path, texts, scorer: Scorer) -> None:
    """The card's figures of the validation rows are of this very model; the test split is not looked at for that."""
    labels = load_labels(root, texts)
    card = json.loads((root / "inference/moscow_stance/data/model/model.json").read_text())
    rows = labels.part("validation", real=True)
    p = scorer.probabilities([labels.examples[i].unit for i in rows])
    for axis, found in zip(("stance", "sentiment"), p, strict=True):
        assert len(rows) == card["parity"][axis]["units"]
        score = float(macro_f1(confusion(labels.truth(axis, rows), found.argmax(axis=1))))
        assert score == pytest.approx(card["parity"][axis]["macro_f1"], abs=0.005)
        assert card["parity"][axis]["same_label_as_reference"] > 0.97
