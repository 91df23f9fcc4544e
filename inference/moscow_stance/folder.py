"""The folder of a shipped model: what is in it, and what is checked before anything of it is used.

::

    model.onnx       one graph: encoder, span pooling, both heads with their temperatures
                     in:  input_ids (1, t) int64, the word pieces of ONE sentence, special tokens included
                          actor, moscow (n, t) float32, averaging weights over the tokens for n units of that sentence (`pooling.py`)
                     out: stance (n, 3), sentiment (n, 3) float32, probabilities in the order of `labels`
    tokenizer.json   word pieces of the encoder, in the form of the `tokenizers` library
    model.json       the card, which says
        format       version of this contract (an integer); a newer one is refused with the advice to upgrade
        name, version, run, made    what the model is called, the training run that it comes from, the day it was written
        form         "int8" (the encoder's matrix products quantised), "mixed" (all but the two most delicate) or "fp32"
        labels       {"stance": [...], "sentiment": [...]}; another scheme is refused
        thresholds   {"stance": p, "sentiment": p}; `abstention` says in words what they are for
        max_tokens   where a sentence is cut
        sha256       {file: digest} of the two other files, and of no more
        versions, encoder, encoder_revision, labels_digest, settings, parity, figures    for people; nothing depends on them

Nothing in the folder is code and nothing is unpickled. The digests in the card prove that no file is damaged, not that nobody has
changed both: therefore the digest of the packaged model's own card is compiled into `shipped.py`, which `stance promote` writes.
The graph was optimised when it was written; it is loaded as it is.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from moscow_labels.errors import ModelError
from moscow_labels.scheme import SENTIMENTS, STANCES
from moscow_stance.contract import ModelInfo

FORMAT = 2
"""1 had an attention mask among the graph's inputs."""

GRAPH, TOKENIZER, CARD = "model.onnx", "tokenizer.json", "model.json"
LABELS = {"stance": list(STANCES), "sentiment": list(SENTIMENTS)}


def read_folder(folder: Path, *, card_digest: str | None = None) -> ModelInfo:
    """Read `model.json` and verify the digests that it lists, and its own where `card_digest` is given. Raises ModelError."""
    path = folder / CARD
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror or error}; name a folder that `stance promote` wrote") from error
    if card_digest is not None and hashlib.sha256(data).hexdigest() != card_digest:
        raise ModelError(f"{path}: is not the card that this package was built with (sha256 differs); install moscow-stance again")
    try:
        card = json.loads(data)
    except ValueError as error:
        raise ModelError(f"{path}: not JSON ({error}); export the model again") from error
    try:
        _check_format(card["format"], path)
        if card["labels"] != LABELS:
            raise ModelError(f"{path}: its labels are not this project's; export the model again")
        info = _info(card)
        digests = {str(name): str(digest) for name, digest in card["sha256"].items()}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelError(f"{path}: field {error} is missing or wrong; export the model again") from error
    for name in (GRAPH, TOKENIZER):
        if file_sha256(folder / name) != digests[name]:
            raise ModelError(f"{folder / name}: is not the file that {CARD} describes (sha256 differs); it is not loaded")
    return info


def _check_format(found: Any, path: Path) -> None:
    if not isinstance(found, int) or isinstance(found, bool):
        raise ValueError("format")
    if found > FORMAT:
        raise ModelError(f"{path}: format {found} is newer than this version reads ({FORMAT}); upgrade moscow-stance")
    if found < FORMAT:
        raise ModelError(f"{path}: format {found} is older than this version reads ({FORMAT}); write it again with `stance promote`")


def _info(card: Mapping[str, Any]) -> ModelInfo:
    return ModelInfo(
        name=str(card["name"]),
        version=str(card["version"]),
        digest=str(card["sha256"][GRAPH]),
        stance_threshold=float(card["thresholds"]["stance"]),
        sentiment_threshold=float(card["thresholds"]["sentiment"]),
        max_tokens=int(card["max_tokens"]),
        card=card,
    )


def file_sha256(path: Path) -> str:
    """Return a file's SHA-256 in hex. Raises ModelError where it cannot be read."""
    try:
        with path.open("rb") as data:
            return hashlib.file_digest(data, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror or error}; the model folder is incomplete") from error
