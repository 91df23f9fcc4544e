"""The model card: figures, limits as the documents state them, rights as NOTICE does."""

import html
import re
from dataclasses import replace
from pathlib import Path

import pytest

from moscow_training.review import limits
from moscow_training.review.card import CardFacts, axis_section, model_card
from tests.training.judgements import by_hand, judged
from tests.training.pages import Page

FACTS = CardFacts(
    name="stance",
    run_id="0123abc",
    split="validation",
    encoder="sentence-transformers/all-MiniLM-L6-v2",
    encoder_revision="53aa5117",
    labels_digest="412d1ec8",
    units={"news": {"test": 4, "train": 1200, "validation": 2}, "own": {"train": 9, "extra": 1}},
    command="train --epochs 4",
    made="2026-11-22",
    version="3",
    git_commit="abc123",
    git_dirty=True,
    settings={"seed": "1"},
    versions={"torch": "2.13.0"},
)


def test_the_cards_figures_by_hand() -> None:
    section = axis_section(by_hand([0.9, 0.9, 0.9, 0.4], [True, True, False, False]))
    supportive, neutral, hedging = section.classes
    assert (supportive.precision, supportive.recall, supportive.f1, supportive.n) == (0.5, 1, pytest.approx(2 / 3, abs=1e-6), 2)
    assert (neutral.precision, neutral.recall, neutral.f1, neutral.n) == (None, 0, 0, 2)
    assert (hedging.precision, hedging.recall, hedging.n) == (None, None, 0)
    assert section.report is not None
    assert section.report.coverage.value == 0.75


def test_a_card_says_what_one_needs_to_know() -> None:
    units = judged(900)
    page = Page(model_card(FACTS, {"stance": units, "sentiment": judged(0, axis="sentiment")}, pictures={"what one sees": b"\x89PNG"}))
    text = " ".join(page.text.split())
    report = units.report()
    for figure in (report.macro_f1, report.accuracy, report.coverage, report.accuracy_kept):
        assert str(figure) in text
    for said in (
        "Model card: stance version 3",
        "0123abc",
        "412d1ec8",
        "stance train --epochs 4",
        "abc123, with changes that were not committed",
    ):
        assert said in text
    for said in ("torch", "2.13.0", "1,200", "There are no judged units on this axis.", "a little too good", "kremlin.ru", limits.CODER):
        assert said in text
    assert all(part in text for part in (*limits.LIMITS, *limits.UNFIT, *limits.WARNINGS, limits.TASK, limits.WEIGHTS))
    [image] = [a for tag, a in page.tags if tag == "img"]
    assert image == {"src": "data:image/png;base64,iVBORw==", "alt": "what one sees"}


def test_a_card_says_what_does_not_hold() -> None:
    own = model_card(replace(FACTS, texts=False, shipped_encoder=False, split="test", command=""), {"stance": judged(60)})
    assert "say nothing about real text" in own
    assert html.escape(limits.OTHER_WEIGHTS, quote=True).replace("&#x27;", "&#39;") in own
    assert limits.WEIGHTS.split(".")[0] not in own
    assert "a little too good" not in own
    assert "<figure" not in own
    always = replace(judged(60), threshold=1.1)
    assert "it always abstains" in model_card(FACTS, {"stance": always})


def normal(text: str) -> str:
    text = re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", text)
    return re.sub(r"\s+", " ", re.sub(r"[*`]", "", text)).replace("“", '"').replace("”", '"')


def points(text: str, after: str) -> list[str]:
    """Return the list that follows a heading, one normal line per point."""
    part = text.split(after, 1)[1].split("\n\n", 2)[1]
    return [normal(point).strip() for point in re.split(r"^- ", part, flags=re.M)[1:]]


def test_limits_are_those_of_the_readme_and_the_data_sheet(root: Path) -> None:
    readme, sheet = ((root / name).read_text(encoding="utf-8") for name in ("README.md", "labels/DATASHEET.md"))
    assert [normal(text) for text in limits.LIMITS] == points(readme, "## What it cannot do")
    assert [normal(text) for text in limits.UNFIT] == points(sheet, "**Not fit for**")
    assert all(normal(text) in normal(sheet) for text in limits.WARNINGS)
    assert limits.CODER.lower().rstrip(".") in normal(sheet)
    assert "reads English news and policy text" in normal(readme)


def test_rights_are_those_of_the_notice(root: Path) -> None:
    notice = normal((root / "NOTICE").read_text(encoding="utf-8"))
    for said in (
        "sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0), itself distilled from Microsoft's MiniLM (MIT)",
        "tokenizer's vocabulary is BERT's (Apache-2.0)",
        "o text of others is part of this product.",
    ):
        assert said in notice
        assert said in limits.WEIGHTS
