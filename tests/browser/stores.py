"""What the browser tests look at: a store that `stance train` filled, with a champion and a challenger."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moscow_training.registry import CHALLENGER, CHAMPION, move_alias, register
from moscow_training.store import open_store
from tests.conftest import run_stance
from tests.training.conftest import make_checkout

EXPERIMENT = "stance"
PICTURE = "pictures/stance_confusion.png"
ERRORS = "errors.html"
CARD = "model_card.html"


@dataclass(frozen=True, slots=True)
class Filled:
    """A filled store. `runs` are the ids of two runs of `experiment`; the first is the champion's, the second the challenger's."""

    uri: str
    experiment: str
    runs: tuple[str, str]

    def client(self) -> Any:
        """Return MLflow's client of this store: the tests ask it what the pages have to show."""
        import mlflow

        return mlflow.MlflowClient(self.uri, self.uri)


def filled_store(folder: Path) -> Filled:
    """Train two models on our own sentences in a checkout of their own below `folder`, and register both."""
    root = make_checkout(folder)
    uri = f"sqlite:///{root / 'mlruns' / 'mlflow.db'}"
    runs = (_trained(root, "--quick"), _trained(root, "--quick", "--seed", "2"))
    mlflow = open_store(root, uri)
    for run, alias in zip(runs, (CHAMPION, CHALLENGER), strict=True):
        move_alias(mlflow, alias, register(mlflow, run))
    return Filled(uri, EXPERIMENT, runs)


def _trained(root: Path, *options: str) -> str:
    done = run_stance("train", "--root", root, *options, env={"STANCE_TEXTS": "", "PYTHONWARNINGS": ""})
    found = re.search(r"^run (\w{32})$", done.stdout, re.M)
    assert found, done.stderr
    return found.group(1)
