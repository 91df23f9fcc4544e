"""The commands that training adds to `stance`: train, reproduce, promote, ui."""

from pathlib import Path
from typing import Annotated

import typer

from moscow_stance.options import Quiet, Root, TextsFolder, Verbose

TrackingUri = Annotated[
    str | None,
    typer.Option("--tracking-uri", metavar="URI", help="An MLflow store or server (else MLFLOW_TRACKING_URI, else this project's)."),
]
Seed = Annotated[int, typer.Option("--seed", help="Seed of everything that draws lots.")]


def train(
    encoder: Annotated[
        str, typer.Option("--encoder", metavar="NAME", help="A sentence-transformers name or folder; safetensors only.")
    ] = "",
    epochs: Annotated[int, typer.Option("--epochs", min=0, help="Fine-tune the encoder for so many passes; 0 leaves it as it is.")] = 0,
    school: Annotated[
        str, typer.Option("--school", metavar="NAMES", help='Before that, one pass over public data: "dse", "news" or "dse+news".')
    ] = "",
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Any other setting of a recipe, as a run's parameters name it.")
    ] = None,
    seeds: Annotated[int, typer.Option("--seeds", min=1, help="Train so many seeds, nested under one parent run.")] = 1,
    folds: Annotated[
        str,
        typer.Option(
            "--folds",
            metavar="KIND",
            help="Judge the recipe on what it has not seen instead (needs the texts): leave-actors-out, leave-source-out, forward-in-time "
            "or all. A tuned encoder is tuned anew for each fold.",
        ),
    ] = "",
    quick: Annotated[bool, typer.Option("--quick", help="Try one setting of the heads, on at most 3,000 real units.")] = False,
    experiment: Annotated[str, typer.Option("--experiment", metavar="NAME", help="MLflow experiment of a single run.")] = "stance",
    threads: Annotated[int, typer.Option("--threads", min=0, help="Threads of torch; 0 leaves it to torch.")] = 0,
    seed: Seed = 1,
    root: Root = None,
    texts: TextsFolder = None,
    tracking_uri: TrackingUri = None,
    verbose: Verbose = 0,
    quiet: Quiet = False,
) -> None:
    """Train a model: one tracked MLflow run. Prints the run id and its figures on validation."""
    from moscow_stance.settings import find_root
    from moscow_training.fold_study import folds_study
    from moscow_training.recipe import Recipe, adjusted
    from moscow_training.studies import seeds_study
    from moscow_training.tracking import train_run
    from moscow_training.weights import DEFAULT_ENCODER

    recipe = adjusted(Recipe(encoder or DEFAULT_ENCODER, seed, epochs, school, threads, quick), settings or [])
    place = find_root(root)
    if folds:
        folds_study(place, recipe, folds, texts=texts, tracking_uri=tracking_uri)
    elif seeds > 1:
        seeds_study(place, recipe, seeds, texts=texts, tracking_uri=tracking_uri)
    else:
        train_run(place, recipe, texts=texts, tracking_uri=tracking_uri, experiment=experiment)


def reproduce(
    run: Annotated[str, typer.Argument(metavar="RUN", help="The id of a run that `stance train` made.")],
    root: Root = None,
    texts: TextsFolder = None,
    tracking_uri: TrackingUri = None,
    verbose: Verbose = 0,
    quiet: Quiet = False,
) -> None:
    """Train an earlier run again from what it recorded, without caches, and report every metric that differs."""
    from moscow_stance.settings import find_root
    from moscow_training.reproduction import reproduce_run

    reproduce_run(find_root(root), run, texts=texts, tracking_uri=tracking_uri)


def promote(
    run: Annotated[str, typer.Argument(metavar="RUN", help="The id of a run that `stance train` made.")] = "",
    to_version: Annotated[
        str, typer.Option("--to-version", metavar="N", help="Roll back: make this registered version the champion again.")
    ] = "",
    force: Annotated[bool, typer.Option("--force", help="Promote what the gate refuses; that is recorded.")] = False,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Where the shipped form goes; else into this checkout's package.")
    ] = None,
    root: Root = None,
    texts: TextsFolder = None,
    tracking_uri: TrackingUri = None,
    verbose: Verbose = 0,
    quiet: Quiet = False,
) -> None:
    """Make a run's model the champion, if the gate lets it through: compared with the champion on validation and in speed.

    What passes is scored once on the test split, registered and written in the form that ships. What is significantly worse is
    refused, with the reason, and stays `challenger`.
    """
    from moscow_labels.errors import UsageError
    from moscow_stance.settings import find_root
    from moscow_training.promotion import promote_run

    if bool(run) == bool(to_version):
        raise UsageError("name either a RUN to promote or --to-version N to roll back to")
    promote_run(find_root(root), run, texts=texts, tracking_uri=tracking_uri, out=out, force=force, to_version=to_version)


def ui(
    port: Annotated[int, typer.Option("--port", help="Port on the loopback address; 0 takes a free one.")] = 0,
    root: Root = None,
    tracking_uri: TrackingUri = None,
    verbose: Verbose = 0,
    quiet: Quiet = False,
) -> None:
    """Open MLflow's UI on this project's store, on the loopback address only. Ctrl-C stops it."""
    from moscow_stance.settings import find_root
    from moscow_training.ui import serve_ui

    serve_ui(find_root(root), port=port, tracking_uri=tracking_uri)
