"""`stance labels agreement|sample|export|import|split`: coding by people, in this project's form and other tools'."""

import json
import random
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from moscow_labels.errors import InputError, UsageError
from moscow_stance.options import Quiet, Root, TextsFolder, Verbose

if TYPE_CHECKING:
    from moscow_labels.rows import LabelRow
    from moscow_labels.texts import Texts

HUMAN = "human"
AGREEMENT = Path("labels/agreement")


class Form(StrEnum):
    """Forms of other annotation tools."""

    label_studio = "label-studio"
    doccano = "doccano"
    csv = "csv"


def agreement(
    codings: Annotated[
        list[Path] | None, typer.Argument(metavar="[FIRST SECOND]", help="Two codings of the same units; without any, the project's.")
    ] = None,
    root: Root = None,
    verbose: Verbose = 0,
    quiet: Quiet = False,
) -> None:
    """Say how far coders agree: Krippendorff's alpha, Cohen's kappa, per class, with 95 % intervals over documents."""
    from moscow_labels.rows import read_rows
    from moscow_stance.settings import find_root

    if codings:
        if len(codings) != 2:
            raise UsageError("give two files, the first and the second coding, or none for the project's own")
        _report(f"{codings[0].name} and {codings[1].name}", read_rows(codings[0]), read_rows(codings[1]))
        return
    folder = find_root(root) / AGREEMENT
    first = read_rows(folder / "first.jsonl")
    people = sorted(folder.glob(f"{HUMAN}*.jsonl"))
    for path in (folder / "second.jsonl", folder / "masked.jsonl"):
        _report(f"first and {path.stem} coding", first, read_rows(path))
    for path in people:
        _report(f"the corpus and {path.stem}", read_rows(folder.parent / "corpus.jsonl"), read_rows(path))
    if not people:
        print("agreement with human coders: not measured (see `stance labels sample`)")


def _report(title: str, first: "list[LabelRow]", second: "list[LabelRow]") -> None:
    from moscow_labels.agreement import AXES, paired
    from moscow_labels.agreement import agreement as measure

    pairs = paired(first, second)
    print(f"{title}: {len(pairs)} units")
    for axis in AXES:
        found = measure(pairs, axis)
        print(f"  {axis} ({found.documents} documents)")
        for name, value in {"alpha": found.alpha, "kappa": found.kappa, "observed": found.observed, **found.per_class}.items():
            print(f"    {name:<11} {value}")
    print()


def sample(
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Where the sheet goes.")],
    units: Annotated[int, typer.Option("--units", min=1, help="How many units.")] = 300,
    form: Annotated[Form, typer.Option("--form", help="Form of the sheet.")] = Form.csv,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the draw.")] = 1,
    texts: TextsFolder = None,
    root: Root = None,
    verbose: Verbose = 0,
    quiet: Quiet = False,
) -> None:
    """Draw real units at random for human coders: sentence, what stood before, actor, and empty fields for their labels."""
    from moscow_labels.exchange import export_rows
    from moscow_labels.rows import read_rows
    from moscow_stance.settings import find_root

    project = find_root(root)
    source = _texts(texts, project)
    rows = read_rows(project / "labels" / "corpus.jsonl")
    if units > len(rows):
        raise UsageError(f"--units {units}: there are {len(rows)} real units")
    drawn = random.Random(seed).sample(rows, units)  # noqa: S311 - a sample, no secret
    _write(out, export_rows([source.hydrate(r) for r in drawn], form.value, blank=True))
    then = f"stance labels import {out} --form {form} --coder NAME --out labels/agreement/{HUMAN}.jsonl"
    print(f"{units} units -> {out}; when they are coded: {then}")


def export(
    file: Annotated[Path, typer.Argument(metavar="FILE.jsonl", help="Labelled rows.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Where to write.")],
    form: Annotated[Form, typer.Option("--form", help="The other tool's form.")] = Form.csv,
    texts: TextsFolder = None,
    root: Root = None,
    verbose: Verbose = 0,
    quiet: Quiet = False,
) -> None:
    """Write labelled rows for Label Studio, doccano or a spreadsheet, sentences included."""
    from moscow_labels.exchange import export_rows
    from moscow_labels.rows import read_rows
    from moscow_labels.texts import Hydrated
    from moscow_stance.settings import find_root

    rows = read_rows(file)
    needed = any(r.sentence is None for r in rows)
    source = _texts(texts, find_root(root)) if needed else None
    full = [source.hydrate(r) if source else Hydrated(r, r.sentence or "") for r in rows]
    _write(out, export_rows(full, form.value))
    print(f"{len(rows)} rows -> {out}")


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What the other tool gave back.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE.jsonl", help="Where the labelled rows go.")],
    form: Annotated[Form, typer.Option("--form", help="The file's form.")] = Form.csv,
    coder: Annotated[str, typer.Option("--coder", help="Who coded, where the file does not say.")] = "",
    batch: Annotated[str, typer.Option("--batch", help="Name of the batch.")] = "",
    verbose: Verbose = 0,
    quiet: Quiet = False,
) -> None:
    """Read labelled rows back from Label Studio, doccano or a spreadsheet; other people's sentences stay out."""
    from moscow_labels.exchange import import_rows
    from moscow_labels.rows import write_rows

    try:
        data = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{file}: cannot be read ({error}); check the path, save it as UTF-8") from error
    rows = import_rows(data, form.value, str(file), coder=coder, batch=batch)
    write_rows(out, rows)
    print(f"{len(rows)} rows -> {out}")


def split(texts: TextsFolder = None, root: Root = None, verbose: Verbose = 0, quiet: Quiet = False) -> None:
    """Give new documents a split; a document that has one keeps it. Near-duplicate documents stay together."""
    from moscow_labels.checking import label_files
    from moscow_labels.folds import FOLD_FILE, make_fold_file
    from moscow_labels.rows import read_rows
    from moscow_labels.splitting import SPLIT_FILE, make_splits, read_splits, write_splits
    from moscow_stance.settings import find_root

    project = find_root(root)
    source = _texts(texts, project)
    rows = [source.hydrate(r) for path in label_files(project) for r in read_rows(path) if r.source != "seeds"]
    path = project / SPLIT_FILE
    known = read_splits(path) if path.is_file() else {}
    documents = make_splits(rows, known=known)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_splits(path, documents, rows)
    folds = project / FOLD_FILE
    if not folds.is_file():  # frozen with the splits
        folds.write_text(json.dumps(make_fold_file([h.row for h in rows]), indent=1) + "\n", encoding="utf-8")
    print(f"{len(documents):,} documents ({len(documents.keys() - known.keys()):,} new) -> {path}")


def _texts(given: Path | None, root: Path) -> "Texts":
    from moscow_labels.texts import find_texts

    found = find_texts(given, root)
    if found is None:
        raise InputError("other people's texts are not here; name their folder with --texts")
    return found


def _write(path: Path, data: str) -> None:
    if not path.absolute().parent.is_dir():
        raise UsageError(f"{path}: the folder {path.parent} does not exist; make it first")
    path.write_text(data, encoding="utf-8")
