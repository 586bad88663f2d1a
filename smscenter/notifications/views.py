"""The bell, its panel, the page with all notifications, and their settings. Each person's own."""

from collections.abc import Callable
from functools import wraps
from typing import cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import trigger_client_event
from django_htmx.middleware import HtmxDetails

from search.answering.paging import CursorError, Order, page_of
from smscenter.accounts.models import User
from smscenter.notifications.bell import bell_of
from smscenter.notifications.entries import fold
from smscenter.notifications.forms import PreferencesForm
from smscenter.notifications.models import Notification, NotificationQuerySet

IN_PANEL = 12
# Rows that the panel reads, because several may be shown as one.
READ_FOR_PANEL = 60
NEWEST_FIRST = Order.by("created", descending=True)


class UserRequest(HttpRequest):
    """A request of a signed-in person: a member, or support staff."""

    user: User
    htmx: HtmxDetails


def own(request: HttpRequest) -> NotificationQuerySet:
    return Notification.objects.visible_to(cast("User", request.user)).in_app()


@require_GET
def notification_bell(request: UserRequest) -> HttpResponse:
    """Show the number of unread notifications where the sidebar doesn't bring it."""
    return render(request, "notifications/_bell.html", bell_of(request.user))


@require_GET
def notification_panel(request: UserRequest) -> HttpResponse:
    """Show the newest notifications, in the panel that the bell opens."""
    rows = own(request).newest_first()[:READ_FOR_PANEL]
    context = {"entries": fold(rows)[:IN_PANEL], "unread": own(request).unread().exists()}
    return render(request, "notifications/_panel.html", context)


@require_GET
def notification_list(request: UserRequest) -> HttpResponse:
    rows = own(request)
    if only_unread := request.GET.get("show") == "unread":
        rows = rows.unread()
    after, before = request.GET.get("after", ""), request.GET.get("before", "")
    try:
        page = page_of(rows, NEWEST_FIRST, after=after, before=before)
    except CursorError as error:
        raise Http404 from error
    context = {
        "page": page,
        "entries": fold(page.rows),
        "only_unread": only_unread,
        "unread": own(request).unread().exists(),
    }
    return render(request, "notifications/notification_list.html", context)


def own_row(
    view: Callable[[UserRequest, Notification], HttpResponse],
) -> Callable[[UserRequest, int], HttpResponse]:
    """Pass the person's own notification to the view. Others are a 404, for every method."""

    @wraps(view)
    def gate(request: UserRequest, pk: int) -> HttpResponse:
        return view(request, get_object_or_404(own(request), pk=pk))

    return gate


@own_row
@require_GET
def notification_open(request: UserRequest, row: Notification) -> HttpResponse:
    """Go to what a notification is about. It's read then, with those shown as one with it."""
    same = {"kind": row.kind, "place": row.place} if row.place else {"pk": row.pk}
    own(request).filter(**same).mark_read()
    entries = fold([row])
    if not entries:
        messages.info(request, "What this was about no longer exists.")
        return redirect("notification_list")
    return redirect(entries[0].first.url)


@require_POST
def notification_read_all(request: UserRequest) -> HttpResponse:
    """Mark all of the person's notifications as read."""
    own(request).mark_read()
    if not request.htmx:
        return redirect("notification_list")
    response = HttpResponse(status=204)
    for event in ("notifications-changed", "notifications-read"):
        trigger_client_event(response, event)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def notification_settings(request: UserRequest) -> HttpResponse:
    """Let people choose how they're notified of what."""
    form = PreferencesForm(request.user, request.POST or None)
    if form.is_valid():
        form.save()
        messages.success(request, "Notification settings saved.")
        return redirect("notification_settings")
    status = 422 if form.is_bound else 200
    return render(request, "notifications/settings.html", {"form": form}, status=status)
