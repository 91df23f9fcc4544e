"""Where the project stands and what is set: flags > STANCE_* > stance.toml."""

import os
import tomllib
from pathlib import Path
from typing import Any

from moscow_labels.errors import UsageError

ROOT_VARIABLE = "STANCE_ROOT"
FILE = "stance.toml"


def find_root(given: Path | None = None) -> Path:
    """Return the project's root: `given`, STANCE_ROOT, the nearest parent that holds this project, else the user's data folder."""
    if given is not None:
        return given.absolute()
    if named := os.environ.get(ROOT_VARIABLE):
        return Path(named).absolute()
    here = Path.cwd()
    for folder in (here, *here.parents):
        if is_root(folder):
            return folder
    import platformdirs

    return Path(platformdirs.user_data_dir("moscow-stance"))


def is_root(folder: Path) -> bool:
    """Whether `folder` is a checkout of this project."""
    return (folder / "labels" / "moscow_labels").is_dir() and (folder / "pyproject.toml").is_file()


def file_defaults(commands: list[str]) -> dict[str, Any]:
    """Return the defaults that `stance.toml` (here, else in the root) gives each command.

    Keys at the top hold for every command, those in a table for the command of that name. Raises UsageError for a broken file.
    """
    path = next((p for p in (Path.cwd() / FILE, find_root() / FILE) if p.is_file()), None)
    if path is None:
        return {}
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: {error}; correct the file or remove it") from error
    shared = {k.replace("-", "_"): v for k, v in data.items() if not isinstance(v, dict)}
    tables = {k: {n.replace("-", "_"): v for n, v in t.items()} for k, t in data.items() if isinstance(t, dict)}
    return {command: {**shared, **tables.get(command, {})} for command in commands}
