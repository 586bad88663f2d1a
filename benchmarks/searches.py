"""CPU time of searches in texts: 2,300 leads and 31,000 texts, without ANALYZE."""

from time import process_time

from django.db import connection, reset_queries
from django.utils import timezone

from search import run as search
from search.answering.paging import Order, page_of
from search.limits import count_of
from smscenter.accounts.models import User
from smscenter.demo import load

LEADS, TEXTS = 2_300, 31_000
ROUNDS = 5
BUDGET = 0.1  # seconds, of the first one
QUERIES = [
    "sms(segments > 1)",
    "not sms(segments > 1)",
    "sms(user:me segments > 1)",
    "sms(error_code:30007)",
    "sms(lead(sms(segments > 1)))",
    "sms(text:appointment)",
    "note(text:budget)",
    "first_sms:today",
    "phone_numbers > 1",
    "sort:-notes",
]
NEWEST = Order.by("last_activity_at", descending=True)


def cpu_of(query: str, user: User) -> float:
    """Return the best of several rounds for the page and the count: this machine may be busy."""
    taken = []
    for _ in range(ROUNDS):
        begun = process_time()
        result = search("lead", query, user)
        page_of(result.rows, Order.of(result.order) if result.order else NEWEST)
        count_of(result.rows)
        taken.append(process_time() - begun)
    return min(taken)


def run() -> bool:
    """Return whether the first search is as fast as promised. Only SQLite runs in this process."""
    load.load(leads=LEADS, messages=TEXTS, seed=1, now=timezone.now())
    reset_queries()
    user = User.objects.get(username="rep")
    taken = {query: cpu_of(query, user) for query in QUERIES}
    for query, seconds in taken.items():
        print(f"  {query:<40} {seconds * 1000:9.2f} ms")
    print(f"  {'the first one at most':<40} {BUDGET * 1000:9.2f} ms")
    return connection.vendor != "sqlite" or taken[QUERIES[0]] <= BUDGET
