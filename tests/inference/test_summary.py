"""The summary per actor."""

import pytest

from moscow_labels.records import Document
from moscow_stance.model import Scorer
from moscow_stance.predicting import predict
from moscow_stance.predictions import Prediction
from moscow_stance.summary import summarise


def made(actor: str, supportive: float, hedging: float, *, abstained: bool = False) -> Prediction:
    p = {"supportive": supportive, "neutral": 1 - supportive - hedging, "hedging": hedging}
    sentiment = {"negative": 0.1, "neutral": 0.8, "positive": 0.1}
    return Prediction(
        "d",
        "",
        "",
        "",
        "",
        0,
        0,
        1,
        "x",
        actor,
        "x",
        0,
        1,
        max(p, key=lambda k: p[k]),
        p,
        abstained,
        "neutral",
        sentiment,
        False,
        None,
        "m",
    )


@pytest.mark.parametrize(
    ("rows", "side"),
    [
        ([(0.8, 0.1), (0.7, 0.0)], "supportive"),
        ([(0.1, 0.8), (0.0, 0.3)], "hedging"),
        ([(0.8, 0.0), (0.0, 0.8)], "mixed"),
        ([(0.05, 0.0), (0.02, 0.1)], "neutral"),
    ],
)
def test_sides(rows: list[tuple[float, float]], side: str) -> None:
    (summary,) = summarise(made("ARM", *row) for row in rows)
    assert summary.side == side
    assert -1 <= summary.lean <= 1


def test_counts_leave_the_unsure_out() -> None:
    (summary,) = summarise([made("ARM", 0.8, 0.1), made("ARM", 0.1, 0.8), made("ARM", 0.5, 0.1, abstained=True)])
    assert (summary.sentences, summary.supportive, summary.hedging, summary.neutral, summary.unsure) == (3, 1, 1, 0, 1)


def test_the_most_named_comes_first(scorer: Scorer) -> None:
    text = "Belarus thanked Moscow. Minsk signed. Armenia refused."
    assert [s.actor for s in summarise(predict(Document("d", text), scorer))] == ["BLR", "ARM"]
