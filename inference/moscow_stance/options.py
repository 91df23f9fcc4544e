"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

from moscow_stance.talk import talk


def _louder(count: int) -> None:
    talk.level += count


def _quieter(value: bool) -> None:
    if value:
        talk.level = -1


Verbose = Annotated[int, typer.Option("-v", "--verbose", count=True, callback=_louder, help="Say more; twice shows tracebacks.")]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", callback=_quieter, help="Say nothing but errors.")]
Model = Annotated[
    str | None,
    typer.Option(
        "--model", metavar="REF", envvar="STANCE_MODEL", help="A model folder or models:/stance@champion; without it the shipped model."
    ),
]
Threads = Annotated[
    int,
    typer.Option("--threads", metavar="N", min=0, envvar="STANCE_THREADS", help="Sentences read at a time; 0: one per processor."),
]
Speaker = Annotated[
    str,
    typer.Option("--speaker", metavar="ACTOR", envvar="STANCE_SPEAKER", help='Who speaks (ARM, Armenia): "we" and "I" then stand for it.'),
]
Root = Annotated[Path | None, typer.Option("--root", metavar="DIR", help="The project's root (else STANCE_ROOT, else found from here).")]
TextsFolder = Annotated[
    Path | None, typer.Option("--texts", metavar="DIR", help="Where other people's texts are (else STANCE_TEXTS, else ../shared).")
]
