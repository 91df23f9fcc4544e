"""The lexicon file itself: dates, doubles, and names that could do harm."""

import hashlib
import json
import tomllib
from collections import defaultdict
from datetime import date
from pathlib import Path

import pytest

from moscow_labels.compiled import COMPILED, SOURCE, packaged_lexicon, unpack
from moscow_labels.lexicon import default_lexicon, parse_lexicon


@pytest.fixture(scope="module")
def data(root: Path) -> dict:
    return tomllib.loads((root / "labels/moscow_labels/data/actors.toml").read_text(encoding="utf-8"))


def leaders(data: dict) -> list[tuple[str, dict]]:
    return [(code, leader) for code, entry in data.items() if code != "homonyms" for leader in entry.get("leaders", [])]


def test_dates_of_office_make_sense(data: dict) -> None:
    for code, leader in leaders(data):
        start, end = leader.get("from"), leader.get("to")
        assert start is not None, (code, leader["name"])
        assert date(1940, 1, 1) <= start <= date(2026, 12, 31), (code, leader["name"])
        assert end is None or start <= end, (code, leader["name"])
        assert leader.get("office"), (code, leader["name"])


def test_every_state_has_names_people_and_leaders(data: dict) -> None:
    for code, entry in data.items():
        if entry.get("kind") == "state" and code != "VAT":
            assert entry.get("people") or code in ("DMA", "COG"), f"{code}: these two share their adjective with another state"
            assert entry.get("leaders") or code == "SMR", f"{code}: only San Marino changes its heads of state twice a year"


def test_every_member_of_the_united_nations_is_an_actor(data: dict) -> None:
    states = {code for code, entry in data.items() if entry.get("kind") == "state"}
    assert len(states) == 195, "193 members but Russia; the Holy See, Palestine and Kosovo"
    assert {"VAT", "PSE", "XKX"} < states


def test_post_soviet_states_have_their_leaders_since_1991(data: dict) -> None:
    for code in "ARM AZE BLR EST GEO KAZ KGZ LVA LTU MDA TJK TKM UKR UZB".split():
        offices = [leader for leader in data[code]["leaders"] if leader["office"] in ("president", "prime minister")]
        assert min(leader["from"] for leader in offices) <= date(1992, 12, 31), code
        assert any("foreign minister" in leader["office"] for leader in data[code]["leaders"]), code


def test_a_plain_name_stands_for_one_actor() -> None:
    homes = defaultdict(set)
    for name, terms in default_lexicon().terms.items():
        homes[name] = {t.actor for t in terms if t.actor and not t.leader}
    assert {n: h for n, h in homes.items() if len(h) > 1} == {}


def test_no_name_is_a_common_word(data: dict) -> None:
    names = [n for code, e in data.items() if code != "homonyms" for f in ("names", "people", "capitals", "bodies") for n in e.get(f, [])]
    assert not {n for n in names if n.islower() and " " not in n}
    assert not {n for n in names if len(n) < 2}


def test_the_compiled_lexicon_is_the_file(root: Path) -> None:
    source = (root / "labels/moscow_labels" / SOURCE).read_bytes()
    compiled = json.loads((root / "labels/moscow_labels" / COMPILED).read_bytes())
    assert compiled["source_sha256"] == hashlib.sha256(source).hexdigest(), "run python -m moscow_labels.compiled"
    assert unpack(compiled) == parse_lexicon(source.decode("utf-8"), SOURCE)


def test_an_edited_lexicon_counts_at_once(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data").mkdir()
    edited = (
        (root / "labels/moscow_labels" / SOURCE).read_text(encoding="utf-8").replace('[ARM]\nname = "Armenia"', '[ARM]\nname = "Hayastan"')
    )
    (tmp_path / SOURCE).write_text(edited, encoding="utf-8")
    (tmp_path / COMPILED).write_bytes((root / "labels/moscow_labels" / COMPILED).read_bytes())
    monkeypatch.setattr("moscow_labels.compiled.files", lambda package: tmp_path)
    assert packaged_lexicon().actors["ARM"].name == "Hayastan"
