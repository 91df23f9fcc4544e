"""A model -> scores: label one article, score feeds, evaluate; the `stance` command.

>>> from moscow_stance import load_model, predict
>>> from moscow_labels import Document
>>> scorer = load_model()
>>> for p in predict(Document("a", "Minsk thanked Moscow for the loan."), scorer):
...     print(p.actor, p.stance)
BLR supportive
"""

from moscow_stance.model import ModelInfo, Scorer, load_model
from moscow_stance.predict import predict
from moscow_stance.predictions import Prediction

__all__ = ["ModelInfo", "Prediction", "Scorer", "load_model", "predict"]
__version__ = "0.1.0"
