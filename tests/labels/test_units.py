"""text -> sentences -> units: nothing lost, nothing doubled, offsets exact, whatever the input."""

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from moscow_labels.folding import fold
from moscow_labels.records import Document
from moscow_labels.sentences import split_sentences
from moscow_labels.units import document_units, sentence_units

WORDS = st.sampled_from(
    [
        "Armenia",
        "Türkiye",
        "Moscow",
        "Putin",
        "the U.S.",
        "refused.",
        "He said:",
        "\n\n",
        "\n",
        " ",
        "Mr. ",
        "“No”",
        "\u00ad",
        "\u200b",
        "e\u0301",
        "…",
        "3.5",
        "🙂",
    ]
)
TEXTS = st.one_of(st.text(max_size=300), st.lists(WORDS, max_size=60).map(" ".join), st.lists(WORDS, max_size=60).map("".join))


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_sentences_cover_the_text_once(text: str) -> None:
    sentences = split_sentences(text)
    assert "".join("".join(s.text.split()) for s in sentences) == "".join(text.split())
    end = 0
    for number, sentence in enumerate(sentences):
        assert sentence.number == number
        assert end <= sentence.span.start < sentence.span.end
        assert text[sentence.span.start : sentence.span.end] == sentence.text
        assert not text[end : sentence.span.start].strip()
        end = sentence.span.end


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_units_slice_back(text: str) -> None:
    units = document_units(Document("d", text))
    seen = set()
    for unit in units:
        assert (unit.sentence.number, unit.actor) not in seen, "several mentions of one actor make one unit"
        seen.add((unit.sentence.number, unit.actor))
        spans = sorted([*unit.mentions, *unit.moscow])
        assert all(a.end <= b.start for a, b in itertools.pairwise(spans)), "mentions never overlap"
        for span in spans:
            assert 0 <= span.start < span.end <= len(unit.sentence.text)
        assert unit.mention.of(text) == unit.mentions[0].of(unit.sentence.text)
        assert fold(unit.mention.of(text)).text.strip()


def test_several_mentions_make_one_unit() -> None:
    (unit,) = sentence_units("Armenia said that Yerevan and Pashinyan trust Moscow.")
    assert [s.of(unit.sentence.text) for s in unit.mentions] == ["Armenia", "Yerevan", "Pashinyan"]
    assert [s.of(unit.sentence.text) for s in unit.moscow] == ["Moscow"]


def test_abbreviations_do_not_split() -> None:
    text = "Mr. Aliyev met U.S. envoys at 3.30 p.m. in Baku. He left."
    assert [s.text for s in split_sentences(text)] == ["Mr. Aliyev met U.S. envoys at 3.30 p.m. in Baku.", "He left."]
