from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from messaging.composing.senders import sender_facts, sender_health
from messaging.models import SenderNumber
from messaging.models.permissions import MANAGE_SENDERS
from search.answering.paging import CursorError, Order, page_of
from smscenter.accounts.http import MemberRequest, member_required, visible

OLDEST_FIRST = Order.by("id")


@member_required
@require_safe
def sender_list(request: MemberRequest) -> HttpResponse:
    """Show the organization's sender numbers: what carriers let them do, and how texts went."""
    rows = SenderNumber.objects.visible_to(request.user).without_ended_trial()
    rows = rows.select_related("owner")
    after, before = request.GET.get("after", ""), request.GET.get("before", "")
    try:
        page = page_of(rows, OLDEST_FIRST, after=after, before=before)
    except CursorError as error:
        raise Http404 from error
    can_add = settings.MANAGERS_ADD_SENDERS and request.user.has_perm(MANAGE_SENDERS)
    context = {"page": page, "senders": _shown(page.rows), "can_add": can_add}
    return render(request, "messaging/sender_list.html", context)


@visible(lambda: SenderNumber.objects.select_related("owner"))
@require_safe
def sender_detail(request: MemberRequest, sender: SenderNumber) -> HttpResponse:
    """Show why texts from a number failed, and what its registration lacks."""
    [shown] = _shown([sender])
    return render(request, "messaging/sender_detail.html", shown)


def _shown(senders: list[SenderNumber]) -> list[dict[str, Any]]:
    """Return what the pages show about each number, in a fixed number of queries."""
    health = sender_health.of_senders(senders)
    organizations = {sender.organization_id for sender in senders}
    known = sender_facts.facts_of(*organizations, minor=True)
    now = timezone.now()
    return [
        {
            "sender": sender,
            "health": health[sender.pk],
            "facts": known.get(sender.pk, []),
            "used_today": sender.used_today(now),
            "capped_until": sender.capped_until(now),
        }
        for sender in senders
    ]
