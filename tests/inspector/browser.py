"""A headless Chromium, driven through WebDriver; and what a test asks of a page."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.foreign.programs import found

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--force-device-scale-factor=1",
)
PATIENCE_S = 15


class Page:
    """The inspector's page in the browser."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver

    def open(self, address: str, width: int = 1280, height: int = 800) -> None:
        self.size(width, height)
        self.driver.get(address)
        self.until(lambda: self.one("[role=treeitem]"), "the tree")

    def size(self, width: int, height: int) -> None:
        """Make the part of the window in which the page is so large."""
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False},
        )

    def prefer(self, scheme: str) -> None:
        """Let the system prefer ``light`` or ``dark``."""
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})

    def run(self, script: str, *arguments: object) -> Any:
        return self.driver.execute_script(script, *arguments)

    def all(self, selector: str) -> list[Any]:
        return self.driver.find_elements("css selector", selector)

    def one(self, selector: str) -> Any:
        return next(iter(self.all(selector)), None)

    def text(self, selector: str = "body") -> str:
        """The text of what is in sight."""
        return str(self.run("return document.querySelector(arguments[0])?.innerText ?? ''", selector))

    def show(self, view: str) -> None:
        self.one(f"#tab-{view}").click()

    def keys(self, *keys: str) -> None:
        """Press keys where the focus is, one after another."""
        for key in keys:
            self.driver.switch_to.active_element.send_keys(key)

    def type(self, selector: str, text: str) -> None:
        """Type a text in the place of what is in a field."""
        from selenium.webdriver.common.keys import Keys

        self.one(selector).send_keys(Keys.CONTROL, "a", Keys.NULL, text or Keys.BACKSPACE)

    def focused(self) -> str:
        """The text of what has the focus."""
        return str(self.run("return document.activeElement.innerText"))

    def until(self, holds: Callable[[], Any], what: str) -> Any:
        """Wait until something holds, and return it."""
        from selenium.common.exceptions import StaleElementReferenceException, TimeoutException
        from selenium.webdriver.support.wait import WebDriverWait

        wait = WebDriverWait(
            self.driver, PATIENCE_S, poll_frequency=0.02, ignored_exceptions=[StaleElementReferenceException]
        )
        try:
            return wait.until(lambda _: holds())
        except TimeoutException:
            raise AssertionError(f"waited in vain for {what}; the page says:\n{self.text()[:3000]}") from None

    def until_text(self, expected: str, selector: str = "body") -> None:
        self.until(lambda: expected in self.text(selector), f"{expected!r} in {selector}")

    def complaints(self) -> list[str]:
        """What the browser wrote into its console since it was last asked, one line each."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def picture(self, path: Path) -> None:
        """Once nothing moves any more: colours change slowly from light to dark."""
        self.driver.execute_async_script(
            "const done = arguments[0];"
            "requestAnimationFrame(() => Promise.all(document.getAnimations().map((one) => one.finished)).then(done, done))"
        )
        self.driver.save_screenshot(str(path))


@contextmanager
def browser(profile: Path) -> Iterator[Page]:
    """A browser with a profile of its own. Skips the test where something is not installed, or fails it where
    AZFILES_REQUIRE_FOREIGN=1 asks for it.
    """
    chromium = found("chromium (apt-get install chromium)", shutil.which("chromium"))
    chromedriver = found("chromedriver (apt-get install chromium-driver)", shutil.which("chromedriver"))
    try:
        from selenium.webdriver import Chrome, ChromeOptions, ChromeService
    except ModuleNotFoundError:
        found("selenium (azfiles-toolkit[foreign])", None)
        raise
    options = ChromeOptions()
    options.binary_location = str(chromium)
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    environment = {"PATH": os.environ["PATH"], "HOME": str(profile), "NO_PROXY": "127.0.0.1"}
    service = ChromeService(executable_path=str(chromedriver), env=environment)
    driver = Chrome(options=options, service=service)
    try:
        yield Page(driver)
    finally:
        driver.quit()
