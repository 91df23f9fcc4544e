"""The codebook has worked examples for every class and every rule."""

import re
from pathlib import Path

import pytest

from moscow_labels.scheme import RULES, SENTIMENTS, STANCES


@pytest.fixture(scope="module")
def examples(root: Path) -> list[list[str]]:
    lines = (root / "labels" / "CODEBOOK.md").read_text(encoding="utf-8").splitlines()
    return [cells for line in lines if line.startswith("| ") and len(cells := [c.strip() for c in line.strip("|").split("|")]) == 4]


@pytest.mark.parametrize("rule", [n for n in RULES if n])
def test_six_examples_for_each_rule(examples: list[list[str]], rule: int) -> None:
    assert sum(bool(re.search(rf"\br{rule}\b", label)) for _, _, label, _ in examples) >= 6


@pytest.mark.parametrize("stance", STANCES)
def test_six_examples_for_each_stance(examples: list[list[str]], stance: str) -> None:
    assert sum(label.startswith(stance) for _, _, label, _ in examples) >= 6


@pytest.mark.parametrize("sentiment", [s for s in SENTIMENTS if s != "neutral"])
def test_six_examples_for_each_sentiment(examples: list[list[str]], sentiment: str) -> None:
    assert sum(bool(re.search(rf"/ ?{sentiment}|^{sentiment}", label)) for _, _, label, _ in examples) >= 6


def test_every_example_names_an_actor_of_the_lexicon(examples: list[list[str]]) -> None:
    from moscow_labels.lexicon import default_lexicon

    codes = {actor for _, actor, label, _ in examples if re.match(r"supportive|neutral|hedging|negative|positive", label)}
    assert codes <= set(default_lexicon().actors), codes - set(default_lexicon().actors)
