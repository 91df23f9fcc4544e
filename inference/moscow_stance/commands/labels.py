"""`stance labels`: look after the labelled data."""

import json
from pathlib import Path
from typing import Annotated

import typer

from moscow_labels.errors import InputError, LabelError
from moscow_stance.commands import coding
from moscow_stance.options import Quiet, Root, TextsFolder, Verbose

labels = typer.Typer(
    name="labels", help="Look after the labelled data: check it, join it to its texts, take it to coders and back.", no_args_is_help=True
)

labels.command()(coding.agreement)
labels.command()(coding.sample)
labels.command()(coding.export)
labels.command("import")(coding.import_)
labels.command()(coding.split)

Files = Annotated[list[Path] | None, typer.Argument(metavar="[FILE]...", help="Labelled JSONL; without any, all of the project's.")]


@labels.command()
def check(files: Files = None, texts: TextsFolder = None, root: Root = None, verbose: Verbose = 0, quiet: Quiet = False) -> None:
    """Check labelled rows: scheme, spans and hashes against the texts, actors, duplicates. Errors are file:line; exit code 3."""
    from moscow_labels.checking import check_files, label_files
    from moscow_labels.texts import find_texts
    from moscow_stance.settings import find_root
    from moscow_stance.talk import talk
    from moscow_stance.terminal import printable

    project = find_root(root)
    paths = files or label_files(project)
    if not paths:
        raise InputError(f"{project}: no labelled files here; name one, or run inside the project")
    report = check_files(paths, find_texts(texts, project))
    for error in report.errors:
        print(printable(error))
    if report.unproved:
        talk.warn(f"{report.unproved:,} rows stand in texts that are not here; name their folder with --texts to prove them")
    print(f"{report.rows:,} rows, {report.proved:,} proved against their text, {len(report.errors):,} errors")
    if report.errors:
        raise LabelError(f"{len(report.errors):,} errors in {len(paths)} files; see above")


@labels.command()
def hydrate(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder with seeds/ and corpus/ (here: ../shared).")],
    files: Annotated[list[Path] | None, typer.Option("--file", help="Labelled JSONL; without any, all of the project's.")] = None,
    root: Root = None,
    verbose: Verbose = 0,
    quiet: Quiet = False,
) -> None:
    """Join stand-off labels to their texts: JSON lines on stdout that `stance evaluate --data` reads."""
    from moscow_labels.checking import label_files
    from moscow_labels.rows import read_rows
    from moscow_labels.texts import find_texts
    from moscow_stance.settings import find_root

    texts = find_texts(folder)
    if texts is None:
        raise InputError(f"{folder}: holds no texts")
    for path in files or label_files(find_root(root)):
        for row in read_rows(path):
            full = texts.hydrate(row)
            start, end = row.mentions[0]
            record = {
                **row.model_dump(mode="json", exclude={"sentence", "mentions", "sha256"}),
                "sentence": full.sentence, "prev": full.prev, "speaker": full.speaker, "mention_start": start, "mention_end": end,
            }  # fmt: skip
            print(json.dumps(record, ensure_ascii=False))


@labels.command()
def figures(root: Root = None, verbose: Verbose = 0, quiet: Quiet = False) -> None:
    """Print the data sheet's figures as Markdown, counted anew."""
    from moscow_labels.figures import figures as count
    from moscow_stance.settings import find_root

    print(count(find_root(root)))
