"""`stance label`: one or a few articles, at a terminal."""

from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum
from typing import Annotated

import typer

from moscow_labels.errors import StanceError, UsageError
from moscow_labels.records import Document
from moscow_stance.options import Model, Quiet, Speaker, Verbose
from moscow_stance.predictions import Prediction
from moscow_stance.talk import talk


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
    verbose: Verbose = 0,
    quiet: Quiet = False,
) -> None:
    """Label articles: every actor's stance toward Moscow and the text's sentiment toward it, sentence by sentence."""
    from moscow_stance.labelling import label_document
    from moscow_stance.model import load_model

    known_speaker(speaker)
    scorer = load_model(model)
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


def _read(source: str, speaker: str, published: str) -> Document:
    from moscow_stance.reading import read_article

    document = read_article(source, warn=talk.warn)
    return replace(document, speaker=speaker or document.speaker, published=published or document.published)


def known_speaker(speaker: str) -> None:
    """Raise UsageError for a speaker that the lexicon does not know."""
    from moscow_labels.lexicon import default_lexicon

    if speaker and default_lexicon().code_of(speaker) is None:
        raise UsageError(f"--speaker {speaker}: not an actor of the lexicon; give a code (ARM) or a name (Armenia)")


def _show(results: Iterable[tuple[Document, list[Prediction]]], form: Format) -> None:
    from moscow_stance import rendering

    if form is Format.table:
        rendering.tables(results)
    else:
        rendering.stream([p for _, rows in results for p in rows], form.value)
