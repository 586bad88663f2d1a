"""The label of a request beside the texts that belong to it."""

from django.db.models import Prefetch

from messaging.marks import Mark, register
from smscenter.support.models import Request

register(
    Mark(
        prefetch=lambda: Prefetch("requests", Request.objects.submitted(), to_attr="asked_about"),
        template="support/_mark.html",
    )
)
