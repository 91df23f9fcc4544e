"""MLflow stores for tests: one database is migrated for everybody, every test gets a copy of it."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

_migrated: list[Path] = []


def fresh_store(folder: Path) -> str:
    """Return the address of an empty store of its own in `folder`, with its artifacts under `folder/artifacts`.

    The first call migrates a database beside `folder` (with pytest's `tmp_path`: below the base of this run), which takes
    seconds; later calls copy it.
    """
    template = _template(folder.parent)
    path = folder / "mlflow.db"
    with closing(sqlite3.connect(template)) as source, closing(sqlite3.connect(path)) as target:
        source.backup(target)
        target.execute("UPDATE experiments SET artifact_location = ?", ((folder / "artifacts" / "0").as_uri(),))
        target.commit()
    return f"sqlite:///{path}"


def _template(beside: Path) -> Path:
    if not _migrated or not _migrated[0].is_file():
        folder = beside / "migrated-store"
        folder.mkdir(exist_ok=True)
        migrate(folder / "mlflow.db")
        _migrated[:] = [folder / "mlflow.db"]
    return _migrated[0]


def migrate(path: Path) -> None:
    """Make MLflow's tables in a new database at `path`."""
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    import logging

    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    for name in ("mlflow", "alembic", "alembic.runtime.migration"):
        logging.getLogger(name).setLevel(logging.ERROR)
    SqlAlchemyStore(f"sqlite:///{path}", (path.parent / "artifacts").as_uri())
