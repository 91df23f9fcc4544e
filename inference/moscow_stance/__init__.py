"""A model -> scores: label one article, score feeds, evaluate; the `stance` command.

>>> from moscow_stance import score_text
>>> for p in score_text("Minsk thanked Moscow for the loan."):
...     print(p.actor, p.stance)
BLR supportive

`predict` does the same for a `Document` with title, date and speaker and a model from `load_model`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from moscow_stance.contract import ModelInfo, Scorer
    from moscow_stance.model import load_model
    from moscow_stance.predicting import predict, score_text
    from moscow_stance.predictions import Prediction

__all__ = ["ModelInfo", "Prediction", "Scorer", "load_model", "predict", "score_text"]
__version__ = "0.1.0"

_HOMES = {
    "ModelInfo": "contract",
    "Prediction": "predictions",
    "Scorer": "contract",
    "load_model": "model",
    "predict": "predicting",
    "score_text": "predicting",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that `stance --help` does not wait for numpy."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
