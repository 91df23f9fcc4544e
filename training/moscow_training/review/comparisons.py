"""Pictures that compare: slices, settings of a search, capabilities of a behaviour suite, sizes of the training data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from moscow_stance.metrics import MIN_DOCUMENTS, MIN_PER_CLASS
from moscow_training.judged import Judged
from moscow_training.review.curves import wilson
from moscow_training.review.drawing import (
    BLUE,
    GREEN,
    INK,
    NO_UNITS,
    ORANGE,
    QUIET,
    VERMILLION,
    Row,
    card,
    described,
    dot_rows,
    house_style,
    key,
    nothing,
    plain,
)  # fmt: skip
from moscow_training.review.slices import Slice, slice_figures

LEAST_UNITS = 20
MOST_ROWS = 25
NOUNS = {"actors": "actor", "sources": "source"}


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """A score after so many labelled units; `lo` and `hi` are its spread or interval, None where there is none."""

    units: int
    score: float
    lo: float | None = None
    hi: float | None = None


@dataclass(frozen=True, slots=True)
class SearchPoint:
    """A setting of the hyper-parameters, in words, and its score."""

    setting: str
    score: float


@house_style()
def by_slice(judged: Judged, field: str, split: str = "validation", *, least: int = LEAST_UNITS, most: int = MOST_ROWS) -> Figure:
    """Draw macro-F1 of each actor or source (`field` "actors", "sources"), the best on top, with 95 % intervals over documents.

    Where a class has fewer than ten units accuracy stands in, in a group of its own, with a tick at what saying the commonest label
    always would reach; under ten documents the marker is hollow and there
    is no interval. Only slices of at least `least` units are drawn, and of these the `most` largest.
    """
    noun = NOUNS[field]
    if not len(judged.truth):
        return nothing(f"By {noun}, {judged.axis}", NO_UNITS)
    enough = slice_figures(judged, field, least=least)
    if not enough:
        return nothing(f"By {noun}, {judged.axis}", f"No {noun} has {least} units.")
    shown = sorted(enough[:most], key=lambda s: (s.macro_f1 is None, -s.score.value, s.value))
    first = [s for s in shown if s.macro_f1 is not None]
    second = [s for s in shown if s.macro_f1 is None]
    rows = [_slice_row(s) for s in first] + ([None] if first and second else []) + [_slice_row(s) for s in second]
    total = len(set(getattr(judged, field)))
    subtitle = f"{described(judged, split)}; the {len(shown)} of {total} {field} with at least {least} units"
    if len(enough) > len(shown):
        subtitle = f"{described(judged, split)}; the {len(shown)} largest of {total} {field}"
    figure = card(_range(max(first, second, key=len), noun, judged.axis), subtitle, height=1.9 + 0.235 * len(rows))
    axes = figure.add_subplot()
    dot_rows(axes, rows)
    axes.set_xlabel(" or ".join(dict.fromkeys(s.measure for s in shown)))
    handles = [key("macro-F1", line=True)] if first else []
    if second:
        handles.append(key(f"accuracy (a class has under {MIN_PER_CLASS} units)", colour=ORANGE, marker="s", line=True))
        handles.append(key("always the commonest label", colour=INK, marker="|"))
    if any(s.lo is None for s in shown):
        handles.append(key(f"under {MIN_DOCUMENTS} documents: no interval", colour=QUIET, hollow=True))
    figure.legend(handles=handles, loc="outside lower center", ncols=2 if len(handles) > 3 else len(handles))
    return figure


def _slice_row(one: Slice) -> Row:
    accuracy = one.macro_f1 is None
    note = f"{one.score.value:.2f} · n = {one.n:,}, {one.documents:,} doc."
    baseline = one.commonest if accuracy else None
    colour, marker = (ORANGE, "s") if accuracy else (BLUE, "o")
    return Row(one.value, one.score.value, one.lo, one.hi, note, colour, one.documents < MIN_DOCUMENTS, marker, baseline)


def _range(slices: Sequence[Slice], noun: str, axis: str) -> str:
    best, worst, measure = slices[0], slices[-1], slices[0].measure
    if len(slices) == 1:
        return f"{measure[0].upper()}{measure[1:]} of {axis} is {best.score.value:.2f} for {plain(best.value)}"
    ends = f"{worst.score.value:.2f} ({plain(worst.value)}) to {best.score.value:.2f} ({plain(best.value)})"
    return f"By {noun}, {measure} of {axis} goes from {ends}"


@house_style()
def search(points: Sequence[SearchPoint], axis: str = "stance", split: str = "validation", *, measure: str = "macro-F1") -> Figure:
    """Draw the score of each setting of a search, the best on top and marked; of very many the best ones only."""
    if not points:
        return nothing(f"Search, {axis}", "No settings were tried.")
    ranked = sorted(points, key=lambda p: -p.score)
    shown = ranked[:MOST_ROWS]
    rows = [
        Row(p.setting, p.score, note=f"{p.score:.3f}", colour=VERMILLION if i == 0 else BLUE, marker="D" if i == 0 else "o")
        for i, p in enumerate(shown)
    ]
    spread = f"; the {len(points)} settings lie within {(ranked[0].score - ranked[-1].score) * 100:.1f} points" if len(points) > 1 else ""
    subtitle = f"{axis} · chosen by {measure} on {split}, so the winner's score is a little too good"
    if len(shown) < len(points):
        subtitle += f"; the best {len(shown)} are shown"
    title = f"{plain(ranked[0].setting, 60)} scores best, {ranked[0].score:.3f}{spread}"
    figure = card(title, subtitle, height=1.6 + 0.225 * len(rows))
    axes = figure.add_subplot()
    dot_rows(axes, rows, to_one=False)
    axes.margins(x=0.08)
    axes.set_xlabel(measure)
    return figure


@house_style()
def by_capability(results: Mapping[str, tuple[int, int]], about: str = "behaviour suite") -> Figure:
    """Draw the share of passed cases per capability, the weakest on top, with Wilson's 95 % intervals.

    `results` maps a capability to (passed, total); one without cases is left out and named below the title. Raises ValueError where
    more passed than there are.
    """
    found = {name: wilson(passed, total) for name, (passed, total) in results.items() if total}
    without = [name for name, (_, total) in results.items() if not total]
    if not found:
        return nothing("Behaviour by capability", "No cases were run.")
    rows = [
        Row(name, share.value, share.lo, share.hi, f"{results[name][0]:,} of {results[name][1]:,}", GREEN)
        for name, share in sorted(found.items(), key=lambda item: (item[1].value, item[0]))
    ]
    passed, total = (sum(results[name][i] for name in found) for i in (0, 1))
    title = f"The model passes {passed:,} of {total:,} cases; weakest is {plain(rows[0].label, 50)} ({rows[0].value:.0%})"
    subtitle = f"{about} · {len(rows)} capabilities, n = {total:,} cases; Wilson's 95 % intervals"
    if without:
        subtitle += f"; without cases: {', '.join(without)}"
    if passed == total:
        title = f"The model passes all {total:,} cases"
    figure = card(title, subtitle, height=1.6 + 0.26 * len(rows))
    axes = figure.add_subplot()
    dot_rows(axes, rows)
    axes.set_xlabel("share of cases passed")
    return figure


@house_style()
def learning_curve(
    points: Sequence[CurvePoint], axis: str = "stance", split: str = "validation", *, measure: str = "macro-F1", spread: str = "min to max"
) -> Figure:
    """Draw a score by the number of labelled units, on a logarithmic scale; `spread` says what `lo` and `hi` are."""
    ordered = sorted((p for p in points if p.units > 0), key=lambda p: p.units)
    if not ordered:
        return nothing(f"Learning curve, {axis}", "There are no points.")
    first, last = ordered[0], ordered[-1]
    title = f"With {last.units:,} labelled units {measure} is {last.score:.3f}"
    if len(ordered) > 1:
        title = f"From {first.units:,} to {last.units:,} labelled units {measure} goes from {first.score:.3f} to {last.score:.3f}"
    figure = card(title, f"{axis} · {split} · bars: {spread}", height=4.0)
    axes = figure.add_subplot()
    axes.set_xscale("log")
    axes.plot([p.units for p in ordered], [p.score for p in ordered], color=BLUE, linewidth=1.6, marker="o", markersize=6)
    for p in ordered:
        if p.lo is not None and p.hi is not None:
            axes.plot([p.units] * 2, [p.lo, p.hi], color=BLUE, linewidth=1.8, alpha=0.75)
        axes.annotate(f"{p.score:.3f}", (p.units, p.score), xytext=(6, -11), textcoords="offset points", size=8, color=QUIET)
    axes.set_xticks([p.units for p in ordered], [f"{p.units:,}" for p in ordered])
    axes.minorticks_off()
    axes.margins(x=0.1, y=0.15)
    axes.set(xlabel="labelled units learned from (logarithmic)", ylabel=measure)
    return figure
