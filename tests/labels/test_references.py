"""References that the sentence before resolves, and the speaker's "we"."""

import pytest

from moscow_labels.records import Document
from moscow_labels.units import document_units, sentence_units


def resolved(before: str, text: str) -> list[tuple[str, str]]:
    return [(u.actor, u.mentions[0].of(text)) for u in sentence_units(text, prev=before)]


@pytest.mark.parametrize(
    ("before", "text", "expected"),
    [
        ("Pashinyan flew to Brussels.", "He refused to sign the declaration.", [("ARM", "He")]),
        ("President Tokayev spoke in Almaty.", "The president refused to recognise the two republics.", [("KAZ", "The president")]),
        ("Moldova voted on Sunday.", "The country buys its gas elsewhere now.", [("MDA", "The country")]),
        # left alone: two candidates, Moscow among them, a stranger, an actor of its own, no candidate
        ("Pashinyan met Aliyev.", "He refused to sign.", []),
        ("Pashinyan met Putin.", "He refused to sign.", []),
        ("Pashinyan met John Quincy.", "He refused to sign.", []),
        ("Russia invaded Georgia.", "The country was divided.", []),
        ("NATO met.", "The country was divided.", []),
        ("Pashinyan spoke.", "He praised Georgia.", [("GEO", "Georgia")]),
        ("It rained.", "He refused to sign.", []),
    ],
)
def test_rules(before: str, text: str, expected: list[tuple[str, str]]) -> None:
    assert resolved(before, text) == expected


def test_a_reference_carries_on() -> None:
    text = "Lukashenko spoke. He thanked Moscow. He left early."
    assert [(u.actor, u.mention.of(text)) for u in document_units(Document("d", text))] == [
        ("BLR", "Lukashenko"), ("BLR", "He"), ("BLR", "He"),
    ]  # fmt: skip


def test_the_speaker_is_we() -> None:
    text = 'We value our ties with Moscow. "We do not," said an envoy of Georgia.'
    units = document_units(Document("d", text, speaker="ARM"))
    assert [(u.actor, [s.of(u.sentence.text) for s in u.mentions]) for u in units] == [("ARM", ["We", "our"]), ("GEO", ["Georgia"])]


def test_moscow_speaking_is_the_target() -> None:
    (unit,) = document_units(Document("d", "We thank Armenia.", speaker="Russia"))
    assert unit.actor == "ARM"
    assert [s.of("We thank Armenia.") for s in unit.moscow] == ["We"]
