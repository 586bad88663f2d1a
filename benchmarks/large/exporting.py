"""Measure how many rows a second a download of the largest organization has."""

from time import perf_counter, process_time
from typing import Any

from django.core.wsgi import get_wsgi_application
from django.urls import reverse

from benchmarks.pages import Browser
from smscenter.accounts.models import User

SECONDS = 10.0  # of rows, after the first one


def run() -> None:
    browser = Browser(User.objects.get(username="big-0"))
    for name in ("lead_export", "message_export"):
        _download(browser, name)


def _download(browser: Browser, name: str) -> None:
    """Print how long the first row takes, and how many come in a second afterwards."""
    application: Any = get_wsgi_application()
    start = perf_counter()
    environ = browser.factory.get(reverse(name)).environ
    # The view reads the first row before it answers.
    response = application(environ, lambda *_status: None)
    first, cpu, rows = perf_counter(), process_time(), 0
    for part in response:
        rows += part.count(b"\n")
        if perf_counter() - first > SECONDS:
            break
    seconds, cpu = perf_counter() - first, process_time() - cpu
    response.close()
    print(
        f"  {name:<16} status {response.status_code}, the first row after {first - start:.1f} s,"
        f" then {rows / seconds:,.0f} rows a second, {cpu / rows * 1e6:.0f} µs of CPU a row",
        flush=True,
    )
