"""Pictures of judged units: confusion, reliability, accuracy against coverage. Each says in its title what one sees."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from moscow_stance import metrics
from moscow_stance.metrics import MIN_DOCUMENTS, accuracy, calibration_error, clusters, mean_with_interval, with_interval
from moscow_training.judged import Judged
from moscow_training.review import curves
from moscow_training.review.comparisons import by_slice
from moscow_training.review.curves import Bin, confidence, hits, reliability_bins
from moscow_training.review.drawing import BLUE, CARD, INK, NO_UNITS, QUIET, VERMILLION, card, described, house_style, key, nothing

FIRST_DRAWN = 10
"""Accuracy of fewer kept units than this jumps too much to be shown."""


def every_picture(judged_by_axis: Mapping[str, Judged], split: str = "validation") -> dict[str, Figure]:
    """Return the pictures of each axis by file name: "stance_confusion.png", "stance_by_actor.png"..."""
    found = {}
    for axis, judged in judged_by_axis.items():
        found[f"{axis}_confusion.png"] = confusion(judged, split)
        found[f"{axis}_reliability.png"] = reliability(judged, split)
        found[f"{axis}_risk_coverage.png"] = risk_coverage(judged, split)
        found[f"{axis}_by_actor.png"] = by_slice(judged, "actors", split)
        found[f"{axis}_by_source.png"] = by_slice(judged, "sources", split)
    return found


@house_style()
def confusion(judged: Judged, split: str = "validation") -> Figure:
    """Draw the 3 x 3 counts: rows are what the coder says, columns what the model says; shares are of the row."""
    n = len(judged.truth)
    if not n:
        return nothing(f"Confusion, {judged.axis}", NO_UNITS)
    labels = [str(label) for label in judged.labels]
    counts = metrics.confusion(judged.truth, judged.predicted)
    figure = card(_mistakes(counts, labels), described(judged, split), height=5.0, width=6.0)
    axes = figure.add_subplot()
    sizes = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, sizes, out=np.zeros(counts.shape), where=sizes > 0)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1.15, aspect="auto")
    for i, j in np.ndindex(*counts.shape):
        colour = "white" if shares[i, j] > 0.6 else INK
        axes.text(j, i - 0.08, f"{counts[i, j]:,}", ha="center", va="center", size=15, color=colour, weight="bold" if i == j else "normal")
        share = f"{shares[i, j]:.0%} of row" if sizes[i, 0] else "no units"
        axes.text(j, i + 0.2, share, ha="center", va="center", size=8.5, color=colour)
    axes.set_xticks(range(3), labels)
    axes.set_yticks(range(3), [f"{label}\nn = {size:,}" for label, size in zip(labels, sizes[:, 0], strict=True)])
    axes.set(xlabel="model says", ylabel="coder says")
    axes.grid(visible=False)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    return figure


def _mistakes(counts: metrics.Ints, labels: list[str]) -> str:
    """Return a sentence on how often the labels agree and which mistake is the commonest."""
    right, n = int(np.trace(counts)), int(counts.sum())
    wrong = counts * (1 - np.eye(len(labels), dtype=np.int64))
    said = f"Model and coder agree on {right / n:.0%} of the units"
    if not wrong.any():
        return said
    i, j = np.unravel_index(int(wrong.argmax()), wrong.shape)
    return f"{said}; the commonest mistake is {labels[j]} for {labels[i]} ({wrong[i, j]:,} of {n - right:,})"


@house_style()
def reliability(judged: Judged, split: str = "validation") -> Figure:
    """Draw how often units of like confidence are right, with 95 % intervals, over a histogram of the confidences."""
    bins = reliability_bins(judged)
    if not bins:
        return nothing(f"Reliability, {judged.axis}", NO_UNITS)
    sure, hit = confidence(judged), hits(judged)
    gap = float(sure.mean() - hit.mean())
    how = "as sure as it is right" if abs(gap) < 0.005 else f"{abs(gap) * 100:.1f} points {'surer' if gap > 0 else 'less sure'} than right"
    title = f"On average the model is {how} (ECE\N{NO-BREAK SPACE}{calibration_error(judged.truth, judged.p):.3f})"
    subtitle = f"{described(judged, split)}; {len(bins)} equal-mass bins here, 10 in the ECE, as in the metrics"
    figure = card(title, subtitle, height=5.6, width=6.0)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(4, 1))
    upper.plot([0, 1], [0, 1], color=QUIET, linewidth=1, linestyle="--")
    for one in bins:
        _draw_bin(upper, one)
    handles = [key("share right, with 95 % interval", line=True), key("as sure as right", colour=QUIET, marker="", line=True)]
    handles[1].set_linestyle("--")
    if any(b.accuracy.lo is None for b in bins):
        handles.append(key(f"under {MIN_DOCUMENTS} documents: no interval", hollow=True))
    upper.legend(handles=handles, loc="upper left")
    left = min(0.3, float(np.floor(sure.min() * 10) / 10))
    upper.set(ylabel="share that is right", xlim=(left, 1.01), ylim=(min(0.0, left), 1.02))
    lower.hist(sure, bins=np.linspace(left, 1, 36).tolist(), color=BLUE, alpha=0.75)
    lower.axvline(judged.threshold, color=VERMILLION, linewidth=1.4)
    lower.annotate("abstains below", (judged.threshold, 0.95), xycoords=("data", "axes fraction"), xytext=(-4, 0),
                   textcoords="offset points", ha="right", va="top", size=8, color=VERMILLION)  # fmt: skip
    lower.set(xlabel="probability of the likeliest label", ylabel="units")
    return figure


def _draw_bin(axes: Axes, one: Bin) -> None:
    value, lo, hi = one.accuracy.value, one.accuracy.lo, one.accuracy.hi
    if lo is not None and hi is not None:
        axes.plot([one.confidence] * 2, [lo, hi], color=BLUE, linewidth=1.8, alpha=0.75)
    axes.plot([one.confidence], [value], "o", color=BLUE, markerfacecolor=CARD if lo is None else BLUE, markersize=5.5)


@house_style()
def risk_coverage(judged: Judged, split: str = "validation") -> Figure:
    """Draw the accuracy of the surest units at each coverage with its 95 % band, and the threshold in use."""
    found = curves.risk_coverage(judged)
    if found is None:
        return nothing(f"Accuracy against coverage, {judged.axis}", NO_UNITS)
    n, sure, hit = len(judged.truth), confidence(judged), hits(judged)
    kept = sure >= judged.threshold
    right = float(hit[kept].mean()) if kept.any() else None
    figure = card(_kept(float(kept.mean()), right, found.aurc.value), described(judged, split))
    axes = figure.add_subplot()
    drawn = found.coverage * n >= min(FIRST_DRAWN, n)
    if found.lo is not None and found.hi is not None:
        axes.fill_between(found.coverage[drawn], found.lo[drawn], found.hi[drawn], color=BLUE, alpha=0.18, linewidth=0)
    axes.plot(found.coverage[drawn], found.accuracy[drawn], color=BLUE, linewidth=1.8, marker="o" if drawn.sum() == 1 else "")
    axes.axhline(float(hit.mean()), color=QUIET, linewidth=1, linestyle=":")
    handles = [key("accuracy of the surest units", marker="", line=True), key("accuracy of all units", colour=QUIET, marker="", line=True)]
    handles[1].set_linestyle(":")
    if found.lo is not None:
        handles.insert(1, key("95 % band over documents", colour="#cfe0ec", marker="s"))
    if right is not None:
        axes.plot([kept.mean()], [right], "D", color=VERMILLION, markersize=7, zorder=5)
        handles.append(key(_threshold(judged), colour=VERMILLION, marker="D"))
    axes.legend(handles=handles, loc="lower left")
    low = min(float(found.accuracy[drawn].min()), float(found.lo[drawn].min()) if found.lo is not None else 1.0, right or 1.0)
    axes.set(xlabel="coverage: share of the units kept, the surest first", ylabel="accuracy of the kept units")
    axes.set(xlim=(0, 1.015), ylim=(max(0.0, low - 0.15), 1.01))
    return figure


def _kept(share: float, right: float | None, area: float) -> str:
    """Return a sentence on what the threshold keeps and how good that is."""
    if right is None:
        return f"No unit reaches the threshold: the model abstains from all (AURC\N{NO-BREAK SPACE}{area:.3f})"
    return f"The model keeps {share:.0%} of the units and is right on {right:.0%} of those (AURC\N{NO-BREAK SPACE}{area:.3f})"


def _threshold(judged: Judged) -> str:
    """Return the threshold with the coverage and accuracy that it gives, with intervals."""
    groups, kept = clusters(judged.documents), confidence(judged) >= judged.threshold
    coverage = mean_with_interval(kept.astype(np.float64), groups)
    renumbered = np.unique(groups[kept], return_inverse=True)[1]
    right = with_interval(accuracy, judged.truth[kept], judged.predicted[kept], renumbered)
    return f"threshold {judged.threshold:.2f}: coverage {coverage}, accuracy {right}"
