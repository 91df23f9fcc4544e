"""MLflow's pages as a user meets them: where they are, what they show, what can be clicked. Written for MLflow 3.17."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote

from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from tests.browser.browser import Browser

RETURNING = {
    "mlflow.workflowType_v1": '"machine_learning"',  # the switch over the menu stands on "Model training", not on "GenAI"
    "mlflow.assistant.panelOpen_v1": "false",  # a chat panel that opens itself on a first visit
    "mlflow.assistant.fab.autoOpenedOnFirstLoad_v1": "true",
    "mlflow.telemetry.info.alert.dismissed_v1": "true",
    "_mlflow_model_registry_promo_modal_dismissed_v1": "true",
}
"""What MLflow's pages keep in local storage for a user who has closed every greeting once."""

_FILE = "[data-testid=artifact-tree-node]"
_SELECT = "input[type=checkbox][aria-label*=selection]"
_FRAME = "iframe[sandbox]"
_PAIRS = """
return [...document.querySelectorAll("[role=row]")]
  .map(row => [...row.querySelectorAll("[role=cell]")].map(cell => cell.innerText.trim()))
  .filter(cells => cells.length >= 2 && cells[0]);
"""
_SAME_HEIGHT = """
const name = [...document.querySelectorAll("[role=grid] a")].find(link => link.innerText.trim() === arguments[0]);
const middle = element => { const box = element.getBoundingClientRect(); return (box.top + box.bottom) / 2; };
const values = !name ? [] : [...document.querySelectorAll("[role=grid] span")]
  .filter(cell => Math.abs(middle(cell) - middle(name)) < 20 && !name.contains(cell) && cell.innerText.trim())
  .sort((a, b) => a.getBoundingClientRect().left - b.getBoundingClientRect().left)
  .map(cell => cell.innerText.trim());
if (values.length) return values;
// The grids hold only the rows in view: bring the name to the top and let its values follow, or go on by most of a view.
const top = name && parseFloat(name.closest("[style*=top]")?.style.top);
const tall = [...document.querySelectorAll("[role=grid]")].filter(grid => grid.scrollHeight > grid.clientHeight);
const free = tall.filter(grid => getComputedStyle(grid).overflowY !== "hidden");
for (const grid of free) {
  const last = grid.scrollHeight - grid.clientHeight;
  const next = name ? Math.min(top, last) : grid.scrollTop >= last - 1 ? 0 : grid.scrollTop + grid.clientHeight * 0.8;
  for (const each of free.length === 1 ? tall : [grid]) each.scrollTop = next;  // the column of names does not always follow
}
return null;
"""
_SCROLL = """
const head = [...document.querySelectorAll("[role=button]")].find(button => button.innerText.trim() === arguments[0]);
head?.scrollIntoView({ block: "start" });
for (const grid of document.querySelectorAll("[role=grid]")) grid.scrollLeft = 0;  // it starts a few pixels to the right
return !!head;
"""
_TABLE_ROWS = 'return [...document.querySelectorAll("[role=row], tr")].map(row => row.innerText)'
_ROWS = """
return [...document.querySelectorAll("tbody tr")].filter(row => row.getClientRects().length).map(row => row.innerText.trim());
"""


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages of the UI at `base` in one browser window."""

    browser: Browser
    base: str

    def experiments(self) -> None:
        """Open the list of experiments, and wait until it lists some."""
        self.browser.open(f"{self.base}/#/experiments")
        self.browser.find("[data-testid=experiment-list-item-link]")

    def runs(self, experiment: str) -> None:
        """Open an experiment's table of runs from the list of experiments, and wait until it lists some."""
        self.experiments()
        self.browser.click("link", experiment)
        self.browser.find('[role=gridcell] a[href*="/runs/"]')

    def select_run(self, name: str) -> None:
        """Tick a run in the table of runs."""

        def box() -> WebElement | None:
            rows = self.browser.driver.find_elements(By.CSS_SELECTOR, "[role=row]")
            mine = (row for row in rows if name in row.text.splitlines())
            return next((box for row in mine for box in row.find_elements(By.CSS_SELECTOR, _SELECT)), None)

        self.browser.until(box, f"the check box of run {name!r}").click()

    def run(self, experiment_id: str, run_id: str) -> str:
        """Open a run's page; return what it shows."""
        self.browser.open(f"{self.base}/#/experiments/{experiment_id}/runs/{run_id}")
        return self.browser.wait_text("Metrics (", "Parameters (")

    def note(self) -> str:
        """Return the description that a run's or a model's page shows."""
        preview = "[data-testid=note-editor-preview-content]"
        return self.browser.until(lambda: str(self.browser.find(preview).text).strip(), "a description")

    def pairs(self) -> dict[str, str]:
        """Return the metrics and parameters that a run's page shows, by name."""
        found: list[list[str]] = self.browser.until(lambda: self.browser.driver.execute_script(_PAIRS), "metrics and parameters")
        return {cells[0]: cells[1] for cells in found}

    def artifact(self, path: str) -> None:
        """On a run's page, open the artifacts and select the file at `path`, folder by folder."""
        self.browser.click("tab", "Artifacts")
        for part in path.split("/"):
            self.browser.click(_FILE, part)

    def picture(self, path: str) -> tuple[int, int]:
        """Return width and height of the selected picture once it is drawn."""
        return self.browser.drawn(f'img[alt="{path}"]')

    @contextmanager
    def frame(self) -> Iterator[None]:
        """Look into the frame that the selected HTML file is shown in."""
        self.browser.find(_FRAME)
        with self.browser.inside(_FRAME):
            yield

    def framed(self) -> list[str]:
        """Wait until the selected HTML file shows a table in its frame; return its rows."""
        with self.frame():
            return self.browser.until(self.rows, "rows of a table in the frame")

    def rows(self) -> list[str]:
        """Return the rows of the table in view, one text per row."""
        found: list[str] = self.browser.driver.execute_script(_ROWS)
        return found

    def row(self, *texts: str) -> str:
        """Return the text of the first table row that shows all of `texts`."""

        def found() -> str | None:
            rows: list[str] = self.browser.driver.execute_script(_TABLE_ROWS)
            return next((row for row in rows if all(text in row for text in texts)), None)

        return self.browser.until(found, f"a row with {' and '.join(texts)}")

    def compared(self, metric: str) -> list[str]:
        """On the page that compares runs, return the values beside `metric`, one per run from left to right."""
        return self.browser.until(lambda: self.browser.driver.execute_script(_SAME_HEIGHT, metric), f"values of {metric}")

    def compare(self, experiment_id: str, *runs: str) -> str:
        """Open the page that compares `runs`; return what it shows."""
        listed, experiments = quote(json.dumps(runs)), quote(json.dumps([experiment_id]))
        self.browser.open(f"{self.base}/#/compare-runs?runs={listed}&experiments={experiments}")
        return self.browser.wait_text("Run details", "Show diff only")

    def plotted(self) -> None:
        """On the page that compares runs, wait until its plot is drawn."""
        self.browser.find("svg.main-svg")  # plotly's own name, part of its interface

    def scroll_to(self, section: str) -> None:
        """On the page that compares runs, bring the section with this heading to the window's top."""
        self.browser.until(lambda: self.browser.driver.execute_script(_SCROLL, section), f"the section {section}")

    def model(self, name: str) -> str:
        """Open a registered model's page; return what it shows."""
        self.browser.open(f"{self.base}/#/models/{name}")
        return self.browser.wait_text("Registered at", "Version 1")


def words(text: str) -> str:
    """Return a text's words without what Markdown puts between them."""
    return " ".join(re.findall(r"\w+", text))
