"""A small driver of headless Chromium: open, wait for what is shown, click what is named, collect what went wrong."""

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from selenium.common.exceptions import (
    ElementClickInterceptedException,
    ElementNotInteractableException,
    StaleElementReferenceException,
    TimeoutException,
)
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

T = TypeVar("T")
CHROMIUM = Path("/usr/bin/chromium")
DRIVER = Path("/usr/bin/chromedriver")
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
PATIENCE = 30.0
"""Seconds that a condition may take on a busy machine before it counts as never met."""

_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",  # what asks for the outside fails at once
)
_ROLES = {
    "button": "button, [role=button]",
    "checkbox": "input[type=checkbox], [role=checkbox]",
    "heading": "h1, h2, h3, h4, [role=heading]",
    "link": "a[href], [role=link]",
    "tab": "[role=tab]",
}
_NAMED = """
const [selector, name] = arguments;
const shown = element => element.getClientRects().length > 0;
const called = element => (element.getAttribute("aria-label") || element.textContent).trim();
const all = [...document.querySelectorAll(selector)].filter(shown);
return all.find(element => called(element) === name) || null;
"""

_REMEMBER = """
if (location.protocol === "http:" && self === top) {  // a sandboxed frame has no storage
  for (const [key, value] of Object.entries(ITEMS)) localStorage.getItem(key) ?? localStorage.setItem(key, value);
}
"""


@dataclass(frozen=True, slots=True)
class Problems:
    """What went wrong in the pages so far: the console's severe messages, and addresses outside this machine that were asked for."""

    severe: tuple[str, ...]
    outside: tuple[str, ...]


class Browser:
    """One window of Chromium. Every wait is for a condition; none is for a time."""

    def __init__(self, driver: Chrome) -> None:
        self.driver = driver
        self._severe: list[str] = []
        self._outside: list[str] = []

    def open(self, url: str) -> None:
        """Load `url` anew, also where only what follows its # is different."""
        self.driver.get("about:blank")
        self.driver.get(url)

    def text(self) -> str:
        """Return the text that the page or the frame shows now."""
        return str(self.driver.execute_script("return document.body ? document.body.innerText : ''"))

    def until(self, condition: Callable[[], T | None], what: str) -> T:
        """Return the first true value of `condition`. Raises TimeoutException that says `what` was missing and what was shown."""
        again = (StaleElementReferenceException, ElementClickInterceptedException, ElementNotInteractableException)
        try:
            return WebDriverWait(self.driver, PATIENCE, 0.1, again).until(lambda _: condition() or False)
        except TimeoutException as error:
            shown = f"{self.driver.current_url} shows:\n{self.text()[:1500]}"
            raise TimeoutException(f"waited {PATIENCE:.0f} s for {what}; {shown}") from error

    def wait_text(self, *texts: str) -> str:
        """Wait until the page shows every one of `texts`; return all that it shows."""

        def shown() -> str | None:
            now = self.text()
            return now if all(text in now for text in texts) else None

        return self.until(shown, f"the text {' and '.join(map(repr, texts))}")

    def find(self, selector: str) -> WebElement:
        """Wait for a visible element and return it."""

        def visible() -> WebElement | None:
            return next((e for e in self.driver.find_elements(By.CSS_SELECTOR, selector) if e.is_displayed()), None)

        return self.until(visible, selector)

    def named(self, role: str, name: str) -> WebElement:
        """Wait for a visible element of `role` whose label or text is `name`, and return it."""
        return self.until(lambda: self.now(role, name), f"{role} {name!r}")

    def now(self, role: str, name: str) -> WebElement | None:
        """Return the element of `role` that is called `name`, or None where the page has none now."""
        found: WebElement | None = self.driver.execute_script(_NAMED, _ROLES.get(role, role), name)
        return found

    def click(self, role: str, name: str) -> None:
        """Click the element of `role` that is called `name`, as soon as it is there and nothing covers it."""

        def clicked() -> bool:
            element = self.now(role, name)
            if element is None or not element.is_enabled():
                return False
            element.click()
            return True

        self.until(clicked, f"{role} {name!r} to click")

    def type(self, selector: str, text: str) -> None:
        """Replace what is in a field by `text`, key by key."""
        field = self.find(selector)
        field.send_keys(Keys.CONTROL, "a")
        field.send_keys(Keys.BACKSPACE, text)

    def drawn(self, selector: str) -> tuple[int, int]:
        """Wait until an <img> is loaded and drawn; return its width and height in pixels of the file."""

        def size() -> tuple[int, int] | None:
            image = self.find(selector)
            script = "const i = arguments[0]; return i.complete && i.naturalWidth ? [i.naturalWidth, i.naturalHeight] : null"
            found: list[int] | None = self.driver.execute_script(script, image)
            return (found[0], found[1]) if found else None

        return self.until(size, f"{selector} to be drawn")

    @contextmanager
    def inside(self, selector: str) -> Iterator[None]:
        """Look into the frame `selector`, and come back to the page."""
        self.driver.switch_to.frame(self.find(selector))
        try:
            yield
        finally:
            self.driver.switch_to.default_content()

    def screenshot(self, path: Path) -> None:
        """Save what the window shows as PNG."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self.driver.get_screenshot_as_png())

    def problems(self) -> Problems:
        """Return what went wrong since this window was opened."""
        self._severe += [e["message"] for e in self.driver.get_log("browser") if e["level"] == "SEVERE"]
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                address = urlsplit(message["params"]["request"]["url"])
                if address.scheme in {"http", "https", "ws", "wss"} and address.hostname not in LOOPBACK:
                    self._outside.append(address.geturl())
        return Problems(tuple(self._severe), tuple(self._outside))


@contextmanager
def chromium(
    *, width: int = 1400, height: int = 1000, dark: bool = False, remembered: Mapping[str, str] | None = None
) -> Iterator[Browser]:
    """Run a window of Chromium with an empty profile; `dark` tells pages that the user likes dark colours.

    Pages find `remembered` in their local storage, as a returning user's would. Raises AssertionError where Chromium or its
    driver is missing.
    """
    missing = [str(path) for path in (CHROMIUM, DRIVER) if not path.is_file()]
    assert not missing, f"{' and '.join(missing)} missing: run .ci/chromium"
    with tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as profile:
        options = ChromeOptions()
        options.binary_location = str(CHROMIUM)
        for flag in (*_FLAGS, f"--user-data-dir={profile}", f"--window-size={width},{height}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        driver = Chrome(options, Service(str(DRIVER)))
        try:
            scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
            driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
            size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
            driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)  # the page, without the window's frame
            script = _REMEMBER.replace("ITEMS", json.dumps(dict(remembered or {})))
            driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": script})
            yield Browser(driver)
        finally:
            driver.quit()
