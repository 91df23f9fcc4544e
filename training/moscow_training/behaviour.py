"""A behaviour suite (Ribeiro et al. 2020, CheckList), where there is one: cases of one capability each, passed or not."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from moscow_labels.errors import LabelError
from moscow_labels.records import Unit
from moscow_stance.evaluation import Example, read_examples
from moscow_stance.metrics import Floats
from moscow_training.data import AXES

BEHAVIOUR = Path("labels/behaviour/suite.jsonl")
"""Rows as `stance evaluate` reads them, each with a `capability`; `doc` names the template that a case was made from."""

Stances = Callable[[Sequence[Unit]], Floats]
"""Units -> stance probabilities (n, 3)."""


def read_suite(root: Path) -> list[Example]:
    """Return the cases, none where there is no suite. Raises LabelError for a case without a capability."""
    path = root / BEHAVIOUR
    if not path.is_file():
        return []
    cases = read_examples(path)
    for number, case in enumerate(cases, 1):
        if not isinstance(case.record.get("capability"), str) or not case.record["capability"]:
            raise LabelError(f"{path}: case {number} has no capability; say what it tests")
    return cases


def passed(cases: Sequence[Example], stances: Stances) -> Floats:
    """Return 1 for each case whose likeliest stance is the wanted one, else 0; (n,)."""
    labels = [str(label) for label in AXES["stance"]]
    found = stances([c.unit for c in cases]).argmax(axis=1)
    return np.array([labels[i] == c.record["stance"] for i, c in zip(found, cases, strict=True)], dtype=np.float64)


def by_capability(cases: Sequence[Example], hits: Floats) -> Mapping[str, tuple[int, int]]:
    """Return capability -> cases passed, cases in all."""
    results: dict[str, tuple[int, int]] = {}
    for case, hit in zip(cases, hits, strict=True):
        good, total = results.get(case.record["capability"], (0, 0))
        results[case.record["capability"]] = (good + int(hit), total + 1)
    return dict(sorted(results.items()))
