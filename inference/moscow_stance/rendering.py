"""Predictions on a terminal: a table of units, a summary per actor; or streams for other programs."""

import csv
import sys
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from moscow_labels.lexicon import default_lexicon
from moscow_labels.records import Document
from moscow_stance.predictions import Prediction
from moscow_stance.summary import ActorSummary, summarise
from moscow_stance.terminal import printable, shorten, stdout
from moscow_stance.writing.records import CSV_COLUMNS, to_json, to_row

COLOURS = {"supportive": "red", "hedging": "cyan", "neutral": "", "mixed": "magenta", "negative": "red", "positive": "green"}
_ACTOR, _STANCE, _SENTIMENT = 16, 16, 9
_NARROW = 60


def stream(predictions: Sequence[Prediction], form: str) -> None:
    """Write predictions to stdout as "jsonl", "json" (one array) or "csv"."""
    out = sys.stdout
    if form == "jsonl":
        out.writelines(to_json(p) + "\n" for p in predictions)
    elif form == "json":
        out.write("[\n" + ",\n".join(to_json(p) for p in predictions) + "\n]\n")
    else:
        rows = csv.DictWriter(out, CSV_COLUMNS, restval="", lineterminator="\n")
        rows.writeheader()
        rows.writerows(to_row(p) for p in predictions)
    out.flush()


def tables(results: Iterable[tuple[Document, list[Prediction]]]) -> None:
    """Show each document as a table of its units and a summary per actor."""
    console = stdout()
    for document, predictions in results:
        title = document.title or document.source
        console.print(Text(shorten(title, console.width), style="bold"))
        if predictions:
            console.print(_units(predictions, console))
            console.print(_summary(summarise(predictions), console))
            console.print(Text(_legend(predictions), style="dim"))
        console.print()


def _units(predictions: Sequence[Prediction], console: Console) -> Table:
    table = _table()
    width = max(20, console.width - _ACTOR - _STANCE - _SENTIMENT - 6)
    table.add_column("sentence", width=width, no_wrap=True)
    table.add_column("actor", width=_ACTOR, no_wrap=True)
    table.add_column("stance", width=_STANCE, no_wrap=True)
    table.add_column("sentiment", width=_SENTIMENT, no_wrap=True)
    last = None
    for p in predictions:
        shown = "" if p.sentence_no == last else shorten(p.sentence, width)
        last = p.sentence_no
        table.add_row(Text(shown), Text(actor_name(p.actor, _ACTOR)), _stance(p), _sentiment(p))
    return table


def _summary(actors: Sequence[ActorSummary], console: Console) -> Table:
    table = _table()
    table.add_column("actor", no_wrap=True, max_width=24)
    for name in ("sent.", "supp.", "neutr.", "hedg.", "unsure"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("lean", justify="right", no_wrap=True)
    table.add_column("side", no_wrap=True)
    for a in actors:
        counts = (a.sentences, a.supportive, a.neutral, a.hedging, a.unsure)
        cells = [actor_name(a.actor, 24), *map(str, counts), f"{a.lean:+.2f}"]
        table.add_row(*map(Text, cells), Text(a.side, style=COLOURS[a.side]))
    return table


def _table() -> Table:
    return Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold", show_edge=False)


def _stance(p: Prediction) -> Text:
    mark = "?" if p.abstained else ""
    return Text(f"{p.stance} {p.stance_p[p.stance]:.2f}{mark}", style="dim" if p.abstained else COLOURS[p.stance])


def _sentiment(p: Prediction) -> Text:
    mark = "?" if p.sentiment_abstained else ""
    return Text(f"{p.sentiment}{mark}", style="dim" if p.sentiment_abstained else COLOURS.get(p.sentiment, ""))


def _legend(predictions: Sequence[Prediction]) -> str:
    return f"? not sure enough    lean: from +1 supportive of Moscow to -1 hedging\nmodel {printable(predictions[0].model)}"


def actor_name(code: str, width: int) -> str:
    """Return the English name of an actor's code where it fits into `width` cells, else the code itself."""
    actor = default_lexicon().actors.get(code)
    return actor.name if actor and len(actor.name) <= width else code
