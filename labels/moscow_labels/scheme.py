"""The label scheme: two axes, the kinds of hedging, the codebook's rules. `labels/CODEBOOK.md` explains them."""

from enum import StrEnum

CODEBOOK_VERSION = 1


class Stance(StrEnum):
    """The actor's stance toward Moscow, as one sentence shows it. The order is the order of every probability array."""

    SUPPORTIVE = "supportive"
    NEUTRAL = "neutral"
    HEDGING = "hedging"


class Sentiment(StrEnum):
    """How the text portrays the actor. The order is the order of every probability array."""

    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"


class Kind(StrEnum):
    """What kind of hedging a `hedging` unit shows."""

    MIXED = "mixed"
    DISTANCING = "distancing"
    BREAK = "break"


STANCES: tuple[Stance, ...] = tuple(Stance)
SENTIMENTS: tuple[Sentiment, ...] = tuple(Sentiment)

RULES: dict[int, str] = {
    0: "a plain act",
    1: "whose stance",
    2: "asserted, not imagined",
    3: "both at once is hedging",
    4: "contact is neutral, commitment is not",
    5: "other partners",
    6: "structure is neutral, movement is not",
    7: "not taking a side",
    8: "reported claims",
    9: "groups",
    10: "publics and oppositions",
    11: "describing the bond",
    12: "aid and trade",
    13: "who stands for the state",
    14: "the past",
    15: "Moscow-led bodies as actors",
    16: "presupposed acts count",
    17: "acting against Moscow",
}
"""Codebook rule number -> short title; 0 is a plain act that needs no rule."""
