"""What `stance train` is asked for. Every field is a parameter of the run under its own name, so that a run can be made again from it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, fields, replace
from typing import Any

from moscow_labels.errors import ModelError, UsageError
from moscow_training.finetune import OBJECTIVES, Schedule
from moscow_training.rereading import NAMES
from moscow_training.school import LESSONS

POOLINGS = ("all", "actor", "mean", "mean+actor", "actor+moscow")
"""Which of a unit's three vectors are read: the sentence's mean, the actor's tokens, Moscow's tokens; "all" is the three."""

AXIS_CHOICES = ("both", "stance", "sentiment")


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a model is made.

    Attributes:
        encoder: a sentence-transformers name or folder.
        seed: of everything that draws lots.
        epochs: passes over our labels that tune the encoder; 0 leaves it as it is.
        school: what the encoder learns first: "", "dse", "news" or "dse+news", one pass each.
        threads: of torch, 0 for its own choice.
        quick: try one setting of the heads instead of searching, on few units (`preparing.QUICK_UNITS`).
        names: how actors and Moscow stand in what the encoder reads (`rereading.NAMES`).
        context: whether the sentence before is read too.
        pooling: which vectors of a unit the heads see (`POOLINGS`).
        layers: how many of the encoder's layers are kept, from below; 0 keeps all.
        objective: what tuning minimises (`finetune.OBJECTIVES`).
        axes: the axes that tuning learns: "both" at once, or one.
        rate: learning rate of the encoder in tuning.
        power: a class weighs its frequency to the minus power in tuning.
        decay: factor of the learning rate from each layer to the one below; 1 is the same rate everywhere.
        rehearsal: share of NewsMTSC's sentences that each tuning epoch repeats.
        swaps: share of training sentences whose states change names in an epoch, drawn anew each time.
        average: whether the encoder is the mean of its weights over the second half of tuning.
        public: whether the sentiment head learns from NewsMTSC too.
        own: whether our own sentences are learned from, where there are others.
        units: tune and fit on so many training units, drawn by document; 0 takes all.
    """

    encoder: str
    seed: int
    epochs: int = 0
    school: str = ""
    threads: int = 0
    quick: bool = False
    names: str = "kept"
    context: bool = False
    pooling: str = "all"
    layers: int = 0
    objective: str = "cross-entropy"
    axes: str = "both"
    rate: float = 6e-5
    power: float = 0.5
    decay: float = 1.0
    rehearsal: float = 0.0
    swaps: float = 0.0
    average: bool = False
    public: bool = False
    own: bool = True
    units: int = 0

    @property
    def name(self) -> str:
        """What a run of this recipe is called in MLflow."""
        what = f"tuned {self.epochs} epochs" if self.epochs else "frozen"
        rest = [f"after school ({self.school})" if self.school else "", *(f"{k} {v}" for k, v in self.unusual().items())]
        return ", ".join([f"{what} {rest[0]}".strip(), *rest[1:], *(["quick"] if self.quick else []), f"seed {self.seed}"])

    @property
    def command(self) -> str:
        """The command line that trains it."""
        words = ["stance train", "--encoder", self.encoder, "--seed", str(self.seed)]
        words += ["--epochs", str(self.epochs)] if self.epochs else []
        words += ["--school", self.school] if self.school else []
        words += ["--threads", str(self.threads)] if self.threads else []
        words += [f"--set {name}={value}" for name, value in self.unusual().items()]
        return " ".join(words + (["--quick"] if self.quick else []))

    @property
    def form(self) -> str:
        """Whether the encoder's weights are changed: "tuned" or "frozen"."""
        return "tuned" if self.epochs or self.school else "frozen"

    @property
    def shippable(self) -> bool:
        """Whether the shipped form reads sentences as this recipe does."""
        return self.names == "kept" and not self.context and self.pooling == "all" and not self.layers

    @property
    def schedule(self) -> Schedule:
        """How long and how fast our labels are tuned on."""
        return Schedule(self.epochs, rate=self.rate, power=self.power, decay=self.decay, objective=self.objective, average=self.average)

    def unusual(self) -> dict[str, Any]:
        """Return the settings beyond the command's own options that differ from their defaults."""
        return {f.name: getattr(self, f.name) for f in _FIELDS if f.name not in _OPTIONS and getattr(self, f.name) != f.default}

    def as_params(self) -> dict[str, str]:
        """Return MLflow parameters."""
        return {name: str(value) for name, value in asdict(self).items()}


_FIELDS = fields(Recipe)
_OPTIONS = ("encoder", "seed", "epochs", "school", "threads", "quick")
_CHOICES: Mapping[str, Sequence[str]] = {
    "names": NAMES,
    "pooling": POOLINGS,
    "objective": OBJECTIVES,
    "axes": AXIS_CHOICES,
    "school": ("", *LESSONS, "+".join(LESSONS)),
}


def _bool(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError("write true or false")
    return text.lower() == "true"


_READ: Mapping[str, Callable[[str], Any]] = {"str": str, "int": int, "float": float, "bool": _bool}


def adjusted(recipe: Recipe, settings: Sequence[str]) -> Recipe:
    """Return the recipe with "name=value" settings applied. Raises UsageError that lists what there is."""
    changes: dict[str, Any] = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals or name not in {f.name for f in _FIELDS} - set(_OPTIONS):
            known = ", ".join(f.name for f in _FIELDS if f.name not in _OPTIONS)
            raise UsageError(f"--set {setting}: write NAME=VALUE with one of {known}")
        changes[name] = _read(name, value)
    return checked(replace(recipe, **changes))


def checked(recipe: Recipe) -> Recipe:
    """Return the recipe. Raises UsageError for a value that is none of its field's choices."""
    for name, choices in _CHOICES.items():
        if getattr(recipe, name) not in choices:
            raise UsageError(f"{name} {getattr(recipe, name)!r}: is none of {', '.join(c for c in choices if c)}")
    return recipe


def recipe_of(params: Mapping[str, str], run: str) -> Recipe:
    """Return the recipe that a run's parameters hold; a setting that is younger than the run had its default.

    Raises ModelError for a run that `stance train` did not make.
    """
    missing = [f.name for f in _FIELDS if f.name not in params and f.default is MISSING]
    if missing:
        raise ModelError(f"run {run}: has no parameter {', '.join(missing)}; name a run that this version of `stance train` made")
    return Recipe(**{f.name: _read(f.name, params[f.name]) for f in _FIELDS if f.name in params})


def _read(name: str, value: str) -> Any:
    kind = next(f.type for f in _FIELDS if f.name == name)
    try:
        return _READ[getattr(kind, "__name__", str(kind))](value)
    except ValueError as error:
        raise UsageError(f"{name}={value}: {error}") from error
