from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods
from django_htmx.http import trigger_client_event

from leads import page, timeline
from leads.forms import LeadForm, NoteForm
from leads.models import Address, CustomField, Lead, LeadMerge, LeadVisit
from leads.read_contacts import read_contacts
from smscenter.accounts.http import MemberRequest, member_required, visible
from smscenter.database.prepared import PreparedRows, by_ids
from smscenter.notifications.models import Notification

# Texts in an outage wait for hours. So an open page polls less often while nothing changes: up to
# this many polls without a change, a poll comes after so many seconds.
POLL_DELAYS = ((30, 1), (45, 2), (60, 5), (75, 10))
LONGEST_POLL_DELAY = 30
# The fields that a list edits in place.
IN_LIST = {"status", "owner"}
# What a text changes in the head of the page.
COUNTS = ["sent_sms_count", "received_sms_count", "failed_sms_count"]


@PreparedRows
def _leads(lead: int, organization: int) -> QuerySet[Any]:
    return Lead.objects.for_page().visible_in(organization).filter(pk=lead)


@PreparedRows
def _addresses(lead: int, organization: int) -> QuerySet[Any]:
    return Address.objects.filter(lead=by_ids(Lead, lead, organization))


@PreparedRows
def _fields(organization: int) -> QuerySet[Any]:
    return CustomField.objects.visible_in(organization)


def with_page(request: MemberRequest, lead: Lead, **more: Any) -> dict[str, Any]:
    """Return the lead page's context; `more` overrides parts, such as a form with errors."""
    cards = {card.template: card.context(request, lead) for card in page.cards}
    return (
        with_conversation(request, lead)
        | with_contacts(lead)
        | with_details(lead)
        | {"cards": cards}
        | more
    )


def with_conversation(request: MemberRequest, lead: Lead, **panels: Any) -> dict[str, Any]:
    """Return the context of the main column. Its newest part counts as seen by the user then.

    `panels` are contexts by template that replace those of the lead page.
    """
    # The composer offers the numbers that the contacts show.
    read_contacts(lead)
    shown = timeline.before(lead, position := position_of(request, "before"))
    if position is None:
        newest = shown.newest.created if shown.newest else None
        seen = LeadVisit.objects.record(lead, request.user, newest)
        shown = timeline.with_new(shown, seen, request.user.pk)
        mark_read(request, lead)
    return {
        "lead": lead,
        "timeline": shown,
        "note_form": NoteForm(),
        "panels": {
            each.template: panels.get(each.template) or each.context(request, lead)
            for each in page.panels
        },
    }


def mark_read(request: MemberRequest, lead: Lead) -> None:
    """Mark the reader's notifications about the lead as read: the page shows what happened."""
    own = Notification.objects.visible_to(request.user)
    own.filter(place=page.place_of(lead.pk)).mark_read()


def with_contacts(lead: Lead, **more: Any) -> dict[str, Any]:
    contacts = read_contacts(lead)
    phones = [phone.phone for contact in contacts for phone in contact.phones.all()]
    facts = page.facts_of(lead.organization, phones)
    return {"contacts": contacts, "phone_facts": facts} | more


def with_details(lead: Lead, **more: Any) -> dict[str, Any]:
    """Return the context of the details: addresses, and custom fields with their values."""
    return {
        "addresses": _addresses(lead.pk, lead.organization_id) if lead.address_count else [],
        "custom_values": [
            (f"custom_{field.pk}", field.name, field.shown(lead.custom.get(field.key)))
            for field in _fields(lead.organization_id)
        ],
    } | more


def position_of(request: MemberRequest, name: str) -> timeline.Position | None:
    """Return the timeline position in the URL. Raise Http404 if it is malformed."""
    if not (text := request.GET.get(name, "")):
        return None
    try:
        return timeline.Position.read(text)
    except timeline.PositionError as error:
        raise Http404 from error


@member_required
def lead_detail(request: MemberRequest, pk: int) -> HttpResponse:
    """Show a lead. The address of one that was merged leads to the lead that has it all now."""
    pk = min(pk, 2**63 - 1)
    leads = _leads(pk, request.organization.pk)
    if not leads:
        merges = LeadMerge.objects.visible_to(request.user).select_related("lead")
        return redirect(get_object_or_404(merges, source=pk, undone=None).lead)
    return _lead_page(request, leads[0])


