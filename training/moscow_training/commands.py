"""The commands that training adds to `stance`: train, promote, ui."""

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
        bool, typer.Option("--school", help="Before that, one pass over public directed sentiment (needs the texts).")
    ] = False,
    experiment: Annotated[str, typer.Option("--experiment", metavar="NAME", help="MLflow experiment to log under.")] = "stance",
    seed: Seed = 1,
    root: Root = None,
    texts: TextsFolder = None,
    tracking_uri: TrackingUri = None,
    verbose: Verbose = 0,
    quiet: Quiet = False,
) -> None:
    """Train a model: one tracked MLflow run. Prints the run id and its figures on validation."""
    from moscow_stance.settings import find_root
    from moscow_training.tracking import Recipe, train_run
    from moscow_training.weights import DEFAULT_ENCODER

    recipe = Recipe(encoder or DEFAULT_ENCODER, seed, epochs, school)
    train_run(find_root(root), recipe, texts=texts, tracking_uri=tracking_uri, experiment=experiment)


def promote(
    run: Annotated[str, typer.Argument(metavar="RUN", help="The id of a run that `stance train` made.")],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Where the shipped form goes; else into this checkout's package.")
    ] = None,
    root: Root = None,
    texts: TextsFolder = None,
    tracking_uri: TrackingUri = None,
    verbose: Verbose = 0,
    quiet: Quiet = False,
) -> None:
    """Make a run's model the champion: score the test split once, register it, write the shipped form."""
    from moscow_stance.settings import find_root
    from moscow_training.promotion import promote_run

    promote_run(find_root(root), run, texts=texts, tracking_uri=tracking_uri, out=out)


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
