"""One run: install, put it under load, wait until all is done, report."""

import argparse
import json
from contextlib import ExitStack
from pathlib import Path

from django.core.management import call_command

from benchmarks.production import data, processes, report
from benchmarks.production.load import Load
from benchmarks.production.stack import Stack
from tests.production import pgbouncer


def run(chosen: argparse.Namespace, folder: Path, url: str, stack: ExitStack) -> bool:
    """Return whether there was no error, and nothing lost, doubled, or too large."""
    print(f"Machine: {processes.machine()}", flush=True)
    call_command("migrate", verbosity=0)
    data.create(chosen.leads)
    pooler = None
    if chosen.pgbouncer:
        (pool_folder := folder / "pool").mkdir()
        folder.chmod(0o755)
        pooler = stack.enter_context(pgbouncer.running(pool_folder, url))
    (site_folder := folder / "site").mkdir()
    site = stack.enter_context(Stack(site_folder, url, pooler, chosen.gunicorn.split()))
    load = Load(chosen, site)
    cookies = data.sign_in(chosen.sessions, site.secret_key)
    with load.carrier(), load.people(cookies) as people:
        load.go(chosen.minutes * 60)
        output, _ = people.communicate(timeout=120)
        load.drain()
    return report.report(chosen, load, json.loads(output))
