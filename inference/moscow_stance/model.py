"""Load a model: the shipped form from a folder, or a reference form through an installed loader.

What the shipped form's folder holds, and what is checked, stands in `folder.py`.
"""

from importlib.metadata import entry_points
from importlib.resources import files
from pathlib import Path

from moscow_labels.errors import ModelError
from moscow_stance.contract import ModelInfo, Probabilities, Scorer
from moscow_stance.folder import file_sha256, read_folder
from moscow_stance.shipped import CARD_SHA256

__all__ = ["ModelInfo", "Probabilities", "Scorer", "file_sha256", "load_folder", "load_model", "packaged_folder"]

LOADERS = "moscow_stance.models"
"""Entry-point group: reference scheme ("models:") -> function from reference to Scorer."""


def load_model(reference: str | Path | None = None, *, threads: int = 0) -> Scorer:
    """Load a model.

    Args:
        reference: nothing for the shipped model, a folder of the shipped form, or `scheme:...` of an installed loader
            (`models:/stance@champion` with the [train] extra).
        threads: how many sentences the shipped form reads at a time, 0 for one per processor; the scores do not depend on it.
            A reference form keeps torch's own setting.

    Raises:
        ModelError: the model is missing, changed, of another format, or needs an extra that is not installed.
    """
    if reference is None:
        return load_folder(packaged_folder(), threads=threads, card_digest=CARD_SHA256)
    text = str(reference)
    scheme = text.partition(":")[0] + ":"
    if text.startswith(("models:", "runs:")):
        for entry in entry_points(group=LOADERS):
            if entry.name == scheme.rstrip(":"):
                loader = entry.load()
                scorer: Scorer = loader(text)
                return scorer
        raise ModelError(f'{text}: reading MLflow\'s models needs more: pip install "moscow-stance[train]"')
    return load_folder(Path(text), threads=threads)


def load_folder(folder: Path, *, threads: int = 0, card_digest: str | None = None) -> Scorer:
    """Load the shipped form after checking every digest, the card's own too where it is given. Raises ModelError."""
    info = read_folder(folder, card_digest=card_digest)
    from moscow_stance.onnx_scorer import OnnxScorer  # onnxruntime takes 70 ms to import

    return OnnxScorer(folder, info, threads=threads)


def packaged_folder() -> Path:
    """Return the folder of the model that ships with the package."""
    return Path(str(files("moscow_stance").joinpath("data/model")))
