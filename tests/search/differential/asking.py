"""Asks the product, as a test asks it: a text, a person, a moment."""

from typing import Any

from leads.models import Lead
from messaging.models import SmsMessage
from smscenter.accounts.models import User
from tests.search.differential.queries import Queries
from tests.search.differential.records import NOW
from tests.search.differential.views import with_views
from tests.search.differential.world import world

WORLD = with_views(world())
SEARCHERS = ("rita", "carl", "sam")
# What the evaluator calls sms, the product searches as messages.
MODELS: dict[str, Any] = {"lead": Lead, "sms": SmsMessage}
PRODUCT = {"lead": "lead", "sms": "message"}
SEARCHES = {
    (name, kind): Queries(WORLD, WORLD.person(name)).searches(kind)
    for name in SEARCHERS
    for kind in MODELS
}


def searcher(username: str) -> User:
    return User.objects.select_related("organization").get(username=username)


def found(query: str, username: str, kind: str = "lead") -> list[int]:
    """The ids, in the order in which the product gives them."""
    user = searcher(username)
    rows = MODELS[kind].objects.visible_to(user).search(query, user=user, at=NOW)
    return [row.pk for row in rows]
