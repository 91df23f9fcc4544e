"""MLflow's real UI on our store, in headless Chromium."""

import pytest

from moscow_training.registry import CHALLENGER, CHAMPION, REGISTERED
from tests.browser.browser import chromium
from tests.browser.conftest import quiet
from tests.browser.pages import Pages, words
from tests.browser.stores import CARD, ERRORS, PICTURE, Filled

pytestmark = pytest.mark.browser

METRIC = "validation_stance_macro_f1"


def test_the_experiments_are_listed(pages: Pages, store: Filled) -> None:
    pages.experiments()
    pages.browser.named("link", store.experiment)
    pages.runs(store.experiment)
    shown = pages.browser.wait_text("2 matching runs")
    assert all(store.client().get_run(run).info.run_name in shown for run in store.runs)


def test_a_first_visit_finds_models_behind_the_switch(ui: str, store: Filled) -> None:
    with chromium() as browser:
        pages = Pages(browser, ui)
        pages.experiments()
        assert browser.now("link", "Model registry") is None  # the menu is for GenAI until one says otherwise
        browser.click("button, a, label, span", "Model training")
        browser.click("link", "Model registry")
        browser.wait_text("Registered Models", REGISTERED)
        quiet(browser)


@pytest.mark.parametrize("which", [0, 1])
def test_a_runs_page_tells_what_went_in_and_came_out(pages: Pages, store: Filled, which: int) -> None:
    run = store.client().get_run(store.runs[which])
    pages.run(run.info.experiment_id, run.info.run_id)
    note = run.data.tags["mlflow.note.content"].strip().splitlines()[0]
    assert words(note) in words(pages.note())
    shown = pages.pairs()
    assert {name: shown.get(name) for name in run.data.params} == run.data.params
    figures = {name: run.data.metrics[name] for name in (METRIC, f"{METRIC}_lo", f"{METRIC}_hi")}
    assert {name: float(shown[name]) for name in figures} == pytest.approx(figures, abs=1e-3), "the main figures stand in the first view"


def test_a_picture_is_drawn(pages: Pages, store: Filled) -> None:
    run = store.client().get_run(store.runs[0])
    pages.run(run.info.experiment_id, run.info.run_id)
    pages.artifact(PICTURE)
    width, height = pages.picture(PICTURE)
    assert width > 100
    assert height > 100


def test_the_error_table_filters_and_sorts_in_its_frame(pages: Pages, store: Filled) -> None:
    run = store.client().get_run(store.runs[0])
    pages.run(run.info.experiment_id, run.info.run_id)
    pages.artifact(ERRORS)
    with pages.frame():
        everything = pages.browser.until(pages.rows, "rows of errors")
        sentence = everything[-1].split("\t")[1]
        word = max((word for word in sentence.split() if word.isalpha()), key=len)
        pages.browser.type("#filter-text", word)
        pages.browser.until(lambda: 0 < len(pages.rows()) < len(everything), f"fewer rows, with {word!r}")
        assert all(word.casefold() in row.casefold() for row in pages.rows())
        assert pages.browser.find("#count").text.startswith(f"{len(pages.rows())} of ")
        pages.browser.type("#filter-text", "no row has this")
        pages.browser.until(lambda: not pages.rows(), "no rows")
        pages.browser.type("#filter-text", "")
        pages.browser.until(lambda: pages.rows() == everything, "all rows again")
        for backwards in (False, True):
            pages.browser.find('th[data-key="actor"] button').click()
            actors = pages.browser.until(lambda: [row.split("\t")[2] for row in pages.rows()], "rows in another order")
            assert actors == sorted(actors, reverse=backwards)


def test_the_model_card_is_read_in_its_frame(pages: Pages, store: Filled) -> None:
    run = store.client().get_run(store.runs[0])
    pages.run(run.info.experiment_id, run.info.run_id)
    pages.artifact(CARD)
    with pages.frame():
        shown = pages.browser.wait_text(run.info.run_id)
        assert f"{run.data.metrics[METRIC]:.3f}" in shown
        assert "Limits" in shown


def test_two_runs_stand_side_by_side(pages: Pages, store: Filled) -> None:
    runs = {run: store.client().get_run(run) for run in store.runs}
    pages.runs(store.experiment)
    for run in runs.values():
        pages.select_run(run.info.run_name)
    pages.browser.click("button", "Compare")
    shown = pages.browser.wait_text("Comparing 2 Runs", *(run.info.run_name for run in runs.values()))
    order = sorted(runs, key=shown.index)
    for metric in (METRIC, "validation_stance_f1_hedging"):
        values = [float(value) for value in pages.compared(metric)]
        assert values == pytest.approx([runs[run].data.metrics[metric] for run in order], abs=5e-4)


def test_the_address_of_a_comparison_can_be_sent(pages: Pages, store: Filled) -> None:
    experiment = store.client().get_run(store.runs[0]).info.experiment_id
    shown = pages.compare(experiment, *store.runs)
    assert all(run in shown for run in store.runs)
    assert len(pages.compared(METRIC)) == 2


def test_the_registered_model_shows_versions_and_aliases(pages: Pages, store: Filled) -> None:
    client = store.client()
    shown = pages.model(REGISTERED)
    for alias in (CHAMPION, CHALLENGER):
        version = client.get_model_version_by_alias(REGISTERED, alias).version
        assert alias in pages.row(f"Version {version}").split()
    assert all(f"Version {v.version}" in shown for v in client.search_model_versions(f"name='{REGISTERED}'"))
