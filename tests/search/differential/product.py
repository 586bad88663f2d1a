"""Run queries in the product, as a user and at a fixed time."""

import os
from typing import Any

from hypothesis import HealthCheck, settings

from leads.models import Lead
from messaging.models import SmsMessage
from smscenter.accounts.models import User
from tests.search.differential.queries import Queries
from tests.search.differential.records import NOW
from tests.search.differential.views import with_views
from tests.search.differential.world import world

LONG_RUN = int(os.environ.get("SEARCH_EXAMPLES", "0"))
WORLD = with_views(world())
SEARCHERS = ("rita", "carl", "sam")
# The evaluator and the product name the models differently.
MODELS: dict[str, Any] = {"lead": Lead, "sms": SmsMessage}
PRODUCT = {"lead": "lead", "sms": "message"}
SEARCHES = {
    (name, kind): Queries(WORLD, WORLD.person(name)).searches(kind)
    for name in SEARCHERS
    for kind in MODELS
}


def random_queries(examples: int) -> settings:
    """Return settings for a number of queries, the same each time unless SEARCH_EXAMPLES is set."""
    return settings(
        max_examples=LONG_RUN or examples,
        derandomize=not LONG_RUN,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


def searcher(username: str) -> User:
    return User.objects.select_related("organization").get(username=username)


def found(query: str, username: str, kind: str = "lead") -> list[int]:
    """Return the IDs in the order of the results."""
    user = searcher(username)
    rows = MODELS[kind].objects.visible_to(user).search(query, user=user, at=NOW)
    return [row.pk for row in rows]
