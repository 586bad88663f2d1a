"""Where LibreOffice is: found on the machine, never downloaded by a test."""

import os
import shutil
from pathlib import Path

NAMES = ("soffice", "libreoffice")
INSTRUCTION = (
    "These tests need LibreOffice Calc, and there is none. Install it (Debian: apt-get install "
    "libreoffice-calc-nogui) or name its program in SOFFICE."
)


def find() -> str | None:
    """Return the path of the program: the one that SOFFICE names, or the system's."""
    if named := os.environ.get("SOFFICE"):
        return named if Path(named).exists() else None
    return next(filter(None, map(shutil.which, NAMES)), None)
