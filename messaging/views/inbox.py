"""The inbox: texts that wait for somebody, and what people do with them."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import push_url, trigger_client_event

from leads.views.lead import with_conversation
from messaging.composing.composer import reply
from messaging.incoming.inbox import listing, snooze, unknown_numbers
from messaging.models import Thread
from search.answering.paging import CursorError
from smscenter import moments
from smscenter.accounts.http import MemberRequest, member_required, visible
from smscenter.accounts.models import User
from smscenter.audit.recording import record
from smscenter.database.row_ids import row_id

State = Thread.State
COMPOSER = "messaging/_composer.html"
# What the toast says.
MOVED = {
    State.DONE: "Marked as done.",
    State.WAITING: "Back in the inbox.",
    State.BLOCKED: "Number blocked.",
}


@member_required
@require_GET
def thread_list(request: MemberRequest) -> HttpResponse:
    """Show a list of the inbox. With htmx, only its rows, to an open page."""
    if not request.htmx:
        try:
            return render(request, "messaging/inbox.html", inbox(request, None))
        except CursorError:
            return redirect("thread_list")
    opened = _opened(request)
    try:
        context = with_threads(request, opened)
    except CursorError:
        context = with_threads(request, opened, after="")
    is_older = "after" in request.GET
    template = "messaging/inbox/_rows.html" if is_older else "messaging/inbox/_threads.html"
    return render(request, template, context | {"is_older": is_older})


def _opened(request: MemberRequest) -> Thread | None:
    """Return the thread that's open next to the list: inbox.js adds its ID."""
    pk = row_id(request.GET.get("opened", ""))
    if pk is None:
        return None
    return Thread.objects.visible_to(request.user).for_inbox(request.user).filter(pk=pk).first()


@visible(Thread.objects.for_page)
@require_GET
def thread_detail(request: MemberRequest, thread: Thread) -> HttpResponse:
    """Show a thread, which marks it as read: next to the list, or alone to an open page."""
    if request.htmx:
        return render(request, "messaging/inbox/_thread.html", with_thread(request, thread))
    return render(request, "messaging/inbox.html", inbox(request, thread))


def inbox(request: MemberRequest, opened: Thread | None) -> dict[str, Any]:
    """Return the context of both panes. Raises CursorError."""
    conversation = with_thread(request, opened) if opened else {}
    return conversation | with_threads(request, opened)


def with_threads(
    request: MemberRequest, opened: Thread | None, after: str | None = None
) -> dict[str, Any]:
    tab = listing.tab_of(_tab(request), request.user, opened)
    start = request.GET.get("after", "") if after is None else after
    return {
        "tab": tab,
        "opened": opened,
        "counts": listing.counts(request.user),
        "threads": listing.page(tab, request.user, after=start, opened=opened),
    }


def _tab(request: MemberRequest) -> str:
    return request.POST.get("tab", request.GET.get("tab", ""))


def with_thread(request: MemberRequest, thread: Thread) -> dict[str, Any]:
    """Return the context of an open thread, which the user has read now."""
    context: dict[str, Any] = with_head(request, thread)
    if thread.lead:
        replying = {"replying": thread.replying_besides(request.user)}
        composer = {COMPOSER: {**reply(request, thread.lead), **replying}}
        context |= with_conversation(request, thread.lead, **composer)
    else:
        context["texts"] = unknown_numbers.texts_of(thread)
    thread.mark_read(request.user)
    return context


def with_head(request: MemberRequest, thread: Thread) -> dict[str, Any]:
    return {
        "thread": thread,
        "tab": listing.tab_of(_tab(request), request.user, thread),
        "colleagues": request.user.colleagues(),
        "snoozes": snooze.choices(),
        "tomorrow": snooze.first_day(),
    }


@transaction.atomic
def _assign(thread: Thread, to: User | None, expected: int | None) -> bool:
    """Assign a thread, unless it's no longer assigned to whom this person saw there."""
    done = Thread.objects.assign(thread, to, expected=expected)
    if done:
        who = {"assignee": thread.assignee}, {"assignee": to}
        record("assigned", thread, before=who[0], after=who[1])
    return done


