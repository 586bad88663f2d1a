"""What is shown beside our numbers: that a carrier whitelisted one, or was asked to."""

from collections import defaultdict
from collections.abc import Collection

from django.db.models import Q

from messaging.sender_facts import SenderFact
from smscenter.support.models import Request, Whitelisting
from smscenter.support.models.states import OPEN, State, lower


def facts(organizations: Collection[int]) -> dict[int, list[SenderFact]]:
    """In one query: each page with a number asks it."""
    asked = Q(state__in=OPEN) | Q(pk__in=Whitelisting.objects.in_use().values("request"))
    rows = Request.objects.for_whitelisting().filter(asked, organization__in=organizations)
    known: defaultdict[int, list[SenderFact]] = defaultdict(list)
    # What holds comes before what is asked: their names happen to stand like that.
    for request in rows.select_related("whitelisting").order_by("-state", "id"):
        if request.sender_id is not None:
            known[request.sender_id].append(_fact(request))
    return known


def _fact(request: Request) -> SenderFact:
    if request.status is State.WHITELISTED:
        return SenderFact("whitelisted", detail=request.whitelisting.period, passes_filters=True)
    said = f"Request {request.pk}: {lower(request.status)}."
    return SenderFact("whitelist request pending", "warning", said)
