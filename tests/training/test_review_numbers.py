"""The numbers behind the pictures: bins, accuracy against coverage, Wilson's interval, slices, metric keys."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mlflow.utils.validation import _validate_metric_name

from moscow_stance.metrics import calibration_error
from moscow_training.review.curves import reliability_bins, risk_coverage, wilson
from moscow_training.review.slices import metric_key, slice_figures, slice_metrics
from tests.training.judgements import ACTORS, by_hand, judged


def test_bins_by_hand() -> None:
    units = by_hand([0.95, 0.4, 0.85, 0.6], [True, False, True, False])
    low, high = reliability_bins(units, bins=2, least=1)
    assert (low.n, low.confidence, low.accuracy.value) == (2, pytest.approx(0.5), 0)
    assert (high.n, high.confidence, high.accuracy.value) == (2, pytest.approx(0.9), 1)
    assert low.accuracy.lo is None, "four documents bear no interval"


def test_the_bins_are_those_of_the_calibration_error() -> None:
    units = judged()
    bins = reliability_bins(units, bins=10)
    error = sum(b.n * abs(b.confidence - b.accuracy.value) for b in bins) / len(units.truth)
    assert error == pytest.approx(calibration_error(units.truth, units.p))
    assert sum(b.n for b in bins) == len(units.truth)


def test_few_units_make_fewer_bins() -> None:
    assert [len(reliability_bins(judged(n))) for n in (0, 5, 60, 600)] == [0, 1, 3, 15]


def test_a_bin_has_an_interval_around_its_accuracy_only_over_ten_documents() -> None:
    units = judged(300, documents=12)
    few = units.only([i for i, d in enumerate(units.documents) if d in {"doc-1", "doc-2", "doc-3"}])
    assert all(b.accuracy.lo is None for b in reliability_bins(few))
    assert all(
        (b.accuracy.lo is not None) == (b.documents >= 10) and (b.accuracy.lo or 0) <= b.accuracy.value <= (b.accuracy.hi or 1)
        for b in reliability_bins(units)
    )
    assert any(b.accuracy.lo is not None for b in reliability_bins(units))


def test_accuracy_against_coverage_by_hand() -> None:
    found = risk_coverage(by_hand([0.9, 0.8, 0.7, 0.6], [True, False, True, False]))
    assert found is not None
    assert found.coverage.tolist() == [0.25, 0.5, 0.75, 1]
    assert found.accuracy == pytest.approx([1, 1 / 2, 2 / 3, 1 / 2])
    assert found.aurc.value == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 2) / 4)
    assert found.lo is None
    assert found.aurc.lo is None


def test_a_model_that_is_never_wrong_has_no_risk() -> None:
    found = risk_coverage(by_hand([0.5 + i / 100 for i in range(40)], [True] * 40))
    assert found is not None
    assert found.lo is not None
    assert found.accuracy == pytest.approx(1)
    assert found.lo == pytest.approx(1)
    assert (found.aurc.value, found.aurc.lo, found.aurc.hi) == pytest.approx((0, 0, 0))


def test_the_order_of_units_that_are_equally_sure_does_not_matter() -> None:
    sure, right = [0.7] * 30, [True] * 20 + [False] * 10
    found, turned = risk_coverage(by_hand(sure, right)), risk_coverage(by_hand(sure, right[::-1]))
    assert found is not None
    assert turned is not None
    assert found.accuracy == pytest.approx(2 / 3)
    assert turned.accuracy == pytest.approx(2 / 3)
    assert found.lo is not None
    assert found.lo[-1] < 2 / 3 < found.hi[-1], "the band stays, though nothing tells the units apart"


def test_the_band_holds_the_curve_and_ends_at_the_accuracy() -> None:
    units = judged()
    found = risk_coverage(units)
    assert found is not None
    assert found.lo is not None
    assert found.hi is not None
    assert found.accuracy[-1] == pytest.approx(float((units.predicted == units.truth).mean()))
    assert ((found.lo <= found.accuracy + 1e-9) & (found.accuracy <= found.hi + 1e-9)).mean() > 0.99
    assert (found.aurc.lo or 1) < found.aurc.value < (found.aurc.hi or 0)


def test_many_units_are_read_off_at_a_thousand_places() -> None:
    found = risk_coverage(judged(1500, documents=5))
    assert found is not None
    assert found.coverage.shape == found.accuracy.shape == (1000,)
    assert risk_coverage(judged(0)) is None


def test_wilson() -> None:
    """81 of 263: Newcombe 1998, Statistics in Medicine 17, table I."""
    found = wilson(81, 263)
    assert (found.lo, found.hi) == (pytest.approx(0.2553, abs=5e-5), pytest.approx(0.3662, abs=5e-5))
    assert wilson(5, 5).hi == 1
    assert wilson(0, 5).lo == 0
    for passed, total in ((0, 0), (3, 2), (-1, 2)):
        with pytest.raises(ValueError, match="is no share"):
            wilson(passed, total)


def test_slices_keep_the_rules_of_intervals() -> None:
    units = judged(400, documents=60)
    few = by_hand([0.9] * 30, [True] * 27 + [False] * 3, [str(i % 9) for i in range(30)])
    assert {s.value for s in slice_figures(units, "actors")} == set(ACTORS)
    for one in slice_figures(units, "sources"):
        truth = units.truth[[i for i, s in enumerate(units.sources) if s == one.value]]
        assert (one.macro_f1 is None) == (np.bincount(truth, minlength=3).min() < 10)
        assert one.score is (one.macro_f1 or one.accuracy)
        assert (one.lo or 1) <= one.score.value <= (one.hi or 0)
    [one] = slice_figures(few, "sources")
    assert (one.n, one.documents, one.measure, one.accuracy.value, one.lo) == (30, 9, "accuracy", 0.9, None)
    assert one.commonest == 0.9
    assert slice_figures(few, "sources", least=31) == []
    assert slice_figures(judged(0), "sources") == []


def test_slices_as_metrics() -> None:
    metrics = slice_metrics("validation_stance", slice_figures(judged(2000), "sources"))
    assert {"validation_stance_macro_f1.kremlin.ru", "validation_stance_accuracy_lo.news", "validation_stance_n.us-press"} <= set(metrics)
    few = slice_metrics("v", slice_figures(by_hand([0.9], [True]), "sources"))
    assert few == {"v_n.news": 1.0, "v_accuracy.news": 1.0}


def test_names_that_fit_stay_as_they_are() -> None:
    for name in ("kremlin.ru", "think-tank", "SOUTH_CAUCASUS", "us press"):
        assert metric_key(name) == name


@given(st.text(st.characters(), max_size=300))
def test_any_name_makes_a_key_that_mlflow_takes(name: str) -> None:
    key = metric_key(name)
    _validate_metric_name(f"validation_stance_macro_f1_lo.{key}")
    assert 0 < len(key) <= 100
    assert "/" not in key


def test_two_names_never_share_a_key() -> None:
    names = ["a/b", "a:b", "a_b", "Türkiye", "Turkiye", "", " ", ".", "..", "新华社", "Россия", "x" * 200, "x" * 201]
    assert len({metric_key(name) for name in names}) == len(names)
