"""The last text of each lead in a list, and why its latest outgoing text failed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import OuterRef, QuerySet, Subquery

from leads.models import Lead
from messaging.models import SmsMessage, media
from messaging.models.reason import Reason
from search.answering.paging import PAGE
from smscenter.database.prepared import Prepared

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


@Prepared
def _newest(organization: int, *leads: int) -> QuerySet[Any, Any]:
    """Return the newest text of each of these leads."""
    ids = Lead.objects.stored_in(organization).filter(pk__in=leads).order_by().values_list(NEWEST)
    texts = SmsMessage.objects.stored_in(organization).filter(pk__in=ids)
    return texts.values_list(*_Text._fields)


@Prepared
def _texts(organization: int, *texts: int) -> QuerySet[Any, Any]:
    rows = SmsMessage.objects.stored_in(organization).filter(pk__in=texts)
    return rows.values_list(*_Text._fields)


def last_texts(leads: Sequence[Any]) -> dict[int, LastText]:
    """Return what the list shows of each lead's texts, by lead ID. Takes one query, or two.

    The leads are those of a page, so all of one organization.
    """
    newest = {
        text.lead: text for text in _read(_newest, leads, (x.id for x in leads if x.sms_count))
    }
    failed = {
        lead.id: lead.latest_sms_id
        for lead in leads
        if lead.latest_sms_id and lead.latest_sms_status == Lead.LatestSms.ERROR
    }
    known = {text.id: text for text in newest.values()}
    missing = {pk for pk in failed.values() if pk not in known}
    known |= {text.id: text for text in _read(_texts, leads, missing)}
    return {
        lead.id: _last_text(newest.get(lead.id), known.get(failed.get(lead.id, 0)))
        for lead in leads
    }


def _read(query: Prepared, leads: Sequence[Any], ids: Iterable[int]) -> list[_Text]:
    """Read texts by the IDs of up to a page of rows. The SQL is the same for fewer."""
    given = list(ids)
    if not given:
        return []
    return [*map(_Text._make, query(leads[0].organization_id, *given, *[0] * (PAGE - len(given))))]


def _last_text(text: _Text | None, failed: _Text | None) -> LastText:
    failure = Reason(failed.reason) if failed else None
    if text is None:
        return LastText(failure=failure)
    return LastText(text.direction, media.summarize(text.text, text.media), failure)
