"""The table of errors and the model card: one file each, no network, hostile text harmless, limits as the documents state them."""

import base64
import hashlib
import html
import json
import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from moscow_training.judged import Judged
from moscow_training.review import limits
from moscow_training.review.card import CardFacts, axis_section, model_card
from moscow_training.review.errors import COLUMNS, error_table, stretches, table_data
from moscow_training.review.page import visible
from tests.training.judgements import by_hand, judged

HOSTILE = [
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "]]><img src=x onerror=alert(1)>",
    "\u202egnihton\u2066 \u200b\x00\x1b[31m",
    "{{ 7 * 7 }} {% raw %} &lt;b&gt; \" ' ` \\",
    "an unpaired \ud800 surrogate\u2028and lines",
    "long " * 2000,
]
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


class Page(HTMLParser):
    """What stands in a page: tags with their attributes, scripts, styles, and the text outside of both."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.inside: list[str] = []
        self.blocks: list[tuple[str, str]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {k: v or "" for k, v in attrs}))
        if tag in {"script", "style"}:
            self.blocks.append((tag + dict(self.tags[-1][1]).get("type", ""), ""))
            self.inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in {"script", "style"}:
            self.inside.pop()

    def handle_data(self, data: str) -> None:
        if self.inside:
            name, text = self.blocks[-1]
            self.blocks[-1] = (name, text + data)
        else:
            self.text += data

    def block(self, name: str) -> str:
        [found] = [text for which, text in self.blocks if which == name]
        return found


def with_texts(units: Judged, **fields: list[str]) -> Judged:
    return replace(units, **fields)  # type: ignore[arg-type]


def embedded(page: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Page(page).block("scriptapplication/json"))
    return found


def table(**fields: list[str]) -> str:
    units = with_texts(by_hand([0.9] * len(HOSTILE), [False] * len(HOSTILE)), **fields)
    return error_table({"stance": units}, title="Errors", about="of a test")


def pages() -> dict[str, str]:
    both = {"stance": judged(200), "sentiment": judged(200, axis="sentiment", seed=1)}
    return {"errors": error_table(both, title="Errors", about="of a test"), "card": model_card(FACTS, both, pictures={"a dot": b"\x89PNG"})}


@pytest.mark.parametrize("name", ["errors", "card"])
def test_a_page_stands_alone(name: str) -> None:
    text = pages()[name]
    page = Page(text)
    assert not re.search(r"""(?:src|href|action|srcset|data|poster)\s*=\s*["']?\s*(?:[a-z]+:)?//""", text, re.I)
    assert not re.search(r"@import|url\(", text)
    assert {tag for tag, _ in page.tags} & {"link", "iframe", "object", "embed", "base"} == set()
    assert all(attributes["src"].startswith("data:image/png;base64,") for tag, attributes in page.tags if "src" in attributes)
    assert not any(key.startswith("on") or key == "style" for _, attributes in page.tags for key in attributes)


