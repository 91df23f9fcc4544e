"""Load a model: the shipped form from a folder, or a reference form through an installed loader.

A model folder holds `model.onnx` (encoder, span pooling, both heads, temperatures), `tokenizer.json` and `model.json`, which
says what the other two must hash to. Nothing in it is code: a file that is missing, changed or unknown is refused.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from importlib.resources import files
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from moscow_labels.errors import ModelError
from moscow_labels.records import Unit
from moscow_labels.scheme import SENTIMENTS, STANCES

FORMAT = 1
GRAPH, TOKENIZER, CARD = "model.onnx", "tokenizer.json", "model.json"
LOADERS = "moscow_stance.models"
"""Entry-point group: reference scheme ("models:") -> function from reference to Scorer."""

Probabilities = tuple[NDArray[np.float64], NDArray[np.float64]]
"""Stance (n, 3) in the order of `STANCES` and sentiment (n, 3) in the order of `SENTIMENTS`."""


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What a model says about itself. Thresholds are the probability of the likeliest label below which it abstains."""

    name: str
    version: str
    digest: str
    stance_threshold: float
    sentiment_threshold: float
    max_tokens: int
    card: Mapping[str, Any] = field(default_factory=dict)

    @property
    def reference(self) -> str:
        """name@version+digest, as every prediction carries it."""
        return f"{self.name}@{self.version}+{self.digest[:8]}"


class Scorer(Protocol):
    """Anything that turns units into probabilities; both forms of a model do."""

    info: ModelInfo

    def probabilities(self, units: Sequence[Unit]) -> Probabilities:
        """Return stance (n, 3) and sentiment (n, 3) for n units. A unit's figures do not depend on the others."""
        ...


def load_model(reference: str | Path | None = None) -> Scorer:
    """Load a model.

    Args:
        reference: nothing for the shipped model, a folder of the shipped form, or `scheme:...` of an installed loader
            (`models:/stance@champion` with the [train] extra).

    Raises:
        ModelError: the model is missing, changed, of another format, or needs an extra that is not installed.
    """
    if reference is None:
        return load_folder(Path(str(files("moscow_stance").joinpath("data/model"))))
    text = str(reference)
    scheme = text.partition(":")[0] + ":"
    if text.startswith(("models:", "runs:")):
        for entry in entry_points(group=LOADERS):
            if entry.name == scheme.rstrip(":"):
                loader = entry.load()
                scorer: Scorer = loader(text)
                return scorer
        raise ModelError(f'{text}: reading MLflow\'s models needs more: pip install "moscow-stance[train]"')
    return load_folder(Path(text))


def load_folder(folder: Path) -> Scorer:
    """Load the shipped form after checking every digest. Raises ModelError."""
    info = read_card(folder)
    from moscow_stance.onnx_scorer import OnnxScorer  # onnxruntime takes 70 ms to import

    return OnnxScorer(folder, info)


def read_card(folder: Path) -> ModelInfo:
    """Read and verify `model.json` and the digests it lists. Raises ModelError."""
    path = folder / CARD
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror or error}; name a folder that `stance promote` wrote") from error
    except ValueError as error:
        raise ModelError(f"{path}: not JSON ({error}); export the model again") from error
    try:
        if card["format"] != FORMAT:
            raise ModelError(f"{path}: format {card['format']}, this version reads {FORMAT}; export the model again")
        if card["labels"] != {"stance": list(STANCES), "sentiment": list(SENTIMENTS)}:
            raise ModelError(f"{path}: its labels are not this project's; export the model again")
        wanted = {name: card["sha256"][name] for name in (GRAPH, TOKENIZER)}
        info = ModelInfo(
            name=str(card["name"]),
            version=str(card["version"]),
            digest=wanted[GRAPH],
            stance_threshold=float(card["thresholds"]["stance"]),
            sentiment_threshold=float(card["thresholds"]["sentiment"]),
            max_tokens=int(card["max_tokens"]),
            card=card,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{path}: field {error} is missing or wrong; export the model again") from error
    for name, digest in wanted.items():
        if file_sha256(folder / name) != digest:
            raise ModelError(f"{folder / name}: is not the file that {CARD} describes (sha256 differs); it is not loaded")
    return info


def file_sha256(path: Path) -> str:
    """Return a file's SHA-256 in hex. Raises ModelError where it cannot be read."""
    try:
        with path.open("rb") as data:
            return hashlib.file_digest(data, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror or error}; the model folder is incomplete") from error
