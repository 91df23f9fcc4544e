"""Log a trained model to the active run: reference form, serving code, signature, input example and requirements. No pickle.

MLflow copies `serving.py` as text, together with the packages' code that it needs, so that the model loads in an environment with
nothing but the declared requirements.
"""

import shutil
import tempfile
from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

from moscow_training.encoder import Encoder
from moscow_training.reference import TUNED, Reference, save_reference
from moscow_training.registry import MODEL
from moscow_training.serving_rows import EXAMPLE, signature
from moscow_training.weights import PACKAGE

CODE = ("moscow_labels", "moscow_stance", "moscow_training")
LEFT_OUT = ("__pycache__", "*.pyc", "model", "benchmarks", "bench.py", "commands", "commands.py")
"""Of the packages' files, what serving never reads: the shipped model, the command line, benchmarks."""
NEEDED = (
    "ahocorasick_rs",
    "mlflow",
    "numpy",
    "pandas",
    "pydantic",
    "scikit-learn",
    "sentence-transformers",
    "skops",
    "syntok",
    "torch",
)


def log_model(encoder: Encoder, heads: Mapping[str, Any], reference: Reference) -> str:
    """Log the model to the active run and return its address."""
    import pandas as pd
    from mlflow import pyfunc

    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        save_reference(folder / "reference", dict(heads), reference, encoder)
        code = [str(_staged(name, folder / "code")) for name in CODE]
        logged = pyfunc.log_model(
            name=MODEL,
            python_model=str(Path(__file__).with_name("serving.py")),
            artifacts={"reference": str(folder / "reference")},
            code_paths=code,
            signature=signature(),
            input_example=pd.DataFrame([EXAMPLE]),
            pip_requirements=requirements(reference),
        )
    return str(logged.model_uri)


def requirements(reference: Reference) -> list[str]:
    """Return what the serving flavour needs, pinned to the versions that trained it."""
    needed = [*NEEDED, *([] if reference.encoder == TUNED else [PACKAGE])]
    return [f"{name}=={version(name).partition('+')[0]}" for name in needed]


def _staged(package: str, folder: Path) -> Path:
    """Copy a package's code to `folder`, without what serving never reads."""
    source = Path(str(import_module(package).__file__)).parent
    return Path(shutil.copytree(source, folder / package, ignore=shutil.ignore_patterns(*LEFT_OUT)))
