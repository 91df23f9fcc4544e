"""Tuning: it learns, comes out the same again, and goes on after a kill as if nothing had happened."""

from pathlib import Path

import numpy as np
import pytest

from moscow_labels.units import sentence_units
from moscow_training.checkpoint import Checkpoint
from moscow_training.encoder import Encoder
from moscow_training.finetune import Lot, Schedule, finetune
from moscow_training.objectives import UNKNOWN, class_weights, contrast
from moscow_training.weights import DEFAULT_ENCODER

SENTENCES = [
    "Armenia refused to join.", "Belarus joined at once.", "Georgia waited in Moscow.", "Kazakhstan thanked Moscow.",
    "Moldova left the bloc.", "Estonia sent a note to Russia.", "Serbia signed.", "Turkey bought Russian missiles.",
]  # fmt: skip
SCHEDULE = Schedule(epochs=3, batch=3)


class KilledError(Exception):
    pass


@pytest.fixture(scope="module")
def lot() -> Lot:
    units = [u for text in SENTENCES for u in sentence_units(text)]
    return Lot(units, {"stance": np.arange(len(units)) % 3, "sentiment": np.full(len(units), UNKNOWN)})


def tuned(lot: Lot, schedule: Schedule = SCHEDULE, checkpoint: Checkpoint | None = None, kill_at: int = 0) -> np.ndarray:
    encoder = Encoder(DEFAULT_ENCODER)

    def progress(step: int, steps: int, loss: float) -> None:
        assert np.isfinite(loss)

    def judge(epoch: int, predicted) -> None:
        if epoch == kill_at:
            raise KilledError

    finetune(
        encoder, lot, schedule, seed=3, progress=progress, watched=lot.units[:1], judge=judge, checkpoint=checkpoint or Checkpoint(None)
    )
    return encoder.features(lot.units)


def test_a_killed_tuning_goes_on_to_the_same_end(lot: Lot, tmp_path: Path) -> None:
    schedule = Schedule(epochs=3, batch=3, average=True)
    whole = tuned(lot, schedule)
    kept = Checkpoint(tmp_path / "state.safetensors", every=2)
    with pytest.raises(KilledError):
        tuned(lot, schedule, kept, kill_at=2)
    assert kept.path is not None
    assert kept.path.is_file()
    assert (tuned(lot, schedule, kept) == whole).all()
    assert not kept.path.is_file(), "the state of a finished tuning is forgotten"


def test_a_damaged_state_is_no_state(lot: Lot, tmp_path: Path) -> None:
    path = tmp_path / "state.safetensors"
    path.write_bytes(b"damaged")
    assert (tuned(lot, checkpoint=Checkpoint(path)) == tuned(lot)).all()


@pytest.mark.parametrize(
    "schedule",
    [Schedule(epochs=1, batch=4, objective="contrastive"), Schedule(epochs=1, batch=4, decay=0.5), Schedule(epochs=2, average=True)],
)
def test_every_schedule_changes_the_encoder(lot: Lot, schedule: Schedule) -> None:
    assert np.abs(tuned(lot, schedule) - Encoder(DEFAULT_ENCODER).features(lot.units)).max() > 1e-4


def test_a_lower_layer_learns_more_slowly(lot: Lot) -> None:
    def moved(decay: float) -> float:
        before, encoder = Encoder(DEFAULT_ENCODER), Encoder(DEFAULT_ENCODER)
        finetune(encoder, lot, Schedule(epochs=1, batch=8, decay=decay), seed=1, progress=lambda *_: None)
        named = [dict(m.model.named_parameters()) for m in (before, encoder)]
        key = next(k for k in named[0] if k.endswith("word_embeddings.weight"))
        return float((named[0][key] - named[1][key]).detach().abs().max())

    assert moved(0.1) < moved(1.0) / 100


def test_public_units_are_drawn_anew_for_each_epoch() -> None:
    units = [u for text in SENTENCES for u in sentence_units(text)]
    lot = Lot(units, {"stance": np.zeros(len(units), dtype=np.int64)}, repeated=2, share=0.5)
    drawn = [set(lot.epoch(number, seed=1)[1]) for number in range(6)]
    assert all(set(SENTENCES[:2]) <= texts for texts in drawn), "our own stay"
    assert {len(texts) for texts in drawn} == {5}
    assert len({frozenset(texts) for texts in drawn}) > 1
    assert set(lot.epoch(2, seed=1)[1]) == drawn[2]


def test_class_weights_by_hand() -> None:
    balanced = class_weights(np.array([0, 1, 1, 1, 2, 2, UNKNOWN]), 1).tolist()
    assert balanced[0] == pytest.approx(3 * balanced[1])
    assert (balanced[0] + 3 * balanced[1] + 2 * balanced[2]) / 6 == pytest.approx(1)
    assert len(set(class_weights(np.array([0, 1, 1, 2]), 0).tolist())) == 1


def test_contrast_is_small_where_classes_stand_apart() -> None:
    import torch

    ones = torch.ones(3)
    apart = torch.tensor([[1.0, 0], [1, 0], [0, 1], [0, 1]])
    mixed = torch.tensor([[1.0, 0], [0, 1], [1, 0], [0, 1]])
    truth = torch.tensor([0, 0, 1, 1])
    assert float(contrast(apart, truth, ones)) < 0.01 < float(contrast(mixed, truth, ones))
    assert float(contrast(apart, torch.full((4,), UNKNOWN), ones)) == 0
