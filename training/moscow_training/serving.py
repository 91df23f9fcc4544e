"""The serving flavour: what `mlflow.pyfunc.load_model` and `mlflow models serve` run. MLflow stores this file as it stands, no pickle.

A row is a sentence and an actor (a code as in the lexicon, or a name); the answer is its stance and sentiment with probabilities. The
model itself is read by `reference.py`, with the same checks and allow-list as everywhere.
"""

from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
from mlflow.exceptions import MlflowException
from mlflow.models import set_model


class StanceModel(mlflow.pyfunc.PythonModel):  # type: ignore[misc,name-defined]
    """Scores (sentence, actor) rows with the reference form."""

    def load_context(self, context: Any) -> None:
        """Read the reference form that lies beside this file."""
        from moscow_training.reference import ReferenceScorer

        self._scorer = ReferenceScorer(Path(context.artifacts["reference"]))

    def predict(  # pyright: ignore[reportIncompatibleMethodOverride] - the base class has nothing to return
        self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None
    ) -> pd.DataFrame:
        """Return a row of labels and probabilities for each row of `model_input`, in order.

        Columns: `sentence`, `actor`; if known `mention_start` and `mention_end` (character offsets of the actor's name), `prev` (the
        text before), `published` (ISO date). Raises MlflowException (a 400 when served) that names the row for an empty field and for
        offsets outside the sentence.
        """
        from moscow_labels.errors import LabelError
        from moscow_training.serving_rows import answer, located_units

        try:
            units, located = located_units(model_input)
        except LabelError as error:
            raise MlflowException.invalid_parameter_value(str(error)) from error
        return pd.DataFrame.from_records(answer(units, located, self._scorer), index=model_input.index)


set_model(StanceModel())
