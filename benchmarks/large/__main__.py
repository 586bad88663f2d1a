"""Measure a million leads and ten million texts, or --leads.

Usage: `python -m benchmarks.large [--leads N] [SECTION …]`. DATABASE_URL names a database of
PostgreSQL that's only for this, and an account that's a superuser. A million leads take 8 GB, and
25 while the first run creates them, in about eight minutes. SMALLER_DATABASE_URL names another
database for a tenth of the leads, to compare with (growth), and to copy to SQLite (sqlite). Exits
with 1 if a figure misses.
"""

import argparse
import importlib
import os
import sys

import django
from django.db import connection
from django.test.utils import override_settings, setup_test_environment

from smscenter.database.time_limits import DEFAULTS

SECTIONS = (
    "searches",
    "by_hand",
    "growth",
    "completion",
    "sidebar",
    "pages",
    "exporting",
    "writing",
    "sqlite",
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.large", description=__doc__)
    parser.add_argument("--leads", type=int, default=1_000_000)
    parser.add_argument("section", nargs="*", choices=[[], *SECTIONS])
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    setup_test_environment(debug=False)
    if connection.vendor == "sqlite" and "SMALLER_DATABASE_URL" in os.environ:
        importlib.import_module("benchmarks.large.on_sqlite").run()
        return
    if connection.vendor != "postgresql":
        sys.exit(__doc__)
    fill = importlib.import_module("benchmarks.large.fill")
    fill.fill(options.leads)
    missed = []
    # Those of production: tests wait longer.
    with override_settings(SEARCH_SECONDS=DEFAULTS):
        for name in options.section or SECTIONS:
            print(f"\n{name}")
            if importlib.import_module(f"benchmarks.large.{name}").run() is False:
                missed.append(name)
    if missed:
        sys.exit(f"Missed: {', '.join(missed)}")


if __name__ == "__main__":
    main()
