"""Actors in text: names, homonyms, leaders by date."""

from datetime import date

import pytest

from moscow_labels.lexicon import default_lexicon, read_lexicon
from moscow_labels.matching import Matcher, Memory, default_matcher
from moscow_labels.records import MOSCOW

REQUIRED = (
    "ARM AZE BLR EST GEO KAZ KGZ LVA LTU MDA TJK TKM UKR UZB BALTICS CENTRAL_ASIA SOUTH_CAUCASUS POST_SOVIET WEST "
    "EU NATO UN CSTO EAEU CIS SCO BRICS OTS CHN USA TUR IRN POL FIN ABKHAZIA SOUTH_OSSETIA TRANSNISTRIA NAGORNO_KARABAKH DNR LNR"
).split()


def found(text: str, on: date | None = None) -> list[tuple[str, str]]:
    return [(m.actor, m.span.of(text)) for m in default_matcher().find(text, on=on)]


def actors(text: str, on: date | None = None) -> set[str]:
    return {actor for actor, _ in found(text, on)} - {MOSCOW}


def test_lexicon_covers_the_contract() -> None:
    lexicon = default_lexicon()
    assert set(REQUIRED) <= set(lexicon.actors)
    assert len(lexicon.actors) - 1 >= 70


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Byelorussia and Kirghizia sent notes to Kiev.", {"BLR", "KGZ", "UKR"}),
        ("Pashinyan left.", {"ARM"}),
        ("Pashinian left.", {"ARM"}),
        ("Lukashenka's aides met Lukashenko.", {"BLR"}),
        ("Türkiye and Turkey are one.", {"TUR"}),
        ("Erdogan or Erdoğan spoke.", {"TUR"}),
        ("The U.S. and the US agreed.", {"USA"}),
        ("They told us nothing.", set()),
        ("JOIN US TODAY AND SAVE", set()),
        ("UKRAINE REJECTS OFFER", {"UKR"}),
        ("The Kazakhs' envoy and Kazakhstan’s minister", {"KAZ"}),
        ("the Verkhovna Rada voted", {"UKR"}),
        ("Uzbek-Kyrgyz talks", {"UZB", "KGZ"}),
        ("the United\nStates", {"USA"}),
        ("He roasted a turkey for Thanksgiving.", set()),
        ("Turkey with stuffing is served at Thanksgiving.", set()),
        ("Michael Jordan left the Bulls.", set()),
        ("Voters in Atlanta, Georgia, chose a Republican.", set()),
        ("Georgia said in Tbilisi that it would not yield.", {"GEO"}),
        ("The Astana process continues.", set()),
        ("Astana declined.", {"KAZ"}),
        ("Ukrainetown is no place.", set()),
        ("a novel by Chingiz Aitmatov", set()),
    ],
)
def test_names(text: str, expected: set[str]) -> None:
    assert actors(text) == expected


def test_longest_match_wins() -> None:
    assert found("Northern Cyprus aside, the Commonwealth of Independent States met") == [
        *found("Northern Cyprus aside,"),
        ("CIS", "Commonwealth of Independent States"),
    ]


def test_moscow_is_the_target_never_an_actor() -> None:
    mentions = found("The Kremlin, Gazprom and Putin's Russia")
    assert {actor for actor, _ in mentions} == {MOSCOW}
    assert len(mentions) == 4


def test_leaders_carry_their_dates() -> None:
    assert actors("Sargsyan signed.", date(2009, 6, 1)) == {"ARM"}
    assert actors("Zelensky refused.", date(2005, 1, 1)) == set()
    assert actors("Zelensky refused.", date(2023, 1, 1)) == {"UKR"}
    assert actors("Yanukovych had refused.", date(2023, 1, 1)) == {"UKR"}, "texts look back"


def test_ambiguous_surname_needs_the_full_name_first() -> None:
    matcher, memory = default_matcher(), Memory()
    assert matcher.find("In May she left.", memory=memory) == []
    matcher.find("Theresa May spoke.", on=date(2018, 3, 14), memory=memory)
    again = matcher.find("May blamed the Kremlin.", on=date(2018, 3, 14), memory=memory)
    assert [m.actor for m in again] == ["GBR", MOSCOW]


def test_offsets_survive_diacritics_and_odd_spaces() -> None:
    text = "Cafe\u0301 talk: Tu\u0308rkiye\u2019s envoy met Pashi\u00adnyan\u00a0twice"
    spans = [text[m.span.start : m.span.end] for m in default_matcher().find(text)]
    assert spans == ["Tu\u0308rkiye", "Pashi\u00adnyan"]


def test_a_broken_lexicon_says_where(tmp_path) -> None:  # type: ignore[no-untyped-def]
    from moscow_labels.errors import InputError

    path = tmp_path / "actors.toml"
    path.write_text('[ARM]\nname = "Armenia"\nkind = "state"\nnmaes = ["x"]\n')
    with pytest.raises(InputError, match=r"\[ARM\].*nmaes"):
        read_lexicon(path)
    path.write_text('[MOSCOW]\nname = "Russia"\nkind = "moscow"\n[ARM]\nname = "Armenia"\nkind = "state"\n')
    assert [m.actor for m in Matcher(read_lexicon(path)).find("Armenia and Russia")] == ["ARM", MOSCOW]


def test_codes_are_found_by_name() -> None:
    lexicon = default_lexicon()
    assert [lexicon.code_of(n) for n in ("ARM", "arm", "Armenia", "United_States_Of_America", "nowhere")] == [
        "ARM", "ARM", "ARM", "USA", None,
    ]  # fmt: skip
