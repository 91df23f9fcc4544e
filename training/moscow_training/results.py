"""The record of experiments that git keeps: `training/results.jsonl`, a line per run, and `training/RESULTS.md` written from it.

MLflow's store is not in git; this is what a reader without it can check. `python -m moscow_training.results` writes the page anew; with
`--add RUN --arm NAME` it first adds a run that `stance train` made.
"""

import argparse
import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from moscow_labels.errors import InputError
from moscow_stance.settings import find_root
from moscow_training.recipe import recipe_of
from moscow_training.store import open_store

RECORD, PAGE = Path("training/results.jsonl"), Path("training/RESULTS.md")
Interval = Sequence[float]
"""Value, lower end, upper end; the value alone where there is no interval."""


@dataclass(frozen=True, slots=True)
class Result:
    """One run of an experiment.

    `figures` are validation figures by name ("stance", "sentiment": macro-F1; "hedging": F1; "newsmtsc": macro-F1 on what is held back of
    its training part; "behaviour": share of cases passed). `against` is the arm that the differences, paired by document, are to.
    """

    date: str
    stage: str
    question: str
    arm: str
    command: str
    run: str
    commit: str
    labels: str
    seed: int
    units: int
    seconds: float
    figures: Mapping[str, Interval]
    against: str = ""
    differences: Mapping[str, Interval] = field(default_factory=dict)


def result_of(run: Any, *, stage: str, question: str, arm: str) -> Result:
    """Return what an MLflow run of a recipe says of itself, compared with nothing."""
    params, metrics = run.data.params, run.data.metrics
    keys = {axis: f"validation_{axis}_macro_f1" for axis in ("stance", "sentiment")}
    figures = {axis: [round(metrics[k], 4) for k in (key, f"{key}_lo", f"{key}_hi") if k in metrics] for axis, key in keys.items()}
    more = {"hedging": "validation_stance_f1_hedging", "supportive": "validation_stance_f1_supportive"}
    more |= {"newsmtsc": "newsmtsc_held_macro_f1", "behaviour": "behaviour"}
    figures |= {name: [round(metrics[key], 4)] for name, key in more.items() if key in metrics}
    return Result(
        dt.datetime.fromtimestamp(run.info.start_time / 1000, dt.UTC).date().isoformat(),
        stage,
        question,
        arm,
        recipe_of(params, run.info.run_id).command,
        run.info.run_id,
        run.data.tags.get("git_commit", "")[:12],
        params["labels_digest"][:12],
        int(params["seed"]),
        int(params["units_train"]),
        round(metrics["duration_s"], 1),
        figures,
    )


def append(root: Path, result: Result) -> None:
    """Add a line to the record."""
    with (root / RECORD).open("a", encoding="utf-8") as record:
        record.write(json.dumps(asdict(result)) + "\n")


def read_results(root: Path) -> list[Result]:
    """Return every line of the record. Raises InputError for one that cannot be read."""
    path = root / RECORD
    if not path.is_file():
        return []
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            found.append(Result(**json.loads(line)))
        except (ValueError, TypeError) as error:
            raise InputError(f"{path}:{number}: not a result ({error}); take the line as git has it") from error
    return found


def page(results: Sequence[Result]) -> str:
    """Return the record as Markdown: a table per stage and question."""
    parts = [_HEAD]
    for stage in dict.fromkeys(r.stage for r in results):
        parts.append(f"## {stage}")
        of_stage = [r for r in results if r.stage == stage]
        questions = dict.fromkeys(r.question for r in of_stage)
        parts += [f"### {question}\n\n{_table([r for r in of_stage if r.question == question])}" for question in questions]
    return "\n\n".join(parts) + "\n"


_HEAD = """# Results: what was tried, what helped, what did not

Written by `python -m moscow_training.results` from `results.jsonl`, a line per run; do not edit. All figures are of validation rows, which
models are chosen on: they flatter the chosen. The test split's figures stand in the model card and in the README.

Macro-F1 with 95 % intervals (percentile bootstrap, 2,000 resamples of documents). A difference is to the arm named in the row, paired on
the same rows and documents; one whose interval contains zero shows nothing. `newsmtsc` is sentiment macro-F1 on 15 % of NewsMTSC's training
articles, held back; `behaviour` the share of the behaviour suite's cases that pass."""


def _table(results: Sequence[Result]) -> str:
    names = list(dict.fromkeys(name for r in results for name in r.figures))
    differences = list(dict.fromkeys(name for r in results for name in r.differences))
    head = ["arm", "seed", "units", *names, *(f"{n}, difference" for n in differences), "against", "min", "run"]
    lines = [head, ["---", *("---:" for _ in head[1:])]]
    for r in results:
        figures = [_shown(r.figures.get(n)) for n in names] + [_shown(r.differences.get(n), signed=True) for n in differences]
        lines.append([r.arm, str(r.seed), f"{r.units:,}", *figures, r.against, f"{r.seconds / 60:.1f}", f"`{r.run[:8]}`"])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _shown(found: Interval | None, *, signed: bool = False) -> str:
    if not found:
        return ""
    form = "+.3f" if signed else ".3f"
    between = f" [{found[1]:{form}}, {found[2]:{form}}]" if len(found) == 3 else ""
    return f"{found[0]:{form}}{between}"


def write_page(root: Path) -> Path:
    """Write the page and return where it is."""
    path = root / PAGE
    path.write_text(page(read_results(root)), encoding="utf-8")
    return path


def main() -> None:
    """Add a run where one is named, and write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--add", metavar="RUN", default="", help="a run that `stance train` made")
    parser.add_argument("--stage", default="Whole recipes")
    parser.add_argument("--question", default="What does it come to?")
    parser.add_argument("--arm", default="", help="what the run is called in the record")
    options = parser.parse_args()
    root = find_root()
    if options.add:
        run = open_store(root).get_run(options.add)
        append(root, result_of(run, stage=options.stage, question=options.question, arm=options.arm or run.info.run_name))
    print(write_page(root))  # noqa: T201


if __name__ == "__main__":
    main()
