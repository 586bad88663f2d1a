"""Find LibreOffice on this machine. Tests never download it."""

import os
import shutil
from pathlib import Path

NAMES = ("soffice", "libreoffice")
INSTRUCTION = (
    "These tests need LibreOffice Calc. Install it (Debian: apt-get install "
    "libreoffice-calc-nogui) or set SOFFICE to its path."
)


def find() -> str | None:
    """Return the path of LibreOffice, from SOFFICE or the system."""
    if path := os.environ.get("SOFFICE"):
        return path if Path(path).exists() else None
    return next(filter(None, map(shutil.which, NAMES)), None)
