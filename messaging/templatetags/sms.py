"""What other apps say of our numbers and of texts: see messaging/sender_facts.py and marks.py."""

from typing import Any

from django import template

from messaging import marks, sender_facts
from messaging.models import SenderNumber, SmsMessage

register = template.Library()


@register.inclusion_tag("messaging/_sender_facts.html", takes_context=True)
def facts(context: dict[str, Any], sender: SenderNumber) -> dict[str, Any]:
    """Beside a number of ours: `{% facts row.sender %}`. One look a request for all numbers."""
    request = context.get("request")
    known: dict[int, dict[int, Any]] = getattr(request, "_sender_facts", {})
    if sender.organization_id not in known:
        known[sender.organization_id] = sender_facts.facts_of(sender.organization_id)
        if request is not None:
            request._sender_facts = known
    return {"facts": known[sender.organization_id].get(sender.pk, [])}


@register.simple_tag
def mark_templates(row: SmsMessage) -> list[str]:
    """Of what stands beside a text; nothing of it was read where the text is one of a long list."""
    read = getattr(row, "_prefetched_objects_cache", {})
    return [mark.template for mark in marks.registered] if "attempts" in read else []
