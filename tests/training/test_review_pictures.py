"""Pictures: what they say in words, that they are drawn for any input, that the same figures give the same bytes."""

import io
import sys
from collections.abc import Callable
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

from moscow_training.judged import Judged
from moscow_training.review.comparisons import CurvePoint, SearchPoint, by_capability, by_slice, learning_curve, search
from moscow_training.review.drawing import CARD, plain, png, said
from moscow_training.review.pictures import confusion, every_picture, reliability, risk_coverage
from tests.training.judgements import by_hand, judged

OF_UNITS: dict[str, Callable[[Judged], Figure]] = {
    "confusion": confusion,
    "reliability": reliability,
    "risk_coverage": risk_coverage,
    "actors": lambda units: by_slice(units, "actors"),
    "sources": lambda units: by_slice(units, "sources"),
}
CASES: dict[str, Judged] = {
    "usual": judged(),
    "empty": judged(0),
    "one unit": by_hand([0.9], [True]),
    "one class": by_hand([0.5 + i / 200 for i in range(60)], [True] * 60),
    "all wrong": by_hand([0.9] * 40, [False] * 40),
    "nine documents": judged(90, documents=9),
    "always abstains": judged(60, threshold=1.1),
    "quite sure": by_hand([1.0] * 25, [True] * 25),
}


def words(figure: Figure) -> list[str]:
    """Return every text of a figure once it is drawn."""
    figure.draw_without_rendering()
    found = [t.get_text() for t in figure.texts]
    for axes in figure.axes:
        found += [t.get_text() for t in axes.texts] + [t.get_text() for t in axes.get_xticklabels() + axes.get_yticklabels()]
        found += [axes.get_xlabel(), axes.get_ylabel()]
    legends = [a.get_legend() for a in figure.axes] + list(figure.legends)
    return found + [t.get_text() for legend in legends if legend is not None for t in legend.get_texts()]


def dots(axes: Axes) -> list[tuple[float, str, str]]:
    """Return the value, marker and face of each dot from top to bottom, ticks left out."""
    lines = [line for line in axes.lines if line.get_marker() in {"o", "s", "D"}]
    return [(float(np.asarray(line.get_xdata())[0]), str(line.get_marker()), str(line.get_markerfacecolor())) for line in lines]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("picture", OF_UNITS)
def test_any_input_gives_a_picture_without_warnings(picture: str, case: str) -> None:
    figure = OF_UNITS[picture](CASES[case])
    image = Image.open(io.BytesIO(png(figure)))
    assert image.width >= 1200
    assert image.convert("RGBA").getpixel((2, 2)) == (*bytes.fromhex(CARD[1:]), 255)
    assert said(figure)
    assert any(said(figure).split()[0] in text for text in words(figure))
    if case == "empty":
        assert "There are no units to judge." in words(figure)


def test_the_confusion_says_counts_shares_and_the_commonest_mistake() -> None:
    figure = confusion(by_hand([0.9] * 20, [True] * 5 + [False] * 15), "test")
    texts = words(figure)
    assert {"5", "15", "100% of row", "no units", "model says", "coder says"} <= set(texts)
    assert said(figure) == "Model and coder agree on 25% of the units; the commonest mistake is supportive for neutral (15 of 15)"
    assert "stance · test · n = 20 units of 20 documents" in texts


def test_every_axis_has_its_pictures() -> None:
    kinds = ("confusion", "reliability", "risk_coverage", "by_actor", "by_source")
    found = every_picture({"stance": judged(300), "sentiment": judged(300, axis="sentiment")}, "test")
    assert list(found) == [f"{axis}_{kind}.png" for axis in ("stance", "sentiment") for kind in kinds]
    for name, figure in found.items():
        assert any(text.startswith(f"{name.split('_')[0]} · test · n = 300") for text in words(figure))


def test_reliability_says_which_way_it_errs() -> None:
    assert "surer than right (ECE" in said(reliability(by_hand([0.9] * 40, [True] * 20 + [False] * 20)))
    assert "less sure than right" in said(reliability(by_hand([0.6] * 40, [True] * 40)))
    assert "under 10 documents: no interval" in words(reliability(CASES["nine documents"]))
    assert "under 10 documents: no interval" not in words(reliability(CASES["one class"]))


def test_the_threshold_is_marked_with_what_it_gives() -> None:
    figure = risk_coverage(by_hand([0.9, 0.8, 0.4, 0.4], [True, True, False, False], threshold=0.5))
    assert said(figure) == "The model keeps 50% of the units and is right on 100% of those (AURC 0.208)"
    assert "threshold 0.50: coverage 0.500, accuracy 1.000" in words(figure)
    assert "95 % band over documents" not in words(figure), "four documents bear no band"
    assert "95 % band over documents" in words(risk_coverage(CASES["usual"]))
    assert "abstains from all" in said(risk_coverage(CASES["always abstains"]))


