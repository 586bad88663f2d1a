"""Where the browser is: found on the machine, never downloaded in silence."""

import os
import shutil
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
INSTRUCTION = (
    "The browser tests need Chromium, and there is none. Install it (Debian: apt-get install "
    "chromium; elsewhere: .venv/bin/playwright install chromium) or name one in CHROMIUM."
)


def find() -> str | None:
    """Return the path of Chromium: of CHROMIUM, the system, or Playwright."""
    if named := os.environ.get("CHROMIUM"):
        return named if Path(named).exists() else None
    for name in NAMES:
        if path := shutil.which(name):
            return path
    return _of_playwright()


def _of_playwright() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None
