"""`stance doctor`: is everything in place?"""

import sys
from collections.abc import Callable

import typer

from moscow_labels.errors import StanceError
from moscow_stance.options import Model, Quiet, Root, TextsFolder, Verbose


def doctor(model: Model = None, root: Root = None, texts: TextsFolder = None, verbose: Verbose = 0, quiet: Quiet = False) -> None:
    """Check the installation: the model, the actors, the texts, and which extras are there. Exit code 4 without a model."""
    import platform
    from importlib.metadata import PackageNotFoundError, version

    from moscow_labels.texts import find_texts
    from moscow_stance.settings import find_root

    project = find_root(root)
    _line("python", f"{platform.python_version()} on {platform.machine()}", sys.version_info >= (3, 11))
    problem = _check("model", lambda: _model(model)) or _check("actors", _actors)
    _line("root", str(project), project.exists() or None)
    found = find_texts(texts, project)
    _line("texts", str(found.folder) if found else "none here; our own sentences and digests are used", True if found else None)
    for extra, package in {"train": "sentence-transformers", "mlflow": "mlflow"}.items():
        try:
            _line(extra, f"{package} {version(package)}", True)
        except PackageNotFoundError:
            _line(extra, f"{package} is not installed", None)
    if problem is not None:
        raise typer.Exit(problem.exit_code)


def _check(name: str, look: Callable[[], str]) -> StanceError | None:
    try:
        _line(name, look(), True)
    except StanceError as error:
        _line(name, str(error), False)
        return error
    return None


def _line(name: str, what: str, good: bool | None) -> None:
    from moscow_stance.terminal import printable

    mark = {True: "ok", False: "PROBLEM", None: "-"}[good]
    print(f"{mark:<8}{name:<9}{printable(what)}")


def _model(reference: str | None) -> str:
    from moscow_labels.records import Document
    from moscow_stance.model import load_model
    from moscow_stance.predicting import predict

    scorer = load_model(reference)
    found = predict(Document("doctor", "Minsk thanked Moscow for the loan."), scorer)
    return f"{scorer.info.reference}; says {found[0].actor} {found[0].stance} of a test sentence"


def _actors() -> str:
    from moscow_labels.lexicon import default_lexicon

    lexicon = default_lexicon()
    return f"{len(lexicon.actors) - 1} actors, {len(lexicon.terms):,} names"
