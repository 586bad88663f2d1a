"""Post the composer's form."""

import uuid
from typing import Any

from django.test import Client

from leads.models import ContactPhone, Lead
from messaging.models import SenderNumber

HTMX = {"HX-Request": "true"}


def form(phone: ContactPhone, sender: SenderNumber | None, **changes: Any) -> dict[str, Any]:
    return {
        "to": phone.pk,
        "sender": sender.pk if sender else "",
        "text": "See you at 9?",
        "form_token": uuid.uuid4(),
    } | changes


def post(client: Client, lead: Lead, page: str, data: dict[str, Any], *, htmx: bool = True) -> Any:
    return client.post(f"/leads/{lead.pk}/sms/{page}/", data, headers=HTMX if htmx else {})
