"""`stance evaluate`: how good is a model on labelled rows."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from moscow_labels.errors import UsageError
from moscow_stance.options import Model, Quiet, Threads, Verbose

if TYPE_CHECKING:
    from moscow_stance.evaluation import AxisReport


def evaluate(
    data: Annotated[
        Path, typer.Option("--data", metavar="FILE.jsonl", help="Labelled rows: sentence, actor, stance; optional sentiment, prev, doc ...")
    ],
    model: Model = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE.jsonl", help="Write every row with what was predicted.")] = None,
    threads: Threads = 0,
    verbose: Verbose = 0,
    quiet: Quiet = False,
) -> None:
    """Evaluate a model: accuracy, macro-F1, per class, calibration and coverage, with 95 % intervals clustered by document."""
    from moscow_stance.evaluation import evaluate_examples, prediction_rows, read_examples
    from moscow_stance.model import load_model
    from moscow_stance.talk import talk

    if out is not None and not out.absolute().parent.is_dir():
        raise UsageError(f"{out}: the folder {out.parent} does not exist; make it first")
    examples = read_examples(data)
    scorer = load_model(model, threads=threads)
    reports, probabilities = evaluate_examples(examples, scorer)
    if out is not None:
        with out.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(row, ensure_ascii=True) + "\n" for row in prediction_rows(examples, probabilities))
    lost = sum(not e.located for e in examples)
    if lost:
        talk.warn(f"{lost} of {len(examples)} actors are not found in their sentence; these rows are scored on the whole sentence")
    if as_json:
        record = {"model": scorer.info.reference, "rows": len(examples), "located": len(examples) - lost}
        print(json.dumps(record | {axis: report.as_dict() for axis, report in reports.items()}, indent=2))
        return
    for axis, report in reports.items():
        _show(axis, report)


def _show(axis: str, report: "AxisReport") -> None:
    from rich.table import Table
    from rich.text import Text

    from moscow_stance.terminal import stdout

    console = stdout()
    console.print(Text(f"{axis}: {report.n} units", style="bold"))
    figures = {
        "macro-F1": str(report.macro_f1),
        "accuracy": str(report.accuracy),
        "calibration error": f"{report.calibration_error:.3f}",
        "Brier score": f"{report.brier:.3f}",
        "coverage": str(report.coverage),
        "accuracy where sure": str(report.accuracy_kept) if report.accuracy_kept else "none kept",
    }
    for name, value in figures.items():
        console.print(f"  {name:<20} {value}")
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 2))
    for name in ("true \\ predicted", *report.f1, "F1"):
        table.add_column(name, justify="right")
    for row, (label, f1) in zip(report.confusion, report.f1.items(), strict=True):
        table.add_row(label, *map(str, row), f"{f1:.3f}")
    console.print(table)
    console.print()
