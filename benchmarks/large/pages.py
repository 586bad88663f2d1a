"""Measure whole pages in the largest organization: CPU, statements, buffers, and requests a second.

Plain lists (benchmarks/plain_lists.py) are measured in turns with ours. Their second page is, as
the first one has a lead with a fifth of all texts, which they would load whole.
"""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from statistics import median
from time import perf_counter

from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from benchmarks.large.plans import Reading, reading_of
from benchmarks.pages import SQL, TIMES_PLAIN, Browser, cpu_times
from leads.models import Lead
from smscenter.accounts.models import Organization, User
from smscenter.support.models import SupportRequest
from tests import factories

ROUNDS = 15
CPU_MS = 15.0  # of a list, without SQL
MOST_STATEMENTS = 12  # of a list
MOST_GROWTH = 1.3  # of the lead page
REQUESTS = 50_000
NEWS = re.compile(rb'hx-get="(/leads/\d+/news/[^"]*)"')
LISTS = ("leads", "leads, a search", "messages")


@dataclass
class Costs:
    """What a page costs in some rounds: seconds that pass, and nanoseconds of CPU by part."""

    reading: Reading
    seconds: list[float] = field(default_factory=list)
    cpu: list[Counter[str]] = field(default_factory=list)

    @property
    def cpu_ms(self) -> float:
        return median(spent.total() for spent in self.cpu) / 1e6

    @property
    def cpu_but_sql(self) -> float:
        return median(spent.total() - spent[SQL] for spent in self.cpu) / 1e6

    @property
    def a_second(self) -> float:
        """Return how many requests one process answers in a second, one after another."""
        return 1 / min(self.seconds)

    def __str__(self) -> str:
        return (
            f"{self.cpu_ms:8.1f}{self.cpu_but_sql:9.1f}{min(self.seconds) * 1000:9.1f}"
            f"{self.a_second:9.0f}{self.reading.statements:11}{self.reading.buffers:10,}"
        )


def pages_of(browser: Browser, user: User) -> dict[str, str]:
    """Return the pages. The first three leads have many texts, some, and few."""
    leads = Lead.objects.filter(organization=user.organization).order_by("pk")[:3]
    lead_pages = {f"lead, {lead.sms_count:,} texts": lead.get_absolute_url() for lead in leads}
    news = NEWS.search(browser.get(leads[0].get_absolute_url()))
    assert news
    return {
        "leads": reverse("lead_list"),
        "leads, a search": reverse("lead_list", query={"q": "failed_sms > 1"}),
        "plain leads": "/plain/leads/?page=2",
        "plain leads, one by one": "/plain/leads/one-by-one/?page=2",
        "messages": reverse("message_list"),
        "plain messages": "/plain/messages/?page=2",
        **lead_pages,
        "news of a lead": news[1].decode().replace("&amp;", "&"),
        "inbox": reverse("thread_list"),
        "deliverability": reverse("deliverability"),
        "deliverability, 12 months": reverse("deliverability", query={"period": "year"}),
        "requests": reverse("request_list"),
        "home": reverse("home"),
    }


def measure(browser: Browser, pages: dict[str, str]) -> dict[str, Costs]:
    costs = {
        name: Costs(reading_of(lambda url=url: browser.get(url)))  # type: ignore[misc]
        for name, url in pages.items()
    }
    for _ in range(ROUNDS):
        for name, url in pages.items():
            start = perf_counter()
            browser.get(url)
            costs[name].seconds.append(perf_counter() - start)
            costs[name].cpu.append(cpu_times(lambda url=url: browser.get(url)))  # type: ignore[misc]
    for name, each in costs.items():
        print(f"  {name:<30}{each}", flush=True)
    return costs


@override_settings(ROOT_URLCONF="benchmarks.plain_lists")
def run() -> bool:
    """Return whether all pages are within their limits."""
    user = User.objects.get(username="big-0")
    browser = Browser(user)
    print(
        f"  {'':<30}{'CPU ms':>8}{'but SQL':>9}{'all ms':>9}{'a second':>9}"
        f"{'statements':>11}{'buffers':>10}"
    )
    costs = measure(browser, pages_of(browser, user))
    with _rolled_back():
        measure(Browser(_add_requests()), {"review queue": reverse("review_queue")})
    return _verdict(costs)


@contextmanager
def _rolled_back() -> Iterator[None]:
    """Keep nothing of what happens here. After a request, Django would close the connection."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)


def _add_requests() -> User:
    """Create submitted requests of all organizations. Return someone who reviews them."""
    now, organizations = timezone.now(), list(Organization.objects.values_list("pk", flat=True))
    SupportRequest.objects.bulk_create(
        (
            SupportRequest(
                organization_id=organizations[number % len(organizations)],
                kind=SupportRequest.Kind.OTHER,
                state="submitted",
                subject=f"Question {number}",
                body="Why was this text blocked?",
                submitted=now - timedelta(minutes=number),
                created=now - timedelta(minutes=number),
            )
            for number in range(REQUESTS)
        ),
        batch_size=1_000,
    )
    reviewer = factories.user(None, "big-reviewer", is_staff=True)
    reviewer.groups.add(factories.support_group())
    return reviewer


def _verdict(costs: dict[str, Costs]) -> bool:
    lead_pages = [each for name, each in costs.items() if name.startswith("lead, ")]
    times = {name: costs[name].a_second / costs[f"plain {name}"].a_second for name in LISTS[::2]}
    checks = [
        *((f"{name}: CPU but SQL, ms", costs[name].cpu_but_sql, CPU_MS) for name in LISTS),
        *(
            (f"{name}: statements", costs[name].reading.statements, MOST_STATEMENTS)
            for name in LISTS
        ),
        (
            "lead with most texts, compared with fewest",
            min(lead_pages[0].seconds) / min(lead_pages[-1].seconds),
            MOST_GROWTH,
        ),
    ]
    met = True
    for name, value, most in checks:
        met &= value <= most
        print(f"  {name:<50}{value:8.2f}  at most {most}: {'met' if value <= most else 'missed'}")
    for name, value in times.items():
        met &= value >= TIMES_PLAIN
        print(
            f"  {f'{name}: times the requests of the plain list':<50}{value:8.2f}"
            f"  at least {TIMES_PLAIN}: {'met' if value >= TIMES_PLAIN else 'missed'}"
        )
    return met