def test_slices_are_sorted_and_hollow_under_ten_documents() -> None:
    usual = judged(3000, documents=300)
    [axes] = by_slice(usual, "actors").axes
    values = [value for value, _, _ in dots(axes)]
    assert len(values) == 8
    assert values == sorted(values, reverse=True)
    assert {marker for _, marker, _ in dots(axes)} == {"o"}
    few = by_slice(CASES["nine documents"], "actors", least=5)
    assert {face for _, _, face in dots(few.axes[0])} == {CARD}
    assert "under 10 documents: no interval" in words(few)
    assert "accuracy (a class has under 10 units)" in words(few)
    assert {"accuracy"} == {few.axes[0].get_xlabel()}


def test_small_slices_are_left_out_and_many_are_cut() -> None:
    usual = judged(2000)
    many = usual.only(range(1500))
    object.__setattr__(many, "actors", [f"A{i % 30:02}" for i in range(1500)])
    assert len(dots(by_slice(many, "actors").axes[0])) == 25
    assert "the 25 largest of 30 actors" in " ".join(words(by_slice(many, "actors")))
    assert "No source has 601 units." in words(by_slice(judged(600), "sources", least=601))


def test_the_winner_of_a_search_is_on_top_and_marked() -> None:
    points = [SearchPoint(f"C = {i}", 0.5 + (i * 7 % 30) / 100) for i in range(30)]
    figure = search(points, "sentiment")
    shown = dots(figure.axes[0])
    assert (shown[0][:2], len(shown)) == ((pytest.approx(0.79), "D"), 25)
    assert [marker for _, marker, _ in shown[1:]] == ["o"] * 24
    assert said(figure).startswith("C = 17 scores best, 0.790; the 30 settings lie within 29.0 points")
    assert "No settings were tried." in words(search([]))
    assert "; " not in said(search(points[:1]))


def test_capabilities_have_the_weakest_on_top() -> None:
    figure = by_capability({"name": (10, 10), "negation": (3, 10), "none": (0, 0)})
    assert [value for value, _, _ in dots(figure.axes[0])] == [0.3, 1.0]
    assert said(figure) == "The model passes 13 of 20 cases; weakest is negation (30%)"
    assert {"3 of 10", "10 of 10"} <= set(words(figure))
    assert any("without cases: none" in text for text in words(figure))
    assert said(by_capability({"name": (2, 2)})) == "The model passes all 2 cases"
    assert "No cases were run." in words(by_capability({"none": (0, 0)}))


def test_the_learning_curve_goes_by_size() -> None:
    figure = learning_curve([CurvePoint(2000, 0.6, 0.58, 0.62), CurvePoint(500, 0.4)], spread="min to max over 3 seeds")
    assert said(figure) == "From 500 to 2,000 labelled units macro-F1 goes from 0.400 to 0.600"
    assert {"500", "2,000", "stance · validation · bars: min to max over 3 seeds"} <= set(words(figure))
    assert said(learning_curve([CurvePoint(500, 0.4)])) == "With 500 labelled units macro-F1 is 0.400"
    assert "There are no points." in words(learning_curve([]))


def test_names_from_outside_cannot_break_a_picture() -> None:
    hostile = {"$\\frac{": (1, 2), "a\u202eb\x00\n": (1, 2), "新华社 \U0001f600": (1, 2), "y" * 300: (1, 2), "\ud800": (2, 2)}
    assert png(by_capability(hostile, about="$\\alpha$"))
    assert plain("a\u202eb\x00 c") == "a□b□ c"
    assert plain("$5") == r"\$5"
    assert len(plain("y" * 300)) == 34


def test_the_same_figures_give_the_same_bytes_whatever_the_users_style() -> None:
    first = [png(draw(CASES["usual"])) for draw in OF_UNITS.values()]
    with matplotlib.rc_context({"font.size": 20, "axes.facecolor": "black", "lines.linewidth": 9}):
        assert [png(draw(CASES["usual"])) for draw in OF_UNITS.values()] == first
        assert matplotlib.rcParams["font.size"] == 20
    text = Image.open(io.BytesIO(first[0])).info
    assert text["Description"] == said(confusion(CASES["usual"]))
    assert not {"Software", "Creation Time", "date"} & set(text)


def test_pictures_need_no_global_state(root: Path) -> None:
    """The modules never import pyplot; another library in this process may have."""
    import subprocess

    code = "import sys, moscow_training.review.pictures, moscow_training.review.comparisons; print('matplotlib.pyplot' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=root)
    assert done.stdout.strip() == "False"
