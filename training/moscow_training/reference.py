"""The reference form of a model: sentence-transformers + scikit-learn, saved with skops and JSON, loaded by our own loader.

A folder holds `stance.skops`, `sentiment.skops` and `reference.json`. Nothing in it is executed: skops files are opened with an
allow-list that stands in this file, and any other type in them is refused.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import skops.io as sio

from moscow_labels.errors import ModelError
from moscow_labels.records import Unit
from moscow_labels.scheme import SENTIMENTS, STANCES
from moscow_stance.model import ModelInfo, Probabilities, file_sha256
from moscow_training.encoder import Encoder
from moscow_training.weights import encoder_revision

FORMAT = 2
CARD = "reference.json"
TUNED = "encoder"
"""Name of the sub-folder with a tuned encoder; an encoder that was not tuned is only named, with its digest."""

ALLOWED = frozenset({"sklearn.calibration._CalibratedClassifier", "sklearn.calibration._TemperatureScaling"})
"""Types a head may hold beyond those that skops itself trusts."""


@dataclass(frozen=True, slots=True)
class Reference:
    """What `reference.json` says.

    `settings` is axis -> how its head was fitted (the fields of `training.Setting`), `shift` what is added to the sentiment scores to
    read NewsMTSC, (3,).
    """

    encoder: str
    revision: str
    max_tokens: int
    stance_threshold: float
    sentiment_threshold: float
    labels_digest: str
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    shift: Sequence[float] = (0.0, 0.0, 0.0)
    format: int = FORMAT


def save_reference(folder: Path, heads: dict[str, Any], reference: Reference, encoder: Encoder) -> None:
    """Write a reference folder; `heads` maps axis to a fitted head. A tuned encoder's weights go along."""
    folder.mkdir(parents=True, exist_ok=True)
    if reference.encoder == TUNED:
        encoder.model.save_pretrained(str(folder / TUNED))
    for axis, head in heads.items():
        sio.dump(head, folder / f"{axis}.skops")
    digests = {f"{axis}.skops": file_sha256(folder / f"{axis}.skops") for axis in heads}
    labels = {"stance": list(STANCES), "sentiment": list(SENTIMENTS)}
    card = asdict(reference) | {"sha256": digests, "labels": labels}
    (folder / CARD).write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")


def read_reference(folder: Path) -> tuple[Reference, dict[str, Any]]:
    """Read a reference folder. Raises ModelError for a missing, changed or untrusted file."""
    path = folder / CARD
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
        digests = card.pop("sha256")
        if card.pop("labels") != {"stance": list(STANCES), "sentiment": list(SENTIMENTS)}:
            raise ModelError(f"{path}: its labels are not this project's; train again")
        reference = Reference(**card)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path}: not a reference model ({error}); name a run that `stance train` made") from error
    if reference.format != FORMAT:
        raise ModelError(f"{path}: format {reference.format}, this version reads {FORMAT}; train again")
    heads = {}
    for axis in ("stance", "sentiment"):
        file = folder / f"{axis}.skops"
        if file_sha256(file) != digests.get(file.name):
            raise ModelError(f"{file}: is not the file that {CARD} describes (sha256 differs); it is not loaded")
        heads[axis] = load_head(file)
    return reference, heads


def load_encoder(folder: Path, reference: Reference) -> Encoder:
    """Return the encoder of a reference folder after checking its digest. Raises ModelError."""
    name = str(folder / TUNED) if reference.encoder == TUNED else reference.encoder
    found = encoder_revision(name)
    if found != reference.revision:
        raise ModelError(f"{folder}: made with encoder {reference.revision}, here is {found}; train again")
    return Encoder(name, max_tokens=reference.max_tokens)


def load_head(file: Path) -> Any:
    """Load one head with the allow-list of this module. Raises ModelError that names the types it refuses."""
    try:
        untrusted = set(sio.get_untrusted_types(file=file)) - ALLOWED
        if untrusted:
            raise ModelError(f"{file}: holds untrusted types ({', '.join(sorted(untrusted))}); it is not loaded")
        return sio.load(file, trusted=sorted(ALLOWED))
    except ModelError:
        raise
    except Exception as error:  # a broken archive raises what it likes
        raise ModelError(f"{file}: cannot be read ({type(error).__name__}: {error}); train again") from error


class ReferenceScorer:
    """Scores units with the reference form; same answers as the shipped form, slower to start."""

    def __init__(self, folder: Path, *, name: str = "stance", version: str = "0") -> None:
        reference, self._heads = read_reference(folder)
        self._encoder = load_encoder(folder, reference)
        self.info = ModelInfo(
            name=name,
            version=version,
            digest=file_sha256(folder / "stance.skops"),
            stance_threshold=reference.stance_threshold,
            sentiment_threshold=reference.sentiment_threshold,
            max_tokens=reference.max_tokens,
        )

    def probabilities(self, units: Sequence[Unit]) -> Probabilities:
        """Return stance (n, 3) and sentiment (n, 3)."""
        features = self._encoder.features(units)
        return self._heads["stance"].predict_proba(features), self._heads["sentiment"].predict_proba(features)


def load_registered(reference: str) -> ReferenceScorer:
    """Load `models:/stance@champion`, `models:/stance/3` or `runs:/RUN` from the project's MLflow store."""
    from moscow_stance.settings import find_root
    from moscow_training.registry import fetch_reference

    folder, name, version = fetch_reference(find_root(), reference)
    return ReferenceScorer(folder, name=name, version=version)
