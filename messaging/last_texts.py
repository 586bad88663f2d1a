"""The last text of each lead in a list, and why its latest outgoing text failed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import OuterRef, QuerySet, Subquery

from leads.models import Lead
from messaging.models import SmsMessage, media
from messaging.models.reason import Reason

Status = SmsMessage.Status
# The ID of a lead's newest text that was sent or received. It's the first entry of the lead in an
# index, so leads with many texts cost no more.
NEWEST = Subquery(
    SmsMessage.objects.filter(lead=OuterRef("pk"))
    .exclude(status__in=[Status.DRAFT, Status.SCHEDULED])
    .order_by("-created", "-id")
    .values("pk")[:1]
)


@dataclass(frozen=True)
class LastText:
    """Without a text, both are empty."""

    direction: str = ""
    summary: str = ""
    failure: Reason | None = None


class _Text(NamedTuple):
    """Columns of a text. Models would take as long as the rest of the query."""

    id: int
    lead: int
    direction: str
    reason: str
    text: str
    media: Any


def last_texts(leads: Sequence[Any]) -> dict[int, LastText]:
    """Return what the list shows of each lead's texts, by lead ID. Takes one query, or two."""
    organizations = {lead.organization_id for lead in leads}
    texts = SmsMessage.objects.filter(organization__in=organizations)
    newest = {text.lead: text for text in _read(texts.filter(pk__in=_newest(leads)))}
    failed = {
        lead.id: lead.latest_sms_id
        for lead in leads
        if lead.latest_sms_id and lead.latest_sms_status == Lead.LatestSms.ERROR
    }
    known = {text.id: text for text in newest.values()}
    if missing := {pk for pk in failed.values() if pk not in known}:
        known |= {text.id: text for text in _read(texts.filter(pk__in=missing))}
    return {
        lead.id: _last_text(newest.get(lead.id), known.get(failed.get(lead.id, 0)))
        for lead in leads
    }


def _read(texts: QuerySet[SmsMessage]) -> list[_Text]:
    return list(map(_Text._make, texts.values_list(*_Text._fields)))


def _newest(leads: Sequence[Any]) -> QuerySet[Any, int]:
    """Return the ID of each lead's newest text."""
    found = Lead.objects.filter(
        organization__in={lead.organization_id for lead in leads},
        pk__in=[lead.id for lead in leads if lead.sms_count],
    )
    return found.order_by().values_list(NEWEST)


def _last_text(text: _Text | None, failed: _Text | None) -> LastText:
    failure = Reason(failed.reason) if failed else None
    if text is None:
        return LastText(failure=failure)
    return LastText(text.direction, media.summarize(text.text, text.media), failure)
