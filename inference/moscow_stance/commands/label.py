"""`stance label`: one or a few articles, at a terminal."""

from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from moscow_labels.errors import StanceError, UsageError
from moscow_labels.records import Document
from moscow_stance.options import Model, Quiet, Speaker, Threads, Verbose
from moscow_stance.talk import talk

if TYPE_CHECKING:
    from moscow_stance.contract import Scorer
    from moscow_stance.predictions import Prediction


class Format(StrEnum):
    """Forms of output."""

    table = "table"
    jsonl = "jsonl"
    json = "json"
    csv = "csv"


def label(
    sources: Annotated[list[str], typer.Argument(metavar="[FILE|URL|-]...", help="Texts, HTML pages, addresses, or - for standard input.")],
    form: Annotated[Format, typer.Option("--format", "-f", envvar="STANCE_FORMAT", help="How to show the result.")] = Format.table,
    model: Model = None,
    speaker: Speaker = "",
    published: Annotated[str, typer.Option(metavar="DATE", help="When the text appeared (2022 or 2022-11-23): tells leaders apart.")] = "",
    threads: Threads = 0,
    verbose: Verbose = 0,
    quiet: Quiet = False,
) -> None:
    """Label articles: every actor's stance toward Moscow and the text's sentiment toward it, sentence by sentence."""
    from moscow_stance.labelling import label_document

    known_speaker(speaker)
    scorer = _load(model, threads)
    results: list[tuple[Document, list[Prediction]]] = []
    code = 0
    for source in sources:
        try:
            document = _read(source, speaker, published)
            predictions = label_document(document, scorer, where=source, warn=talk.warn)
        except StanceError as error:
            if len(sources) == 1:
                raise
            talk.error(str(error))
            code = max(code, error.exit_code) if code else error.exit_code
            continue
        results.append((document, predictions))
    _show(results, form)
    if code:
        raise typer.Exit(code if len(sources) == 1 else 3)


def _load(model: str | None, threads: int) -> "Scorer":
    """Load the model while the names of the actors are read: each takes a fifth of a second, and neither needs the other."""
    from concurrent.futures import ThreadPoolExecutor

    from moscow_labels.matching import default_matcher
    from moscow_stance.model import load_model

    with ThreadPoolExecutor(1) as beside:
        loading = beside.submit(load_model, model, threads=threads)
        default_matcher()
        return loading.result()


def _read(source: str, speaker: str, published: str) -> Document:
    from moscow_stance.reading import read_article

    document = read_article(source, warn=talk.warn)
    return replace(document, speaker=speaker or document.speaker, published=published or document.published)


def known_speaker(speaker: str) -> None:
    """Raise UsageError for a speaker that the lexicon does not know."""
    from moscow_labels.lexicon import default_lexicon

    if speaker and default_lexicon().code_of(speaker) is None:
        raise UsageError(f"--speaker {speaker}: not an actor of the lexicon; give a code (ARM) or a name (Armenia)")


def _show(results: "Iterable[tuple[Document, list[Prediction]]]", form: Format) -> None:
    from moscow_stance import rendering

    if form is Format.table:
        rendering.tables(results)
    else:
        rendering.stream([p for _, rows in results for p in rows], form.value)
