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
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from moscow_training.judged import Judged
from moscow_training.review.card import model_card
from moscow_training.review.errors import COLUMNS, error_table, stretches, table_data
from moscow_training.review.page import visible
from tests.training.judgements import by_hand, judged
from tests.training.pages import Page
from tests.training.test_review_card import FACTS

HOSTILE = [
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "]]><img src=x onerror=alert(1)>",
    "\u202egnihton\u2066 \u200b\x00\x1b[31m",
    "{{ 7 * 7 }} {% raw %} &lt;b&gt; \" ' ` \\",
    "an unpaired \ud800 surrogate\u2028and lines",
    "long " * 2000,
]


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


def test_templates_go_into_the_wheel(root: Path, tmp_path: Path) -> None:
    code = f"import hatchling.build; hatchling.build.build_wheel({str(tmp_path)!r})"
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, cwd=root)
    [wheel] = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    folder = root / "training/moscow_training/review/templates"
    assert {f"moscow_training/review/templates/{p.name}" for p in folder.iterdir()} <= names


def test_class_numbers_are_plain_json() -> None:
    json.dumps(table_data({"stance": by_hand([np.float32(0.9)], [True])}))  # type: ignore[list-item]
