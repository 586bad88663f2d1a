"""What support adds to the words of leads: see search/vocabulary.py."""

from django.db.models import Q

from leads.vocabulary import leads
from search.searcher import Searcher
from search.vocabulary import Flag
from smscenter.support.models import RequestMessage


def in_whitelist_requests(searcher: Searcher) -> Q:
    """One of the lead's messages is the evidence of a request for whitelisting."""
    evidence = RequestMessage.objects.filter(
        organization_id=searcher.organization, request__kind="whitelist"
    )
    return Q(pk__in=evidence.order_by().values("message__lead"))


leads.add_flag(
    Flag(
        "whitelist_requests",
        in_whitelist_requests,
        noun="a whitelist request",
        meaning="A text that somebody asked to have whitelisted.",
    )
)
