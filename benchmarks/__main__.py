"""Run all benchmarks, or those named, on a temporary database of DATABASE_URL.

Usage: `python -m benchmarks [NAME …]`. Exits with 1 if a benchmark misses its target.
"""

import argparse
import importlib
import os
import pkgutil
import sys

import django
from django.conf import settings
from django.test.utils import get_runner, setup_test_environment

import benchmarks

# Benchmarks use these. `large` and `production` are run by themselves.
NOT_RUN = {
    *("__main__", "large", "plain_carrier", "plain_lists", "production", "slow_carrier", "timing"),
}


def names() -> list[str]:
    """Return the names of the benchmark modules."""
    return sorted(
        module.name
        for module in pkgutil.iter_modules(benchmarks.__path__)
        if module.name not in NOT_RUN
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", nargs="*", choices=[[], *names()])
    chosen = parser.parse_args().name or names()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    setup_test_environment(debug=False)
    runner = get_runner(settings)(verbosity=0, interactive=False)
    databases = runner.setup_databases()
    missed: list[str] = []
    try:
        for name in chosen:
            print(f"\n{name} on {settings.DATABASES['default']['ENGINE'].rpartition('.')[2]}")
            if importlib.import_module(f"benchmarks.{name}").run() is False:
                missed.append(name)
    finally:
        runner.teardown_databases(databases)
    if missed:
        sys.exit(f"Missed: {', '.join(missed)}")


if __name__ == "__main__":
    main()
