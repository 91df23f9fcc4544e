"""Shipping: quantising keeps what matters, heads fit the exported encoder, the digest goes into the package and nowhere else."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from moscow_stance.folder import CARD
from moscow_stance.model import load_folder
from moscow_stance.onnx_scorer import sentence_inputs
from moscow_stance.pooling import token_weights
from moscow_training.choosing import Setting
from moscow_training.data import LabelSet, load_labels
from moscow_training.encoder import Encoder
from moscow_training.export import FP32, INT8, MIXED, encoder_features, export_encoder
from moscow_training.head import calibrate, fit_plain
from moscow_training.quantising import block_codes, quantise
from moscow_training.shipping import Shipped, add_to_card, pin_card, ship_model
from moscow_training.smoothing import smooth
from moscow_training.weights import DEFAULT_ENCODER


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder(DEFAULT_ENCODER)


@pytest.fixture(scope="module")
def labels(root: Path) -> LabelSet:
    """Some of our own sentences of every split."""
    full = load_labels(root, None)
    few = [i for split, n in (("train", 150), ("validation", 60), ("calibration", 60)) for i in full.part(split)[:n]]
    return LabelSet([full.examples[i] for i in few], full.digest, texts=False)


@pytest.fixture(scope="module")
def features(encoder: Encoder, labels: LabelSet) -> np.ndarray:
    return encoder.features([e.unit for e in labels.examples])


SETTINGS = {"stance": Setting(0.003, 0.75, own=True), "sentiment": Setting(0.003, 0.5, own=True)}


@pytest.fixture(scope="module")
def heads(labels: LabelSet, features: np.ndarray):
    rows, sure = labels.part("train"), labels.part("calibration")
    made = {}
    for axis, power in (("stance", 0.75), ("sentiment", 0.5)):
        truth = labels.truth(axis, rows)
        head = fit_plain(features[rows], truth, strength=0.003, power=power, seed=1)
        made[axis] = calibrate(head, features[sure], labels.truth(axis, sure))
    return made


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package as a checkout has it, with a digest of nothing."""
    home = tmp_path_factory.mktemp("checkout") / "moscow_stance"
    (home / "data" / "model").mkdir(parents=True)
    (home / "shipped.py").write_text('CARD_SHA256 = ""\n')
    return home


@pytest.fixture(scope="module")
def shipped(package: Path, encoder: Encoder, heads, labels: LabelSet, features: np.ndarray) -> Shipped:
    card = {"name": "stance", "version": "t", "run": "r"}
    return ship_model(package / "data" / "model", encoder, heads, labels, card, features=features, settings=SETTINGS, form=MIXED)


def test_fp32_is_the_reference(tmp_path: Path, encoder: Encoder, heads, labels: LabelSet, features: np.ndarray) -> None:
    card = {"name": "stance", "version": "t", "run": "r"}
    found = ship_model(tmp_path, encoder, heads, labels, card, features=features, settings=SETTINGS, form=FP32)
    p = load_folder(tmp_path).probabilities([e.unit for e in labels.examples])
    for axis, ours in zip(("stance", "sentiment"), p, strict=True):
        expected = heads[axis].predict_proba(features)
        assert np.abs(ours - expected).max() < 1e-4
        assert (ours.argmax(axis=1) == expected.argmax(axis=1)).all()
        assert found.fits[axis].agreement == 1


def test_the_small_form_keeps_nearly_every_label(shipped: Shipped, heads, labels: LabelSet, features: np.ndarray) -> None:
    p = load_folder(shipped.folder).probabilities([e.unit for e in labels.examples])
    for axis, ours in zip(("stance", "sentiment"), p, strict=True):
        assert (ours.argmax(axis=1) == heads[axis].predict_proba(features).argmax(axis=1)).mean() > 0.93
    assert sum(f.stat().st_size for f in shipped.folder.iterdir()) < 30_000_000
    assert shipped.card["form"] == MIXED
    assert shipped.card["thresholds"] == shipped.thresholds


def test_the_digest_is_compiled_in_and_follows_the_card(shipped: Shipped, package: Path) -> None:
    def pinned() -> str:
        return (package / "shipped.py").read_text().split('"')[-2]

    def digest() -> str:
        return hashlib.sha256((shipped.folder / CARD).read_bytes()).hexdigest()

    before = digest()
    assert pinned() == before
    add_to_card(shipped.folder, {"figures": {"n": 1}})
    assert json.loads((shipped.folder / CARD).read_text())["figures"] == {"n": 1}
    assert pinned() == digest() != before


def test_a_folder_elsewhere_pins_nothing(shipped: Shipped, package: Path, tmp_path: Path) -> None:
    (tmp_path / CARD).write_bytes((shipped.folder / CARD).read_bytes())
    before = (package / "shipped.py").read_text()
    assert not pin_card(tmp_path)
    assert (package / "shipped.py").read_text() == before


def test_the_delicate_products_in_fp32_bring_features_nearer(
    encoder: Encoder, labels: LabelSet, features: np.ndarray, tmp_path: Path
) -> None:
    sample = [labels.examples[i].unit for i in labels.part("train")]
    rows = labels.part("validation")
    units, expected = [labels.examples[i].unit for i in rows], features[rows]
    errors = {}
    for form in (FP32, INT8, MIXED):
        graph = export_encoder(tmp_path, encoder, form=form, sample=sample)
        errors[form] = float(np.abs(encoder_features(graph, encoder, units) - expected).mean() / np.abs(expected).mean())
    assert errors[FP32] < 1e-5 < errors[MIXED] < errors[INT8] < 0.2


def test_smoothing_leaves_the_product_as_it_is(encoder: Encoder, labels: LabelSet, features: np.ndarray, tmp_path: Path) -> None:
    """Before anything is rounded, dividing the activations and multiplying the weights changes nothing."""
    rows = labels.part("validation")[:10]
    plain = export_encoder(tmp_path, encoder, form=FP32)
    smooth(plain.with_name("full.onnx"), tmp_path / "smooth.onnx", [sentence_of(encoder, labels, i) for i in labels.part("train")[:20]])
    units = [labels.examples[i].unit for i in rows]
    assert np.abs(encoder_features(tmp_path / "smooth.onnx", encoder, units) - features[rows]).max() < 1e-3


def sentence_of(encoder: Encoder, labels: LabelSet, index: int):
    unit = labels.examples[index].unit
    encoded = encoder.tokenizer(unit.sentence.text, return_offsets_mapping=True)
    return sentence_inputs(encoded["input_ids"], token_weights([unit], encoded["offset_mapping"]))


def test_codes_of_the_word_table_come_back(tmp_path: Path) -> None:
    table = np.random.default_rng(0).normal(size=(50, 64)).astype(np.float32)
    codes, scale = block_codes(table)
    assert codes.shape == (50, 2, 32)
    assert np.abs((codes * scale).reshape(50, 64) - table).max() <= scale.max() / 2 + 1e-6
    with pytest.raises(ValueError, match="none of fp32, int8, mixed"):
        quantise(tmp_path / "a", tmp_path / "b", "fp16")
