"""Other ways to read a unit: the text changes, and every span still covers what it covered."""

import random

import pytest

from moscow_labels.records import Span, Unit
from moscow_labels.units import sentence_units
from moscow_training.names import state_forms
from moscow_training.rereading import reread, rewritten, swappable, swapped, swapper

TEXT = "Armenia told Moscow that Kazakh leaders and NATO had refused Yerevan's offer."


def by_actor(text: str) -> dict[str, Unit]:
    return {u.actor: u for u in sentence_units(text)}


def words(unit: Unit) -> list[str]:
    return [s.of(unit.sentence.text) for s in unit.mentions]


def test_spans_move_with_what_is_replaced() -> None:
    text, spans = rewritten("abcdef", [(Span(1, 2), "XYZ"), (Span(4, 5), "")], [Span(0, 1), Span(1, 2), Span(0, 6), Span(2, 4)])
    assert text == "aXYZcdf"
    assert [s.of(text) for s in spans] == ["a", "XYZ", "aXYZcdf", "cd"]


def test_a_span_inside_a_replacement_becomes_all_of_it() -> None:
    text, [span] = rewritten("the Armenian side", [(Span(4, 12), "state")], [Span(6, 9)])
    assert span.of(text) == "state"


def test_kept_names_change_nothing() -> None:
    units = sentence_units(TEXT)
    assert reread(units, "kept") == units


def test_masks_hide_every_actor_at_once() -> None:
    masked = {u.actor: u for u in reread(sentence_units(TEXT), "masked")}
    assert {u.sentence.text for u in masked.values()} == {
        "country told Moscow that country leaders and organisation had refused country's offer."
    }
    assert words(masked["ARM"]) == ["country", "country"]
    assert words(masked["NATO"]) == ["organisation"]
    assert [s.of(masked["ARM"].sentence.text) for s in masked["ARM"].moscow] == ["Moscow"]
    [hidden] = {u.sentence.text for u in reread(sentence_units(TEXT), "masked+moscow")}
    assert "Moscow" not in hidden
    assert "power" in hidden


def test_marks_stand_around_the_units_own_actor() -> None:
    marked = {u.actor: u for u in reread(sentence_units(TEXT), "marked")}
    assert marked["KAZ"].sentence.text.startswith("Armenia told # Moscow # that @ Kazakh @ leaders")
    assert words(marked["ARM"]) == ["@ Armenia @", "@ Yerevan @"]


def test_the_sentence_before_is_put_in_front() -> None:
    [unit] = reread([by_actor(TEXT)["NATO"]], "kept", ["It was late."])
    assert unit.sentence.text == f"It was late. {TEXT}"
    assert words(unit) == ["NATO"]
    assert [s.of(unit.sentence.text) for s in unit.moscow] == ["Moscow"]


def test_only_states_by_plain_names_are_swapped() -> None:
    forms = state_forms()
    found = swappable("Pashinyan met Kazakh and Belarusian envoys in Minsk while Armenia and the EU waited.", forms)
    assert set(found) == {"KAZ", "BLR"}, "Armenia is named by a leader too, the EU is no state"
    assert [form for _, form in found["BLR"]] == ["adjective", "capital"]


def test_swaps_are_one_for_one_in_the_same_form() -> None:
    forms = state_forms()
    text = "Minsk and the Belarusian army waited for Latvia."
    pieces = swapped(swappable(text, forms), forms, random.Random(3))
    new, _ = rewritten(text, pieces, [])
    codes = {form: code for code, f in forms.items() for form in (f.country, f.capital, f.adjective)}
    by_lot = [codes[put] for _, put in pieces]
    assert len(set(by_lot)) == 2
    assert new != text


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_swapper_draws_anew_for_each_epoch(share: float) -> None:
    units = sentence_units("Minsk waited.") + sentence_units("Pashinyan waited.")
    epoch = swapper(units, share, seed=1)
    assert epoch(0) == epoch(0)
    texts = {u.sentence.text for number in range(8) for u in epoch(number)}
    assert "Pashinyan waited." in texts
    assert ("Minsk waited." in texts) == (share == 0)
    assert len(texts) == 2 if share == 0 else len(texts) > 4
    for unit in epoch(3):
        assert "waited" not in "".join(words(unit))
