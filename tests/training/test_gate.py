"""The gate's arithmetic: paired differences, what counts as worse, behaviour, speed, the ledger of the test split."""

import json
import time
from pathlib import Path

import numpy as np
import pytest

from moscow_labels.errors import InputError, LabelError
from moscow_labels.units import sentence_units
from moscow_stance.metrics import calibration_error
from moscow_stance.model import ModelInfo
from moscow_training.behaviour import BEHAVIOUR, by_capability, passed, read_suite
from moscow_training.gate import Check, Decision, behaviour_check, calibration_check, macro_f1_check, speed_check
from moscow_training.openings import LEDGER, TOO_OFTEN, open_test_split, openings, openings_line


def rows(n: int = 400, documents: int = 40, seed: int = 0):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, n)
    return rng, truth, np.arange(n) % documents


def noisy(rng, truth, share: float):
    """Classes that are right but for `share` of the rows."""
    return np.where(rng.random(len(truth)) < share, (truth + 1) % 3, truth)


def test_a_model_against_itself_shows_no_difference() -> None:
    rng, truth, groups = rows()
    predicted = noisy(rng, truth, 0.3)
    check = macro_f1_check("stance macro-F1", truth, predicted, predicted, groups)
    assert (check.difference, check.lo, check.hi) == (0, 0, 0)
    assert not check.worse
    assert not check.better


def test_a_clearly_worse_model_is_worse_and_the_other_way_round_better() -> None:
    rng, truth, groups = rows()
    good, bad = noisy(rng, truth, 0.1), noisy(rng, truth, 0.4)
    check = macro_f1_check("stance macro-F1", truth, bad, good, groups)
    assert check.worse
    assert check.lo < check.difference < check.hi < 0
    assert "WORSE" in str(check)
    assert macro_f1_check("stance macro-F1", truth, good, bad, groups).better


def test_the_paired_interval_is_narrower_than_two_single_ones() -> None:
    """Two models that err on nearly the same rows are told apart by the rows where they differ."""
    rng, truth, groups = rows()
    one = noisy(rng, truth, 0.3)
    other = one.copy()
    other[::25] = truth[::25]
    check = macro_f1_check("x", truth, other, one, groups)
    single = macro_f1_check("x", truth, one, np.zeros_like(truth), groups)
    assert check.hi - check.lo < (single.hi - single.lo) / 3


def test_few_documents_give_no_interval_and_refuse_nobody() -> None:
    rng, truth, groups = rows(documents=9)
    check = macro_f1_check("x", truth, noisy(rng, truth, 0.9), truth, groups)
    assert check.lo is None
    assert not check.worse


def test_calibration_agrees_with_the_metric_and_sees_overconfidence() -> None:
    rng, truth, groups = rows(1000, 50)
    calm = np.full((1000, 3), 0.2)
    calm[np.arange(1000), noisy(rng, truth, 0.4)] = 0.6
    loud = np.where(calm == 0.6, 0.98, 0.01)
    check = calibration_check("stance calibration error", truth, loud, calm, groups)
    assert check.challenger == pytest.approx(calibration_error(truth, loud))
    assert check.champion == pytest.approx(calibration_error(truth, calm))
    assert check.worse
    assert calibration_check("x", truth, calm, loud, groups).better


@pytest.mark.parametrize(
    ("lo", "hi", "good", "allowance", "worse"),
    [
        (-0.2, -0.01, 1, 0, True),
        (-0.2, 0.01, 1, 0, False),
        (0.01, 0.2, -1, 0, True),
        (0.05, 0.2, -1, 0.1, False),
        (0.11, 0.2, -1, 0.1, True),
    ],
)
def test_worse_is_a_whole_interval_beyond_the_allowance(lo: float, hi: float, good: int, allowance: float, worse: bool) -> None:
    check = Check("x", 0.5, 0.5, (lo + hi) / 2, lo, hi, good, allowance)
    assert check.worse == worse
    decision = Decision([check], 100, 20)
    assert decision.accepted != worse
    assert len(decision.reasons) == int(worse)
    assert json.loads(decision.as_json())["accepted"] == decision.accepted


class Fixed:
    """A scorer that says one stance and takes its time."""

    info = ModelInfo("fixed", "1", "0" * 64, 0.5, 0.5, 256)

    def __init__(self, stance: int, seconds: float = 0.0) -> None:
        self.stance, self.seconds = stance, seconds

    def probabilities(self, units):
        until = time.perf_counter() + self.seconds
        while time.perf_counter() < until:
            pass
        p = np.full((len(units), 3), 0.1)
        p[:, self.stance] = 0.8
        return p, p


def test_a_slower_model_is_worse_and_an_equal_one_is_not() -> None:
    units = sentence_units("Armenia and Belarus met Moscow.")
    assert speed_check(Fixed(0, 0.02), Fixed(0, 0.01), units).worse
    equal = speed_check(Fixed(0, 0.02), Fixed(0, 0.02), units)
    assert not equal.worse
    assert abs(equal.difference) < 0.3


CASES = [
    {"sentence": "Minsk thanked Moscow.", "actor": "BLR", "stance": "supportive", "capability": "thanks", "doc": "a"},
    {"sentence": "Minsk did not thank Moscow.", "actor": "BLR", "stance": "neutral", "capability": "negation", "doc": "b"},
    {"sentence": "Yerevan praised Moscow.", "actor": "ARM", "stance": "supportive", "capability": "thanks", "doc": "a"},
]


def test_a_behaviour_suite_counts_where_there_is_one(tmp_path: Path) -> None:
    assert read_suite(tmp_path) == []
    (tmp_path / BEHAVIOUR).parent.mkdir(parents=True)
    suite = tmp_path / BEHAVIOUR
    many = [{**case, "doc": f"{case['doc']}{i}"} for i in range(20) for case in CASES]
    suite.write_text("".join(json.dumps(case) + "\n" for case in many))
    cases = read_suite(tmp_path)
    hits = passed(cases, lambda units: Fixed(0).probabilities(units)[0])
    assert by_capability(cases, hits) == {"negation": (0, 20), "thanks": (40, 40)}
    check = behaviour_check(Fixed(1), Fixed(0), cases)
    assert (check.challenger, check.champion) == pytest.approx((1 / 3, 2 / 3))
    assert check.worse
    suite.write_text(json.dumps({k: v for k, v in CASES[0].items() if k != "capability"}) + "\n")
    with pytest.raises(LabelError, match="case 1 has no capability"):
        read_suite(tmp_path)


def test_every_opening_of_the_test_split_is_written_down(tmp_path: Path) -> None:
    (tmp_path / LEDGER).parent.mkdir(parents=True)
    assert openings(tmp_path) == []
    assert [open_test_split(tmp_path, f"run{i}", "d", "promotion") for i in range(2)] == [1, 2]
    assert [o.run for o in openings(tmp_path)] == ["run0", "run1"]
    assert "2 times" in openings_line(2)
    assert "worn out" in openings_line(TOO_OFTEN)
    with (tmp_path / LEDGER).open("a") as ledger:
        ledger.write("{}\n")
    with pytest.raises(InputError, match=r"test-openings.jsonl:3"):
        openings(tmp_path)


def test_the_ledger_in_git_knows_the_shipped_model(root: Path) -> None:
    card = json.loads((root / "inference/moscow_stance/data/model/model.json").read_text())
    assert card["run"] in {o.run for o in openings(root)}
