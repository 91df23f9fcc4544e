"""Make an earlier run again from what it recorded, and say what differs."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moscow_labels.errors import ModelError
from moscow_stance.talk import talk
from moscow_training.provenance import environment
from moscow_training.recipe import recipe_of
from moscow_training.store import open_store, use_experiment
from moscow_training.tracking import Workshop, open_workshop, tracked

COMPARED = ("validation_", "threshold_", "source_", "actor_")
"""What metrics that a reproduction must meet begin with; times and memory are not among them."""
EXPERIMENT = "reproduction"


@dataclass(frozen=True, slots=True)
class Reproduction:
    """`inputs` are what went in differently, in words; `metrics` maps each metric that differs to its old and new value."""

    original: str
    run: str
    compared: int
    inputs: list[str]
    metrics: Mapping[str, tuple[float, float]]

    @property
    def identical(self) -> bool:
        """Whether every metric came out the same to the last bit."""
        return not self.metrics

    @property
    def largest(self) -> float:
        """The largest difference, 0 where there is none."""
        return max((abs(new - old) for old, new in self.metrics.values()), default=0.0)

    def lines(self) -> list[str]:
        """Return what is printed of it."""
        if self.identical:
            return [f"run {self.run} reproduces {self.original}: all {self.compared} metrics are identical"]
        worst = sorted(self.metrics.items(), key=lambda item: -abs(item[1][1] - item[1][0]))
        shown = [f"  {name}: {old:.6f} then, {new:.6f} now" for name, (old, new) in worst[:10]]
        head = (
            f"run {self.run} differs from {self.original} in {len(self.metrics)} of {self.compared} metrics, by {self.largest:.6f} at most"
        )
        why = [f"  {line}" for line in self.inputs] or ["  nothing that was recorded about the inputs differs"]
        return [head, *shown, *why]


def reproduce_run(root: Path, run: str, *, texts: Path | None, tracking_uri: str | None) -> Reproduction:
    """Train again what `run` trained, without caches, and compare. Raises ModelError for a run that is not there."""
    mlflow = open_store(root, tracking_uri)
    try:
        original = mlflow.get_run(run)
    except mlflow.exceptions.MlflowException as error:
        raise ModelError(f"run {run}: {str(error).splitlines()[0]}; see `stance ui` for the runs that there are") from error
    recipe = recipe_of(original.data.params, run)
    workshop = open_workshop(root, recipe, texts=texts, tracking_uri=tracking_uri)
    inputs = _changed(workshop, original)
    for line in inputs:
        talk.warn(line)
    use_experiment(mlflow, EXPERIMENT)
    finished = tracked(workshop, recipe, tags={"stance.kind": "reproduction", "stance.reproduces": run}, cache=False)
    found = compared(run, finished.run, original.data.metrics, mlflow.get_run(finished.run).data.metrics, inputs)
    client = mlflow.MlflowClient()
    client.log_metric(finished.run, "reproduction_largest_difference", found.largest)
    client.set_tag(finished.run, "stance.identical", str(found.identical).lower())
    client.set_tag(finished.run, "mlflow.note.content", "\n\n".join(line.strip() for line in found.lines()))
    print("\n".join(found.lines()))  # noqa: T201
    return found


def _changed(workshop: Workshop, original: Any) -> list[str]:
    """Return in words which recorded inputs are not what they were."""
    params, tags = original.data.params, original.data.tags
    now = {"labels_digest": workshop.labels.digest, "texts": str(workshop.labels.texts)}
    commit = tags.get("git_commit", "")
    lines = []
    if params.get("labels_digest") != now["labels_digest"]:
        where = f"; commit {commit[:12]} has them" if commit else ""
        lines.append(
            f"the labelled rows have changed since: {params.get('labels_digest', '')[:12]} then, {now['labels_digest'][:12]} now{where}"
        )
    if params.get("texts") != now["texts"]:
        lines.append(f"other people's texts were {'here' if params.get('texts') == 'True' else 'not here'} then")
    versions = {name: (tags.get(f"version.{name}"), value) for name, value in environment().items()}
    lines += [f"{name} was {old}, is {new}" for name, (old, new) in versions.items() if old not in (None, new)]
    if tags.get("git_dirty") == "true":
        lines.append(f"the run was made with changes that were not committed on top of {commit[:12]}")
    return lines


def compared(original: str, run: str, old: Mapping[str, float], new: Mapping[str, float], inputs: list[str]) -> Reproduction:
    """Compare two runs' metrics, of those that a reproduction must meet; a metric that one run lacks differs."""
    names = sorted(name for name in {*old, *new} if name.startswith(COMPARED))
    nan = float("nan")
    differing = {name: (old.get(name, nan), new.get(name, nan)) for name in names if old.get(name) != new.get(name)}
    return Reproduction(original, run, len(names), inputs, differing)
