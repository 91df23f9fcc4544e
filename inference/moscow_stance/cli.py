"""The `stance` command: commands live in `moscow_stance.commands`, one module each, and import heavy things only when they run."""

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer
from typer.exceptions import Abort, Exit, TyperException

from moscow_labels.errors import StanceError, UsageError
from moscow_stance import __version__
from moscow_stance.commands.doctor import doctor
from moscow_stance.commands.evaluate import evaluate
from moscow_stance.commands.label import label
from moscow_stance.commands.labels import labels
from moscow_stance.commands.score import score
from moscow_stance.settings import file_defaults
from moscow_stance.talk import talk

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

PLUGINS = "moscow_stance.commands"
"""Entry-point group: command name -> function. `moscow_training` adds train, promote and ui through it."""

INTERRUPTED = 130

app = typer.Typer(
    name="stance",
    help="Who leans toward Moscow, who hedges, and how sure can one be: stance and sentiment of every actor in news text.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(value: bool) -> None:
    if value:
        print(f"stance {__version__}")  # noqa: T201
        raise Exit


@app.callback()
def _global(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and stop.")] = False,
) -> None:
    pass


app.command()(label)
app.command()(score)
app.command()(evaluate)
app.command()(doctor)
app.add_typer(labels, name="labels")


def main() -> None:
    """Run the command line and leave with the contract's exit code."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code: 0 fine, 1 unexpected, 2 usage, 3 input, 4 model, 5 network, 130 interrupted."""
    try:
        _add_plugin(arguments)
        names = [c.name or c.callback.__name__ for c in app.registered_commands if c.callback]
        code = int(app(arguments, standalone_mode=False, default_map=file_defaults(names)) or 0)
        if code == INTERRUPTED:
            talk.error("interrupted")
        return code
    except Exit as stop:
        return stop.exit_code
    except (KeyboardInterrupt, Abort):
        talk.error("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        return _report(error)


def _report(error: Exception) -> int:
    if talk.level > 1:
        import traceback

        traceback.print_exc()
    if isinstance(error, StanceError):
        talk.error(str(error))
        return error.exit_code
    if isinstance(error, ModuleNotFoundError) and error.name and not error.name.startswith("moscow_"):
        talk.error(f'this needs {error.name}, which is not installed: pip install "moscow-stance[train]"')
        return UsageError.exit_code
    if isinstance(error, TyperException):
        talk.error(error.format_message())
        return UsageError.exit_code
    talk.error(f"unexpected {type(error).__name__}: {error}; run again with -vv to see where")
    return 1


def _add_plugin(arguments: list[str]) -> None:
    """Register the plug-in commands; only the one that is asked for is imported, so that the others cost nothing."""
    wanted = next((a for a in arguments if not a.startswith("-")), None)
    known = {c.name or (c.callback.__name__ if c.callback else "") for c in app.registered_commands}
    if wanted in known | {g.name for g in app.registered_groups} or arguments == ["--version"]:
        return
    from importlib.metadata import entry_points  # 30 ms that our own commands do not pay

    for entry in entry_points(group=PLUGINS):
        if entry.name in known:
            continue
        if entry.name == wanted:
            _load(entry)
        elif wanted is None:
            app.command(entry.name, help=_HELP.get(entry.name, f"From {entry.value.partition(':')[0]}."))(_placeholder)


_HELP = {
    "train": "Train a model: one tracked MLflow run. Needs the [train] extra.",
    "reproduce": "Train an earlier run again and report what differs. Needs the [train] extra.",
    "promote": "Make a run's model the champion and write its shipped form. Needs the [train] extra.",
    "ui": "Open MLflow's UI on this project's store. Needs the [train] extra.",
}


def _placeholder() -> None:
    """Stand in the list of commands without importing anything."""


def _load(entry: "EntryPoint") -> None:
    command = entry.load()
    if isinstance(command, typer.Typer):
        app.add_typer(command, name=entry.name)
    else:
        app.command(entry.name)(command)
