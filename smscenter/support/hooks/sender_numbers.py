"""Show next to sender numbers whether they're whitelisted, or a request is pending.

A whitelisting at another carrier than the number's is only shown on the number's own page.
"""

from collections import defaultdict
from collections.abc import Collection

from django.db import connection
from django.db.models import Q

from messaging import carriers
from messaging.composing.senders.sender_facts import SenderFact, sender_facts
from messaging.deliverability.around import whitelistings
from messaging.models import SenderNumber
from smscenter.support.models import SupportRequest, Whitelisting
from smscenter.support.models.states import OPEN, State, lower
from smscenter.support.requests.whitelistings import granted_since


def facts(organizations: Collection[int]) -> dict[int, list[SenderFact]]:
    """Return the facts by number. Takes one query, because every page with a number needs them."""
    relevant = Q(state__in=OPEN) | Q(pk__in=Whitelisting.objects.in_force().values("request"))
    rows = SupportRequest.objects.for_whitelisting().filter(
        relevant, organization__in=organizations
    )
    shown = [f"whitelisting__{name}" for name in ("carrier", "granted", "expires")]
    rows = rows.select_related("sender", "whitelisting").only("state", "sender__carrier", *shown)
    rows = rows.order_by("-state", "sender", "whitelisting__carrier", "id")
    if connection.features.can_distinct_on_fields:
        # The first of each badge: a number whose whitelistings were renewed has many.
        rows = rows.distinct("state", "sender", "whitelisting__carrier")
    known: defaultdict[int, list[SenderFact]] = defaultdict(list)
    # Whitelisted comes first: that happens to be the reverse alphabetical order.
    for support_request in rows:
        if support_request.sender_id is not None:
            known[support_request.sender_id].append(_fact(support_request))
    return known


def _fact(support_request: SupportRequest) -> SenderFact:
    if support_request.status is State.WHITELISTED:
        return _whitelisted(support_request.whitelisting, support_request.sender)
    detail = f"Request {support_request.pk}: {lower(support_request.status)}."
    return SenderFact("whitelist request pending", "warning", detail)


def _whitelisted(whitelisting: Whitelisting, sender: SenderNumber | None) -> SenderFact:
    if sender is None or whitelisting.carrier == sender.carrier:
        return SenderFact("whitelisted", detail=whitelisting.period, passes_filters=True)
    detail = f"{whitelisting.period} Doesn't apply at {carriers.label(sender.carrier)}."
    text = f"whitelisted at {carriers.label(whitelisting.carrier)}"
    return SenderFact(text, "warning", detail, is_minor=True)


sender_facts.register(facts)
whitelistings.register(granted_since)
