"""What the browser tests look at: a store with two runs and a registered model, in the form that `stance train` gives them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moscow_training.store import CHAMPION, REGISTERED, open_store
from tests.stores import fresh_store

CHALLENGER = "challenger"
LABELS = ("supportive", "neutral", "hedging")
PICTURE = "pictures/confusion_stance.png"
ERRORS = "errors.html"

_ROWS = (
    ("Minsk thanked Moscow for the loan.", "Belarus", "supportive", "neutral", 0.44),
    ("Yerevan refused to sign what Moscow had drafted.", "Armenia", "hedging", "neutral", 0.52),
    ("Astana spoke to Moscow and to Brussels in one week.", "Kazakhstan", "hedging", "neutral", 0.61),
    ("Moscow counts Dushanbe among its friends.", "Tajikistan", "neutral", "supportive", 0.57),
)
_HEADS = ("sentence", "actor", "label", "predicted", "p")


@dataclass(frozen=True, slots=True)
class Made:
    """One run to write: its name, its note, and what went in and came out."""

    name: str
    note: str
    epochs: int
    macro_f1: float
    f1: tuple[float, float, float]
    confusion: tuple[tuple[int, int, int], ...]


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


TUNED = Made(
    "tuned-4-epochs",
    "Encoder tuned for 4 epochs after school, linear heads: stance macro-F1 0.641 [0.610, 0.672] on validation (1,204 units).",
    4,
    0.6412,
    (0.4713, 0.9104, 0.5419),
    ((41, 38, 9), (22, 861, 57), (7, 61, 108)),
)
FROZEN = Made(
    "frozen-heads",
    "Encoder frozen, linear heads: stance macro-F1 0.598 [0.566, 0.628] on validation (1,204 units).",
    0,
    0.5983,
    (0.4127, 0.8938, 0.4884),
    ((35, 43, 10), (30, 842, 68), (9, 72, 95)),
)


def filled_store(folder: Path) -> Filled:
    """Write two runs, a registered model with two versions and both aliases into a store of its own in `folder`."""
    uri = fresh_store(folder)
    mlflow = open_store(folder, uri)
    experiment = mlflow.create_experiment(REGISTERED, artifact_location=(folder / "artifacts" / REGISTERED).as_uri())
    scratch = folder / "scratch"
    frozen, tuned = (_write_run(mlflow, experiment, made, scratch / made.name) for made in (FROZEN, TUNED))
    client = mlflow.MlflowClient()
    client.create_registered_model(REGISTERED, description="Stance toward Moscow and sentiment of every actor in news text.")
    for run, made, alias in ((frozen, FROZEN, CHALLENGER), (tuned, TUNED, CHAMPION)):
        version = client.create_model_version(REGISTERED, f"runs:/{run}/reference", run, description=made.note).version
        client.set_registered_model_alias(REGISTERED, alias, version)
    return Filled(uri, REGISTERED, (tuned, frozen))


def _write_run(mlflow: Any, experiment: str, made: Made, scratch: Path) -> str:
    (scratch / PICTURE).parent.mkdir(parents=True)
    draw_confusion(made, scratch / PICTURE)
    (scratch / ERRORS).write_text(error_table(), encoding="utf-8")
    (scratch / "reference").mkdir()
    (scratch / "reference" / "reference.json").write_text('{"format": 1}\n', encoding="utf-8")
    with mlflow.start_run(experiment_id=experiment, run_name=made.name) as run:
        mlflow.log_params(
            {"encoder": "all-MiniLM-L6-v2", "epochs": made.epochs, "school": made.epochs > 0, "seed": 1, "stance_strength": 0.1}
        )
        mlflow.log_metrics(_figures(made))
        for step in range(1, 9 if made.epochs else 1):
            mlflow.log_metric("tuning_loss", 1.1 / step, step=step * 100)
        mlflow.set_tags({"mlflow.note.content": made.note, "git_commit": "0" * 40, "git_dirty": "false", "version.torch": "2.13.0"})
        mlflow.log_artifacts(str(scratch))
        return str(run.info.run_id)


def _figures(made: Made) -> dict[str, float]:
    interval = {"": 0.0, "_lo": -0.031, "_hi": 0.031}
    main = {f"validation_stance_macro_f1{end}": round(made.macro_f1 + by, 4) for end, by in interval.items()}
    return main | {f"validation_stance_f1_{label}": f1 for label, f1 in zip(LABELS, made.f1, strict=True)} | {"validation_stance_n": 1204}


def draw_confusion(made: Made, path: Path) -> None:
    """Draw a confusion matrix, 800 x 640 pixels."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 6.4), dpi=100, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.imshow(made.confusion, cmap="Blues", norm="log")
    axes.set(xticks=range(3), yticks=range(3), xticklabels=LABELS, yticklabels=LABELS, xlabel="predicted", ylabel="label", title=made.name)
    for row, counts in enumerate(made.confusion):
        for column, count in enumerate(counts):
            axes.text(column, row, str(count), ha="center", va="center", color="white" if count > 200 else "black")
    figure.savefig(path)


def error_table() -> str:
    """Return an HTML page of its own with a table to sort (click a header) and to filter (type)."""
    heads = "".join(f"<th>{name}</th>" for name in _HEADS)
    rows = "\n".join("<tr>" + "".join(f"<td>{value}</td>" for value in row) + "</tr>" for row in _ROWS)
    return _PAGE.replace("HEADS", heads).replace("ROWS", rows)


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Errors</title>
<style>
  :root { color-scheme: light dark; font: 14px sans-serif }
  th { cursor: pointer; text-align: left } td, th { padding: .3em .8em; border-bottom: 1px solid #8884 }
</style></head><body>
<p><input type="search" placeholder="filter rows" aria-label="filter rows"></p>
<table><thead><tr>HEADS</tr></thead><tbody>
ROWS
</tbody></table>
<script>
  const body = document.querySelector("tbody");
  document.querySelector("input").addEventListener("input", event => {
    const wanted = event.target.value.toLowerCase();
    for (const row of body.rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
  });
  document.querySelectorAll("th").forEach((head, column) => head.addEventListener("click", () => {
    const up = head.getAttribute("aria-sort") !== "ascending";
    document.querySelectorAll("th").forEach(other => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    const text = row => row.cells[column].textContent;
    const rows = [...body.rows].sort((a, b) => text(a).localeCompare(text(b), "en", { numeric: true }) * (up ? 1 : -1));
    body.append(...rows);
  }));
</script></body></html>
"""
