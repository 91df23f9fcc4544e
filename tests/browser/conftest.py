"""Fixtures: a filled store, MLflow's UI on it, a browser window."""

from collections.abc import Iterator

import pytest

from tests.browser.browser import Browser, chromium
from tests.browser.pages import RETURNING, Pages
from tests.browser.stores import Filled, filled_store
from tests.servers import serving


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    return filled_store(tmp_path_factory.mktemp("filled"))


@pytest.fixture(scope="session")
def ui(store: Filled, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of MLflow's UI on the filled store."""
    with serving(store.uri, tmp_path_factory.mktemp("server")) as base:
        yield base


@pytest.fixture(scope="session")
def window() -> Iterator[Browser]:
    """One window for all tests, of a user who has been here before."""
    with chromium(remembered=RETURNING) as browser:
        yield browser


@pytest.fixture
def pages(window: Browser, ui: str) -> Iterator[Pages]:
    """MLflow's pages. Afterwards: nothing went wrong in them, and nothing was asked for outside this machine."""
    yield Pages(window, ui)
    quiet(window)


HARMLESS = ("/users/current", "ResizeObserver loop")
"""A server without users answers 404 to the first; the second says that the page was laid out in two steps."""


def quiet(browser: Browser) -> None:
    problems = browser.problems()
    assert problems.outside == ()
    assert [message for message in problems.severe if not any(known in message for known in HARMLESS)] == []
