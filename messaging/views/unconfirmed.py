from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from messaging.models import Attempt, SmsMessage
from messaging.models.attempt import AttemptQuerySet
from messaging.outgoing import outbox
from search.answering.paging import CursorError, Order, page_of
from smscenter.accounts.http import MemberRequest, member_required
from smscenter.audit.recording import record
from smscenter.database.row_ids import row_id

NEWEST = Order.by("created", descending=True)
PAGE = 50


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def unconfirmed_list(request: MemberRequest) -> HttpResponse:
    """Show unconfirmed texts. A POST asks for confirmation, and then records the decision."""
    attempts = Attempt.objects.unconfirmed().visible_to(request.user)
    attempts = attempts.select_related("message__lead", "message__user", "message__contact")
    if request.method == "POST":
        return _decide(request, attempts)
    try:
        page = page_of(
            attempts,
            NEWEST,
            after=request.GET.get("after", ""),
            before=request.GET.get("before", ""),
            size=PAGE,
        )
    except CursorError:
        return redirect("unconfirmed_list")
    return render(request, "messaging/unconfirmed_list.html", {"page": page})


def _decide(request: MemberRequest, attempts: AttemptQuerySet) -> HttpResponse:
    sent = request.POST.get("sent") == "yes"
    ids = _ids(request.POST)
    chosen = list(attempts.filter(pk__in=ids).order_by("-created", "-id"))
    if not chosen:
        messages.error(request, "Select at least one unconfirmed text.")
        return redirect("unconfirmed_list")
    if request.POST.get("confirmed") != "yes":
        context = {"attempts": chosen, "sent": sent}
        return render(request, "messaging/unconfirmed_confirm.html", context)
    settled = sum(outbox.settle(attempt, request.user, sent=sent) for attempt in chosen)
    if settled:
        note = SmsMessage.Status.SENT.label.lower() if sent else "not sent"
        record("settled", name=_count(settled), note=note)
    _report(request, settled, sent=sent, others=len(ids) - settled)
    return redirect("unconfirmed_list")


def _ids(form: QueryDict) -> list[int]:
    return sorted({*filter(None, map(row_id, form.getlist("attempts")))})[:PAGE]


def _report(request: MemberRequest, settled: int, *, sent: bool, others: int) -> None:
    if settled:
        result = SmsMessage.Status.SENT if sent else "not sent"
        messages.success(request, f"Marked {_count(settled)} as {result}.")
    if others:
        had = "has" if others == 1 else "have"
        messages.info(request, f"{_count(others)} {had} already been decided, so nothing changed.")


def _count(number: int) -> str:
    return f"{number} text{'' if number == 1 else 's'}"
