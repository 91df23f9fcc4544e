"""Save screenshots of MLflow's pages on our store, light and dark: `python -m tests.browser.screenshots OUT_DIR [--store URI]`."""

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from moscow_training.registry import REGISTERED
from tests.browser.browser import chromium
from tests.browser.pages import RETURNING, Pages
from tests.browser.stores import ERRORS, PICTURE, Filled, filled_store
from tests.servers import serving


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.browser.screenshots", description=__doc__)
    parser.add_argument("out", type=Path, help="folder for the PNG files")
    parser.add_argument("--store", help="sqlite:///PATH of a store with at least two runs of the experiment; default: one made up for this")
    parser.add_argument("--experiment", default=REGISTERED, help="default: %(default)s")
    parser.add_argument("--only", nargs="+", metavar="VIEW", help="only these views, in this order (picture, comparison-metrics...)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="screenshots-") as scratch:
        folder = Path(scratch)
        store = found_store(given.store, given.experiment) if given.store else filled_store(made(folder / "store"))
        with serving(store.uri, folder) as base:
            for colours in ("light", "dark"):
                with chromium(dark=colours == "dark", remembered=RETURNING) as browser:
                    shown = views(Pages(browser, base), store)
                    for name in given.only or shown:
                        shown[name]()
                        browser.screenshot(given.out / f"{name}-{colours}.png")
                        print(given.out / f"{name}-{colours}.png")  # noqa: T201 - what the command says


def made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def found_store(uri: str, experiment: str) -> Filled:
    """Return the store at `uri` with the two newest finished runs of `experiment`."""
    store = Filled(uri, experiment, ("", ""))
    client = store.client()
    found = client.get_experiment_by_name(experiment)
    if found is None:
        sys.exit(f"{uri} has no experiment {experiment!r}")
    runs = client.search_runs(
        [found.experiment_id], "attributes.status = 'FINISHED'", order_by=["attributes.start_time DESC"], max_results=2
    )
    if len(runs) < 2:
        sys.exit(f"experiment {experiment!r} of {uri} has fewer than two finished runs")
    return Filled(uri, experiment, (runs[0].info.run_id, runs[1].info.run_id))


def views(pages: Pages, store: Filled) -> dict[str, Callable[[], Any]]:
    """Return what to show for each screenshot, in order; a view may go on from the one before it."""
    experiment = store.client().get_experiment_by_name(store.experiment).experiment_id
    return {
        "experiments": pages.experiments,
        "runs": lambda: pages.runs(store.experiment),
        "run": lambda: (pages.run(experiment, store.runs[0]), pages.note(), pages.pairs()),
        "picture": lambda: (pages.artifact(PICTURE), pages.picture(PICTURE)),
        "errors": lambda: (pages.artifact(ERRORS), pages.framed()),
        "comparison": lambda: (pages.compare(experiment, *store.runs), pages.plotted()),
        "comparison-metrics": lambda: (pages.compared("validation_stance_macro_f1"), pages.scroll_to("Metrics")),
        "model": lambda: pages.model(REGISTERED),
    }


if __name__ == "__main__":
    main()
