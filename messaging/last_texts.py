"""The last text of each lead in a list, and why its latest outgoing text failed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Subquery

from leads.models import Lead
from messaging.models import SmsMessage
from messaging.models.reason import Reason

Status = SmsMessage.Status


@dataclass(frozen=True)
class LastText:
    text: SmsMessage | None
    failure: Reason | None = None


def last_texts(leads: Sequence[Lead]) -> dict[int, LastText]:
    """Return what the list shows of each lead's texts, by lead ID. Takes two queries."""
    newest = _newest([lead for lead in leads if lead.sms_count])
    failed = {
        lead.pk: lead.latest_sms_id
        for lead in leads
        if lead.latest_sms_status == Lead.LatestSms.ERROR
    }
    rows = SmsMessage.objects.filter(organization__in={lead.organization_id for lead in leads})
    texts = rows.only(
        "lead_id", "direction", "status", "reason", "text", "media", "automatic"
    ).in_bulk({*newest.values(), *failed.values()} - {None})
    return {
        lead.pk: LastText(texts.get(newest.get(lead.pk)), _why(texts.get(failed.get(lead.pk))))
        for lead in leads
    }


def _newest(leads: list[Lead]) -> dict[int, Any]:
    """Return the ID of each lead's newest text that was sent or received.

    Each is the first entry of its lead in an index, so leads with many texts cost no more.
    """
    texts = SmsMessage.objects.filter(lead=OuterRef("pk"))
    texts = texts.exclude(status__in=[Status.DRAFT, Status.SCHEDULED]).order_by("-created", "-id")
    rows = Lead.objects.filter(
        organization__in={lead.organization_id for lead in leads},
        pk__in=[lead.pk for lead in leads],
    )
    found = rows.annotate(text=Subquery(texts.values("pk")[:1]))
    return dict(found.order_by().values_list("pk", "text"))


def _why(text: SmsMessage | None) -> Reason | None:
    return text.why if text and text.failed else None