@require_GET
def _lead_page(request: MemberRequest, lead: Lead) -> HttpResponse:
    return render(request, "leads/lead_detail.html", with_page(request, lead))


@visible(Lead.objects.for_page)
@require_GET
def lead_timeline(request: MemberRequest, lead: Lead) -> HttpResponse:
    """Show one page of older activities for a lead page that is already open."""
    shown = timeline.before(lead, position_of(request, "before"))
    return render(request, "leads/_activities.html", {"lead": lead, "timeline": shown})


@visible(Lead.objects.for_page)
@require_GET
def lead_news(request: MemberRequest, lead: Lead) -> HttpResponse:
    """Show what changed since the page was rendered. `pending` lists versions pending then."""
    versions = request.GET.getlist("pending")[: 2 * timeline.PAGE_SIZE]
    html_ids = {version.partition(":")[0] for version in versions}
    new = timeline.since(lead, since := position_of(request, "since"))
    watched = timeline.named(lead, html_ids)
    changed = [activity for activity in watched if activity.version not in versions]
    if changed or new:
        # Not older than the activities, which don't come again for the sake of a count.
        own = Lead.objects.visible_to(request.user)
        lead.refresh_from_db(fields=COUNTS, from_queryset=own)
    if new:
        LeadVisit.objects.record(lead, request.user, new[0].row.created)
        mark_read(request, lead)
    polls = 0 if changed or new else _polls(request) + 1
    context = {
        "lead": lead,
        "polls": polls,
        "poll_delay": poll_delay(polls),
        "new": new,
        "changed": changed,
        "gone": timeline.gone(versions, watched),
        "announcements": [activity.announcement for activity in [*changed, *new]],
        "newest": new[0].position if new else since,
        "pending": any(activity.is_pending for activity in [*watched, *new]),
    }
    response = render(request, "leads/_news.html", context)
    if changed or new:
        # The outcome of a text may change the facts about its number.
        trigger_client_event(response, "recipients-changed", after="settle")
    return response


def poll_delay(polls: int) -> int:
    """Return the seconds until the next poll, after this many without a change."""
    return next((delay for most, delay in POLL_DELAYS if polls < most), LONGEST_POLL_DELAY)


def _polls(request: MemberRequest) -> int:
    """Return how often an open page has polled without a change."""
    text = request.GET.get("polls", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


@visible(Lead.objects.for_page)
@require_http_methods(["GET", "HEAD", "POST"])
def lead_edit(request: MemberRequest, lead: Lead) -> HttpResponse:
    """Edit the lead. With `?field=`, an open lead page or list edits one of its fields in place."""
    name = request.GET.get("field", "") if request.htmx else ""
    in_list = name in IN_LIST and request.GET.get("from") == "list"
    form = LeadForm(request.POST or None, instance=lead, user=request.user, only=name)
    is_saved = request.method == "POST" and form.is_valid()
    if is_saved:
        form.save()
    if in_list and (is_saved or "cancel" in request.GET):
        return render(request, "leads/_cell.html", _cell(lead, name))
    if is_saved:
        return details_of(request, lead, name or "details")
    if name:
        context = {"form": form, "lead": lead, "name": name, "in_list": in_list}
        return render(request, "leads/_field_form.html", context)
    template = "leads/_lead_form.html" if request.htmx else "leads/lead_form.html"
    return render(request, template, {"form": form, "lead": lead})


def _cell(lead: Lead, name: str) -> dict[str, Any]:
    """Return the context of a cell in the list of leads, which was edited in place."""
    row = {
        "name": lead.name,
        "edit_url": lead.edit_url,
        "status": lead.status.label,
        "color": lead.status.color,
        "owner": lead.owner or "Unassigned",
    }
    return {"row": row, "name": name, "focus": True}


@visible(Lead.objects.for_page)
@require_GET
def lead_details(request: MemberRequest, lead: Lead) -> HttpResponse:
    """Show only the details, which replace a form after Cancel."""
    return details_of(request, lead, request.GET.get("focus", "details"))


def details_of(request: MemberRequest, lead: Lead, focus: str) -> HttpResponse:
    """Return the details and the head of an open page, with the focus on a field's value."""
    if not request.htmx:
        return redirect(lead)
    context = {"lead": lead, "swap_out_of_band": True, "focus": focus}
    # An address may be new.
    details = with_details(lead, addresses=_addresses(lead.pk, lead.organization_id))
    return render(request, "leads/_details_saved.html", context | details)
