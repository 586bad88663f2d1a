"""Measure the CPU time of pages by part: SQL, ORM, templates, session, and the rest.

Plain lists with the same rows and columns (plain_lists.py) are measured at the same time, because a
busy machine makes all of them slower: without a base page, and framed by ours.
"""

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from http import HTTPStatus
from statistics import median
from time import process_time_ns
from typing import Any
from unittest import mock

from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.db.models import QuerySet
from django.db.models.sql.compiler import SQLCompiler
from django.template.backends.django import Template
from django.test import Client, RequestFactory, override_settings
from django.urls import reverse

from benchmarks.lead_page import fill
from benchmarks.timing import analyze
from leads.models import Lead
from search.answering import queryset
from smscenter.accounts.backends import MemberBackend
from smscenter.accounts.models import User
from smscenter.accounts.signing_in.session_store import SessionStore
from tests import factories

ROUNDS = 40
LEADS = 50
TIMES_PLAIN = 2.0
TEXTS = 3  # of each lead
# What the parts are called, and the functions that belong to them. A part doesn't include another
# one that it calls.
REST, SQL = "middleware and view", "SQL"
PARTS: list[tuple[str, Any, str]] = [
    ("session and user", SessionStore, "load"),
    ("session and user", MemberBackend, "get_user"),
    ("search language", queryset, "filter_by_query"),
    ("ORM", QuerySet, "_fetch_all"),
    ("ORM", SQLCompiler, "execute_sql"),
    ("templates", Template, "render"),
]
NAMES = list(dict.fromkeys([*(name for name, _, _ in PARTS), SQL, REST]))


class Clock:
    """The CPU time that each part has used, in nanoseconds."""

    def __init__(self) -> None:
        self.spent: Counter[str] = Counter()
        self._part, self._since = REST, process_time_ns()

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        outer = self._part
        self._switch(name)
        try:
            yield
        finally:
            self._switch(outer)

    def _switch(self, name: str) -> None:
        now = process_time_ns()
        self.spent[self._part] += now - self._since
        self._part, self._since = name, now

    def measured(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def run(*args: Any, **options: Any) -> Any:
            with self.part(name):
                return function(*args, **options)

        return run


def cpu_times(request: Callable[[], object]) -> Counter[str]:
    """Return the CPU time of each part of one request, in nanoseconds."""
    with ExitStack() as stack:
        clock = Clock()
        for name, owner, attribute in PARTS:
            function = clock.measured(name, getattr(owner, attribute))
            stack.enter_context(mock.patch.object(owner, attribute, function))
        stack.enter_context(
            connection.execute_wrapper(lambda run, *query: clock.measured(SQL, run)(*query))
        )
        with clock.part(REST):
            request()
    return clock.spent


class Browser:
    """Request pages as a user. The test client is slower: it copies each template's context."""

    def __init__(self, user: User) -> None:
        client = Client()
        client.force_login(user)
        self.application = get_wsgi_application()
        self.factory = RequestFactory(headers={"cookie": client.cookies.output(header="", sep=";")})

    def get(self, url: str) -> bytes:
        application: Any = self.application
        response = application(self.factory.get(url).environ, lambda *_status: None)
        if response.status_code != HTTPStatus.OK:
            sys.exit(f"{url} returned {response.status_code}")
        body = b"".join(response)
        response.close()
        return body


def pages_of(user: User) -> dict[str, str]:
    """Create leads with texts, and return pages about them."""
    for number in range(LEADS):
        lead = factories.lead(user, f"Lead {number}")
        factories.contact(lead)
        fill(lead, TEXTS)
    query = {"q": "has:error_sms_messages owner:me"}
    return {
        "shortcuts": reverse("shortcuts"),
        "leads": reverse("lead_list"),
        "leads, a search": reverse("lead_list", query=query),
        "plain leads": "/plain/leads/",
        "framed leads": "/plain/leads/?base",
        "messages": reverse("message_list"),
        "plain messages": "/plain/messages/",
        "framed messages": "/plain/messages/?base",
        "lead": Lead.objects.latest("pk").get_absolute_url(),
    }


@override_settings(ROOT_URLCONF="benchmarks.plain_lists")
def run() -> bool:
    """Return whether the lists answer as many requests as they have to, by the CPU time of one."""
    user = factories.user(factories.organization("pages"), "pages")
    browser = Browser(user)
    pages = pages_of(user)
    analyze()
    times: dict[str, list[Counter[str]]] = {name: [] for name in pages}
    unmeasured: dict[str, list[int]] = {name: [] for name in pages}
    for number in range(ROUNDS + 1):
        for name, url in pages.items():
            spent = cpu_times(lambda url=url: browser.get(url))  # type: ignore[misc]
            since = process_time_ns()
            browser.get(url)
            if number:  # the first one is a warm-up
                unmeasured[name].append(process_time_ns() - since)
                times[name].append(spent)
    print(f"  {'ms of CPU':<20}" + "".join(f"{name:>18}" for name in pages))
    for part in NAMES:
        medians = [median(spent[part] for spent in times[name]) for name in pages]
        print(f"  {part:<20}" + "".join(f"{spent / 1e6:18.2f}" for spent in medians))
    totals = [median(spent.total() for spent in times[name]) for name in pages]
    print(f"  {'all':<20}" + "".join(f"{spent / 1e6:18.2f}" for spent in totals))
    # Measuring parts costs more where there are more of them, so ratios are of whole pages.
    whole = {name: median(spent) for name, spent in unmeasured.items()}
    print(f"  {'without parts':<20}" + "".join(f"{spent / 1e6:18.2f}" for spent in whole.values()))
    ratios = {name: whole[f"plain {name}"] / whole[name] for name in ("leads", "messages")}
    for name, ratio in ratios.items():
        print(f"  {name}: {ratio:.2f} times the requests of the plain list, at least {TIMES_PLAIN}")
        framed = whole[f"framed {name}"] / whole[name]
        print(f"  {name}: {framed:.2f} times the requests of the plain list in our frame")
    return min(ratios.values()) >= TIMES_PLAIN
