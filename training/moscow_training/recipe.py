"""What `stance train` is asked for. Every field is a parameter of the run under its own name, so that a run can be made again from it."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from moscow_labels.errors import ModelError


@dataclass(frozen=True, slots=True)
class Recipe:
    """`epochs` of fine-tuning, after a first `school` on public data where that is wished; `threads` of torch, 0 for its own choice;
    `quick` tries one setting of the heads instead of searching.
    """

    encoder: str
    seed: int
    epochs: int = 0
    school: bool = False
    threads: int = 0
    quick: bool = False

    @property
    def name(self) -> str:
        """What a run of this recipe is called in MLflow."""
        what = f"tuned {self.epochs} epochs" if self.epochs else "frozen"
        return f"{what}{' after school' if self.school else ''}{', quick' if self.quick else ''}, seed {self.seed}"

    @property
    def command(self) -> str:
        """The command line that trains it."""
        words = ["stance train", "--encoder", self.encoder, "--seed", str(self.seed)]
        words += ["--epochs", str(self.epochs)] if self.epochs else []
        words += ["--threads", str(self.threads)] if self.threads else []
        words += [option for option, wished in (("--school", self.school), ("--quick", self.quick)) if wished]
        return " ".join(words)

    @property
    def form(self) -> str:
        """Whether the encoder's weights are changed: "tuned" or "frozen"."""
        return "tuned" if self.epochs or self.school else "frozen"

    def as_params(self) -> dict[str, str]:
        """Return MLflow parameters."""
        return {name: str(value) for name, value in asdict(self).items()}


def recipe_of(params: Mapping[str, str], run: str) -> Recipe:
    """Return the recipe that a run's parameters hold. Raises ModelError for a run that `stance train` did not make."""
    read: dict[str, Callable[[str], Any]] = {"str": str, "int": int, "bool": lambda text: text == "True"}
    missing = [f.name for f in fields(Recipe) if f.name not in params]
    if missing:
        raise ModelError(f"run {run}: has no parameter {', '.join(missing)}; name a run that this version of `stance train` made")
    values = {f.name: read[getattr(f.type, "__name__", str(f.type))](params[f.name]) for f in fields(Recipe)}
    return Recipe(**values)
