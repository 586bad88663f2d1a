"""The columns of the file of texts, and those that texts add to the file of leads."""

from django.db.models import OuterRef, QuerySet, Subquery

from leads.exports import ExportedColumn
from leads.models import Lead
from messaging.models import Attempt, SmsMessage
from messaging.models.reason import Reason
from search.answering import csv_export
from search.answering.csv_export import Prepared


def _label(reason: str) -> str:
    return str(Reason(reason).label) if reason else ""


def _group(reason: str) -> str:
    return str(Reason(reason).group.label) if reason else ""


# --- Texts


def _with_attempts(texts: QuerySet[SmsMessage]) -> QuerySet[SmsMessage]:
    return texts.prefetch_related("attempts")


def _with_emails(texts: QuerySet[SmsMessage]) -> QuerySet[SmsMessage]:
    return texts.prefetch_related("contact__emails")


def _code(text: SmsMessage) -> str:
    return text.failed_attempt.code if text.failed and text.failed_attempt else ""


def _email(text: SmsMessage) -> str:
    emails = text.contact.emails.all() if text.contact else []
    return next((each.email for each in emails), "")


EXPORTED: csv_export.Columns[SmsMessage] = {
    "id": lambda text: text.pk,
    "created": lambda text: text.created,
    "sent": lambda text: text.sent,
    "time zone": csv_export.time_zone,
    "direction": lambda text: text.direction,
    "status": lambda text: text.status,
    "reason": lambda text: text.reason,
    "failure reason": lambda text: _label(text.reason),
    "failure group": lambda text: _group(text.reason),
    "carrier code": Prepared(_code, _with_attempts),
    "lead": lambda text: text.lead,
    "owner": lambda text: text.lead.owner,
    "contact": lambda text: text.contact,
    "email": Prepared(_email, _with_emails),
    "recipient": csv_export.phone(lambda text: text.remote_phone),
    "sender number": csv_export.phone(lambda text: text.local_phone),
    "user": lambda text: text.user,
    "text": lambda text: text.text,
}


# --- Leads: why the latest text failed


def _with_reason(leads: QuerySet[Lead]) -> QuerySet[Lead]:
    texts = SmsMessage.objects.filter(pk=OuterRef("latest_sms_id")).values("reason")
    return leads.annotate(latest_reason=Subquery(texts[:1]))


def _with_code(leads: QuerySet[Lead]) -> QuerySet[Lead]:
    failed = Attempt.objects.filter(message=OuterRef("latest_sms_id"), state=Attempt.State.FAILED)
    codes = failed.order_by("-number").values("code")
    return leads.annotate(latest_code=Subquery(codes[:1]))


def _latest_reason(lead: Lead) -> str:
    reason: str = lead.latest_reason or ""  # type: ignore[attr-defined]  # annotated
    return reason


def _latest_code(lead: Lead) -> str:
    failed = lead.latest_sms_status == Lead.LatestSms.ERROR
    return (failed and lead.latest_code) or ""  # type: ignore[attr-defined]  # annotated


OF_LEADS = [
    ExportedColumn(
        "failure reason", Prepared(lambda lead: _label(_latest_reason(lead)), _with_reason)
    ),
    ExportedColumn(
        "failure group", Prepared(lambda lead: _group(_latest_reason(lead)), _with_reason)
    ),
    ExportedColumn("carrier code", Prepared(_latest_code, _with_code)),
]
