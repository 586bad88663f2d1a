"""Measure how many rows a second a download of the largest organization has."""

from time import perf_counter, process_time
from typing import Any

from django.core.wsgi import get_wsgi_application
from django.urls import reverse

from benchmarks.pages import Browser
from smscenter.accounts.models import User

SECONDS = 10.0


def run() -> None:
    browser = Browser(User.objects.get(username="big-0"))
    for name in ("lead_export", "message_export"):
        rows, seconds, cpu = _download(browser, reverse(name))
        print(
            f"  {name:<16}{rows:10,} rows {rows / seconds:10,.0f} a second"
            f" {cpu / rows * 1e6:10.0f} µs of CPU a row"
        )


def _download(browser: Browser, url: str) -> tuple[int, float, float]:
    """Return the rows that come in some seconds, the seconds, and those of CPU."""
    application: Any = get_wsgi_application()
    start, cpu, rows = perf_counter(), process_time(), 0
    response = application(browser.factory.get(url).environ, lambda *_status: None)
    for part in response:
        rows += part.count(b"\n")
        if perf_counter() - start > SECONDS:
            break
    response.close()
    return rows, perf_counter() - start, process_time() - cpu
