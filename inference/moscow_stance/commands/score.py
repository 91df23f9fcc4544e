"""`stance score`: many documents, unattended."""

from pathlib import Path
from typing import Annotated

import typer

from moscow_labels.errors import StanceError
from moscow_stance.options import Model, Quiet, Speaker, Threads, Verbose
from moscow_stance.talk import talk


def score(
    sources: Annotated[
        list[str], typer.Argument(metavar="SOURCE...", help="JSONL, CSV, a folder of .txt and .html, RSS or Atom (file or address).")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="PATH", help="Where to write: .jsonl, .csv or .parquet (a folder of parts).")],
    model: Model = None,
    speaker: Speaker = "",
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an output that exists.")] = False,
    threads: Threads = 0,
    verbose: Verbose = 0,
    quiet: Quiet = False,
) -> None:
    """Score batches of documents. A bad document is reported and the others go on (exit code 3 at the end)."""
    from moscow_stance.commands.label import known_speaker
    from moscow_stance.model import load_model
    from moscow_stance.progress import Progress
    from moscow_stance.scoring import Counts, score_items
    from moscow_stance.writing import open_writer

    known_speaker(speaker)
    writer = open_writer(out, overwrite=overwrite)
    scorer = load_model(model, threads=threads)
    counts = Counts()
    with Progress() as progress, writer:
        for source in sources:
            try:
                score_items(progress.watch(source), scorer, writer, counts, speaker=speaker)
            except StanceError as error:
                talk.error(str(error))
                counts.failed += 1
                counts.code = counts.code or error.exit_code
    talk.warn(f"{counts} -> {out}")
    if counts.failed:
        raise typer.Exit(counts.code if len(sources) == 1 and counts.code else 3)
