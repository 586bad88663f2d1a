"""Find the browser on this machine. Never download one silently."""

import os
import shutil
from pathlib import Path

# The headless shell is the same browser without windows, which takes a fifth less CPU time.
NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
INSTRUCTION = (
    "The browser tests need Chromium. Install it (Debian: apt-get install "
    "chromium-headless-shell; elsewhere: .venv/bin/playwright install chromium) or set CHROMIUM "
    "to its path."
)


def find() -> str | None:
    """Return the path of Chromium, from CHROMIUM, the system, or Playwright."""
    if path := os.environ.get("CHROMIUM"):
        return path if Path(path).exists() else None
    for name in NAMES:
        if path := shutil.which(name):
            return path
    return _playwright_chromium()


def _playwright_chromium() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None
