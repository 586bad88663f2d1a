"""Measure a tenth of the rows on SQLite: on_sqlite.py, in a process with the settings of SQLite."""

import os
import subprocess
import sys

from django.conf import settings

SOURCE = "SMALLER_DATABASE_URL"


def run() -> bool:
    """Return whether the searches are within their limits."""
    if not os.environ.get(SOURCE):
        print(f"  left out: {SOURCE} names a database for a tenth of the leads")
        return True
    url = f"sqlite:///{settings.VAR_DIR / 'large.sqlite3'}"
    environment = {**os.environ, "DATABASE_URL": url}
    command = [sys.executable, "-m", "benchmarks.large"]
    return subprocess.run(command, env=environment, check=False).returncode == 0
