"""The page of targets says what was found, met or not."""

from moscow_stance.model import load_model
from moscow_training.candidates import PACKAGED, card_of
from moscow_training.targets import PAGE, Target, of_behaviour, on_test, page

SURE = {"calibration_error_15": "0.021 [0.015, 0.040]", "by_chance": 0.013, "accuracy_on_surest_70": "0.925 [0.910, 0.940]"}
CARD = {
    "version": "7",
    "made": "2026-11-23",
    "test_openings": 5,
    "figures": {
        "shipped": {"stance": {"macro_f1": 0.81, "macro_f1_lo": 0.75, "macro_f1_hi": 0.85, "f1": {"hedging": 0.76}}},
        "tfidf": {"stance": {"macro_f1": 0.52}},
    },
    "newsmtsc_test_mt": {"accuracy": "0.801 [0.78, 0.82]", "macro_f1": "0.79 [0.77, 0.81]"},
    "sureness": {"stance": SURE},
}


def test_every_condition_of_a_target_counts() -> None:
    found = {t.about: t for t in on_test(CARD)}
    assert found["stance macro-F1"].met is False, "the lower end is below 0.76"
    assert found["lead over TF-IDF"].met is True
    assert found["hedging F1"].met is True
    assert found["NewsMTSC test-mt, accuracy"].met is True
    assert found["NewsMTSC test-mt, macro-F1"].met is False
    assert found["stance, calibration error"].met is True, "0.021 is within 0.013 + 0.01"
    assert found["stance, accuracy on the surest 70 %"].met is False
    assert found["sentiment, calibration error"].met is None


def test_the_page_counts_what_is_met() -> None:
    shown = page([Target("a", "1", "2", met=True), Target("b", "1", "0", met=False), Target("c", "1", "-", met=None)], CARD)
    assert "1 of 3 met" in shown
    assert "| a | 1 | 2 | met |" in shown
    assert "| b | 1 | 0 | missed |" in shown
    assert "| c | 1 | - | not measured |" in shown


def test_behaviour_is_told_by_capability(root) -> None:
    found = list(of_behaviour(root, load_model()))
    assert found[0].about == "behaviour, 957 cases"
    assert len(found) == 17
    assert all(t.met is not None for t in found)


def test_the_page_in_git_is_of_the_packaged_model(root) -> None:
    """Its figures take minutes and other people's texts; that it is of this very model, with the card's figures, is seen at once."""
    written = (root / PAGE).read_text(encoding="utf-8")
    card = card_of(root / PACKAGED)
    assert f"version {card['version']}, made {card['made']}" in written, "run python -m moscow_training.targets"
    assert all(target.row() in written for target in on_test(card)), "run python -m moscow_training.targets"
