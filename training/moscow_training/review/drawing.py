"""How every picture looks: a light card that stands on a dark page too, a sentence for a title, Okabe and Ito's colours.

Figures are made with matplotlib's objects, never through pyplot's global state, and the same figures give the same bytes.
"""

import io
import textwrap
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.lines import Line2D

from moscow_training.judged import Judged

CARD, INK, QUIET, LINE = "#fbfbf9", "#1c1c1c", "#5a5a5a", "#d9d9d4"
BLUE, ORANGE, GREEN, VERMILLION, SKY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9"
WIDTH = 7.0
FONT = "DejaVu Sans"
STYLE: Any = {
    "figure.dpi": 200,
    "savefig.dpi": "figure",
    "font.family": FONT,
    "font.size": 9,
    "text.color": INK,
    "axes.facecolor": CARD,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": LINE,
    "grid.linewidth": 0.6,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
    "legend.fontsize": 8,
}
NO_UNITS = "There are no units to judge."
TITLE_SIZE, SUBTITLE_SIZE = 11.5, 8.5
CHARACTERS_PER_INCH = 10.4
"""Of a title, in bold type of this size."""


@contextmanager
def house_style() -> Iterator[None]:
    """Draw in our style whatever a user's matplotlibrc says; afterwards theirs holds again."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(STYLE)
        yield


def card(title: str, subtitle: str, *, height: float = 4.6, width: float = WIDTH) -> Figure:
    """Return an empty picture with a title (`said` gives it back) and a subtitle. Sizes in inches."""
    figure = Figure(figsize=(width, height), dpi=STYLE["figure.dpi"], facecolor=CARD)
    FigureCanvasAgg(figure)
    figure.set_label(title)
    lines = textwrap.wrap(title, int((width - 0.3) * CHARACTERS_PER_INCH)) or [""]
    small = textwrap.wrap(subtitle, int((width - 0.3) * CHARACTERS_PER_INCH * 1.45)) or [""]
    step, small_step = TITLE_SIZE * 1.32 / 72, SUBTITLE_SIZE * 1.35 / 72
    top = 0.14
    for text, size, weight, colour, down in (
        *((line, TITLE_SIZE, "bold", INK, step) for line in lines),
        *((line, SUBTITLE_SIZE, "normal", QUIET, small_step) for line in small),
    ):
        figure.text(0.15 / width, 1 - top / height, plain(text, 200), size=size, weight=weight, color=colour, va="top")
        top += down
    figure.set_layout_engine("constrained", rect=(0, 0, 1, 1 - (top + 0.06) / height), w_pad=0.1, h_pad=0.08)
    return figure


def nothing(title: str, why: str) -> Figure:
    """Return a small picture that says why there is nothing to see."""
    figure = card(title, "", height=1.5)
    figure.text(0.15 / WIDTH, 0.35, plain(why, 200), size=10, color=QUIET, va="center")
    return figure


def described(judged: Judged, split: str) -> str:
    """Return a subtitle: axis, split, and how many units of how many documents."""
    return f"{judged.axis} · {split} · n = {len(judged.truth):,} units of {len(set(judged.documents)):,} documents"


def said(figure: Figure) -> str:
    """Return a picture's title: what one sees in it, in a sentence; good for a caption too."""
    return " ".join(str(figure.get_label()).split())


def png(figure: Figure) -> bytes:
    """Return a figure as PNG: twice the usual resolution, its title as description, neither date nor version inside."""
    file = io.BytesIO()
    with house_style():
        figure.savefig(file, format="png", facecolor=CARD, metadata={"Software": None, "Description": said(figure)})
    return file.getvalue()


def plain(text: str, limit: int = 34) -> str:
    """Return a text that is safe to draw: one line of at most so many characters, no formulas, nothing that the font lacks."""
    one_line = " ".join(text.split())
    drawn = "".join(c if _drawable(c) else "\N{WHITE SQUARE}" for c in one_line)
    cut = drawn if len(drawn) <= limit else f"{drawn[: limit - 1]}…"
    return cut.replace("$", r"\$")


@cache
def _drawable(character: str) -> bool:
    """Whether the font has the character and it is neither a control nor a mark that turns the direction of writing."""
    if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn"):
        return False
    return get_font(findfont(FontProperties(family=FONT))).get_char_index(ord(character)) != 0


@dataclass(frozen=True, slots=True)
class Row:
    """A dot on a line of its own: what it is, its value and interval, a note at the right-hand side, how it is marked, a tick."""

    label: str
    value: float
    lo: float | None = None
    hi: float | None = None
    note: str = ""
    colour: str = BLUE
    hollow: bool = False
    marker: str = "o"
    baseline: float | None = None


def dot_rows(axes: Axes, rows: Sequence[Row | None], *, to_one: bool = True) -> None:
    """Draw rows from top to bottom, None leaving a gap; `to_one` fixes the scale to shares from 0 to 1."""
    for y, row in enumerate(rows):
        if row is None:
            continue
        if row.lo is not None and row.hi is not None:
            axes.plot([row.lo, row.hi], [y, y], color=row.colour, linewidth=1.8, solid_capstyle="butt", alpha=0.75)
        if row.baseline is not None:
            axes.plot([row.baseline], [y], "|", color=INK, markersize=11, markeredgewidth=1.6)
        face = CARD if row.hollow else row.colour
        axes.plot([row.value], [y], row.marker, color=row.colour, markerfacecolor=face, markersize=6, markeredgewidth=1.4)
        axes.annotate(
            plain(row.note, 60), (1.01, y), xycoords=("axes fraction", "data"), va="center", size=8, color=QUIET, annotation_clip=False
        )
    axes.set_yticks([y for y, row in enumerate(rows) if row is not None], [plain(row.label, 46) for row in rows if row is not None])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    if to_one:
        axes.set_xlim(-0.02, 1.02)


def key(label: str, *, colour: str = BLUE, marker: str = "o", hollow: bool = False, line: bool = False) -> Line2D:
    """Return an entry of a legend."""
    face = CARD if hollow else colour
    return Line2D(
        [], [], color=colour, marker=marker, markerfacecolor=face, markersize=6, linewidth=1.8 if line else 0, label=plain(label, 90)
    )