@pytest.mark.parametrize("name", ["errors", "card"])
def test_the_policy_lets_in_nothing_but_our_style_and_script(name: str) -> None:
    page = Page(pages()[name])
    [policy] = [a["content"] for tag, a in page.tags if a.get("http-equiv") == "Content-Security-Policy"]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))

    def digest(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    assert rules["style-src"] == digest(page.block("style"))
    assert rules["script-src"] == (digest(page.block("script")) if name == "errors" else "'none'")
    assert {"color-scheme: light dark", "prefers-color-scheme: dark"} <= set(
        re.findall(r"(?:prefers-)?color-scheme: [a-z ]+", page.block("style"))
    )


@pytest.mark.parametrize("name", ["errors", "card"])
def test_the_same_figures_give_the_same_page(name: str) -> None:
    assert pages()[name] == pages()[name]


def test_hostile_sentences_stay_text() -> None:
    text = table(sentences=HOSTILE)
    assert text.count("<script") == text.count("</script>") == 2
    assert "<img" not in text
    assert "<!--" not in text
    assert text.encode("utf-8")
    said = ["".join(unit["sentence"]) for unit in embedded(text)["units"]]
    assert said[:3] == HOSTILE[:3]
    assert said[3] == "⟨U+202E⟩gnihton⟨U+2066⟩ ⟨U+200B⟩⟨U+0000⟩⟨U+001B⟩[31m"
    assert said[4] == HOSTILE[4]
    assert said[5] == "an unpaired ⟨U+D800⟩ surrogate⟨U+2028⟩and lines"
    assert said[6] == HOSTILE[6]


@pytest.mark.parametrize("field", ["ids", "documents", "sources", "actors", "dates"])
def test_hostile_names_stay_text(field: str) -> None:
    text = table(**{field: HOSTILE})
    assert text.count("<script") == text.count("</script>") == 2
    assert "<img" not in text
    assert text.encode("utf-8")
    values = [unit[field.removesuffix("s")] for unit in embedded(text)["units"]]
    assert values == [visible(value) for value in HOSTILE]


def test_hostile_headings_and_facts_stay_text() -> None:
    bad = "".join(HOSTILE[:6])
    units = with_texts(by_hand([0.9] * 30, [False] * 30), sources=[bad] * 30, actors=[bad] * 30)
    facts = replace(
        FACTS, name=bad, run_id=bad, split=bad, encoder=bad, command=bad, units={bad: {bad: 1}}, settings={bad: bad}, versions={bad: bad}
    )
    card = model_card(facts, {"stance": units}, pictures={bad: b""})
    errors = error_table({}, title=bad, about=bad)
    for text, scripts in ((card, 0), (errors, 2)):
        assert text.encode("utf-8")
        assert text.count("<script") == scripts
        assert "<img src=x" not in text
        assert "\u202e" not in text
        assert html.escape(HOSTILE[0], quote=True) in text


@pytest.mark.parametrize("name", ["errors.js", "page.css"])
def test_script_and_style_cannot_end_their_own_block(name: str, root: Path) -> None:
    text = (root / "training/moscow_training/review/templates" / name).read_text(encoding="utf-8")
    assert "</" not in text
    assert "<!--" not in text
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|fetch\(|localStorage", text)


def test_every_judged_unit_is_in_the_table_the_surest_first() -> None:
    stance, sentiment = judged(200), judged(200, axis="sentiment", seed=1)
    units = with_texts(sentiment, **{n: getattr(stance, n) for n in ("ids", "documents", "sources", "actors", "dates", "sentences")})
    data = table_data({"stance": stance, "sentiment": units})
    assert len(data["rows"]) == 400
    assert len(data["units"]) == 200, "a unit that is judged on both axes is written once"
    sure = [max(row[4]) for row in data["rows"]]
    assert sure == sorted(sure, reverse=True)
    found = {(row[0], data["units"][row[1]]["id"]): row for row in data["rows"]}
    for i in range(200):
        axis, _, truth, predicted, p, abstained = found["stance", stance.ids[i]]
        assert (axis, truth, predicted) == ("stance", stance.truth[i], stance.p[i].argmax())
        assert p == pytest.approx(stance.p[i] * 1000, abs=0.5)
        assert abstained == int(stance.p[i].max() < stance.threshold)


def test_the_table_has_what_its_script_and_tests_look_for() -> None:
    page = Page(pages()["errors"])
    ids = {a["id"] for _, a in page.tags if "id" in a}
    filters = {f"filter-{name}" for name in ("text", "axis", "actor", "source", "truth", "predicted", "abstained")}
    assert ids >= filters | {"count", "errors", "show-all", "reset", "more", "data"}
    heads = [a for tag, a in page.tags if tag == "th"]
    assert [a["data-key"] for a in heads] == [key for key, _ in COLUMNS]
    assert {a["aria-sort"] for a in heads} == {"none"}
    assert set(re.findall(r'byId\("([a-z-]+)"\)', page.block("script"))) <= ids


def test_the_actors_words_are_cut_out_of_the_sentence() -> None:
    assert stretches("Belarus thanked Moscow; Minsk paid.", "BLR", "2024") == ("", "Belarus", " thanked Moscow; ", "Minsk", " paid.")
    assert stretches("He refused.", "BLR", "") == ("He refused.",)


def test_an_empty_table_says_so() -> None:
    data = embedded(error_table({"stance": judged(0)}, title="Errors", about=""))
    assert data == {"labels": {"stance": ["supportive", "neutral", "hedging"]}, "units": [], "rows": []}


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


def test_templates_go_into_the_wheel(root: Path, tmp_path: Path) -> None:
    pytest.importorskip("hatchling.build", reason="the build backend is not installed here")
    code = f"import hatchling.build; hatchling.build.build_wheel({str(tmp_path)!r})"
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, cwd=root)
    [wheel] = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    folder = root / "training/moscow_training/review/templates"
    assert {f"moscow_training/review/templates/{p.name}" for p in folder.iterdir()} <= names


def test_class_numbers_are_plain_json() -> None:
    json.dumps(table_data({"stance": by_hand([np.float32(0.9)], [True])}))  # type: ignore[list-item]
