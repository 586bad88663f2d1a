"""What other apps show next to sender numbers and texts (sender_facts.py, marks.py)."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils import timezone

from messaging.composing import quiet_hours
from messaging.composing.correction import CorrectionForm
from messaging.composing.senders.sender_facts import facts_once
from messaging.models import SenderNumber, SmsMessage
from messaging.models.marks import marks
from messaging.models.reason import Reason
from smscenter import moments
from smscenter.accounts.models import Owned

register = template.Library()


@register.inclusion_tag("messaging/_sender_facts.html", takes_context=True)
def facts(context: dict[str, Any], sender: SenderNumber) -> dict[str, Any]:
    """Show a sender number's facts: `{% facts row.sender %}`. Read once per request."""
    known = facts_once(context.get("request"), sender.organization_id)
    return {"facts": known.get(sender.pk, [])}


@register.simple_tag(takes_context=True)
def passes_filters(context: dict[str, Any], sender: SenderNumber | None) -> bool:
    """Return whether texts that a spam filter blocked can be resent from this number."""
    if sender is None:
        return False
    known = facts_once(context.get("request"), sender.organization_id)
    return any(fact.passes_filters for fact in known.get(sender.pk, []))


@register.simple_tag(takes_context=True)
def look_up_facts(context: dict[str, Any], rows: Iterable[Owned]) -> str:
    """Read the facts for all rows at once, before a table with several organizations."""
    facts_once(context.get("request"), *{row.organization_id for row in rows})
    return ""


@register.simple_tag(takes_context=True)
def correction_form(context: dict[str, Any], row: SmsMessage, step: str) -> CorrectionForm:
    """Return the form that resends a failed text, for one step."""
    request = context["request"]
    if not hasattr(request, "_usable_senders"):  # the same query set reads them once
        request._usable_senders = SenderNumber.objects.usable_by(context["user"])
    return CorrectionForm(None, message=row, senders=request._usable_senders, step=step)


@register.filter
def reason_label(reason: str) -> str:
    return Reason(reason).label


@register.simple_tag
def quiet_clock(row: SmsMessage) -> str:
    """Return the recipient's time during quiet hours, for a warning next to Resend."""
    now = timezone.now()
    if quiet_hours.first_allowed(row.number, now) == now:
        return ""
    return moments.clock_there(quiet_hours.local_times(row.number, now)[0])


@register.simple_tag
def mark_templates(row: SmsMessage) -> list[str]:
    """Return the templates shown next to a text; none in long lists, which don't prefetch them."""
    read = getattr(row, "_prefetched_objects_cache", {})
    if "attempts" not in read:
        return []
    return [mark.template for mark in marks if mark.is_shown(row)]
