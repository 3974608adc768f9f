"""A headless Chromium for the tests of the emulator's page and for its screenshots.

Selenium drives the browser and the driver that the machine has; nothing is downloaded. `scripts/dev browser`
installs both from Debian's or Ubuntu's packages.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DRIVERS = ("chromedriver", "/usr/lib/chromium-browser/chromedriver")


class UnavailableError(Exception):
    """There is no browser here; the message says how to get one."""


def find() -> tuple[str, str]:
    """Return the paths of a Chromium and of its driver; raises UnavailableError without both."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    driver = next(filter(None, map(shutil.which, DRIVERS)), None)
    if browser is None or driver is None:
        missing = " and ".join(
            name for name, found in (("chromium", browser), ("chromedriver", driver)) if found is None
        )
        raise UnavailableError(f"no {missing} on PATH: run scripts/dev browser as root, or install them")
    return browser, driver


@contextmanager
def opened(scheme: str = "light", size: tuple[int, int] = (1280, 900)) -> Iterator[Chrome]:
    """Open a headless browser that prefers a colour scheme, `light` or `dark`."""
    browser, driver = find()
    options = ChromeOptions()
    options.binary_location = browser
    for argument in ("--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"):
        options.add_argument(argument)
    options.add_argument(f"--window-size={size[0]},{size[1]}")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.add_argument("--no-sandbox")  # Chromium refuses to run as root with it.
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    chrome = Chrome(options=options, service=Service(str(Path(driver).resolve())))
    try:
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        yield chrome
    finally:
        chrome.quit()
