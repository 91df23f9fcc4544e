"""The record of experiments: what stands in git is what the page shows."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from moscow_labels.errors import InputError, UsageError
from moscow_training.experiments import BASE, SCREENED, arms, varied
from moscow_training.recipe import Recipe, adjusted
from moscow_training.results import PAGE, RECORD, Result, append, page, read_results, result_of


def result(**more) -> Result:
    fields = {
        "date": "2026-11-22", "stage": "Screening", "question": "Which?", "arm": "base", "command": "stance train", "run": "f" * 32,
        "commit": "c", "labels": "l", "seed": 1, "units": 2000, "seconds": 90.0, "figures": {"stance": [0.5, 0.4, 0.6], "hedging": [0.4]},
    }  # fmt: skip
    return Result(**{**fields, **more})


def test_a_line_is_read_back_and_shown(tmp_path: Path) -> None:
    (tmp_path / "training").mkdir()
    other = result(arm="masked", against="base", differences={"stance": [-0.02, -0.05, 0.01]})
    append(tmp_path, result())
    append(tmp_path, other)
    assert read_results(tmp_path) == [result(), other]
    shown = page(read_results(tmp_path))
    assert "| base | 1 | 2,000 | 0.500 [0.400, 0.600] | 0.400 |" in shown
    assert "-0.020 [-0.050, +0.010] | base |" in shown


def test_a_run_tells_its_own_line() -> None:
    recipe = Recipe("e", 3, epochs=2, school="dse", swaps=0.5)
    metrics = {
        "validation_stance_macro_f1": 0.65, "validation_stance_macro_f1_lo": 0.6, "validation_stance_macro_f1_hi": 0.7,
        "validation_sentiment_macro_f1": 0.61, "validation_stance_f1_hedging": 0.5, "validation_stance_f1_supportive": 0.55,
        "newsmtsc_held_macro_f1": 0.77, "duration_s": 61.26,
    }  # fmt: skip
    params = recipe.as_params() | {"labels_digest": "a" * 64, "units_train": "1234"}
    data = SimpleNamespace(params=params, metrics=metrics, tags={"git_commit": "b" * 40})
    run = SimpleNamespace(info=SimpleNamespace(run_id="r" * 32, start_time=1795392000000), data=data)
    found = result_of(run, stage="S", question="Q", arm="A")
    assert (found.date, found.command, found.units, found.seed, found.seconds) == ("2026-11-23", recipe.command, 1234, 3, 61.3)
    assert (found.run, found.commit, found.labels) == ("r" * 32, "b" * 12, "a" * 12)
    assert found.figures == {"stance": [0.65, 0.6, 0.7], "sentiment": [0.61], "hedging": [0.5], "supportive": [0.55], "newsmtsc": [0.77]}


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    (tmp_path / "training").mkdir()
    (tmp_path / RECORD).write_text('{"date": 1}\n')
    with pytest.raises(InputError, match=r"results\.jsonl:1"):
        read_results(tmp_path)


def test_the_page_in_git_is_what_the_record_says(root: Path) -> None:
    assert (root / PAGE).read_text(encoding="utf-8") == page(read_results(root)), "run python -m moscow_training.results"


def test_every_arm_changes_something() -> None:
    found = arms()
    base = next(iter(found))
    assert base[1] == BASE
    assert [name for name, recipe in found.items() if recipe == SCREENED] == [base]
    assert all(recipe.units == SCREENED.units or name[1] for name, recipe in found.items())
    assert len({name for _, name in found}) == len(found)


def test_settings_are_checked() -> None:
    recipe = Recipe("e", 1)
    assert adjusted(recipe, ["rate=1e-4", "average=true", "names=masked"]).rate == 1e-4
    assert varied(recipe, ["school=dse", "epochs=2"]) == Recipe("e", 1, epochs=2, school="dse")
    for wrong, said in (("rat=1", "one of names"), ("rate=fast", "rate=fast"), ("names=gone", "none of kept"), ("seed=2", "NAME=VALUE")):
        with pytest.raises(UsageError, match=said):
            adjusted(recipe, [wrong])