@visible(Thread.objects.for_page)
@require_POST
def thread_assign(request: MemberRequest, thread: Thread) -> HttpResponse:
    """Assign a thread to a colleague, to the user, or to nobody, unless someone was faster."""
    chosen = request.POST.get("assignee", "")
    to = next((each for each in request.user.colleagues() if str(each.pk) == chosen), None)
    if chosen and to is None:
        return HttpResponseBadRequest("This person isn't in your organization.")
    seen = row_id(request.POST.get("expected", ""))
    before = thread.assignee
    if before == to:
        done, notice = False, _unchanged(to, request.user)
    elif done := _assign(thread, to, seen):
        thread.assignee = to
        notice = f"Assigned to {_name(to, request.user)}." if to else "Unassigned."
    else:
        thread = Thread.objects.for_page().get(pk=thread.pk)
        notice = f"{thread.assignee or 'A colleague'} changed this first, so nothing changed."
    if not request.htmx:
        messages.info(request, notice)
        return redirect(f"{thread.get_absolute_url()}?{urlencode({'tab': _tab(request)})}")
    toast = {"notice": notice, "assigned_before": before, "can_unassign": done}
    context = with_head(request, thread) | {"toast": toast}
    response = render(request, "messaging/inbox/_head_and_toast.html", context)
    return trigger_client_event(response, "threads-changed", after="settle")


def _name(person: User, user: User) -> str:
    return "you" if person == user else str(person)


def _unchanged(person: User | None, user: User) -> str:
    if person is None:
        return "This conversation is already unassigned."
    if person == user:
        return "You already have this conversation."
    return f"{person} already has this conversation."


@visible(Thread.objects.for_page)
@require_POST
def thread_move(request: MemberRequest, thread: Thread) -> HttpResponse:
    """Mark a thread as done, put it back, mark it as unread, or block its number."""
    to = request.POST.get("to", "")
    if to == "unread":
        thread.mark_unread(request.user)
        return moved(request, thread, None, "Marked as unread.", can_undo=False)
    if to not in MOVED or (to == State.BLOCKED and thread.lead):
        return HttpResponseBadRequest("Unknown state.")
    Thread.objects.move(thread, State(to))
    if to == State.WAITING:
        thread = Thread.objects.for_page().get(pk=thread.pk)
        return moved(request, thread, thread, MOVED[State(to)], can_undo=False)
    return moved(request, thread, next_of(request, thread), MOVED[State(to)])


@visible(Thread.objects.for_page)
@require_POST
def thread_snooze(request: MemberRequest, thread: Thread) -> HttpResponse:
    """Hide a thread until the chosen time, or until its next text."""
    until = snooze.read(request.POST.get("until", ""), request.POST.get("day", ""))
    if until is None:
        return moved(request, thread, thread, "Choose a day in the future.", can_undo=False)
    snooze.snooze(thread, until)
    when = moments.upcoming(until)
    return moved(request, thread, next_of(request, thread), f"Snoozed: comes back {when}.")


def next_of(request: MemberRequest, thread: Thread) -> Thread | None:
    """Return the thread that follows in the list that the user looks at."""
    tab = listing.tab_of(_tab(request), request.user, thread)
    found = listing.next_of(tab, request.user, thread)
    return Thread.objects.for_page().get(pk=found.pk) if found else None


def moved(
    request: MemberRequest,
    thread: Thread,
    opened: Thread | None,
    notice: str,
    *,
    can_undo: bool = True,
) -> HttpResponse:
    """Show both panes after a change, with a toast that can undo it."""
    tab = listing.tab_of(_tab(request), request.user, thread)
    page = opened.get_absolute_url() if opened else reverse("thread_list")
    url = f"{page}?{urlencode({'tab': tab})}"
    if not request.htmx:
        messages.success(request, notice)
        return redirect(url)
    toast = {"notice": notice, "moved": thread if can_undo else None}
    context = inbox(request, opened) | {"tab": tab, "toast": toast, "focused": True}
    return push_url(render(request, "messaging/inbox/_panes.html", context), url)
