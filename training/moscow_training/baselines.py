"""What a model must beat: the majority label, and TF-IDF with logistic regression, on the same rows."""

from collections.abc import Sequence

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from moscow_stance.metrics import Floats, Ints
from moscow_training.data import LabelSet


def majority(truth: Ints, rows: int) -> Floats:
    """Return one-hot probabilities (rows, 3) of the commonest label."""
    p = np.zeros((rows, 3))
    p[:, np.bincount(truth, minlength=3).argmax()] = 1
    return p


def tfidf(labels: LabelSet, fit_on: Sequence[int], judge_on: Sequence[int], axis: str, *, seed: int) -> Floats:
    """Return probabilities (n, 3) of TF-IDF (words and word pairs) with balanced logistic regression; the actor's words are marked."""
    model = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True),
        LogisticRegression(C=3.0, max_iter=2000, class_weight="balanced", random_state=seed),
    )
    model.fit([marked(labels, i) for i in fit_on], labels.truth(axis, fit_on))
    return np.asarray(model.predict_proba([marked(labels, i) for i in judge_on]))


def marked(labels: LabelSet, index: int) -> str:
    """Return the sentence with the actor's mentions replaced by one word, so that a bag of words can know who is meant."""
    unit = labels.examples[index].unit
    text = unit.sentence.text
    for span in reversed(unit.mentions):
        text = f"{text[: span.start]} actorx {text[span.end :]}"
    return text
